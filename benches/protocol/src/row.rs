//! The rows of the comparison: their description in words is also how they are asked for.

use std::fmt;
use std::str::FromStr;

/// What a contestant is asked to do, again and again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    /// A step of training of dense layers: forward, loss, backward, update. `train 10-100-100-1 relu mse adam 32`
    Train {
        /// The width of the data, then of each layer's output.
        sizes: Vec<usize>,
        /// What comes after every layer but the last.
        hidden: Hidden,
        /// What the output is compared with.
        loss: Loss,
        /// What makes the update.
        optimizer: Optimizer,
        /// How many rows the data have.
        batch: usize,
    },
    /// Dense layers, forward only, with nothing recorded. `infer 10-100-100-1 relu 1`
    Infer {
        /// The width of the data, then of each layer's output.
        sizes: Vec<usize>,
        /// What comes after every layer but the last.
        hidden: Hidden,
        /// How many rows the data have.
        batch: usize,
    },
    /// A product of an `m x k` and a `k x n` matrix. `nn 512x784x128`, rows, inner size, columns
    Product {
        /// Which of the two is given as the transpose of what is in memory.
        layout: Layout,
        /// Rows of the result.
        m: usize,
        /// What is summed over.
        k: usize,
        /// Columns of the result.
        n: usize,
    },
    /// Multiplications and additions in registers alone: the most that the machine can do. `peak`
    Peak,
}

/// The rows of training that are reported.
pub const TRAINING: [&str; 5] = [
    "train 2-2-1 sigmoid mse sgd 1",
    "train 10-100-100-1 relu mse adam 32",
    "train 64-100-100-10 relu entropy adam 32",
    "train 784-512-512-10 relu entropy adam 128",
    "train 1024-4096-4096-1024 relu mse sgd 512",
];

/// The rows of inference that are reported.
pub const INFERENCE: [&str; 3] =
    ["infer 10-100-100-1 relu 1", "infer 784-512-512-10 relu 1", "infer 784-512-512-10 relu 256"];

/// Gives an enum its words: the same list serves reading and writing.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($name::$variant => $word,)* })
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(word: &str) -> Result<$name, String> {
                match word {
                    $($word => Ok($name::$variant),)*
                    _ => Err(format!("`{word}` is none of {:?}", [$($word),*])),
                }
            }
        }
    };
}

words! {
    /// The activation of the hidden layers.
    Hidden {
        /// `max(x, 0)`
        Relu = "relu",
        /// `1 / (1 + exp(-x))`
        Sigmoid = "sigmoid",
    }
}

words! {
    /// What the output is compared with.
    Loss {
        /// The mean squared error.
        SquaredError = "mse",
        /// The cross-entropy of the softmax.
        CrossEntropy = "entropy",
    }
}

words! {
    /// What makes the update.
    Optimizer {
        /// Plain gradient descent, with rate [`Optimizer::rate`].
        Sgd = "sgd",
        /// Adam with its usual constants.
        Adam = "adam",
    }
}

words! {
    /// How the operands of a product lie in memory, row by row.
    Layout {
        /// Both as they are multiplied: a layer's forward pass.
        Plain = "nn",
        /// The left one transposed, `k x m`: the gradient to a layer's weights.
        LeftTransposed = "tn",
        /// The right one transposed, `n x k`: the gradient to a layer's data.
        RightTransposed = "nt",
    }
}

impl Optimizer {
    /// The learning rate that every contestant uses.
    pub fn rate(self) -> f64 {
        match self {
            Optimizer::Sgd => 0.01,
            Optimizer::Adam => 0.001,
        }
    }
}

impl Row {
    /// The floating-point operations of a product; of other rows it is not asked.
    pub fn flops(&self) -> Option<u64> {
        match *self {
            Row::Product { m, k, n, .. } => Some(2 * m as u64 * k as u64 * n as u64),
            _ => None,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Row::Train { sizes, hidden, loss, optimizer, batch } => {
                write!(f, "train {} {hidden} {loss} {optimizer} {batch}", joined(sizes, "-"))
            }
            Row::Infer { sizes, hidden, batch } => write!(f, "infer {} {hidden} {batch}", joined(sizes, "-")),
            Row::Product { layout, m, k, n } => write!(f, "{layout} {m}x{k}x{n}"),
            Row::Peak => f.write_str("peak"),
        }
    }
}

impl FromStr for Row {
    type Err = String;

    fn from_str(text: &str) -> Result<Row, String> {
        let words: Vec<&str> = text.split(' ').collect();
        match words[..] {
            ["train", sizes, hidden, loss, optimizer, batch] => Ok(Row::Train {
                sizes: numbers(sizes, '-')?,
                hidden: hidden.parse()?,
                loss: loss.parse()?,
                optimizer: optimizer.parse()?,
                batch: number(batch)?,
            }),
            ["infer", sizes, hidden, batch] => {
                Ok(Row::Infer { sizes: numbers(sizes, '-')?, hidden: hidden.parse()?, batch: number(batch)? })
            }
            ["peak"] => Ok(Row::Peak),
            [layout, shape] => match numbers(shape, 'x')?[..] {
                [m, k, n] => Ok(Row::Product { layout: layout.parse()?, m, k, n }),
                _ => Err(format!("`{shape}` is not like 64x128x32")),
            },
            _ => Err(format!("`{text}` is no row")),
        }
    }
}

fn joined(sizes: &[usize], separator: &str) -> String {
    sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(separator)
}

fn numbers(text: &str, separator: char) -> Result<Vec<usize>, String> {
    text.split(separator).map(number).collect()
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_written_as_it_is_read() {
        for text in [
            "train 784-512-512-10 relu entropy adam 128",
            "train 2-2-1 sigmoid mse sgd 1",
            "infer 10-100-100-1 relu 256",
            "nn 1x2x3",
            "tn 512x784x128",
            "nt 32x32x32",
            "peak",
        ] {
            assert_eq!(text.parse::<Row>().expect("a row").to_string(), text);
        }
    }

    #[test]
    fn what_is_no_row_is_refused() {
        let error = |text: &str| text.parse::<Row>().expect_err("no row");
        assert_eq!(error("nn 1x2"), "`1x2` is not like 64x128x32");
        assert_eq!(error("tt 1x2x3"), "`tt` is none of [\"nn\", \"tn\", \"nt\"]");
        assert_eq!(error("infer 1-a relu 1"), "`a` is no number");
        assert_eq!(error("train"), "`train` is no row");
    }

    #[test]
    fn a_product_multiplies_and_adds() {
        assert_eq!("nt 2x3x5".parse::<Row>().expect("a row").flops(), Some(60));
        assert_eq!(Row::Peak.flops(), None);
    }
}
