//! The parameters of every URL that `serve` answers.
//!
//! Owns the one table of them, for `serve` and for `openapi.json`. Never reads a value.

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
    /// One of these; the first is the default.
    Choice(&'static [&'static str]),
    /// A column's name, `PORTAL/COLUMN`.
    Column,
    /// At most this many columns (`PORTAL/COLUMN`) and portals (`PORTAL/*`), separated by commas.
    Columns(usize),
    /// Names of an article's members, separated by commas.
    Fields,
    /// The `cursor` of the previous answer.
    Cursor {
        /// The last place in the list that a client can ask for.
        farthest: i64,
    },
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
/// How many changes an answer has: the most, and the default.
pub const CHANGES: (i64, i64) = (1_000, 100);
/// The longest wait for a change, in seconds.
pub const WAIT: i64 = 30;
/// The greatest number that all JSON parsers read without loss (RFC 8259, section 6).
pub const GREATEST: i64 = (1 << 53) - 1;
/// The last place in a list that grows without end.
const GREATEST_PLACE: i64 = 999_999_999_999_999;
/// The last place in a list of search results.
pub const FARTHEST_HIT: i64 = 10_000;
/// The most columns and portals of one feed.
const CHOSEN: usize = 100;
/// The pattern of a cursor.
pub const CURSOR: &str = "^c[1-9][0-9]{0,14}$";
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

const fn cursor(farthest: i64) -> Parameter {
    Parameter {
        name: "cursor",
        kind: Kind::Cursor { farthest },
        about: "The place where the list continues: `cursor` of the previous answer. It is opaque.",
        example: "",
    }
}

const PORTAL: Parameter = text("portal", "Articles of this portal.", "lucheng");
const COLUMN: Parameter = Parameter {
    name: "column",
    kind: Kind::Column,
    about: "Articles of this column, as `/api/v1/columns` names it.",
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
const FIELDS: Parameter = Parameter {
    name: "fields",
    kind: Kind::Fields,
    about: "Only these members of an article, separated by commas, and always `id`. All members by default.",
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
    Parameter {
        name: "index_number",
        kind: Kind::Text(LONGEST),
        about: "The article with this 索引号, however its dashes, spaces and letters are written.",
        example: "000014349/2025-32614",
    },
    Parameter {
        name: "withdrawn",
        kind: Kind::Choice(&["false", "true", "any"]),
        about: "`false` for articles that are online, `true` for withdrawn and removed ones, `any` for both.",
        example: "false",
    },
    FIELDS,
    number(
        "limit",
        ARTICLES,
        "The most articles of the answer. Long articles make it fewer.",
    ),
    cursor(GREATEST_PLACE),
];

/// The parameters of one article.
pub const OF_ARTICLE: &[Parameter] = &[FIELDS];

/// The parameters of an export.
pub const OF_EXPORT: &[Parameter] = &[Parameter {
    name: "format",
    kind: Kind::Choice(&["ndjson", "json", "csv"]),
    about: "One article on each line, one array, or a spreadsheet (UTF-8 with BOM, RFC 4180).",
    example: "ndjson",
}];

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
    number("limit", ARTICLES, "The most articles of the answer."),
    cursor(FARTHEST_HIT),
];

/// The parameters of a topic's feed.
pub const OF_TOPIC: &[Parameter] = &[WORDS, ISSUER, CATEGORY, PORTAL, COLUMN, SINCE, UNTIL];

/// The parameters of a feed of chosen columns.
pub const OF_CHOICE: &[Parameter] = &[Parameter {
    name: "columns",
    kind: Kind::Columns(CHOSEN),
    about: "Columns (`PORTAL/COLUMN`) and portals (`PORTAL/*`), separated by commas.",
    example: "lucheng/*",
}];
