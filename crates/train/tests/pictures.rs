//! Pictures of a training, written and read again.

use wengert_nn::{CategoricalCrossentropy, Dense, Sequential};
use wengert_optim::Sgd;
use wengert_tensor::{Rng, Tensor};
use wengert_train::{Accuracy, Compile, Fit, FitError, History};

fn history() -> Result<History, FitError> {
    let x = Tensor::normal([40, 3], 0.0, 1.0, &mut Rng::seed(0));
    let y = Tensor::new(
        (0..40).flat_map(|n| if n % 3 == 0 { [1.0, 0.0] } else { [0.0, 1.0_f32] }).collect(),
        [40, 2],
    );
    let model = Sequential::new([3]).add(Dense::units(2).softmax());
    let mut model = model.compile(Sgd::new(0.1), CategoricalCrossentropy::new()).metric(Accuracy);
    model.fit(&x, &y, Fit::epochs(4).validation_split(0.25).verbose(0))
}

#[test]
fn a_history_has_a_panel_for_the_loss_and_one_for_each_metric() -> Result<(), FitError> {
    let svg = history()?.to_svg();
    assert_eq!(svg.matches("<g transform").count(), 2);
    assert_eq!(svg.matches("<path").count(), 4);
    for name in ["loss", "val_loss", "accuracy", "val_accuracy"] {
        assert!(svg.contains(&format!(">{name}</text>")), "{name}");
    }
    Ok(())
}

#[test]
fn a_picture_is_written_by_the_end_of_its_name() -> Result<(), FitError> {
    let (folder, history) = (tempfile::tempdir().expect("a folder"), history()?);
    history.plot(folder.path().join("curves.svg")).expect("written");
    let text = std::fs::read_to_string(folder.path().join("curves.svg")).expect("read");
    assert_eq!(text, history.to_svg());
    let error = history.plot("curves.pdf").expect_err("no PDF");
    assert_eq!(error.to_string(), "plot: the file is curves.pdf, expected a name that ends in .svg or .png");
    Ok(())
}
