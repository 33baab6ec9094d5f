//! How an array prints: dtype, shape, and its elements in nested brackets, the middle of long axes left out.

use std::fmt;

use crate::array::Array;
use crate::dispatch;

/// An axis longer than this prints only its first and last entries.
const LONG: usize = 8;

/// How many entries of a long axis are printed at each end.
const ENDS: usize = 3;

impl fmt::Debug for Array {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gap = if self.rank() > 1 { "\n" } else { " " };
        write!(formatter, "{} {}{gap}", self.dtype(), self.shape())?;
        write_axis(self, formatter, &mut Vec::new())
    }
}

fn write_axis(array: &Array, formatter: &mut fmt::Formatter<'_>, index: &mut Vec<usize>) -> fmt::Result {
    let depth = index.len();
    if depth == array.rank() {
        let value = array.get(index);
        return dispatch!(array.dtype(), T => write!(formatter, "{}", value as T));
    }
    let size = array.shape()[depth];
    let is_last_axis = depth + 1 == array.rank();
    formatter.write_str("[")?;
    for i in (0..size).filter(|&i| size <= LONG || i <= ENDS || i >= size - ENDS) {
        if i > 0 {
            write_separator(formatter, is_last_axis, depth)?;
        }
        if size > LONG && i == ENDS {
            formatter.write_str("...")?;
        } else {
            index.push(i);
            write_axis(array, formatter, index)?;
            index.pop();
        }
    }
    formatter.write_str("]")
}

fn write_separator(formatter: &mut fmt::Formatter<'_>, is_last_axis: bool, depth: usize) -> fmt::Result {
    if is_last_axis {
        return formatter.write_str(", ");
    }
    write!(formatter, ",\n{:width$}", "", width = depth + 1)
}
