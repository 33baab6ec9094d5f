//! Axes of a batch, of which axis 0 counts the rows, as they lie in one row.

use wengert_tensor::{Mismatch, Shape};

/// The places in a row of the axes of a batch, ascending.
///
/// # Errors
/// If an axis is not one of a row, or is named twice.
pub(crate) fn in_row(axes: &[isize], row: &Shape) -> Result<Vec<usize>, Mismatch> {
    let mut places = Vec::new();
    for &axis in axes {
        let place = place_in_row(axis, row)?;
        if places.contains(&place) {
            return Err(Mismatch::new(format!("axis {axis} is named twice")).row("row", row));
        }
        places.push(place);
    }
    places.sort_unstable();
    Ok(places)
}

/// The place in a row of one axis of a batch.
///
/// # Errors
/// If there is no such axis, or it is the one that counts the rows.
pub(crate) fn place_in_row(axis: isize, row: &Shape) -> Result<usize, Mismatch> {
    let n_axes = row.len() as isize + 1;
    match if axis < 0 { axis + n_axes } else { axis } {
        place if (1..n_axes).contains(&place) => Ok(place as usize - 1),
        0 => Err(Mismatch::new(format!("axis {axis} counts the rows")).row("row", row)),
        _ => Err(Mismatch::new(format!("axis {axis} does not exist"))
            .row("row", row)
            .note(format!("rows of a batch of {n_axes} axes"))),
    }
}

/// The refusal of rows of another shape.
pub(crate) fn other_rows(row: &Shape, expected: impl std::fmt::Display) -> Mismatch {
    Mismatch::new("the layer takes other rows").row("row", row).note(format!("expected {expected}"))
}
