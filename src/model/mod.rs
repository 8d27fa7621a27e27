//! The words of the house: article, change, column name, field, instant.
//!
//! Owns the types that more than one room speaks of, among them the JSON that is published
//! ([`Article`], [`Change`]). Never reads a page, a file, a clock or a database.

mod article;
mod change;
mod disk;
mod field;
mod index_number;
mod name;
mod picture;
mod sha256;
mod time;
mod verdict;

pub use article::{Article, Attachment, Body, Image, Metadata, content_sha256};
pub use change::{Change, ChangeKind};
pub use disk::{DISK_FULL, is_disk_full, is_read_only};
pub use field::{Field, Provenance};
pub use index_number::IndexNumber;
pub use name::{ColumnName, NameError};
pub use picture::{Picture, PictureKind};
pub use sha256::sha256_hex;
pub use time::{CHINA, Clock, Instant};
pub use verdict::Verdict;
