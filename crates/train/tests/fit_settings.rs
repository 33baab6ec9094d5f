//! Settings of `fit` that Keras has: weights of classes, epochs of so many steps, splits by class; single steps and loaders.

use std::sync::{Arc, Mutex};

use approx::assert_relative_eq;
use wengert_data::{DataError, InMemory, Loader, from_fn};
use wengert_nn::{
    CategoricalCrossentropy, Dense, MeanSquaredError, Sequential, SparseCategoricalCrossentropy,
};
use wengert_optim::{Adam, Sgd};
use wengert_tensor::{Indices, Module, Rng, Target, Tensor};
use wengert_train::{Accuracy, Compile, Compiled, Custom, Fit, MeanAbsoluteError};

fn weights(model: &impl Module) -> Vec<Vec<f32>> {
    model.parameters().iter().map(|(_, param)| param.to_vec()).collect()
}

fn classifier() -> Compiled<Sequential> {
    let model = Sequential::new([2]).add(Dense::units(3).softmax());
    model.compile(Adam::new(0.02), SparseCategoricalCrossentropy::new()).metric(Accuracy)
}

fn classified(n: usize) -> (Tensor, Indices) {
    let mut rng = Rng::seed(9);
    (Tensor::randn([n, 2], &mut rng), Indices::from((0..n).map(|_| rng.below(3)).collect::<Vec<usize>>()))
}

fn fit(epochs: usize) -> Fit {
    Fit::epochs(epochs).batch_size(8).seed(1).verbose(0)
}

/// The targets that a model was shown, batch by batch.
type Shown = Arc<Mutex<Vec<Vec<f32>>>>;

/// A model that does not learn, and what it is shown.
fn witness() -> (Compiled<Sequential>, Shown) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let batches = Arc::clone(&seen);
    let record = Custom::batches("seen", move |_, target| {
        let Target::Values(values) = target else { panic!("values") };
        batches.lock().unwrap().push(values.to_vec::<f32>());
        0.0
    });
    let model = Sequential::new([1]).add(Dense::units(1));
    (model.compile(Sgd::new(0.0), MeanSquaredError::new()).metric(record), seen)
}

#[test]
fn weights_of_classes_are_weights_of_rows() {
    let (x, y) = classified(50);
    let by_row: Vec<f32> = y.iter().map(|label| [1.0, 0.5, 4.0][label]).collect();
    let by_row = Tensor::new(by_row, [50]);
    let of = |settings: Fit, y: Target| {
        let mut model = match y {
            Target::Labels(_) => classifier(),
            Target::Values(_) => classifier()
                .into_model()
                .compile(Adam::new(0.02), CategoricalCrossentropy::new())
                .metric(Accuracy),
        };
        let history = model.fit(&x, y, settings).unwrap();
        (history, weights(model.model()))
    };
    let expected = of(fit(3).sample_weights(&by_row), y.clone().into());
    let classes = [(1, 0.5), (2, 4.0), (7, 100.0)];
    assert_eq!(of(fit(3).class_weights(classes), y.clone().into()), expected);
    let one_hot = of(fit(3).class_weights(classes), Tensor::one_hot(&y, 3).into());
    for (a, b) in one_hot.1.concat().iter().zip(expected.1.concat()) {
        assert_relative_eq!(*a, b, max_relative = 1e-4, epsilon = 1e-6);
    }
    // And both together are their product.
    let halves = Tensor::full([50], 0.5);
    let both = of(fit(3).class_weights(classes).sample_weights(&halves), y.clone().into());
    assert_eq!(both, of(fit(3).sample_weights(&(&by_row * 0.5)), y.into()));
}

#[test]
fn weights_of_classes_do_not_count_in_validation() {
    let (x, y) = classified(40);
    let mut model = classifier();
    let history = model.fit(&x, &y, fit(1).validation_split(0.5).class_weights([(0, 9.0)])).unwrap();
    let labels = Indices::from(y.iter().skip(20).collect::<Vec<usize>>());
    let evaluation = model.evaluate(&x.slice(0, 20..40), labels).unwrap();
    assert_relative_eq!(history.last("val_loss"), evaluation.loss(), max_relative = 1e-6);
}

#[test]
fn epochs_of_so_many_steps_go_on_where_the_last_one_ended() {
    let (mut model, seen) = witness();
    let x = Tensor::arange(5).reshape([5, 1]);
    let settings = Fit::epochs(3).batch_size(2).steps_per_epoch(2).shuffle(false).verbose(0);
    assert_eq!(model.fit(&x, &x, settings).unwrap().epochs(), 3);
    let batches = seen.lock().unwrap();
    assert_eq!(
        *batches,
        [vec![0.0, 1.0], vec![2.0, 3.0], vec![4.0], vec![0.0, 1.0], vec![2.0, 3.0], vec![4.0]]
    );
}

#[test]
fn every_pass_over_the_rows_has_an_order_of_its_own() {
    let (mut model, seen) = witness();
    let x = Tensor::arange(32).reshape([32, 1]);
    // Four batches a pass, three an epoch.
    model.fit(&x, &x, Fit::epochs(4).batch_size(8).steps_per_epoch(3).verbose(0)).unwrap();
    let batches = seen.lock().unwrap();
    let passes: Vec<Vec<f32>> = batches.chunks(4).map(|batches| batches.concat()).collect();
    for pass in &passes {
        let mut rows = pass.clone();
        rows.sort_by(f32::total_cmp);
        assert_eq!(rows, x.to_vec::<f32>(), "every row once");
    }
    assert!(passes[0] != passes[1] && passes[1] != passes[2]);
}

#[test]
fn epochs_count_on_from_the_initial_one() {
    let (x, y) = classified(30);
    let (mut whole, mut parts) = (classifier(), classifier());
    let history = whole.fit(&x, &y, fit(5)).unwrap();
    parts.fit(&x, &y, fit(2)).unwrap();
    let rest = parts.fit(&x, &y, fit(5).initial_epoch(2)).unwrap();
    assert_eq!((rest.first_epoch(), rest.epochs()), (3, 3));
    assert_eq!(rest["loss"], history["loss"][2..]);
    assert!(rest.to_string().contains("\n    3  "), "{rest}");
    assert_eq!(rest.best("loss").epoch, 5);
}

#[test]
fn a_single_step_is_that_of_fit() {
    let (x, y) = classified(8);
    let (mut fitted, mut stepped) = (classifier(), classifier());
    for _ in 0..3 {
        let history = fitted.fit(&x, &y, fit(1).shuffle(false)).unwrap();
        let scores = stepped.train_on_batch(&x, &y).unwrap();
        assert_eq!((scores.loss(), scores["accuracy"]), (history.last("loss"), history.last("accuracy")));
    }
    assert_eq!(weights(fitted.model()), weights(stepped.model()));
    let message = "train_on_batch: the model takes other rows\n  row  [3]   <- expected [2]";
    assert_eq!(stepped.train_on_batch(&Tensor::ones([4, 3]), &y).unwrap_err().to_string(), message);
}

/// 60 rows of class 0, then 40 of class 1, as a file sorted by class has them.
fn sorted() -> (Tensor, Tensor) {
    let x = Tensor::arange(100).reshape([100, 1]) / 100.0;
    let y = x.greater(0.595).to_tensor(x.dtype());
    (x, y)
}

#[test]
fn a_tail_with_other_classes_is_warned_of() {
    let (x, y) = sorted();
    let model = || witness().0;
    let history = model().fit(&x, &y, Fit::epochs(1).validation_split(0.25).verbose(0)).unwrap();
    let message = "validation_split: the last rows have other classes than those before them\n  class 0  80 % of the rows \
                   to train on, 0 % of those to validate with\n  help: `stratified` divides every class alike; or shuffle the rows before";
    assert_eq!(history.warnings(), [message]);
    // Numbers have no classes, and rows that are mixed nothing to warn of.
    let history = model().fit(&x, &x, Fit::epochs(1).validation_split(0.25).verbose(0)).unwrap();
    assert!(history.warnings().is_empty());
    let mixed = Tensor::new((0..100).map(|row| (row % 2) as f32).collect::<Vec<_>>(), [100, 1]);
    let history = model().fit(&x, &mixed, Fit::epochs(1).validation_split(0.25).verbose(0)).unwrap();
    assert!(history.warnings().is_empty());
}

#[test]
fn a_stratified_split_takes_the_last_rows_of_each_class() {
    let (x, y) = sorted();
    let (mut model, seen) = witness();
    let settings =
        || Fit::epochs(1).batch_size(200).validation_split(0.25).stratified().shuffle(false).verbose(0);
    let history = model.fit(&x, &y, settings()).unwrap();
    assert!(history.warnings().is_empty());
    let ones = |batch: &[f32]| batch.iter().filter(|&&y| y == 1.0).count();
    {
        let batches = seen.lock().unwrap();
        let sizes: Vec<(usize, usize)> = batches.iter().map(|batch| (batch.len(), ones(batch))).collect();
        assert_eq!(sizes, [(75, 30), (25, 10)]);
    }
    // Weights go with their rows: of the second class only the last ten count, which are for validation.
    let by_row: Vec<f32> = (0..100).map(|row| if row >= 90 { 1.0 } else { 0.0 }).collect();
    let identity = Sequential::new([1]).add(Dense::from_tensors(Tensor::from([[0.0]]), Tensor::from([0.0])));
    let mut model = identity.compile(Sgd::new(0.0), MeanSquaredError::new());
    let history = model.fit(&x, &y, settings().sample_weights(&Tensor::new(by_row, [100]))).unwrap();
    assert_eq!((history.last("loss"), history.last("val_loss")), (0.0, 0.4_f32.into()));
}

#[test]
fn a_loader_trains_as_its_rows_do() {
    let (x, y) = classified(50);
    let loader =
        |batch_size| Loader::new(InMemory::new(&(x.clone(), y.clone()), 7).unwrap(), batch_size).unwrap();
    let (mut in_memory, mut loaded) = (classifier(), classifier());
    let settings = || Fit::epochs(3).validation(&x, &y).verbose(0);
    let expected = in_memory.fit(&x, &y, settings().batch_size(8).shuffle(false)).unwrap();
    assert_eq!(loaded.fit_loader(&loader(8), settings()).unwrap(), expected);
    assert_eq!(weights(loaded.model()), weights(in_memory.model()));
    // Weights of classes and epochs of so many steps go with it too.
    let expected = in_memory
        .fit(&x, &y, settings().batch_size(8).shuffle(false).class_weights([(1, 3.0)]).steps_per_epoch(4))
        .unwrap();
    let given =
        loaded.fit_loader(&loader(8), settings().class_weights([(1, 3.0)]).steps_per_epoch(4)).unwrap();
    assert_eq!(given, expected);
    assert_eq!(weights(loaded.model()), weights(in_memory.model()));
}

#[test]
fn a_loader_gives_weights_and_new_orders() {
    let (x, y) = (Tensor::arange(30).reshape([30, 1]), Tensor::zeros([30, 1]));
    let by_row = Tensor::from(std::array::from_fn::<f32, 30, _>(|row| (row % 3) as f32));
    let rows = (x.clone(), y.clone(), by_row.clone());
    let line = || {
        let line = Sequential::new([1]).add(Dense::from_tensors(Tensor::from([[1.0]]), Tensor::from([0.0])));
        line.compile(Sgd::new(0.0), MeanSquaredError::new()).weighted_metric(MeanAbsoluteError)
    };
    let loader = Loader::new(InMemory::new(&rows, 4).unwrap(), 10).unwrap().shuffled(5, 30).workers(2);
    let given = line().fit_loader(&loader, Fit::epochs(2).verbose(0)).unwrap();
    let expected =
        line().fit(&x, &y, Fit::epochs(2).batch_size(10).sample_weights(&by_row).verbose(0)).unwrap();
    for name in ["loss", "mean_absolute_error"] {
        assert_relative_eq!(given.last(name), expected.last(name), max_relative = 1e-6);
    }
    let (mut model, seen) = witness();
    let loader = Loader::new(InMemory::new(&(x.clone(), x), 4).unwrap(), 30).unwrap().shuffled(5, 30);
    model.fit_loader(&loader, Fit::epochs(2).verbose(0)).unwrap();
    let batches = seen.lock().unwrap();
    assert_ne!(batches[0], batches[1]);
}

#[test]
fn what_a_loader_cannot_give_is_refused() {
    let pieces = |wrong: bool| {
        from_fn(3, move |place| {
            if place == 2 && wrong {
                return Err(DataError::NoRows);
            }
            Ok((Tensor::ones([4, 2]), Indices::from(vec![place; 4])))
        })
    };
    let loader = |wrong| Loader::new(pieces(wrong), 4).unwrap();
    let check = |settings: Fit, message: &str| {
        let error = classifier().fit_loader(&loader(false), settings.verbose(0)).unwrap_err();
        assert_eq!(error.to_string(), format!("fit_loader: {message}"));
    };
    let message = "batch_size does not go with a loader\n  help: give the loader the size of its batches";
    check(Fit::epochs(1).batch_size(4), message);
    let message =
        "sample_weights does not go with a loader\n  help: let the data set give them: (x, y, weights)";
    check(Fit::epochs(1).sample_weights(&Tensor::ones([12])), message);
    let message = "validation_split does not go with a loader\n  help: validate with rows of their own: \
                   `.validation(&x, &y)` or `.validation_loader(&loader)`";
    check(Fit::epochs(1).validation_split(0.5), message);
    check(Fit::epochs(0), "the number of epochs is 0, expected at least 1");
    // What goes wrong later leaves the steps before.
    let mut model = classifier();
    let before = weights(model.model());
    let error = model.fit_loader(&loader(true), Fit::epochs(1).verbose(0)).unwrap_err();
    assert_eq!(error.to_string(), "fit_loader: rows: a tensor of shape [] has no axis of rows");
    assert_ne!(weights(model.model()), before);
    let wide = Loader::new(from_fn(1, |_| Ok((Tensor::ones([4, 3]), Indices::from([0; 4])))), 4).unwrap();
    let error = classifier().fit_loader(&wide, Fit::epochs(1).verbose(0)).unwrap_err();
    assert_eq!(error.to_string(), "fit_loader: the model takes other rows\n  row  [3]   <- expected [2]");
    let none = Loader::new(from_fn(0, |_| Ok((Tensor::ones([4, 2]), Indices::from([0; 4])))), 4).unwrap();
    for settings in [Fit::epochs(1), Fit::epochs(1).steps_per_epoch(3)] {
        let error = classifier().fit_loader(&none, settings.verbose(0)).unwrap_err();
        assert_eq!(error.to_string(), "fit_loader: the loader has no batches");
    }
}

#[test]
fn settings_that_are_wrong() {
    let (x, y) = (Tensor::ones([4, 1]), Tensor::from([0.5, 1.0, 2.0, -1.0]));
    let check = |settings: Fit, y: &Target, message: &str| {
        let error = witness().0.fit(&x, y, settings.verbose(0)).unwrap_err();
        assert_eq!(error.to_string(), format!("fit: {message}"));
    };
    let values = Target::from(&y);
    let message = "initial_epoch is 3, expected less than the number of epochs, 3";
    check(Fit::epochs(3).initial_epoch(3), &values, message);
    check(Fit::epochs(3).steps_per_epoch(0), &values, "steps_per_epoch is 0, expected at least 1");
    check(Fit::epochs(3).stratified(), &values, "stratified needs a validation_split above 0");
    let message = "stratified: the target does not tell classes, expected labels, one-hot rows, or 0 and 1";
    check(Fit::epochs(3).validation_split(0.5).stratified(), &values, message);
    let message = "class_weights: the weight of class 2 is -1, expected a finite number of at least 0";
    check(Fit::epochs(3).class_weights([(1, 1.0), (2, -1.0)]), &values, message);
    check(Fit::epochs(3).class_weights([(1, 1.0)]), &values, "class_weights: 0.5 in row 0 is no class");
}
