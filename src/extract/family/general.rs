//! Names for the text that belong to no known family.
//!
//! Owns the table of these names. Never recognises a family.

/// Names used only for the text: `.class`, `#id`.
#[rustfmt::skip]
pub(super) const CONTAINERS: &[&str] = &[
    ".Custom_UnionStyle", ".conTxt", "#conTxt", ".article_content",
    "#article_content", ".articleContent", "#articleContent", ".news_content", "#news_content",
    ".newsContent", "#newsContent", ".detail-content", ".detail_content", "#detail_content",
    ".detailContent", "#detailContent", ".content-detail", ".xxgk_content", ".xl_content",
    "#xl_content", ".wz_content", ".text_content", ".con_text", ".contentText", "#contentText",
    "#content_body", ".content-body", ".content_body", ".article-body", ".article_body",
    ".article-con", ".article_con", ".articleCon", "#js_content", ".scroll_cont", ".gknb_content",
    ".nr_content", "#textBox", ".ueditor", ".j-fontContent", "#fontzoom", ".fontzoom",
    "#nei_con", "#contentMain", ".news_nr", ".xx_nr", "#content_text", ".arc_cont", "#artibody",
    ".zfxxgk_content", "#cont_body",
];
