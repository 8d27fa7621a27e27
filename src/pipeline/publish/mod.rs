//! From the store to the published files.
//!
//! Owns which files are published, in which order, and with which kept pictures. Never fetches.

mod error;
mod kept_pictures;
mod site_files;

pub use error::PublishFailure;
pub use kept_pictures::forget_pictures;
pub use site_files::{PublishInput, PublishReport, column_infos, publish};
