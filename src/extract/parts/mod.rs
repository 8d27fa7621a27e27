//! Articles over several pages: the address of the next part, and joining the parts.
//!
//! Owns the distinction between a part and another article, by address alone: a part has the first
//! part's address with a number added. Never follows 下一篇, and never fetches.

mod address;

use ego_tree::NodeId;
use scraper::node::Text;
use scraper::{ElementRef, Html};
use url::Url;

use crate::extract::answer::{Extracted, Problem};
use crate::extract::family::sheet::Sheet;
use crate::extract::family::{self, script};
use crate::extract::page::dom::{self, Attributes, DomNode};
use crate::extract::page::{boilerplate, links, strings, urls};
use crate::model::Field;

/// An element with more text is not just a pager.
const MAX_PAGER: usize = 240;
/// No page has more links to the parts of its article.
const MAX_LINKS: usize = 400;

/// The links of a page to the other parts of its article.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// The page of the next part.
    pub(super) next: Option<Url>,
    /// The elements that hold only links to parts.
    pub(super) pagers: Vec<NodeId>,
}

/// A link of a pager.
struct Link {
    node: NodeId,
    url: Url,
}

/// Finds the other parts of the article at `here`.
pub(super) fn find(html: &Html, here: &Url, base: &Url) -> Parts {
    let sheet = Sheet::new(html, "", here, base, 1);
    let links = links(&sheet);
    let scripted: Vec<Url> = [family::pager(&sheet, None).flatten(), script::next(&sheet)]
        .into_iter()
        .flatten()
        .collect();
    // The page may be the first part, or a later one that links to the first.
    let firsts = std::iter::once((here.clone(), 0)).chain(address::firsts(here));
    for (first, own) in firsts {
        let number = |url: &Url| address::number(&first, url);
        let is_first = |url: &Url| urls::same_page(url, &first) || number(url) == Some(1);
        let others: Vec<&Url> = links
            .iter()
            .map(|link| &link.url)
            .filter(|url| !urls::same_page(url, here))
            .collect();
        let numbers: Vec<u32> = others.iter().filter_map(|url| number(url)).collect();
        // Numbers begin with 0 or 1, so the second part has number 1 or 2.
        let follows = |number: &u32| match own {
            0 => (1..=2).contains(number),
            own => *number == own + 1,
        };
        let mut told = scripted
            .iter()
            .filter(|url| number(url).is_some_and(|n| follows(&n)));
        let by_script = told.next().cloned();
        let is_known = own == 0 || links.iter().any(|link| is_first(&link.url));
        if by_script.is_none() && (!is_known || numbers.is_empty() && own == 0) {
            continue;
        }
        let wanted = numbers.iter().filter(|number| follows(number)).min();
        let by_link = wanted.and_then(|wanted| {
            let mut others = others.iter().filter(|url| number(url) == Some(*wanted));
            others.next().map(|url| (*url).clone())
        });
        let is_of_pager = |link: &&Link| number(&link.url).is_some() || is_first(&link.url);
        let pagers = links.iter().filter(is_of_pager);
        return Parts {
            next: by_script.or(by_link),
            pagers: pagers.map(|link| pager(html, link.node)).collect(),
        };
    }
    Parts::default()
}

/// The possible first pages of the article, if `url` is a further part of one.
pub fn firsts(url: &Url) -> Vec<Url> {
    let firsts = address::firsts(url).into_iter();
    firsts.map(|(first, _)| first).collect()
}

/// The links named like a pager's: `2`, `下一页`.
fn links(sheet: &Sheet<'_>) -> Vec<Link> {
    let elements = sheet.document.root_element().descendent_elements();
    elements
        .filter(|element| matches!(element.value().name(), "a" | "option"))
        .filter(|element| may_be_of_pager(**element))
        .filter(|element| is_of_pager(&dom::raw_text(**element)))
        .filter_map(|element| {
            Some(Link {
                node: element.id(),
                url: target(sheet, element)?,
            })
        })
        .take(MAX_LINKS)
        .collect()
}

fn target(sheet: &Sheet<'_>, element: ElementRef<'_>) -> Option<Url> {
    let called = || {
        let calls = [element.attribute("onclick"), element.attribute("href")];
        let mut calls = calls.into_iter().flatten();
        calls.find_map(|call| script::called(sheet, call))
    };
    links::of_element(element, sheet.base).or_else(called)
}

/// Whether no text below a link rules a pager out. Most links are ruled out by their first letter.
fn may_be_of_pager(link: DomNode<'_>) -> bool {
    let below = || link.descendants();
    let rules_out = |text: &Text| {
        let mut runs = strings::runs(&text.text);
        !runs.all(|run| run.chars().all(boilerplate::is_of_pager))
    };
    below().any(|node| dom::is_mute(dom::name(node)))
        || !below().any(|node| node.value().as_text().is_some_and(rules_out))
}

fn is_of_pager(text: &str) -> bool {
    let text = strings::fold(text);
    !text.is_empty() && text.len() <= MAX_PAGER && text.chars().all(boilerplate::is_of_pager)
}

/// The largest element around a pager's link that holds only the pager.
fn pager(html: &Html, link: NodeId) -> NodeId {
    let above = html
        .tree
        .get(link)
        .into_iter()
        .flat_map(|node| node.ancestors());
    above
        .take_while(|above| !matches!(dom::name(*above), "" | "html" | "body"))
        .take_while(|above| {
            dom::short_text(*above, MAX_PAGER).is_some_and(|text| is_of_pager(&text))
        })
        .last()
        .map_or(link, |above| above.id())
}

impl Extracted {
    /// Adds the next part's text, pictures and files to the article; the first part's fields stay.
    /// Returns `false`, and adds nothing, if the part has no new content.
    pub fn append(&mut self, part: Self) -> bool {
        let new = &part.body.body_text;
        let is_known = self.body.body_text.contains(new.as_str());
        if part.body.is_empty()
            || is_known && part.body.images.iter().all(|image| self.shows(image))
        {
            self.next_part = None;
            return false;
        }
        let body = &mut self.body;
        for (text, more) in [
            (&mut body.body_text, part.body.body_text),
            (&mut body.body_html, part.body.body_html),
        ] {
            if !text.is_empty() && !more.is_empty() {
                text.push('\n');
            }
            text.push_str(&more);
        }
        body.images.extend(part.body.images);
        for file in part.body.attachments {
            if !body.attachments.iter().any(|known| known.url == file.url) {
                body.attachments.push(file);
            }
        }
        for field in [Field::Body, Field::Images, Field::Attachments] {
            if let Some(found) = part.provenance.get(&field) {
                self.provenance
                    .entry(field)
                    .or_insert_with(|| found.clone());
            }
        }
        self.problems.retain(|problem| *problem != Problem::NoBody);
        if part.problems.contains(&Problem::TooMuch) && !self.problems.contains(&Problem::TooMuch) {
            self.problems.push(Problem::TooMuch);
        }
        self.next_part = part.next_part;
        true
    }

    fn shows(&self, image: &crate::model::Image) -> bool {
        self.body.images.iter().any(|known| known.url == image.url)
    }
}

#[cfg(test)]
mod tests;
