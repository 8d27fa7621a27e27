//! Reads an article page layer by layer: the column's rules, the label block, the official tags,
//! known containers, structure.
//!
//! Owns the order of the layers. Never knows how a layer works.

use std::ops::Range;

use ego_tree::NodeId;
use scraper::Html;
use url::Url;

use crate::config::ArticleRules;
use crate::extract::answer::{Extracted, Problem};
use crate::extract::body::clean::{self, Known};
use crate::extract::body::density::{Container, Weights};
use crate::extract::body::hidden::Hidden;
use crate::extract::body::{
    assemble, attachments, container, footer, goes_on, hidden, locate, noscript,
};
use crate::extract::fields::heading::Head;
use crate::extract::fields::label_block::{self, Entry, Group};
use crate::extract::fields::meta::Tags;
use crate::extract::fields::publication::{self, Near};
use crate::extract::fields::{column_rules, extras, row, title, written};
use crate::extract::page::cells::Cells;
use crate::extract::page::dom::NodeSet;
use crate::extract::page::text::PageText;
use crate::extract::page::{bounds, dom, links, strings, tree};
use crate::extract::parts;
use crate::model::{Attachment, Body, ContentKind, Field, ListRow};

/// Reads an article page from `base`.
///
/// Bad input is not a failure: missing values stay empty, and [`Extracted::problems`] lists the
/// oddities. Time and memory are bounded for any page.
pub fn article<'a>(page: impl Into<PageText<'a>>, base: &Url, rules: &ArticleRules) -> Extracted {
    let (document, is_too_much) = tree::parse_and_tell(page.into());
    let cells = Cells::new(document.tree.root());
    mark_too_much(read(document, cells, base, rules, None), is_too_much)
}

/// Adds the problem that the page was too large to be read whole.
pub(super) fn mark_too_much(mut page: Extracted, is_too_much: bool) -> Extracted {
    if is_too_much {
        page.problems.push(Problem::TooMuch);
    }
    page
}

/// Reads a parsed page layer by layer. `cells` are the page's, and `row` is what the column's list
/// says of the article.
pub(super) fn read(
    mut html: Html,
    mut cells: Cells,
    here: &Url,
    rules: &ArticleRules,
    row: Option<&ListRow>,
) -> Extracted {
    let mut is_changed = noscript::open(&mut html);
    let base = links::base(&html, here);
    let parts = parts::find(&html, here, &base);
    clean::detach(&mut html, &parts.pagers);
    is_changed |= !parts.pagers.is_empty();
    is_changed |= written::put(&mut html);
    is_changed |= extras::take_out(&mut html);
    if is_changed {
        cells = Cells::new(html.tree.root());
    }
    let mut groups = groups_outside_text(&html, &cells);
    let mut layers = Layers::new(&html, &cells, &groups, &base);
    let mut found = layers.find(rules);
    if let Some(container) = found.container.as_ref().filter(|_| !found.rest.is_empty()) {
        goes_on::join(&mut html, container.node, &found.rest);
        cells = Cells::new(html.tree.root());
        groups = groups_outside_text(&html, &cells);
        layers = Layers::new(&html, &cells, &groups, &base);
        found = layers.find(rules);
    }
    let Found {
        mut page,
        container,
        ..
    } = found;
    page.next_part = parts.next;
    let text = match &container {
        Some(container) => cells.below(container.node),
        None => cells.all.len()..cells.all.len(),
    };
    layers.offer_found(&mut page, &text, row);
    let files = layers.files();
    // Cleaning removes what is hidden, so this text is taken first.
    let hidden = hidden_text(&html, &cells, container.as_ref(), &text);
    if let Some(container) = container {
        let known = layers.known(page.title.as_deref(), &container, &text, &base);
        page.body = assemble::assemble(&mut html, &container, &known, files, rules);
        note_body(&mut page, &container.found);
    } else {
        // Files right below the block's labels are values of the block.
        page.body.attachments = files;
        note_body(&mut page, "label block");
    }
    if let Some(hidden) = hidden.filter(|_| shows_no_text(&page.body)) {
        take_hidden(&mut page, hidden, &base, rules);
    }
    if page.title.is_none() {
        page.problems.push(Problem::NoTitle);
    }
    if page.body.is_empty() {
        page.problems.push(Problem::NoBody);
    }
    page
}

/// Whether a script may still show the text: the body has nothing, or files alone.
fn shows_no_text(body: &Body) -> bool {
    matches!(body.content(), ContentKind::None | ContentKind::Files)
}

/// The text that only a script shows, if the container shows hardly any. A column's rule may name
/// the element that hides it.
fn hidden_text(
    html: &Html,
    cells: &Cells,
    container: Option<&Container>,
    text: &Range<usize>,
) -> Option<Hidden> {
    /// A text with more is shown.
    const LITTLE: usize = 40;
    let shown = cells.all[text.clone()].iter().filter(|cell| !cell.hidden);
    let shown: usize = shown.map(|cell| cell.len()).sum();
    if shown >= LITTLE {
        return None;
    }
    let named = container.and_then(|container| {
        let html = hidden::of_element(html.tree.get(container.node)?)?;
        let found = container.found.clone();
        Some(Hidden { html, found })
    });
    named.or_else(|| hidden::text(html, container.map(|container| container.node)))
}

/// Takes a hidden text as the article's, through the same cleaning as any other.
fn take_hidden(page: &mut Extracted, mut hidden: Hidden, base: &Url, rules: &ArticleRules) {
    let nodes = hidden.html.tree.nodes();
    let Some(node) = nodes.into_iter().find(|node| dom::name(*node) == "body") else {
        return;
    };
    let container = Container {
        node: node.id(),
        found: hidden.found,
        loose: false,
    };
    let known = Known {
        title: page.title.as_deref(),
        said_elsewhere: true,
        above: NodeSet::default(),
        last_above: None,
        loose: false,
        base,
    };
    let files = std::mem::take(&mut page.body.attachments);
    page.body = assemble::assemble(&mut hidden.html, &container, &known, files, rules);
    note_body(page, &container.found);
}

/// What the layers know of a page before its text is cut out.
struct Found {
    /// The values that the column's rules, the label block and the title's tag name.
    page: Extracted,
    /// The element that holds the text.
    container: Option<Container>,
    /// The nodes after it in which the text goes on.
    rest: Vec<NodeId>,
}

/// A page as the layers see it, before the text is cut out.
struct Layers<'a> {
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
    fn new(html: &'a Html, cells: &'a Cells, groups: &'a [Group], base: &'a Url) -> Self {
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
    fn find(&self, rules: &ArticleRules) -> Found {
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
    fn offer_found(&self, page: &mut Extracted, text: &Range<usize>, row: Option<&ListRow>) {
        let head = Head::new(self.html, self.cells, &self.tags, &self.filed, text);
        offer_heading(page, &head, self.cells, self.groups, row);
        let title = self.title_cell(page).unwrap_or(0);
        let head = title..bounds::first_prose(self.cells, text);
        let near = Near::new(self.html, self.cells, self.groups, head, text.end);
        let day = row.and_then(|row| row.published_on);
        publication::offer(page, &near, &self.tags, self.base, day);
    }

    /// The texts of the page outside the article's text, which need not be repeated in it.
    fn known<'k>(
        &self,
        title: Option<&'k str>,
        container: &Container,
        text: &Range<usize>,
        base: &'k Url,
    ) -> Known<'k> {
        let start = match container.loose {
            true => bounds::beginning(self.cells, title, &self.filed, text),
            false => text.start,
        };
        let head = text.start..start;
        let mut above = nodes_of(self.cells, &self.filed);
        above.extend(nodes_of(self.cells, &head));
        let is_set_outside =
            |title| bounds::is_set_outside(self.html, self.cells, title, &self.filed, text);
        Known {
            title,
            said_elsewhere: title.is_some_and(is_set_outside),
            above,
            last_above: bounds::last_node(self.cells, &head),
            loose: container.loose,
            base,
        }
    }

    /// The files that the label block offers (文件下载).
    fn files(&self) -> Vec<Attachment> {
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
fn groups_outside_text(html: &Html, cells: &Cells) -> Vec<Group> {
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
    for (title, found) in head.whole().into_iter().chain(trimmed).chain(heading) {
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

fn nodes_of(cells: &Cells, range: &Range<usize>) -> NodeSet {
    cells.all[range.clone()]
        .iter()
        .flat_map(|cell| cell.nodes.iter().copied())
        .collect()
}

fn note_body(page: &mut Extracted, found: &str) {
    let parts = [
        (Field::Body, !page.body.body_text.is_empty()),
        (Field::Images, !page.body.images.is_empty()),
        (Field::Attachments, !page.body.attachments.is_empty()),
    ];
    for (field, _) in parts.into_iter().filter(|(_, there)| *there) {
        page.note(field, found);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cpu_time::ThreadTime;

    use proptest::prelude::*;

    use super::*;

    fn read(html: &str) -> Extracted {
        let base = Url::parse("http://www.x.gov.cn/gzdt/202512/t20251229_1.html").unwrap();
        article(html, &base, &ArticleRules::default())
    }

    #[test]
    fn what_is_no_page_is_said_to_be_none() {
        for html in [
            "",
            "<html>",
            "\u{0}\u{fffe}",
            "<script>location='/'</script>",
        ] {
            let page = read(html);
            assert_eq!(page.problems, [Problem::NoTitle, Problem::NoBody], "{html}");
            assert_eq!(page.body, Body::default());
        }
    }

    #[test]
    fn giant_pages_end_in_bounded_time() {
        let prose = "<p>各有关单位，现将有关事项通知如下，请认真贯彻执行。</p>";
        let pages = [
            format!("{}{prose}", "<div>".repeat(200_000)),
            format!("<p{}>{prose}", " a=1".repeat(200_000)),
            format!(
                "<div id=zoom>{}{prose}",
                "<div class=share>文".repeat(30_000)
            ),
            format!(
                "<table>{}{prose}",
                "<tr><td>索引号<td>发文机关".repeat(8_000)
            ),
            format!("<div id=zoom>{}", prose.repeat(8_000)),
            format!("<div id=zoom>{}", "<table><tr><td>".repeat(100_000)),
            "发布日期：".repeat(100_000),
            "<a href=a.pdf>".repeat(50_000),
        ];
        for page in pages {
            let start = ThreadTime::now();
            read(&page);
            let head: String = page.chars().take(40).collect();
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "{head}: {:?}",
                start.elapsed()
            );
        }
    }

    #[test]
    fn a_text_that_is_missing_is_sought_neither_in_the_footer_nor_elsewhere() {
        let around = |text: &str| {
            format!(
                "<div class=head><p>热点查询</p><img src=/banner.jpg></div><div class=main><h1>某县召开会议</h1>{text}<p>责任编辑：某某</p></div>
                 <div class=intro><p>某县位于某省东南部，历史悠久，物产丰富，欢迎四方来客前来观光。</p></div>
                 <div class=dbxx><p><a href=/1>网站地图</a> | 联系我们</p><p>主办：某县人民政府</p><p>网站标识码：1404060000</p></div>
                 <div class=footer><p>为了更好的浏览效果，请下载新版软件。</p></div>"
            )
        };
        for text in [
            "<div id=zoom></div>",
            "<div id=zoom><div class=TRS_Editor><p>&nbsp;</p></div></div>",
            "<div id=zoom>正在加载...</div>",
            "<div id=zoom><p>（责任编辑：某某）</p></div>",
        ] {
            let page = read(&around(text));
            assert_eq!(page.problems, [Problem::NoBody], "{text}: {:?}", page.body);
        }
        let file = read(&around(
            "<div id=zoom></div><p><a href=/a.pdf>某表.pdf</a></p>",
        ));
        assert_eq!(
            (file.body.attachments.len(), file.body.body_text.as_str()),
            (1, "")
        );
        let beside = "<div class=zoom>字体：大 中 小</div><div class=w><p>会议开幕。</p><p>会议指出，要认真做好岁末年初的各项工作，确保群众温暖过冬，确保市场供应充足。</p></div>";
        let text = read(&format!("<title>某县召开会议</title>{}", around(beside)));
        assert!(text.body.body_text.starts_with("会议开幕。\n会议指出"));
    }

    #[test]
    fn a_title_keeps_the_semicolon_that_is_its_own() {
        let text =
            "<div id=zoom><p>会议指出，要认真做好岁末年初的各项工作，确保群众温暖过冬。</p></div>";
        let own = "关于印发办法的通知；";
        for (page, title) in [
            (
                format!("<table><tr><td>索引号<td>00/2020-15<tr><td>标题<td>{own}</table>"),
                own,
            ),
            (
                format!("<p>索引号：00/2020-15；标题：{own}发布日期：2020-01-02</p>"),
                "关于印发办法的通知",
            ),
            (format!("<meta name=ArticleTitle content='{own}'>"), own),
            (format!("<title>{own}_某县人民政府</title>"), own),
            (format!("<h1>{own}</h1>"), own),
        ] {
            let found = read(&format!("{page}{text}"));
            assert_eq!(found.title.as_deref(), Some(title), "{page}");
        }
    }

    #[test]
    fn labels_within_the_text_are_no_block() {
        let page = read(
            "<h1>关于废止文件的公告</h1><div id=zoom><p>根据有关规定，现将下列已经失效的规范性文件予以公布，请各单位遵照执行，不再适用。</p>
             <p>文件名称：某办法</p><p>文号：某政发〔2001〕1号</p><p>发布机关：某县人民政府</p></div>",
        );
        assert_eq!(page.metadata.document_number, None);
        assert_eq!(page.metadata.issuer, None);
        assert_eq!(page.title.as_deref(), Some("关于废止文件的公告"));
    }

    #[test]
    fn a_block_ends_where_the_text_begins() {
        let page = read(
            "<title>关于规划编制的通知-某局</title><div class=top><img src=/img/top.jpg width=1000></div><table><tr><td>索引号<td>00/2020-15</tr><tr><td>发布机构<td>某局</tr></table>
             <div><h2>关于规划编制的通知</h2><div><p>各县人民政府：</p><p>为做好规划编制工作，现就有关事项通知如下。</p>
             <p>主题词：规划 通知</p><p>（此件公开发布）</p></div></div>",
        );
        let lines: Vec<&str> = page.body.body_text.lines().collect();
        assert_eq!(lines.first(), Some(&"各县人民政府："));
        assert_eq!(lines.last(), Some(&"（此件公开发布）"));
        assert!(page.metadata.subject_terms.is_empty());
        assert!(page.body.images.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn no_soup_of_tags_makes_it_panic(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "<table>", "<tr>", "<td>", "</td>", "</table>", "<p>", "</p>", "<div id=zoom>", "<div class=share>", "</div>", "<br>",
                    "<a href=x.pdf>", "</a>", "<img src=a.jpg>", "<h1>", "</h1>", "索引号", "：", "发文机关", "文号 ", "▲", "。", "2025-12-29",
                    "<span style='display:none'>", "</span>", "<b>", "</b>", "\u{3000}", "<!--", "-->", "<form>", "<li>", "<dl><dt>", "<dd>", "<base href=x>",
                    "<svg>", "<template>", "<math>", "<frameset>", "来源：", "&#0;", "<title>", "</title>", "\u{10ffff}", "上一篇：", "相关新闻",
                ]),
                0..60,
            )
        ) {
            let page = read(&parts.concat());
            prop_assert!(!page.body.body_html.contains("<script"));
        }
    }
}
