//! The order of things: a run collects a column, and its articles are published.
//!
//! Owns the sequences. Never knows HTML, HTTP or SQL itself. From the ground up:
//!
//! - `progress`, `status`; `record` archives each exchange; `reading` turns a page into content
//! - `drift` compares pages with the column's baseline; `publish`, `survey`, `reread`, `restore`
//! - `run` collects a column; `life` renames, merges and ends columns, and removes articles
//! - `backfill` reads a column's older list pages

mod backfill;
mod drift;
mod life;
mod progress;
mod publish;
mod reading;
mod record;
mod reread;
mod restore;
mod run;
mod status;
mod survey;

pub use backfill::{BackfillReport, Halt, PIECE, Reach, Standing, backfill, work_off};
pub(crate) use drift::Baseline;
pub use drift::fill_rates;
pub use life::{
    FileLock, LifeError, Removal, RemovalReport, RemovalStep, Settled, complete_moves,
    create_whole, forget_files, move_column, note_broken, set_pause, settle, write_whole,
};
pub use progress::{Progress, Step};
pub use publish::{
    CheckPlace, PublishFailure, PublishInput, PublishReport, check_published, column_infos,
    forget_copies, is_published, publish, publish_all, topic_infos,
};
pub use reading::{Unacceptable, accept};
pub use record::ArchiveWriter;
pub use reread::{
    ARCHIVE_DAMAGED, CaptureCheck, CharsetCheck, CheckStep, Checker, Comparison, Damage,
    DamagedFile, FieldCheck, ReextractReport, ReextractStep, Reextractor, Repair, RepairedRow,
    Rereader, Unread, Unverified, Verified, repair,
};
pub use restore::{RestoreError, Restored, restore_ids};
pub use run::{
    AskedBy, Collector, ColumnReport, Ending, Failure, collect, collect_all, collect_with_others,
    keep_files, recheck,
};
pub use status::{broken_status, column_status};
pub use survey::{LookedAt, Row, Sample, Survey, SurveyError, Surveyor};
