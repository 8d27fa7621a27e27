//! What is asked for, and the words in which texts are asked for.
//!
//! Owns how a text falls into words, the language of queries, and which parts of a text a query
//! matches. Pure: the store keeps the words and finds them. Never SQL, never HTTP, never markup.

mod marks;
mod query;
mod topic;
mod words;

pub use marks::{Fragment, marks, snippet};
pub use query::{Clause, Phrase, Query, QueryError};
pub use topic::{Filter, Topic};
pub use words::{GAP, Word, fold, indexed, words};
