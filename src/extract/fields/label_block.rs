//! The label block: the table, list or run of lines with a government page's metadata.
//!
//! Owns the search for the block among all labels of a page, and the values of its labels. Never
//! parses values as dates or numbers, and never takes a table of the text for the block.

use std::ops::Range;

use scraper::Html;

use super::label_columns::Columns;
use super::label_pairs::{self, Sign};
use super::labels::{Label, Weight};
use super::text_tables;
use crate::extract::family;
use crate::extract::page::cells::Cells;
use crate::extract::page::{dom, strings};
use crate::model::Field;

/// A label with its value, at any place.
#[derive(Clone, Debug)]
pub(in crate::extract) struct Entry {
    pub(in crate::extract) label: &'static Label,
    /// One tidy line; empty if the label has no value.
    pub(in crate::extract) value: String,
    /// The cell of the label.
    pub(in crate::extract) cell: usize,
    /// The last cell of the value.
    pub(in crate::extract) last: usize,
    sign: Sign,
}

/// Labels that stand together.
#[derive(Clone, Debug, Default)]
pub(in crate::extract) struct Group {
    pub(in crate::extract) entries: Vec<Entry>,
    hidden: bool,
}

/// A longer value is text beside a label without a value.
const MAX_VALUE: usize = 300;
/// A summary (内容概述) may have this length, and the block continues after it.
const MAX_SUMMARY: usize = 2000;
/// The most cells without a label between two labels of one group.
const MAX_GAP: usize = 4;
/// The most characters in each of these cells.
const MAX_GAP_CHARS: usize = 20;
/// Labels of tools. Text beside or below them is not a value.
const ACTIONS: [&str; 9] = [
    "打印",
    "打印本页",
    "关闭",
    "保存",
    "收藏",
    "分享",
    "分享到",
    "下载",
    "字体",
];

impl Group {
    /// The first value for `field`, and its label.
    pub(in crate::extract) fn value(&self, field: Field) -> Option<&Entry> {
        let entries = self.entries.iter();
        let filled =
            entries.filter(|e| e.label.field == Some(field) && strings::value(&e.value).is_some());
        // The first of the best. Labels for the keeper of the page come last.
        filled.min_by_key(|e| (e.label.is_lesser(), e.label.weight == Weight::Weak))
    }

    /// The first label of `field` with any text beside it, even a placeholder.
    pub(in crate::extract) fn printed(&self, field: Field) -> Option<&Entry> {
        let mut entries = self.entries.iter().filter(|e| e.label.field == Some(field));
        entries.find(|e| !e.value.is_empty())
    }

    /// From the first label's cell to the last value's.
    pub(in crate::extract) fn cells(&self) -> Range<usize> {
        let start = self
            .entries
            .iter()
            .map(|e| e.cell)
            .min()
            .unwrap_or_default();
        let end = self
            .entries
            .iter()
            .map(|e| e.last + 1)
            .max()
            .unwrap_or_default();
        start..end
    }

    /// Whether it has two labels or more, one of them official: 来源 and 时间 alone do not make a
    /// block.
    pub(in crate::extract) fn is_block(&self) -> bool {
        let names = self.names();
        let official = names.iter().any(|label| label.weight == Weight::Official);
        names.len() >= 2 && official
    }

    /// Drops a single glued label. A block glues all labels to their values or none; one glued word
    /// begins a headline (标题新闻…).
    fn drop_lone_glue(&mut self) {
        let glued = |entry: &&Entry| entry.sign == Sign::Nothing;
        if self.entries.iter().filter(glued).count() == 1 {
            self.entries.retain(|entry| entry.sign != Sign::Nothing);
        }
    }

    fn names(&self) -> Vec<&'static Label> {
        let mut names: Vec<&'static Label> = Vec::new();
        for entry in &self.entries {
            if !names.contains(&entry.label) {
                names.push(entry.label);
            }
        }
        names
    }

    fn score(&self) -> usize {
        let filled = |e: &&Entry| strings::value(&e.value).is_some();
        let fields = Field::ALL
            .into_iter()
            .filter(|field| self.value(*field).is_some())
            .count();
        let others = self.entries.iter().filter(filled).count();
        let empty = self.names().len();
        fields * 8 + others * 2 + empty
    }
}

/// The page's label block, among its groups.
pub(in crate::extract) fn find(groups: &[Group]) -> Option<&Group> {
    let best = |hidden: bool| {
        groups
            .iter()
            .filter(|group| group.hidden == hidden && group.is_block())
            .filter(|group| {
                group
                    .entries
                    .iter()
                    .any(|e| strings::value(&e.value).is_some())
            })
            // The first of equals: a page that shows its block twice shows the right one first.
            .rev()
            .max_by_key(|group| group.score())
    };
    best(false).or_else(|| best(true))
}

/// Every label of the page with its value, in groups, in document order.
pub(in crate::extract) fn groups(html: &Html, cells: &Cells) -> Vec<Group> {
    let columns = Columns::new(html, cells);
    let entries = entries(html, cells, &columns);
    let mut groups: Vec<Group> = Vec::new();
    let mut last = 0;
    for entry in entries {
        let hidden = cells.all[entry.cell].hidden;
        let near = groups.last().is_some_and(|group| group.hidden == hidden)
            && is_near(cells, last, entry.cell);
        last = entry.last;
        match groups.last_mut().filter(|_| near) {
            Some(group) => group.entries.push(entry),
            None => groups.push(Group {
                entries: vec![entry],
                hidden,
            }),
        }
    }
    for group in &mut groups {
        group.drop_lone_glue();
    }
    for group in &mut groups {
        let labelled = group.entries.iter().map(|entry| entry.cell).collect();
        let of_text = text_tables::labels_of_text(html, cells, &columns, &labelled);
        group.entries.retain(|entry| !of_text.contains(&entry.cell));
    }
    groups.retain(|group| !group.entries.is_empty());
    groups
}

/// Whether at most an unknown label and its value are between two labels. A title or a sentence
/// ends a block.
fn is_near(cells: &Cells, last: usize, next: usize) -> bool {
    let between = cells.all.get(last + 1..next).unwrap_or_default();
    let mut texts = between
        .iter()
        .map(|cell| &cell.text)
        .filter(|text| !text.is_empty());
    let parts = |text: &String| strings::len(text) > MAX_GAP_CHARS || text.contains('。');
    texts.clone().count() <= MAX_GAP && !texts.any(parts)
}

fn entries(html: &Html, cells: &Cells, columns: &Columns) -> Vec<Entry> {
    let read: Vec<Vec<label_pairs::Pair>> = cells.all.iter().map(label_pairs::read).collect();
    let mut entries = Vec::new();
    // The next cell that is not yet the value of an earlier label.
    let mut taken = 0;
    for (cell, found) in read.iter().enumerate() {
        if cell < taken {
            continue;
        }
        for (nth, pair) in found.iter().enumerate() {
            let mut last = cell;
            let mut value = pair.value.clone();
            let ends = nth + 1 == found.len() && value.is_empty() && pair.sign != Sign::Nothing;
            let acts = ACTIONS.contains(&pair.label.name);
            if ends && !acts && (nth == 0 || found[nth - 1].value.is_empty()) {
                let longest = match pair.label.field {
                    Some(_) => MAX_VALUE,
                    None => MAX_SUMMARY,
                };
                let column = columns.value(cell);
                let in_line = column.is_none();
                let partner = column.unwrap_or_else(|| partner(html, cells, &read, cell, longest));
                last = partner.end.max(cell + 1) - 1;
                let texts: Vec<&str> = cells.all[partner]
                    .iter()
                    .map(|cell| cell.text.as_str())
                    .collect();
                value = strings::tidy(&texts.join(" "));
                if in_line {
                    taken = last + 1;
                }
            }
            if pair.label.field.is_none() || value.chars().count() <= MAX_VALUE {
                entries.push(Entry {
                    label: pair.label,
                    value,
                    cell,
                    last,
                    sign: pair.sign,
                });
            }
        }
    }
    entries
}

/// The cells of the value for a label that fills `cell`: those of the element right after the
/// label's own. None if a label begins there, or if lines like this one contain their own values.
fn partner(
    html: &Html,
    cells: &Cells,
    read: &[Vec<label_pairs::Pair>],
    cell: usize,
    longest: usize,
) -> Range<usize> {
    let none = cell + 1..cell + 1;
    // Some tables put the colon into a cell of its own.
    let is_colon = |nth: usize| {
        let text = cells.all.get(nth).map(|cell| cell.text.as_str());
        text.is_some_and(|text| !text.is_empty() && text.chars().all(strings::is_colon))
    };
    let next = cell + 1 + usize::from(is_colon(cell + 1));
    let Some(holder) = html.tree.get(cells.all[cell].holder) else {
        return none;
    };
    let blank = |pairs: &Vec<label_pairs::Pair>| pairs.is_empty();
    let Some(whole) = cells.whole(holder, cell) else {
        // In `<li><em>label</em><p>value</p></li>` the rest of the element is the label's value.
        let range = cells.below(holder.id());
        let fits = range == (cell..cell + 2)
            && next == cell + 1
            && cells.all[next].holder != holder.id()
            && cells.all[next].len() <= longest
            && blank(&read[next]);
        return if fits { next..next + 1 } else { none };
    };
    if dom::name(whole) == "p" || inline_style(cells, read, cell, whole) {
        return none;
    }
    let sibling = whole
        .next_siblings()
        .take(8)
        .find(|node| cells.below(node.id()).end > next);
    let stray =
        next < cells.all.len() && Some(cells.all[next].holder) == whole.parent().map(|p| p.id());
    // The text's element, below a block that ends with a label.
    if sibling.is_some_and(|sibling| family::name_of(sibling).is_some()) {
        return none;
    }
    let range = match sibling {
        Some(sibling) if !stray || cells.below(sibling.id()).start == next => {
            cells.below(sibling.id())
        }
        _ if stray => next..next + 1,
        _ => return none,
    };
    let chars: usize = cells.all[range.clone()]
        .iter()
        .map(|c| strings::len(&c.text))
        .sum();
    let fits = range.start == next && chars <= longest && read[range.clone()].iter().all(blank);
    if fits { range } else { none }
}

/// Whether an element beside this label's own holds both a label and its value.
fn inline_style(
    cells: &Cells,
    read: &[Vec<label_pairs::Pair>],
    cell: usize,
    whole: dom::DomNode<'_>,
) -> bool {
    /// The most siblings to check, including texts and comments.
    const NEAR: usize = 24;
    whole
        .next_siblings()
        .take(NEAR)
        .chain(whole.prev_siblings().take(NEAR))
        .filter(|node| dom::name(*node) == dom::name(whole))
        .map(|node| cells.below(node.id()))
        .filter(|range| range.len() == 1 && range.start != cell)
        .any(|range| {
            read[range.start]
                .first()
                .is_some_and(|pair| !pair.value.is_empty() && pair.sign != Sign::Nothing)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(html: &str) -> Option<Vec<(Field, String)>> {
        let html = Html::parse_document(html);
        let cells = Cells::new(html.tree.root());
        let groups = groups(&html, &cells);
        let block = find(&groups)?;
        let values = Field::ALL
            .into_iter()
            .filter_map(|field| Some((field, block.value(field)?.value.clone())));
        Some(values.collect())
    }

    fn expected() -> Option<Vec<(Field, String)>> {
        Some(vec![
            (Field::IndexNumber, "00/2025-1".to_owned()),
            (Field::Issuer, "潞城融媒".to_owned()),
        ])
    }

    #[test]
    fn tables_lists_and_lines_are_read_alike() {
        for html in [
            "<table><tr><td>索引号</td><td>00/2025-1</td><td>文号</td><td></td></tr>
             <tr><td>发文机关</td><td>潞城融媒</td><td>主题词</td><td></td></tr></table><p>正文",
            "<table><tr><th>索 引 号：</th><td><span>00/2025-1</span></td></tr><tr><th>文号：</th><td></td></tr>
             <tr><th>发文机关：</th><td>潞城融媒</td></tr></table>",
            "<dl><dt>索引号</dt><dd>00/2025-1</dd><dt>文号</dt><dd></dd><dt>发文机关</dt><dd>潞城融媒</dd></dl>",
            "<ul><li><span>索引号：</span>00/2025-1</li><li><span>文号：</span></li><li><span>发文机关：</span>潞城融媒</li></ul><h1>标题在此",
            "<ul><li><b>索引号</b>00/2025-1</li><li><b>发文机关</b>潞城融媒</li><li><b>主题词</b></li></ul><div>正文",
            "<div><div>索引号</div><div>00/2025-1</div><div>文号</div><div></div><div>发文机关</div><div>潞城融媒</div></div>",
            "<p>索引号：00/2025-1</p><p>发文机关：潞城融媒</p><p>主题词：</p><p>各有关单位，现将有关事项通知如下。</p>",
            "<div>索引号00/2025-1 发文字号 发文机关潞城融媒 主题词</div>",
            "索引号：00/2025-1<br>文号：<br>发文机关：潞城融媒<br>主题词：<br>",
            "<div style='display:none'><p>索引号：</p><p>发文机关：</p></div>
             <p class=ng-hide>索引号：00/2025-1<br>发文机关：潞城融媒</p>",
        ] {
            assert_eq!(block(html), expected(), "{html}");
        }
    }

    #[test]
    fn tables_of_the_text_are_no_block() {
        for html in [
            "<table><tr><td>序号</td><td>文件名称</td><td>文号</td><td>发文机关</td></tr>
             <tr><td>1</td><td>甲办法</td><td>甲〔2020〕1号</td><td>甲局</td></tr></table>",
            "<table><tr><td>文号</td><td>内容</td><td>发布机构</td><td>备注一</td></tr>
             <tr><td>甲〔2020〕1号</td><td>二</td><td>三</td><td>四</td></tr><tr><td>一</td><td>二</td></tr>
             <tr><td>一</td><td>二</td></tr></table>",
            "<p>来源：潞城融媒 时间：2025-12-29</p>",
            "<form><label>标题</label><input><label>文号</label><input></form>",
        ] {
            assert_eq!(block(html), None, "{html}");
        }
    }
}
