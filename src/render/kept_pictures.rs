//! Articles that show kept pictures instead of the portal's, or tell where these are.
//!
//! Owns the replacement of URLs in a text. Never reads a picture.

use std::collections::HashMap;

use scraper::{Html, Node};
use url::Url;

use super::{Site, paths};
use crate::model::{Article, KeptFile, Picture};

/// The article with the new URLs of these pictures, in its list of pictures and in its text.
pub fn with_picture_urls(article: &Article, urls: &HashMap<&str, Url>) -> Article {
    let mut shown = article.clone();
    for image in &mut shown.body.images {
        if let Some(url) = urls.get(image.url.as_str()) {
            image.url = url.clone();
        }
    }
    if shown.body.body_html.contains("<img") {
        shown.body.body_html = with_sources(&article.body.body_html, |url| {
            urls.get(url).map(Url::as_str)
        });
    }
    shown
}

/// Lets an article's list of pictures tell of these copies, by the portal's URLs.
pub fn tell_copies(article: &mut Article, copies: &HashMap<&str, &Picture>) {
    for image in &mut article.body.images {
        image.kept = copies.get(image.url.as_str()).map(|picture| KeptFile {
            path: paths::picture(picture),
            bytes: picture.bytes,
            sha256: picture.sha256.clone(),
            media_type: picture.kind.media_type().to_owned(),
        });
    }
}

/// The text with the new URLs of some pictures. It stays sanitised.
fn with_sources<'a>(html: &str, source: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut fragment = Html::parse_fragment(html);
    for node in fragment.tree.values_mut() {
        let Node::Element(element) = node else {
            continue;
        };
        if element.name() != "img" {
            continue;
        }
        for (name, value) in &mut element.attrs {
            if &*name.local == "src"
                && let Some(source) = source(value)
            {
                *value = source.into();
            }
        }
    }
    fragment.root_element().inner_html()
}

/// The published path of a picture that this site serves.
pub(super) fn path_of<'a>(site: &Site, url: &'a str) -> Option<&'a str> {
    let base = site.url("");
    let path = url.strip_prefix(base.as_str())?;
    paths::is_picture(path).then_some(path)
}
