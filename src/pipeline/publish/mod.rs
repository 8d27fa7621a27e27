//! From the store to the published files.
//!
//! Owns what is published, in which order, and which kept pictures with it. Never fetches.

mod error;
mod kept_pictures;
mod site_tree;

pub use error::PublishFailure;
pub use kept_pictures::forget_pictures;
pub use site_tree::{PublishInput, PublishReport, column_infos, publish};
