//! The place of an article on its page: the line with its title, above its text.
//!
//! Owns the signs that a page shows the article for which it was asked. Where they are, the page as
//! a whole is no stub: what stands below the title decides. Never reads a value.

use std::sync::LazyLock;

use regex::Regex;
use scraper::Html;

use crate::extract::body::density;
use crate::extract::page::cells::{Cell, Cells};
use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::pattern::pattern;
use crate::extract::page::strings;

/// A shorter title may be a column's, or a word of a menu.
const MIN_TITLE: usize = 6;
/// A line with a title has at most this many characters more: 标题：…, 【通知】….
const MORE: usize = 12;
/// No title has more characters.
const MAX_TITLE: usize = 300;
/// The most lines with the title that are looked at.
const CANDIDATES: usize = 64;
/// A line with a date stands at most this many lines below the title.
const NEAR: usize = 8;
/// A line with a date has at most this many characters.
const MAX_LINE: usize = 80;

static DATE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}"));

/// The signs of a page's article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::extract) struct Place {
    /// The line with its title, if the title is found.
    pub(super) title: Option<usize>,
    /// Whether that is the title by which the column lists the article.
    pub(in crate::extract) is_listed: bool,
}

impl Place {
    /// Looks for the title by which the column `listed` the article. Without that, the page's own
    /// title counts if a date stands below it, and no link between them.
    pub(in crate::extract) fn find(html: &Html, cells: &Cells, listed: Option<&str>) -> Self {
        let by_row = listed.and_then(|listed| line_with(html, cells, listed));
        Self {
            title: by_row.or_else(|| dated(html, cells)),
            is_listed: by_row.is_some(),
        }
    }

    /// Whether the page shows an article's title in its place.
    pub(in crate::extract) fn is_found(self) -> bool {
        self.title.is_some()
    }
}

/// The line that shows a listed title.
fn line_with(html: &Html, cells: &Cells, listed: &str) -> Option<usize> {
    let is_cut = listed.trim_end().ends_with(['.', '…', '．']);
    let title = letters(listed);
    let says = |said: &str| is_title(&letters(said), &title, is_cut);
    let headings = dom::elements(html.tree.root())
        .filter(|node| matches!(dom::name(*node), "h1" | "h2" | "h3"))
        .filter(|node| dom::short_text(*node, MAX_TITLE).is_some_and(|said| says(&said)))
        .map(|node| cells.below(node.id()))
        .filter(|range| cells.all[range.clone()].iter().all(is_shown))
        .map(|range| range.start);
    let lines = (0..cells.all.len()).filter(|nth| {
        let cell = &cells.all[*nth];
        is_shown(cell) && says(&cell.text)
    });
    let mut candidates = headings.chain(lines).take(CANDIDATES);
    candidates.find(|nth| is_in_place(html, cells, *nth))
}

/// Whether a line shows a listed title, perhaps with a word more or less: a list adds a column's
/// name in front and NEW behind, a page 标题：.
fn is_title(said: &str, listed: &str, is_cut: bool) -> bool {
    let (own, other) = (said.chars().count(), listed.chars().count());
    if own.min(other) < MIN_TITLE || own > MAX_TITLE {
        return own > 0 && said == listed;
    }
    let is_more = said.contains(listed) && own <= other + MORE;
    let is_less = listed.contains(said) && other <= own + MORE;
    is_more || is_less || (is_cut && said.starts_with(listed))
}

/// The letters and digits of a text: quotes and spaces differ from page to page.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The line with a segment of `<title>` above a line with a date.
fn dated(html: &Html, cells: &Cells) -> Option<usize> {
    let title = strings::fold(&dom::title(html.tree.root())?);
    let is_titled = |nth: &usize| {
        let cell = &cells.all[*nth];
        let said = cell.folded();
        is_shown(cell) && strings::len(said) >= MIN_TITLE && title.starts_with(said)
    };
    let is_dated = |cell: &Cell| !cell.hidden && is_dated(&cell.text);
    let candidates = (0..cells.all.len()).filter(is_titled).take(CANDIDATES);
    candidates
        .filter(|nth| is_in_place(html, cells, *nth))
        .find(|nth| {
            let below = cells.all[nth + 1..].iter().take(NEAR);
            below.take_while(|cell| !cell.is_linked()).any(is_dated)
        })
}

/// Whether a line has a day, or the label of the day of publication: a script may write the day.
fn is_dated(line: &str) -> bool {
    static LABEL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(发布|更新)(时间|日期)[：:]"));
    let said = || strings::fold(line);
    strings::len(line) <= MAX_LINE && (DATE.is_match(&said()) || LABEL.is_match(&said()))
}

/// Whether a line tells when and by whom an article was published, and how often it was read.
pub(super) fn is_about(line: &str) -> bool {
    static LABEL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(时间|日期)[：:]|(来源|作者|编辑|发布者|发布人|浏览|点击|阅读|访问|字体|字号)(次数|量|数)?[：:]",
        )
    });
    strings::len(line) <= MAX_LINE && {
        let said = strings::fold(line);
        DATE.is_match(&said) || LABEL.is_match(&said)
    }
}

/// Whether readers see a line that is no link.
fn is_shown(cell: &Cell) -> bool {
    !cell.hidden && !cell.is_linked()
}

/// Whether a line is outside head, footer, menu and breadcrumb.
fn is_in_place(html: &Html, cells: &Cells, nth: usize) -> bool {
    let cell = &cells.all[nth];
    let is_aside =
        |node: DomNode<'_>| node.ancestors().any(density::is_aside) || density::is_aside(node);
    let holder = html.tree.get(cell.holder);
    !cell.is_path() && holder.is_some_and(|holder| !is_aside(holder))
}
