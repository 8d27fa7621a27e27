//! Counts of right values and of asked values.
//!
//! Owns the counting, by field and by page, and the words for a wrong value. Never decides what is
//! right.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The compared values, in the order of the table: the fields of an article, then those of a list
/// page.
pub(super) const FIELDS: [&str; 16] = [
    "index_number",
    "document_number",
    "issued_on",
    "issuer",
    "subject_terms",
    "title",
    "topic_category",
    "published_on",
    "source",
    "body",
    "images",
    "attachments",
    "items",
    "order",
    "dates",
    "next",
];

/// How many were right of those asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Tally {
    pub(super) right: usize,
    pub(super) asked: usize,
}

impl Tally {
    pub(super) fn add(&mut self, right: bool) {
        self.asked += 1;
        self.right += usize::from(right);
    }
}

/// The account of one set of pages.
pub(super) struct Score {
    /// The set's name in `floor.toml`.
    pub(super) set: &'static str,
    pub(super) fields: BTreeMap<&'static str, Tally>,
    pages: Vec<(String, Tally, Vec<String>)>,
}

impl Score {
    pub(super) fn new(set: &'static str) -> Self {
        Self {
            set,
            fields: BTreeMap::new(),
            pages: Vec::new(),
        }
    }

    /// From here on, values of this page are counted.
    pub(super) fn page(&mut self, name: &str) {
        self.pages
            .push((name.to_owned(), Tally::default(), Vec::new()));
    }

    pub(super) fn count(&mut self, field: &'static str, right: bool, wanted: &str, found: &str) {
        assert!(FIELDS.contains(&field), "{field} is not in the table");
        self.fields.entry(field).or_default().add(right);
        let (_, tally, wrong) = self.pages.last_mut().unwrap();
        tally.add(right);
        if !right {
            wrong.push(format!("{field}: wanted {wanted:?}, found {found:?}"));
        }
    }

    pub(super) fn asked(&self) -> usize {
        self.fields.values().map(|tally| tally.asked).sum()
    }

    /// Every page with what is wrong on it, then the fields.
    pub(super) fn print(&self) {
        println!("== {}", self.set);
        for (page, Tally { right, asked }, wrong) in &self.pages {
            println!("{right:>4} of {asked:<4} {page}");
            for line in wrong {
                println!("             {line}");
            }
        }
        println!("-- {:<18}{:>6}{:>6}", "field", "right", "asked");
        let asked = |field| Some((field, self.fields.get(field)?));
        for (field, tally) in FIELDS.into_iter().filter_map(asked) {
            println!("   {field:<18}{:>6}{:>6}", tally.right, tally.asked);
        }
    }
}
