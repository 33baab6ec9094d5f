//! The derivatives that wait during a sweep for their operation's turn.

use wengert_array::{Float, Update, update};

use crate::Tensor;

const NOWHERE: u32 = u32::MAX;

/// A derivative for some of the entries of a tape. Only few wait at a time, however long the tape is, so they share
/// a few slots.
pub(super) struct Adjoints {
    /// The slot of each entry.
    places: Vec<u32>,
    slots: Vec<Option<Tensor>>,
    free: Vec<u32>,
}

impl Adjoints {
    pub(super) fn new(n_entries: usize) -> Adjoints {
        Adjoints { places: vec![NOWHERE; n_entries], slots: Vec::with_capacity(8), free: Vec::new() }
    }

    /// What has arrived for an entry.
    pub(super) fn take(&mut self, index: usize) -> Option<Tensor> {
        let place = std::mem::replace(&mut self.places[index], NOWHERE);
        if place == NOWHERE {
            return None;
        }
        self.free.push(place);
        self.slots[place as usize].take()
    }

    /// Adds a derivative to what has arrived for an entry.
    pub(super) fn add(&mut self, index: usize, dx: Tensor) {
        if self.places[index] == NOWHERE {
            self.places[index] = self.free.pop().unwrap_or_else(|| {
                self.slots.push(None);
                self.slots.len() as u32 - 1
            });
        }
        let slot = &mut self.slots[self.places[index] as usize];
        *slot = Some(match slot.take() {
            None => dx,
            Some(sum) => accumulate(sum, dx),
        });
    }
}

/// The sum, in the buffer of the first where nothing is recorded.
fn accumulate(mut sum: Tensor, dx: Tensor) -> Tensor {
    if sum.origin.is_some() || dx.origin.is_some() || sum.dtype() != dx.dtype() {
        return &sum + &dx;
    }
    update(&Sum, [&mut sum.array], [&dx.array]);
    sum
}

struct Sum;

impl Update<1, 1> for Sum {
    #[inline(always)]
    fn apply<T: Float>(&self, [sum]: [T; 1], [dx]: [T; 1]) -> [T; 1] {
        [sum + dx]
    }
}
