//! What layers refuse, and in which words: mistakes in a program by a panic, configurations from files by an error.

extern crate wengert_tensor as wengert;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};
use wengert_nn::{
    BatchNorm, Branches, Dense, Dropout, Embedding, Flatten, GaussianNoise, GroupNorm, IntoLayer, Join,
    Layer, LayerNorm, PRelu, Permute, Registry, Reshape, Residual, RmsNorm, Sequential, UnitNorm, UpSampling,
    ZeroPadding,
};
use wengert_tensor::{Constraint, Rng, Shape, Tensor, value_and_grad};

#[track_caller]
fn refused<T>(expected: &str, f: impl FnOnce() -> T) {
    let payload = catch_unwind(AssertUnwindSafe(|| drop(f()))).expect_err("it was not refused");
    let message = payload.downcast_ref::<String>().cloned();
    let message = message.or_else(|| payload.downcast_ref::<&str>().map(|text| text.to_string())).unwrap();
    assert_eq!(message, expected);
}

/// What is said when the layer is added to a model for rows of the given shape.
#[track_caller]
fn refused_for(row: &[usize], layer: impl IntoLayer, expected: &str) {
    let row = Shape::from(row);
    refused(&format!("sequential, layer 0: {expected}"), move || Sequential::new(row).add(layer));
}

#[test]
fn settings_that_make_no_layer_are_refused() {
    let rng = || Rng::seed(0);
    refused("dropout: the rate 1.5 lies outside [0, 1]", move || Dropout::new(1.5, &mut rng()));
    refused("dropout: the rate NaN lies outside [0, 1]", || Dropout::rate(f64::NAN));
    refused("gaussian_noise: the deviation -1 is not a finite number of at least 0", || {
        GaussianNoise::std(-1.0)
    });
    refused("batch_norm: the momentum 2 lies outside [0, 1]", || BatchNorm::axis(-1).momentum(2.0));
    for (name, expected) in [("batch_norm", "-1"), ("layer_norm", "inf"), ("rms_norm", "NaN")] {
        let epsilon: f64 = expected.parse().unwrap();
        let message = format!("{name}: epsilon {expected} is not a finite number of at least 0");
        refused(&message, || match name {
            "batch_norm" => drop(BatchNorm::axis(-1).epsilon(epsilon)),
            "layer_norm" => drop(LayerNorm::axes([-1]).epsilon(epsilon)),
            _ => drop(RmsNorm::axes([-1]).epsilon(epsilon)),
        });
    }
    refused("group_norm: at least one group is needed", || GroupNorm::groups(0));
    let divided = "group_norm: the channels cannot be divided into groups of the same size\n  channels  5\n  groups    2";
    refused(divided, || GroupNorm::new(2, 5));
    refused("layer_norm: there is no axis to normalise over", || LayerNorm::axes([]).build(&[3].into()));
    refused("embedding: a table of [0, 3] holds nothing", || Embedding::size(0, 3));
    refused("embedding: the weight must be [n_things, n_features], given [3]", || {
        Embedding::from_tensor(Tensor::zeros([3]))
    });
    refused("reshape: [-1, -1] are no sizes; expected whole numbers, of which one may be -1", || {
        Reshape::to([-1, -1])
    });
    refused("permute: [0, 1] are not the axes 1 to 2, each once", || Permute::to([0, 1]));
    refused("up_sampling: the factors [2, 0] must be at least 1", || UpSampling::nearest([2, 0]));
    refused("prelu: the slope inf is not finite", || PRelu::start(f64::INFINITY));
    refused("branches: at least one is needed", || Branches::new(Join::Add, Vec::new()));
    refused("constraint: axis 2 of the norms does not exist\n  parameter  [3, 4]", || {
        let units = Dense::units(4).weight_constraint(Constraint::unit_norm().axes([2]));
        Sequential::new([3]).add(units)
    });
    refused("sequential: there is no layer `dens`, only dense, flatten", || {
        Sequential::new([3]).add(Dense::units(2)).add(Flatten).layer("dens").kind()
    });
}

#[test]
fn rows_that_do_not_fit_are_refused_when_the_layer_is_added() {
    refused_for(&[3], BatchNorm::axis(0), "axis 0 counts the rows\n  row  [3]");
    refused_for(&[3], BatchNorm::axis(2), "axis 2 does not exist\n  row  [3]   <- rows of a batch of 2 axes");
    refused_for(&[3], LayerNorm::axes([1, -1]), "axis -1 is named twice\n  row  [3]");
    refused_for(&[3], RmsNorm::axes([]), "there is no axis to normalise over");
    refused_for(
        &[3],
        UnitNorm::axes([-3]),
        "axis -3 does not exist\n  row  [3]   <- rows of a batch of 2 axes",
    );
    let channels =
        "the channels cannot be divided into groups of the same size\n  channels  3\n  groups    2";
    refused_for(&[3], GroupNorm::groups(2), channels);
    refused_for(
        &[3],
        BatchNorm::new(4),
        "the layer takes other rows\n  row  [3]   <- expected 4 features on axis -1",
    );
    refused_for(
        &[3],
        LayerNorm::new(4),
        "the layer takes other rows\n  row  [3]   <- expected [4] on axes [-1]",
    );
    refused_for(
        &[3],
        RmsNorm::new(4),
        "the layer takes other rows\n  row  [3]   <- expected [4] on axes [-1]",
    );
    refused_for(
        &[3],
        GroupNorm::new(1, 4),
        "the layer takes other rows\n  row  [3]   <- expected 4 channels on axis -1",
    );
    refused_for(&[3], Permute::to([2, 1]), "the layer takes other rows\n  row  [3]   <- expected 2 axes");
    refused_for(
        &[3],
        UpSampling::linear([2, 2]),
        "the layer takes other rows\n  row  [3]   <- expected at least 2 axes",
    );
    let slopes = "the layer takes other rows\n  row  [3]   <- expected what slopes [2] broadcast to";
    refused_for(&[3], PRelu::new(Tensor::zeros([2])), slopes);
    let numbers = "the rows do not have as many numbers\n  row    [3]\n  sizes  [2, -1]";
    refused_for(&[3], Reshape::to([2, -1]), numbers);
    let kept =
        "the inner layer does not keep the shape of its rows\n  row    [3]\n  inner  [2]   <- expected [3]";
    refused_for(&[3], Residual::of(|inner| inner.add(Dense::units(2))), kept);
    refused_for(&[3], Residual::new(Dense::new(3, 2, &mut Rng::seed(0))), kept);
    let joined = "the branches differ on more than the axis that they are joined along\n  first  [2, 3]\n  other  [2, \
                  4]   <- only axis 1 may differ";
    refused_for(&[2, 3], Branches::concat(1).branch(|b| b).branch(|b| b.add(Dense::units(4))), joined);
    refused_for(&[3], Branches::add(), "at least one branch is needed");
}

#[test]
fn inputs_that_do_not_fit_are_refused_at_the_callers_line() {
    let x = || Tensor::zeros([2, 3]);
    let features = "batch_norm: axis -1 has 3 features, expected 4\n  given   [2, 3]";
    refused(features, move || value_and_grad(&BatchNorm::new(4), |norm| norm.forward(&x()).sum()));
    let parameters = "batch_norm: the parameters [1] do not fit\n  given   [2, 3]";
    refused(parameters, move || BatchNorm::new(1).forward(&x()));
    refused("rms_norm: the parameters [4] do not fit\n  given   [2, 3]", move || {
        RmsNorm::new(4).forward(&x())
    });
    let channels = "group_norm: rows with 4 channels on axis -1 are expected\n  given   [2, 3]";
    refused(channels, move || GroupNorm::new(2, 4).forward(&x()));
    let kept = "residual: the inner layer makes [2, 1] of [2, 3], expected the same";
    refused(kept, move || Residual::new(Dense::new(3, 1, &mut Rng::seed(0))).forward(&x()));
    refused("zero_padding: [2, 3] has not 2 axes beside that of rows", move || {
        ZeroPadding::new([(1, 1), (1, 1)]).forward(&x())
    });
    refused("up_sampling: [2, 3] has not 2 axes beside that of rows", move || {
        UpSampling::nearest([1, 1]).forward(&x())
    });
    refused("flatten: the first axis counts the rows, given []", || Flatten.forward(&Tensor::from(1.0)));
    refused("reshape: the first axis counts the rows, given []", || {
        Reshape::to([1]).forward(&Tensor::from(1.0))
    });
}

/// What is said of a layer in a configuration for rows `[4, 6]`.
#[track_caller]
fn check(kind: &str, config: Value, expected: &str) {
    let layer = json!({ "name": "a", "kind": kind, "config": config });
    let model = json!({ "input": [4, 6], "layers": [layer] });
    let error = Sequential::from_config(&model, &Registry::default()).unwrap_err().to_string();
    assert_eq!(error, format!("layer 0: {expected}"), "{kind} {config}");
}

#[test]
fn configurations_that_make_no_layer_are_errors() {
    check("Dropout", json!({}), "`rate` is missing, expected a number from 0 to 1");
    check("Dropout", json!({ "rate": 1.5 }), "`rate` is 1.5, expected a number from 0 to 1");
    check("GaussianNoise", json!({ "std": "1" }), "`std` is \"1\", expected a number from 0 on");
    check("Reshape", json!({ "sizes": 7 }), "`sizes` is 7, expected a list of whole numbers");
    let sizes = "[-2] are no sizes; expected whole numbers, of which one may be -1";
    check("Reshape", json!({ "sizes": [-2] }), sizes);
    let numbers = "the rows do not have as many numbers\n  row    [4, 6]\n  sizes  [-1, 0]";
    check("Reshape", json!({ "sizes": [-1, 0] }), numbers);
    let overflow =
        "too many elements\n  shape  [2147483647, 2147483647]   <- expected at most 2147483647 elements";
    check("Reshape", json!({ "sizes": [i32::MAX, i32::MAX] }), overflow);
    check("Permute", json!({ "axes": [-1, 1] }), "[0, 1] are not the axes 1 to 2, each once");
    check(
        "Permute",
        json!({ "axes": [1_u64 << 40] }),
        "`axes` is [1099511627776], expected a list of whole numbers",
    );
    check(
        "ZeroPadding",
        json!({ "widths": [[1, 2, 3]] }),
        "`widths` is [[1,2,3]], expected a list of pairs of sizes",
    );
    check(
        "ZeroPadding",
        json!({ "widths": [[-1, 2]] }),
        "`widths` is [[-1,2]], expected a list of pairs of sizes",
    );
    let padded = "too many elements\n  shape  [4294967298, 6]   <- expected at most 2147483647 elements";
    check("ZeroPadding", json!({ "widths": [[i32::MAX, i32::MAX]] }), padded);
    let factors = "a list of whole numbers from 1 on";
    let factor = json!({ "factors": [0], "interpolation": "linear" });
    check("UpSampling", factor, &format!("`factors` is [0], expected {factors}"));
    let cubic = json!({ "factors": [2], "interpolation": "cubic" });
    check("UpSampling", cubic, "`interpolation` is `cubic`, expected one of linear, nearest");
    check(
        "PRelu",
        json!({ "slope": [4] }),
        "the layer takes other rows\n  row  [4, 6]   <- expected what slopes [4] broadcast to",
    );
    check(
        "Embedding",
        json!({ "things": 0, "features": 1 }),
        "`things` is 0, expected a whole number from 1 to 2147483647",
    );
    let table = "too many elements\n  shape  [2147483647, 2]   <- expected at most 2147483647 elements";
    check("Embedding", json!({ "things": i32::MAX, "features": 2 }), table);
}

#[test]
fn configurations_that_make_no_norm_are_errors() {
    let norm = |key: &str, value: Value| {
        let mut config = json!({ "axis": -1, "axes": [-1], "momentum": 0.9, "epsilon": 1e-3, "groups": 2,
            "scale": true, "offset": false });
        config[key] = value;
        config
    };
    check("BatchNorm", norm("axis", json!(0)), "axis 0 counts the rows\n  row  [4, 6]");
    check("BatchNorm", norm("axis", json!(0.5)), "`axis` is 0.5, expected a whole number");
    check("BatchNorm", norm("momentum", json!(-1)), "`momentum` is -1, expected a number from 0 to 1");
    check("BatchNorm", norm("epsilon", json!(null)), "`epsilon` is null, expected a number from 0 on");
    check("BatchNorm", norm("scale", json!(1)), "`scale` is 1, expected true or false");
    check("LayerNorm", norm("axes", json!([1, -2])), "axis -2 is named twice\n  row  [4, 6]");
    check("LayerNorm", norm("axes", json!([])), "there is no axis to normalise over");
    check(
        "RmsNorm",
        norm("axes", json!([9])),
        "axis 9 does not exist\n  row  [4, 6]   <- rows of a batch of 3 axes",
    );
    check("UnitNorm", norm("axes", json!("last")), "`axes` is \"last\", expected a list of whole numbers");
    let groups = "the channels cannot be divided into groups of the same size\n  channels  6\n  groups    4";
    check("GroupNorm", norm("groups", json!(4)), groups);
    check(
        "GroupNorm",
        norm("groups", json!(0)),
        "`groups` is 0, expected a whole number from 1 to 2147483647",
    );
}

#[test]
fn configurations_that_make_no_graph_are_errors() {
    let flatten = json!({ "kind": "Flatten", "config": {} });
    let none = "`branches` is no list of at least one layer";
    check("Add", json!({ "branches": [] }), none);
    check("Multiply", json!({}), none);
    check("Concat", json!({ "branches": [flatten] }), "`axis` is missing, expected a whole number");
    check(
        "Concat",
        json!({ "axis": 2, "branches": [flatten] }),
        "axis 2 does not exist\n  row  [24]   <- rows of a batch of 2 axes",
    );
    check("Add", json!({ "branches": [flatten, 7] }), "branch 1: `kind` is missing, expected a text");
    let unit = json!({ "kind": "UnitNorm", "config": { "axes": [0] } });
    check("Add", json!({ "branches": [unit] }), "branch 0: axis 0 counts the rows\n  row  [4, 6]");
    check("Residual", json!({}), "inner: `kind` is missing, expected a text");
    let kept = "the inner layer does not keep the shape of its rows\n  row    [4, 6]\n  inner  [24]   <- expected [4, 6]";
    check("Residual", json!({ "inner": flatten }), kept);
    // Each branch is possible, and all together are not.
    let wide = json!({ "kind": "ZeroPadding", "config": { "widths": [[0, 80_000_000]] } });
    let config = json!({ "axis": 1, "branches": [wide, wide, wide, wide, wide] });
    check(
        "Concat",
        config,
        "too many elements\n  shape  [400000020, 6]   <- expected at most 2147483647 elements",
    );
}
