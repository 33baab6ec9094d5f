//! What a tape can be asked beside derivatives: to be drawn and counted, and where a NaN came from.

extern crate wengert_tensor as wengert;

use wengert_tensor::{
    Array, Blame, DType, Mismatch, Module, Needs, NonFinite, Op, Param, Sample, Shape, Tape, Tensor, apply,
    grad, value_and_grad, value_and_grad_allowing_unreached,
};

fn vector<const N: usize>(x: [f32; N]) -> Tensor {
    Tensor::from(x)
}

/// The first finding, whose operation must be this one, with so many NaN and infinities.
#[track_caller]
fn check(y: &Tensor, operation: &str, n_nan: usize, n_infinite: usize) -> NonFinite {
    let found = Tape::of(y).first_nonfinite().expect("a NaN or an infinity");
    assert_eq!((found.operation, found.n_nan, found.n_infinite), (operation, n_nan, n_infinite), "{found}");
    found
}

#[test]
fn a_finite_tape_has_no_culprit() {
    let x = vector([1.0, 2.0]).tracked();
    let y = (x.exp() * 3.0 + vector([1.0, 1.0])).ln().mean();
    assert_eq!(Tape::of(&y).first_nonfinite(), None);
    assert_eq!(Tape::of(&Tensor::from(f32::NAN)).first_nonfinite(), None, "nothing is tracked");
}

#[test]
fn the_logarithm_of_a_negative_number_is_found_at_its_line() {
    let x = vector([1.0, -1.0, 2.0]).tracked();
    let y = x.ln().square().sum();
    let found = check(&y, "ln", 1, 0);
    assert_eq!((found.site.file(), found.site.line()), (file!(), line!() - 2));
    assert_eq!((found.number, found.first, found.shape), (1, 1, Shape::from([3])));
    assert_eq!(found.blame, Blame::Operation);
    assert_eq!(
        found.to_string(),
        format!(
            "ln: 1 of 3 elements is NaN, which no argument held, at {}\n  \
             result      [3] f32   <- first at [1]\n  \
             argument 0  [3], from -1 to 2\n  \
             help: keep the argument where the operation is defined, for example with `clamp` or a small number added",
            found.site
        )
    );
}

#[test]
fn an_overflow_is_found() {
    let x = vector([1.0, 100.0]).tracked();
    let found = check(&(x.exp() * 2.0).sum(), "exp", 0, 1);
    assert!(found.to_string().starts_with("exp: 1 of 2 elements is infinite, which"), "{found}");
}

#[test]
fn zero_by_zero_is_found() {
    let (a, b) = (vector([0.0, 1.0]).tracked(), vector([0.0, 0.0]).tracked());
    let found = check(&(&a / &b).sum(), "div", 1, 1);
    assert!(found.to_string().starts_with("div: 1 of 2 elements is NaN and 1 infinite"), "{found}");
}

#[test]
fn a_root_deep_in_a_chain_is_found_though_relu_hides_it() {
    let x = vector([4.0, 1.0]).tracked();
    let mut y = x.clone();
    for step in 0..50 {
        y = y * 1.0 + if step == 20 { -3.0 } else { 0.0 };
        if step == 20 {
            y = y.sqrt();
        }
    }
    // relu and maximum give 0 or NaN there: either way it is the root's doing.
    check(&y.relu().sum(), "sqrt", 1, 0);
}

#[test]
fn a_nan_in_the_data_is_the_datas() {
    let w = vector([1.0, 2.0]).tracked();
    for (data, n_nan, n_infinite) in [(f32::NAN, 1, 0), (f32::INFINITY, 0, 1)] {
        let data = vector([data, 1.0]);
        for y in [&w + &data, &data - &w, &w * &data, w.maximum(&data)] {
            let found = Tape::of(&y).first_nonfinite().expect("it is in the data");
            assert!(matches!(found.blame, Blame::Argument(_)), "{found}");
            assert_eq!((found.n_nan, found.n_infinite), (n_nan, n_infinite));
        }
    }
    let found = check(&(&w - vector([f32::NAN, 1.0])).square().sum(), "sub", 1, 0);
    assert_eq!(found.blame, Blame::Argument(1));
    assert!(
        found.to_string().starts_with("sub: 1 of 2 elements is NaN; argument 1 held it already, at "),
        "{found}"
    );
    assert!(found.to_string().contains("\n  argument 1  [2], 1 NaN, others all 1\n"), "{found}");
}

#[test]
fn a_nan_in_a_leaf_is_the_leafs() {
    let found = check(&vector([1.0, f32::NAN]).tracked().tanh().sum(), "leaf", 1, 0);
    assert_eq!(found.blame, Blame::Leaf);
    assert!(
        found.to_string().starts_with("leaf: 1 of 2 elements is NaN before any operation, at "),
        "{found}"
    );
}

#[test]
fn a_nan_that_is_not_selected_is_found_nevertheless() {
    let x = vector([4.0, -4.0]).tracked();
    let y = x.greater(0.0).select(&x.sqrt(), 0.0).sum();
    assert_eq!(y.item(), 2.0);
    check(&y, "sqrt", 1, 0);
}

#[test]
fn a_nan_of_infinities_is_another_finding() {
    let x = vector([100.0, 1.0]).tracked();
    let infinite = x.exp();
    let y = (&infinite - &infinite).sum();
    let found = Tape::of(&y).nonfinite();
    let names: Vec<&str> = found.iter().map(|found| found.operation).collect();
    assert_eq!(names, ["exp", "sub"]);
    assert!(
        found[1].to_string().contains("\n  argument 0  [2], 1 infinite, others all 2.7182"),
        "{}",
        found[1]
    );
}

#[test]
fn a_large_result_is_judged_as_a_small_one() {
    let n = 1_000_000;
    let x = Tensor::arange(n).tracked();
    let found = check(&(&x - 10.0).sqrt().sum(), "sqrt", 10, 0);
    assert_eq!((found.first, found.blame), (0, Blame::Operation));
    // No rule reads any of these, so that all are computed again.
    let found = check(&(-(&x + &x - 10.0)).sum_axes(0).sqrt().exp(), "sqrt", 1, 0);
    assert_eq!(found.blame, Blame::Operation);
}

#[test]
fn what_was_not_kept_leaves_suspects() {
    let n = 20_000;
    let x = Tensor::ones([n]).tracked();
    let data = Tensor::new(vec![f32::NAN; n], [n]);
    let y = (&x - &data).sum();
    let found = check(&y, "sum", 1, 0);
    let Blame::Unclear(suspects) = &found.blame else { panic!("{found}") };
    let suspects: Vec<(&str, Option<usize>)> = suspects.iter().map(|s| (s.operation, s.argument)).collect();
    assert_eq!(suspects, [("sum", None), ("sub", None), ("sub", Some(1))]);
    let message = found.to_string();
    assert!(message.contains("\n  argument 0  [20000], not kept\n"), "{message}");
    assert!(message.contains("\n  suspect     argument 1 of sub at "), "{message}");
    // A rule that reads the value keeps it, whatever its size.
    let found = check(&(&x * &data).sum(), "mul", n, 0);
    assert_eq!(found.blame, Blame::Argument(1));
}

#[test]
fn a_list_is_judged_as_other_operations() {
    let x = vector([1.0, 2.0]).tracked();
    let y = Tensor::concat(&[&x, &vector([f32::NAN])], 0).sum();
    assert_eq!(check(&y, "concat", 1, 0).blame, Blame::Argument(1));
    let y = Tensor::stack(&[&x, &(&x - 1.0).ln()], 0).sum();
    check(&y, "ln", 0, 1);
}

#[test]
fn the_tape_of_a_nested_gradient_is_judged_whole() {
    let x = vector([0.0, 1.0]);
    let slope = |x: &Tensor| grad(|x| x.sqrt().sum(), x);
    let mut names = Vec::new();
    grad(
        |x| {
            let y = slope(x).sum();
            names.extend(Tape::of(&y).nonfinite().into_iter().map(|found| found.operation.to_string()));
            y
        },
        &x,
    );
    assert_eq!(names, ["div"], "the slope of the root at 0 is 1 / 0");
}

#[derive(Module, Clone, Debug)]
struct Line {
    slope: Param,
}

#[test]
fn a_loss_that_is_not_finite_names_its_culprit() {
    let line = Line { slope: Param::new(Tensor::from(-1.0_f32)) };
    let x = vector([1.0, 2.0]);
    let (loss, grads) = value_and_grad(&line, |line| (&x * &line.slope).ln().mean());
    assert!(loss.item().is_nan());
    let found = grads.nonfinite().expect("a culprit");
    assert_eq!((found.operation, found.site.line()), ("ln", line!() - 3));
    let (_, grads) = value_and_grad(&line, |line| (&x * &line.slope).square().mean());
    assert_eq!(grads.nonfinite(), None);
}

#[test]
fn the_culprit_is_what_reached_the_loss() {
    let line = Line { slope: Param::new(Tensor::from(-1.0_f32)) };
    let x = vector([1.0, 2.0]);
    let (_, grads) = value_and_grad(&line, |line| {
        let y = &x * &line.slope;
        let masked = x.greater(9.0).select(&y.sqrt(), 0.0);
        (masked + (y * 1e30).exp().ln()).mean()
    });
    assert_eq!(grads.nonfinite().map(|found| found.operation), Some("ln"));
    // Outside, the model's parameter is a leaf of an outer derivative.
    let outer = Tensor::from(-1.0_f32).tracked();
    let (_, grads) =
        value_and_grad_allowing_unreached(&line, |line| (outer.sqrt() + line.slope.value()).mean());
    assert_eq!(grads.nonfinite().map(|found| found.operation), Some("sqrt"));
}

/// y = x,  dx = dy, by an operation whose name needs care in a drawing
#[derive(Clone, Debug)]
struct Odd;
impl Op<1> for Odd {
    const NAME: &'static str = "<odd> & \"quoted\" \\";
    const NEEDS: [Needs; 1] = [Needs::NONE];
    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        Ok(*x)
    }
    fn forward(&self, [x]: [&Array; 1], _: &Shape) -> Array {
        x.clone()
    }
    fn vjp(&self, _: usize, _: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        dy.clone()
    }
    fn samples() -> Vec<Sample<Self, 1>> {
        Vec::new()
    }
}

/// The loss of a net with two hidden layers, some 20 operations.
fn net() -> Tensor {
    let mut y = Tensor::ones([4, 3]);
    for _ in 0..3 {
        let (weight, bias) = (Tensor::ones([3, 3]).tracked(), Tensor::zeros([3]).tracked());
        let raw = y.matmul(&weight) + &bias;
        y = raw.tanh() + &raw * 0.5;
    }
    (y - Tensor::ones([4, 3])).square().mean()
}

/// A thousand operations, each on two of those before it.
fn tangle() -> Tensor {
    let mut all = vec![vector([0.1]).tracked(), vector([0.2]).tracked()];
    for step in 2..1000 {
        let (a, b) =
            (&all[step - 1 - step % 2], &all[step * 7 % step.clamp(2, 40) + step.saturating_sub(40)]);
        all.push(if step % 3 == 0 { a.tanh() } else { (a + b) * 0.5 });
    }
    all.iter().skip(900).fold(all[999].clone(), |sum, x| sum + x).sum()
}

#[derive(Clone, Copy, Debug)]
struct Rect {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

type Boxes = Vec<(String, Rect)>;
type Arrows = Vec<(String, String)>;

/// What a drawing shows: the boxes by their ids, and the arrows.
fn parse(svg: &str) -> (Boxes, Arrows) {
    let document = roxmltree::Document::parse(svg).expect("well-formed XML");
    let number = |node: &roxmltree::Node<'_, '_>, name: &str| -> f64 {
        node.attribute(name).and_then(|text| text.parse().ok()).expect("a number")
    };
    let mut boxes = Vec::new();
    for group in document.descendants().filter(|node| node.attribute("data-id").is_some()) {
        let rect = group.children().find(|node| node.has_tag_name("rect")).expect("a rectangle");
        let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| number(&rect, name));
        let rect = Rect { x, y, width, height };
        for text in group.children().filter(|node| node.has_tag_name("text")) {
            assert!(number(&text, "textLength") <= width - 8.0, "text leaves its box");
            assert!(number(&text, "y") <= y + height && number(&text, "y") >= y + 8.0);
        }
        boxes.push((group.attribute("data-id").expect("filtered").to_string(), rect));
    }
    let ends = |node: roxmltree::Node<'_, '_>| {
        Some((node.attribute("data-from")?.to_string(), node.attribute("data-to")?.to_string()))
    };
    (boxes, document.descendants().filter_map(ends).collect())
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

#[track_caller]
fn check_drawing(y: &Tensor) {
    let tape = Tape::of(y);
    let (boxes, arrows) = parse(&tape.to_svg());
    for (index, (id, a)) in boxes.iter().enumerate() {
        for (other, b) in &boxes[..index] {
            assert!(!overlap(a, b), "{id} and {other} overlap: {a:?} {b:?}");
        }
    }
    // The arrows of the drawing, of the DOT text, and the inputs on the printed tape are the same.
    let dot = tape.to_dot();
    let mut expected: Vec<(String, String)> = dot
        .lines()
        .filter_map(|line| line.trim().strip_suffix(';')?.split_once(" -> "))
        .map(|(from, to)| (from[1..].to_string(), to[1..].to_string()))
        .collect();
    let mut arrows = arrows;
    arrows.sort();
    expected.sort();
    assert_eq!(arrows, expected);
    let printed = tape.to_string();
    let n_tracked: usize = printed
        .lines()
        .filter_map(|line| line.rsplit_once('(')?.1.split_once(')'))
        .map(|(inputs, _)| inputs.split(", ").filter(|input| *input != "·").count())
        .sum();
    assert_eq!(arrows.iter().filter(|(from, _)| !from.contains('_')).count(), n_tracked);
    assert_eq!(boxes.iter().filter(|(id, _)| !id.contains('_')).count(), tape.len());
    for (from, to) in &arrows {
        let y_of =
            |id: &String| boxes.iter().find(|(other, _)| other == id).expect("an arrow ends at boxes").1.y;
        assert!(y_of(from) < y_of(to), "arrows point down");
    }
}

#[test]
fn boxes_do_not_overlap_and_every_arrow_is_drawn() {
    check_drawing(&net());
    check_drawing(&tangle());
    check_drawing(&Tensor::from(1.0).tracked());
    check_drawing(&Tensor::from(1.0));
}

#[test]
fn lines_do_not_run_through_boxes() {
    for y in [net(), tangle()] {
        let svg = Tape::of(&y).to_svg();
        let (boxes, _) = parse(&svg);
        let document = roxmltree::Document::parse(&svg).expect("well-formed XML");
        // Only the straight part of a path lies at the height of boxes; a curve stays between two layers.
        for path in document.descendants().filter_map(|node| node.attribute("d")) {
            let Some((curve, _)) = path.split_once('v') else { continue };
            let mut numbers = curve.split([' ', 'M', 'C']).filter_map(|text| text.parse::<f64>().ok());
            let (y, x) = (numbers.next_back().expect("an end"), numbers.next_back().expect("an end"));
            let is_inside = |b: &Rect| x > b.x && x < b.x + b.width && y < b.y + b.height && y + 1.0 > b.y;
            assert!(!boxes.iter().any(|(_, b)| is_inside(b)), "a line passes a box at {x}, {y}");
        }
    }
}

#[test]
fn names_are_escaped() {
    let y = apply(Odd, [&Tensor::from(1.0).tracked()]);
    let tape = Tape::of(&y);
    let svg = tape.to_svg();
    let document = roxmltree::Document::parse(&svg).expect("well-formed XML");
    assert!(document.descendants().any(|node| node.text() == Some("1 <odd> & \"quoted\" \\")));
    assert!(tape.to_dot().contains(r#"label="1 <odd> & \"quoted\" \\\n[] f32\n"#), "{}", tape.to_dot());
}

#[test]
fn dot_tells_what_is_no_operation_apart() {
    let w = Tensor::ones([3, 1]).tracked();
    let y = (Tensor::ones([2, 3]).matmul(&w) * 2.0_f64).sum();
    let line = line!() - 1;
    let at = |line: u32| format!("{}:{line}", file!());
    let (leaf, rest) = (at(line - 1), at(line));
    assert_eq!(
        Tape::of(&y).to_dot(),
        format!(
            r##"digraph tape {{
  node [shape=box, style=filled, fontname="monospace"];
  n0 [label="0 leaf\n[3, 1] f32\n{leaf}", fillcolor="#dcebff", shape=ellipse];
  n1_0 [label="data\n[2, 3] f32", fillcolor="#f2f2f2", style="filled,dashed"];
  n1 [label="1 matmul\n[2, 1] f32\n{rest}", fillcolor="#ffffff"];
  n2_1 [label="2\n[] f32", fillcolor="#f2f2f2", style="filled,dashed"];
  n2 [label="2 mul\n[2, 1] f32\n{rest}", fillcolor="#ffffff"];
  n3 [label="3 sum\n[] f32\n{rest}", fillcolor="#ffe9c7", penwidth=2];
  n1_0 -> n1;
  n0 -> n1;
  n1 -> n2;
  n2_1 -> n2;
  n2 -> n3;
}}
"##
        )
    );
}

#[test]
fn statistics_count_operations_arithmetic_and_bytes() {
    let w = Tensor::ones([30, 20]).cast(DType::F64).tracked();
    let x = Tensor::new(vec![1.0_f64; 300], [10, 30]);
    let y = x.matmul(&w).reshape([200]).tanh();
    let loss = Tensor::concat(&[&y, &y], 0).mean();
    let statistics = Tape::of(&loss).statistics();
    assert_eq!((statistics.n_operations, statistics.n_leaves), (6, 1));
    assert_eq!(statistics.flops, 2 * 10 * 30 * 20 + 200 + 400);
    let by_name: Vec<(&str, usize, u64)> =
        statistics.by_name.iter().map(|c| (c.name, c.n, c.flops)).collect();
    assert_eq!(by_name[..3], [("matmul", 1, 12_000), ("mean", 1, 400), ("tanh", 1, 200)]);
    // The leaf repeats one number and has no buffer; matmul keeps x, tanh its result.
    let bytes = |array: &Array| array.bytes();
    assert_eq!(statistics.bytes_given, bytes(x.array()) + bytes(w.array()));
    assert_eq!(statistics.bytes_computed, bytes(y.array()));
    assert_eq!(statistics.bytes_kept(), statistics.bytes_given + statistics.bytes_computed);
    assert_eq!(Tape::of(&Tensor::from(1.0)).statistics().flops, 0);
}

#[test]
fn shared_buffers_count_once() {
    let x = Tensor::new(vec![1.0_f32; 64], [8, 8]).tracked();
    let y = x.exp();
    let loss = (&y * &y.t()).sum();
    let statistics = Tape::of(&loss).statistics();
    assert_eq!(statistics.bytes_computed, y.array().bytes(), "exp keeps its result, mul both views of it");
    assert_eq!(statistics.bytes_given, x.array().bytes());
}

#[test]
fn statistics_print_as_a_table() {
    let w = Tensor::ones([100, 100]).tracked();
    let loss = Tensor::ones([50, 100]).matmul(&w).sum();
    let expected = "\
operation    count            flops
matmul           1        1,000,000
sum              1            5,000
leaf             1                0
all              3        1,005,000
keeps 0 bytes computed on the way, 0 bytes of leaves and data";
    assert_eq!(Tape::of(&loss).statistics().to_string(), expected);
}
