//! Why a run cannot go on, or why a page gives nothing.
//!
//! Owns whether an error means that the whole host is in trouble. Never decides what is stored.

use url::Url;

use super::accept::Unacceptable;
use crate::config::Column;
use crate::fetch::{FetchError, host_of};
use crate::identify::CanonicalUrl;
use crate::model::{Field, Verdict};
use crate::pipeline::record::FLOOD;
use crate::publish::DISK_LOW;
use crate::store::{DamagedRow, StoreError};

/// Why a run cannot go on.
#[derive(Debug)]
pub(in crate::pipeline) enum RunError {
    /// A page could not be fetched.
    Fetch(FetchError),
    /// The store failed.
    Store(StoreError),
    /// The column's pages are not as expected.
    Failed { verdict: Verdict, message: String },
    /// The list brings more than the column may store today; the run goes on without it.
    LeftAside { message: String },
}

impl RunError {
    pub(in crate::pipeline) fn failed(verdict: Verdict, message: String) -> Self {
        Self::Failed { verdict, message }
    }

    /// The verdict of the fetch, if a fetch failed.
    pub(in crate::pipeline) fn verdict(&self) -> Option<Verdict> {
        match self {
            Self::Fetch(error) => error.verdict(),
            Self::Store(error) => error.damaged_row().map(|_| Verdict::StoreCorrupt),
            Self::Failed { verdict, .. } => Some(*verdict),
            Self::LeftAside { .. } => None,
        }
    }

    /// The stable code.
    pub(in crate::pipeline) fn reason(&self) -> &'static str {
        match self {
            Self::Fetch(error) => error.reason(),
            Self::Store(error) => error.reason(),
            Self::Failed { verdict, .. } => verdict.code(),
            Self::LeftAside { .. } => FLOOD,
        }
    }

    pub(in crate::pipeline) fn into_message(self) -> String {
        match self {
            Self::Fetch(error) => error.to_string(),
            Self::Store(error) => error.to_string(),
            Self::Failed { message, .. } | Self::LeftAside { message } => message,
        }
    }

    /// The code and the message, if no fault but a limit ends the run: of the column, or of the disk.
    pub(in crate::pipeline) fn left_aside(&self) -> Option<(&'static str, String)> {
        match self {
            Self::LeftAside { message } => Some((FLOOD, message.clone())),
            Self::Fetch(FetchError::HostBook { reason, cause, .. })
                if matches!(*reason, FLOOD | DISK_LOW) =>
            {
                Some((reason, cause.clone()))
            }
            _ => None,
        }
    }

    pub(in crate::pipeline) fn is_transient(&self) -> bool {
        matches!(self, Self::Fetch(error) if error.is_transient())
    }

    /// The verdict, if the column's whole host is in trouble.
    pub(in crate::pipeline) fn host_trouble(&self, column: &Column) -> Option<Verdict> {
        match self {
            Self::Failed { verdict, .. } => {
                Some(*verdict).filter(|verdict| *verdict == Verdict::BlockedByWaf)
            }
            Self::Fetch(error) => {
                let asked = Url::parse(error.url()).ok()?;
                let is_column_host = host_of(&asked) == host_of(&column.url);
                error
                    .verdict()
                    .filter(|_| is_column_host && error.is_of_host())
            }
            Self::Store(_) | Self::LeftAside { .. } => None,
        }
    }

    /// Whether nothing more can or may be stored, so that the run must end. A damaged row holds back its
    /// article alone.
    pub(in crate::pipeline) fn is_fatal(&self) -> bool {
        match self {
            Self::Store(error) => error.damaged_row().is_none(),
            Self::Fetch(error) => matches!(error, FetchError::HostBook { .. }),
            Self::Failed { .. } | Self::LeftAside { .. } => false,
        }
    }

    /// The damaged row that holds back an article.
    pub(in crate::pipeline) fn damaged_row(&self) -> Option<&DamagedRow> {
        match self {
            Self::Store(error) => error.damaged_row(),
            _ => None,
        }
    }
}

impl From<StoreError> for RunError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<FetchError> for RunError {
    fn from(error: FetchError) -> Self {
        Self::Fetch(error)
    }
}

/// Why a page gives nothing.
pub(in crate::pipeline) enum PageError {
    Run(RunError),
    /// The page was read, and lacks required fields.
    Held {
        verdict: Verdict,
        message: String,
    },
}

impl PageError {
    pub(in crate::pipeline) fn doubtful(url: &Url) -> Self {
        Self::Held {
            verdict: Verdict::Doubtful,
            message: format!(
                "{url}: shows another text without an index number; the article stays as it was. \
                 See whether the portal shows an error page there"
            ),
        }
    }

    /// A known article's page shows nothing of the article any more.
    pub(in crate::pipeline) fn blank(url: &Url) -> Self {
        let lack = Unacceptable {
            missing: vec![Field::Body],
            unmatched: Vec::new(),
        };
        Self::Held {
            verdict: lack.verdict(),
            message: format!("{url}: {lack}"),
        }
    }

    /// Whether the fault may pass by itself. A site or its source that is out of service comes back.
    pub(in crate::pipeline) fn is_transient(&self) -> bool {
        match self {
            Self::Run(error) => error.is_transient(),
            Self::Held { verdict, .. } => *verdict == Verdict::Maintenance,
        }
    }

    /// The host whose firewall blocks us: every page of that host would meet it.
    pub(in crate::pipeline) fn blocked_host(&self, column: &Column) -> Option<String> {
        match self {
            Self::Run(RunError::Fetch(error)) => {
                let is_blocked = error.verdict() == Some(Verdict::BlockedByWaf);
                let url = Url::parse(error.url()).ok()?;
                is_blocked.then(|| host_of(&url))
            }
            Self::Held { verdict, .. } if *verdict == Verdict::BlockedByWaf => {
                Some(host_of(&column.url))
            }
            _ => None,
        }
    }
}

/// Whether this is a site's first page. Some portals redirect to it from pages that do not exist.
pub(in crate::pipeline) fn is_root(url: &Url) -> bool {
    CanonicalUrl::from(url).as_str().ends_with('/') && url.path().matches('/').count() == 1
}
