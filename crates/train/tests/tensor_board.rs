//! Event files, read again by a small decoder that knows nothing of the writer.

use std::fs;
use std::path::Path;

use wengert_nn::{Dense, MeanSquaredError, Sequential};
use wengert_optim::Sgd;
use wengert_tensor::{Rng, Tensor};
use wengert_train::{Compile, Fit, History, MeanAbsoluteError, TensorBoard};

/// A field of a message: its number, and what it holds.
#[derive(Clone, Debug, PartialEq)]
enum Field {
    Number(u64, u64),
    Eight(u64, [u8; 8]),
    Bytes(u64, Vec<u8>),
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for place in 0.. {
        let (first, rest) = bytes.split_first().expect("a byte");
        *bytes = rest;
        number |= u64::from(first & 0x7f) << (7 * place);
        if first & 0x80 == 0 {
            break;
        }
    }
    number
}

fn taken<'b>(bytes: &mut &'b [u8], n: usize) -> &'b [u8] {
    let (first, rest) = bytes.split_at(n);
    *bytes = rest;
    first
}

fn fields(mut bytes: &[u8]) -> Vec<Field> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        fields.push(match key & 7 {
            0 => Field::Number(key >> 3, varint(&mut bytes)),
            1 => Field::Eight(key >> 3, taken(&mut bytes, 8).try_into().expect("eight bytes")),
            2 => {
                let length = varint(&mut bytes) as usize;
                Field::Bytes(key >> 3, taken(&mut bytes, length).to_vec())
            }
            kind => panic!("no field has the wire type {kind} here"),
        });
    }
    fields
}

/// The messages or texts of one field.
fn of(message: &[u8], number: u64) -> Vec<Vec<u8>> {
    let all = fields(message).into_iter();
    all.filter_map(|field| match field {
        Field::Bytes(n, bytes) if n == number => Some(bytes),
        _ => None,
    })
    .collect()
}

fn one(message: &[u8], number: u64) -> Vec<u8> {
    of(message, number).pop().expect("the field")
}

fn text(message: &[u8], number: u64) -> String {
    String::from_utf8(one(message, number)).expect("text")
}

/// A checksum bit by bit, by its definition.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let mut crc = !0_u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0x82f6_3b78 * (crc & 1));
        }
    }
    (!crc).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

/// The events of the only file of a folder.
fn events(folder: &Path) -> Vec<Vec<u8>> {
    let files: Vec<_> = fs::read_dir(folder).expect("a folder").map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert!(files[0].file_name().unwrap().to_string_lossy().starts_with("events.out.tfevents."));
    let bytes = fs::read(&files[0]).expect("a file");
    let mut bytes = bytes.as_slice();
    let mut events = Vec::new();
    while !bytes.is_empty() {
        let length = taken(&mut bytes, 8);
        assert_eq!(taken(&mut bytes, 4), checksum(length));
        let n = u64::from_le_bytes(length.try_into().unwrap()) as usize;
        events.push(taken(&mut bytes, n).to_vec());
        assert_eq!(taken(&mut bytes, 4), checksum(events.last().unwrap()));
    }
    assert_eq!(text(&events[0], 3), "brain.Event:2");
    events.split_off(1)
}

/// Tag, step, plugin and tensor of every value of all events.
fn values(folder: &Path) -> Vec<(String, u64, String, Vec<u8>)> {
    let mut values = Vec::new();
    for event in events(folder) {
        let fields = fields(&event);
        assert!(matches!(fields[0], Field::Eight(1, time) if f64::from_le_bytes(time) > 1.7e9), "{fields:?}");
        let Field::Number(2, step) = fields[1] else { panic!("no step: {fields:?}") };
        for value in of(&one(&event, 5), 1) {
            let plugin = text(&one(&one(&value, 9), 1), 1);
            values.push((text(&value, 1), step, plugin, one(&value, 8)));
        }
    }
    values
}

/// Scalars of a tag, in the order of their steps.
fn scalars(folder: &Path, tag: &str) -> Vec<(u64, f32)> {
    let of_tag = values(folder).into_iter().filter(|(other, ..)| other == tag);
    of_tag
        .map(|(_, step, plugin, tensor)| {
            assert_eq!(plugin, "scalars");
            assert_eq!(fields(&tensor)[0], Field::Number(1, 1), "float32");
            (step, f32::from_le_bytes(one(&tensor, 5).try_into().expect("one number")))
        })
        .collect()
}

fn tags(folder: &Path) -> Vec<String> {
    let mut tags: Vec<String> = values(folder).into_iter().map(|(tag, ..)| tag).collect();
    tags.sort();
    tags.dedup();
    tags
}

/// Ten rows of twelve to train on, in batches of four.
fn trained(board: TensorBoard, fit: Fit) -> Result<History, String> {
    let x = Tensor::randn([12, 2], &mut Rng::seed(4));
    let y = x.sum_axes(1).reshape([12, 1]);
    let model = Sequential::new([2]).add(Dense::units(3).tanh()).add(Dense::units(1));
    let mut model = model.compile(Sgd::new(0.1), MeanSquaredError::new()).metric(MeanAbsoluteError);
    model.fit(&x, &y, fit.batch_size(4).verbose(0).callback(board)).map_err(|error| error.to_string())
}

#[test]
fn scalars_are_those_of_the_history_in_two_runs() {
    let folder = tempfile::tempdir().unwrap();
    let history = trained(TensorBoard::new(folder.path()), Fit::epochs(3).validation_split(0.2)).unwrap();
    let (train, validation) = (folder.path().join("train"), folder.path().join("validation"));
    assert_eq!(tags(&train), ["epoch_learning_rate", "epoch_loss", "epoch_mean_absolute_error"]);
    assert_eq!(tags(&validation), ["epoch_loss", "epoch_mean_absolute_error"]);
    let expected = |values: &[f64]| -> Vec<(u64, f32)> {
        values.iter().enumerate().map(|(epoch, &value)| (epoch as u64 + 1, value as f32)).collect()
    };
    assert_eq!(scalars(&train, "epoch_loss"), expected(&history["loss"]));
    assert_eq!(scalars(&validation, "epoch_loss"), expected(&history["val_loss"]));
    let errors = scalars(&validation, "epoch_mean_absolute_error");
    assert_eq!(errors, expected(&history["val_mean_absolute_error"]));
    assert_eq!(scalars(&train, "epoch_learning_rate"), expected(&[0.1; 3]));
}

#[test]
fn batches_count_over_all_epochs() {
    let folder = tempfile::tempdir().unwrap();
    trained(TensorBoard::new(folder.path()).update_freq(2), Fit::epochs(3)).unwrap();
    let train = folder.path().join("train");
    let steps: Vec<u64> = scalars(&train, "batch_loss").into_iter().map(|(step, _)| step).collect();
    assert_eq!(steps, [2, 4, 6, 8]);
    assert!(!folder.path().join("validation").exists());
    let folder = tempfile::tempdir().unwrap();
    trained(TensorBoard::new(folder.path()).update_freq(3), Fit::epochs(3).initial_epoch(2)).unwrap();
    let steps = scalars(&folder.path().join("train"), "batch_mean_absolute_error");
    assert_eq!(steps.into_iter().map(|(step, _)| step).collect::<Vec<_>>(), [9]);
}

#[test]
fn histograms_count_the_numbers_of_each_parameter() {
    let folder = tempfile::tempdir().unwrap();
    trained(TensorBoard::new(folder.path()).histogram_freq(2), Fit::epochs(4)).unwrap();
    let all = values(&folder.path().join("train"));
    let histograms: Vec<_> = all.into_iter().filter(|(.., plugin, _)| plugin == "histograms").collect();
    let named: Vec<(&str, u64)> = histograms.iter().map(|(tag, step, ..)| (tag.as_str(), *step)).collect();
    let names = ["dense/weight", "dense/bias", "dense_1/weight", "dense_1/bias"];
    let names = names.map(|name| format!("{name}/histogram"));
    let expected: Vec<(&str, u64)> =
        [2, 4].iter().flat_map(|&step| names.iter().map(move |name| (name.as_str(), step))).collect();
    assert_eq!(named, expected);
    for ((.., tensor), size) in histograms.iter().zip([6.0, 3.0, 3.0, 1.0]) {
        let numbers: Vec<f64> =
            one(tensor, 4).chunks(8).map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap())).collect();
        assert_eq!(numbers.len(), 90);
        assert_eq!(numbers.chunks(3).map(|bucket| bucket[2]).sum::<f64>(), size);
        assert!(numbers.chunks(3).all(|bucket| bucket[0] <= bucket[1]));
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_of_the_training() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("taken");
    fs::write(&file, "a file").unwrap();
    let error = trained(TensorBoard::new(&file), Fit::epochs(1)).unwrap_err();
    let start = "fit: tensor_board: the file cannot be written\n  file  ";
    assert!(error.starts_with(start), "{error}");
    assert!(error.contains("taken"), "{error}");
}

#[test]
#[should_panic(expected = "tensor_board: every 0 batches, expected at least 1")]
fn every_0_batches_panic() {
    let _ = TensorBoard::new("logs").update_freq(0);
}

#[test]
#[should_panic(expected = "tensor_board: histograms every 0 epochs, expected at least 1")]
fn histograms_every_0_epochs_panic() {
    let _ = TensorBoard::new("logs").histogram_freq(0);
}
