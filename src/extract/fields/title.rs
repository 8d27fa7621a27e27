//! `<title>`: what it says of an article's title, and what of it is the title.
//!
//! Owns the comparison of `<title>` with the page's lines, and what a line must be to be a title.
//! Never chooses a heading.

use scraper::Html;

use super::labels;
use super::meta::Tags;
use crate::extract::page::cells::Cell;
use crate::extract::page::{boilerplate, dom, strings};
use crate::model::Field;

/// Signs between a title and the names of site and column. The last of them occur in titles, too.
const SEPARATORS: &[&str] = &[
    "_", "|", "｜", "--", " - ", "-", "–", "—", "－", ">>", " – ",
];
/// Endings of the names of sites and their parts.
const SITES: &[&str] = &[
    "网",
    "网站",
    "门户",
    "政府",
    "平台",
    "政务",
    "在线",
    "首页",
    "频道",
    "专栏",
    "委员会",
    "厅",
    "局",
    "部",
];
/// Endings of the names of columns. A longer text that ends like them is a headline.
const COLUMNS: &[&str] = &[
    "信息公开",
    "政府信息公开",
    "公报",
    "动态",
    "要闻",
    "新闻",
    "公告",
    "公示",
    "通知公告",
];
/// A shorter line proves nothing.
pub(in crate::extract) const MIN: usize = 4;
pub(in crate::extract) const MAX: usize = 120;
/// The rest of a longer `<title>` is not read.
const MAX_TAG: usize = 600;

/// A title and its place.
pub(in crate::extract) type Found = (String, &'static str);

/// The content of `<title>`.
#[derive(Debug)]
pub(in crate::extract) struct Tag {
    whole: String,
    /// The same without white space.
    said: String,
    /// The end of what stands before its first dots, and the beginning of what follows them.
    cut: Option<(usize, usize)>,
}

impl Tag {
    pub(in crate::extract) fn new(html: &Html) -> Option<Self> {
        let title = html.tree.nodes().find(|node| dom::name(*node) == "title")?;
        let text: String = title
            .descendants()
            .filter_map(|node| node.value().as_text().map(|text| text.text.to_string()))
            .collect();
        let text: String = text.chars().take(MAX_TAG).collect();
        let whole = strings::title(&text)?;
        let said = strings::fold(&whole);
        let cut = cut(&said);
        Some(Self { whole, said, cut })
    }

    /// Whether it has this line and then the site's name, or the reverse.
    fn has_folded(&self, folded: &str, line: &str) -> bool {
        self.is_around(folded) || is_blank_part(line, &self.whole)
    }

    /// Whether it has `line` and then the site's name, or the reverse.
    fn is_around(&self, line: &str) -> bool {
        let said = self.said.as_str();
        said == line
            || self.is_cut_within(line)
            || (said.starts_with(line) && separator_follows(&said[line.len()..]))
            || (said.ends_with(line) && separator_precedes(&said[..said.len() - line.len()]))
    }

    /// Whether it begins with the line, cut off by dots.
    fn is_cut_within(&self, line: &str) -> bool {
        self.cut.is_some_and(|(end, start)| {
            let (stem, rest) = (&self.said[..end], &self.said[start..]);
            let follows = rest.trim_start_matches(['.', '…', '·']);
            strings::len(stem) >= MIN * 2
                && line.starts_with(stem)
                && (follows.is_empty() || separator_follows(follows))
        })
    }

    /// The same, for a line that is no name of the site. One with which `<title>` begins and goes
    /// on is none.
    pub(in crate::extract) fn has_title(&self, line: &str, tags: &Tags) -> bool {
        self.has_title_folded(&strings::folded(line), line, tags)
    }

    /// The same for a line that is folded already.
    fn has_title_folded(&self, folded: &str, line: &str, tags: &Tags) -> bool {
        let begins = self.said.starts_with(folded) && self.said != folded;
        self.has_folded(folded, line) && (begins || !is_site(line, tags))
    }

    /// Whether it holds these lines, one after the other, as the end of one of its parts.
    pub(in crate::extract) fn has_lines(&self, lines: &[&str]) -> Lines {
        let text = strings::fold(&lines.concat());
        // A name of the site in `<title>` stands apart from the title.
        let is_apart = || {
            lines.windows(2).any(|two| {
                let start: String = two[1].chars().take(MIN).collect();
                let joins = self.whole.contains(&format!("{}{start}", two[0]));
                is_site(two[0], &Tags::default()) && !joins
            })
        };
        let Some(start) = self.said.find(&text) else {
            return Lines::No;
        };
        let rest = &self.said[start + text.len()..];
        let ends = rest.is_empty() || separator_follows(rest);
        match ends && lines.len() > 1 && strings::len(&text) >= MIN * 2 && !is_apart() {
            true => Lines::Whole,
            false => Lines::Part,
        }
    }

    /// Whether it is the name of a site, which a heading may have, too.
    pub(in crate::extract) fn is_site_and(&self, line: &str, tags: &Tags) -> bool {
        is_site(&self.said, tags) && self.said == strings::fold(line)
    }
}

/// What `<title>` has of several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extract) enum Lines {
    No,
    /// They may go on.
    Part,
    /// They are a title, or its end.
    Whole,
}

/// Whether a line can be a part of a title.
pub(in crate::extract) fn may_be_line(text: &str) -> bool {
    (2..=MAX).contains(&strings::len(text)) && !is_fact(text) && labels::whole(text).is_none()
}

/// Whether a line can be a title: it is not too short, and not a link, a label, a tool or a site
/// name.
pub(in crate::extract) fn may_be_title(text: &str, linked: usize, tags: &Tags) -> bool {
    let length = strings::len(text);
    let names = [tags.get("SiteName"), tags.get("ColumnName")];
    let is_name = || {
        names
            .iter()
            .flatten()
            .any(|name| strings::fold(name) == strings::fold(text))
    };
    (MIN..=MAX).contains(&length)
        && linked * 2 < length
        && labels::whole(text).is_none()
        && !boilerplate::is_path(text)
        && !boilerplate::is_boilerplate(text)
        && !is_subtitle(text)
        && !is_fact(text)
        && !is_name()
}

/// A line that continues a title: `——某某纪实`.
fn is_subtitle(text: &str) -> bool {
    text.starts_with("——") || text.starts_with("--")
}

/// A line that begins with a label of its own: `发布时间：2025-12-29 …`.
fn is_fact(text: &str) -> bool {
    let chars: Vec<char> = text.chars().take(MAX).collect();
    let label = labels::at(&chars)
        .filter(|(label, _)| label.field.is_some_and(|field| field != Field::Title));
    label.is_some_and(|(_, length)| chars.get(length).is_some_and(|c| strings::is_colon(*c)))
}

/// The cells that `<title>` repeats: the longest is the title, in any element. The site's name does
/// not count, unless `<title>` begins with it and continues.
pub(in crate::extract) fn repeated(tag: &Tag, cells: &[Cell], tags: &Tags) -> Vec<usize> {
    let is_title = |nth: &usize| {
        let cell = &cells[*nth];
        !cell.hidden
            && tag.has_title_folded(cell.folded(), &cell.text, tags)
            && may_be_title(&cell.text, cell.linked, tags)
    };
    (0..cells.len()).filter(is_title).collect()
}

/// Whether `<title>` begins or ends with the line, separated by white space: `某市人民政府 工作动态 某市召开会议`.
fn is_blank_part(line: &str, said: &str) -> bool {
    if !said.contains(char::is_whitespace) {
        return false;
    }
    let line = strings::tidy(line);
    let ends = said
        .strip_suffix(&line)
        .is_some_and(|before| before.ends_with(char::is_whitespace));
    let begins = said
        .strip_prefix(&line)
        .is_some_and(|after| after.starts_with(char::is_whitespace));
    strings::len(&line) >= MIN * 2 && (ends || begins)
}

/// Where the first dots of a text begin and end.
fn cut(said: &str) -> Option<(usize, usize)> {
    let dots = ["...", "…", "···"].into_iter();
    let places = dots.filter_map(|dots| Some((said.find(dots)?, dots.len())));
    let first = places.min_by_key(|(start, _)| *start);
    first.map(|(start, length)| (start, start + length))
}

fn separator_follows(rest: &str) -> bool {
    SEPARATORS
        .iter()
        .any(|separator| rest.starts_with(separator.trim()))
}

fn separator_precedes(rest: &str) -> bool {
    SEPARATORS
        .iter()
        .any(|separator| rest.ends_with(separator.trim()))
}

/// Whether a text is the name of a site or a column, or meaningless.
pub(in crate::extract) fn is_site(text: &str, tags: &Tags) -> bool {
    /// Longer texts end like a site's name only by chance.
    const MAX_NAME: usize = 24;
    const MAX_COLUMN: usize = 10;
    let text = strings::fold(text);
    let told = ["SiteName", "ColumnName"]
        .iter()
        .filter_map(|name| tags.get(name))
        .any(|name| strings::fold(name) == text);
    let ends = |names: &[&str]| names.iter().any(|end| text.ends_with(end));
    let length = strings::len(&text);
    told || text.is_empty()
        || (length <= MAX_NAME && ends(SITES))
        || (length <= MAX_COLUMN && ends(COLUMNS))
}

/// A title without the dots at its end.
pub(in crate::extract) fn stem(title: &str) -> &str {
    title
        .trim_end()
        .trim_end_matches(['.', '…', '·', '。', '⋯'])
}

/// Whether dots end a title, as if it were cut.
pub(in crate::extract) fn is_cut(title: &str) -> bool {
    let title = title.trim_end();
    ["...", "…", "···", "。。。", "⋯"]
        .iter()
        .any(|dots| title.ends_with(dots))
}

/// Whether a title is the whole of a text that dots cut off.
pub(in crate::extract) fn is_whole_of(title: &str, text: &str) -> bool {
    let own = strings::fold(stem(text));
    let title_stem = strings::fold(stem(title));
    is_cut(text)
        && strings::len(&own) >= MIN
        && title_stem.starts_with(&own)
        && title_stem.len() > own.len()
}

/// The `<title>` without the names of site and column.
pub(in crate::extract) fn trimmed(tag: &Tag, tags: &Tags) -> Option<Found> {
    let mut title = tag.whole.clone();
    let is_name = |text: &str| is_site(text, tags);
    // No title contains an underscore, so the longest piece between underscores is the title.
    if title.contains('_') {
        let longest = title
            .split('_')
            .rev()
            .max_by_key(|part| strings::len(part))?;
        title = strings::tidy(longest);
    }
    loop {
        let shorter = SEPARATORS.iter().find_map(|separator| {
            let (before, after) = title.rsplit_once(separator)?;
            (is_name(after) && strings::len(before) >= MIN).then(|| before.to_owned())
        });
        let shorter = shorter.or_else(|| {
            SEPARATORS.iter().find_map(|separator| {
                let (before, after) = title.split_once(separator)?;
                (is_name(before) && strings::len(after) >= MIN).then(|| after.to_owned())
            })
        });
        match shorter {
            Some(shorter) => title = strings::tidy(&shorter),
            None => break,
        }
    }
    strings::title(&title).map(|title| (title, "<title>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trim(text: &str) -> Option<String> {
        let html = Html::parse_document(&format!("<title>{text}</title>"));
        trimmed(&Tag::new(&html)?, &Tags::new(&html)).map(|(title, _)| title)
    }

    #[test]
    fn names_of_site_and_column_are_trimmed() {
        for text in [
            "关于某事的通知-某县人民政府网站",
            "关于某事的通知 - 工作动态 - 某县人民政府",
            "某县人民政府门户网站 关于某事的通知",
            "关于某事的通知_通知公告_某县人民政府网",
            "某市发展和改革委员会 | 关于某事的通知",
        ] {
            let expected = if text.contains("网站 ") {
                text
            } else {
                "关于某事的通知"
            };
            assert_eq!(trim(text).as_deref(), Some(expected));
        }
        assert_eq!(trim("2020-2025年规划").as_deref(), Some("2020-2025年规划"));
        assert_eq!(trim(" "), None);
    }
}
