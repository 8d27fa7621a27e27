//! SQLite's driver: connections to the database, and what its errors mean.
//!
//! Owns what the rest of the store need not know of the driver. Never runs a statement.

mod connections;
pub(super) mod error;

pub(super) use connections::{Connections, Transaction};
pub use error::StoreError;
