//! The activation functions: a line for each, from which follow the variant of [`Activation`](super::Activation), its
//! name, its value, its configuration, and the method of a layer that is told it (`Dense::units(8).gelu()`).

/// Calls a macro with what it is told and the table. A line says what the function is; then come the variant, with its
/// parameters and Keras' defaults for them; the name, which is Keras' and the method's; the rows that it takes; the value.
///
/// Rows may be of any shape (`Any`), or need an axis (`Axis`), which may come out half as long (`Halved`).
// A macro, because nothing else makes a variant, a method and an arm of a match from one line.
macro_rules! with_activations {
    ($then:ident!($($told:tt)*)) => {
        $then! { $($told)*;
            /// The identity.
            Linear linear Any |x| x.clone();
            /// `max(x, 0)`
            Relu relu Any |x| x.relu();
            /// `min(max(x, 0), 6)`
            Relu6 relu6 Any |x| x.relu6();
            /// `max(x, 0)²`
            ReluSquared relu_squared Any |x| x.relu_squared();
            /// `x` where it is positive, `slope · x` elsewhere. PyTorch's slope is 0.01.
            LeakyRelu { slope: 0.2 } leaky_relu Any |x| x.leaky_relu(slope);
            /// `x` where it is above `threshold`, `value` elsewhere.
            Threshold { threshold: 0.0, value: 0.0 } threshold Any |x| x.threshold(threshold, value);
            /// `x` where it is positive, `alpha (eˣ - 1)` elsewhere.
            Elu { alpha: 1.0 } elu Any |x| x.elu(alpha);
            /// `elu`, scaled so that activations keep mean 0 and variance 1.
            Selu selu Any |x| x.selu();
            /// `x` where it is positive, `alpha (exp(x / alpha) - 1)` elsewhere.
            Celu { alpha: 1.0 } celu Any |x| x.celu(alpha);
            /// `x σ(x)`, also known as swish.
            Silu silu Any |x| x.silu();
            /// `x Φ(x)`, with the distribution function of the standard normal.
            Gelu gelu Any |x| x.gelu();
            /// The approximation of `gelu` by a hyperbolic tangent, as in GPT-2.
            GeluTanh gelu_tanh Any |x| x.gelu_tanh();
            /// `x tanh(softplus(x))`
            Mish mish Any |x| x.mish();
            /// One half of the last axis times the logistic function of the other.
            Glu glu Halved |x| x.glu(-1);
            /// The logistic function `1 / (1 + e⁻ˣ)`.
            Sigmoid sigmoid Any |x| x.sigmoid();
            /// The logarithm of the logistic function.
            LogSigmoid log_sigmoid Any |x| x.log_sigmoid();
            /// `ln(1 + eˣ)`
            Softplus softplus Any |x| x.softplus();
            /// `x / (1 + |x|)`
            Softsign softsign Any |x| x.softsign();
            /// `(x + √(x² + b)) / 2`
            Squareplus { b: 4.0 } squareplus Any |x| x.squareplus(b);
            /// The hyperbolic tangent.
            Tanh tanh Any |x| x.tanh();
            /// `x - tanh x`
            TanhShrink tanh_shrink Any |x| x.tanh_shrink();
            /// `x` moved towards 0 by `lambda`, and 0 where it is nearer.
            SoftShrink { lambda: 0.5 } soft_shrink Any |x| x.soft_shrink(lambda);
            /// `x`, but 0 where `|x|` is at most `lambda`.
            HardShrink { lambda: 0.5 } hard_shrink Any |x| x.hard_shrink(lambda);
            /// `min(max(x / 6 + ½, 0), 1)`
            HardSigmoid hard_sigmoid Any |x| x.hard_sigmoid();
            /// `x` times `hard_sigmoid`, also known as hard swish.
            HardSilu hard_silu Any |x| x.hard_silu();
            /// `min(max(x, -1), 1)`
            HardTanh hard_tanh Any |x| x.hard_tanh();
            /// `min(max((x + 1) / 2, 0), 1)`
            SparseSigmoid sparse_sigmoid Any |x| x.sparse_sigmoid();
            /// 0 below -1, `x` above 1, `(x + 1)² / 4` between.
            SparsePlus sparse_plus Any |x| x.sparse_plus();
            /// `eˣ`
            Exponential exponential Any |x| x.exp();
            /// The softmax over the last axis.
            Softmax softmax Axis |x| x.softmax(-1);
            /// The logarithm of the softmax over the last axis.
            LogSoftmax log_softmax Axis |x| x.log_softmax(-1);
            /// The projection of the last axis onto the probabilities.
            Sparsemax sparsemax Axis |x| x.sparsemax(-1);
        }
    };
}
pub(crate) use with_activations;

/// Gives a type with a method `activation` one for each line of the table:
/// `with_activations!(activated!(Dense));`
// A macro, because the methods are to be inherent: a user needs no trait for them.
macro_rules! activated {
    ($Type:ident; $(
        $(#[$what:meta])*
        $Variant:ident $({ $($parameter:ident: $default:literal),+ })? $name:ident $rows:ident |$x:ident| $value:expr;
    )*) => {
        impl $Type {$(
            $(#[$what])*
            pub fn $name(self $($(, $parameter: f64)+)?) -> Self {
                self.activation(Activation::$Variant $({ $($parameter),+ })?)
            }
        )*}
    };
}
pub(crate) use activated;
