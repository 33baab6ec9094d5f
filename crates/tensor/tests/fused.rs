//! Fused operations against the operations that they are made of: values, gradients, and products with the Hessian.

use approx::assert_relative_eq;
use wengert_tensor::{DType, Rng, Tensor, grad, hvp};

/// A scalar of three tensors.
type Scalar<'a> = &'a dyn Fn([&Tensor; 3]) -> Tensor;

/// Both functions at random tensors of the given shapes, and their derivatives with respect to each.
fn assert_same(what: &str, shapes: [&[usize]; 3], fused: Scalar<'_>, unfused: Scalar<'_>) {
    let mut rng = Rng::seed(shapes.concat().len() as u64);
    let xs = shapes.map(|shape| Tensor::randn(shape, &mut rng).cast(DType::F64));
    let at = |f: Scalar<'_>, arg: usize, x: &Tensor| {
        let mut all = xs.each_ref();
        all[arg] = x;
        f(all)
    };
    let close = |part: &str, a: &Tensor, b: &Tensor| {
        assert_eq!(a.shape(), b.shape(), "{what}: {part}");
        for (a, b) in a.to_vec::<f64>().into_iter().zip(b.to_vec::<f64>()) {
            assert_relative_eq!(a, b, max_relative = 1e-12, epsilon = 1e-12);
        }
    };
    close("value", &fused(xs.each_ref()), &unfused(xs.each_ref()));
    for (arg, x) in xs.iter().enumerate() {
        let v = Tensor::randn(*x.shape(), &mut rng).cast(DType::F64);
        close("gradient", &grad(|x| at(fused, arg, x), x), &grad(|x| at(unfused, arg, x), x));
        close("hvp", &hvp(|x| at(fused, arg, x), x, &v), &hvp(|x| at(unfused, arg, x), x, &v));
    }
}

/// Something whose second derivatives are not zero.
fn curved(y: &Tensor) -> Tensor {
    (y * y.sigmoid()).sum()
}

#[test]
fn a_dense_layer_is_a_product_a_bias_and_a_rectifier() {
    for (rows, n_in, n_out) in [(&[1][..], 2, 1), (&[5], 3, 4), (&[2, 3], 4, 2), (&[33], 17, 9), (&[0], 3, 2)]
    {
        let x = &[rows, &[n_in]].concat()[..];
        let shapes = [x, &[n_in, n_out], &[n_out]];
        assert_same("affine", shapes, &|[x, w, b]| curved(&x.affine(w, b)), &|[x, w, b]| {
            curved(&(x.matmul(w) + b))
        });
        assert_same("affine_relu", shapes, &|[x, w, b]| curved(&x.affine_relu(w, b)), &|[x, w, b]| {
            curved(&(x.matmul(w) + b).relu())
        });
    }
}

#[test]
fn the_mean_squared_error_is_the_mean_of_squared_differences() {
    for shape in [&[][..], &[1], &[7], &[4, 3]] {
        assert_same(
            "mean_squared_error",
            [shape, shape, &[]],
            &|[a, b, c]| (c * a).tanh().mean_squared_error(b).exp(),
            &|[a, b, c]| ((c * a).tanh() - b).square().mean().exp(),
        );
    }
}

#[test]
fn the_fused_layer_has_the_bits_of_its_parts() {
    let mut rng = Rng::seed(0);
    let (x, w) = (Tensor::randn([33, 70], &mut rng), Tensor::randn([70, 50], &mut rng));
    let b = Tensor::randn([50], &mut rng);
    let unfused = x.matmul(&w) + &b;
    assert!(x.affine(&w, &b).array().bit_eq(unfused.array()));
    assert!(x.affine_relu(&w, &b).array().bit_eq(unfused.relu().array()));
}

#[test]
fn a_vector_is_one_row() {
    let (w, b) = (Tensor::from([[1.0, -1.0], [2.0, -2.0]]), Tensor::from([0.5, 0.5]));
    assert_eq!(Tensor::from([1.0, 1.0]).affine(&w, &b).to_vec::<f32>(), [3.5, -2.5]);
    assert_eq!(Tensor::from([1.0, 1.0]).affine_relu(&w, &b).to_vec::<f32>(), [3.5, 0.0]);
}
