//! Cross-validation: each row is in the part to be judged by once, and in the part to learn from all other times.

use std::iter::FusedIterator;

use wengert_array::Mismatch;
use wengert_tensor::{Indices, Rng};

use crate::split::classes;
use crate::{DataError, Rows};

/// A division of rows into `k` folds.
///
/// # Examples
/// ```
/// use wengert_data::KFold;
/// use wengert_tensor::{Rng, Tensor};
///
/// let data = Tensor::arange(5);
/// for (train, validation) in KFold::new(5, 2)?.folds(&data)? {
///     println!("{:?} {:?}", train.to_vec::<f32>(), validation.to_vec::<f32>());
/// }
/// let folds = KFold::shuffled(5, 2, &mut Rng::seed(1))?;
/// assert_eq!(folds.places(0).len(), 3);
/// # Ok::<(), wengert_data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KFold {
    /// The rows of each fold, ascending.
    folds: Vec<Vec<usize>>,
    n_rows: usize,
}

impl KFold {
    /// Folds of neighbouring rows; the first `n_rows mod k` have a row more, as in scikit-learn.
    ///
    /// # Errors
    /// If there are fewer than 2 folds, or fewer rows than folds.
    pub fn new(n_rows: usize, k: usize) -> Result<KFold, DataError> {
        KFold::of((0..n_rows).collect(), k)
    }

    /// Folds of rows drawn at random.
    ///
    /// # Errors
    /// As for [`new`](KFold::new).
    pub fn shuffled(n_rows: usize, k: usize, rng: &mut Rng) -> Result<KFold, DataError> {
        KFold::of(rng.permutation(n_rows), k)
    }

    /// Folds of rows drawn at random that all have the shares of the classes that the whole has: the numbers of rows of
    /// a class differ by at most one between folds, and so do the sizes of the folds.
    ///
    /// # Errors
    /// As for [`new`](KFold::new), and if a class has fewer rows than there are folds.
    pub fn stratified(labels: &Indices, k: usize, rng: &mut Rng) -> Result<KFold, DataError> {
        let n_rows = labels.len();
        check(n_rows, k)?;
        let mut folds = vec![Vec::new(); k];
        // The rows are dealt out like cards, class by class, and each class goes on where the last one ended.
        let mut next = 0;
        for class in classes("k_fold", labels, n_rows)? {
            if class.rows.len() < k {
                let problem = Mismatch::new("a class has too few rows to be in every fold");
                let problem =
                    problem.row(format!("class {}", class.label), format!("{} rows", class.rows.len()));
                return Err(DataError::refused("k_fold", problem.note(format!("expected at least {k}"))));
            }
            for place in rng.permutation(class.rows.len()) {
                folds[next % k].push(class.rows[place]);
                next += 1;
            }
        }
        Ok(KFold::sorted(folds, n_rows))
    }

    fn of(order: Vec<usize>, k: usize) -> Result<KFold, DataError> {
        let n_rows = order.len();
        check(n_rows, k)?;
        let mut rest = &order[..];
        let mut folds = Vec::with_capacity(k);
        for fold in 0..k {
            let (rows, after) = rest.split_at(n_rows / k + usize::from(fold < n_rows % k));
            folds.push(rows.to_vec());
            rest = after;
        }
        Ok(KFold::sorted(folds, n_rows))
    }

    fn sorted(mut folds: Vec<Vec<usize>>, n_rows: usize) -> KFold {
        folds.iter_mut().for_each(|fold| fold.sort_unstable());
        KFold { folds, n_rows }
    }

    /// The number of folds.
    pub fn k(&self) -> usize {
        self.folds.len()
    }

    /// The rows of a fold, ascending.
    ///
    /// # Panics
    /// If there is no such fold.
    #[track_caller]
    pub fn places(&self, fold: usize) -> &[usize] {
        let k = self.k();
        assert!(fold < k, "k_fold: fold {fold} is not one of {k}");
        &self.folds[fold]
    }

    /// For each fold, the rows of all others and its own: `(train, validation)`.
    ///
    /// # Errors
    /// If the data have another number of rows than the folds were made for.
    pub fn folds<D: Rows>(&self, data: &D) -> Result<Folds<D>, DataError> {
        let n_rows = data.n_rows()?;
        if n_rows != self.n_rows {
            let problem =
                Mismatch::new("the data are not those that the folds were made for").row("rows", n_rows);
            return Err(DataError::refused("k_fold", problem.note(format!("expected {}", self.n_rows))));
        }
        Ok(Folds { data: data.packed(), folds: self.clone(), next: 0 })
    }
}

fn check(n_rows: usize, k: usize) -> Result<(), DataError> {
    if (2..=n_rows).contains(&k) {
        return Ok(());
    }
    let problem = Mismatch::new("the rows cannot be divided").row("folds", k);
    let expected = if k < 2 {
        "expected at least 2".to_string()
    } else {
        format!("expected at most {n_rows}, as there are rows")
    };
    Err(DataError::refused("k_fold", problem.note(expected)))
}

/// The parts of each fold: what [`KFold::folds`] gives.
#[derive(Clone, Debug)]
pub struct Folds<D> {
    data: D,
    folds: KFold,
    next: usize,
}

impl<D: Rows> Iterator for Folds<D> {
    type Item = (D, D);

    fn next(&mut self) -> Option<(D, D)> {
        let validation = self.folds.folds.get(self.next)?;
        self.next += 1;
        let is_other = |row: &usize| validation.binary_search(row).is_err();
        let train: Vec<usize> = (0..self.folds.n_rows).filter(is_other).collect();
        Some((self.data.select_rows(&train), self.data.select_rows(validation)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let n = self.folds.k() - self.next;
        (n, Some(n))
    }
}

impl<D: Rows> ExactSizeIterator for Folds<D> {}
impl<D: Rows> FusedIterator for Folds<D> {}
