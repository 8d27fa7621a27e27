//! The publication date and the source, if the label block lacks them: from the line near the
//! title, the tags, the address.
//!
//! Owns the order of trust in these. Never looks at the text itself.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;
use scraper::Html;
use url::Url;

use super::label_block::{Entry, Group};
use super::labels::Weight;
use super::meta::Tags;
use super::{credits, dates, row};
use crate::extract::answer::Extracted;
use crate::extract::page::cells::Cells;
use crate::extract::page::pattern::pattern;
use crate::extract::page::{boilerplate, dom, strings};
use crate::model::Field;

/// Tags with the time of publication, the official one first.
const DATES: [&str; 4] = [
    "PubDate",
    "PublishDate",
    "publishtime",
    "article:published_time",
];

/// The lines of a page between its title and its text, and those above the title.
#[derive(Debug)]
pub(in crate::extract) struct Near<'a> {
    /// Labels with their values, those after the title first.
    groups: Vec<&'a Group>,
    /// Lines with a date that has no label.
    dates: Vec<&'a str>,
    /// A document number on a line of its own.
    number: Option<&'a str>,
    /// The day that a label names below the text.
    below: Option<&'a Entry>,
}

impl<'a> Near<'a> {
    /// `head` is the range from the title's cell to the first sentence of the text, `end` the cell
    /// after the text.
    pub(in crate::extract) fn new(
        html: &'a Html,
        cells: &'a Cells,
        groups: &'a [Group],
        head: Range<usize>,
        end: usize,
    ) -> Self {
        let below = groups.iter().find_map(|group| below(cells, group, end));
        let mut dates = bare_dates(cells, groups, head.clone());
        dates.splice(..0, stamped(html, cells, &head));
        let (after, above): (Vec<&Group>, Vec<&Group>) = groups
            .iter()
            .filter(|group| !cells.all[group.cells().start].hidden)
            .filter(|group| group.cells().start < head.end)
            .partition(|group| group.cells().end > head.start);
        Self {
            groups: after.into_iter().chain(above).collect(),
            number: number_in(cells, &head),
            dates,
            below,
        }
    }

    fn entries(&self, field: Field) -> impl Iterator<Item = &'a Entry> {
        let entries = self.groups.iter().flat_map(|group| &group.entries);
        entries.filter(move |entry| entry.label.field == Some(field))
    }

    fn first(&self, field: Field) -> Option<&'a Entry> {
        self.groups.iter().find_map(|group| group.value(field))
    }
}

/// Fills in source and publication.
///
/// `listed` is the day that the column's list says.
pub(in crate::extract) fn offer(
    page: &mut Extracted,
    near: &Near<'_>,
    tags: &Tags,
    base: &Url,
    listed: Option<NaiveDate>,
) {
    if let Some(entry) = near.first(Field::Source) {
        page.offer(
            Field::Source,
            source_in(&entry.value),
            &format!("label {}", entry.label.name),
        );
    }
    if let Some(source) = tags.source() {
        page.offer(Field::Source, source, "meta ContentSource");
    }
    // Readers trust the date beside the label; the tag may hold the date of a later edit. If both
    // have the same day, the tag is more exact.
    let shown = near.first(Field::PublishedOn).filter(|entry| {
        let day = dates::value(&entry.value).map(|found| found.date);
        let tagged = DATES.iter().find_map(|tag| dates::value(tags.get(tag)?));
        entry.label.weight != Weight::Weak && day.is_some() && day != tagged.map(|tag| tag.date)
    });
    if let Some(entry) = shown {
        offer_entry(page, Field::PublishedOn, entry);
    }
    for tag in DATES {
        if let Some(date) = tags.get(tag) {
            page.offer(Field::PublishedOn, date, &format!("meta {tag}"));
            page.offer_time(date);
        }
    }
    if let Some(entry) = near.first(Field::PublishedOn) {
        offer_entry(page, Field::PublishedOn, entry);
    }
    // Some portals place the document's own date apart from its other labels.
    if let Some(entry) = near.first(Field::IssuedOn) {
        offer_entry(page, Field::IssuedOn, entry);
    }
    for entry in near.entries(Field::PublishedOn) {
        page.offer_time(&entry.value);
    }
    if let Some(date) = tags.get("firstpublishedtime") {
        page.offer(Field::PublishedOn, date, "meta firstpublishedtime");
        page.offer_time(date);
    }
    if let Some(entry) = near.below {
        offer_entry(page, Field::PublishedOn, entry);
    }
    if let Some(day) = listed {
        page.offer(Field::PublishedOn, &day.to_string(), row::FOUND);
    }
    for line in &near.dates {
        if let Some(name) = NAMED.captures(line).and_then(|found| found.get(1)) {
            page.offer(Field::Source, name.as_str(), "near title");
        }
    }
    // A day alone may be a speech's; a time comes from the system.
    let (timed, bare): (Vec<&str>, Vec<&str>) = near
        .dates
        .iter()
        .partition(|line| dates::find(line).is_some_and(|found| found.instant().is_some()));
    for line in timed.into_iter().chain(bare) {
        page.offer(Field::PublishedOn, line, "near title");
        page.offer_time(line);
    }
    if let Some(date) = date_in(base) {
        page.offer(Field::PublishedOn, &date, "url");
    }
    // A block with an empty place for the number says that there is none.
    if let Some(number) = near.number
        && near.entries(Field::DocumentNumber).next().is_none()
    {
        page.offer(Field::DocumentNumber, number, "near title");
    }
}

fn offer_entry(page: &mut Extracted, field: Field, entry: &Entry) {
    page.offer(field, &entry.value, &format!("label {}", entry.label.name));
}

/// The day of a line with date and author that stands below the text, or ends it.
fn below<'a>(cells: &Cells, group: &'a Group, end: usize) -> Option<&'a Entry> {
    /// The lines around the end of the text.
    const NEAR: usize = 4;
    let start = group.cells().start;
    let cell = &cells.all[start];
    let is_below = (end.saturating_sub(NEAR)..end + NEAR).contains(&start);
    let entry = group
        .value(Field::PublishedOn)
        .filter(|_| is_below && !cell.hidden && cell.linked == 0 && credits::is_info(cell))?;
    (entry.label.weight != Weight::Weak).then_some(entry)
}

/// The pattern of 《党政机关公文格式》 GB/T 9704-2012, 7.2.5: 潞政发〔2025〕7号, also with the brackets that people
/// type instead.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\p{Han}{1,16}\s*[〔\[［（(【]\s*(19|20)[0-9]{2}\s*[〕\]］）)】]\s*第?\s*[0-9]{1,5}\s*号$",
    )
});

/// A line that is only a document number.
fn number_in<'a>(cells: &'a Cells, head: &Range<usize>) -> Option<&'a str> {
    /// Further down, a table in the text may list numbers.
    const NEAR: usize = 6;
    let below = head.start + 1..head.end.min(head.start + 1 + NEAR);
    cells
        .all
        .get(below)?
        .iter()
        .filter(|cell| !cell.hidden && cell.linked == 0)
        .map(|cell| cell.text.as_str())
        .find(|line| strings::len(line) <= 40 && NUMBER.is_match(line))
}

/// The time that the first `time` element near the title has for programs, unless it is the one of an
/// edit; or the day in the `title` of a text like 3天前.
fn stamped<'a>(html: &'a Html, cells: &Cells, head: &Range<usize>) -> Option<&'a str> {
    let stamp = |node: dom::DomNode<'a>| match dom::name(node) {
        "time" => dom::attr(node, "datetime"),
        "span" | "em" | "i" | "b" | "p" | "div" => dom::attr(node, "title"),
        _ => None,
    };
    let times = dom::elements(html.tree.root()).filter_map(|node| Some((node, stamp(node)?)));
    let mut near = times.filter(|(node, stamp)| {
        let is_edit = ["updated", "modified"]
            .iter()
            .any(|name| dom::marks(*node).contains(name));
        // Words beside a date are a title's.
        let is_date = dom::name(*node) == "time" || credits::before_date(stamp).is_empty();
        !is_edit && is_date && head.contains(&cells.below(node.id()).start)
    });
    let (_, stamp) = near.next()?;
    dates::find(stamp).map(|_| stamp)
}

/// Dates without a label near the title: lines with hardly anything else.
fn bare_dates<'a>(cells: &'a Cells, groups: &[Group], head: Range<usize>) -> Vec<&'a str> {
    /// Besides `2025-12-29 10:20:30` this leaves room for a name, not for a sentence.
    const MAX: usize = 60;
    /// A line with a time may be longer.
    const MAX_TIMED: usize = 110;
    // A date after another date label (归档时间) belongs to that label. A date after a name (来源：某报
    // 2025-12-29) is the publication's.
    let of_dates = |entry: &&Entry| entry.label.name.ends_with(['间', '期', '于']);
    let told: HashSet<usize> = groups
        .iter()
        .flat_map(|group| &group.entries)
        .filter(of_dates)
        .filter(|entry| dates::value(&entry.value).is_some())
        .map(|entry| entry.cell)
        .collect();
    let blocks: Vec<Range<usize>> = groups
        .iter()
        .filter(|group| group.is_block())
        .map(Group::cells)
        .collect();
    let in_block = |nth: &usize| blocks.iter().any(|block| block.contains(nth));
    let leads = |nth: &usize| credits::before_date(&cells.all[*nth].text).is_empty();
    head.filter(|nth| !told.contains(nth) && (!in_block(nth) || leads(nth)))
        .map(|nth| &cells.all[nth])
        .filter(|cell| !cell.hidden && cell.text.len() <= 4 * MAX_TIMED)
        .map(|cell| cell.text.as_str())
        .filter(|line| dates::may_occur(line))
        .filter(|line| {
            let is_timed = || dates::find(line).is_some_and(|found| found.instant().is_some());
            strings::len(line) <= MAX || (strings::len(line) <= MAX_TIMED && is_timed())
        })
        .filter(|line| !line.contains(['《', '，', '今']))
        .filter(|line| !line.trim_start_matches('（').contains('（'))
        .filter(|line| !boilerplate::is_imprint(line) && dates::find(line).is_some())
        .filter(|line| !dates::takes_effect(line))
        .collect()
}

/// An unlabelled name after the time of publication, in the form of an office or a newspaper.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:\d[:：]\d{2}(?:[:：]\d{2})?\s*|(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s+)(\p{Han}{0,18}?(?:网|报|社|台|中心|局|委|办|办公室|政府|部|厅|院|融媒|融媒体|委员会))(?:\s|$|点击|浏览|阅读|评论|字体|字号|[\[【])",
    )
});

/// Tools on the source's line: 大 中 小, 【字体：…, [打印.
static TOOLS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"[\s\[【(（|｜]+(大[\s|｜]*中[\s|｜]*小|小[\s|｜]*中[\s|｜]*大|字[体号][：:\s]|(打印|关闭|分享|收藏|浏览|阅读|点击|评论)([\s：:次量数本此页\]】]|$))",
    )
});

/// People on the source's line: `（记者 张三）`, ` 通讯员：李四`.
static PEOPLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:[\s\[【(（/|｜]+(?:全媒体|融媒体|本报|首席|见习|实习)?(?:记者|通讯员)[\s：:/]|[\s(（|｜]+(?:记者|通讯员)\p{Han}{2,4}(?:[\s)）]|$)|(?:记者|通讯员|作者|撰稿|摄影)[：:])",
    )
});

/// The name after a source's label, without people, tools or a date after it, and without the
/// bracket that encloses both.
fn source_in(value: &str) -> &str {
    let of = |found: &Regex, text: &str| found.find(text).map_or(text.len(), |at| at.start());
    let value = &value[..of(&TOOLS, value)];
    let people = of(&PEOPLE, value);
    let named = match people {
        0 => value,
        people => value[..people].trim_end(),
    };
    let name = credits::before_date(named);
    let pairs = [('[', ']'), ('【', '】'), ('(', ')'), ('（', '）')];
    let closing = pairs
        .into_iter()
        .find(|(open, close)| name.ends_with(*close) && !name.contains(*open));
    closing.map_or(name, |(_, close)| name.trim_end_matches(close))
}

/// The date in an article's address: `t20251229_3123304.html`, `/art/2023/10/23/art_1.html`.
fn date_in(url: &Url) -> Option<String> {
    let path = url.path();
    let name = path.rsplit('/').next().unwrap_or_default();
    if let Some(digits) = name.strip_prefix('t').and_then(|rest| rest.get(..8))
        && digits.bytes().all(|b| b.is_ascii_digit())
    {
        return Some(format!(
            "{}-{}-{}",
            &digits[..4],
            &digits[4..6],
            &digits[6..]
        ));
    }
    let slashes = path.replace('/', " ");
    let words: Vec<&str> = slashes.split_whitespace().collect();
    words.windows(3).find_map(|three| {
        let text = three.join("-");
        dates::find(&text).map(|found| found.date.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ArticleRules;
    use crate::extract::article;

    /// The time of publication, its place, and the source.
    fn read(head: &str) -> (String, String, String) {
        let html = format!(
            "{head}<div id=zoom><p>会议指出，要抓好各项工作的落实，把会议的精神传达到每一个单位，确保各项任务按时完成。</p></div>"
        );
        let base = Url::parse("http://www.x.gov.cn/gzdt/202512/t20251229_1.html").unwrap();
        let page = article(&html, &base, &ArticleRules::default());
        let meta = page.metadata;
        let day = meta.published_on.map(|day| day.to_string());
        let at = meta.published_at.map(|at| at.to_string()).or(day);
        let found = page.provenance.get(&Field::PublishedOn).cloned();
        (
            at.unwrap_or_default(),
            found.unwrap_or_default(),
            meta.source.unwrap_or_default(),
        )
    }

    #[test]
    fn the_line_below_the_title_tells_when_and_by_whom() {
        for (line, at, found) in [
            (
                "发布时间：2023-10-23 08:59 浏览次数： 信息来源：市府办",
                "2023-10-23T08:59:00+08:00",
                "label 发布时间",
            ),
            (
                "<span>来源：<b>市府办</b></span><span>日期：2023年10月23日</span>",
                "2023-10-23",
                "label 日期",
            ),
            ("2023年10月23日 来源：市府办", "2023-10-23", "near title"),
            ("来源：市府办 2023-10-23", "2023-10-23", "near title"),
            ("[2023.10.23] [来源：市府办]", "2023-10-23", "near title"),
            ("来源：市府办 | 2023-10-23", "2023-10-23", "near title"),
            ("（来源：市府办 2023-10-23）", "2023-10-23", "near title"),
            (
                "<span>稿源：市府办</span> <span>发布：2023-10-23 10:20</span>",
                "2023-10-23T10:20:00+08:00",
                "near title",
            ),
            (
                "<span>2023-10-23</span><span>来源：</span><span>市府办</span><span>发布机构：</span><span>某局</span>",
                "2023-10-23",
                "near title",
            ),
            (
                "<ul><li>2023-10-23 08:59:30</li><li>来源：市府办</li></ul>",
                "2023-10-23T08:59:30+08:00",
                "near title",
            ),
        ] {
            let expected = (at.to_owned(), found.to_owned(), "市府办".to_owned());
            assert_eq!(
                read(&format!("<h1>某县召开会议</h1><div>{line}</div>")),
                expected,
                "{line}"
            );
        }
    }

    #[test]
    fn tags_come_first_for_the_time_and_what_is_shown_for_the_source() {
        let head = "<meta name=PubDate content='2023-10-23 09:00:01'><meta name=ContentSource content=别处>
            <h1>某县召开会议</h1><div>来源：市府办 时间：2023-10-23 09:00</div>";
        let (at, found, source) = read(head);
        assert_eq!(at, "2023-10-23T09:00:01+08:00");
        assert_eq!(found, "meta PubDate");
        assert_eq!(source, "市府办");
    }

    #[test]
    fn the_address_tells_the_day_where_nothing_else_does() {
        let (at, found, _) = read("<div>今天是2030年1月1日</div><h1>某县召开会议</h1>");
        assert_eq!((at.as_str(), found.as_str()), ("2025-12-29", "url"));
    }

    #[test]
    fn a_line_below_the_title_may_be_the_documents_number() {
        let number = |line: &str| {
            let html = format!(
                "<h1>某县召开会议</h1><p>{line}</p><div id=zoom><p>会议指出，要抓好各项工作的落实。</p></div>"
            );
            let base = Url::parse("http://www.x.gov.cn/1.html").unwrap();
            article(&html, &base, &ArticleRules::default())
                .metadata
                .document_number
        };
        assert_eq!(
            number("某政办〔2025〕15号").as_deref(),
            Some("某政办〔2025〕15号")
        );
        assert_eq!(number("转发某政办〔2025〕15号文件的通知"), None);
    }

    #[test]
    fn dates_stand_in_addresses_in_two_ways() {
        let day = |path: &str| date_in(&Url::parse(&format!("http://x.cn{path}")).unwrap());
        assert_eq!(
            day("/a/202512/t20251229_312.html").as_deref(),
            Some("2025-12-29")
        );
        assert_eq!(
            day("/art/2023/10/3/art_1_2.html").as_deref(),
            Some("2023-10-03")
        );
        assert_eq!(day("/content/post_10493724.html"), None);
        assert_eq!(day("/xxgk/t1107054.shtml"), None);
    }
}
