//! `collect` and `syndicate`: two short sequences that meet only at the store.
//!
//! Owns the order of things. Never knows HTML, HTTP or SQL itself.

mod accept;
mod articles;
mod backfill;
mod books;
mod collect;
mod drift;
mod held;
mod looks;
mod mirror;
mod parts;
mod patience;
mod pictures;
mod progress;
mod quiet;
mod reading;
mod reextract;
mod report;
mod reread;
mod scribe;
mod status;
mod survey;
mod syndicate;
mod telling;
mod trouble;
mod turn;
pub(crate) mod usual;
mod verify;
mod walk;
mod window;

pub use accept::{Unacceptable, accept};
pub use backfill::{BackfillReport, Halt, PIECE, Reach, Standing, backfill, work_off};
pub use collect::{AskedBy, Collector, HOSTS_AT_ONCE, collect, collect_all};
pub use mirror::forget_pictures;
pub use pictures::mirror;
pub use progress::{Progress, Step};
pub use reextract::{ReextractReport, Reextractor, Told};
pub use report::{ColumnReport, Ending, Failure};
pub use reread::{Rereader, Unread};
pub use scribe::ArchiveWriter;
pub use status::column_status;
pub use survey::{LookedAt, Row, Sample, Survey, SurveyError, Surveyor};
pub use syndicate::{SyndicateError, Syndicated, column_infos, syndicate};
pub use usual::fill_rates;
pub use verify::{CaptureCheck, CharsetCheck, FieldCheck, How, Unverified, Verified};
