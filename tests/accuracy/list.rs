//! Compares one list page with the labels that a person gave it.
//!
//! Owns the rules for a right item. Never compares titles' white space.

use dibao::config::ListRules;
use dibao::extract::{Above, Item, column_page_or_stub};
use url::Url;

use super::article::fold;
use super::score::Score;

/// The values that a person read on a list page.
pub(super) struct Items {
    pub(super) count: usize,
    /// Items by their place on the page: all, or the first and the last.
    pub(super) places: Vec<(usize, Item)>,
    pub(super) next: Next,
}

/// The label of the next page.
pub(super) enum Next {
    Unasked,
    None,
    /// There is one.
    Some,
    Page(Url),
}

pub(super) fn judge(html: &str, base: &Url, truth: &Items, score: &mut Score) {
    let page = column_page_or_stub(html, base, &ListRules::default(), Above::Unknown)
        .unwrap_or_else(|stub| {
            println!("taken for a stub: {stub:?}");
            Default::default()
        });
    let found = &page.items;
    let is = |found: &Item, wanted: &Item| {
        found.url == wanted.url && fold(&found.title) == fold(&wanted.title)
    };
    let listed = |(_, wanted): &&(usize, Item)| found.iter().any(|item| is(item, wanted));
    let placed = |(at, wanted): &(usize, Item)| found.get(*at).is_some_and(|item| is(item, wanted));
    let missing = truth.places.iter().find(|place| !listed(place));
    score.count(
        "items",
        found.len() == truth.count && missing.is_none(),
        &truth.count.to_string(),
        &format!("{}, without {missing:?}", found.len()),
    );
    let misplaced = truth.places.iter().find(|place| !placed(place));
    score.count(
        "order",
        misplaced.is_none(),
        &format!("{misplaced:?}"),
        &format!("{:?}", misplaced.and_then(|(at, _)| found.get(*at))),
    );
    dates(found, truth, score);
    let next = page.next;
    let (right, wanted) = match &truth.next {
        Next::Unasked => return,
        Next::None => (next.is_none(), "none"),
        Next::Some => (next.as_ref().is_some_and(|next| next != base), "a page"),
        Next::Page(page) => (next.as_ref() == Some(page), page.as_str()),
    };
    score.count("next", right, wanted, &format!("{next:?}"));
}

/// Every known date is right, and where those are dated, no item is without one.
fn dates(found: &[Item], truth: &Items, score: &mut Score) {
    let date = |url: &Url| found.iter().find(|item| item.url == *url)?.published_on;
    let wrong = truth
        .places
        .iter()
        .find(|(_, wanted)| date(&wanted.url) != wanted.published_on);
    let dated = truth
        .places
        .iter()
        .all(|(_, item)| item.published_on.is_some());
    let undated = found.iter().filter(|item| item.published_on.is_none());
    let undated = undated.count() * usize::from(dated);
    score.count(
        "dates",
        wrong.is_none() && undated == 0 && !found.is_empty(),
        &format!("{wrong:?}"),
        &format!(
            "{:?}, {undated} undated",
            wrong.and_then(|(_, wanted)| date(&wanted.url))
        ),
    );
}
