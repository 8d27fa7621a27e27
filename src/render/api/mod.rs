//! The HTTP API's contract: parameters, answers, and the OpenAPI document.
//!
//! Owns names, limits and forms, and reads values by them. Never reads a store, never answers a request.

mod answers;
mod document;
pub mod given;
pub mod parameters;

pub use answers::{
    ArticleAnswer, ArticlePart, ArticlesAnswer, ChangesAnswer, ColumnAnswer, ColumnsAnswer,
    HitAnswer, MEMBERS, PortalAnswer, PortalsAnswer, ProblemAnswer, RevisionAnswer, SearchAnswer,
    StatusAnswer,
};
pub use document::render;
