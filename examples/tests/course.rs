//! Every worked example of the course, with the values of `golden/course.json`. Slopes and updates come from the tape.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use wengert::nn::{Loss, Output};
use wengert::optim::{Core, Optimizer, Parameter, Sgd, Train};
use wengert::prelude::*;
use wengert::{Target, value_and_grad};

fn case(id: &str) -> Value {
    let file: Value = serde_json::from_str(include_str!("../golden/course.json")).unwrap();
    file["cases"].as_array().unwrap().iter().find(|case| case["id"] == id).unwrap().clone()
}

fn number(case: &Value, key: &str) -> f64 {
    case[key].as_f64().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn vector(case: &Value, key: &str) -> Tensor {
    let numbers = numbers(&case[key]);
    let n = numbers.len();
    Tensor::new(numbers, [n])
}

/// The weights of two nodes as the columns of a matrix.
fn columns(case: &Value, nodes: [&str; 2]) -> Tensor {
    Tensor::new(nodes.map(|node| numbers(&case[node])).concat(), [2, 2]).t()
}

/// A dense layer of two nodes without bias.
fn layer(case: &Value, nodes: [&str; 2], activation: Activation) -> impl Fn(&Tensor) -> Tensor + use<> {
    let weights = columns(case, nodes);
    move |x| activation.apply(&x.matmul(&weights))
}

fn output(case: &Value) -> Tensor {
    vector(case, "output").unsqueeze(-1)
}

fn row(case: &Value, key: &str) -> Tensor {
    vector(case, key).unsqueeze(0)
}

fn forward(id: &str, activation: Activation) -> (Tensor, f64) {
    let case = case(id);
    let hidden = layer(&case, ["node_0", "node_1"], activation)(&row(&case, "x"));
    let y = hidden.matmul(&output(&case)).item();
    (hidden.squeeze(0), y)
}

#[test]
fn s01_s02_s05_forward_propagation_is_exact() {
    for (id, activation) in
        [("S01", Activation::Linear), ("S02", Activation::Linear), ("S05", Activation::Relu)]
    {
        let (hidden, y) = forward(id, activation);
        assert_eq!(hidden.to_vec::<f64>(), numbers(&case(id)["hidden"]), "{id}");
        assert_eq!(y, number(&case(id), "num"), "{id}");
    }
}

#[test]
fn s03_s04_tanh_is_right_to_the_last_digit() {
    for id in ["S03", "S04"] {
        let (_, y) = forward(id, Activation::Tanh);
        let difference = (y - number(&case(id), "num")).abs();
        assert!(difference <= 2.3e-16, "{id}: off by {difference:e}");
    }
}

#[test]
fn s06_a_relu_network_on_four_rows() {
    let case = case("S06");
    let rows: Vec<f64> = case["x"].as_array().unwrap().iter().flat_map(numbers).collect();
    let x = Tensor::new(rows, [4, 2]);
    let y = layer(&case, ["node_0", "node_1"], Activation::Relu)(&x).matmul(&output(&case)).relu();
    assert_eq!(y.to_vec::<f64>(), numbers(&case["num"]));
}

#[test]
fn s07_two_hidden_layers() {
    let case = case("S07");
    for (activation, expected) in [(Activation::Relu, "num"), (Activation::Linear, "num_if_identity")] {
        let first = layer(&case, ["node_0_0", "node_0_1"], activation)(&row(&case, "x"));
        let second = layer(&case, ["node_1_0", "node_1_1"], activation)(&first);
        assert_eq!(second.matmul(&output(&case)).item(), number(&case, expected));
        if activation == Activation::Relu {
            assert_eq!(first.to_vec::<f64>(), numbers(&case["hidden_0"]));
            assert_eq!(second.to_vec::<f64>(), numbers(&case["hidden_1"]));
        }
    }
}

#[test]
fn s10_squared_error() {
    let case = case("S10");
    let (prediction, actual) = (vector(&case, "pred"), vector(&case, "actual"));
    let error = &prediction - &actual;
    assert_eq!(error.to_vec::<f64>(), numbers(&case["error"]));
    assert_eq!(error.square().to_vec::<f64>(), numbers(&case["squared"]));
    assert_eq!(error.square().sum().item(), number(&case, "total"));
    let output = Output { raw: prediction, activation: Activation::Linear };
    assert_eq!(
        wengert::nn::MeanSquaredError::new().value(&output, &Target::from(actual)).item(),
        number(&case, "mse")
    );
}

#[test]
fn s11_the_slope_of_one_weight() {
    let case = case("S11");
    let (x, actual) = (number(&case, "x"), number(&case, "actual"));
    let w = Tensor::scalar(number(&case, "w"), DType::F64).tracked();
    let prediction = &w * x;
    let error = &prediction - actual;
    let loss = error.square();
    let slope = Tape::of(&loss).gradient(&w);
    assert_eq!(prediction.item(), number(&case, "pred"));
    assert_eq!(error.item(), number(&case, "error"));
    assert_eq!(slope.item(), number(&case, "slope"));
    assert_eq!((w - slope * number(&case, "lr")).item(), number(&case, "new_w"));
}

#[test]
fn s12_a_gradient_step_of_two_weights() {
    let case = case("S12");
    let (x, target) = (vector(&case, "x"), number(&case, "target"));
    let mut w = Param::new(vector(&case, "w"));
    let prediction = |w: &Tensor| (w * &x).sum();
    assert_eq!(prediction(&w).item(), number(&case, "pred"));
    assert_eq!(prediction(&w).item() - target, number(&case, "error"));
    let (_, grads) = value_and_grad(&w, |w| (prediction(w) - target).square());
    assert_eq!(grads.to_vec::<f64>(), numbers(&case["gradient"]));
    let mut sgd = Sgd::new(number(&case, "lr"));
    assert_eq!(sgd.learning_rate(), 0.01);
    sgd.step(&mut w, &grads);
    assert_eq!(w.to_vec::<f64>(), numbers(&case["w_new"]));
    assert_eq!(prediction(&w).item(), number(&case, "pred_new"));
    assert_eq!(prediction(&w).item() - target, number(&case, "error_new"));
}

#[test]
fn s13_other_weights_bring_the_error_to_zero() {
    let case = case("S13");
    let hidden = vector(&case, "hidden");
    let target = number(&case, "pred_before") - number(&case, "error_before");
    for when in ["before", "after"] {
        let prediction = (&hidden * vector(&case, &format!("output_{when}"))).sum().item();
        assert_eq!(prediction, number(&case, &format!("pred_{when}")));
        assert_eq!(prediction - target, number(&case, &format!("error_{when}")));
    }
}

#[test]
fn s14_backpropagation() {
    let case = case("S14");
    // A column for each hidden node.
    let first = columns(&case, ["W1_to_h0", "W1_to_h1"]).tracked();
    let second = vector(&case, "W2_consistent").unsqueeze(-1).tracked();
    let hidden = row(&case, "x").matmul(&first).relu();
    let prediction = hidden.matmul(&second);
    let error = prediction - number(&case, "target_consistent");
    let loss = error.square().sum();
    let tape = Tape::of(&loss);
    assert_eq!(hidden.to_vec::<f64>(), numbers(&case["hidden"]));
    assert_eq!(error.item(), number(&case, "error"));
    assert_eq!(tape.gradient(&error).item(), number(&case, "slope_out"));
    assert_eq!(tape.gradient(&second).to_vec::<f64>(), numbers(&case["grad_W2"]));
    assert_eq!(tape.gradient(&hidden).to_vec::<f64>(), numbers(&case["slope_hidden"]));
    let by_weight = tape.gradient(&first).t().to_vec::<f64>();
    assert_eq!(by_weight, numbers(&case["grad_W1_in_order_of_weights_0_1_2_3"]));
}

#[test]
fn s20_the_summary_counts_parameters() {
    let case = case("S20");
    let model = Sequential::new([10])
        .add(Dense::units(100).relu())
        .add(Dense::units(100).relu())
        .add(Dense::units(100).relu())
        .add(Dense::units(2).softmax());
    let counts: Vec<f64> = model.layers().map(|(_, layer)| layer.count_parameters() as f64).collect();
    assert_eq!(counts, numbers(&case["params"]));
    let summary = model.summary();
    assert_eq!(summary.n_parameters() as f64, number(&case, "total"));
    assert_eq!(summary.n_trainable() as f64, number(&case, "trainable"));
    assert_eq!((summary.n_parameters() - summary.n_trainable()) as f64, number(&case, "non_trainable"));
    assert!(summary.to_string().contains("Total parameters: 21,502"));
}

/// Counts the steps of training, and changes nothing.
#[derive(Debug)]
struct StepCounter(Arc<AtomicUsize>, Core);

impl Optimizer for StepCounter {
    fn core(&self) -> &Core {
        &self.1
    }
    fn core_mut(&mut self) -> &mut Core {
        &mut self.1
    }
    fn start(&mut self, _: u64) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn update(&self, _: &mut Parameter<'_>) {}
}

#[test]
fn s21_a_validation_split_and_its_steps() {
    let case = case("S21");
    let n = number(&case, "n");
    let n_steps = Arc::new(AtomicUsize::new(0));
    // The output is 0 and the target the row's number, so that the mean error tells which rows were seen.
    let x = Tensor::zeros([n as usize, 1]);
    let row_numbers = Tensor::arange(n as usize);
    let zero = Dense::from_tensors(Tensor::from([[0.0]]), Tensor::from([0.0]));
    let mut model = Sequential::new([1])
        .add(zero)
        .cast(DType::F64)
        .compile(
            StepCounter(n_steps.clone(), Core::new("counter", 0.0)),
            wengert::nn::MeanSquaredError::new(),
        )
        .metric(MeanAbsoluteError);
    let history = model.fit(&x, &row_numbers, Fit::epochs(1).validation_split(0.3).verbose(0)).unwrap();
    // The mean of 0 to m - 1 is (m - 1) / 2, that of m to n - 1 is (m + n - 1) / 2.
    let n_train = 2.0 * history.last("mean_absolute_error") + 1.0;
    let n_validation = 2.0 * (n - 1.0 - history.last("val_mean_absolute_error")) + 1.0;
    assert!((n_train - number(&case, "train")).abs() < 1e-6, "{n_train} rows to train on");
    assert!((n_validation - number(&case, "val")).abs() < 1e-6, "{n_validation} rows to validate with");
    assert_eq!(n_steps.load(Ordering::Relaxed) as f64, number(&case, "steps_batch_32"));
}

#[test]
fn s22_sigma_notation() {
    assert_eq!(
        (1..=5).map(|i| Tensor::scalar(f64::from(i), DType::F64)).reduce(|a, b| a + b).unwrap().item(),
        15.0
    );
    assert_eq!((Tensor::arange(5) + 1.0).sum().item(), number(&case("S22"), "num"));
}
