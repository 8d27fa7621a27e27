//! The site page of an article: its metadata, its text, and where each value was found.
//!
//! Owns the markup of the page. Never sanitises a text: `extract` did.

use maud::{Markup, html};
use uuid::Uuid;

use super::super::entry::NO_TEXT;
use super::super::labels::{self, Label};
use super::super::{ColumnInfo, Site, paths, xml};
use super::entries::{heading, minute, on_day};
use super::history::history;
use super::shell::{SitePage, of_column};
use super::text::text;
use crate::model::{Article, Attachment, Change, Field, Image};

/// An article beside another one in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its id.
    pub id: Uuid,
    /// Its title.
    pub title: String,
}

/// The articles before and after an article in its column, by their days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// The one before it.
    pub older: Option<Neighbour>,
    /// The one after it.
    pub newer: Option<Neighbour>,
}

/// Writes the page of an article. `changes` are its changes in the order of their numbers.
/// `columns` are the known columns that list it. `beside` are its neighbours in the first of them.
pub fn article(
    site: &Site,
    article: &Article,
    changes: &[Change],
    columns: &[ColumnInfo],
    beside: &Neighbours,
) -> Vec<u8> {
    let own = columns.iter().filter(|c| article.columns.contains(&c.name));
    let feeds: Vec<&ColumnInfo> = own.collect();
    let page = SitePage {
        crumbs: feeds
            .first()
            .map(|column| of_column(column))
            .unwrap_or_default(),
        feeds,
        ..SitePage::new(site, paths::article_page(article.id), &article.title)
    };
    page.render(&html! {
        article {
            h1 { (article.title) }
            @if article.is_tombstone() {
                p.notice { "本站已移除此文。" span lang="en" { " This site has removed the article." } }
            } @else if let Some(at) = article.withdrawn_at {
                p.notice { "门户已于 " (minute(at)) " 前撤下此文。"
                    span lang="en" { " The portal has taken this article down." } }
            }
            (facts(&page, article))
            @if !article.body.has_text() && !article.is_tombstone() {
                p.notice { (NO_TEXT) span lang="en" { " The original has no text." } }
            }
            div.text {
                (text(&article.body.body_html, |url| page.kept_file(url)))
                (other_images(&page, article))
            }
            (attachments(&page, article))
        }
        (neighbours(&page, beside))
        (history(changes))
        (provenance(article))
        p { a href=(page.link(&paths::article_json(article.id))) { "本文的 JSON " span lang="en" { "This article as JSON" } } }
    })
}

/// The links to the articles before and after this one.
fn neighbours(page: &SitePage<'_>, beside: &Neighbours) -> Markup {
    let link = |neighbour: &Option<Neighbour>, rel: &str, label: &str| {
        html! {
            @if let Some(neighbour) = neighbour {
                p { (label) a rel=(rel) href=(page.link(&paths::article_page(neighbour.id))) { (neighbour.title) } }
            }
        }
    };
    html! {
        @if beside.older.is_some() || beside.newer.is_some() {
            nav.pager aria-label="前后文章 Neighbours" {
                (link(&beside.older, "prev", "上一篇："))
                (link(&beside.newer, "next", "下一篇："))
            }
        }
    }
}

/// The label block, like the portal's, with a row for each value.
fn facts(page: &SitePage<'_>, article: &Article) -> Markup {
    let metadata = &article.metadata;
    let text = |value: &Option<String>| value.as_ref().map(|value| html! { (value) });
    let published = match (metadata.published_at, metadata.published_on) {
        (Some(at), _) => Some(minute(at)),
        (None, day) => day.map(on_day),
    };
    let number = metadata.index_number.as_ref();
    let subject = metadata.subject_terms.join("、");
    let rows = [
        (Field::IndexNumber, number.map(|number| html! { (number) })),
        (Field::DocumentNumber, text(&metadata.document_number)),
        (Field::IssuedOn, metadata.issued_on.map(on_day)),
        (Field::Issuer, text(&metadata.issuer)),
        (Field::PublishedOn, published),
        (Field::Source, text(&metadata.source)),
        (Field::TopicCategory, text(&metadata.topic_category)),
        (
            Field::SubjectTerms,
            (!subject.is_empty()).then(|| html! { (subject) }),
        ),
    ];
    html! {
        table.facts.block {
            tbody {
                @for (field, value) in &rows {
                    @if let Some(value) = value { tr { (cells(labels::field(*field), value)) } }
                }
                tr.wide { (cells(("栏目", "Columns"), &columns(page, article))) }
                tr.wide { (cells(("原文", "Original"), &html! {
                    a href=(article.url) rel="external" { (article.url) }
                })) }
            }
        }
    }
}

fn cells((chinese, english): Label, value: &Markup) -> Markup {
    html! { th scope="row" { (chinese) small lang="en" { (english) } } td { (value) } }
}

fn columns(page: &SitePage<'_>, article: &Article) -> Markup {
    html! {
        @for (at, name) in article.columns.iter().enumerate() {
            @if at > 0 { "、" }
            @let title = page.feeds.iter().find(|column| column.name == *name).map(|column| column.title.as_str());
            a href=(page.link(&paths::column_page(name))) { (title.unwrap_or(name.as_str())) }
        }
    }
}

/// The pictures that the text does not show.
fn other_images(page: &SitePage<'_>, article: &Article) -> Markup {
    let shown = xml::quoted(&article.body.body_html);
    let outside = |image: &&Image| !shown.contains(xml::escape(image.url.as_str()).as_str());
    html! {
        @for image in article.body.images.iter().filter(outside) {
            @let caption = image.caption.as_deref();
            figure {
                @let source = page.kept_file(image.url.as_str());
                img src=(source.as_deref().unwrap_or(image.url.as_str())) alt=(image.alt.as_deref().or(caption).unwrap_or_default()) loading="lazy";
                @if let Some(caption) = caption { figcaption { (caption) } }
            }
        }
    }
}

fn attachments(page: &SitePage<'_>, article: &Article) -> Markup {
    html! {
        @if !article.body.attachments.is_empty() {
            (heading("附件", "Files"))
            ul {
                @for file in &article.body.attachments {
                    li { (attachment(page, file))
                        @if let Some(kind) = labels::file_kind(&file.name, &file.url, file.media_type.as_deref()) { " " span.muted { (kind) } } }
                }
            }
        }
    }
}

/// A link to a file at its portal, or to the kept one, which a browser stores under the file's name.
fn attachment(page: &SitePage<'_>, file: &Attachment) -> Markup {
    let Some(own) = page.kept_file(file.url.as_str()) else {
        return html! { a href=(file.url) rel="external" { (file.name) } };
    };
    let (_, extension) = own.rsplit_once('.').unwrap_or_default();
    let is_named = file
        .name
        .to_ascii_lowercase()
        .ends_with(&format!(".{extension}"));
    let name = match is_named {
        true => file.name.clone(),
        false => format!("{}.{extension}", file.name),
    };
    html! { a href=(own) download=(name) { (file.name) } }
}

/// Where each value was found, and the article's times, aliases, id and hash.
fn provenance(article: &Article) -> Markup {
    let code = |text: &dyn maud::Render| html! { code { (text) } };
    html! {
        details.provenance {
            summary { h2 { "字段出处" small lang="en" { "Where each field came from" } } }
            table.facts.block {
                tbody {
                    @for (field, found) in &article.provenance {
                        tr { (cells(labels::field(*field), &code(found))) }
                    }
                    tr { (cells(("首次发现", "First seen"), &minute(article.first_seen_at))) }
                    tr { (cells(("最近更新", "Updated"), &minute(article.updated_at))) }
                    @for url in &article.aliases {
                        tr.wide { (cells(("又见", "Also at"), &html! { a href=(url) rel="external" { (url) } })) }
                    }
                    tr.wide { (cells(("编号", "Id"), &code(&article.id.to_string()))) }
                    tr.wide { (cells(("校验值", "SHA-256"), &code(&article.content_sha256))) }
                }
            }
        }
    }
}
