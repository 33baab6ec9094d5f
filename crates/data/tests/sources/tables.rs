//! Tables: what cells are taken for, what is done with them, and what is refused.

use crate::support::check_message;
use wengert_data::{Batches, ColumnKind, Csv, DataError, Fill, Rows, Table, train_test_split};
use wengert_tensor::{DType, Rng};

fn parse(text: &str) -> Table {
    Csv::new().parse(text).unwrap()
}

#[track_caller]
fn check_values(text: &str, csv: Csv, expected: &[f32]) {
    assert_eq!(csv.parse(text).unwrap().values().unwrap().to_vec::<f32>(), expected, "{text:?}");
}

#[test]
fn a_text_is_read_however_its_lines_end() {
    for text in [
        "a,b\n1,2\n3,4\n",
        "a,b\n1,2\n3,4",
        "a,b\r\n1,2\r\n3,4\r\n",
        "a,b\r1,2\r3,4",
        "\u{feff}a,b\n1,2\n3,4\n",
        "\n\na,b\n\n1,2\r\n\r\n3,4\n\n",
        "\"a\",\"b\"\n\"1\",2\n 3 ,\"4\"\n",
        "a,b\n1.0,2e0\n+3,.4e1\n",
    ] {
        check_values(text, Csv::new(), &[1.0, 2.0, 3.0, 4.0]);
    }
    check_values("1;2\n3;4", Csv::new().without_header().separator(';'), &[1.0, 2.0, 3.0, 4.0]);
    check_values("a\tb\n1\t2", Csv::new().separator('\t'), &[1.0, 2.0]);
    check_values("a;b\n1,5;-2,25\n1.5;3", Csv::new().separator(';').decimal_comma(), &[1.5, -2.25, 1.5, 3.0]);
    assert_eq!(Csv::default().without_header().parse("7,8").unwrap().names().collect::<Vec<_>>(), ["0", "1"]);
    assert_eq!(parse("a\n").n_rows(), 0);
}

#[test]
fn quoted_cells_may_hold_anything() {
    let table = parse("name,x\n\"a,\"\"b\"\"\nc\",1\n\"\",2\n");
    assert_eq!(table.categories("name").unwrap(), ["a,\"b\"\nc"]);
    let expected = "csv: a cell is missing
  line    4
  column  name
  value   empty   <- expected one of a,\"b\"\\nc
  help: `fill` puts a value there, `drop_missing` leaves such rows out";
    check_message(table.codes("name"), expected);
}

#[test]
fn a_column_is_what_all_its_cells_are() {
    let table = parse("n,b,t,m,x\n1,true,a,,1\nNA,FALSE,1,nan,true\n-2.5,False,,NULL,0\n");
    let kinds: Vec<ColumnKind> = ["n", "b", "t", "m", "x"].map(|name| table.kind(name).unwrap()).to_vec();
    use ColumnKind::{Boolean, Number, Text};
    assert_eq!(kinds, [Number, Boolean, Text, Number, Text]);
    let table = Csv::new().missing(&["?"]).parse("n,m\n1,\n?,2\n").unwrap();
    assert_eq!((table.kind("n").unwrap(), table.kind("m").unwrap()), (Number, Text));
}

#[test]
fn columns_are_chosen() {
    let table = parse("id,x,y,z\n9,1,2,3\n8,4,5,6\n");
    let (predictors, target) = table.drop(&["id"]).unwrap().split_target(&["z", "x"]).unwrap();
    assert_eq!(predictors.to_vec::<f32>(), [2.0, 5.0]);
    assert_eq!(target.to_vec::<f32>(), [3.0, 1.0, 6.0, 4.0]);
    assert_eq!((target.shape().to_vec(), target.dtype()), (vec![2, 2], DType::F32));
    assert_eq!(table.cast(DType::F64).values().unwrap().dtype(), DType::F64);
    assert_eq!((table.n_rows(), table.n_columns()), (2, 4));
    let unknown = "csv: there is no such column\n  column  `w`   <- expected one of id, x, y, z";
    check_message(table.drop(&["w"]), unknown);
    check_message(table.select(&["x", "w"]), unknown);
    check_message(table.column("w"), unknown);
    check_message(table.fill("w", Fill::Mean), unknown);
    check_message(
        table.split_target(&[]),
        "csv: the columns cannot be divided into predictors and targets\n  targets  0 of 4 columns   \
         <- expected at least 1, and others beside",
    );
    check_message(
        table.split_target(&["id", "x", "y", "z"]),
        "csv: the columns cannot be divided into predictors and targets\n  targets  4 of 4 columns   \
         <- expected at least 1, and others beside",
    );
}

#[test]
fn missing_cells_are_filled_or_left_out() {
    let table = parse("x,flag,t\n1,true,a\n,,\n4,false,b\n7,true,a\n");
    let filled = |name: &str, with| table.fill(name, with).unwrap().column(name).unwrap().to_vec::<f32>();
    assert_eq!(filled("x", Fill::Mean), [1.0, 4.0, 4.0, 7.0]);
    assert_eq!(filled("x", Fill::Constant(-1.0)), [1.0, -1.0, 4.0, 7.0]);
    assert_eq!(filled("flag", Fill::Mean), [1.0, 2.0 / 3.0, 0.0, 1.0]);
    assert_eq!(filled("flag", Fill::Median), [1.0, 1.0, 0.0, 1.0]);
    assert_eq!(table.median("x").unwrap(), 4.0);
    assert_eq!(parse("x\n1\n\"\"\n4\n2\n9\n").median("x").unwrap(), 3.0);
    assert_eq!(table.drop_missing().n_rows(), 3);
    let texts = table.fill("t", Fill::Text("c")).unwrap();
    assert_eq!(texts.codes("t").unwrap().column("t").unwrap().to_vec::<f32>(), [0.0, 2.0, 1.0, 0.0]);
    let all = table.drop(&["t"]).unwrap().fill_all(Fill::Median).unwrap();
    assert_eq!(all.values().unwrap().to_vec::<f32>(), [1.0, 1.0, 4.0, 1.0, 4.0, 0.0, 7.0, 1.0]);
}

#[test]
fn wrong_fillings_are_refused() {
    let table = parse("x,t,none\n1,a,\n,,\n");
    check_message(
        table.fill("x", Fill::Text("b")),
        "csv: the filling does not fit the column\n  column   x\n  filling  Text(\"b\")   <- expected a number",
    );
    check_message(
        table.fill_all(Fill::Mean),
        "csv: the filling does not fit the column\n  column   t\n  filling  Mean   <- expected Text",
    );
    check_message(table.fill("none", Fill::Mean), "csv: a column holds no number\n  column  none");
    check_message(table.median("t"), "csv: a column holds no number\n  column  t");
}

#[test]
fn categories_become_columns_or_codes() {
    let table = parse("class,flag,x\n3,true,1\n1,false,2\n3,true,3\n10,true,4\n");
    assert_eq!(table.categories("class").unwrap(), ["1", "3", "10"]);
    let hot = table.one_hot("class").unwrap().one_hot("flag").unwrap();
    let names = ["class_1", "class_3", "class_10", "flag_false", "flag_true", "x"];
    assert_eq!(hot.names().collect::<Vec<_>>(), names);
    assert_eq!(hot.column("class_3").unwrap().to_vec::<f32>(), [1.0, 0.0, 1.0, 0.0]);
    assert_eq!(table.labels("class").unwrap().as_slice(), [3, 1, 3, 10]);
    assert_eq!(table.labels("flag").unwrap().as_slice(), [1, 0, 1, 1]);
    assert_eq!(table.codes("class").unwrap().labels("class").unwrap().as_slice(), [1, 0, 1, 2]);
    assert_eq!(parse("t,x\nS,1\nC,1\nS,1\n").labels("t").unwrap().as_slice(), [1, 0, 1]);

    let known = parse("port\nS\nC\n").categories("port").unwrap();
    let test = parse("x,port\n1,C\n");
    assert_eq!(test.one_hot_as("port", &known).unwrap().values().unwrap().to_vec::<f32>(), [1.0, 1.0, 0.0]);
    let expected = "csv: a cell is none of the categories
  line    2
  column  port
  value   `Q`   <- expected one of C, S";
    check_message(parse("port\nQ\n").one_hot_as("port", &known), expected);
    check_message(parse("port\nQ\n").codes_as("port", &known), expected);
}

#[test]
fn too_many_categories_are_refused() {
    let text: String = (0..1001).map(|i| format!("{i}\n")).collect();
    let expected = "csv: a column has too many categories
  column      id
  categories  1001   <- expected at most 1000
  help: `codes` numbers them in one column";
    check_message(parse(&format!("id\n{text}")).one_hot("id"), expected);
    check_message(
        parse("t,t_a\na,1\nb,2\n").one_hot("t"),
        "csv: two columns have the same name\n  column  t_a   <- expected each name once",
    );
}

#[test]
fn errors_name_line_column_and_value() {
    let table = parse("a,b\n\"1\n\",2\n3,4\n-1,inf\n0.5,1\n");
    check_message(
        table.values(),
        "csv: a cell is not finite\n  line    5\n  column  b\n  value   inf   <- expected a finite number",
    );
    let label = "csv: a cell is no label\n  line    5\n  column  a\n  value   -1   <- expected a whole number from 0 on";
    check_message(table.labels("a"), label);
    check_message(
        parse("a\n0.5\n").labels("a"),
        "csv: a cell is no label\n  line    2\n  column  a\n  value   0.5   <- expected a whole number from 0 on",
    );
    let text = "csv: a cell is no number
  line    3
  column  a
  value   `x\\u{1b}[2J`   <- expected a number
  help: `one_hot` and `codes` make numbers of categories, `drop` leaves a column out";
    check_message(parse("a\n1\nx\u{1b}[2J\n").values(), text);
    // A row that begins later in the file, in another order.
    check_message(
        table.select_rows(&[3, 2]).values(),
        &table.select_rows(&[2]).values().unwrap_err().to_string(),
    );
}

#[test]
fn wrong_files_are_refused() {
    let empty = "csv: the file is empty\n  found  no line   <- expected a header or a row";
    for text in ["", "\n\r\n", "\u{feff}"] {
        check_message(Csv::new().parse(text), empty);
        check_message(Csv::new().without_header().parse(text), empty);
    }
    check_message(
        Csv::new().parse("a,b, a\n1,2,3\n"),
        "csv: two columns have the same name\n  line    1\n  column  a   <- expected each name once",
    );
    check_message(
        Csv::new().without_header().parse("1,2\n\n3,4,5\n"),
        "csv: a row has another number of cells\n  line   3\n  cells  3   <- expected 2, as the first row has",
    );
    check_message(
        Csv::new().parse("a;b\n1;2\n3,4;5\n"),
        "csv: a row has another number of cells\n  line   3\n  cells  2   <- expected 1, as the header has\n  \
         help: `Csv::separator` sets what stands between cells",
    );
    check_message(
        Csv::new().parse(b"a\nM\xfcller\n"),
        "csv: the text is not UTF-8\n  line   2\n  value  `M\\xfcller`\n  help: save the file as UTF-8",
    );
    let many = ",".repeat(1_000_000);
    check_message(
        Csv::new().without_header().parse(many),
        "csv: what the file holds is not supported\n  columns  1000001   <- expected at most 1000000",
    );
}

#[test]
#[should_panic(expected = "csv: '\"' cannot separate cells, expected an ASCII character such as ';'")]
fn a_quote_separates_nothing() {
    let _ = Csv::new().separator('"');
}

#[test]
fn tables_have_rows() {
    let table = parse("x,t,f\n1,a,true\n2,b,false\n3,c,true\n4,d,\n");
    let (train, test) = train_test_split(&table, 0.5, &mut Rng::seed(1)).unwrap();
    let both = Table::joined(&[train, test]).unwrap();
    let mut rows = both.column("x").unwrap().to_vec::<f32>();
    rows.sort_by(f32::total_cmp);
    assert_eq!(rows, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(Batches::new(&table, 3).unwrap().map(|batch| batch.n_rows()).collect::<Vec<_>>(), [3, 1]);
    let slice = table.slice_rows(1..3);
    assert_eq!(slice.labels("t").unwrap().as_slice(), [0, 1]);

    let different = Table::joined(&[parse("x\n1\n"), parse("y\n1\n")]);
    check_message(different, "joined: the tables have different columns");
    let kinds = Table::joined(&[parse("x\n1\n"), parse("x\na\n")]);
    check_message(
        kinds,
        "joined: a column is of another kind in another table\n  column  x\n  kind    Text   <- expected Number",
    );
    assert_eq!(Table::joined(&[]).unwrap_err(), DataError::NoParts);
}

#[test]
#[should_panic(expected = "select_rows: row 2 is not one of 1")]
fn a_row_outside_panics() {
    parse("x\n1\n").select_rows(&[0, 2]);
}

#[test]
fn a_description_fits_eighty_columns() {
    let mut text = "a_name_that_is_longer_than_the_column,id,constant,big,city\n".to_string();
    for i in 0..30 {
        text += &format!("{},{i},5,{}e12,a rather long name of the city {i}\n", f64::from(i) / 7.0, i);
    }
    let description = parse(&text).describe();
    let expected = "\
30 rows, 5 columns, nothing missing

column               kind     missing       min      mean       max       std
a_name_that_is_long… number         -         0     2.071     4.143     1.258
id                   number         -         0     14.50        29     8.803
constant             number         -         5         5         5         0
big                  number         -         0   1.45e13   2.90e13   8.80e12
city                 text           -  30 values: a rather long name of the ci…
";
    assert_eq!(description.to_string(), expected);
    assert!(expected.lines().all(|line| line.chars().count() <= 80));
    assert_eq!(description.columns[1].mean, 14.5);
    assert_eq!(description.columns[4].counts.len(), 30);
    let nothing = "0 rows, 1 column, nothing missing\n\n\
                   column               kind     missing       min      mean       max       std\n\
                   a                    number         -         -         -         -         -\n";
    assert_eq!(parse("a\n").describe().to_string(), nothing);
}
