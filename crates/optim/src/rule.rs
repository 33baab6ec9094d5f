//! What a rule sees of one parameter, and the pass over memory in which its arithmetic runs.

use wengert_array::{Array, Float, Pointwise, Update, pointwise, update};

/// One parameter in a step: its value, its gradient, and what the rule keeps for it.
#[derive(Debug)]
pub struct Parameter<'a> {
    /// Its name in the model, such as `hidden.weight`.
    pub name: &'a str,
    /// The weights, to be changed.
    pub value: &'a mut Array,
    /// The gradient as it came. A rule reads it through [`apply`](Parameter::apply) or
    /// [`gradient`](Parameter::gradient).
    pub(crate) gradient: &'a Array,
    /// The arrays that [`Optimizer::moments`](crate::Optimizer::moments) names, in the shape and dtype of the weights.
    pub moments: &'a mut [Array],
    /// The learning rate of this parameter.
    pub rate: f64,
    /// The number of this update, from 1.
    pub step: u64,
    /// Whether this parameter has not been updated before.
    pub is_new: bool,
    pub(crate) prepare: Prepare,
}

/// What is done with a gradient and its weights before the rule sees them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prepare {
    pub(crate) scale: f64,
    pub(crate) limit: f64,
    pub(crate) l2: f64,
    /// The share of each weight that is taken away.
    pub(crate) decay: f64,
}

impl Parameter<'_> {
    /// Rewrites weights and moments by a rule for one place, in one pass over memory. Clipping and decay happen on the
    /// way: the rule sees the gradient and the weights after them. The state is `[w, moments..]`, the other `[g]`.
    ///
    /// # Panics
    /// If the rule has not one state for the weights and one for each moment.
    #[track_caller]
    pub fn apply<const K: usize, R: Update<K, 1>>(&mut self, rule: R) {
        assert!(
            K == 1 + self.moments.len(),
            "optimizer: a rule with {K} states, expected {}",
            1 + self.moments.len()
        );
        let mut states = std::iter::once(&mut *self.value).chain(self.moments.iter_mut());
        let states: [&mut Array; K] = std::array::from_fn(|_| states.next().expect("counted above"));
        if const { R::COST <= MOST_BARE } && self.prepare.is_nothing() {
            update(&rule, states, [self.gradient]);
        } else {
            update(&Prepared { rule, prepare: self.prepare }, states, [self.gradient]);
        }
    }

    /// The gradient as a rule sees it: averaged, clipped, with L2 decay. For rules that are no function of one place.
    pub fn gradient(&self) -> Array {
        if self.prepare.is_nothing() {
            return self.gradient.cast(self.value.dtype());
        }
        let gradient = pointwise(&self.prepare, [self.value, self.gradient]);
        gradient.cast(self.value.dtype())
    }

    /// The share of each weight that decoupled decay takes away, the rate included, which [`apply`](Parameter::apply)
    /// does by itself.
    pub fn decay(&self) -> f64 {
        self.prepare.decay
    }
}

/// Rules up to this cost are compiled bare as well. Beside longer arithmetic, three multiplications are little.
const MOST_BARE: usize = 4;

impl Prepare {
    fn is_nothing(&self) -> bool {
        self.scale == 1.0 && self.limit == f64::INFINITY && self.l2 == 0.0 && self.decay == 0.0
    }
}

impl Pointwise<2> for Prepare {
    const COST: usize = 3;

    #[inline(always)]
    fn apply<T: Float>(&self, [w, g]: [T; 2]) -> T {
        let (g, limit) = (T::of(self.scale) * g, T::of(self.limit));
        let clipped = if g > limit { limit } else { g };
        let clipped = if clipped < -limit { -limit } else { clipped };
        clipped + T::of(self.l2) * w
    }
}

/// The rule itself and not a reference: the compiler finds no vectors behind two pointers.
struct Prepared<R> {
    rule: R,
    prepare: Prepare,
}

impl<R: Update<K, 1>, const K: usize> Update<K, 1> for Prepared<R> {
    const COST: usize = R::COST + 3;

    #[inline(always)]
    fn apply<T: Float>(&self, mut state: [T; K], [g]: [T; 1]) -> [T; K] {
        let w = state[0];
        // Not `w` times `1 - decay`: in f32 that number would hold only few digits of a small decay.
        state[0] = w - T::of(self.prepare.decay) * w;
        self.rule.apply(state, [self.prepare.apply([w, g])])
    }
}

/// 1, -1, or 0 for 0. One choice after the other, where the compiler makes branches of a choice within a choice.
#[inline(always)]
pub(crate) fn sign<T: Float>(x: T) -> T {
    let positive = if x > T::zero() { T::one() } else { T::zero() };
    let negative = if x < T::zero() { T::one() } else { T::zero() };
    positive - negative
}

/// Zero for what is too small for full precision: arithmetic on denormal numbers is many times slower, and the
/// moments of units that have died would fill with them.
#[inline(always)]
pub(crate) fn flush<T: Float>(x: T) -> T {
    if x.abs() < T::min_positive_value() { T::zero() } else { x }
}

/// `1 - βᵗ`: how much of a running mean that began at 0 is not that beginning.
pub(crate) fn correction(beta: f64, step: u64) -> f64 {
    1.0 - beta.powi(i32::try_from(step).unwrap_or(i32::MAX))
}

/// The number, if it is one that can scale a step.
#[track_caller]
pub(crate) fn checked(name: &str, what: &str, number: f64) -> f64 {
    assert!(
        number.is_finite() && number >= 0.0,
        "{name}: {what} {number} is not a finite number of at least 0"
    );
    number
}

/// The number, if a running mean can keep that share of itself.
#[track_caller]
pub(crate) fn checked_share(name: &str, what: &str, share: f64) -> f64 {
    assert!((0.0..1.0).contains(&share), "{name}: {what} {share} lies outside [0, 1)");
    share
}
