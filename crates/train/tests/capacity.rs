//! The search for a capacity: the course's loop, on several workers, interrupted and resumed.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Mutex;

use wengert_nn::{Dense, MeanSquaredError, Sequential};
use wengert_optim::Sgd;
use wengert_tensor::{Rng, Tensor};
use wengert_train::{Capacity, CapacitySearch, CapacityTable, Compile, Fit, FitError, NextStep, SearchError};

/// Scores of a made-up problem whose best network has three layers of 160 units.
fn score(Capacity { n_layers, n_units }: Capacity) -> Result<f64, FitError> {
    let (layers, units) = (n_layers as f64 - 3.0, (n_units as f64 / 160.0).log2());
    Ok(4.0 + layers * layers + units * units * if n_layers == 3 { 4.0 } else { 1.0 })
}

fn tried(table: &CapacityTable) -> Vec<(usize, usize)> {
    table.rows().iter().map(|row| (row.capacity.n_layers, row.capacity.n_units)).collect()
}

#[test]
fn the_loop_widens_deepens_and_narrows() -> Result<(), SearchError> {
    let table = CapacitySearch::new(1, 50).run(score)?;
    // 50, 100, 200 units improve, 400 do not; two and three layers of 200 improve, four do not, nor do they with 160.
    let expected = [(1, 50), (1, 100), (1, 200), (1, 400), (2, 200), (3, 200), (4, 200), (4, 160)];
    assert_eq!(tried(&table), expected);
    use NextStep::{Deepen, Done, Narrow, Widen};
    let steps: Vec<NextStep> = table.rows().iter().map(|row| row.next).collect();
    assert_eq!(steps, [Widen, Widen, Widen, Deepen, Deepen, Deepen, Narrow, Done]);
    assert_eq!(table.best(), Capacity { n_layers: 3, n_units: 200 });
    Ok(())
}

#[test]
fn the_table_does_not_depend_on_the_workers() -> Result<(), SearchError> {
    let alone = CapacitySearch::new(1, 50).workers(1).run(score)?;
    for n_workers in [2, 3, 8] {
        assert_eq!(CapacitySearch::new(1, 50).workers(n_workers).run(score)?, alone);
    }
    Ok(())
}

#[test]
fn the_table_reads_like_the_courses() -> Result<(), SearchError> {
    let table = CapacitySearch::new(1, 100).at_most(1, 200).run(score)?;
    let expected = "hidden layers  units per layer  validation loss  next step
            1              100           8.4598  more units
            1              200           8.1036  fewer units
            1              160           8.0000  fewer units *
            1              128           8.1036  done
* the best";
    assert_eq!(table.to_string(), expected);
    Ok(())
}

#[test]
fn a_tolerance_asks_for_more_than_a_little() -> Result<(), SearchError> {
    let table = CapacitySearch::new(1, 100).tolerance(0.5).run(score)?;
    assert_eq!(tried(&table), [(1, 100), (1, 200), (2, 100), (2, 80)]);
    Ok(())
}

#[test]
fn an_interrupted_search_goes_on_where_it_was() -> Result<(), SearchError> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("capacity.csv");
    let whole = CapacitySearch::new(1, 50).run(score)?;
    let (first, second) = (Mutex::new(BTreeSet::new()), Mutex::new(BTreeSet::new()));
    let note = |seen: &Mutex<BTreeSet<Capacity>>, capacity| seen.lock().expect("no panic").insert(capacity);
    // The first search ends at two layers, as one that is interrupted does.
    let search = CapacitySearch::new(1, 50).resume(&file).workers(1);
    let broken = search.clone().run(|capacity| {
        if capacity.n_layers == 2 {
            return refused().map(|_| 0.0);
        }
        note(&first, capacity);
        score(capacity)
    });
    assert!(matches!(broken, Err(SearchError::Fit(_))));
    let resumed = search.clone().run(|capacity| {
        note(&second, capacity);
        score(capacity)
    })?;
    assert_eq!(resumed, whole);
    let (first, second) = (first.into_inner().expect("no panic"), second.into_inner().expect("no panic"));
    assert_eq!((first.len(), second.len()), (4, 4));
    assert!(first.is_disjoint(&second));
    let again = search.run(|_| panic!("everything is known"))?;
    assert_eq!(again, whole, "scores come back from the file with the same bits");
    Ok(())
}

/// What `fit` says to targets of other rows.
fn refused() -> Result<f64, FitError> {
    let mut model =
        Sequential::new([1]).add(Dense::units(1)).compile(Sgd::default(), MeanSquaredError::new());
    model.fit(&Tensor::ones([2, 1]), Tensor::ones([3, 1]), Fit::epochs(1).verbose(0)).map(|_| 0.0)
}

#[test]
fn a_search_trains_networks_and_survives_one_that_diverges() -> Result<(), SearchError> {
    let x = Tensor::normal([60, 2], 0.0, 1.0, &mut Rng::seed(0));
    let y = x.sum_keep(1);
    let table = CapacitySearch::new(1, 4).at_most(2, 8).run(|capacity| {
        let mut model = Sequential::new([2]);
        for _ in 0..capacity.n_layers {
            model = model.add(Dense::units(capacity.n_units).relu());
        }
        // Two layers get a rate at which nothing remains finite.
        let rate = if capacity.n_layers == 2 { 1e30 } else { 0.05 };
        let mut model = model.add(Dense::units(1)).compile(Sgd::new(rate), MeanSquaredError::new());
        let history = model.fit(&x, &y, Fit::epochs(10).validation_split(0.3).verbose(0))?;
        Ok(history.last("val_loss"))
    })?;
    let diverged: Vec<usize> =
        table.rows().iter().filter(|row| row.score.is_nan()).map(|row| row.capacity.n_layers).collect();
    assert!(!diverged.is_empty() && diverged.iter().all(|&n| n == 2), "{table}");
    assert_eq!(table.best().n_layers, 1);
    Ok(())
}

#[test]
fn a_file_of_something_else_is_refused_by_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("scores.csv");
    for (text, line, found) in [
        ("n_layers,n_units,score\n1,100,5.0\n2,many,4.0\n", 3, "2,many,4.0"),
        ("hello", 1, "hello"),
        ("n_layers,n_units,score\n0,100,1.0\n", 2, "0,100,1.0"),
        ("n_layers,n_units,score\n1,100", 2, "1,100"),
    ] {
        fs::write(&file, text).expect("written");
        let error =
            CapacitySearch::new(1, 100).resume(&file).run(score).expect_err("a file of something else");
        let expected = format!(
            "capacity: {}, line {line}: found `{found}`, expected `n_layers,n_units,score`",
            file.display()
        );
        assert_eq!(error.to_string(), expected);
        assert_eq!(fs::read_to_string(&file).expect("still there"), text, "it is left alone");
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("nowhere").join("scores.csv");
    let error = CapacitySearch::new(1, 100).resume(&file).run(score).expect_err("no such folder");
    assert!(error.to_string().starts_with(&format!("capacity: {}: ", file.display())), "{error}");
}

#[test]
#[should_panic(expected = "capacity: 0 layers of 10 units, expected at least 1 of each")]
fn no_layers_are_refused() {
    CapacitySearch::new(0, 10);
}

#[test]
#[should_panic(expected = "capacity: at most 1 × 50, but it begins with 1 × 100")]
fn less_than_the_start_is_refused() {
    CapacitySearch::new(1, 100).at_most(1, 50);
}

#[test]
#[should_panic(expected = "capacity: the tolerance is 1, expected at least 0 and less than 1")]
fn a_tolerance_of_everything_is_refused() {
    CapacitySearch::new(1, 100).tolerance(1.0);
}
