//! The article's text: the element that holds it, the removal of boilerplate, and the output.
//!
//! Owns text, pictures and files. Never reads a field.

pub(super) mod assemble;
pub(super) mod attachments;
pub(super) mod called_files;
pub(super) mod captions;
pub(super) mod clean;
pub(super) mod container;
pub(super) mod content;
pub(super) mod density;
pub(super) mod footer;
pub(super) mod formula;
pub(super) mod goes_on;
pub(super) mod hidden;
pub(super) mod locate;
pub(super) mod markup;
pub(super) mod media;
pub(super) mod noscript;
pub(super) mod pictures;
mod settled;
pub(super) mod sources;
