//! Tidied text of elements.
//!
//! Owns the reading of an element's text for lists. Never judges it.

use ego_tree::NodeRef;
use scraper::Node;

use crate::extract::page::strings::is_visible;

/// One line, with one space for each run of white space, and without invisible characters.
pub(super) fn tidy(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().filter(|c| is_visible(*c)));
    }
    line.trim().to_owned()
}

/// All text below `node`, on one line.
pub(super) fn whole(node: NodeRef<'_, Node>) -> String {
    let mut text = String::new();
    for node in node.descendants() {
        if let Some(piece) = shown(node) {
            text.push_str(piece);
        }
    }
    tidy(&text)
}

/// The pieces of text below `node`, with comments if `comments` is set; `None` if they exceed
/// `limit` bytes. Then reading stops at the limit.
pub(super) fn pieces(node: NodeRef<'_, Node>, limit: usize, comments: bool) -> Option<Vec<String>> {
    let mut pieces = Vec::new();
    let mut length = 0;
    for node in node.descendants() {
        let piece = match node.value() {
            Node::Comment(comment) if comments => Some(&**comment),
            _ => shown(node),
        };
        let piece = piece.map(str::trim).filter(|piece| !piece.is_empty());
        if let Some(piece) = piece {
            length += piece.len();
            if length > limit {
                return None;
            }
            pieces.push(piece.to_owned());
        }
    }
    Some(pieces)
}

/// The content of a text node that readers see.
pub(super) fn shown(node: NodeRef<'_, Node>) -> Option<&str> {
    let text = node.value().as_text()?;
    let hidden = node
        .parent()
        .and_then(|parent| parent.value().as_element())
        .is_some_and(|parent| {
            matches!(
                parent.name(),
                "script" | "style" | "noscript" | "textarea" | "option" | "template"
            )
        });
    (!hidden).then_some(&**text)
}
