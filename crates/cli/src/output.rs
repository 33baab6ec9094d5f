//! What the program writes: to the standard output, and to files that are whole or not there.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use wengert::io::write_whole;
use wengert::train::save_picture;

use crate::failure::Failure;

/// Writes to the standard output.
pub(crate) fn print(bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    let written = output.write_all(bytes.as_ref()).and_then(|()| output.flush());
    written.map_err(|error| Failure::of_output(&error))
}

/// Says something that is no result: on the standard error.
pub(crate) fn remark(kind: &str, text: &str) {
    let _ = writeln!(io::stderr(), "{kind}: {}", crate::failure::advised(text));
}

/// Writes to a file, or to the standard output where none is named or its name is `-`.
pub(crate) fn write(path: Option<&Path>, bytes: &[u8]) -> Result<(), Failure> {
    match file(path) {
        Some(path) => Ok(write_whole(path, bytes)?),
        None => print(bytes),
    }
}

/// How the name of a picture may end.
pub(crate) const PICTURES: &[&str] = if cfg!(feature = "png") { &["svg", "png"] } else { &["svg"] };

/// Writes a picture to a file that [`check`] has let pass, as its ending says.
pub(crate) fn draw(path: &Path, svg: &str) -> Result<(), Failure> {
    save_picture(svg, path).map_err(|error| Failure::Work(error.to_string()))
}

/// The file that is named.
pub(crate) fn file(path: Option<&Path>) -> Option<&Path> {
    path.filter(|path| path.as_os_str() != "-")
}

/// A file that is to be written when the work is done: the argument that names it, its name, and the endings that it may have.
pub(crate) struct Planned<'a> {
    pub(crate) argument: &'static str,
    pub(crate) path: &'a Path,
    pub(crate) endings: &'static [&'static str],
}

/// Refuses before the work begins what could not be written after it, or would replace what is there.
pub(crate) fn check(planned: &[Planned<'_>], may_replace: bool) -> Result<(), Failure> {
    let mut known: Vec<(&str, PathBuf)> = Vec::new();
    for Planned { argument, path, endings } in planned {
        let named = format!("{argument} {}", path.display());
        let ending =
            path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        if !endings.is_empty() && !endings.contains(&ending.as_str()) {
            let expected = endings.iter().map(|ending| format!(".{ending}")).collect::<Vec<_>>().join(" or ");
            let help = if ending == "png" && *endings == PICTURES {
                "\n  help: a program installed with `--features png` draws them"
            } else {
                ""
            };
            return Err(Failure::Usage(format!("`{named}`: expected a name that ends in {expected}{help}")));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.canonicalize().map_err(|error| {
            let folder = folder.display();
            Failure::Work(format!(
                "the folder of `{named}` cannot be written to\n  folder  {folder}\n  reason  {error}"
            ))
        })?;
        let place = folder.join(path.file_name().unwrap_or_default());
        if let Some((other, _)) = known.iter().find(|(_, known)| *known == place) {
            return Err(Failure::Usage(format!(
                "`{other}` and `{argument}` name the same file, {}",
                path.display()
            )));
        }
        if path.is_dir() {
            return Err(Failure::Work(format!("`{named}` is a folder, expected a file")));
        }
        if path.exists() && !may_replace {
            let help = "`--force` replaces it";
            return Err(Failure::Work(format!("there is a file already: `{named}`\n  help: {help}")));
        }
        known.push((argument, place));
    }
    Ok(())
}

/// A line of CSV.
pub(crate) fn csv_line(cells: impl Iterator<Item = String>, separator: char) -> String {
    let quoted = |cell: String| {
        if cell.contains([separator, '"', '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell
        }
    };
    let cells: Vec<String> = cells.map(quoted).collect();
    cells.join(&separator.to_string()) + "\n"
}

#[cfg(test)]
mod tests {
    use super::csv_line;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let cells = ["a", "b,c", "say \"x\"", "two\nlines", ""].map(String::from);
        assert_eq!(csv_line(cells.clone().into_iter(), ','), "a,\"b,c\",\"say \"\"x\"\"\",\"two\nlines\",\n");
        assert_eq!(csv_line(cells.into_iter().take(2), ';'), "a;b,c\n");
    }
}
