//! Small questions about the nodes of a parsed page.
//!
//! Owns the questions that every layer asks of an element: its name, its marks, its visibility.
//! Never changes the tree, and never recurses.

use std::hash::{Hash, Hasher};

use ego_tree::iter::Edge;
use ego_tree::{NodeId, NodeRef};
use html5ever::{QualName, local_name, ns};
use rustc_hash::FxHashMap;
use scraper::node::Element;
use scraper::{ElementRef, Node};

use super::strings;

/// A node of the page's tree.
pub(in crate::extract) type DomNode<'a> = NodeRef<'a, Node>;

/// Values by node. The ids are the tree's own numbers, so no page can choose ones that collide.
pub(in crate::extract) type NodeMap<V> = FxHashMap<NodeId, V>;

/// The number of a node in its tree, which is all that an id tells a hasher.
#[inline]
fn number(id: NodeId) -> usize {
    struct Number(usize);
    impl Hasher for Number {
        fn finish(&self) -> u64 {
            self.0 as u64
        }
        fn write(&mut self, _: &[u8]) {}
        fn write_usize(&mut self, number: usize) {
            self.0 = number;
        }
    }
    let mut number = Number(0);
    id.hash(&mut number);
    number.0
}

/// Values of many nodes of a page.
#[derive(Clone, Debug)]
pub(in crate::extract) struct ByNode<V>(Vec<Option<V>>);

impl<V> Default for ByNode<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> ByNode<V> {
    #[inline]
    pub(in crate::extract) fn get(&self, node: NodeId) -> Option<&V> {
        self.0.get(number(node))?.as_ref()
    }

    pub(in crate::extract) fn insert(&mut self, node: NodeId, value: V) {
        let number = number(node);
        if number >= self.0.len() {
            self.0.resize_with(number + 1, || None);
        }
        self.0[number] = Some(value);
    }

    pub(in crate::extract) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().flatten()
    }
}

/// A set of nodes.
#[derive(Clone, Debug, Default)]
pub(in crate::extract) struct NodeSet(Vec<u64>);

impl NodeSet {
    #[inline]
    pub(in crate::extract) fn contains(&self, node: &NodeId) -> bool {
        let number = number(*node);
        let word = self.0.get(number / 64);
        word.is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// Adds a node; `false` if it is in already.
    pub(in crate::extract) fn insert(&mut self, node: NodeId) -> bool {
        let number = number(node);
        if number / 64 >= self.0.len() {
            self.0.resize(number / 64 + 1, 0);
        }
        let (word, bit) = (&mut self.0[number / 64], 1 << (number % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Removes a node; `false` if it is not in.
    pub(in crate::extract) fn remove(&mut self, node: &NodeId) -> bool {
        let is_in = self.contains(node);
        if is_in {
            let number = number(*node);
            self.0[number / 64] &= !(1 << (number % 64));
        }
        is_in
    }
}

impl Extend<NodeId> for NodeSet {
    fn extend<I: IntoIterator<Item = NodeId>>(&mut self, nodes: I) {
        nodes.into_iter().for_each(|node| {
            self.insert(node);
        });
    }
}

impl FromIterator<NodeId> for NodeSet {
    fn from_iter<I: IntoIterator<Item = NodeId>>(nodes: I) -> Self {
        let mut set = Self::default();
        set.extend(nodes);
        set
    }
}

/// The element's name; empty for other nodes.
#[inline]
pub(in crate::extract) fn name<'a>(node: DomNode<'a>) -> &'a str {
    match node.value() {
        Node::Element(element) => &element.name.local,
        _ => "",
    }
}

/// An attribute's value; `None` if it is missing.
#[inline]
pub(in crate::extract) fn attr<'a>(node: DomNode<'a>, name: &str) -> Option<&'a str> {
    node.value().as_element()?.attribute(name)
}

fn is_plain(name: &QualName) -> bool {
    name.ns == ns!() && name.prefix.is_none()
}

/// The attributes of an element, by name. Elements have few of them, so a look at each costs less
/// than an interned name.
pub(in crate::extract) trait Attributes<'a> {
    /// An attribute's value; `None` if it is missing.
    fn attribute(self, name: &str) -> Option<&'a str>;
}

impl<'a> Attributes<'a> for &'a Element {
    #[inline]
    fn attribute(self, name: &str) -> Option<&'a str> {
        let mut attributes = self.attrs.iter();
        let found = attributes.find(|(of, _)| &*of.local == name && is_plain(of));
        found.map(|(_, value)| &**value)
    }
}

impl<'a> Attributes<'a> for ElementRef<'a> {
    #[inline]
    fn attribute(self, name: &str) -> Option<&'a str> {
        self.value().attribute(name)
    }
}

/// The element's classes and id, lower case, each between spaces: ` content zoom `.
pub(in crate::extract) fn marks(node: DomNode<'_>) -> String {
    if attr(node, "class").is_none_or(str::is_empty) && attr(node, "id").is_none_or(str::is_empty) {
        return String::new();
    }
    let mut marks = String::from(" ");
    for word in words_of_marks(node) {
        marks.push_str(word);
        marks.push(' ');
    }
    marks.make_ascii_lowercase();
    marks
}

/// Elements whose content is for scripts or for input, not for reading.
pub(in crate::extract) fn is_mute(name: &str) -> bool {
    matches!(
        name.as_bytes(),
        b"script"
            | b"style"
            | b"noscript"
            | b"template"
            | b"iframe"
            | b"frame"
            | b"select"
            | b"option"
            | b"button"
            | b"input"
            | b"textarea"
            | b"canvas"
            | b"svg"
            | b"object"
            | b"embed"
            | b"audio"
            | b"video"
            | b"head"
            | b"map"
            | b"link"
            | b"meta"
            | b"title"
    )
}

/// Elements that begin and end a line.
pub(in crate::extract) fn is_block(name: &str) -> bool {
    matches!(
        name.as_bytes(),
        b"address"
            | b"article"
            | b"aside"
            | b"blockquote"
            | b"body"
            | b"caption"
            | b"center"
            | b"dd"
            | b"details"
            | b"dir"
            | b"div"
            | b"dl"
            | b"dt"
            | b"fieldset"
            | b"figcaption"
            | b"figure"
            | b"footer"
            | b"form"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"header"
            | b"hr"
            | b"html"
            | b"legend"
            | b"li"
            | b"main"
            | b"menu"
            | b"nav"
            | b"ol"
            | b"p"
            | b"pre"
            | b"section"
            | b"summary"
            | b"table"
            | b"tbody"
            | b"td"
            | b"tfoot"
            | b"th"
            | b"thead"
            | b"tr"
            | b"ul"
            | b"ucaptitle"
            | b"ucapcontent"
    )
}

/// Whether the element is marked as hidden. If a page hides its whole body, a script shows it, as
/// that of a public account (微信公众号) shows its text.
pub(in crate::extract) fn is_hidden(node: DomNode<'_>) -> bool {
    const HIDE: &str = "ng-hide";
    let Some(element) = node.value().as_element() else {
        return false;
    };
    let is_hide = |word: &str| word.eq_ignore_ascii_case(HIDE);
    let mut attributes = element.attrs.iter().filter(|(name, _)| is_plain(name));
    let hides = attributes.any(|(name, value)| match name.local {
        local_name!("hidden") => true,
        local_name!("style") => hides(value),
        local_name!("class") => value.len() >= HIDE.len() && value.split_whitespace().any(is_hide),
        local_name!("id") => is_hide(value.trim()),
        _ => false,
    });
    hides && !matches!(name(node), "html" | "body") && attr(node, "id") != Some("js_content")
}

/// Whether a style hides its element.
fn hides(style: &str) -> bool {
    let hides = |property: &str, value: &str| {
        let bytes = style.as_bytes();
        let mut colons = memchr::memchr_iter(b':', bytes);
        // White space does not count, and other characters may not.
        let graphic = |byte: &&u8| byte.is_ascii_graphic();
        let is_one = |(byte, wanted): (&u8, u8)| byte.eq_ignore_ascii_case(&wanted);
        colons.any(|at| {
            let before = bytes[..at].iter().rev().filter(graphic);
            let after = bytes[at + 1..].iter().filter(graphic);
            before.zip(property.bytes().rev()).all(is_one) && after.zip(value.bytes()).all(is_one)
        })
    };
    if !hides("display", "none") && !hides("visibility", "hidden") {
        return false;
    }
    let style = strings::fold(style).to_ascii_lowercase();
    style.contains("display:none") || style.contains("visibility:hidden")
}

/// Whether one of the element's classes, or of the words of its id, is one of these, whatever its
/// case.
pub(in crate::extract) fn is_marked(node: DomNode<'_>, names: &[&str]) -> bool {
    let is_one = |word: &str| names.iter().any(|name| word.eq_ignore_ascii_case(name));
    let class = attr(node, "class").unwrap_or_default();
    let id = attr(node, "id").unwrap_or_default();
    class.split_whitespace().any(is_one) || id.trim().split(' ').any(is_one)
}

/// Whether one of these words is a part of a class or of the id: `foot` of `page-foot`, whatever its
/// case.
pub(in crate::extract) fn has_part(node: DomNode<'_>, words: &[&str]) -> bool {
    ["class", "id"].into_iter().any(|name| {
        let marks = attr(node, name).unwrap_or_default().as_bytes();
        let mut parts = marks.split(|byte| !byte.is_ascii_alphanumeric());
        let is_one = |part: &[u8]| {
            let mut words = words.iter();
            words.any(|word| part.eq_ignore_ascii_case(word.as_bytes()))
        };
        parts.any(|part| !part.is_empty() && is_one(part))
    })
}

/// The element's classes and its id.
fn words_of_marks<'a>(node: DomNode<'a>) -> impl Iterator<Item = &'a str> {
    let class = attr(node, "class").unwrap_or_default();
    let id = attr(node, "id").unwrap_or_default();
    class.split_whitespace().chain([id.trim()])
}

/// Whether the line breaks of a text are its own, as in `<pre>`.
pub(in crate::extract) fn keeps_lines(text: DomNode<'_>) -> bool {
    text.ancestors().find_map(white_space).unwrap_or_default()
}

/// Whether an element keeps line breaks; `None` if it leaves that to the elements around it.
fn white_space(node: DomNode<'_>) -> Option<bool> {
    const PROPERTY: &str = "white-space";
    let own = || matches!(name(node), "pre" | "listing" | "xmp").then_some(true);
    let Some(style) = attr(node, "style").filter(|style| strings::holds(style, PROPERTY)) else {
        return own();
    };
    let style = style.to_ascii_lowercase();
    let value = style.rsplit_once(PROPERTY).map_or("", |(_, value)| value);
    let value = value.trim_start_matches([' ', ':']);
    match value {
        _ if value.starts_with("pre") || value.starts_with("break-spaces") => Some(true),
        _ if value.starts_with("normal") || value.starts_with("nowrap") => Some(false),
        _ => own(),
    }
}

/// The raw text below a node that readers may see, in document order.
pub(in crate::extract) fn raw_text(node: DomNode<'_>) -> String {
    let mut text = String::new();
    let mut mute: Option<NodeId> = None;
    for edge in node.traverse() {
        match edge {
            Edge::Open(here) if mute.is_none() => match here.value() {
                Node::Text(run) => text.push_str(&run.text),
                Node::Element(_) if is_mute(name(here)) => mute = Some(here.id()),
                Node::Element(_) if is_block(name(here)) || name(here) == "br" => {
                    text.push('\n');
                }
                _ => {}
            },
            Edge::Close(here) if mute == Some(here.id()) => mute = None,
            _ => {}
        }
    }
    text
}

/// The text below a node if it has at most `max` characters, white space excluded; else `None`.
/// `max` bounds the work, whatever the size of the page.
pub(in crate::extract) fn short_text(node: DomNode<'_>, max: usize) -> Option<String> {
    short_text_among(node, max, 1000 + max * 20)
}

/// The same among at most so many nodes.
pub(in crate::extract) fn short_text_among(
    node: DomNode<'_>,
    max: usize,
    nodes: usize,
) -> Option<String> {
    let long = |node: DomNode<'_>| {
        let mut chars = 0;
        let all = std::iter::once(node).chain(below(node));
        all.enumerate().any(|(nth, node)| {
            let is_mute = || node.parent().is_some_and(|parent| is_mute(name(parent)));
            if let Some(text) = node.value().as_text().filter(|_| !is_mute()) {
                chars += strings::len(&text.text);
            }
            chars > max || nth > nodes
        })
    };
    (!long(node)).then(|| raw_text(node))
}

/// All text below a node, as one tidy line.
pub(in crate::extract) fn text(node: DomNode<'_>) -> String {
    strings::tidy(&raw_text(node))
}

/// The text right below an element, also of one whose text readers do not see.
pub(in crate::extract) fn own_text(node: DomNode<'_>) -> String {
    let texts = node.children().filter_map(|child| child.value().as_text());
    texts.map(|text| &*text.text).collect()
}

/// The text of the page's `<title>`.
pub(in crate::extract) fn title(root: DomNode<'_>) -> Option<String> {
    elements(root)
        .find(|node| name(*node) == "title")
        .map(own_text)
}

/// The elements below a node, without the node.
pub(in crate::extract) fn elements<'a>(node: DomNode<'a>) -> impl Iterator<Item = DomNode<'a>> {
    below(node).filter(|node| node.value().is_element())
}

/// The nodes below a node in document order, without the node.
pub(in crate::extract) fn below<'a>(node: DomNode<'a>) -> Below<'a> {
    Below {
        root: node.id(),
        next: node.first_child(),
    }
}

/// The nodes below `root` from `next` on.
pub(in crate::extract) struct Below<'a> {
    root: NodeId,
    next: Option<DomNode<'a>>,
}

impl<'a> Iterator for Below<'a> {
    type Item = DomNode<'a>;

    #[inline]
    fn next(&mut self) -> Option<DomNode<'a>> {
        let here = self.next?;
        self.next = here.first_child().or_else(|| {
            let mut last = here;
            loop {
                if let Some(next) = last.next_sibling() {
                    return Some(next);
                }
                last = last.parent().filter(|above| above.id() != self.root)?;
            }
        });
        Some(here)
    }
}
