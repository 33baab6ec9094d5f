//! An allocator that counts what a program asks the system for; with the feature `counting`.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

/// From this many bytes on a block counts as large: a page.
const LARGE: usize = 4096;

/// The system's allocator, which counts the blocks that all threads ask it for.
///
/// # Examples
/// ```
/// use wengert_array::{Array, Counting};
///
/// #[global_allocator]
/// static ALLOCATOR: Counting = Counting::new();
///
/// let x = Array::from_vec(vec![1.0_f32; 10_000], [100, 100]);
/// drop(x.clone().transpose().contiguous());               // the first copy comes from the system
/// let before = ALLOCATOR.counts();
/// drop(x.transpose().contiguous());                       // the second from the pool
/// assert_eq!(ALLOCATOR.counts().large, before.large);
/// ```
#[derive(Debug, Default)]
pub struct Counting {
    blocks: AtomicU64,
    large: AtomicU64,
    bytes: AtomicU64,
}

/// What was asked for since the program began. A block that grows counts again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Blocks.
    pub blocks: u64,
    /// Blocks of 4096 bytes or more.
    pub large: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Counting {
    /// The allocator, for a static.
    pub const fn new() -> Counting {
        Counting { blocks: AtomicU64::new(0), large: AtomicU64::new(0), bytes: AtomicU64::new(0) }
    }

    /// What was asked for so far.
    pub fn counts(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts { blocks: read(&self.blocks), large: read(&self.large), bytes: read(&self.bytes) }
    }

    fn count(&self, bytes: usize) {
        self.blocks.fetch_add(1, Ordering::Relaxed);
        self.large.fetch_add(u64::from(bytes >= LARGE), Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

// SAFETY: all blocks are the system's, asked for and given back with the arguments of the caller.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.count(layout.size());
        // SAFETY: the caller's promise is the one asked for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.count(layout.size());
        // SAFETY: the caller's promise is the one asked for.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        self.count(size);
        // SAFETY: the caller's promise is the one asked for.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is the one asked for.
        unsafe { System.dealloc(block, layout) }
    }
}
