//! Loaders that models are judged by, and batches whose rows do not count alike.

use approx::assert_relative_eq;
use wengert_data::{DataError, InMemory, Loader, from_fn};
use wengert_nn::{Dense, MeanSquaredError, Sequential, SparseCategoricalCrossentropy};
use wengert_optim::Sgd;
use wengert_tensor::{Indices, Module, Rng, Tensor};
use wengert_train::{Accuracy, Compile, Compiled, Fit, History, MeanAbsoluteError, Weights};

fn line() -> Compiled<Sequential> {
    let dense = Dense::from_tensors(Tensor::from([[1.0]]), Tensor::from([0.5]));
    let line = Sequential::new([1]).add(dense);
    line.compile(Sgd::new(0.01), MeanSquaredError::new()).weighted_metric(MeanAbsoluteError)
}

/// Rows, targets and weights.
fn rows(n: usize, seed: u64) -> (Tensor, Tensor, Tensor) {
    let mut rng = Rng::seed(seed);
    let draw = |rng: &mut Rng| Tensor::uniform([n, 1], 0.0, 1.0, rng);
    let (x, y) = (draw(&mut rng), draw(&mut rng));
    (x, y, Tensor::uniform([n], 0.0, 2.0, &mut rng))
}

#[track_caller]
fn check_alike(given: &History, expected: &History) {
    assert_eq!(given.names(), expected.names());
    for name in given.names() {
        for (given, expected) in given[name.as_str()].iter().zip(&expected[name.as_str()]) {
            assert_relative_eq!(given, expected, max_relative = 1e-6);
        }
    }
}

#[test]
fn a_loader_judges_as_its_rows_do() {
    let ((x, y, _), (x_new, y_new, _)) = (rows(40, 1), rows(23, 2));
    let loader = Loader::new(InMemory::new(&(x_new.clone(), y_new.clone()), 4).unwrap(), 5).unwrap();
    let fit = || Fit::epochs(3).batch_size(8).verbose(0);
    let expected = line().fit(&x, &y, fit().validation(&x_new, &y_new)).unwrap();
    check_alike(&line().fit(&x, &y, fit().validation_loader(&loader)).unwrap(), &expected);
    assert_eq!(expected.names()[2], "val_loss");

    // In training on a loader too, whose rows come in another order each time.
    let train = Loader::new(InMemory::new(&(x.clone(), y.clone()), 8).unwrap(), 8).unwrap();
    let fit = |fit: Fit| line().fit_loader(&train, fit.verbose(0)).unwrap();
    let expected = fit(Fit::epochs(3).validation(&x_new, &y_new));
    check_alike(&fit(Fit::epochs(3).validation_loader(&loader.clone().shuffled(3, 23))), &expected);
}

#[test]
fn the_weights_of_a_loader_count_when_it_judges() {
    let (x, y, weights) = rows(24, 3);
    let loader = Loader::new(InMemory::new(&(x.clone(), y.clone(), weights.clone()), 4).unwrap(), 5).unwrap();
    let given = line().evaluate_loader(&loader).unwrap();
    let of_rows = || {
        let (x, y) = (x.to_vec::<f64>(), y.to_vec::<f64>());
        let errors = x.into_iter().zip(y).map(|(x, y)| (x + 0.5 - y).abs());
        errors.zip(weights.to_vec::<f64>()).collect::<Vec<_>>()
    };
    let loss = of_rows().iter().map(|(error, weight)| weight * error * error).sum::<f64>() / 24.0;
    assert_relative_eq!(given.loss(), loss, max_relative = 1e-6);
    let (sum, total) = of_rows()
        .iter()
        .fold((0.0, 0.0), |(sum, total), (error, weight)| (sum + weight * error, total + weight));
    assert_relative_eq!(given["mean_absolute_error"], sum / total, max_relative = 1e-6);
    let history = line().fit(&x, &y, Fit::epochs(1).validation_loader(&loader).verbose(0)).unwrap();
    assert_ne!(history.last("val_loss"), history.last("loss"));
}

#[test]
fn what_is_wrong_with_a_loader_that_judges_is_told() {
    let (x, y, _) = rows(8, 1);
    let check = |loader: &Loader<_>, message: &str| {
        let error = line().fit(&x, &y, Fit::epochs(1).validation_loader(loader).verbose(0)).unwrap_err();
        assert_eq!(error.to_string(), format!("fit: {message}"));
        let error = line().evaluate_loader(loader).unwrap_err();
        assert_eq!(error.to_string(), format!("evaluate_loader: {message}"));
    };
    let pieces = |n: usize, width: usize, is_read: bool| {
        let piece = move |_| {
            let rows = (Tensor::ones([4, width]), Tensor::ones([4, 1]));
            if is_read { Ok(rows) } else { Err(DataError::NoRows) }
        };
        Loader::new(from_fn(n, piece), 4).unwrap()
    };
    check(&pieces(0, 1, true), "the loader has no batches");
    check(&pieces(1, 2, true), "the model takes other rows\n  row  [2]   <- expected [1]");
    check(&pieces(1, 1, false), "rows: a tensor of shape [] has no axis of rows");
}

#[test]
fn a_weighted_batch_trains_as_a_weighted_fit_does() {
    let mut rng = Rng::seed(4);
    let x = Tensor::randn([12, 2], &mut rng);
    let y = Indices::from((0..12).map(|row| row % 3).collect::<Vec<usize>>());
    let by_row = Tensor::uniform([12], 0.0, 2.0, &mut rng);
    let classifier = || {
        let model = Sequential::new([2]).add(Dense::units(3).softmax());
        model.compile(Sgd::new(0.1), SparseCategoricalCrossentropy::new()).metric(Accuracy)
    };
    let by_class = [(1, 3.0), (2, 0.5)];
    let fit = || Fit::epochs(1).batch_size(12).shuffle(false).verbose(0);
    for (weights, fit) in [
        (Weights::rows(&by_row), fit().sample_weights(&by_row)),
        (Weights::classes(by_class), fit().class_weights(by_class)),
        (Weights::rows(&by_row).and_classes(by_class), fit().sample_weights(&by_row).class_weights(by_class)),
    ] {
        let (mut stepped, mut fitted) = (classifier(), classifier());
        let scores = stepped.train_on_weighted_batch(&x, y.clone(), &weights).unwrap();
        let history = fitted.fit(&x, y.clone(), fit).unwrap();
        assert_eq!(scores.loss(), history.last("loss"));
        assert_eq!(scores["accuracy"], history.last("accuracy"));
        for ((name, given), (_, expected)) in stepped.parameters().iter().zip(fitted.parameters()) {
            assert_eq!(given.to_vec::<f32>(), expected.to_vec::<f32>(), "{name}");
        }
    }
}

#[test]
fn weights_that_are_none_are_refused() {
    let (x, y, _) = rows(4, 1);
    let check = |weights: Weights, message: &str| {
        let error = line().train_on_weighted_batch(&x, &y, &weights).unwrap_err();
        assert_eq!(error.to_string(), format!("train_on_weighted_batch: {message}"));
    };
    let message = "sample_weights has the shape [3], expected [4], one for each row";
    check(Weights::rows(&Tensor::ones([3])), message);
    let message = "class_weights: the weight of class 2 is -1, expected a finite number of at least 0";
    check(Weights::classes([(2, -1.0)]), message);
}
