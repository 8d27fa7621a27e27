//! Articles: their pages, their revisions, and the account of their changes.
//!
//! Owns that an article, its revision and its change are one transaction, and that what was removed
//! stays removed. Never lists columns or opens the archive.

mod articles;
mod content;
mod kept_ids;
mod listing;
mod page_row;
mod pages;
mod refresh;
mod removal;
mod save;
mod settle;
mod withdraw;

pub use articles::Publication;
pub use content::{PageContent, ReadPage, Reading};
pub use kept_ids::{IdKeeper, KeptIds};
pub use listing::{ArticlePage, Brief, ChangePage, Listed};
pub use pages::DuePage;
pub use removal::{Removal, Removed};
pub use save::Outcome;
pub use withdraw::Look;

pub(super) use page_row::PageRow;
pub(super) use pages::{field_names, prefer_https};
pub(super) use refresh::{By, refresh};
pub(super) use removal::is_removed_url;
pub(super) use settle::{becomes_template, settle};
