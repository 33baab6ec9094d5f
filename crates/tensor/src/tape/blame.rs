//! A NaN or an infinity that was found on a tape, and how that reads. The search stands in `tape/nonfinite.rs`.

use std::fmt;
use std::panic::Location;

use wengert_array::{Census, DType, Shape};

/// An operation whose result holds a NaN or an infinity that did not come from an earlier operation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NonFinite {
    /// The number of the operation on the printed tape.
    pub number: usize,
    /// Its name.
    pub operation: &'static str,
    /// Where the program asked for it.
    pub site: &'static Location<'static>,
    /// The shape of its result.
    pub shape: Shape,
    /// The type of its result.
    pub dtype: DType,
    /// Elements that are NaN.
    pub n_nan: usize,
    /// Elements that are infinite.
    pub n_infinite: usize,
    /// The place of the first of them, in row-major order.
    pub first: usize,
    /// What is to blame.
    pub blame: Blame,
    pub(super) arguments: Vec<Argument>,
}

/// What is to blame for a NaN or an infinity.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Blame {
    /// The operation: its arguments were finite. For a NaN they may have been infinite, but held no NaN.
    Operation,
    /// An untracked argument, which held it already.
    Argument(usize),
    /// The tensor that was made a leaf, such as a parameter, held it already.
    Leaf,
    /// One of these: the tape keeps none of the values between them. It happens only where an untracked argument of more
    /// than 16,384 elements is added or subtracted, or otherwise not needed for a derivative.
    Unclear(Vec<Suspect>),
}

/// What may be to blame.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Suspect {
    /// The operation.
    pub operation: &'static str,
    /// Its untracked argument, if that is suspected rather than the operation.
    pub argument: Option<usize>,
    /// Where the program asked for it.
    pub site: &'static Location<'static>,
}

/// What went into the operation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Argument {
    pub(super) shape: Shape,
    pub(super) census: Option<Census>,
}

/// How many suspects are named.
const MOST_SUSPECTS: usize = 6;

impl NonFinite {
    /// What a reader should look at.
    fn help(&self) -> &'static str {
        match (&self.blame, self.n_nan > 0) {
            (Blame::Leaf, _) => {
                "the tensor was not finite before the first operation; look at how it was made or last updated"
            }
            (Blame::Argument(_), _) => {
                "look at where this argument comes from, for example at missing values in the data"
            }
            (Blame::Unclear(_), _) => {
                "track the large argument, or ask whether it is finite before it is used"
            }
            (Blame::Operation, true) => {
                "keep the argument where the operation is defined, for example with `clamp` or a small number added"
            }
            (Blame::Operation, false) => {
                "look for a division by zero, a logarithm of zero, or numbers too large for the type"
            }
        }
    }

    /// The place of the first element that is not finite.
    fn index(&self) -> Vec<usize> {
        let mut rest = self.first;
        let mut index: Vec<usize> = self
            .shape
            .iter()
            .rev()
            .map(|&size| {
                let place = rest % size.max(1);
                rest /= size.max(1);
                place
            })
            .collect();
        index.reverse();
        index
    }
}

impl fmt::Display for NonFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, counted(self.n_nan, self.n_infinite, self.shape.size()))?;
        match &self.blame {
            Blame::Operation => write!(f, ", which no argument held")?,
            Blame::Argument(arg) => write!(f, "; argument {arg} held it already")?,
            Blame::Leaf => write!(f, " before any operation")?,
            Blame::Unclear(suspects) => {
                let what =
                    if suspects.iter().any(|s| s.argument.is_some()) { "or their arguments" } else { "here" };
                write!(f, "; it came from one of these operations {what}, whose values were not kept")?;
            }
        }
        write!(f, ", at {}\n  result      {} {}", self.site, self.shape, self.dtype)?;
        if !self.shape.is_empty() {
            write!(f, "   <- first at {:?}", self.index())?;
        }
        if self.blame != Blame::Leaf {
            for (arg, Argument { shape, census }) in self.arguments.iter().enumerate() {
                write!(f, "\n  argument {arg}  {shape}")?;
                f.write_str(&census.as_ref().map_or(", not kept".to_string(), described))?;
            }
        }
        if let Blame::Unclear(suspects) = &self.blame {
            for suspect in suspects.iter().take(MOST_SUSPECTS) {
                write!(f, "\n  suspect     {suspect}")?;
            }
            if suspects.len() > MOST_SUSPECTS {
                write!(f, "\n  suspect     and {} more", suspects.len() - MOST_SUSPECTS)?;
            }
        }
        write!(f, "\n  help: {}", self.help())
    }
}

impl fmt::Display for Suspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(arg) = self.argument {
            write!(f, "argument {arg} of ")?;
        }
        write!(f, "{} at {}", self.operation, self.site)
    }
}

fn counted(n_nan: usize, n_infinite: usize, size: usize) -> String {
    let verb = |n: usize| if n == 1 { "is" } else { "are" };
    let elements = if size == 1 { "element" } else { "elements" };
    match (n_nan, n_infinite) {
        (n, 0) => format!("{n} of {size} {elements} {} NaN", verb(n)),
        (0, n) => format!("{n} of {size} {elements} {} infinite", verb(n)),
        (n, m) => format!("{n} of {size} {elements} {} NaN and {m} infinite", verb(n)),
    }
}

fn described(census: &Census) -> String {
    let bad = [(census.n_nan, "NaN"), (census.n_infinite, "infinite")];
    let bad: String = bad.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!(", {n} {what}")).collect();
    let Some((least, greatest)) = census.finite else { return bad };
    let who = if bad.is_empty() { "" } else { "others " };
    match least == greatest {
        true => format!("{bad}, {who}all {least}"),
        false => format!("{bad}, {who}from {least} to {greatest}"),
    }
}
