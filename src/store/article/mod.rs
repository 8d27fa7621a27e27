//! Articles: their pages, their revisions, and their changes.
//!
//! Owns two rules: an article, its revision and its change are one transaction; and a removed
//! article stays removed. Never lists columns or opens the archive.

mod change_signal;
mod changes;
mod compared;
mod content;
mod filtered;
mod follow;
mod kept_ids;
mod listing;
mod page_row;
mod pages;
mod places;
mod publications;
mod published;
mod published_columns;
mod published_since;
mod published_topics;
mod readdress;
mod refresh;
mod removal;
mod save;
mod settle;
mod sound;
mod template_titles;
pub(super) mod texts;
mod trace;
mod unrest;
mod withdraw;
mod write_change;

pub use change_signal::ChangeSignal;
pub use changes::{ChangePage, Snapshot};
pub use content::{PageContent, ReadPage, Reading};
pub use kept_ids::{IdKeeper, KeptIds};
pub use listing::{ArticlePage, Brief};
pub use pages::DuePage;
pub use places::{Beside, MonthCount};
pub use publications::Publication;
pub use published::{ListedFile, PublishedFolder, Publishing, UNLISTED};
pub use published_columns::PublishedColumn;
pub use published_since::{ChangedSince, Mark, Marks};
pub use published_topics::PublishedTopic;
pub use removal::{Removal, Removed};
pub use save::SaveOutcome;
pub use trace::{AddressState, Trace, TracedArticle, TracedPage};
pub use withdraw::RecheckOutcome;

pub(super) use filtered::{push_in, push_listed_by};
pub(super) use page_row::{PageRow, SELECT_PAGES};
pub(super) use pages::{field_names, prefer_https, seal};
pub(super) use refresh::{By, refresh};
pub(super) use settle::{becomes_template, settle};
pub(super) use sound::{last_change, mended_change, sound_in, stored};
pub(super) use template_titles::note as note_template_title;

use super::Store;

/// An answer ends after this many bytes of JSON, however few articles it has.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// Articles and their pages.
#[derive(Clone, Copy, Debug)]
pub struct Articles<'a> {
    store: &'a Store,
}

/// The list of changes.
#[derive(Clone, Copy, Debug)]
pub struct Changes<'a> {
    store: &'a Store,
}

/// The history of each column's feed.
#[derive(Clone, Copy, Debug)]
pub struct Publications<'a> {
    store: &'a Store,
}

/// What the published folder holds.
#[derive(Clone, Copy, Debug)]
pub struct Published<'a> {
    store: &'a Store,
}

impl Store {
    /// What the published folder holds, and what changed since.
    pub fn published(&self) -> Published<'_> {
        Published { store: self }
    }

    /// Articles and their pages: saving, rechecks, removal, lists.
    pub fn articles(&self) -> Articles<'_> {
        Articles { store: self }
    }

    /// The list of changes, and the articles as they were at one of them.
    pub fn changes(&self) -> Changes<'_> {
        Changes { store: self }
    }

    /// The history of each column's feed, in the order of publication.
    pub fn publications(&self) -> Publications<'_> {
        Publications { store: self }
    }
}
