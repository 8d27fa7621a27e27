//! Years of incomplete dates: written with two figures, or once above the items of a year.
//!
//! Owns the difference between such a year, a menu's year and a counter. Never asks for the current
//! year.

use std::sync::LazyLock;

use chrono::NaiveDate;
use ego_tree::NodeRef;
use regex::Regex;
use scraper::Node;

use crate::extract::page::dom::NodeSet;
use crate::extract::page::pattern::pattern;

/// `26-09-18`, possibly in brackets. Portals begin dates with the year.
static SHORT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^[\s\[(（【]*([0-4]\d)([-/.])([01]\d)([-/.])([0-3]\d)[\s\])）】]*$")
});

/// A year by itself, or with a month, above the items of that time.
static ALONE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^((?:19|20)[0-9]{2})\s*(?:年(?:\s*[01]?[0-9]\s*月)?)?$"));

/// The year that stands by itself, perhaps between a few signs.
fn alone(text: &str) -> Option<i32> {
    const MOST_SIGNS: usize = 3;
    let is_sign = |c: char| !c.is_alphanumeric() && c != '_';
    let inner = text.trim_start_matches(is_sign);
    let before = text.strip_suffix(inner)?;
    let inner = inner.trim_end_matches(is_sign);
    let signs = |text: &str| text.chars().take(MOST_SIGNS + 1).count();
    let after = text.get(before.len() + inner.len()..)?;
    let is_short = inner.starts_with(['1', '2']) && inner.len() <= 40;
    if !is_short || signs(before) > MOST_SIGNS || signs(after) > MOST_SIGNS {
        return None;
    }
    ALONE.captures(inner).and_then(|year| year[1].parse().ok())
}

/// The list with the year may be this many levels above a date.
const BELOW_HEADING: usize = 5;

/// Whether the text is a date whose year has two figures.
pub(super) fn is_short(text: &str) -> bool {
    SHORT.is_match(text)
}

/// The date with a two-figure year and two equal separators.
pub(super) fn short(text: &str) -> Option<NaiveDate> {
    let found = SHORT.captures(text).filter(|found| found[2] == found[4])?;
    let number = |at: usize| found[at].parse::<u32>().ok();
    let year = i32::try_from(number(1)?).ok()?;
    NaiveDate::from_ymd_opt(2000 + year, number(3)?, number(5)?)
}

/// The last year that stood by itself.
pub(super) enum Heading<'a> {
    None,
    /// No date has followed yet.
    Fresh(NodeRef<'a, Node>, i32),
    /// Dates have followed.
    Used(NodeRef<'a, Node>, i32),
}

impl<'a> Heading<'a> {
    /// The heading over the texts from this one on. Successive years are a menu.
    pub(super) fn then(self, node: NodeRef<'a, Node>, text: &str) -> Self {
        let year = alone(text);
        match (self, year) {
            (heading, None) => heading,
            (Self::Fresh(..), Some(_)) => Self::None,
            (_, Some(year)) => Self::Fresh(node, year),
        }
    }

    /// The year, if the date is in a row below it: the row has a link, and the year is outside it.
    /// A number inside the row is a count.
    pub(super) fn over(&mut self, node: NodeRef<'a, Node>, links: &NodeSet) -> Option<i32> {
        let (Self::Fresh(heading, year) | Self::Used(heading, year)) = *self else {
            return None;
        };
        let above: Vec<NodeRef<'a, Node>> = node.ancestors().take(BELOW_HEADING).collect();
        let is_shared = |above: &NodeRef<'a, Node>| {
            heading
                .ancestors()
                .take(BELOW_HEADING)
                .any(|other| other == *above)
        };
        let shared = above.iter().position(is_shared)?;
        let row = above.get(shared.checked_sub(1)?)?;
        let own = heading
            .ancestors()
            .take_while(|other| *other != above[shared]);
        let own = own.last().unwrap_or(heading);
        if !holds_link(*row, links) || holds_link(own, links) {
            return None;
        }
        *self = Self::Used(heading, year);
        Some(year)
    }
}

/// Whether one of these links is a node itself, or right below it.
pub(super) fn holds_link(node: NodeRef<'_, Node>, links: &NodeSet) -> bool {
    // The parts of a date never take up more than a dozen nodes.
    node.descendants()
        .take(12)
        .any(|below| links.contains(&below.id()))
}
