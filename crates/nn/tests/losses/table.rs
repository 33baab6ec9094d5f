//! Every loss with an output and a target. A new loss joins with one line, and a test finds one that has none.

use std::path::Path;

use wengert_nn::*;
use wengert_tensor::{DType, Indices, Rng, Shape, Target, Tensor};

use Activation::{Exponential, Linear, LogSigmoid, LogSoftmax, Sigmoid, Softmax};
use Numbers::*;

/// A loss, reduced in a way, with an output and a target for it.
pub(crate) struct Case {
    pub(crate) label: &'static str,
    make: fn(Reduction) -> Box<dyn Loss>,
    activation: Activation,
    /// The output before its activation.
    pub(crate) raw: Tensor,
    pub(crate) target: Target,
}

impl Case {
    pub(crate) fn loss(&self, reduction: Reduction) -> Box<dyn Loss> {
        (self.make)(reduction)
    }

    pub(crate) fn output(&self, raw: &Tensor) -> Output {
        Output { raw: raw.clone(), activation: self.activation }
    }
}

/// What an output or a target is made of: five rows of four, unless it says otherwise.
enum Numbers {
    Reals,
    Positive,
    /// Between 0 and 1.
    Shares,
    /// Rows that add to 1.
    Distribution,
    /// 0 and 1.
    Answers,
    OneHot,
    Labels,
    /// Means and logarithms of variances.
    Twice,
    Pairs,
    /// -1 and 1, one for each row.
    Signs,
}

type Row = (&'static str, fn(Reduction) -> Box<dyn Loss>, Activation, Numbers, Numbers);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("mse", |r| Box::new(MeanSquaredError::new().reduce(r)), Linear, Reals, Reals),
    ("mae", |r| Box::new(MeanAbsoluteError::new().reduce(r)), Linear, Reals, Reals),
    ("mape", |r| Box::new(MeanAbsolutePercentageError::new().reduce(r)), Linear, Reals, Positive),
    ("msle", |r| Box::new(MeanSquaredLogarithmicError::new().reduce(r)), Linear, Positive, Positive),
    ("msle exact", |r| Box::new(MeanSquaredLogarithmicError::new().keras_exact().reduce(r)), Linear, Positive, Positive),
    ("huber", |r| Box::new(Huber::new().delta(0.7).reduce(r)), Linear, Reals, Reals),
    ("log-cosh", |r| Box::new(LogCosh::new().reduce(r)), Linear, Reals, Reals),
    ("bce", |r| Box::new(BinaryCrossentropy::new().reduce(r)), Linear, Shares, Answers),
    ("bce of sigmoid", |r| Box::new(BinaryCrossentropy::new().reduce(r)), Sigmoid, Reals, Shares),
    ("bce of log_sigmoid", |r| Box::new(BinaryCrossentropy::new().reduce(r)), LogSigmoid, Reals, Answers),
    ("bce of logits", |r| Box::new(BinaryCrossentropy::new().from_logits().reduce(r)), Linear, Reals, Answers),
    ("bce smoothed", |r| Box::new(BinaryCrossentropy::new().label_smoothing(0.2).reduce(r)), Sigmoid, Reals, Answers),
    ("bce weighted", |r| Box::new(BinaryCrossentropy::new().positive_weight(3.0).reduce(r)), Sigmoid, Reals, Shares),
    ("bce exact", |r| Box::new(BinaryCrossentropy::new().keras_exact().reduce(r)), Sigmoid, Reals, Shares),
    ("cce", |r| Box::new(CategoricalCrossentropy::new().reduce(r)), Linear, Shares, Distribution),
    ("cce of softmax", |r| Box::new(CategoricalCrossentropy::new().reduce(r)), Softmax, Reals, OneHot),
    ("cce of log_softmax", |r| Box::new(CategoricalCrossentropy::new().reduce(r)), LogSoftmax, Reals, OneHot),
    ("cce of logits", |r| Box::new(CategoricalCrossentropy::new().from_logits().reduce(r)), Linear, Reals, Distribution),
    ("cce smoothed", |r| Box::new(CategoricalCrossentropy::new().label_smoothing(0.2).reduce(r)), Softmax, Reals, OneHot),
    ("cce weighted", |r| Box::new(CategoricalCrossentropy::new().class_weights(&[1.0, 2.0, 0.5, 0.0]).reduce(r)), Softmax, Reals, OneHot),
    ("cce exact", |r| Box::new(CategoricalCrossentropy::new().keras_exact().reduce(r)), Softmax, Reals, Distribution),
    ("scce", |r| Box::new(SparseCategoricalCrossentropy::new().reduce(r)), Linear, Shares, Labels),
    ("scce of softmax", |r| Box::new(SparseCategoricalCrossentropy::new().reduce(r)), Softmax, Reals, Labels),
    ("scce of logits", |r| Box::new(SparseCategoricalCrossentropy::new().from_logits().reduce(r)), Linear, Reals, Labels),
    ("scce smoothed", |r| Box::new(SparseCategoricalCrossentropy::new().label_smoothing(0.2).reduce(r)), Softmax, Reals, Labels),
    ("scce weighted", |r| Box::new(SparseCategoricalCrossentropy::new().class_weights(&[1.0, 2.0, 0.5, 1.0]).reduce(r)), Softmax, Reals, Labels),
    ("scce exact", |r| Box::new(SparseCategoricalCrossentropy::new().keras_exact().reduce(r)), Softmax, Reals, Labels),
    ("binary focal", |r| Box::new(BinaryFocalCrossentropy::new().reduce(r)), Linear, Shares, Answers),
    ("binary focal of sigmoid", |r| Box::new(BinaryFocalCrossentropy::new().gamma(1.5).alpha(0.25).reduce(r)), Sigmoid, Reals, Answers),
    ("binary focal exact", |r| Box::new(BinaryFocalCrossentropy::new().keras_exact().reduce(r)), Sigmoid, Reals, Shares),
    ("binary focal smoothed", |r| Box::new(BinaryFocalCrossentropy::new().label_smoothing(0.2).reduce(r)), Sigmoid, Reals, Answers),
    ("categorical focal", |r| Box::new(CategoricalFocalCrossentropy::new().reduce(r)), Linear, Shares, OneHot),
    ("categorical focal of softmax", |r| Box::new(CategoricalFocalCrossentropy::new().gamma(3.0).alpha(1.0).reduce(r)), Softmax, Reals, OneHot),
    ("categorical focal exact", |r| Box::new(CategoricalFocalCrossentropy::new().keras_exact().reduce(r)), Softmax, Reals, Distribution),
    ("categorical focal smoothed", |r| Box::new(CategoricalFocalCrossentropy::new().label_smoothing(0.2).reduce(r)), Softmax, Reals, OneHot),
    ("kl", |r| Box::new(KlDivergence::new().reduce(r)), Linear, Distribution, Distribution),
    ("kl of softmax", |r| Box::new(KlDivergence::new().reduce(r)), Softmax, Reals, OneHot),
    ("kl of logits", |r| Box::new(KlDivergence::new().from_logits().reduce(r)), Linear, Reals, Distribution),
    ("kl exact", |r| Box::new(KlDivergence::new().keras_exact().reduce(r)), Softmax, Reals, OneHot),
    ("poisson", |r| Box::new(Poisson::new().reduce(r)), Linear, Positive, Positive),
    ("poisson of exponential", |r| Box::new(Poisson::new().reduce(r)), Exponential, Reals, Positive),
    ("poisson of log rates", |r| Box::new(Poisson::new().from_log_rates().reduce(r)), Linear, Reals, Positive),
    ("poisson exact", |r| Box::new(Poisson::new().keras_exact().reduce(r)), Linear, Positive, Positive),
    ("gaussian", |r| Box::new(GaussianNll::new().reduce(r)), Linear, Twice, Reals),
    ("hinge", |r| Box::new(Hinge::new().reduce(r)), Linear, Reals, Answers),
    ("squared hinge", |r| Box::new(SquaredHinge::new().reduce(r)), Linear, Reals, Answers),
    ("categorical hinge", |r| Box::new(CategoricalHinge::new().reduce(r)), Linear, Reals, OneHot),
    ("cosine", |r| Box::new(CosineSimilarity::new().reduce(r)), Linear, Reals, Reals),
    ("margin ranking", |r| Box::new(MarginRanking::new().margin(0.3).reduce(r)), Linear, Pairs, Signs),
];

pub(crate) fn cases() -> impl Iterator<Item = Case> {
    TABLE.iter().enumerate().map(|(place, &(label, make, activation, ref output, ref target))| {
        let rng = &mut Rng::seed(place as u64);
        let Target::Values(raw) = numbers(output, rng) else { panic!("{label}: an output of labels") };
        Case { label, make, activation, raw, target: numbers(target, rng) }
    })
}

fn numbers(kind: &Numbers, rng: &mut Rng) -> Target {
    let mut uniform = |shape: [usize; 2], low: f64, high: f64| -> Tensor {
        rng.uniform(Shape::from(shape), low, high, DType::F64).into()
    };
    let classes = Indices::from([0, 3, 1, 2, 2]);
    let values = match kind {
        Reals => uniform([5, 4], -2.0, 2.0),
        Positive => uniform([5, 4], 0.2, 3.0),
        Shares => uniform([5, 4], 0.1, 0.9),
        Distribution => uniform([5, 4], -1.0, 1.0).softmax(-1),
        Answers => uniform([5, 4], -1.0, 1.0).greater(0.0).to_tensor(DType::F64),
        OneHot => Tensor::one_hot(&classes, 4).cast(DType::F64),
        Labels => return classes.into(),
        Twice => uniform([5, 8], -2.0, 2.0),
        Pairs => uniform([5, 2], -1.0, 1.0),
        Signs => Tensor::new(vec![1.0, -1.0, 1.0, 0.0, -1.0], [5]),
    };
    values.into()
}

/// The names of the structs that implement `Loss`.
fn implemented() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/loss");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let names = |text: String| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("impl Loss for "));
        lines.map(|line| line.trim_end_matches(" {").to_string()).collect()
    };
    files.flat_map(names).collect()
}

#[test]
fn every_loss_is_in_the_table_and_on_the_page() {
    let names = implemented();
    assert!(names.len() >= 19, "{names:?}");
    let table = include_str!("table.rs");
    let page = include_str!("../../../../docs/losses.md");
    for name in names {
        assert!(table.contains(&format!("{name}::new()")), "{name} is not in the table");
        assert!(page.contains(&format!("`{name}`")), "{name} is not on the page docs/losses.md");
    }
    for name in Activation::NAMES {
        assert!(page.contains(&format!("`{name}`")), "{name} is not on the page docs/losses.md");
    }
}
