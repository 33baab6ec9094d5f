//! The printed form of a tape: a line for each operation, in order of execution.

use std::fmt;

use super::{Source, Tape};

impl fmt::Display for Tape<'_> {
    /// Number, operation, shape, dtype, inputs, and the line of the program that asked for it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, index) in (0..self.entries.len()).rev().enumerate() {
            let node = self.entries[index].node;
            let output = node.rule.output();
            let shape = output.shape().to_string();
            let inputs = self.inputs(index);
            writeln!(
                f,
                "{number:>4}  {:<16} {shape:<16} {}  {inputs:<20} {}:{}",
                node.rule.name(),
                output.dtype(),
                node.site.file(),
                node.site.line(),
            )?;
        }
        Ok(())
    }
}

impl fmt::Debug for Tape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tape of {} operations\n{self}", self.len())
    }
}

impl Tape<'_> {
    fn inputs(&self, index: usize) -> String {
        let sources: Vec<String> = self.sources_of(index).iter().map(|&source| self.label(source)).collect();
        if sources.iter().all(|label| label == "·") {
            String::new()
        } else {
            format!("({})", sources.join(", "))
        }
    }

    /// The number that an input has on the printed tape, which begins with the first operation.
    fn label(&self, source: Source<'_>) -> String {
        match source {
            Source::Untracked | Source::Waiting(_) => "·".to_string(),
            Source::Outer => "outer".to_string(),
            Source::Entry(index) => (self.entries.len() - 1 - index as usize).to_string(),
        }
    }
}
