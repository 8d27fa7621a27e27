//! Real pages of other portals, read without any configuration and compared, field by field, with
//! what a person reads off them.
//!
//! `DIBAO_CORPUS` names the folder: `HOST/NAME.html` beside `HOST/NAME.json`, and
//! `excerpts/NAME.txt` (label blocks as plain text) beside `excerpts/NAME.json`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dibao::config::ArticleRules;
use dibao::extract::{Extracted, article};
use dibao::model::{Body, Field, IndexNumber};
use scraper::{Html, Selector};
use serde_json::Value;
use url::Url;

use crate::support::outside;

/// How many of the values asked for must be right, by field. A figure here may only rise.
const FLOORS: &[(&str, usize)] = &[
    ("attachments", 13),
    ("body ends", 13),
    ("body length", 13),
    ("body starts", 13),
    ("document_number", 43),
    ("images", 13),
    ("index_number", 48),
    ("issued_on", 43),
    ("issuer", 48),
    ("published_on", 48),
    ("source", 9),
    ("subject_terms", 48),
    ("title", 38),
    ("topic_category", 48),
];

/// Right and asked, by field.
#[derive(Default)]
struct Score(BTreeMap<&'static str, (usize, usize)>);

impl Score {
    fn count(&mut self, page: &str, field: &'static str, expected: &str, found: &str, right: bool) {
        let (rights, asked) = self.0.entry(field).or_default();
        *asked += 1;
        *rights += usize::from(right);
        if !right {
            println!("{page}: {field}: expected {expected:?}, found {found:?}");
        }
    }
}

#[test]
fn real_pages_read_as_a_person_reads_them() {
    let Some(corpus) = outside("DIBAO_CORPUS") else {
        return;
    };
    let mut score = Score::default();
    let mut files = Vec::new();
    for folder in entries(&corpus) {
        files.extend(entries(&folder));
    }
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|e| e == "json"))
    {
        let expected: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        if expected["page_kind"] != "article" {
            continue;
        }
        let page = file.file_stem().unwrap().to_string_lossy().into_owned();
        match std::fs::read(file.with_extension("html")) {
            Ok(bytes) => whole_page(
                &page,
                &String::from_utf8_lossy(&bytes),
                &expected,
                &mut score,
            ),
            Err(_) => excerpt(&page, &file.with_extension("txt"), &expected, &mut score),
        }
    }
    println!("{:<16}{:>6}{:>6}", "field", "right", "asked");
    for (field, (right, asked)) in &score.0 {
        println!("{field:<16}{right:>6}{asked:>6}");
    }
    for (field, floor) in FLOORS {
        let (right, _) = score.0.get(field).copied().unwrap_or_default();
        assert!(right >= *floor, "{field}: {right} right, {floor} needed");
    }
}

/// A portal loses the text of an article, and the rest of the page stays: its head, its tools, the
/// links to others, its foot. None of that is a text.
#[test]
fn real_pages_that_lose_their_text_have_none() {
    let Some(corpus) = outside("DIBAO_CORPUS") else {
        return;
    };
    let mut emptied = 0;
    for file in entries(&corpus).iter().flat_map(|folder| entries(folder)) {
        let (Ok(page), Ok(expected)) = (
            std::fs::read(file.with_extension("html")),
            std::fs::read(file.with_extension("json")),
        ) else {
            continue;
        };
        let expected: Value = serde_json::from_slice(&expected).unwrap();
        let is_page = file.extension().is_some_and(|e| e == "html");
        if !is_page || expected["page_kind"] != "article" {
            continue;
        }
        let page = String::from_utf8_lossy(&page);
        let found = read(&page, &expected);
        let found = found.provenance.get(&Field::Body).unwrap();
        let Some(container) = found.strip_prefix("container ") else {
            continue;
        };
        emptied += 1;
        for leave in [true, false] {
            let found = read(&without(&page, container, leave), &expected);
            let at = file.display();
            assert_eq!(found.body, Body::default(), "{at}, {container}: {leave}");
        }
    }
    assert!(emptied >= 13, "{emptied} pages");
}

/// The page without what stands in this container, which stays itself where `leave` says so.
fn without(page: &str, container: &str, leave: bool) -> String {
    let mut html = Html::parse_document(page);
    let selector = Selector::parse(container).unwrap();
    let found: Vec<_> = html.select(&selector).map(|element| element.id()).collect();
    assert!(!found.is_empty(), "{container}");
    for id in found {
        let node = html.tree.get(id).unwrap();
        let inner: Vec<_> = node.children().map(|child| child.id()).collect();
        let gone = if leave { inner } else { vec![id] };
        for id in gone {
            html.tree.get_mut(id).unwrap().detach();
        }
    }
    html.html()
}

/// What a folder holds, in order; nothing where it is no folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

fn read(html: &str, expected: &Value) -> Extracted {
    let base = expected["original_url"]
        .as_str()
        .unwrap_or("http://www.example.gov.cn/");
    article(html, &Url::parse(base).unwrap(), &ArticleRules::default())
}

fn whole_page(page: &str, html: &str, expected: &Value, score: &mut Score) {
    let found = read(html, expected);
    fields(page, &found, &expected["fields"], |_| true, score);
    if let Some(source) = expected["extra"]["source"].as_str() {
        let right = found
            .metadata
            .source
            .as_deref()
            .map(fold)
            .unwrap_or_default();
        score.count(page, "source", source, &right, right == fold(source));
    }
    let text = fold(&found.body.body_text);
    if let Some(starts) = expected["body_starts"].as_str() {
        let head: String = text.chars().take(30).collect();
        score.count(page, "body starts", starts, &head, text.starts_with(starts));
    }
    if let Some(ends) = expected["body_ends"].as_str() {
        let skip = text.chars().count().saturating_sub(40);
        let tail: String = text.chars().skip(skip).collect();
        score.count(page, "body ends", ends, &tail, text.ends_with(ends));
    }
    if let Some(chars) = expected["body_chars"].as_u64() {
        let count = text.chars().count() as u64;
        let right = count.abs_diff(chars) * 10 <= chars;
        score.count(
            page,
            "body length",
            &chars.to_string(),
            &count.to_string(),
            right,
        );
    }
    if let Some(images) = expected["body_images"].as_u64() {
        let count = found.body.images.len() as u64;
        score.count(
            page,
            "images",
            &images.to_string(),
            &count.to_string(),
            images == count,
        );
    }
    if let Some(files) = expected["attachments"].as_array() {
        let names: Vec<String> = files
            .iter()
            .map(|file| fold(file["name"].as_str().unwrap_or_default()))
            .collect();
        let seen: Vec<String> = found
            .body
            .attachments
            .iter()
            .map(|file| fold(&file.name))
            .collect();
        score.count(
            page,
            "attachments",
            &names.join("|"),
            &seen.join("|"),
            names == seen,
        );
    }
}

/// A label block as text, in layouts that keep its lines.
fn excerpt(page: &str, file: &Path, expected: &Value, score: &mut Score) {
    let text = std::fs::read_to_string(file).unwrap();
    let lines: Vec<&str> = text
        .lines()
        .map(|line| line.trim().trim_start_matches("- "))
        .collect();
    let wrap = |open: &str, close: &str| {
        lines
            .iter()
            .map(|line| format!("{open}{line}{close}"))
            .collect::<String>()
    };
    let layouts = [
        wrap("<p>", "</p>"),
        wrap("", "<br>"),
        format!("<ul>{}</ul>", wrap("<li>", "</li>")),
        format!("<table>{}</table>", wrap("<tr><td>", "</td></tr>")),
        wrap("<div>", "</div>"),
    ];
    let whole = fold(&text);
    for layout in layouts {
        let found = read(&layout, expected);
        // What stands elsewhere on the page, the excerpt cannot tell.
        let told = |value: &str| {
            value.is_empty()
                || whole.contains(&fold(value))
                || dates(value).iter().any(|date| whole.contains(date))
        };
        fields(page, &found, &expected["fields"], told, score);
    }
}

fn fields(
    page: &str,
    found: &Extracted,
    expected: &Value,
    told: impl Fn(&str) -> bool,
    score: &mut Score,
) {
    let meta = &found.metadata;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let date =
        |value: Option<chrono::NaiveDate>| value.map(|date| date.to_string()).unwrap_or_default();
    let published = match meta.published_at {
        Some(at) => at
            .to_string()
            .replace('T', " ")
            .trim_end_matches("+08:00")
            .to_owned(),
        None => date(meta.published_on),
    };
    let number = meta
        .index_number
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let rows = [
        ("index_number", number),
        ("document_number", text(&meta.document_number)),
        ("issued_on", date(meta.issued_on)),
        ("issuer", text(&meta.issuer)),
        ("subject_terms", meta.subject_terms.concat()),
        ("title", text(&found.title)),
        ("topic_category", text(&meta.topic_category)),
        ("published_on", published),
    ];
    for (field, value) in rows {
        let wanted = expected[field].as_str().unwrap_or_default();
        if !told(wanted) {
            continue;
        }
        let right = match field {
            "index_number" => {
                value
                    == IndexNumber::parse(wanted)
                        .map(|n| n.to_string())
                        .unwrap_or_default()
            }
            // A page may tell the time more than once, and once with seconds.
            "published_on" => {
                value.get(..wanted.len().min(16)) == wanted.get(..wanted.len().min(16))
                    && value.is_empty() == wanted.is_empty()
            }
            "issued_on" => value == wanted.get(..10).unwrap_or_default(),
            _ => fold(&value) == fold(wanted),
        };
        score.count(page, field, wanted, &value, right);
    }
}

/// A date in the forms in which pages print it.
fn dates(value: &str) -> Vec<String> {
    let parts: Vec<&str> = value.get(..10).unwrap_or_default().split('-').collect();
    match parts[..] {
        [year, month, day] => vec![
            format!("{year}-{month}-{day}"),
            format!("{year}年{month}月{day}日"),
        ],
        _ => Vec::new(),
    }
}

/// White space aside.
fn fold(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
