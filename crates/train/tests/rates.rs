//! Learning rates side by side, and the range test.

use std::sync::atomic::{AtomicUsize, Ordering};

use wengert_nn::{Dense, MeanSquaredError, Sequential};
use wengert_optim::Sgd;
use wengert_tensor::{Param, Rng, Tensor};
use wengert_train::{
    Compile, Fit, FitError, History, RateRange, RateSweep, RateVerdict, learning_rate_range,
    learning_rate_sweep,
};

/// One weight, 1 at first, and no bias on the data x = 1, y = 0: with rate r each step takes w by 1 - 2 r.
fn shrinking(rate: f64, n_epochs: usize) -> Result<History, FitError> {
    shrinking_from(1.0, rate, n_epochs)
}

fn shrinking_from(start: f64, rate: f64, n_epochs: usize) -> Result<History, FitError> {
    let (x, y) = (Tensor::from([[1.0]]), Tensor::from([[0.0]]));
    let mut model = Sequential::new([1]).add(Dense::units(1).without_bias());
    wengert_tensor::Module::set_parameter(&mut model, "dense.weight", &Tensor::full([1, 1], start));
    let mut model = model.compile(Sgd::new(rate), MeanSquaredError::new());
    model.fit(&x, &y, Fit::epochs(n_epochs).verbose(0))
}

fn verdicts(sweep: &RateSweep) -> Vec<RateVerdict> {
    sweep.runs().iter().map(|run| sweep.verdict(run)).collect()
}

#[test]
fn the_courses_rates_get_a_verdict_each() -> Result<(), FitError> {
    let sweep = learning_rate_sweep(&[1e-6, 0.1, 0.3, 0.95, 1.2, 1e30], |rate| shrinking(rate, 4))?;
    use RateVerdict::{Best, Diverged, Good, TooHigh, TooLow};
    // After n epochs w² is (1 - 2 r)²ⁿ, and the last loss is that before the last step: n is 3.
    let expected = [TooLow, TooLow, Best, TooHigh, Diverged, Diverged];
    let found = verdicts(&sweep);
    assert_eq!(found[0], expected[0]);
    assert_eq!(found[2..], expected[2..]);
    // 0.8⁶ = 0.26 against 0.4⁶ = 0.004: three quarters of the way.
    assert_eq!(found[1], TooLow);
    assert_eq!(verdicts(&learning_rate_sweep(&[0.4, 0.5], |rate| shrinking(rate, 4))?), [Good, Best]);
    assert_eq!(sweep.judged_by(), "loss");
    assert_eq!(sweep.advice(), "use 0.3; a better one may lie between 0.1 and 0.95");
    assert!(sweep.runs()[5].history.is_none(), "f32 overflows, and the training ends with an error");
    Ok(())
}

#[test]
fn a_training_that_fell_from_far_above_the_others_diverged() -> Result<(), FitError> {
    // As one whose first epoch threw it far away: it falls from 10,000 to 41, above where the others began.
    let sweep = learning_rate_sweep(&[1e-6, 0.3, 2.0], |rate| match rate {
        2.0 => shrinking_from(100.0, 0.3, 4),
        _ => shrinking(rate, 4),
    })?;
    assert_eq!(verdicts(&sweep), [RateVerdict::TooLow, RateVerdict::Best, RateVerdict::Diverged]);
    Ok(())
}

#[test]
fn the_table_names_the_rates_and_ends_with_advice() -> Result<(), FitError> {
    let sweep = learning_rate_sweep(&[1e-6, 0.25], |rate| shrinking(rate, 3))?;
    let expected = "     rate      first loss       last loss          lowest  verdict
     1e-6          1.0000          1.0000          1.0000  too low
     0.25          1.0000          0.0625          0.0625  best

0.25 is the best, and the highest that was tried: try 2.5 too";
    assert_eq!(sweep.to_string(), expected);
    Ok(())
}

#[test]
fn advice_looks_beyond_the_ends() -> Result<(), FitError> {
    let advice =
        |rates: &[f64]| Ok::<_, FitError>(learning_rate_sweep(rates, |rate| shrinking(rate, 3))?.advice());
    assert_eq!(advice(&[0.5, 2.0])?, "0.5 is the best, and the lowest that was tried: try 0.05 too");
    assert_eq!(advice(&[0.5])?, "one rate says little: try 0.05 and 5.0 too");
    assert_eq!(advice(&[1e30, 1e31])?, "every training diverged: try rates below 1e30");
    Ok(())
}

#[test]
fn a_sweep_is_judged_by_validation_where_there_is_one() -> Result<(), FitError> {
    let x = Tensor::normal([40, 2], 0.0, 1.0, &mut Rng::seed(0));
    let y = x.sum_keep(1);
    let sweep = learning_rate_sweep(&[1e-4, 0.1], |rate| {
        let model = Sequential::new([2]).add(Dense::units(1));
        let fit = Fit::epochs(5).validation_split(0.25).verbose(0);
        model.compile(Sgd::new(rate), MeanSquaredError::new()).fit(&x, &y, fit)
    })?;
    assert_eq!(sweep.judged_by(), "val_loss");
    assert_eq!(sweep.best().map(|run| run.rate), Some(0.1));
    assert_eq!(sweep.to_svg().matches("<path").count(), 2);
    Ok(())
}

#[test]
fn wrong_data_end_a_sweep() {
    let (x, y) = (Tensor::ones([4, 2]), Tensor::ones([5, 1]));
    let n_calls = AtomicUsize::new(0);
    let error = learning_rate_sweep(&[0.1, 0.2], |rate| {
        n_calls.fetch_add(1, Ordering::Relaxed);
        let model = Sequential::new([2]).add(Dense::units(1));
        model.compile(Sgd::new(rate), MeanSquaredError::new()).fit(&x, &y, Fit::epochs(1).verbose(0))
    });
    assert!(error.is_err_and(|error| error.to_string().starts_with("fit: x and target differ")));
    assert_eq!(n_calls.into_inner(), 2);
}

#[test]
#[should_panic(expected = "learning_rate_sweep: there are no rates")]
fn no_rates_are_refused() {
    let _ = learning_rate_sweep(&[], |rate| shrinking(rate, 1));
}

#[test]
#[should_panic(expected = "learning_rate_sweep: a rate is 0, expected a finite number greater than 0")]
fn a_rate_of_zero_is_refused() {
    let _ = learning_rate_sweep(&[0.1, 0.0], |rate| shrinking(rate, 1));
}

fn range_of(rates: std::ops::RangeInclusive<f64>) -> RateRange {
    let weight = Param::new(Tensor::from([1.0]));
    learning_rate_range(&weight, Sgd::default(), rates, 200, |w| w.square().sum())
}

/// w² falls for rates below 1, where each step takes w by 1 - 2 r, and fastest near ½.
#[test]
fn a_range_test_finds_where_the_loss_falls_and_where_it_diverges() {
    let range = range_of(1e-4..=1e3);
    assert!(range.has_diverged() && range.rates().len() < 200);
    let (suggestion, limit) = (range.suggestion().expect("a fall"), range.limit().expect("a lowest loss"));
    assert!((1e-3..0.5).contains(&suggestion) && suggestion < limit, "{range}");
    assert!(range.to_string().ends_with(&format!("begin with {suggestion:.1e}, and stay below {limit:.1e}")));
    // The rates grow by one factor, and the losses are those of the formula.
    let factor = range.rates()[1] / range.rates()[0];
    assert!((factor - 1e7_f64.powf(1.0 / 199.0)).abs() < 1e-9);
    let mut w = 1.0;
    for (rate, loss) in range.rates().iter().zip(range.losses()).take(60) {
        assert!((loss / (w * w) - 1.0_f64).abs() < 1e-4);
        w *= 1.0 - 2.0 * rate;
    }
    assert_eq!(range.to_svg().matches("<path").count(), 2);
}

#[test]
fn a_range_without_a_fall_says_so() {
    let low = range_of(1e-9..=1e-7);
    assert_eq!(low.suggestion(), None);
    assert!(low.to_string().ends_with("the loss never fell: try higher rates"), "{low}");
    let high = range_of(100.0..=1e4);
    assert!(high.has_diverged());
    assert!(high.to_string().ends_with("the loss never fell: try lower rates"), "{high}");
}

#[test]
fn a_loss_that_is_not_finite_ends_the_test() {
    let weight = Param::new(Tensor::from([1.0]));
    let mut n = 0;
    let range = learning_rate_range(&weight, Sgd::default(), 1e-3..=1.0, 50, |w| {
        n += 1;
        w.square().sum() * if n == 10 { f64::NAN } else { 1.0 }
    });
    assert!(range.has_diverged());
    assert_eq!((range.losses().len(), range.smoothed().len()), (10, 9));
}

#[test]
#[should_panic(expected = "learning_rate_range: the rates are 1 to 0.1, expected finite ones greater than 0")]
fn a_range_the_wrong_way_round_is_refused() {
    range_of(1.0..=0.1);
}

#[test]
#[should_panic(expected = "learning_rate_range: 1 steps, expected at least 2")]
fn a_range_of_one_step_is_refused() {
    let weight = Param::new(Tensor::from([1.0]));
    learning_rate_range(&weight, Sgd::default(), 0.1..=1.0, 1, |w| w.square().sum());
}
