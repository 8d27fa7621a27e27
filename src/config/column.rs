//! One feed file: a column of a portal, its special rules, and how it is published.
//!
//! Owns the keys of a feed file, and compiles them. Never fetches a page.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use scraper::Selector;
use scraper::selector::ToCss;
use serde::Deserialize;
use url::Url;

use super::compile::{Compile, is_label};
use super::error::{ConfigError, ConfigErrors, MISSING};
use super::fetch::{FetchRules, FetchSpec};
use super::keys::{self, Keys};
use super::limits::{self, Limits, LimitsSpec};
use super::paging::PagingFamily;
use super::pause::PauseSpec;
use super::portal::PortalRules;
use crate::model::{ColumnName, FEED_ENTRIES, Field, Pause};
use crate::search::Keywords;

/// A column (栏目), compiled: every selector, URL and charset in it is known to be good.
#[derive(Clone, Debug)]
pub struct Column {
    /// `PORTAL/COLUMN`, from the path of the file.
    pub name: ColumnName,
    /// The portal whose index numbers and URLs the column shares; the folder's name by default.
    pub portal: String,
    /// The title of the feed; `None` for the portal's name and the title of the page.
    pub title: Option<String>,
    /// What the configuration says of the portal in whose folder the file is.
    pub portal_rules: Arc<PortalRules>,
    /// The column page.
    pub url: Url,
    /// The rules for its list pages.
    pub list: ListRules,
    /// The rules for its articles.
    pub article: ArticleRules,
    /// Which fields an article must have.
    pub fields: FieldRules,
    /// The rules for fetching.
    pub fetch: FetchRules,
    /// The rules for publishing.
    pub publish: PublishRules,
    /// What it may make dibao store in a day.
    pub limits: Limits,
    /// Whether it rests.
    pub pause: Pause,
}

/// Selectors for list pages. A part without a selector is recognised automatically.
#[derive(Clone, Debug, Default)]
pub struct ListRules {
    /// One element for each item.
    pub item: Option<Selector>,
    /// The link, within the item.
    pub link: Option<Selector>,
    /// The title, within the item.
    pub title: Option<Selector>,
    /// The date, within the item.
    pub date: Option<Selector>,
    /// The link to the next page.
    pub next: Option<Selector>,
    /// How the portal numbers its list pages.
    pub pages: Option<PagingFamily>,
    /// How many list pages the first run reads; `None` for the default of 3.
    pub initial: Option<u32>,
}

impl Column {
    /// Everything in the feed file that says what is read on list pages, as text; `None` if nothing does.
    pub fn list_rules(&self) -> Option<String> {
        let next = self.list.next.as_ref().map(ToCss::to_css_string);
        let charset = self.fetch.charset.map(|charset| charset.name());
        let has_any = self.list.has_any() || next.is_some() || charset.is_some();
        has_any.then(|| format!("{} {next:?} {charset:?}", self.list.written()))
    }

    /// The rules for article pages, and whether pictures that stand in a page are kept.
    pub fn article_rules(&self) -> ArticleRules {
        ArticleRules {
            inline_pictures: self.publish.mirror_images,
            ..self.article.clone()
        }
    }
}

impl ListRules {
    /// The selectors for the items of a page.
    fn selectors(&self) -> [&Option<Selector>; 4] {
        [&self.item, &self.link, &self.title, &self.date]
    }

    /// Whether anything says which items of a page are the column's.
    fn has_any(&self) -> bool {
        self.pages.is_some() || self.selectors().iter().any(|selector| selector.is_some())
    }

    /// What says which items of a page are the column's, as text.
    pub fn written(&self) -> String {
        let css = |selector: &Option<Selector>| selector.as_ref().map(ToCss::to_css_string);
        let selectors = self.selectors().map(css);
        format!("{selectors:?} {:?}", self.pages)
    }

    /// `list.item` in CSS, for messages.
    pub fn item_selector(&self) -> Option<String> {
        self.item.as_ref().map(ToCss::to_css_string)
    }
}

/// Selectors and labels for article pages; other fields are recognised automatically.
#[derive(Clone, Debug, Default)]
pub struct ArticleRules {
    /// The element that holds the text.
    pub body: Option<Selector>,
    /// The places of single fields.
    pub fields: BTreeMap<Field, FieldRule>,
    /// Whether pictures that stand in the page itself are part of the article, because they are kept.
    pub inline_pictures: bool,
}

/// The place of a field on this column's pages.
#[derive(Clone, Debug)]
pub enum FieldRule {
    /// The text of the first element that matches; for `meta` elements, their `content`.
    Selector(Selector),
    /// The value beside this label, as the portal words it (`公开责任部门`).
    Label(String),
}

impl FieldRule {
    /// The text of the feed file, for messages.
    pub fn written(&self) -> String {
        match self {
            Self::Selector(selector) => selector.to_css_string(),
            Self::Label(label) => label.clone(),
        }
    }
}

/// Which fields an article must have to be published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldRules {
    /// An article without one of these is held back and reported. Title and body are required
    /// unless they are listed as optional.
    pub required: Vec<Field>,
    /// The loss of one of these is drift.
    pub usual: Vec<Field>,
    /// An article may lack these.
    pub optional: Vec<Field>,
}

impl FieldRules {
    /// Whether an article without `field` is held back.
    pub fn requires(&self, field: Field) -> bool {
        let by_default = matches!(field, Field::Title | Field::Body);
        self.required.contains(&field) || (by_default && !self.optional.contains(&field))
    }

    /// Whether an article without a text may be published if its page shows the title by which the
    /// column lists it: unless the feed file itself asks for a text.
    pub fn excuses_text(&self) -> bool {
        !self.required.contains(&Field::Body) && !self.usual.contains(&Field::Body)
    }
}

/// How a column is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishRules {
    /// The number of entries in a live feed.
    pub limit: usize,
    /// Whether feeds have whole articles, or only their first sentences.
    pub full_text: bool,
    /// Whether pictures are kept and published with the articles.
    pub mirror_images: bool,
    /// Whether attached files are kept and published with the articles.
    pub mirror_files: bool,
    /// Which articles stand in its feeds.
    pub keywords: Keywords,
}

impl PublishRules {
    /// Whether copies of pictures or of attached files are kept.
    pub fn keeps_files(&self) -> bool {
        self.mirror_images || self.mirror_files
    }
}

const KEYS: Keys = Keys {
    names: &["title", "url", "portal", "paused"],
    tables: &[
        (
            "list",
            Keys {
                names: &["item", "link", "title", "date", "next", "pages", "initial"],
                tables: &[],
            },
        ),
        (
            "article",
            Keys {
                names: &[
                    "index_number",
                    "document_number",
                    "issued_on",
                    "issuer",
                    "subject_terms",
                    "title",
                    "topic_category",
                    "published_on",
                    "source",
                    "body",
                ],
                tables: &[],
            },
        ),
        (
            "fields",
            Keys {
                names: &["required", "usual", "optional"],
                tables: &[],
            },
        ),
        (
            "fetch",
            Keys {
                names: &[
                    "charset",
                    "delay",
                    "timeout",
                    "user_agent",
                    "robots",
                    "proxy",
                    "tls",
                    "allow_private",
                ],
                tables: &[],
            },
        ),
        (
            "publish",
            Keys {
                names: &[
                    "limit",
                    "full_text",
                    "mirror_images",
                    "mirror_files",
                    "include",
                    "exclude",
                ],
                tables: &[],
            },
        ),
        (
            "limits",
            Keys {
                names: limits::NAMES,
                tables: &[],
            },
        ),
    ],
};

#[derive(Deserialize)]
struct ColumnSpec {
    url: Option<String>,
    title: Option<String>,
    portal: Option<String>,
    paused: Option<PauseSpec>,
    #[serde(default)]
    list: ListSpec,
    #[serde(default)]
    article: BTreeMap<String, String>,
    #[serde(default)]
    fields: FieldsSpec,
    #[serde(default)]
    fetch: FetchSpec,
    #[serde(default)]
    publish: PublishSpec,
    #[serde(default)]
    limits: LimitsSpec,
}

#[derive(Default, Deserialize)]
struct ListSpec {
    item: Option<String>,
    link: Option<String>,
    title: Option<String>,
    date: Option<String>,
    next: Option<String>,
    pages: Option<String>,
    initial: Option<u32>,
}

#[derive(Default, Deserialize)]
struct FieldsSpec {
    #[serde(default)]
    required: Vec<Field>,
    #[serde(default)]
    usual: Vec<Field>,
    #[serde(default)]
    optional: Vec<Field>,
}

#[derive(Default, Deserialize)]
struct PublishSpec {
    limit: Option<usize>,
    full_text: Option<bool>,
    mirror_images: Option<bool>,
    mirror_files: Option<bool>,
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
}

impl Column {
    /// Every key that a feed file may have, by its whole name: `url`, `list.item`.
    pub fn keys() -> Vec<String> {
        KEYS.paths()
    }

    /// Compiles the text of a feed file. `file` is only for errors.
    pub fn parse(name: ColumnName, file: &Path, text: &str) -> Result<Self, ConfigErrors> {
        keys::read(file, text, &KEYS, |spec| Self::compile(name, file, spec))
    }

    fn compile(name: ColumnName, file: &Path, spec: ColumnSpec) -> Result<Self, ConfigErrors> {
        let compile = Compile { file };
        let mut errors = ConfigErrors::default();
        let url = spec.url.ok_or_else(|| {
            let remedy = "add the address of the column page: url = \"http://…\"";
            ConfigError::at(file, "url", MISSING, remedy)
        });
        let url = errors.take(url.and_then(|url| compile.url("url", &url)));
        let portal = match spec.portal {
            Some(portal) => errors.take(compile.portal(&portal)),
            None => Some(name.portal().to_owned()),
        };
        let list = spec.list;
        let mut selector = |key, text| errors.or_default(compile.selector(key, text));
        let list = ListRules {
            item: selector("list.item", list.item),
            link: selector("list.link", list.link),
            title: selector("list.title", list.title),
            date: selector("list.date", list.date),
            next: selector("list.next", list.next),
            pages: errors.or_default(compile.paging(list.pages)),
            initial: list.initial.map(|pages| pages.max(1)),
        };
        let article = errors.or_default(compile.article(spec.article));
        let fetch = errors.or_default(compile.fetch(spec.fetch));
        let publish = errors.take(compile.publish(spec.publish));
        let limits = errors.or_default(spec.limits.compile(file));
        let pause = errors.take(PauseSpec::compile(file, spec.paused));
        let whole = (|| {
            Some(Self {
                name,
                portal: portal?,
                title: spec.title.filter(|title| !title.trim().is_empty()),
                portal_rules: Arc::default(),
                url: url?,
                list,
                article,
                fields: FieldRules {
                    required: spec.fields.required,
                    usual: spec.fields.usual,
                    optional: spec.fields.optional,
                },
                fetch,
                publish: publish?,
                limits,
                pause: pause?,
            })
        })();
        errors.end(whole)
    }
}

impl Compile<'_> {
    fn portal(&self, text: &str) -> Result<String, ConfigError> {
        let name = ColumnName::new(text, "x");
        let name =
            name.map_err(|e| ConfigError::at(self.file, "portal", &e.to_string(), "rename it"));
        Ok(name?.portal().to_owned())
    }

    fn publish(&self, spec: PublishSpec) -> Result<PublishRules, ConfigError> {
        let keywords = Keywords::new(&spec.include, &spec.exclude).map_err(|word| {
            let key = match spec.include.contains(&word) {
                true => "publish.include",
                false => "publish.exclude",
            };
            let problem = format!("{word:?} is no word");
            let remedy = "write what stands in a title or a text, such as 招标, or title:招标";
            ConfigError::at(self.file, key, &problem, remedy)
        })?;
        Ok(PublishRules {
            limit: spec.limit.unwrap_or(FEED_ENTRIES).max(1),
            full_text: spec.full_text.unwrap_or(true),
            mirror_images: spec.mirror_images.unwrap_or(false),
            mirror_files: spec.mirror_files.unwrap_or(false),
            keywords,
        })
    }

    fn paging(&self, text: Option<String>) -> Result<Option<PagingFamily>, ConfigError> {
        text.map(|text| {
            text.parse().map_err(|_| {
                let problem = format!("{text:?} is not a known way of paging");
                let remedy = format!("write one of {}", PagingFamily::names().join(", "));
                ConfigError::at(self.file, "list.pages", &problem, remedy)
            })
        })
        .transpose()
    }

    fn article(&self, spec: BTreeMap<String, String>) -> Result<ArticleRules, ConfigErrors> {
        let mut rules = ArticleRules::default();
        let mut errors = ConfigErrors::default();
        for (key, text) in spec {
            let whole = format!("article.{key}");
            if key == "body" {
                rules.body = errors.or_default(self.selector(&whole, Some(text)));
                continue;
            }
            let Some(field) = Field::ALL.into_iter().find(|field| field.name() == key) else {
                continue;
            };
            let rule = if is_label(&text) {
                Some(FieldRule::Label(text))
            } else {
                let selector = errors.or_default(self.selector(&whole, Some(text)));
                selector.map(FieldRule::Selector)
            };
            rules.fields.extend(rule.map(|rule| (field, rule)));
        }
        errors.end(Some(rules))
    }
}
