//! Real column pages against what a person reads off them.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use dibao::config::ListRules;
use dibao::extract::{ColumnPage, Item, column_page};
use serde_json::Value;
use url::Url;

use crate::support::outside;

#[test]
fn real_column_pages_read_as_a_person_reads_them() {
    let Some(corpus) = outside("DIBAO_CORPUS") else {
        return;
    };
    let mut read = 0;
    for (html, expected) in lists(&corpus) {
        let base: Url = expected["original_url"].as_str().unwrap().parse().unwrap();
        let bytes = std::fs::read(&html).unwrap();
        let text = dibao::decode::decode(&bytes, None, None).text;
        let page = column_page(&text, &base, &ListRules::default());
        check(&html, &page, &expected, &base);
        read += 1;
    }
    println!("{read} column pages read");
    assert!(read > 0, "{} holds no column page", corpus.display());
}

fn check(html: &Path, page: &ColumnPage, expected: &Value, base: &Url) {
    let name = html.display();
    let count = expected["item_count"].as_u64().unwrap();
    assert_eq!(page.items.len() as u64, count, "{name}: {page:#?}");
    assert_eq!(page.problems, [], "{name}");
    let undated = page.items.iter().filter(|item| item.published_on.is_none());
    assert_eq!(undated.count(), 0, "{name}: {page:#?}");
    let ends = [
        ("first_item", page.items.first()),
        ("last_item", page.items.last()),
    ];
    for (key, item) in ends {
        assert_eq!(item, Some(&item_of(&expected[key], base)), "{name}: {key}");
    }
}

/// `[title, link, date as printed, year where it stands apart]`
fn item_of(value: &Value, base: &Url) -> Item {
    let text = |index: usize| value[index].as_str().unwrap_or_default();
    let mut numbers: Vec<u32> = format!("{} {}", text(3), text(2))
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect();
    numbers.truncate(3);
    let [year, month, day] = numbers[..] else {
        panic!("no date in {value}");
    };
    Item {
        title: text(0).to_owned(),
        url: base.join(text(1)).unwrap(),
        published_on: NaiveDate::from_ymd_opt(year.try_into().unwrap(), month, day),
    }
}

/// Every page of the corpus that lists, with what is to be read off it.
fn lists(corpus: &Path) -> Vec<(PathBuf, Value)> {
    let files = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let mut lists = Vec::new();
    for folder in files(corpus).into_iter().filter(|path| path.is_dir()) {
        for file in files(&folder) {
            let html = file.with_extension("html");
            if file.extension().is_some_and(|end| end == "json") && html.is_file() {
                let text = std::fs::read_to_string(&file).unwrap();
                let expected: Value = serde_json::from_str(&text).unwrap();
                if expected["page_kind"] == "list" {
                    lists.push((html, expected));
                }
            }
        }
    }
    lists
}
