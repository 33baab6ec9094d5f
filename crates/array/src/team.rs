//! Numbered pieces of work, shared between the thread that has them and rayon's. What is cut into pieces is elsewhere.
//!
//! A thread that calls `rayon::join` from outside rayon's pool falls asleep until the pool is done, and the pool's
//! threads fall asleep soon after; to be woken takes 10 to 50 microseconds each time, as long as many a product. Here the
//! caller works on the pieces itself. Those of rayon's threads that help look for more pieces for a while before they
//! go back to rayon, so that they stay awake from one operation of a training step to the next.

use std::any::Any;
use std::cell::{Cell, UnsafeCell};
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What is done with a piece, by its number.
type Work<'a> = dyn Fn(usize) + Sync + 'a;

/// How long a thread of rayon's looks for more pieces before it goes back.
const PATIENCE: Duration = Duration::from_micros(200);

/// Does the work for all numbers below `n`, each once, on this thread and on those of rayon's that come to help. Work
/// that calls this again does its pieces by itself.
///
/// # Panics
/// If a piece panics, with what it panicked with, when all others that were begun are done.
pub(crate) fn share(n: usize, work: &Work<'_>) {
    let n_threads = rayon::current_num_threads();
    let own = OWN.try_with(|own| own.job.take()).ok().flatten();
    let Some(job) = own.filter(|_| n > 1 && n_threads > 1 && n <= MOST_PIECES) else {
        give_back(own);
        return (0..n).for_each(work);
    };
    job.post(n, work);
    call_helpers(n_threads.min(n) - 1);
    job.work_off();
    job.wait();
    give_back(Some(job));
    let panic = job.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
}

/// Numbers are counted in 32 bits, with room for every thread to ask once too often.
const MOST_PIECES: usize = 1 << 31;

thread_local! {
    /// The job of this thread, taken away while it is worked on.
    static OWN: Own = Own { job: Cell::new(Some(free_job())) };
}

fn give_back(job: Option<&'static Job>) {
    // A thread that is ending has no place for it any more, and gives it back to all.
    if OWN.try_with(|own| own.job.set(job)).is_err() {
        drop(Own { job: Cell::new(job) });
    }
}

struct Own {
    job: Cell<Option<&'static Job>>,
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(job) = self.job.get() {
            job.is_taken.store(0, Ordering::Release);
        }
    }
}

/// The pieces of one thread. Jobs are never freed, so that others may look at one at any time; a thread that ends
/// leaves its job to a later one.
struct Job {
    /// How many pieces there are, and below that the number of the next: one atomic, so that no thread can take a piece of
    /// one piece of work for that of another.
    claims: AtomicU64,
    /// Pieces that are done.
    n_done: AtomicUsize,
    work: UnsafeCell<Option<&'static Work<'static>>>,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    is_taken: AtomicUsize,
    /// The job that was made before this one.
    next: Option<&'static Job>,
}

// SAFETY: `work` is written by the owner alone, while no piece is left to claim and none is being worked on, and read by
// those who have claimed a piece, which they do after it was written.
unsafe impl Sync for Job {}

/// The job that was made last.
static JOBS: AtomicPtr<Job> = AtomicPtr::new(std::ptr::null_mut());

fn all_jobs() -> impl Iterator<Item = &'static Job> {
    // SAFETY: jobs are published whole and never freed.
    let first = unsafe { JOBS.load(Ordering::Acquire).as_ref::<'static>() };
    std::iter::successors(first, |job| job.next)
}

fn free_job() -> &'static Job {
    let take = |job: &&Job| job.is_taken.compare_exchange(0, 1, Ordering::AcqRel, Ordering::Relaxed).is_ok();
    all_jobs().find(take).unwrap_or_else(new_job)
}

fn new_job() -> &'static Job {
    let job = Box::leak(Box::new(Job {
        claims: AtomicU64::new(0),
        n_done: AtomicUsize::new(0),
        work: UnsafeCell::new(None),
        panic: Mutex::new(None),
        is_taken: AtomicUsize::new(1),
        next: None,
    }));
    loop {
        let first = JOBS.load(Ordering::Acquire);
        // SAFETY: jobs are published whole and never freed.
        job.next = unsafe { first.as_ref::<'static>() };
        let mine: *mut Job = job;
        if JOBS.compare_exchange(first, mine, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            return job;
        }
    }
}

impl Job {
    /// Offers pieces. Those of the work before are all done.
    fn post(&self, n: usize, work: &Work<'_>) {
        // SAFETY: only the lifetime changes. The work is called for claimed pieces only, and whoever posts it waits
        // for all pieces before it ends. The owner alone writes here, and nobody reads before there is a piece to claim.
        unsafe { *self.work.get() = Some(std::mem::transmute::<&Work<'_>, &'static Work<'static>>(work)) };
        self.n_done.store(0, Ordering::Relaxed);
        self.claims.store((n as u64) << 32, Ordering::Release);
    }

    /// The number of a piece that nobody else works on.
    fn claim(&self) -> Option<usize> {
        let parts = |claims: u64| (claims >> 32, claims & u64::from(u32::MAX));
        let is_open = |(n, next)| next < n;
        if !is_open(parts(self.claims.load(Ordering::Relaxed))) {
            return None;
        }
        let (n, next) = parts(self.claims.fetch_add(1, Ordering::Acquire));
        is_open((n, next)).then_some(next as usize)
    }

    /// Works on pieces until none is left to claim, and says whether there were any.
    fn work_off(&self) -> bool {
        let mut n_worked = 0;
        while let Some(piece) = self.claim() {
            // SAFETY: a piece has been claimed, so the work stands there, and lives until the piece is done.
            let work = unsafe { *self.work.get() };
            let done = catch_unwind(AssertUnwindSafe(|| work.into_iter().for_each(|work| work(piece))));
            if let Err(panic) = done {
                *self.panic.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic);
            }
            self.n_done.fetch_add(1, Ordering::Release);
            n_worked += 1;
        }
        n_worked > 0
    }

    /// Waits until all pieces are done, which have all been claimed.
    fn wait(&self) {
        let n = (self.claims.load(Ordering::Relaxed) >> 32) as usize;
        let mut n_looks = 0_u32;
        while self.n_done.load(Ordering::Acquire) < n {
            pause(&mut n_looks);
        }
    }
}

/// How many of rayon's threads help, or have been asked to.
static N_HELPERS: AtomicUsize = AtomicUsize::new(0);

/// Asks for as many helpers, unless there are.
fn call_helpers(n: usize) {
    while N_HELPERS.load(Ordering::Relaxed) < n {
        N_HELPERS.fetch_add(1, Ordering::Relaxed);
        rayon::spawn(help);
    }
}

/// Works on anybody's pieces until there have been none for a while.
fn help() {
    let (mut since, mut n_looks) = (Instant::now(), 0_u32);
    loop {
        let mut has_worked = false;
        for job in all_jobs() {
            has_worked |= job.work_off();
        }
        if has_worked {
            (since, n_looks) = (Instant::now(), 0);
        } else if n_looks.is_multiple_of(LOOKS_PER_YIELD) && since.elapsed() > PATIENCE {
            break;
        }
        pause(&mut n_looks);
    }
    N_HELPERS.fetch_sub(1, Ordering::Relaxed);
}

/// Looks before the processor is offered to other threads and processes.
const LOOKS_PER_YIELD: u32 = 32;

fn pause(n_looks: &mut u32) {
    *n_looks = n_looks.wrapping_add(1);
    if n_looks.is_multiple_of(LOOKS_PER_YIELD) { std::thread::yield_now() } else { spin_loop() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    /// How often each of `n` pieces is done.
    fn counts(n: usize) -> Vec<u32> {
        let counts: Vec<AtomicU32> = (0..n).map(|_| AtomicU32::new(0)).collect();
        share(n, &|piece| {
            counts[piece].fetch_add(1, Ordering::Relaxed);
        });
        counts.into_iter().map(AtomicU32::into_inner).collect()
    }

    #[test]
    fn every_piece_is_done_once_before_the_call_returns() {
        for round in 0..2000 {
            let n = round % 67;
            assert_eq!(counts(n), vec![1; n], "round {round}");
        }
    }

    #[test]
    fn threads_that_share_at_the_same_time_do_not_mix_their_pieces() {
        std::thread::scope(|scope| {
            for thread in 0..8 {
                scope.spawn(move || {
                    for round in 0..300 {
                        let n = thread + round % 40;
                        assert_eq!(counts(n), vec![1; n], "round {round} of thread {thread}");
                    }
                });
            }
        });
    }

    #[test]
    fn pieces_may_share_their_own_work() {
        let total = AtomicU32::new(0);
        share(8, &|_| {
            assert_eq!(counts(5), [1; 5]);
            total.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(total.into_inner(), 8);
    }

    #[test]
    fn a_panic_in_a_piece_reaches_the_caller_and_leaves_the_team_able_to_work() {
        for _ in 0..5 {
            let done = AtomicU32::new(0);
            let caught = catch_unwind(AssertUnwindSafe(|| {
                share(20, &|piece| {
                    assert!(piece != 7, "piece seven");
                    done.fetch_add(1, Ordering::Relaxed);
                });
            }));
            let message = *caught.expect_err("piece 7 panics").downcast::<&str>().expect("a message");
            assert_eq!(message, "piece seven");
            assert!(done.into_inner() < 20);
            assert_eq!(counts(20), [1; 20]);
        }
    }

    #[test]
    fn a_thread_that_ends_leaves_its_job_to_a_later_one() {
        for _ in 0..40 {
            std::thread::spawn(|| assert_eq!(counts(9), [1; 9])).join().expect("no piece panics");
        }
        // Those of the other tests run at the same time.
        assert!(all_jobs().count() < 40, "{} jobs", all_jobs().count());
    }
}
