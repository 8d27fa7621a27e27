//! Links that offer a file by a function of the page: `<a onclick="down(7)">名单.docx</a>`.
//!
//! Owns which links these are. They get the address that the function makes, and so are read like
//! any other link. Never runs a script.

use ego_tree::NodeId;
use html5ever::{LocalName, QualName, local_name, ns};
use scraper::{ElementRef, Html, Node};
use url::Url;

use super::attachments;
use crate::extract::page::calls::Calls;
use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::links;

/// An article has fewer files.
const MOST: usize = 200;

/// Gives these links the addresses of their files.
pub(in crate::extract) fn put(html: &mut Html, here: &Url) {
    for (id, url, name) in found(html, here) {
        let Some(mut link) = html.tree.get_mut(id) else {
            continue;
        };
        if let Node::Element(element) = link.value() {
            for (attribute, value) in [
                (local_name!("href"), url.as_str()),
                (local_name!("download"), &name),
            ] {
                let is_other = |(other, _): &(QualName, _)| other.local != attribute;
                element.attrs.retain(is_other);
                element.attrs.push((plain(attribute), value.into()));
            }
        }
    }
}

fn plain(name: LocalName) -> QualName {
    QualName::new(None, ns!(), name)
}

fn found(html: &Html, here: &Url) -> Vec<(NodeId, Url, String)> {
    let root = html.tree.root();
    let base = links::base(html, here);
    let calls = Calls::new(root, &base);
    let links = dom::elements(root).filter(|node| dom::name(*node) == "a");
    let files = links.filter_map(|link| {
        let name = name(link)?;
        let url = calls.opened(ElementRef::wrap(link)?, &base)?;
        Some((link.id(), url, name))
    });
    files.take(MOST).collect()
}

/// The words of a link that name a file, if its own address leads nowhere.
fn name(link: DomNode<'_>) -> Option<String> {
    let href = dom::attr(link, "href").unwrap_or_default().trim();
    let is_script = links::is_script(href);
    let is_called = is_script || dom::attr(link, "onclick").is_some();
    let is_idle = is_script || href.is_empty() || href.starts_with('#');
    let name = (is_called && is_idle).then(|| dom::text(link))?;
    attachments::media_type(&name).map(|_| name)
}
