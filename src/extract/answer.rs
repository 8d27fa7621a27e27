//! The result of reading a page: an article, a column page, or a stub.
//!
//! Owns the form of the answers and the confidence in a value. Never reads a page.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use serde::Serialize;
use url::Url;

use crate::model::{Body, Field, Metadata, Provenance, Verdict};

/// An article page, read.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Extracted {
    /// 标题
    pub title: Option<String>,
    /// The label block's values.
    #[serde(flatten)]
    pub metadata: Metadata,
    /// Text, pictures, files.
    #[serde(flatten)]
    pub body: Body,
    /// Where each value was found.
    pub provenance: Provenance,
    /// How sure each value is.
    pub confidence: BTreeMap<Field, Confidence>,
    /// The next part of an article over several pages; [`Extracted::append`] adds it.
    #[serde(skip)]
    pub next_part: Option<Url>,
    /// Whether the page shows the title by which its column lists it, in the article's place. Then
    /// it is that article, even without a text.
    #[serde(skip)]
    pub shows_row: bool,
    /// Oddities of the page.
    #[serde(skip)]
    pub problems: Vec<Problem>,
}

/// An oddity of a page. It is not a failure: the caller decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No title was found.
    NoTitle,
    /// Neither text nor picture nor file was found.
    NoBody,
    /// A selector of the column matched nothing; the general layers were asked instead.
    SelectorMatchedNothing {
        /// The key in the feed file, such as `article.body`.
        key: String,
        /// The selector or label under that key.
        rule: String,
    },
    /// A printed value cannot be read, for example an impossible date.
    Unreadable {
        /// The field of the value.
        field: Field,
        /// The value as printed.
        text: String,
    },
    /// The page is larger, deeper or has more elements than any known page of a portal. The rest
    /// was read as plain lines, and the end of a huge page was not read.
    TooMuch,
    /// No item was recognised on a list page.
    NoItems,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTitle => f.write_str("no title was found"),
            Self::NoBody => f.write_str("no body was found: no text, no picture, no file"),
            Self::TooMuch => f.write_str(
                "the page is too large to be read whole: the rest of its text is in plain lines, \
                 or missing",
            ),
            Self::NoItems => f.write_str("no item was recognised"),
            Self::SelectorMatchedNothing { key, rule } => write!(
                f,
                "nothing on the page matches {key} = {rule:?} of the feed file; the value was \
                 searched for without it"
            ),
            Self::Unreadable { field, text } => {
                write!(f, "{} cannot be read from {text:?}", field.name())
            }
        }
    }
}

/// What stands above the rows of a list page. It gives days without a year, as `[11-27]`, theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Above {
    /// Unknown: such days stay unknown, unless the page or a URL names the year.
    #[default]
    Unknown,
    /// Nothing: it is the column's first page, as it was on this day.
    Sight(NaiveDate),
    /// Rows whose days fall without a break from the first page to this one.
    Row(NaiveDate),
}

/// A column page, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnPage {
    /// The column's title as the page prints it, for a feed file without a title.
    pub title: Option<String>,
    /// The name of the page's site, for a portal without a name.
    pub site: Option<String>,
    /// The items in page order.
    pub items: Vec<Item>,
    /// The next (older) page.
    pub next: Option<Url>,
    /// The number of pages, if the pager shows it.
    pub total: Option<u32>,
    /// What the page says of further pages, if `next` is unknown.
    pub further: Further,
    /// The last page of the list, if a link or the pager's numbers name it.
    pub last: Option<Url>,
    /// What stands above the rows of the next page.
    pub below: Above,
    /// Oddities of the page.
    pub problems: Vec<Problem>,
}

impl ColumnPage {
    /// Whether the page itself lists nothing, and `next` is the address from which its script loads
    /// the list.
    pub fn is_shell(&self) -> bool {
        self.items.is_empty() && !self.problems.contains(&Problem::NoItems)
    }
}

/// What a list page says of further pages, if none can be read from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Further {
    /// Nothing speaks of more.
    #[default]
    None,
    /// It is the last page, in the words of the page: `第30页/共30页`.
    Last(String),
    /// There are more, but their address is unknown: `page 1 of 30, by a script`.
    Unread(String),
}

/// One line of a column page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The article's page.
    pub url: Url,
    /// The title as listed; the whole title if the page has it.
    pub title: String,
    /// The date as listed.
    pub published_on: Option<NaiveDate>,
}

/// How sure a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Found by form or address alone, or the page contradicts it elsewhere.
    Low,
    /// Found once, in the usual place for this value.
    Medium,
    /// Named by a label of the page or by the feed file, or found in two places.
    High,
}

impl Confidence {
    /// Its name in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// An error, a wall, an empty template or a way to elsewhere in place of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stub {
    /// The page does not exist, or no longer: a 404 with status 200.
    NotFound,
    /// Only logged-in visitors see it.
    LogIn,
    /// The site or its server is out of service for now.
    Maintenance,
    /// A firewall demands a script or a puzzle, or refuses.
    Challenge,
    /// The page's script, template or database did not fill it.
    Unfilled,
    /// It only sends the browser on to this address.
    Onward(Url),
    /// It only says that the site has moved, to this address if it names one.
    Moved(Option<String>),
}

impl Stub {
    /// The verdict on a fetch with this result.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::NotFound => Verdict::SoftNotFound,
            Self::LogIn => Verdict::LogIn,
            Self::Maintenance => Verdict::Maintenance,
            Self::Challenge => Verdict::BlockedByWaf,
            Self::Unfilled => Verdict::Unfilled,
            Self::Onward(_) => Verdict::ClientRedirect,
            Self::Moved(_) => Verdict::Moved,
        }
    }
}

impl fmt::Display for Stub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Moved(Some(to)) => {
                return write!(
                    f,
                    "the page only says that the site has moved to {to}: follow the column there"
                );
            }
            Self::Moved(None) => "the page only says that the site has moved",
            Self::Onward(to) => return write!(f, "the page only sends the browser on to {to}"),
            Self::NotFound => "the page says that it does not exist, with status 200",
            Self::LogIn => "the page only asks to log in",
            Self::Maintenance => "the page only says that the site does not serve for now",
            Self::Challenge => "the page is a firewall's: a person must look at it with a browser",
            Self::Unfilled => "the page's own script, template or database did not fill it",
        })
    }
}
