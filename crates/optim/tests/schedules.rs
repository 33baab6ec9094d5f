//! Schedules are those of Keras and PyTorch. `golden/schedules.json` was made with Keras 3.15.1 in float64.

use approx::relative_eq;
use serde_json::Value;
use wengert_optim::{
    Cosine, Exponential, InverseTime, OneCycle, Optimizer, Piecewise, Polynomial, Schedule, Sgd, StepDecay,
    Train, Tune,
};
use wengert_tensor::{Param, Tensor, value_and_grad};

/// Keras' nine, under the names of the file.
fn schedules() -> Vec<(&'static str, Box<dyn Schedule>)> {
    vec![
        ("ExponentialDecay(0.1,10,0.5)", Box::new(Exponential::new(0.1, 10.0, 0.5))),
        (
            "ExponentialDecay(0.1,10,0.5,staircase=True)",
            Box::new(Exponential::new(0.1, 10.0, 0.5).staircase(10)),
        ),
        ("PiecewiseConstantDecay([5,15],[1.0,0.5,0.1])", Box::new(Piecewise::new([5, 15], [1.0, 0.5, 0.1]))),
        ("PolynomialDecay(0.1,20,0.01,power=2.0)", Box::new(Polynomial::new(0.1, 20, 0.01).power(2.0))),
        (
            "PolynomialDecay(0.1,20,0.01,power=1.0,cycle=True)",
            Box::new(Polynomial::new(0.1, 20, 0.01).cycle()),
        ),
        ("InverseTimeDecay(0.1,5,0.5)", Box::new(InverseTime::new(0.1, 5.0, 0.5))),
        ("CosineDecay(0.1,20,alpha=0.05)", Box::new(Cosine::new(0.1, 20).alpha(0.05))),
        ("CosineDecay(0.0,20,warmup_target=0.1,warmup_steps=5)", Box::new(Cosine::new(0.1, 20).warmup(5))),
        (
            "CosineDecayRestarts(0.1,10,t_mul=2.0,m_mul=0.9)",
            Box::new(Cosine::new(0.1, 10).restarts().lower(0.9)),
        ),
    ]
}

#[test]
fn every_schedule_of_keras_is_met() {
    let file: Value = serde_json::from_str(include_str!("golden/schedules.json")).unwrap();
    let steps = file["steps"].as_array().unwrap();
    for (name, schedule) in schedules() {
        for (step, expected) in steps.iter().zip(file["values"][name].as_array().unwrap()) {
            let (step, expected) = (step.as_u64().unwrap(), expected.as_f64().unwrap());
            let given = schedule.rate(step);
            assert!(
                relative_eq!(given, expected, max_relative = 1e-12, epsilon = 1e-17),
                "{name} at {step}: {given}, expected {expected}"
            );
        }
    }
    assert_eq!(file["values"].as_object().unwrap().len(), schedules().len());
}

/// Periods of 10, 20, 40, … begin at 0, 10, 30, 70, …; with a factor of 1 or 1.5 the sums are others.
#[test]
fn restarts_come_at_the_sums_of_the_periods() {
    for (longer, starts) in
        [(2.0, vec![0, 10, 30, 70, 150, 310, 10_230]), (1.0, vec![0, 10, 20, 990]), (1.5, vec![0, 10, 25])]
    {
        let schedule = Cosine::new(0.1, 10).restarts().longer(longer);
        for start in starts {
            assert!((schedule.rate(start) - 0.1).abs() < 1e-12, "{longer}: {start}");
            assert!(start == 0 || schedule.rate(start - 1) < 0.01, "{longer}: before {start}");
        }
    }
}

/// The formula of PyTorch's page of `OneCycleLR`: from `max / 25` up in 30 % of the steps, down to `max / 25 / 10⁴`.
#[test]
fn one_cycle_has_its_phases() {
    let cycle = OneCycle::new(1.0, 100);
    let half_cosine = |from: f64, to: f64, share: f64| {
        to + (from - to) / 2.0 * (1.0 + (std::f64::consts::PI * share).cos())
    };
    for step in 0..=29 {
        let expected = half_cosine(0.04, 1.0, step as f64 / 29.0);
        assert!((cycle.rate(step) - expected).abs() < 1e-14, "{step}");
    }
    for step in 29..100 {
        let expected = half_cosine(1.0, 4e-6, (step - 29) as f64 / 70.0);
        assert!((cycle.rate(step) - expected).abs() < 1e-14, "{step}");
    }
    assert_eq!(cycle.rate(1_000_000), cycle.rate(99));
    assert_eq!(OneCycle::new(1.0, 1).ends(0.5, 0.25).rate(0), 0.25);
}

#[test]
fn schedules_combine() {
    let schedule = StepDecay::new(0.8, 10, 0.5).times(0.5).then(20, 0.1).warmup(4);
    let rates = [0, 1, 4, 13, 14, 24, 99].map(|step| schedule.rate(step));
    assert_eq!(rates, [0.0, 0.1, 0.4, 0.4, 0.2, 0.1, 0.1]);
    assert_eq!(0.4.warmup(4).from(0.2).rate(1), 0.25);
    assert_eq!((|step: u64| step as f64).staircase(3).rate(8), 6.0);
}

#[test]
fn a_schedule_counts_updates_and_ends_when_a_rate_is_set() {
    let mut weight = Param::new(Tensor::from([8.0]));
    let mut sgd = Sgd::default().schedule(|step| [0.5, 0.25, 0.0][step as usize]);
    let mut step = |sgd: &mut Sgd| {
        let (_, grads) = value_and_grad(&weight, |w| w.square().sum() * 0.5);
        sgd.step(&mut weight, &grads);
        (weight.item(), sgd.learning_rate())
    };
    assert_eq!(step(&mut sgd), (4.0, 0.25));
    assert_eq!(step(&mut sgd), (3.0, 0.0));
    sgd.set_learning_rate(1.0);
    assert_eq!(step(&mut sgd), (0.0, 1.0));
}
