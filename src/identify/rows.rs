//! Rows of a list whose addresses differ from fetch to fetch, although they lead to what is known.
//!
//! Owns the rules by which a parameter of an address is left out of a comparison: its name is known
//! and its value looks like a token, or is one and the same in the whole list; or the same row
//! (title, day, rest of the address) came with another value at each of three fetches. Never makes
//! one of two rows of a list, and never replaces an address: the first one seen stays.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use url::Url;

use super::address::{Address, Param};

/// A row of a list page that was just read.
#[derive(Clone, Copy, Debug)]
pub struct ListedRow<'a> {
    /// Its link.
    pub url: &'a Url,
    /// Its title.
    pub title: &'a str,
    /// Its day.
    pub day: Option<NaiveDate>,
    /// Whether this very address is known already.
    pub is_known: bool,
}

/// A known row of the portal that has the title of a listed one.
#[derive(Clone, Debug)]
pub struct KnownRow {
    /// Its link at first sight.
    pub url: Url,
    /// Its day.
    pub day: Option<NaiveDate>,
    /// Whether this column lists it.
    pub is_own: bool,
    /// The walks of the column's runs that listed it first and last; `None` if another column or a
    /// backfill found it.
    pub walks: Option<(i64, i64)>,
    /// Whether its page is there, as far as known.
    pub is_there: bool,
}

/// The rows of a list page, with the parameters of their addresses.
#[derive(Debug)]
pub struct ListedRows<'a> {
    rows: Vec<(ListedRow<'a>, Address)>,
    /// The addresses as they stand.
    whole: BTreeSet<String>,
    /// Names known as tokens' whose value is the same in several rows: it was made for this fetch.
    common: BTreeSet<String>,
    /// The addresses without tokens, each with the number of rows that have it.
    bare: BTreeMap<String, usize>,
    /// Whether the addresses without tokens still tell the rows apart.
    tells: bool,
    /// The walk of a run that reads them; `None` for a backfill.
    walk: Option<i64>,
    /// The names of parameters that vary in the column.
    varying: BTreeSet<String>,
    /// Titles, days and addresses without those parameters, each with its number of rows.
    rests: BTreeMap<(&'a str, Option<NaiveDate>, String), usize>,
}

/// One value in so many rows may stay while a parameter varies: an editor may have copied an
/// address with a token.
const STEADY: usize = 4;

impl<'a> ListedRows<'a> {
    /// The rows of one list page, in their order, as this walk of a run read them.
    pub fn new(rows: &[ListedRow<'a>], walk: Option<i64>) -> Self {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| (*row, Address::of(row.url)))
            .collect();
        let common = common(&rows);
        let (mut whole, mut bare) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
        let mut with_tokens = 0;
        for (_, address) in &rows {
            // A link that stands on the page twice is one row.
            if whole.insert(address.without(|_| false)) {
                let is_token = |param: &Param| param.is_token() || common.contains(&param.name);
                *bare.entry(address.without(is_token)).or_default() += 1;
                with_tokens += usize::from(address.params.iter().any(is_token));
            }
        }
        Self {
            tells: with_tokens > 1 && bare.values().all(|rows| *rows == 1),
            rows,
            whole,
            common,
            bare,
            walk,
            varying: BTreeSet::new(),
            rests: BTreeMap::new(),
        }
    }

    /// Leaves out the parameters with these names, which vary in the column.
    pub fn leave_out(&mut self, varying: BTreeSet<String>) {
        self.varying = varying;
        let mut seen = BTreeSet::new();
        for (row, address) in &self.rows {
            if seen.insert(address.without(|_| false)) {
                let rest = (row.title, row.day, self.rest(address));
                *self.rests.entry(rest).or_default() += 1;
            }
        }
    }

    fn rest(&self, address: &Address) -> String {
        address.without(|param| param.is_token() || self.varying.contains(&param.name))
    }

    /// The names of the parameters that had another value at each of three fetches of the same row.
    /// `known` has the known rows with the title of each listed row.
    pub fn varying(&self, known: &[Vec<KnownRow>]) -> BTreeSet<String> {
        let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
        for ((row, address), known) in self.rows.iter().zip(known) {
            let known: Vec<_> = known
                .iter()
                .map(|known| (known, Address::of(&known.url)))
                .collect();
            let earlier = self.earlier(row, address, &known);
            for (at, param) in address.params.iter().enumerate() {
                let count = counts.entry(&param.name).or_default();
                let mut values = earlier.iter().map(|earlier| &earlier.params[at].value);
                match (values.next(), values.next()) {
                    _ if row.is_known => count.steady += 1,
                    (Some(last), _) if *last == param.value => count.steady += 1,
                    (Some(last), first) => {
                        count.changed += 1;
                        let is_third = first.is_some_and(|v| v != last && *v != param.value);
                        count.is_seen_thrice |= is_third;
                    }
                    (None, _) => {}
                }
            }
        }
        let varying = counts.into_iter().filter(|(_, count)| count.varies());
        varying.map(|(name, _)| name.to_owned()).collect()
    }

    /// The same row at up to two earlier fetches, the last one first: each was listed when the one
    /// before it no longer was.
    fn earlier<'k>(
        &self,
        row: &ListedRow<'_>,
        address: &Address,
        known: &'k [(&KnownRow, Address)],
    ) -> Vec<&'k Address> {
        let (shape, mut before) = (address.shape(), self.walk.unwrap_or_default());
        let mut same: Vec<_> = known
            .iter()
            .filter(|(known, other)| known.day == row.day && other.shape() == shape)
            .filter(|(_, other)| !self.whole.contains(&other.without(|_| false)))
            .filter_map(|(known, other)| Some((known.walks?, other)))
            .collect();
        same.sort_by_key(|((first, _), _)| std::cmp::Reverse(*first));
        let mut earlier = Vec::new();
        for ((first, last), other) in same {
            if last < before && earlier.len() < 2 {
                earlier.push(other);
                before = first;
            }
        }
        earlier
    }

    /// Which of the known rows, all of which have its title, the row at `at` is.
    pub fn same_as(&self, at: usize, known: &[KnownRow]) -> Option<usize> {
        self.by_tokens(at, known)
            .or_else(|| self.by_varying(at, known))
    }

    /// By the address without tokens. If all rows have different ones, the address alone says which
    /// article it is, and a row may have got another day.
    fn by_tokens(&self, at: usize, known: &[KnownRow]) -> Option<usize> {
        let (row, address) = self.rows.get(at)?;
        let is_token = |param: &Param| param.is_token() || self.common.contains(&param.name);
        let bare = address.without(is_token);
        if self.bare.get(&bare).is_none_or(|rows| *rows > 1) {
            return None;
        }
        let is_same = |known: &KnownRow| {
            let other = Address::of(&known.url);
            (self.tells || known.day == row.day)
                && other.without(is_token) == bare
                && (known.is_own
                    || other.without(Param::is_token) == address.without(Param::is_token))
                && !self.whole.contains(&other.without(|_| false))
        };
        let same: Vec<usize> = (0..known.len()).filter(|at| is_same(&known[*at])).collect();
        self.first(&same, known, self.tells)
    }

    /// By title, day and the rest of the address.
    fn by_varying(&self, at: usize, known: &[KnownRow]) -> Option<usize> {
        let (row, address) = self.rows.get(at)?;
        let rest = (row.title, row.day, self.rest(address));
        if self.varying.is_empty() || self.rests.get(&rest).is_none_or(|rows| *rows > 1) {
            return None;
        }
        let is_same = |known: &KnownRow| {
            known.is_own && known.day == row.day && self.rest(&Address::of(&known.url)) == rest.2
        };
        let same: Vec<usize> = (0..known.len()).filter(|at| is_same(&known[*at])).collect();
        self.first(&same, known, false)
    }

    /// The first of these known rows whose page is there. Two of them that one walk listed are two
    /// articles, unless the addresses tell that they are not; then so is this one.
    fn first(&self, same: &[usize], known: &[KnownRow], tells: bool) -> Option<usize> {
        let mut walks: Vec<(i64, i64)> = same.iter().filter_map(|at| known[*at].walks).collect();
        walks.extend(self.walk.map(|walk| (walk, walk)));
        walks.sort_unstable();
        let is_apart = |pair: &[(i64, i64)]| pair[0].1 < pair[1].0;
        if !tells && !walks.windows(2).all(is_apart) {
            return None;
        }
        same.iter().copied().find(|at| known[*at].is_there)
    }
}

/// Names known as tokens' whose value is one and the same in all rows that have it, and that are
/// several. No id of an article is.
fn common(rows: &[(ListedRow<'_>, Address)]) -> BTreeSet<String> {
    let mut values: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for (row, address) in rows {
        for param in address.params.iter().filter(|param| param.has_known_name()) {
            let (values, urls) = values.entry(&param.name).or_default();
            values.insert(&param.value);
            urls.insert(row.url.as_str());
        }
    }
    let is_common =
        |(values, urls): &(BTreeSet<&str>, BTreeSet<&str>)| values.len() == 1 && urls.len() > 1;
    let names = values.into_iter().filter(|(_, found)| is_common(found));
    names.map(|(name, _)| name.to_owned()).collect()
}

/// How often a parameter changed from one fetch to the next.
#[derive(Default)]
struct Count {
    changed: usize,
    steady: usize,
    is_seen_thrice: bool,
}

impl Count {
    fn varies(&self) -> bool {
        self.is_seen_thrice && self.steady * STEADY <= self.changed
    }
}
