//! The HTTP API's contract: what may be asked, what is answered, and the document that says so.
//!
//! Owns names, bounds and forms; never reads a store, never answers.

mod answers;
pub mod parameters;

pub use answers::ChangesAnswer;
