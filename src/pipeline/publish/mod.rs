//! From the store to the published files.
//!
//! Owns what is published, in which order, and which kept pictures with it. Never fetches.

mod kept_pictures;
mod syndicate;

pub use kept_pictures::forget_pictures;
pub use syndicate::{SyndicateError, Syndicated, column_infos, syndicate};
