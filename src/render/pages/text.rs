//! An article's text for its site page: with lower headings, tables that scroll, lazy pictures, and
//! links to the site's files that work in any folder.
//!
//! Owns these changes of the markup. Never sanitises: `extract` did.

use std::collections::BTreeSet;

use ego_tree::NodeId;
use html5ever::{LocalName, QualName, local_name, ns};
use maud::{Markup, PreEscaped};
use scraper::node::Element;
use scraper::{Html, Node};

/// The first heading level for the text.
const FIRST_LEVEL: usize = 2;

/// How the page changes an element of the text.
enum Fitting {
    Heading(LocalName),
    Link,
    Picture,
    Table,
}

/// What stands in a text with something to change: the beginnings of tags, and the folder of kept
/// files. A text without them needs no parsing.
const MARKS: [&str; 4] = ["<h", "<img", "<table", "/files/"];

/// The text for a page. `own` gives the link to a file of this site.
pub(super) fn text(body_html: &str, own: impl Fn(&str) -> Option<String>) -> Markup {
    if !MARKS.iter().any(|mark| body_html.contains(mark)) {
        return PreEscaped(body_html.to_owned());
    }
    let mut fragment = Html::parse_fragment(body_html);
    for (id, fitting) in fittings(&fragment) {
        let Some(mut node) = fragment.tree.get_mut(id) else {
            continue;
        };
        match (fitting, node.value()) {
            (Fitting::Heading(name), Node::Element(element)) => element.name.local = name,
            (Fitting::Picture, Node::Element(element)) => {
                if element.attr("alt").is_none() {
                    set(element, "alt", "");
                }
                set(element, "loading", "lazy");
                link_within(element, &local_name!("src"), &own);
            }
            (Fitting::Link, Node::Element(element)) => {
                link_within(element, &local_name!("href"), &own);
            }
            (Fitting::Table, Node::Element(_)) => {
                node.insert_before(Node::Element(frame())).append_id(id);
            }
            _ => {}
        }
    }
    PreEscaped(fragment.root_element().inner_html())
}

/// Replaces an address of this site by the link within it.
fn link_within(element: &mut Element, named: &LocalName, own: impl Fn(&str) -> Option<String>) {
    for (name, value) in &mut element.attrs {
        if name.local == *named
            && let Some(link) = own(value)
        {
            *value = link.into();
        }
    }
}

fn fittings(fragment: &Html) -> Vec<(NodeId, Fitting)> {
    let elements = || {
        let nodes = fragment.tree.root().descendants();
        nodes.filter_map(|node| Some((node, node.value().as_element()?.name())))
    };
    let levels: BTreeSet<&str> = elements()
        .map(|(_, name)| name)
        .filter(|name| is_heading(name))
        .collect();
    elements()
        .filter_map(|(node, name)| {
            let fitting = match name {
                "img" => Fitting::Picture,
                "a" => Fitting::Link,
                // A nested table scrolls with the outer one.
                "table" if !node.ancestors().any(|above| is_table(above.value())) => Fitting::Table,
                _ => {
                    let level = FIRST_LEVEL + levels.iter().position(|level| *level == name)?;
                    Fitting::Heading(LocalName::from(format!("h{}", level.min(6))))
                }
            };
            Some((node.id(), fitting))
        })
        .collect()
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

fn is_table(node: &Node) -> bool {
    node.as_element()
        .is_some_and(|element| element.name() == "table")
}

/// The frame that scrolls a table, also by keyboard.
fn frame() -> Element {
    let name = QualName::new(None, ns!(html), local_name!("div"));
    let mut frame = Element::new(name, Vec::new());
    set(&mut frame, "class", "scroll");
    set(&mut frame, "role", "group");
    set(&mut frame, "aria-label", "表格 Table");
    set(&mut frame, "tabindex", "0");
    frame
}

fn set(element: &mut Element, name: &str, value: &str) {
    let name = QualName::new(None, ns!(), LocalName::from(name));
    element.attrs.push((name, value.into()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> Markup {
        super::text(html, |url| {
            let path = url.strip_prefix("http://own.example/")?;
            ["1.png", "files/1.pdf"]
                .contains(&path)
                .then(|| format!("../{path}"))
        })
    }

    #[test]
    fn a_file_of_the_site_is_linked_within_it() {
        let link = text("<a href=\"http://own.example/files/1.pdf\">附件</a>").into_string();
        assert_eq!(link, "<a href=\"../files/1.pdf\">附件</a>");
        let text =
            text("<img src=\"http://own.example/1.png\"><img src=\"http://own.example/2.png\">");
        let text = text.into_string();
        assert!(text.starts_with("<img src=\"../1.png\" "), "{text}");
        assert!(
            text.contains("<img src=\"http://own.example/2.png\" "),
            "{text}"
        );
    }

    #[test]
    fn headings_begin_below_the_page_and_leave_no_level_out() {
        let text = text("<h4>丙</h4><h1>甲</h1><p>文</p><h4>乙</h4>").into_string();
        assert_eq!(text, "<h3>丙</h3><h2>甲</h2><p>文</p><h3>乙</h3>");
    }

    #[test]
    fn pictures_have_a_text_and_the_outermost_tables_a_frame() {
        let html = "<table><tbody><tr><td><table><tbody><tr><td>里</td></tr></tbody></table></td></tr></tbody></table>\
                    <img src=\"http://a.example/1.png\"><img src=\"http://a.example/2.png\" alt=\"图\">";
        let text = text(html).into_string();
        assert_eq!(text.matches("<div class=\"scroll\"").count(), 1);
        assert!(text.starts_with("<div class=\"scroll\"") && text.contains("</table></div><img"));
        assert!(text.contains("<img src=\"http://a.example/1.png\" alt=\"\" loading=\"lazy\">"));
        let counts =
            ["alt=", "alt=\"图\"", "loading=\"lazy\""].map(|part| text.matches(part).count());
        assert_eq!(counts, [2, 1, 2], "{text}");
    }

    #[test]
    fn what_looks_like_markup_in_an_attribute_stays_there() {
        let html = "<p><img src=\"http://a.example/\" alt=\"&lt;img src=x onerror=y&gt;&quot; z=&quot;\"></p>";
        let text = text(html).into_string();
        let read = Html::parse_fragment(&text);
        let elements = read.tree.values().filter_map(Node::as_element);
        let image = elements.clone().find(|element| element.name() == "img");
        assert_eq!(image.unwrap().attrs.len(), 3, "{text}");
        assert_eq!(
            elements.filter(|element| element.name() == "img").count(),
            1
        );
    }
}
