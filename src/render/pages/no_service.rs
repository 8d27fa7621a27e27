//! The pages in the place of those that only the service makes, for a site of files alone.
//!
//! Owns their markup. The service never shows them.

use maud::html;

use super::super::labels::Label;
use super::super::{Site, paths};
use super::shell::{SitePage, home};

/// Each page's path, and what it is called.
const PAGES: [(&str, Label); 2] = [
    (paths::NO_SEARCH, ("搜索", "Search")),
    (paths::NO_STATUS, ("状态", "Status")),
];

/// Writes the pages, each with its path.
pub fn no_service(site: &Site) -> Vec<(&'static str, Vec<u8>)> {
    let pages = PAGES.map(|(path, (chinese, english))| {
        let page = SitePage {
            crumbs: vec![home()],
            ..SitePage::new(site, path.to_owned(), chinese)
        };
        let markup = html! {
            h1 { (chinese) small lang="en" { (english) } }
            p.notice { "这里的网站只有文件，没有这一页。搜索和状态由 " code { "dibao serve" } " 提供。" }
            p lang="en" {
                "This site is files alone, without this page: " code { "dibao serve" }
                " answers searches and shows the status."
            }
            p { a href=(page.link(paths::CATALOGUE)) { "看全部栏目" span lang="en" { " All columns" } } }
        };
        (path, page.render(&markup))
    });
    pages.into()
}
