//! The pinned figures: `floor.toml`, and the table in docs/accuracy.md.
//!
//! Owns the comparison of figures: a floor may rise, and never falls. It holds for the pages that
//! it was measured on, known by the number of values asked: `pages` and `pages-2` are two folders.
//! Never fails on other pages, whose figures are only printed.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::score::{FIELDS, Score, Tally};

type Floors = BTreeMap<String, BTreeMap<String, Tally>>;

/// The sets in the order of that table's columns.
const SETS: [&str; 4] = ["pages", "pages-2", "blocks", "replica"];

/// Prints the accounts, and fails where one of them is not what is pinned.
pub(super) fn check(scores: &[Score]) {
    let floors: Floors = toml::from_str(include_str!("floor.toml")).unwrap();
    let mut wrong = String::new();
    for score in scores.iter().filter(|score| score.asked() > 0) {
        score.print();
        let before = wrong.len();
        let mut known = SETS.into_iter().filter(|set| {
            let is_kind = set.strip_suffix("-2").unwrap_or(set) == score.set;
            is_kind && is_of(score, &floors[*set])
        });
        let Some(set) = known.next() else {
            if score.set == "replica" {
                writeln!(wrong, "more or less is asked of the replica than pinned").unwrap();
                writeln!(wrong, "{}", pins(score, score.set)).unwrap();
            } else {
                println!("-- other pages than the floors are for: no floor applies");
            }
            continue;
        };
        below(score, set, &floors[set], &mut wrong);
        if wrong.len() > before {
            writeln!(wrong, "{}", pins(score, set)).unwrap();
        }
        document(score, set, &mut wrong);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Whether as much was asked as when these were pinned.
fn is_of(score: &Score, pinned: &BTreeMap<String, Tally>) -> bool {
    let asked = |tally: Option<&Tally>| tally.map_or(0, |tally| tally.asked);
    FIELDS
        .iter()
        .all(|field| asked(pinned.get(*field)) == asked(score.fields.get(field)))
}

fn below(score: &Score, set: &str, pinned: &BTreeMap<String, Tally>, wrong: &mut String) {
    for (field, Tally { right, .. }) in &score.fields {
        let floor = pinned[*field].right;
        let told = match right.cmp(&floor) {
            std::cmp::Ordering::Equal => continue,
            std::cmp::Ordering::Less => format!("{floor} are needed"),
            std::cmp::Ordering::Greater => {
                format!("the floor is {floor}: raise it in tests/accuracy/floor.toml")
            }
        };
        writeln!(wrong, "{set}: {field}: {right} right, {told}").unwrap();
    }
}

/// The right content of `floor.toml`.
fn pins(score: &Score, set: &str) -> String {
    let mut lines = format!("[{set}]\n");
    for field in FIELDS {
        if let Some(Tally { right, asked }) = score.fields.get(field) {
            writeln!(lines, "{field} = {{ right = {right}, asked = {asked} }}").unwrap();
        }
    }
    lines
}

/// The document shows what is measured.
fn document(score: &Score, set: &str, wrong: &mut String) {
    let column = SETS.iter().position(|known| *known == set).unwrap();
    for field in FIELDS {
        let wanted = match score.fields.get(field) {
            Some(Tally { right, asked }) => format!("{right} of {asked}"),
            None => "–".to_owned(),
        };
        let start = format!("| `{field}` |");
        let mut lines = include_str!("../../docs/accuracy.md").lines();
        let row = lines.find_map(|line| line.strip_prefix(&start));
        let shown = row.and_then(|row| row.split('|').nth(column));
        let shown = shown.map(str::trim).unwrap_or_default();
        if shown != wanted {
            writeln!(
                wrong,
                "docs/accuracy.md: {field}, {set}: {wanted} is measured, {shown:?} shown"
            )
            .unwrap();
        }
    }
}
