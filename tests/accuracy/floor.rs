//! The pinned figures: `floor.toml`, and the table in docs/accuracy.md.
//!
//! Owns the comparison of figures: a floor may rise, and never falls. It holds for the pages that
//! it was measured on, known by the number of values asked. Never fails on other pages, whose
//! figures are only printed.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::score::{FIELDS, Score, Tally};

type Floors = BTreeMap<String, BTreeMap<String, Tally>>;

/// The sets in the order of that table's columns.
const SETS: [&str; 3] = ["pages", "blocks", "replica"];

/// Prints the accounts, and fails where one of them is not what is pinned.
pub(super) fn check(scores: &[Score]) {
    let floors: Floors = toml::from_str(include_str!("floor.toml")).unwrap();
    let mut wrong = String::new();
    for score in scores {
        score.print();
        let before = wrong.len();
        let pinned = &floors[score.set];
        let is_known = FIELDS.iter().all(|field| {
            let asked = |tally: Option<&Tally>| tally.map_or(0, |tally| tally.asked);
            asked(pinned.get(*field)) == asked(score.fields.get(field))
        });
        if is_known {
            below(score, pinned, &mut wrong);
        } else if score.set == "replica" {
            writeln!(wrong, "more or less is asked of the replica than pinned").unwrap();
        } else {
            println!("-- other pages than the floors are for: no floor applies");
            continue;
        }
        if wrong.len() > before {
            writeln!(wrong, "{}", pins(score)).unwrap();
        }
        document(score, &mut wrong);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn below(score: &Score, pinned: &BTreeMap<String, Tally>, wrong: &mut String) {
    for (field, Tally { right, .. }) in &score.fields {
        let floor = pinned[*field].right;
        let told = match right.cmp(&floor) {
            std::cmp::Ordering::Equal => continue,
            std::cmp::Ordering::Less => format!("{floor} are needed"),
            std::cmp::Ordering::Greater => {
                format!("the floor is {floor}: raise it in tests/accuracy/floor.toml")
            }
        };
        writeln!(wrong, "{}: {field}: {right} right, {told}", score.set).unwrap();
    }
}

/// The right content of `floor.toml`.
fn pins(score: &Score) -> String {
    let mut lines = format!("[{}]\n", score.set);
    for field in FIELDS {
        if let Some(Tally { right, asked }) = score.fields.get(field) {
            writeln!(lines, "{field} = {{ right = {right}, asked = {asked} }}").unwrap();
        }
    }
    lines
}

/// The document shows what is measured.
fn document(score: &Score, wrong: &mut String) {
    let column = SETS.iter().position(|set| *set == score.set).unwrap();
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
            let set = score.set;
            writeln!(
                wrong,
                "docs/accuracy.md: {field}, {set}: {wanted} is measured, {shown:?} shown"
            )
            .unwrap();
        }
    }
}
