//! The models that the benchmarks train, one step each, and products of matrices.
#![forbid(unsafe_code)]

use wengert::prelude::*;
use wengert_protocol::{Hidden, Layout, Loss, Optimizer as Kind, Row, data, labels};

/// A stack of dense layers as a struct, which is what somebody who builds an architecture writes.
#[derive(Module, Clone, Debug)]
pub struct Mlp {
    layers: Vec<Dense>,
}

impl Mlp {
    /// Layers of the given sizes, with the same activation after each but the last, which is linear.
    pub fn new(sizes: &[usize], hidden: Activation, rng: &mut Rng) -> Mlp {
        let n_layers = sizes.len() - 1;
        let activation = |index| if index + 1 < n_layers { hidden } else { Activation::Linear };
        let layer = |(index, pair): (usize, &[usize])| {
            Dense::new(pair[0], pair[1], rng).activation(activation(index))
        };
        Mlp { layers: sizes.windows(2).enumerate().map(layer).collect() }
    }
}

impl Layer for Mlp {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.clone();
        for layer in &self.layers {
            y = layer.forward(&y);
        }
        y
    }
}

/// A model, its data and its optimizer: all that a step of training needs.
#[derive(Debug)]
pub struct Training {
    model: Mlp,
    loss: Loss,
    x: Tensor,
    y: Tensor,
    optimizer: Box<dyn Optimizer>,
}

impl Training {
    /// What a row of training describes; nothing for another row.
    pub fn of(row: &Row) -> Option<Training> {
        let Row::Train { sizes, hidden, loss, optimizer, batch } = row else { return None };
        let model = Mlp::new(sizes, activation(*hidden), &mut Rng::seed(0));
        let (n_in, n_out) = (sizes[0], sizes[sizes.len() - 1]);
        let y = match loss {
            Loss::SquaredError => Tensor::new(data(batch * n_out, 2), [*batch, n_out]),
            Loss::CrossEntropy => Tensor::one_hot(&Indices::from(labels(*batch, n_out)), n_out),
        };
        let optimizer: Box<dyn Optimizer> = match optimizer {
            Kind::Sgd => Box::new(Sgd::new(optimizer.rate())),
            Kind::Adam => Box::new(Adam::new(optimizer.rate())),
        };
        Some(Training {
            model,
            loss: *loss,
            x: Tensor::new(data(batch * n_in, 1), [*batch, n_in]),
            y,
            optimizer,
        })
    }

    /// Forward, loss, backward and update.
    pub fn step(&mut self) -> f64 {
        let (x, y, loss) = (&self.x, &self.y, self.loss);
        let (value, grads) = value_and_grad(&self.model, |model| {
            let output = model.forward(x);
            match loss {
                Loss::SquaredError => output.mean_squared_error(y),
                Loss::CrossEntropy => output.cross_entropy(y),
            }
        });
        self.optimizer.step(&mut self.model, &grads);
        value.item()
    }
}

/// A model and data for its forward pass alone.
#[derive(Debug)]
pub struct Inference {
    model: Mlp,
    x: Tensor,
}

impl Inference {
    /// What a row of inference describes; nothing for another row.
    pub fn of(row: &Row) -> Option<Inference> {
        let Row::Infer { sizes, hidden, batch } = row else { return None };
        let model = Mlp::new(sizes, activation(*hidden), &mut Rng::seed(0));
        Some(Inference { model, x: Tensor::new(data(batch * sizes[0], 1), [*batch, sizes[0]]) })
    }

    /// The output of the model.
    pub fn step(&self) -> Tensor {
        self.model.forward(&self.x)
    }
}

/// A product of two matrices, without a tape.
#[derive(Debug)]
pub struct Product {
    left: Tensor,
    right: Tensor,
}

impl Product {
    /// What a row of a product describes; nothing for another row.
    pub fn of(row: &Row) -> Option<Product> {
        let Row::Product { layout, m, k, n } = *row else { return None };
        let matrix = |n_rows, n_cols, seed| Tensor::new(data(n_rows * n_cols, seed), [n_rows, n_cols]);
        let left = if layout == Layout::LeftTransposed { matrix(k, m, 1).t() } else { matrix(m, k, 1) };
        let right = if layout == Layout::RightTransposed { matrix(n, k, 2).t() } else { matrix(k, n, 2) };
        Some(Product { left, right })
    }

    /// The product.
    pub fn step(&self) -> Tensor {
        self.left.matmul(&self.right)
    }
}

fn activation(hidden: Hidden) -> Activation {
    match hidden {
        Hidden::Relu => Activation::Relu,
        Hidden::Sigmoid => Activation::Sigmoid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_small_row_learns() {
        for row in &wengert_protocol::TRAINING[..3] {
            let mut training = Training::of(&row.parse().expect("a row")).expect("a row of training");
            let first = training.step();
            let last = (0..100).map(|_| training.step()).last().expect("a hundred steps");
            assert!(last < first, "{row}: {first} {last}");
        }
    }

    #[test]
    fn a_product_has_its_shape_in_every_layout() {
        for row in ["nn 3x4x5", "tn 3x4x5", "nt 3x4x5"] {
            let product = Product::of(&row.parse().expect("a row")).expect("a product");
            let sizes = [&product.left, &product.right, &product.step()].map(|x| x.shape().to_vec());
            assert_eq!(sizes, [vec![3, 4], vec![4, 5], vec![3, 5]], "{row}");
        }
    }

    #[test]
    fn a_row_of_another_kind_is_not_taken() {
        let row: Row = "peak".parse().expect("a row");
        assert!(Training::of(&row).is_none() && Inference::of(&row).is_none() && Product::of(&row).is_none());
        let row: Row = "infer 3-4-2 relu 5".parse().expect("a row");
        assert_eq!(Inference::of(&row).expect("a row of inference").step().shape().to_vec(), [5, 2]);
    }
}
