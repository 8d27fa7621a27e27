//! The site page at the old address of a column that moved.
//!
//! Owns its markup. Never sends a browser on by itself: a web server does that.

use maud::html;

use super::super::{ColumnInfo, Site, paths};
use super::shell::{SitePage, of_portal};
use crate::model::ColumnName;

/// Writes the page of a former name of the column.
pub fn moved(site: &Site, column: &ColumnInfo, former: &ColumnName) -> Vec<u8> {
    let page = SitePage {
        crumbs: of_portal(&column.portal),
        feeds: vec![column],
        ..SitePage::new(site, paths::column_page(former), &column.title)
    };
    page.render(&html! {
        h1 { (column.title) }
        p.notice { "本栏目的地址已变更，请改为订阅新地址。" span lang="en" { " This column has moved." } }
        p { a href=(page.link(&paths::column_page(&column.name))) { "前往新地址" span lang="en" { " Go there" } } }
        p.muted { "订阅地址 " code { (column.atom_url(site)) } }
    })
}
