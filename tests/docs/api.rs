//! `docs/api.md` has exactly the URLs and parameters of `openapi.json`, with their bounds.
//!
//! Owns this comparison. Never asks the API.

use std::collections::BTreeSet;

use dibao::render::{Site, api};
use serde_json::Value;

use super::Document;

/// A URL's parameter in the document: its name, where it belongs, its numbers.
type Parameter = (String, String, Vec<String>);

#[test]
fn every_url_and_parameter_of_the_api_is_documented_and_no_other() {
    let document = Document::read("docs/api.md");
    let rows: Vec<Vec<String>> = document
        .lines()
        .filter_map(|(_, line)| cells(line))
        .collect();
    let mut wrong = Vec::new();
    let parameters = parameters();
    for url in parameters.iter().map(|(_, url, _)| url).chain(&urls()) {
        let shown = format!("`{}", url.replace("{id}", "ID"));
        if !rows.iter().any(|row| row[0].starts_with(&shown)) {
            wrong.push(format!("no row begins with {shown}"));
        }
    }
    for (name, url, numbers) in &parameters {
        let row = rows.iter().find(|row| is_about(row, name, url));
        match row {
            None => wrong.push(format!("no row for `{name}` of {}", kind(url))),
            Some(row) => {
                let missing = numbers.iter().filter(|number| !row[2].contains(*number));
                wrong.extend(missing.map(|number| format!("`{name}` of {url}: no {number}")));
            }
        }
    }
    let documented: BTreeSet<(String, String)> = rows
        .iter()
        .filter(|row| row.len() == 3)
        .flat_map(|row| {
            let names = row[0].split('`').skip(1).step_by(2);
            names.flat_map(|name| row[1].split(", ").map(move |of| (name, of)))
        })
        .map(|(name, of)| (name.to_owned(), of.to_owned()))
        .collect();
    let known: BTreeSet<(String, String)> = parameters
        .iter()
        .map(|(name, url, _)| (name.clone(), kind(url).to_owned()))
        .collect();
    wrong.extend(
        documented
            .difference(&known)
            .map(|odd| format!("there is no {odd:?}")),
    );
    assert!(wrong.is_empty(), "docs/api.md:\n{}", wrong.join("\n"));
}

/// The cells of a table's row about URLs or parameters.
fn cells(line: &str) -> Option<Vec<String>> {
    let row = line.strip_prefix("| `")?.trim_end_matches(" |");
    Some(format!("`{row}").split(" | ").map(str::to_owned).collect())
}

fn is_about(row: &[String], name: &str, url: &str) -> bool {
    let names = row[0]
        .split('`')
        .skip(1)
        .step_by(2)
        .any(|known| known == name);
    names && row.len() == 3 && row[1].split(", ").any(|of| of == kind(url))
}

/// The name of a URL in the tables.
fn kind(url: &str) -> &str {
    match url.trim_start_matches("/api/v1/") {
        "articles/{id}" => "one article",
        kind => kind,
    }
}

fn openapi() -> Value {
    let site = Site {
        base_url: "https://news.example/".parse().unwrap(),
        hubs: Vec::new(),
        demo: false,
    };
    serde_json::from_slice(&api::render(&site, &[]).unwrap()).unwrap()
}

fn urls() -> Vec<String> {
    let paths = openapi()["paths"].as_object().unwrap().clone();
    paths.keys().cloned().collect()
}

fn parameters() -> Vec<Parameter> {
    let openapi = openapi();
    let mut found = Vec::new();
    for (url, answers) in openapi["paths"].as_object().unwrap() {
        let parameters = answers["get"]["parameters"].as_array();
        for parameter in parameters.into_iter().flatten() {
            if parameter["in"] != "query" {
                continue;
            }
            let schema = &parameter["schema"];
            let bounds = [&schema["default"], &schema["maximum"]];
            let bounds = bounds.into_iter().filter_map(Value::as_i64);
            let told = bounds
                .filter(|bound| (1..1 << 50).contains(bound))
                .map(grouped);
            let name = parameter["name"].as_str().unwrap().to_owned();
            found.push((name, url.clone(), told.collect()));
        }
    }
    assert!(found.len() > 15, "where are the parameters?");
    found
}

/// A number as prose has it: 1,000.
fn grouped(number: i64) -> String {
    match number {
        1_000.. => format!("{},{:03}", number / 1_000, number % 1_000),
        small => small.to_string(),
    }
}
