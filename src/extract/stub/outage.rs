//! The page of a gateway whose source does not answer: an outage that passes, although a firewall
//! wrote it.
//!
//! Owns the words of such pages. Never judges a page for its length alone: gateways explain at
//! length what their customers should do.

use std::sync::LazyLock;

use regex::Regex;
use scraper::Html;

use crate::extract::page::dom;
use crate::extract::page::pattern::pattern;
use crate::extract::page::strings;

/// The most characters of such a page, with its explanations.
const MAX: usize = 4000;
/// The most characters of one without a status in its title.
const MAX_UNTITLED: usize = 400;

/// The most nodes of such a page.
const MAX_NODES: usize = 1000 + MAX * 20;

/// The status of a gateway as a title.
static STATUS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(http|error|错误|状态码?|[:：|_-])*50[0-4]([^0-9路].{0,30})?$"));

/// Words about the server behind a gateway.
static SOURCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"源站|回源|源服务器|上游服务器|后端服务器?|originserver|originwebserver|source(web)?site|upstream|网关|gateway|hosterror",
    )
});

/// Words about its failure.
static FAILS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(源站|源服务器|上游服务器)[^。]{0,10}(问题|故障|异常|错误|超时|无响应|没有响应|不可达|宕机|无法|失败|维护|关闭)|回源[^。]{0,6}(失败|超时|错误|异常)",
    )
});

/// Whether a page is a gateway's about an outage of its source.
pub(super) fn is_outage(document: &Html) -> bool {
    let root = document.tree.root();
    let titled = |title: String| STATUS.is_match(&strings::fold(&title).to_lowercase());
    let is_status = dom::title(root).is_some_and(titled);
    let most = if is_status { MAX } else { MAX_UNTITLED };
    let Some(text) = dom::short_text_among(root, most, MAX_NODES) else {
        return false;
    };
    let said = strings::fold(&text).to_lowercase();
    (is_status && SOURCE.is_match(&said))
        || (said.chars().count() <= MAX_UNTITLED && FAILS.is_match(&said))
}
