//! Models built to be ill, and their cures.

extern crate wengert_tensor as wengert;

use wengert_nn::{
    Activation, CategoricalCrossentropy, Dense, Initializer, Layer, MeanSquaredError, Sequential,
};
use wengert_optim::{Adam, Optimizer, Sgd, Train, Tune};
use wengert_tensor::{Module, Param, Rng, Tensor, value_and_grad};
use wengert_train::{Compile, Diagnosis, Finding, Fit, FitError, diagnose, diagnose_step};

fn batch(n_columns: usize) -> Tensor {
    Tensor::normal([128, n_columns], 0.0, 1.0, &mut Rng::seed(1))
}

/// Layers of 64 units with an activation, whose weights are uniform within ±`limit`.
fn deep(n_layers: usize, limit: f64, activation: Activation) -> Sequential {
    let mut model = Sequential::new([64]);
    for _ in 0..n_layers {
        let start = Initializer::RandomUniform { low: -limit, high: limit };
        model = model.add(Dense::units(64).activation(activation).weight_init(start));
    }
    model
}

fn diagnosed(model: &Sequential) -> Diagnosis {
    let x = batch(64);
    diagnose(model, |model| (model.forward(&x) - 0.1).square().mean())
}

#[track_caller]
fn assert_fits_the_terminal(diagnosis: &Diagnosis) {
    let text = diagnosis.to_string();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

/// X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010: from
/// weights uniform within ±1/√n each layer takes the gradient by 1/√3, by equation 6; from theirs by about 1.
#[test]
fn a_deep_tanh_net_vanishes_and_glorots_start_cures_it() {
    let vanishing = diagnosed(&deep(30, 1.0 / 8.0, Activation::Tanh));
    let found = vanishing.findings().iter().find_map(|finding| match finding {
        Finding::Vanishing { layer, ratio, per_layer } => Some((layer.as_str(), *ratio, *per_layer)),
        _ => None,
    });
    let (layer, ratio, per_layer) = found.expect("a vanishing gradient");
    assert_eq!(layer, "dense");
    assert!((per_layer - 3_f64.sqrt().recip()).abs() < 0.03, "{per_layer}");
    assert!((ratio.ln() - 29.0 * per_layer.ln()).abs() < 1e-9);
    assert_eq!((vanishing.layers().len(), vanishing.units().len()), (30, 30));
    assert_fits_the_terminal(&vanishing);

    let glorot = (6.0_f64 / 128.0).sqrt();
    let cured = diagnosed(&deep(30, glorot, Activation::Tanh));
    assert!(cured.is_healthy(), "{cured}");
}

/// With weights of variance v, n inputs and no activation, each layer takes the gradient by √(n v).
#[test]
fn a_deep_net_with_large_weights_explodes() {
    let factor = 2.0_f64;
    let limit = factor * (3.0_f64 / 64.0).sqrt();
    let diagnosis = diagnosed(&deep(20, limit, Activation::Linear));
    let Some(Finding::Exploding { layer, per_layer, .. }) = diagnosis.findings().first() else {
        panic!("{diagnosis}")
    };
    assert_eq!(layer, "dense");
    assert!((per_layer / factor - 1.0).abs() < 0.1, "{per_layer}");
}

#[test]
fn large_weights_saturate_tanh_and_sigmoid() {
    for (activation, operation) in [(Activation::Tanh, "tanh"), (Activation::Sigmoid, "sigmoid")] {
        let diagnosis = diagnosed(&deep(1, 5.0, activation));
        let units = &diagnosis.units()[0];
        assert!(units.is_bounded && units.flat > 0.8, "{diagnosis}");
        let is_it =
            |finding: &Finding| matches!(finding, Finding::Saturated { operation: o, .. } if *o == operation);
        assert!(diagnosis.findings().iter().any(is_it), "{diagnosis}");
        assert!(!diagnosed(&deep(1, 0.1, activation)).units()[0].flat.is_nan());
        assert!(diagnosed(&deep(1, 0.1, activation)).units()[0].flat < 0.01);
    }
}

/// Beyond arcosh(√20) = 2.18 the slope of tanh is less than 1/20; beyond arcosh(√1000) = 4.15 less than 1/1000.
#[test]
fn flat_and_dead_begin_where_they_are_said_to() {
    let weight = Param::new(Tensor::from([[1.0]]));
    let x = Tensor::from([[2.17], [-2.17], [2.19], [-2.19]]);
    let diagnosis = diagnose(&vec![weight.clone()], |w| x.matmul(&w[0]).tanh().mean());
    assert_eq!((diagnosis.units()[0].flat, diagnosis.units()[0].n_dead), (0.5, 0));
    for (size, n_dead) in [(4.1, 0), (4.2, 1)] {
        let x = Tensor::from([[size], [-size]]);
        let diagnosis = diagnose(&vec![weight.clone()], |w| x.matmul(&w[0]).tanh().mean());
        assert_eq!(diagnosis.units()[0].n_dead, n_dead);
    }
}

#[test]
fn dead_and_nearly_dead_units_are_counted() {
    // Of four units the first answers in every row, the second in one of 40, the third in three of 40, the last never.
    let mut rows = vec![[1.0_f32, -1.0, -1.0, -1.0]; 40];
    rows[7][1] = 1.0;
    for row in &mut rows[..3] {
        row[2] = 1.0;
    }
    let x = Tensor::new(rows.concat(), [40, 4]);
    let model = Sequential::new([4]).add(Dense::from_tensors(Tensor::eye(4), Tensor::zeros([4])).relu());
    let by_hand = vec![Param::new(Tensor::eye(4))];
    let fused = diagnose(&model, |model| model.forward(&x).sum());
    let plain = diagnose(&by_hand, |w| x.matmul(&w[0]).relu().sum());
    for (diagnosis, operation) in [(fused, "affine_relu"), (plain, "relu")] {
        let units = &diagnosis.units()[0];
        assert_eq!((units.operation, units.n_units, units.n_dead, units.n_nearly_dead), (operation, 4, 1, 1));
        assert_eq!(units.flat, 1.0 - 44.0 / 160.0);
        assert_eq!(units.mean, 44.0 / 160.0);
    }
}

fn classes() -> (Tensor, Tensor) {
    let x = Tensor::normal([256, 10], 0.0, 3.0, &mut Rng::seed(2));
    let positive: Vec<f32> = x.sum_keep(1).to_vec();
    let y = positive.iter().flat_map(|&s| if s > 0.0 { [1.0_f32, 0.0] } else { [0.0, 1.0] }).collect();
    (x, Tensor::new::<f32>(y, [256, 2]))
}

#[test]
fn neurons_die_at_rate_one_and_live_at_a_hundredth() -> Result<(), FitError> {
    let (x, y) = classes();
    let trained = |rate: f64| {
        let model = Sequential::new([10]).add(Dense::units(100).relu()).add(Dense::units(100).relu());
        let model = model.add(Dense::units(2).softmax());
        let mut model = model.compile(Sgd::new(rate), CategoricalCrossentropy::new());
        model.fit(&x, &y, Fit::epochs(5).verbose(0))?;
        model.diagnose(&x, &y)
    };
    let ill = trained(1.0)?;
    assert!(ill.findings().iter().any(|finding| matches!(finding, Finding::Dead { .. })), "{ill}");
    assert_fits_the_terminal(&ill);
    let healthy = trained(0.01)?;
    assert!(healthy.is_healthy(), "{healthy}");
    assert!(healthy.units().iter().all(|units| units.n_dead < units.n_units / 10));
    Ok(())
}

#[test]
fn behind_a_dead_layer_there_is_no_gradient() {
    let mut model = deep(3, 0.2, Activation::Relu);
    model.set_parameter("dense_1.bias", &Tensor::full([64], -100.0));
    let diagnosis = diagnosed(&model);
    let expected = Finding::NoGradient { layer: "dense_1".to_string(), n_layers: 2 };
    assert!(diagnosis.findings().contains(&expected), "{diagnosis}");
}

#[derive(Module, Clone, Debug)]
struct Gated {
    output: Dense,
    gate: Dense,
    values: Dense,
}

impl Gated {
    fn forward(&self, x: &Tensor) -> Tensor {
        let hidden = self.gate.forward(x).sigmoid() * self.values.forward(x).tanh();
        self.output.forward(&hidden)
    }
}

#[test]
fn a_struct_of_ones_own_is_read_from_its_tape() {
    let mut rng = Rng::seed(3);
    let (output, gate, values) =
        (Dense::new(8, 1, &mut rng), Dense::new(4, 8, &mut rng), Dense::new(4, 8, &mut rng));
    let model = Gated { output, gate, values };
    let x = batch(4);
    let diagnosis = diagnose(&model, |model| model.forward(&x).square().mean());
    let layers: Vec<&str> = diagnosis.layers().iter().map(|layer| layer.name.as_str()).collect();
    assert_eq!(layers, ["gate", "values", "output"], "in the order of use, not of the fields");
    let units: Vec<(&str, &str)> =
        diagnosis.units().iter().map(|u| (u.layer.as_str(), u.operation)).collect();
    assert_eq!(units, [("gate", "sigmoid"), ("values", "tanh")]);
    assert_eq!(diagnosis.units()[0].site.file(), file!());
    let (loss, grads) = value_and_grad(&model, |model| model.forward(&x).square().mean());
    assert_eq!(diagnosis.loss(), loss.item());
    let norm = (grads.gate.weight.array().norm().powi(2)
        + grads.gate.bias.as_ref().map_or(0.0, |b| b.array().norm().powi(2)))
    .sqrt();
    assert!((diagnosis.layers()[0].gradient_norm - norm).abs() < 1e-12);
}

/// A step of SGD is the rate times the gradient.
#[test]
fn an_update_is_measured_and_undone() {
    let x = batch(64);
    let model = deep(2, 0.2, Activation::Tanh);
    let loss = |model: &Sequential| model.forward(&x).square().mean();
    let mut sgd = Sgd::new(0.5).momentum(0.9);
    let diagnosis = diagnose_step(&model, &mut sgd, loss);
    for layer in diagnosis.layers() {
        let expected = 0.5 * layer.gradient_norm / layer.weight_norm;
        assert!((layer.update_ratio.expect("a step") / expected - 1.0).abs() < 1e-4, "{diagnosis}");
    }
    assert_eq!(sgd.state().tensors()["step"].item(), 0.0);

    let (mut adam, mut trained) = (Adam::default(), model.clone());
    for _ in 0..3 {
        let (_loss, grads) = value_and_grad(&trained, loss);
        adam.step(&mut trained, &grads);
    }
    let before = adam.state();
    diagnose_step(&trained, &mut adam, loss);
    let after = adam.state();
    for (name, tensor) in before.tensors() {
        assert_eq!(tensor.to_vec::<f64>(), after.tensors()[name].to_vec::<f64>(), "{name}");
    }
    assert_eq!(adam.learning_rate(), 0.001);
}

#[test]
fn steps_too_large_and_too_small_are_told() {
    let x = batch(64);
    let model = deep(1, 0.2, Activation::Linear);
    let finding = |rate: f64| {
        let diagnosis = diagnose_step(&model, &mut Sgd::new(rate), |m| m.forward(&x).square().mean());
        diagnosis.findings().first().cloned()
    };
    assert!(matches!(finding(1e3), Some(Finding::LargeUpdates { .. })));
    assert!(matches!(finding(1e-6), Some(Finding::SmallUpdates { .. })));
    assert_eq!(finding(1.0), None);
}

#[test]
fn gathered_gradients_that_move_nothing_say_nothing() {
    let x = batch(64);
    let mut sgd = Sgd::new(0.1).accumulate(4);
    let diagnosis = diagnose_step(&deep(1, 0.2, Activation::Linear), &mut sgd, |m| m.forward(&x).mean());
    assert_eq!(diagnosis.layers()[0].update_ratio, None);
}

#[test]
fn a_nan_and_a_vertical_slope_are_named() {
    let weight = vec![Param::new(Tensor::from([[-1.0], [0.0]]))];
    let diagnosis = diagnose_step(&weight, &mut Sgd::new(0.1), |w| w[0].ln().sum());
    let line = line!() - 1;
    assert_eq!(
        diagnosis.nonfinite().map(|culprit| (culprit.operation, culprit.site.line())),
        Some(("ln", line))
    );
    assert!(
        matches!(diagnosis.findings()[0], Finding::NotFinite { operation: "ln", site } if site.line() == line)
    );
    assert!(diagnosis.layers().iter().all(|layer| layer.update_ratio.is_none()));
    assert_fits_the_terminal(&diagnosis);

    let weight = vec![Param::new(Tensor::from([[1.0], [0.0]]))];
    let diagnosis = diagnose(&weight, |w| w[0].sqrt().sum());
    let line = line!() - 1;
    assert_eq!(diagnosis.nonfinite(), None);
    let steep = &diagnosis.findings()[0];
    assert!(
        matches!(steep, Finding::SlopeNotFinite { operation: "sqrt", site } if site.line() == line),
        "{steep}"
    );
}

#[test]
fn a_layer_that_the_loss_leaves_out_is_named() {
    let weights = vec![Param::new(Tensor::ones([2])), Param::new(Tensor::ones([2]))];
    let diagnosis = diagnose(&weights, |w| w[1].square().sum());
    assert_eq!(diagnosis.findings(), [Finding::Unreached { layer: "0".to_string() }]);
    assert!(diagnosis.to_string().contains("\n- unreached: the loss does not depend on 0\n"), "{diagnosis}");
}

#[test]
#[should_panic(expected = "value_and_grad: only a scalar has a gradient\n  given   [2]")]
fn a_loss_of_two_numbers_is_refused() {
    diagnose(&vec![Param::new(Tensor::ones([2]))], |w| w[0].square());
}

#[test]
fn wrong_data_are_an_error() {
    let model = Sequential::new([3]).add(Dense::units(1));
    let mut model = model.compile(Sgd::default(), MeanSquaredError::new());
    let error = model.diagnose(&Tensor::ones([4, 3]), Tensor::ones([5])).unwrap_err();
    assert!(
        error.to_string().starts_with("diagnose: x and target differ in their number of rows"),
        "{error}"
    );
}

#[test]
fn findings_read_as_one_sentence() {
    let layer = || "hidden".to_string();
    let cases = [
        (
            Finding::Vanishing { layer: layer(), ratio: 1.23e-7, per_layer: 0.577 },
            "vanishing: of the gradient at the last layer 1.2e-7 comes back to hidden, 0.58 per layer",
        ),
        (
            Finding::Exploding { layer: layer(), ratio: 4.5e6, per_layer: 2.0 },
            "exploding: 4.5e6 times the gradient at the last layer comes back to hidden, 2.00 per layer",
        ),
        (
            Finding::Dead { layer: layer(), operation: "relu", n_dead: 40, n_nearly_dead: 3, n_units: 100 },
            "dead: 40 of 100 units (relu) in hidden, and 3 nearly",
        ),
        (
            Finding::Saturated { layer: layer(), operation: "tanh", flat: 0.625 },
            "saturated: 62 % of the values of tanh in hidden",
        ),
        (Finding::NoGradient { layer: layer(), n_layers: 1 }, "no gradient: none comes back to hidden"),
        (
            Finding::NoGradient { layer: layer(), n_layers: 3 },
            "no gradient: none comes back to hidden and 2 more",
        ),
        (
            Finding::LargeUpdates { layer: layer(), ratio: 0.5 },
            "large updates: a step moves hidden by 5.0e-1 of its weights, at most 0.1 is safe",
        ),
        (
            Finding::SmallUpdates { layer: layer(), ratio: 1e-6 },
            "small updates: a step moves hidden, the most, by 1.0e-6 of its weights, about 1e-3 is usual",
        ),
    ];
    for (finding, text) in cases {
        assert_eq!(finding.to_string(), text);
        assert!(!finding.help().is_empty());
    }
}

/// The identity and a rectifier on the identity: two values of four are 1, two lie where the slope is 0.
#[test]
fn a_diagnosis_reads_as_two_tables() {
    let x = Tensor::eye(2);
    let model = Sequential::new([2]).add(Dense::from_tensors(Tensor::eye(2), Tensor::zeros([2])).relu());
    let expected = "\
loss 0.5000

layer  parameters   weights  gradient  returned    update
dense           6      1.41    0.5000    0.2500         -

layer  activation    units   dead  nearly   flat        std
dense  affine_relu       2      0       0   50 %     0.5000

nothing was found";
    assert_eq!(diagnose(&model, |model| model.forward(&x).mean()).to_string(), expected);
}

#[test]
fn a_picture_of_what_is_not_finite_is_well_formed() {
    let weight = vec![Param::new(Tensor::from([[1.0], [0.0]]))];
    let svg = diagnose(&weight, |w| w[0].sqrt().sum()).to_svg();
    assert!(svg.contains("not finite") && !svg.contains("\"inf") && !svg.contains("\"NaN"), "{svg}");
}

#[test]
fn a_picture_has_a_dot_for_each_layer_and_bars_for_each_activation() {
    let x = batch(64);
    let model = deep(4, 0.2, Activation::Tanh);
    let diagnosis = diagnose_step(&model, &mut Sgd::new(0.1), |model| model.forward(&x).square().mean());
    let svg = diagnosis.to_svg();
    assert_eq!(svg.matches("<circle").count(), 2 * 4);
    assert_eq!(svg.matches("dense_3 (tanh)").count(), 1);
    assert!(svg.contains(if diagnosis.is_healthy() { "nothing was found" } else { "- " }));
}
