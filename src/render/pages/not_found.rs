//! The page in the place of one that does not exist.
//!
//! Owns its markup. A server shows it at any address, so its links begin at the site's root.

use maud::html;

use super::super::{Site, paths};
use super::shell::SitePage;

/// Writes the page.
pub fn not_found(site: &Site) -> Vec<u8> {
    let page = SitePage::new(site, paths::NOT_FOUND.to_owned(), "没有这个页面");
    page.render(&html! {
        h1 { "没有这个页面" small lang="en" { "Not found" } }
        p { "这个地址上没有内容。栏目可能已改名，文章可能已被移除。" }
        p lang="en" { "There is nothing at this address." }
        ul {
            li { a href=(page.link(paths::CATALOGUE)) { "看全部栏目" span lang="en" { " All columns" } } }
            li { a href=(page.link(paths::SEARCH)) { "搜索文章" span lang="en" { " Search" } } }
        }
    })
}
