//! The gradients of a model, layer by layer, and how far a step would move it.

use wengert_tensor::{Gradients, Module, Tensor};

use super::origin::{Origins, layer_of};

/// The parameters of one layer, their gradients, and the gradient that came back to it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LayerDiagnosis {
    /// Its name: what its parameters have before the last point.
    pub name: String,
    /// The number of trainable numbers.
    pub n_parameters: usize,
    /// The Euclidean norm of all its trainable parameters.
    pub weight_norm: f64,
    /// The norm of their gradients.
    pub gradient_norm: f64,
    /// The root of the mean square of the gradient with respect to what the layer computes from its input, before any
    /// other operation: what came back to it. Compared between layers, it tells of vanishing and exploding. 0 if nothing
    /// came back.
    pub returned: f64,
    /// The norm of a step of the optimizer through that of the weights; about 0.001 is usual. Nothing without an
    /// optimizer, if the gradients were not finite, or if the layer is all zero.
    pub update_ratio: Option<f64>,
    /// Whether the loss depends on the layer at all.
    pub is_reached: bool,
}

/// What came back to each layer, in the order of application.
pub(super) struct Backward {
    layers: Vec<(String, f64)>,
}

impl Backward {
    pub(super) fn of(origins: &Origins, derivatives: &[Option<Tensor>]) -> Backward {
        let returned = |&first: &usize| derivatives[first].as_ref().map_or(0.0, root_mean_square);
        Backward { layers: origins.layers.iter().cloned().zip(origins.firsts.iter().map(returned)).collect() }
    }

    fn place(&self, layer: &str) -> Option<usize> {
        self.layers.iter().position(|(name, _)| name == layer)
    }
}

fn root_mean_square(x: &Tensor) -> f64 {
    if x.size() == 0 { 0.0 } else { x.array().norm() / (x.size() as f64).sqrt() }
}

/// All layers that have something to train: those that were applied in that order, then those that were not.
pub(super) fn measure<M: Module>(
    model: &M,
    gradients: &Gradients<M>,
    updated: Option<&M>,
    backward: &Backward,
) -> Vec<LayerDiagnosis> {
    let updated = updated.map(|updated| updated.parameters());
    let mut layers: Vec<(LayerDiagnosis, [f64; 3])> = Vec::new();
    for (place, ((name, param), (_, gradient))) in
        model.parameters().into_iter().zip(gradients.parameters()).enumerate()
    {
        if !param.is_trainable() {
            continue;
        }
        let name = layer_of(&name);
        let index = layers.iter().position(|(layer, _)| layer.name == name).unwrap_or_else(|| {
            layers.push((empty(name, backward), [0.0; 3]));
            layers.len() - 1
        });
        let (layer, squares) = &mut layers[index];
        layer.n_parameters += param.size();
        squares[0] += param.array().norm().powi(2);
        squares[1] += gradient.array().norm().powi(2);
        if let Some(updated) = &updated {
            squares[2] += (&**updated[place].1 - &**param).array().norm().powi(2);
        }
    }
    // A step that moved nothing, such as one of several whose gradients are gathered, says nothing.
    let is_moved = layers.iter().any(|(_, squares)| squares[2] > 0.0);
    let mut layers: Vec<LayerDiagnosis> = layers
        .into_iter()
        .map(|(layer, squares)| {
            let [weight_norm, gradient_norm, step] = squares.map(f64::sqrt);
            let update_ratio = (is_moved && weight_norm > 0.0).then(|| step / weight_norm);
            LayerDiagnosis { weight_norm, gradient_norm, update_ratio, ..layer }
        })
        .collect();
    layers.sort_by_key(|layer| backward.place(&layer.name).unwrap_or(usize::MAX));
    layers
}

fn empty(name: &str, backward: &Backward) -> LayerDiagnosis {
    let place = backward.place(name);
    LayerDiagnosis {
        name: name.to_string(),
        n_parameters: 0,
        weight_norm: 0.0,
        gradient_norm: 0.0,
        returned: place.map_or(0.0, |place| backward.layers[place].1),
        update_ratio: None,
        is_reached: place.is_some(),
    }
}
