//! A small store of every schema, from `fixtures/stores`: this build opens it with its configuration,
//! and gives the same ids, changes and published bytes.
//!
//! Owns a copy of each. What this build publishes otherwise stands in one place for all of them
//! (`as_before`, `told_by_page`).

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::runtime::Runtime;

use super::{
    MANIFEST, OPENAPI, REASON, VERSION, as_before, parsed, today, told_by_page, undescribed,
    without_content,
};
use crate::faults_machine::machine::{Machine, told};
use crate::support::replica::{bytes, files};

/// The article that was removed: each of these stores has the same month behind it.
const GONE: &str = "f4969780-8195-54ec-a5be-ed56240ca8af";
/// How many changes of each kind that month had.
const KINDS: [(&str, usize); 7] = [
    ("added", 9),
    ("amended", 1),
    ("reextracted", 9),
    ("removed", 1),
    ("restored", 1),
    ("revised", 1),
    ("withdrawn", 2),
];

/// The folders of stores that `make.py` made, with their schemas.
fn folders() -> Vec<(i64, PathBuf)> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stores");
    let entries = fs::read_dir(all)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut folders: Vec<(i64, PathBuf)> = entries
        .filter(|folder| folder.join("published.json.gz").is_file())
        .map(|folder| {
            let name = folder.file_name().unwrap().to_str().unwrap();
            let schema = name.strip_prefix("schema-").unwrap().parse().unwrap();
            (schema, folder)
        })
        .collect();
    folders.sort();
    folders
}

fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    let mut decoder = flate2::read::MultiGzDecoder::new(packed);
    decoder.read_to_end(&mut whole).unwrap();
    whole
}

/// A copy of the operator's folder.
fn copied(folder: &Path) -> Machine {
    let machine = Machine::new();
    // Its own columns alone.
    fs::remove_dir_all(machine.path("feeds")).unwrap();
    for (path, content) in files(folder, |path| fs::read(path).unwrap()) {
        let (path, content) = match path.strip_suffix("dibao.sqlite.gz") {
            Some(start) => (format!("{start}dibao.sqlite"), unpacked(&content)),
            None => (path, content),
        };
        let to = machine.path(&path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, content).unwrap();
    }
    machine
}

/// A copy of the newest of them.
pub(crate) fn newest() -> Machine {
    copied(&folders().last().unwrap().1)
}

/// The first schema whose builds tell what an article's content is.
const CONTENT: i64 = 15;

/// The published texts of a folder, by path, as this build publishes them.
fn published(schema: i64, folder: &Path) -> BTreeMap<String, String> {
    let packed = fs::read(folder.join("published.json.gz")).unwrap();
    let all: BTreeMap<String, String> = serde_json::from_slice(&unpacked(&packed)).unwrap();
    if schema >= CONTENT {
        return all;
    }
    let all = all.into_iter();
    let all = all.map(|(path, text)| {
        // The texts of dumps are unpacked.
        let text = today(path.trim_end_matches(".gz"), text.into_bytes());
        (path, String::from_utf8(text).unwrap())
    });
    all.collect()
}

/// A published file as every build tells it: for a page, what it says; for a schema, what it allows.
fn comparable(path: &str, content: &[u8]) -> String {
    let text = match path.ends_with(".gz") {
        true => unpacked(content),
        false => content.to_vec(),
    };
    let text = String::from_utf8(text).unwrap();
    if path.starts_with("schema/") {
        return without_content(undescribed(parsed(text.as_bytes()))).to_string();
    }
    let text = as_before(path, text);
    match path.ends_with(".html") {
        true => told_by_page(&text).join("\n"),
        false => text,
    }
}

/// Files that describe the build or the bytes of all others.
fn is_of_the_build(path: &str) -> bool {
    path == OPENAPI || path.ends_with(MANIFEST) || path == "style.css"
}

/// What the status says of articles, incidents, receivers and removals.
fn standing(status: &Value) -> Value {
    let columns = status["columns"].as_array().unwrap().iter();
    let columns: Vec<Value> = columns
        .map(|column| json!([column["column"], column["articles"], column["last_new_at"]]))
        .collect();
    json!([
        columns,
        status["incidents"],
        status["receivers"],
        status["removals"]
    ])
}

fn assert_same(schema: i64, folder: &Path) {
    let before = published(schema, folder);
    let machine = copied(folder);
    assert_eq!(machine.sql(VERSION), [schema.to_string()]);
    let status = machine.dibao(&["status", "--json"]);
    let status_before = parsed(&fs::read(folder.join("status.json")).unwrap());
    assert_eq!(
        standing(&parsed(&status.stdout)),
        standing(&status_before),
        "schema {schema}"
    );

    let said = told(&machine.well(&["remove", GONE, "--reason", REASON]));
    assert!(said.contains("had been removed before"), "{said}");
    let now = bytes(&machine.public());
    let dumps = |path: &str| path.ends_with(".ndjson.gz");
    let mut compared = 0;
    for (path, before) in before.iter().filter(|(path, _)| !is_of_the_build(path)) {
        let now = now.get(path);
        let now = now.unwrap_or_else(|| panic!("schema {schema}: {path} is not published"));
        let before = match dumps(path) {
            true => before.clone(),
            false => comparable(path, before.as_bytes()),
        };
        assert_eq!(comparable(path, now), before, "schema {schema}: {path}");
        compared += 1;
    }
    assert!(compared > 30, "schema {schema}: {compared} files");

    let changes = machine.export(&["--changes"]);
    let told_then = before["changes/000001.ndjson"].lines();
    let told_then: Vec<Value> = told_then.map(|line| parsed(line.as_bytes())).collect();
    assert_eq!(changes, told_then, "schema {schema}");
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for change in &changes {
        *kinds.entry(change["kind"].as_str().unwrap()).or_default() += 1;
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), KINDS);
    machine.well(&["verify", "--all"]);
    let read = machine.well(&["reextract", "--dry-run"]);
    assert!(
        told(&read).contains(" 0 changes would be recorded"),
        "{}",
        told(&read)
    );
}

#[test]
fn a_store_of_every_schema_gives_the_same_ids_changes_and_published_bytes() {
    let folders = folders();
    std::thread::scope(|scope| {
        let half = folders.len().div_ceil(2).max(1);
        for some in folders.chunks(half) {
            scope.spawn(move || {
                for (schema, folder) in some {
                    assert_same(*schema, folder);
                }
            });
        }
    });
    assert!(folders.len() >= 12, "{folders:?}");
}

/// Another process that has the store, as far as this one can see: a connection that has read.
struct Other(Runtime, SqliteConnection);

impl Other {
    fn of(machine: &Machine) -> Self {
        let runtime = Runtime::new().unwrap();
        let connection = runtime.block_on(async {
            let file = SqliteConnectOptions::new().filename(machine.database());
            let mut connection = file.connect().await.unwrap();
            let read = sqlx::query_scalar::<_, String>(VERSION).fetch_one(&mut connection);
            read.await.unwrap();
            connection
        });
        Self(runtime, connection)
    }

    fn end(self) {
        self.0.block_on(self.1.close()).unwrap();
    }
}

/// Processes of the build that wrote it would go on, and write what they know.
#[test]
fn a_store_that_another_process_has_is_not_upgraded() {
    let (schema, folder) = folders().pop().unwrap();
    let machine = copied(&folder);
    let other = Other::of(&machine);
    for command in [&["status"][..], &["publish"], &["migrate", "data", "copy"]] {
        let refused = machine.dibao(command);
        let said = told(&refused);
        assert_eq!(refused.status.code(), Some(2), "{said}");
        for word in ["dibao.sqlite: is in use", "remedy: stop every dibao"] {
            assert!(said.contains(word), "{word} is not in: {said}");
        }
        assert_eq!(machine.sql(VERSION), [schema.to_string()]);
    }
    other.end();
    machine.well(&["status"]);
    assert_ne!(machine.sql(VERSION), [schema.to_string()]);
}

/// The steps from 34 on only add columns.
#[test]
fn an_additive_step_is_taken_beside_another_process() {
    let machine = newest();
    machine.well(&["status"]);
    machine.sql("ALTER TABLE list_memory DROP COLUMN rules");
    machine.sql("ALTER TABLE list_memory DROP COLUMN answer");
    machine.sql("DELETE FROM _sqlx_migrations WHERE version >= 34");
    machine.sql("DELETE FROM meta WHERE key = 'oldest_schema'");
    let other = Other::of(&machine);
    machine.well(&["status"]);
    let oldest = machine.sql("SELECT value FROM meta WHERE key = 'oldest_schema'");
    assert_eq!(
        (machine.sql(VERSION), oldest),
        (vec!["35".to_owned()], vec!["33".to_owned()])
    );
    other.end();
}
