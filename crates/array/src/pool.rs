//! The pool of buffers: each thread keeps the blocks that it dropped, by size class, up to a cap in bytes.
//!
//! Training asks for the same sizes at every step, so after the first step hardly any memory comes from the
//! system. What a block is and when it comes back is in `buffer`.

use std::cell::RefCell;
use std::sync::Arc;

use crate::buffer::Element;
use crate::memory::prefer_huge_pages;

/// The bytes that one thread keeps at most unless told otherwise: 256 MiB.
const DEFAULT_CAP: usize = 256 << 20;

/// Four classes for each power of two up to 2³¹ elements.
const N_CLASSES: usize = 124;

/// The smallest class, in elements.
const SMALLEST: usize = 8;

/// What the pool of this thread has done since the thread began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Blocks that had to come from the system.
    pub fresh: u64,
    /// Blocks that came from the pool.
    pub reused: u64,
    /// Buffers that were copied because a write met another owner.
    pub copies_on_write: u64,
    /// Bytes that wait in the pool now.
    pub bytes_held: usize,
    /// Bytes of arrays that this thread made, less those of arrays that it dropped. Arrays of up to 16 bytes, which
    /// have no block, do not count.
    pub bytes_used: i64,
    /// The most that `bytes_used` was since the thread began or [`reset_peak`] was called.
    pub peak_bytes_used: i64,
}

/// The pool's counters for this thread.
///
/// # Examples
/// ```
/// use wengert_array::{Array, pool};
/// let mut x = Array::from_vec(vec![0.0_f32; 64], [64]);
/// let before = pool::statistics().copies_on_write;
/// let y = x.clone();
/// x.make_mut::<f32>()[0] = 1.0;
/// assert_eq!(pool::statistics().copies_on_write, before + 1);
/// assert_eq!(y.get(&[0]), 0.0);
/// ```
pub fn statistics() -> Statistics {
    POOL.with_borrow(|pool| pool.statistics)
}

/// Begins to look for the peak of `bytes_used` anew: how much memory a piece of work needs.
///
/// # Examples
/// ```
/// use wengert_array::{Array, pool};
/// pool::reset_peak();
/// let before = pool::statistics().peak_bytes_used;
/// drop(Array::from_vec(vec![1.0_f32; 1024], [1024]));
/// assert_eq!(pool::statistics().peak_bytes_used - before, 4096);
/// ```
pub fn reset_peak() {
    POOL.with_borrow_mut(|pool| pool.statistics.peak_bytes_used = pool.statistics.bytes_used);
}

/// Gives the memory that waits in this thread's pool back to the system.
pub fn clear() {
    POOL.with_borrow_mut(Pool::clear);
}

/// Sets how many bytes this thread's pool keeps at most, and empties it if it holds more.
pub fn set_cap(bytes: usize) {
    POOL.with_borrow_mut(|pool| {
        pool.cap = bytes;
        if pool.statistics.bytes_held > bytes {
            pool.clear();
        }
    });
}

thread_local! {
    static POOL: RefCell<Pool> = const {
        RefCell::new(Pool {
            singles: Shelf::new(),
            doubles: Shelf::new(),
            cap: DEFAULT_CAP,
            statistics: Statistics {
                fresh: 0,
                reused: 0,
                copies_on_write: 0,
                bytes_held: 0,
                bytes_used: 0,
                peak_bytes_used: 0,
            },
        })
    };
}

/// The blocks that wait on one thread.
pub struct Pool {
    pub(crate) singles: Shelf<f32>,
    pub(crate) doubles: Shelf<f64>,
    cap: usize,
    statistics: Statistics,
}

impl Pool {
    fn clear(&mut self) {
        self.singles = Shelf::new();
        self.doubles = Shelf::new();
        self.statistics.bytes_held = 0;
    }
}

/// The waiting blocks of one element type, by size class.
pub struct Shelf<T> {
    classes: [Vec<Arc<[T]>>; N_CLASSES],
}

impl<T> Shelf<T> {
    const fn new() -> Shelf<T> {
        Shelf { classes: [const { Vec::new() }; N_CLASSES] }
    }
}

/// A block of at least `n` elements that nobody else holds. Its content is arbitrary but initialised.
pub(crate) fn take<T: Element>(n: usize) -> Arc<[T]> {
    let (class, size) = class_of(n);
    // During a thread's end its pool is gone already; then memory comes from the system.
    let waiting = POOL.try_with(|pool| {
        let pool = &mut *pool.borrow_mut();
        let block = T::shelf(pool).classes[class].pop();
        let bytes = size * size_of::<T>();
        pool.statistics.bytes_used += bytes as i64;
        pool.statistics.peak_bytes_used = pool.statistics.peak_bytes_used.max(pool.statistics.bytes_used);
        match block {
            Some(_) => {
                pool.statistics.reused += 1;
                pool.statistics.bytes_held -= bytes;
            }
            None => pool.statistics.fresh += 1,
        }
        block
    });
    waiting.ok().flatten().unwrap_or_else(|| {
        let block = T::zeroed(size);
        // SAFETY: the block has been allocated, and is larger.
        unsafe { prefer_huge_pages(block.as_ptr().cast(), n * size_of::<T>()) };
        block
    })
}

/// Keeps a block that nobody else holds, unless the cap is reached.
pub(crate) fn give<T: Element>(block: Arc<[T]>) {
    debug_assert_eq!(Arc::strong_count(&block), 1);
    let (class, size) = class_of(block.len());
    let bytes = size * size_of::<T>();
    // If the thread is ending, the closure is not run and the block is freed with it.
    let _ = POOL.try_with(|pool| {
        let pool = &mut *pool.borrow_mut();
        pool.statistics.bytes_used -= bytes as i64;
        if pool.statistics.bytes_held + bytes <= pool.cap {
            T::shelf(pool).classes[class].push(block);
            pool.statistics.bytes_held += bytes;
        }
    });
}

/// Counts a buffer that was copied because a write met another owner.
pub(crate) fn count_copy_on_write() {
    let _ = POOL.try_with(|pool| pool.borrow_mut().statistics.copies_on_write += 1);
}

/// The class that holds `n` elements, and the class' size: 8, 10, 12, 14, 16, 20, ..., each at most a quarter
/// more than the one before. A class' size is in its own class.
fn class_of(n: usize) -> (usize, usize) {
    if n <= SMALLEST {
        return (0, SMALLEST);
    }
    let octave = (n - 1).ilog2() as usize;
    let quarters = (n - 1) >> (octave - 2);
    (4 * octave + (quarters & 3), (quarters + 1) << (octave - 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_holds_what_is_asked_with_at_most_a_quarter_more() {
        for n in (1..5000).chain([1 << 20, (1 << 20) + 1, i32::MAX as usize]) {
            let (class, size) = class_of(n);
            assert!(class < N_CLASSES && size >= n, "{n}");
            assert!(n <= SMALLEST || size * 4 <= n * 5 + 4, "{n} -> {size}");
            assert_eq!(class_of(size), (class, size), "{n}");
        }
    }

    #[test]
    fn a_block_is_reused_only_after_it_was_given_back() {
        let first: Arc<[f32]> = take(100);
        let second: Arc<[f32]> = take(100);
        assert!(!Arc::ptr_eq(&first, &second));
        let address = first.as_ptr();
        give(first);
        assert_eq!(take::<f32>(100).as_ptr(), address);
    }

    #[test]
    fn the_pool_keeps_no_more_than_its_cap() {
        set_cap(1000);
        for _ in 0..3 {
            give(f64::zeroed(48));
        }
        assert_eq!(statistics().bytes_held, 2 * 48 * 8);
        set_cap(100);
        assert_eq!(statistics().bytes_held, 0);
    }
}
