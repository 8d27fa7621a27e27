//! The structure of the code is the one that ARCHITECTURE.md draws.
//!
//! Owns the reading of every path that starts with `crate`, `super` or `self` in `src`, and of the
//! `use` lines; follows re-exports to the file that defines the name. Never reads tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A module's path below `crate`: `["store", "host"]`.
type Module = Vec<String>;

/// One file of `src`.
#[derive(Default)]
struct Source {
    /// The modules that it names, as paths below `crate`.
    named: Vec<Module>,
    /// Its re-exports under a name of its own: name → path below `crate`.
    exports: BTreeMap<String, Module>,
}

struct House {
    sources: BTreeMap<Module, Source>,
}

/// A row of the table of rooms.
struct Room {
    floor: u32,
    name: String,
}

#[test]
fn a_room_imports_only_from_rooms_on_lower_floors() {
    let house = House::read();
    let floors: BTreeMap<String, u32> = rooms()
        .into_iter()
        .map(|room| (room.name, room.floor))
        .collect();
    let built: BTreeSet<&String> = house.sources.keys().filter_map(|m| m.first()).collect();
    let drawn: BTreeSet<&String> = floors.keys().collect();
    assert_eq!(built, drawn, "rooms of src, and rooms of ARCHITECTURE.md");
    let mut upwards = Vec::new();
    for (module, source) in &house.sources {
        let Some(own) = module.first() else { continue };
        for path in &source.named {
            if let Some(other) = path.first().filter(|other| floors.contains_key(*other))
                && other != own
                && floors[other] >= floors[own]
            {
                upwards.push(format!("{} -> {}", module.join("::"), path.join("::")));
            }
        }
    }
    assert!(upwards.is_empty(), "{upwards:#?}");
}

#[test]
fn no_circle_of_files_leads_from_one_folder_of_a_room_to_another() {
    let house = House::read();
    let arrows = house.arrows();
    let told = circles_told();
    let mut untold = Vec::new();
    for circle in circles(&arrows) {
        let folders: BTreeSet<&[String]> = circle.iter().map(|m| house.folder(m)).collect();
        let files: BTreeSet<String> = circle.iter().map(|module| module.join("/")).collect();
        if folders.len() > 1 || !told.contains(&files) {
            untold.push(files);
        }
    }
    assert!(untold.is_empty(), "{untold:#?}");
}

#[test]
fn a_room_has_at_most_twelve_boxes() {
    let house = House::read();
    let mut boxes: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
    for module in house.sources.keys() {
        if let [room, child, ..] = module.as_slice() {
            boxes.entry(room).or_default().insert(child);
        }
    }
    for room in ["extract", "pipeline", "store"] {
        let boxes = &boxes[&room.to_owned()];
        assert!(boxes.len() <= 12, "{room} has {}: {boxes:?}", boxes.len());
    }
}

impl House {
    /// The folder in which a file stands: of its room, or of the room's part.
    fn folder<'a>(&self, module: &'a Module) -> &'a [String] {
        let part = module.get(..2).unwrap_or(module);
        let is_folder = |other: &Module| other.len() > part.len() && other.starts_with(part);
        match self.sources.keys().any(is_folder) {
            true => part,
            false => &module[..1],
        }
    }

    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = Vec::new();
        rust_files(&root, &mut files);
        let modules: BTreeMap<Module, PathBuf> = files
            .into_iter()
            .filter_map(|file| Some((module_of(&root, &file)?, file)))
            .collect();
        let known: BTreeSet<Module> = modules.keys().cloned().collect();
        let sources = modules
            .iter()
            .map(|(module, file)| {
                let text = std::fs::read_to_string(file).unwrap();
                let tokens: TokenStream = text.parse().unwrap();
                let mut reader = Reader {
                    module,
                    known: &known,
                    source: Source::default(),
                };
                reader.read(tokens);
                (module.clone(), reader.source)
            })
            .collect();
        Self { sources }
    }

    /// Which file needs which.
    fn arrows(&self) -> BTreeMap<Module, BTreeSet<Module>> {
        let arrows = self.sources.iter().map(|(module, source)| {
            let named = source.named.iter();
            let needed = named.filter_map(|path| self.definition(path, 0));
            let needed = needed.filter(|needed| needed != module).collect();
            (module.clone(), needed)
        });
        arrows.collect()
    }

    /// The file that defines what stands at this path.
    fn definition(&self, path: &[String], depth: u8) -> Option<Module> {
        let mut length = (1..=path.len()).rev();
        let length = length.find(|length| self.sources.contains_key(&path[..*length]))?;
        let module = path[..length].to_vec();
        let exported = path
            .get(length)
            .and_then(|name| self.sources[&module].exports.get(name));
        match exported {
            Some(target) if depth < 8 => {
                let rest = path.iter().skip(length + 1).cloned();
                let target: Module = target.iter().cloned().chain(rest).collect();
                self.definition(&target, depth + 1)
            }
            _ => Some(module),
        }
    }
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The module of a file; `None` for the roots and for files of tests.
fn module_of(root: &Path, file: &Path) -> Option<Module> {
    let path = file.strip_prefix(root).unwrap().with_extension("");
    let mut module: Module = path
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    let is_root = module == ["lib"] || module == ["main"];
    let is_test = module.iter().any(|part| part == "tests");
    (!is_root && !is_test).then_some(module)
}

struct Reader<'a> {
    module: &'a Module,
    known: &'a BTreeSet<Module>,
    source: Source,
}

impl Reader<'_> {
    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            if is_test_attribute(&tokens[at..]) {
                at = end_of_item(&tokens, at + 2);
            } else if is_word(&tokens[at], "pub") && is_visibility(tokens.get(at + 1)) {
                at += 2;
            } else if is_word(&tokens[at], "use") {
                let end = (at..tokens.len())
                    .find(|end| is_sign(&tokens[*end], ';'))
                    .unwrap_or(tokens.len());
                let is_export = at > 0
                    && (is_word(&tokens[at - 1], "pub")
                        || at > 1 && is_word(&tokens[at - 2], "pub"));
                self.read_use(&tokens[at + 1..end], Vec::new(), is_export);
                at = end;
            } else if let Some(path) = path_at(&tokens, at) {
                at += path.len() * 3 - 2;
                self.source.named.extend(self.absolute(&path));
            } else if let TokenTree::Group(group) = &tokens[at] {
                self.read(group.stream());
                at += 1;
            } else {
                at += 1;
            }
        }
    }

    /// Reads what stands behind `use`, or within its braces.
    fn read_use(&mut self, tokens: &[TokenTree], prefix: Vec<String>, is_export: bool) {
        for tree in tokens.split(|token| is_sign(token, ',')) {
            let mut path = prefix.clone();
            let mut name = None;
            let mut is_renamed = false;
            for token in tree {
                match token {
                    TokenTree::Ident(word) if word == "as" => is_renamed = true,
                    TokenTree::Ident(word) if is_renamed => name = Some(word.to_string()),
                    TokenTree::Ident(word) => path.push(word.to_string()),
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                        self.read_use(&inner, std::mem::take(&mut path), is_export);
                    }
                    _ => (),
                }
            }
            if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
                path.pop();
            }
            let Some(absolute) = self.absolute(&path) else {
                continue;
            };
            if is_export {
                let name = name.or_else(|| path.last().cloned()).unwrap();
                self.source.exports.insert(name, absolute);
            } else {
                self.source.named.push(absolute);
            }
        }
    }

    /// A path below `crate`; `None` for one into another crate.
    fn absolute(&self, path: &[String]) -> Option<Module> {
        let first = path.first()?;
        let child = || {
            let mut child = self.module.clone();
            child.push(first.clone());
            self.known.contains(&child).then(|| self.module.clone())
        };
        let (mut base, mut rest) = match first.as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "self" => (self.module.clone(), &path[1..]),
            "super" => (self.module.clone(), path),
            _ => (child()?, path),
        };
        while let Some((_, behind)) = rest.split_first().filter(|(first, _)| *first == "super") {
            base.pop();
            rest = behind;
        }
        Some(base.into_iter().chain(rest.iter().cloned()).collect())
    }
}

/// The path that begins here with `crate`, `super` or `self`.
fn path_at(tokens: &[TokenTree], at: usize) -> Option<Vec<String>> {
    let begins = ["crate", "super", "self"];
    let is_start = begins.iter().any(|word| is_word(&tokens[at], word));
    let mut path = vec![tokens[at].to_string()];
    let mut at = at;
    while let [colon, second, TokenTree::Ident(word), ..] = tokens.get(at + 1..).unwrap_or_default()
        && is_sign(colon, ':')
        && is_sign(second, ':')
    {
        path.push(word.to_string());
        at += 3;
    }
    (is_start && path.len() > 1).then_some(path)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_sign(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// Whether these are the brackets of `pub(in crate::room)`, which need nothing of the room.
fn is_visibility(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
}

fn is_test_attribute(tokens: &[TokenTree]) -> bool {
    let [sign, TokenTree::Group(group), ..] = tokens else {
        return false;
    };
    is_sign(sign, '#') && group.stream().to_string().replace(' ', "") == "cfg(test)"
}

/// Where the item that begins here ends.
fn end_of_item(tokens: &[TokenTree], from: usize) -> usize {
    let is_end = |token: &TokenTree| {
        let is_body = matches!(token, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace);
        is_body || is_sign(token, ';')
    };
    let end = (from..tokens.len()).find(|at| is_end(&tokens[*at]));
    end.map_or(tokens.len(), |end| end + 1)
}

/// Files that need each other in a circle.
fn circles(arrows: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<BTreeSet<Module>> {
    let reached: BTreeMap<&Module, BTreeSet<Module>> = arrows
        .keys()
        .map(|module| (module, reachable(arrows, module)))
        .collect();
    let mut circles: Vec<BTreeSet<Module>> = Vec::new();
    for (module, others) in &reached {
        let is_seen = circles.iter().any(|circle| circle.contains(*module));
        if others.contains(*module) && !is_seen {
            let circle = others
                .iter()
                .filter(|other| reached[other].contains(*module));
            circles.push(circle.cloned().collect());
        }
    }
    circles
}

fn reachable(arrows: &BTreeMap<Module, BTreeSet<Module>>, from: &Module) -> BTreeSet<Module> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(module) = waiting.pop() {
        for next in arrows.get(module).into_iter().flatten() {
            if reached.insert(next.clone()) {
                waiting.push(next);
            }
        }
    }
    reached
}

fn architecture() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md");
    std::fs::read_to_string(file).unwrap()
}

/// The rows of the table under this heading line, cell by cell.
fn table(header: &str) -> Vec<Vec<String>> {
    let text = architecture();
    let lines = text.lines().skip_while(|line| !line.starts_with(header));
    let rows = lines.skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells = row.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    })
    .collect()
}

fn rooms() -> Vec<Room> {
    let rows = table("| floor | room |");
    assert!(rows.len() > 10, "the table of rooms is missing");
    rows.into_iter()
        .map(|row| Room {
            floor: row[0].parse().unwrap(),
            name: row[1].trim_matches('`').to_owned(),
        })
        .collect()
}

/// The circles that stay, as ARCHITECTURE.md names them: files of one folder.
fn circles_told() -> Vec<BTreeSet<String>> {
    table("| circle |")
        .into_iter()
        .map(|row| {
            let files = row[0].split(',');
            files
                .map(|file| file.trim().trim_matches('`').to_owned())
                .collect()
        })
        .collect()
}
