//! What is learned of a table to make rows of it, and what these are.

use wengert_data::{
    Categories, Csv, DataError, Encoding, FittedScaler, Missing, Predictor, Preparation, Prepare, Scaling,
    StandardScaler, Table, Task,
};
use wengert_tensor::{DType, Target, Tensor};

fn table(text: &str) -> Table {
    Csv::new().parse(text).unwrap().cast(DType::F64)
}

#[track_caller]
fn check_error<T>(result: Result<T, DataError>, expected: &str) {
    let Err(error) = result else { panic!("no error, expected {expected}") };
    assert_eq!(error.to_string(), expected);
}

#[track_caller]
fn check_labels(target: Result<Target, DataError>, expected: &[u32]) {
    let Target::Labels(labels) = target.unwrap() else { panic!("no labels") };
    assert_eq!(labels.as_slice(), expected);
}

#[test]
fn the_task_is_recognised_from_the_target() {
    let column = |cells: &[&str]| {
        table(&format!("x,y\n{}", cells.iter().map(|cell| format!("1,{cell}\n")).collect::<String>()))
    };
    let repeated = |cells: &[&'static str], n: usize| column(&cells.repeat(n));
    let many: Vec<String> = (0..21).map(|i| i.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (table, is_classification, why) in [
        (column(&["a", "b"]), true, "`y` holds texts"),
        (column(&["true", "false"]), true, "`y` holds truth values"),
        (column(&["0", "1", "1"]), true, "`y` holds 0 and 1 alone"),
        (column(&["0", "1", ""]), true, "`y` holds 0 and 1 alone"),
        (column(&["1.5", "2"]), false, "`y` holds numbers that are not whole"),
        (column(&["1", "2", "3"]), false, "`y` holds 3 different whole numbers in 3 rows"),
        (repeated(&["1", "2", "3"], 5), true, "`y` holds 3 different whole numbers in 15 rows"),
        (repeated(&["7"], 10), false, "`y` holds a single number"),
        (column(&many.repeat(5)), false, "`y` holds 21 different whole numbers in 105 rows"),
        (column(&many[..20].repeat(5)), true, "`y` holds 20 different whole numbers in 100 rows"),
    ] {
        let (task, reason) = Prepare::target("y").task(&table).unwrap();
        assert_eq!((task.is_classification(), reason.as_str()), (is_classification, why));
    }
    let numbers = column(&["0", "1"]);
    let (task, reason) = Prepare::target("y").regression().task(&numbers).unwrap();
    assert_eq!((task, reason.as_str()), (Task::Regression { targets: vec!["y".to_string()] }, "as was said"));
    let (task, reason) = Prepare::targets(["x", "y"]).task(&numbers).unwrap();
    assert_eq!((task.n_outputs(), reason.as_str()), (2, "there are 2 targets"));
}

#[test]
fn means_and_scales_are_those_of_the_rows_to_learn_from() {
    let all = table("x,kind,y\n1,a,0.5\n3,a,1.5\n,b,2.5\n100,c,3.5\n");
    let prepare = Prepare::target("y").missing(Missing::Mean).scaling(Scaling::Standard);
    let preparation = prepare.fit_to(&all, &[0, 1]).unwrap();
    // Of 1 and 3: mean 2, deviation 1. Category a has no deviation; b and c are known, and were not there.
    let expected = [
        [-1.0, 0.0, 0.0, 0.0], //
        [1.0, 0.0, 0.0, 0.0],
        [0.0, -1.0, 1.0, 0.0],
        [98.0, -1.0, 0.0, 1.0],
    ];
    let x = preparation.predictors(&all).unwrap();
    assert_eq!(x.to_vec::<f64>(), expected.concat());
    assert_eq!(preparation.names(), ["x", "kind_a", "kind_b", "kind_c"]);
    let Target::Values(y) = preparation.targets(&all).unwrap() else { panic!("labels") };
    assert_eq!((y.shape().to_vec(), y.to_vec::<f64>()), (vec![4, 1], vec![0.5, 1.5, 2.5, 3.5]));
}

#[test]
fn missing_cells_are_filled_as_was_said() {
    let all = table("x,kind,flag,y\n1,b,true,0.5\n2,b,,1.5\n6,a,false,2.5\n,,true,3.5\n");
    let filled = |missing| {
        let prepare = Prepare::target("y").categories(Categories::Codes).missing(missing);
        prepare.fit(&all).unwrap().predictors(&all).unwrap().to_vec::<f64>()
    };
    let with = |x: f64, flag: f64| [1.0, 1.0, 1.0, 2.0, 1.0, flag, 6.0, 0.0, 0.0, x, 1.0, 1.0];
    assert_eq!(filled(Missing::Mean), with(3.0, 2.0 / 3.0));
    assert_eq!(filled(Missing::Median), with(2.0, 1.0));
    assert_eq!(filled(Missing::Constant(-1.0)), with(-1.0, -1.0));
    let refused = Prepare::target("y").fit(&all);
    let message = "csv: a cell is missing\n  line    5\n  column  kind\n  value   empty   <- expected one of a, b\n  help: \
                   `fill` puts a value there, `drop_missing` leaves such rows out";
    check_error(refused, message);
}

#[test]
fn what_is_missing_and_not_filled_can_be_left_out() {
    let all = table("x,id,y\n1,,0.5\n,2,1.5\n3,3,\n4,4,2.5\n");
    let prepare = Prepare::target("y").drop(&["id"]);
    let complete = prepare.complete(&all).unwrap();
    assert_eq!(complete.numbers("x").unwrap(), [1.0, 4.0]);
    let preparation = prepare.fit(&complete).unwrap();
    assert_eq!(preparation.complete(&all, true).unwrap().numbers("x").unwrap(), [1.0, 4.0]);
    assert_eq!(preparation.complete(&all, false).unwrap().numbers("x").unwrap(), [1.0, 3.0, 4.0]);
    let filling = prepare.missing(Missing::Mean).fit(&complete).unwrap();
    assert_eq!(filling.complete(&all, false).unwrap().n_columns(), 3);
    assert_eq!(filling.predictors(&all).unwrap().to_vec::<f64>(), [1.0, 2.5, 3.0, 4.0]);
}

#[test]
fn later_tables_are_read_by_name() {
    let all = table("a,b,y\n1,u,no\n2,v,yes\n");
    let preparation = Prepare::target("y").fit(&all).unwrap();
    let later = table("more,b,y,a\n0,v,yes,5\n0,u,no,6\n");
    assert_eq!(preparation.predictors(&later).unwrap().to_vec::<f64>(), [5.0, 0.0, 1.0, 6.0, 1.0, 0.0]);
    check_labels(preparation.targets(&later), &[1, 0]);
    check_error(
        preparation.predictors(&table("a,c\n1,2\n")),
        "csv: there is no such column\n  column  `b`   <- expected one of a, c",
    );
    check_error(
        preparation.targets(&table("y\nperhaps\n")),
        "csv: a cell is none of the categories\n  line    2\n  column  y\n  value   `perhaps`   <- expected one of no, yes",
    );
}

#[test]
fn texts_stay_texts_in_later_files() {
    let all = table("code,y\n01,true!\n1b,false\n");
    let preparation = Prepare::target("y").fit(&all).unwrap();
    let later = "code,y\n01,false\n";
    check_error(
        preparation.predictors(&Csv::new().parse(later).unwrap()),
        "csv: a cell is none of the categories\n  line    2\n  column  code\n  value   `1`   <- expected one of 01, 1b",
    );
    let read = preparation.csv(Csv::new()).parse(later).unwrap();
    assert_eq!(preparation.predictors(&read).unwrap().to_vec::<f64>(), [1.0, 0.0]);
    check_labels(preparation.targets(&read), &[0]);
}

#[test]
fn numbers_can_mark_categories_and_classes() {
    let all = table("floor,y\n3,2\n1,7\n3,7\n");
    let preparation = Prepare::target("y").classification().categorical(&["floor"]).fit(&all).unwrap();
    assert_eq!(preparation.names(), ["floor_1", "floor_3"]);
    assert_eq!(preparation.task().classes(), ["2", "7"]);
    check_labels(preparation.targets(&all), &[0, 1, 1]);
}

fn predictor(name: &str, encoding: Encoding) -> Predictor {
    Predictor { name: name.to_string(), encoding }
}

fn one_hot(categories: &[&str], fill: Option<&str>) -> Encoding {
    let categories = categories.iter().map(|category| category.to_string()).collect();
    Encoding::OneHot { categories, fill: fill.map(String::from), is_text: true }
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let regression = || Task::Regression { targets: vec!["y".to_string()] };
    let number = |name| predictor(name, Encoding::Number { fill: None });
    let classes = |classes: &[&str]| Task::Classification {
        target: "y".to_string(),
        classes: classes.iter().map(|class| class.to_string()).collect(),
        is_text: true,
    };
    let scaler = FittedScaler::Standard(StandardScaler::fit(&Tensor::zeros([2, 3])).unwrap());
    let many: Vec<String> = (0..1001).map(|i| i.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let nan = predictor("x", Encoding::Number { fill: Some(f64::NAN) });
    for (predictors, task, scaler, expected) in [
        (vec![], regression(), None, "there is no column to predict from"),
        (vec![number("x"), number("x")], regression(), None, "a column stands twice\n  column  x"),
        (vec![number("y")], regression(), None, "a column stands twice\n  column  y"),
        (vec![number("x")], Task::Regression { targets: vec![] }, None, "there is no target"),
        (vec![number("x")], classes(&[]), None, "the target holds nothing\n  column  y"),
        (
            vec![number("x")],
            classes(&["a"]),
            None,
            "the target holds a single class\n  column  y\n  class   a   <- expected at least 2",
        ),
        (
            vec![number("x")],
            classes(&["a", "a"]),
            None,
            "a category stands twice\n  column    y\n  category  a",
        ),
        (
            vec![nan],
            regression(),
            None,
            "what stands for missing cells is no finite number\n  column  x\n  value   NaN",
        ),
        (
            vec![predictor("x", one_hot(&[], None))],
            regression(),
            None,
            "a column has no categories\n  column  x",
        ),
        (
            vec![predictor("x", one_hot(&["a"], Some("b")))],
            regression(),
            None,
            "what stands for missing cells is none of the categories\n  column  x\n  value   b",
        ),
        (
            vec![predictor("x", one_hot(&many, None))],
            regression(),
            None,
            "a column has too many categories\n  column      x\n  categories  1001   <- expected at most 1000\n  help: \
             `Categories::Codes` numbers them in one column",
        ),
        (
            vec![number("x")],
            regression(),
            Some(scaler),
            "the scaler is not that of the columns\n  scaler  [3]   <- expected [1]",
        ),
    ] {
        check_error(Preparation::new(predictors, task, scaler), &format!("prepare: {expected}"));
    }
    let fine = vec![number("x"), predictor("k", one_hot(&["a", "b"], Some("b")))];
    let scaler = FittedScaler::Standard(StandardScaler::fit(&Tensor::zeros([2, 3])).unwrap());
    let preparation = Preparation::new(fine, regression(), Some(scaler)).unwrap();
    assert_eq!((preparation.width(), preparation.scaler().unwrap().as_scaler().kind()), (3, "standard"));
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let all = table("x,y\n1,2\n2,3.5\n");
    check_error(
        Prepare::target("y").drop(&["y"]).fit(&all),
        "prepare: a column is a target and dropped\n  column  y",
    );
    check_error(
        Prepare::targets(["x", "y"]).classification().fit(&all),
        "prepare: a classification has one target\n  targets  2   <- expected 1",
    );
    check_error(
        Prepare::target("y").categorical(&["z"]).fit(&all),
        "csv: there is no such column\n  column  `z`   <- expected one of x, y",
    );
    check_error(Prepare::target("y").drop(&["x"]).fit(&all), "prepare: there is no column to predict from");
    check_error(
        Prepare::target("y").fit(&table("a_b,a,y\n1,b,0.5\n2,c,1.5\n")),
        "csv: two columns have the same name\n  column  a_b   <- expected each name once",
    );
    let many: String = (0..10_001).map(|i| format!("1,c{i}\n")).collect();
    check_error(
        Prepare::target("y").fit(&table(&format!("x,y\n{many}"))),
        "prepare: the target has too many classes\n  column   y\n  classes  10001   <- expected at most 10000\n  help: a \
         regression predicts numbers",
    );
}

#[test]
#[should_panic(expected = "decided: the output is [1, 3], expected [n_rows, 2]")]
fn outputs_of_other_classes_panic() {
    let classes = ["no", "yes"].map(String::from).to_vec();
    Task::Classification { target: "y".to_string(), classes, is_text: true }.decided(&Tensor::zeros([1, 3]));
}

#[test]
fn a_regression_decides_nothing() {
    assert!(Task::Regression { targets: vec!["y".to_string()] }.decided(&Tensor::zeros([2, 1])).is_empty());
}
