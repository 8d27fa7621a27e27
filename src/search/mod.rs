//! Queries and keywords, and the words of texts.
//!
//! Owns the division of a text into words, the language of queries, and the parts of a text that a
//! query matches. The store keeps the words and finds them. Never uses SQL, HTTP or markup.

mod keywords;
mod listing;
mod marks;
mod query;
mod topic;
mod words;

pub use keywords::Keywords;
pub use listing::{ArticleFilter, Order, Place, Sort};
pub use marks::{Fragment, marks, snippet};
pub use query::{Clause, Phrase, Query, QueryError};
pub use topic::{Chosen, Filter, Ranking, Topic};
pub use words::{GAP, Word, fold, words, write_indexed};
