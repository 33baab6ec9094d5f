//! The words in which every loss is made and told what to do.

/// Writes `new` and `reduce` for a loss that is `Default` and has a field `reduction`, and what else it can be told.
// A macro, because the same methods stand in every loss.
macro_rules! settings {
    ($Loss:ident $(, $setting:ident)*) => {
        impl $Loss {
            /// The loss, with Keras' parameters.
            pub fn new() -> Self {
                Self::default()
            }

            /// Reduced in another way than to the mean.
            pub fn reduce(mut self, reduction: $crate::Reduction) -> Self {
                self.reduction = reduction;
                self
            }

            $($crate::loss::settings::setting!($setting);)*
        }
    };
}

macro_rules! setting {
    (from_logits) => {
        /// For a model that ends in logits. A last softmax or logistic function needs no word: the loss is computed on what
        /// goes into it.
        pub fn from_logits(self) -> Self {
            Self { from_logits: true, ..self }
        }
    };
    (keras_exact) => {
        /// With the arithmetic of Keras, which clips probabilities to within 1e-7 of 0 and 1. A prediction that is further out
        /// has no gradient then.
        pub fn keras_exact(self) -> Self {
            Self { keras_exact: true, ..self }
        }
    };
    (class_weights) => {
        /// With a factor at the term of each class. PyTorch also divides by the weights of the true classes: that is
        /// [`Reduction::WeightedMean`](crate::Reduction::WeightedMean).
        ///
        /// # Panics
        /// If one is not a finite number of at least 0.
        #[track_caller]
        pub fn class_weights(self, weights: &[f64]) -> Self {
            let are_weights = weights.iter().all(|&weight| weight.is_finite() && weight >= 0.0);
            assert!(
                are_weights,
                "class_weights: the weights are {weights:?}, expected finite numbers of at least 0"
            );
            Self { class_weights: Some(weights.into()), ..self }
        }
    };
    (label_smoothing) => {
        /// With targets that are mixed with so much of the uniform distribution.
        ///
        /// # Panics
        /// If the share does not lie between 0 and 1.
        #[track_caller]
        pub fn label_smoothing(self, share: f64) -> Self {
            assert!((0.0..=1.0).contains(&share), "label_smoothing: the share is {share}, expected 0 to 1");
            Self { smoothing: share, ..self }
        }
    };
}

pub(super) use {setting, settings};
