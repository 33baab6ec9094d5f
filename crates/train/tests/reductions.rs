//! A loss is reduced over all rows, also where they are more than are computed at a time.

use approx::assert_relative_eq;
use wengert_nn::{Dense, Layer, Loss, Reduction, Sequential, SparseCategoricalCrossentropy};
use wengert_optim::Sgd;
use wengert_tensor::{DType, Indices, Module, Regularizer, Rng, Target, Tensor};
use wengert_train::{Compile, Fit};

const REDUCTIONS: [Reduction; 3] = [Reduction::Mean, Reduction::WeightedMean, Reduction::Sum];

const N_ROWS: usize = 600;

/// Rows of three classes, one class after the other.
fn data() -> (Tensor, Target) {
    let x = Tensor::randn([N_ROWS, 4], &mut Rng::seed(1)).cast(DType::F64);
    (x, Indices::from((0..N_ROWS).map(|row| row * 3 / N_ROWS).collect::<Vec<_>>()).into())
}

fn model() -> Sequential {
    let units = Dense::units(3).weight_regularizer(Regularizer::l2(0.1)).softmax();
    Sequential::new([4]).add(units).cast(DType::F64)
}

fn losses(reduction: Reduction) -> [SparseCategoricalCrossentropy; 2] {
    let loss = SparseCategoricalCrossentropy::new().reduce(reduction);
    [loss.clone(), loss.class_weights(&[1.0, 5.0, 0.0])]
}

#[test]
fn the_loss_of_an_evaluation_is_that_of_all_rows_at_once() {
    let ((x, y), model) = (data(), model());
    for loss in REDUCTIONS.into_iter().flat_map(losses) {
        let expected = loss.value(&model.forward_raw(&x), &y).item() + model.penalty().item();
        let compiled = model.clone().compile(Sgd::new(0.0), loss.clone());
        let given = compiled.evaluate(&x, y.clone()).unwrap().loss();
        assert_relative_eq!(given, expected, max_relative = 1e-13);
    }
}

#[test]
fn so_is_the_loss_of_a_validation_and_the_weights_of_rows_count_in_it() {
    let ((x, y), model) = (data(), model());
    let weights = Tensor::uniform([N_ROWS], 0.0, 2.0, &mut Rng::seed(2)).cast(DType::F64);
    for loss in REDUCTIONS.into_iter().flat_map(losses) {
        let fit = Fit::epochs(1).validation_split(0.5).sample_weights(&weights).verbose(0);
        let mut compiled = model.clone().compile(Sgd::new(0.0), loss.clone());
        let history = compiled.fit(&x, y.clone(), fit).unwrap();
        let Target::Labels(labels) = &y else { unreachable!("they are labels") };
        let rest = Indices::from(labels.iter().skip(N_ROWS / 2).collect::<Vec<_>>());
        let (output, weights) =
            (model.forward_raw(&x.slice(0, N_ROWS / 2..)), weights.slice(0, N_ROWS / 2..));
        let expected = loss.weighted_value(&output, &rest.into(), &weights).item() + model.penalty().item();
        assert_relative_eq!(history.last("val_loss"), expected, max_relative = 1e-13);
    }
}
