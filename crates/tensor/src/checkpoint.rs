//! Checkpoints: parts of a computation that are computed again for their derivatives instead of being kept.

use std::panic::Location;
use std::sync::Arc;

use wengert_array::Array;

use crate::node::inspect::Inspect;
use crate::node::{Edge, Node, Pull, Rule, next_id};
use crate::{Inputs, Tape, Tensor};

/// `f(inputs)`, of which only the inputs are kept: what is computed on the way is computed again when derivatives
/// are asked for (T. Chen et al., "Training deep nets with sublinear memory cost", 2016).
///
/// A chain of `n` layers in blocks of `√n` needs memory for about `2√n` layers instead of `n`, and one more forward
/// pass. The value has the same bits as without the checkpoint; derivatives, of any order, are sums of the same terms,
/// if in another order. State that training changes is staged once, and random numbers are the same both times.
///
/// `inputs` is a tensor, a tuple, array or `Vec` of tensors, a part of a model, or a tuple that begins with one. The
/// function must depend on nothing else that is tracked, and give the same result whenever it is called. A search for
/// a NaN ([`Tape::first_nonfinite`]) sees the checkpoint as one operation: take it away to find the line inside.
///
/// # Panics
/// If `f` reads a tracked tensor that is not among `inputs`: it would get no gradient.
///
/// # Examples
/// ```
/// use wengert_tensor::{checkpoint, grad, Tensor};
///
/// let x = Tensor::from([0.5, 1.0]);
/// let f = |x: &Tensor| x.sin().exp().tanh();
/// let dx = grad(|x| checkpoint(x, f).sum(), &x);
/// assert_eq!(dx.to_vec::<f32>(), grad(|x| f(x).sum(), &x).to_vec::<f32>());
/// ```
/// A block of a model, with its parameters:
/// ```
/// # extern crate wengert_tensor as wengert;
/// use wengert_tensor::{checkpoint, value_and_grad, Module, Param, Tensor};
///
/// #[derive(Module, Clone, Debug)]
/// struct Block { weight: Param }
///
/// let block = Block { weight: Param::new(Tensor::eye(2)) };
/// let x = Tensor::from([[0.5, 1.0]]);
/// let (_, grads) = value_and_grad(&block, |block| {
///     checkpoint(&(block.clone(), x.clone()), |(block, x)| x.matmul(&block.weight).tanh()).sum()
/// });
/// assert_eq!(*grads.weight.shape(), [2, 2]);
/// ```
#[track_caller]
pub fn checkpoint<X>(inputs: &X, f: impl Fn(&X) -> Tensor + Send + Sync + 'static) -> Tensor
where
    X: Inputs + Send + Sync + 'static,
{
    let site = Location::caller();
    let edges: Vec<Edge> = inputs.tensors().iter().map(|(_, x)| x.edge()).collect();
    let inputs = inputs.map(&mut Tensor::detach);
    // Taken before the function moves the state on.
    let kept = inputs.fork();
    let y = f(&inputs);
    assert!(
        !y.is_tracked(),
        "checkpoint: the function reads a tracked tensor that is not among its inputs, which would get no gradient\n  \
         help: hand it over with the inputs (as a tensor: a frozen parameter is no input), or detach it"
    );
    if edges.iter().all(Option::is_none) {
        return y;
    }
    let arrays = kept.tensors().into_iter().map(|(_, x)| x.array).collect();
    let output = Array::placeholder(*y.shape(), y.dtype());
    let rule = Checkpoint { f, inputs: kept, arrays, edges, output };
    let origin: Arc<Node> = Arc::new(Node { id: next_id(), site, rule });
    Tensor { array: y.array, origin: Some(origin) }
}

struct Checkpoint<X, F> {
    f: F,
    /// Detached, with the state as it was.
    inputs: X,
    /// The tensors of `inputs`, in their order.
    arrays: Vec<Array>,
    edges: Vec<Edge>,
    output: Array,
}

impl<X: Inputs, F: Fn(&X) -> Tensor> Checkpoint<X, F> {
    /// The function once more, with the state as it was the first time.
    fn run(&self, mut x: impl FnMut(usize) -> Tensor) -> Tensor {
        let mut n_given = 0;
        let inputs = self.inputs.fork().map(&mut |_| {
            n_given += 1;
            x(n_given - 1)
        });
        (self.f)(&inputs)
    }
}

impl<X, F> Rule for Checkpoint<X, F>
where
    X: Inputs + Send + Sync,
    F: Fn(&X) -> Tensor + Send + Sync,
{
    fn name(&self) -> &'static str {
        "checkpoint"
    }

    fn edges(&self) -> &[Edge] {
        &self.edges
    }

    fn edges_mut(&mut self) -> &mut [Edge] {
        &mut self.edges
    }

    fn output(&self) -> &Array {
        &self.output
    }

    fn pull(&self, pull: Pull<'_>, emit: &mut dyn FnMut(usize, Tensor)) {
        let Pull { dy, is_wanted, is_attached, node: _ } = pull;
        let since = next_id();
        let leaf = |arg: usize| {
            let origin = self.edges[arg].clone().filter(|_| is_attached(arg));
            Tensor { array: self.arrays[arg].clone(), origin }.leaf(Location::caller())
        };
        let leaves: Vec<Tensor> = (0..self.arrays.len()).map(leaf).collect();
        let y = self.run(|arg| leaves[arg].clone());
        let wanted: Vec<usize> = (0..leaves.len()).filter(|&arg| is_wanted(arg)).collect();
        let targets: Vec<&Tensor> = wanted.iter().map(|&arg| &leaves[arg]).collect();
        for (&arg, dx) in wanted.iter().zip(Tape::since(since, [&y]).pull_back(&y, dy, &targets)) {
            if let Some(dx) = dx {
                emit(arg, dx);
            }
        }
    }
}

impl<X, F> Inspect for Checkpoint<X, F>
where
    X: Inputs,
    F: Fn(&X) -> Tensor,
{
    fn input(&self, arg: usize) -> &Array {
        &self.arrays[arg]
    }

    fn has_input(&self, _: usize) -> bool {
        true
    }

    fn has_output(&self) -> bool {
        false
    }

    fn replay(&self, xs: &[&Tensor]) -> Tensor {
        self.run(|arg| xs[arg].clone())
    }

    fn flops(&self) -> u64 {
        let y = self.run(|arg| Tensor::from(self.arrays[arg].clone()).tracked());
        Tape::of(&y).statistics().flops
    }
}
