//! What a function of several tensors may take: tensors, collections of them, and models.

use wengert_array::DType;

use crate::differentiate::training_copy;
use crate::module::{Module, Path, VisitorMut};
use crate::{Buffer, Generator, Param, Tensor};

/// The inputs of a function that is checked or checkpointed: tensors, collections of them, and models.
pub trait Inputs: Clone {
    /// All tensors with their names.
    fn tensors(&self) -> Vec<(String, Tensor)>;

    /// A copy with every tensor replaced by what `f` makes of it, in the order of [`tensors`](Inputs::tensors).
    fn map(&self, f: &mut dyn FnMut(&Tensor) -> Tensor) -> Self;

    /// A copy in `f64`.
    fn in_f64(&self) -> Self {
        self.map(&mut |x| x.cast(DType::F64))
    }

    /// A copy that the function may be called with: for a model, one whose stateful layers train.
    fn for_evaluation(&self) -> Self {
        self.clone()
    }

    /// A copy whose state (running statistics, positions of generators) goes on from here apart from this one's.
    fn fork(&self) -> Self {
        self.clone()
    }

    /// A copy with one tensor replaced.
    #[doc(hidden)]
    fn with_tensor(&self, place: usize, value: Tensor) -> Self {
        let mut index = 0;
        self.map(&mut |x| {
            index += 1;
            if index == place + 1 { value.clone() } else { x.clone() }
        })
    }

    /// A copy whose tensors are leaves.
    #[doc(hidden)]
    fn with_leaves(&self) -> Self {
        self.map(&mut |x| x.leaf(std::panic::Location::caller()))
    }
}

impl Inputs for Tensor {
    fn tensors(&self) -> Vec<(String, Tensor)> {
        vec![("x".to_string(), self.clone())]
    }
    fn map(&self, f: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
        f(self)
    }
}

impl Inputs for Vec<Tensor> {
    fn tensors(&self) -> Vec<(String, Tensor)> {
        self.iter().enumerate().map(|(i, x)| (format!("x[{i}]"), x.clone())).collect()
    }
    fn map(&self, f: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
        self.iter().map(f).collect()
    }
}

impl<const N: usize> Inputs for [Tensor; N] {
    fn tensors(&self) -> Vec<(String, Tensor)> {
        self.to_vec().tensors()
    }
    fn map(&self, f: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
        self.each_ref().map(f)
    }
}

macro_rules! tensor {
    ($index:tt) => {
        Tensor
    };
}

macro_rules! beside_tensors {
    ($([$($index:tt)+])*) => {$(
        impl<X: Inputs> Inputs for (X, $(tensor!($index)),+) {
            fn tensors(&self) -> Vec<(String, Tensor)> {
                let mut all: Vec<_> = self.0.tensors().into_iter().map(|(name, x)| (part_name(0, &name), x)).collect();
                $(all.push((part_name($index, "x"), self.$index.clone()));)+
                all
            }
            fn map(&self, f: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
                (self.0.map(f), $(f(&self.$index)),+)
            }
            fn in_f64(&self) -> Self {
                (self.0.in_f64(), $(self.$index.cast(DType::F64)),+)
            }
            fn for_evaluation(&self) -> Self {
                (self.0.for_evaluation(), $(self.$index.clone()),+)
            }
            fn fork(&self) -> Self {
                (self.0.fork(), $(self.$index.clone()),+)
            }
        }
    )*};
}
// Tensors, or a model and tensors, in tuples of two to four: Rust has no tuples of any length.
beside_tensors!([1] [1 2] [1 2 3]);

/// `x[1]` for a tensor of a tuple; the parameters of a model keep their names.
fn part_name(index: usize, name: &str) -> String {
    match name.strip_prefix('x') {
        Some(rest) if rest.is_empty() || rest.starts_with('[') => format!("x[{index}]{rest}"),
        _ => name.to_string(),
    }
}

impl<M: Module + Clone> Inputs for M {
    fn tensors(&self) -> Vec<(String, Tensor)> {
        let trainable = self.parameters().into_iter().filter(|(_, param)| param.is_trainable());
        trainable.map(|(name, param)| (name, param.value().clone())).collect()
    }
    fn map(&self, f: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
        let mut copy = self.clone();
        copy.visit_mut(&Path::root(), &mut Map(f));
        copy
    }
    fn in_f64(&self) -> Self {
        self.cast(DType::F64)
    }
    fn for_evaluation(&self) -> Self {
        training_copy(self)
    }
    fn fork(&self) -> Self {
        let mut copy = self.clone();
        copy.visit_mut(&Path::root(), &mut Fork);
        copy
    }
}

struct Fork;

impl VisitorMut for Fork {
    fn param(&mut self, _: &Path<'_>, _: &mut Param) {}
    fn buffer(&mut self, _: &Path<'_>, buffer: &mut Buffer) {
        buffer.fork();
    }
    fn generator(&mut self, _: &Path<'_>, generator: &mut Generator) {
        generator.fork();
    }
}

struct Map<'a>(&'a mut dyn FnMut(&Tensor) -> Tensor);

impl VisitorMut for Map<'_> {
    fn param(&mut self, _: &Path<'_>, param: &mut Param) {
        if param.is_trainable() {
            let value = (self.0)(param.value());
            param.set(value);
        }
    }
}
