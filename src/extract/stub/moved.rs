//! A notice that the site has moved, at the address of an article.
//!
//! Owns the words of such notices and the new address in them. Never judges a page that shows the
//! title that the column lists: listed under its own title, the notice is news.

use std::sync::LazyLock;

use regex::Regex;
use scraper::Html;

use crate::extract::answer::Stub;
use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::pattern::pattern;
use crate::extract::page::strings;
use crate::model::ListRow;

/// A notice has fewer characters, and one under a heading that announces the move has fewer than
/// the second number.
const MAX: usize = 600;
const MAX_ANNOUNCED: usize = 3_000;
/// The characters of a piece of a title.
const PIECE: usize = 4;

/// A title that announces such a move.
static ANNOUNCES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(网站|域名|网址|门户|平台|官网).{0,12}(迁移|变更|更换|更改|更名|搬迁|启用|切换|调整|上线|改版|关停|整合)",
        r"|(迁移|变更|启用|更换|切换).{0,10}(网站|域名|网址|门户|平台|官网)",
    ))
});

/// Words about a move of the site itself.
static MOVES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(网站|本站|站点|门户|平台|域名|网址)[^。；]{0,30}(迁移|迁至|迁到|搬迁|搬家|变更|更换|更改|更名|切换|调整)(至|到|为|了|[:：]|[^。；]{0,20}(新|至|到|为))",
        r"|(启用|使用|访问|改用|更新为|前往|登录)[^。；]{0,8}新(的)?(域名|网址|网站|地址|门户|平台|系统|站)|新(域名|网址|网站|站)(地址|链接)?(为|是|[:：])",
        r"|(网站|本站|站点|门户|平台|系统)[^。；]{0,12}(整合|合并|并入|归并)(至|到|入|进)[^。；]{0,20}(网|平台|门户|系统)",
        r"|(网站|本站|站点|门户|平台)[^。；]{0,10}(关停|停用|停止(使用|服务|更新|运行))[^。]{0,40}请(您)?(到|至|访问|前往|登录|移步|关注)",
    ))
});

/// An address as people write it.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)(?:https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,12}(?::\d{1,5})?(?:/[a-z0-9._~/?=&%-]*)?")
});

/// The notice that a page is, if it does not show the title of the `row`.
pub(super) fn recognise(document: &Html, row: &ListRow) -> Option<Stub> {
    if ANNOUNCES.is_match(&row.title) {
        return None;
    }
    let root = document.tree.root();
    let text = dom::short_text(root, MAX_ANNOUNCED)?;
    let said = strings::fold(&text);
    let is_short = strings::len(&text) <= MAX;
    if !(is_short && MOVES.is_match(&said) || is_announced(root)) || shows(&said, row) {
        return None;
    }
    let titled = dom::title(root).is_some_and(|title| shows(&strings::fold(&title), row));
    let to = ADDRESS.find(&said).map(|found| found.as_str().to_owned());
    let linked = || {
        let links = dom::elements(root).filter_map(|node| dom::attr(node, "href"));
        links
            .filter(|href| href.contains("://"))
            .map(str::to_owned)
            .next()
    };
    (!titled).then_some(Stub::Moved(to.or_else(linked)))
}

/// Whether the page's `<title>` or its headings announce a move of the site.
fn is_announced(root: DomNode<'_>) -> bool {
    /// A longer one is no heading.
    const MAX: usize = 80;
    let headings = dom::elements(root).filter(|node| matches!(dom::name(*node), "h1" | "h2"));
    let headings = headings.filter_map(|node| dom::short_text(node, MAX));
    headings
        .chain(dom::title(root))
        .any(|heading| ANNOUNCES.is_match(&strings::fold(&heading)))
}

/// Whether a short text tells of a move of the site, and its title does not: at the addresses of
/// several articles it is no text of theirs.
pub(in crate::extract) fn is_told_by(title: &str, text: &str) -> bool {
    text.len() <= MAX * 4
        && strings::len(text) <= MAX
        && MOVES.is_match(&strings::fold(text))
        && !ANNOUNCES.is_match(title)
}

/// Whether a text shows the title of a row: most of its pieces. Lists cut and decorate titles.
fn shows(said: &str, row: &ListRow) -> bool {
    let title: Vec<char> = strings::fold(&row.title).chars().collect();
    let pieces: Vec<String> = match title.len() < PIECE {
        true => vec![title.iter().collect()],
        false => title.windows(PIECE).map(String::from_iter).collect(),
    };
    let found = pieces.iter().filter(|piece| said.contains(piece.as_str()));
    found.count() * 2 >= pieces.len()
}
