//! 博达 VSB (SiteBuilder): `col.htm`, then `col/N.htm` counted downward, all of them real links.
//!
//! Owns its marks and its names for the text. Never counts: the next page is the target of 下页.

use super::system::Family;
use crate::config::PagingFamily;

pub(super) const FAMILY: Family = Family {
    name: PagingFamily::Vsb,
    marks: &[
        r"(?i)\bvsb_?content|\bv_news_content\b|\bvsbscreen|\bVsbFormAction",
        r"/_sitegray/|/system/resource/js/|\b_jsq_\s*\(",
        r"(?i)Visual SiteBuilder|博达",
        r"\binfo/\d{3,5}/\d{3,}\.htm\b",
        r"\bwbtreeid=|\bwbnewsid=|_simple_list_gotopage_fun",
    ],
    #[rustfmt::skip]
    containers: &[
        "#vsb_content", ".v_news_content", "#vsb_content_2", "#vsb_content_4", "#vsb_content_100",
        "#vsb_content_500", "#vsb_content_501", "#vsb_content_1001", ".vsbcontent_start",
    ],
    ..Family::NONE
};
