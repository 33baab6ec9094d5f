//! Which rows a training learns from, and which it keeps out.

use wengert_nn::{Dense, MeanSquaredError, Sequential};
use wengert_optim::Sgd;
use wengert_tensor::{Indices, Tensor};
use wengert_train::{Compile, Fit};

#[test]
fn they_are_those_before_the_split() {
    let y = Tensor::zeros([10, 1]);
    let rows = |fit: Fit| fit.training_rows(&y).unwrap();
    assert_eq!(rows(Fit::epochs(1)), (0..10).collect::<Vec<_>>());
    // As Keras divides: the first ⌊10 · 0.75⌋.
    assert_eq!(rows(Fit::epochs(1).validation_split(0.25)), (0..7).collect::<Vec<_>>());
    assert_eq!(rows(Fit::epochs(1).validation(&y, &y)), (0..10).collect::<Vec<_>>());
}

#[test]
fn of_each_class_they_are_the_first() {
    let fit = Fit::epochs(1).validation_split(0.5).stratified();
    let rows = fit.training_rows(Indices::from([1, 0, 0, 0, 1, 0])).unwrap();
    assert_eq!(rows, [0, 1, 2]);
}

/// Training on the rows alone, in their order, gives the weights that the split gives.
#[test]
fn they_are_those_that_fit_trains_on() {
    let x = Tensor::from([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]);
    let y = Tensor::from([[0.0], [0.0], [1.0], [1.0], [0.0], [1.0]]);
    let weights = |rows: Option<Vec<usize>>, fit: Fit| {
        let mut model =
            Sequential::new([1]).add(Dense::units(1)).compile(Sgd::new(0.01), MeanSquaredError::new());
        let [x, y] = [&x, &y].map(|all| match &rows {
            Some(rows) => wengert_data::Rows::select_rows(all, rows),
            None => all.clone(),
        });
        model.fit(&x, &y, fit.verbose(0).shuffle(false).batch_size(2)).unwrap();
        wengert_tensor::Module::parameters(model.model())
            .iter()
            .map(|(_, param)| param.to_vec::<f64>())
            .collect::<Vec<_>>()
    };
    for fit in [Fit::epochs(3).validation_split(0.4), Fit::epochs(3).validation_split(0.4).stratified()] {
        let rows = fit.training_rows(&y).unwrap();
        assert_eq!(weights(Some(rows), Fit::epochs(3)), weights(None, fit));
    }
}

#[test]
fn what_fit_refuses_is_refused() {
    for (fit, message) in [
        (Fit::epochs(0), "the number of epochs is 0, expected at least 1"),
        (Fit::epochs(1).validation_split(0.9), "a validation_split of 0.9 leaves no row of 3 to train on"),
        (
            Fit::epochs(1).validation_split(0.5).stratified(),
            "stratified: the target does not tell classes, expected labels, one-hot rows, or 0 and 1",
        ),
    ] {
        let error = fit.training_rows(Tensor::from([0.5, 1.0, 2.0])).unwrap_err();
        assert_eq!(error.to_string(), format!("training_rows: {message}"));
    }
}
