//! The angle between an output and its target as a loss.

use wengert_tensor::{Target, Tensor};

use super::settings::settings;
use super::target::numbers;
use crate::{Loss, Output, Reduction};

/// Minus the cosine of the angle between the rows of output and target; 0 where one of them is 0.
///
/// `l = -Σ y t / (‖y‖ ‖t‖)`
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, CosineSimilarity, Loss, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([[3.0, 4.0], [1.0, 0.0]]), activation: Activation::Linear };
/// let target = Target::from(Tensor::from([[6.0, 8.0], [0.0, 2.0]]));
/// assert_eq!(CosineSimilarity::new().each(&output, &target).to_vec::<f32>(), [-1.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CosineSimilarity {
    reduction: Reduction,
}
settings!(CosineSimilarity);

impl Loss for CosineSimilarity {
    fn name(&self) -> &'static str {
        "cosine_similarity"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let y = output.value();
        let t = numbers(self, &y, target);
        -(y.normalize(-1) * t.normalize(-1)).sum_axes(-1)
    }
}
