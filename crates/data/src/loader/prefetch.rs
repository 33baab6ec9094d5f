//! Threads that read pieces ahead of time, and hand them out in order.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::{DataError, Dataset};

/// The pieces at the given places, in that order, whoever has read them.
pub(super) struct Prefetch<D: Dataset> {
    shared: Arc<Shared<D>>,
    /// How many pieces the caller has got.
    n_taken: usize,
    has_workers: bool,
}

struct Shared<D: Dataset> {
    dataset: Arc<D>,
    places: Vec<usize>,
    state: Mutex<State<D::Piece>>,
    changed: Condvar,
}

struct State<P> {
    /// The place among `places` that the next free worker reads.
    next: usize,
    /// Workers read below this.
    end: usize,
    is_dropped: bool,
    ready: BTreeMap<usize, Read<P>>,
}

/// What came of reading a piece; a panic goes on in the caller's thread.
type Read<P> = Result<Result<P, DataError>, Box<dyn Any + Send>>;

impl<D: Dataset> Prefetch<D> {
    pub(super) fn new(dataset: &Arc<D>, places: Vec<usize>, n_workers: usize, n_ahead: usize) -> Prefetch<D> {
        let state = State { next: 0, end: n_ahead, is_dropped: false, ready: BTreeMap::new() };
        let n_useful = n_workers.min(places.len()).min(n_ahead);
        let dataset = Arc::clone(dataset);
        let shared = Arc::new(Shared { dataset, places, state: Mutex::new(state), changed: Condvar::new() });
        let mut has_workers = false;
        for _ in 0..n_useful {
            let worker = Arc::clone(&shared);
            // Where the system has no more threads, those that there are do the work, or the caller does.
            has_workers |=
                thread::Builder::new().name("wengert-loader".into()).spawn(move || worker.work()).is_ok();
        }
        Prefetch { shared, n_taken: 0, has_workers }
    }

    /// The next piece, for which this waits.
    pub(super) fn next(&mut self) -> Option<Result<D::Piece, DataError>> {
        let place = *self.shared.places.get(self.n_taken)?;
        self.n_taken += 1;
        if !self.has_workers {
            return Some(self.shared.dataset.piece(place));
        }
        Some(self.shared.take(self.n_taken - 1).unwrap_or_else(|panic| resume_unwind(panic)))
    }
}

impl<D: Dataset> Drop for Prefetch<D> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.is_dropped = true;
        state.ready.clear();
        drop(state);
        self.shared.changed.notify_all();
    }
}

impl<D: Dataset> Shared<D> {
    /// What every worker does until there is nothing left, or nobody who wants it.
    fn work(&self) {
        while let Some(turn) = self.next_turn() {
            let read = catch_unwind(AssertUnwindSafe(|| self.dataset.piece(self.places[turn])));
            let mut state = self.lock();
            if state.is_dropped {
                return;
            }
            state.ready.insert(turn, read);
            drop(state);
            self.changed.notify_all();
        }
    }

    fn next_turn(&self) -> Option<usize> {
        let is_to_wait = |state: &mut State<D::Piece>| {
            !state.is_dropped && state.next < self.places.len() && state.next >= state.end
        };
        let waited = self.changed.wait_while(self.lock(), is_to_wait);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.is_dropped || state.next >= self.places.len() {
            return None;
        }
        state.next += 1;
        Some(state.next - 1)
    }

    /// The piece of this turn. That it is taken makes room for another.
    fn take(&self, turn: usize) -> Read<D::Piece> {
        let mut state = self.lock();
        loop {
            if let Some(read) = state.ready.remove(&turn) {
                state.end += 1;
                drop(state);
                self.changed.notify_all();
                return read;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// No code of others runs under the lock, so that a panic cannot leave the state half-changed.
    fn lock(&self) -> MutexGuard<'_, State<D::Piece>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
