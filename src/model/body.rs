//! The text of an article with everything that belongs to it.
//!
//! Owns the members of the body in the published JSON, and the word for what it holds. Never reads
//! a page.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::Url;

use super::KeptFile;

/// An article's text with everything that belongs to it. Every URL is absolute.
///
/// A missing text is `null` in JSON, and an empty string here. In JSON the body also has `content`,
/// which follows from the other members; whoever reads a body back passes over it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Body {
    /// Sanitised HTML: no script, no handler, no style, nothing but `http(s)` and `mailto` links.
    #[serde(deserialize_with = "or_empty")]
    pub body_html: String,
    /// Plain text with one paragraph on each line, captions included.
    #[serde(deserialize_with = "or_empty")]
    pub body_text: String,
    /// Pictures in document order, one for each occurrence.
    pub images: Vec<Image>,
    /// Files offered with the article.
    pub attachments: Vec<Attachment>,
}

/// What an article has for its readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ContentKind {
    /// A text, and perhaps more.
    Text,
    /// Files, and no text.
    Files,
    /// Pictures, and neither text nor files.
    Pictures,
    /// A film or a sound, and no text.
    Media,
    /// A title alone.
    None,
}

impl ContentKind {
    /// Its name in JSON and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Files => "files",
            Self::Pictures => "pictures",
            Self::Media => "media",
            Self::None => "none",
        }
    }
}

impl Body {
    /// Whether it has text, and neither pictures nor files.
    pub fn is_bare(&self) -> bool {
        self.images.is_empty() && self.attachments.is_empty()
    }

    /// Whether it has neither a text nor a picture nor a file nor a link to a player.
    pub fn is_empty(&self) -> bool {
        self.content() == ContentKind::None
    }

    /// Whether it has a text.
    pub fn has_text(&self) -> bool {
        !self.body_text.trim().is_empty()
    }

    /// Its markup, if that shows anything.
    fn shown_html(&self) -> Option<&str> {
        const SHOWN: [&str; 2] = ["<img", "<a "];
        let shows = || SHOWN.iter().any(|tag| self.body_html.contains(tag));
        some(&self.body_html).filter(|_| self.has_text() || shows())
    }

    /// What it has for its readers.
    pub fn content(&self) -> ContentKind {
        let is_media = |file: &Attachment| {
            let media_type = file.media_type.as_deref().unwrap_or_default();
            media_type.starts_with("video/") || media_type.starts_with("audio/")
        };
        if self.has_text() {
            ContentKind::Text
        } else if self.attachments.iter().any(is_media) {
            ContentKind::Media
        } else if !self.attachments.is_empty() {
            ContentKind::Files
        } else if !self.images.is_empty() {
            ContentKind::Pictures
        } else if self.body_html.contains("<a ") {
            // A player in an iframe stays as a link in its place.
            ContentKind::Media
        } else {
            ContentKind::None
        }
    }
}

/// A picture of an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Image {
    /// Its URL on the portal.
    pub url: Url,
    /// The line below it, without its `▲`.
    pub caption: Option<String>,
    /// Its `alt` text.
    pub alt: Option<String>,
    /// The copy on this site; missing where there is none. The content is the same with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<KeptFile>,
}

/// A file offered with an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attachment {
    /// Its URL on the portal.
    pub url: Url,
    /// The link's text.
    pub name: String,
    /// By the file name's extension; `null` if the extension is unknown.
    pub media_type: Option<String>,
    /// The copy on this site; missing where there is none. The content is the same with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<KeptFile>,
}

/// The members of a body by which its content is compared.
#[derive(Serialize)]
pub(super) struct HashedBody<'a> {
    body_html: Option<&'a str>,
    body_text: Option<&'a str>,
    images: Vec<HashedImage<'a>>,
    attachments: Vec<HashedAttachment<'a>>,
}

#[derive(Serialize)]
struct HashedAttachment<'a> {
    url: &'a Url,
    name: &'a str,
    media_type: Option<&'a str>,
}

#[derive(Serialize)]
struct HashedImage<'a> {
    url: &'a Url,
    caption: Option<&'a str>,
    alt: Option<&'a str>,
}

impl<'a> From<&'a Body> for HashedBody<'a> {
    fn from(body: &'a Body) -> Self {
        Self {
            body_html: body.shown_html(),
            body_text: some(&body.body_text),
            images: body.images.iter().map(HashedImage::from).collect(),
            attachments: body
                .attachments
                .iter()
                .map(HashedAttachment::from)
                .collect(),
        }
    }
}

impl<'a> From<&'a Attachment> for HashedAttachment<'a> {
    fn from(file: &'a Attachment) -> Self {
        Self {
            url: &file.url,
            name: &file.name,
            media_type: file.media_type.as_deref(),
        }
    }
}

impl<'a> From<&'a Image> for HashedImage<'a> {
    fn from(image: &'a Image) -> Self {
        Self {
            url: &image.url,
            caption: image.caption.as_deref(),
            alt: image.alt.as_deref(),
        }
    }
}

/// An article's text with everything that belongs to it. Every URL is absolute.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Body")]
struct PublishedBody<'a> {
    /// Sanitised HTML: no script, no handler, no style, nothing but `http(s)` and `mailto` links;
    /// `null` if nothing was found.
    body_html: Option<&'a str>,
    /// Plain text with one paragraph on each line, captions included; `null` if the page has no
    /// text, or none was found.
    body_text: Option<&'a str>,
    /// Pictures in document order, one for each occurrence.
    images: &'a [Image],
    /// Files offered with the article.
    attachments: &'a [Attachment],
    /// What there is to read or see.
    content: ContentKind,
}

impl Body {
    /// The addresses of its pictures and of its attached files.
    pub fn files(&self) -> impl Iterator<Item = &Url> {
        let pictures = self.images.iter().map(|image| &image.url);
        pictures.chain(self.attachments.iter().map(|file| &file.url))
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let published = PublishedBody {
            body_html: self.shown_html(),
            body_text: some(&self.body_text),
            images: &self.images,
            attachments: &self.attachments,
            content: self.content(),
        };
        published.serialize(serializer)
    }
}

impl JsonSchema for Body {
    fn schema_name() -> Cow<'static, str> {
        PublishedBody::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        PublishedBody::json_schema(generator)
    }
}

fn some(text: &str) -> Option<&str> {
    (!text.trim().is_empty()).then_some(text)
}

fn or_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    Ok(text.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn file(media_type: &str) -> Value {
        json!({"url": "http://x.gov.cn/1", "name": "文件", "media_type": media_type})
    }

    fn published(body: Value) -> Value {
        let body: Body = serde_json::from_value(body).unwrap();
        serde_json::to_value(body).unwrap()
    }

    #[test]
    fn a_missing_text_is_null_and_content_says_what_there_is() {
        let picture = json!({"url": "http://x.gov.cn/1.jpg", "caption": null, "alt": null});
        let link = json!("<p><a href=\"http://x.gov.cn/v\">播放</a></p>");
        let none = json!([]);
        for (html, text, images, files, content) in [
            (json!("<p>文</p>"), json!("文"), &none, &none, "text"),
            (
                json!("<p>文</p>"),
                json!("文"),
                &none,
                &json!([file("video/mp4")]),
                "text",
            ),
            (
                Value::Null,
                Value::Null,
                &none,
                &json!([file("application/pdf")]),
                "files",
            ),
            (
                Value::Null,
                Value::Null,
                &json!([picture]),
                &json!([file("audio/mpeg")]),
                "media",
            ),
            (
                Value::Null,
                Value::Null,
                &json!([picture]),
                &none,
                "pictures",
            ),
            (link, Value::Null, &none, &none, "media"),
            (Value::Null, Value::Null, &none, &none, "none"),
        ] {
            let body = json!({"body_html": html, "body_text": text, "images": images,
                              "attachments": files});
            let mut whole = body.clone();
            whole["content"] = content.into();
            assert_eq!(published(body), whole);
            assert_eq!(published(whole.clone()), whole);
        }
        let old =
            json!({"body_html": "<p></p>", "body_text": " ", "images": [], "attachments": []});
        let now = published(old);
        assert_eq!(
            (&now["body_html"], &now["body_text"]),
            (&Value::Null, &Value::Null)
        );
    }
}
