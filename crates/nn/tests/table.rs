//! One table of all layers, and what is asked of each: shapes, derivatives, files, conversion, clones, freezing. A new
//! layer joins with one line.

extern crate wengert_tensor as wengert;

use wengert_io::Persist;
use wengert_nn::{
    Activation, BatchNorm, Branches, Dense, Dropout, Embedding, Flatten, GaussianNoise, GroupNorm, Layer,
    LayerNorm, PRelu, Permute, Registry, Reshape, Residual, RmsNorm, Sequential, UnitNorm, UpSampling,
    ZeroPadding,
};
use wengert_optim::{Sgd, Train};
use wengert_tensor::module::{Path, Visitor, VisitorMut};
use wengert_tensor::{
    Buffer, Constraint, DType, Gradients, Module, Param, Regularizer, Rng, Shape, Tensor, gradcheck,
    gradgradcheck, value_and_grad,
};

/// A layer in a model of its own.
struct Row {
    name: &'static str,
    model: Sequential,
    /// Whole numbers below this are what it takes; if it is not given, any numbers.
    n_things: Option<usize>,
}

/// The layers by their names, each added to an empty model for rows of the given shape.
fn table() -> Vec<Row> {
    vec![
        row("dense", &[3], |m| m.add(Dense::units(4).tanh())),
        row("dense of matrices", &[2, 3], |m| m.add(Dense::units(4).without_bias().sigmoid())),
        row("dense with rules", &[3], |m| {
            let units = Dense::units(4).weight_constraint(Constraint::max_norm(0.5).rate(0.5));
            m.add(units.bias_regularizer(Regularizer::l1_l2(0.1, 0.2)))
        }),
        row("activation", &[3], |m| m.add(Activation::Softmax)),
        row("prelu", &[2, 3], |m| m.add(PRelu::start(0.25))),
        row("prelu, shared", &[2, 3], |m| m.add(PRelu::start(-0.5).shared([1]))),
        picks("embedding", &[3], 5, |m| m.add(Embedding::size(5, 2))),
        row("flatten", &[2, 3], |m| m.add(Flatten)),
        row("reshape", &[2, 3], |m| m.add(Reshape::to([3, -1]))),
        row("permute", &[2, 3, 4], |m| m.add(Permute::to([3, 1, 2]))),
        row("zero padding", &[2, 3], |m| m.add(ZeroPadding::new([(1, 2)]))),
        row("up sampling, nearest", &[2, 2, 2], |m| m.add(UpSampling::nearest([2, 3]))),
        row("up sampling, linear", &[3, 2, 2], |m| m.add(UpSampling::linear([3, 2]))),
        row("dropout", &[6], |m| m.add(Dropout::rate(0.4))),
        row("gaussian noise", &[3], |m| m.add(GaussianNoise::std(0.5))),
        row("batch norm", &[3], |m| m.add(BatchNorm::axis(-1))),
        row("batch norm, channels first", &[2, 3, 2], |m| {
            m.add(BatchNorm::axis(1).momentum(0.5).epsilon(1e-2))
        }),
        row("batch norm, bare", &[3], |m| m.add(BatchNorm::axis(-1).without_scale().without_offset())),
        row("layer norm", &[4], |m| m.add(LayerNorm::axes([-1]))),
        row("layer norm, first axes", &[2, 3, 2], |m| m.add(LayerNorm::axes([1, 2]).epsilon(1e-2))),
        row("layer norm, bare", &[4], |m| m.add(LayerNorm::axes([-1]).without_scale().without_offset())),
        row("rms norm", &[4], |m| m.add(RmsNorm::axes([-1]))),
        row("rms norm, first axis", &[3, 2], |m| m.add(RmsNorm::axes([1]).epsilon(1e-2))),
        row("group norm", &[3, 4], |m| m.add(GroupNorm::groups(2))),
        row("group norm, channels first", &[4, 3], |m| m.add(GroupNorm::groups(2).axis(1).without_offset())),
        row("unit norm", &[2, 3], |m| m.add(UnitNorm::axes([1, 2]))),
        row("sequential", &[3], |m| m.add(Sequential::new([3]).add(Dense::units(2)).add(Dropout::rate(0.5)))),
        row("residual", &[3], |m| {
            m.add(Residual::of(|inner| inner.add(Dense::units(5).tanh()).add(Dense::units(3))))
        }),
        row("concat", &[3], |m| {
            m.add(
                Branches::concat(-1).branch(|b| b).branch(|b| b.add(Dense::units(2)).add(BatchNorm::axis(1))),
            )
        }),
        row("add", &[3], |m| {
            let first = Branches::add().branch(|b| b.add(Dense::units(2).tanh()));
            m.add(first.branch(|b| b.add(Dense::units(1))))
        }),
        row("multiply", &[3], |m| {
            m.add(Branches::multiply().branch(|b| b).branch(|b| b.add(Dense::units(3).sigmoid())))
        }),
    ]
}

fn row(name: &'static str, sizes: &[usize], add: fn(Sequential) -> Sequential) -> Row {
    Row { name, model: add(Sequential::new(sizes).seed(7)), n_things: None }
}

fn picks(name: &'static str, sizes: &[usize], n_things: usize, add: fn(Sequential) -> Sequential) -> Row {
    Row { n_things: Some(n_things), ..row(name, sizes, add) }
}

const N_ROWS: usize = 4;

impl Row {
    fn x(&self) -> Tensor {
        let (shape, mut rng) = (self.model.input().insert(0, N_ROWS), Rng::seed(11));
        match self.n_things {
            Some(n_things) => {
                let numbers: Vec<f32> = (0..shape.size()).map(|_| rng.below(n_things) as f32).collect();
                Tensor::new(numbers, shape)
            }
            None => Tensor::randn(shape, &mut rng),
        }
    }

    /// The model between others with parameters, if it takes any numbers, else before them.
    fn with_neighbours(&self) -> Sequential {
        let mut model = Sequential::new(*self.model.input()).seed(3);
        if self.n_things.is_none() {
            model = model.add(Dense::units(*self.model.input().last().unwrap()));
        }
        model.add(self.model.clone()).add(Flatten).add(Dense::units(2))
    }
}

fn bytes(model: &Sequential) -> Vec<u8> {
    model.to_bytes().unwrap()
}

/// A loss that no layer makes constant.
fn loss(y: &Tensor) -> Tensor {
    let weights = Tensor::randn(*y.shape(), &mut Rng::seed(5)).cast(y.dtype());
    (y * weights).sum()
}

fn pass(model: &Sequential, x: &Tensor) -> (Tensor, Gradients<Sequential>) {
    value_and_grad(model, |model| loss(&model.forward(x)))
}

fn train(model: &mut Sequential, x: &Tensor) {
    let mut sgd = Sgd::new(0.1);
    for _ in 0..3 {
        let (_, grads) = pass(model, x);
        sgd.step(model, &grads);
    }
}

/// All parameters and buffers of a model, and their numbers.
#[derive(Default, PartialEq, Debug)]
struct Contents(Vec<(String, Vec<f64>)>);

impl<'m> Visitor<'m> for Contents {
    fn param(&mut self, path: &Path<'_>, param: &'m Param) {
        self.0.push((path.to_string(), param.to_vec()));
    }
    fn buffer(&mut self, path: &Path<'_>, buffer: &'m Buffer) {
        self.0.push((path.to_string(), buffer.value().to_vec()));
    }
}

fn contents(model: &dyn Module) -> Contents {
    let mut contents = Contents::default();
    model.visit(&Path::root(), &mut contents);
    contents
}

struct FreezeBuffers;

impl VisitorMut for FreezeBuffers {
    fn param(&mut self, _: &Path<'_>, _: &mut Param) {}
    fn buffer(&mut self, _: &Path<'_>, buffer: &mut Buffer) {
        buffer.freeze();
    }
}

#[test]
fn every_kind_is_in_the_table() {
    let table = table();
    let kinds: Vec<&str> =
        table.iter().flat_map(|row| row.model.layers().map(|(_, layer)| layer.kind())).collect();
    let registry = Registry::default();
    let missing: Vec<&str> = registry.kinds().filter(|kind| !kinds.contains(kind)).collect();
    assert!(missing.is_empty(), "no line for {missing:?}");
}

#[test]
fn shapes_are_those_that_were_promised() {
    for row in table() {
        let promised = row.model.output().insert(0, N_ROWS);
        assert_eq!(*row.model.forward(&row.x()).shape(), promised, "{}", row.name);
        let ((_, y), _) = value_and_grad(&row.model, |model| {
            let y = model.forward(&row.x());
            (loss(&y), y)
        });
        assert_eq!(*y.shape(), promised, "{}, training", row.name);
        // Of other rows, too: what is not refused must be what comes out.
        let layer = row.model.layers().next().unwrap().1;
        let others: [&[usize]; 9] = [&[], &[1], &[3], &[4], &[6], &[2, 3], &[4, 2], &[2, 3, 2], &[2, 3, 4]];
        for other in others.map(Shape::from) {
            if let Ok(promised) = layer.output_shape(&other) {
                let y = layer.forward(&Tensor::zeros(other.insert(0, N_ROWS)));
                assert_eq!(*y.shape(), promised.insert(0, N_ROWS), "{} of {other}", row.name);
            }
        }
    }
}

#[test]
fn derivatives_of_both_orders_are_right_in_training_and_at_rest() {
    for Row { name, model, n_things } in table() {
        let x = Row { name, model: model.clone(), n_things }.x();
        let mut at_rest = model.clone();
        at_rest.visit_mut(&Path::root(), &mut FreezeBuffers);
        for model in [model, at_rest] {
            if n_things.is_some() {
                gradcheck(&model, |model| model.forward(&x)).unwrap_or_else(|e| panic!("{name}: {e}"));
                gradgradcheck(&model, |model| model.forward(&x)).unwrap_or_else(|e| panic!("{name}: {e}"));
                continue;
            }
            let both = (model, x.clone());
            gradcheck(&both, |(model, x)| model.forward(x)).unwrap_or_else(|e| panic!("{name}: {e}"));
            gradgradcheck(&both, |(model, x)| model.forward(x)).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
    }
}

#[test]
fn a_saved_layer_comes_back_with_its_state_and_goes_on_the_same_way() {
    for row in table() {
        let (mut model, x, name) = (row.model.clone(), row.x(), row.name);
        train(&mut model, &x);
        if let Some(param) = model.parameters().first().map(|(name, _)| name.clone()) {
            model.for_each_parameter(&mut |name, p| {
                if name == param {
                    p.freeze()
                }
            });
        }
        let saved = bytes(&model);
        let mut loaded = Sequential::from_bytes(&saved).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(bytes(&loaded), saved, "{name}");
        assert_eq!(loaded.summary().to_string(), model.summary().to_string(), "{name}");
        assert!(loaded.forward(&x).array().bit_eq(model.forward(&x).array()), "{name}");
        assert_eq!(loaded.penalty().item(), model.penalty().item(), "{name}");
        train(&mut model, &x);
        train(&mut loaded, &x);
        assert_eq!(bytes(&loaded), bytes(&model), "{name}");
        let config = model.config().unwrap();
        let built = Sequential::from_config(&config, &Registry::default()).unwrap();
        assert_eq!(built.config().unwrap(), config, "{name}");
    }
}

#[test]
fn a_layer_converts_to_double_precision_and_back() {
    for row in table() {
        let (x, name) = (row.x(), row.name);
        let double = row.model.cast(DType::F64);
        let y = double.forward(&x);
        let expects_double = !double.parameters().is_empty() && row.n_things.is_none();
        assert!(y.dtype() == DType::F64 || !expects_double, "{name}");
        assert!(double.parameters().iter().all(|(_, param)| param.dtype() == DType::F64), "{name}");
        let expected = row.model.forward(&x).to_vec::<f64>();
        for (y, expected) in y.to_vec::<f64>().iter().zip(expected) {
            assert!((y - expected).abs() < 1e-5 * (1.0 + expected.abs()), "{name}: {y}, {expected}");
        }
        assert_eq!(bytes(&double.cast(DType::F32)), bytes(&row.model), "{name}");
        // The same random numbers, too.
        let (single, double) = (pass(&row.model, &x).0.item(), pass(&double, &x.cast(DType::F64)).0.item());
        assert!((single - double).abs() < 1e-4 * (1.0 + double.abs()), "{name}: {single}, {double}");
    }
}

#[test]
fn a_clone_goes_its_own_way_and_rest_changes_nothing() {
    for row in table() {
        let (x, name) = (row.x(), row.name);
        let before = bytes(&row.model);
        row.model.forward(&x);
        let _ = pass(&row.model, &x);
        assert_eq!(bytes(&row.model), before, "{name}: computed");
        let mut clone = row.model.clone();
        train(&mut clone, &x);
        assert_eq!(bytes(&row.model), before, "{name}: a clone was trained");
        let has_parts =
            contents(&clone).0.len() + usize::from(name.contains("dropout") || name.contains("noise"));
        assert_eq!(bytes(&clone) != before, has_parts > 0, "{name}: nothing was trained");
    }
}

#[test]
fn a_frozen_layer_stays_while_its_neighbours_train() {
    for row in table() {
        let (x, name) = (row.x(), row.name);
        let mut model = row.with_neighbours();
        model.layer_mut("sequential").freeze();
        let frozen = |model: &Sequential| contents(model.layer("sequential"));
        let before = (frozen(&model), contents(&model));
        let (_, grads) = value_and_grad(&model, |model| {
            assert!(model.layer("sequential").parameters().iter().all(|(_, p)| !p.is_tracked()), "{name}");
            loss(&model.forward(&x))
        });
        let of_frozen = grads.layer("sequential").parameters();
        assert!(of_frozen.iter().all(|(_, gradient)| gradient.equal(0.0).all()), "{name}");
        train(&mut model, &x);
        assert_eq!(frozen(&model), before.0, "{name}");
        let changed =
            contents(&model).0.iter().zip(&before.1.0).filter(|(now, before)| now != before).count();
        let n_neighbours = if row.n_things.is_some() { 2 } else { 4 };
        assert_eq!(changed, n_neighbours, "{name}: neighbours did not train");
        model.unfreeze();
        train(&mut model, &x);
        let has_parts = !before.0.0.is_empty();
        assert_eq!(frozen(&model) != before.0, has_parts, "{name}: it does not train again");
    }
}
