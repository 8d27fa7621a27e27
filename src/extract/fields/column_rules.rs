//! The column's own selectors and labels, which precede all other layers.
//!
//! Owns their use on one page. Never guesses: if they find nothing, it notes a problem, and the
//! other layers search.

use std::ops::Range;

use ego_tree::NodeId;
use scraper::selector::ToCss;
use scraper::{ElementRef, Html, Selector};

use super::labels;
use crate::config::{ArticleRules, FieldRule};
use crate::extract::answer::{Extracted, Problem};
use crate::extract::page::cells::{Cell, Cells};
use crate::extract::page::dom::Attributes;
use crate::extract::page::{dom, strings};

/// Reads the fields for which the column has rules.
pub(in crate::extract) fn apply(
    html: &Html,
    cells: &Cells,
    rules: &ArticleRules,
    page: &mut Extracted,
) {
    for (field, rule) in &rules.fields {
        let (value, found) = match rule {
            FieldRule::Selector(selector) => (
                selected(html, selector),
                format!("selector article.{}", field.name()),
            ),
            FieldRule::Label(label) => (
                labelled(cells, label),
                format!("label {}", strings::fold(label)),
            ),
        };
        match value {
            Some(value) => page.offer(*field, &value, &found),
            None => page.problems.push(Problem::SelectorMatchedNothing {
                key: format!("article.{}", field.name()),
                rule: rule.written(),
            }),
        }
    }
}

/// The element that holds the text by the column's rule.
pub(in crate::extract) fn body(
    html: &Html,
    rules: &ArticleRules,
    page: &mut Extracted,
) -> Option<NodeId> {
    let selector = rules.body.as_ref()?;
    let Some(element) = html.select(selector).next() else {
        page.problems.push(Problem::SelectorMatchedNothing {
            key: "article.body".to_owned(),
            rule: selector.to_css_string(),
        });
        return None;
    };
    Some(element.id())
}

fn selected(html: &Html, selector: &Selector) -> Option<String> {
    let element: ElementRef<'_> = html.select(selector).next()?;
    let content = (element.value().name() == "meta").then(|| element.attribute("content"));
    Some(match content.flatten() {
        Some(content) => strings::tidy(content),
        None => dom::text(*element),
    })
}

/// The value beside any label, even one outside the vocabulary: the rest of its cell, or the next
/// cell; else what follows it within a line. `None` if the page lacks the label.
fn labelled(cells: &Cells, label: &str) -> Option<String> {
    let wanted = bare(label);
    let begins = |cell: &Cell| bare(&cell.text).starts_with(&wanted);
    let Some(at) = cells.all.iter().position(begins) else {
        return cells.all.iter().find_map(|cell| in_line(cell, &wanted));
    };
    let text = cells.all[at].text.as_str();
    if bare(text) == wanted {
        let next: Range<usize> = at + 1..(at + 2).min(cells.all.len());
        let value = cells.all[next]
            .first()
            .map(|cell| cell.text.as_str())
            .unwrap_or_default();
        let is_label = labels::whole(value).is_some();
        return Some(if is_label { "" } else { value }.to_owned());
    }
    // Skips as many characters as the label has, without white space.
    let mut left = wanted.chars().count();
    let rest: String = text
        .chars()
        .skip_while(|c| {
            let label = left > 0;
            left -= usize::from(label && !c.is_whitespace());
            label
        })
        .collect();
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || strings::is_colon(c));
    Some(until_label(rest.split(' ')))
}

/// The value behind a label that stands within a line: `日期：2026-01-05　作者：张某　点击：9`.
fn in_line(cell: &Cell, wanted: &str) -> Option<String> {
    let mut pieces = cell.runs().flat_map(str::split_whitespace);
    let first = pieces.find_map(|piece| {
        let behind = piece.strip_prefix(wanted)?;
        behind.strip_prefix(strings::is_colon)
    })?;
    Some(until_label(std::iter::once(first).chain(pieces)))
}

/// These pieces of a line, up to the next label.
fn until_label<'a>(pieces: impl Iterator<Item = &'a str>) -> String {
    let is_label = |piece: &str| {
        let before = piece
            .split_once(strings::is_colon)
            .map(|(before, _)| before);
        // `10:30` is a time, and `http:` an address.
        before.is_some_and(|before| !before.is_ascii())
    };
    let mut pieces = pieces.filter(|piece| !piece.is_empty());
    let first = pieces.next().unwrap_or_default();
    let more = pieces.take_while(|piece| !is_label(piece));
    let all: Vec<&str> = std::iter::once(first).chain(more).collect();
    all.join(" ")
}

fn bare(text: &str) -> String {
    strings::fold(text)
        .trim_matches(strings::is_colon)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::Field;

    fn applied(page: &str, field: Field, rule: FieldRule) -> Extracted {
        let html = Html::parse_document(page);
        let cells = Cells::new(html.tree.root());
        let rules = ArticleRules {
            fields: BTreeMap::from([(field, rule)]),
            ..ArticleRules::default()
        };
        let mut found = Extracted::default();
        apply(&html, &cells, &rules, &mut found);
        found
    }

    #[test]
    fn selectors_read_text_and_meta_content() {
        let selector = |css| FieldRule::Selector(Selector::parse(css).unwrap());
        let page = applied("<p class=a>来自 <b>某局</b>", Field::Issuer, selector(".a"));
        assert_eq!(page.metadata.issuer.as_deref(), Some("来自 某局"));
        let page = applied(
            "<meta name=x content=某局>",
            Field::Issuer,
            selector("meta[name=x]"),
        );
        assert_eq!(page.metadata.issuer.as_deref(), Some("某局"));
    }

    #[test]
    fn labels_of_the_portal_are_found_in_a_cell_and_beside_it() {
        for page in [
            "<td>公开责任部门<td>某局",
            "<p>公开 责任部门：某局",
            "<dt>公开责任部门：<dd>某局",
        ] {
            let page = applied(
                page,
                Field::Issuer,
                FieldRule::Label("公开责任部门".to_owned()),
            );
            assert_eq!(page.metadata.issuer.as_deref(), Some("某局"));
        }
    }

    #[test]
    fn labels_of_the_portal_are_found_within_a_line_and_end_at_the_next_one() {
        for page in [
            "<div>日期：2026-01-05　稿源：某局　点击：9</div>",
            "<div><i>2026年1月5日</i><i>稿源：某局</i><i>点击：9</i></div>",
            "<div><span>2026-01-05 10:30</span> <b>稿源：</b><span>某局</span></div>",
            "<div>稿源：某局　作者：张某</div>",
        ] {
            let rule = FieldRule::Label("稿源".to_owned());
            let page_read = applied(page, Field::Source, rule);
            assert_eq!(page_read.metadata.source.as_deref(), Some("某局"), "{page}");
            assert!(page_read.problems.is_empty(), "{page}");
        }
    }

    #[test]
    fn what_matches_nothing_is_said() {
        let page = applied(
            "<p>文",
            Field::Title,
            FieldRule::Selector(Selector::parse(".none").unwrap()),
        );
        let (key, rule) = ("article.title".to_owned(), ".none".to_owned());
        assert_eq!(
            page.problems,
            [Problem::SelectorMatchedNothing { key, rule }]
        );
    }
}
