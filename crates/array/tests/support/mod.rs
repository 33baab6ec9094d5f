//! What several test files share: arrays in many layouts, and values read one index at a time.

#![allow(dead_code, reason = "each test file uses its own part")]

use wengert_array::{Array, DType, Rng, Shape};

/// All indices of a shape in row-major order.
pub(crate) fn indices_of(shape: &[usize]) -> Vec<Vec<usize>> {
    shape.iter().fold(vec![vec![]], |indices, &size| {
        indices
            .iter()
            .flat_map(|index| (0..size).map(|i| index.iter().copied().chain([i]).collect()))
            .collect()
    })
}

/// The element that broadcasting puts at `index` of a larger shape.
pub(crate) fn broadcast_get(x: &Array, index: &[usize]) -> f64 {
    let lead = index.len() - x.rank();
    let own: Vec<usize> =
        x.shape().iter().zip(&index[lead..]).map(|(&size, &i)| if size == 1 { 0 } else { i }).collect();
    x.get(&own)
}

/// The elements one index at a time, which no kernel has a part in.
pub(crate) fn elements(x: &Array) -> Vec<f64> {
    indices_of(x.shape()).iter().map(|index| x.get(index)).collect()
}

/// Arrays with the given shape and random elements, one for each kind of layout.
pub(crate) fn layouts(shape: &[usize], dtype: DType, seed: u64) -> Vec<(&'static str, Array)> {
    let mut rng = Rng::seed(seed);
    let mut random = |shape: &[usize]| rng.uniform(Shape::from(shape), -2.0, 2.0, dtype);
    let rank = shape.len();
    let mut all = vec![("contiguous", random(shape)), ("stride 0", Array::full(shape, 0.75, dtype))];
    if rank > 0 {
        let backward: Vec<usize> = (0..rank).rev().collect();
        let reversed: Vec<usize> = shape.iter().rev().copied().collect();
        all.push(("transposed", random(&reversed).permute(&backward)));
        let last = rank - 1;
        let n = shape[last];
        let wide = Shape::from(shape).with(last, 2 * n + 3);
        all.push(("every second", random(&wide).slice(last, 1, n, 2)));
        all.push(("negative step", random(shape).slice(last, n.saturating_sub(1), n, -1)));
        let tall = Shape::from(shape).with(0, shape[0] + 2);
        all.push(("offset", random(&tall).slice(0, 1, shape[0], 1)));
        let one = Shape::from(shape).with(0, 1);
        all.push(("broadcast rows", random(&one).broadcast_to(shape.into())));
        let one = Shape::from(shape).with(last, 1);
        all.push(("broadcast columns", random(&one).broadcast_to(shape.into())));
    }
    for (name, array) in &all {
        assert_eq!(array.shape(), &Shape::from(shape), "{name}");
    }
    all
}

/// Shapes that meet the corners of the walks: rank 0, empty, one element, longer than a chunk, odd sizes.
pub(crate) const SHAPES: &[&[usize]] = &[
    &[],
    &[0],
    &[1],
    &[4],
    &[5, 0],
    &[1, 7],
    &[3, 1],
    &[4, 5],
    &[2, 3, 4],
    &[17, 33],
    &[3, 700],
    &[700, 3],
    &[2, 1, 5, 3],
];

/// Runs a function on pools of 1, 2 and 3 threads and checks that the results have the same bits.
#[track_caller]
pub(crate) fn check_threads(what: &str, run: impl Fn() -> Array + Sync) {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
        pool.install(&run)
    };
    let expected = on(1);
    for threads in [2, 3] {
        assert!(on(threads).bit_eq(&expected), "{what} on {threads} threads");
    }
    assert!(run().bit_eq(&expected), "{what} outside a pool");
}
