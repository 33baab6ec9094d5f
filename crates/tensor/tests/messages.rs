//! Mistakes panic at the caller's line, with the operation, the shapes and a hint.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::{Mutex, PoisonError};

use wengert_tensor::{Indices, Tape, Tensor, grad};

static HOOK: Mutex<()> = Mutex::new(());

/// The message and the line of the panic of `f`.
fn panic_of(f: impl FnOnce()) -> (String, String, u32) {
    use std::sync::Arc;
    let _alone = HOOK.lock().unwrap_or_else(PoisonError::into_inner);
    let seen = Arc::new(Mutex::new(None));
    let (hook, inside) = (take_hook(), seen.clone());
    set_hook(Box::new(move |info| {
        let message = info.payload_as_str().unwrap_or("").to_string();
        let place = info.location().map(|place| (place.file().to_string(), place.line()));
        *inside.lock().unwrap() = Some((message, place));
    }));
    let result = catch_unwind(AssertUnwindSafe(f));
    set_hook(hook);
    assert!(result.is_err(), "it did not panic");
    let (message, place) = seen.lock().unwrap().take().unwrap();
    let (file, line) = place.unwrap();
    (message, file, line)
}

#[track_caller]
fn check(expected: &str, f: impl FnOnce()) {
    let (message, file, _) = panic_of(f);
    assert_eq!(message, expected);
    assert_eq!(file, file!(), "the panic is not at the caller's line");
}

fn zeros<const N: usize>(shape: [usize; N]) -> Tensor {
    Tensor::zeros(shape)
}

#[test]
fn shape_mistakes_say_what_was_given_and_expected() {
    check(
        "matmul: inner sizes differ\n  left   [64, 784]\n  right  [512, 784]   <- expected 784 rows\n  \
         help: did you mean `x.matmul(&w.t())`?",
        || drop(zeros([64, 784]).matmul(&zeros([512, 784]))),
    );
    check(
        "add: shapes do not broadcast\n  left   [2, 3]\n  right  [2, 4]   <- axis 1 is 4, expected 1 or 3",
        || drop(zeros([2, 3]) + zeros([2, 4])),
    );
    check("reshape: 6 elements do not fill [4]\n  given   [2, 3]\n  wanted  [4]   <- holds 4", || {
        drop(zeros([2, 3]).reshape([4]))
    });
    check("sum: axis 2 does not exist\n  given   [2, 3], which has 2 axes", || {
        drop(zeros([2, 3]).sum_axes(2))
    });
    check("sum: axis 1 is named twice in [1, -1]", || drop(zeros([2, 3]).sum_axes([1, -1])));
    check("slice: the slice reaches index 4 of axis 0\n  given  [4]   <- axis 0 has size 4", || {
        drop(zeros([4]).slice(0, 2..5))
    });
    check("max: there is no maximum of no elements\n  given  [0]", || drop(zeros([0]).max()));
    check("sparse_cross_entropy: class 3 does not exist\n  logits  [1, 3]   <- classes 0..3", || {
        drop(zeros([1, 3]).cross_entropy(Indices::from([3])))
    });
    check("at: index [2] lies outside the shape [2]", || {
        zeros([2]).at([2]);
    });
    check("matmul: inner sizes differ\n  left   [3]\n  right  [2, 3]   <- expected 3 rows", || {
        drop(zeros([3]).matmul(&zeros([2, 3])))
    });
    check(
        "concat: piece 1 does not fit\n  first    [2, 3]\n  piece 1  [2, 4]   <- only axis 0 may differ",
        || drop(Tensor::concat(&[&zeros([2, 3]), &zeros([2, 4])], 0)),
    );
    check("index_select: index 2 lies outside axis 0\n  given  [2]   <- axis 0 has size 2", || {
        drop(zeros([2]).index_select(0, &Indices::from([2])))
    });
    check("einsum: the sizes of label `j` differ: 3 and 4\n  given  [4, 2]", || {
        drop(Tensor::einsum("ij,jk->ik", &[&zeros([2, 3]), &zeros([4, 2])]))
    });
    check("split: [1, 2] add up to 3\n  given  [4]   <- axis 0 has size 4", || {
        drop(zeros([4]).split(&[1, 2], 0))
    });
    check("squeeze: axis 0 of [2] has size 2, not 1", || drop(zeros([2]).squeeze(0)));
}

#[test]
fn mistakes_of_differentiation_say_what_to_do() {
    check(
        "grad: only a scalar has a gradient\n  given   [2]\n  help: reduce it, for example with `.sum()` or `.mean()`",
        || drop(grad(|x| x * 2.0, &zeros([2]))),
    );
    check(
        "gradient: the tensor [2] is not on this tape\n  help: call `tracked()` on it before it is used",
        || drop(Tape::of(&zeros([2]).tracked().sum()).gradient(&zeros([2]))),
    );
}

#[test]
fn the_line_is_the_callers() {
    let (a, b) = (zeros([2]), zeros([3]));
    let (_, _, line) = panic_of(|| drop(&a * &b));
    assert_eq!(line, line!() - 1);
}

#[test]
fn a_tape_prints_operation_shape_inputs_and_line() {
    let w = Tensor::from([[1.0], [2.0]]).tracked();
    let y = zeros([3, 2]).matmul(&w).tanh().mean();
    let (leaf, rest) = (line!() - 2, line!() - 1);
    let printed = Tape::of(&y).to_string();
    let fields: Vec<Vec<&str>> = printed.lines().map(|line| line.split_whitespace().collect()).collect();
    let at = |line: u32| format!("{}:{line}", file!());
    assert_eq!(fields[0], ["0", "leaf", "[2,", "1]", "f32", &at(leaf)]);
    assert_eq!(fields[1], ["1", "matmul", "[3,", "1]", "f32", "(·,", "0)", &at(rest)]);
    assert_eq!(fields[2], ["2", "tanh", "[3,", "1]", "f32", "(1)", &at(rest)]);
    assert_eq!(fields[3], ["3", "mean", "[]", "f32", "(2)", &at(rest)]);
}
