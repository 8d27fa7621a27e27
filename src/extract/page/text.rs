//! The text of a page, with what came with it.
//!
//! Owns what the reading of a page needs besides its text. Never decodes, and never parses.

use encoding_rs::{Encoding, UTF_8};

use crate::decode::Decoded;

/// The text of a page.
#[derive(Clone, Copy, Debug)]
pub struct PageText<'a> {
    /// Its HTML or JSON.
    pub html: &'a str,
    /// The charset in which a browser encodes the queries of its links.
    pub queries: &'static Encoding,
    /// The `Refresh` header, which sends a browser on to another page.
    pub refresh: Option<&'a str>,
}

impl<'a> PageText<'a> {
    /// Adds the `Refresh` header.
    pub fn with_refresh(self, refresh: Option<&'a str>) -> Self {
        Self { refresh, ..self }
    }
}

impl<'a, T: AsRef<str> + ?Sized> From<&'a T> for PageText<'a> {
    fn from(html: &'a T) -> Self {
        Self {
            html: html.as_ref(),
            queries: UTF_8,
            refresh: None,
        }
    }
}

impl<'a> From<&'a Decoded> for PageText<'a> {
    fn from(decoded: &'a Decoded) -> Self {
        Self {
            queries: decoded.queries,
            ..Self::from(&decoded.text)
        }
    }
}
