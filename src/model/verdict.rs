//! What came of a fetch: one verdict each, and one code for it in logs, `status`, metrics and
//! incidents.

use serde::{Serialize, Serializer};

/// What came of a fetch. The first four may touch what is known; whatever else a portal answers is a
/// doubt, which never withdraws, empties or overwrites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The page shows something that was not known: an article, or items of a list.
    New,
    /// The page is as it was.
    Unchanged,
    /// The portal edited the article.
    Revised,
    /// The page was not there for the second time, and its article is withdrawn.
    Gone,
    /// 404 or 410; nothing follows from one look.
    NotFound,
    /// A page that says with status 200 that there is none.
    SoftNotFound,
    /// A list that used to show items shows none.
    EmptyList,
    /// No list was recognised on the page.
    NoItems,
    /// A selector of the feed file matches nothing any more.
    LayoutChanged,
    /// A list page lists nothing, although the one before it leads there.
    ListCut,
    /// An article without a field that it must have.
    FieldMissing,
    /// An article without a field that is usual, as most that were read with it.
    FieldLost,
    /// An article of which next to nothing is left of the text that is usual, as of most that were
    /// read with it.
    BodyShrunk,
    /// A page without a title, which no article is.
    NoTitle,
    /// A known article's page shows quite another text, and no number to say whose.
    Doubtful,
    /// A firewall's page, script or status.
    BlockedByWaf,
    /// A page that only asks to log in.
    LogIn,
    /// A page that only says that the site does not serve for now.
    Maintenance,
    /// A page that its own script, template or database did not fill.
    Unfilled,
    /// Any other status that is no success.
    HttpStatus,
    /// Success with an empty body.
    Empty,
    /// No HTTP, or a broken coding.
    Garbage,
    /// The answer broke off.
    Truncated,
    /// The answer is larger than what is read.
    TooLarge,
    /// Redirects without end.
    RedirectLoop,
    /// No whole answer within the deadline.
    Timeout,
    /// No name, no route, no connection.
    Unreachable,
    /// No secure connection.
    Tls,
    /// robots.txt forbids it, or cannot be read.
    Robots,
    /// The address is not a public one.
    RefusedAddress,
    /// Neither `http` nor `https`.
    RefusedScheme,
    /// Another dibao process asks this host.
    HostLeased,
    /// The request cannot be made as it is configured.
    Setup,
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
            Self::HttpStatus => "http-status",
            Self::Empty => "empty",
            Self::Garbage => "garbage",
            Self::Truncated => "truncated",
            Self::TooLarge => "too-large",
            Self::RedirectLoop => "redirect-loop",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Robots => "robots",
            Self::RefusedAddress => "refused-address",
            Self::RefusedScheme => "refused-scheme",
            Self::HostLeased => "host-leased",
            Self::Setup => "setup",
        }
    }

    /// Whether the host that was asked has answered, well or not.
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
        )
    }

    /// The verdicts on pages that were read and whose articles are held back.
    pub const HELD: [Self; 6] = [
        Self::BodyShrunk,
        Self::Doubtful,
        Self::FieldLost,
        Self::FieldMissing,
        Self::LayoutChanged,
        Self::NoTitle,
    ];

    /// Whether time will not mend it, so that a person is told at once.
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
                | Self::NoItems
                | Self::NoTitle
                | Self::Robots
        )
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
