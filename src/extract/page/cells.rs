//! A page as a row of cells: the pieces of text between block boundaries and line breaks.
//!
//! Owns the flat view of a page in which tables, lists, definition lists, paragraphs and lines
//! look alike. Never decides what a cell means.

use std::cell::OnceCell;
use std::ops::Range;

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::Node;

use super::dom::{self, ByNode, DomNode};
use super::{boilerplate, strings};

/// One piece of text: a table cell, a list item, a paragraph, or the text between two `br`.
#[derive(Debug)]
pub(in crate::extract) struct Cell {
    /// The whole text as one tidy line.
    pub(in crate::extract) text: String,
    /// The raw text in runs, unless that is the text.
    runs: Vec<String>,
    /// The block element that holds it.
    pub(in crate::extract) holder: NodeId,
    /// The text nodes that make up the cell.
    pub(in crate::extract) nodes: Vec<NodeId>,
    /// Whether the cell, or an element around it, is marked as hidden.
    pub(in crate::extract) hidden: bool,
    /// Characters of the cell that are in links, white space not counted.
    pub(in crate::extract) linked: usize,
    /// The number of characters of the text, white space not counted.
    length: usize,
    folded: OnceCell<String>,
    is_boilerplate: OnceCell<bool>,
    is_imprint: OnceCell<bool>,
    /// What `fields::credits` judges it to be, once.
    pub(in crate::extract) said: OnceCell<Said>,
    /// How much of prose it is; weighed by `body::density`, once.
    pub(in crate::extract) prose: OnceCell<usize>,
    /// Whether the site says it of itself, and whether no article says it; judged by
    /// `body::footer`, once.
    pub(in crate::extract) is_sites: OnceCell<bool>,
    pub(in crate::extract) is_sign: OnceCell<bool>,
}

/// Whether a cell is the line with date and author, or the line of the editors.
#[derive(Clone, Copy, Debug)]
pub(in crate::extract) struct Said {
    pub(in crate::extract) is_info: bool,
    pub(in crate::extract) is_credits: bool,
}

impl Cell {
    fn new(holder: NodeId, hidden: bool) -> Self {
        Self {
            text: String::new(),
            runs: Vec::new(),
            holder,
            nodes: Vec::new(),
            hidden,
            linked: 0,
            length: 0,
            folded: OnceCell::new(),
            is_boilerplate: OnceCell::new(),
            is_imprint: OnceCell::new(),
            said: OnceCell::new(),
            prose: OnceCell::new(),
            is_sites: OnceCell::new(),
            is_sign: OnceCell::new(),
        }
    }

    /// Takes over what was judged of another cell with the same text.
    fn take_over(&mut self, other: &Self) {
        self.folded.clone_from(&other.folded);
        self.is_boilerplate.clone_from(&other.is_boilerplate);
        self.is_imprint.clone_from(&other.is_imprint);
        self.said.clone_from(&other.said);
        self.is_sites.clone_from(&other.is_sites);
        self.is_sign.clone_from(&other.is_sign);
    }

    /// The number of characters of the text, white space not counted.
    pub(in crate::extract) fn len(&self) -> usize {
        self.length
    }

    /// The raw text in runs. A new run begins where an inline element begins or ends.
    pub(in crate::extract) fn runs(&self) -> impl Iterator<Item = &str> {
        let whole = self.runs.is_empty().then_some(self.text.as_str());
        whole
            .into_iter()
            .chain(self.runs.iter().map(String::as_str))
    }

    /// The text for comparison ([`strings::fold`]).
    pub(in crate::extract) fn folded(&self) -> &str {
        self.folded.get_or_init(|| strings::fold(&self.text))
    }

    /// Whether the text is boilerplate, whatever its place.
    pub(in crate::extract) fn is_boilerplate(&self) -> bool {
        let judge = || self.says(boilerplate::is_folded_boilerplate);
        *self.is_boilerplate.get_or_init(judge)
    }

    /// Whether the text is the imprint of the site.
    pub(in crate::extract) fn is_imprint(&self) -> bool {
        let judge = || self.says(boilerplate::is_folded_imprint);
        *self.is_imprint.get_or_init(judge)
    }

    /// Whether it is a heading over other articles or over a list of files.
    pub(in crate::extract) fn is_heading(&self) -> bool {
        self.says(boilerplate::is_folded_heading)
    }

    /// Whether it is 上一篇 or 下一篇.
    pub(in crate::extract) fn is_turn(&self) -> bool {
        self.says(boilerplate::is_folded_turn)
    }

    /// Whether it is the path to the page.
    pub(in crate::extract) fn is_path(&self) -> bool {
        self.says(boilerplate::is_folded_path)
    }

    /// Whether its text, if it can be boilerplate at all, is folded one of a kind.
    fn says(&self, is_one: fn(&str) -> bool) -> bool {
        self.text.len() <= boilerplate::MAX_BYTES && is_one(self.folded())
    }

    /// Whether most of its characters are in links.
    pub(in crate::extract) fn is_linked(&self) -> bool {
        self.linked * 2 > self.len()
    }
}

/// The cells of a page in document order.
#[derive(Debug)]
pub(in crate::extract) struct Cells {
    /// Contains empty cells, too, where an element could have held a value.
    pub(in crate::extract) all: Vec<Cell>,
    /// The cells below each element. The cell that contains an inline element counts as a whole.
    ranges: ByNode<Range<usize>>,
}

impl Cells {
    /// The cells below a node.
    pub(in crate::extract) fn new(root: DomNode<'_>) -> Self {
        let mut walk = Walk::new(root.id());
        for edge in root.traverse() {
            walk.step(edge);
        }
        walk.flush();
        // The range of an inline element includes the line in which it ends. An invisible element
        // has no such line.
        let count = walk.cells.len();
        for range in walk.ranges.values_mut() {
            range.end = range.end.min(count);
        }
        if mostly_hidden(&walk.cells) {
            walk.cells.iter_mut().for_each(|cell| cell.hidden = false);
        }
        Self {
            all: walk.cells,
            ranges: walk.ranges,
        }
    }

    /// The cells below a node of the same page after a change. What was judged of a line that is
    /// still the same is not judged again.
    pub(in crate::extract) fn renewed(&self, root: DomNode<'_>) -> Self {
        let mut new = Self::new(root);
        let mut known: ByNode<&Cell> = ByNode::default();
        for cell in &self.all {
            if let Some(first) = cell.nodes.first() {
                known.insert(*first, cell);
            }
        }
        for cell in &mut new.all {
            let same = cell.nodes.first().and_then(|first| known.get(*first));
            if let Some(same) = same.filter(|same| same.text == cell.text && same.runs == cell.runs)
            {
                cell.take_over(same);
            }
        }
        new
    }

    /// The cells below an element; empty for any other node.
    pub(in crate::extract) fn below(&self, node: NodeId) -> Range<usize> {
        self.ranges.get(node).cloned().unwrap_or(0..0)
    }

    /// The largest element that holds this cell and no other.
    pub(in crate::extract) fn whole<'a>(
        &self,
        holder: DomNode<'a>,
        cell: usize,
    ) -> Option<DomNode<'a>> {
        let alone = |node: &DomNode<'a>| self.ranges.get(node.id()) == Some(&(cell..cell + 1));
        let mut whole = alone(&holder).then_some(holder)?;
        for node in holder.ancestors() {
            match self.ranges.get(node.id()) {
                Some(range) if *range == (cell..cell + 1) => whole = node,
                Some(_) => break,
                None => {}
            }
        }
        Some(whole)
    }
}

struct Walk {
    cells: Vec<Cell>,
    ranges: ByNode<Range<usize>>,
    /// Open block elements, and the cell at which each began.
    open: Vec<(NodeId, usize)>,
    /// The same for inline elements.
    inline: Vec<(NodeId, usize)>,
    current: Option<Cell>,
    /// The raw text of the current cell, in runs: the first of these.
    runs: Vec<String>,
    used: usize,
    root: NodeId,
    /// The element whose content is ignored.
    mute: Option<NodeId>,
    /// The outermost hidden element that is open.
    hidden: Option<NodeId>,
    links: usize,
}

impl Walk {
    fn new(root: NodeId) -> Self {
        Self {
            cells: Vec::new(),
            ranges: ByNode::default(),
            open: Vec::new(),
            inline: Vec::new(),
            current: None,
            runs: Vec::new(),
            used: 0,
            root,
            mute: None,
            hidden: None,
            links: 0,
        }
    }

    fn step(&mut self, edge: Edge<'_, Node>) {
        match edge {
            Edge::Open(node) if self.mute.is_none() => self.enter(node),
            Edge::Close(node) if self.mute == Some(node.id()) => self.mute = None,
            Edge::Close(node) if self.mute.is_none() => self.leave(node),
            _ => {}
        }
    }

    fn enter(&mut self, node: DomNode<'_>) {
        match node.value() {
            Node::Text(text) => self.text(node.id(), &text.text),
            Node::Element(_) => {
                let name = dom::name(node);
                if dom::is_mute(name) || is_small_form(node) {
                    self.mute = Some(node.id());
                    return;
                }
                if self.hidden.is_none() && dom::is_hidden(node) {
                    self.flush();
                    self.hidden = Some(node.id());
                }
                if dom::is_block(name) {
                    self.flush();
                    self.open.push((node.id(), self.cells.len()));
                } else if name == "br" {
                    self.flush();
                } else {
                    self.links += usize::from(name == "a");
                    self.boundary();
                    self.inline.push((node.id(), self.cells.len()));
                }
            }
            _ => {}
        }
    }

    fn leave(&mut self, node: DomNode<'_>) {
        if !node.value().is_element() {
            return;
        }
        let name = dom::name(node);
        if dom::is_block(name) {
            self.flush();
            if let Some((id, start)) = self.open.pop() {
                if start == self.cells.len() {
                    self.cells.push(Cell::new(id, self.hidden.is_some()));
                }
                self.ranges.insert(id, start..self.cells.len());
            }
        } else if name != "br" {
            self.links -= usize::from(name == "a");
            self.boundary();
            let pending = usize::from(self.current.is_some());
            if let Some((id, start)) = self.inline.pop() {
                self.ranges.insert(id, start..self.cells.len() + pending);
            }
        }
        if self.hidden == Some(node.id()) {
            self.flush();
            self.hidden = None;
        }
    }

    fn text(&mut self, node: NodeId, text: &str) {
        let holder = self.open.last().map_or(self.root, |(id, _)| *id);
        let hidden = self.hidden.is_some();
        let linked = if self.links > 0 {
            strings::len(text)
        } else {
            0
        };
        let cell = self
            .current
            .get_or_insert_with(|| Cell::new(holder, hidden));
        cell.nodes.push(node);
        cell.linked += linked;
        if self.used == 0 {
            self.begin_run();
        }
        if let Some(run) = self.runs.get_mut(self.used - 1) {
            run.push_str(text);
        }
    }

    /// An inline element begins or ends.
    fn boundary(&mut self) {
        let last = self
            .used
            .checked_sub(1)
            .and_then(|last| self.runs.get(last));
        if last.is_some_and(|run| !run.is_empty()) {
            self.begin_run();
        }
    }

    fn begin_run(&mut self) {
        match self.runs.get_mut(self.used) {
            Some(run) => run.clear(),
            None => self.runs.push(String::new()),
        }
        self.used += 1;
    }

    /// A line ends.
    fn flush(&mut self) {
        let runs = &self.runs[..std::mem::take(&mut self.used)];
        let Some(mut cell) = self.current.take() else {
            return;
        };
        cell.text = match runs {
            [run] => strings::tidy(run),
            runs => strings::tidy(&runs.concat()),
        };
        if cell.text.is_empty() {
            return;
        }
        cell.length = strings::len(&cell.text);
        if !matches!(runs, [run] if *run == cell.text) {
            cell.runs = runs.to_vec();
        }
        self.cells.push(cell);
    }
}

/// Whether nearly everything is hidden: then a script shows the page.
fn mostly_hidden(cells: &[Cell]) -> bool {
    let chars = |hidden: bool| -> usize {
        let cells = cells.iter().filter(|cell| cell.hidden == hidden);
        cells.map(|cell| cell.len()).sum()
    };
    chars(true) > 4 * chars(false) + 400
}

/// Search forms mention titles and dates but contain none. Some systems put the whole page into one
/// form, which then holds text.
pub(in crate::extract) fn is_small_form(node: DomNode<'_>) -> bool {
    let asks = |node: DomNode<'_>| match dom::name(node) {
        "input" => {
            let kind = dom::attr(node, "type")
                .unwrap_or("text")
                .to_ascii_lowercase();
            matches!(kind.as_str(), "" | "text" | "search" | "radio" | "checkbox")
        }
        "select" | "textarea" => true,
        _ => false,
    };
    dom::name(node) == "form"
        && dom::short_text(node, 200).is_some()
        && dom::elements(node).any(asks)
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn cells(html: &str) -> Vec<String> {
        let html = Html::parse_document(html);
        let cells = Cells::new(html.tree.root());
        let texts = cells
            .all
            .iter()
            .map(|cell| cell.runs().collect::<Vec<_>>().join("|"));
        texts.collect()
    }

    #[test]
    fn every_layout_gives_the_same_cells() {
        for html in [
            "<table><tr><td>索引号</td><td>1</td></tr></table>",
            "<dl><dt>索引号</dt><dd>1</dd></dl>",
            "<div>索引号</div><div>1</div>",
            "<p>索引号<br>1</p>",
            "索引<!-- x -->号<script>2</script><p>1",
        ] {
            let cells = cells(html);
            let seen: Vec<&str> = cells.iter().map(String::as_str).collect();
            assert_eq!(seen, ["索引号", "1"], "{html}");
        }
    }

    #[test]
    fn inline_elements_part_runs_and_empty_elements_are_cells() {
        assert_eq!(
            cells("<li><b>文号</b>潞政发</li><li></li>"),
            ["文号|潞政发", ""]
        );
    }

    #[test]
    fn no_element_has_cells_that_are_none() {
        for html in [
            "<div>文</div><b>\u{ffff}</b>",
            "<div>文</div><b> </b>",
            "<l>文<div></div>\u{ffff}",
        ] {
            let html = Html::parse_document(html);
            let cells = Cells::new(html.tree.root());
            for node in html.tree.nodes() {
                let range = cells.below(node.id());
                assert!(cells.all.get(range).is_some(), "{:?}", node.value());
            }
        }
    }

    #[test]
    fn what_nobody_sees_is_marked_unless_it_is_the_whole_page() {
        let hidden = |html: &str| {
            let html = Html::parse_document(html);
            Cells::new(html.tree.root())
                .all
                .iter()
                .any(|cell| cell.hidden)
        };
        assert!(hidden("<p>文</p><p style='display: none'>隐</p>"));
        assert!(!hidden("<body style='visibility: hidden'><p>文</p>"));
        assert!(!hidden(&format!(
            "<div style='display:none'>{}</div>",
            "文".repeat(500)
        )));
    }

    #[test]
    fn search_forms_are_not_read_but_forms_around_a_page_are() {
        assert_eq!(cells("<form>标题<input></form>"), [""]);
        let page = format!("<form><p>{}</p></form>", "文".repeat(300));
        assert_eq!(cells(&page).len(), 1);
    }
}
