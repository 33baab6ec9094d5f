//! When callbacks are called, what they see, and what each of them does.

use std::fs;
use std::sync::{Arc, Mutex};

use approx::assert_relative_eq;
use wengert_nn::{BatchNorm, Dense, Layer, MeanSquaredError, Sequential};
use wengert_optim::{Adam, Cosine, Sgd, Tune};
use wengert_tensor::{Module, Rng, Tensor};
use wengert_train::{
    CSVLogger, Callback, Compile, Compiled, Custom, EarlyStopping, Fit, History, LearningRateScheduler,
    MeanAbsoluteError, Mode, ModelCheckpoint, On, ReduceLROnPlateau, Run, TerminateOnNaN,
};

fn data() -> (Tensor, Tensor) {
    let x = Tensor::randn([20, 2], &mut Rng::seed(4));
    let y = x.sum_axes(1).reshape([20, 1]);
    (x, y)
}

fn model() -> Compiled<Sequential> {
    let model = Sequential::new([2]).add(Dense::units(4).tanh()).add(Dense::units(1));
    model.compile(Adam::new(0.01), MeanSquaredError::new()).metric(MeanAbsoluteError)
}

fn fit(epochs: usize) -> Fit {
    Fit::epochs(epochs).batch_size(8).seed(3).verbose(0)
}

fn weights(model: &impl Module) -> Vec<Vec<f32>> {
    model.parameters().iter().map(|(_, param)| param.to_vec()).collect()
}

/// A training that a callback ends, or refuses.
fn trained(fit: Fit) -> Result<History, String> {
    let (x, y) = data();
    model().fit(&x, &y, fit).map_err(|error| error.to_string())
}

#[track_caller]
fn check_refused(fit: Fit, message: &str) {
    assert_eq!(trained(fit).err().as_deref(), Some(message));
}

/// Writes down where it is called.
#[derive(Clone, Debug, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, point: &str, run: &Run<'_>) -> Result<(), String> {
        let names: Vec<&str> = run.values().map(|(name, _)| name).collect();
        let (epoch, step) = (run.epoch(), run.step());
        self.0.lock().unwrap().push(format!("{point} {epoch}.{step} {}", names.join(" ")).trim().to_string());
        Ok(())
    }
}

impl Callback for Diary {
    fn name(&self) -> &str {
        "diary"
    }
    fn train_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.note("train_begin", run)
    }
    fn epoch_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.note("epoch_begin", run)
    }
    fn batch_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.note("batch_begin", run)
    }
    fn batch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.note("batch_end", run)
    }
    fn epoch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.note("epoch_end", run)
    }
    fn train_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.note("train_end", run)
    }
}

#[test]
fn callbacks_are_called_at_every_point_with_what_is_known_there() {
    let diary = Diary::default();
    trained(fit(2).batch_size(10).validation_split(0.25).callback(diary.clone())).unwrap();
    let (so_far, all) =
        ("loss mean_absolute_error", "loss mean_absolute_error val_loss val_mean_absolute_error");
    let mut expected = vec!["train_begin 0.0".to_string()];
    for epoch in 1..=2 {
        expected.push(format!("epoch_begin {epoch}.0"));
        for step in 1..=2 {
            expected.push(format!("batch_begin {epoch}.{step}"));
            expected.push(format!("batch_end {epoch}.{step} {so_far}"));
        }
        expected.push(format!("epoch_end {epoch}.2 {all}"));
    }
    expected.push(format!("train_end 2.2 {all}"));
    assert_eq!(*diary.0.lock().unwrap(), expected);
}

#[test]
fn a_callback_sees_the_values_of_the_history() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let values = Arc::clone(&seen);
    let record = On::epoch_end(move |run| {
        assert_eq!(run.history().epochs(), run.epoch());
        assert_eq!((run.n_epochs(), run.n_steps()), (3, Some(3)));
        values.lock().unwrap().push(run.value("val_loss").unwrap());
    });
    let history = trained(fit(3).validation_split(0.1).callback(record)).unwrap();
    assert_eq!(history["val_loss"], *seen.lock().unwrap());
}

#[test]
fn callbacks_change_nothing_unless_they_mean_to() {
    let without = trained(fit(3)).unwrap();
    assert_eq!(trained(fit(3).callback(Diary::default()).callback(TerminateOnNaN)).unwrap(), without);
}

#[test]
fn a_training_that_is_stopped_in_an_epoch_reports_what_there_was_of_it() {
    let stop = On::batch_end(|run| {
        if (run.epoch(), run.step()) == (2, 2) {
            run.stop("enough");
            run.stop("the first reason counts");
            assert!(run.is_stopping());
        }
    });
    let diary = Diary::default();
    let history = trained(fit(5).validation_split(0.1).callback(stop).callback(diary.clone())).unwrap();
    assert_eq!((history.epochs(), history["val_loss"].len()), (2, 2));
    let stopped = history.stopped().unwrap();
    assert_eq!((stopped.epoch, stopped.reason.as_str()), (2, "enough"));
    let diary = diary.0.lock().unwrap();
    assert!(diary[diary.len() - 3].starts_with("batch_end 2.2"), "{diary:?}");
    // And before anything was trained.
    let history = trained(fit(5).callback(On::train_begin(|run| run.stop("not today")))).unwrap();
    assert_eq!((history.epochs(), history.stopped().unwrap().epoch), (0, 0));
}

#[test]
fn the_reported_loss_of_a_batch_is_its_own() {
    let x = Tensor::from([[1.0], [2.0], [4.0]]);
    let identity = Sequential::new([1]).add(Dense::from_tensors(Tensor::from([[1.0]]), Tensor::from([0.0])));
    let mut model = identity.compile(Sgd::new(0.0), MeanSquaredError::new());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let losses = Arc::clone(&seen);
    let record = On::batch_end(move |run| {
        losses.lock().unwrap().push((run.batch_loss(), run.value("loss").unwrap()));
    });
    let fit = Fit::epochs(1).batch_size(1).shuffle(false).callback(record).verbose(0);
    model.fit(&x, Tensor::zeros([3, 1]), fit).unwrap();
    assert_eq!(*seen.lock().unwrap(), [(1.0, 1.0), (4.0, 2.5), (16.0, 7.0)]);
}

#[test]
fn what_is_watched_must_be_there() {
    let message = "fit: early_stopping: there is no `val_loss` to watch, only loss, mean_absolute_error\n  help: give \
                   `fit` a validation_split or validation rows";
    check_refused(fit(2).callback(EarlyStopping::new()), message);
    let message =
        "fit: reduce_lr_on_plateau: there is no `accuracy` to watch, only loss, mean_absolute_error";
    check_refused(fit(2).callback(ReduceLROnPlateau::new().monitor("accuracy")), message);
    let message = "fit: model_checkpoint: there is no `val_loss` for the name of the file, only epoch, loss, \
                   mean_absolute_error";
    check_refused(fit(2).callback(ModelCheckpoint::new("{val_loss}.safetensors")), message);
    let message = "fit: model_checkpoint: `{` stands alone in \"{val_loss.safetensors\"";
    check_refused(fit(2).callback(ModelCheckpoint::new("{val_loss.safetensors")), message);
    let (x, y) = data();
    let mut model = model().metric(Custom::batches("custom", |_, _| 1.0));
    let stopping = || EarlyStopping::new().monitor("custom");
    let error = model.fit(&x, &y, fit(2).callback(stopping())).unwrap_err().to_string();
    let message = "fit: early_stopping: it is not known whether `custom` is better where it is larger\n  help: say so with \
                   `.mode(Mode::Max)` or `.mode(Mode::Min)`";
    assert_eq!(error, message);
    assert_eq!(model.fit(&x, &y, fit(5).callback(stopping().mode(Mode::Max))).unwrap().epochs(), 2);
}

#[test]
fn a_training_that_is_refused_changes_nothing() {
    let (x, y) = data();
    let mut model = model();
    let before = weights(model.model());
    assert!(model.fit(&x, &y, fit(2).callback(EarlyStopping::new())).is_err());
    assert_eq!(weights(model.model()), before);
}

#[test]
fn a_callback_starts_anew_in_every_training() {
    let stopping = EarlyStopping::new().monitor("loss").min_delta(1e9).patience(3);
    let settings = fit(10).callback(stopping);
    assert_eq!(trained(settings.clone()).unwrap().epochs(), 4);
    assert_eq!(trained(settings).unwrap().epochs(), 4);
}

#[test]
fn an_accuracy_is_better_where_it_is_larger_without_a_mode() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let known = Arc::clone(&seen);
    let ask = On::train_begin(move |run| {
        let names = ["loss", "val_loss", "mean_absolute_error", "val_mean_absolute_error", "other"];
        known.lock().unwrap().extend(names.map(|name| run.is_larger_better(name)));
    });
    trained(fit(1).validation_split(0.5).callback(ask)).unwrap();
    assert_eq!(*seen.lock().unwrap(), [Some(false), Some(false), Some(false), Some(false), None]);
}

/// Statistics that move belong to the weights of an epoch.
#[test]
fn the_best_weights_come_back_with_the_state_of_their_epoch() {
    let (x, y) = data();
    let build = || {
        let model = Sequential::new([2]).add(BatchNorm::axis(-1)).add(Dense::units(1));
        model.compile(Sgd::new(0.01), MeanSquaredError::new())
    };
    let mut model = build();
    // The weights are thrown far off after the second epoch.
    let worse = On::epoch_begin(|run| {
        if run.epoch() == 3 {
            run.model_mut().for_each_parameter(&mut |_, param| param.set(param.value() + 5.0));
        }
    });
    let stopping = EarlyStopping::new().monitor("val_loss").patience(2).restore_best_weights();
    let settings = |n| fit(n).validation(&x, &y);
    let history = model.fit(&x, &y, settings(9).callback(worse).callback(stopping)).unwrap();
    assert_eq!((history.epochs(), history.best("val_loss").epoch), (4, 2));
    let mut two = build();
    two.fit(&x, &y, settings(2)).unwrap();
    assert_eq!(model.forward(&x).to_vec::<f32>(), two.forward(&x).to_vec::<f32>());
    assert_eq!(model.evaluate(&x, &y).unwrap().loss(), history.best("val_loss").value);
}

#[test]
fn a_schedule_by_epochs_counts_from_1() {
    let halved = LearningRateScheduler::new(|epoch, rate| if epoch == 1 { rate } else { rate / 2.0 });
    assert_eq!(trained(fit(3).callback(halved)).unwrap().learning_rates(), [0.01, 0.005, 0.0025]);
    let wrong = LearningRateScheduler::new(|epoch, _| if epoch < 2 { 0.1 } else { f64::NAN });
    let message = "fit: learning_rate_scheduler: the learning rate of epoch 2 is NaN, expected a finite number of at \
                   least 0";
    check_refused(fit(3).callback(wrong), message);
}

#[test]
fn a_plateau_ends_a_schedule() {
    let (x, y) = data();
    let model = Sequential::new([2]).add(Dense::units(1));
    let mut model = model.compile(Sgd::default().schedule(Cosine::new(0.1, 1000)), MeanSquaredError::new());
    let reduce = ReduceLROnPlateau::new().monitor("loss").min_delta(1e9).patience(1).factor(0.5);
    let history = model.fit(&x, &y, fit(3).callback(reduce)).unwrap();
    let rates = history.learning_rates();
    assert_relative_eq!(rates[2], rates[1] / 2.0);
    assert!(rates[1] < rates[0] && rates[0] < 0.1, "{rates:?}");
}

#[test]
#[should_panic(expected = "reduce_lr_on_plateau: the factor is 1, expected at least 0 and less than 1")]
fn a_factor_that_does_not_reduce_panics() {
    let _ = ReduceLROnPlateau::new().factor(1.0);
}

#[test]
#[should_panic(
    expected = "reduce_lr_on_plateau: the least rate is -1, expected a finite number of at least 0"
)]
fn a_least_rate_that_is_none_panics() {
    let _ = ReduceLROnPlateau::new().min_rate(-1.0);
}

#[test]
#[should_panic(expected = "model_checkpoint: every 0 epochs, expected at least 1")]
fn every_0_epochs_panic() {
    let _ = ModelCheckpoint::new("a").every(0);
}

#[test]
fn training_goes_on_from_any_checkpoint_with_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (x, y) = data();
    let mut whole = model();
    let history =
        whole.fit(&x, &y, fit(5).callback(ModelCheckpoint::new(path("{epoch:02}.safetensors")))).unwrap();
    for epoch in 1..5 {
        let mut rest = model();
        rest.load_checkpoint(path(&format!("{epoch:02}.safetensors"))).unwrap();
        let later = rest.fit(&x, &y, fit(5).initial_epoch(epoch)).unwrap();
        assert_eq!(later["loss"], history["loss"][epoch..], "{epoch}");
        assert_eq!((later.first_epoch(), later.epochs()), (epoch + 1, 5 - epoch));
        assert_eq!(weights(rest.model()), weights(whole.model()), "{epoch}");
    }
}

#[test]
fn a_checkpoint_is_written_for_the_epochs_that_are_asked_for() {
    let files = |folder: &tempfile::TempDir| -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let folder = tempfile::tempdir().unwrap();
    let every =
        ModelCheckpoint::new(folder.path().join("{epoch:03}.safetensors")).every(2).save_weights_only();
    trained(fit(5).callback(every)).unwrap();
    assert_eq!(files(&folder), ["002.safetensors", "004.safetensors"]);
    let mut other = model();
    wengert_io::load_parameters(other.model_mut(), folder.path().join("004.safetensors")).unwrap();
    assert!(other.load_checkpoint(folder.path().join("004.safetensors")).is_err(), "weights only");

    let folder = tempfile::tempdir().unwrap();
    let values = [2.0, f64::NAN, 1.0, 1.5, 0.5];
    let (x, y) = data();
    let epoch = Arc::new(Mutex::new(0));
    let count = Arc::clone(&epoch);
    let begin = On::epoch_begin(move |run| *count.lock().unwrap() = run.epoch() - 1);
    let watched = Custom::batches("watched", move |_, _| values[*epoch.lock().unwrap()]).smaller_is_better();
    let best = ModelCheckpoint::new(folder.path().join("{epoch}-{watched:.1}.safetensors"))
        .monitor("watched")
        .save_best_only();
    model().metric(watched).fit(&x, &y, fit(5).batch_size(20).callback(begin).callback(best)).unwrap();
    assert_eq!(files(&folder), ["1-2.0.safetensors", "3-1.0.safetensors", "5-0.5.safetensors"]);
}

#[test]
fn a_checkpoint_that_cannot_be_written_ends_the_training() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("not there").join("{epoch}.safetensors");
    let message = trained(fit(2).callback(ModelCheckpoint::new(path))).unwrap_err();
    assert!(message.starts_with("fit: model_checkpoint: save: "), "{message}");
}

#[test]
fn a_log_grows_with_the_epochs_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.csv");
    let read = || fs::read_to_string(&path).unwrap();
    let (x, y) = data();
    let mut model = model();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let (counts, file) = (Arc::clone(&lines), path.clone());
    let count = On::epoch_end(move |_| {
        counts.lock().unwrap().push(fs::read_to_string(&file).unwrap().lines().count());
    });
    let first = model.fit(&x, &y, fit(2).callback(CSVLogger::new(&path)).callback(count)).unwrap();
    assert_eq!(*lines.lock().unwrap(), [2, 3]);
    assert_eq!(read(), first.to_csv());
    let settings = || fit(4).initial_epoch(2);
    let second = model.fit(&x, &y, settings().callback(CSVLogger::new(&path).append())).unwrap();
    let rest = second.to_csv();
    assert_eq!(read(), first.to_csv() + rest.split_once('\n').unwrap().1);
    assert_eq!(read().lines().last().unwrap().split(',').next(), Some("4"));

    let header = "epoch,loss,mean_absolute_error";
    let other = settings().validation(&x, &y).callback(CSVLogger::new(&path).append());
    let error = model.fit(&x, &y, other).unwrap_err().to_string();
    let message = format!(
        "fit: csv_logger: the file has other columns\n  file     {}\n  columns  {header},learning_rate   <- expected \
         {header},val_loss,val_mean_absolute_error,learning_rate",
        path.display()
    );
    assert_eq!(error, message);
    model.fit(&x, &y, settings().callback(CSVLogger::new(&path).separator(';'))).unwrap();
    assert!(read().starts_with("epoch;loss;mean_absolute_error;learning_rate\n3;"), "{}", read());
}

#[test]
fn a_log_that_cannot_be_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let message = trained(fit(2).callback(CSVLogger::new(folder.path()))).unwrap_err();
    let expected =
        format!("fit: csv_logger: the file cannot be written\n  file  {}\n", folder.path().display());
    assert!(message.starts_with(&expected), "{message}");
}

/// The second row is too large for f32 to square.
fn diverging(optimizer: Sgd) -> (Compiled<Sequential>, Tensor, Tensor) {
    let layer = Dense::from_tensors(Tensor::from([[2.0]]), Tensor::from([0.0]));
    let model = Sequential::new([1]).add(layer).compile(optimizer, MeanSquaredError::new());
    (model.metric(MeanAbsoluteError), Tensor::from([[1.0], [1e30], [1.0]]), Tensor::zeros([3, 1]))
}

#[test]
fn a_nan_ends_the_training_with_its_origin_and_the_history() {
    let settings = || Fit::epochs(3).batch_size(1).shuffle(false).callback(TerminateOnNaN).verbose(0);
    let (mut model, x, y) = diverging(Sgd::new(0.0));
    let history = model.fit(&x, &y, settings()).unwrap();
    let stopped = history.stopped().unwrap();
    assert_eq!((stopped.epoch, history.epochs()), (1, 1));
    assert!(history.last("loss").is_infinite());
    let begin = "terminate_on_nan: batch 2: sgd: the gradient of `dense.weight` [1, 1] is not finite";
    assert!(stopped.reason.starts_with(begin), "{}", stopped.reason);
    assert!(stopped.reason.contains("origin    mean_squared_error: "), "{}", stopped.reason);
    assert_eq!(model.parameters()[0].1.to_vec::<f32>(), [2.0]);

    let (mut model, x, y) = diverging(Sgd::new(0.0).skip_nonfinite());
    let history = model.fit(&x, &y, settings()).unwrap();
    let reason = &history.stopped().unwrap().reason;
    let begin = "terminate_on_nan: the loss of batch 2 is inf\n  origin  mean_squared_error: ";
    assert!(reason.starts_with(begin), "{reason}");
}

#[test]
fn without_a_callback_for_it_a_nan_is_an_error() {
    let (mut model, x, y) = diverging(Sgd::new(0.0));
    let settings = Fit::epochs(3).batch_size(1).shuffle(false).callback(Diary::default()).verbose(0);
    let message = model.fit(&x, &y, settings).unwrap_err().to_string();
    assert!(message.starts_with("fit: sgd: the gradient of `dense.weight`"), "{message}");
}

#[test]
fn a_closure_keeps_what_is_its_own() {
    let mut n_calls = 0;
    let third = On::batch_begin(move |run| {
        n_calls += 1;
        if n_calls == 3 {
            run.stop("the third batch");
        }
    });
    let settings = fit(4).batch_size(20).callback(third);
    // A clone has a count of its own.
    assert_eq!(trained(settings.clone()).unwrap().epochs(), 3);
    assert_eq!(trained(settings).unwrap().epochs(), 3);
}
