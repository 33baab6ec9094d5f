//! Regularizers, constraints, frozen layers and stateful layers in `fit`, `evaluate` and `predict`.

use approx::assert_relative_eq;
use wengert_io::Persist;
use wengert_nn::{
    BatchNorm, Dense, Dropout, Embedding, Flatten, GaussianNoise, MeanSquaredError, Sequential,
};
use wengert_optim::{Adam, Sgd, Train};
use wengert_tensor::{Constraint, DType, Module, Regularizer, Rng, Tensor, value_and_grad};
use wengert_train::{Compile, Compiled, Fit, MeanAbsoluteError};

fn data() -> (Tensor, Tensor) {
    let mut rng = Rng::seed(3);
    (Tensor::randn([22, 3], &mut rng).cast(DType::F64), Tensor::randn([22, 1], &mut rng).cast(DType::F64))
}

/// One weight `[3, 1]` and a bias, in f64.
fn line(weight: Option<Regularizer>) -> Compiled<Sequential> {
    let units = match weight {
        Some(regularizer) => Dense::units(1).weight_regularizer(regularizer),
        None => Dense::units(1),
    };
    let model = Sequential::new([3]).seed(2).add(units).cast(DType::F64);
    model.compile(Sgd::new(0.1), MeanSquaredError::new()).metric(MeanAbsoluteError)
}

fn fit(epochs: usize) -> Fit {
    Fit::epochs(epochs).batch_size(5).shuffle(false).verbose(0)
}

fn weight(model: &Compiled<Sequential>) -> Vec<f64> {
    model.model().parameters()[0].1.to_vec()
}

#[test]
fn a_step_descends_on_loss_and_penalty() {
    let (x, y) = data();
    let [l1, l2] = [0.02, 0.3];
    let (mut plain, mut regularized) = (line(None), line(Some(Regularizer::l1_l2(l1, l2))));
    let start = weight(&plain);
    for model in [&mut plain, &mut regularized] {
        model.fit(&x, &y, fit(1).batch_size(22)).unwrap();
    }
    for ((plain, regularized), w) in weight(&plain).iter().zip(weight(&regularized)).zip(start) {
        let expected = plain - 0.1 * (l1 * w.signum() + 2.0 * l2 * w);
        assert_relative_eq!(regularized, expected, max_relative = 1e-12);
    }
}

/// Keras reports the loss with what regularizers add, in training and everywhere else; metrics do not know of it.
#[test]
fn the_penalty_is_part_of_every_loss_and_of_no_metric() {
    let (x, y) = data();
    let (plain, mut model) = (line(None), line(Some(Regularizer::l2(0.3))));
    let penalty = 0.3 * weight(&model).iter().map(|w| w * w).sum::<f64>();
    let (bare, whole) = (plain.evaluate(&x, &y).unwrap(), model.evaluate(&x, &y).unwrap());
    assert_relative_eq!(whole.loss(), bare.loss() + penalty, max_relative = 1e-12);
    assert_eq!(whole["mean_absolute_error"], bare["mean_absolute_error"]);
    // A rate of 0 leaves the weights, so that the reported loss is that of `evaluate`.
    model.optimizer_mut().set_learning_rate(0.0);
    let history = model.fit(&x, &y, fit(1).validation(&x, &y)).unwrap();
    assert_relative_eq!(history.last("loss"), whole.loss(), max_relative = 1e-12);
    assert_relative_eq!(history.last("val_loss"), whole.loss(), max_relative = 1e-12);
}

#[test]
fn a_loop_of_ones_own_does_what_fit_does() {
    let (x, y) = data();
    let mut fitted = line(Some(Regularizer::l1_l2(0.1, 0.2)));
    let mut model = fitted.model().clone();
    fitted.fit(&x, &y, fit(3).batch_size(22)).unwrap();
    let mut sgd = Sgd::new(0.1);
    for _ in 0..3 {
        let (_, grads) = value_and_grad(&model, |model| {
            let error = wengert_nn::Layer::forward(model, &x).mean_squared_error(&y);
            error + model.penalty()
        });
        sgd.step(&mut model, &grads);
    }
    assert_eq!(model.parameters()[0].1.to_vec::<f64>(), weight(&fitted));
}

#[test]
fn the_penalty_of_what_is_frozen_is_none() {
    let (x, y) = data();
    let mut model = line(Some(Regularizer::l2(0.3)));
    let bare = line(None).evaluate(&x, &y).unwrap().loss();
    model.model_mut().for_each_parameter(&mut |name, param| {
        if name.ends_with("weight") {
            param.freeze();
        }
    });
    let before = weight(&model);
    assert_eq!(model.evaluate(&x, &y).unwrap().loss(), bare);
    model.fit(&x, &y, fit(2)).unwrap();
    assert_eq!(weight(&model), before);
}

#[test]
fn constraints_hold_after_every_step_and_rest_where_frozen() {
    let (x, y) = data();
    let hidden = Dense::units(4).relu().weight_constraint(Constraint::max_norm(0.25));
    let output = Dense::units(1).weight_constraint(Constraint::non_negative());
    let model = Sequential::new([3]).add(hidden).add(output);
    let mut frozen = model.clone();
    frozen.layer_mut("dense").freeze();
    let mut model = model.compile(Adam::new(0.1), MeanSquaredError::new());
    let norms = |model: &Sequential| model.parameters()[0].1.norm_axes(2.0, 0).to_vec::<f32>();
    assert!(norms(&model).iter().any(|&norm| norm > 0.5), "the start values are not constrained");
    for _ in 0..5 {
        model.fit(&x, &y, fit(1)).unwrap();
        assert!(norms(&model).iter().all(|&norm| norm <= 0.250_001), "{:?}", norms(&model));
        assert!(model.parameters()[2].1.greater_equal(0.0).all());
    }
    let before = norms(&frozen);
    let mut frozen = frozen.compile(Adam::new(0.1), MeanSquaredError::new());
    frozen.fit(&x, &y, fit(1)).unwrap();
    assert_eq!(norms(&frozen), before);
}

fn stateful() -> Compiled<Sequential> {
    let model = Sequential::new([3])
        .add(GaussianNoise::std(0.1))
        .add(Dense::units(8).relu())
        .add(BatchNorm::axis(-1).momentum(0.9))
        .add(Dropout::rate(0.25))
        .add(Dense::units(1));
    model.compile(Adam::new(0.01), MeanSquaredError::new())
}

#[test]
fn state_moves_in_fit_and_nowhere_else() {
    let (x, y) = data();
    let mut model = stateful();
    let bytes = |model: &Compiled<Sequential>| model.model().to_bytes().unwrap();
    let before = bytes(&model);
    let first = model.predict(&x).unwrap();
    model.evaluate(&x, &y).unwrap();
    assert!(model.predict(&x).unwrap().array().bit_eq(first.array()));
    assert_eq!(bytes(&model), before);

    model.fit(&x, &y, fit(2).validation(&x, &y)).unwrap();
    let text = String::from_utf8_lossy(&bytes(&model)).into_owned();
    // Two epochs of five batches; the validation draws nothing.
    assert_eq!(text.matches(",10]").count(), 2, "{text}");
    let (mut again, mut other) = (stateful(), stateful());
    again.fit(&x, &y, fit(2)).unwrap();
    assert_eq!(bytes(&again), bytes(&model));
    other.fit(&x, &y, fit(1)).unwrap();
    assert_ne!(bytes(&other), bytes(&model));
}

#[test]
fn a_saved_model_trains_on_as_if_it_had_not_been_saved() {
    let (x, y) = data();
    let mut model = stateful();
    model.fit(&x, &y, fit(2)).unwrap();
    let loaded = Sequential::from_bytes(&model.model().to_bytes().unwrap()).unwrap();
    let train = |model: Sequential| {
        let mut model = model.compile(Sgd::new(0.01), MeanSquaredError::new());
        model.fit(&x, &y, fit(2)).unwrap();
        model.model().to_bytes().unwrap()
    };
    assert_eq!(train(loaded), train(model.into_model()));
}

#[test]
fn a_table_learns_from_numbers_in_a_tensor_and_refuses_what_is_no_index() {
    let model = Sequential::new([2]).add(Embedding::size(4, 3)).add(Flatten).add(Dense::units(1));
    let mut model = model.compile(Adam::new(0.05), MeanSquaredError::new());
    let pairs: Vec<f32> = (0..16).flat_map(|i| [(i / 4) as f32, (i % 4) as f32]).collect();
    let x = Tensor::new(pairs, [16, 2]);
    // Which of the two is larger, as a sum of what each says.
    let y = x.slice(1, 0..1) - x.slice(1, 1..2);
    let history = model.fit(&x, &y, Fit::epochs(150).verbose(0)).unwrap();
    assert!(history.last("loss") < 1e-3, "{history}");

    let wrong = Tensor::from([[0.0, 4.0]]);
    let message = "the input holds what is no index of the table\n  x          [1, 2]\n  element 1  4   <- expected whole \
                   numbers from 0 to 3";
    let before = model.model().to_bytes().unwrap();
    assert_eq!(model.predict(&wrong).unwrap_err().to_string(), format!("predict: {message}"));
    let error = model.fit(&wrong, Tensor::zeros([1, 1]), Fit::epochs(1).verbose(0)).unwrap_err();
    assert_eq!(error.to_string(), format!("fit: {message}"));
    assert_eq!(model.model().to_bytes().unwrap(), before);
}
