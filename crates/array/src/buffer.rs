//! The storage behind an array: up to 16 bytes inline, or a shared block from the pool. Layouts are elsewhere.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m256, __m256d, __m512, __m512d};
use std::mem::ManuallyDrop;
use std::sync::Arc;

use crate::pool::{self, Pool, Shelf};
#[cfg(target_arch = "x86_64")]
use crate::product::vectors::Vector;

/// What storage and kernels need of an element type, hidden from users so that only `f32` and `f64` have it.
pub trait Element: Copy + Default + Send + Sync + 'static {
    /// 16 bytes of elements, held inline.
    type Tiny: Copy + Default + AsRef<[Self]> + AsMut<[Self]> + Send + Sync;

    /// How many elements are held inline.
    const TINY: usize;

    /// The registers of AVX2.
    #[cfg(target_arch = "x86_64")]
    type Avx2: Vector<Scalar = Self>;

    /// The registers of AVX-512.
    #[cfg(target_arch = "x86_64")]
    type Avx512: Vector<Scalar = Self>;

    /// Wraps a block with its element type.
    fn wrap(block: Block<Self>) -> Buffer;

    /// The block, if it has this element type.
    fn block(buffer: &Buffer) -> Option<&Block<Self>>;

    /// The block, if it has this element type.
    fn block_mut(buffer: &mut Buffer) -> Option<&mut Block<Self>>;

    /// This type's shelf of the pool.
    fn shelf(pool: &mut Pool) -> &mut Shelf<Self>;

    /// A new block of zeros from the system.
    fn zeroed(n: usize) -> Arc<[Self]>;

    /// `C = A B` on strided operands.
    ///
    /// # Safety
    /// Every element that the sizes and strides reach from each pointer must be valid, for reading in `a` and `b`
    /// and for writing in `c`; `c`'s elements must be distinct and not overlap `a` or `b`.
    unsafe fn gemm(
        sizes: [usize; 3],
        a: Strided<*const Self>,
        b: Strided<*const Self>,
        c: Strided<*mut Self>,
    );
}

/// A matrix in memory: its first element, and the distances between rows and between columns.
#[derive(Clone, Copy)]
pub struct Strided<P> {
    pub(crate) pointer: P,
    pub(crate) row: isize,
    pub(crate) column: isize,
}

/// Storage of elements of one type.
pub enum Block<T: Element> {
    /// Up to 16 bytes, held in place: no allocation, and a clone is a copy.
    Tiny(T::Tiny),
    /// More, shared by all clones and views.
    Shared(ManuallyDrop<Arc<[T]>>),
}

/// Storage of elements of either type.
#[derive(Clone)]
pub enum Buffer {
    /// 32-bit floats.
    F32(Block<f32>),
    /// 64-bit floats.
    F64(Block<f64>),
}

impl<T: Element> Block<T> {
    /// Storage for `n` elements that nobody else holds, with arbitrary content.
    #[inline]
    pub(crate) fn fresh(n: usize) -> Block<T> {
        if n <= T::TINY {
            Block::Tiny(T::Tiny::default())
        } else {
            Block::Shared(ManuallyDrop::new(pool::take(n)))
        }
    }

    /// All elements, also those beyond the array's own.
    #[inline]
    pub(crate) fn as_slice(&self) -> &[T] {
        match self {
            Block::Tiny(elements) => elements.as_ref(),
            Block::Shared(elements) => elements,
        }
    }

    /// All elements for writing.
    ///
    /// # Panics
    /// If somebody else holds the block; callers ask [`Block::is_unique`] first or made the block themselves.
    #[inline]
    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        match self {
            Block::Tiny(elements) => elements.as_mut(),
            Block::Shared(elements) => Arc::get_mut(elements).expect("the block has one owner"),
        }
    }

    /// Whether nobody else holds the block.
    #[inline]
    pub(crate) fn is_unique(&self) -> bool {
        match self {
            Block::Tiny(_) => true,
            Block::Shared(elements) => Arc::strong_count(elements) == 1,
        }
    }

    /// The bytes of the block outside the array itself.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Block::Tiny(_) => 0,
            Block::Shared(elements) => size_of_val(&***elements),
        }
    }

    /// Whether both are the same memory.
    pub(crate) fn is_same(&self, other: &Block<T>) -> bool {
        match (self, other) {
            (Block::Shared(mine), Block::Shared(theirs)) => Arc::ptr_eq(mine, theirs),
            _ => false,
        }
    }
}

impl<T: Element> Clone for Block<T> {
    #[inline]
    fn clone(&self) -> Block<T> {
        match self {
            Block::Tiny(elements) => Block::Tiny(*elements),
            Block::Shared(elements) => Block::Shared(ManuallyDrop::clone(elements)),
        }
    }
}

impl<T: Element> Drop for Block<T> {
    #[inline]
    fn drop(&mut self) {
        if let Block::Shared(elements) = self {
            // SAFETY: `drop` runs once, and nothing reads the block after it.
            let mut elements = unsafe { ManuallyDrop::take(elements) };
            // A block that another array still holds must not be handed out again. The count answers most often, and is
            // cheaper to ask than the exclusive access that must follow.
            if Arc::strong_count(&elements) == 1 && Arc::get_mut(&mut elements).is_some() {
                pool::give(elements);
            }
        }
    }
}

impl Element for f32 {
    type Tiny = [f32; 4];
    const TINY: usize = 4;
    #[cfg(target_arch = "x86_64")]
    type Avx2 = __m256;
    #[cfg(target_arch = "x86_64")]
    type Avx512 = __m512;

    #[inline]
    fn wrap(block: Block<f32>) -> Buffer {
        Buffer::F32(block)
    }

    #[inline]
    fn block(buffer: &Buffer) -> Option<&Block<f32>> {
        if let Buffer::F32(block) = buffer { Some(block) } else { None }
    }

    #[inline]
    fn block_mut(buffer: &mut Buffer) -> Option<&mut Block<f32>> {
        if let Buffer::F32(block) = buffer { Some(block) } else { None }
    }

    #[inline]
    fn shelf(pool: &mut Pool) -> &mut Shelf<f32> {
        &mut pool.singles
    }

    fn zeroed(n: usize) -> Arc<[f32]> {
        // SAFETY: all bits zero is the `f32` 0.0.
        unsafe { Arc::new_zeroed_slice(n).assume_init() }
    }

    unsafe fn gemm(
        [m, k, n]: [usize; 3],
        a: Strided<*const f32>,
        b: Strided<*const f32>,
        c: Strided<*mut f32>,
    ) {
        // SAFETY: the caller's promise is what `sgemm` asks for; with beta = 0 it does not read C.
        unsafe {
            matrixmultiply::sgemm(
                m, k, n, 1.0, a.pointer, a.row, a.column, b.pointer, b.row, b.column, 0.0, c.pointer, c.row,
                c.column,
            );
        }
    }
}

impl Element for f64 {
    type Tiny = [f64; 2];
    const TINY: usize = 2;
    #[cfg(target_arch = "x86_64")]
    type Avx2 = __m256d;
    #[cfg(target_arch = "x86_64")]
    type Avx512 = __m512d;

    #[inline]
    fn wrap(block: Block<f64>) -> Buffer {
        Buffer::F64(block)
    }

    #[inline]
    fn block(buffer: &Buffer) -> Option<&Block<f64>> {
        if let Buffer::F64(block) = buffer { Some(block) } else { None }
    }

    #[inline]
    fn block_mut(buffer: &mut Buffer) -> Option<&mut Block<f64>> {
        if let Buffer::F64(block) = buffer { Some(block) } else { None }
    }

    #[inline]
    fn shelf(pool: &mut Pool) -> &mut Shelf<f64> {
        &mut pool.doubles
    }

    fn zeroed(n: usize) -> Arc<[f64]> {
        // SAFETY: all bits zero is the `f64` 0.0.
        unsafe { Arc::new_zeroed_slice(n).assume_init() }
    }

    unsafe fn gemm(
        [m, k, n]: [usize; 3],
        a: Strided<*const f64>,
        b: Strided<*const f64>,
        c: Strided<*mut f64>,
    ) {
        // SAFETY: the caller's promise is what `dgemm` asks for; with beta = 0 it does not read C.
        unsafe {
            matrixmultiply::dgemm(
                m, k, n, 1.0, a.pointer, a.row, a.column, b.pointer, b.row, b.column, 0.0, c.pointer, c.row,
                c.column,
            );
        }
    }
}
