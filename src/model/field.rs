//! The article's fields by name, and where each value was found.
//!
//! Owns the names and their order. Never reads a value.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A field of an article, under the name it has in JSON, in feed files and in reports.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// 索引号
    IndexNumber,
    /// 发文字号, 文号
    DocumentNumber,
    /// 发文时间, 成文日期, 生成日期
    IssuedOn,
    /// 发文机关, 发布机构
    Issuer,
    /// 主题词, 关键词
    SubjectTerms,
    /// 标题, 信息名称
    Title,
    /// 主题分类
    TopicCategory,
    /// 发布日期, 发布时间; also `published_at`, the same value with its time
    PublishedOn,
    /// 来源, 信息来源
    Source,
    /// The article's text, `body_html` and `body_text`
    Body,
    /// Pictures of the article
    Images,
    /// Files offered with the article
    Attachments,
}

impl Field {
    /// Every field, in the order of the contract.
    pub const ALL: [Self; 12] = [
        Self::IndexNumber,
        Self::DocumentNumber,
        Self::IssuedOn,
        Self::Issuer,
        Self::SubjectTerms,
        Self::Title,
        Self::TopicCategory,
        Self::PublishedOn,
        Self::Source,
        Self::Body,
        Self::Images,
        Self::Attachments,
    ];

    /// The field's name in JSON, TOML, SQL and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::IndexNumber => "index_number",
            Self::DocumentNumber => "document_number",
            Self::IssuedOn => "issued_on",
            Self::Issuer => "issuer",
            Self::SubjectTerms => "subject_terms",
            Self::Title => "title",
            Self::TopicCategory => "topic_category",
            Self::PublishedOn => "published_on",
            Self::Source => "source",
            Self::Body => "body",
            Self::Images => "images",
            Self::Attachments => "attachments",
        }
    }
}

/// How each value was found, for the fields with a value: `label 索引号`, `meta PubDate`,
/// `selector #zoom`, `container .TRS_Editor`, `structure` …
pub type Provenance = BTreeMap<Field, String>;
