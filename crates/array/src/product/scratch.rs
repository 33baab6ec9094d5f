//! Where a thread keeps its packed copies of the operands.

use std::cell::Cell;
use std::slice;

use crate::dtype::Float;

/// Copies of parts of one operand, one in each slot.
#[derive(Default)]
pub(crate) struct Copies {
    lines: Vec<Line>,
    /// Which part is in each slot.
    parts: Vec<Part>,
}

/// Which part of an operand a copy is of: the cell and the places where the part begins.
pub(crate) type Part = [usize; 4];

/// No part of any operand.
const EMPTY: Part = [usize::MAX; 4];

impl Copies {
    /// The slot that holds a part, `n` numbers of room, after `fill` has made the copy if it is not there.
    pub(crate) fn get<T: Float>(
        &mut self,
        slot: usize,
        n: usize,
        part: Part,
        fill: impl FnOnce(&mut [T]),
    ) -> *const T {
        let n_lines = (n * size_of::<T>()).div_ceil(size_of::<Line>());
        let (first, end) = (slot * n_lines, (slot + 1) * n_lines);
        if self.lines.len() < end {
            self.lines.resize(end, Line([0; size_of::<Line>()]));
        }
        if self.parts.len() <= slot {
            self.parts.resize(slot + 1, EMPTY);
        }
        let numbers = self.lines[first..end].as_mut_ptr().cast::<T>();
        if self.parts[slot] != part {
            // SAFETY: there are as many lines, exclusively borrowed and aligned for any number. They began as zeros and were
            // written as numbers only, and every pattern of bits is a number.
            fill(unsafe { slice::from_raw_parts_mut(numbers, n) });
            self.parts[slot] = part;
        }
        numbers
    }
}

/// Memory as the caches see it.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[allow(dead_code, reason = "it is only room")] [u8; 64]);

/// The copies of both operands.
#[derive(Default)]
pub(crate) struct Scratch {
    pub(crate) left: Copies,
    pub(crate) right: Copies,
}

impl Scratch {
    /// The scratch of this thread, with room but no parts, taken away until it is [given back](Scratch::give_back).
    pub(crate) fn take() -> Scratch {
        let mut scratch = SCRATCH.take();
        scratch.left.parts.clear();
        scratch.right.parts.clear();
        scratch
    }

    pub(crate) fn give_back(self) {
        SCRATCH.set(self);
    }
}

thread_local! {
    static SCRATCH: Cell<Scratch> = const { Cell::new(Scratch { left: Copies { lines: Vec::new(), parts: Vec::new() }, right: Copies { lines: Vec::new(), parts: Vec::new() } }) };
}
