//! The API as programs ask it: in a store with articles, over HTTP.
//!
//! Owns the parts below. Never leaves loopback.

mod articles;
mod changes;
mod export;
mod fair;
mod generated;
mod limits;
mod outside;
mod sorted;
