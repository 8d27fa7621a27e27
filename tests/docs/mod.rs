//! The documents: their keys are those of the configuration, and every link leads somewhere.
//!
//! Owns every comparison with the code but two: `faults` and `accuracy` check their own tables.
//! Never judges words.

mod api;
mod figures;
mod keys;
mod links;
mod options;
mod recipes;
mod size;

use std::path::{Path, PathBuf};

/// A document of the repository.
struct Document {
    /// Its path below the root.
    path: PathBuf,
    text: String,
}

impl Document {
    fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(root().join(path)).unwrap();
        let path = PathBuf::from(path);
        Self { path, text }
    }

    /// Its lines by number, from 1, without those of fenced blocks.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut fenced = false;
        let lines = self.text.lines().enumerate();
        lines.filter_map(move |(at, line)| {
            let is_fence = line.trim_start().starts_with("```");
            fenced ^= is_fence;
            (!fenced && !is_fence).then_some((at + 1, line))
        })
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Markdown document of the repository that people read.
fn documents() -> Vec<Document> {
    let mut found = Vec::new();
    let folders = ["", "docs", "docs/zh", "docs/design", "findings", "fuzz"];
    for folder in folders.map(Path::new) {
        let Ok(entries) = std::fs::read_dir(root().join(folder)) else {
            continue;
        };
        for entry in entries {
            let path = folder.join(entry.unwrap().file_name());
            if path.extension().is_some_and(|end| end == "md") {
                found.push(Document::read(path.to_str().unwrap()));
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(found.len() > 5, "where are the documents?");
    found
}
