//! Captures: the index of the archive, and pages read anew from it.
//!
//! Owns which capture has a page. Never opens the archive.

mod archived;
mod index;
mod reextract;
mod retention;

pub use archived::{ArchivedPage, Position, Spot};
pub use index::{CapturePlace, NewCapture};
pub use reextract::{Checkpoint, Reextraction, Reread, Rewritten};
