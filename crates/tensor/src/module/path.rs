//! The name of a part of a model, built on the stack during a walk.

use std::fmt;

/// Where a walk over a model is: `hidden.weight`, `layers.2.bias`.
///
/// # Examples
/// ```
/// use wengert_tensor::module::Path;
/// assert_eq!(Path::root().field("layers").index(2).field("bias").to_string(), "layers.2.bias");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    segment: Segment<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Segment<'a> {
    Root,
    Field(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    /// The whole model, whose name is empty.
    pub const fn root() -> Path<'static> {
        Path { parent: None, segment: Segment::Root }
    }

    /// The part of this name.
    pub const fn field(&'a self, name: &'a str) -> Path<'a> {
        Path { parent: Some(self), segment: Segment::Field(name) }
    }

    /// The part at this place of a list.
    pub const fn index(&'a self, index: usize) -> Path<'a> {
        Path { parent: Some(self), segment: Segment::Index(index) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent.filter(|parent| parent.parent.is_some()) {
            write!(f, "{parent}.")?;
        }
        match self.segment {
            Segment::Root => Ok(()),
            Segment::Field(name) => f.write_str(name),
            Segment::Index(index) => write!(f, "{index}"),
        }
    }
}
