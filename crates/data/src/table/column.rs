//! The cells of a column, and what they are: found out from the texts of the file.

/// A column of a table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) cells: Cells,
}

/// The cells of a column, of one kind.
#[derive(Clone, Debug)]
pub(super) enum Cells {
    /// NaN where one is missing.
    Numbers(Vec<f64>),
    Booleans(Vec<Option<bool>>),
    Texts(Vec<Option<Box<str>>>),
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// Numbers, or nothing but missing cells.
    Number,
    /// `true` and `false`, in small or capital letters.
    Boolean,
    /// Anything else, such as names of categories.
    Text,
}

impl Cells {
    pub(super) fn kind(&self) -> ColumnKind {
        match self {
            Cells::Numbers(_) => ColumnKind::Number,
            Cells::Booleans(_) => ColumnKind::Boolean,
            Cells::Texts(_) => ColumnKind::Text,
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Cells::Numbers(numbers) => numbers.len(),
            Cells::Booleans(flags) => flags.len(),
            Cells::Texts(texts) => texts.len(),
        }
    }

    pub(super) fn is_missing(&self, row: usize) -> bool {
        match self {
            Cells::Numbers(numbers) => numbers[row].is_nan(),
            Cells::Booleans(flags) => flags[row].is_none(),
            Cells::Texts(texts) => texts[row].is_none(),
        }
    }

    pub(super) fn n_missing(&self) -> usize {
        (0..self.len()).filter(|&row| self.is_missing(row)).count()
    }

    /// Numbers, with 1 and 0 for booleans, and NaN for what is missing or a text.
    pub(super) fn numbers(&self) -> Vec<f64> {
        match self {
            Cells::Numbers(numbers) => numbers.clone(),
            Cells::Booleans(flags) => flags.iter().map(|flag| flag.map_or(f64::NAN, f64::from)).collect(),
            Cells::Texts(texts) => vec![f64::NAN; texts.len()],
        }
    }

    pub(super) fn select(&self, places: impl Iterator<Item = usize>) -> Cells {
        match self {
            Cells::Numbers(numbers) => Cells::Numbers(places.map(|place| numbers[place]).collect()),
            Cells::Booleans(flags) => Cells::Booleans(places.map(|place| flags[place]).collect()),
            Cells::Texts(texts) => Cells::Texts(places.map(|place| texts[place].clone()).collect()),
        }
    }
}

/// How the texts of cells are read.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) missing: Vec<String>,
    pub(super) has_decimal_comma: bool,
}

impl Reading {
    /// The cells of a column: numbers if all are, booleans if all are, and texts otherwise.
    pub(super) fn cells(&self, texts: &Texts) -> Cells {
        let present = |text: &str| !self.is_missing(text);
        if let Some(numbers) =
            all(texts, |text| if present(text) { self.number(text) } else { Some(f64::NAN) })
        {
            return Cells::Numbers(numbers);
        }
        if let Some(flags) =
            all(texts, |text| if present(text) { boolean(text).map(Some) } else { Some(None) })
        {
            return Cells::Booleans(flags);
        }
        self.texts(texts)
    }

    /// The cells of a column as texts, whatever they look like.
    pub(super) fn texts(&self, texts: &Texts) -> Cells {
        Cells::Texts(texts.iter().map(|text| (!self.is_missing(text)).then(|| text.into())).collect())
    }

    fn is_missing(&self, text: &str) -> bool {
        let text = text.trim();
        self.missing.iter().any(|missing| missing == text)
    }

    fn number(&self, text: &str) -> Option<f64> {
        let text = text.trim();
        if self.has_decimal_comma && !text.contains('.') {
            return number(&text.replacen(',', ".", 1));
        }
        number(text)
    }
}

fn all<T>(texts: &Texts, convert: impl FnMut(&str) -> Option<T>) -> Option<Vec<T>> {
    texts.iter().map(convert).collect()
}

pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// Texts in one piece of memory, because a text of its own for each cell would take many times as much.
#[derive(Default)]
pub(super) struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|at| &self.text[if at == 0 { 0 } else { self.ends[at - 1] }..self.ends[at]])
    }
}
