//! Surveys a column without storing anything: for whoever adds it, or asks whether it is well.
//!
//! Owns the sequence, and the table of the findings. Never archives or stores what it reads.

mod surveyor;
mod table;

pub use surveyor::{LookedAt, Sample, Survey, SurveyError, Surveyor};
pub use table::Row;
