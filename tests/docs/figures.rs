//! Figures in the documents are those of the code, and the same in both languages.
//!
//! Owns this comparison. Never measures anything.

use std::collections::BTreeMap;

use dibao::fetch::LARGEST;
use dibao::model::FEED_ENTRIES;
use serde_json::Value;

use super::{Document, documents, root};

/// Documents of which there are two, one in each language, that say the same.
const PAIRS: [[&str; 2]; 2] = [
    ["README.md", "README.zh-CN.md"],
    ["docs/operating.md", "docs/zh/operating.md"],
];

#[test]
fn the_first_page_counts_the_articles_of_the_demo() {
    let expected = include_str!("../../fixtures/lucheng/expected.json");
    let expected: Value = serde_json::from_str(expected).unwrap();
    let count = expected["articles"].as_array().unwrap().len();
    let [english, chinese] = PAIRS[0].map(|path| Document::read(path).text);
    assert!(english.contains(&format!("{count} articles")));
    assert!(chinese.contains(&format!("{count} 篇文章")));
}

#[test]
fn the_largest_page_is_told_once_in_each_language() {
    let size = format!("{} MiB", LARGEST >> 20);
    let told = documents()
        .into_iter()
        .filter(|document| document.text.contains(&size));
    let told: Vec<String> = told
        .map(|document| document.path.display().to_string())
        .collect();
    assert_eq!(told, PAIRS[1]);
}

#[test]
fn the_length_of_a_feed_is_told() {
    let publishing = Document::read("docs/publishing.md").text;
    let told = format!("A live feed has at most {FEED_ENTRIES} entries");
    assert!(publishing.contains(&told), "{told}");
}

#[test]
fn the_tables_of_both_languages_have_the_same_codes_and_numbers() {
    for [english, chinese] in PAIRS {
        let [left, right] = [english, chinese].map(|path| tables(&Document::read(path)));
        assert_eq!(left.len(), right.len(), "{english}, {chinese}: rows");
        for (left, right) in left.iter().zip(&right) {
            assert_eq!(left.marks, right.marks, "{}\n{}", left.row, right.row);
        }
    }
}

/// A row of a table, and what of it is the same in every language.
struct Row {
    row: String,
    marks: BTreeMap<String, usize>,
}

fn tables(document: &Document) -> Vec<Row> {
    let rows = document.lines().filter(|(_, line)| line.starts_with('|'));
    rows.map(|(_, row)| Row {
        row: row.to_owned(),
        marks: marks(row),
    })
    .collect()
}

/// Codes in which nothing is to be translated, and numbers.
fn marks(row: &str) -> BTreeMap<String, usize> {
    let mut marks = BTreeMap::new();
    for (nth, text) in row.split('`').enumerate() {
        let is_code = nth % 2 == 1;
        if is_code
            && text
                .bytes()
                .any(|byte| byte.is_ascii_uppercase() || byte >= 0x80)
        {
            continue;
        }
        let words: Vec<&str> = match is_code {
            true => vec![text],
            false => text
                .split(|sign: char| !sign.is_ascii_digit())
                .filter(|number| !number.is_empty())
                .collect(),
        };
        for word in words {
            *marks.entry(word.to_owned()).or_default() += 1;
        }
    }
    marks
}

/// A path that a document names is there: maps that lead nowhere are worse than none.
#[test]
fn every_path_that_the_map_names_is_there() {
    let mut wrong = Vec::new();
    for document in documents() {
        for (number, line) in document.lines() {
            for code in line.split('`').skip(1).step_by(2) {
                let folders = [
                    "src/",
                    "tests/",
                    "docs/",
                    "examples/",
                    "packaging/",
                    "fixtures/",
                ];
                let is_path = folders.iter().any(|folder| code.starts_with(folder));
                let is_plain = !code.contains(['*', ' ', '…']);
                if is_path && is_plain && !root().join(code).exists() {
                    wrong.push(format!("{}:{number}: {code}", document.path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The index of the tests has all of them, in order.
#[test]
fn the_index_of_the_tests_is_whole() {
    let main = include_str!("../main.rs");
    let named = |start: &str, end: &str| -> Vec<String> {
        let lines = main.lines().filter_map(|line| line.strip_prefix(start));
        let names = lines.filter_map(|line| line.split_once(end));
        names.map(|(name, _)| name.to_owned()).collect()
    };
    let modules = named("mod ", ";");
    assert_eq!(named("//! - `", "`:"), modules);
    assert!(modules.is_sorted());
}

/// Whoever reads a verdict in the log finds it explained.
#[test]
fn every_verdict_is_explained() {
    let source = include_str!("../../src/model/verdict.rs");
    let codes = source.lines().filter_map(|line| line.split_once("=> \""));
    let codes = codes.filter_map(|(_, code)| code.split_once('"'));
    let codes: Vec<&str> = codes.map(|(code, _)| code).collect();
    assert!(codes.len() > 30, "where are the verdicts?");
    for path in PAIRS[1] {
        let document = Document::read(path).text;
        for code in &codes {
            assert!(document.contains(&format!("`{code}`")), "{path}: {code}");
        }
    }
}
