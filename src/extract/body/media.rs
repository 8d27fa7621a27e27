//! Films, sounds and players in the text: elements that show nothing without a browser.
//!
//! Owns the link that takes the place of each. Never plays or fetches one.

use url::Url;

use super::{attachments, sources};
use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::{links, strings};

/// A smaller frame, in CSS pixels, is a counter or a button.
const MIN_SIDE: u32 = 60;

/// Parts of addresses of frames that belong to a page, not to its text.
const TOOLS: [&str; 12] = [
    "share", "comment", "login", "weather", "tianqi", "counter", "count.", "tongji", "like.php",
    "search", "advert", "stat.",
];

/// Parts of addresses of players.
const PLAYERS: [&str; 12] = [
    "play", "video", "vod", "movie", "live", "youku", "qq.com", "bilibili", "iqiyi", "cctv",
    "vid=", "mp4",
];

/// The link that takes the element's place, with its words.
pub(in crate::extract) fn link(node: DomNode<'_>, base: &Url) -> Option<(Url, String)> {
    let name = dom::name(node);
    let may_link = matches!(
        name.as_bytes(),
        b"button" | b"input" | b"video" | b"audio" | b"iframe" | b"embed" | b"object"
    );
    if !may_link || dom::is_hidden(node) {
        return None;
    }
    match name {
        "button" | "input" => attachments::offered(node, base),
        "video" | "audio" => attachments::played(node, base),
        "iframe" | "embed" | "object" => {
            attachments::played(node, base).or_else(|| player(node, base))
        }
        _ => None,
    }
}

/// Whether a node holds a film, a sound or a player.
pub(in crate::extract) fn any(node: DomNode<'_>, base: &Url) -> bool {
    dom::elements(node).any(|node| link(node, base).is_some())
}

/// A page of another site, or a player, in a frame.
fn player(node: DomNode<'_>, base: &Url) -> Option<(Url, String)> {
    let source = match dom::name(node) {
        "object" => dom::attr(node, "data"),
        _ => ["src", "data-src"]
            .iter()
            .find_map(|name| dom::attr(node, name)),
    };
    let source = source.filter(|source| sources::is_address(source))?;
    let url = links::absolute(source, base)?;
    let address = url.as_str().to_ascii_lowercase();
    let is_named = |names: &[&str]| names.iter().any(|name| address.contains(name));
    let plays = is_named(&PLAYERS);
    let is_foreign = url.host_str() != base.host_str();
    if is_small(node) || is_named(&TOOLS) && !plays || is_file(node, base) || !(plays || is_foreign)
    {
        return None;
    }
    let title = dom::attr(node, "title").and_then(strings::value);
    let kind = if plays { "视频" } else { "嵌入网页" };
    Some((url, title.unwrap_or_else(|| kind.to_owned())))
}

/// A document is a file of the article already.
fn is_file(node: DomNode<'_>, base: &Url) -> bool {
    attachments::target(node, base).is_some()
}

fn is_small(node: DomNode<'_>) -> bool {
    let sides = ["width", "height"]
        .iter()
        .filter_map(|name| dom::attr(node, name));
    let mut sides = sides.filter_map(|side| side.trim().trim_end_matches("px").parse::<u32>().ok());
    sides.any(|side| side < MIN_SIDE)
}
