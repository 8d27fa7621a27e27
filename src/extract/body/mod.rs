//! The article's text: which element holds it, what is removed from it, and how it is written out.
//!
//! Owns text, pictures and files. Never reads a field.

pub(in crate::extract) mod attachments;
pub(in crate::extract) mod captions;
pub(in crate::extract) mod clean;
pub(in crate::extract) mod container;
pub(in crate::extract) mod content;
pub(in crate::extract) mod density;
pub(in crate::extract) mod foot;
pub(in crate::extract) mod locate;
pub(in crate::extract) mod markup;
pub(in crate::extract) mod pictures;
