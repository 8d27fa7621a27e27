//! dibao
pub mod config;
pub mod decode;
pub mod extract;
pub mod model;
