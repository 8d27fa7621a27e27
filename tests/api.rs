//! The API as programs ask it: in a store with articles, over HTTP.

mod articles;
mod changes;
mod export;
mod limits;
mod outside;
