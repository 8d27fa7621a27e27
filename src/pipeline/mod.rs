//! `collect` and `syndicate`: two short sequences that meet only at the store.
//!
//! Owns the order of things. Never knows HTML, HTTP or SQL itself.

mod backfill;
mod drift;
mod progress;
mod publish;
mod reading;
mod record;
mod reread;
mod run;
mod status;
mod survey;

pub use backfill::{BackfillReport, Halt, PIECE, Reach, Standing, backfill, work_off};
pub use drift::fill_rates;
pub(crate) use drift::{UsualPicture, usual_of};
pub use progress::{Progress, Step};
pub use publish::{SyndicateError, Syndicated, column_infos, forget_pictures, syndicate};
pub use reading::{Unacceptable, accept};
pub use record::ArchiveWriter;
pub use reread::{
    CaptureCheck, CharsetCheck, FieldCheck, How, ReextractReport, Reextractor, Rereader, Told,
    Unread, Unverified, Verified,
};
pub use run::{
    AskedBy, Collector, ColumnReport, Ending, Failure, HOSTS_AT_ONCE, collect, collect_all, mirror,
};
pub use status::column_status;
pub use survey::{LookedAt, Row, Sample, Survey, SurveyError, Surveyor};
