//! Random numbers that are the same on every machine: ChaCha8 from a seed. Who seeds is the caller's matter.

use rand::rngs::ChaCha8Rng;
use rand::{Rng as Source, SeedableRng};
use rand_distr::{Distribution, StandardNormal};

use crate::array::Array;
use crate::dispatch;
use crate::dtype::{DType, Float};
use crate::shape::Shape;

/// Where [`Rng::truncated_normal`] cuts, in standard deviations.
const CUT: f64 = 2.0;

/// How many numbers [`Rng::uniform`] draws at a time.
const N_AT_A_TIME: usize = 128;

/// A generator of random numbers: the ChaCha8 stream of a 64-bit key, and a position in it.
///
/// The key is written little-endian to the first 8 of ChaCha's 32 key bytes, the rest being 0; the stream number is 0.
/// Samples are drawn in `f64` and rounded, so that both element types see the same numbers.
///
/// # Examples
/// ```
/// use wengert_array::{DType, Rng};
/// let mut rng = Rng::seed(7);
/// let x = rng.uniform([2, 3], -1.0, 1.0, DType::F32);
/// assert!(x.iter().all(|x| (-1.0..=1.0).contains(&x)));
/// assert!(Rng::seed(7).uniform([2, 3], -1.0, 1.0, DType::F32).bit_eq(&x));
/// ```
/// # References
/// D. J. Bernstein, ChaCha, a variant of Salsa20, 2008.
#[derive(Debug)]
pub struct Rng {
    key: u64,
    stream: ChaCha8Rng,
}

impl Clone for Rng {
    /// A generator that goes on from the same position.
    fn clone(&self) -> Rng {
        Rng::at(self.key, self.position())
    }
}

impl Rng {
    /// A generator at the beginning of the seed's stream.
    pub fn seed(seed: u64) -> Rng {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        Rng { key: seed, stream: ChaCha8Rng::from_seed(bytes) }
    }

    /// The generator of a key at a position, as [`Rng::key`] and [`Rng::position`] gave them.
    pub fn at(key: u64, position: u64) -> Rng {
        let mut rng = Rng::seed(key);
        rng.stream.set_word_pos(u128::from(position));
        rng
    }

    /// The key of the stream, which is the seed.
    pub fn key(&self) -> u64 {
        self.key
    }

    /// How many 32-bit words of the stream have been used.
    pub fn position(&self) -> u64 {
        self.stream.get_word_pos() as u64
    }

    /// An independent generator, whose key is drawn from this one.
    pub fn split(&mut self) -> Rng {
        Rng::seed(self.stream.next_u64())
    }

    /// A number in [0, 1) with 53 random bits.
    pub fn next_f64(&mut self) -> f64 {
        unit(self.stream.next_u64())
    }

    /// Numbers uniform in `low..high`. Rounding to `f32` can give `high` itself.
    pub fn uniform(&mut self, shape: impl Into<Shape>, low: f64, high: f64, dtype: DType) -> Array {
        dispatch!(dtype, T => Array::build(shape.into(), |out: &mut [T]| self.fill_uniform(out, low, high)))
    }

    /// Normally distributed numbers.
    pub fn normal(&mut self, shape: impl Into<Shape>, mean: f64, std: f64, dtype: DType) -> Array {
        self.fill(shape.into(), dtype, |rng| mean + std * rng.next_normal())
    }

    /// Normally distributed numbers, where those further than 2 `std` from the mean are drawn again. Their standard
    /// deviation is 0.8796 `std`.
    pub fn truncated_normal(&mut self, shape: impl Into<Shape>, mean: f64, std: f64, dtype: DType) -> Array {
        self.fill(shape.into(), dtype, |rng| {
            let mut sample = rng.next_normal();
            while sample.abs() > CUT {
                sample = rng.next_normal();
            }
            mean + std * sample
        })
    }

    /// A number in `0..n`, each with the same probability.
    ///
    /// # Panics
    /// If `n` is 0.
    ///
    /// # References
    /// D. Lemire, Fast random integer generation in an interval, ACM TOMACS 29 (2019).
    #[track_caller]
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "below: there is no number below 0");
        let n = n as u64;
        // The products whose low half is under 2⁶⁴ mod n would make some results likelier.
        let unfair = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.stream.next_u64()) * u128::from(n);
            if product as u64 >= unfair {
                return (product >> 64) as usize;
            }
        }
    }

    /// The numbers `0..n` in random order, each order with the same probability.
    ///
    /// # References
    /// R. Durstenfeld, Algorithm 235: Random permutation, CACM 7 (1964).
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for last in (1..n).rev() {
            order.swap(last, self.below(last + 1));
        }
        order
    }

    fn next_normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.stream)
    }

    /// Draws the words of many numbers at a time, which are those that one after the other would have.
    fn fill_uniform<T: Float>(&mut self, out: &mut [T], low: f64, high: f64) {
        let mut bytes = [0; 8 * N_AT_A_TIME];
        for part in out.chunks_mut(N_AT_A_TIME) {
            let words = &mut bytes[..8 * part.len()];
            self.stream.fill_bytes(words);
            for (element, word) in part.iter_mut().zip(words.as_chunks().0) {
                *element = T::of(low + (high - low) * unit(u64::from_le_bytes(*word)));
            }
        }
    }

    fn fill(&mut self, shape: Shape, dtype: DType, mut draw: impl FnMut(&mut Rng) -> f64) -> Array {
        dispatch!(dtype, T => Array::build(shape, |out: &mut [T]| {
            for element in out {
                *element = T::of(draw(self));
            }
        }))
    }
}

/// The number in [0, 1) that the upper 53 bits say.
fn unit(bits: u64) -> f64 {
    const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
    (bits >> 11) as f64 * STEP
}
