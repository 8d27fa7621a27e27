//! 广东 gkmlpt, the province's disclosure platform: a page is a shell for a script. Its list is JSON
//! from `gkmlpt/api/all/COLUMN?page=1&sid=SITE`, with a hundred items a page.
//!
//! Owns that address. The page's script names the site; the page's URL, `gkmlpt/index#COLUMN`,
//! names the column; without a column it shows all of the site. Never reads the JSON.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::query::{self, ListSize};
use super::sheet::Sheet;
use super::system::Family;
use crate::config::PagingFamily;
use crate::extract::page::pattern::pattern;

pub(super) const FAMILY: Family = Family {
    name: PagingFamily::Gkmlpt,
    marks: &[r"/gkmlpt/", r"\bwindow\._CONFIG\s*=", r"/gkmlpt/api/"],
    #[rustfmt::skip]
    containers: &[
        ".article-content", "#info_cont", ".info_cont", ".content_article", ".newsMain", "#detailCon",
        ".wenzhang-content",
    ],
    data,
    ..Family::NONE
};

/// `SID: '200212'` in the page's settings.
static SITE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\bwindow\._CONFIG\b[\s\S]*?\bSID["']?\s*:\s*["']?(\d{1,12})\b"#));

/// The kind of page in the settings: an article's page is not a list.
static ARTICLE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\bACTION["']?\s*:\s*["']content["']"#));

/// `"total":123` beside the items.
static TOTAL: LazyLock<Regex> = LazyLock::new(|| pattern(r#""total"\s*:\s*"?(\d{1,9})\b"#));

/// The number of items in an answer.
const SIZE: u64 = 100;

fn data(sheet: &Sheet<'_>) -> Option<Option<Url>> {
    let (before, rest) = sheet.here.path().split_once("/gkmlpt/")?;
    if rest.starts_with("api/") {
        let total = TOTAL.captures(sheet.text);
        let told = ListSize {
            total: total.and_then(|total| total[1].parse().ok()),
            size: Some(SIZE),
            pages: None,
        };
        return Some(query::next(sheet.here, &told, sheet.items));
    }
    if rest.starts_with("content/") || ARTICLE.is_match(&sheet.scripts) {
        return None;
    }
    let site = &SITE.captures(&sheet.scripts)?[1];
    let column = sheet.here.fragment().unwrap_or_default();
    let digits = column.bytes().take_while(u8::is_ascii_digit).count();
    let column = match &column[..digits] {
        "" => "0",
        column => column,
    };
    let mut url = sheet.here.clone();
    url.set_fragment(None);
    url.set_path(&format!("{before}/gkmlpt/api/all/{column}"));
    url.set_query(Some(&format!("page=1&sid={site}")));
    Some(Some(url))
}
