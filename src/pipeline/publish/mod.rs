//! From the store to the published files.
//!
//! Owns which files are published, when each is rendered again, in which order, and with which kept
//! files. Never fetches.

mod check;
mod column_files;
mod ended;
mod error;
mod group_files;
mod input;
mod kept_files;
mod kinds;
mod manifests;
mod moved;
mod order;
mod scope;
mod since;
mod site_files;
mod topic_files;
mod topics;

pub use check::{CheckPlace, check_published};
pub(in crate::pipeline) use ended::{has_list, list_of, settings_of, with_ended};
pub use error::PublishFailure;
pub use input::{PublishInput, PublishReport, column_infos};
pub use kept_files::forget_copies;
pub use order::{is_published, publish, publish_all};
pub use topics::topic_infos;
