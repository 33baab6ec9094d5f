//! A CSV file in pieces is the file.

use std::fs;

use crate::support::check_message;
use wengert_data::{Csv, Dataset, Loader, Rows, Table, read_csv};

#[track_caller]
fn check_pieces(text: &str, csv: &Csv) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, text).unwrap();
    let whole = csv.read(&path).unwrap();
    for n_rows in 0..whole.n_rows() + 2 {
        let pieces = csv.chunks(&path, n_rows).unwrap();
        assert_eq!(pieces.n_rows(), Some(whole.n_rows()));
        assert_eq!(pieces.n_pieces(), whole.n_rows().div_ceil(n_rows.max(1)));
        let tables: Vec<Table> = (0..pieces.n_pieces()).map(|place| pieces.piece(place).unwrap()).collect();
        let joined = Table::joined(&tables).unwrap();
        assert_eq!(
            format!("{joined:?}"),
            format!("{whole:?}"),
            "{n_rows} rows to a piece, and the same lines"
        );
    }
}

#[test]
fn the_pieces_of_a_file_are_the_file() {
    check_pieces("a,b\n1,x\n2,y\n3,z\n4,w\n5,v\n", &Csv::new());
    check_pieces("\u{feff}a,b\r\n1,\"x\r\n,\"\"\"\r\n\r\n2,y\r\n3,z", &Csv::new());
    check_pieces("\n\n1;x\r2;\"y\r\"\r\r3;z\r", &Csv::new().without_header().separator(';'));
    // Longer than the blocks in which a file is gone through.
    let long: String = (0..20).map(|i| format!("{i},\"{}\n\"\n", "y".repeat(9_000))).collect();
    check_pieces(&format!("a,b\n{long}"), &Csv::new());
}

#[test]
fn errors_in_a_piece_have_the_line_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, "a,b\n1,2\n\n3,4\n5,x\n7,8\n").unwrap();
    let pieces = Csv::new().chunks(&path, 2).unwrap().map(|table| table.values());
    let loader = Loader::new(pieces, 2).unwrap().workers(2);
    let batches: Vec<_> = loader.epoch(0).collect();
    assert_eq!(batches.len(), 2, "the error ends the epoch");
    assert_eq!(batches[0].as_ref().unwrap().to_vec::<f32>(), [1.0, 2.0, 3.0, 4.0]);
    let expected = "csv: a cell is no number
  file    {}
  line    5
  column  b
  value   `x`   <- expected a number
  help: `one_hot` and `codes` make numbers of categories, `drop` leaves a column out";
    check_message(batches[1].clone(), expected);

    fs::write(&path, "a,b\n1,2\n3\n").unwrap();
    let ragged = Csv::new().chunks(&path, 5).unwrap().piece(0);
    check_message(
        ragged,
        &read_csv(&path).unwrap_err().to_string().replace(&path.display().to_string(), "{}"),
    );
}

#[test]
fn files_that_have_no_pieces_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, [0x1f, 0x8b, 8, 0]).unwrap();
    let expected = "csv: what the file holds is not supported
  file   {}
  found  packed by gzip   <- expected a plain file, because a packed one can only be read from its beginning";
    check_message(Csv::new().chunks(&path, 5), expected);
    fs::write(&path, "").unwrap();
    check_message(
        Csv::new().chunks(&path, 5),
        "csv: the file is empty\n  file   {}\n  found  no line   <- expected a header or a row",
    );
}
