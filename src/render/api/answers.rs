//! The answers, as programs read them.
//!
//! Owns the members of every answer. Never fills one.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value, json};
use url::Url;
use uuid::Uuid;

use crate::model::{
    Article, Change, ChangeKind, ColumnName, ColumnStatus, Incident, Level, RegionCode, Timestamp,
};
use crate::render::ColumnInfo;
use crate::search::Fragment;

/// The members of an article, in their order.
pub const MEMBERS: [&str; 29] = [
    "id",
    "portal",
    "columns",
    "title",
    "index_number",
    "index_number_raw",
    "document_number",
    "issued_on",
    "issuer",
    "subject_terms",
    "topic_category",
    "published_on",
    "published_at",
    "source",
    "url",
    "aliases",
    "body_html",
    "body_text",
    "images",
    "attachments",
    "content",
    "revision",
    "first_seen_at",
    "updated_at",
    "withdrawn_at",
    // Only of a tombstone.
    "removed_at",
    "content_sha256",
    "provenance",
    // Only in the answer about one article.
    REVISIONS,
];

const REVISIONS: &str = "revisions";

/// An article, or the members that were asked for.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct ArticlePart(Map<String, Value>);

impl ArticlePart {
    /// The members of an article with these names, and its id; all members if no name is given.
    pub fn new(article: &Article, fields: &[&str]) -> Result<Self, serde_json::Error> {
        Self::cut(serde_json::to_value(article)?, fields)
    }

    fn cut(article: Value, fields: &[&str]) -> Result<Self, serde_json::Error> {
        let mut members: Map<String, Value> = serde_json::from_value(article)?;
        if !fields.is_empty() {
            members.retain(|name, _| name == "id" || fields.contains(&name.as_str()));
        }
        Ok(Self(members))
    }
}

impl JsonSchema for ArticlePart {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ArticlePart".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Article::json_schema(generator);
        schema.insert("required".to_owned(), json!(["id"]));
        schema
    }
}

/// One article with its changes.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct ArticleAnswer(ArticlePart);

impl ArticleAnswer {
    /// The members with these names; all members if no name is given.
    pub fn new(
        article: &Article,
        revisions: &[RevisionAnswer],
        fields: &[&str],
    ) -> Result<Self, serde_json::Error> {
        let mut whole = serde_json::to_value(article)?;
        if let Some(members) = whole.as_object_mut() {
            members.insert(REVISIONS.to_owned(), serde_json::to_value(revisions)?);
        }
        Ok(Self(ArticlePart::cut(whole, fields)?))
    }
}

impl JsonSchema for ArticleAnswer {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ArticleAnswer".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = ArticlePart::json_schema(generator);
        let revisions = generator.subschema_for::<Vec<RevisionAnswer>>();
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        if let Some(properties) = properties {
            properties.insert(REVISIONS.to_owned(), revisions.to_value());
        }
        schema
    }
}

/// One change of an article. `/api/v1/changes?after=SEQ-1&limit=1` has the article with its text.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RevisionAnswer {
    /// Its number in the sequence of all changes.
    pub seq: i64,
    /// What happened.
    pub kind: ChangeKind,
    /// When dibao saved it.
    pub at: Timestamp,
    /// The article's revision after the change.
    pub revision: u32,
    /// Its title after the change.
    pub title: String,
    /// The hash of its content after the change.
    pub content_sha256: String,
}

/// Some articles, in the order that was asked for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ArticlesAnswer {
    /// The articles.
    pub articles: Vec<ArticlePart>,
    /// How many articles match, in all parts of the list; `null` unless `total` asks for it.
    pub total: Option<u64>,
    /// The `cursor` of the next page; `null` at the end of the list.
    pub cursor: Option<String>,
    /// The URL of the next page; `null` at the end of the list.
    pub next: Option<Url>,
}

/// Some changes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangesAnswer {
    /// In the order of their numbers, without gaps.
    pub changes: Vec<Change>,
    /// The value of `after` for the next request: the number of the last change.
    pub next: i64,
}

/// The columns that are followed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ColumnsAnswer {
    /// Sorted by name.
    pub columns: Vec<ColumnAnswer>,
}

/// A column and its feeds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ColumnAnswer {
    /// `PORTAL/COLUMN`.
    pub name: ColumnName,
    /// The title of its feeds.
    pub title: String,
    /// Its page on the portal.
    pub url: Url,
    /// Its page on this site.
    pub page: Url,
    /// Its newest articles as Atom.
    pub atom: Url,
    /// The same as RSS.
    pub rss: Url,
    /// The same as JSON Feed.
    pub json: Url,
}

/// The portals that have a column.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PortalsAnswer {
    /// In the order of their columns.
    pub portals: Vec<PortalAnswer>,
}

/// A portal and its columns.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PortalAnswer {
    /// The short name.
    pub name: String,
    /// The display name.
    pub title: String,
    /// The host of its first column.
    pub host: String,
    /// The code of its region (GB/T 2260), if the configuration gives one.
    pub code: Option<RegionCode>,
    /// The name of its region, likewise.
    pub region: Option<String>,
    /// The level of its office, likewise.
    pub level: Option<Level>,
    /// Its columns, sorted by name.
    pub columns: Vec<ColumnName>,
}

impl PortalsAnswer {
    /// The portals of these columns, which are sorted by name.
    pub fn new(columns: &[ColumnInfo]) -> Self {
        let of_portals = columns.chunk_by(|a, b| a.name.portal() == b.name.portal());
        let portals = of_portals.filter_map(|columns| {
            let portal = &columns.first()?.portal;
            Some(PortalAnswer {
                name: portal.name.clone(),
                title: portal.title.clone(),
                host: portal.host.clone(),
                code: portal.code.clone(),
                region: portal.region.clone(),
                level: portal.level,
                columns: columns.iter().map(|column| column.name.clone()).collect(),
            })
        });
        Self {
            portals: portals.collect(),
        }
    }
}

/// The state of the service.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StatusAnswer {
    /// The number of the last change; 0 before the first.
    pub seq: i64,
    /// The state of each followed column.
    pub columns: Vec<ColumnStatus>,
    /// The open incidents.
    pub incidents: Vec<Incident>,
}

/// The results of a search.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SearchAnswer {
    /// The words as dibao understood them.
    pub query: Option<String>,
    /// How many articles match, at most 10,000.
    pub total: u64,
    /// Whether more match. Then those that were published last are counted and ranked.
    pub has_more: bool,
    /// Some of them, best first.
    pub hits: Vec<HitAnswer>,
    /// The `cursor` of the next page; `null` at the end of the list.
    pub cursor: Option<String>,
    /// The URL of the next page; `null` at the end of the list.
    pub next: Option<Url>,
    /// The feed of this search.
    pub feed: Url,
}

/// An article that was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HitAnswer {
    /// The article's id.
    pub id: Uuid,
    /// 标题
    pub title: String,
    /// The page that supplies the text.
    pub url: Url,
    /// Its page on this site. Beside the page is the article as JSON.
    pub page: Url,
    /// The site that published it.
    pub portal: String,
    /// The columns that list it.
    pub columns: Vec<ColumnName>,
    /// 发文机关
    pub issuer: Option<String>,
    /// 发布日期
    pub published_on: Option<chrono::NaiveDate>,
    /// When dibao last saw it changed.
    pub updated_at: Timestamp,
    /// How well it matches: higher is better. It has no unit.
    pub score: Option<f64>,
    /// The title in parts, some of which match.
    pub title_marks: Vec<Fragment>,
    /// A piece of the text in parts, some of which match.
    pub snippet: Vec<Fragment>,
}

/// An error of a request (RFC 9457).
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProblemAnswer {
    /// Always `about:blank`: the status and `code` say everything.
    pub r#type: String,
    /// The status in words.
    pub title: String,
    /// The status.
    pub status: u16,
    /// A stable code, for programs.
    pub code: String,
    /// The expected input, for people.
    pub detail: String,
    /// The parameter of the URL that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
}
