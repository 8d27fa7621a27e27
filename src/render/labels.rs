//! The labels that readers see: Chinese as portals print it, and short English.
//!
//! Owns the words. Never writes markup.

use url::Url;

use crate::model::{ChangeKind, Field, Level};

/// A label in Chinese and in English.
pub(super) type Label = (&'static str, &'static str);

pub(super) fn field(field: Field) -> Label {
    match field {
        Field::IndexNumber => ("索引号", "Index number"),
        Field::DocumentNumber => ("发文字号", "Document number"),
        Field::IssuedOn => ("发文时间", "Issued on"),
        Field::Issuer => ("发文机关", "Issuer"),
        Field::SubjectTerms => ("主题词", "Subject terms"),
        Field::Title => ("标题", "Title"),
        Field::TopicCategory => ("主题分类", "Topic category"),
        Field::PublishedOn => ("发布日期", "Published"),
        Field::Source => ("来源", "Source"),
        Field::Body => ("正文", "Text"),
        Field::Images => ("图片", "Pictures"),
        Field::Attachments => ("附件", "Files"),
    }
}

pub(super) fn level(level: Level) -> Label {
    match level {
        Level::National => ("国家级", "national"),
        Level::Province => ("省级", "province"),
        Level::City => ("地市级", "city"),
        Level::County => ("县级", "county"),
        Level::Township => ("乡镇级", "township"),
    }
}

/// Kinds of files whose extension is not what people call them.
const KINDS: [(&str, &str); 6] = [
    ("wps", "WPS 文字"),
    ("et", "WPS 表格"),
    ("dps", "WPS 演示"),
    ("htm", "HTML"),
    ("jpeg", "JPG"),
    ("shtml", "HTML"),
];

/// What people call a file of this name, at this address, with this media type: `DOCX`.
pub(super) fn file_kind(name: &str, url: &Url, media_type: Option<&str>) -> Option<String> {
    let extension = |text: &str| {
        let (_, extension) = text.rsplit_once('.')?;
        let is_one = (2..=5).contains(&extension.len())
            && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && !extension.bytes().all(|byte| byte.is_ascii_digit());
        is_one.then(|| extension.to_ascii_lowercase())
    };
    // A file without a known type may be anything: a script, a page.
    let found = media_type.and_then(|_| extension(name).or_else(|| extension(url.path())));
    let subtype = || Some(media_type?.rsplit(['/', '-', '.']).next()?.to_owned());
    let kind = found.or_else(subtype)?;
    let known = KINDS.iter().find(|(extension, _)| *extension == kind);
    Some(known.map_or_else(|| kind.to_ascii_uppercase(), |(_, name)| (*name).to_owned()))
}

pub(super) fn change(kind: ChangeKind) -> Label {
    match kind {
        ChangeKind::Added => ("收录", "added"),
        ChangeKind::Revised => ("门户修改", "revised by the portal"),
        ChangeKind::Amended => ("地址或栏目变动", "new address or column"),
        ChangeKind::Withdrawn => ("门户撤下", "withdrawn by the portal"),
        ChangeKind::Restored => ("重新上线", "restored"),
        ChangeKind::Removed => ("本站移除", "removed by us"),
        ChangeKind::Reextracted => ("本站重新提取", "read anew by us"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_by_what_people_know() {
        let url: Url = "http://gov.example/P0202512.docx?a=1".parse().unwrap();
        let other: Url = "http://gov.example/download?id=7".parse().unwrap();
        let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        for (name, url, media_type, expected) in [
            (
                "名单.wps",
                &other,
                Some("application/vnd.ms-works"),
                Some("WPS 文字"),
            ),
            (
                "名单.ET",
                &other,
                Some("application/vnd.ms-excel"),
                Some("WPS 表格"),
            ),
            ("附件1", &url, Some(word), Some("DOCX")),
            ("附件1.关于2025年", &url, Some(word), Some("DOCX")),
            ("附件", &other, Some("application/pdf"), Some("PDF")),
            ("附件", &other, Some("application/x-ceb"), Some("CEB")),
            ("附件.php", &other, None, None),
        ] {
            let kind = file_kind(name, url, media_type);
            assert_eq!(kind.as_deref(), expected, "{name}");
        }
    }
}
