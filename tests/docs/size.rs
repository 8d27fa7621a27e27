//! The first pages are short, and no line of prose is wide.
//!
//! Owns the limits. Never judges words.

use super::{Document, documents};

/// Columns that a line of prose has at most.
const WIDEST: usize = 120;

#[test]
fn the_pages_that_everybody_reads_are_short() {
    for path in ["README.md", "README.zh-CN.md", "ARCHITECTURE.md"] {
        let lines = Document::read(path).text.lines().count();
        assert!(lines <= 150, "{path} has {lines} lines");
    }
}

#[test]
fn no_line_of_prose_is_wider_than_a_screen() {
    let mut wide = Vec::new();
    for document in documents() {
        for (number, line) in document.lines() {
            let is_table = line.trim_start().starts_with('|');
            let width: usize = line.chars().map(columns).sum();
            if !is_table && !line.contains("](") && width > WIDEST {
                wide.push(format!("{}:{number}: {width}", document.path.display()));
            }
        }
    }
    assert!(wide.is_empty(), "\n{}", wide.join("\n"));
}

/// Chinese characters and their punctuation are two columns wide.
fn columns(sign: char) -> usize {
    match sign {
        '\u{2e80}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}' => 2,
        _ => 1,
    }
}
