//! Surveys a column without storing anything: for a person who adds or checks it.
//!
//! Owns the sequence, and the table of the findings. Never archives or stores a page.

mod surveyor;
mod table;

pub use surveyor::{LookedAt, Sample, Survey, SurveyError, Surveyor};
pub use table::Row;
