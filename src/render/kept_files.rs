//! Articles that show kept files instead of the portal's, or tell where these are.
//!
//! Owns the replacement of URLs in a text. Never reads a file.

use std::collections::HashMap;

use scraper::{Html, Node};
use url::Url;

use super::{Site, paths};
use crate::model::{Article, FileCopy, KeptFile};

/// The article with the new URLs of these files, in its lists of pictures and files and in its text.
pub fn with_own_urls(article: &Article, urls: &HashMap<&str, Url>) -> Article {
    let mut shown = article.clone();
    let pictures = shown.body.images.iter_mut().map(|image| &mut image.url);
    let files = shown.body.attachments.iter_mut().map(|file| &mut file.url);
    for url in pictures.chain(files) {
        if let Some(own) = urls.get(url.as_str()) {
            *url = own.clone();
        }
    }
    let html = &article.body.body_html;
    if ["<img", "<a "].iter().any(|tag| html.contains(tag)) {
        shown.body.body_html = with_addresses(html, |url| urls.get(url).map(Url::as_str));
    }
    shown
}

/// Lets an article's lists of pictures and files tell of these copies, by the portal's URLs.
pub fn tell_copies(article: &mut Article, copies: &HashMap<&str, &FileCopy>) {
    let kept = |url: &Url| {
        let copy = copies.get(url.as_str())?;
        Some(KeptFile {
            path: paths::kept_file(copy),
            bytes: copy.bytes,
            sha256: copy.sha256.clone(),
            media_type: copy.format.media_type().to_owned(),
        })
    };
    for image in &mut article.body.images {
        image.kept = kept(&image.url);
    }
    for file in &mut article.body.attachments {
        file.kept = kept(&file.url);
    }
}

/// The text with the new URLs of some pictures and links. It stays sanitised.
fn with_addresses<'a>(html: &str, new: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut fragment = Html::parse_fragment(html);
    for node in fragment.tree.values_mut() {
        let Node::Element(element) = node else {
            continue;
        };
        let named = match element.name() {
            "img" => "src",
            "a" => "href",
            _ => continue,
        };
        for (name, value) in &mut element.attrs {
            if &*name.local == named
                && let Some(new) = new(value)
            {
                *value = new.into();
            }
        }
    }
    fragment.root_element().inner_html()
}

/// The published path of a kept file that this site serves.
pub(super) fn path_of<'a>(site: &Site, url: &'a str) -> Option<&'a str> {
    let base = site.url("");
    let path = url.strip_prefix(base.as_str())?;
    paths::is_kept_file(path).then_some(path)
}
