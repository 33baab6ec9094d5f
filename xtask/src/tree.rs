//! The files of the repository, as the rules see them.
//!
//! Nothing here knows a rule.

use std::path::Path;
use std::{fs, io};

/// A text file.
pub struct File {
    /// Its path from the root, with `/` on every system.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// All text files of a repository, sorted by path.
pub struct Tree {
    files: Vec<File>,
}

impl Tree {
    /// Reads all text files under `root`, but for what is in folders named `target` or `.git`.
    pub fn read(root: &Path) -> io::Result<Tree> {
        let mut files = Vec::new();
        read_folder(root, "", &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Tree { files })
    }

    /// A tree of the given paths and texts.
    pub fn of(files: &[(&str, &str)]) -> Tree {
        let file = |&(path, text): &(&str, &str)| File { path: path.to_string(), text: text.to_string() };
        Tree { files: files.iter().map(file).collect() }
    }

    /// All files.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The Rust files.
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// The manifests of the members of the workspace.
    pub fn manifests(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with("/Cargo.toml"))
    }
}

impl File {
    /// The lines, counted from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// The folder of a crate in `crates/` that this file belongs to.
    pub fn crate_folder(&self) -> Option<&str> {
        Some(self.path.strip_prefix("crates/")?.split_once('/')?.0)
    }
}

fn read_folder(folder: &Path, prefix: &str, files: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() && name != "target" && name != ".git" {
            read_folder(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file()
            && let Some(text) = text_of(fs::read(entry.path())?)
        {
            files.push(File { path, text });
        }
    }
    Ok(())
}

fn text_of(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_read_without_what_is_built_or_binary() {
        let tree = Tree::read(crate::root()).expect("the repository can be read");
        let has = |path: &str| tree.files().iter().any(|file| file.path == path);
        assert!(has("Cargo.toml") && has("xtask/src/tree.rs") && has(".ci/run"));
        assert!(!has("crates/data/src/digits/digits.bin"), "binary");
        assert!(
            !tree
                .files()
                .iter()
                .any(|file| file.path.split('/').any(|part| part == "target" || part == ".git"))
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_left_out() {
        assert_eq!(text_of(vec![b'a', 0]), None);
        assert_eq!(text_of(vec![0xff]), None);
        assert_eq!(text_of(vec![b'a']), Some("a".to_string()));
    }

    #[test]
    fn a_file_knows_its_crate() {
        let tree = Tree::of(&[("crates/nn/src/lib.rs", ""), ("examples/a.rs", ""), ("crates/a", "")]);
        let folders: Vec<_> = tree.files().iter().map(File::crate_folder).collect();
        assert_eq!(folders, [Some("nn"), None, None]);
    }
}
