//! A link of a feed or an entry, in the words of Atom (RFC 4287).
//!
//! Owns the members of a link. Never writes a wire format.

use url::Url;

/// The media type of Atom.
pub const ATOM: &str = "application/atom+xml";

/// A link of a feed or an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The relation's registered name.
    pub rel: &'static str,
    /// The URL.
    pub href: Url,
    /// The media type.
    pub media_type: Option<String>,
    /// The title, as plain text.
    pub title: Option<String>,
}

impl Link {
    /// A link to a hub.
    pub fn hub(href: &Url) -> Self {
        Self {
            rel: "hub",
            href: href.clone(),
            media_type: None,
            title: None,
        }
    }

    /// A link to another Atom document.
    pub fn atom(rel: &'static str, href: Url) -> Self {
        Self {
            rel,
            href,
            media_type: Some(ATOM.to_owned()),
            title: None,
        }
    }
}
