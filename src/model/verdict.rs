//! The verdict on a fetch, with one code in logs, `status`, metrics and incidents.
//!
//! Owns the verdicts and their codes. Never decides on one.

use serde::{Serialize, Serializer};

/// The verdict on a fetch. The first four may change known articles. All others are doubts: they
/// never withdraw, empty or overwrite an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The page shows a new article, or new items of a list.
    New,
    /// The page has not changed.
    Unchanged,
    /// The portal edited the article.
    Revised,
    /// The page was missing for the second time: its article is withdrawn.
    Gone,
    /// 404 or 410 for the first time: nothing changes yet.
    NotFound,
    /// An error page with status 200.
    SoftNotFound,
    /// A list that used to have items is empty.
    EmptyList,
    /// No list was recognised on the page.
    NoItems,
    /// A selector of the feed file does not match any more.
    LayoutChanged,
    /// A list page is empty, although the page before links to it.
    ListCut,
    /// An article without a required field.
    FieldMissing,
    /// An article without a usual field, like most in the same run.
    FieldLost,
    /// An article with much less text than usual, like most in the same run.
    BodyShrunk,
    /// A page without a title, which cannot be an article.
    NoTitle,
    /// A known article's page shows an unrelated text, and no index number that identifies it.
    Doubtful,
    /// A firewall's page, script or status.
    BlockedByWaf,
    /// A page that only asks to log in.
    LogIn,
    /// A maintenance page.
    Maintenance,
    /// A page whose script, template or database left it empty.
    Unfilled,
    /// A notice that the site has moved, at the address of an article.
    Moved,
    /// Any other status without success.
    HttpStatus,
    /// Success with an empty body.
    Empty,
    /// Not HTTP, or a broken coding.
    Garbage,
    /// The answer broke off.
    Truncated,
    /// The answer is larger than the limit.
    TooLarge,
    /// A page that only sends the browser on, and is not followed.
    ClientRedirect,
    /// Redirects without end.
    RedirectLoop,
    /// The answer was not complete within the deadline.
    Timeout,
    /// The host has no address, or no connection to it was possible.
    Unreachable,
    /// No TLS connection was possible.
    Tls,
    /// robots.txt forbids it, or cannot be read.
    Robots,
    /// The address is not public.
    RefusedAddress,
    /// Neither `http` nor `https`.
    RefusedScheme,
    /// Another dibao process holds this host.
    HostLeased,
    /// The request cannot be made as it is configured.
    Setup,
    /// A row of the article is damaged in the store.
    StoreCorrupt,
}

impl Verdict {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Unchanged => "unchanged",
            Self::Revised => "revised",
            Self::Gone => "gone",
            Self::NotFound => "not-found",
            Self::SoftNotFound => "soft-404",
            Self::EmptyList => "empty-list",
            Self::NoItems => "no-items",
            Self::LayoutChanged => "layout-changed",
            Self::ListCut => "list-cut",
            Self::FieldMissing => "field-missing",
            Self::FieldLost => "field-lost",
            Self::BodyShrunk => "body-shrunk",
            Self::NoTitle => "no-title",
            Self::Doubtful => "doubtful-page",
            Self::BlockedByWaf => "blocked-by-waf",
            Self::LogIn => "log-in",
            Self::Maintenance => "maintenance",
            Self::Unfilled => "unfilled",
            Self::Moved => "moved",
            Self::HttpStatus => "http-status",
            Self::Empty => "empty",
            Self::Garbage => "garbage",
            Self::Truncated => "truncated",
            Self::TooLarge => "too-large",
            Self::ClientRedirect => "client-redirect",
            Self::RedirectLoop => "redirect-loop",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Robots => "robots",
            Self::RefusedAddress => "refused-address",
            Self::RefusedScheme => "refused-scheme",
            Self::HostLeased => "host-leased",
            Self::Setup => "setup",
            Self::StoreCorrupt => "store-corrupt",
        }
    }

    /// Whether the host answered, with any status.
    pub fn is_answer(self) -> bool {
        !matches!(
            self,
            Self::Timeout
                | Self::Unreachable
                | Self::Tls
                | Self::Robots
                | Self::RefusedAddress
                | Self::RefusedScheme
                | Self::HostLeased
                | Self::Setup
                | Self::StoreCorrupt
        )
    }

    /// The verdicts on pages whose articles are held back.
    pub const HELD: [Self; 6] = [
        Self::BodyShrunk,
        Self::Doubtful,
        Self::FieldLost,
        Self::FieldMissing,
        Self::LayoutChanged,
        Self::NoTitle,
    ];

    /// Whether a person must act: then it is reported at once.
    pub fn needs_person(self) -> bool {
        matches!(
            self,
            Self::BlockedByWaf
                | Self::BodyShrunk
                | Self::Doubtful
                | Self::EmptyList
                | Self::FieldLost
                | Self::FieldMissing
                | Self::LayoutChanged
                | Self::Moved
                | Self::NoItems
                | Self::NoTitle
                | Self::Robots
                | Self::StoreCorrupt
        )
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
