//! The storage behind an array: up to 16 bytes inline, or a shared block from the pool. Layouts are elsewhere.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m256, __m256d, __m512, __m512d};
use std::mem::ManuallyDrop;
use std::sync::Arc;

use crate::dtype::DType;
use crate::pool::{self, Pool, Shelf};
#[cfg(target_arch = "x86_64")]
use crate::product::vectors::Vector;

/// Storage of elements of either type, inline or shared by all clones and views. The two types are not nested in it as
/// an enum of two generic ones, since that would take 8 bytes more, and arrays are moved more often than anything else.
pub enum Buffer {
    /// Up to 16 bytes of 32-bit floats, held in place: no allocation, and a clone is a copy.
    TinyF32([f32; 4]),
    /// Up to 16 bytes of 64-bit floats.
    TinyF64([f64; 2]),
    /// 32-bit floats.
    SharedF32(ManuallyDrop<Arc<[f32]>>),
    /// 64-bit floats.
    SharedF64(ManuallyDrop<Arc<[f64]>>),
}

/// What storage and kernels need of an element type, hidden from users so that only `f32` and `f64` have it.
pub trait Element: Copy + Default + Send + Sync + 'static {
    /// 16 bytes of elements, held inline.
    type Tiny: Copy + Default + AsMut<[Self]>;

    /// How many elements are held inline.
    const TINY: usize;

    /// Storage in place.
    fn tiny(elements: Self::Tiny) -> Buffer;

    /// The registers of AVX2.
    #[cfg(target_arch = "x86_64")]
    type Avx2: Vector<Scalar = Self>;

    /// The registers of AVX-512.
    #[cfg(target_arch = "x86_64")]
    type Avx512: Vector<Scalar = Self>;

    /// Storage in a block.
    fn shared(elements: Arc<[Self]>) -> Buffer;

    /// All elements, also those beyond the array's own, if they have this type.
    fn elements(buffer: &Buffer) -> Option<&[Self]>;

    /// All elements for writing, if they have this type.
    ///
    /// # Panics
    /// If somebody else holds the block; callers ask [`Buffer::is_unique`] first or made the block themselves.
    fn elements_mut(buffer: &mut Buffer) -> Option<&mut [Self]>;

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

impl Buffer {
    /// Storage for `n` elements that nobody else holds, with arbitrary content.
    #[inline]
    pub(crate) fn fresh<T: Element>(n: usize) -> Buffer {
        if n <= T::TINY { T::tiny(T::Tiny::default()) } else { T::shared(pool::take(n)) }
    }

    #[inline]
    pub(crate) fn dtype(&self) -> DType {
        match self {
            Buffer::TinyF32(_) | Buffer::SharedF32(_) => DType::F32,
            Buffer::TinyF64(_) | Buffer::SharedF64(_) => DType::F64,
        }
    }

    /// Whether nobody else holds the elements.
    #[inline]
    pub(crate) fn is_unique(&self) -> bool {
        match self {
            Buffer::TinyF32(_) | Buffer::TinyF64(_) => true,
            Buffer::SharedF32(elements) => Arc::strong_count(elements) == 1,
            Buffer::SharedF64(elements) => Arc::strong_count(elements) == 1,
        }
    }

    /// The bytes outside the array itself.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Buffer::TinyF32(_) | Buffer::TinyF64(_) => 0,
            Buffer::SharedF32(elements) => size_of_val(&***elements),
            Buffer::SharedF64(elements) => size_of_val(&***elements),
        }
    }

    /// Whether both are the same memory.
    pub(crate) fn is_same(&self, other: &Buffer) -> bool {
        match (self, other) {
            (Buffer::SharedF32(mine), Buffer::SharedF32(theirs)) => Arc::ptr_eq(mine, theirs),
            (Buffer::SharedF64(mine), Buffer::SharedF64(theirs)) => Arc::ptr_eq(mine, theirs),
            _ => false,
        }
    }
}

impl Clone for Buffer {
    #[inline]
    fn clone(&self) -> Buffer {
        match self {
            Buffer::TinyF32(elements) => Buffer::TinyF32(*elements),
            Buffer::TinyF64(elements) => Buffer::TinyF64(*elements),
            Buffer::SharedF32(elements) => Buffer::SharedF32(ManuallyDrop::clone(elements)),
            Buffer::SharedF64(elements) => Buffer::SharedF64(ManuallyDrop::clone(elements)),
        }
    }
}

impl Drop for Buffer {
    #[inline]
    fn drop(&mut self) {
        match self {
            Buffer::TinyF32(_) | Buffer::TinyF64(_) => {}
            // SAFETY: `drop` runs once, and nothing reads the block after it.
            Buffer::SharedF32(elements) => give_back(unsafe { ManuallyDrop::take(elements) }),
            // SAFETY: as above.
            Buffer::SharedF64(elements) => give_back(unsafe { ManuallyDrop::take(elements) }),
        }
    }
}

/// Lets go of a block. One that another array still holds must not be handed out again. The count answers most often, and
/// is cheaper to ask than the exclusive access that must follow.
#[inline]
fn give_back<T: Element>(mut elements: Arc<[T]>) {
    if Arc::strong_count(&elements) == 1 && Arc::get_mut(&mut elements).is_some() {
        pool::give(elements);
    }
}

const ONE_OWNER: &str = "the block has one owner";

impl Element for f32 {
    type Tiny = [f32; 4];
    const TINY: usize = 4;
    #[cfg(target_arch = "x86_64")]
    type Avx2 = __m256;
    #[cfg(target_arch = "x86_64")]
    type Avx512 = __m512;

    #[inline]
    fn tiny(elements: Self::Tiny) -> Buffer {
        Buffer::TinyF32(elements)
    }

    #[inline]
    fn shared(elements: Arc<[f32]>) -> Buffer {
        Buffer::SharedF32(ManuallyDrop::new(elements))
    }

    #[inline]
    fn elements(buffer: &Buffer) -> Option<&[f32]> {
        match buffer {
            Buffer::TinyF32(elements) => Some(elements),
            Buffer::SharedF32(elements) => Some(elements),
            _ => None,
        }
    }

    #[inline]
    fn elements_mut(buffer: &mut Buffer) -> Option<&mut [f32]> {
        match buffer {
            Buffer::TinyF32(elements) => Some(elements),
            Buffer::SharedF32(elements) => Some(Arc::get_mut(elements).expect(ONE_OWNER)),
            _ => None,
        }
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
    fn tiny(elements: Self::Tiny) -> Buffer {
        Buffer::TinyF64(elements)
    }

    #[inline]
    fn shared(elements: Arc<[f64]>) -> Buffer {
        Buffer::SharedF64(ManuallyDrop::new(elements))
    }

    #[inline]
    fn elements(buffer: &Buffer) -> Option<&[f64]> {
        match buffer {
            Buffer::TinyF64(elements) => Some(elements),
            Buffer::SharedF64(elements) => Some(elements),
            _ => None,
        }
    }

    #[inline]
    fn elements_mut(buffer: &mut Buffer) -> Option<&mut [f64]> {
        match buffer {
            Buffer::TinyF64(elements) => Some(elements),
            Buffer::SharedF64(elements) => Some(Arc::get_mut(elements).expect(ONE_OWNER)),
            _ => None,
        }
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
