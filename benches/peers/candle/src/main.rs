//! candle's side of `cargo xtask compare`, with its own kernels: no MKL, which its build would have to download.
#![forbid(unsafe_code)]

use std::hint::black_box;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{AdamW, Linear, Module, Optimizer as _, ParamsAdamW, SGD, VarBuilder, VarMap, linear, loss};
use wengert_protocol::{Hidden, Loss, Optimizer, Row, Work, answer, data, labels};

fn main() {
    answer("0.11.1", |row| {
        let work = match row {
            Row::Train { sizes, hidden, loss, optimizer, batch } => {
                training(sizes, *hidden, *loss, *optimizer, *batch)
            }
            Row::Infer { sizes, hidden, batch } => inference(sizes, *hidden, *batch),
            _ => return None,
        };
        Some(work.expect("candle accepts the row"))
    });
}

struct Mlp {
    layers: Vec<Linear>,
    hidden: Hidden,
}

impl Mlp {
    fn new(sizes: &[usize], hidden: Hidden, variables: &VarMap) -> Result<Mlp> {
        let builder = VarBuilder::from_varmap(variables, DType::F32, &Device::Cpu);
        let layer = |(index, pair): (usize, &[usize])| linear(pair[0], pair[1], builder.pp(index.to_string()));
        Ok(Mlp { layers: sizes.windows(2).enumerate().map(layer).collect::<Result<_>>()?, hidden })
    }

    /// The same weights as plain tensors: an operation on them remembers nothing.
    fn detached(&self) -> Mlp {
        let layer = |layer: &Linear| Linear::new(layer.weight().detach(), layer.bias().map(Tensor::detach));
        Mlp { layers: self.layers.iter().map(layer).collect(), hidden: self.hidden }
    }
}

impl Module for Mlp {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let last = self.layers.len() - 1;
        let mut x = x.clone();
        for (index, layer) in self.layers.iter().enumerate() {
            x = layer.forward(&x)?;
            x = match self.hidden {
                _ if index == last => x,
                Hidden::Relu => x.relu()?,
                Hidden::Sigmoid => candle_nn::ops::sigmoid(&x)?,
            };
        }
        Ok(x)
    }
}

enum Rule {
    Sgd(SGD),
    Adam(AdamW),
}

fn training(
    sizes: &[usize],
    hidden: Hidden,
    kind: Loss,
    optimizer: Optimizer,
    batch: usize,
) -> Result<Work<'static>> {
    let variables = VarMap::new();
    let model = Mlp::new(sizes, hidden, &variables)?;
    let n_out = sizes[sizes.len() - 1];
    let x = Tensor::from_vec(data(batch * sizes[0], 1), (batch, sizes[0]), &Device::Cpu)?;
    let y = match kind {
        Loss::SquaredError => Tensor::from_vec(data(batch * n_out, 2), (batch, n_out), &Device::Cpu)?,
        Loss::CrossEntropy => {
            let labels: Vec<u32> = labels(batch, n_out).into_iter().map(|label| label as u32).collect();
            Tensor::from_vec(labels, batch, &Device::Cpu)?
        }
    };
    let rate = optimizer.rate();
    let mut rule = match optimizer {
        Optimizer::Sgd => Rule::Sgd(SGD::new(variables.all_vars(), rate)?),
        // Without decay of the weights this is Adam.
        Optimizer::Adam => Rule::Adam(AdamW::new(
            variables.all_vars(),
            ParamsAdamW { lr: rate, weight_decay: 0.0, ..ParamsAdamW::default() },
        )?),
    };
    let mut step = move || -> Result<()> {
        let output = model.forward(&x)?;
        let value = match kind {
            Loss::SquaredError => loss::mse(&output, &y)?,
            Loss::CrossEntropy => loss::cross_entropy(&output, &y)?,
        };
        match &mut rule {
            Rule::Sgd(rule) => rule.backward_step(&value),
            Rule::Adam(rule) => rule.backward_step(&value),
        }
    };
    Ok(Work::new(move || step().expect("candle accepts the step")))
}

fn inference(sizes: &[usize], hidden: Hidden, batch: usize) -> Result<Work<'static>> {
    let model = Mlp::new(sizes, hidden, &VarMap::new())?.detached();
    let x = Tensor::from_vec(data(batch * sizes[0], 1), (batch, sizes[0]), &Device::Cpu)?;
    Ok(Work::new(move || {
        black_box(model.forward(&x).expect("candle accepts the data"));
    }))
}
