//! Finds the text if the column has no rule for it: in an element with a known name, else where the
//! page is dense with text.
//!
//! Owns the choice between the two, and the bounds of the search by density: if the text is
//! missing, its surroundings do not replace it. Never cleans the element.

use std::ops::Range;

use ego_tree::NodeId;
use scraper::Html;
use url::Url;

use super::density::{self, Container, Weights};
use super::{attachments, container, footer, media, pictures};
use crate::extract::family;
use crate::extract::fields::credits;
use crate::extract::fields::heading::Head;
use crate::extract::fields::meta::Tags;
use crate::extract::page::cells::{Cell, Cells};
use crate::extract::page::dom::{self, DomNode, NodeSet};
use crate::extract::page::{boilerplate, bounds};

/// A named element with less is a leftover if the page has ten times as much elsewhere.
const LITTLE: usize = 60;
/// Pages have few elements with such names, one within the other.
const MAX_NAMED: usize = 64;

/// The element that holds the text. `title` is the cell of the title, if it is known already, and
/// `block` is the label block.
pub(in crate::extract) fn text(
    html: &Html,
    cells: &Cells,
    tags: &Tags,
    title: Option<usize>,
    block: &Range<usize>,
    base: &Url,
) -> Option<Container> {
    let search = Search::new(html, cells, tags, title, block, base);
    // The order matters: the first candidate that returns an element decides.
    let candidates: [fn(&_) -> Option<Container>; 8] = [
        Search::empty_with_files,
        Search::named,
        Search::line,
        Search::named_with_files,
        Search::files_alone,
        Search::densest,
        Search::short,
        Search::empty,
    ];
    let found = candidates.into_iter().find_map(|choose| choose(&search))?;
    Some(Container {
        node: outside_player(html, found.node),
        ..found
    })
}

/// The element around a player, if the node stands in one: the player belongs to the text.
fn outside_player(html: &Html, node: NodeId) -> NodeId {
    let is_player = |node: &DomNode<'_>| matches!(dom::name(*node), "video" | "audio" | "object");
    let around = html.tree.get(node).and_then(|node| {
        let nodes = std::iter::once(node).chain(node.ancestors());
        Some(nodes.filter(is_player).last()?.parent()?.id())
    });
    around.unwrap_or(node)
}

/// A page, and the candidates for its text.
struct Search<'a> {
    html: &'a Html,
    cells: &'a Cells,
    block: &'a Range<usize>,
    base: &'a Url,
    /// The cell of the title.
    title: Option<usize>,
    /// The weights of the page without the label block.
    weights: Weights,
    /// The element with a known name, if it holds text.
    named: Option<Container>,
    /// The same element, if its text is at most one line.
    line: Option<Container>,
    /// Elements with known names but without text, if `named` is missing.
    empty: Vec<DomNode<'a>>,
    /// The page's footers and its empty elements: they hold no text.
    footers: NodeSet,
    /// The element that is dense with text.
    dense: Option<Container>,
    /// The weight of `dense` below the title.
    most: usize,
}

impl<'a> Search<'a> {
    fn new(
        html: &'a Html,
        cells: &'a Cells,
        tags: &Tags,
        title: Option<usize>,
        block: &'a Range<usize>,
        base: &'a Url,
    ) -> Self {
        let weights = Weights::new(html, cells, block);
        let known = container::known(html, &weights);
        let (named, line) = match known {
            Some(known) if weights.of_node(known.node) < container::MIN_WEIGHT => {
                (None, Some(known))
            }
            known => (known, None),
        };
        let empty = match named {
            Some(_) => Vec::new(),
            None => empty_named(html, cells),
        };
        let heading = || {
            let end = cells.below(empty.first()?.parent()?.id()).end;
            let (heading, _) = Head::new(html, cells, tags, block, &(end..end)).heading()?;
            bounds::cell_of(cells, &heading, block)
        };
        let title = title.or_else(heading);
        let mut footers = footer::footers(html, cells, title, block);
        footers.extend(empty.iter().map(|node| node.id()));
        let mut search = Self {
            html,
            cells,
            block,
            base,
            title,
            weights,
            named,
            line,
            empty,
            footers,
            dense: None,
            most: 0,
        };
        if let Some((dense, weight)) = search.find_dense() {
            search.dense = Some(dense);
            search.most = weight;
        }
        search
    }

    /// The dense part of the page. If the title is a heading, the page's head ends there. If only
    /// the block has the title, the title may stand below the text.
    fn find_dense(&self) -> Option<(Container, usize)> {
        match self.title {
            Some(title) if !self.block.contains(&title) => self.dense_from(title),
            Some(title) => self.dense_from(title).or_else(|| self.dense_from(0)),
            None => self.dense_from(0),
        }
    }

    /// The densest element from a cell on. If it does not outweigh the title, the page has no text.
    fn dense_from(&self, start: usize) -> Option<(Container, usize)> {
        let area = area(self.html, self.cells, self.title, &self.places());
        let weights = self.weights_from(start);
        let found = density::densest(area, &weights)?;
        let is_title = self.title == Some(start) && !self.block.contains(&start);
        let cell = self.cells.all.get(start).filter(|_| is_title);
        let own = cell.map_or(0, density::prose);
        let weight = weights.of_node(found.node);
        (weight > own).then_some((found, weight))
    }

    /// The weights from a cell on, up to the next heading beside the article.
    fn weights_from(&self, start: usize) -> Weights {
        let all = &self.cells.all;
        let title = self.title.filter(|title| !self.block.contains(title));
        let place = title.and_then(|title| self.place(title));
        let below = place.map_or(all.len(), |place| self.cells.below(place.id()).end);
        let others = all
            .iter()
            .skip(below)
            .position(|cell| heads_others(self.html, cell));
        let end = others.map_or(all.len(), |nth| below + nth);
        let text = start..end.max(start);
        Weights::after(self.html, self.cells, &text, self.block, &self.footers)
    }

    /// Where a text is expected: the elements with known names, whether they hold one or not.
    fn places(&self) -> Vec<DomNode<'a>> {
        let held = self.named.iter().chain(&self.line);
        let held = held.filter_map(|held| self.html.tree.get(held.node));
        self.empty.iter().copied().chain(held).collect()
    }

    fn weight(&self, container: &Container) -> usize {
        self.weights.of_node(container.node)
    }

    /// Whether nothing else on the page holds ten times as much.
    fn is_no_leftover(&self, container: &Container) -> bool {
        self.weight(container) * 10 >= self.most
    }

    /// An element with a known name that holds only files.
    fn empty_with_files(&self) -> Option<Container> {
        let mut empty = self.empty.iter();
        let holder = empty.find(|node| self.offers(**node))?;
        Some(without_text(*holder))
    }

    /// Whether a node holds a file, a film or a player.
    fn offers(&self, node: DomNode<'_>) -> bool {
        attachments::any(node, self.base) || media::any(node, self.base)
    }

    /// The element with a known name, together with the parts of the text beside it.
    fn named(&self) -> Option<Container> {
        let named = self.named.clone()?;
        let is_text = self.weight(&named) >= LITTLE || self.is_no_leftover(&named);
        is_text.then(|| container::widened(self.html, named, &self.weights))
    }

    /// A text of one short line, if no other element with a known name is empty.
    fn line(&self) -> Option<Container> {
        let line = self.line.clone()?;
        (self.empty.is_empty() && self.is_no_leftover(&line)).then_some(line)
    }

    /// An element with a known name that holds files. Their names weigh nothing.
    fn named_with_files(&self) -> Option<Container> {
        if self.named.is_some() || self.most >= LITTLE {
            return None;
        }
        let named = dom::elements(self.html.tree.root()).filter(|node| is_named(*node));
        let mut named = named.take(MAX_NAMED);
        named.find(|node| self.offers(*node)).map(without_text)
    }

    /// The element around the files, if the page has hardly any text.
    fn files_alone(&self) -> Option<Container> {
        let is_bare = self.empty.is_empty() && self.most < container::MIN_WEIGHT;
        is_bare.then(|| self.around_files())?
    }

    /// The dense part of the page, or of the article's place if that is somewhere else.
    fn densest(&self) -> Option<Container> {
        let dense = self.dense.clone()?;
        if self.is_in_place(&dense) {
            return Some(dense);
        }
        let title = self.title?;
        let weights = self.weights_from(title + 1);
        density::densest(self.place(title)?, &weights)
    }

    /// A text of one line, however little that is.
    fn short(&self) -> Option<Container> {
        self.line.clone()
    }

    /// Whether an element is in the article's place: around the title and the lines below it, or
    /// below these without another heading between. If the text is missing, what stands elsewhere
    /// is the site's.
    fn is_in_place(&self, found: &Container) -> bool {
        let title = self.title.filter(|title| !self.block.contains(title));
        let (Some(title), Some(node)) = (title, self.html.tree.get(found.node)) else {
            return true;
        };
        let Some(place) = self.place(title) else {
            return true;
        };
        let is_below = |one: DomNode<'_>, other: DomNode<'_>| {
            one.id() == other.id() || one.ancestors().any(|above| above.id() == other.id())
        };
        if is_below(node, place) || is_below(place, node) {
            return true;
        }
        let below = self.cells.below(place.id()).end;
        let start = self.cells.below(found.node).start;
        let between = self.cells.all.get(below..=start).unwrap_or_default();
        let is_other = |cell: &Cell| heads_others(self.html, cell);
        // Right below a head, a short text is one.
        let is_next = place.parent().is_some_and(|parent| is_below(node, parent));
        let least = if is_next {
            container::MIN_WEIGHT
        } else {
            LITTLE
        };
        self.weight(found) >= least && !between.iter().any(is_other)
    }

    /// The files in the article's place: those in the smallest element around the title and the first
    /// of them.
    fn in_place(&self, mut links: Vec<DomNode<'a>>) -> Vec<DomNode<'a>> {
        let title = self.title.filter(|title| !self.block.contains(title));
        let cell = title.and_then(|title| self.cells.all.get(title));
        let holder = cell.and_then(|cell| self.html.tree.get(cell.holder));
        let (Some(title), Some(holder), Some(first)) = (title, holder, links.first()) else {
            return links;
        };
        let start = self.cells.below(first.id()).start;
        let between = self.cells.all.get(title + 1..start).unwrap_or_default();
        if between.iter().any(|cell| heads_others(self.html, cell)) {
            return Vec::new();
        }
        let around = shared(path(holder), path(*first))
            .last()
            .map(|node| node.id());
        links.retain(|link| link.ancestors().any(|above| Some(above.id()) == around));
        links
    }

    /// The smallest element around the title and anything of the article below it.
    fn place(&self, title: usize) -> Option<DomNode<'a>> {
        let holder = self.html.tree.get(self.cells.all.get(title)?.holder)?;
        let is_of_article = |cell: &Cell| {
            let is_said = credits::is_info(cell) || credits::is_dated(&cell.text);
            !cell.hidden && (is_said || density::prose(cell) > 0)
        };
        std::iter::once(holder)
            .chain(holder.ancestors())
            .find(|node| {
                let range = self.cells.below(node.id());
                let below = self.cells.all.get(title + 1..range.end);
                below.unwrap_or_default().iter().any(is_of_article)
            })
    }

    /// An empty element with a known name.
    fn empty(&self) -> Option<Container> {
        self.empty.first().copied().map(without_text)
    }

    /// The smallest element around the files below the title and the few words beside them, outside
    /// heads, footers and the label block.
    fn around_files(&self) -> Option<Container> {
        /// An article has fewer.
        const MOST: usize = 200;
        let is_aside =
            |node: DomNode<'_>| self.footers.contains(&node.id()) || density::is_aside(node);
        let first = self.title.map_or(0, |title| title + 1);
        let is_in_block = self.title.is_some_and(|title| self.block.contains(&title));
        let is_own = |link: &DomNode<'_>| {
            let start = self.cells.below(link.id()).start;
            let is_below = start >= first || is_in_block;
            is_below && !self.block.contains(&start) && !link.ancestors().any(is_aside)
        };
        let links = attachments::links(self.html.tree.root(), self.base).filter(is_own);
        let links = self.in_place(links.take(MOST).collect());
        let mut paths: Vec<Vec<DomNode<'_>>> = links.into_iter().map(path).collect();
        for path in &mut paths {
            path.pop();
        }
        if paths.is_empty() {
            return None;
        }
        let words = self.dense.as_ref().filter(|words| self.is_in_place(words));
        let words = words.and_then(|words| self.html.tree.get(words.node));
        paths.extend(words.map(path));
        let shared = paths.into_iter().reduce(shared)?;
        let node = shared.last().filter(|node| node.value().is_element())?;
        Some(Container {
            node: node.id(),
            found: "structure".to_owned(),
            loose: true,
        })
    }
}

/// Whether a line is a heading over something else than the article's files.
fn heads_others(html: &Html, cell: &Cell) -> bool {
    let holder = html.tree.get(cell.holder);
    let name = holder.map(dom::name).unwrap_or_default();
    let is_heading = matches!(name, "h1" | "h2" | "h3") && cell.linked == 0;
    let is_of_files = ["附件", "下载"].iter().any(|word| cell.text.contains(word));
    let is_said = cell.is_heading() || cell.is_turn();
    (is_heading || is_said) && !is_of_files && !cell.text.is_empty()
}

/// An element with a known name but without text. Files may be in it or below it.
fn without_text(node: DomNode<'_>) -> Container {
    Container {
        node: node.id(),
        found: format!("container {}", family::name_of(node).unwrap_or_default()),
        loose: false,
    }
}

/// Empty elements with known names: the text is missing, or a script was to insert it.
fn empty_named<'a>(html: &'a Html, cells: &Cells) -> Vec<DomNode<'a>> {
    let named = html
        .tree
        .root()
        .descendants()
        .filter(|node| is_named(*node));
    named
        .take(MAX_NAMED)
        .filter(|node| {
            let inner = &cells.all[cells.below(node.id())];
            inner.iter().all(is_blank) && !dom::elements(*node).any(pictures::is_content)
        })
        .collect()
}

fn is_named(node: DomNode<'_>) -> bool {
    family::name_of(node).is_some() && !dom::is_hidden(node)
}

/// Whether a line cannot belong to a text. Lines of tools are not judged, because a text's element
/// may be named after its tools.
fn is_blank(cell: &Cell) -> bool {
    let text = cell.folded().to_lowercase();
    text.is_empty() || (boilerplate::is_boilerplate(&text) && !boilerplate::is_tool(&text))
}

/// The smallest element around the title and the empty elements: the article's place, however
/// little is left of it. The whole page if either is missing.
fn area<'a>(
    html: &'a Html,
    cells: &Cells,
    title: Option<usize>,
    empty: &[DomNode<'a>],
) -> DomNode<'a> {
    let root = html.tree.root();
    let holder = title.and_then(|title| html.tree.get(cells.all.get(title)?.holder));
    let (Some(holder), false) = (holder, empty.is_empty()) else {
        return root;
    };
    let paths = empty.iter().map(|node| path(*node));
    let around = paths.fold(path(holder), shared);
    around.last().copied().unwrap_or(root)
}

/// The elements from the root down to this one.
fn path(node: DomNode<'_>) -> Vec<DomNode<'_>> {
    let mut path: Vec<DomNode<'_>> = std::iter::once(node).chain(node.ancestors()).collect();
    path.reverse();
    path
}

/// The common beginning of two paths.
fn shared<'a>(mut one: Vec<DomNode<'a>>, other: Vec<DomNode<'a>>) -> Vec<DomNode<'a>> {
    let both = one.iter().zip(&other);
    let alike = both.take_while(|(one, other)| one.id() == other.id());
    let length = alike.count();
    one.truncate(length);
    one
}
