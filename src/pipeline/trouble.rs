//! Why a column cannot go on, or a page was fetched in vain.
//!
//! Owns what follows from it for the host: whether it is in trouble as a whole. Never decides what
//! is written down.

use url::Url;

use super::report::{Ending, Failure};
use crate::config::Column;
use crate::fetch::{FetchError, host_of};
use crate::identify::CanonicalUrl;
use crate::model::Verdict;
use crate::store::StoreError;

/// Why a column cannot go on.
#[derive(Debug)]
pub(super) enum Trouble {
    /// A page could not be fetched.
    Fetch(FetchError),
    /// The store failed.
    Store(StoreError),
    /// The column's pages are not what they should be.
    Failed { verdict: Verdict, message: String },
}

impl Trouble {
    pub(super) fn failed(verdict: Verdict, message: String) -> Self {
        Self::Failed { verdict, message }
    }

    /// What came of the fetch, where it was one that failed.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        match self {
            Self::Fetch(error) => error.verdict(),
            Self::Store(_) => None,
            Self::Failed { verdict, .. } => Some(*verdict),
        }
    }

    /// The stable code.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Fetch(error) => error.reason(),
            Self::Store(error) => error.reason(),
            Self::Failed { verdict, .. } => verdict.code(),
        }
    }

    pub(super) fn into_ending(self) -> Ending {
        Ending::Failed {
            verdict: self.verdict(),
            reason: self.reason(),
            message: self.into_message(),
        }
    }

    pub(super) fn into_message(self) -> String {
        match self {
            Self::Fetch(error) => error.to_string(),
            Self::Store(error) => error.to_string(),
            Self::Failed { message, .. } => message,
        }
    }

    pub(super) fn is_transient(&self) -> bool {
        matches!(self, Self::Fetch(error) if error.is_transient())
    }

    /// The trouble, where the column's whole host is in it.
    pub(super) fn of_host(&self, column: &Column) -> Option<Verdict> {
        match self {
            Self::Failed { verdict, .. } => {
                Some(*verdict).filter(|verdict| *verdict == Verdict::BlockedByWaf)
            }
            Self::Fetch(error) => {
                let asked = Url::parse(error.url()).ok()?;
                let is_its = host_of(&asked) == host_of(&column.url);
                error.verdict().filter(|_| is_its && error.is_of_host())
            }
            Self::Store(_) => None,
        }
    }

    /// Whether nothing more can be written down, so that the run must end.
    pub(super) fn is_fatal(&self) -> bool {
        matches!(
            self,
            Self::Store(_) | Self::Fetch(FetchError::HostBook { .. })
        )
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<FetchError> for Trouble {
    fn from(error: FetchError) -> Self {
        Self::Fetch(error)
    }
}

/// Why a page was fetched in vain.
pub(super) enum Vain {
    Trouble(Trouble),
    /// It was read, and lacks what an article must have.
    Held {
        verdict: Verdict,
        message: String,
    },
}

impl Vain {
    pub(super) fn doubtful(url: &Url) -> Self {
        Self::Held {
            verdict: Verdict::Doubtful,
            message: format!(
                "{url}: shows another text without an index number; the article stays as it was. \
                 See whether the portal shows an error page there"
            ),
        }
    }

    pub(super) fn is_transient(&self) -> bool {
        matches!(self, Self::Trouble(trouble) if trouble.is_transient())
    }

    /// The host that has put up a wall, which every page of it would meet.
    pub(super) fn walled_host(&self, column: &Column) -> Option<String> {
        match self {
            Self::Trouble(Trouble::Fetch(error)) => {
                let is_wall = error.verdict() == Some(Verdict::BlockedByWaf);
                let url = Url::parse(error.url()).ok()?;
                is_wall.then(|| host_of(&url))
            }
            Self::Held { verdict, .. } if *verdict == Verdict::BlockedByWaf => {
                Some(host_of(&column.url))
            }
            _ => None,
        }
    }

    /// The message names the article, also where the fault is that of a redirect's target or of
    /// robots.txt.
    pub(super) fn into_failure(self, url: &Url) -> Failure {
        let (verdict, message) = match self {
            Self::Held { verdict, message } => (verdict, message),
            Self::Trouble(trouble) => {
                // What has no verdict is fatal, and ends the run before.
                let verdict = trouble.verdict().unwrap_or(Verdict::Setup);
                (verdict, trouble.into_message())
            }
        };
        let message = if message.starts_with(&format!("{url}: ")) {
            message
        } else {
            format!("{url}: {message}")
        };
        Failure {
            url: url.clone(),
            verdict,
            message,
        }
    }
}

/// Whether this is a site's first page, to which some portals send whoever asks for a page that is
/// not there.
pub(super) fn is_root(url: &Url) -> bool {
    CanonicalUrl::from(url).as_str().ends_with('/') && url.path().matches('/').count() == 1
}
