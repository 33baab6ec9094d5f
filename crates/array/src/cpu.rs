//! Running a kernel compiled for the widest vectors that this machine has. What the kernels do is elsewhere.
//!
//! Builds are for the oldest machine of the architecture; a kernel is compiled once for each level, and the level is
//! chosen at run time. Rust never contracts `a * b + c`, so a kernel gives the same bits on each level.

use std::sync::LazyLock;

/// A piece of work with loops worth vectorising.
///
/// A trait rather than a closure, since only a method can be marked `#[inline(always)]`: the loops must become part
/// of the function that carries the target features.
pub(crate) trait Kernel {
    /// What one element costs, in additions of `f32`: see [`cost_in`].
    const COST: usize = 1;

    /// Does the work. Implementations are `#[inline(always)]`.
    fn run(self);
}

/// Which instructions kernels may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What every machine of the architecture has.
    Portable,
    /// AVX2 and fused multiply-add.
    Avx2,
    /// The parts of AVX-512 that all its processors for servers have.
    Avx512,
}

static LEVEL: LazyLock<Level> = LazyLock::new(|| {
    let wanted = match std::env::var("WENGERT_CPU").as_deref() {
        Ok("portable") => Level::Portable,
        Ok("avx2") => Level::Avx2,
        Ok("avx512") | Err(_) => Level::Avx512,
        Ok(other) => panic!("WENGERT_CPU: unknown level \"{other}\", expected portable, avx2 or avx512"),
    };
    wanted.min(available())
});

/// The widest vectors this machine has, or those that the environment variable `WENGERT_CPU` (`portable`, `avx2` or
/// `avx512`, read once) limits it to. Not inlined: every kernel asks.
#[inline(never)]
pub(crate) fn level() -> Level {
    *LEVEL
}

/// From this cost on a kernel is compiled once, for the portable level: it calls functions that no level has in vectors,
/// or is long arithmetic in `f64`, of which a vector holds few. That halves the time to compile the 70 kernels of this kind.
pub(crate) const MIN_SCALAR_COST: usize = 10;

/// From this cost on, and below [`MIN_SCALAR_COST`], AVX2 serves machines with AVX-512 too: roots and divisions are no
/// faster on wider registers, and every level that a kernel is compiled for makes everyone's build longer.
const MIN_NARROW_COST: usize = 2;

/// What `cost` additions in `T` are in additions of `f32`: three in `f64`, of which a vector holds half as many, and which
/// checks gradients more often than it trains. So few kernels in `f64` are compiled for more than one level.
pub(crate) const fn cost_in<T>(cost: usize) -> usize {
    if size_of::<T>() > size_of::<f32>() { 3 * cost } else { cost }
}

/// Runs a kernel at the machine's [`level`], or at a lower one that it is compiled for.
#[inline]
pub(crate) fn vectorize<K: Kernel>(kernel: K) {
    if const { K::COST >= MIN_SCALAR_COST } {
        kernel.run();
    } else if const { K::COST >= MIN_NARROW_COST } {
        run_narrow(kernel);
    } else {
        run_at(level(), kernel);
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn run_narrow(kernel: impl Kernel) {
    match level() {
        Level::Portable => kernel.run(),
        // SAFETY: a machine with AVX-512 has AVX2 too, and the level is at most `available()`.
        Level::Avx2 | Level::Avx512 => unsafe { run_avx2(kernel) },
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn run_narrow(kernel: impl Kernel) {
    kernel.run();
}

#[cfg(target_arch = "x86_64")]
pub(crate) fn available() -> Level {
    if !(is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")) {
        return Level::Portable;
    }
    let is_wide = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512bw");
    if is_wide { Level::Avx512 } else { Level::Avx2 }
}

#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn available() -> Level {
    Level::Portable
}

/// Runs a kernel at a level that the machine has.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn run_at(level: Level, kernel: impl Kernel) {
    match level {
        Level::Portable => kernel.run(),
        // SAFETY: the level is at most `available()`, which asked the processor for these features.
        Level::Avx2 => unsafe { run_avx2(kernel) },
        // SAFETY: as above.
        Level::Avx512 => unsafe { run_avx512(kernel) },
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub(crate) fn run_at(_: Level, kernel: impl Kernel) {
    kernel.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2(kernel: impl Kernel) {
    kernel.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
fn run_avx512(kernel: impl Kernel) {
    kernel.run();
}

/// Asks for the line of memory at an address, which need not be one of this program's.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn prefetch<T>(address: *const T) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a hint, which reads nothing that the program could see and never faults.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) }
}

/// Without a hint on this architecture.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(crate) fn prefetch<T>(_: *const T) {}

#[cfg(test)]
mod tests {
    use super::*;

    struct Polynomial<'a>(&'a [f32], &'a mut [f32]);

    impl Kernel for Polynomial<'_> {
        #[inline(always)]
        fn run(self) {
            for (y, x) in self.1.iter_mut().zip(self.0) {
                *y = (x * x * 0.3 + 0.7) / (x + 3.1) - x.sqrt() * x;
            }
        }
    }

    #[test]
    fn each_level_gives_the_same_bits() {
        let x: Vec<f32> = (0..1003).map(|i| i as f32 * 0.37).collect();
        let at = |level| {
            let mut y = vec![0.0; x.len()];
            run_at(level, Polynomial(&x, &mut y));
            y.into_iter().map(f32::to_bits).collect::<Vec<_>>()
        };
        for level in [Level::Avx2, Level::Avx512].into_iter().filter(|level| *level <= available()) {
            assert_eq!(at(level), at(Level::Portable), "{level:?}");
        }
    }
}
