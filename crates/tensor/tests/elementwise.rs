//! What the catalogue cannot say of elementwise operations: logic on masks, operands, messages and high orders.

use std::panic::catch_unwind;

use wengert_tensor::{DType, Mask, Tensor, grad};

fn mask(values: [f32; 4]) -> Mask {
    Tensor::from(values).greater(0.0)
}

#[test]
fn connectives_have_their_truth_tables() {
    let (a, b) = (mask([0.0, 0.0, 1.0, 1.0]), mask([0.0, 1.0, 0.0, 1.0]));
    assert_eq!((&a & &b).to_vec(), [false, false, false, true]);
    assert_eq!((&a | &b).to_vec(), [false, true, true, true]);
    assert_eq!((&a ^ &b).to_vec(), [false, true, true, false]);
    assert_eq!((!&a).to_vec(), [true, true, false, false]);
    assert_eq!((!(a.clone() & b.clone())).to_vec(), (!a | !b).to_vec());
}

#[test]
fn masks_broadcast() {
    let row = Tensor::from([[1.0, -1.0]]).greater(0.0);
    let column = Tensor::from([[1.0], [-1.0]]).greater(0.0);
    assert_eq!((row & column).to_vec(), [true, false, false, false]);
}

#[test]
fn a_selection_by_connected_masks_is_differentiated_where_it_is_taken() {
    let x = Tensor::from([-1.0, 0.5, 2.0]);
    let inside = |x: &Tensor| (x.greater(0.0) & x.less(1.0)).select(&x.square(), 0.0).sum();
    assert_eq!(grad(inside, &x).to_vec::<f32>(), [0.0, 1.0, 0.0]);
}

#[track_caller]
fn message(f: impl FnOnce() + std::panic::UnwindSafe) -> String {
    *catch_unwind(f).unwrap_err().downcast::<String>().unwrap()
}

#[test]
fn messages_name_the_operation_and_what_was_given() {
    let bounds = message(|| drop(Tensor::from(1.0).clamp(2.0, 1.0)));
    assert_eq!(bounds, "clamp: the lower bound 2 is not below the upper bound 1");
    let shapes = message(|| drop(mask([0.0; 4]) & Tensor::from([1.0, 2.0, 3.0]).greater(0.0)));
    assert!(shapes.starts_with("and: ") && shapes.contains("[4]") && shapes.contains("[3]"), "{shapes}");
    let halves = message(|| drop(Tensor::zeros([2, 3]).glu(1)));
    assert_eq!(halves, "glu: axis 1 has no halves\n  given  [2, 3]   <- size 3 is odd");
}

#[test]
fn a_number_takes_the_type_of_the_tensor_beside_it() {
    let (single, double) = (Tensor::from([1.0, 2.0]), Tensor::new(vec![1.0_f64, 2.0], [2]));
    let functions: [fn(&Tensor) -> Tensor; 4] =
        [|x| x.maximum(1.5), |x| x.pow(2.0), |x| x.atan2(1), |x| x.remainder(0.3_f64)];
    for f in functions {
        assert_eq!((f(&single).dtype(), f(&double).dtype()), (DType::F32, DType::F64));
    }
    assert_eq!(single.maximum(&double).dtype(), DType::F64);
}

#[test]
fn lgamma_can_be_differentiated_without_end() {
    let x = Tensor::scalar(1.0, DType::F64);
    let third = grad(|x| grad(|x| grad(|x| x.lgamma(), x), x), &x).item();
    let fourth = grad(|x| grad(|x| grad(|x| grad(|x| x.lgamma(), x), x), x), &x).item();
    let (zeta_3, pi) = (1.202_056_903_159_594_2, std::f64::consts::PI);
    assert!((third + 2.0 * zeta_3).abs() < 1e-14, "{third}");
    assert!((fourth - pi.powi(4) / 15.0).abs() < 1e-13, "{fourth}");
}

#[test]
fn smooth_activations_are_differentiated_to_the_third_order() {
    let functions: [fn(&Tensor) -> Tensor; 6] =
        [Tensor::gelu, Tensor::gelu_tanh, Tensor::silu, Tensor::mish, Tensor::softplus, |x| {
            x.squareplus(4.0)
        }];
    for f in functions {
        let second = |x: &Tensor| grad(|x| grad(f, x), x);
        let (x, step) = (0.7, 1e-5);
        let at = |x: f64| second(&Tensor::scalar(x, DType::F64)).item();
        let third = grad(second, &Tensor::scalar(x, DType::F64)).item();
        assert!((third - (at(x + step) - at(x - step)) / (2.0 * step)).abs() < 1e-9, "{third}");
    }
}
