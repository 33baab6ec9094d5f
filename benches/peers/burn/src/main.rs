//! burn's side of `cargo xtask compare`, on its backend flex.
#![forbid(unsafe_code)]

use std::hint::black_box;

use burn::module::Module;
use burn::nn::loss::{CrossEntropyLossConfig, MseLoss, Reduction};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Device, Int, Tensor, TensorData};
use wengert_protocol::{Hidden, Loss, Optimizer, Row, Work, answer, data, labels};

fn main() {
    answer("0.22.1 (flex)", |row| match row {
        Row::Train { sizes, hidden, loss, optimizer, batch } => {
            Some(training(sizes, *hidden, *loss, *optimizer, *batch))
        }
        Row::Infer { sizes, hidden, batch } => Some(inference(sizes, *hidden, *batch)),
        _ => None,
    });
}

#[derive(Module, Debug)]
struct Mlp {
    layers: Vec<Linear>,
}

impl Mlp {
    fn new(sizes: &[usize], device: &Device) -> Mlp {
        let layer = |pair: &[usize]| LinearConfig::new(pair[0], pair[1]).init(device);
        Mlp { layers: sizes.windows(2).map(layer).collect() }
    }

    fn forward(&self, mut x: Tensor<2>, hidden: Hidden) -> Tensor<2> {
        let last = self.layers.len() - 1;
        for (index, layer) in self.layers.iter().enumerate() {
            x = layer.forward(x);
            x = match hidden {
                _ if index == last => x,
                Hidden::Relu => relu(x),
                Hidden::Sigmoid => sigmoid(x),
            };
        }
        x
    }
}

enum Target {
    Values(Tensor<2>),
    Labels(Tensor<1, Int>),
}

fn training(sizes: &[usize], hidden: Hidden, loss: Loss, optimizer: Optimizer, batch: usize) -> Work<'static> {
    let device = Device::flex().autodiff();
    let n_out = sizes[sizes.len() - 1];
    let mut model = Some(Mlp::new(sizes, &device));
    let x = matrix(batch, sizes[0], 1, &device);
    let target = match loss {
        Loss::SquaredError => Target::Values(matrix(batch, n_out, 2, &device)),
        Loss::CrossEntropy => {
            let labels: Vec<i64> = labels(batch, n_out).into_iter().map(|label| label as i64).collect();
            Target::Labels(Tensor::from_data(TensorData::new(labels, [batch]), &device))
        }
    };
    let mut rule: ModuleOptimizer = match optimizer {
        Optimizer::Sgd => SgdConfig::new().init(),
        Optimizer::Adam => AdamConfig::new().init(),
    };
    let entropy = CrossEntropyLossConfig::new().init(&device);
    Work::new(move || {
        let mlp = model.take().expect("the last step put it back");
        let output = mlp.forward(x.clone(), hidden);
        let loss = match &target {
            Target::Values(y) => MseLoss::new().forward(output, y.clone(), Reduction::Mean),
            Target::Labels(y) => entropy.forward(output, y.clone()),
        };
        let gradients = GradientsParams::from_grads(loss.backward(), &mlp);
        model = Some(rule.step(optimizer.rate(), mlp, gradients));
    })
}

fn inference(sizes: &[usize], hidden: Hidden, batch: usize) -> Work<'static> {
    let device = Device::flex();
    let model = Mlp::new(sizes, &device);
    let x = matrix(batch, sizes[0], 1, &device);
    Work::new(move || {
        black_box(model.forward(x.clone(), hidden));
    })
}

fn matrix(n_rows: usize, n_cols: usize, seed: u64, device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(data(n_rows * n_cols, seed), [n_rows, n_cols]), device)
}
