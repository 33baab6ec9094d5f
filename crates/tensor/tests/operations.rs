//! A tape as a list: operations, their values, derivatives and slopes.

extern crate wengert_tensor as wengert;

use std::ops::Neg;

use wengert_tensor::{Tape, Tensor, grad};

#[track_caller]
fn check(found: Option<&Tensor>, expected: &[f32]) {
    assert_eq!(found.map(|x| x.to_vec::<f32>()).as_deref(), Some(expected));
}

#[test]
fn operations_are_listed_with_their_inputs_and_lines() {
    let x = Tensor::from([1.0, 2.0]).tracked();
    let y = (&x * &x).tanh();
    let tape = Tape::of(&y);
    let operations = tape.operations();
    let named: Vec<(usize, &str)> = operations.iter().map(|op| (op.number, op.name)).collect();
    assert_eq!(named, [(0, "leaf"), (1, "mul"), (2, "tanh")]);
    assert_eq!(operations[0].inputs, [None]);
    assert_eq!(operations[1].inputs, [Some(0), Some(0)]);
    assert_eq!(operations[2].site.line(), line!() - 7);
    assert_eq!((tape.number_of(&x), tape.number_of(&y)), (Some(0), Some(2)));
    assert_eq!(tape.number_of(&Tensor::from(1.0)), None);
}

#[test]
fn values_that_are_not_kept_are_computed_again() {
    let x = Tensor::from([1.0, -2.0]).tracked();
    let loss = (&x + 3.0).neg().square().sum();
    let values = Tape::of(&loss).values();
    check(values[0].as_ref(), &[1.0, -2.0]);
    check(values[1].as_ref(), &[4.0, 1.0]);
    check(values[2].as_ref(), &[-4.0, -1.0]);
    check(values[3].as_ref(), &[16.0, 1.0]);
    check(values[4].as_ref(), &[17.0]);
}

#[test]
fn derivatives_belong_to_every_operation() {
    let x = Tensor::from([1.0, -2.0]).tracked();
    let y = &x * 3.0;
    let loss = (y.square() * &x).sum(); // 9 x³
    let derivatives = Tape::of(&loss).derivatives();
    check(derivatives[0].as_ref(), &[27.0, 108.0]); // 27 x²
    check(derivatives[1].as_ref(), &[6.0, 24.0]); // 2 y x
    check(derivatives[2].as_ref(), &[1.0, -2.0]); // x
    check(derivatives[4].as_ref(), &[1.0]);
    assert!(derivatives.iter().flatten().all(|dy| !dy.is_tracked()));
}

#[test]
fn a_slope_is_that_of_the_operation_alone() {
    let x = Tensor::from([0.0, 0.5]).tracked();
    let y = x.tanh().square();
    let tape = Tape::of(&y);
    let slope = tape.slope(1).expect("tanh is elementwise").to_vec::<f32>();
    let expected = grad(|x| x.tanh().sum(), &x.detach()).to_vec::<f32>();
    assert_eq!(slope, expected);
    assert!(tape.slope(0).is_none(), "a leaf has no argument on the tape");
    let sum = x.sum();
    assert!(Tape::of(&sum).slope(1).is_none(), "a sum is not elementwise");
}

#[test]
#[should_panic(expected = "slope: there is no operation 7 on a tape of 2")]
fn a_slope_of_nothing_is_refused() {
    let y = Tensor::from([1.0]).tracked().tanh();
    Tape::of(&y).slope(7);
}

#[test]
#[should_panic(expected = "derivatives: only a scalar has a gradient\n  given   [2]")]
fn derivatives_of_many_numbers_are_refused() {
    let y = Tensor::from([1.0, 2.0]).tracked().tanh();
    Tape::of(&y).derivatives();
}

#[test]
fn an_empty_tape_has_nothing_to_list() {
    let y = Tensor::from(1.0);
    let tape = Tape::of(&y);
    assert!(tape.operations().is_empty() && tape.values().is_empty() && tape.derivatives().is_empty());
}
