//! How a column drifts from its baseline, and what follows for the pages that a run reads.
//!
//! Owns what a run knows about it: the baseline, the pages that were read last, and since when they
//! differ. Never saves or holds back anything itself.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use url::Url;

use super::baseline::Baseline;
use super::window::{Break, BreakKind, breaks, is_enough, remembered, window};
use crate::config::{Column, FieldRules};
use crate::model::{Field, Timestamp, Verdict};
use crate::store::{Shown, Shows, Store, StoreError};

/// After this time a difference counts as the column's new layout. Otherwise an article would be
/// held back for ever, for a value that its portal no longer shows.
pub(in crate::pipeline) const ACCEPTED: TimeDelta = TimeDelta::days(7);
/// The name under which the store remembers since when the list is short.
pub(in crate::pipeline) const LIST: &str = "list";

/// A run's knowledge about its column's drift.
#[derive(Clone, Debug)]
pub(in crate::pipeline) struct Drift {
    now: Timestamp,
    rules: FieldRules,
    pub(super) baseline: Baseline,
    /// Since when each break lasts, by the key of its kind, as earlier runs found it.
    pub(in crate::pipeline) since: BTreeMap<String, Timestamp>,
    /// The pages that earlier runs read last, the newest first.
    before: Vec<Shown>,
    /// The pages that this run has read, in order.
    read: Vec<Shown>,
    /// Whether the pages to remember have changed since the run began.
    is_news: bool,
}

/// Why an article is held back.
#[derive(Clone, Debug)]
pub(in crate::pipeline) struct Hold {
    pub(in crate::pipeline) verdict: Verdict,
    /// The fields for which it is held back.
    pub(in crate::pipeline) fields: Vec<Field>,
    pub(in crate::pipeline) why: Break,
}

impl Drift {
    /// Loads this knowledge when a run begins. An article that was read since the column began to
    /// drift does not count for the baseline, until the difference counts as the new layout.
    pub(in crate::pipeline) async fn load(
        store: &Store,
        column: &Column,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut drift = Self {
            now,
            rules: column.fields.clone(),
            baseline: Baseline::default(),
            since: store.columns().drifts(&column.name).await?,
            before: store.columns().shown(&column.name).await?,
            read: Vec::new(),
            is_news: false,
        };
        let began = drift.began();
        let judged = window(true, &[], &drift.before);
        drift.baseline = Baseline::load(store, column, began, &judged).await?;
        if began.is_some() && !drift.baseline.is_learned() {
            // Too few articles were known before, so the later ones are used.
            drift.baseline = Baseline::load(store, column, None, &judged).await?;
        }
        let lost = |field: &Field| drift.since.contains_key(&BreakKind::Lost(*field).key());
        drift.baseline.lost = Field::ALL.into_iter().filter(lost).collect();
        Ok(drift)
    }

    /// When the column began to differ in a way that does not count as its new layout yet.
    fn began(&self) -> Option<Timestamp> {
        let open = self.since.iter().filter(|(what, since)| {
            let is_of_pages = what.starts_with("lost ") || what.starts_with("moved ");
            let is_accepted = is_of_pages && since.plus(ACCEPTED) <= self.now;
            (is_of_pages || **what == BreakKind::Shrunk.key()) && !is_accepted
        });
        open.map(|(_, since)| *since).min()
    }

    /// Counts a page that was read.
    pub(in crate::pipeline) fn count(&mut self, page: Shown) {
        self.read.push(page);
        self.is_news = true;
    }

    /// Forgets a known page that is again as it was when it was saved.
    pub(in crate::pipeline) fn forget(&mut self, url: &Url) {
        let is_other = |page: &Shown| page.is_new || page.url != *url;
        self.is_news |= !self.before.iter().all(is_other);
        self.before.retain(is_other);
    }

    /// The pages to remember for the next run; `None` if they have not changed.
    pub(in crate::pipeline) fn remembered(&self) -> Option<Vec<&Shown>> {
        let pages = || remembered(&self.read, &self.before);
        self.is_news.then(pages)
    }

    /// The place where a field is found now on pages on which the feed file's rule matches nothing.
    pub(in crate::pipeline) fn place_now(&self, field: Field) -> Option<&str> {
        let pages = self.read.iter().rev().chain(&self.before);
        let mut found = pages.filter(|page| page.shows.unmatched.contains_key(&field));
        let place = found.find_map(|page| page.shows.found.get(&field))?;
        Some(place)
    }

    /// The breaks of most pages that were read last: of new articles, or of known ones.
    pub(in crate::pipeline) fn breaks(&self, is_new: bool) -> Vec<Break> {
        let window = window(is_new, &self.read, &self.before);
        let mut breaks = breaks(&window, &self.baseline, &self.rules);
        for found in &mut breaks {
            if let Some(since) = self.since.get(&found.kind.key()) {
                found.since = found.since.min(*since);
            }
        }
        breaks
    }

    /// Whether new articles without a break were read since the last recheck.
    fn is_corrected(&self) -> bool {
        let news = window(true, &self.read, &self.before);
        let rechecks = window(false, &self.read, &self.before);
        let last_recheck = rechecks.iter().map(|page| page.at).max();
        let is_later = news.iter().all(|page| Some(page.at) > last_recheck);
        is_later && is_enough(&news) && !self.is_broken()
    }

    /// The breaks of new and known articles, each once, by the key of its kind.
    pub(in crate::pipeline) fn all(&self) -> BTreeMap<String, Break> {
        let mut all: BTreeMap<String, Break> = BTreeMap::new();
        let of_rechecks = if self.is_corrected() {
            Vec::new()
        } else {
            self.breaks(false)
        };
        for found in self.breaks(true).into_iter().chain(of_rechecks) {
            match all.get_mut(&found.kind.key()) {
                Some(other) => {
                    let since = other.since.min(found.since);
                    if found.pages > other.pages {
                        *other = found;
                    }
                    other.since = since;
                }
                None => {
                    all.insert(found.kind.key(), found);
                }
            }
        }
        all
    }

    /// Whether new articles are held back by this break.
    fn is_holding(&self, found: &Break) -> bool {
        match found.kind {
            BreakKind::Lost(field) => {
                self.holds(field) && self.baseline.is_shown(field) && !self.is_accepted(found)
            }
            BreakKind::Shrunk => true,
            BreakKind::Unmatched(..) | BreakKind::Moved(..) => false,
        }
    }

    /// Whether an article is held back for this field at all. The loss of another one is only told:
    /// a portal that gives up a label goes on publishing.
    pub(in crate::pipeline) fn holds(&self, field: Field) -> bool {
        let is_vital = matches!(
            field,
            Field::Title | Field::IndexNumber | Field::PublishedOn | Field::Body
        );
        is_vital || self.rules.usual.contains(&field)
    }

    /// The fields that most pages lost, new or known, and for which no article is held back.
    pub(in crate::pipeline) fn let_go(&self) -> Vec<Field> {
        let breaks = self.breaks(true).into_iter().chain(self.breaks(false));
        let fields = breaks.filter_map(|found| match found.kind {
            BreakKind::Lost(field) => Some(field),
            _ => None,
        });
        fields.filter(|field| !self.holds(*field)).collect()
    }

    /// Whether new articles are held back by any break.
    pub(in crate::pipeline) fn is_broken(&self) -> bool {
        let breaks = self.breaks(true);
        breaks.iter().any(|found| self.is_holding(found))
    }

    /// Whether earlier runs have held back articles.
    pub(in crate::pipeline) fn was_broken(&self) -> bool {
        let lost = Field::ALL.into_iter().filter(|field| self.holds(*field));
        let mut holding = lost.map(BreakKind::Lost).chain([BreakKind::Shrunk]);
        holding.any(|kind| self.since.contains_key(&kind.key()))
    }

    /// Whether a break has lasted long enough to count as the column's new layout. A title and a
    /// text are never given up.
    pub(in crate::pipeline) fn is_accepted(&self, found: &Break) -> bool {
        let is_acceptable = match found.kind {
            BreakKind::Lost(field) => !matches!(field, Field::Title | Field::Body),
            BreakKind::Moved(..) => true,
            BreakKind::Shrunk | BreakKind::Unmatched(..) => false,
        };
        is_acceptable && found.since.plus(ACCEPTED) <= self.now
    }

    /// Whether the field was given up: the column's new layout does not show it.
    pub(in crate::pipeline) fn is_given_up(&self, field: Field) -> bool {
        let since = self.since.get(&BreakKind::Lost(field).key());
        since.is_some_and(|since| since.plus(ACCEPTED) <= self.now)
            && !matches!(field, Field::Title | Field::Body)
    }

    /// Whether an article without this field, or with hardly any of its text, may be held back.
    pub(in crate::pipeline) fn is_missed(&self, field: Field) -> bool {
        let is_usual = self.baseline.is_usual(field, &self.rules) && self.baseline.is_shown(field);
        let is_text = field == Field::Body && !self.rules.optional.contains(&field);
        is_text || (is_usual && self.holds(field) && !self.is_given_up(field))
    }

    /// The usual fields that a page lacks.
    pub(in crate::pipeline) fn lacking(&self, shows: &Shows) -> Vec<Field> {
        let is_lacking = |field: &Field| {
            self.baseline.is_usual(*field, &self.rules) && !shows.fields.contains(field)
        };
        Field::ALL.into_iter().filter(is_lacking).collect()
    }

    /// Whether a page has hardly anything of the usual text.
    pub(in crate::pipeline) fn is_short(&self, shows: &Shows) -> bool {
        let least = self.baseline.least_text(&self.rules);
        shows.is_bare && least.is_some_and(|least| shows.text < least)
    }

    /// Whether a new article may have to be held back: that depends on how many others are like it.
    pub(in crate::pipeline) fn is_suspect(&self, shows: &Shows) -> bool {
        self.is_short(shows)
            || self
                .lacking(shows)
                .iter()
                .any(|field| self.is_missed(*field))
    }

    /// The feed file's rule for a required field, if it matches nothing and the field that was
    /// found without it looks unusual.
    pub(in crate::pipeline) fn disbelieved<'a>(&self, shows: &'a Shows) -> Option<&'a str> {
        let mut unmatched = shows.unmatched.iter();
        let (_, rule) = unmatched.find(|(field, _)| self.rules.requires(**field))?;
        self.is_short(shows).then_some(rule)
    }

    /// Why a new article is held back, if most of the pages read with it have the same break.
    pub(in crate::pipeline) fn hold(&self, shows: &Shows, breaks: &[Break]) -> Option<Hold> {
        let lacks = |found: &&Break| match found.kind {
            BreakKind::Lost(field) => !shows.fields.contains(&field),
            _ => false,
        };
        let holding = || breaks.iter().filter(|found| self.is_holding(found));
        let lost: Vec<&Break> = holding().filter(lacks).collect();
        if let Some(first) = lost.first() {
            let field = |found: &&Break| match found.kind {
                BreakKind::Lost(field) => Some(field),
                _ => None,
            };
            return Some(Hold {
                verdict: Verdict::FieldLost,
                fields: lost.iter().filter_map(field).collect(),
                why: (*first).clone(),
            });
        }
        let shrunk = holding().find(|found| found.kind == BreakKind::Shrunk)?;
        self.is_short(shows).then(|| Hold {
            verdict: Verdict::BodyShrunk,
            fields: vec![Field::Body],
            why: shrunk.clone(),
        })
    }

    /// Whether a known page may have to be held back.
    pub(in crate::pipeline) fn is_odd(&self, shows: &Shows) -> bool {
        let is_lacking = || !self.lacking(shows).is_empty();
        is_lacking() || self.is_short(shows) || !self.elsewhere(shows).is_empty()
    }

    /// The fields that are found at an unusual place.
    pub(in crate::pipeline) fn elsewhere(&self, shows: &Shows) -> Vec<Field> {
        let is_elsewhere = |(field, place): &(&Field, &String)| {
            self.baseline.is_elsewhere(**field, place) || shows.unmatched.contains_key(field)
        };
        let found = shows.found.iter().filter(is_elsewhere);
        found.map(|(field, _)| *field).collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn only_what_makes_an_article_or_what_the_feed_file_names_holds_it_back() {
        let drift = Drift {
            now: Timestamp::start_of(NaiveDate::from_ymd_opt(2025, 12, 30).unwrap()),
            rules: FieldRules {
                usual: vec![Field::Source],
                ..FieldRules::default()
            },
            baseline: Baseline::default(),
            since: BTreeMap::new(),
            before: Vec::new(),
            read: Vec::new(),
            is_news: false,
        };
        let holding: Vec<Field> = Field::ALL
            .into_iter()
            .filter(|field| drift.holds(*field))
            .collect();
        let vital = [Field::IndexNumber, Field::Title, Field::PublishedOn];
        assert_eq!(
            holding,
            [&vital[..], &[Field::Source, Field::Body]].concat()
        );
    }
}
