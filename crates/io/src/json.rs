//! What JSON parsers leave unchecked or take too much memory for: keys that stand twice in an object, and the members
//! of a long object one by one.
//!
//! Whether a text is JSON at all is left to the parser.

use std::collections::BTreeSet;

use crate::IoError;

/// Refuses a text in which an object has a key twice, or that is nested deeper than `most_levels`.
///
/// Two programs may read a doubled key differently, so that a file could show one what it hides from the other.
pub(crate) fn check(text: &str, place: &str, most_levels: usize) -> Result<(), IoError> {
    let mut open: Vec<BTreeSet<String>> = Vec::new();
    let mut start = 0;
    for (at, mark) in marks(text) {
        match mark {
            b'{' | b'[' if open.len() == most_levels => return Err(too_deep(place, most_levels)),
            b'{' | b'[' => open.push(BTreeSet::new()),
            b'}' | b']' => drop(open.pop()),
            b':' => insert_key(&mut open, &text[start..at], place)?,
            _ => {}
        }
        start = at + 1;
    }
    Ok(())
}

/// Hands out the name and the value of each member of an object, each name once. The value is as it is written; if
/// the handler accepts all of them as JSON, the text is a JSON object.
pub(crate) fn for_each_member(
    text: &str,
    place: &str,
    mut handle: impl FnMut(String, &str) -> Result<(), IoError>,
) -> Result<(), IoError> {
    let mut names = BTreeSet::new();
    for_each_pair(text, place, |name, value| {
        let name: String = serde_json::from_str(name)
            .map_err(|error| IoError::malformed(place, error, "expected a name"))?;
        if !names.insert(name.clone()) {
            return Err(twice(place, &name));
        }
        handle(name, value)
    })
}

/// The same with names as they are written.
fn for_each_pair(
    text: &str,
    place: &str,
    mut handle: impl FnMut(&str, &str) -> Result<(), IoError>,
) -> Result<(), IoError> {
    let malformed = |found: &str, expected: &str| IoError::malformed(place, found, expected);
    let inside = text.strip_prefix('{').and_then(|text| text.trim_end_matches(WHITESPACE).strip_suffix('}'));
    let inside = inside.ok_or_else(|| malformed(&begin_and_end(text), "expected `{` … `}`"))?;
    if inside.trim_matches(WHITESPACE).is_empty() {
        return Ok(());
    }
    let (mut depth, mut start, mut colon) = (0_usize, 0, None);
    for (at, mark) in marks(inside).chain([(inside.len(), b',')]) {
        match mark {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b':' if depth == 0 => colon = colon.or(Some(at)),
            b',' if depth == 0 || at == inside.len() => {
                let member = colon.take().map(|colon| (&inside[start..colon], &inside[colon + 1..at]));
                let (key, value) = member.ok_or_else(|| malformed("no name", "expected a name and `:`"))?;
                handle(key, value.trim_matches(WHITESPACE))?;
                start = at + 1;
            }
            _ => {}
        }
    }
    Ok(())
}

/// JSON's own; others are not allowed between its parts.
const WHITESPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Where the marks that give a JSON text its structure stand: those outside of strings.
fn marks(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let (mut is_inside, mut is_escaped) = (false, false);
    text.bytes().enumerate().filter(move |&(_, byte)| {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_inside,
            b'"' => is_inside = !is_inside,
            _ => return !is_inside && b"{}[]:,".contains(&byte),
        }
        false
    })
}

fn insert_key(open: &mut [BTreeSet<String>], key: &str, place: &str) -> Result<(), IoError> {
    // A key that is no JSON string is the parser's to refuse.
    if let (Some(keys), Ok(key)) = (open.last_mut(), serde_json::from_str::<String>(key))
        && let Some(key) = keys.replace(key)
    {
        return Err(twice(place, &key));
    }
    Ok(())
}

fn twice(place: &str, key: &str) -> IoError {
    IoError::malformed(place, format!("`{key}` stands twice"), "expected each name once")
}

fn too_deep(place: &str, most_levels: usize) -> IoError {
    let found = format!("more than {most_levels} levels of brackets");
    IoError::malformed(place, found, &format!("expected at most {most_levels}"))
}

fn begin_and_end(text: &str) -> String {
    const MOST_LETTERS: usize = 20;
    if text.chars().nth(MOST_LETTERS).is_none() {
        return format!("`{text}`");
    }
    let begin: String = text.chars().take(MOST_LETTERS / 2).collect();
    let end: Vec<char> = text.chars().rev().take(MOST_LETTERS / 2).collect();
    format!("`{begin}` … `{}`", end.iter().rev().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_text(text: &str, expected: Option<&str>) {
        let error = check(text, "header", 3).err().map(|error| error.to_string());
        let expected =
            expected.map(|row| format!("load: this is no valid safetensors file\n  header  {row}"));
        assert_eq!(error, expected, "{text}");
    }

    #[test]
    fn doubled_keys_and_deep_nesting_are_found() {
        let twice = "`a` stands twice   <- expected each name once";
        for text in [r#"{"a":1,"a":2}"#, r#"{"b":{"a":[1], "a" : 2}}"#, r#"{"a":1,"\u0061":2}"#] {
            check_text(text, Some(twice));
        }
        let deep = "more than 3 levels of brackets   <- expected at most 3";
        for text in ["[[[[", r#"{"a":{"b":{"c":{}}}}"#] {
            check_text(text, Some(deep));
        }
    }

    #[test]
    fn other_texts_pass() {
        for text in [
            "",
            r#"{"a":{"a":{"a":1}},"b":{"a":2}}"#,
            r#"{"a":"a:{[\"a\":","b":"\\"}"#,
            r#"[{"a":1},{"a":1}]"#,
            "}}]]::\"",
            "\"\\é\":",
            r#"{"a":1,"A":2,"":3}"#,
            r#"{"a":[],"a""#,
        ] {
            check_text(text, None);
        }
    }

    /// A text is accepted if all its keys and values are, exactly when the parser accepts the whole.
    #[test]
    fn members_together_are_the_object() {
        let pieces = ["{", "}", "[", "]", ":", ",", "\"a\"", " ", "\"", "\\"];
        for number in 0..10_usize.pow(6) {
            let text: String = (0..6).map(|place| pieces[number / 10_usize.pow(place) % 10]).collect();
            let text = format!("{{{text}");
            let mut n_members = 0;
            let result = for_each_member(&text, "header", |_, value| {
                n_members += 1;
                let is_json = serde_json::from_str::<serde_json::Value>(value).is_ok();
                if is_json { Ok(()) } else { Err(twice("", "")) }
            });
            let object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text).ok();
            assert_eq!(result.is_ok(), object.is_some(), "{text}");
            assert!(object.is_none_or(|object| object.len() == n_members), "{text}");
        }
    }
}
