//! What a model's own code refuses is shown at the line that called `fit`, `evaluate` or `predict`. One test, because the
//! hook serves the whole process.

extern crate wengert_tensor as wengert;

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use wengert_nn::{Dense, Layer, MeanSquaredError};
use wengert_optim::Sgd;
use wengert_tensor::{Module, Rng, Tensor};
use wengert_train::{Compile, Fit};

/// A model that does not say which rows it takes, and may leave its second layer out.
#[derive(Module, Clone, Debug)]
struct Mlp {
    hidden: Dense,
    output: Dense,
    has_output: bool,
}

impl Layer for Mlp {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.hidden.forward(x).relu();
        if self.has_output { self.output.forward(&y) } else { y }
    }
}

thread_local! {
    static SEEN: RefCell<Option<(String, String, u32)>> = const { RefCell::new(None) };
}

/// The function must panic with this message, at the line on which this is called.
#[track_caller]
fn check(expected: &str, f: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(f)).is_err(), "it did not panic");
    let (message, file, line) = SEEN.take().unwrap();
    assert_eq!(message, expected);
    let caller = std::panic::Location::caller();
    assert_eq!(
        (file.as_str(), line),
        (caller.file(), caller.line()),
        "the panic is not at the caller's line"
    );
}

#[test]
fn a_panic_of_the_model_is_at_the_callers_line() {
    set_hook(Box::new(|info| {
        let message = info.payload_as_str().unwrap_or("").to_string();
        let place = info.location().map(|place| (place.file().to_string(), place.line()));
        let (file, line) = place.unwrap_or_default();
        SEEN.set(Some((message, file, line)));
    }));
    let mut rng = Rng::seed(0);
    let mlp = |has_output| Mlp {
        hidden: Dense::new(3, 4, &mut rng),
        output: Dense::new(4, 4, &mut rng),
        has_output,
    };
    let [mut model, mut half] =
        [true, false].map(mlp).map(|m| m.compile(Sgd::default(), MeanSquaredError::new()));
    let (x, y) = (Tensor::ones([5, 2]), Tensor::ones([5, 4]));
    let message = "affine: inner sizes differ\n  left   [1, 2]\n  right  [3, 4]   <- expected 2 rows";
    let fit = Fit::epochs(1).verbose(0);
    check(message, || drop(model.fit(&x, &y, fit.clone())));
    check(message, || drop(model.evaluate(&x, &y)));
    check(message, || drop(model.predict(&x)));
    let message = "value_and_grad: the loss does not depend on `output.weight` [4, 4], `output.bias` [4]\n  help: freeze \
                   what is not to be trained, or call `value_and_grad_allowing_unreached`";
    let x = Tensor::ones([5, 3]);
    check(message, || drop(half.fit(&x, &y, fit)));
}
