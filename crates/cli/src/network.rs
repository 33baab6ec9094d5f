//! The network of a task, and what trains and judges it.

use wengert::data::{Preparation, Task};
use wengert::nn::Activation;
use wengert::prelude::*;

use crate::choices::LossChoice;
use crate::failure::Failure;

/// What lies between the rows and the output.
#[derive(Debug)]
pub(crate) struct Inside<'a> {
    pub(crate) sizes: &'a [usize],
    pub(crate) activation: Activation,
    pub(crate) dropout: f64,
}

/// So many parameters take 4 GB with their gradients and an optimizer's state.
const MOST_PARAMETERS: u128 = 250_000_000;

/// A network with start values.
pub(crate) fn new(
    preparation: &Preparation,
    loss: LossChoice,
    inside: &Inside<'_>,
    seed: u64,
) -> Result<Sequential, Failure> {
    let (n_outputs, output) = output(preparation.task(), loss);
    let sizes: Vec<usize> =
        [preparation.width()].iter().chain(inside.sizes).chain([&n_outputs]).copied().collect();
    let n_parameters: u128 = sizes.windows(2).map(|pair| (pair[0] as u128 + 1) * pair[1] as u128).sum();
    if n_parameters > MOST_PARAMETERS {
        let message =
            format!("the network would have {n_parameters} parameters, expected at most {MOST_PARAMETERS}");
        return Err(Failure::Usage(message));
    }
    let mut model = Sequential::new([preparation.width()]).seed(seed);
    for &size in inside.sizes {
        let row = [size].into();
        if let Err(problem) = inside.activation.output_row(&row) {
            return Err(Failure::Usage(format!("--activation: {problem}")));
        }
        model = model.add(Dense::units(size).activation(inside.activation));
        if inside.dropout > 0.0 {
            model = model.add(Dropout::rate(inside.dropout));
        }
    }
    Ok(model.add(Dense::units(n_outputs).activation(output)))
}

/// How many numbers come out, and of what kind.
fn output(task: &Task, loss: LossChoice) -> (usize, Activation) {
    match (task.is_classification(), loss) {
        (false, _) => (task.n_outputs(), Activation::Linear),
        (true, LossChoice::BinaryCrossentropy) => (1, Activation::Sigmoid),
        (true, _) => (task.n_outputs(), Activation::Softmax),
    }
}

/// The loss that was asked for, or what is usual, if it fits the task.
pub(crate) fn loss(choice: Option<LossChoice>, task: &Task) -> Result<LossChoice, Failure> {
    let is_classification = task.is_classification();
    let loss = choice.unwrap_or(LossChoice::usual(is_classification));
    let what = if is_classification { "classification" } else { "regression" };
    if loss.is_of_classes() != is_classification {
        let usual = LossChoice::usual(is_classification).name();
        let message = format!("--loss {} is not one of {what}, expected {usual} for example", loss.name());
        return Err(Failure::Usage(message));
    }
    if loss == LossChoice::BinaryCrossentropy && task.n_outputs() != 2 {
        let n = task.n_outputs();
        let message = format!("--loss binary_crossentropy tells 2 classes apart, and the target has {n}");
        return Err(Failure::Usage(message));
    }
    Ok(loss)
}

/// The targets as the loss takes them.
pub(crate) fn targets(target: Target, loss: LossChoice) -> Target {
    match (target, loss) {
        (Target::Labels(labels), LossChoice::BinaryCrossentropy) => {
            let numbers: Vec<f64> = labels.iter().map(|label| label as f64).collect();
            let n_rows = numbers.len();
            Tensor::new(numbers, [n_rows, 1]).into()
        }
        (target, _) => target,
    }
}

/// A model that was trained on scaled targets, giving them in their own unit: its last layer has the scale in its weights.
pub(crate) fn in_unit_of(scaler: Option<&StandardScaler>, mut model: Sequential) -> Sequential {
    let Some(scaler) = scaler else { return model };
    let parameters = model.parameters();
    let [.., (weight, last), (bias, shift)] = &parameters[..] else { return model };
    let (scale, mean) = (scaler.scale().cast(DType::F64), scaler.shift().cast(DType::F64));
    let (last, shift) =
        (last.value().cast(DType::F64) * &scale, shift.value().cast(DType::F64) * &scale + &mean);
    let changed = [(weight.clone(), last), (bias.clone(), shift)];
    for (name, value) in changed {
        model.set_parameter(&name, &value);
    }
    model
}

/// `10 → 100 → 100 → 2`
pub(crate) fn shape(model: &Sequential) -> String {
    let sizes = model.parameters().into_iter().filter(|(_, param)| param.rank() == 2);
    let outputs = sizes.map(|(_, param)| param.shape()[1].to_string());
    let all: Vec<String> = std::iter::once(model.input().size().to_string()).chain(outputs).collect();
    all.join(" → ")
}

/// Refuses a loss that the output of a model is not made for.
pub(crate) fn check_output(model: &Sequential, task: &Task, loss: LossChoice) -> Result<(), Failure> {
    let (n_outputs, _) = output(task, loss);
    if *model.output() == [n_outputs] {
        return Ok(());
    }
    let (name, found) = (loss.name(), model.output());
    Err(Failure::Usage(format!("--loss {name} needs a model that gives [{n_outputs}], but it gives {found}")))
}
