//! Values and derivatives of activation functions beside those of Keras in `golden/activations_keras.json`.

#[path = "golden/distance.rs"]
mod distance;
#[path = "golden/keras.rs"]
mod keras;

#[track_caller]
fn check(name: &str, distance: &distance::Distance) {
    let is_near = distance.relative <= keras::tolerance(name, &distance.what);
    assert!(is_near, "{name}, {}: the relative distance is {:e}", distance.what, distance.relative);
}

#[test]
fn activations_are_those_of_keras() {
    let file = keras::file();
    assert_eq!(file["f"].as_object().unwrap().len(), keras::FUNCTIONS.len());
    for (name, _, f) in keras::FUNCTIONS {
        keras::distances(&file, name, f).iter().for_each(|distance| check(name, distance));
    }
}

#[test]
fn rows_are_those_of_keras() {
    keras::distances_of_rows(&keras::file()).iter().for_each(|(name, distance)| check(name, distance));
}

/// Keras 3.15 gives rows of zeros here, so the reference is the definition: τ by bisection.
#[test]
fn sparsemax_is_the_nearest_probability() {
    let x = keras::rows(&keras::file()["rows"]["x"]);
    for (x, y) in x.to_vec::<f64>().chunks(5).zip(x.sparsemax(-1).to_vec::<f64>().chunks(5)) {
        let mass = |bound: f64| x.iter().map(|x| (x - bound).max(0.0)).sum::<f64>();
        let (mut low, mut high) = (-10.0, 10.0);
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if mass(middle) > 1.0 { low = middle } else { high = middle }
        }
        for (x, y) in x.iter().zip(y) {
            assert!(((x - low).max(0.0) - y).abs() < 1e-14, "{x}: {y}");
        }
    }
}
