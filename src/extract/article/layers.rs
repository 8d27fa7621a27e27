//! The layers that read an article page: what is named, then what stands near the text.
//!
//! Owns the page as the layers see it. Never cuts out the text.

use std::ops::Range;

use ego_tree::NodeId;
use scraper::Html;
use url::Url;

use crate::config::ArticleRules;
use crate::extract::answer::Extracted;
use crate::extract::body::clean::Known;
use crate::extract::body::density::{Container, Weights};
use crate::extract::body::{attachments, container, footer, goes_on, locate};
use crate::extract::fields::heading::Head;
use crate::extract::fields::label_block::{self, Entry, Group};
use crate::extract::fields::meta::Tags;
use crate::extract::fields::publication::{self, Near};
use crate::extract::fields::{column_rules, row, title};
use crate::extract::page::cells::Cells;
use crate::extract::page::dom;
use crate::extract::page::{bounds, strings};
use crate::model::{Attachment, Field, ListRow};

/// What the layers know of a page before its text is cut out.
pub(super) struct Found {
    /// The values that the column's rules, the label block and the title's tag name.
    pub(super) page: Extracted,
    /// The element that holds the text.
    pub(super) container: Option<Container>,
    /// The nodes after it in which the text goes on.
    pub(super) rest: Vec<NodeId>,
}

/// A page as the layers see it, before the text is cut out.
pub(super) struct Layers<'a> {
    html: &'a Html,
    cells: &'a Cells,
    base: &'a Url,
    tags: Tags,
    /// The labels outside the text.
    groups: &'a [Group],
    /// The label block.
    block: Option<&'a Group>,
    /// The cells of the label block.
    filed: Range<usize>,
}

impl<'a> Layers<'a> {
    pub(super) fn new(
        html: &'a Html,
        cells: &'a Cells,
        groups: &'a [Group],
        base: &'a Url,
    ) -> Self {
        let mut tags = Tags::new(html);
        if tags.are_of_column() {
            tags.forget_article();
        }
        let block = label_block::find(groups);
        Self {
            html,
            cells,
            base,
            tags,
            groups,
            block,
            filed: block.map(Group::cells).unwrap_or_default(),
        }
    }

    /// Reads what is named, and finds the text.
    pub(super) fn find(&self, rules: &ArticleRules) -> Found {
        let mut page = Extracted::default();
        self.offer_named(&mut page, rules);
        let container = self.container(&mut page, rules);
        let rest = container.as_ref().map(|container| {
            let title = self.title_cell(&page);
            let footers = footer::footers(self.html, self.cells, title, &self.filed);
            goes_on::after(self.html, container.node, &footers, self.base)
        });
        Found {
            page,
            container,
            rest: rest.unwrap_or_default(),
        }
    }

    /// Offers the values that the column's rules, the label block and the title's tag name.
    fn offer_named(&self, page: &mut Extracted, rules: &ArticleRules) {
        column_rules::apply(self.html, self.cells, rules, page);
        offer_block(page, self.block);
        if let Some(title) = self.block.and_then(|block| block.value(Field::Title))
            && page.title.as_ref() == Some(&title.value)
        {
            let found = format!("label {}", title.label.name);
            page.replace_title(&self.joined(title), &found);
        }
        if let Some(title) = self.tags.title() {
            page.offer(Field::Title, title, "meta ArticleTitle");
        }
    }

    /// A labelled title without the spaces that stand for its line breaks.
    fn joined(&self, title: &Entry) -> String {
        /// A longer title is not joined.
        const MAX: usize = 400;
        let cells = &self.cells.all[title.cell..=title.last.max(title.cell)];
        let holders = cells
            .iter()
            .filter_map(|cell| self.html.tree.get(cell.holder));
        let mut lines = holders.filter_map(|holder| dom::short_text(holder, MAX));
        let folded = strings::fold(&title.value);
        let whole = lines.find(|lines| strings::fold(lines) == folded);
        whole.map_or_else(|| title.value.clone(), |lines| strings::joined(&lines))
    }

    /// The element that holds the text: by the column's rule, else by a search below the title.
    fn container(&self, page: &mut Extracted, rules: &ArticleRules) -> Option<Container> {
        if let Some(node) = column_rules::body(self.html, rules, page) {
            return Some(Container {
                node,
                found: "selector article.body".to_owned(),
                loose: false,
            });
        }
        let nowhere = self.cells.all.len()..self.cells.all.len();
        let head = || Head::new(self.html, self.cells, &self.tags, &self.filed, &nowhere);
        let repeated = || self.cell_of(&head().likely()?);
        let title = self.title_cell(page).or_else(repeated);
        locate::text(
            self.html,
            self.cells,
            &self.tags,
            title,
            &self.filed,
            self.base,
        )
    }

    /// Offers the values near the text: its heading, its publication and its author.
    pub(super) fn offer_found(
        &self,
        page: &mut Extracted,
        text: &Range<usize>,
        row: Option<&ListRow>,
    ) {
        let head = Head::new(self.html, self.cells, &self.tags, &self.filed, text);
        offer_heading(page, &head, self.cells, self.groups, row);
        let title = self.title_cell(page).unwrap_or(0);
        let head = title..bounds::first_prose(self.cells, text);
        let near = Near::new(self.html, self.cells, self.groups, head, text.end);
        let day = row.and_then(|row| row.published_on);
        publication::offer(page, &near, &self.tags, self.base, day);
    }

    /// The texts of the page outside the article's text, which need not be repeated in it.
    pub(super) fn known<'k>(
        &self,
        title: Option<&'k str>,
        container: &Container,
        text: &Range<usize>,
        base: &'k Url,
        cells: &'k Cells,
    ) -> Known<'k> {
        let start = match container.loose {
            true => bounds::beginning(self.cells, title, &self.filed, text),
            false => text.start,
        };
        let head = text.start..start;
        let above = nodes_of(self.cells, &self.filed).chain(nodes_of(self.cells, &head));
        let is_set_outside =
            |title| bounds::is_set_outside(self.html, self.cells, title, &self.filed, text);
        Known {
            title,
            said_elsewhere: title.is_some_and(is_set_outside),
            above: above.collect(),
            last_above: bounds::last_node(self.cells, &head),
            loose: container.loose,
            cells,
            base,
        }
    }

    /// The files that the label block offers (文件下载).
    pub(super) fn files(&self) -> Vec<Attachment> {
        let mut files = Vec::new();
        for cell in &self.cells.all[self.filed.clone()] {
            if let Some(holder) = self.html.tree.get(cell.holder).filter(|_| cell.linked > 0) {
                attachments::below(holder, self.base, &mut files);
            }
        }
        files
    }

    /// The cell that shows the title, if the title is known.
    fn title_cell(&self, page: &Extracted) -> Option<usize> {
        self.cell_of(page.title.as_deref()?)
    }

    fn cell_of(&self, title: &str) -> Option<usize> {
        bounds::cell_of(self.cells, title, &self.filed)
    }
}

/// The labels of a page outside the article. A notice may mention 文号 and 发布机关, and a block never
/// stands in the middle of a text.
pub(super) fn groups_outside_text(html: &Html, cells: &Cells) -> Vec<Group> {
    let mut groups = label_block::groups(html, cells);
    if let Some(container) = container::known(html, &Weights::new(html, cells, &(0..0))) {
        let text = cells.below(container.node);
        let inner = bounds::first_prose(cells, &text)..text.end;
        groups.retain(|group| !inner.contains(&group.cells().start));
    }
    groups
}

/// Offers a title for pages without a label or a tag for it: the nearest heading, the row of the
/// column's list, and what `<title>` says.
fn offer_heading(
    page: &mut Extracted,
    head: &Head<'_>,
    cells: &Cells,
    groups: &[Group],
    row: Option<&ListRow>,
) {
    // A single line may stand right below a title; a block of several has a heading of its own.
    let is_line = |group: &&Group| !group.is_block() || group.cells().len() == 1;
    let lines = groups.iter().filter(is_line);
    let above = || {
        let mut starts = lines.map(|group| group.cells().start);
        starts.find_map(|start| head.above(start))
    };
    let trimmed = head.trimmed();
    // If the page shows nothing of its `<title>`, that may be another page's or the site's.
    let is_shown = |title: &str| {
        let title = strings::fold(title);
        cells.all.iter().any(|cell| cell.folded().contains(&title))
    };
    let named = || {
        trimmed
            .clone()
            .filter(|(title, _)| !head.is_name(title) && is_shown(title))
    };
    let heading = head.heading();
    let is_own = |(title, _): &(String, _)| !head.is_of_frame(title);
    let own = heading.clone().filter(is_own);
    let own = own
        .or_else(named)
        .or_else(above)
        .or_else(|| head.above_facts());
    if let Some((title, found)) = own {
        let over = head.line_over(&title);
        let (title, found) = over.unwrap_or((title, found));
        page.offer(Field::Title, &title, found);
    }
    if let Some((title, found)) = row::shown(row, page, head) {
        page.replace_title(title, found);
    }
    let said = trimmed.as_ref().map(|(title, _)| title.as_str());
    if let Some((title, found)) = row::alone(row, said) {
        page.offer(Field::Title, title, found);
    }
    let is_open = |page: &Extracted| page.title.as_deref().is_none_or(title::is_cut);
    let told = head.told().filter(|(title, _)| is_shown(title));
    for (title, found) in head
        .whole()
        .into_iter()
        .chain(told)
        .chain(trimmed)
        .chain(heading)
    {
        if is_open(page) {
            page.offer(Field::Title, &title, found);
        }
    }
}

/// Offers the values of the label block.
fn offer_block(page: &mut Extracted, block: Option<&Group>) {
    for field in Field::ALL {
        let value = block.and_then(|block| block.value(field).or_else(|| block.printed(field)));
        if let Some(entry) = value {
            // If one line holds several labels, semicolons separate them.
            let mut others = block.into_iter().flat_map(|block| &block.entries);
            let parted = others.any(|other| other.cell == entry.cell && other.label != entry.label);
            let value = match parted {
                true => entry.value.trim_end_matches(['；', ';', ' ']),
                false => &entry.value,
            };
            page.offer(field, value, &format!("label {}", entry.label.name));
        }
    }
}

fn nodes_of(cells: &Cells, range: &Range<usize>) -> impl Iterator<Item = NodeId> {
    let cells = cells.all[range.clone()].iter();
    cells.flat_map(|cell| cell.nodes.iter().copied())
}
