//! The article's text: which element holds it, what is removed from it, and how it is written out.
//!
//! Owns text, pictures and files. Never reads a field.

pub(super) mod attachments;
pub(super) mod captions;
pub(super) mod clean;
pub(super) mod container;
pub(super) mod content;
pub(super) mod density;
pub(super) mod footer;
pub(super) mod locate;
pub(super) mod markup;
pub(super) mod pictures;
