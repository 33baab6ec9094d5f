//! Whole trainings side by side. What one training splits over the cores stands in `array`.

use std::panic::resume_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// As many trainings at a time as there are cores.
pub(crate) fn n_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The results of `f` for the numbers below `n`, in their order, `n_workers` at a time. A panic in one of them goes on here.
pub(crate) fn in_parallel<T: Send>(n: usize, n_workers: usize, f: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(n));
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= n {
                return;
            }
            let result = f(index);
            // The lock is held for nothing that panics.
            results.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((index, result));
        }
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..n_workers.min(n)).map(|_| scope.spawn(work)).collect();
        work();
        for other in others {
            if let Err(panic) = other.join() {
                resume_unwind(panic);
            }
        }
    });
    let mut results = results.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::in_parallel;

    #[test]
    fn results_keep_their_order() {
        for n_workers in [0, 1, 3, 100] {
            assert_eq!(in_parallel(10, n_workers, |n| n * n), (0..10).map(|n| n * n).collect::<Vec<_>>());
        }
        assert!(in_parallel(0, 4, |n| n).is_empty());
    }

    #[test]
    #[should_panic(expected = "number 3")]
    fn a_panic_goes_on_with_its_message() {
        in_parallel(8, 4, |n| assert!(n != 3, "number {n}"));
    }
}
