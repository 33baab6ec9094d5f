//! Models with several outputs: as a loop by hand trains them, and what is refused.

extern crate wengert_tensor as wengert;

use approx::assert_relative_eq;
use wengert_nn::{
    CategoricalCrossentropy, Dense, Layer, Loss, MeanSquaredError, Output, Reduction,
    SparseCategoricalCrossentropy,
};
use wengert_optim::{Adam, Train};
use wengert_tensor::{DType, Indices, Module, Rng, Shape, Target, Tensor, value_and_grad};
use wengert_train::{
    Accuracy, CompileOutputs, CompiledOutputs, EarlyStopping, Fit, Head, MeanAbsoluteError, MultiOutput,
    NamedOutputs,
};

#[derive(Module, Clone, Debug)]
struct Net {
    trunk: Dense,
    price: Dense,
    kind: Dense,
}

impl MultiOutput for Net {
    fn outputs(&self, x: &Tensor) -> NamedOutputs {
        let h = self.trunk.forward(x);
        [("price", self.price.forward_raw(&h)), ("kind", self.kind.forward_raw(&h))].into()
    }
}

fn net() -> Net {
    let mut rng = Rng::seed(7);
    Net {
        trunk: Dense::new(3, 5, &mut rng).tanh(),
        price: Dense::new(5, 2, &mut rng),
        kind: Dense::new(5, 3, &mut rng).softmax(),
    }
}

/// Twelve rows: two prices and one of three kinds.
fn data() -> (Tensor, Tensor, Indices) {
    let x = Tensor::randn([12, 3], &mut Rng::seed(1));
    let price = Tensor::concat(&[&x.sum_keep(1), &x.square().sum_keep(1)], 1);
    (x, price, Indices::from((0..12).map(|row| row % 3).collect::<Vec<usize>>()))
}

fn compiled() -> CompiledOutputs<Net> {
    net().compile_outputs(
        [3],
        Adam::new(0.01),
        [
            Head::new("kind", SparseCategoricalCrossentropy::new()).metric(Accuracy),
            Head::new("price", MeanSquaredError::new()).weight(0.25).metric(MeanAbsoluteError),
        ],
    )
}

fn targets(price: &Tensor, kind: &Indices) -> [(&'static str, Target); 2] {
    [("price", price.into()), ("kind", kind.clone().into())]
}

fn fit(epochs: usize) -> Fit {
    Fit::epochs(epochs).batch_size(4).shuffle(false).verbose(0)
}

#[test]
fn training_is_that_of_a_loop_by_hand() {
    let (x, price, kind) = data();
    let (x, price) = (x.cast(DType::F64), price.cast(DType::F64));
    let mut model = compiled();
    *model.model_mut() = net().cast(DType::F64);
    let history = model.fit(&x, targets(&price, &kind), fit(3)).unwrap();

    let (mut by_hand, mut adam) = (net().cast(DType::F64), Adam::new(0.01));
    let labels: Vec<usize> = kind.iter().collect();
    for epoch in 0..3 {
        let mut sums = [0.0; 3];
        for batch in 0..3 {
            let rows = 4 * batch..4 * batch + 4;
            let (x, price) = (x.slice(0, rows.clone()), price.slice(0, rows.clone()));
            let kind = Indices::from(labels[rows].to_vec());
            let ((loss, (of_price, of_kind)), gradients) = value_and_grad(&by_hand, |net| {
                let h = net.trunk.forward(&x);
                let of_price = (net.price.forward(&h) - &price).square().mean();
                let of_kind = net.kind.forward_raw(&h).raw.cross_entropy(&kind);
                (&of_price * 0.25 + &of_kind, (of_price, of_kind))
            });
            adam.step(&mut by_hand, &gradients);
            for (sum, loss) in sums.iter_mut().zip([loss, of_price, of_kind]) {
                *sum += loss.item() / 3.0;
            }
        }
        for (name, expected) in ["loss", "price_loss", "kind_loss"].into_iter().zip(sums) {
            assert_relative_eq!(history[name][epoch], expected, max_relative = 1e-12);
        }
    }
    for ((name, ours), (_, expected)) in model.parameters().into_iter().zip(by_hand.parameters()) {
        for (ours, expected) in ours.to_vec::<f64>().into_iter().zip(expected.to_vec::<f64>()) {
            assert_relative_eq!(ours, expected, max_relative = 1e-10);
        }
        assert!(name.contains('.'), "names are those of the struct: {name}");
    }
}

#[test]
fn values_are_reported_by_output() {
    let (x, price, kind) = data();
    let mut model = compiled();
    let stopping = EarlyStopping::new().monitor("val_kind_accuracy").patience(50);
    let history =
        model.fit(&x, targets(&price, &kind), fit(4).validation_split(0.25).callback(stopping)).unwrap();
    let names = ["loss", "price_loss", "kind_loss", "price_mean_absolute_error", "kind_accuracy"];
    let all: Vec<String> =
        names.iter().map(|name| name.to_string()).chain(names.map(|name| format!("val_{name}"))).collect();
    assert_eq!(history.names(), all);

    let scores = model.evaluate(&x, (("kind", kind.clone()), ("price", &price))).unwrap();
    assert_relative_eq!(
        scores.loss(),
        0.25 * scores["price_loss"] + scores["kind_loss"],
        max_relative = 1e-6
    );
    let outputs = model.predict(&x).unwrap();
    let error = (&outputs["price"] - &price).abs().mean().item();
    assert_relative_eq!(scores["price_mean_absolute_error"], error, max_relative = 1e-6);
    let likely = outputs["kind"].to_vec::<f32>();
    let is_right = |(row, right): (&[f32], usize)| row.iter().all(|p| *p <= row[right]);
    let n_right = likely.chunks(3).zip(kind.iter()).filter(|&pair| is_right(pair)).count();
    assert_relative_eq!(scores["kind_accuracy"], n_right as f64 / 12.0);
    assert_relative_eq!(outputs["kind"].sum_axes(1).sum().item(), 12.0, max_relative = 1e-6);
    // Of other rows, as validation.
    let of_others = model.targets(targets(&price, &kind)).unwrap();
    let history = model.fit(&x, targets(&price, &kind), fit(1).validation(&x, of_others)).unwrap();
    assert_eq!(history.last("val_loss"), model.evaluate(&x, targets(&price, &kind)).unwrap().loss());
}

/// A cross-entropy that takes classes however they are said, as one's own loss may.
#[derive(Debug)]
struct Either;

impl Loss for Either {
    fn name(&self) -> &'static str {
        "either"
    }
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        CategoricalCrossentropy::new().each(output, target)
    }
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        // Rows of two are let through, to see who notices.
        match target {
            Target::Values(values) if values.shape()[1] != 2 => {
                CategoricalCrossentropy::new().check(output, target)
            }
            _ => Ok(()),
        }
    }
}

#[test]
fn labels_become_one_hot_rows_where_a_loss_takes_both() {
    let (x, price, kind) = data();
    let trained = |kind: Target| {
        let heads = [Head::new("price", MeanSquaredError::new()), Head::new("kind", Either).metric(Accuracy)];
        let mut model = net().compile_outputs([3], Adam::new(0.01), heads);
        model.fit(&x, [("kind", kind), ("price", (&price).into())], fit(2))
    };
    assert_eq!(trained(kind.clone().into()).unwrap(), trained(Tensor::one_hot(&kind, 3).into()).unwrap());
}

#[test]
fn a_target_that_a_loss_lets_through_is_refused_if_it_does_not_fit() {
    let (x, price, _) = data();
    let heads = [Head::new("price", MeanSquaredError::new()), Head::new("kind", Either)];
    let mut model = net().compile_outputs([3], Adam::new(0.01), heads);
    let error = model.fit(&x, [("kind", &price), ("price", &price)], fit(1)).unwrap_err().to_string();
    assert_eq!(error, "fit: kind: the target [12, 2] does not fit the output [12, 3]");
    let whole = Fit::epochs(1).validation(&x, &price);
    let error = model.fit(&x, [("kind", &Tensor::zeros([12, 3])), ("price", &price)], whole).unwrap_err();
    let expected = "fit, validation rows: outputs: the target is not that of all outputs, expected one for each, by name";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn weights_of_rows_count_in_all_losses() {
    let (x, price, kind) = data();
    let weights = Tensor::new([0.0, 1.0, 1.0, 2.0].repeat(3), [12]);
    let mut model = compiled();
    let settings = || Fit::epochs(1).batch_size(12).verbose(0);
    let history = model.fit(&x, targets(&price, &kind), settings().sample_weights(&weights)).unwrap();
    let outputs = compiled().predict(&x).unwrap();
    let of_price = (&outputs["price"] - &price).square().mean_axes(1).to_vec::<f64>();
    let probabilities = outputs["kind"].to_vec::<f64>();
    let of_kind = kind.iter().enumerate().map(|(row, kind)| -probabilities[3 * row + kind].ln());
    let each = of_price.iter().zip(of_kind).map(|(price, kind)| 0.25 * price + kind);
    let expected: f64 =
        each.zip(weights.to_vec::<f64>()).map(|(loss, weight)| loss * weight).sum::<f64>() / 12.0;
    assert_relative_eq!(history.last("loss"), expected, max_relative = 1e-5);
}

#[test]
fn targets_that_do_not_fit_are_refused() {
    let (x, price, kind) = data();
    let mut model = compiled();
    let mut check = |y: Vec<(&str, Target)>, fit: Fit, message: &str| {
        let error = match &y[..] {
            [one] => model.fit(&x, [one.clone()], fit),
            [one, two] => model.fit(&x, [one.clone(), two.clone()], fit),
            _ => unreachable!("one or two"),
        };
        assert_eq!(error.unwrap_err().to_string(), message);
    };
    let (price, kind) = (|| ("price", Target::from(&price)), || ("kind", Target::from(kind.clone())));
    check(vec![price()], fit(1), "fit: kind: it has no target, only price");
    check(vec![price(), ("sort", kind().1)], fit(1), "fit: sort: there is no such output, only price, kind");
    let short = ("kind", Target::from(Indices::from([0, 1])));
    check(vec![price(), short], fit(1), "fit: kind: its target has 2 rows, expected 12");
    let several = "there are several targets, expected one";
    let weighted = fit(1).class_weights([(1, 2.0)]);
    check(vec![price(), kind()], weighted, &format!("fit: class_weights: {several}"));
    let stratified = fit(1).validation_split(0.5).stratified();
    check(vec![price(), kind()], stratified, &format!("fit: stratified: {several}"));
    let beyond = Indices::from(vec![5; 12]);
    let error = model.fit(&x, [price(), ("kind", beyond.into())], fit(1)).unwrap_err().to_string();
    assert!(error.starts_with("fit: kind: "), "{error}");
    let error = model.predict(&Tensor::ones([2, 4])).unwrap_err().to_string();
    assert_eq!(error, "predict: the model takes other rows\n  row  [4]   <- expected [3]");
}

#[test]
#[should_panic(
    expected = "compile_outputs: there are heads for price, sort, expected one each for price, kind"
)]
fn a_head_for_no_output_panics() {
    let heads = ["price", "sort"].map(|name| Head::new(name, MeanSquaredError::new()));
    net().compile_outputs([3], Adam::new(0.01), heads);
}

#[test]
#[should_panic(expected = "head: the weight of `price` is -1, expected a finite number of at least 0")]
fn a_negative_weight_panics() {
    let _ = Head::new("price", MeanSquaredError::new()).weight(-1.0);
}

#[test]
#[should_panic(expected = "compile_outputs: the loss of `kind` is reduced by Sum, expected Mean")]
fn a_loss_that_is_a_sum_panics() {
    let sum = CategoricalCrossentropy::new().reduce(Reduction::Sum);
    net().compile_outputs(
        [3],
        Adam::new(0.01),
        [Head::new("price", MeanSquaredError::new()), Head::new("kind", sum)],
    );
}
