//! dfdx's side of `cargo xtask compare`. Its models are types, so that each row is written out here.
#![forbid(unsafe_code)]

use std::hint::black_box;

use dfdx::data::OneHotEncode;
use dfdx::optim::{Adam, AdamConfig, Sgd, SgdConfig};
use dfdx::prelude::*;
use wengert_protocol::{Loss, Optimizer as Kind, Row, Work, answer, data, labels};

type Mlp<A, const IN: usize, const H: usize, const OUT: usize> =
    ((Linear<IN, H>, A), (Linear<H, H>, A), Linear<H, OUT>);
type Tiny = ((Linear<2, 2>, Sigmoid), Linear<2, 1>);

fn main() {
    // What its documentation advises: "ftz substantially improves performance".
    dfdx::flush_denormals_to_zero();
    answer("0.13.0", |row| match row.to_string().as_str() {
        "train 2-2-1 sigmoid mse sgd 1" => Some(training!(Tiny, 1, 2, 1, row)),
        "train 10-100-100-1 relu mse adam 32" => Some(training!(Mlp<ReLU, 10, 100, 1>, 32, 10, 1, row)),
        "train 64-100-100-10 relu entropy adam 32" => {
            Some(training!(Mlp<ReLU, 64, 100, 10>, 32, 64, 10, row))
        }
        "train 784-512-512-10 relu entropy adam 128" => {
            Some(training!(Mlp<ReLU, 784, 512, 10>, 128, 784, 10, row))
        }
        "train 1024-4096-4096-1024 relu mse sgd 512" => {
            Some(training!(Mlp<ReLU, 1024, 4096, 1024>, 512, 1024, 1024, row))
        }
        "infer 10-100-100-1 relu 1" => Some(inference!(Mlp<ReLU, 10, 100, 1>, 1, 10)),
        "infer 784-512-512-10 relu 1" => Some(inference!(Mlp<ReLU, 784, 512, 10>, 1, 784)),
        "infer 784-512-512-10 relu 256" => Some(inference!(Mlp<ReLU, 784, 512, 10>, 256, 784)),
        _ => None,
    });
}

/// A macro, since a function would need the two dozen bounds of dfdx's traits for its model and its tape.
macro_rules! training {
    ($model:ty, $batch:literal, $in:literal, $out:literal, $row:expr) => {{
        let Row::Train { loss, optimizer, .. } = $row else { unreachable!("a row of training") };
        let (loss, optimizer) = (*loss, *optimizer);
        let device = Cpu::default();
        let mut model = device.build_module::<$model, f32>();
        let mut gradients = Some(model.alloc_grads());
        let x: Tensor<Rank2<$batch, $in>, f32, _> = device.tensor(data($batch * $in, 1));
        let y: Tensor<Rank2<$batch, $out>, f32, _> = match loss {
            Loss::SquaredError => device.tensor(data($batch * $out, 2)),
            Loss::CrossEntropy => {
                let labels = labels($batch, $out);
                device.one_hot_encode(Const::<$out>, labels).realize()
            }
        };
        let mut adam = Adam::new(&model, AdamConfig { lr: Kind::Adam.rate(), ..Default::default() });
        let mut sgd = Sgd::new(&model, SgdConfig { lr: Kind::Sgd.rate(), ..Default::default() });
        Work::new(move || {
            let mut store = gradients.take().expect("the last step put them back");
            let output = model.forward_mut(x.trace(store));
            let value = match loss {
                Loss::SquaredError => mse_loss(output, y.clone()),
                Loss::CrossEntropy => cross_entropy_with_logits_loss(output, y.clone()),
            };
            store = value.backward();
            match optimizer {
                Kind::Sgd => sgd.update(&mut model, &store),
                Kind::Adam => adam.update(&mut model, &store),
            }
            .expect("every parameter has a gradient");
            model.zero_grads(&mut store);
            gradients = Some(store);
        })
    }};
}
use training;

/// A macro for the same reason.
macro_rules! inference {
    ($model:ty, $batch:literal, $in:literal) => {{
        let device = Cpu::default();
        let model = device.build_module::<$model, f32>();
        let x: Tensor<Rank2<$batch, $in>, f32, _> = device.tensor(data($batch * $in, 1));
        Work::new(move || {
            black_box(model.forward(x.clone()));
        })
    }};
}
use inference;
