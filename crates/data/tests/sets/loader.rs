//! Loaders: every row once, the same whatever the number of workers, and an end to every error.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::check_error;
use wengert_data::{DataError, Dataset, InMemory, Loader, from_fn};
use wengert_tensor::{Indices, Tensor};

/// Pieces of 0 to 4 rows, which are numbered through; the label is the row's number.
#[derive(Clone)]
struct Numbered {
    n_pieces: usize,
}

impl Numbered {
    fn n_rows_before(place: usize) -> usize {
        (0..place).map(|place| place % 5).sum()
    }
}

impl Dataset for Numbered {
    type Piece = (Tensor, Indices);

    fn n_pieces(&self) -> usize {
        self.n_pieces
    }

    fn piece(&self, place: usize) -> Result<(Tensor, Indices), DataError> {
        let rows: Vec<usize> = (0..place % 5).map(|row| Numbered::n_rows_before(place) + row).collect();
        let x: Vec<f32> = rows.iter().flat_map(|&row| [row as f32, 0.5]).collect();
        Ok((Tensor::new(x, [rows.len(), 2]), Indices::from(rows)))
    }

    fn n_rows(&self) -> Option<usize> {
        Some(Numbered::n_rows_before(self.n_pieces))
    }
}

/// The rows of each batch of an epoch.
#[track_caller]
fn batches<D: Dataset<Piece = (Tensor, Indices)>>(loader: &Loader<D>, epoch: u64) -> Vec<Vec<usize>> {
    let rows = |(x, labels): (Tensor, Indices)| -> Vec<usize> {
        assert!(
            labels
                .iter()
                .enumerate()
                .all(|(row, label)| x.at([row, 0]) == label as f64 && x.at([row, 1]) == 0.5)
        );
        labels.iter().collect()
    };
    loader.epoch(epoch).map(|batch| rows(batch.unwrap())).collect()
}

fn loader(n_pieces: usize, batch_size: usize) -> Loader<Numbered> {
    Loader::new(Numbered { n_pieces }, batch_size).unwrap()
}

#[test]
fn rows_in_order_are_the_rows() {
    for n_workers in [0, 1, 3] {
        let loader = loader(23, 7).workers(n_workers);
        let batches = batches(&loader, 0);
        assert_eq!(batches.concat(), (0..Numbered::n_rows_before(23)).collect::<Vec<_>>());
        assert_eq!(Some(batches.len()), loader.n_batches());
        assert!(batches.iter().rev().skip(1).all(|batch| batch.len() == 7));
    }
    assert!(batches(&loader(1, 3), 0).is_empty());
    assert!(batches(&loader(0, 3), 0).is_empty());
}

#[test]
fn any_number_of_workers_gives_the_same() {
    for buffer in [1, 5, 1_000] {
        let with = |n_workers, n_ahead| {
            let loader = loader(60, 8).shuffled(7, buffer).workers(n_workers).ahead(n_ahead);
            [batches(&loader, 0), batches(&loader, 1)]
        };
        let alone = with(0, 1);
        for (n_workers, n_ahead) in [(1, 1), (1, 4), (2, 4), (4, 2), (8, 64)] {
            assert_eq!(with(n_workers, n_ahead), alone, "{n_workers} workers, {n_ahead} ahead");
        }
        assert_ne!(alone[0], alone[1], "each epoch has its own order");
        for epoch in alone {
            let mut rows = epoch.concat();
            assert!(!rows.is_sorted());
            rows.sort_unstable();
            assert_eq!(rows, (0..120).collect::<Vec<_>>());
        }
    }
}

#[test]
fn orders_depend_on_the_seed() {
    let order = |seed| batches(&loader(60, 8).shuffled(seed, 50), 3);
    assert_eq!(order(1), order(1));
    assert_ne!(order(1), order(2));
}

#[test]
fn a_whole_buffer_gives_every_order_alike() {
    // Three rows have six orders; of 1,200 epochs each has 200, with a standard deviation of 13.
    let rows = InMemory::new(&(Tensor::zeros([3, 2]), Indices::from([0, 1, 2])), 1).unwrap();
    let loader = Loader::new(rows, 3).unwrap().shuffled(11, 3).workers(0);
    let mut counts = std::collections::BTreeMap::new();
    for epoch in 0..1_200 {
        let order = loader.epoch(epoch).next().unwrap().unwrap().1;
        *counts.entry(order.as_slice().to_vec()).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 6);
    assert!(counts.values().all(|count| (140..260).contains(count)), "{counts:?}");
}

#[test]
fn rows_in_memory_are_a_data_set() {
    let data = (Tensor::arange(10).reshape([10, 1]), Indices::from((0..10).collect::<Vec<_>>()));
    for per_piece in [0, 1, 3, 10, 100] {
        let loader = Loader::new(InMemory::new(&data, per_piece).unwrap(), 4).unwrap();
        assert_eq!(loader.n_batches(), Some(3));
        let labels: Vec<u32> =
            loader.epoch(0).flat_map(|batch| batch.unwrap().1.as_slice().to_vec()).collect();
        assert_eq!(labels, (0..10).collect::<Vec<_>>());
    }
}

#[test]
fn an_error_reaches_the_caller_in_its_turn() {
    for n_workers in [0, 1, 4] {
        let failing = from_fn(9, |place| match place {
            5 => Err(DataError::NoRows),
            _ => Ok(Tensor::full([2], place as f64)),
        });
        let loader = Loader::new(failing, 4).unwrap().workers(n_workers);
        assert_eq!(loader.n_batches(), None);
        let results: Vec<Option<Vec<f32>>> =
            loader.epoch(0).map(|batch| batch.ok().map(|x| x.to_vec())).collect();
        assert_eq!(results, [Some(vec![0.0, 0.0, 1.0, 1.0]), Some(vec![2.0, 2.0, 3.0, 3.0]), None]);
    }
}

#[test]
fn pieces_that_do_not_fit_together_are_an_error() {
    let uneven = from_fn(2, |place| Ok(Tensor::zeros([1, place + 1])));
    let result = Loader::new(uneven, 2).unwrap().epoch(0).next().unwrap();
    check_error(
        result,
        "joined: the parts differ in the shape of their rows\n  part 0  [1, 1]\n  part 1  [1, 2]   \
         <- expected [1, 1] but for the number of rows",
    );
    check_error(
        Loader::new(Numbered { n_pieces: 1 }, 0),
        "batches: the batch size is 0, expected at least 1",
    );
}

#[test]
fn a_panic_of_a_worker_goes_on_in_the_caller() {
    for n_workers in [0, 2] {
        let panicking = from_fn(4, |place| match place {
            2 => panic!("piece {place} is cursed"),
            _ => Ok(Tensor::zeros([1])),
        });
        let loader = Loader::new(panicking, 1).unwrap().workers(n_workers);
        let result = thread::spawn(move || loader.epoch(0).count()).join();
        assert_eq!(result.unwrap_err().downcast_ref::<String>().unwrap(), "piece 2 is cursed");
    }
}

#[test]
fn no_more_is_read_ahead_than_was_said() {
    let n_read = Arc::new(AtomicUsize::new(0));
    let (started, starts) = channel();
    let (count, started) = (Arc::clone(&n_read), Mutex::new(started));
    let pieces = from_fn(100, move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        started.lock().unwrap().send(()).unwrap();
        Ok(Tensor::zeros([1]))
    });
    let loader = Loader::new(pieces, 1).unwrap().workers(4).ahead(3);
    let mut epoch = loader.epoch(0);
    for n_taken in 0..10 {
        // Once three more have begun, no fourth may: the workers have had every chance, at each turn again.
        while n_read.load(Ordering::SeqCst) < n_taken + 3 {
            starts.recv().unwrap();
        }
        assert!(n_read.load(Ordering::SeqCst) <= n_taken + 3);
        epoch.next().unwrap().unwrap();
    }
}

#[test]
fn an_epoch_that_is_dropped_early_waits_for_nobody() {
    // Workers that read until the test allows them to go on, which it does after the epoch is gone.
    let (release, gate) = channel::<()>();
    let (gone, all_gone) = channel::<()>();
    let (gate, gone) = (Mutex::new(gate), Mutex::new(gone));
    let pieces = from_fn(50, move |place| {
        if place > 0 {
            let _ = gate.lock().unwrap().recv();
        }
        let _ = gone.lock().unwrap().send(());
        Ok(Tensor::zeros([1]))
    });
    let loader = Loader::new(pieces, 1).unwrap().workers(3);
    let mut epoch = loader.epoch(0);
    epoch.next().unwrap().unwrap();
    drop(epoch);
    drop(release);
    drop(loader);
    // The threads end: the last of them drops the data set, and with it the channel's other side.
    assert!(all_gone.iter().count() <= 4, "no piece was begun after the drop");
}
