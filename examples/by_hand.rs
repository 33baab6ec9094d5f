//! Forward propagation, loss, slopes and backpropagation by hand: the worked examples of the course.
//!
//! ```text
//! cargo run --release --example by_hand
//! ```
#![forbid(unsafe_code)]

use wengert::prelude::*;

/// Numbers as the course writes them, in double precision.
fn vector<const N: usize>(numbers: [f64; N]) -> Tensor {
    Tensor::new(numbers.to_vec(), [N])
}

/// The value of a node: each input times its weight, added up.
fn node(inputs: &Tensor, weights: &Tensor) -> Tensor {
    (inputs * weights).sum()
}

/// The values of several nodes as the inputs of the next layer.
fn layer(inputs: &Tensor, nodes: [&Tensor; 2]) -> Tensor {
    let weights = Tensor::new(nodes.map(|weights| weights.to_vec::<f64>()).concat(), [2, 2]);
    weights.matmul(&inputs.unsqueeze(-1)).squeeze(-1)
}

fn main() {
    forward_propagation();
    activation_functions();
    loss_and_gradient_descent();
    backpropagation();
}

fn forward_propagation() {
    println!("Forward propagation");
    let inputs = vector([2.0, 3.0]);
    let (node_0, node_1, output) = (vector([1.0, 1.0]), vector([-1.0, 1.0]), vector([2.0, -1.0]));
    let hidden = layer(&inputs, [&node_0, &node_1]);
    println!("  inputs [2, 3] give the hidden nodes {:?}", hidden.to_vec::<f64>());
    println!("  and the output {}\n", node(&hidden, &output).item());
}

fn activation_functions() {
    println!("Activation functions");
    let inputs = vector([3.0, 5.0]);
    let (node_0, node_1, output) = (vector([2.0, 4.0]), vector([4.0, -5.0]), vector([2.0, 7.0]));
    let raw = layer(&inputs, [&node_0, &node_1]);
    for (name, activation) in
        [("identity", Activation::Linear), ("relu", Activation::Relu), ("tanh", Activation::Tanh)]
    {
        let hidden = activation.apply(&raw);
        println!("  {name:<9} hidden {:?}, output {}", hidden.to_vec::<f64>(), node(&hidden, &output).item());
    }
    let second = layer(&raw.relu(), [&vector([-1.0, 2.0]), &vector([1.0, 2.0])]).relu();
    println!("  two layers of relu give {}\n", node(&second, &output).item());
}

fn loss_and_gradient_descent() {
    println!("Loss and gradient descent");
    let (prediction, actual) = (vector([10.0, 8.0, 6.0]), vector([20.0, 3.0, 1.0]));
    println!("  mean squared error {}", (prediction - actual).square().mean().item());

    // One weight: the slope is 2 · input · error, and the tape finds it.
    let slope = grad(|w| (w * 3.0 - 10.0).square(), &Tensor::new(vec![2.0], ()));
    println!("  one weight: slope {}, new weight {}", slope.item(), 2.0 - 0.01 * slope.item());

    let (mut weights, inputs, target) = (vector([1.0, 2.0]), vector([3.0, 4.0]), 6.0);
    for step in 0..3 {
        let error = node(&inputs, &weights) - target;
        let slope = grad(|w| (node(&inputs, w) - target).square().sum(), &weights);
        println!("  step {step}: weights {:?}, error {:.4}", weights.to_vec::<f64>(), error.item());
        weights = weights - slope * 0.01;
    }
    println!();
}

fn backpropagation() {
    println!("Backpropagation");
    let inputs = vector([0.0, 1.0]);
    let first = Tensor::new(vec![0.0, 2.0, 1.0, 3.0], [2, 2]).tracked(); // a column for each hidden node
    let second = vector([1.0, 3.0]).tracked();
    let hidden = inputs.unsqueeze(0).matmul(&first).relu().squeeze(0);
    let loss = (node(&hidden, &second) - 7.0).square();
    let tape = Tape::of(&loss);
    println!("  the tape, first to last:");
    for line in tape.to_string().lines() {
        println!("  {line}");
    }
    println!("  slopes of the output weights {:?}", tape.gradient(&second).to_vec::<f64>());
    println!("  slopes of the hidden weights {:?}", tape.gradient(&first).t().to_vec::<f64>());
}
