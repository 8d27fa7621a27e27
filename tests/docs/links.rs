//! Every relative link of a document leads to a file, and every anchor to a heading.
//!
//! Owns this check. Never follows a link to another site.

use std::path::{Component, Path, PathBuf};

use super::{Document, documents, root};

#[test]
fn every_link_of_a_document_leads_somewhere() {
    let documents = documents();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for document in &documents {
        for (line, target) in links(document) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            seen += 1;
            if let Some(problem) = problem(document, &target, &documents) {
                wrong.push(format!(
                    "{}:{line}: {target}: {problem}",
                    document.path.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(seen > 30, "only {seen} links were found");
}

fn problem(document: &Document, target: &str, documents: &[Document]) -> Option<String> {
    let (path, anchor) = match target.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (target, None),
    };
    let folder = document.path.parent().unwrap_or(Path::new(""));
    let file = match path {
        "" => document.path.clone(),
        path => plain(&folder.join(path)),
    };
    if !root().join(&file).exists() {
        return Some(format!("there is no {}", file.display()));
    }
    let anchor = anchor?;
    let Some(there) = documents.iter().find(|known| known.path == file) else {
        return Some("an anchor in a file that is no document".to_owned());
    };
    let known = anchors(there);
    (!known.iter().any(|known| known == anchor)).then(|| format!("no heading; there are {known:?}"))
}

/// The path without `..` and `.`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// The targets of `[text](target)` and of `![text](target)`.
fn links(document: &Document) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in document.lines() {
        let prose = without_code(line);
        let mut rest = prose.as_str();
        while let Some(at) = rest.find("](") {
            rest = &rest[at + 2..];
            if let Some(end) = rest.find(')') {
                found.push((number, rest[..end].to_owned()));
            }
        }
    }
    found
}

/// The line without its `code`.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("")
}

/// The anchors that GitHub and others make of headings.
fn anchors(document: &Document) -> Vec<String> {
    let headings = document.lines().filter_map(|(_, line)| {
        let text = line.trim_start_matches('#');
        (text.len() < line.len() && text.starts_with(' ')).then(|| text.trim())
    });
    let mut anchors: Vec<String> = Vec::new();
    for heading in headings {
        let anchor: String = heading
            .to_lowercase()
            .chars()
            .filter(|sign| sign.is_alphanumeric() || matches!(sign, ' ' | '-' | '_'))
            .map(|sign| if sign == ' ' { '-' } else { sign })
            .collect();
        let again = anchors.iter().filter(|known| **known == anchor).count();
        anchors.push(match again {
            0 => anchor,
            again => format!("{anchor}-{again}"),
        });
    }
    anchors
}
