//! Who works on what: the tasks of a product's cells, which threads take one after the other, each from a cell of its own and
//! then from the others'. So a thread that is held up, or runs on a slower core, leaves the rest of its cell to those that
//! are done. What a task is stands in `order`.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::thread::yield_now;

use crate::team::share;

/// Cells at most, and so threads that work on a product.
pub(crate) const MOST_CELLS: usize = 64;

/// The tasks of all cells.
pub(crate) struct Queues {
    n_cells: usize,
    /// The next task of each cell.
    next: [AtomicUsize; MOST_CELLS],
    /// What each worker does, as [`place`] writes it, or something before that in the same cell.
    doing: [AtomicU64; MOST_CELLS],
}

/// A task of a cell, in the hands of a worker.
pub(crate) struct Task<'a> {
    pub(crate) cell: usize,
    pub(crate) number: usize,
    worker: usize,
    queues: &'a Queues,
}

/// A worker between two cells.
const NOTHING: u64 = u64::MAX;

fn place(cell: usize, task: usize) -> u64 {
    ((cell as u64) << 48) | task as u64
}

/// Has every task done, by one worker for each cell: `worker` is called on as many threads as there are, with the tasks
/// that fall to it. A cell has `n_tasks(cell)`; they are begun in their order.
pub(crate) fn work_off(
    n_cells: usize,
    n_tasks: &(dyn Fn(usize) -> usize + Sync),
    worker: &(dyn Fn(&mut dyn Iterator<Item = Task<'_>>) + Sync),
) {
    debug_assert!(n_cells <= MOST_CELLS, "there are {n_cells} cells");
    let queues = Queues {
        n_cells,
        next: [const { AtomicUsize::new(0) }; MOST_CELLS],
        doing: [const { AtomicU64::new(NOTHING) }; MOST_CELLS],
    };
    share(n_cells, &|number| {
        let mut cells = (number..n_cells).chain(0..number);
        let mut cell = cells.next();
        worker(&mut std::iter::from_fn(|| {
            while let Some(here) = cell {
                if let Some(task) = queues.take(number, here, n_tasks(here)) {
                    return Some(task);
                }
                cell = cells.next();
            }
            None
        }));
    });
}

impl Queues {
    fn take(&self, worker: usize, cell: usize, n_tasks: usize) -> Option<Task<'_>> {
        // First something that is not after the task, so that nobody overlooks it in between.
        self.doing[worker].store(place(cell, self.next[cell].load(SeqCst)), SeqCst);
        let number = self.next[cell].fetch_add(1, SeqCst);
        if number >= n_tasks {
            self.doing[worker].store(NOTHING, SeqCst);
            return None;
        }
        self.doing[worker].store(place(cell, number), SeqCst);
        Some(Task { cell, number, worker, queues: self })
    }
}

impl Task<'_> {
    /// Waits until the first `n` tasks of the cell are done, which were all begun before this one. There is no circle: whoever
    /// does the earliest of the tasks in hand waits for nobody.
    pub(crate) fn wait_for(&self, n: usize) {
        let others = (0..self.queues.n_cells).filter(|&worker| worker != self.worker);
        let before = place(self.cell, 0)..place(self.cell, n);
        for worker in others {
            let mut n_looks = 0;
            while before.contains(&self.queues.doing[worker].load(SeqCst)) {
                n_looks += 1;
                // The other may need this core.
                if n_looks < 1000 { spin_loop() } else { yield_now() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Five threads on few cores, and cells of different lengths, so that some help others.
    #[test]
    fn each_task_is_done_once_and_after_those_that_it_waits_for() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(5).build().unwrap();
        let lengths = [40, 3, 0, 17, 90];
        for _ in 0..200 {
            let done = lengths.map(|n| Mutex::new(vec![0; n]));
            let work = |tasks: &mut dyn Iterator<Item = Task<'_>>| {
                for task in tasks {
                    let n = task.number.saturating_sub(2);
                    task.wait_for(n);
                    let mut done = done[task.cell].lock().unwrap();
                    assert!(done[..n].iter().all(|n| *n == 1), "task {} began too early", task.number);
                    done[task.number] += 1;
                }
            };
            pool.install(|| work_off(lengths.len(), &|cell| lengths[cell], &work));
            for done in done {
                assert!(done.into_inner().unwrap().iter().all(|n| *n == 1));
            }
        }
    }
}
