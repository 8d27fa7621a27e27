//! Captures: the index of the archive, and pages read anew from it.
//!
//! Owns the link between pages and captures. Never opens the archive.

mod archived;
mod index;
mod reextract;
mod retention;
mod sums;

pub use archived::{ArchivedPage, Position};
pub use index::{NewCapture, PageCapture};
pub use reextract::{Checkpoint, Reextraction, Reread, Rewritten};
pub use sums::{CheckState, KnownFile};

use super::Store;

/// The index of the archive.
#[derive(Clone, Copy, Debug)]
pub struct Captures<'a> {
    store: &'a Store,
}

impl Store {
    /// The index of the archive, and pages read anew from it.
    pub fn captures(&self) -> Captures<'_> {
        Captures { store: self }
    }
}
