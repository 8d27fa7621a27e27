//! Labels in groups above or beside their values: a row of labels over a row of values, a list of
//! labels beside a list of values.
//!
//! Owns the pairing of these values with their labels. Never reads a label that has its value next
//! to it.

use std::collections::HashMap;
use std::ops::Range;

use scraper::Html;

use super::labels;
use crate::extract::page::cells::Cells;
use crate::extract::page::dom::{self, DomNode};
use crate::model::Field;

/// The values of labels in these rows and lists, by the label's cell.
#[derive(Debug, Default)]
pub(in crate::extract) struct Columns(HashMap<usize, Range<usize>>);

/// A single label proves nothing.
const MIN: usize = 2;

impl Columns {
    /// Reads every row and every list of a page.
    pub(in crate::extract) fn new(html: &Html, cells: &Cells) -> Self {
        let mut columns = Self::default();
        for node in dom::elements(html.tree.root()) {
            let name = dom::name(node);
            let item: fn(&str) -> bool = match name {
                "tr" => |name| matches!(name, "td" | "th"),
                "ul" | "ol" => |name| name == "li",
                _ => continue,
            };
            let next = element_after(node).or_else(|| below_head(node));
            let Some(next) = next.filter(|next| dom::name(*next) == name) else {
                continue;
            };
            columns.pair(
                cells,
                parts(cells, node, item),
                parts(cells, next, item),
                name,
            );
        }
        columns
    }

    /// The cells of the value for the label in `cell`.
    pub(in crate::extract) fn value(&self, cell: usize) -> Option<Range<usize>> {
        self.0.get(&cell).cloned()
    }

    fn pair(
        &mut self,
        cells: &Cells,
        labels: Vec<Range<usize>>,
        values: Vec<Range<usize>>,
        name: &str,
    ) {
        let label = |range: &Range<usize>| match range.len() {
            1 => labels::whole(&cells.all[range.start].text),
            _ => None,
        };
        let is_value = |range: &Range<usize>| label(range).is_none();
        let Some(found) = labels.iter().map(label).collect::<Option<Vec<_>>>() else {
            return;
        };
        let fits =
            found.len() >= MIN && values.len() == labels.len() && values.iter().all(is_value);
        // A table of the text may have 文号 and 发文机关 over a single row, but never 索引号. After such a
        // row of values, the same block continues below it.
        let is_block = found
            .iter()
            .any(|label| label.field == Some(Field::IndexNumber))
            || name != "tr"
            || labels
                .first()
                .is_some_and(|first| self.ends_before(first.start));
        if fits && is_block {
            let cells = labels.into_iter().map(|label| label.start);
            self.0.extend(cells.zip(values));
        }
    }

    /// Whether a value ends right before a cell.
    fn ends_before(&self, cell: usize) -> bool {
        self.0.values().any(|value| value.end == cell)
    }
}

fn element_after(node: DomNode<'_>) -> Option<DomNode<'_>> {
    node.next_siblings().find(|next| next.value().is_element())
}

/// The first row of a table's body, after the last row of its head.
fn below_head(row: DomNode<'_>) -> Option<DomNode<'_>> {
    let head = row.parent().filter(|head| dom::name(*head) == "thead")?;
    let body = element_after(head).filter(|body| dom::name(*body) == "tbody")?;
    body.children().find(|row| row.value().is_element())
}

fn parts(cells: &Cells, row: DomNode<'_>, is_part: fn(&str) -> bool) -> Vec<Range<usize>> {
    /// No known row or list has more parts; longer ones are data.
    const MAX: usize = 24;
    let parts = row.children().filter(|node| is_part(dom::name(*node)));
    parts.take(MAX).map(|part| cells.below(part.id())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::fields::label_block;

    fn values(page: &str) -> Vec<String> {
        let html = Html::parse_document(page);
        let cells = Cells::new(html.tree.root());
        let groups = label_block::groups(&html, &cells);
        let entries = groups.iter().flat_map(|group| &group.entries);
        entries
            .map(|entry| format!("{}={}", entry.label.name, entry.value))
            .collect()
    }

    #[test]
    fn labels_stand_over_their_values_or_beside_them() {
        let expected = ["索引号=1", "文号=", "发文机关=某局", "主题词=土地"];
        for page in [
            "<table><tr><th>索引号<th>文号<th>发文机关<th>主题词</tr><tr><td>1<td><td>某局<td>土地</tr></table>",
            "<table><tr><td>索引号<td>文号</tr><tr><td>1<td></tr><tr><td>发文机关<td>主题词</tr><tr><td>某局<td>土地</tr></table>",
            "<table><thead><tr><th>索引号<th>文号<th>发文机关<th>主题词</tr></thead><tbody><tr><td>1<td><td>某局<td>土地</tr></tbody></table>",
            "<ul><li>索引号：<li>文号：<li>发文机关：<li>主题词：</ul><ul><li>1<li><li>某局<li>土地</ul>",
            "<table><tr><td>索引号<td>：<td>1<td>文号<td>：<td></tr><tr><td>发文机关<td>：<td>某局<td>主题词<td>：<td>土地</tr></table>",
        ] {
            assert_eq!(values(page), expected, "{page}");
        }
    }

    #[test]
    fn a_table_of_the_text_has_no_values() {
        let page = "<table><tr><td>文件名称<td>文号<td>发文机关</tr><tr><td>甲<td>2020-1<td>某局</tr></table>";
        assert_eq!(values(page), Vec::<String>::new());
    }
}
