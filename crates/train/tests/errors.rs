//! What is wrong with settings or data comes back as an error that says so, and changes nothing.

use wengert_data::DataError;
use wengert_nn::{
    CategoricalCrossentropy, Dense, Layer, Loss, MeanSquaredError, Sequential, SparseCategoricalCrossentropy,
};
use wengert_optim::{Sgd, Tune};
use wengert_tensor::{DType, Indices, Mismatch, Module, Param, Shape, Target, Tensor};
use wengert_train::{Accuracy, Compile, Compiled, Fit, FitError, Problem};

extern crate wengert_tensor as wengert;

const NAN: f32 = f32::NAN;

fn model(loss: impl Loss + 'static) -> Compiled<Sequential> {
    Sequential::new([2]).add(Dense::units(3).softmax()).compile(Sgd::default(), loss)
}

fn labels(n: usize) -> Indices {
    Indices::from(vec![1; n])
}

#[track_caller]
fn check<T>(result: Result<T, FitError>, message: &str) {
    assert_eq!(result.err().map(|error| error.to_string()).as_deref(), Some(message));
}

#[track_caller]
fn check_settings(fit: Fit, message: &str) {
    let mut model = model(SparseCategoricalCrossentropy::new());
    check(model.fit(&Tensor::ones([4, 2]), labels(4), fit.verbose(0)), message);
}

/// Refused by `fit` and by `evaluate`, as data of their own and as those of the validation.
#[track_caller]
fn check_data(loss: impl Loss + Clone + 'static, x: &Tensor, y: impl Into<Target>, message: &str) {
    let (mut model, y) = (model(loss), y.into());
    let parameters = |model: &Sequential| -> Vec<Vec<f32>> {
        model.parameters().iter().map(|(_, param)| param.to_vec()).collect()
    };
    let before = parameters(&model);
    let right: Target = match y {
        Target::Values(_) => Tensor::ones([2, 3]).into(),
        Target::Labels(_) => labels(2).into(),
    };
    let settings = || Fit::epochs(1).verbose(0);
    check(model.fit(x, &y, settings()), &format!("fit: {message}"));
    check(model.evaluate(x, &y), &format!("evaluate: {message}"));
    let validation = settings().validation(x, &y);
    check(model.fit(&Tensor::ones([2, 2]), right, validation), &format!("fit, validation rows: {message}"));
    assert_eq!(parameters(&model), before, "a refused call changes nothing");
}

#[test]
fn settings() {
    check_settings(Fit::epochs(0), "fit: the number of epochs is 0, expected at least 1");
    check_settings(Fit::epochs(1).batch_size(0), "fit: the batch size is 0, expected at least 1");
    for split in [1.0, 1.5, -0.1, f64::NAN] {
        let message = format!("fit: validation_split is {split}, expected at least 0 and less than 1");
        check_settings(Fit::epochs(1).validation_split(split), &message);
    }
    let message = "fit: a validation_split of 0.9 leaves no row of 4 to train on";
    check_settings(Fit::epochs(1).validation_split(0.9), message);
    let message = "fit: a validation_split of 0.00000000000000001 leaves no row of 4 to validate with";
    check_settings(Fit::epochs(1).validation_split(1e-17), message);
    let mut model = model(SparseCategoricalCrossentropy::new());
    let message = "fit: verbose is 3, expected 0 (silent), 1 (a live bar) or 2 (a line per epoch)";
    check(model.fit(&Tensor::ones([4, 2]), labels(4), Fit::epochs(1).verbose(3)), message);
}

#[test]
fn rows_that_are_not_there() {
    let sparse = SparseCategoricalCrossentropy::new;
    let scalar = Tensor::from(1.0);
    check_data(sparse(), &scalar, labels(1), "x has the shape [], expected an axis of rows");
    check(model(sparse()).predict(&scalar), "predict: x has the shape [], expected an axis of rows");
    for shape in [[0, 2], [4, 0]] {
        let message = format!("x has the shape {shape:?}, expected at least one row of numbers");
        check_data(sparse(), &Tensor::zeros(shape), labels(shape[0]), &message);
        check(model(sparse()).predict(&Tensor::zeros(shape)), &format!("predict: {message}"));
    }
    let message = "the target has the shape [], expected an axis of rows";
    check_data(sparse(), &Tensor::ones([1, 2]), Indices::new(vec![0], []), message);
    check_data(CategoricalCrossentropy::new(), &Tensor::ones([1, 2]), &scalar, message);
}

#[test]
fn rows_that_the_model_does_not_take() {
    let sparse = SparseCategoricalCrossentropy::new;
    for (shape, row) in [
        (&[4, 3][..], "[3]"),
        (&[4], "[]"),
        (&[4, 2, 2], "[2, 2]"),
        (&[4, 2, 1, 1, 1, 1, 1, 1], "[2, 1, 1, 1, 1, 1, 1]"),
    ] {
        let message = format!("the model takes other rows\n  row  {row}   <- expected [2]");
        check_data(sparse(), &Tensor::ones(shape), labels(4), &message);
        check(model(sparse()).predict(&Tensor::ones(shape)), &format!("predict: {message}"));
    }
}

#[test]
fn targets_for_other_rows() {
    let message = |n: usize| {
        format!("x and target differ in their number of rows\n  x       4\n  target  {n}   <- expected 4")
    };
    let x = Tensor::ones([4, 2]);
    check_data(SparseCategoricalCrossentropy::new(), &x, labels(5), &message(5));
    check_data(SparseCategoricalCrossentropy::new(), &x, labels(0), &message(0));
    check_data(CategoricalCrossentropy::new(), &x, Tensor::ones([3, 3]), &message(3));
}

#[test]
fn weights_that_are_not_those_of_the_rows() {
    for shape in [&[3][..], &[4, 1], &[]] {
        let shown = Shape::from(shape);
        let message = format!("fit: sample_weights has the shape {shown}, expected [4], one for each row");
        check_settings(Fit::epochs(1).sample_weights(&Tensor::ones(shape)), &message);
    }
    let weights = Tensor::from([1.0, NAN, 1.0, 1.0]);
    let message = "fit: sample_weights holds NaN in row 1, expected finite numbers";
    check_settings(Fit::epochs(1).sample_weights(&weights), message);
}

#[test]
fn numbers_that_are_not_finite() {
    let loss = CategoricalCrossentropy::new;
    let (x, y) = (Tensor::ones([4, 2]), Tensor::ones([4, 3]));
    for (value, shown) in [(NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
        let bad_x = Tensor::from([[1.0, 1.0], [1.0, 1.0], [1.0, value], [1.0, 1.0]]);
        let message = format!("x holds {shown} in row 2, column 1, expected finite numbers");
        check_data(loss(), &bad_x, &y, &message);
        check(model(loss()).predict(&bad_x), &format!("predict: {message}"));
        let bad_y = Tensor::from([[1.0; 3], [1.0, value, 1.0], [1.0; 3], [1.0; 3]]);
        check_data(
            loss(),
            &x,
            &bad_y,
            &format!("the target holds {shown} in row 1, column 1, expected finite numbers"),
        );
    }
    let large = Tensor::new(vec![1.0, 1e300, 1.0, 1.0], [2, 2]);
    let message = "x as f32 holds inf in row 0, column 1, expected finite numbers";
    check_data(loss(), &large, Tensor::ones([2, 3]), message);
    let as_f64 = model(loss()).into_model().cast(DType::F64).compile(Sgd::default(), loss());
    assert!(as_f64.predict(&large).is_ok());
}

#[test]
fn targets_that_the_loss_does_not_take() {
    let x = Tensor::ones([4, 2]);
    let sparse = SparseCategoricalCrossentropy::new;
    check_data(
        sparse(),
        &x,
        Indices::from([0, 2, 3, 9]),
        "sparse_categorical_crossentropy: label 3 in row 2 is not one of the 3 classes",
    );
    check_data(
        CategoricalCrossentropy::new(),
        &x,
        Tensor::ones([4, 2]),
        "categorical_crossentropy: the target [4, 2] does not have the output's shape [4, 3]",
    );
    let refused = [
        model(sparse()).fit(&x, Tensor::ones([4, 3]), Fit::epochs(1)),
        model(CategoricalCrossentropy::new()).fit(&x, labels(4), Fit::epochs(1)),
        model(MeanSquaredError::new()).fit(&x, Tensor::ones([4, 1]), Fit::epochs(1)),
        model(MeanSquaredError::new()).fit(&x, labels(4), Fit::epochs(1)),
        model(sparse()).fit(&x, Indices::new(vec![0; 12], [4, 3]), Fit::epochs(1)),
    ];
    for result in refused {
        assert!(matches!(result.unwrap_err().problem(), Problem::Target { .. }));
    }
}

#[test]
fn targets_that_a_metric_does_not_take() {
    /// A loss that takes any target.
    #[derive(Debug)]
    struct Lenient;
    impl Loss for Lenient {
        fn name(&self) -> &'static str {
            "lenient"
        }
        fn each(&self, output: &wengert_nn::Output, _: &Target) -> Tensor {
            output.raw.mean_axes(-1)
        }
        fn check(&self, _: &Shape, _: &Target) -> Result<(), String> {
            Ok(())
        }
    }
    let mut model = model(Lenient).metric(Accuracy);
    let message = "fit: accuracy: the target [4, 2] does not tell the classes of an output [4, 3]";
    check(model.fit(&Tensor::ones([4, 2]), Tensor::ones([4, 2]), Fit::epochs(1)), message);
}

/// A layer whose output is said to be very wide.
#[derive(Module, Clone, Debug)]
struct Wide {
    weight: Param,
}

impl Layer for Wide {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * &self.weight
    }
    fn output_shape(&self, _: &Shape) -> Result<Shape, Mismatch> {
        Ok(Shape::from([1 << 30]))
    }
}

#[test]
fn more_outputs_than_a_tensor_holds() {
    let wide = Wide { weight: Tensor::from([1.0]).into() };
    let model = wide.compile(Sgd::default(), SparseCategoricalCrossentropy::new());
    let x = Tensor::ones([3, 1]);
    let message =
        "predict: too many elements\n  shape  [3, 1073741824]   <- expected at most 2147483647 elements";
    check(model.predict(&x), message);
    let message = "evaluate: sparse_categorical_crossentropy, rows from 2 on: label 1073741824 in row 0 is not one of \
                   the 1073741824 classes";
    check(model.evaluate(&x, Indices::from([0, 1, 1 << 30])), message);
}

#[test]
fn a_model_with_nothing_to_train() {
    let frozen = || Param::new(Tensor::ones([2, 3])).frozen();
    let mut dense = Dense::from_tensors(Tensor::ones([2, 3]), Tensor::ones([3]));
    (dense.weight, dense.bias) = (frozen(), None);
    for model in [Sequential::new([2]), Sequential::new([2]).add(dense)] {
        let mut model = model.compile(Sgd::default(), MeanSquaredError::new());
        let y = model.predict(&Tensor::ones([4, 2])).unwrap();
        let result = model.fit(&Tensor::ones([4, 2]), &y, Fit::epochs(1).verbose(0));
        assert_eq!(result.as_ref().unwrap_err().problem(), &Problem::Untrainable);
        check(result, "fit: the model has nothing to train");
        assert_eq!(model.evaluate(&Tensor::ones([4, 2]), &y).unwrap().loss(), 0.0);
    }
}

#[test]
fn a_column_of_class_numbers_is_told_how_to_become_labels() {
    let message = "fit: sparse_categorical_crossentropy: the target holds values, not labels; use \
                   CategoricalCrossentropy for probabilities, or `to_labels` for class numbers";
    let (x, column) = (Tensor::ones([4, 2]), Tensor::from([0.0, 1.0, 2.0, 1.0]));
    check(model(SparseCategoricalCrossentropy::new()).fit(&x, column, Fit::epochs(1)), message);
}

#[test]
fn an_error_tells_the_program_what_it_is() {
    let mut model = model(CategoricalCrossentropy::new());
    let error =
        model.fit(&Tensor::full([1, 2], f64::INFINITY), Tensor::ones([1, 3]), Fit::epochs(1)).unwrap_err();
    let expected = DataError::NotFinite { name: "x".to_string(), value: f64::INFINITY, index: vec![0, 0] };
    assert_eq!(error.problem(), &Problem::Data(expected));
}

/// A weight near the end of f32: the product overflows at the second batch.
#[test]
fn a_gradient_that_is_not_finite_ends_training_or_is_skipped() {
    let x = Tensor::from([[1.0, 0.0], [3.0e38, 3.0e38]]);
    let y = Tensor::from([[1.0], [1.0]]);
    let layer = || Dense::from_tensors(Tensor::from([[2.0], [2.0]]), Tensor::from([0.0]));
    let model =
        |optimizer: Sgd| Sequential::new([2]).add(layer()).compile(optimizer, MeanSquaredError::new());
    let fit = || Fit::epochs(1).batch_size(1).shuffle(false).verbose(0);
    let mut failing = model(Sgd::new(0.1));
    let message = failing.fit(&x, &y, fit()).unwrap_err().to_string();
    assert!(
        message.starts_with("fit: sgd: the gradient of `dense.weight` [2, 1] is not finite\n  NaN       0 of 2\n  infinite  2 of 2"),
        "{message}"
    );
    let mut skipping = model(Sgd::new(0.1).skip_nonfinite());
    skipping.fit(&x, &y, fit()).unwrap();
    let weights = |model: &Compiled<Sequential>| model.parameters()[0].1.to_vec::<f32>();
    assert_eq!(weights(&skipping), weights(&failing));
    assert_eq!((skipping.optimizer().core().n_skipped(), skipping.optimizer().core().n_updates()), (1, 1));
}
