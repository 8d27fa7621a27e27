//! The cells at which the title, the head and the text of a page begin and end.
//!
//! Owns the bounds that follow from the order of the cells. Never looks at element names, except
//! those of headings.

use std::ops::Range;

use ego_tree::NodeId;
use scraper::Html;

use super::cells::{Cell, Cells};
use super::{dom, strings};

/// The beginning of the text in an element that may also hold the page's head: after the title, and
/// after the label block if the block is above the text.
pub(in crate::extract) fn beginning(
    cells: &Cells,
    title: Option<&str>,
    block: &Range<usize>,
    text: &Range<usize>,
) -> usize {
    let title = title.map(strings::fold);
    let shows = |nth: &usize| {
        let cell = &cells.all[*nth];
        let said = title.as_ref().is_some_and(|title| says(cell, title));
        said && !cell.hidden && cell.linked == 0 && !block.contains(nth)
    };
    let below_title = text.clone().find(shows).map_or(text.start, |nth| nth + 1);
    let prose = first_prose(cells, &(below_title..text.end));
    let above = !block.is_empty() && text.contains(&block.start) && block.start <= prose;
    let start = if above {
        below_title.max(block.end.min(text.end))
    } else {
        below_title
    };
    // The title may come before the block and again after it.
    let again = (start..text.end).take(HEAD).find(shows);
    again.map_or(start, |nth| nth + 1)
}

/// The head of a page may continue for this many lines below its block.
const HEAD: usize = 8;

/// Whether the title also stands outside the text, as a heading or in the block. Anywhere else it
/// may be a menu entry.
pub(in crate::extract) fn is_set_outside(
    html: &Html,
    cells: &Cells,
    title: &str,
    block: &Range<usize>,
    text: &Range<usize>,
) -> bool {
    let title = strings::fold(title);
    let is_heading = |nth: usize| {
        let holder = html.tree.get(cells.all[nth].holder);
        holder.is_some_and(|holder| matches!(dom::name(holder), "h1" | "h2" | "h3"))
    };
    let mut others = (0..cells.all.len()).filter(|nth| !text.contains(nth));
    others.any(|nth| {
        let cell = &cells.all[nth];
        let said = !cell.hidden && cell.folded() == title;
        said && (block.contains(&nth) || is_heading(nth))
    })
}

pub(in crate::extract) fn last_node(cells: &Cells, range: &Range<usize>) -> Option<NodeId> {
    let cells = cells.all.get(range.clone())?;
    cells
        .iter()
        .rev()
        .find_map(|cell| cell.nodes.last().copied())
}

/// The cell that shows the title, outside the block if there is one.
pub(in crate::extract) fn cell_of(
    cells: &Cells,
    title: &str,
    block: &Range<usize>,
) -> Option<usize> {
    let title = strings::fold(title);
    let shows = |nth: &usize| !cells.all[*nth].hidden && says(&cells.all[*nth], &title);
    let mut all = 0..cells.all.len();
    all.find(|nth| !block.contains(nth) && shows(nth))
        .or_else(|| (0..cells.all.len()).find(shows))
}

/// Whether a line says this title, perhaps cut off by dots.
fn says(cell: &Cell, title: &str) -> bool {
    /// A shorter beginning proves nothing.
    const MIN: usize = 8;
    let line = cell.folded();
    let stem = line.trim_end_matches(['.', '…']);
    line == title
        || (stem.len() < line.len() && strings::len(stem) >= MIN && title.starts_with(stem))
}

/// The first cell of the text that is a sentence and not a part of the head; the end of the text if
/// there is no such cell.
pub(in crate::extract) fn first_prose(cells: &Cells, text: &Range<usize>) -> usize {
    /// Shorter lines may still be a document's number or its address.
    const MIN: usize = 40;
    text.clone()
        .find(|nth| {
            let cell = &cells.all[*nth];
            cell.len() >= MIN && (cell.len() > 2 * MIN || cell.text.contains(['。', '，']))
        })
        .unwrap_or(text.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROSE: &str = "各有关单位，现将有关事项通知如下，请认真贯彻执行，并将执行的情况及时报告，不得有误，特此通知如上。";

    /// The first cell of a page's text. The block is the two cells after `block`.
    fn begins(page: &str, block: usize) -> String {
        let html = Html::parse_document(page);
        let cells = Cells::new(html.tree.root());
        let all = 0..cells.all.len();
        let nth = beginning(&cells, Some("某事"), &(block..block + 2), &all);
        cells.all[nth].text.clone()
    }

    #[test]
    fn the_text_begins_below_the_later_of_block_and_title() {
        for (lines, block) in [
            (["首页", "索引号：1", "标题：某事", "某事", "一", PROSE], 1),
            (["首页", "某事", "索引号：1", "标题：某事", "一", PROSE], 2),
            (["首页", "某事", "一", PROSE, "索引号：1", "标题：某事"], 4),
        ] {
            let page: String = lines.iter().map(|line| format!("<p>{line}</p>")).collect();
            assert_eq!(begins(&page, block), "一", "{page}");
        }
    }
}
