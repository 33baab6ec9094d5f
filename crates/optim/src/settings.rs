//! The words in which several optimizers are told the same. What all of them can be told stands in `tune.rs`.

/// Writes methods for an optimizer that has a field of that name (`betas`: `beta_1` and `beta_2`;
/// `initial_accumulator`: `start`).
// A macro, because the same methods stand in many optimizers.
macro_rules! settings {
    ($Optimizer:ident, $($setting:ident),+) => {
        impl $Optimizer {
            $($crate::settings::setting!($setting);)+
        }
    };
}

macro_rules! setting {
    (betas) => {
        /// The same with other decays of the estimates of mean and size.
        ///
        /// # Panics
        /// If one lies outside [0, 1).
        #[track_caller]
        pub fn betas(self, beta_1: f64, beta_2: f64) -> Self {
            for beta in [beta_1, beta_2] {
                $crate::rule::checked_share(self.core.name, "the decay", beta);
            }
            Self { beta_1, beta_2, ..self }
        }
    };
    (epsilon) => {
        /// The same with another number in the denominator. With 0, a parameter whose gradient has always been 0 becomes NaN.
        ///
        /// # Panics
        /// If it is not a finite number of at least 0.
        #[track_caller]
        pub fn epsilon(self, epsilon: f64) -> Self {
            Self { epsilon: $crate::rule::checked(self.core.name, "epsilon", epsilon), ..self }
        }
    };
    (rho) => {
        /// The same with another share that the means keep in each step.
        ///
        /// # Panics
        /// If it lies outside [0, 1).
        #[track_caller]
        pub fn rho(self, rho: f64) -> Self {
            Self { rho: $crate::rule::checked_share(self.core.name, "rho", rho), ..self }
        }
    };
    (initial_accumulator) => {
        /// The same with a sum of squares that begins at another number.
        ///
        /// # Panics
        /// If it is not a finite number of at least 0.
        #[track_caller]
        pub fn initial_accumulator(self, start: f64) -> Self {
            Self { start: $crate::rule::checked(self.core.name, "the initial accumulator", start), ..self }
        }
    };
}

pub(crate) use {setting, settings};
