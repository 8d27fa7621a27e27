//! Tables of the article's text whose column heads are also labels of label blocks.
//!
//! Owns the difference between such tables and a block's. Never reads a value.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use ego_tree::NodeId;
use scraper::Html;

use super::label_columns::Columns;
use super::labels;
use crate::extract::page::cells::Cells;
use crate::extract::page::dom::{self, NodeMap, NodeSet};

/// The cells among `labelled` whose labels belong to a table in the text: they head its columns
/// (序号, 名称, 文号, 来源), or are scattered in it. In a block's table, most rows hold a label, and no two
/// labels are adjacent.
pub(in crate::extract) fn labels_of_text(
    html: &Html,
    cells: &Cells,
    columns: &Columns,
    labelled: &BTreeSet<usize>,
) -> HashSet<usize> {
    let around = |cell: usize, is_one: fn(&str) -> bool| {
        let holder = html.tree.get(cells.all[cell].holder)?;
        std::iter::once(holder)
            .chain(holder.ancestors())
            .find(|node| is_one(dom::name(*node)))
            .map(|node| node.id())
    };
    // A cell with several lines that begin with a label is part of a layout: the block is inside
    // it.
    let is_layout = |cell: usize| {
        let cell = around(cell, |name| matches!(name, "td" | "th"));
        let range = cell.map(|cell| cells.below(cell)).unwrap_or_default();
        labelled.range(range).nth(1).is_some()
    };
    let table = |cell: usize| {
        let table = around(cell, |name| name == "table")?;
        (!is_layout(cell)).then_some(table)
    };
    let mut tables: NodeMap<BTreeSet<usize>> = NodeMap::default();
    for cell in labelled {
        if let Some(table) = table(*cell) {
            tables.entry(table).or_default().insert(*cell);
        }
    }
    let is_text = |(table, labelled): (&NodeId, &BTreeSet<usize>)| {
        let node = html.tree.get(*table)?;
        is_table_of_text(cells, labelled, node).then_some(*table)
    };
    let of_text: NodeSet = tables.iter().filter_map(is_text).collect();
    let in_text = |cell: &usize| table(*cell).is_some_and(|table| of_text.contains(&table));
    let heads = labelled.iter().copied();
    heads
        .filter(|cell| in_text(cell) && columns.value(*cell).is_none())
        .collect()
}

/// The elements of a table without those of the tables in its cells.
fn own_elements(table: dom::DomNode<'_>) -> impl Iterator<Item = dom::DomNode<'_>> {
    dom::elements(table).filter(move |node| {
        let around = node.ancestors().find(|above| dom::name(*above) == "table");
        around.is_some_and(|around| around.id() == table.id())
    })
}

fn is_table_of_text(cells: &Cells, labelled: &BTreeSet<usize>, table: dom::DomNode<'_>) -> bool {
    let rows: Vec<Range<usize>> = own_elements(table)
        .filter(|node| dom::name(*node) == "tr" && has_columns(*node))
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

/// Whether a row has at least two cells. A row with one cell is part of a layout.
fn has_columns(row: dom::DomNode<'_>) -> bool {
    let is_cell = |node: &dom::DomNode<'_>| matches!(dom::name(*node), "td" | "th");
    row.children().filter(is_cell).nth(1).is_some()
}

/// Whether two adjacent cells of a table hold only a label each.
fn adjoin(cells: &Cells, labelled: &BTreeSet<usize>, table: dom::DomNode<'_>) -> bool {
    let alone = |node: dom::DomNode<'_>| {
        let range = cells.below(node.id());
        range.len() == 1
            && labelled.contains(&range.start)
            && labels::whole(&cells.all[range.start].text).is_some()
    };
    own_elements(table)
        .filter(|node| matches!(dom::name(*node), "td" | "th") && alone(*node))
        .any(|cell| {
            let mut after = cell.next_siblings();
            let next = after.find(|node| node.value().is_element());
            next.is_some_and(alone)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::fields::label_block;

    fn names(page: &str) -> Vec<&'static str> {
        let html = Html::parse_document(page);
        let cells = Cells::new(html.tree.root());
        let groups = label_block::groups(&html, &cells);
        let entries = groups.iter().flat_map(|group| &group.entries);
        entries.map(|entry| entry.label.name).collect()
    }

    #[test]
    fn a_layout_is_no_table_however_many_lines_its_cells_have() {
        let after =
            "<tr><td><h1>某事</h1><p>正文</p></td></tr><tr><td>上一篇：甲<br>下一篇：乙</td></tr>
            <tr><td><p>主办：某县</p><p>承办：某室</p></td></tr></table>";
        for block in [
            "<ul><li>索引号：1</li><li>文号：2</li></ul>",
            "<dl><dt>索引号</dt><dd>1</dd><dt>文号</dt><dd>2</dd></dl>",
            "<p>索引号：1</p><p>文号：2</p>",
            "索引号：1<br>文号：2",
        ] {
            let page = format!("<table><tr><td>{block}</td></tr>{after}");
            assert_eq!(names(&page), ["索引号", "文号"], "{block}");
            let beside = format!("<table><tr><td>一<br>二</td><td>{block}</td></tr>{after}");
            assert_eq!(names(&beside), ["索引号", "文号"], "{block}");
        }
    }

    #[test]
    fn a_table_within_the_text_says_nothing_of_the_layout_around_it() {
        let row = "<tr><td>1</td><td>张某</td></tr>";
        let rows = format!("<tr><td>序号</td><td>姓名</td></tr>{row}{row}");
        let page = format!(
            "<table><tr><td>索引号：1　文号：2</td></tr><tr><td><p>正文</p><table>{rows}</table></td></tr>
             </table>"
        );
        assert_eq!(names(&page), ["索引号", "文号"]);
    }
}
