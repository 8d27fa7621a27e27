//! The article pages that a column's runs read last, and how most of them differ from the baseline.
//!
//! Owns the counts. A run that reads few pages is judged together with the runs before it. Never
//! decides what follows.

use std::collections::{BTreeMap, HashSet};

use url::Url;

use super::baseline::{Baseline, length};
use crate::config::FieldRules;
use crate::identify::CanonicalUrl;
use crate::model::{Field, Timestamp};
use crate::pipeline::reading::has;
use crate::store::{PageContent, Shown, Shows};

/// A share of fewer pages than this says nothing.
const MIN_READ: usize = 5;
/// Pages of each kind that are remembered for the next run.
const REMEMBERED: usize = 10;

/// A difference from the baseline on most of the pages that were read last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pipeline) struct Break {
    pub(in crate::pipeline) kind: BreakKind,
    /// On how many pages,
    pub(in crate::pipeline) pages: usize,
    /// of how many.
    pub(in crate::pipeline) of: usize,
    /// When the first of them was read, and its address.
    pub(in crate::pipeline) since: Timestamp,
    pub(in crate::pipeline) example: Url,
}

/// The kind of a break.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::pipeline) enum BreakKind {
    /// A usual field is missing.
    Lost(Field),
    /// Hardly anything is left of the text.
    Shrunk,
    /// A rule of the feed file for this field matches nothing.
    Unmatched(Field, String),
    /// The field is found elsewhere: here, most often.
    Moved(Field, String),
}

impl BreakKind {
    /// The key under which the store remembers its beginning.
    pub(in crate::pipeline) fn key(&self) -> String {
        match self {
            Self::Lost(field) => format!("lost {}", field.name()),
            Self::Shrunk => "shrunk".to_owned(),
            Self::Unmatched(field, _) => format!("unmatched {}", field.name()),
            Self::Moved(field, _) => format!("moved {}", field.name()),
        }
    }
}

/// The properties of a page by which pages are compared.
pub(in crate::pipeline) fn shows(
    content: &PageContent,
    unmatched: BTreeMap<Field, String>,
) -> Shows {
    let title = Some(content.title.as_str());
    let has = |field: &Field| has(*field, title, &content.metadata, &content.body);
    Shows {
        fields: Field::ALL.into_iter().filter(has).collect(),
        text: length(&content.body.body_text),
        is_bare: content.body.is_bare(),
        found: content.provenance.clone(),
        unmatched,
    }
}

/// The pages of one kind that were read last, each URL once, the newest first: all pages of this
/// run, and if these are few, pages of the runs before.
pub(in crate::pipeline) fn window<'a>(
    is_new: bool,
    read: &'a [Shown],
    before: &'a [Shown],
) -> Vec<&'a Shown> {
    let of_run = newest(is_new, read, &[], read.len()).len();
    newest(is_new, read, before, of_run.max(MIN_READ))
}

/// The pages that are remembered for the next run, the oldest first.
pub(in crate::pipeline) fn remembered<'a>(
    read: &'a [Shown],
    before: &'a [Shown],
) -> Vec<&'a Shown> {
    let kinds = [true, false].into_iter();
    let newest = kinds.flat_map(|is_new| {
        let mut pages = newest(is_new, read, before, REMEMBERED);
        pages.reverse();
        pages
    });
    newest.collect()
}

fn newest<'a>(is_new: bool, read: &'a [Shown], before: &'a [Shown], most: usize) -> Vec<&'a Shown> {
    let pages = read.iter().rev().chain(before);
    let mut urls = HashSet::new();
    let of_kind = pages.filter(|page| page.is_new == is_new);
    let once = of_kind.filter(|page| urls.insert(CanonicalUrl::from(&page.url)));
    once.take(most).collect()
}

/// Whether a share of these pages says anything.
pub(in crate::pipeline) fn is_enough(window: &[&Shown]) -> bool {
    window.len() >= MIN_READ
}

/// The breaks of most of these pages.
pub(in crate::pipeline) fn breaks(
    window: &[&Shown],
    baseline: &Baseline,
    rules: &FieldRules,
) -> Vec<Break> {
    let mut breaks = unmatched(window, baseline, rules);
    if !is_enough(window) {
        return breaks;
    }
    for field in Field::ALL {
        let lacks = |page: &Shown| !page.shows.fields.contains(&field);
        let lost = most(window, lacks, BreakKind::Lost(field));
        if baseline.is_usual(field, rules) && lost.is_some() {
            breaks.extend(lost);
        } else {
            breaks.extend(moved(window, baseline, field));
        }
    }
    if let Some(least) = baseline.least_text(rules) {
        let is_short = |page: &Shown| page.shows.is_bare && page.shows.text < least;
        breaks.extend(most(window, is_short, BreakKind::Shrunk));
    }
    breaks
}

/// The break, if most of the pages have it.
fn most(window: &[&Shown], is_broken: impl Fn(&Shown) -> bool, kind: BreakKind) -> Option<Break> {
    let broken: Vec<&&Shown> = window.iter().filter(|page| is_broken(page)).collect();
    let first = broken.iter().min_by_key(|page| page.at)?;
    (broken.len() * 2 > window.len()).then(|| Break {
        kind,
        pages: broken.len(),
        of: window.len(),
        since: first.at,
        example: first.url.clone(),
    })
}

/// Rules of the feed file that match nothing, although every article must have the field, or
/// articles have it without the rule. If the pages just do not have the field, that is not a break.
fn unmatched(window: &[&Shown], baseline: &Baseline, rules: &FieldRules) -> Vec<Break> {
    let mut written: BTreeMap<Field, &String> = BTreeMap::new();
    for page in window {
        written.extend(
            page.shows
                .unmatched
                .iter()
                .map(|(field, rule)| (*field, rule)),
        );
    }
    let broken = written.into_iter().filter_map(|(field, rule)| {
        let having = window
            .iter()
            .filter(|page| page.shows.fields.contains(&field));
        let is_there = baseline.is_shown(field) || having.count() * 2 > window.len();
        let is_wanted = rules.requires(field) || (is_there && is_enough(window));
        let is_unmatched = |page: &Shown| page.shows.unmatched.contains_key(&field);
        let kind = BreakKind::Unmatched(field, rule.clone());
        most(window, is_unmatched, kind).filter(|_| is_wanted)
    });
    broken.collect()
}

/// A field that most pages show at an unusual place. Pictures and files are left out: they stand
/// where the text does.
fn moved(window: &[&Shown], baseline: &Baseline, field: Field) -> Option<Break> {
    if matches!(field, Field::Images | Field::Attachments) {
        return None;
    }
    let place = |page: &Shown| page.shows.found.get(&field).cloned();
    let is_elsewhere = |page: &Shown| {
        place(page).is_some_and(|place| {
            page.shows.fields.contains(&field) && baseline.is_elsewhere(field, &place)
        })
    };
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for page in window.iter().filter(|page| is_elsewhere(page)) {
        *places.entry(place(page)?).or_default() += 1;
    }
    let (here, _) = places.into_iter().max_by_key(|(_, times)| *times)?;
    most(window, is_elsewhere, BreakKind::Moved(field, here))
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeDelta};

    use super::*;

    fn at(hours: i64) -> Timestamp {
        let day = NaiveDate::from_ymd_opt(2025, 12, 30).unwrap();
        Timestamp::start_of(day).plus(TimeDelta::hours(hours))
    }

    /// The nth page, read at this hour, with these fields.
    fn page(nth: usize, hours: i64, fields: &[Field]) -> Shown {
        Shown {
            url: Url::parse(&format!("http://x.cn/{nth}.html")).unwrap(),
            at: at(hours),
            is_new: true,
            shows: Shows {
                fields: fields.to_vec(),
                ..Shows::default()
            },
        }
    }

    fn rules() -> FieldRules {
        FieldRules {
            usual: vec![Field::Source],
            ..FieldRules::default()
        }
    }

    #[test]
    fn more_than_half_of_enough_pages_are_a_break() {
        for (with, without, is_lost) in [
            (0, 0, false),
            (0, 4, false),
            (0, 5, true),
            (2, 3, true),
            (3, 3, false),
            (1, 0, false),
        ] {
            let with = (0..with).map(|nth| page(nth, 0, &[Field::Source]));
            let without = (0..without).map(|nth| page(100 + nth, 0, &[]));
            let read: Vec<Shown> = with.chain(without).collect();
            let window = window(true, &read, &[]);
            let breaks = breaks(&window, &Baseline::default(), &rules());
            let lost: Vec<&BreakKind> = breaks.iter().map(|found| &found.kind).collect();
            let told: &[&BreakKind] = if is_lost {
                &[&BreakKind::Lost(Field::Source)]
            } else {
                &[]
            };
            assert_eq!(lost, told, "{}", read.len());
        }
    }

    #[test]
    fn a_run_that_reads_little_is_judged_with_those_before_it() {
        let read = [page(1, 9, &[])];
        let before = [
            page(1, 8, &[Field::Source]),
            page(2, 7, &[]),
            page(3, 6, &[Field::Source]),
            page(4, 5, &[]),
            page(5, 4, &[Field::Source]),
            page(6, 3, &[Field::Source]),
        ];
        let window = window(true, &read, &before);
        let urls: Vec<&str> = window.iter().map(|page| page.url.path()).collect();
        assert_eq!(
            urls,
            ["/1.html", "/2.html", "/3.html", "/4.html", "/5.html"]
        );
        let breaks = breaks(&window, &Baseline::default(), &rules());
        assert_eq!((breaks[0].pages, breaks[0].of), (3, 5));
        assert_eq!(
            (breaks[0].since, breaks[0].example.path()),
            (at(5), "/4.html")
        );
        let kept: Vec<i64> = remembered(&read, &before)
            .iter()
            .map(|page| (page.at.millis() - at(0).millis()) / 3_600_000)
            .collect();
        assert_eq!(kept, [3, 4, 5, 6, 7, 9]);
    }
}
