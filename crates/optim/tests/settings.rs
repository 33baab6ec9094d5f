//! Settings that make no sense are refused at the caller's line. One test, because the hook serves the whole process.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use wengert_optim::*;
use wengert_tensor::{Param, Tensor, value_and_grad};

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

/// Takes what would have been made.
fn make<T>(_: T) {}

/// What makes something of a number, and what a message calls that.
type Named = (&'static str, fn(f64));

/// What each makes of a rate.
fn rates() -> Vec<Named> {
    vec![
        ("adadelta", |rate| make(Adadelta::new(rate))),
        ("adagrad", |rate| make(Adagrad::pytorch(rate))),
        ("adam", |rate| make(Adam::pytorch(rate))),
        ("adam", |rate| make(AdamW::new(rate))),
        ("adamax", |rate| make(Adamax::new(rate))),
        ("ftrl", |rate| make(Ftrl::new(rate))),
        ("lamb", |rate| make(Lamb::new(rate))),
        ("lbfgs", |rate| make(Lbfgs::new().rate(rate))),
        ("lion", |rate| make(Lion::new(rate))),
        ("muon", |rate| make(Muon::new(rate))),
        ("nadam", |rate| make(Nadam::new(rate))),
        ("radam", |rate| make(RAdam::new(rate))),
        ("rmsprop", |rate| make(RMSprop::new(rate))),
        ("rprop", |rate| make(Rprop::new(rate))),
        ("sgd", |rate| make(Sgd::new(rate))),
        ("sgd", |rate| Sgd::default().set_learning_rate(rate)),
        ("adam", |rate| Box::new(Adam::default()).set_learning_rate(rate)),
    ]
}

/// Other numbers that must be finite and at least 0, by what the message calls them.
fn sizes() -> Vec<Named> {
    vec![
        ("adam: epsilon", |x| make(Adam::default().epsilon(x))),
        ("rmsprop: epsilon", |x| make(RMSprop::default().epsilon(x))),
        ("adagrad: the initial accumulator", |x| make(Adagrad::default().initial_accumulator(x))),
        ("ftrl: the L1 regularization", |x| make(Ftrl::default().regularized(x, 0.0))),
        ("ftrl: the L2 regularization", |x| make(Ftrl::default().regularized(0.0, x))),
        ("ftrl: the shrinkage", |x| make(Ftrl::default().shrinkage(x))),
        ("ftrl: beta", |x| make(Ftrl::default().beta(x))),
        ("muon: the root mean square", |x| make(Muon::default().rms(x))),
        ("muon: the factor of Adam's rate", |x| make(Muon::default().adam_factor(x))),
        ("nadam: the decay of the momentum", |x| make(Nadam::default().momentum_decay(x))),
        ("rprop: the limit of steps", |x| make(Rprop::default().limits(0.0, x))),
        ("lbfgs: the tolerance of gradients", |x| make(Lbfgs::new().tolerances(x, 0.0))),
        ("lbfgs: the tolerance of changes", |x| make(Lbfgs::new().tolerances(0.0, x))),
        ("sgd: the weight decay", |x| make(Sgd::default().weight_decay(x))),
        ("sgd: the L2 decay", |x| make(Sgd::default().l2(x))),
        ("sgd: the limit of gradients", |x| make(Sgd::default().clip_value(x))),
        ("sgd: the limit of gradients", |x| make(Sgd::default().clip_norm(x))),
        ("sgd: the limit of gradients", |x| make(Sgd::default().clip_global_norm(x))),
        ("group: the factor of the rate", |x| make(Group::named("*").rate_factor(x))),
        ("group: the weight decay", |x| make(Group::named("*").weight_decay(x))),
        ("group: the L2 decay", |x| make(Group::named("*").l2(x))),
        ("cosine: the rate", |x| make(Cosine::new(x, 1))),
        ("cosine: alpha", |x| make(Cosine::new(1.0, 1).alpha(x))),
        ("cosine: the factor of the height", |x| make(Cosine::new(1.0, 1).restarts().lower(x))),
        ("exponential: the rate", |x| make(Exponential::new(x, 1.0, 1.0))),
        ("exponential: the factor", |x| make(Exponential::new(1.0, 1.0, x))),
        ("inverse time: the rate", |x| make(InverseTime::new(x, 1.0, 1.0))),
        ("inverse time: the decay", |x| make(InverseTime::new(1.0, 1.0, x))),
        ("one cycle: the rate", |x| make(OneCycle::new(x, 1))),
        ("one cycle: the rate", |x| make(OneCycle::new(1.0, 1).ends(1.0, x))),
        ("piecewise: the rate", |x| make(Piecewise::new([], [x]))),
        ("polynomial: the rate", |x| make(Polynomial::new(x, 1, 0.0))),
        ("polynomial: the last rate", |x| make(Polynomial::new(1.0, 1, x))),
        ("polynomial: the power", |x| make(Polynomial::new(1.0, 1, 0.0).power(x))),
        ("step decay: the rate", |x| make(StepDecay::new(x, 1, 1.0))),
        ("step decay: the factor", |x| make(StepDecay::new(1.0, 1, x))),
        ("warmup: the first rate", |x| make(1.0.warmup(1).from(x))),
        ("sgd: the scheduled learning rate", |x| make(Sgd::default().schedule(x).learning_rate())),
    ]
}

/// Shares that must lie in [0, 1).
fn shares() -> Vec<Named> {
    vec![
        ("sgd: the momentum", |x| make(Sgd::default().momentum(x))),
        ("sgd: the dampening", |x| make(Sgd::default().dampening(x))),
        ("sgd: the momentum of averages", |x| make(Sgd::default().average(x))),
        ("adam: the decay", |x| make(Adam::default().betas(0.9, x))),
        ("adamax: the decay", |x| make(Adamax::default().betas(x, 0.9))),
        ("lamb: the decay", |x| make(Lamb::default().betas(x, 0.9))),
        ("lion: the decay", |x| make(Lion::default().betas(x, 0.9))),
        ("nadam: the decay", |x| make(Nadam::default().betas(x, 0.9))),
        ("radam: the decay", |x| make(RAdam::default().betas(x, 0.9))),
        ("rmsprop: rho", |x| make(RMSprop::default().rho(x))),
        ("rmsprop: the momentum", |x| make(RMSprop::default().momentum(x))),
        ("adadelta: rho", |x| make(Adadelta::default().rho(x))),
        ("muon: the momentum", |x| make(Muon::default().momentum(x))),
    ]
}

fn others() -> Vec<(&'static str, fn())> {
    vec![
        ("sgd: a dampening of 0.5, expected none beside Nesterov's momentum", || {
            make(Sgd::default().dampening(0.5).nesterov())
        }),
        ("sgd: a dampening of 0.5, expected none beside Nesterov's momentum", || {
            make(Sgd::default().nesterov().dampening(0.5))
        }),
        (
            "sgd: gradients are clipped already, expected one of `clip_value`, `clip_norm`, `clip_global_norm`",
            || make(Sgd::default().clip_norm(1.0).clip_value(1.0)),
        ),
        ("sgd: an update of 0 steps, expected at least 1", || make(Sgd::default().accumulate(0))),
        ("ftrl: the power 1 is not a finite number of at most 0", || make(Ftrl::default().power(1.0))),
        ("rprop: the factors 2 and 0.5, expected one between 0 and 1 and one above 1", || {
            make(Rprop::default().factors(2.0, 0.5))
        }),
        ("rprop: steps between 2 and 1, expected the lesser first", || {
            make(Rprop::default().limits(2.0, 1.0))
        }),
        ("lbfgs: a history of 0 changes, expected at least 1", || make(Lbfgs::new().history(0))),
        ("cosine: the number of updates 0 is not a finite number above 0", || make(Cosine::new(1.0, 0))),
        ("exponential: the number of updates 0 is not a finite number above 0", || {
            make(Exponential::new(1.0, 0.0, 1.0))
        }),
        ("cosine: a period longer by 0.5, expected a finite number of at least 1", || {
            make(Cosine::new(1.0, 1).restarts().longer(0.5))
        }),
        ("one cycle: the share 2 of the rise lies outside [0, 1]", || make(OneCycle::new(1.0, 1).rise(2.0))),
        ("piecewise: 1 rates, expected 2", || make(Piecewise::new([5], [1.0]))),
        ("piecewise: the updates [5, 3], expected them in order", || {
            make(Piecewise::new([5, 3], [1.0, 1.0, 1.0]))
        }),
        ("staircase: a step of 0 updates, expected at least 1", || make(1.0.staircase(0))),
    ]
}

#[test]
fn numbers_that_no_step_can_use_are_refused() {
    set_hook(Box::new(|info| {
        let file = info.location().map(|place| place.file().to_string());
        SEEN.set(Some((info.payload_as_str().unwrap_or("").to_string(), file.unwrap_or_default())));
    }));
    for wrong in [-1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let message = |what: &str| format!("{what} {wrong} is not a finite number of at least 0");
        for (name, of) in rates() {
            check(&message(&format!("{name}: the learning rate")), || of(wrong));
        }
        for (what, of) in sizes() {
            check(&message(what), || of(wrong));
        }
    }
    for wrong in [-0.1, 1.0, f64::NAN] {
        for (what, of) in shares() {
            check(&format!("{what} {wrong} lies outside [0, 1)"), || of(wrong));
        }
    }
    for (message, wrong) in others() {
        check(message, wrong);
    }
    assert_eq!(Sgd::new(0.0).learning_rate(), 0.0);

    let mut weight = Param::new(Tensor::from([1.0]));
    let message = "sgd: keeps no averages of weights\n  help: `.average(0.99)` when it is made";
    check(message, || make(Sgd::default().averaged(&weight)));
    check(message, || Sgd::default().swap_averages(&mut weight));
    let (_, grads) = value_and_grad(&weight, |w| (&**w - 1.0).sqrt().sum());
    check(
        "sgd: the gradient of `` [1] is not finite\n  NaN       0 of 1\n  infinite  1 of 1\n  help: a smaller learning \
         rate, or `skip_nonfinite` to leave such steps out",
        || Sgd::default().step(&mut weight, &grads),
    );
}
