//! The words of the house: article, change, column name, field, instant.
//!
//! Owns the types that more than one room speaks of, among them the JSON that is published
//! ([`Article`], [`Change`]). Never reads a page, a file, a clock or a database.

mod article;
mod change;
mod field;
mod index_number;
mod name;
mod time;

pub use article::{Article, Attachment, Body, Image, Metadata, content_sha256};
pub use change::{Change, ChangeKind};
pub use field::{Field, Provenance};
pub use index_number::IndexNumber;
pub use name::{ColumnName, NameError};
pub use time::{CHINA, Clock, Instant};
