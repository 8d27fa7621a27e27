//! 大汉 Hanweb: `/col/colN/`. A script shows its lists, from records in the page (jpage), or from
//! JSON with a piece of HTML (jpaas).
//!
//! Owns its marks, its names for the text, and the choice between the two. Never reads an item.

mod jpage;
mod unit;

use crate::config::PagingFamily;
use crate::extract::family::system::Family;

pub(super) const FAMILY: Family = Family {
    name: PagingFamily::Hanweb,
    marks: &[
        r"/col/col\d+/",
        r"/art/20\d\d/(?:\d{1,2}/\d{1,2}/art_\d+_\d+|art_[0-9a-f]{8,})",
        r"(?i)\bjpage\b|/dataproxy\.jsp",
        r"/jpaas-publish-server/|(?i)\bjpaas\b",
        r"/module/(?:web|visitcount|jslib|download)/",
        r"(?i)ZJEG_RSS|<!--\s*<\$\[|hanweb|大汉",
    ],
    #[rustfmt::skip]
    containers: &[
        "#zoom", ".zoom", "#ivs_content", ".bt_content", "#zoomcon",
    ],
    data: |sheet| jpage::next(sheet).or_else(|| unit::next(sheet)),
    total: jpage::pages,
    ..Family::NONE
};
