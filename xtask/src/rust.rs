//! Just enough of Rust's grammar to tell code from comments and strings.
//!
//! No types and no names are resolved here.

/// A word (a name, a keyword or a number) or a single other character of code.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Token<'a> {
    /// The line, from 1.
    pub line: usize,
    /// The word or the character.
    pub text: &'a str,
}

/// The text with all comments and literals made blank. Lines stay where they are.
pub fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        match end_of_blank(&chars, at) {
            Some(end) => {
                code.extend(chars[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
                at = end;
            }
            None => {
                code.push(chars[at]);
                at += 1;
            }
        }
    }
    code
}

/// Code with the bodies of its `#[cfg(test)]` items made blank.
pub fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let Some(start) = code.find(MARK) else { return code.to_string() };
    let rest = &code[start + MARK.len()..];
    let body = rest.find(['{', ';']).unwrap_or(rest.len());
    let length = body + length_of_group(&rest[body..]);
    let blank: String = rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
    format!("{}{blank}{}", &code[..start], without_tests(&rest[length..]))
}

/// The words and other characters of code.
pub fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (line, text) in (1..).zip(code.lines()) {
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let end = match rest.find(|c| !is_word(c)).unwrap_or(rest.len()) {
                0 => first.len_utf8(),
                end => end,
            };
            tokens.push(Token { line, text: &rest[..end] });
            rest = rest[end..].trim_start();
        }
    }
    tokens
}

/// Whether a character can be part of a name.
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The end of the comment or literal that begins here, if one does.
fn end_of_blank(chars: &[char], at: usize) -> Option<usize> {
    let is_inside_word = at > 0 && is_word(chars[at - 1]);
    match (chars[at], chars.get(at + 1)) {
        ('/', Some('/')) => Some(position(chars, at, |c| c == '\n')),
        ('/', Some('*')) => Some(end_of_block_comment(chars, at)),
        ('"', _) => Some(end_of_quoted(chars, at, '"')),
        // A lifetime is followed by no quote: 'a against 'a'.
        ('\'', Some('\\')) => Some(end_of_quoted(chars, at, '\'')),
        ('\'', _) if chars.get(at + 2) == Some(&'\'') => Some(at + 3),
        ('r', Some('"' | '#')) if !is_inside_word => end_of_raw_string(chars, at + 1),
        ('b' | 'c', Some('r')) if !is_inside_word => end_of_raw_string(chars, at + 2),
        _ => None,
    }
}

fn end_of_block_comment(chars: &[char], start: usize) -> usize {
    let mut depth = 0;
    let mut at = start;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => depth += 1,
            ('*', Some('/')) => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    chars.len()
}

fn end_of_quoted(chars: &[char], start: usize, quote: char) -> usize {
    let mut at = start + 1;
    while at < chars.len() && chars[at] != quote {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

/// The end of `##"..."##`, if what begins here is that and no raw name (`r#type`).
fn end_of_raw_string(chars: &[char], start: usize) -> Option<usize> {
    let open = position(chars, start, |c| c != '#');
    let hashes = open - start;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let closes = |&at: &usize| {
        chars[at] == '"' && chars[at + 1..].iter().take(hashes).filter(|&&c| c == '#').count() == hashes
    };
    Some((open + 1..chars.len()).find(closes).map_or(chars.len(), |at| at + 1 + hashes))
}

fn position(chars: &[char], start: usize, found: impl Fn(char) -> bool) -> usize {
    (start..chars.len()).find(|&at| found(chars[at])).unwrap_or(chars.len())
}

/// The bytes of a `{..}` that the text begins with, or of its first character.
fn length_of_group(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth == 0 {
            return at + c.len_utf8();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let code = code(text);
        assert_eq!(code.lines().count(), text.lines().count());
        assert_eq!(tokens(&code).iter().map(|token| token.text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn comments_are_blank() {
        check("a // b\nc /* d /* e\n */ f */ g", &["a", "c", "g"]);
        check("/// doc `b`\n//! c\nd", &["d"]);
    }

    #[test]
    fn literals_are_blank() {
        check(r#"a "b \" c" d"#, &["a", "d"]);
        check("a r#\"b \" c\"# d br\"e\" r##\"\"#\"## f", &["a", "d", "f"]);
        check(r"a 'b' '\'' '\\' '\u{1F600}' c", &["a", "c"]);
        check("a \"b", &["a"]);
    }

    #[test]
    fn lifetimes_and_raw_names_are_code() {
        check("&'a r#type", &["&", "'", "a", "r", "#", "type"]);
        check("for<'a> 'b: loop", &["for", "<", "'", "a", ">", "'", "b", ":", "loop"]);
    }

    #[test]
    fn tokens_know_their_lines() {
        let lines: Vec<_> = tokens("a\n\n  b c").iter().map(|token| (token.line, token.text)).collect();
        assert_eq!(lines, [(1, "a"), (3, "b"), (3, "c")]);
    }

    #[test]
    fn bodies_of_tests_are_blank() {
        let code = "a\n#[cfg(test)]\nmod tests {\n fn f() { b }\n}\nc #[cfg(test)] mod d; e";
        let left = without_tests(code);
        assert_eq!(left.split_whitespace().collect::<Vec<_>>(), ["a", "c", "e"]);
        assert_eq!(left.lines().count(), code.lines().count());
    }
}
