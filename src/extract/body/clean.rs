//! Removes boilerplate: the element that holds the article keeps only the article.
//!
//! Owns the removal. Never defines boilerplate: [`boilerplate`] has the words.

use ego_tree::NodeId;
use scraper::Html;
use url::Url;

use super::{attachments, density, pictures};
use crate::extract::fields::{credits, labels};
use crate::extract::page::cells::{Cell, Cells};
use crate::extract::page::dom::{self, DomNode, NodeSet};
use crate::extract::page::{boilerplate, strings};

/// The texts of the page outside the article's text.
#[derive(Debug)]
pub(in crate::extract) struct Known<'a> {
    pub(in crate::extract) title: Option<&'a str>,
    /// Whether the title also stands outside the container.
    pub(in crate::extract) said_elsewhere: bool,
    /// The text nodes of the label block, and those above the text.
    pub(in crate::extract) above: NodeSet,
    /// The last text node above the text. Earlier pictures belong to the page.
    pub(in crate::extract) last_above: Option<NodeId>,
    /// Whether the container may also hold the page's head and footer.
    pub(in crate::extract) loose: bool,
    /// The page's cells before it is cleaned.
    pub(in crate::extract) cells: &'a Cells,
    pub(in crate::extract) base: &'a Url,
}

/// A longer element is text, whatever its name.
const MAX_MARKED: usize = 400;
/// The head of a page may take this many cells: title, source and date, tools.
const HEAD: usize = 12;

/// Removes everything from the container that does not belong to the article.
pub(in crate::extract) fn clean(html: &mut Html, container: NodeId, known: &Known<'_>) {
    let mut gone: Vec<NodeId> = Vec::new();
    if let Some(node) = html.tree.get(container) {
        gone.extend(pictures_above(node, known));
        gone.extend(elements(node, known));
    }
    detach(html, &gone);
    gone.clear();
    cut_counters(html, container);
    if let Some(node) = html.tree.get(container) {
        let cells = known.cells.renewed(node);
        gone.extend(lines(html, node, &cells, known));
    }
    detach(html, &gone);
}

/// Removes these nodes, with their content, from the page.
pub(in crate::extract) fn detach(html: &mut Html, nodes: &[NodeId]) {
    for id in nodes {
        if let Some(mut node) = html.tree.get_mut(*id) {
            node.detach();
        }
    }
}

/// Elements to remove as a whole: hidden ones, and those whose name and content both mark
/// boilerplate.
fn elements(container: DomNode<'_>, known: &Known<'_>) -> Vec<NodeId> {
    let half = strings::len(&dom::raw_text(container)) / 2;
    dom::elements(container)
        .filter(|node| {
            // If most of the text is hidden, a script shows it.
            let hidden = dom::is_hidden(*node) && dom::short_text(*node, half).is_some();
            let marks = dom::marks(*node);
            hidden
                || is_title(*node, &marks, known)
                || is_beside(*node, half, known)
                || (boilerplate::is_marked(&marks) && is_slight(*node, known))
        })
        .map(|node| node.id())
        .collect()
}

/// Whether an element stands beside the text by its name, in a container that may hold more of the
/// page.
fn is_beside(node: DomNode<'_>, half: usize, known: &Known<'_>) -> bool {
    known.loose
        && density::is_aside(node)
        // A pasted text has nameless headers.
        && !dom::marks(node).trim().is_empty()
        && dom::short_text(node, half).is_some()
        && !attachments::any(node, known.base)
        && !dom::elements(node).any(|below| known.above.contains(&below.id()))
}

/// Whether a reader would miss nothing in an element: it has no sentence, picture or file, or
/// hardly anything but links.
fn is_slight(node: DomNode<'_>, known: &Known<'_>) -> bool {
    let Some(text) = dom::short_text(node, MAX_MARKED) else {
        return false;
    };
    let length = strings::len(&text);
    if attachments::any(node, known.base) {
        return false;
    }
    let linked: usize = dom::elements(node)
        .filter(|node| dom::name(*node) == "a")
        .map(|link| strings::len(&dom::raw_text(link)))
        .sum();
    let sentence = text.contains('。');
    let pictures = dom::elements(node)
        .filter(|node| pictures::is_content(*node))
        .count();
    (!sentence && pictures <= 1) || (linked * 2 > length && length > 0)
}

/// Whether an element repeats the title as a heading.
fn is_title(node: DomNode<'_>, marks: &str, known: &Known<'_>) -> bool {
    let heading = matches!(dom::name(node), "h1" | "h2") || marks.contains("title");
    let is_said = |title: &str| {
        let text = dom::short_text(node, strings::len(title));
        text.is_some_and(|text| strings::fold(&text) == strings::fold(title))
    };
    heading && known.title.is_some_and(is_said)
}

/// The text nodes of lines to remove, and the pictures below the text.
fn lines(html: &Html, container: DomNode<'_>, cells: &Cells, known: &Known<'_>) -> Vec<NodeId> {
    let cells: Vec<&Cell> = cells
        .all
        .iter()
        .filter(|cell| !cell.text.is_empty())
        .collect();
    let tail = tail(html, &cells, known);
    let mut gone = Vec::new();
    // Lines that stay.
    let mut kept = 0;
    // Lines that are not repeated from above the text.
    let mut own = 0;
    // Whether we are in the links below a heading over other articles.
    let mut in_others = false;
    // Lines of the title that are still to be removed.
    let mut titles = 0;
    for (nth, cell) in cells.iter().enumerate() {
        let is_other = in_others && is_linked(cell) && !holds_file(html, cell, known);
        in_others = is_other || is_over_others(cell, cells.get(nth + 1).copied());
        let is_head = kept == 0 && own < HEAD;
        if is_head && titles == 0 {
            titles = lines_of_title(&cells[nth..], known);
        }
        let is_title = titles > 0;
        titles = titles.saturating_sub(1);
        own += usize::from(!is_above(cell, known));
        let is_gone = in_others || is_title || nth >= tail || is_page_break(&cell.text);
        if is_gone || is_no_text(html, cell, is_head, known) {
            gone.extend(cell.nodes.iter().copied());
        } else {
            kept += 1;
        }
    }
    let below = cells.get(tail).and_then(|cell| cell.nodes.first().copied());
    if let Some(first) = below {
        gone.extend(pictures_below(container, first));
    }
    gone
}

/// Whether a line is the sign of an editor for the end of a page.
fn is_page_break(text: &str) -> bool {
    /// The title of the next page may stand in it.
    const MAX: usize = 120;
    let text = text.trim();
    text.len() <= MAX
        && (text == "_ueditor_page_break_tag_"
            || text.eq_ignore_ascii_case("[nextpage]")
            || text.starts_with("#p#") && text.ends_with("#e#"))
}

/// Whether a line is a heading over other articles. A heading of the text has text below it.
fn is_over_others(cell: &Cell, next: Option<&Cell>) -> bool {
    let is_other = |next: &Cell| is_linked(next) || next.is_boilerplate();
    cell.is_heading() && next.is_none_or(is_other)
}

/// Cuts off a file's number of downloads (附件【…】已下载33次), because it changes by itself.
fn cut_counters(html: &mut Html, container: NodeId) {
    const COUNTER: &str = "已下载";
    let Some(node) = html.tree.get(container) else {
        return;
    };
    let counts = |node: DomNode<'_>| {
        let text = node.value().as_text();
        text.is_some_and(|text| text.text.contains(COUNTER))
    };
    if !node.descendants().any(counts) {
        return;
    }
    let cells = Cells::new(node);
    let counted = cells
        .all
        .iter()
        .filter(|cell| boilerplate::is_counted(&cell.text));
    let lines: Vec<Vec<NodeId>> = counted.map(|cell| cell.nodes.clone()).collect();
    for line in lines {
        let mut below = false;
        for id in line {
            let Some(mut node) = html.tree.get_mut(id) else {
                continue;
            };
            if below {
                node.detach();
            } else if let scraper::Node::Text(text) = node.value()
                && let Some(start) = text.text.find(COUNTER)
            {
                text.text = text.text[..start].into();
                below = true;
            }
        }
    }
}

/// The number of lines from here on that repeat the title without need. If the title stands only in
/// the text, it stays there.
fn lines_of_title(cells: &[&Cell], known: &Known<'_>) -> usize {
    /// The most lines of a title.
    const MAX: usize = 3;
    let Some(title) = known.title.filter(|_| known.loose || known.said_elsewhere) else {
        return 0;
    };
    let title = strings::fold(title);
    let mut said = String::new();
    for (nth, cell) in cells.iter().take(MAX).enumerate() {
        said.push_str(cell.folded());
        if said == title {
            return nth + 1;
        }
    }
    0
}

/// The place where the page's footer begins in a loose container: at the first line of boilerplate
/// after the last line that could be text.
fn tail(html: &Html, cells: &[&Cell], known: &Known<'_>) -> usize {
    if !known.loose {
        return cells.len();
    }
    let is_text = |cell: &&Cell| {
        let text = &cell.text;
        let sentence = text.contains('。') || text.starts_with('附') && strings::len(text) > 3;
        !is_above(cell, known)
            && !ends_text(cell)
            && ((sentence && !is_linked(cell)) || holds_file(html, cell, known))
    };
    let last = cells.iter().rposition(is_text);
    let last = last.map(|last| signed(cells, last));
    // What stands below the links to the next articles is not this one, except its files.
    let first = cells.iter().position(is_text);
    let turn = first.and_then(|first| {
        let turn = cells[first..].iter().position(|cell| cell.is_turn());
        turn.map(|nth| first + nth)
    });
    let is_file = |cell: &&Cell| cell.text.starts_with('附') || holds_file(html, cell, known);
    if let Some(turn) = turn.filter(|turn| last.is_some_and(|last| last > *turn))
        && !cells[turn..].iter().any(is_file)
    {
        return turn;
    }
    let below = last.map_or(cells.len(), |last| last + 1);
    let found = cells[below..].iter().position(|cell| ends_text(cell));
    let mut tail = found.map_or(cells.len(), |nth| below + nth);
    // 附件 without a file.
    if tail < cells.len()
        && tail > below
        && labels::whole(&cells[tail - 1].text).is_some_and(|label| label.name == "附件")
    {
        tail -= 1;
    }
    tail
}

/// The last line of a text: a signature may stand below the words for its files (附件下载).
fn signed(cells: &[&Cell], last: usize) -> usize {
    /// The most lines of files, and the longest name of an issuer.
    const FILES: usize = 10;
    const NAME: usize = 40;
    let is_of_file = |cell: &&&Cell| {
        let text = cell.folded();
        let line = text.trim_start_matches(|c: char| c.is_ascii_digit() || "（(【[.、".contains(c));
        text.contains("附件")
            || line.contains("下载") && strings::len(line) <= NAME
            || is_linked(cell)
    };
    let below = cells.get(last + 1..).unwrap_or_default();
    let start = below
        .iter()
        .position(|cell| ends_text(cell))
        .map_or(cells.len(), |nth| last + 1 + nth);
    let below = cells.get(start..).unwrap_or_default();
    let files = below.iter().take(FILES).take_while(is_of_file).count();
    let said = cells[..start]
        .iter()
        .rev()
        .take(FILES)
        .any(|cell| cell.text.contains("附件"));
    if files == 0 || !said {
        return last;
    }
    let dated = below[files..]
        .iter()
        .take(2)
        .position(|cell| is_day(&cell.text));
    let named = below.get(files).is_none_or(|cell| {
        is_day(&cell.text) || !ends_text(cell) && cell.linked == 0 && cell.len() <= NAME
    });
    dated
        .filter(|_| named)
        .map_or(last, |nth| start + files + nth)
}

/// Whether a line is only the day of a signature, as documents write it.
fn is_day(text: &str) -> bool {
    const MAX: usize = 14;
    let text = strings::fold(text);
    strings::len(&text) <= MAX && text.contains('年') && text.contains('月') && text.ends_with('日')
}

fn ends_text(cell: &Cell) -> bool {
    cell.is_boilerplate() || cell.is_imprint() || credits::is_credits(cell)
}

fn is_above(cell: &Cell, known: &Known<'_>) -> bool {
    cell.nodes.iter().any(|node| known.above.contains(node))
}

/// The pictures before the last line above the text.
fn pictures_above(container: DomNode<'_>, known: &Known<'_>) -> Vec<NodeId> {
    let Some(last) = known.last_above else {
        return Vec::new();
    };
    container
        .descendants()
        .take_while(|node| node.id() != last)
        .filter(|node| pictures::is_frame(dom::name(*node)))
        .map(|node| node.id())
        .collect()
}

/// The pictures after the first line below the text.
fn pictures_below(container: DomNode<'_>, first: NodeId) -> Vec<NodeId> {
    container
        .descendants()
        .skip_while(|node| node.id() != first)
        .filter(|node| pictures::is_frame(dom::name(*node)))
        .map(|node| node.id())
        .collect()
}

/// Whether a line does not belong to the text, whatever surrounds it. In the `head`, the page may
/// repeat a line from above.
fn is_no_text(html: &Html, cell: &Cell, head: bool, known: &Known<'_>) -> bool {
    let text = &cell.text;
    let tool = cell.is_boilerplate()
        && !cell.is_heading()
        && (known.loose || head || !is_in_table(html, cell));
    tool || cell.is_turn()
        || credits::is_credits(cell)
        || is_above(cell, known)
        || (head && (credits::is_info(cell) || cell.is_path()))
        || (head && known.loose && credits::is_dated(text))
        || (known.loose && cell.is_imprint())
}

fn is_linked(cell: &Cell) -> bool {
    cell.linked * 3 > cell.len() * 2
}

/// A table may list words that are tools elsewhere: 大, 中 and 小.
fn is_in_table(html: &Html, cell: &Cell) -> bool {
    /// From a paragraph in a cell up to the cell.
    const LEVELS: usize = 6;
    let holder = html.tree.get(cell.holder);
    let mut around = holder
        .into_iter()
        .flat_map(|holder| std::iter::once(holder).chain(holder.ancestors().take(LEVELS)));
    around.any(|node| matches!(dom::name(node), "td" | "th"))
}

fn holds_file(html: &Html, cell: &Cell, known: &Known<'_>) -> bool {
    html.tree
        .get(cell.holder)
        .is_some_and(|holder| attachments::any(holder, known.base))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::body::content;

    fn cleaned(page: &str, loose: bool) -> String {
        let mut html = Html::parse_document(page);
        let base = Url::parse("http://x.cn/").unwrap();
        let body = html
            .tree
            .nodes()
            .find(|node| dom::name(*node) == "body")
            .unwrap()
            .id();
        let cells = Cells::new(html.tree.root());
        let known = Known {
            title: Some("某县召开会议"),
            said_elsewhere: !loose,
            above: NodeSet::default(),
            last_above: None,
            loose,
            cells: &cells,
            base: &base,
        };
        clean(&mut html, body, &known);
        let node = html.tree.get(body).unwrap();
        content::text(&content::read(node, &base))
    }

    #[test]
    fn boilerplate_goes_wherever_it_stands() {
        let page = "<h1>某县召开会议</h1><div>来源：融媒 时间：2025-12-29 10:20 浏览次数：<span>7</span></div>
            <p>会议开幕。</p><div>字体：<a>大</a> <a>中</a> <a>小</a></div><p>会议闭幕。</p>
            <div class='share-box'>分享到 <a href=/w>某平台</a></div><p>（责任编辑：某某）</p><div style='display: none'>隐</div>
            <p>来源：某报 编辑：某某</p><div>相关新闻</div><ul><li><a href=/1>另一件事</a></li><li><a href=/2>又一件事</a></li></ul>
            <p>上一篇：<a href=/3>别的</a></p><p>附：名单</p>";
        assert_eq!(cleaned(page, true), "会议开幕。\n会议闭幕。\n附：名单");
    }

    #[test]
    fn what_only_looks_like_boilerplate_stays() {
        let page = "<p>某县召开会议</p><p>会议开幕。</p><table><tr><td>大</td><td>中</td></tr></table>
            <div class=print_area>打印的人都来了。</div><p>公开方式：主动公开</p><p>政策解读</p><p>一、背景。</p><div>相关附件</div><a href=a.pdf>表</a>";
        assert_eq!(
            cleaned(page, false),
            "会议开幕。\n大\t中\n打印的人都来了。\n公开方式：主动公开\n政策解读\n一、背景。\n表"
        );
    }

    #[test]
    fn a_file_is_not_counted() {
        let page = "<p>会议指出，要抓好落实。</p><ul><li>附件【<a href=/a.pdf>名单.pdf</a>】已下载<span>33</span>次</li></ul>";
        assert_eq!(
            cleaned(page, false),
            "会议指出，要抓好落实。\n附件【名单.pdf】"
        );
    }
}
