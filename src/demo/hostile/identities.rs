//! Identities: texts, index numbers and dates that change, repeat or are missing.
//!
//! Owns how these faults are served. Never identifies an article.

use super::NEIGHBOUR;
use super::answer::{Answer, Asked};
use super::bodies::renumbered;
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

/// The article with another day in its tags and its label block. Its URL keeps the old day.
fn dated(asked: &Asked, day: &str) -> Answer {
    Answer::page(asked.page().replace(DAY, day))
}
