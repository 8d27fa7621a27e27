//! The labels that readers see: Chinese as portals print it, and short English.
//!
//! Owns the words. Never writes markup.

use crate::model::{ChangeKind, Field};

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
