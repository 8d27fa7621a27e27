//! The article's text as lines and pictures, in reading order.
//!
//! Owns the division into lines: a paragraph, or a table row with tabs between its cells. Never
//! decides whether a line belongs to the article.

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::Node;
use url::Url;

use super::formula::{self, Place};
use super::pictures;
use crate::extract::page::dom::{self, DomNode, NodeSet};
use crate::extract::page::strings;

/// A line or a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::extract) enum Piece {
    Line(Line),
    Picture { url: Url, alt: Option<String> },
}

/// One line of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::extract) struct Line {
    /// Tidy, except for the tabs between the cells of a table.
    pub(in crate::extract) text: String,
    /// Whether the line is centred.
    pub(in crate::extract) centred: bool,
    /// Whether it is in a `figcaption`.
    pub(in crate::extract) caption: bool,
}

/// A longer cell is part of a layout, not of a table.
const MAX_CELL: usize = 600;

/// Reads the content of a node.
pub(in crate::extract) fn read(container: DomNode<'_>, base: &Url) -> Vec<Piece> {
    let mut reader = Reader {
        base,
        layout: layout_tables(container),
        pieces: Vec::new(),
        line: String::new(),
        row: None,
        tables: Vec::new(),
        centred: Vec::new(),
        captions: 0,
        mute: None,
        beside: Vec::new(),
    };
    for edge in container.traverse() {
        reader.step(edge);
    }
    reader.end_line();
    reader.pieces
}

/// The text, one line for each line of the article.
pub(in crate::extract) fn text(pieces: &[Piece]) -> String {
    let lines: Vec<&str> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Line(line) => Some(line.text.as_str()),
            Piece::Picture { .. } => None,
        })
        .collect();
    lines.join("\n")
}

/// Tables used for layout: with one cell, with whole articles in cells, or with tables inside.
fn layout_tables(container: DomNode<'_>) -> NodeSet {
    let mut layout = NodeSet::default();
    for cell in dom::elements(container).filter(|node| matches!(dom::name(*node), "td" | "th")) {
        let Some(table) = cell.ancestors().find(|node| dom::name(*node) == "table") else {
            continue;
        };
        let alone = || {
            dom::elements(table)
                .filter(|node| matches!(dom::name(*node), "td" | "th"))
                .nth(1)
                .is_none()
        };
        let holds = |name: &str| dom::elements(cell).any(|node| dom::name(node) == name);
        if !layout.contains(&table.id()) && (holds("table") || alone() || is_long(cell)) {
            layout.insert(table.id());
        }
    }
    layout
}

/// Whether a cell has more text than cells of a table.
fn is_long(cell: DomNode<'_>) -> bool {
    let texts = dom::below(cell).filter_map(|node| node.value().as_text());
    let bytes: usize = texts.map(|text| text.text.len()).sum();
    bytes > MAX_CELL && strings::len(&dom::raw_text(cell)) > MAX_CELL
}

struct Reader<'a> {
    base: &'a Url,
    layout: NodeSet,
    pieces: Vec<Piece>,
    line: String,
    /// The finished cells of the open row.
    row: Option<Vec<String>>,
    /// Open tables: whether each holds data.
    tables: Vec<bool>,
    /// For each open block element, whether its text is centred.
    centred: Vec<bool>,
    captions: usize,
    mute: Option<NodeId>,
    /// Open elements of raised and lowered text, and where each begins in the line.
    beside: Vec<(NodeId, Place, usize)>,
}

impl Reader<'_> {
    fn step(&mut self, edge: Edge<'_, Node>) {
        match edge {
            Edge::Open(node) if self.mute.is_none() => match node.value() {
                Node::Text(text) => self.text(node, &text.text),
                Node::Element(_) => self.enter(node, dom::name(node)),
                _ => {}
            },
            Edge::Close(node) if self.mute == Some(node.id()) => self.mute = None,
            Edge::Close(node) if self.mute.is_none() => self.leave(node),
            _ => {}
        }
    }

    fn text(&mut self, node: DomNode<'_>, text: &str) {
        let own_lines = text.contains('\n') && dom::keeps_lines(node);
        if !own_lines {
            self.line.push_str(text);
            return;
        }
        for (nth, line) in text.split('\n').enumerate() {
            if nth > 0 {
                self.end_paragraph();
            }
            self.line.push_str(line);
        }
    }

    fn enter(&mut self, node: DomNode<'_>, name: &str) {
        if pictures::is_frame(name) {
            self.picture(node);
        }
        if name == "math" {
            self.formula(node);
        }
        if dom::is_mute(name) || name == "math" {
            self.mute = Some(node.id());
            return;
        }
        if let Some(place) = Place::of(node) {
            self.beside.push((node.id(), place, self.line.len()));
        }
        if name == "br" {
            self.end_paragraph();
        }
        if !dom::is_block(name) {
            return;
        }
        self.end_paragraph();
        match name {
            "table" => self.tables.push(!self.layout.contains(&node.id())),
            "tr" if self.in_data() => self.row = Some(Vec::new()),
            "figcaption" => self.captions += 1,
            _ => {}
        }
        let inherited = self.centred.last().copied().unwrap_or_default();
        self.centred.push(alignment(node).unwrap_or(inherited));
    }

    fn leave(&mut self, node: DomNode<'_>) {
        let name = dom::name(node);
        if let Some((_, place, start)) = self.beside.pop_if(|(id, ..)| *id == node.id())
            && let Some(text) = self.line.get(start..)
        {
            let plain = place.plain(text);
            self.line.truncate(start);
            self.line.push_str(&plain);
        }
        if !dom::is_block(name) {
            return;
        }
        match name {
            "td" | "th" if self.row.is_some() => {
                let cell = strings::tidy(&std::mem::take(&mut self.line));
                if let Some(row) = &mut self.row {
                    row.push(cell);
                }
            }
            "tr" => self.end_row(),
            _ => self.end_paragraph(),
        }
        match name {
            "table" => {
                self.end_row();
                self.tables.pop();
            }
            "figcaption" => self.captions = self.captions.saturating_sub(1),
            _ => {}
        }
        self.centred.pop();
    }

    /// A formula after a number is no part of it.
    fn formula(&mut self, node: DomNode<'_>) {
        if self.line.ends_with(|c: char| c.is_ascii_digit()) {
            self.line.push(' ');
        }
        self.line.push_str(&formula::text(node));
    }

    fn in_data(&self) -> bool {
        self.tables.last().copied().unwrap_or_default()
    }

    /// Ends a paragraph. Within a table cell that is a space.
    fn end_paragraph(&mut self) {
        match self.row {
            Some(_) => self.line.push(' '),
            None => self.end_line(),
        }
    }

    fn end_row(&mut self) {
        if let Some(mut row) = self.row.take() {
            row.push(strings::tidy(&std::mem::take(&mut self.line)));
            while row.last().is_some_and(String::is_empty) {
                row.pop();
            }
            self.push(row.join("\t"));
        } else {
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        let line = strings::tidy(&std::mem::take(&mut self.line));
        self.push(line);
    }

    fn push(&mut self, text: String) {
        if !text.trim().is_empty() {
            self.pieces.push(Piece::Line(Line {
                text,
                centred: self.centred.last().copied().unwrap_or_default(),
                caption: self.captions > 0,
            }));
        }
    }

    fn picture(&mut self, node: DomNode<'_>) {
        let Some(url) = pictures::address(node, self.base) else {
            return;
        };
        if self.row.is_none() {
            self.end_line();
        }
        let alt = dom::attr(node, "alt").and_then(strings::value);
        self.pieces.push(Piece::Picture { url, alt });
    }
}

/// Whether the element centres its text; `None` if it has no alignment.
fn alignment(node: DomNode<'_>) -> Option<bool> {
    if dom::name(node) == "center" {
        return Some(true);
    }
    let style = dom::attr(node, "style").unwrap_or_default();
    if strings::may_hold_folded(style, "text-align:") {
        let style = strings::fold(style).to_ascii_lowercase();
        if let Some((_, align)) = style.split_once("text-align:") {
            return Some(align.starts_with("center"));
        }
    }
    dom::attr(node, "align").map(|align| align.trim().eq_ignore_ascii_case("center"))
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn lines(html: &str) -> Vec<String> {
        let html = Html::parse_document(html);
        let base = Url::parse("http://x.cn/").unwrap();
        read(html.tree.root(), &base)
            .into_iter()
            .map(|piece| match piece {
                Piece::Line(line) => line.text,
                Piece::Picture { url, .. } => format!("<{}>", url.path()),
            })
            .collect()
    }

    #[test]
    fn a_paragraph_is_a_line() {
        assert_eq!(
            lines(
                "<div>\u{3000}\u{3000}一 <b>二</b>三<br>四<p></p><p>&nbsp;</p><ul><li>五<li>六</ul><script>七</script></div>"
            ),
            ["一 二三", "四", "五", "六"]
        );
    }

    #[test]
    fn a_row_is_a_line_and_its_cells_are_parted_by_tabs() {
        assert_eq!(
            lines(
                "<table><tr><th>姓名<th>单位</tr><tr><td><p>张</p><p>三</p></td><td></td><td>县\n局</td></tr></table>尾"
            ),
            ["姓名\t单位", "张 三\t\t县 局", "尾"]
        );
    }

    #[test]
    fn a_table_that_only_holds_the_page_has_no_rows() {
        assert_eq!(
            lines("<table><tr><td><p>一</p><p>二</p></td></tr></table>"),
            ["一", "二"]
        );
        let long = "文".repeat(700);
        let page = format!("<table><tr><td>左</td><td><p>{long}</p><p>末</p></td></tr></table>");
        assert_eq!(lines(&page), ["左".to_owned(), long, "末".to_owned()]);
    }

    #[test]
    fn pictures_stand_between_the_lines() {
        assert_eq!(
            lines("<p>上<img src=/a.jpg>下</p><img src=/a.jpg>"),
            ["上", "</a.jpg>", "下", "</a.jpg>"]
        );
    }
}
