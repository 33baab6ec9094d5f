//! The dependencies that a `Cargo.toml` lists, read line by line.
//!
//! This is not TOML in general: a dependency has one line, as everywhere in this repository.

/// A dependency, and where it stands.
#[derive(Debug, PartialEq)]
pub struct Dependency<'a> {
    /// The header that it stands under, such as `dev-dependencies`.
    pub section: &'a str,
    /// The name of the package.
    pub name: &'a str,
    /// The line, from 1.
    pub line: usize,
    /// What the line says after the name.
    pub rest: &'a str,
}

/// All dependencies of a manifest, of every section.
pub fn dependencies(manifest: &str) -> Vec<Dependency<'_>> {
    let mut section = "";
    let mut found = Vec::new();
    for (line, text) in (1..).zip(manifest.lines()) {
        if let Some(header) = text.strip_prefix('[') {
            section = header.split(']').next().unwrap_or_default();
            // `[dependencies.rand]` is a dependency over several lines; it has no line to judge.
            if let Some((section, name)) = section.rsplit_once("dependencies.") {
                found.push(Dependency { section, name, line, rest: "" });
            }
        } else if section.ends_with("dependencies")
            && let Some((name, rest)) = split_name(text)
        {
            found.push(Dependency { section, name, line, rest });
        }
    }
    found
}

/// The comment at the end of a line, without its `#`.
pub fn comment(line: &str) -> Option<&str> {
    let mut is_quoted = false;
    let start = line.find(|c| {
        is_quoted ^= c == '"';
        c == '#' && !is_quoted
    })?;
    Some(line[start + 1..].trim()).filter(|comment| !comment.is_empty())
}

fn split_name(line: &str) -> Option<(&str, &str)> {
    let end = line.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'))?;
    (end > 0).then(|| line.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_found_in_every_section() {
        let manifest = "[package]\nname = \"x\"\n\n[dependencies]\n# Why.\nrand.workspace = true\n\n\
                        [target.'cfg(unix)'.dev-dependencies]\nsyn = \"3\"\n[dependencies.quote]\nversion = \"1\"\n";
        let found: Vec<_> =
            dependencies(manifest).into_iter().map(|d| (d.section, d.name, d.line, d.rest)).collect();
        let expected = [
            ("dependencies", "rand", 6, ".workspace = true"),
            ("target.'cfg(unix)'.dev-dependencies", "syn", 9, " = \"3\""),
            ("", "quote", 10, ""),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_comment_is_not_in_quotes() {
        assert_eq!(comment("a = \"1\" # why"), Some("why"));
        assert_eq!(comment("a = \"1#2\""), None);
        assert_eq!(comment("a = \"1\" #"), None);
    }
}
