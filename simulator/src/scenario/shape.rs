//! What a value of a scenario file can be: for editors, which complete and check.

/// The shape of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A text.
    Text,
    /// A whole number from 0 up.
    Whole,
    /// A number between bounds, if there are any.
    Number(Option<(f64, f64)>),
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Words(Vec<&'static str>),
    /// A list of values of one shape.
    List(Box<Self>),
    /// A table of the file, by its header.
    Table(&'static str),
    /// One of several.
    Either(Vec<Self>),
    /// A table with keys of its own, of which no other table has any.
    Keyed(Vec<(&'static str, Self)>),
}

impl Shape {
    /// A list of this.
    pub(crate) fn list_of(item: Self) -> Self {
        Self::List(Box::new(item))
    }
}
