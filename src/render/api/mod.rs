//! The HTTP API's contract: what may be asked, what is answered, and the document that says so.
//!
//! Owns names, bounds and forms; never reads a store, never answers.

mod answers;
mod document;
pub mod parameters;

pub use answers::{
    ArticleAnswer, ArticlePart, ArticlesAnswer, ChangesAnswer, ColumnAnswer, ColumnsAnswer,
    HitAnswer, MEMBERS, ProblemAnswer, RevisionAnswer, SearchAnswer, StatusAnswer,
};
pub use document::render;
