//! The options and the variables of folders, files and addresses: those of the help, with their
//! defaults, in both languages.
//!
//! Owns this comparison. Never judges words.

use std::collections::BTreeMap;
use std::process::Command;

use super::Document;

/// Options that have a variable: the variable, and the default where the help names one.
fn of_help() -> BTreeMap<String, (String, Option<String>)> {
    let mut found = BTreeMap::new();
    for command in ["serve", "demo"] {
        let help = Command::new(env!("CARGO_BIN_EXE_dibao"))
            .args([command, "--help"])
            .output()
            .unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        let mut option = "";
        let mut default = None;
        for line in help.lines().map(str::trim) {
            if line.starts_with("--") {
                option = line.split(' ').next().unwrap();
                default = None;
            }
            let of = |mark: &str| {
                let (_, rest) = line.split_once(mark)?;
                rest.split([']', ';']).next().map(str::to_owned)
            };
            default = of("[default: ").or(default);
            if let Some(variable) = of("[env: ") {
                found.insert(option.to_owned(), (variable, default.clone()));
            }
            // It may follow the variable.
            if let Some((_, known)) = found.get_mut(option) {
                known.clone_from(&default);
            }
        }
    }
    found
}

/// The rows of a document: option, variable, default.
fn of_document(path: &str) -> BTreeMap<String, (String, Option<String>)> {
    let document = Document::read(path);
    let lines = document.lines().map(|(_, line)| line);
    let rows = lines.filter(|line| line.starts_with("| `--"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split(" | ").collect();
        let code = |nth: usize| cells[nth].split('`').nth(1).map(str::to_owned);
        (code(0).unwrap(), (code(1).unwrap(), code(2)))
    })
    .collect()
}

#[test]
fn every_folder_file_and_address_has_a_variable_that_is_documented() {
    let known = of_help();
    let named: Vec<&str> = known.keys().map(String::as_str).collect();
    let expected = [
        "--cron",
        "--data",
        "--feeds",
        "--listen",
        "--public",
        "--settings",
        "--store",
        "--topics",
    ];
    assert_eq!(named, expected);
    for path in ["docs/configuration.md", "docs/zh/configuration.md"] {
        assert_eq!(of_document(path), known, "{path}");
    }
}
