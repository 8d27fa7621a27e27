//! `docs/recipes.md`, in both languages: each recipe runs over the dumps of the served demo, and prints
//! what the document says.
//!
//! Owns this comparison. Never judges words.

use std::path::Path;
use std::process::Command;

use super::{Document, root};
use crate::site::links::serve;

/// The address in the recipes.
const SITE: &str = "http://127.0.0.1:8080/";

/// The recipes of a document, each with what it prints.
fn recipes(path: &str) -> Vec<(String, String)> {
    let text = Document::read(path).text;
    let parts = text.split("```python\n").skip(1);
    parts
        .map(|part| {
            let (code, rest) = part.split_once("```\n\n```text\n").unwrap();
            let (printed, _) = rest.split_once("```").unwrap();
            (code.to_owned(), printed.to_owned())
        })
        .collect()
}

#[test]
fn each_recipe_prints_what_the_document_says() {
    let [english, chinese] = ["docs/recipes.md", "docs/zh/recipes.md"].map(recipes);
    assert_eq!(english, chinese);
    assert_eq!(english.len(), 5);
    let python = root().join("target/recipes/bin/python");
    if !python.exists() {
        println!("skipped: no pandas, polars and DuckDB run the recipes (./setup installs them)");
        return;
    }
    let (_folder, _demo, site) = serve();
    let folder = tempfile::tempdir().unwrap();
    for (code, printed) in english {
        let seen = run(&python, folder.path(), &code.replace(SITE, site.as_str()));
        let lines = seen.lines().filter(|line| !line.is_empty());
        assert!(lines.eq(printed.lines()), "{code}\n{seen}");
    }
}

/// What the program prints. It warns of nothing.
fn run(python: &Path, folder: &Path, code: &str) -> String {
    let ran = Command::new(python)
        .args(["-W", "error", "-c", code])
        .current_dir(folder)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{code}\n{told}");
    String::from_utf8(ran.stdout).unwrap()
}
