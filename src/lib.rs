//! dibao
pub mod config;
pub mod decode;
pub mod extract;
pub mod fetch;
pub mod identify;
pub mod model;
pub mod store;
