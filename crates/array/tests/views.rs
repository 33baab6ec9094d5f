//! Arrays and their views: what is shared, what is copied, and what every view shows.

mod support;

use support::{SHAPES, elements, indices_of, layouts};
use wengert_array::{Array, DType, Shape, pool};

fn counting(shape: &[usize]) -> Array {
    let n = Shape::from(shape).size();
    Array::from_vec((0..n).map(|i| i as f64).collect(), shape)
}

#[test]
fn every_layout_reads_the_same_by_index_and_in_order() {
    for dtype in [DType::F32, DType::F64] {
        for shape in SHAPES {
            for (name, x) in layouts(shape, dtype, 1) {
                let expected = elements(&x);
                assert_eq!(x.to_vec::<f64>(), expected, "{shape:?} {name}");
                assert_eq!(x.iter().collect::<Vec<_>>(), expected, "{shape:?} {name}");
                let packed = x.contiguous();
                assert!(packed.is_contiguous() && packed.bit_eq(&x), "{shape:?} {name}");
                let mut written = x.clone();
                match dtype {
                    DType::F32 => drop(written.make_mut::<f32>().to_vec()),
                    DType::F64 => assert_eq!(written.make_mut::<f64>(), expected),
                }
                assert!(written.bit_eq(&x), "{shape:?} {name}");
            }
        }
    }
}

#[test]
fn a_cast_rounds_and_keeps_repeated_elements_repeated() {
    for (name, x) in layouts(&[3, 5], DType::F64, 2) {
        let y = x.cast(DType::F32);
        let expected: Vec<f64> = elements(&x).into_iter().map(|x| f64::from(x as f32)).collect();
        assert_eq!((y.dtype(), elements(&y)), (DType::F32, expected), "{name}");
    }
    assert_eq!(Array::full([1000, 1000], 0.5, DType::F32).cast(DType::F64).bytes(), 0);
    let x = counting(&[20]);
    assert!(x.cast(DType::F64).shares_buffer(&x));
}

#[test]
fn views_share_the_buffer_and_show_the_right_elements() {
    let x = counting(&[2, 3, 4]);
    let at = |i: usize, j: usize, k: usize| (12 * i + 4 * j + k) as f64;
    type View = (&'static str, fn(&Array) -> Array, &'static [usize], fn(&[usize]) -> [usize; 3]);
    let views: [View; 8] = [
        ("permute", |x| x.permute(&[2, 0, 1]), &[4, 2, 3], |i| [i[1], i[2], i[0]]),
        ("transpose", |x| x.transpose(), &[2, 4, 3], |i| [i[0], i[2], i[1]]),
        ("slice", |x| x.slice(2, 1, 2, 2), &[2, 3, 2], |i| [i[0], i[1], 1 + 2 * i[2]]),
        ("backward", |x| x.slice(1, 2, 3, -1), &[2, 3, 4], |i| [i[0], 2 - i[1], i[2]]),
        ("insert_axis", |x| x.insert_axis(1), &[2, 1, 3, 4], |i| [i[0], i[2], i[3]]),
        ("insert_axis at the end", |x| x.insert_axis(3), &[2, 3, 4, 1], |i| [i[0], i[1], i[2]]),
        ("remove_axis", |x| x.slice(0, 1, 1, 1).remove_axis(0), &[3, 4], |i| [1, i[0], i[1]]),
        ("broadcast_to", |x| x.broadcast_to([2, 2, 3, 4].into()), &[2, 2, 3, 4], |i| [i[1], i[2], i[3]]),
    ];
    for (name, view, shape, from) in views {
        let y = view(&x);
        assert!(y.shares_buffer(&x), "{name}");
        assert_eq!(y.shape(), &Shape::from(shape), "{name}");
        for index in indices_of(shape) {
            let [i, j, k] = from(&index);
            assert_eq!(y.get(&index), at(i, j, k), "{name} at {index:?}");
        }
    }
}

#[test]
fn a_reshape_is_a_view_wherever_strides_allow_it() {
    let x = counting(&[4, 6, 2]);
    let views: &[(Array, &[usize], bool)] = &[
        (x.clone(), &[48], true),
        (x.clone(), &[1, 8, 1, 6], true),
        (x.permute(&[1, 2, 0]), &[12, 4], true),
        (x.permute(&[1, 2, 0]), &[3, 4, 2, 2], true),
        (x.permute(&[1, 0, 2]), &[24, 2], false),
        (x.permute(&[1, 0, 2]), &[2, 3, 1, 2, 2, 2], true),
        (x.slice(0, 3, 4, -1), &[4, 12], true),
        (x.slice(0, 3, 4, -1), &[48], false),
        (x.slice(0, 0, 2, 2), &[2, 3, 4], true),
        (x.slice(2, 0, 1, 1), &[24], true),
        (x.slice(1, 0, 5, 1), &[20, 2], false),
        (x.slice(1, 0, 1, 1).broadcast_to([4, 9, 2].into()), &[4, 3, 3, 2], true),
        (x.slice(2, 1, 1, 1), &[1, 4, 1, 6, 1], true),
        (x.slice(1, 2, 0, 1), &[0, 7], true),
    ];
    for (view, shape, is_view) in views {
        let y = view.reshape(Shape::from(*shape));
        assert_eq!(elements(&y), elements(view), "{:?} to {shape:?}", view.shape());
        assert_eq!(y.shares_buffer(&x), *is_view, "{:?} to {shape:?}", view.shape());
    }
}

#[test]
fn placing_is_the_adjoint_of_slicing() {
    let cases: &[(&[usize], usize, usize, usize, isize)] =
        &[(&[5], 0, 1, 2, 2), (&[3, 7, 2], 1, 6, 3, -3), (&[3, 7, 2], 2, 0, 2, 1), (&[4, 2], 0, 4, 0, 1)];
    for &(shape, axis, start, len, step) in cases {
        let x = counting(shape).make_mut::<f64>().iter().map(|x| x * 0.5 - 1.0).collect::<Vec<_>>();
        let x = Array::from_vec(x, shape);
        let slice = x.slice(axis, start, len, step);
        for (name, dy) in layouts(slice.shape(), DType::F64, 3) {
            let dx = dy.place(shape.into(), axis, start, step);
            assert_eq!(dx.shape(), x.shape());
            let dot = |a: &Array, b: &Array| a.iter().zip(b.iter()).map(|(a, b)| a * b).sum::<f64>();
            assert!((dot(&dx, &x) - dot(&dy, &slice)).abs() < 1e-12, "{shape:?} {name}");
        }
    }
}

#[test]
fn writing_copies_a_shared_buffer_first() {
    let mut x = counting(&[100]);
    let copies = pool::statistics().copies_on_write;
    x.make_mut::<f64>()[0] = 7.0;
    assert_eq!(pool::statistics().copies_on_write, copies);
    let view = x.slice(0, 50, 50, 1);
    x.make_mut::<f64>()[50] = -1.0;
    assert_eq!(pool::statistics().copies_on_write, copies + 1);
    assert!(!x.shares_buffer(&view) && x.is_unique() && view.is_unique());
    assert_eq!((x.get(&[50]), view.get(&[0])), (-1.0, 50.0));
}

#[test]
fn writing_to_the_only_view_of_a_part_writes_the_part() {
    let x = counting(&[100]);
    let mut view = x.slice(0, 50, 50, 1);
    drop(x);
    view.make_mut::<f64>()[0] = -1.0;
    assert_eq!((view.get(&[0]), view.get(&[49])), (-1.0, 99.0));
}

#[test]
fn a_pooled_buffer_is_never_one_that_a_live_view_reads() {
    let x = counting(&[500]);
    let view = x.slice(0, 0, 10, 1);
    drop(x);
    let others: Vec<Array> = (0..4).map(|_| Array::from_vec(vec![-1.0_f64; 500], [500])).collect();
    assert!(others.iter().all(|other| !other.shares_buffer(&view)));
    assert_eq!(view.to_vec::<f64>(), (0..10).map(f64::from).collect::<Vec<_>>());
}

#[test]
fn dropped_buffers_are_reused_and_the_cap_holds() {
    pool::clear();
    drop(counting(&[1000]));
    let held = pool::statistics();
    let x = counting(&[1000]);
    assert_eq!(pool::statistics().reused, held.reused + 1);
    assert_eq!(pool::statistics().bytes_held + x.bytes(), held.bytes_held);
    pool::set_cap(0);
    drop(x);
    assert_eq!(pool::statistics().bytes_held, 0);
}

#[test]
fn a_buffer_dropped_on_another_thread_goes_to_that_threads_pool() {
    let x = counting(&[1000]);
    let bytes = x.bytes();
    let elsewhere = std::thread::spawn(move || {
        drop(x);
        pool::statistics().bytes_held
    });
    assert_eq!(elsewhere.join().expect("the thread ends"), bytes);
}

#[test]
fn small_and_repeated_arrays_need_no_buffer() {
    assert_eq!(Array::from_vec(vec![1.0_f32; 4], [4]).bytes(), 0);
    assert_eq!(Array::from_vec(vec![1.0_f64; 2], [2]).bytes(), 0);
    assert_eq!(Array::placeholder([1000, 1000], DType::F64).bytes(), 0);
    assert!(Array::placeholder([2], DType::F32).iter().all(f64::is_nan));
    assert!(Array::from_vec(vec![1.0_f32; 5], [5]).bytes() >= 20);
    assert!(size_of::<Array>() <= 112);
}

#[test]
fn scalars_and_single_elements_have_an_item() {
    assert_eq!(Array::scalar(2.5, DType::F32).item(), 2.5);
    assert_eq!(counting(&[3, 3]).slice(0, 1, 1, 1).slice(1, 2, 1, 1).item(), 5.0);
}

#[test]
fn bit_equality_tells_zeros_apart_and_takes_nan_as_itself() {
    let of = |x: f64| Array::scalar(x, DType::F64);
    assert!(!of(0.0).bit_eq(&of(-0.0)) && of(f64::NAN).bit_eq(&of(f64::NAN)));
    assert!(!of(1.0).bit_eq(&Array::scalar(1.0, DType::F32)));
    assert!(!of(1.0).bit_eq(&Array::full([1], 1.0, DType::F64)));
}

#[test]
fn printing_shows_type_shape_and_elements() {
    let print = |x: Array| format!("{x:?}");
    assert_eq!(print(Array::scalar(1.5, DType::F32)), "f32 [] 1.5");
    assert_eq!(print(Array::from_vec(vec![0.1_f32, 2.0], [2])), "f32 [2] [0.1, 2]");
    assert_eq!(print(counting(&[2, 2])), "f64 [2, 2]\n[[0, 1],\n [2, 3]]");
    assert_eq!(print(counting(&[20])), "f64 [20] [0, 1, 2, ..., 17, 18, 19]");
    assert_eq!(print(counting(&[0])), "f64 [0] []");
}

#[track_caller]
fn check_panic(expected: &str, run: impl FnOnce() + std::panic::UnwindSafe) {
    let panic = std::panic::catch_unwind(run).expect_err(expected);
    let message =
        panic.downcast_ref::<String>().cloned().or(panic.downcast_ref::<&str>().map(|text| (*text).into()));
    assert_eq!(message.as_deref(), Some(expected));
}

#[test]
fn mistakes_panic_with_what_was_given_and_what_was_expected() {
    check_panic("from_vec: 5 values do not fill [2, 3], which holds 6", || {
        drop(Array::from_vec(vec![0.0_f32; 5], [2, 3]))
    });
    check_panic("item: [2] has 2 elements, expected 1", || _ = counting(&[2]).item());
    check_panic("get: [2] is not an element of [2]", || _ = counting(&[2]).get(&[2]));
    check_panic("get: [0, 0] is not an element of [2]", || _ = counting(&[2]).get(&[0, 0]));
    check_panic("array: the elements are f64, not f32", || _ = counting(&[2]).make_mut::<f32>().len());
    check_panic("permute: [0, 0] does not list each axis of [2, 3] once", || {
        drop(counting(&[2, 3]).permute(&[0, 0]))
    });
    check_panic("transpose: [3] has fewer than 2 axes", || _ = counting(&[3]).transpose());
    check_panic("broadcast_to: [2] does not broadcast to [3]", || {
        drop(counting(&[2]).broadcast_to([3].into()))
    });
    check_panic("slice: 3 elements from 1 in steps of 1 leave axis 0 of [3]", || {
        drop(counting(&[3]).slice(0, 1, 3, 1))
    });
    check_panic("slice: axis 1 does not exist in [3]", || _ = counting(&[3]).slice(1, 0, 1, 1));
    check_panic("remove_axis: axis 0 of [3] is not 1", || _ = counting(&[3]).remove_axis(0));
    check_panic("place: [3] does not fit into [2, 3]", || _ = counting(&[3]).place([2, 3].into(), 0, 0, 1));
}
