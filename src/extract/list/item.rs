//! Reads one row as one item.
//!
//! Owns the choice among a row's links and dates. Never decides which rows belong together.

use chrono::NaiveDate;
use ego_tree::NodeId;
use scraper::ElementRef;
use url::Url;

use super::date_marks::{Date, Mark};
use super::link::Link;
use super::page::Page;
use super::{pinned, text, title};
use crate::extract::answer::Item;
use crate::extract::page::urls;

/// An item, and the element around it.
pub(super) struct Found {
    pub(super) item: Item,
    pub(super) top: NodeId,
    /// The month and day of a date without a year, if neither the page nor the URL names the year.
    pub(super) month_day: Option<(u32, u32)>,
    /// Whether the row says that it is pinned above the others.
    pub(super) is_pinned: bool,
}

impl Found {
    /// An item that stands outside the order of the rows, and that no row of the page dates.
    pub(super) fn apart(item: Item, top: NodeId) -> Self {
        Self {
            item,
            top,
            month_day: None,
            is_pinned: true,
        }
    }
}

/// The item of a row; `None` if no link has a name, in itself or elsewhere in the row.
pub(super) fn from_row(
    page: &Page<'_>,
    row: NodeId,
    links: &[&Link],
    marks: &[&Mark],
) -> Option<Found> {
    let link = best_link(links)?;
    // A time that is linked, as in blogs.
    let is_day = |title: &str| {
        let texts = marks
            .iter()
            .filter_map(|mark| page.node(mark.node)?.value().as_text());
        texts.into_iter().any(|text| text.trim() == title)
    };
    let names_none = |link: &Link| title::is_pointer(&link.title) || is_day(&link.title);
    let title = if names_none(link) {
        // A link like 查看 leads to the article, and another link or cell has its title.
        let same = links
            .iter()
            .copied()
            .find(|other| other.url == link.url && !names_none(other))
            .or_else(|| page.named(&link.url));
        match same {
            Some(other) => other.title.clone(),
            None => longest_text(page, row, marks)?,
        }
    } else {
        link.title.clone()
    };
    let mark = best_mark(page, marks);
    let printed = mark.and_then(|mark| complete(mark.date, &link.url));
    let (title, published_on) = match &link.dated {
        // The date at the end of a title is the item's if there is no other, or if both are the
        // same.
        Some(dated) if title == link.title && printed.is_none_or(|date| date == dated.date) => {
            (dated.title.clone(), Some(dated.date))
        }
        _ => (title, printed),
    };
    let month_day = match mark.map(|mark| mark.date) {
        Some(Date::Yearless(month, day)) if published_on.is_none() => Some((month, day)),
        _ => None,
    };
    Some(Found {
        item: Item {
            url: link.url.clone(),
            title,
            published_on,
        },
        top: row,
        month_day,
        // Several rows of a flat list share one element, so only a row of its own can say it.
        is_pinned: page.counts(row).marks <= marks.len() && pinned::says(page, row),
    })
}

/// The link that most likely leads to the article: an article's URL before a column's or a file's,
/// then the longest title.
fn best_link<'l>(links: &[&'l Link]) -> Option<&'l Link> {
    let rank = |link: &Link| {
        let kind = match &link.url {
            url if urls::is_download(url) => 1,
            url if urls::is_numbered(url) => 3,
            url if urls::is_page(url) => 2,
            _ => 0,
        };
        (kind, link.title.chars().count())
    };
    // The first one wins a tie; `max_by_key` would take the last.
    links.iter().rev().max_by_key(|link| rank(link)).copied()
}

/// Labels and column heads of dates that are never the day of publication, not even alone: when a
/// rule takes effect or ends, and until when something is open.
const NEVER: [&str; 8] = [
    "截止",
    "截至",
    "失效",
    "实施",
    "施行",
    "生效",
    "有效期",
    "废止",
];

/// Those of dates that are the day of publication only if there is no other.
const RARELY: [&str; 5] = ["成文", "生成", "发文", "开始", "结束"];

/// The day of publication among a row's dates: the one labelled as that, else the last without
/// another label. A date by itself comes before one in a sentence, which is part of a summary.
fn best_mark<'m>(page: &Page<'_>, marks: &[&'m Mark]) -> Option<&'m Mark> {
    let label = |mark: &&Mark| format!("{}{}", column_head(page, mark), mark.label);
    let labels: Vec<String> = marks.iter().map(label).collect();
    let says = |nth: usize, words: &[&str]| words.iter().any(|word| labels[nth].contains(word));
    let may_be = |nth: &usize| !says(*nth, &NEVER);
    if let [mark] = marks {
        return may_be(&0).then_some(*mark);
    }
    let all = || 0..marks.len();
    let published = all().find(|nth| says(*nth, &["发布", "公开"]));
    let unlabelled = |alone: bool| {
        let is_open = |nth: &usize| may_be(nth) && !says(*nth, &RARELY);
        all().rfind(|nth| marks[*nth].is_alone == alone && is_open(nth))
    };
    published
        .or_else(|| unlabelled(true))
        .or_else(|| unlabelled(false))
        .or_else(|| all().rfind(may_be))
        .map(|nth| marks[nth])
}

/// The head of the table column with a date; else an empty string.
fn column_head(page: &Page<'_>, mark: &Mark) -> String {
    let head = || {
        let node = page.node(mark.node)?;
        let mut above = node.ancestors().filter_map(ElementRef::wrap);
        let cell = above.find(|element| element.value().name() == "td")?;
        let table = above.find(|element| element.value().name() == "table")?;
        let column = cell.prev_siblings().filter_map(ElementRef::wrap).count();
        let first = table
            .descendent_elements()
            .find(|element| element.value().name() == "tr")?;
        let head = first.child_elements().nth(column)?;
        Some(text::pieces(*head, 60, false)?.concat())
    };
    head().unwrap_or_default()
}

/// Gives a date without year the year in which the link's URL has the same month (TRS, Hanweb and
/// others write the day or the month into it).
pub(super) fn complete(date: Date, url: &Url) -> Option<NaiveDate> {
    match date {
        Date::Known(date) => Some(date),
        Date::Yearless(month, day) => {
            let path = url.path().as_bytes();
            let digits = |from: usize, to: usize| -> Option<u32> {
                std::str::from_utf8(path.get(from..to)?).ok()?.parse().ok()
            };
            let year = (0..path.len()).find_map(|at| {
                let year = digits(at, at + 4).filter(|year| (1990..2100).contains(year))?;
                let gap = usize::from(matches!(path.get(at + 4), Some(b'-' | b'/')));
                let at = at + 4 + gap;
                // A lone digit is a month only with others around it: /2025/7/4/.
                let found =
                    digits(at, at + 2).or_else(|| digits(at, at + 1).filter(|_| gap == 1))?;
                (found == month).then_some(year)
            })?;
            NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
        }
    }
}

fn longest_text(page: &Page<'_>, row: NodeId, marks: &[&Mark]) -> Option<String> {
    let node = page.node(row)?;
    node.descendants()
        .filter(|node| marks.iter().all(|mark| mark.node != node.id()))
        .filter_map(text::shown)
        .map(title::clean)
        .filter(|text| text.chars().count() >= 4)
        .max_by_key(|text| text.chars().count())
}
