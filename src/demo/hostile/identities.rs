//! Identities: texts, index numbers and dates that change, repeat or are missing.
//!
//! Owns how these faults are served. Never identifies an article.

use super::NEIGHBOUR;
use super::answer::{Answer, Asked};
use super::bodies::{renumbered, with_end};
use super::variants::{Spoils, Variant};

/// The newest article's index number.
const NUMBER: &str = "000014349/2025-32614";
/// The newest article's day.
const DAY: &str = "2025-12-29";

pub(super) static EDITS: &[Variant] = &[
    Variant::new(
        "edit",
        "the newest article's text is edited",
        Spoils::Article,
        |asked| Answer::page(asked.page().replace("大会开幕", "大会隆重开幕")),
    ),
    Variant::new(
        "trivial",
        "white space and the count of readers change with every look",
        Spoils::Article,
        |asked| {
            let counter = format!(
                "</h2>\n<p class=\"ly\">浏览次数：{} 次</p>",
                asked.before + 100
            );
            let page = asked.page().replace("</h2>", &counter);
            Answer::page(page.replace(
                "</p>",
                &format!("</p>{}", "\n ".repeat(asked.before % 3 + 1)),
            ))
        },
    ),
];

pub(super) static CONFLICTS: &[Variant] = &[Variant::new(
    "two",
    "the article below the newest bears the newest's index number",
    Spoils::Articles,
    |asked| {
        if asked.file() == NEIGHBOUR {
            Answer::page(renumbered(&asked.page(), NUMBER))
        } else {
            Answer::good(asked)
        }
    },
)];

pub(super) static MISSING: &[Variant] = &[
    Variant::new(
        "article",
        "the newest article has no index number",
        Spoils::Article,
        |asked| Answer::page(renumbered(&asked.page(), "")),
    ),
    Variant::new(
        "none",
        "无 in the place of the newest article's index number",
        Spoils::Article,
        |asked| Answer::page(renumbered(&asked.page(), "无")),
    ),
];

pub(super) static CORRECTED: &[Variant] = &[Variant::new(
    "same-url",
    "the newest article's index number is another",
    Spoils::Article,
    |asked| Answer::page(renumbered(&asked.page(), "000014349/2025-32699")),
)];

pub(super) static DATES: &[Variant] = &[
    Variant::new(
        "future",
        "the newest article is of 2099",
        Spoils::Article,
        |asked| dated(asked, "2099-12-31"),
    ),
    Variant::new(
        "malformed",
        "the newest article is of the 45th of the 13th month",
        Spoils::Article,
        |asked| dated(asked, "2025-13-45"),
    ),
    Variant::new(
        "missing",
        "the newest article has no date",
        Spoils::Article,
        |asked| dated(asked, ""),
    ),
];

pub(super) static VARYING: &[Variant] = &[
    Variant::new(
        "session",
        "the links of the list carry a session, another with every look",
        Spoils::List,
        |asked| linked(asked, &format!(";jsessionid={}", secret(asked.before))),
    ),
    Variant::new(
        "clock",
        "the links of the list carry the time, another with every look",
        Spoils::List,
        |asked| linked(asked, &format!("?_t={}", clock(asked.before))),
    ),
    Variant::new(
        "unknown",
        "the links of the list carry a value of no known kind, another with every look",
        Spoils::List,
        |asked| linked(asked, &format!("?from=w{}", asked.before)),
    ),
    Variant::new(
        "text",
        "the newest article's pictures and file have other addresses with every look, and a line \
         counts and tells the time",
        Spoils::Article,
        |asked| {
            let (before, clock) = (asked.before, clock(asked.before));
            let server = format!("src=\"http://img{}.{}/W", before % 10, asked.host);
            let page = asked.page().replace("src=\"./W", &server);
            let page = page.replace(".png\"", &format!(".png?t={clock}\""));
            let end = format!(
                "<p><a href=\"/files/dbmd.pdf;jsessionid={}\">附件：代表名单.pdf</a></p>\
                 <p>本文已被浏览 {before} 次，当前时间：2025年12月30日 9:{:02}:30</p>",
                secret(before),
                before % 60
            );
            Answer::page(with_end(&page, &end))
        },
    ),
];

/// The list with this behind the address of every article.
fn linked(asked: &Asked, token: &str) -> Answer {
    Answer::page(asked.page().replace(".html\"", &format!(".html{token}\"")))
}

/// A value that nobody can guess.
fn secret(nth: usize) -> String {
    let mixed = (nth as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{mixed:016X}{:016X}", mixed.rotate_left(29))
}

/// A time in milliseconds, a minute later with every look.
fn clock(nth: usize) -> u64 {
    1_767_056_400_123 + 60_000 * nth as u64
}

/// The article with another day in its tags and its label block. Its URL keeps the old day.
fn dated(asked: &Asked, day: &str) -> Answer {
    Answer::page(asked.page().replace(DAY, day))
}
