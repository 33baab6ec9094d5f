//! Settings that make no sense are refused at the caller's line. One test, because the hook serves the whole process.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use wengert_optim::{Adam, Optimizer, Sgd};

thread_local! {
    static SEEN: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

#[track_caller]
fn check(expected: &str, f: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(f)).is_err(), "not refused: {expected}");
    let (message, file) = SEEN.take().unwrap();
    assert_eq!(message, expected);
    assert_eq!(file, file!(), "the panic is not at the caller's line");
}

#[test]
fn numbers_that_no_step_can_use_are_refused() {
    set_hook(Box::new(|info| {
        let file = info.location().map(|place| place.file().to_string());
        SEEN.set(Some((info.payload_as_str().unwrap_or("").to_string(), file.unwrap_or_default())));
    }));
    for wrong in [-1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let message = |what: &str| format!("{what} {wrong} is not a finite number of at least 0");
        check(&message("sgd: the learning rate"), || drop(Sgd::new(wrong)));
        check(&message("adam: the learning rate"), || drop(Adam::new(wrong)));
        check(&message("adam: epsilon"), || drop(Adam::default().epsilon(wrong)));
        let (mut sgd, mut adam) = (Sgd::default(), Adam::default());
        check(&message("sgd: the learning rate"), || sgd.set_learning_rate(wrong));
        check(&message("adam: the learning rate"), || adam.set_learning_rate(wrong));
        assert_eq!((sgd.learning_rate(), adam.learning_rate()), (0.01, 0.001));
    }
    check("sgd: the momentum 1 lies outside [0, 1)", || drop(Sgd::new(0.1).momentum(1.0)));
    check("adam: the decay 1 lies outside [0, 1)", || drop(Adam::default().betas(0.9, 1.0)));
    assert_eq!(Sgd::new(0.0).learning_rate(), 0.0);
}
