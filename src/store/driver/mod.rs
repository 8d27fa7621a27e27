//! The database's driver: connections, and what its errors mean.
//!
//! Owns what the rest of the store need not know of the driver. Never runs a statement.

mod connections;
mod engine;
pub(super) mod error;
pub(super) mod place;

pub(super) use connections::{Begin, Connections, Transaction, connect_alone};
pub(super) use engine::{
    Arguments, Engine, EngineConnection, EngineRow, Listener, Options, Parameter,
};
pub use error::StoreError;
pub use place::StorePlace;
