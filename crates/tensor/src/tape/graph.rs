//! A tape as boxes and arrows, for those who draw it: `tape/dot.rs` for Graphviz, `tape/svg.rs` by itself.

use super::{Source, Tape};

/// What is drawn of a tape.
pub(super) struct Graph {
    pub(super) boxes: Vec<Item>,
    pub(super) arrows: Vec<Arrow>,
}

/// A box: an operation or what goes into one.
pub(super) struct Item {
    /// A word without spaces: the number of the operation on the printed tape and, for what is no operation, of the
    /// argument.
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) lines: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Operation,
    Leaf,
    /// The tensor whose tape it is.
    Result,
    /// An input that is not tracked: data or a number.
    Untracked,
    /// An input that was tracked before the call that the tape belongs to.
    Outer,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Operation => "operation",
            Kind::Leaf => "leaf",
            Kind::Result => "result",
            Kind::Untracked => "untracked",
            Kind::Outer => "outer",
        }
    }

    pub(super) fn fill(self) -> &'static str {
        match self {
            Kind::Operation => "#ffffff",
            Kind::Leaf => "#dcebff",
            Kind::Result => "#ffe9c7",
            Kind::Untracked | Kind::Outer => "#f2f2f2",
        }
    }
}

/// From one box to argument `arg` of `n_args` of another.
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) arg: usize,
    pub(super) n_args: usize,
}

impl Graph {
    /// In order of execution, each operation after what goes into it.
    pub(super) fn of(tape: &Tape<'_>) -> Graph {
        let mut graph = Graph { boxes: Vec::new(), arrows: Vec::new() };
        let mut places = vec![0; tape.len()];
        for index in (0..tape.len()).rev() {
            let is_leaf = tape.is_leaf(index);
            let inputs: Vec<usize> = if is_leaf { Vec::new() } else { graph.inputs(tape, index, &places) };
            places[index] = graph.boxes.len();
            for (arg, &from) in inputs.iter().enumerate() {
                graph.arrows.push(Arrow { from, to: places[index], arg, n_args: inputs.len() });
            }
            graph.boxes.push(operation(tape, index, is_leaf));
        }
        graph
    }

    /// The boxes of an operation's inputs; those that are no operations are made here.
    fn inputs(&mut self, tape: &Tape<'_>, index: usize, places: &[usize]) -> Vec<usize> {
        let rule = &tape.entries[index].node.rule;
        let mut inputs = Vec::new();
        for (arg, source) in tape.sources_of(index).iter().enumerate() {
            if let Source::Entry(source) = *source {
                inputs.push(places[source as usize]);
                continue;
            }
            let (x, is_outer) = (rule.input(arg), matches!(source, Source::Outer));
            let number = (x.size() == 1 && rule.has_input(arg)).then(|| x.item().to_string());
            let kind = if is_outer { Kind::Outer } else { Kind::Untracked };
            let title = number.unwrap_or_else(|| if is_outer { "outer" } else { "data" }.to_string());
            inputs.push(self.boxes.len());
            self.boxes.push(Item {
                id: format!("{}_{arg}", tape.number(index)),
                kind,
                lines: vec![title, format!("{} {}", x.shape(), x.dtype())],
            });
        }
        inputs
    }
}

fn operation(tape: &Tape<'_>, index: usize, is_leaf: bool) -> Item {
    let node = tape.entries[index].node;
    let output = node.rule.output();
    let kind = match (is_leaf, index) {
        (true, _) => Kind::Leaf,
        (false, 0) => Kind::Result,
        _ => Kind::Operation,
    };
    Item {
        id: tape.number(index).to_string(),
        kind,
        lines: vec![
            format!("{} {}", tape.number(index), node.rule.name()),
            format!("{} {}", output.shape(), output.dtype()),
            format!("{}:{}", node.site.file(), node.site.line()),
        ],
    }
}

impl Tape<'_> {
    /// The number of an entry on the printed tape.
    fn number(&self, index: usize) -> usize {
        self.len() - 1 - index
    }
}
