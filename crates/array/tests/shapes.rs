//! Shapes, sets of axes, indices, and the messages of mistakes with them.

use wengert_array::{Axes, DType, Indices, Mismatch, Shape};

#[track_caller]
fn check(result: Result<Shape, Mismatch>, op: &str, expected: &str) {
    assert_eq!(result.expect_err("a mismatch").report(op), expected);
}

#[test]
fn a_product_of_shapes_that_do_not_fit_says_what_is_wrong_and_what_was_likely_meant() {
    let matmul = |left: &[usize], right: &[usize]| Shape::matmul(&left.into(), &right.into());
    check(
        matmul(&[64, 784], &[512, 784]),
        "matmul",
        "matmul: inner sizes differ\n  left   [64, 784]\n  right  [512, 784]   <- expected 784 rows\n  \
         help: did you mean `x.matmul(&w.t())`?",
    );
    check(
        matmul(&[64, 10], &[64, 20]),
        "matmul",
        "matmul: inner sizes differ\n  left   [64, 10]\n  right  [64, 20]   <- expected 10 rows\n  \
         help: did you mean `x.t().matmul(&w)`?",
    );
    check(
        matmul(&[2, 3], &[4, 5]),
        "matmul",
        "matmul: inner sizes differ\n  left   [2, 3]\n  right  [4, 5]   <- expected 3 rows",
    );
    check(
        matmul(&[3], &[3, 5]),
        "matmul",
        "matmul: a matrix has 2 axes\n  left   [3]   <- 1 axis, expected 2 or more\n  right  [3, 5]\n  \
         help: did you mean `x.unsqueeze(0)`, a matrix of one row?",
    );
    check(
        matmul(&[3, 5], &[5]),
        "matmul",
        "matmul: a matrix has 2 axes\n  left   [3, 5]\n  right  [5]   <- 1 axis, expected 2 or more\n  \
         help: did you mean `x.unsqueeze(1)`, a matrix of one column?",
    );
    check(
        matmul(&[3, 5], &[]),
        "matmul",
        "matmul: a matrix has 2 axes\n  left   [3, 5]\n  right  []   <- 0 axes, expected 2 or more\n  \
         help: did you mean the product by a scalar, `x * y`?",
    );
    check(
        matmul(&[2, 3, 5], &[4, 5, 6]),
        "matmul",
        "matmul: leading axes do not broadcast\n  left   [2, 3, 5]\n  right  [4, 5, 6]   <- leading axes [4] against [2]",
    );
}

#[test]
fn a_product_of_shapes_broadcasts_leading_axes() {
    let matmul =
        |left: &[usize], right: &[usize]| Shape::matmul(&left.into(), &right.into()).expect("they fit");
    assert_eq!(matmul(&[2, 3], &[3, 4]), [2, 4]);
    assert_eq!(matmul(&[7, 1, 2, 3], &[5, 3, 4]), [7, 5, 2, 4]);
    assert_eq!(matmul(&[2, 0], &[0, 4]), [2, 4]);
}

#[test]
fn shapes_that_do_not_broadcast_say_which_axis() {
    let broadcast = |shapes: &[&[usize]]| {
        let shapes: Vec<Shape> = shapes.iter().map(|shape| Shape::from(*shape)).collect();
        Shape::broadcast(&shapes.iter().collect::<Vec<_>>())
    };
    check(
        broadcast(&[&[4, 3], &[4]]),
        "add",
        "add: shapes do not broadcast\n  left   [4, 3]\n  right  [4]   <- axis 0 is 4, expected 1 or 3",
    );
    check(
        broadcast(&[&[2], &[1, 2], &[2, 3]]),
        "where",
        "where: shapes do not broadcast\n  first   [2]\n  second  [1, 2]\n  third   [2, 3]   <- axis 1 is 3, expected 1 or 2",
    );
    check(
        broadcast(&[&[1 << 20, 1], &[1 << 20]]),
        "add",
        "add: the broadcast shape has too many elements\n  left   [1048576, 1]\n  right  [1048576]",
    );
    assert_eq!(broadcast(&[&[0], &[1]]).expect("they fit"), [0]);
    assert_eq!(broadcast(&[&[], &[5, 1], &[1, 6]]).expect("they fit"), [5, 6]);
    assert_eq!(broadcast(&[]).expect("they fit"), []);
}

#[test]
fn shapes_beyond_the_limits_are_refused() {
    check(
        Shape::try_new(&[1; 9]),
        "shape",
        "shape: too many axes\n  shape  [1, 1, 1, 1, 1, 1, 1, 1, 1]   <- expected at most 8 axes",
    );
    for sizes in [vec![1 << 31], vec![1 << 16, 1 << 16], vec![usize::MAX, usize::MAX], vec![0, usize::MAX, 2]]
    {
        let mismatch = Shape::try_new(&sizes).expect_err("too many elements");
        assert_eq!(mismatch.title, "too many elements", "{sizes:?}");
    }
    assert_eq!(Shape::try_new(&[i32::MAX as usize]).expect("the greatest shape").size(), i32::MAX as usize);
    assert_eq!(Shape::try_new(&[]).expect("rank 0").size(), 1);
}

#[test]
#[should_panic(expected = "shape: too many elements")]
fn converting_too_large_a_shape_panics() {
    let _: Shape = [1 << 20, 1 << 20].into();
}

#[test]
fn shapes_can_be_edited_and_compared() {
    let shape = Shape::from([2, 3]);
    assert_eq!(shape.with(1, 5), [2, 5]);
    assert_eq!(shape.without(0), [3]);
    assert_eq!(shape.without(0), Shape::from(3));
    assert_eq!(shape.without(1).without(0), Shape::from(()));
    assert_eq!(shape.insert(1, 7), [2, 7, 3]);
    assert_eq!(shape.push(4), [2, 3, 4]);
    assert_eq!(shape, &[2, 3][..]);
    assert_ne!(shape, Shape::from([2, 3, 1]));
    assert_eq!(format!("{shape:?} {shape}"), "[2, 3] [2, 3]");
}

#[test]
fn sets_of_axes_list_them_in_order() {
    let axes = Axes::of(&[7, 0, 7]);
    assert_eq!((axes.count(), axes.is_empty(), axes.to_string().as_str()), (2, false, "[0, 7]"));
    assert_eq!(Axes::all(3).iter().collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!((Axes::all(8).count(), Axes::all(0).is_empty()), (8, true));
    assert!(!axes.contains(8));
}

#[test]
fn types_promote_to_the_wider_and_print_their_names() {
    assert_eq!(DType::F32.promote(DType::F32), DType::F32);
    assert_eq!(DType::F64.promote(DType::F32), DType::F64);
    assert_eq!(format!("{} {}", DType::F32, DType::F64), "f32 f64");
    assert_eq!((DType::F32.size_of(), DType::F64.size_of()), (4, 8));
}

#[test]
fn indices_keep_their_shape_and_select_along_the_first_axis() {
    let indices = Indices::new(vec![5, 4, 3, 2, 1, 0], [3, 2]);
    assert_eq!(indices.select(&[2, 0]), Indices::new(vec![1_u32, 0, 5, 4], [2, 2]));
    assert_eq!((indices.len(), indices.max(), indices.shape()), (6, Some(5), &[3, 2].into()));
    assert_eq!(indices.iter().sum::<usize>(), 15);
    assert!(Indices::from(Vec::new()).is_empty() && Indices::from([]).max().is_none());
}

#[test]
#[should_panic(expected = "indices: value 1 is negative or more than 4294967295")]
fn a_negative_index_panics() {
    Indices::new(vec![0, -1], [2]);
}

#[test]
#[should_panic(expected = "select: place 3 is outside 3 entries")]
fn selecting_outside_the_first_axis_panics() {
    Indices::from([1, 2, 3]).select(&[3]);
}
