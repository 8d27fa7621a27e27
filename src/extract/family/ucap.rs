//! 开普 UCAP: `content/post_N.html`; list pages are real links, and the second is `index_2.html`.
//!
//! Owns its marks and its names for the text. Never counts: the next page is the target of a link.

use super::system::Family;
use crate::config::PagingFamily;

pub(super) const FAMILY: Family = Family {
    name: PagingFamily::Ucap,
    marks: &[
        r"(?i)\bucap-?content\b|\bucaptitle\b|\bUCAPAPPID\b",
        r"/content/(?:m)?post_\d+\.html",
        r"(?i)\bNFCMS_|开普",
    ],
    #[rustfmt::skip]
    containers: &[
        "#UCAP-CONTENT", "#UCAPCONTENT", "ucapcontent", ".pages_content",
    ],
    ..Family::NONE
};
