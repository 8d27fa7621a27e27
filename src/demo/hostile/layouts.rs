//! Layouts: a new layout, missing fields, empty pages, another order, and relative links.
//!
//! Owns how these faults are served. Never reads a page as dibao does.

use super::ARTICLE;
use super::answer::{Answer, Asked};
use super::bodies::{renumbered, with_end};
use super::redirects::to;
use super::variants::{Spoils, Variant};

/// The list's opening tag, and the tag after the list.
pub(super) const LIST: &str = "<ul class=\"list\">";
pub(super) const AFTER_LIST: &str = "<div class=\"page\">";
/// The opening tag of the article's text.
const BODY: &str = "<div id=\"zoom\">";
/// The folder into which fault 43 moves the article.
const FOLDER: &str = "/xinwen/2025/";

pub(super) static REBUILT: &[Variant] = &[
    Variant::new(
        "list",
        "the list has another class",
        Spoils::List,
        |asked| Answer::page(asked.page().replace(LIST, "<ul class=\"xwlb\">")),
    ),
    Variant::new(
        "article",
        "the text of every article has another id",
        Spoils::Articles,
        |asked| Answer::page(asked.page().replace(BODY, "<div id=\"neirong\">")),
    ),
    Variant::new(
        "script",
        "a script is to build the list",
        Spoils::List,
        |asked| {
            let app = "<div id=\"app\"></div><script src=\"/js/app.js\"></script>";
            Answer::page(with_list(&asked.page(), app))
        },
    ),
];

pub(super) static FIELDS: &[Variant] = &[
    Variant::new(
        "number",
        "the newest article loses its index number",
        Spoils::Article,
        |asked| Answer::page(renumbered(&asked.page(), "")),
    ),
    Variant::new(
        "body",
        "the newest article loses its text",
        Spoils::Article,
        |asked| {
            let page = asked.page();
            let text = between(&page, BODY, "<p class=\"bj\">").unwrap_or_default();
            Answer::page(page.replace(text, "</div>"))
        },
    ),
    Variant::new(
        "source",
        "the newest article loses its source",
        Spoils::Article,
        |asked| Answer::page(asked.page().replace("潞城融媒", "")),
    ),
    Variant::new(
        "all",
        "every article loses its index number",
        Spoils::Articles,
        |asked| Answer::page(renumbered(&asked.page(), "")),
    ),
];

pub(super) static EMPTY: &[Variant] = &[
    Variant::new("list", "the column without items", Spoils::List, |asked| {
        Answer::page(with_list(&asked.page(), "<ul class=\"list\"></ul>"))
    }),
    Variant::new(
        "words",
        "the column says 暂无内容",
        Spoils::List,
        |asked| Answer::page(with_list(&asked.page(), "<p>暂无内容</p>")),
    ),
];

pub(super) static ORDER: &[Variant] = &[
    Variant::new(
        "pinned",
        "the last item of the first page stands on top, with another day",
        Spoils::List,
        |asked| {
            Answer::page(reordered(&asked.page(), |items| {
                items.rotate_right(1);
                if let Some(first) = items.first_mut() {
                    *first = first.replace("2025-12-", "2025-11-");
                }
            }))
        },
    ),
    Variant::new(
        "reversed",
        "every list page is upside down",
        Spoils::List,
        |asked| Answer::page(reordered(&asked.page(), |items| items.reverse())),
    ),
    Variant::new(
        "twice",
        "every item stands on its page twice",
        Spoils::List,
        |asked| {
            Answer::page(reordered(&asked.page(), |items| {
                items.extend_from_within(..)
            }))
        },
    ),
];

/// A relative link of each kind, and a relative picture.
const RELATIVE: &str = "<p><a href=\"fj1.pdf\">附件一.pdf</a></p><p><a href=\"../fj2.docx\">附件二.docx</a></p>\
                        <p><a href=\"/fj3.xlsx\">附件三.xlsx</a></p><p><img src=\"tu.png\"></p>";

pub(super) static LINKS: &[Variant] = &[
    Variant::new(
        "relative",
        "relative links in the newest article",
        Spoils::Article,
        |asked| Answer::page(with_end(&asked.page(), RELATIVE)),
    ),
    Variant::new("base", "the same under <base>", Spoils::Article, |asked| {
        let base = "<head>\n<base href=\"/files/2025/\">";
        let page = asked.page().replace("<head>", base);
        Answer::page(with_end(&page, RELATIVE))
    }),
    Variant::new(
        "redirect",
        "the same, and the article redirects to another folder",
        Spoils::Everything,
        |asked| moved(asked).unwrap_or_else(|| Answer::good(asked)),
    ),
];

/// The answer at the article's old URL, which redirects, and at its new one.
fn moved(asked: &Asked) -> Option<Answer> {
    let there = format!("{FOLDER}a.html");
    if asked.file() == there {
        let article = Asked {
            path: ARTICLE.to_owned(),
            ..asked.clone()
        };
        return Some(Answer::page(with_end(&article.page(), RELATIVE)));
    }
    (asked.file() == ARTICLE).then(|| to(302, &there))
}

/// The text between two marks.
pub(super) fn between<'a>(page: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(from)?;
    rest.split_once(to).map(|(text, _)| text)
}

/// The page with this markup instead of its list.
pub(super) fn with_list(page: &str, markup: &str) -> String {
    match between(page, LIST, AFTER_LIST) {
        Some(items) => page.replace(&format!("{LIST}{items}"), markup),
        None => page.to_owned(),
    }
}

/// The lines of the page's items.
pub(super) fn items(page: &str) -> Vec<String> {
    let list = between(page, LIST, AFTER_LIST).unwrap_or_default();
    let items = list.lines().filter(|line| line.contains("<a "));
    items.map(str::to_owned).collect()
}

/// The page with its items in another order.
fn reordered(page: &str, order: impl Fn(&mut Vec<String>)) -> String {
    let mut items = items(page);
    if items.is_empty() {
        return page.to_owned();
    }
    order(&mut items);
    with_list(page, &format!("{LIST}\n{}\n</ul>\n", items.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(page: &str) -> usize {
        page.lines().filter(|line| line.contains("<li><")).count()
    }

    #[test]
    fn lists_keep_their_items_in_another_order_and_lose_them_where_they_should() {
        let page = String::from_utf8(
            crate::demo::file(crate::demo::hostile::COLUMN)
                .unwrap()
                .to_vec(),
        )
        .unwrap();
        let turned = reordered(&page, |items| items.reverse());
        assert_ne!(turned, page);
        assert_eq!(lines(&turned), lines(&page));
        assert_eq!(
            lines(&with_list(&page, "<p>暂无内容</p>")),
            lines(&page) - 20
        );
    }
}
