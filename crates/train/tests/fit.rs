//! What `fit`, `evaluate` and `predict` do with data that are right.

extern crate wengert_tensor as wengert;

use approx::assert_relative_eq;
use wengert_data::Rows;
use wengert_nn::{
    BinaryCrossentropy, CategoricalCrossentropy, Dense, GaussianNll, Hinge, Layer, Loss, MeanSquaredError,
    Reduction, Sequential, SparseCategoricalCrossentropy,
};
use wengert_optim::{Adam, Sgd, Train, Tune};
use wengert_tensor::{Buffer, DType, Indices, Module, Rng, Target, Tensor, value_and_grad};
use wengert_train::{Accuracy, Compile, Compiled, Custom, Fit, MeanAbsoluteError};

/// Rows of three numbers, and which of them is the largest.
fn largest_of_three(n: usize) -> (Tensor, Indices) {
    let x = Tensor::randn([n, 3], &mut Rng::seed(5));
    let numbers = x.to_vec::<f32>();
    let largest = |row: &[f32]| (0..3).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
    (x, Indices::from(numbers.chunks(3).map(largest).collect::<Vec<usize>>()))
}

fn classifier() -> Compiled<Sequential> {
    let model = Sequential::new([3]).add(Dense::units(12).relu()).add(Dense::units(3).softmax());
    model.compile(Adam::new(0.02), SparseCategoricalCrossentropy::new()).metric(Accuracy)
}

fn parameters(model: &impl Module) -> Vec<Vec<f64>> {
    model.parameters().iter().map(|(_, param)| param.to_vec()).collect()
}

#[test]
fn training_learns() {
    let (x, y) = largest_of_three(600);
    let mut model = classifier();
    let history = model.fit(&x, &y, Fit::epochs(15).validation_split(0.25).verbose(0)).unwrap();
    assert_eq!(history.names(), ["loss", "accuracy", "val_loss", "val_accuracy"]);
    assert_eq!(history.epochs(), 15);
    assert!(history.last("val_accuracy") > 0.9, "{history}");
    assert!(history.last("loss") < 0.5 * history["loss"][0], "{history}");
}

#[test]
fn the_seed_decides_the_order() {
    let (x, y) = largest_of_three(50);
    let trained = |seed| {
        let mut model = classifier();
        let history = model.fit(&x, &y, Fit::epochs(3).batch_size(8).seed(seed).verbose(0)).unwrap();
        (history, parameters(model.model()))
    };
    assert_eq!(trained(1), trained(1));
    assert_ne!(trained(1), trained(2));
}

#[test]
fn calls_continue_the_training() {
    let (x, y) = largest_of_three(50);
    let fit = |epochs| Fit::epochs(epochs).batch_size(8).seed(3).verbose(0);
    let (mut once, mut twice) = (classifier(), classifier());
    once.fit(&x, &y, fit(4)).unwrap();
    twice.fit(&x, &y, fit(3)).unwrap();
    twice.fit(&x, &y, fit(1)).unwrap();
    assert_eq!(parameters(once.model()), parameters(twice.model()));
}

#[test]
fn every_epoch_has_its_own_order() {
    let first_row = Custom::batches("first_row", |_, target| {
        let Target::Values(values) = target else { panic!("the target holds values") };
        values.at([0, 0])
    });
    let x = Tensor::arange(64).reshape([64, 1]);
    let model = Sequential::new([1]).add(Dense::units(1));
    let mut model = model.compile(Sgd::new(0.0), MeanSquaredError::new()).metric(first_row);
    let history = model.fit(&x, &x, Fit::epochs(4).batch_size(16).verbose(0)).unwrap();
    let firsts = &history["first_row"];
    assert!(firsts.iter().skip(1).all(|first| *first != firsts[0]), "{firsts:?}");
    let history = model.fit(&x, &x, Fit::epochs(2).batch_size(16).shuffle(false).verbose(0)).unwrap();
    assert_eq!(history["first_row"], [24.0; 2]);
}

#[test]
fn the_reported_loss_weights_batches_by_their_rows() {
    // The rate is 0, so that the mean over batches must be that over rows: of x² and of x.
    let x = Tensor::from([[1.0], [2.0], [3.0], [4.0], [5.0]]);
    let identity = Sequential::new([1]).add(Dense::from_tensors(Tensor::from([[1.0]]), Tensor::from([0.0])));
    let mut model = identity.compile(Sgd::new(0.0), MeanSquaredError::new()).metric(MeanAbsoluteError);
    for size in [1, 2, 3, 4, 5, 6] {
        let history =
            model.fit(&x, Tensor::zeros([5, 1]), Fit::epochs(1).batch_size(size).verbose(0)).unwrap();
        assert_relative_eq!(history.last("loss"), 11.0, max_relative = 1e-6);
        assert_relative_eq!(history.last("mean_absolute_error"), 3.0, max_relative = 1e-6);
    }
}

#[test]
fn the_last_rows_validate() {
    let n = 128_069;
    let mut y = vec![0.0_f32; n];
    y[89_648..].fill(3.0);
    let (x, y) = (Tensor::zeros([n, 1]), Tensor::new(y, [n, 1]));

    // Counts batches: one for each row's share in this sum.
    let batches_per_row = Custom::batches("batches_per_row", |output, _| 1.0 / output.raw.shape()[0] as f64);
    let zero = Dense::from_tensors(Tensor::from([[0.0]]), Tensor::from([0.0]));
    let model = Sequential::new([1]).add(zero);
    let mut model = model.compile(Sgd::new(0.0), MeanSquaredError::new()).metric(batches_per_row);
    let history = model.fit(&x, &y, Fit::epochs(1).validation_split(0.3).verbose(0)).unwrap();
    assert_eq!(history["loss"], [0.0]);
    assert_eq!(history["val_loss"], [9.0]);
    assert_relative_eq!(history.last("batches_per_row") * 89_648.0, 2_802.0, max_relative = 1e-9);
}

#[test]
fn labels_and_one_hot_targets_train_the_same() {
    let (x, labels) = largest_of_three(40);
    let model = classifier().into_model();
    let mut sparse =
        model.clone().compile(Sgd::new(0.1), SparseCategoricalCrossentropy::new()).metric(Accuracy);
    let mut dense = model.compile(Sgd::new(0.1), CategoricalCrossentropy::new()).metric(Accuracy);
    let fit = Fit::epochs(3).batch_size(16).validation_split(0.2).verbose(0);
    let by_labels = sparse.fit(&x, &labels, fit.clone()).unwrap();
    let by_rows = dense.fit(&x, Tensor::one_hot(&labels, 3), fit).unwrap();
    for name in by_labels.names() {
        for (a, b) in by_labels[name].iter().zip(&by_rows[name]) {
            assert_relative_eq!(a, b, max_relative = 1e-5);
        }
    }
    for (a, b) in parameters(sparse.model()).concat().iter().zip(parameters(dense.model()).concat()) {
        assert_relative_eq!(*a, b, max_relative = 1e-4, epsilon = 1e-6);
    }
}

#[test]
fn validation_rows_may_be_given() {
    let (x, y) = largest_of_three(60);
    let parts =
        |from, to| (x.slice(0, from..to), Indices::from(y.iter().collect::<Vec<_>>()[from..to].to_vec()));
    let ((train_x, train_y), (test_x, test_y)) = (parts(0, 45), parts(45, 60));
    let (mut split, mut given) = (classifier(), classifier());
    let by_split = split.fit(&x, &y, Fit::epochs(2).validation_split(0.25).verbose(0)).unwrap();
    let fit = Fit::epochs(2).validation(&test_x, &test_y).verbose(0);
    assert_eq!(given.fit(&train_x, &train_y, fit).unwrap(), by_split);
    let evaluation = given.evaluate(&test_x, &test_y).unwrap();
    assert_eq!(evaluation.loss(), by_split.last("val_loss"));
    assert_eq!(evaluation["accuracy"], by_split.last("val_accuracy"));
}

#[test]
fn fit_is_the_loop_by_hand() {
    let (x, y) = largest_of_three(50);
    let mut by_fit = classifier();
    let mut by_hand = by_fit.model().clone();
    by_fit.fit(&x, &y, Fit::epochs(1).batch_size(20).shuffle(false).verbose(0)).unwrap();
    let mut adam = Adam::new(0.02);
    let batches = wengert_data::Batches::new(&(x, Target::from(y)), 20).unwrap();
    for (x, y) in batches {
        let (_, grads) = value_and_grad(&by_hand, |m| m.forward_raw(&x).raw.cross_entropy(&y));
        adam.step(&mut by_hand, &grads);
    }
    assert_eq!(parameters(by_fit.model()), parameters(&by_hand));
}

/// A network with a way around its hidden layer, which counts its steps and has seen the mean of its inputs.
#[derive(Module, Clone, Debug)]
struct Skip {
    hidden: Dense,
    output: Dense,
    n_steps: Buffer,
}

impl Layer for Skip {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.n_steps.stage(&(self.n_steps.value() + 1.0));
        self.output.forward(&(self.hidden.forward(x) + x))
    }
}

fn skip() -> Skip {
    let mut rng = Rng::seed(2);
    let (hidden, output) = (Dense::new(3, 3, &mut rng).tanh(), Dense::new(3, 1, &mut rng));
    Skip { hidden, output, n_steps: Buffer::new(Tensor::from(0.0)) }
}

#[test]
fn a_model_of_ones_own_is_trained_with_its_state() {
    let x = Tensor::randn([40, 3], &mut Rng::seed(1));
    let y = x.sum_axes(1).tanh();
    let mut model = skip().compile(Adam::new(0.02), MeanSquaredError::new());
    let history = model.fit(&x, y.reshape([40, 1]), Fit::epochs(30).batch_size(16).verbose(0)).unwrap();
    assert!(history.last("loss") < 0.5 * history["loss"][0]);
    assert_eq!(model.n_steps.value().item(), 90.0);
}

#[test]
fn data_take_the_dtype_of_the_model() {
    let x = Tensor::randn([10, 3], &mut Rng::seed(1));
    let y = x.sum_axes(1);
    for (data, model) in [(DType::F32, DType::F64), (DType::F64, DType::F32)] {
        let mut compiled = skip().cast(model).compile(Sgd::default(), MeanSquaredError::new());
        let (x, y) = (x.cast(data), y.cast(data));
        compiled.fit(&x, &y, Fit::epochs(1).verbose(0)).unwrap();
        assert_eq!(compiled.predict(&x).unwrap().dtype(), model);
        assert!(compiled.parameters().iter().all(|(_, param)| param.dtype() == model));
    }
}

#[test]
fn one_target_per_row_needs_no_axis_of_its_own() {
    let x = Tensor::randn([10, 3], &mut Rng::seed(1));
    let y = x.sum_axes(1);
    let trained = |y: &Tensor| {
        let model = Sequential::new([3]).add(Dense::units(1));
        let mut model = model.compile(Sgd::default(), MeanSquaredError::new());
        (model.fit(&x, y, Fit::epochs(2).verbose(0)).unwrap(), model.evaluate(&x, y).unwrap())
    };
    assert_eq!(trained(&y), trained(&y.reshape([10, 1])));
}

#[test]
fn predictions_do_not_depend_on_how_many_there_are() {
    let x = Tensor::randn([700, 3], &mut Rng::seed(1));
    let model = classifier();
    let all = model.predict(&x).unwrap();
    assert_eq!(*all.shape(), [700, 3]);
    let expected = model.forward(&x).to_vec::<f32>();
    for (a, b) in all.to_vec::<f32>().iter().zip(&expected) {
        assert_relative_eq!(a, b, max_relative = 1e-5);
    }
    let one = model.predict(&x.slice(0, 699..700)).unwrap().to_vec::<f32>();
    for (a, b) in one.iter().zip(&expected[3 * 699..]) {
        assert_relative_eq!(a, b, max_relative = 1e-5);
    }
    assert!(!model.predict(&x.tracked()).unwrap().is_tracked());
}

#[test]
fn data_of_any_layout_train_the_same() {
    let (x, y) = largest_of_three(40);
    let transposed = Tensor::new(x.t().to_vec::<f32>(), [3, 40]).t();
    let trained = |x: &Tensor| classifier().fit(x, &y, Fit::epochs(2).batch_size(16).verbose(0)).unwrap();
    assert_eq!(trained(&x), trained(&transposed));
}

#[test]
fn a_loss_that_is_not_finite_is_reported_where_such_steps_are_skipped() {
    let x = Tensor::from([[1e30], [2e30]]);
    let model = Sequential::new([1]).add(Dense::units(1));
    let mut model = model.compile(Sgd::new(1e30).skip_nonfinite(), MeanSquaredError::new());
    let history = model.fit(&x, &x, Fit::epochs(3).verbose(0)).unwrap();
    assert_eq!(history.epochs(), 3);
    assert!(history.last("loss").is_infinite());
    assert!(history.to_string().ends_with("inf"));
}

#[test]
fn a_model_without_parameters_is_evaluated() {
    let x = Tensor::from([[1.0, 2.0]]);
    let model = Sequential::new([2]).compile(Sgd::default(), MeanSquaredError::new());
    assert_eq!(model.evaluate(&x, Tensor::zeros([1, 2])).unwrap().loss(), 2.5);
    assert_eq!(model.predict(&x).unwrap().to_vec::<f32>(), [1.0, 2.0]);
}

#[test]
fn a_compiled_model_reads_as_the_model() {
    let mut model = classifier();
    assert_eq!(model.summary().n_parameters(), model.model().count_parameters());
    assert_eq!(model.optimizer_mut().learning_rate(), 0.02);
    model.optimizer_mut().set_learning_rate(0.5);
    assert_eq!(model.optimizer_mut().learning_rate(), 0.5);
    *model.model_mut() = model.model().cast(DType::F64);
    assert_eq!(model.into_model().parameters()[0].1.dtype(), DType::F64);
}

#[test]
fn an_evaluation_is_read_by_name() {
    let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    let model =
        Sequential::new([2]).compile(Sgd::default(), MeanSquaredError::new()).metric(MeanAbsoluteError);
    let evaluation = model.evaluate(&x, Tensor::zeros([2, 2])).unwrap();
    assert_eq!(evaluation.to_string(), "loss: 7.5000 - mean_absolute_error: 2.5000");
    assert_eq!(evaluation.get("mean_absolute_error"), Some(2.5));
    assert_eq!(evaluation.get("accuracy"), None);
    assert_eq!(evaluation.iter().collect::<Vec<_>>(), [("loss", 7.5), ("mean_absolute_error", 2.5)]);
}

#[test]
#[should_panic(expected = "evaluation: there is no `accuracy`, only loss")]
fn a_score_that_is_not_there_panics() {
    let model = Sequential::new([1]).compile(Sgd::default(), MeanSquaredError::new());
    let _ = model.evaluate(&Tensor::ones([1, 1]), Tensor::ones([1, 1])).unwrap()["accuracy"];
}

/// A linear model, full batches and plain descent, so that every step can be said in a line.
fn line(loss: MeanSquaredError) -> Compiled<Sequential> {
    let dense = Dense::from_tensors(Tensor::from([[1.0], [-1.0]]), Tensor::from([0.5]));
    Sequential::new([2]).add(dense).compile(Sgd::new(0.05), loss)
}

fn line_after(loss: MeanSquaredError, x: &Tensor, y: &Tensor, fit: Fit) -> (Vec<Vec<f64>>, f64) {
    let mut model = line(loss);
    let history = model.fit(x, y, fit.batch_size(100).shuffle(false).verbose(0)).unwrap();
    (parameters(model.model()), history["loss"][0])
}

#[test]
fn a_row_of_weight_2_counts_as_two_and_one_of_weight_0_as_none() {
    let (x, y) = (Tensor::randn([3, 2], &mut Rng::seed(1)), Tensor::randn([3], &mut Rng::seed(2)));
    let places = [0, 0, 2];
    let (x_twice, y_twice) = (x.select_rows(&places), y.select_rows(&places));
    let weights = Tensor::from([2.0, 0.0, 1.0]);
    let sum = || MeanSquaredError::new().reduce(Reduction::Sum);
    let weighted = line_after(sum(), &x, &y, Fit::epochs(3).sample_weights(&weights));
    let twice = line_after(sum(), &x_twice, &y_twice, Fit::epochs(3));
    for (a, b) in weighted.0.concat().iter().zip(twice.0.concat()) {
        assert_relative_eq!(*a, b, max_relative = 1e-5);
    }
    // Σ w l / n with as many rows on both sides.
    let weighted = line_after(MeanSquaredError::new(), &x, &y, Fit::epochs(1).sample_weights(&weights));
    let twice = line_after(MeanSquaredError::new(), &x_twice, &y_twice, Fit::epochs(1));
    assert_relative_eq!(weighted.1, twice.1, max_relative = 1e-6);
}

#[test]
fn weights_follow_their_rows_through_shuffling_and_splits() {
    // Only the first row of each part counts, and it is fitted already.
    let x = Tensor::randn([20, 2], &mut Rng::seed(1));
    let fitted = line(MeanSquaredError::new()).predict(&x).unwrap();
    let counts = Tensor::from(std::array::from_fn::<f32, 20, _>(|row| if row % 10 == 0 { 1.0 } else { 0.0 }));
    let y = counts.greater(0.0).select(&fitted.squeeze(-1), 100.0);
    let mut model = line(MeanSquaredError::new());
    let fit = Fit::epochs(2).batch_size(3).validation_split(0.5).sample_weights(&counts).verbose(0);
    let history = model.fit(&x, &y, fit).unwrap();
    assert!(history["loss"][0] < 1e-10 && history["val_loss"][1] < 1e-10, "{history}");
}

#[test]
fn a_model_of_a_distribution_learns_mean_and_variance() {
    let (x, y) = (Tensor::ones([2000, 1]), Tensor::normal([2000, 1], 3.0, 0.5, &mut Rng::seed(4)));
    let model = Sequential::new([1]).add(Dense::units(2).without_bias());
    let mut model = model.compile(Adam::new(0.05), GaussianNll::new());
    model.fit(&x, &y, Fit::epochs(20).batch_size(100).verbose(0)).unwrap();
    let output = model.predict(&Tensor::ones([1, 1])).unwrap().to_vec::<f64>();
    assert!((output[0] - y.mean().item()).abs() < 0.05, "{output:?}");
    assert!((output[1] - y.var(0).item().ln()).abs() < 0.1, "{output:?}");
}

#[test]
fn a_hinge_and_a_binary_cross_entropy_separate_the_same_rows() {
    let x = Tensor::randn([400, 2], &mut Rng::seed(7));
    let is_above = x.sum_axes(1).greater(0.0).to_tensor(DType::F32);
    let losses: [Box<dyn Loss>; 2] =
        [Box::new(Hinge::new()), Box::new(BinaryCrossentropy::new().from_logits())];
    for loss in losses {
        let mut model = Sequential::new([2]).add(Dense::units(1)).compile(Adam::new(0.05), loss);
        model.fit(&x, &is_above, Fit::epochs(20).verbose(0)).unwrap();
        let says = model.predict(&x).unwrap().squeeze(-1).greater(0.0).to_tensor(DType::F32);
        assert!(says.equal(&is_above).to_tensor(DType::F32).mean().item() > 0.97);
    }
}

#[test]
fn weights_count_in_the_metrics_that_ask_for_them() {
    let (x, weights) = (Tensor::from([[1.0], [2.0], [3.0]]), Tensor::from([1.0, 0.0, 3.0]));
    let identity =
        || Sequential::new([1]).add(Dense::from_tensors(Tensor::from([[1.0]]), Tensor::from([0.0])));
    let rows = Custom::rows("rows", |output, _| output.value());
    let mut model = identity().compile(Sgd::new(0.0), MeanSquaredError::new());
    model = model.metric(rows).weighted_metric(MeanAbsoluteError);
    let fit = Fit::epochs(1).batch_size(2).sample_weights(&weights).verbose(0);
    let history = model.fit(&x, Tensor::zeros([3, 1]), fit).unwrap();
    assert_eq!(history["rows"], [2.0]);
    assert_eq!(history["mean_absolute_error"], [2.5]);
}
