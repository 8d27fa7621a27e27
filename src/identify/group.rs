//! Groups pages into articles. The order in which pages arrive does not change the articles.
//!
//! Owns these rules: two pages with the same number are one article if their texts are alike. A
//! page without a number belongs to the article whose title, day and text it repeats; if it repeats
//! several, to the one with the smallest number. An article stays one when the portal edits or
//! renumbers one of its pages. Never reads the store.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{CanonicalUrl, Fingerprint};
use crate::model::IndexNumber;

/// A page that is known, or has just been read.
#[derive(Clone, Debug)]
pub struct KnownPage {
    /// Its URL.
    pub url: CanonicalUrl,
    /// Its number; `None` also for a template's number.
    pub number: Option<IndexNumber>,
    /// The fingerprint of its text.
    pub fingerprint: Fingerprint,
    /// The article it belongs to so far.
    pub article: Option<Uuid>,
    /// Whether its number has just turned out to be a template's. Then only its text still ties it
    /// to its article.
    pub loosened: bool,
}

/// A known article, with the values that matter for grouping.
#[derive(Clone, Debug)]
pub struct KnownArticle {
    /// Its id.
    pub id: Uuid,
    /// The number it is published under.
    pub number: Option<IndexNumber>,
    /// The page that supplies its text.
    pub primary: CanonicalUrl,
    /// The sequence number of its first change. Of two articles, the older one keeps its id.
    pub added_seq: i64,
}

/// Pages that are one article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Indices into the pages handed in, ascending.
    pub pages: Vec<usize>,
    /// Their article; `None` for a new one.
    pub article: Option<Uuid>,
    /// Articles that turn out to be this one.
    pub absorbs: Vec<Uuid>,
}

/// Groups `pages` into articles. `pages` has all pages related to one that has just been read:
/// those with its number, those with its title and day, and the other pages of their articles.
/// `articles` has the articles of these pages.
pub fn group(pages: &[KnownPage], articles: &[KnownArticle]) -> Vec<Group> {
    let mut sets = Sets::new(pages.len());
    let pairs = || (0..pages.len()).flat_map(|a| (a + 1..pages.len()).map(move |b| (a, b)));
    for (a, b) in pairs() {
        let (p, q) = (&pages[a], &pages[b]);
        let same_kind = p.number.is_some() == q.number.is_some();
        if same_kind && (is_linked(p, q) || is_held(p, q)) {
            sets.unite(a, b);
        }
    }
    for (unnumbered, numbered) in attachments(pages, &mut sets) {
        sets.unite(unnumbered, numbered);
    }
    assign(pages, articles, &mut sets)
}

/// Whether the texts of two pages make them one article.
fn is_linked(p: &KnownPage, q: &KnownPage) -> bool {
    match (&p.number, &q.number) {
        (Some(a), Some(b)) => a == b && p.fingerprint.is_like(&q.fingerprint),
        _ => p.fingerprint.is_nearly_same(&q.fingerprint),
    }
}

/// Whether two pages are one article because they were one so far.
fn is_held(p: &KnownPage, q: &KnownPage) -> bool {
    p.article.is_some() && p.article == q.article && !p.loosened && !q.loosened
}

/// For each set of unnumbered pages that repeats numbered pages: one of its pages, and a page of
/// the numbered set with the smallest number.
fn attachments(pages: &[KnownPage], sets: &mut Sets) -> Vec<(usize, usize)> {
    let mut best: BTreeMap<usize, (&IndexNumber, &CanonicalUrl, usize)> = BTreeMap::new();
    for (a, p) in pages.iter().enumerate().filter(|(_, p)| p.number.is_none()) {
        for (b, q) in pages.iter().enumerate() {
            let Some(number) = &q.number else { continue };
            if is_linked(p, q) || is_held(p, q) {
                let choice = (number, &q.url, b);
                best.entry(sets.root(a))
                    .and_modify(|known| *known = (*known).min(choice))
                    .or_insert(choice);
            }
        }
    }
    best.into_iter()
        .map(|(set, (_, _, page))| (set, page))
        .collect()
}

/// Decides which article each set of pages is. An article goes with the page that has its number,
/// else with its primary page. If two articles meet, the older one stays.
fn assign(pages: &[KnownPage], articles: &[KnownArticle], sets: &mut Sets) -> Vec<Group> {
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for page in 0..pages.len() {
        groups.entry(sets.root(page)).or_default().push(page);
    }
    let mut claims: BTreeMap<usize, BTreeSet<(i64, Uuid)>> = BTreeMap::new();
    for article in articles {
        let own = || (0..pages.len()).filter(|page| pages[*page].article == Some(article.id));
        let anchor = own()
            .find(|page| article.number.is_some() && pages[*page].number == article.number)
            .or_else(|| own().find(|page| pages[*page].url == article.primary))
            .or_else(|| own().next());
        if let Some(page) = anchor {
            claims
                .entry(sets.root(page))
                .or_default()
                .insert((article.added_seq, article.id));
        }
    }
    groups
        .into_iter()
        .map(|(root, pages)| {
            let mut claimants = claims.remove(&root).unwrap_or_default().into_iter();
            Group {
                pages,
                article: claimants.next().map(|(_, id)| id),
                absorbs: claimants.map(|(_, id)| id).collect(),
            }
        })
        .collect()
}

/// With fewer pages, a number is no template's.
pub const TEMPLATE_BEARERS: usize = 3;

/// Whether a number is a template's: three pages with it are all unlike each other.
pub fn is_template(bearers: &[&Fingerprint]) -> bool {
    let unlike = |a: usize, b: usize| !bearers[a].is_like(bearers[b]);
    (0..bearers.len()).any(|a| {
        (a + 1..bearers.len())
            .filter(|b| unlike(a, *b))
            .any(|b| (b + 1..bearers.len()).any(|c| unlike(a, c) && unlike(b, c)))
    })
}

/// The numbers that stand on more than one of these groups, each with those groups.
pub fn reused_numbers<'a>(
    pages: &'a [KnownPage],
    groups: &[Group],
) -> BTreeMap<&'a IndexNumber, BTreeSet<usize>> {
    let mut bearers: BTreeMap<&IndexNumber, BTreeSet<usize>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        for number in group
            .pages
            .iter()
            .filter_map(|page| pages[*page].number.as_ref())
        {
            bearers.entry(number).or_default().insert(at);
        }
    }
    bearers.retain(|_, groups| groups.len() > 1);
    bearers
}

/// Disjoint sets of indices.
struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    fn new(len: usize) -> Self {
        Self {
            parent: (0..len).collect(),
        }
    }

    /// The smallest index of the set.
    fn root(&mut self, mut at: usize) -> usize {
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}
