//! OPML 2.0: every feed in one file, for import into a reader.
//!
//! Owns the outline. Never sorts the columns.

use std::collections::HashMap;

use opml::{Body, Head, OPML, Outline};

use super::{ColumnInfo, RenderError, Site, xml};

/// Writes the Atom feeds of these columns in the given order, with one outline for each portal, by
/// its display name.
pub fn render(site: &Site, columns: &[&ColumnInfo]) -> Result<Vec<u8>, RenderError> {
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
    let title = site.title(&xml::clean(&column.title));
    Outline {
        text: title.clone(),
        title: Some(title),
        // OPML calls every kind of feed `rss`.
        r#type: Some("rss".to_owned()),
        xml_url: Some(column.atom_url(site).to_string()),
        html_url: Some(column.url.to_string()),
        language: Some("zh-CN".to_owned()),
        ..Outline::default()
    }
}
