//! Lists: lying validators, other orders than the newest first, and pagers without addresses.
//!
//! Owns how these faults are served. Never reads a page as dibao does.

use super::COLUMN;
use super::answer::{Answer, Asked};
use super::layouts::{AFTER_LIST, between, items, with_list};
use super::variants::{Spoils, Variant};

/// The number of the replica's last list page, counted from 0.
const LAST: usize = 3;

pub(super) static VALIDATORS: &[Variant] = &[
    Variant::new(
        "etag",
        "the list keeps its ETag and is \"not modified\" for ever, while articles are added",
        Spoils::List,
        |asked| unmodified(asked, "etag: \"1\""),
    ),
    Variant::new(
        "changing",
        "every answer has an ETag of its own, and each of them is \"not modified\" for ever",
        Spoils::List,
        |asked| unmodified(asked, &format!("etag: \"{}\"", asked.before)),
    ),
    Variant::new(
        "future",
        "the list was last modified in 2041, and is \"not modified\" since",
        Spoils::List,
        |asked| unmodified(asked, "last-modified: Tue, 01 Jan 2041 00:00:00 GMT"),
    ),
];

pub(super) static ORDERS: &[Variant] = &[
    Variant::new(
        "rising",
        "the oldest article comes first, and news stands on the last page",
        Spoils::List,
        |asked| {
            let mut items = items_of(LAST.saturating_sub(number(asked)));
            items.reverse();
            Answer::page(with_items(&asked.page(), &items))
        },
    ),
    Variant::new(
        "pinned",
        "old articles fill the first page, and news stands on the second",
        Spoils::List,
        |asked| {
            let shown = match number(asked) {
                0 => LAST,
                page => page - 1,
            };
            Answer::page(with_items(&asked.page(), &items_of(shown)))
        },
    ),
    Variant::new(
        "clicks",
        "the list is ordered by clicks",
        Spoils::List,
        |asked| {
            let items = items_of(number(asked));
            let half = items.len().div_ceil(2);
            let mut mixed = Vec::new();
            for at in 0..half {
                mixed.extend(items.get(half + at).cloned());
                mixed.extend(items.get(half - 1 - at).cloned());
            }
            Answer::page(with_items(&asked.page(), &mixed))
        },
    ),
];

pub(super) static PAGERS: &[Variant] = &[
    Variant::new(
        "postback",
        "the pager sends the page's form back to the server",
        Spoils::List,
        |asked| {
            turned_by(
                asked,
                "<span>第1页/共4页</span> <a href=\"javascript:__doPostBack('p','2')\">下一页</a>",
            )
        },
    ),
    Variant::new("form", "the pager posts a form", Spoils::List, |asked| {
        turned_by(
            asked,
            "<form method=\"post\" action=\"list.jsp\"><input type=\"hidden\" name=\"page\" \
                 value=\"1\"><a href=\"javascript:void(0)\" onclick=\"go(2)\">下一页</a></form>",
        )
    }),
    Variant::new(
        "script",
        "a script of another file turns the pages",
        Spoils::List,
        |asked| turned_by(asked, "<a href=\"javascript:turn(2)\">下一页</a>"),
    ),
    Variant::new(
        "more",
        "a button loads more items into the page",
        Spoils::List,
        |asked| {
            turned_by(
                asked,
                "<a href=\"javascript:;\" class=\"more\">加载更多</a>",
            )
        },
    ),
];

/// The list with one item more at each request, and 304 to every conditional request.
fn unmodified(asked: &Asked, validator: &str) -> Answer {
    let is_conditional = ["if-none-match", "if-modified-since"]
        .iter()
        .any(|name| asked.header(name).is_some());
    if is_conditional {
        return Answer::bare(304, validator);
    }
    let mut listed = items_of(1);
    listed.truncate(1 + asked.before);
    listed.extend(items_of(0));
    let page = with_items(&asked.page(), &listed);
    Answer::whole(
        200,
        &["content-type: text/html", validator],
        page.as_bytes(),
    )
}

/// The list with another pager.
fn turned_by(asked: &Asked, pager: &str) -> Answer {
    let page = asked.page();
    let own = between(&page, AFTER_LIST, "</div>").unwrap_or_default();
    Answer::page(page.replace(own, pager))
}

/// The number of the list page that was asked for, counted from 0.
fn number(asked: &Asked) -> usize {
    let file = asked.file().strip_prefix(COLUMN).unwrap_or_default();
    let number = file
        .strip_prefix("index_")
        .and_then(|rest| rest.strip_suffix(".html"));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The items of the replica's list page with this number, without pinned ones.
fn items_of(page: usize) -> Vec<String> {
    let path = match page {
        0 => COLUMN.to_owned(),
        _ => format!("{COLUMN}index_{page}.html"),
    };
    let bytes = crate::demo::file(&path).unwrap_or_default();
    let mut items = items(&String::from_utf8_lossy(bytes));
    items.retain(|item| !item.contains("置顶"));
    items
}

fn with_items(page: &str, items: &[String]) -> String {
    with_list(
        page,
        &format!("<ul class=\"list\">\n{}\n</ul>\n", items.join("\n")),
    )
}
