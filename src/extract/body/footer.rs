//! The footer of a page: the operator of the site, its contacts, and the numbers that the law
//! requires.
//!
//! Owns the signs of a footer, by name or by words. Never takes an element with the title, the
//! label block or a sentence, and never removes one.

use std::ops::Range;
use std::sync::LazyLock;

use scraper::Html;

use super::pictures;
use crate::extract::page::cells::{Cell, Cells};
use crate::extract::page::dom::{self, DomNode, NodeSet};
use crate::extract::page::pattern::Guarded;
use crate::extract::page::{boilerplate, strings};

/// Words of a site about itself that no article contains. 主办 alone may occur in a notice.
static OWN: LazyLock<Guarded> = LazyLock::new(|| {
    Guarded::new(
        &["版权", "py", "gh", "p备", "公网", "标识", "备案"],
        r"(?i)版权所有|copyright|all rights reserved|ICP备|公网安备|网站标识码|备案[编序]?号",
    )
});

/// The contacts of the site's operator.
static CONTACT: LazyLock<Guarded> = LazyLock::new(|| {
    Guarded::within(
        8,
        &[
            "地址", "电话", "传真", "邮编", "邮政", "邮箱", "联系", "站管", "主办", "承办", "协办",
            "维护", "管理", "运维", "建设", "站由",
        ],
        r"^(本?网?站?(地址|联系电话|电话|传真|邮编|邮政编码|邮箱|电子邮箱|联系(我们|方式)|值班电话|网站管理)[：:]|(主办|承办|协办|维护|管理|运维|建设)(单位)?[：:]|本(网)?站由.{0,40}(主办|承办|维护|建设))",
    )
});

/// Signs to check, from the end of the page: a page has one footer.
const MAX_SIGNS: usize = 20;
/// A footer has fewer lines, and fewer elements.
const MAX_CELLS: usize = 60;
const MAX_ELEMENTS: usize = 1000;
/// Shorter lines without a full stop are not prose.
const MIN_PROSE: usize = 40;

/// The footers and the elements below them, for these cells of the title and the label block.
pub(in crate::extract) fn footers(
    html: &Html,
    cells: &Cells,
    title: Option<usize>,
    block: &Range<usize>,
) -> NodeSet {
    let page = Page::new(cells, title, block);
    let named = dom::elements(html.tree.root())
        .filter(|node| is_named(*node))
        .filter(|node| page.may_be_footer(cells, *node) || page.is_signed(cells, *node))
        .map(|node| node.id());
    let mut footers: NodeSet = named.collect();
    // A sign above the title belongs to the head.
    let first = title.map_or(0, |title| title + 1);
    let below_title = cells.all.get(first..).unwrap_or_default();
    let signs = below_title.iter().rev().filter(|cell| is_sign(cell));
    for cell in signs.take(MAX_SIGNS) {
        let holder = html.tree.get(cell.holder);
        let Some(footer) = holder.and_then(|holder| page.around(cells, holder)) else {
            continue;
        };
        footers.insert(footer.id());
        // Signposts and QR codes float below the footer.
        let around = std::iter::once(footer).chain(footer.ancestors());
        let around = around.filter(|_| title.is_some());
        let below = around.flat_map(|node| node.next_siblings());
        let below = below.filter(|node| node.value().is_element());
        footers.extend(
            below
                .filter(|node| page.may_be_footer(cells, *node))
                .map(|node| node.id()),
        );
    }
    footers
}

/// A longer line about a site also says other things.
const MAX_LINE: usize = 300;

/// Whether a site writes the line about itself, whatever its place on the page.
pub(in crate::extract) fn is_line(text: &str) -> bool {
    strings::len(text) <= MAX_LINE
        && (boilerplate::is_imprint(text) || CONTACT.is_match(&strings::folded(text)))
}

/// Whether a cell is such a line.
pub(in crate::extract) fn is_line_of(cell: &Cell) -> bool {
    let says = || cell.len() <= MAX_LINE && (cell.is_imprint() || CONTACT.is_match(cell.folded()));
    *cell.is_sites.get_or_init(says)
}

fn is_sign(cell: &Cell) -> bool {
    let says = || cell.len() <= MAX_LINE && OWN.is_match(cell.folded());
    !cell.hidden && *cell.is_sign.get_or_init(says)
}

/// Elements named as a footer. A misleading name may be on the whole page.
fn is_named(node: DomNode<'_>) -> bool {
    const NAMES: [&str; 4] = ["footer", "foot", "copyright", "bottom"];
    dom::name(node) == "footer" || dom::has_part(node, &NAMES)
}

/// The sums of the lines before each cell.
struct Page(Vec<Before>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Before {
    /// Prose, and cells that must stay.
    text: usize,
    /// Cells that must stay.
    stays: usize,
    /// Lines and links of the site itself.
    own: usize,
    /// Other lines.
    others: usize,
}

impl Page {
    fn new(cells: &Cells, title: Option<usize>, block: &Range<usize>) -> Self {
        let mut sum = Before::default();
        let mut before = vec![sum];
        for (nth, cell) in cells.all.iter().enumerate() {
            let stays = title == Some(nth) || block.contains(&nth);
            let is_own = cell.is_linked() || is_line_of(cell);
            sum.text += usize::from(stays || is_prose(cell));
            sum.stays += usize::from(stays);
            sum.own += usize::from(is_own);
            sum.others += usize::from(!is_own && !cell.text.is_empty());
            before.push(sum);
        }
        Self(before)
    }

    fn may_be_footer(&self, cells: &Cells, node: DomNode<'_>) -> bool {
        let (start, end) = self.around_cells(cells, node);
        start.text == end.text
    }

    /// Whether an element says that it is the site's own, and holds neither the title nor the block.
    fn is_signed(&self, cells: &Cells, node: DomNode<'_>) -> bool {
        let (start, end) = self.around_cells(cells, node);
        let range = cells.below(node.id());
        range.len() <= MAX_CELLS
            && start.stays == end.stays
            && cells.all.get(range).unwrap_or_default().iter().any(is_sign)
    }

    fn around_cells(&self, cells: &Cells, node: DomNode<'_>) -> (Before, Before) {
        let range = cells.below(node.id());
        let at = |nth: usize| self.0.get(nth).copied().unwrap_or_default();
        (at(range.start), at(range.end))
    }

    /// The largest element around a sign that may be a footer. It contains no picture, because an
    /// article may consist of pictures alone.
    fn around<'a>(&self, cells: &Cells, holder: DomNode<'a>) -> Option<DomNode<'a>> {
        if !self.is_small_footer(cells, holder) {
            return None;
        }
        let mut top = holder;
        for above in holder.ancestors() {
            let shows = || {
                let mut beside = above.children().filter(|node| node.id() != top.id());
                beside.any(|node| dom::elements(node).any(pictures::is_content))
            };
            if !self.is_small_footer(cells, above) || shows() {
                break;
            }
            top = above;
        }
        Some(top)
    }

    /// The site's own lines outnumber the others: a list of names is a text without a sentence.
    fn is_small_footer(&self, cells: &Cells, node: DomNode<'_>) -> bool {
        let (start, end) = self.around_cells(cells, node);
        let is_own = end.own - start.own >= end.others - start.others;
        !matches!(dom::name(node), "" | "html" | "body")
            && cells.below(node.id()).len() <= MAX_CELLS
            && dom::elements(node).nth(MAX_ELEMENTS).is_none()
            && start.text == end.text
            && is_own
    }
}

fn is_prose(cell: &Cell) -> bool {
    let text = &cell.text;
    let sentence = text.contains('。') || (cell.len() >= MIN_PROSE && text.contains('，'));
    sentence && !cell.hidden && !cell.is_linked() && !is_line_of(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of the page's footers, in page order. The first cell is the title.
    fn footers_of(page: &str) -> Vec<String> {
        let html = Html::parse_document(page);
        let cells = Cells::new(html.tree.root());
        let footers = footers(&html, &cells, Some(0), &(0..0));
        dom::elements(html.tree.root())
            .filter(|node| footers.contains(&node.id()))
            .map(|node| strings::fold(&dom::raw_text(node)))
            .collect()
    }

    #[test]
    fn a_footer_is_known_by_its_name_or_by_what_it_says() {
        for footer in [
            "<div class=footer><p>网站地图</p><p>演示站点</p></div>",
            "<footer>网站地图<br>演示站点</footer>",
        ] {
            let page = format!("<h1>某县召开会议</h1>{footer}");
            assert_eq!(footers_of(&page), ["网站地图演示站点"], "{footer}");
        }
        let page = "<h1>某县召开会议</h1><div class=dbxx><div><p>主办：某县人民政府</p><p>网站标识码：1404060000</p></div>
            <p>地址：某县某路一号，邮编：000000，联系电话：0000-0000000，工作时间：上午八时到十二时，节假日除外</p></div>";
        assert_eq!(footers_of(page).len(), 1);
        assert!(
            footers_of(page)[0].starts_with("主办"),
            "{:?}",
            footers_of(page)
        );
    }

    #[test]
    fn what_holds_title_text_or_pictures_is_none() {
        for page in [
            "<div class=footer><h1>某县召开会议</h1><p>一</p></div>",
            "<h1>某县召开会议</h1><div class=bottom><p>会议指出，要做好各项工作。</p></div>",
            "<h1>某县赛事</h1><div><p>主办单位：某县人民政府</p><p>承办单位：某局</p></div>",
        ] {
            assert_eq!(footers_of(page), [""; 0], "{page}");
        }
        let page = "<div><h1>某县名单</h1></div><div><p>张三</p><p>李四</p><p>版权所有：某县人民政府</p></div>";
        assert_eq!(footers_of(page), ["版权所有：某县人民政府"]);
        let page = "<h1>某县召开会议</h1><div><p><img src=/1.jpg></p><p>版权所有：某县人民政府</p></div><div>手机版<img src=/2.jpg></div>";
        assert_eq!(footers_of(page), ["版权所有：某县人民政府", "手机版"]);
    }
}
