//! An operation of one's own, with its derivative, proven in one line and used in a model.
//!
//! ```text
//! cargo run --release --example custom_operation
//! ```
//!
//! Root mean square normalisation (B. Zhang, R. Sennrich, "Root Mean Square Layer Normalization", 2019) is five
//! operations of the catalogue; as one it is one pass over the rows, and keeps one array for its derivative.
#![forbid(unsafe_code)]

use wengert::array::rows;
use wengert::prelude::*;
use wengert::{Array, Float, Mismatch, Needs, Op, Sample, Shape, apply, array, catalogue};

const EPSILON: f64 = 1e-6;

/// y = x / r over the last axis, r = √(mean x² + ε),  dx = (dy - y mean(dy y)) / r
#[derive(Clone, Debug)]
struct RmsNorm;

impl Op<1> for RmsNorm {
    const NAME: &'static str = "rms_norm";
    const NEEDS: [Needs; 1] = [Needs::input(0).and(Needs::OUTPUT)];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        if x.is_empty() { Err(Mismatch::new("a number has no rows").row("x", x)) } else { Ok(*x) }
    }

    fn forward(&self, [x]: [&Array; 1], _: &Shape) -> Array {
        let [y] = rows(self, [x], [x.shape()[x.rank() - 1]]);
        y
    }

    // In tensor code, so that it can be differentiated again: to any order.
    fn vjp(&self, _: usize, [x]: [&Tensor; 1], y: &Tensor, dy: &Tensor) -> Tensor {
        let r = (x.square().mean_keep(-1) + EPSILON).sqrt();
        (dy - y * (dy * y).mean_keep(-1)) / r
    }

    fn samples() -> Vec<Sample<Self, 1>> {
        let shapes: [&[usize]; 6] = [&[4], &[1], &[3, 5], &[2, 1, 3], &[0, 2], &[2, 0]];
        let smooth = shapes.map(|shape| Sample::random(RmsNorm, [shape]));
        let scalar = Sample::fails(RmsNorm, [&[]], "a number has no rows");
        smooth.into_iter().chain([scalar]).collect()
    }
}

impl array::Rows<1, 1> for RmsNorm {
    fn apply<T: Float>(&self, _: usize, [x]: [&[T]; 1], [y]: [&mut [T]; 1]) {
        let squares = x.iter().fold(T::zero(), |sum, &x| sum + x * x);
        let r = (squares / T::of(x.len() as f64) + T::of(EPSILON)).sqrt();
        for (y, &x) in y.iter_mut().zip(x) {
            *y = x / r;
        }
    }
}

#[derive(Module, Clone, Debug)]
struct Normed {
    hidden: Dense,
    output: Dense,
}

impl Layer for Normed {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.output.forward(&apply(RmsNorm, [&self.hidden.forward(x)]).relu())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The proof: shapes, layouts, both orders against central differences, f32 against f64.
    let summary = catalogue::check::<RmsNorm, 1>()?;
    println!("rms_norm: {} samples, {} layouts of them", summary.n_samples, summary.n_layouts);

    // The whole model, f32 as it is, is checked the same way.
    let mut rng = Rng::seed(0);
    let mut model = Normed { hidden: Dense::new(2, 16, &mut rng), output: Dense::new(16, 1, &mut rng) };
    let x = Tensor::uniform([64, 2], -1.0, 1.0, &mut rng);
    let y = (x.slice(1, 0..1) * x.slice(1, 1..2)).sin();
    gradcheck(&model, |m| (m.forward(&x) - &y).square().mean())?;
    println!("the model with it: its gradients agree with central differences");

    let mut adam = Adam::new(0.01);
    for step in 0..=300 {
        let (loss, grads) = value_and_grad(&model, |m| (m.forward(&x) - &y).square().mean());
        if step % 100 == 0 {
            println!("step {step:>3}  loss {:.5}", loss.item());
        }
        adam.step(&mut model, &grads);
    }
    Ok(())
}
