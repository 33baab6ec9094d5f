//! The processor's vector registers, behind one trait for both element types and both levels that have fused
//! multiply-add. What is computed with them is in `kernel` and `pack`.

use std::arch::x86_64::*;

use crate::buffer::Element;
use crate::cpu::Level;

/// A register of `N` numbers.
///
/// The methods are `#[inline(always)]`, so that they become part of a function that carries the target features.
///
/// # Safety
/// All methods may be called only where the machine has [`Vector::LEVEL`], in code that [`crate::cpu::run_at`] runs
/// at that level. Pointers must be good for as many elements as are read or written; they need no alignment.
pub trait Vector: Copy + 'static {
    /// One of the numbers.
    type Scalar: Element;
    /// Which lanes a partial load or store touches.
    type Mask: Copy;
    /// What the machine must have.
    const LEVEL: Level;
    /// How many numbers.
    const N: usize;

    /// The mask of the first `n` lanes, at most `N`.
    unsafe fn first(n: usize) -> Self::Mask;
    /// 0 in all lanes.
    unsafe fn zero() -> Self;
    /// The same number in all lanes.
    unsafe fn splat(x: Self::Scalar) -> Self;
    /// `N` numbers from memory.
    unsafe fn load(from: *const Self::Scalar) -> Self;
    /// The numbers in the mask; the other lanes are 0 and their memory is not touched.
    unsafe fn load_masked(from: *const Self::Scalar, mask: Self::Mask) -> Self;
    /// Writes all lanes.
    unsafe fn store(self, to: *mut Self::Scalar);
    /// Writes the lanes in the mask; the memory of the others is not touched.
    unsafe fn store_masked(self, to: *mut Self::Scalar, mask: Self::Mask);
    /// `self · y + z` with one rounding.
    unsafe fn multiply_add(self, y: Self, z: Self) -> Self;
    /// `self + y`
    unsafe fn add(self, y: Self) -> Self;
    /// The sum of all lanes, by halves.
    unsafe fn sum(self) -> Self::Scalar;
    /// 0 where a lane is below 0; a NaN and -0 stay.
    unsafe fn rectify(self) -> Self;
    /// The lanes of both in turn: those of the first halves, and those of the second halves.
    unsafe fn zip(self, other: Self) -> [Self; 2];
    /// Asks for the line of memory that holds the place, which may lie anywhere, to be fetched to the first cache.
    unsafe fn prefetch(place: *const Self::Scalar);
    /// As [`Vector::prefetch`], to the second cache.
    unsafe fn prefetch_far(place: *const Self::Scalar);
}

/// Writes an implementation of [`Vector`]: the four differ only in the names of the instructions.
macro_rules! vector {
    (
        $vector:ident: $N:literal x $T:ident at $level:ident,
        $splat:ident $zero:ident $load:ident $store:ident $multiply_add:ident $add:ident $max:ident,
        $Mask:ty: |$n:ident| $first:expr,
        |$from:ident, $take:ident| $load_masked:expr,
        |$to:ident, $put:ident, $value:ident| $store_masked:expr,
        |$x:ident, $y:ident| $zip:expr,
        |$all:ident| $sum:expr
    ) => {
        impl Vector for $vector {
            type Scalar = $T;
            type Mask = $Mask;
            const LEVEL: Level = Level::$level;
            const N: usize = $N;

            #[inline(always)]
            unsafe fn first($n: usize) -> $Mask {
                // SAFETY: the caller's promise, as below.
                unsafe { $first }
            }
            #[inline(always)]
            unsafe fn zero() -> Self {
                // SAFETY: as above.
                unsafe { $zero() }
            }
            #[inline(always)]
            unsafe fn splat(x: $T) -> Self {
                // SAFETY: as above.
                unsafe { $splat(x) }
            }
            #[inline(always)]
            unsafe fn load(from: *const $T) -> Self {
                // SAFETY: as above.
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn load_masked($from: *const $T, $take: $Mask) -> Self {
                // SAFETY: as above.
                unsafe { $load_masked }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $T) {
                // SAFETY: as above.
                unsafe { $store(to, self) }
            }
            #[inline(always)]
            unsafe fn store_masked(self, $to: *mut $T, $put: $Mask) {
                let $value = self;
                // SAFETY: as above.
                unsafe { $store_masked }
            }
            #[inline(always)]
            unsafe fn multiply_add(self, y: Self, z: Self) -> Self {
                // SAFETY: as above.
                unsafe { $multiply_add(self, y, z) }
            }
            #[inline(always)]
            unsafe fn add(self, y: Self) -> Self {
                // SAFETY: as above.
                unsafe { $add(self, y) }
            }
            #[inline(always)]
            unsafe fn sum(self) -> $T {
                let $all = self;
                // SAFETY: as above.
                unsafe { $sum }
            }
            #[inline(always)]
            unsafe fn rectify(self) -> Self {
                // The instruction gives its second operand where one is NaN or both are 0.
                // SAFETY: as above.
                unsafe { $max(Self::zero(), self) }
            }
            #[inline(always)]
            unsafe fn zip(self, $y: Self) -> [Self; 2] {
                let $x = self;
                // SAFETY: as above.
                unsafe { $zip }
            }
            #[inline(always)]
            unsafe fn prefetch(place: *const $T) {
                // SAFETY: a prefetch never faults.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) }
            }
            #[inline(always)]
            unsafe fn prefetch_far(place: *const $T) {
                // SAFETY: a prefetch never faults.
                unsafe { _mm_prefetch::<_MM_HINT_T1>(place.cast()) }
            }
        }
    };
}

vector! {
    __m512: 16 x f32 at Avx512,
    _mm512_set1_ps _mm512_setzero_ps _mm512_loadu_ps _mm512_storeu_ps _mm512_fmadd_ps _mm512_add_ps _mm512_max_ps,
    __mmask16: |n| _cvtu32_mask16((1 << n) - 1),
    |from, mask| _mm512_maskz_loadu_ps(mask, from),
    |to, mask, value| _mm512_mask_storeu_ps(to, mask, value),
    |x, y| {
        let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        let high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        [_mm512_permutex2var_ps(x, low, y), _mm512_permutex2var_ps(x, high, y)]
    },
    |x| _mm512_reduce_add_ps(x)
}

vector! {
    __m512d: 8 x f64 at Avx512,
    _mm512_set1_pd _mm512_setzero_pd _mm512_loadu_pd _mm512_storeu_pd _mm512_fmadd_pd _mm512_add_pd _mm512_max_pd,
    __mmask8: |n| _cvtu32_mask8((1 << n) - 1),
    |from, mask| _mm512_maskz_loadu_pd(mask, from),
    |to, mask, value| _mm512_mask_storeu_pd(to, mask, value),
    |x, y| {
        let low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
        let high = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
        [_mm512_permutex2var_pd(x, low, y), _mm512_permutex2var_pd(x, high, y)]
    },
    |x| _mm512_reduce_add_pd(x)
}

vector! {
    __m256: 8 x f32 at Avx2,
    _mm256_set1_ps _mm256_setzero_ps _mm256_loadu_ps _mm256_storeu_ps _mm256_fmadd_ps _mm256_add_ps _mm256_max_ps,
    __m256i: |n| _mm256_cmpgt_epi32(_mm256_set1_epi32(n as i32), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)),
    |from, mask| _mm256_maskload_ps(from, mask),
    |to, mask, value| _mm256_maskstore_ps(to, mask, value),
    |x, y| {
        let (low, high) = (_mm256_unpacklo_ps(x, y), _mm256_unpackhi_ps(x, y));
        [_mm256_permute2f128_ps::<0x20>(low, high), _mm256_permute2f128_ps::<0x31>(low, high)]
    },
    |x| {
        let four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
    }
}

vector! {
    __m256d: 4 x f64 at Avx2,
    _mm256_set1_pd _mm256_setzero_pd _mm256_loadu_pd _mm256_storeu_pd _mm256_fmadd_pd _mm256_add_pd _mm256_max_pd,
    __m256i: |n| _mm256_cmpgt_epi64(_mm256_set1_epi64x(n as i64), _mm256_setr_epi64x(0, 1, 2, 3)),
    |from, mask| _mm256_maskload_pd(from, mask),
    |to, mask, value| _mm256_maskstore_pd(to, mask, value),
    |x, y| {
        let (low, high) = (_mm256_unpacklo_pd(x, y), _mm256_unpackhi_pd(x, y));
        [_mm256_permute2f128_pd::<0x20>(low, high), _mm256_permute2f128_pd::<0x31>(low, high)]
    },
    |x| {
        let two = _mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd::<1>(x));
        _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)))
    }
}
