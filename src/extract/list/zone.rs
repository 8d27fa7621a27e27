//! Parts of a page with links but without items.
//!
//! Owns the words that identify menus, footers, hot lists and related links. Never looks at the
//! links themselves.

use crate::extract::page::dom::Attributes;
use ego_tree::NodeRef;
use scraper::Node;

use super::text;

/// Whether items can stand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Zone {
    /// Nothing suggests otherwise.
    Main,
    /// Only if there are no items elsewhere.
    Doubtful,
    /// Never.
    Foreign,
}

/// Words in `class` and `id` of parts that never hold items.
const FOREIGN: [&str; 22] = [
    "footer",
    "foot",
    "crumb",
    "crumbs",
    "breadcrumb",
    "breadcrumbs",
    "hot",
    "hotword",
    "hotwords",
    "rank",
    "ranking",
    "related",
    "recommend",
    "copyright",
    "friendlink",
    "friendlinks",
    "links",
    "weizhi",
    "dqwz",
    "share",
    "login",
    "quickbar",
];

/// Words of parts that seldom hold items.
const DOUBTFUL: [&str; 12] = [
    "nav", "menu", "side", "sidebar", "sidemenu", "aside", "header", "head", "top", "banner",
    "search", "mainnav",
];

/// Headings over other lists than the column's.
const HEADINGS: [&str; 18] = [
    "点击排行",
    "点击热门",
    "热门",
    "热点排行",
    "排行榜",
    "浏览排行",
    "阅读排行",
    "热门点击",
    "热门推荐",
    "热门文章",
    "相关链接",
    "相关稿件",
    "相关新闻",
    "相关阅读",
    "相关文章",
    "推荐阅读",
    "友情链接",
    "猜你喜欢",
];

/// How far above a block its heading may stand.
const LEVELS: usize = 3;

/// The zone of a row: the worst zone that the names of the elements around it or the heading over
/// the list indicate.
pub(super) fn around(row: NodeRef<'_, Node>, list: NodeRef<'_, Node>) -> Zone {
    let headed = std::iter::once(list)
        .chain(list.ancestors())
        .take(LEVELS)
        .flat_map(|node| node.prev_siblings().take(4))
        .chain(list.children().take(3))
        .chain(row.children().take(3))
        .any(is_foreign_heading);
    if headed {
        return Zone::Foreign;
    }
    let around = std::iter::once(row).chain(row.ancestors());
    around.map(by_name).max().unwrap_or(Zone::Main)
}

fn is_foreign_heading(node: NodeRef<'_, Node>) -> bool {
    // A link with one of these names is an item's or a menu's.
    let is_link = node.value().as_element().is_some_and(|e| e.name() == "a");
    !is_link
        && text::pieces(node, 40, false).is_some_and(|pieces| {
            let heading = pieces.concat();
            HEADINGS.iter().any(|word| heading.starts_with(word))
        })
}

fn by_name(node: NodeRef<'_, Node>) -> Zone {
    let Some(element) = node.value().as_element() else {
        return Zone::Main;
    };
    match element.name() {
        // A theme may style the whole page with `<body class="nav-fixed">`.
        "body" | "html" => return Zone::Main,
        "nav" | "footer" => return Zone::Foreign,
        "aside" | "header" => return Zone::Doubtful,
        _ => {}
    }
    let names = [element.attribute("class"), element.attribute("id")];
    let words = names
        .iter()
        .flatten()
        .flat_map(|name| name.split(|c: char| !c.is_ascii_alphabetic()))
        .filter(|word| !word.is_empty());
    words
        .map(|word| {
            let is = |list: &[&str]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
            if is(&FOREIGN) {
                Zone::Foreign
            } else if is(&DOUBTFUL) {
                Zone::Doubtful
            } else {
                Zone::Main
            }
        })
        .max()
        .unwrap_or(Zone::Main)
}
