//! Layers of normalisation beside what defines them, on axes that Keras' values do not cover; and their state.

extern crate wengert_tensor as wengert;

use wengert_nn::{BatchNorm, GroupNorm, Layer, LayerNorm, RmsNorm, UnitNorm};
use wengert_tensor::{DType, Module, Rng, Tensor, value_and_grad};

fn data(shape: &[usize]) -> Tensor {
    Tensor::randn(shape, &mut Rng::seed(11)).cast(DType::F64)
}

#[track_caller]
fn near(given: &Tensor, expected: &Tensor) {
    assert_eq!(given.shape(), expected.shape());
    for (given, expected) in given.to_vec::<f64>().iter().zip(expected.to_vec::<f64>()) {
        assert!((given - expected).abs() < 1e-12 * (1.0 + expected.abs()), "{given}, expected {expected}");
    }
}

fn standardised(x: &Tensor, axes: &[isize], epsilon: f64) -> Tensor {
    (x - x.mean_keep(axes)) / (x.var_keep(axes, 0) + epsilon).sqrt()
}

#[test]
fn layer_norm_takes_any_axes() {
    let x = data(&[2, 3, 4, 5]);
    let row = x.shape().without(0);
    for axes in [vec![1], vec![2], vec![1, 3], vec![-2, 1], vec![3, 2, 1]] {
        let mut layer = LayerNorm::axes(axes.clone()).epsilon(0.1).build(&row).cast(DType::F64);
        near(&layer.forward(&x), &standardised(&x, &axes, 0.1));
        // Scale and offset lie along the axes in their order.
        let sizes = *layer.scale.as_ref().unwrap().shape();
        let (scale, offset) = (data(&sizes), data(&sizes) + 1.0);
        layer.set_parameter("scale", &scale);
        layer.set_parameter("offset", &offset);
        let mut ascending: Vec<usize> = axes.iter().map(|&axis| (axis.rem_euclid(4)) as usize).collect();
        ascending.sort_unstable();
        let aligned =
            (0..4).fold(
                *x.shape(),
                |shape, axis| {
                    if ascending.contains(&axis) { shape } else { shape.with(axis, 1) }
                },
            );
        let expected = standardised(&x, &axes, 0.1) * scale.reshape(aligned) + offset.reshape(aligned);
        near(&layer.forward(&x), &expected);
    }
}

#[test]
fn rms_norm_takes_any_axes() {
    let x = data(&[2, 3, 4]);
    let scale = data(&[3]);
    let mut layer = RmsNorm::axes([1]).epsilon(0.1).build(&[3, 4].into()).cast(DType::F64);
    layer.set_parameter("scale", &scale);
    let expected = &x / (x.square().mean_keep(1) + 0.1).sqrt() * scale.reshape([1, 3, 1]);
    near(&layer.forward(&x), &expected);
}

#[test]
fn group_norm_is_the_same_wherever_the_channels_lie() {
    let x = data(&[2, 3, 5, 6]);
    let mut last = GroupNorm::groups(3).build(6).cast(DType::F64);
    last.set_parameter("scale", &data(&[6]));
    last.set_parameter("offset", &(data(&[6]) + 1.0));
    for (axis, there, back) in [(1, [0, 3, 1, 2], [0, 2, 3, 1]), (2, [0, 1, 3, 2], [0, 1, 3, 2])] {
        let mut layer = GroupNorm::groups(3).axis(axis).build(6).cast(DType::F64);
        layer.set_parameter("scale", &data(&[6]));
        layer.set_parameter("offset", &(data(&[6]) + 1.0));
        near(&layer.forward(&x.permute(there)).permute(back), &last.forward(&x));
    }
}

#[test]
fn group_norm_lies_between_instance_and_layer_norm() {
    let x = data(&[2, 5, 4]);
    near(&GroupNorm::groups(4).build(4).forward(&x), &standardised(&x, &[1], 1e-3));
    near(&GroupNorm::groups(1).build(4).forward(&x), &standardised(&x, &[1, 2], 1e-3));
}

#[test]
fn unit_norm_leaves_zeros_and_has_no_other_length() {
    let x = Tensor::from([[[0.0, 0.0]], [[1e-20, 0.0]], [[3e18, -4e18]]]);
    let y = UnitNorm::axes([1, 2]).forward(&x);
    for (y, expected) in y.to_vec::<f32>().iter().zip([0.0, 0.0, 1.0, 0.0, 0.6, -0.8]) {
        assert!((y - expected).abs() < 1e-6, "{y}, expected {expected}");
    }
}

#[test]
fn batch_norm_works_at_rest_on_any_axis() {
    let x = data(&[4, 3, 2]);
    let mut layer = BatchNorm::axis(1).epsilon(0.1).build(3).cast(DType::F64);
    let [mean, variance, scale, offset] =
        [data(&[3]), data(&[3]).square(), data(&[3]) - 1.0, data(&[3]) + 1.0];
    layer.running_mean.set(mean.clone());
    layer.running_variance.set(variance.clone());
    layer.set_parameter("scale", &scale);
    layer.set_parameter("offset", &offset);
    let [mean, variance, scale, offset] = [mean, variance, scale, offset].map(|x| x.reshape([3, 1]));
    near(&layer.forward(&x), &((&x - mean) / (variance + 0.1).sqrt() * scale + offset));
}

#[test]
fn a_batch_norm_that_is_used_twice_moves_twice() {
    let mut layer = BatchNorm::axis(-1).momentum(0.5).build(1);
    let (first, second) = (Tensor::from([[2.0], [4.0]]), Tensor::from([[10.0], [10.0]]));
    let (_, grads) = value_and_grad(&layer, |norm| (norm.forward(&first) + norm.forward(&second)).sum());
    assert_eq!(layer.running_mean.value().item(), 0.0);
    layer.adopt(&grads);
    // (0 + 3) / 2 = 1.5, (1.5 + 10) / 2 = 5.75; (1 + 1) / 2 = 1, (1 + 0) / 2 = 0.5.
    assert_eq!(layer.running_mean.value().item(), 5.75);
    assert_eq!(layer.running_variance.value().item(), 0.5);
}

#[test]
fn a_frozen_batch_norm_works_as_at_rest() {
    let mut layer = BatchNorm::new(2);
    layer.running_mean.set(Tensor::from([1.0, 2.0]));
    let x = Tensor::from([[3.0, 4.0], [5.0, 9.0]]);
    layer.freeze();
    let ((_, y), grads) = value_and_grad(&layer, |norm| {
        let y = norm.forward(&x);
        (y.sum(), y)
    });
    assert!(y.array().bit_eq(layer.forward(&x).array()));
    layer.adopt(&grads);
    assert_eq!(layer.running_mean.value().to_vec::<f32>(), [1.0, 2.0]);
}

#[test]
fn at_rest_far_from_zero_no_digits_are_lost() {
    let mut layer = BatchNorm::axis(-1).epsilon(0.0).build(1);
    layer.running_mean.set(Tensor::from([1e6]));
    assert_eq!(layer.forward(&Tensor::from([[1_000_000.5]])).item(), 0.5);
}
