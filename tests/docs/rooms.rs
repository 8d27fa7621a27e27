//! The one table of rooms and floors, in ARCHITECTURE.md: it has every room of the library, and no
//! room uses another one that is not below it.
//!
//! Every `crate::ROOM` outside tests counts, be it in a `use` or in the middle of a line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Document, root};

/// The floor of every room.
fn floors() -> BTreeMap<String, u32> {
    let map = Document::read("ARCHITECTURE.md");
    let rows = map.lines().filter_map(|(_, line)| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let floor = cells.get(1)?.parse().ok()?;
        let room = cells.get(2)?.trim_matches('`');
        Some((room.to_owned(), floor))
    });
    rows.collect()
}

#[test]
fn the_table_has_every_room_and_no_other() {
    let library = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let modules = library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "));
    let mut rooms: Vec<&str> = modules.map(|room| room.trim_end_matches(';')).collect();
    rooms.sort_unstable();
    assert_eq!(floors().into_keys().collect::<Vec<_>>(), rooms);
}

#[test]
fn no_room_uses_one_that_is_not_below_it() {
    let floors = floors();
    let mut upwards = Vec::new();
    let mut arrows = 0;
    for (room, floor) in &floors {
        for file in files(&root().join("src").join(room)) {
            let text = std::fs::read_to_string(&file).unwrap();
            for (number, used) in uses(&text) {
                let Some(below) = floors.get(&used).filter(|_| used != *room) else {
                    continue;
                };
                arrows += 1;
                if below >= floor {
                    let file = file.strip_prefix(root()).unwrap_or(&file).display();
                    upwards.push(format!(
                        "{file}:{number}: {room} ({floor}) uses {used} ({below})"
                    ));
                }
            }
        }
    }
    assert!(upwards.is_empty(), "\n{}", upwards.join("\n"));
    assert!(arrows > 100, "only {arrows} arrows were found");
}

/// The source files of a room, without those of tests alone.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}

/// The rooms that a file names, each with the number of its line; those of inline tests, which end
/// a file, and of comments aside.
fn uses(text: &str) -> Vec<(usize, String)> {
    let code = text.lines().take_while(|line| *line != "#[cfg(test)]");
    let code: Vec<&str> = code
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code))
        .collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    for (at, path) in code.match_indices("crate::") {
        let after = &code[at + path.len()..];
        let line = code[..at].matches('\n').count() + 1;
        let names = match after.strip_prefix('{') {
            Some(group) => firsts(group),
            None => vec![name(after)],
        };
        found.extend(names.into_iter().map(|name| (line, name)));
    }
    found
}

/// The first names of a group, `{model::Article, store::{Store, StoreError}}`.
fn firsts(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut is_first = true;
    for (at, sign) in group.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => is_first = true,
            _ if is_first && !sign.is_whitespace() => {
                names.push(name(&group[at..]));
                is_first = false;
            }
            _ => {}
        }
    }
    names
}

fn name(text: &str) -> String {
    let ends = |sign: char| !sign.is_alphanumeric() && sign != '_';
    text.split(ends).next().unwrap_or_default().to_owned()
}
