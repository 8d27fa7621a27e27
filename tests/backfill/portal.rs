//! Pages of a longer column than the replica's.
//!
//! Owns these pages. Never tests anything itself.

use std::fmt::Write;

use dibao::demo::Reply;

use crate::support::replica::{FOLDER, Replica};
use crate::support::text;

/// Items of a list page.
pub(crate) const ITEMS: u32 = 2;

/// The path of article `number`.
pub(crate) fn path(number: u32) -> String {
    format!("{FOLDER}202512/t20251229_{}.html", 4_000_000 + number)
}

/// An article like no other.
pub(crate) fn article(number: u32) -> Reply {
    let page = format!(
        "<html><head><meta charset=\"utf-8\"><meta name=\"ArticleTitle\" content=\"第{number}号消息\">\
         <meta name=\"PubDate\" content=\"2025-12-29\"></head><body><h1>第{number}号消息</h1>\
         <div class=\"TRS_Editor\"><p>{}</p></div></body></html>",
        text(number)
    );
    Reply::Page(page.into_bytes())
}

/// Shows a column of this number of list pages. Its first item is number `first`, the greatest:
/// newer items have greater numbers.
pub(crate) fn show(replica: &Replica, pages: u32, first: u32) {
    for page in 0..pages {
        let mut html =
            String::from("<html><head><meta charset=\"utf-8\"></head><body><ul class=\"list\">");
        for item in 0..ITEMS {
            let number = first - page * ITEMS - item;
            replica.answer(&path(number), article(number));
            let path = path(number);
            write!(
                html,
                "<li><a href=\"{path}\">第{number}号消息，今天发布</a><span>2025-12-29</span></li>"
            )
            .unwrap();
        }
        write!(
            html,
            "</ul><script>createPageHTML({pages}, {page}, \"index\", \"html\");</script></body></html>"
        )
        .unwrap();
        let path = match page {
            0 => FOLDER.to_owned(),
            _ => format!("{FOLDER}index_{page}.html"),
        };
        replica.answer(&path, Reply::Page(html.into_bytes()));
    }
}
