//! Floods: lists that are new at every look, list pages without end, huge pages, and texts that are
//! never the same.
//!
//! Owns how these faults are served. Never counts what a reader stores.

use super::COLUMN;
use super::answer::{Answer, Asked};
use super::bodies::with_end;
use super::layouts::{AFTER_LIST, between, with_list};
use super::variants::{Spoils, Variant};

/// Items of an invented list page.
const ITEMS: usize = 20;
/// Bytes of a huge page.
const HUGE: usize = 12 << 20;

pub(super) static FLOODS: &[Variant] = &[
    Variant::new(
        "new",
        "the list shows other articles at every look, on each of its pages",
        Spoils::Pages,
        |asked| flood(asked, asked.before, 0),
    ),
    Variant::new(
        "endless",
        "the list has a page behind every page, each with articles of its own",
        Spoils::Pages,
        |asked| flood(asked, 0, 0),
    ),
    Variant::new(
        "huge",
        "the list shows other articles at every look, and each has 12 MB",
        Spoils::Pages,
        |asked| flood(asked, asked.before, HUGE),
    ),
];

pub(super) static VOLATILE: &[Variant] = &[
    Variant::new(
        "line",
        "a line of the newest article is another one with every look",
        Spoils::Article,
        |asked| {
            let line = format!("<p>今日值班的是{}小组。</p>", words(asked.before));
            Answer::page(with_end(&asked.page(), &line))
        },
    ),
    Variant::new(
        "order",
        "the paragraphs of the newest article change their places with every look",
        Spoils::Article,
        |asked| {
            let mut names = ["东街", "西街", "南街", "北街", "中街"];
            names.rotate_left(asked.before % 5);
            let lines: String = names
                .iter()
                .map(|name| format!("<p>{name}社区的代表参加了会议。</p>"))
                .collect();
            Answer::page(with_end(&asked.page(), &lines))
        },
    ),
    Variant::new(
        "file",
        "the newest article has a file of another name with every look",
        Spoils::Article,
        |asked| {
            let name = words(asked.before);
            let line = format!(
                "<p><a href=\"/files/{}.pdf\">附件：{name}号通知.pdf</a></p>",
                asked.before
            );
            Answer::page(with_end(&asked.page(), &line))
        },
    ),
];

/// A number in words that nobody takes for a counter.
fn words(nth: usize) -> String {
    let digits = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"];
    let number = (nth + 137).to_string();
    let places = number.bytes().map(|digit| usize::from(digit - b'0'));
    places
        .filter_map(|place| digits.get(place))
        .copied()
        .collect()
}

/// A list page with invented items, other ones at each `look`, or the article of one of them with
/// this number of bytes behind its text.
fn flood(asked: &Asked, look: usize, bytes: usize) -> Answer {
    let file = asked.file();
    let Some((_, number)) = file.rsplit_once("/t20") else {
        return Answer::page(list(asked, look));
    };
    let number = number.trim_end_matches(".html");
    let (_, number) = number.split_once('_').unwrap_or_default();
    let text: String = (0..20)
        .map(|line| format!("<p>第{number}号工作的第{line}段说明，内容各不相同。</p>"))
        .collect();
    let mut page = format!(
        "<html><head><meta charset=\"utf-8\"><title>第{number}号工作</title></head><body>\
         <h1>第{number}号工作进展</h1><p>发布时间：2025-12-30</p><div class=\"TRS_Editor\">{text}\
         </div>"
    );
    page.extend(noise(number, bytes));
    page.push_str("</body></html>");
    Answer::page(page)
}

/// A comment that hardly shrinks.
fn noise(seed: &str, bytes: usize) -> Option<String> {
    if bytes == 0 {
        return None;
    }
    let mut noise = String::with_capacity(bytes + 16);
    noise.push_str("<!--");
    let mut state = seed.parse::<u64>().unwrap_or(1) | 1;
    while noise.len() < bytes {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        for place in 0..8 {
            let sign = (state >> (8 * place + 2)) & 63;
            noise.push(char::from(b'0' + sign as u8));
        }
    }
    let noise = noise.replace(['<', '>'], "_");
    Some(format!("{noise}-->"))
}

/// A list page with items of its own, and a page behind it.
fn list(asked: &Asked, look: usize) -> String {
    let name = asked.file().strip_prefix(COLUMN).unwrap_or_default();
    let page = name
        .strip_prefix("index_")
        .and_then(|rest| rest.strip_suffix(".html"));
    let page: usize = page.and_then(|page| page.parse().ok()).unwrap_or(0);
    let first = look * 100_000 + page * ITEMS + 1_000_000;
    let rows: String = (first..first + ITEMS)
        .map(|number| {
            format!(
                "<li><a href=\"{COLUMN}202512/t20251230_{number}.html\">第{number}号工作进展</a>\
                 <span>2025-12-30</span></li>\n"
            )
        })
        .collect();
    let next = format!("<a href=\"{COLUMN}index_{}.html\">下一页</a>", page + 1);
    // Pages that the replica does not have look like its first one.
    let replica = crate::demo::file(COLUMN).unwrap_or_default();
    let replica = String::from_utf8_lossy(replica).replace(crate::demo::HOST, &asked.host);
    let listed = with_list(&replica, &format!("<ul class=\"list\">\n{rows}</ul>\n"));
    match between(&listed, AFTER_LIST, "</div>") {
        Some(pager) => listed.replace(pager, &next),
        None => listed,
    }
}
