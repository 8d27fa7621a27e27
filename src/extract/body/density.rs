//! How much of the article each element of a page holds.
//!
//! Owns the weights: prose and pictures count, links and the page's own lines do not. Never uses
//! class names, except to recognise heads, footers and menus.

use std::ops::Range;

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::Html;

use super::pictures;
use crate::extract::fields::credits;
use crate::extract::page::cells::{Cell, Cells};
use crate::extract::page::dom::{ByNode, DomNode, NodeSet};
use crate::extract::page::{boilerplate, dom, strings};

/// The weight of a picture, in characters.
const PICTURE: usize = 60;
/// Shorter lines without a full stop are mostly names, links and numbers.
const MIN_SENTENCE: usize = 20;
/// A child with this share of its parent's weight, in percent, is the place of the text.
const DOMINANT: usize = 60;

/// The weight of every element of a page.
#[derive(Debug)]
pub(in crate::extract) struct Weights(ByNode<usize>);

impl Weights {
    /// Weighs all but the label block, for elements that are named for the text.
    pub(in crate::extract) fn new(html: &Html, cells: &Cells, block: &Range<usize>) -> Self {
        let all = 0..cells.all.len();
        Self::sum(&Own::of_page(html, cells, &all, block), |_| false)
    }

    /// Weighs these cells, from the title on, without these footers and without heads and menus.
    pub(in crate::extract) fn after(
        html: &Html,
        cells: &Cells,
        text: &Range<usize>,
        block: &Range<usize>,
        footers: &NodeSet,
    ) -> Self {
        let own = Own::of_page(html, cells, text, block);
        let all = Self::sum(&own, |node| footers.contains(&node.id()));
        let total = all.of_node(html.tree.root().id());
        // A "menu" that holds most of the page is the page, with an odd class.
        let is_menu = |node: DomNode<'_>| {
            node.value().is_element() && is_aside(node) && all.of_node(node.id()) * 2 < total
        };
        Self::sum(&own, |node| footers.contains(&node.id()) || is_menu(node))
    }

    /// Adds up what the nodes themselves weigh, without the content of those that stand aside.
    fn sum<'a>(own: &[Own<'a>], is_aside: impl Fn(DomNode<'a>) -> bool) -> Self {
        let mut weights: Vec<usize> = own.iter().map(|own| own.weight).collect();
        let mut by_node = ByNode::default();
        // What is below a node comes after it.
        for (nth, own) in own.iter().enumerate().rev() {
            if weights[nth] == 0 {
                continue;
            }
            if is_aside(own.node) {
                weights[nth] = 0;
            }
            if let Some(parent) = own.parent {
                weights[parent] += weights[nth];
            }
            if !own.node.value().is_text() {
                by_node.insert(own.node.id(), weights[nth]);
            }
        }
        Self(by_node)
    }

    /// The weight of everything below a node.
    pub(in crate::extract) fn of_node(&self, node: NodeId) -> usize {
        self.0.get(node).copied().unwrap_or_default()
    }
}

/// A node of a page, and what it weighs without those below it.
struct Own<'a> {
    node: DomNode<'a>,
    /// The place of the node around it.
    parent: Option<usize>,
    weight: usize,
}

impl<'a> Own<'a> {
    /// The nodes of a page in document order. Only these cells weigh anything, without the block.
    fn of_page(
        html: &'a Html,
        cells: &Cells,
        text: &Range<usize>,
        block: &Range<usize>,
    ) -> Vec<Self> {
        let title = text.start;
        let mut said: ByNode<usize> = ByNode::default();
        for (nth, cell) in cells.all.iter().enumerate() {
            if text.contains(&nth) && !block.contains(&nth) {
                let first = cell.nodes.first().copied().unwrap_or(cell.holder);
                // The line with the date and the author is not part of the text.
                let is_head = title > 0 && credits::is_info(cell);
                let weight = if is_head { 0 } else { prose(cell) };
                let before = said.get(first).copied().unwrap_or_default();
                said.insert(first, before + weight);
            }
        }
        let first: Option<NodeId> = cells.all.get(title).map(|cell| cell.holder);
        let mut passed = title == 0;
        // Pictures that are links to elsewhere are signposts.
        let mut links = 0;
        let mut all: Vec<Self> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        for edge in html.tree.root().traverse() {
            match edge {
                Edge::Open(node) => {
                    passed |= first == Some(node.id());
                    links += usize::from(dom::name(node) == "a");
                    let picture = passed && links == 0 && pictures::is_content(node);
                    let text = said.get(node.id()).copied().unwrap_or_default();
                    let parent = open.last().copied();
                    open.push(all.len());
                    all.push(Self {
                        node,
                        parent,
                        weight: text + if picture { PICTURE } else { 0 },
                    });
                }
                Edge::Close(node) => {
                    links -= usize::from(dom::name(node) == "a");
                    open.pop();
                }
            }
        }
        all
    }
}

/// The place of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::extract) struct Container {
    pub(in crate::extract) node: NodeId,
    /// The form for provenance: `container .TRS_Editor`, `structure`.
    pub(in crate::extract) found: String,
    /// Whether it was found by its form alone, and may hold more of the page than the text.
    pub(in crate::extract) loose: bool,
}

/// The weight of a cell as prose: sentences count, links do not.
pub(in crate::extract) fn prose(cell: &Cell) -> usize {
    *cell.prose.get_or_init(|| weigh(cell))
}

fn weigh(cell: &Cell) -> usize {
    let text = &cell.text;
    let length = cell.len();
    if length == 0 || cell.hidden || cell.is_linked() || cell.is_boilerplate() || cell.is_imprint()
    {
        return 0;
    }
    let sentence = text.contains(['。', '！', '？', '；'])
        || (length >= MIN_SENTENCE && text.contains(['，', '、', '：']));
    if sentence { length } else { length / 4 }
}

/// Heads, footers, menus and lists of other articles, by element or by name.
pub(in crate::extract) fn is_aside(node: dom::DomNode<'_>) -> bool {
    const WORDS: [&str; 14] = [
        "footer",
        "foot",
        "copyright",
        "breadcrumb",
        "header",
        "nav",
        "menu",
        "sidebar",
        "side",
        "aside",
        "related",
        "comment",
        "comments",
        "pinglun",
    ];
    matches!(dom::name(node), "header" | "footer" | "nav" | "aside") || dom::has_part(node, &WORDS)
}

/// For each cell, whether it is in a head, a footer, a menu or a list of other articles.
pub(in crate::extract) fn asides(html: &Html, cells: &Cells) -> Vec<bool> {
    let mut asides = vec![false; cells.all.len()];
    for node in dom::elements(html.tree.root()).filter(|node| is_aside(*node)) {
        let below = asides.get_mut(cells.below(node.id()));
        below.unwrap_or_default().fill(true);
    }
    asides
}

/// The smallest element that holds nearly all of the text in `area`. The search goes down while one
/// child holds most of its parent's weight.
pub(in crate::extract) fn densest(area: dom::DomNode<'_>, weights: &Weights) -> Option<Container> {
    let mut here = area;
    let mut weight = here
        .children()
        .map(|child| weights.of_node(child.id()))
        .sum::<usize>();
    if weight == 0 {
        return None;
    }
    loop {
        let heaviest = here
            .children()
            .filter(|child| child.value().is_element())
            .max_by_key(|child| weights.of_node(child.id()));
        match heaviest {
            Some(child)
                if weights.of_node(child.id()) * 100 >= weight * DOMINANT
                    && !is_paragraph(child)
                    && lines_beside(here, child) < LINES
                    && !(is_data(child) && lines_beside(here, child) > 0) =>
            {
                weight = weights.of_node(child.id());
                here = child;
            }
            _ => break,
        }
    }
    (!dom::name(here).is_empty()).then(|| Container {
        node: here.id(),
        found: "structure".to_owned(),
        loose: true,
    })
}

/// With this many lines beside it, an element is only one part of a text of short lines, for
/// example of a tender.
const LINES: usize = 6;

/// The number of paragraphs and headings of `parent` beside one of its children.
fn lines_beside(parent: dom::DomNode<'_>, child: dom::DomNode<'_>) -> usize {
    /// The rest of a longer one is not read.
    const MAX: usize = 400;
    let is_line = |node: &dom::DomNode<'_>| {
        matches!(dom::name(*node), "p" | "h3" | "h4" | "h5" | "h6")
            && dom::short_text(*node, MAX)
                .is_none_or(|text| strings::len(&text) >= 4 && !boilerplate::is_boilerplate(&text))
    };
    let others = parent.children().filter(|node| node.id() != child.id());
    others.filter(is_line).take(LINES).count()
}

/// Whether a table holds data, not the page: rows of short cells, and no table within.
fn is_data(table: dom::DomNode<'_>) -> bool {
    /// A longer cell is part of a layout.
    const MAX_CELL: usize = 300;
    if dom::name(table) != "table" || dom::elements(table).any(|node| dom::name(node) == "table") {
        return false;
    }
    let cells = || dom::elements(table).filter(|node| matches!(dom::name(*node), "td" | "th"));
    cells().nth(3).is_some() && cells().all(|cell| dom::short_text(cell, MAX_CELL).is_some())
}

/// A paragraph is part of a text, whatever its length.
fn is_paragraph(node: dom::DomNode<'_>) -> bool {
    matches!(
        dom::name(node),
        "p" | "tr"
            | "tbody"
            | "table"
            | "ul"
            | "ol"
            | "h1"
            | "h2"
            | "h3"
            | "span"
            | "font"
            | "strong"
            | "b"
            | "img"
            | "a"
            | "blockquote"
    ) && dom::elements(node).all(|below| !matches!(dom::name(below), "div" | "p" | "td"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The id of the element that is dense with text.
    fn densest_in(page: &str) -> Option<String> {
        let html = Html::parse_document(page);
        let cells = Cells::new(html.tree.root());
        let whole = 0..cells.all.len();
        let weights = Weights::after(&html, &cells, &whole, &(0..0), &NodeSet::default());
        let found = densest(html.tree.root(), &weights)?;
        dom::attr(html.tree.get(found.node)?, "id").map(str::to_owned)
    }

    #[test]
    fn a_text_of_short_lines_is_whole() {
        let lines = "<h4>一、项目基本情况</h4><p>项目编号：1</p><p>项目名称：某工程</p>".repeat(3);
        let prose = "<p>凡对本次采购提出询问，请按以下方式联系，联系时请说明项目。</p>".repeat(4);
        let page = format!(
            "<div><h1>某公告</h1></div><div><div id=here>{lines}<div>{prose}</div></div></div>"
        );
        assert_eq!(densest_in(&page).as_deref(), Some("here"));
    }

    #[test]
    fn the_text_is_found_without_any_name() {
        let prose = "<p>各有关单位，现将有关事项通知如下，请认真贯彻执行。</p>".repeat(4);
        let page = format!(
            "<div><a href=/a>首页</a><a href=/b>新闻，要闻</a></div><div><div><h1>标题</h1></div><div id=here>{prose}</div></div>
             <div>版权所有：某县人民政府，地址：某县某路一号，电话：一二三四五六七</div>"
        );
        assert_eq!(densest_in(&page).as_deref(), Some("here"));
    }
}
