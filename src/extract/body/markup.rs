//! The article's text as HTML that is safe on any page.
//!
//! Owns the choice of published elements and attributes. Never lets through a style, a class, a
//! script, a handler, or an address that is not `http(s)`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;
use ego_tree::NodeId;
use ego_tree::iter::Edge;
use rustc_hash::FxHashSet;
use scraper::Node;
use url::Url;

use super::formula::{self, Place};
use super::{attachments, media, pictures, settled};
use crate::extract::page::dom::{self, DomNode, NodeSet};
use crate::extract::page::{links, strings};

/// Published elements. Others are replaced by their content.
const KEPT: &[&str] = &[
    "a",
    "b",
    "blockquote",
    "br",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

static NAMES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| KEPT.iter().copied().collect());

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(
            KEPT.iter()
                .copied()
                .filter(|name| *name != "center")
                .collect(),
        )
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("img", HashSet::from(["src", "alt"])),
            ("td", HashSet::from(["colspan", "rowspan"])),
            ("th", HashSet::from(["colspan", "rowspan"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .clean_content_tags(HashSet::from(["script", "style"]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(None)
        .strip_comments(true);
    builder
});

/// The HTML of a node's content.
pub(in crate::extract) fn html(container: DomNode<'_>, base: &Url) -> String {
    let mut writer = Writer {
        base,
        useful: useful(container, base),
        html: String::new(),
        mute: None,
        linked: NodeSet::default(),
        line_start: true,
    };
    for edge in container.traverse() {
        match edge {
            Edge::Open(node) if node.id() != container.id() => writer.open(node),
            Edge::Close(node) if node.id() != container.id() => writer.close(node),
            _ => {}
        }
    }
    sanitised(&writer.html).trim().to_owned()
}

/// What the writer wrote is safe already. It is checked once more: by a look at each of its tags, or
/// else by the sanitiser, which parses it.
fn sanitised(html: &str) -> String {
    match settled::is_settled(html) {
        true => html.replace('\u{a0}', "&nbsp;"),
        false => SANITISER.clean(html).to_string(),
    }
}

/// The nodes that hold text, a picture or a table cell. Empty paragraphs are only for spacing, and
/// an empty link is useless to readers.
fn useful(container: DomNode<'_>, base: &Url) -> NodeSet {
    let mut useful = NodeSet::default();
    for node in container.descendants() {
        let shows = match node.value() {
            Node::Text(text) => strings::len(&text.text) > 0,
            Node::Element(_) => {
                matches!(dom::name(node), "td" | "th" | "hr")
                    || pictures::is_content(node)
                    || media::link(node, base).is_some()
            }
            _ => false,
        };
        if shows {
            for above in std::iter::once(node).chain(node.ancestors()) {
                if !useful.insert(above.id()) {
                    break;
                }
            }
        }
    }
    useful
}

struct Writer<'a> {
    base: &'a Url,
    useful: NodeSet,
    html: String,
    mute: Option<NodeId>,
    /// Open elements that were written as links.
    linked: NodeSet,
    /// The line is still empty: white space here is an indent.
    line_start: bool,
}

impl Writer<'_> {
    fn open(&mut self, node: DomNode<'_>) {
        if self.mute.is_some() {
            return;
        }
        match node.value() {
            Node::Text(text) => {
                let own_lines = text.text.contains('\n') && dom::keeps_lines(node);
                self.text(&text.text, own_lines);
            }
            Node::Element(_) => {
                let name = dom::name(node);
                if pictures::is_frame(name) {
                    self.picture(node);
                }
                if let Some((url, words)) = media::link(node, self.base) {
                    self.begin_link(url.as_str());
                    self.text(&words, false);
                    self.html.push_str("</a>");
                }
                if name == "math" {
                    self.text(&formula::text(node), false);
                    self.mute = Some(node.id());
                    return;
                }
                let holder = dom::is_block(name) || name == "a";
                let empty = holder && !self.useful.contains(&node.id());
                if dom::is_mute(name) || empty {
                    self.mute = Some(node.id());
                } else {
                    self.tag(node);
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, node: DomNode<'_>) {
        if self.mute == Some(node.id()) {
            self.mute = None;
        } else if self.mute.is_none() {
            let link = self.linked.remove(&node.id()).then_some("a");
            let name =
                published(node).filter(|name| !matches!(*name, "a" | "br" | "img" | "hr" | "col"));
            for name in link.into_iter().chain(name) {
                self.html.push_str("</");
                self.html.push_str(name);
                self.html.push('>');
                self.line_start |= dom::is_block(name);
            }
        }
    }

    fn tag(&mut self, node: DomNode<'_>) {
        let name = published(node);
        match name {
            Some("a" | "img") | None => {}
            Some(name) => {
                self.html.push('<');
                self.html.push_str(name);
                for span in ["colspan", "rowspan", "start"] {
                    let number =
                        dom::attr(node, span).and_then(|number| number.trim().parse::<u16>().ok());
                    if let Some(number) = number.filter(|number| *number > 1) {
                        self.attribute(span, &number.to_string());
                    }
                }
                self.html.push('>');
                self.line_start |= name == "br" || dom::is_block(name);
            }
        }
        if let Some(href) = self.link(node) {
            self.linked.insert(node.id());
            self.begin_link(&href);
        }
    }

    fn begin_link(&mut self, href: &str) {
        self.html.push_str("<a");
        self.attribute("href", href);
        self.html.push('>');
    }

    fn picture(&mut self, node: DomNode<'_>) {
        if let Some(url) = pictures::address(node, self.base) {
            self.html.push_str("<img");
            self.attribute("src", url.as_str());
            let alt = dom::attr(node, "alt").and_then(strings::value);
            self.attribute("alt", &alt.unwrap_or_default());
            self.html.push('>');
            self.line_start = false;
        }
    }

    /// The target of a link that is not inside another link. HTML allows no nested links, but a
    /// link left open over many elements makes some in the tree. Written out, they would be parsed
    /// differently.
    fn link(&self, node: DomNode<'_>) -> Option<String> {
        let href = self.href(node)?;
        let cell = |node: &DomNode<'_>| matches!(dom::name(*node), "td" | "th" | "caption");
        let mut around = node.ancestors().take_while(|above| !cell(above));
        let is_inner = around.any(|above| self.linked.contains(&above.id()));
        (!is_inner).then_some(href)
    }

    /// The target of a link, or of another inline element that a click makes one.
    fn href(&self, node: DomNode<'_>) -> Option<String> {
        let name = dom::name(node);
        if name != "a" {
            let holds = |node: DomNode<'_>| {
                let inner = dom::name(node);
                dom::is_block(inner)
                    || matches!(inner, "a" | "iframe" | "video" | "audio" | "embed")
            };
            let is_inline = dom::attr(node, "onclick").is_some() && !dom::is_block(name);
            let may_link =
                is_inline && !pictures::is_frame(name) && !dom::elements(node).any(holds);
            let target = may_link
                .then(|| attachments::target(node, self.base))
                .flatten();
            return target.map(|url| url.to_string());
        }
        let href = dom::attr(node, "href").unwrap_or_default().trim();
        if href
            .get(..7)
            .is_some_and(|start| start.eq_ignore_ascii_case("mailto:"))
        {
            return Some(strings::fold(href));
        }
        let scripted = || {
            let scripts = ["onclick", "href"]
                .into_iter()
                .filter_map(|name| dom::attr(node, name));
            let opened = scripts.filter_map(links::literal).next();
            attachments::target(node, self.base).or_else(|| links::absolute(&opened?, self.base))
        };
        let url = links::absolute(href, self.base).or_else(scripted);
        url.map(|url| url.to_string())
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.html.push(' ');
        self.html.push_str(name);
        self.html.push_str("=\"");
        for c in value.chars().filter(|c| strings::is_visible(*c)) {
            match c {
                '"' => self.html.push_str("&quot;"),
                '&' => self.html.push_str("&amp;"),
                '<' => self.html.push_str("&lt;"),
                '>' => self.html.push_str("&gt;"),
                _ => self.html.push(c),
            }
        }
        self.html.push('"');
    }

    fn text(&mut self, text: &str, own_lines: bool) {
        let mut rest = text;
        // What stands before the next sign of markup. It is sought once a sign.
        let mut plain = before_sign(rest);
        loop {
            let run = strings::first_run(&rest[..plain]);
            if !run.is_empty() {
                self.line_start = false;
                self.html.push_str(run);
                plain -= run.len();
                rest = &rest[run.len()..];
            }
            let mut after = rest.chars();
            let Some(c) = after.next() else {
                return;
            };
            rest = after.as_str();
            plain = match plain.checked_sub(c.len_utf8()) {
                Some(left) => left,
                None => before_sign(rest),
            };
            if !strings::is_visible(c) {
                continue;
            }
            if c == '\n' && own_lines {
                if !self.html.is_empty() && !self.line_start {
                    self.html.push_str("<br>");
                    self.line_start = true;
                }
                continue;
            }
            if c.is_whitespace() && self.line_start {
                continue;
            }
            self.line_start = false;
            match c {
                '&' => self.html.push_str("&amp;"),
                '<' => self.html.push_str("&lt;"),
                '>' => self.html.push_str("&gt;"),
                _ if c.is_whitespace() && c != '\u{a0}' && c != '\u{3000}' => {
                    if own_lines || !self.html.ends_with(' ') {
                        self.html.push(' ');
                    }
                }
                _ => self.html.push(c),
            }
        }
    }
}

/// The bytes before the next sign of markup.
fn before_sign(text: &str) -> usize {
    memchr::memchr3(b'&', b'<', b'>', text.as_bytes()).unwrap_or(text.len())
}

/// The name under which an element is published.
fn published(node: DomNode<'_>) -> Option<&'static str> {
    let name = dom::name(node);
    match name {
        "center" | "section" | "article" | "main" | "header" | "details" | "summary" => Some("div"),
        "strike" | "del" => Some("s"),
        "span" | "font" => Place::of(node).map(Place::element),
        _ => NAMES.get(name).copied(),
    }
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn clean(html: &str) -> String {
        let html = Html::parse_document(html);
        let body = html
            .tree
            .nodes()
            .find(|node| dom::name(*node) == "body")
            .unwrap();
        super::html(body, &Url::parse("http://x.cn/a/").unwrap())
    }

    #[test]
    fn structure_stays_and_dress_goes() {
        assert_eq!(
            clean(
                "<div class=c style='x'><p onclick=x()><font size=7>一</font><o:p></o:p><span>二</span></p><p>&nbsp;</p><center>三</center></div>"
            ),
            "<div><p>一二</p><div>三</div></div>"
        );
        assert_eq!(
            clean("<table border=1><tr><td colspan=2 rowspan=x width=5>一</td></tr></table>"),
            "<table><tbody><tr><td colspan=\"2\">一</td></tr></tbody></table>"
        );
    }

    #[test]
    fn an_indent_made_of_characters_goes_and_space_within_a_line_stays() {
        assert_eq!(
            clean("<p>　　一　二 三</p>\n<p>&nbsp;&nbsp;<b>　四</b><br>　五</p>"),
            "<p>一　二 三</p><p><b>四</b><br>五</p>"
        );
    }

    #[test]
    fn addresses_are_absolute_and_safe() {
        assert_eq!(
            clean(
                "<a href='b.html' target=_blank>一</a><a href='javascript:x'>二</a><a href='data:x'>三</a><img data-src=c.jpg onerror=x>"
            ),
            "<a href=\"http://x.cn/a/b.html\">一</a>二三<img src=\"http://x.cn/a/c.jpg\" alt=\"\">"
        );
    }

    #[test]
    fn what_is_published_is_read_again_as_it_stands() {
        for depth in 0..30 {
            let open = "<div><b>".repeat(depth);
            for page in [
                format!("<div><a href=1>一{open}<a href=2>二"),
                format!(
                    "<div><a href=1>一{}",
                    format!("{open}<a href=2>二").repeat(5)
                ),
            ] {
                let html = clean(&page);
                assert_eq!(SANITISER.clean(&html).to_string(), html, "{page}");
            }
        }
    }

    #[test]
    fn what_is_settled_is_what_the_sanitiser_would_write() {
        // Every order of four of these tags.
        let tags = [
            "<p>",
            "</p>",
            "<b>",
            "</b>",
            "<li>",
            "</li>",
            "<div>",
            "</div>",
            "<h1>",
            "</h1>",
            "<table><tbody><tr><td>",
            "</td></tr></tbody></table>",
            "<br>",
            "文",
        ];
        let all = tags.len();
        let mut settled = 0;
        for order in 0..all.pow(4) {
            let nth = |place: u32| tags[order / all.pow(place) % all];
            let html: String = (0..4).map(nth).collect();
            if settled::is_settled(&html) {
                settled += 1;
                assert_eq!(SANITISER.clean(&html).to_string(), html);
            }
        }
        assert!(settled > 200, "{settled}");
    }

    #[test]
    fn scripts_go_and_text_stays_escaped() {
        for page in [
            "<script>alert(1)</script><p>文</p>",
            "<svg><script>alert(1)</script></svg><p>文</p>",
            "<iframe srcdoc='<script>1</script>'></iframe><p>文</p><style>x</style>",
            "<p>\u{feff}文\u{0}<!-- x --></p>",
        ] {
            assert_eq!(clean(page), "<p>文</p>", "{page}");
        }
        assert_eq!(
            clean("<p>&lt;script&gt;]]&gt;&amp;</p>"),
            "<p>&lt;script&gt;]]&gt;&amp;</p>"
        );
    }
}
