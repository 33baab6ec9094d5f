//! Diagnoses over a training.

use std::collections::BTreeMap;

use wengert_nn::{Dense, Dropout, MeanSquaredError, Sequential};
use wengert_optim::{Adam, Sgd, Tune};
use wengert_tensor::{Rng, Tensor};
use wengert_train::{Compile, Compiled, DiagnosisLogger, Finding, Fit};

fn data() -> (Tensor, Tensor) {
    let x = Tensor::randn([64, 4], &mut Rng::seed(4));
    (x.clone(), x.sum_keep(1))
}

fn model() -> Compiled<Sequential> {
    let model = Sequential::new([4]).add(Dense::units(8).relu()).add(Dropout::rate(0.2)).add(Dense::units(1));
    model.compile(Adam::new(0.01), MeanSquaredError::new())
}

fn fit(epochs: usize) -> Fit {
    Fit::epochs(epochs).batch_size(16).verbose(0)
}

#[test]
fn the_training_is_the_same_as_without_it() {
    let (x, y) = data();
    let (mut with, mut without) = (model(), model());
    let logger = DiagnosisLogger::new(&x, &y);
    assert_eq!(with.fit(&x, &y, fit(4).callback(logger)), without.fit(&x, &y, fit(4)));
    assert_eq!(with.predict(&x).unwrap().to_vec::<f32>(), without.predict(&x).unwrap().to_vec::<f32>());
}

#[test]
fn each_diagnosis_is_that_of_its_epoch() {
    let (x, y) = data();
    let logger = DiagnosisLogger::new(&x, &y).every(2);
    let log = logger.log();
    model().fit(&x, &y, fit(5).callback(logger.clone())).unwrap();
    let diagnoses = log.diagnoses();
    assert_eq!(diagnoses.iter().map(|(epoch, _)| *epoch).collect::<Vec<_>>(), [0, 2, 4]);
    for (epoch, diagnosis) in &diagnoses {
        let mut other = model();
        if *epoch > 0 {
            other.fit(&x, &y, fit(*epoch)).unwrap();
        }
        let expected = other.diagnose(&x, &y).unwrap();
        assert_eq!(diagnosis.loss(), expected.loss(), "{epoch}");
        assert_eq!((diagnosis.layers(), diagnosis.units()), (expected.layers(), expected.units()), "{epoch}");
    }
    // Another training begins anew, and counts on where it goes on.
    model().fit(&x, &y, fit(5).initial_epoch(3).callback(logger)).unwrap();
    assert_eq!(log.diagnoses().iter().map(|(epoch, _)| *epoch).collect::<Vec<_>>(), [3, 4]);
}

#[test]
fn neurons_are_seen_to_die() {
    let (x, y) = data();
    let model = Sequential::new([4]).add(Dense::units(8).relu()).add(Dense::units(1));
    let mut model = model.compile(Sgd::new(2.0).clip_norm(10.0), MeanSquaredError::new());
    let logger = DiagnosisLogger::new(&x, &y);
    let log = logger.log();
    model.fit(&x, &y, fit(3).callback(logger)).unwrap();
    let is_dead = |finding: &Finding| matches!(finding, Finding::Dead { .. });
    let diagnoses = log.diagnoses();
    assert!(!diagnoses[0].1.findings().iter().any(is_dead), "{log}");
    assert!(diagnoses[3].1.findings().iter().any(is_dead), "{log}");
    assert!(log.to_svg().contains("units that are dead or nearly dead"));
    let text = log.to_string();
    assert!(text.starts_with("epoch 0: loss ") && text.contains("\nepoch 3: loss "), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn what_stays_is_said_once() {
    let (x, y) = data();
    // A rate of next to nothing: steps are too small, in every epoch.
    let model = Sequential::new([4]).add(Dense::units(8).tanh()).add(Dense::units(1));
    let mut model = model.compile(Sgd::new(1e-9), MeanSquaredError::new());
    let logger = DiagnosisLogger::new(&x, &y);
    let log = logger.log();
    model.fit(&x, &y, fit(2).callback(logger)).unwrap();
    let text = log.to_string();
    assert_eq!(text.matches("updates").count(), 1, "{text}");
    assert!(text.ends_with(", as before"), "{text}");
}

#[test]
fn the_table_has_a_line_for_each_number() {
    let (x, y) = data();
    let logger = DiagnosisLogger::new(&x, &y);
    let log = logger.log();
    model().fit(&x, &y, fit(1).callback(logger)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    log.save_csv(folder.path().join("log.csv")).unwrap();
    let text = std::fs::read_to_string(folder.path().join("log.csv")).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("epoch,layer,operation,quantity,value"));
    let table: BTreeMap<(String, String), f64> = lines
        .map(|line| {
            let (key, value) = line.rsplit_once(',').unwrap();
            let (epoch, what) = key.split_once(',').unwrap();
            ((epoch.to_string(), what.to_string()), value.parse().unwrap())
        })
        .collect();
    let (_, last) = &log.diagnoses()[1];
    let of = |what: &str| table[&("1".to_string(), what.to_string())];
    assert_eq!(of(",,loss"), last.loss());
    assert_eq!(of("dense,,returned"), last.layers()[0].returned);
    assert_eq!(Some(of("dense_1,,update_ratio")), last.layers()[1].update_ratio);
    assert_eq!(of(&format!("dense,{},dead", last.units()[0].operation)), last.units()[0].n_dead as f64 / 8.0);
    assert_eq!(table.len(), 2 * (1 + 2 * 4 + 5));
}

#[test]
fn the_picture_has_a_cell_for_each_layer_and_epoch() {
    let (x, y) = data();
    let logger = DiagnosisLogger::new(&x, &y);
    let log = logger.log();
    assert!(log.to_svg().contains("there is no diagnosis"));
    model().fit(&x, &y, fit(3).callback(logger)).unwrap();
    let svg = log.to_svg();
    for (title, n_rows) in [
        ("gradient that came back", 2),
        ("step through weights", 2),
        ("values where the slope is nearly 0", 1),
    ] {
        let panel = svg.split(title).nth(1).expect("a panel").split("bold").next().expect("text");
        assert_eq!(panel.matches(", epoch ").count(), 4 * n_rows, "{title}");
    }
    assert!(!svg.contains("NaN"), "{svg}");
}

#[test]
fn a_batch_of_another_model_is_refused_before_the_training() {
    let (x, y) = data();
    let logger = DiagnosisLogger::new(&Tensor::ones([4, 3]), Tensor::ones([4, 1]));
    let mut model = model();
    let before = model.predict(&x).unwrap().to_vec::<f32>();
    let error = model.fit(&x, &y, fit(1).callback(logger)).unwrap_err().to_string();
    let expected = "fit: diagnosis_logger: the model takes other rows\n  row  [3]   <- expected [4]";
    assert_eq!(error, expected);
    assert_eq!(model.predict(&x).unwrap().to_vec::<f32>(), before);
    let logger = DiagnosisLogger::new(&x, Tensor::ones([3, 1]));
    let error = model.fit(&x, &y, fit(1).callback(logger)).unwrap_err().to_string();
    let expected = "fit: diagnosis_logger: x and target differ in their number of rows\n  x       64\n  target  3   <- expected 64";
    assert_eq!(error, expected);
}

#[test]
#[should_panic(expected = "diagnosis_logger: every 0 epochs, expected at least 1")]
fn every_0_epochs_panic() {
    let _ = DiagnosisLogger::new(&Tensor::ones([1, 1]), Tensor::ones([1, 1])).every(0);
}
