//! What a tape holds and what its operations cost: the number of operations, of arithmetic operations and of bytes.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use wengert_array::Array;

use super::{Source, Tape};
use crate::Tensor;

/// What a tape holds and costs. `Display` prints it as a table.
///
/// # Examples
/// ```
/// use wengert_tensor::{Tape, Tensor};
///
/// let w = Tensor::ones([3, 2]).tracked();
/// let loss = Tensor::ones([4, 3]).matmul(&w).square().sum();
/// let statistics = Tape::of(&loss).statistics();
/// assert_eq!((statistics.n_operations, statistics.n_leaves), (4, 1));
/// assert_eq!(statistics.flops, 2 * 4 * 3 * 2 + 8 + 8);             // matmul, square, sum
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Operations, leaves included.
    pub n_operations: usize,
    /// Leaves: tensors that were made the beginning of a graph, such as parameters.
    pub n_leaves: usize,
    /// Arithmetic operations of the forward pass, by [`Op::flops`](crate::Op::flops): an addition, a product and a value
    /// of `tanh` count 1 each, a matrix product `2mnk`, a reduction one for each of its inputs, and what only moves
    /// numbers nothing. The sweep takes about twice as many.
    pub flops: u64,
    /// Bytes that the tape keeps alive of what was computed on the way, for the derivatives to read. Buffers are counted
    /// whole, as the pool gave them out, and once, however many operations and views share them.
    pub bytes_computed: usize,
    /// Bytes that the tape keeps alive of what was there before: leaves and untracked inputs. They cost nothing while
    /// the program holds them too. Indices and masks that belong to an operation itself are not counted.
    pub bytes_given: usize,
    /// The operations of each name, those with the most arithmetic first.
    pub by_name: Vec<OperationCount>,
}

/// The operations of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationCount {
    /// The operation's name.
    pub name: &'static str,
    /// How many there are.
    pub n: usize,
    /// The arithmetic operations of all together.
    pub flops: u64,
}

impl Tape<'_> {
    /// The number of operations, leaves included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was tracked.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether a tensor is on this tape.
    pub fn holds(&self, x: &Tensor) -> bool {
        self.find(x).is_some()
    }

    /// Counts operations, arithmetic and the bytes that the tape keeps alive.
    ///
    /// # Examples
    /// See [`Statistics`].
    pub fn statistics(&self) -> Statistics {
        let mut by_name: BTreeMap<&'static str, OperationCount> = BTreeMap::new();
        for entry in &self.entries {
            let rule = &entry.node.rule;
            let count =
                by_name.entry(rule.name()).or_insert(OperationCount { name: rule.name(), n: 0, flops: 0 });
            count.n += 1;
            count.flops += rule.flops();
        }
        let mut by_name: Vec<OperationCount> = by_name.into_values().collect();
        by_name.sort_by_key(|count| std::cmp::Reverse(count.flops));
        let [bytes_given, bytes_computed] = self.bytes_kept();
        Statistics {
            n_operations: self.len(),
            n_leaves: (0..self.len()).filter(|&index| self.is_leaf(index)).count(),
            flops: by_name.iter().map(|count| count.flops).sum(),
            bytes_computed,
            bytes_given,
            by_name,
        }
    }

    /// Whether an entry has nothing tracked to come from.
    pub(super) fn is_leaf(&self, index: usize) -> bool {
        self.sources_of(index).iter().all(|source| matches!(source, Source::Untracked))
    }

    /// The bytes of buffers that were given, and of those that were computed.
    fn bytes_kept(&self) -> [usize; 2] {
        let (mut given, mut computed) = (Vec::new(), Vec::new());
        for (index, entry) in self.entries.iter().enumerate() {
            let rule = &entry.node.rule;
            for (arg, source) in
                self.sources_of(index).iter().enumerate().filter(|&(arg, _)| rule.has_input(arg))
            {
                let is_computed = matches!(*source, Source::Entry(source) if !self.is_leaf(source as usize));
                (if is_computed { &mut computed } else { &mut given }).push(rule.input(arg));
            }
            if rule.has_output() {
                computed.push(rule.output());
            }
        }
        // What is given goes first: a view of it was computed, but is no memory of its own.
        let mut seen = HashSet::new();
        [given, computed].map(|arrays| arrays.into_iter().map(|array| new_bytes(array, &mut seen)).sum())
    }
}

/// The bytes of an array's buffer, unless it was seen before.
fn new_bytes(array: &Array, seen: &mut HashSet<usize>) -> usize {
    match array.buffer_address() {
        Some(address) if seen.insert(address) => array.bytes(),
        _ => 0,
    }
}

impl Statistics {
    /// All bytes that the tape keeps alive.
    pub fn bytes_kept(&self) -> usize {
        self.bytes_computed + self.bytes_given
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.by_name.iter().map(|count| count.name.chars().count()).max().unwrap_or(0).max(9);
        writeln!(f, "{:<width$}  {:>7}  {:>15}", "operation", "count", "flops")?;
        for OperationCount { name, n, flops } in &self.by_name {
            writeln!(f, "{name:<width$}  {:>7}  {:>15}", grouped(*n as u64), grouped(*flops))?;
        }
        writeln!(
            f,
            "{:<width$}  {:>7}  {:>15}",
            "all",
            grouped(self.n_operations as u64),
            grouped(self.flops)
        )?;
        let [computed, given] = [self.bytes_computed, self.bytes_given].map(|bytes| grouped(bytes as u64));
        write!(f, "keeps {computed} bytes computed on the way, {given} bytes of leaves and data")
    }
}

/// A number with a comma after every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
