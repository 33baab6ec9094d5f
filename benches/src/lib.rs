//! The models that the benchmarks train, and one step of training each.
#![forbid(unsafe_code)]

use wengert::prelude::*;

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

/// What the output of a model is compared with.
#[derive(Clone, Copy, Debug)]
pub enum Loss {
    /// The mean squared error.
    SquaredError,
    /// The cross-entropy with one-hot targets.
    CrossEntropy,
}

/// A model, its data and its optimizer: all that a step of training needs.
#[derive(Debug)]
pub struct Training {
    /// `10-100-100-1 relu, Adam, batch 32`
    pub name: &'static str,
    model: Mlp,
    loss: Loss,
    x: Tensor,
    y: Tensor,
    optimizer: Box<dyn Optimizer>,
}

impl Training {
    /// The four models that are reported.
    pub fn all() -> Vec<Training> {
        let adam = || Box::new(Adam::default());
        let (relu, sigmoid) = (Activation::Relu, Activation::Sigmoid);
        let (squared, entropy) = (Loss::SquaredError, Loss::CrossEntropy);
        vec![
            Training::new(
                "2-2-1 sigmoid, SGD, batch 1",
                &[2, 2, 1],
                sigmoid,
                squared,
                1,
                Box::new(Sgd::new(0.1)),
            ),
            Training::new("10-100-100-1 relu, Adam, batch 32", &[10, 100, 100, 1], relu, squared, 32, adam()),
            Training::new(
                "64-100-100-10 relu, Adam, batch 32",
                &[64, 100, 100, 10],
                relu,
                entropy,
                32,
                adam(),
            ),
            Training::new(
                "784-512-512-10 relu, Adam, batch 128",
                &[784, 512, 512, 10],
                relu,
                entropy,
                128,
                adam(),
            ),
        ]
    }

    fn new(
        name: &'static str,
        sizes: &[usize],
        hidden: Activation,
        loss: Loss,
        n_rows: usize,
        optimizer: Box<dyn Optimizer>,
    ) -> Training {
        let mut rng = Rng::seed(0);
        let model = Mlp::new(sizes, hidden, &mut rng);
        let (n_in, n_out) = (sizes[0], sizes[sizes.len() - 1]);
        let x = Tensor::uniform([n_rows, n_in], 0.0, 1.0, &mut rng);
        let y = match loss {
            Loss::SquaredError => Tensor::uniform([n_rows, n_out], 0.0, 1.0, &mut rng),
            Loss::CrossEntropy => {
                let labels: Vec<usize> = (0..n_rows).map(|_| rng.below(n_out)).collect();
                Tensor::one_hot(&Indices::from(labels), n_out)
            }
        };
        Training { name, model, loss, x, y, optimizer }
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
