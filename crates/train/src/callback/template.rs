//! Names of files with numbers in them, such as `{epoch:02}-{val_loss:.2}.safetensors`.

/// A text with places for the number of the epoch and for values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Field(Field),
}

/// A number: `{name}` or `{name:format}`.
#[derive(Clone, Debug, PartialEq)]
struct Field {
    name: String,
    width: usize,
    is_padded_with_zeros: bool,
    precision: Option<usize>,
}

impl Template {
    /// Reads a template. `{{` and `}}` are braces.
    pub(super) fn parse(text: &str) -> Result<Template, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(place) = rest.find(['{', '}']) {
            literal.push_str(&rest[..place]);
            let brace = &rest[place..=place];
            rest = &rest[place + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                literal.push_str(brace);
                rest = after;
                continue;
            }
            let end = rest.find('}').filter(|_| brace == "{");
            let end = end.ok_or_else(|| format!("`{brace}` stands alone in {text:?}"))?;
            parts.push(Part::Text(std::mem::take(&mut literal)));
            parts.push(Part::Field(Field::parse(&rest[..end])?));
            rest = &rest[end + 1..];
        }
        parts.push(Part::Text(literal + rest));
        Ok(Template { parts })
    }

    /// The first name that is none of those given.
    pub(super) fn unknown(&self, is_known: impl Fn(&str) -> bool) -> Option<&str> {
        self.parts.iter().find_map(|part| match part {
            Part::Field(field) if !is_known(&field.name) => Some(field.name.as_str()),
            _ => None,
        })
    }

    /// The text with numbers filled in; those that are not there are NaN.
    pub(super) fn fill(&self, number: impl Fn(&str) -> Option<f64>) -> String {
        let filled = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Field(field) => field.write(number(&field.name).unwrap_or(f64::NAN)),
        };
        self.parts.iter().map(filled).collect()
    }
}

impl Field {
    fn parse(text: &str) -> Result<Field, String> {
        let (name, format) = text.split_once(':').unwrap_or((text, ""));
        let malformed =
            || format!("the format of `{{{text}}}` is not understood, expected such as `02` or `.4`");
        // Python's letters for whole and decimal numbers, which the value says already.
        let format = format.strip_suffix(['d', 'f']).unwrap_or(format);
        let (width, precision) = format.split_once('.').map_or((format, None), |(w, p)| (w, Some(p)));
        let is_padded_with_zeros = width.len() > 1 && width.starts_with('0');
        let parsed = |digits: &str| digits.parse::<u8>().map(usize::from).map_err(|_| malformed());
        Ok(Field {
            name: name.to_string(),
            width: if width.is_empty() { 0 } else { parsed(width)? },
            is_padded_with_zeros,
            precision: precision.map(parsed).transpose()?,
        })
    }

    fn write(&self, number: f64) -> String {
        let width = self.width;
        match (self.is_padded_with_zeros, self.precision) {
            (true, Some(precision)) => format!("{number:0width$.precision$}"),
            (false, Some(precision)) => format!("{number:width$.precision$}"),
            (true, None) => format!("{number:0width$}"),
            (false, None) => format!("{number:width$}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, String> {
        let number = |name: &str| match name {
            "epoch" => Some(7.0),
            "val_loss" => Some(0.123_45),
            _ => None,
        };
        Template::parse(text).map(|template| template.fill(number))
    }

    #[test]
    fn numbers_are_filled_in() {
        for (text, expected) in [
            ("plain", "plain"),
            ("{epoch:02}-{val_loss:.2}.safetensors", "07-0.12.safetensors"),
            ("{epoch:02d}-{val_loss:.2f}", "07-0.12"),
            ("{epoch}", "7"),
            ("{epoch:3}", "  7"),
            ("{val_loss:08.3}", "0000.123"),
            ("{{{epoch}}}", "{7}"),
            ("{other:.1}", "NaN"),
            ("ä{epoch}ü", "ä7ü"),
        ] {
            assert_eq!(filled(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_malformed_is_said() {
        for (text, message) in [
            ("a{epoch", "`{` stands alone in \"a{epoch\""),
            ("a}b", "`}` stands alone in \"a}b\""),
            ("{epoch:x}", "the format of `{epoch:x}` is not understood, expected such as `02` or `.4`"),
            ("{epoch:.}", "the format of `{epoch:.}` is not understood, expected such as `02` or `.4`"),
            ("{epoch:999}", "the format of `{epoch:999}` is not understood, expected such as `02` or `.4`"),
        ] {
            assert_eq!(filled(text), Err(message.to_string()));
        }
    }

    #[test]
    fn names_that_are_not_there_are_found() {
        let template = Template::parse("{epoch}-{loss}-{other}-{more}").expect("a template");
        assert_eq!(template.unknown(|name| name == "epoch" || name == "loss"), Some("other"));
        assert_eq!(template.unknown(|_| true), None);
    }
}
