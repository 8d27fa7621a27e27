//! The shared types: article, change, column name, field, timestamp.
//!
//! Owns the types that several rooms use, among them those of the published JSON ([`Article`],
//! [`Change`]). Never reads a page, a file or a database.

mod article;
mod backoff;
mod body;
mod change;
mod damaged_row;
mod disk;
mod field;
mod file_copy;
mod file_entry;
mod file_format;
mod index_number;
mod kept_file;
mod list_row;
mod log_list;
mod name;
mod pause;
mod region;
mod sha256;
mod status;
mod time;
mod verdict;
mod web_address;

pub use article::{Article, Metadata, content_sha256};
pub use backoff::backoff;
pub use body::{Attachment, Body, ContentKind, Image};
pub use change::{Change, ChangeKind, WrittenChange};
pub use damaged_row::DamagedRow;
pub use disk::{DISK_FULL, inode, is_disk_full, is_read_only, megabytes};
pub use field::{Field, Provenance};
pub use file_copy::{FileCopy, FileRole};
pub use file_entry::FileEntry;
pub use file_format::FileFormat;
pub use index_number::IndexNumber;
pub use kept_file::KeptFile;
pub use list_row::ListRow;
pub use log_list::{LOG_LISTS, LogList};
pub use name::{ColumnName, NameError, name_flaw};
pub use pause::Pause;
pub use region::{Level, RegionCode, RegionCodeError};
pub use sha256::sha256_hex;
pub use status::{BackfillStatus, ColumnStatus, HeldCount, Incident, Standing, VerdictCount};
pub use time::{CHINA, Clock, Timestamp};
pub use verdict::Verdict;
pub use web_address::{is_of_other_service, is_public, special_host};

/// Entries of a live feed, unless its feed file sets another number.
pub const FEED_ENTRIES: usize = 50;
