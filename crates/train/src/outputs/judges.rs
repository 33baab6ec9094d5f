//! The loss of all outputs together, and what is reported of each.

use std::sync::Arc;

use wengert_nn::{Loss, Output};
use wengert_tensor::{Shape, Target, Tensor};

use super::layout::{Layout, Part};
use crate::{Judged, Metric};

/// The sum of the losses of all outputs, by their weights.
#[derive(Debug)]
pub(super) struct JointLoss {
    pub(super) layout: Arc<Layout>,
    /// In the order of the layout.
    pub(super) losses: Vec<(Arc<dyn Loss>, f64)>,
}

impl JointLoss {
    /// The sum over the outputs of what is asked of each.
    #[track_caller]
    fn sum(
        &self,
        output: &Output,
        target: &Target,
        of: impl Fn(&dyn Loss, &Output, &Target) -> Tensor,
    ) -> Tensor {
        let mut sum: Option<Tensor> = None;
        for (part, (loss, weight)) in self.layout.parts.iter().zip(&self.losses) {
            let value = of(&**loss, &part.output(&output.raw), &part.target(target));
            let value = if *weight == 1.0 { value } else { value * *weight };
            sum = Some(match sum {
                None => value,
                Some(sum) => sum + value,
            });
        }
        sum.unwrap_or(Tensor::zeros([]))
    }
}

impl Loss for JointLoss {
    fn name(&self) -> &'static str {
        "outputs"
    }

    /// For each row the sum of what it adds to the means.
    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let n_rows = output.raw.shape()[0];
        self.sum(output, target, |loss, output, target| {
            let each = loss.each(output, target);
            let per_row = each.size() / n_rows.max(1);
            each.reshape([n_rows, per_row]).mean_axes(1)
        })
    }

    #[track_caller]
    fn value(&self, output: &Output, target: &Target) -> Tensor {
        self.sum(output, target, |loss, output, target| loss.value(output, target))
    }

    #[track_caller]
    fn weighted_value(&self, output: &Output, target: &Target, weights: &Tensor) -> Tensor {
        self.sum(output, target, |loss, output, target| loss.weighted_value(output, target, weights))
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        let expected = [output[0], self.layout.n_target_columns()];
        match target {
            Target::Values(values) if *values.shape() == expected => Ok(()),
            _ => Err("the target is not that of all outputs, expected one for each, by name".to_string()),
        }
    }
}

/// The loss of one output, as it is without its weight, or a metric of it.
#[derive(Debug)]
pub(super) struct OfOutput<J> {
    pub(super) name: String,
    pub(super) part: Part,
    pub(super) judge: J,
}

impl Metric for OfOutput<Box<dyn Metric>> {
    fn name(&self) -> &str {
        &self.name
    }
    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        let (output, target) = (self.part.output(&rows.output.raw), self.part.target(rows.target));
        self.judge.add(seen, &Judged { output: &output, target: &target, weights: rows.weights });
    }
    fn result(&self, seen: &[f64]) -> f64 {
        self.judge.result(seen)
    }
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        self.judge.check(&self.part.rows(output[0]), &self.part.target(target))
    }
    fn is_larger_better(&self) -> Option<bool> {
        self.judge.is_larger_better()
    }
}

impl Metric for OfOutput<Arc<dyn Loss>> {
    fn name(&self) -> &str {
        &self.name
    }
    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        let (output, target) = (self.part.output(&rows.output.raw), self.part.target(rows.target));
        let losses = self.judge.each(&output, &target).to_vec::<f64>();
        seen.resize(2, 0.0);
        for (weight, loss) in rows.entry_weights(losses.len()).zip(losses) {
            if weight != 0.0 {
                seen[0] += weight * loss;
                seen[1] += weight;
            }
        }
    }
    fn result(&self, seen: &[f64]) -> f64 {
        if seen[1] == 0.0 { 0.0 } else { seen[0] / seen[1] }
    }
    fn is_larger_better(&self) -> Option<bool> {
        Some(false)
    }
}
