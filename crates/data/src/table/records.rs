//! A CSV text as records: cells, and the line that each record begins in.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// The records of a text, with the line numbers of the file that it is from.
pub(super) struct Records<'a> {
    reader: Reader,
    input: &'a [u8],
    at: usize,
    lines: Lines,
    output: Vec<u8>,
    ends: Vec<usize>,
}

/// A record: the bytes of its cells.
pub(super) struct Record<'a> {
    pub(super) line: u64,
    output: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Records<'a> {
    /// The records of a text that begins in this line of its file.
    pub(super) fn new(input: &'a [u8], separator: u8, lines: Lines) -> Records<'a> {
        let reader = reader(separator);
        Records { reader, input, at: 0, lines, output: vec![0; 1 << 10], ends: vec![0; 64] }
    }

    pub(super) fn next(&mut self) -> Option<Record<'_>> {
        // Empty lines are no records.
        while let Some(&byte) = self.input.get(self.at).filter(|byte| is_newline(**byte)) {
            self.lines.count(&[byte]);
            self.at += 1;
        }
        let (line, start) = (self.lines.line, self.at);
        let (mut n_output, mut n_ends) = (0, 0);
        loop {
            let (result, n_read, n_written, n_ended) = self.reader.read_record(
                &self.input[self.at..],
                &mut self.output[n_output..],
                &mut self.ends[n_ends..],
            );
            self.at += n_read;
            n_output += n_written;
            n_ends += n_ended;
            match result {
                // Asked again, with nothing more to read, the reader ends the record.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.output.resize(2 * self.output.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return None,
            }
        }
        self.lines.count(&self.input[start..self.at]);
        Some(Record { line, output: &self.output[..n_output], ends: &self.ends[..n_ends] })
    }
}

impl<'a> Record<'a> {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let (output, ends) = (self.output, self.ends);
        (0..ends.len()).map(move |at| &output[if at == 0 { 0 } else { ends[at - 1] }..ends[at]])
    }
}

pub(super) fn reader(separator: u8) -> Reader {
    ReaderBuilder::new().delimiter(separator).build()
}

pub(super) fn is_newline(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The number of a line, from 1, while bytes go by. Lines end with `\n`, `\r\n` or `\r`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines {
    pub(super) line: u64,
    last: u8,
}

impl Lines {
    pub(super) fn first() -> Lines {
        Lines { line: 1, last: 0 }
    }

    pub(super) fn count(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.line += u64::from(byte == b'\r' || byte == b'\n' && self.last != b'\r');
            self.last = byte;
        }
    }
}
