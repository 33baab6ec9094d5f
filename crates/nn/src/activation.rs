//! Activation functions, as values that layers hold and as layers of their own. The list of them is `activation/table.rs`.

mod table;

use std::fmt;

use serde_json::{Value, json};
use wengert_tensor::{Mismatch, Module, Shape, Tensor};

use crate::config::{ConfigError, unexpected};
use crate::{Layer, Output};

pub(crate) use table::{activated, with_activations};

/// Other names that Keras has for the same.
const ALIASES: [(&str, &str); 2] = [("swish", "silu"), ("hard_swish", "hard_silu")];

/// What rows an activation takes.
enum Rows {
    /// Any: each element for itself.
    Any,
    /// Those with an axis, over which it acts.
    Axis,
    /// Those with an axis of even size, of which half remains.
    Halved,
}

/// Writes the enum, and what differs from one activation to the next.
// A macro, because a new activation is to be one line of the table.
macro_rules! define {
    (; $(
        $(#[$what:meta])*
        $Variant:ident $({ $($parameter:ident: $default:literal),+ })? $name:ident $rows:ident |$x:ident| $value:expr;
    )*) => {
        /// The function between the affine maps of a network.
        ///
        /// It is named as in Keras; formulas, derivatives and references stand with the methods of [`Tensor`] of the same
        /// names. A layer is told it by a method, by a value or by a name.
        ///
        /// # Examples
        /// ```
        /// use wengert_nn::{Activation, Dense};
        /// use wengert_tensor::Tensor;
        ///
        /// let x = Tensor::from([-1.0, 2.0]);
        /// assert_eq!(Activation::Relu.apply(&x).to_vec::<f32>(), [0.0, 2.0]);
        /// assert_eq!(Activation::named("leaky_relu")?, Activation::LeakyRelu { slope: 0.2 });
        /// let layer = Dense::units(8).activation(Activation::named("gelu")?);     // as Dense::units(8).gelu()
        /// # Ok::<(), wengert_nn::ConfigError>(())
        /// ```
        #[derive(Module, Clone, Copy, Debug, PartialEq)]
        pub enum Activation {$(
            $(#[$what])*
            $Variant $({$(
                #[doc = concat!("Keras' default is ", stringify!($default), ".")]
                $parameter: f64,
            )+})?,
        )*}

        impl Activation {
            /// The names of all activations, as Keras spells them.
            pub const NAMES: &[&str] = &[$(stringify!($name)),*];

            /// The value of the function.
            ///
            /// # Panics
            /// If it acts over the last axis and there is none, or it halves an axis of odd size.
            #[track_caller]
            pub fn apply(&self, x: &Tensor) -> Tensor {
                match *self {$(
                    Activation::$Variant $({ $($parameter),+ })? => {
                        let $x = x;
                        $value
                    }
                )*}
            }

            /// The name, as Keras spells it.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Activation::$Variant { .. } => stringify!($name),)*
                }
            }

            /// The parameters with their names.
            pub fn parameters(&self) -> Vec<(&'static str, f64)> {
                match *self {$(
                    Activation::$Variant $({ $($parameter),+ })? => {
                        vec![$($((stringify!($parameter), $parameter)),+)?]
                    }
                )*}
            }

            /// The activation of a name, with parameters that are asked for by name and default.
            fn build(
                name: &str,
                parameter: impl Fn(&str, f64) -> Result<f64, ConfigError>,
            ) -> Result<Activation, ConfigError> {
                let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name);
                match name {
                    $(stringify!($name) => Ok(Activation::$Variant $({
                        $($parameter: parameter(stringify!($parameter), $default)?),+
                    })?),)*
                    _ => {
                        let known = Activation::NAMES.join(", ");
                        Err(ConfigError::new(format!("`activation` is `{name}`, expected one of {known}")))
                    }
                }
            }

            fn rows(&self) -> Rows {
                match self {
                    $(Activation::$Variant { .. } => Rows::$rows,)*
                }
            }
        }
    };
}
with_activations!(define!());

impl Default for Activation {
    /// The identity.
    fn default() -> Activation {
        Activation::Linear
    }
}

impl Activation {
    /// The activation of a name, with Keras' parameters. `swish` and `hard_swish` are known as well.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn named(name: &str) -> Result<Activation, ConfigError> {
        Activation::build(name, |_, default| Ok(default))
    }

    /// The shape of a row that comes out, for rows of the given shape.
    ///
    /// # Errors
    /// If the activation does not take such rows.
    pub fn output_row(&self, row: &Shape) -> Result<Shape, Mismatch> {
        let refused =
            |expected: &str| Err(Mismatch::new(format!("{self} needs rows {expected}")).row("row", row));
        match (self.rows(), row.split_last()) {
            (Rows::Any, _) | (Rows::Axis, Some(_)) => Ok(*row),
            (Rows::Axis, None) => refused("with an axis"),
            (Rows::Halved, Some((&size, rest))) if size.is_multiple_of(2) => {
                Ok(Shape::from(rest).push(size / 2))
            }
            (Rows::Halved, _) => refused("with a last axis of even size"),
        }
    }

    /// What a model puts out that ends in this activation of `raw`. One that changes the shape is applied at once.
    #[track_caller]
    pub(crate) fn output(&self, raw: Tensor) -> Output {
        match self.rows() {
            Rows::Halved => Output { raw: self.apply(&raw), activation: Activation::Linear },
            Rows::Any | Rows::Axis => Output { raw, activation: *self },
        }
    }

    /// Its name; with its parameters, if it has any.
    pub(crate) fn to_config(self) -> Value {
        let parameters = self.parameters();
        if parameters.is_empty() {
            return json!(self.name());
        }
        let mut config = json!({ "name": self.name() });
        for (name, value) in parameters {
            config[name] = json!(value);
        }
        config
    }

    /// What `to_config` wrote, under the key `activation`; a name alone has Keras' parameters.
    pub(crate) fn from_config(config: &Value) -> Result<Activation, ConfigError> {
        let within = |error: ConfigError| error.within("activation");
        match &config["activation"] {
            Value::String(name) => Activation::named(name),
            Value::Object(entries) => {
                let name = entries.get("name").and_then(Value::as_str);
                let name = name.ok_or_else(|| within(unexpected(&config["activation"], "name", "a text")))?;
                let activation = Activation::build(name, |parameter, _| {
                    let value = entries.get(parameter).and_then(Value::as_f64);
                    value.ok_or_else(|| within(unexpected(&config["activation"], parameter, "a number")))
                })?;
                let known = activation.parameters();
                let is_known = |key: &&String| *key == "name" || known.iter().any(|(name, _)| name == key);
                match entries.keys().find(|key| !is_known(key)) {
                    Some(key) => {
                        Err(ConfigError::new(format!("activation: {name} has no parameter `{key}`")))
                    }
                    None => Ok(activation),
                }
            }
            _ => Err(unexpected(config, "activation", "a text")),
        }
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Layer for Activation {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        self.apply(x)
    }

    #[track_caller]
    fn forward_raw(&self, x: &Tensor) -> Output {
        self.output(x.clone())
    }

    #[track_caller]
    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        self.output_row(row)
    }

    fn config(&self) -> Option<Value> {
        Some(json!({ "activation": self.to_config() }))
    }
}
