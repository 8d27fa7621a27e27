//! The API as programs ask it: in a store with articles, over HTTP.

mod changes;
