//! The kinds of published files, and what each depends on.
//!
//! Owns that table, which stands nowhere else. Never renders a file. Beside what [`Kind::causes`]
//! says, every file depends on the site and on the program, and these depend on single things:
//!
//! | file | is rendered with |
//! | --- | --- |
//! | history document | its column; a publication that it holds, if that is new or was removed |
//! | page of a month, page of a year | its column; an article of its month, or one that has left it |
//! | dump | its column; an article of its month, or one that has left it |
//! | document of changes | a change that it holds, if that is new or its article was removed |
//! | feeds and page of a topic | an article that it finds or found; any column |
//! | catalogue, OPML of all columns | a topic that comes, goes, or is called otherwise, too |
//! | feed of incidents | an incident that begins, ends, or is told otherwise |
//! | styles, icons, schemas, page for what is not found | the program alone |
//! | manifest | any file of it |

use serde::{Deserialize, Serialize};

/// Something on which published files depend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Cause {
    /// An article: its state, its changes, and its place in its columns.
    Article,
    /// What a column takes from the configuration, and its title.
    Column,
    /// The kept files that an article shows.
    KeptFile,
    /// The articles before and after it in its columns.
    Neighbour,
}

/// A kind of published file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An article as JSON.
    ArticleJson,
    /// The page of an article.
    ArticlePage,
    /// A column's live feeds.
    Feeds,
    /// A column's newest articles as JSON.
    ArticlesJson,
    /// A column's feed of revisions.
    Revisions,
    /// A column's page.
    ColumnPage,
    /// A portal's page.
    PortalPage,
    /// The combined feeds of a portal, or of all columns.
    GroupFeeds,
    /// The OPML of a portal, or of all columns.
    Opml,
    /// The catalogue.
    Catalogue,
    /// The description of the API.
    OpenApi,
}

impl Kind {
    /// What files of this kind depend on.
    pub(super) const fn causes(self) -> &'static [Cause] {
        use Cause::{Article, Column, KeptFile, Neighbour};
        match self {
            Self::ArticleJson => &[Article, Column, KeptFile],
            Self::ArticlePage => &[Article, Column, KeptFile, Neighbour],
            Self::Feeds | Self::GroupFeeds | Self::ArticlesJson => &[Article, Column, KeptFile],
            Self::Revisions | Self::ColumnPage | Self::PortalPage | Self::Catalogue => {
                &[Article, Column]
            }
            Self::Opml | Self::OpenApi => &[Column],
        }
    }
}
