//! Picking, adding, ordering, windows and diagonals beside naive loops over indices.

use wengert_array::{
    Array, DType, Indices, Rng, Shape, add_along, add_taken, arg_running, argsort, concat, last_along, take,
    take_along,
};

fn random(shape: &[usize]) -> Array {
    Rng::seed(7).uniform(Shape::from(shape), -1.0, 1.0, DType::F64)
}

/// All indices of a shape, in row-major order.
fn places(shape: &[usize]) -> Vec<Vec<usize>> {
    shape.iter().fold(vec![vec![]], |places, &size| {
        let longer = |place: &Vec<usize>| (0..size).map(|i| [&place[..], &[i]].concat()).collect::<Vec<_>>();
        places.iter().flat_map(longer).collect()
    })
}

fn with(place: &[usize], axis: usize, index: usize) -> Vec<usize> {
    let mut place = place.to_vec();
    place[axis] = index;
    place
}

#[track_caller]
fn check(y: &Array, expected: impl Fn(&[usize]) -> f64) {
    for place in places(y.shape()) {
        assert_eq!(y.get(&place), expected(&place), "at {place:?}");
    }
}

const SHAPES: [(&[usize], usize); 6] =
    [(&[4], 0), (&[3, 4], 0), (&[3, 4], 1), (&[2, 3, 4], 1), (&[4, 1, 2], 0), (&[2, 2, 5], 2)];

#[test]
fn take_and_its_adjoint_read_and_write_slices() {
    for (shape, axis) in SHAPES {
        let x = random(shape);
        let picks: Vec<usize> = [2, 0, 2, 1].iter().map(|pick| pick % shape[axis]).collect();
        let indices = Indices::from(&picks[..]);
        let y = take(&x, &indices, axis);
        check(&y, |place| x.get(&with(place, axis, picks[place[axis]])));
        let back = add_taken(&y, &indices, axis, shape.into());
        check(&back, |place| {
            let same = (0..4).filter(|&i| picks[i] == place[axis]);
            same.map(|i| y.get(&with(place, axis, i))).sum()
        });
    }
}

#[test]
fn take_along_and_its_adjoint_read_and_write_elements() {
    for (shape, axis) in SHAPES {
        let x = random(shape);
        let picks: Vec<usize> = (0..x.size()).map(|i| (i * i + 1) % shape[axis]).collect();
        let indices = Indices::new(picks.clone(), shape);
        let all = places(shape);
        let pick = |place: &[usize]| picks[all.iter().position(|other| other == place).unwrap()];
        let y = take_along(&x, &indices, axis);
        check(&y, |place| x.get(&with(place, axis, pick(place))));
        let names = |from: &[usize], place: &[usize]| with(from, axis, pick(from)) == place;
        check(&add_along(&y, &indices, axis, shape.into()), |place| {
            all.iter().filter(|from| names(from, place)).map(|from| y.get(from)).sum()
        });
        let [is_last, is_written] = last_along(&indices, axis, shape.into());
        check(&is_written, |place| f64::from(u8::from(all.iter().any(|from| names(from, place)))));
        check(&is_last, |from| {
            let place = with(from, axis, pick(from));
            let last = all.iter().rfind(|other| names(other, &place)).unwrap();
            f64::from(u8::from(last == from))
        });
    }
}

#[test]
fn argsort_sorts_stably_with_nan_last() {
    for (shape, axis) in SHAPES {
        let x = random(shape);
        for is_descending in [false, true] {
            let sorted = take_along(&x, &argsort(&x, axis, is_descending), axis);
            for place in places(shape).iter().filter(|place| place[axis] > 0) {
                let (before, here) = (sorted.get(&with(place, axis, place[axis] - 1)), sorted.get(place));
                assert!(if is_descending { before >= here } else { before <= here });
            }
        }
    }
    let x = Array::from_vec(vec![f64::NAN, 1.0, f64::INFINITY, 1.0, f64::NAN], [5]);
    assert_eq!(argsort(&x, 0, false).as_slice(), [1, 3, 2, 0, 4]);
    assert_eq!(argsort(&x, 0, true).as_slice(), [0, 4, 2, 1, 3]);
}

#[test]
fn arg_running_finds_the_first_extreme_so_far() {
    for (shape, axis) in SHAPES {
        let x = random(shape);
        let best = take_along(&x, &arg_running(&x, axis, true), axis);
        check(&best, |place| {
            (0..=place[axis]).map(|i| x.get(&with(place, axis, i))).fold(f64::NEG_INFINITY, f64::max)
        });
    }
    let x = Array::from_vec(vec![2.0, f64::NAN, 1.0, f64::NAN], [4]);
    assert_eq!(arg_running(&x, 0, false).as_slice(), [0, 1, 1, 1]);
}

#[test]
fn windows_are_views_that_overlap() {
    for (shape, axis) in SHAPES {
        let x = random(shape);
        for (size, step) in [(1, 1), (2, 1), (2, 2), (3, 2)] {
            if size > shape[axis] {
                continue;
            }
            let y = x.windows(axis, size, step);
            let last = shape.len();
            let seen = |place: &[usize]| with(&place[..last], axis, place[axis] * step + place[last]);
            check(&y, |place| x.get(&seen(place)));
            let all = places(y.shape());
            check(&y.add_windows(shape.into(), axis, step), |place| {
                all.iter().filter(|window| seen(window) == place).map(|window| y.get(window)).sum()
            });
        }
    }
}

#[test]
fn diagonals_of_transposed_matrices_are_views() {
    let x = random(&[2, 3, 4]);
    for offset in -4..=5 {
        let (row, column) = (usize::try_from(-offset).unwrap_or(0), usize::try_from(offset).unwrap_or(0));
        let y = x.diagonal(offset);
        check(&y, |place| x.get(&[place[0], row + place[1], column + place[1]]));
        assert!(x.transpose().diagonal(-offset).bit_eq(&y));
        let back = y.place_diagonal([2, 3, 4].into(), offset);
        let is_on = |place: &[usize]| place[2] as isize == place[1] as isize + offset;
        check(&back, |place| if is_on(place) { x.get(place) } else { 0.0 });
    }
}

#[test]
fn concat_promotes_and_reads_any_layout() {
    let (a, b) = (random(&[3, 2]).transpose(), Array::full([2, 1], 0.5, DType::F32));
    let y = concat(&[&a, &b, &a], 1);
    assert_eq!((y.dtype(), *y.shape()), (DType::F64, Shape::from([2, 7])));
    check(&y, |place| match place[1] {
        3 => 0.5,
        column => a.get(&[place[0], column % 4]),
    });
}

#[test]
#[should_panic(expected = "take: index 3 lies outside axis 0 of [3]")]
fn an_index_outside_is_refused() {
    take(&random(&[3]), &Indices::from([3]), 0);
}
