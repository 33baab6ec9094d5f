//! The course's tables and MNIST, from the folder that `WENGERT_DATA` names. Without it these tests say so, and pass.

use std::io::{self, Write};
use std::path::PathBuf;

use wengert_data::{Rows, read_csv, read_idx, read_mnist, to_categorical};
use wengert_tensor::DType;

fn data(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("WENGERT_DATA").map(|folder| PathBuf::from(folder).join(name));
    let found = path.filter(|path| path.exists());
    if found.is_none() {
        // Not by `eprintln!`, which is not shown for a test that passes.
        let line = format!("skipped: WENGERT_DATA names no folder that holds {name}\n");
        let _ = io::stderr().write_all(line.as_bytes());
    }
    found
}

#[test]
fn wages_are_those_of_the_course() {
    let Some(path) = data("course/hourly_wages.csv") else { return };
    let table = read_csv(&path).unwrap();
    assert_eq!((table.n_rows(), table.n_columns()), (525, 10));
    let (predictors, target) = table.split_target(&["wage_per_hour"]).unwrap();
    assert_eq!((predictors.shape().to_vec(), target.shape().to_vec()), (vec![525, 9], vec![525, 1]));
    assert_eq!(target.slice_rows(0..3).to_vec::<f32>(), [8.75, 11.35, 11.5]);
    assert_eq!(predictors.slice_rows(3..4).to_vec::<f32>(), [0.0, 8.0, 27.0, 41.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    let described = table.describe();
    assert!(described.columns.iter().all(|column| column.n_missing == 0));
    assert_eq!((described.columns[0].min, described.columns[0].max), (1.0, 44.5));
}

#[test]
fn titanic_is_that_of_the_course() {
    let Some(path) = data("course/titanic.csv") else { return };
    let table = read_csv(&path).unwrap().cast(DType::F64);
    let target = to_categorical(&table.column("survived").unwrap(), None).unwrap();
    let predictors = table.drop(&["survived"]).unwrap().values().unwrap();
    assert_eq!((predictors.shape().to_vec(), target.shape().to_vec()), (vec![891, 10], vec![891, 2]));
    assert_eq!(target.sum_axes(0).to_vec::<f32>(), [549.0, 342.0]);
    assert_eq!(table.labels("age_was_missing").unwrap().iter().sum::<usize>(), 177);
    assert_eq!(predictors.at([1, 4]), 71.2833);
}

#[test]
fn mnist_is_whole() {
    let Some(folder) = data("mnist") else { return };
    let mnist = read_mnist(&folder).unwrap();
    assert_eq!(*mnist.train.0.shape(), [60_000, 784]);
    assert_eq!(*mnist.test.0.shape(), [10_000, 784]);
    assert_eq!(mnist.train.1.as_slice()[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    assert_eq!(mnist.test.1.as_slice()[..5], [7, 2, 1, 0, 4]);
    // The mean of the training pixels, well known from recipes of normalization.
    assert!((mnist.train.0.mean().item() - 0.1307).abs() < 1e-4);
    let counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
    for (digit, count) in counts.into_iter().enumerate() {
        assert_eq!(mnist.train.1.iter().filter(|&label| label == digit).count(), count);
    }
    let raw = read_idx(folder.join("t10k-images-idx3-ubyte.gz")).unwrap();
    assert_eq!(*raw.shape(), [10_000, 28, 28]);
}
