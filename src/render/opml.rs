//! OPML 2.0: every feed in one file, for import into a reader.
//!
//! Owns the outline. Never sorts the columns.

use std::collections::HashMap;

use opml::{Body, Head, OPML, Outline};

use super::paths::GroupFile;
use super::{ColumnInfo, RenderError, Site, TopicInfo, paths, xml};

/// Writes the Atom feeds of these columns in the given order, with one outline for each portal, by
/// its display name, and one for the topics.
pub fn render(
    site: &Site,
    columns: &[&ColumnInfo],
    topics: &[&TopicInfo],
) -> Result<Vec<u8>, RenderError> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut portals: Vec<Outline> = Vec::new();
    for column in columns {
        let at = *places.entry(column.name.portal()).or_insert_with(|| {
            portals.push(Outline {
                // Validators take any other attribute for a feed's, and miss its `type`.
                text: xml::clean(&column.portal.title).into_owned(),
                ..Outline::default()
            });
            portals.len() - 1
        });
        if let Some(outline) = portals.get_mut(at) {
            outline.outlines.push(feed(site, column));
        }
    }
    if !topics.is_empty() {
        portals.push(Outline {
            text: "专题".to_owned(),
            outlines: topics.iter().map(|of| topic(site, of)).collect(),
            ..Outline::default()
        });
    }
    let document = OPML {
        head: Some(Head {
            title: Some(site.title("邸报 dibao")),
            ..Head::default()
        }),
        body: Body { outlines: portals },
        ..OPML::default()
    };
    Ok(format!("{}{}", xml::DECLARATION, document.to_string()?).into_bytes())
}

fn feed(site: &Site, column: &ColumnInfo) -> Outline {
    let (atom, page) = (column.atom_url(site), column.url.to_string());
    outline(site, &column.title, atom.to_string(), page)
}

fn topic(site: &Site, topic: &TopicInfo) -> Outline {
    let atom = site.url(&paths::topic_file(&topic.name, GroupFile::Atom));
    let page = site.url(&paths::topic_page(&topic.name));
    outline(site, &topic.title, atom.to_string(), page.to_string())
}

fn outline(site: &Site, title: &str, atom: String, page: String) -> Outline {
    let title = site.title(&xml::clean(title));
    Outline {
        text: title.clone(),
        title: Some(title),
        // OPML calls every kind of feed `rss`.
        r#type: Some("rss".to_owned()),
        xml_url: Some(atom),
        html_url: Some(page),
        language: Some("zh-CN".to_owned()),
        ..Outline::default()
    }
}
