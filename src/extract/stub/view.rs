//! A page's signs against a stub.
//!
//! Owns the count of the text and the signs of articles and lists. Never names a stub.

use std::sync::LazyLock;

use regex::Regex;
use scraper::Html;
use url::Url;

use crate::extract::body::{attachments, density, pictures};
use crate::extract::fields::label_block;
use crate::extract::fields::meta::Tags;
use crate::extract::page::cells::{Cell, Cells};
use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::pattern::pattern;
use crate::extract::page::{boilerplate, strings};
use crate::model::Field;

/// The most characters of a line about the page itself.
const MAX_LINE: usize = 150;
/// A shorter heading may be a stub's: 提示信息.
const MIN_HEADING: usize = 6;
/// A longer title is an article's.
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

/// A summary of a page.
pub(super) struct View<'a> {
    html: &'a Html,
    cells: &'a Cells,
    pub(super) base: &'a Url,
    /// The text of `<title>`, folded and in lower case.
    pub(super) title: String,
    /// The page's own lines, also folded: no links, head, footer, menu or boilerplate.
    lines: Vec<String>,
    /// The raw lines.
    pub(super) printed: Vec<String>,
    /// Visible characters, including links.
    pub(super) all: usize,
    pub(super) links: usize,
    /// Whether it shows a picture, a video or another document.
    pub(super) shows: bool,
    /// Whether it has tools like 打印 and 字体.
    pub(super) has_tools: bool,
    pub(super) password: bool,
    pub(super) scripts: bool,
    /// The target of a refresh or a script.
    pub(super) goes_to: Option<String>,
}

impl<'a> View<'a> {
    /// Summarises a page; `None` if it has more than `most` characters of its own. Then reading
    /// stops there.
    pub(super) fn new(
        html: &'a Html,
        cells: &'a Cells,
        base: &'a Url,
        most: usize,
    ) -> Option<Self> {
        let root = html.tree.root();
        let aside = density::asides(html, cells);
        let own = |nth: &usize| is_own(&cells.all[*nth]);
        let mut places: Vec<usize> = (0..cells.all.len()).filter(own).collect();
        // If everything seems to be head and footer, an element around it has an odd class.
        if places.iter().any(|nth| !aside[*nth]) {
            places.retain(|nth| !aside[*nth]);
        }
        // The lines in lower case have at least as many characters.
        if places
            .iter()
            .map(|nth| cells.all[*nth].len())
            .sum::<usize>()
            > most
        {
            return None;
        }
        let mut lines: Vec<String> = places
            .iter()
            .map(|nth| cells.all[*nth].folded().to_lowercase())
            .collect();
        if cells.all.iter().all(|cell| cell.text.is_empty()) {
            lines.extend(without_script(root));
        }
        let printed = places.iter().map(|nth| cells.all[*nth].text.clone());
        let printed = printed.collect();
        if said(&lines) > most {
            return None;
        }
        let find = |test: &dyn Fn(DomNode<'_>) -> bool| dom::elements(root).any(test);
        Some(Self {
            base,
            title: dom::title(root).map_or_else(String::new, |title| folded(&title)),
            all: cells.all.iter().map(|cell| cell.len()).sum(),
            links: dom::elements(root)
                .filter(|node| dom::name(*node) == "a" && dom::attr(*node, "href").is_some())
                .count(),
            shows: find(&|node| is_shown(node)),
            has_tools: cells.all.iter().any(|cell| is_tools(&cell.text)),
            password: find(&is_password),
            scripts: find(&|node| dom::name(node) == "script"),
            goes_to: goes_to(root),
            lines,
            printed,
            html,
            cells,
        })
    }

    /// The page's own lines, folded.
    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Whether the page's text and title contain no Chinese: even an empty column shows its name.
    pub(super) fn is_ascii(&self) -> bool {
        self.title.is_ascii() && self.lines.iter().all(|line| line.is_ascii())
    }

    /// Whether lines with these words make up half of the page's text.
    pub(super) fn says(&self, words: &Regex) -> bool {
        let told = |line: &&String| line.chars().count() <= MAX_LINE && words.is_match(line);
        let told = said(self.lines.iter().filter(told));
        told > 0 && told * 2 >= said(&self.lines) && !self.is_headed(words)
    }

    /// Whether a line of the page has these words.
    pub(super) fn mentions(&self, words: &Regex) -> bool {
        let told = |line: &String| line.chars().count() <= MAX_LINE && words.is_match(line);
        self.lines.iter().any(told)
    }

    /// Whether the page has an article's title on another subject: a line of Chinese at the
    /// beginning of `<title>` that is not a site's name.
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

    /// Whether the page's title is short and has these words.
    pub(super) fn is_titled(&self, words: &Regex) -> bool {
        self.title.chars().count() <= MAX_TITLE && words.is_match(&self.title)
    }

    /// Whether it has parts that only an article has: official tags, a publication line, files.
    pub(super) fn is_article(&self) -> bool {
        let tags = Tags::new(self.html);
        let dated = |cell: &Cell| !cell.hidden && ONLY_DATE.is_match(cell.folded());
        let labelled = || {
            let fields = [Field::PublishedOn, Field::Source, Field::IndexNumber];
            let groups = label_block::groups(self.html, self.cells);
            groups.iter().any(|group| {
                group.is_block() || fields.iter().any(|field| group.value(*field).is_some())
            })
        };
        (tags.title().is_some() && tags.get("PubDate").is_some())
            || self.cells.all.iter().any(dated)
            || attachments::any(self.html.tree.root(), self.base)
            || labelled()
    }

    /// Whether it has links with dates beside them, or records for a script to show.
    pub(super) fn is_list(&self) -> bool {
        let dated = |cell: &Cell| {
            let mut runs = cell.runs();
            runs.any(|run| DATE.is_match(&strings::fold(run)))
        };
        let mut items = self.cells.all.iter().filter(|cell| cell.linked > 0);
        let mut texts = self.html.tree.values().filter_map(|node| node.as_text());
        items.any(|cell| !cell.hidden && dated(cell))
            || texts.any(|text| text.text.contains("<record"))
    }
}

/// The number of characters in these lines.
fn said<'a>(lines: impl IntoIterator<Item = &'a String>) -> usize {
    lines.into_iter().map(|line| line.chars().count()).sum()
}

fn folded(text: &str) -> String {
    strings::fold(text).to_lowercase()
}

fn is_own(cell: &Cell) -> bool {
    cell.len() > 0
        && !cell.hidden
        && !cell.is_linked()
        && !cell.is_imprint()
        && !cell.is_boilerplate()
        && !cell.is_path()
}

/// Whether an element asks for a password.
pub(super) fn is_password(node: DomNode<'_>) -> bool {
    let kind = dom::attr(node, "type").unwrap_or_default();
    dom::name(node) == "input" && kind.trim().eq_ignore_ascii_case("password")
}

/// The text of a page for readers without scripts.
fn without_script(root: DomNode<'_>) -> Option<String> {
    let node = dom::elements(root).find(|node| dom::name(*node) == "noscript")?;
    let text: String = node
        .descendants()
        .filter_map(|node| node.value().as_text())
        .map(|text| text.text.to_string())
        .collect();
    let text = folded(&text);
    (!text.is_empty()).then_some(text)
}

fn is_shown(node: DomNode<'_>) -> bool {
    match dom::name(node) {
        "iframe" | "frame" | "embed" | "object" | "video" | "audio" => {
            dom::attr(node, "src").is_none_or(|src| !src.trim().is_empty())
        }
        _ => pictures::is_content(node),
    }
}

/// The tools of an article's page. 返回 and 关闭 occur on error pages, too.
fn is_tools(line: &str) -> bool {
    boilerplate::is_boilerplate(line)
        && ["打印", "字体", "字号", "分享", "扫一扫"]
            .iter()
            .any(|tool| line.contains(tool))
}

/// The target of a refresh, or of the first script with one.
fn goes_to(root: DomNode<'_>) -> Option<String> {
    let refresh = |node: DomNode<'_>| {
        let kind = dom::attr(node, "http-equiv")?;
        let content = dom::attr(node, "content")?;
        let at = content.to_ascii_lowercase().find("url=")?;
        let to = content[at + 4..].trim().trim_matches(['"', '\'']);
        kind.eq_ignore_ascii_case("refresh").then(|| to.to_owned())
    };
    let script = |node: DomNode<'_>| {
        let text = dom::own_text(node);
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
