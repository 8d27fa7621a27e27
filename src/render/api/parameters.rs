//! The parameters of every URL that `serve` answers.
//!
//! Owns the one table of them, for `serve`, `dibao export` and `openapi.json`. Never reads a value.

use crate::model::FEED_ENTRIES;
use crate::search::{Ranking, Sort};

/// The kind of a parameter's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name of at most this many characters.
    Text(usize),
    /// Words to search for, of at most this many characters.
    Words(usize),
    /// A whole number from `least` to `most`, with a default.
    Number {
        /// The least.
        least: i64,
        /// The greatest.
        most: i64,
        /// The default.
        usual: i64,
    },
    /// A day, `YYYY-MM-DD`.
    Day,
    /// A day, or a time (RFC 3339).
    Moment,
    /// `true` or `false`, which is the default.
    Flag,
    /// One of these; the first is the default.
    Choice(&'static [&'static str]),
    /// An index number of at most this many characters.
    IndexNumber(usize),
    /// At most this many short names of portals.
    Portals(usize),
    /// At most this many columns or patterns: `PORTAL/COLUMN`, `PORTAL/*`, `*/COLUMN`, `PORTAL`.
    Columns(usize),
    /// At most this many keywords.
    Keywords(usize),
    /// Names of an article's members.
    Fields,
    /// The `cursor` of the previous results of a search.
    Cursor {
        /// The last place in the list that a client can ask for.
        farthest: i64,
    },
    /// The `cursor` of the previous part of a list of articles.
    Place,
}

impl Kind {
    /// Whether it is a list: its values are separated by commas, or come in several parameters.
    pub fn is_list(self) -> bool {
        matches!(
            self,
            Self::Portals(_) | Self::Columns(_) | Self::Keywords(_) | Self::Fields
        )
    }
}

/// A parameter of a URL's query.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub kind: Kind,
    /// What it does, for people.
    pub about: &'static str,
    /// An example value.
    pub example: &'static str,
}

/// How many articles an answer has: the most, and the default.
pub const ARTICLES: (i64, i64) = (100, 20);
/// How many entries a feed has that is made to order: the most, and the default.
pub const FEED: (i64, i64) = (100, FEED_ENTRIES as i64);
/// The most keywords of a feed.
const KEYWORDS: usize = 20;
/// How many changes an answer has: the most, and the default.
pub const CHANGES: (i64, i64) = (1_000, 100);
/// The longest wait for a change, in seconds.
pub const WAIT: i64 = 30;
/// The greatest number that all JSON parsers read without loss (RFC 8259, section 6).
pub const GREATEST: i64 = (1 << 53) - 1;
/// The last place in a list of search results.
pub const FARTHEST_HIT: i64 = 10_000;
/// The most columns or portals of one request.
const CHOSEN: usize = 100;
/// The pattern of a cursor of search results.
pub const CURSOR: &str = "^c[1-9][0-9]{0,14}$";
/// The pattern of a cursor of a list of articles.
pub const PLACE: &str = "^(c[1-9][0-9]{0,14}|p[0-9]{8}-[1-9][0-9]{0,14}|u[1-9][0-9]{0,14})$";
/// The pattern of a pattern over columns.
pub const PATTERN: &str = "^[a-z0-9*?-]+(/[a-z0-9*?-]+)?$";
/// The pattern of a portal's short name.
pub const PORTAL_NAME: &str = "^[a-z0-9-]+$";
/// The default order of a list.
pub const ADDED: (&str, Sort) = ("added", Sort::Added);
/// By what a list may be sorted.
pub const SORTS: [(&str, Sort); 3] = [
    ADDED,
    ("published", Sort::Published),
    ("updated", Sort::Updated),
];
/// The orders of search results; the first is the default.
pub const RANKINGS: [(&str, Ranking); 2] = [("best", Ranking::Best), ("published", Ranking::Day)];
/// The directions of a list: the default, and the oldest first.
pub const ORDERS: [&str; 2] = ["desc", "asc"];
/// The most characters of a name in a filter.
pub const LONGEST: usize = 100;

const fn number(name: &'static str, (most, usual): (i64, i64), about: &'static str) -> Parameter {
    Parameter {
        name,
        kind: Kind::Number {
            least: 1,
            most,
            usual,
        },
        about,
        example: "50",
    }
}

const fn text(name: &'static str, about: &'static str, example: &'static str) -> Parameter {
    Parameter {
        name,
        kind: Kind::Text(LONGEST),
        about,
        example,
    }
}

const fn cursor(kind: Kind) -> Parameter {
    Parameter {
        name: "cursor",
        kind,
        about: "The place where the list continues: `cursor` of the previous answer. It is opaque.",
        example: "",
    }
}

const PORTAL: Parameter = Parameter {
    name: "portal",
    kind: Kind::Portals(CHOSEN),
    about: "Articles of these portals, as `/api/v1/portals` names them, and of columns that moved there.",
    example: "lucheng",
};
const COLUMN: Parameter = Parameter {
    name: "column",
    kind: Kind::Columns(CHOSEN),
    about: "Articles of these columns, as `/api/v1/columns` names them, or of those that match these patterns: \
            `lucheng/*`, `*/zwdt`.",
    example: "lucheng/work-news",
};
const ISSUER: Parameter = text("issuer", "Articles of this 发布机构.", "潞城融媒");
const CATEGORY: Parameter = text(
    "category",
    "Articles of this topic category (主题分类) or with this subject term (主题词).",
    "综合政务",
);
const SINCE: Parameter = Parameter {
    name: "since",
    kind: Kind::Day,
    about: "Published on this day or later. The day of first sight counts if the page has no date.",
    example: "2025-12-01",
};
const UNTIL: Parameter = Parameter {
    name: "until",
    kind: Kind::Day,
    about: "Published on this day or earlier.",
    example: "2025-12-31",
};
const UPDATED_SINCE: Parameter = Parameter {
    name: "updated_since",
    kind: Kind::Moment,
    about: "Articles whose `updated_at` is this time or later. A day begins at midnight in China.",
    example: "2025-12-29T08:00:00+08:00",
};
const INDEX_NUMBER: Parameter = Parameter {
    name: "index_number",
    kind: Kind::IndexNumber(LONGEST),
    about: "The article with this 索引号, however its dashes, spaces and letters are written.",
    example: "000014349/2025-32614",
};
const fn withdrawn(choices: &'static [&'static str]) -> Parameter {
    Parameter {
        name: "withdrawn",
        kind: Kind::Choice(choices),
        about: "`false` for articles that are online, `true` for withdrawn and removed ones, `any` for both.",
        example: choices[0],
    }
}
const FIELDS: Parameter = Parameter {
    name: "fields",
    kind: Kind::Fields,
    about: "Only these members of an article, and always `id`. All members by default.",
    example: "title,url,published_on",
};

/// The parameters of the changes.
pub const OF_CHANGES: &[Parameter] = &[
    Parameter {
        name: "after",
        kind: Kind::Number {
            least: 0,
            most: GREATEST,
            usual: 0,
        },
        about: "The sequence number of the last change that the client has; 0 for all changes.",
        example: "0",
    },
    number(
        "limit",
        CHANGES,
        "The most changes of the answer. Long changes make it fewer.",
    ),
    Parameter {
        name: "wait",
        kind: Kind::Number {
            least: 0,
            most: WAIT,
            usual: 0,
        },
        about: "Seconds to wait if there is no change yet. The answer comes with the first change, or with an empty list.",
        example: "0",
    },
];

/// The parameters of the list of articles.
pub const OF_ARTICLES: &[Parameter] = &[
    PORTAL,
    COLUMN,
    ISSUER,
    CATEGORY,
    SINCE,
    UNTIL,
    UPDATED_SINCE,
    INDEX_NUMBER,
    withdrawn(&["false", "true", "any"]),
    Parameter {
        name: "sort",
        kind: Kind::Choice(&[SORTS[0].0, SORTS[1].0, SORTS[2].0]),
        about: "`added` for the order in which dibao added them, `published` for the day of publication, `updated` \
                for the last change.",
        example: "updated",
    },
    Parameter {
        name: "order",
        kind: Kind::Choice(&ORDERS),
        about: "`desc` for the newest first, `asc` for the oldest first.",
        example: "asc",
    },
    Parameter {
        name: "total",
        kind: Kind::Flag,
        about: "Whether the answer says how many articles match. Counting them takes time.",
        example: "true",
    },
    FIELDS,
    number(
        "limit",
        ARTICLES,
        "The most articles of the answer. Long articles make it fewer.",
    ),
    cursor(Kind::Place),
];

/// The parameters of one article.
pub const OF_ARTICLE: &[Parameter] = &[FIELDS];

/// The parameters of an export.
pub const OF_EXPORT: &[Parameter] = &[
    Parameter {
        name: "format",
        kind: Kind::Choice(&["ndjson", "json", "csv"]),
        about: "One article on each line, one array, or a spreadsheet (UTF-8 with BOM, RFC 4180).",
        example: "json",
    },
    PORTAL,
    COLUMN,
    ISSUER,
    CATEGORY,
    SINCE,
    UNTIL,
    UPDATED_SINCE,
    INDEX_NUMBER,
    withdrawn(&["any", "false", "true"]),
];

const WORDS: Parameter = Parameter {
    name: "q",
    kind: Kind::Words(200),
    about: "Words that must all occur. \"…\" keeps words together, - excludes one. It is optional if there is a filter.",
    example: "供热",
};

/// The parameters of a search.
pub const OF_SEARCH: &[Parameter] = &[
    WORDS,
    ISSUER,
    CATEGORY,
    PORTAL,
    COLUMN,
    SINCE,
    UNTIL,
    UPDATED_SINCE,
    Parameter {
        name: "sort",
        kind: Kind::Choice(&[RANKINGS[0].0, RANKINGS[1].0]),
        about: "`best` for the best match first, `published` for the last day of publication first.",
        example: "published",
    },
    number("limit", ARTICLES, "The most articles of the answer."),
    cursor(Kind::Cursor {
        farthest: FARTHEST_HIT,
    }),
];

/// The parameters of a topic's feed.
pub const OF_TOPIC: &[Parameter] = &[
    WORDS,
    ISSUER,
    CATEGORY,
    PORTAL,
    COLUMN,
    SINCE,
    UNTIL,
    UPDATED_SINCE,
    OF_FEED[0],
    OF_FEED[1],
];

/// The parameters of a feed of chosen columns.
pub const OF_CHOICE: &[Parameter] = &[
    Parameter {
        name: "columns",
        kind: Kind::Columns(CHOSEN),
        about: "Columns (`PORTAL/COLUMN`) and patterns (`PORTAL/*`, `*/COLUMN`), separated by commas.",
        example: "lucheng/*",
    },
    OF_FEED[0],
    OF_FEED[1],
];

/// The parameters by which a reader narrows any feed.
pub const OF_FEED: &[Parameter] = &[
    number("limit", FEED, "The most entries of the feed."),
    Parameter {
        name: "include",
        kind: Kind::Keywords(KEYWORDS),
        about: "Keywords of which one must stand in the title or the text, separated by commas; `title:` before \
                one means the title alone. They choose among the newest 1,000 articles.",
        example: "供热",
    },
];
