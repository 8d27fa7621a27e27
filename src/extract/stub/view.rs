//! The signs of a page that distinguish it from a stub.
//!
//! Owns the count of the text and the signs of articles and lists. Never names a stub.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;
use scraper::Html;
use url::Url;

use crate::extract::body::{attachments, density, pictures};
use crate::extract::fields::label_block;
use crate::extract::fields::meta::Tags;
use crate::extract::page::cells::{Cell, Cells};
use crate::extract::page::dom::{self, Here};
use crate::extract::page::pattern::pattern;
use crate::extract::page::{boilerplate, strings};
use crate::model::Field;

/// A line about the page itself; longer ones are about something else.
const MAX_LINE: usize = 150;
/// A heading with less may be a stub's: 提示信息.
const MIN_HEADING: usize = 6;
/// A title with more is an article's.
const MAX_TITLE: usize = 30;

static DATE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}|^\[?\d\d[-/]\d\d\]?$"));

static ONLY_DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^[\[(（【]?(19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(\d{1,2}[:：]\d\d([:：]\d\d)?)?[\])）】]?$",
    )
});

static GOES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)location(?:\.href)?\s*=\s*["']([^"']*)|location\.(?:replace|assign)\s*\(\s*["']([^"']*)"#,
    )
});

/// A page at a glance.
pub(super) struct View<'a> {
    html: &'a Html,
    cells: Cells,
    pub(super) base: &'a Url,
    /// The text of `<title>`, folded and in lower case.
    pub(super) title: String,
    /// The page's own lines, also folded: no links, head, footer, menu or boilerplate.
    lines: Vec<String>,
    /// The same lines as they stand.
    pub(super) printed: Vec<String>,
    /// Characters that can be read, links and all.
    pub(super) all: usize,
    pub(super) links: usize,
    /// Whether it shows a picture, a film or another document.
    pub(super) shows: bool,
    /// 打印, 字体 and the like.
    pub(super) has_tools: bool,
    pub(super) password: bool,
    pub(super) scripts: bool,
    /// Where a refresh or a script leads.
    pub(super) goes_to: Option<String>,
}

impl<'a> View<'a> {
    /// Looks at a page; `None` where it says more than `most` characters for itself, which is
    /// all that is looked at then.
    pub(super) fn new(html: &'a Html, base: &'a Url, most: usize) -> Option<Self> {
        let root = html.tree.root();
        let cells = Cells::new(root);
        let aside: HashSet<usize> = dom::elements(root)
            .filter(|node| density::is_aside(*node))
            .flat_map(|node| cells.below(node.id()))
            .collect();
        let own = |nth: &usize| is_own(&cells.all[*nth]);
        let mut places: Vec<usize> = (0..cells.all.len()).filter(own).collect();
        // A page that is all head and footer has an odd class around it.
        if places.iter().any(|nth| !aside.contains(nth)) {
            places.retain(|nth| !aside.contains(nth));
        }
        let mut lines: Vec<String> = places
            .iter()
            .map(|nth| folded(&cells.all[*nth].text))
            .collect();
        if cells.all.iter().all(|cell| cell.text.is_empty()) {
            lines.extend(without_script(root));
        }
        let printed = places.iter().map(|nth| cells.all[*nth].text.clone());
        let printed = printed.collect();
        if said(&lines) > most {
            return None;
        }
        let find = |test: &dyn Fn(Here<'_>) -> bool| dom::elements(root).any(test);
        Some(Self {
            base,
            title: dom::elements(root)
                .find(|node| dom::name(*node) == "title")
                .map(|node| folded(&own_text(node)))
                .unwrap_or_default(),
            all: cells.all.iter().map(|cell| strings::len(&cell.text)).sum(),
            links: dom::elements(root)
                .filter(|node| dom::name(*node) == "a" && dom::attr(*node, "href").is_some())
                .count(),
            shows: find(&|node| is_shown(node)),
            has_tools: cells.all.iter().any(|cell| is_tools(&cell.text)),
            password: find(&|node| {
                let kind = dom::attr(node, "type").unwrap_or_default();
                dom::name(node) == "input" && kind.trim().eq_ignore_ascii_case("password")
            }),
            scripts: find(&|node| dom::name(node) == "script"),
            goes_to: goes_to(root),
            lines,
            printed,
            html,
            cells,
        })
    }

    /// Whether nothing of what the page says is Chinese, its title included: an empty column
    /// still says which one it is.
    pub(super) fn is_ascii(&self) -> bool {
        self.title.is_ascii() && self.lines.iter().all(|line| line.is_ascii())
    }

    /// Whether lines with these words make up half of what the page says.
    pub(super) fn says(&self, words: &Regex) -> bool {
        let told = |line: &&String| line.chars().count() <= MAX_LINE && words.is_match(line);
        let told = said(self.lines.iter().filter(told));
        told > 0 && told * 2 >= said(&self.lines) && !self.is_headed(words)
    }

    /// Whether the page has an article's title, which speaks of something else: a line of
    /// Chinese that `<title>` begins with, and that is no site's name.
    fn is_headed(&self, words: &Regex) -> bool {
        const SITES: [&str; 7] = ["政府", "网", "网站", "门户", "局", "平台", "系统"];
        self.lines.iter().any(|line| {
            !line.is_ascii()
                && line.chars().count() >= MIN_HEADING
                && self.title.starts_with(line.as_str())
                && !words.is_match(line)
                && !SITES.iter().any(|end| line.ends_with(end))
        })
    }

    /// Whether the page calls itself so, and says hardly anything.
    pub(super) fn is_titled(&self, words: &Regex) -> bool {
        self.title.chars().count() <= MAX_TITLE && words.is_match(&self.title)
    }

    /// Whether it carries what only an article has: official tags, a publication line, files.
    pub(super) fn is_article(&self) -> bool {
        let tags = Tags::new(self.html);
        let dated = |cell: &Cell| !cell.hidden && ONLY_DATE.is_match(&strings::fold(&cell.text));
        let labelled = || {
            let fields = [Field::PublishedOn, Field::Source, Field::IndexNumber];
            let groups = label_block::groups(self.html, &self.cells);
            groups.iter().any(|group| {
                group.is_block() || fields.iter().any(|field| group.value(*field).is_some())
            })
        };
        (tags.title().is_some() && tags.get("PubDate").is_some())
            || self.cells.all.iter().any(dated)
            || attachments::any(self.html.tree.root(), self.base)
            || labelled()
    }

    /// Whether it has links with dates beside them, or records that a script would show.
    pub(super) fn is_list(&self) -> bool {
        let dated = |cell: &Cell| {
            cell.runs
                .iter()
                .any(|run| DATE.is_match(&strings::fold(run)))
        };
        let mut items = self.cells.all.iter().filter(|cell| cell.linked > 0);
        let mut texts = self.html.tree.values().filter_map(|node| node.as_text());
        items.any(|cell| !cell.hidden && dated(cell))
            || texts.any(|text| text.text.contains("<record"))
    }
}

/// How many characters these lines have.
fn said<'a>(lines: impl IntoIterator<Item = &'a String>) -> usize {
    lines.into_iter().map(|line| line.chars().count()).sum()
}

fn folded(text: &str) -> String {
    strings::fold(text).to_lowercase()
}

fn is_own(cell: &Cell) -> bool {
    let length = strings::len(&cell.text);
    length > 0
        && !cell.hidden
        && cell.linked * 2 <= length
        && !boilerplate::is_imprint(&cell.text)
        && !boilerplate::is_boilerplate(&cell.text)
        && !boilerplate::is_path(&cell.text)
}

/// The text right below an element, muted ones among them.
fn own_text(node: Here<'_>) -> String {
    node.children()
        .filter_map(|child| child.value().as_text())
        .map(|text| text.text.to_string())
        .collect()
}

/// The text of a page for readers without scripts.
fn without_script(root: Here<'_>) -> Option<String> {
    let node = dom::elements(root).find(|node| dom::name(*node) == "noscript")?;
    let text: String = node
        .descendants()
        .filter_map(|node| node.value().as_text())
        .map(|text| text.text.to_string())
        .collect();
    let text = folded(&text);
    (!text.is_empty()).then_some(text)
}

fn is_shown(node: Here<'_>) -> bool {
    match dom::name(node) {
        "iframe" | "frame" | "embed" | "object" | "video" | "audio" => {
            dom::attr(node, "src").is_none_or(|src| !src.trim().is_empty())
        }
        _ => pictures::is_content(node),
    }
}

/// The tools of an article's page. 返回 and 关闭 stand on error pages, too.
fn is_tools(line: &str) -> bool {
    boilerplate::is_boilerplate(line)
        && ["打印", "字体", "字号", "分享", "扫一扫"]
            .iter()
            .any(|tool| line.contains(tool))
}

/// The address that a refresh or the first script with one leads to.
fn goes_to(root: Here<'_>) -> Option<String> {
    let refresh = |node: Here<'_>| {
        let kind = dom::attr(node, "http-equiv")?;
        let content = dom::attr(node, "content")?;
        let at = content.to_ascii_lowercase().find("url=")?;
        let to = content[at + 4..].trim().trim_matches(['"', '\'']);
        kind.eq_ignore_ascii_case("refresh").then(|| to.to_owned())
    };
    let script = |node: Here<'_>| {
        let text = own_text(node);
        let found = GOES.captures(&text)?;
        let to = found.get(1).or(found.get(2))?;
        Some(to.as_str().trim().to_owned())
    };
    dom::elements(root).find_map(|node| match dom::name(node) {
        "meta" => refresh(node),
        "script" => script(node),
        _ => None,
    })
}
