//! The headings of a page: by element, or by an element's name.
//!
//! Owns what a heading is, and which of its lines are its own. Never chooses one.

use std::ops::Range;

use scraper::Html;

use super::label_pairs::{self, Sign};
use super::meta::Tags;
use super::title::{self, MAX, Tag};
use crate::extract::page::cells::{Cell, Cells};
use crate::extract::page::{dom, strings};

/// A heading, and the cells that it takes.
#[derive(Clone, Debug)]
pub(super) struct Heading {
    pub(super) cells: Range<usize>,
    pub(super) rank: usize,
    pub(super) text: String,
}

impl Heading {
    /// The later of two headings; both, if the later one goes on right below the other: 某县人民政府
    /// above 关于某事的通知.
    pub(super) fn followed_by(self, later: Self) -> Self {
        const ONSETS: [&str; 4] = ["关于", "印发", "转发", "批转"];
        let goes_on = ONSETS.iter().any(|onset| later.text.starts_with(onset));
        let is_organ = !ONSETS.iter().any(|onset| self.text.starts_with(onset));
        if goes_on && is_organ && self.cells.end == later.cells.start {
            return Self {
                cells: self.cells.start..later.cells.end,
                rank: later.rank,
                text: strings::joined(&format!("{}\n{}", self.text, later.text)),
            };
        }
        later
    }
}

/// A shorter line may be a column's name.
const SHORT: usize = 8;

/// Nothing but names of offices: 某市统计局　国家统计局某市调查队
fn are_offices(text: &str) -> bool {
    const PLACES: [&str; 12] = [
        "国家", "中国", "中共", "省", "市", "县", "区", "州", "盟", "旗", "镇", "乡",
    ];
    const ENDS: [&str; 14] = [
        "局",
        "厅",
        "委",
        "委员会",
        "政府",
        "办公室",
        "总队",
        "支队",
        "调查队",
        "法院",
        "检察院",
        "中心",
        "银行",
        "部",
    ];
    /// A longer one is a sentence.
    const MAX: usize = 20;
    let mut names = text.split_whitespace().peekable();
    names.peek().is_some()
        && names.all(|name| {
            strings::len(name) <= MAX
                && PLACES.iter().any(|place| name.contains(place))
                && ENDS.iter().any(|end| name.ends_with(end))
                && !["关于", "召开", "印发", "走进", "到"]
                    .iter()
                    .any(|word| name.contains(word))
        })
}

/// The headings that begin before the cell `until` and may be a title, in document order.
pub(super) fn above(
    html: &Html,
    cells: &Cells,
    tag: Option<&Tag>,
    tags: &Tags,
    until: usize,
) -> Vec<Heading> {
    let is_site = |text: &str| tag.is_some_and(|tag| tag.is_site_and(text, tags));
    let mut found: Vec<Heading> = Vec::new();
    for node in html.tree.root().descendants() {
        let Some(rank) = rank(node) else {
            continue;
        };
        let range = cells.below(node.id());
        if range.is_empty() || range.start >= until {
            continue;
        }
        let Some(text) = dom::short_text(node, MAX) else {
            continue;
        };
        let own = before_facts(cells, range.clone());
        let inside = &cells.all[own.clone()];
        let text = match own.len() < range.len() {
            true => {
                let lines: Vec<&str> = inside.iter().map(|cell| cell.text.as_str()).collect();
                strings::joined(&lines.join("\n"))
            }
            false => strings::joined(&text),
        };
        let linked = inside.iter().map(|cell| cell.linked).sum();
        let hidden = inside.iter().all(|cell| cell.hidden);
        // The offices that issue a text stand below its title.
        let is_below =
            |above: &Heading| above.cells.end == own.start && strings::len(&above.text) > SHORT;
        if are_offices(&text) && found.iter().any(is_below) {
            continue;
        }
        if title::may_be_title(&text, linked, tags) && !is_site(&text) && !hidden {
            found.push(Heading {
                cells: own,
                rank,
                text,
            });
        }
    }
    found
}

/// The cells of a heading before the line with date and author, which the title's box may also
/// hold.
fn before_facts(cells: &Cells, range: Range<usize>) -> Range<usize> {
    let says = |cell: &Cell| {
        let pairs = label_pairs::read(cell);
        pairs
            .iter()
            .any(|pair| pair.sign == Sign::Colon && pair.label.field.is_some())
    };
    let facts = (range.start + 1..range.end).find(|nth| says(&cells.all[*nth]));
    range.start..facts.unwrap_or(range.end)
}

/// The rank of an `h1`.
pub(super) const FIRST: usize = 3;

/// The rank of an element as a heading: `h1` first, then elements named as titles.
pub(in crate::extract) fn rank(node: dom::DomNode<'_>) -> Option<usize> {
    match dom::name(node) {
        "h1" => Some(FIRST),
        "h2" => Some(2),
        "h3" | "h4" | "h5" | "h6" => Some(1),
        "div" | "p" | "td" | "ucaptitle" | "dt" => {
            (may_be_named(node) && is_named(&dom::marks(node))).then_some(2)
        }
        _ => None,
    }
}

/// Whether an element may be named as a title: each such name has `ti` or `bt`.
fn may_be_named(node: dom::DomNode<'_>) -> bool {
    let is_one = |pair: &[u8]| pair.eq_ignore_ascii_case(b"ti") || pair.eq_ignore_ascii_case(b"bt");
    ["class", "id"].into_iter().any(|name| {
        let marks = dom::attr(node, name).unwrap_or_default().as_bytes();
        marks.windows(2).any(is_one)
    })
}

/// Whether an element is named as a title.
fn is_named(marks: &str) -> bool {
    const NAMES: [&str; 7] = ["title", "biaoti", " bt ", "_bt", "-bt", "_tit", "tit "];
    NAMES.iter().any(|name| marks.contains(name)) || is_numbered(marks)
}

/// `bt1`, `bt2`: 标题, with a number.
fn is_numbered(marks: &str) -> bool {
    let mut words = marks.split_whitespace();
    words.any(|word| {
        let rest = word.strip_prefix("bt").unwrap_or_default();
        !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit())
    })
}
