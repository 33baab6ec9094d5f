//! A CSV file in pieces, for one that is larger than memory.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use csv_core::ReadRecordResult;

use super::csv::{FORMAT, empty, names};
use super::records::{Lines, Records, reader};
use super::{Csv, Table};
use crate::files::{FileError, is_gzip, open, system};
use crate::{DataError, Dataset};

/// The pieces of a CSV file: what [`Csv::chunks`] gives. A piece is a [`Table`].
///
/// What a column is (numbers, booleans or texts) is found out in each piece for itself. Where a column of numbers may
/// have a piece of texts, the error comes with that piece.
#[derive(Clone, Debug)]
pub struct CsvChunks {
    csv: Csv,
    path: PathBuf,
    names: Option<Vec<String>>,
    /// Where the pieces begin, and where the last one ends: the byte and the line.
    starts: Vec<(u64, Lines)>,
    n_rows: usize,
}

impl CsvChunks {
    pub(super) fn open(csv: &Csv, path: &Path, n_rows: usize) -> Result<CsvChunks, DataError> {
        let chunks = open(FORMAT, path).and_then(|(file, _)| {
            let Index { header, starts, n_rows } = Index::of(file, csv, n_rows.max(1))?;
            let chunks =
                CsvChunks { csv: csv.clone(), path: path.to_path_buf(), names: None, starts, n_rows };
            match header {
                Some(end) => {
                    let bytes = chunks.bytes(0, end)?;
                    let header = Records::new(&bytes, csv.separator, Lines::first())
                        .next()
                        .map(|record| names(&record));
                    Ok(CsvChunks { names: header.transpose()?, ..chunks })
                }
                None if csv.has_header => Err(empty()),
                None => Ok(chunks),
            }
        });
        Ok(chunks.map_err(|error| error.of(path))?)
    }

    fn bytes(&self, start: u64, end: u64) -> Result<Vec<u8>, FileError> {
        let (mut file, _) = open(FORMAT, &self.path)?;
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(start)).map_err(|error| system(FORMAT, &error))?;
        file.take(end - start).read_to_end(&mut bytes).map_err(|error| system(FORMAT, &error))?;
        Ok(bytes)
    }

    fn read(&self, place: usize) -> Result<Table, FileError> {
        let ((start, lines), (end, _)) = (self.starts[place], self.starts[place + 1]);
        let bytes = self.bytes(start, end)?;
        self.csv.rows(Records::new(&bytes, self.csv.separator, lines), self.names.clone())
    }
}

impl Dataset for CsvChunks {
    type Piece = Table;

    fn n_pieces(&self) -> usize {
        self.starts.len() - 1
    }

    fn piece(&self, place: usize) -> Result<Table, DataError> {
        let table = self.read(place).map_err(|error| error.of(&self.path))?;
        Ok(Table { file: Some(self.path.as_path().into()), ..table })
    }

    fn n_rows(&self) -> Option<usize> {
        Some(self.n_rows)
    }
}

/// Where the records of a file are.
struct Index {
    /// The byte that the header ends at.
    header: Option<u64>,
    starts: Vec<(u64, Lines)>,
    n_rows: usize,
}

impl Index {
    fn of(file: File, csv: &Csv, per_piece: usize) -> Result<Index, FileError> {
        let mut input = BufReader::with_capacity(1 << 16, file);
        let mut core = reader(csv.separator);
        // The cells are thrown away, so that these need not hold a record.
        let (mut output, mut ends) = ([0; 1 << 12], [0; 256]);
        let (mut offset, mut lines) = (0, Lines::first());
        let mut index = Index { header: None, starts: Vec::new(), n_rows: 0 };
        let mut has_header = csv.has_header;
        let mut start = (offset, lines);
        loop {
            let block = input.fill_buf().map_err(|error| system(FORMAT, &error))?;
            if offset == 0 && is_gzip(block) {
                let expected =
                    "expected a plain file, because a packed one can only be read from its beginning";
                return Err(FileError::unsupported(FORMAT, "found", "packed by gzip", expected));
            }
            let (result, n_read, _, _) = core.read_record(block, &mut output, &mut ends);
            lines.count(&block[..n_read]);
            offset += n_read as u64;
            input.consume(n_read);
            match result {
                ReadRecordResult::Record if has_header => {
                    index.header = Some(offset);
                    (has_header, start) = (false, (offset, lines));
                }
                ReadRecordResult::Record => {
                    if index.n_rows.is_multiple_of(per_piece) {
                        index.starts.push(start);
                    }
                    index.n_rows += 1;
                    start = (offset, lines);
                }
                ReadRecordResult::End => break,
                _ => {}
            }
        }
        index.starts.push((offset, lines));
        Ok(index)
    }
}
