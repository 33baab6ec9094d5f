//! The most multiplications and additions that the machine can do in `f32`: sixteen independent chains in registers.

use std::hint::black_box;

use wengert_protocol::{Row, Work, answer, threads};

/// Links of each chain in a step: some milliseconds, a hundred times what starting a thread takes.
const N_LINKS: u64 = 1 << 20;

/// So many chains hide the latency of an operation, on machines with two such units and a latency of up to eight.
const N_CHAINS: usize = 16;

fn main() {
    let (name, lanes, chains) = widest();
    answer(name, |row| {
        let Row::Peak = row else { return None };
        let n_threads = threads();
        let flops = 2 * N_LINKS * N_CHAINS as u64 * lanes * n_threads as u64;
        let step = move || {
            std::thread::scope(|scope| {
                for _ in 1..n_threads {
                    scope.spawn(|| black_box(chains(black_box(0.999), black_box(0.001))));
                }
                black_box(chains(black_box(0.999), black_box(0.001)));
            });
        };
        Some(Work { step: Box::new(step), flops: Some(flops) })
    });
}

/// The instructions' name, how many numbers one of them takes, and the loop.
fn widest() -> (&'static str, u64, fn(f32, f32) -> f32) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has just said that it has these instructions.
            return ("AVX-512", 16, |a, b| unsafe { x86::avx512(a, b) });
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: as above.
            return ("AVX2", 8, |a, b| unsafe { x86::avx2(a, b) });
        }
    }
    ("vectors of the compiler's choice", 16, portable)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{N_CHAINS, N_LINKS};
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx512f")]
    pub(super) fn avx512(a: f32, b: f32) -> f32 {
        let (a, b) = (_mm512_set1_ps(a), _mm512_set1_ps(b));
        let mut chains: [__m512; N_CHAINS] = std::array::from_fn(|chain| _mm512_set1_ps(chain as f32));
        for _ in 0..N_LINKS {
            for chain in &mut chains {
                *chain = _mm512_fmadd_ps(*chain, a, b);
            }
        }
        chains.iter().map(|&chain| _mm512_reduce_add_ps(chain)).sum()
    }

    #[target_feature(enable = "avx2,fma")]
    pub(super) fn avx2(a: f32, b: f32) -> f32 {
        let (a, b) = (_mm256_set1_ps(a), _mm256_set1_ps(b));
        // With the two constants more than twelve chains would not fit the sixteen registers; two loops of eight do.
        let mut sum = 0.0;
        for _ in 0..2 {
            let mut chains: [__m256; N_CHAINS / 2] = std::array::from_fn(|chain| _mm256_set1_ps(chain as f32));
            for _ in 0..N_LINKS {
                for chain in &mut chains {
                    *chain = _mm256_fmadd_ps(*chain, a, b);
                }
            }
            sum += chains.iter().map(|&chain| _mm256_cvtss_f32(chain)).sum::<f32>();
        }
        sum
    }
}

/// For other machines: sixteen chains of sixteen numbers, which the compiler turns into vectors.
fn portable(a: f32, b: f32) -> f32 {
    let mut chains = [[1.0_f32; 16]; N_CHAINS];
    for _ in 0..N_LINKS {
        for number in chains.as_flattened_mut() {
            *number = *number * a + b;
        }
    }
    chains.as_flattened().iter().sum()
}
