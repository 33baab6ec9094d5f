//! Which operation first gave a NaN or an infinity: the tape is replayed from the values that it keeps. How the finding
//! reads stands in `tape/blame.rs`.

use wengert_array::{Array, Census};

use super::blame::{Argument, Blame, NonFinite, Suspect};
use super::{Source, Tape};
use crate::Tensor;

impl Tape<'_> {
    /// The first operation that gave a NaN or an infinity, in order of execution; nothing if all values are finite.
    ///
    /// No mode has to be switched on: the values are those that the tape keeps for the derivatives, and the others are
    /// computed again from them, which takes about as long as computing the tensor did. While recording, no value is looked at.
    ///
    /// A value is found also where a later operation hides it, as [`select`](crate::Mask::select) does.
    ///
    /// # Examples
    /// ```
    /// use wengert_tensor::{Tape, Tensor};
    ///
    /// let x = Tensor::from([4.0, 1.0, -1.0]).tracked();
    /// let loss = x.sqrt().relu().sum();
    /// let culprit = Tape::of(&loss).first_nonfinite().unwrap();
    /// assert_eq!((culprit.operation, culprit.n_nan, culprit.n_infinite), ("sqrt", 1, 0));
    /// assert!(culprit.to_string().starts_with("sqrt: 1 of 3 elements is NaN"));
    /// ```
    pub fn first_nonfinite(&self) -> Option<NonFinite> {
        Replay::of(self).found.into_iter().next()
    }

    /// Every operation that gave a NaN or an infinity of its own, in order of execution, without those that only passed
    /// one on. It helps where some infinities are meant, such as those of an attention mask.
    pub fn nonfinite(&self) -> Vec<NonFinite> {
        Replay::of(self).found
    }

    /// Where the NaN or infinity in the tensor that this is the tape of came from.
    pub(crate) fn cause_of_nonfinite(&self) -> Option<NonFinite> {
        let mut replay = Replay::of(self);
        let cause = replay.causes.first().copied().flatten();
        cause.map(|cause| replay.found.swap_remove(cause))
    }
}

/// What is known of each entry, once all have been executed again.
pub(super) struct Replay {
    /// The values that an operation is still to read; nothing where one could not be computed.
    values: Vec<Option<Tensor>>,
    /// How many operations are still to read each value.
    n_readers: Vec<usize>,
    censuses: Vec<Option<Census>>,
    /// Which finding is behind an entry's NaN or infinity.
    causes: Vec<Option<usize>>,
    found: Vec<NonFinite>,
}

impl Replay {
    fn of(tape: &Tape<'_>) -> Replay {
        Replay::watched(tape, &mut |_, _| {})
    }

    /// Shows the value of each entry to `watch`, as far as it is known.
    pub(super) fn watched(tape: &Tape<'_>, watch: &mut dyn FnMut(usize, Option<&Tensor>)) -> Replay {
        let n = tape.len();
        let mut replay = Replay {
            values: vec![None; n],
            n_readers: tape.reader_counts(),
            censuses: vec![None; n],
            causes: vec![None; n],
            found: Vec::new(),
        };
        let kept = tape.kept_values();
        for index in (0..n).rev() {
            replay.execute(tape, index, kept[index]);
            watch(index, replay.values[index].as_ref());
        }
        replay
    }

    fn execute(&mut self, tape: &Tape<'_>, index: usize, kept: Option<&Array>) {
        let rule = &tape.entries[index].node.rule;
        let sources = tape.sources_of(index);
        let inputs: Vec<Option<Tensor>> =
            (0..sources.len()).map(|arg| self.input(tape, index, arg)).collect();
        let value = kept.cloned().map(Tensor::from).or_else(|| {
            let inputs: Option<Vec<&Tensor>> = inputs.iter().map(Option::as_ref).collect();
            inputs.map(|inputs| rule.replay(&inputs))
        });
        self.censuses[index] = value.as_ref().map(|value| value.array.census());
        if self.censuses[index].is_some_and(|census| !census.is_finite()) {
            self.judge(tape, index, &inputs);
        }
        self.values[index] = value;
        for source in sources {
            if let Source::Entry(source) = *source {
                self.let_go(source as usize);
            }
        }
    }

    fn input(&self, tape: &Tape<'_>, index: usize, arg: usize) -> Option<Tensor> {
        let rule = &tape.entries[index].node.rule;
        match tape.sources_of(index)[arg] {
            Source::Entry(source) => self.values[source as usize].clone(),
            _ => rule.has_input(arg).then(|| Tensor::from(rule.input(arg).clone())),
        }
    }

    fn let_go(&mut self, source: usize) {
        self.n_readers[source] -= 1;
        if self.n_readers[source] == 0 {
            self.values[source] = None;
        }
    }

    /// Decides where the NaN or infinity of an entry comes from.
    fn judge(&mut self, tape: &Tape<'_>, index: usize, inputs: &[Option<Tensor>]) {
        let sources = tape.sources_of(index);
        let census_of = |(arg, input): (usize, &Option<Tensor>)| match sources[arg] {
            Source::Entry(source) => self.censuses[source as usize],
            _ => input.as_ref().map(|input| input.array.census()),
        };
        let censuses: Vec<Option<Census>> = inputs.iter().enumerate().map(census_of).collect();
        let is_nan = self.censuses[index].is_some_and(|census| census.n_nan > 0);
        // A NaN may come of infinities, which is then this operation's doing.
        let explains = |census: &Census| if is_nan { census.n_nan > 0 } else { !census.is_finite() };
        let guilty = censuses.iter().position(|census| census.as_ref().is_some_and(explains));
        let blame = match guilty.map(|arg| (arg, sources[arg])) {
            Some((_, Source::Entry(source))) => {
                self.causes[index] = self.causes[source as usize];
                return;
            }
            Some(_) if tape.is_leaf(index) => Blame::Leaf,
            Some((arg, _)) => Blame::Argument(arg),
            None if censuses.iter().all(Option::is_some) => Blame::Operation,
            None => Blame::Unclear(self.suspects(tape, index)),
        };
        self.causes[index] = Some(self.found.len());
        self.found.push(self.finding(tape, index, blame, &censuses));
    }

    fn finding(&self, tape: &Tape<'_>, index: usize, blame: Blame, censuses: &[Option<Census>]) -> NonFinite {
        let node = tape.entries[index].node;
        let (output, census) = (node.rule.output(), self.censuses[index].unwrap_or_default());
        let argument = |(arg, &census): (usize, &Option<Census>)| Argument {
            shape: *node.rule.input(arg).shape(),
            census,
        };
        NonFinite {
            number: tape.len() - 1 - index,
            operation: node.rule.name(),
            site: node.site,
            shape: *output.shape(),
            dtype: output.dtype(),
            n_nan: census.n_nan,
            n_infinite: census.n_infinite,
            first: census.first_nonfinite.unwrap_or_default(),
            blame,
            arguments: censuses.iter().enumerate().map(argument).collect(),
        }
    }

    /// The operations that may have given it, and the arguments that may have held it: all that are not known, back to
    /// where values are; last first.
    fn suspects(&self, tape: &Tape<'_>, index: usize) -> Vec<Suspect> {
        let mut is_suspect = vec![false; tape.len()];
        is_suspect[index] = true;
        let mut suspects = Vec::new();
        for index in index..tape.len() {
            if !is_suspect[index] {
                continue;
            }
            let node = tape.entries[index].node;
            let suspect = |argument| Suspect { operation: node.rule.name(), argument, site: node.site };
            suspects.push(suspect(None));
            for (arg, source) in tape.sources_of(index).iter().enumerate() {
                match *source {
                    Source::Entry(source) => {
                        is_suspect[source as usize] |= self.censuses[source as usize].is_none();
                    }
                    _ if !node.rule.has_input(arg) => suspects.push(suspect(Some(arg))),
                    _ => {}
                }
            }
        }
        suspects
    }
}

impl Tape<'_> {
    /// The value of each entry, where the entry keeps it or one that reads it does.
    fn kept_values(&self) -> Vec<Option<&Array>> {
        let mut kept = vec![None; self.len()];
        if let Some(first) = kept.first_mut() {
            *first = self.root;
        }
        for (index, entry) in self.entries.iter().enumerate() {
            let rule = &entry.node.rule;
            for (arg, source) in self.sources_of(index).iter().enumerate() {
                if let Source::Entry(source) = *source
                    && rule.has_input(arg)
                {
                    kept[source as usize] = Some(rule.input(arg));
                }
            }
            if rule.has_output() {
                kept[index] = Some(rule.output());
            }
        }
        kept
    }

    fn reader_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.len()];
        for index in 0..self.len() {
            for source in self.sources_of(index) {
                if let Source::Entry(source) = *source {
                    counts[source as usize] += 1;
                }
            }
        }
        counts
    }
}
