//! Tables of the article's text, whose column heads are words that label blocks use as well.
//!
//! Owns the difference between such a table and a block's. Never reads a value.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use ego_tree::NodeId;
use scraper::Html;

use super::block::Entry;
use super::cells::Cells;
use super::dom;
use super::labels;

/// Takes away labels that head the columns of a table in the text (序号, 名称, 文号, 来源), or stand
/// scattered in one: in a block's table most rows hold a label, and no two labels adjoin.
pub(super) fn drop_labels(html: &Html, cells: &Cells, entries: &mut Vec<Entry>) {
    let table = |cell: usize| {
        let holder = html.tree.get(cells.all[cell].holder)?;
        std::iter::once(holder)
            .chain(holder.ancestors())
            .find(|node| dom::name(*node) == "table")
            .map(|node| node.id())
    };
    let mut tables: HashMap<NodeId, BTreeSet<usize>> = HashMap::new();
    for entry in entries.iter() {
        if let Some(table) = table(entry.cell) {
            tables.entry(table).or_default().insert(entry.cell);
        }
    }
    let is_text = |(table, labelled): (&NodeId, &BTreeSet<usize>)| {
        let node = html.tree.get(*table)?;
        is_table_of_text(cells, labelled, node).then_some(*table)
    };
    let of_text: HashSet<NodeId> = tables.iter().filter_map(is_text).collect();
    entries.retain(|entry| table(entry.cell).is_none_or(|table| !of_text.contains(&table)));
}

fn is_table_of_text(cells: &Cells, labelled: &BTreeSet<usize>, table: dom::Here<'_>) -> bool {
    let rows: Vec<Range<usize>> = dom::elements(table)
        .filter(|node| dom::name(*node) == "tr")
        .map(|row| cells.below(row.id()))
        .filter(|range| range.len() >= 2)
        .collect();
    let with = rows
        .iter()
        .filter(|row| labelled.range(row.start..row.end).next().is_some())
        .count();
    let scattered = rows.len() > 1 && with * 2 < rows.len();
    scattered || (with < 2 && adjoin(cells, labelled, table))
}

/// Whether two cells of a table stand side by side that hold a label each, and nothing else.
fn adjoin(cells: &Cells, labelled: &BTreeSet<usize>, table: dom::Here<'_>) -> bool {
    let alone = |node: dom::Here<'_>| {
        let range = cells.below(node.id());
        range.len() == 1
            && labelled.contains(&range.start)
            && labels::whole(&cells.all[range.start].text).is_some()
    };
    dom::elements(table)
        .filter(|node| matches!(dom::name(*node), "td" | "th") && alone(*node))
        .any(|cell| {
            let mut after = cell.next_siblings();
            let next = after.find(|node| node.value().is_element());
            next.is_some_and(alone)
        })
}
