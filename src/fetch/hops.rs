//! The chain of pages that only send the browser on, each to the next.
//!
//! Owns how far such a chain is followed. Never fetches, and never knows why a page sends on.

use url::Url;

use super::error::FetchError;

/// The most pages of a chain that are followed.
const MOST: usize = 3;

/// The pages of a chain so far.
#[derive(Clone, Debug)]
pub struct Hops {
    asked: Url,
    seen: Vec<Url>,
}

impl Hops {
    /// Begins at the page that was asked for.
    pub fn new(asked: &Url) -> Self {
        Self {
            asked: asked.clone(),
            seen: Vec::new(),
        }
    }

    /// Goes on to `to`; an error if the chain is too long, or leads back.
    pub fn go(&mut self, to: &Url) -> Result<(), FetchError> {
        if self.seen.len() == MOST || self.seen.contains(to) {
            return Err(FetchError::RedirectLoop {
                url: self.asked.to_string(),
                last: to.to_string(),
            });
        }
        tracing::info!(asked = %self.asked, %to, "the page sends the browser on");
        self.seen.push(to.clone());
        Ok(())
    }

    /// Whether no page has sent on.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }
}
