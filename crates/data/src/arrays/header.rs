//! Sizes that a file states, checked before anything is done with them.

use wengert_tensor::Shape;

use crate::Element;
use crate::files::FileError;

/// A shape of these sizes, whose numbers are to stand in so many bytes.
///
/// The bytes are compared first: a file that claims more than it holds is damaged, whatever else it claims.
pub(crate) fn counted(
    format: &'static str,
    sizes: &[u64],
    element: Element,
    n_bytes: usize,
) -> Result<Shape, FileError> {
    let size_of = element.size_of() as u64;
    let n_stated = sizes.iter().try_fold(size_of, |n, &size| n.checked_mul(size));
    let is_held = n_stated.is_some_and(|n_stated| n_stated <= n_bytes as u64);
    // A size of 0 makes the product small, whatever the others are.
    let sizes_here: Option<Vec<usize>> = sizes.iter().map(|&size| usize::try_from(size).ok()).collect();
    let Some(sizes_here) = sizes_here.filter(|_| is_held) else {
        let expected = match n_stated {
            Some(n) => format!("expected {n} for {element} {sizes:?}"),
            None => format!("expected more than can be counted for {element} {sizes:?}"),
        };
        return Err(FileError::cut_off(format, format!("{n_bytes} bytes of numbers"), expected));
    };
    Shape::try_new(&sizes_here).map_err(|mismatch| {
        let note = mismatch.rows.into_iter().find_map(|(_, _, note)| note);
        FileError::unsupported(format, "shape", format!("{sizes:?}"), note.unwrap_or(mismatch.title))
    })
}
