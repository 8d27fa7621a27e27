//! A store is copied into another database: it publishes the same bytes, whoever is killed meanwhile.
//!
//! Owns these tests. What has PostgreSQL on a side needs `tests/with-postgres`; the rest copies from
//! SQLite to SQLite.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use dibao::store::{Purpose, Store};
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use url::Url;

use crate::faults_machine::machine::{Doomed, Machine, PATIENCE, Service, told};
use crate::many_machines::{Cluster, Worker};
use crate::stores::each::newest;
use crate::support::place;
use crate::support::replica::files;

/// What all texts of the fixture have.
const WORD: &str = "通知";

/// One of the two sides of a copy.
#[derive(Clone)]
enum Place {
    Folder(PathBuf),
    Server(Url),
}

impl Place {
    fn text(&self) -> String {
        match self {
            Self::Folder(folder) => folder.display().to_string(),
            Self::Server(url) => url.to_string(),
        }
    }

    /// Asks the database behind dibao's back, for the texts of the first column.
    fn try_ask(&self, sql: &str) -> Result<Vec<String>, sqlx::Error> {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let sql = AssertSqlSafe(sql.to_owned());
        runtime.block_on(async {
            match self {
                Self::Folder(folder) => {
                    let file = SqliteConnectOptions::new().filename(folder.join("dibao.sqlite"));
                    let mut connection = file.busy_timeout(Default::default()).connect().await?;
                    let rows = sqlx::query_scalar(sql).fetch_all(&mut connection).await;
                    connection.close().await?;
                    rows
                }
                Self::Server(url) => {
                    let mut connection = PgConnection::connect(url.as_str()).await?;
                    let rows = sqlx::query_scalar(sql).fetch_all(&mut connection).await;
                    connection.close().await?;
                    rows
                }
            }
        })
    }

    fn ask(&self, sql: &str) -> Vec<String> {
        self.try_ask(sql).unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    /// How many rows a table has by now; 0 while there is none.
    fn rows(&self, table: &str) -> usize {
        let count = self.try_ask(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table}"));
        count.map_or(0, |count| count[0].parse().unwrap())
    }
}

/// An operator with a month of collected news: articles that were revised, withdrawn, restored and
/// removed, kept pictures, and a topic, which is a search.
struct Operator(Machine);

impl Operator {
    fn new() -> Self {
        let operator = Self(newest());
        operator
            .0
            .write("topics/word.toml", &format!("query = \"{WORD}\"\n"));
        operator
    }

    fn folder(&self, name: &str) -> Place {
        Place::Folder(self.0.path(name))
    }

    /// A schema of its own on the server of the tests.
    fn server(&self, name: &str) -> Option<Place> {
        let Some(server) = place::server() else {
            println!("skipped: DIBAO_TEST_POSTGRES is not set (tests/with-postgres sets it)");
            return None;
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let text = self.0.path(name).display().to_string();
        Some(Place::Server(
            runtime.block_on(place::schema(&server, &text)),
        ))
    }

    fn migrate(&self, from: &Place, to: &Place) -> Output {
        self.0.dibao(&["migrate", &from.text(), &to.text()])
    }

    /// A copy that ends well, and what it says.
    #[track_caller]
    fn migrated(&self, from: &Place, to: &Place) -> String {
        let output = self.migrate(from, to);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        told(&output)
    }

    /// A copy that does not; its exit code and words.
    #[track_caller]
    fn fails(&self, from: &Place, to: &Place, code: i32, words: &[&str]) {
        let output = self.migrate(from, to);
        let said = told(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        for word in words {
            assert!(said.contains(word), "{word:?} is not in: {said}");
        }
    }

    /// A command on the store of this place. The archive and the pictures are in the first folder.
    fn on(&self, place: &Place, args: &[&str]) -> Command {
        let text = place.text();
        let of: &[&str] = match place {
            Place::Folder(_) => &["--data", &text],
            Place::Server(_) => &["--store", &text],
        };
        self.0.command(&[of, args].concat())
    }

    #[track_caller]
    fn well(&self, place: &Place, args: &[&str]) -> String {
        let output = self.on(place, args).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", told(&output));
        told(&output)
    }

    /// What the store publishes into a folder: every file, with its bytes.
    fn published(&self, place: &Place, public: &str) -> BTreeMap<String, Vec<u8>> {
        self.well(place, &["--public", public, "publish"]);
        files(&self.0.path(public), |path| std::fs::read(path).unwrap())
    }

    /// The ids that a search finds, in order of their texts.
    fn found(&self, place: &Place, query: &str) -> Vec<String> {
        let args = ["--public", "served", "serve", "--listen", "127.0.0.1:0"];
        let mut service = Service::of(self.on(place, &args));
        let asked = format!("/api/v1/search?q={query}");
        let answer = service.get_until(&asked, |answer| answer.status == 200);
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        let hits = answer["hits"].as_array().unwrap().iter();
        let mut ids: Vec<String> = hits.map(|hit| hit["id"].to_string()).collect();
        ids.sort();
        service.stop();
        ids
    }

    /// Copies what is no part of a store.
    fn copy_files(&self, to: &str) {
        for kept in ["warc", "pictures"] {
            let from = self.0.path("data").join(kept);
            for (path, bytes) in files(&from, |path| std::fs::read(path).unwrap()) {
                self.0.write(&format!("{to}/{kept}/{path}"), "");
                std::fs::write(self.0.path(to).join(kept).join(path), bytes).unwrap();
            }
        }
    }

    /// Many rows more, so that a copy takes its time.
    fn grow(&self) {
        for (table, columns, values) in [
            (
                "backfill_pages",
                "column_name, canonical_url",
                "'yanxi/notices', at",
            ),
            (
                "list_lengths",
                "column_name, url, items",
                "'yanxi/notices', at, at",
            ),
        ] {
            self.folder("data").ask(&format!(
                "WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < {MANY})
                 INSERT INTO {table} ({columns}) SELECT {values} FROM n"
            ));
        }
    }

    /// Begins a copy, and kills it once the copy looks like this.
    #[track_caller]
    fn kill_when(&self, from: &Place, to: &Place, is_then: impl Fn(&Place) -> bool) {
        let mut command = self.0.command(&["migrate", &from.text(), &to.text()]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Doomed(command.spawn().unwrap());
        let began = Instant::now();
        while !is_then(to) {
            assert!(began.elapsed() < PATIENCE, "it never looks so");
        }
        child.0.kill().unwrap();
        assert_eq!(child.code(), None, "it ended before");
        let refused = self.on(to, &["status"]).output().unwrap();
        let said = told(&refused);
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains("`dibao migrate` has not ended"), "{said}");
    }
}

const MANY: usize = 30_000;

/// What a server does at a change of a row: its references and triggers, and whether they are on.
const ACTS: &str = "
    SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
    UNION ALL
    SELECT tgname || ' ' || CAST(tgenabled AS text) FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
    WHERE NOT tgisinternal AND c.relnamespace =
        (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
    ORDER BY 1";

/// Compares two databases of SQLite, row by row, without dibao.
#[track_caller]
fn assert_same_rows(one: &Path, other: &Path) {
    let place = Place::Folder(one.to_owned());
    let tables = place.ask(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
         AND name NOT IN ('leases', '_sqlx_migrations', 'sqlite_schema')",
    );
    assert!(tables.len() > 40, "{tables:?}");
    let other = Place::Folder(other.to_owned());
    for table in tables {
        let columns = place.ask(&format!(
            "SELECT 'quote(\"' || name || '\")' FROM pragma_table_xinfo('{table}')"
        ));
        let row = columns.join(" || ' ' || ");
        let but = if table == "meta" {
            "WHERE key <> 'copy'"
        } else {
            ""
        };
        let rows = format!("SELECT {row} FROM \"{table}\" {but} ORDER BY 1");
        assert!(place.ask(&rows) == other.ask(&rows), "{table}");
    }
    let schema = "SELECT type || name || COALESCE(sql, '') FROM sqlite_schema ORDER BY type, name";
    assert_eq!(place.ask(schema), other.ask(schema));
}

#[test]
fn a_store_goes_to_postgresql_and_back_and_publishes_the_same_bytes() {
    let operator = Operator::new();
    let Some(server) = operator.server("there") else {
        return;
    };
    let (data, back) = (operator.folder("data"), operator.folder("back"));
    let before = operator.published(&data, "before");
    let topic = String::from_utf8_lossy(&before["topics/word/atom.xml"]);
    assert!(topic.matches("<entry>").count() > 2, "{topic}");

    let said = operator.migrated(&data, &server);
    assert!(
        said.contains("migrated") && said.contains("equal in both"),
        "{said}"
    );
    assert!(said.contains("name it with --data"), "{said}");
    let said = operator.migrated(&server, &back);
    assert!(said.contains("migrated"), "{said}");
    assert_same_rows(&operator.0.path("data"), &operator.0.path("back"));

    let fresh = operator.server("fresh").unwrap();
    operator.well(&fresh, &["export"]);
    assert!(server.ask(ACTS).len() > 60, "{:?}", server.ask(ACTS));
    assert_eq!(server.ask(ACTS), fresh.ask(ACTS));

    // The archive and the pictures are not in the store.
    operator.copy_files("back");
    for (place, public) in [(&server, "there-public"), (&back, "back-public")] {
        assert!(operator.published(place, public) == before, "{public}");
        operator.well(place, &["--public", public, "verify", "--all"]);
        let changes = |place| operator.well(place, &["export", "--changes", "--after", "3"]);
        assert_eq!(changes(place), changes(&data));
        for query in [WORD, "%22通知%22%20-公示", "2026"] {
            assert_eq!(
                operator.found(place, query),
                operator.found(&data, query),
                "{query}"
            );
        }
    }
    assert!(!operator.found(&back, WORD).is_empty());
}

#[test]
fn a_copy_goes_on_in_the_published_folder_of_its_store() {
    let operator = Operator::new();
    let (data, copy) = (operator.folder("data"), operator.folder("copy"));
    let before = operator.published(&data, "public");
    let said = operator.migrated(&data, &copy);
    assert!(said.contains("copy those that are in"), "{said}");
    operator.copy_files("copy");
    let times = || {
        files(&operator.0.public(), |path| {
            path.metadata().unwrap().modified().unwrap()
        })
    };
    let written = times();
    assert!(operator.published(&copy, "public") == before);
    assert_eq!(times(), written, "nothing is written anew");
    // What acts on rows by itself acts again: a removal leaves the published files.
    let id = operator.found(&copy, WORD).swap_remove(0);
    let id = id.trim_matches('"');
    operator.well(&copy, &["remove", id, "--reason", "on request"]);
    let after = files(&operator.0.public(), |path| std::fs::read(path).unwrap());
    let pages = |of: &BTreeMap<String, Vec<u8>>| of.keys().filter(|path| path.contains(id)).count();
    assert!(pages(&before) > 0 && after != before);
    operator.well(&copy, &["verify", "--all"]);
}

/// Kills a copy at several moments, and completes it.
fn kill_and_complete(operator: &Operator, from: &Place, to: &Place) {
    let words = from.rows("search_words");
    operator.kill_when(from, to, |to| to.rows("backfill_pages") > 0);
    operator.kill_when(from, to, |to| to.rows("list_lengths") > 0);
    operator.kill_when(from, to, |to| to.rows("search_words") == words);
    // Somebody went on with the store meanwhile: what was copied of it is copied anew.
    from.ask("UPDATE list_lengths SET items = items + 1 WHERE url = '7'");
    operator.kill_when(from, to, |to| to.rows("list_lengths") < MANY);
    let said = operator.migrated(from, to);
    assert!(said.contains("migrated"), "{said}");
}

#[test]
fn a_copy_that_was_killed_is_completed_by_the_same_command() {
    let operator = Operator::new();
    let (data, copy) = (operator.folder("data"), operator.folder("copy"));
    let before = operator.published(&data, "before");
    operator.grow();
    kill_and_complete(&operator, &data, &copy);
    assert_same_rows(&operator.0.path("data"), &operator.0.path("copy"));
    operator.copy_files("copy");
    assert!(operator.published(&copy, "after") == before);
}

#[test]
fn a_copy_to_a_server_and_one_from_it_that_were_killed_are_completed() {
    let operator = Operator::new();
    let Some(server) = operator.server("there") else {
        return;
    };
    let (data, back) = (operator.folder("data"), operator.folder("back"));
    let before = operator.published(&data, "before");
    operator.grow();
    kill_and_complete(&operator, &data, &server);
    kill_and_complete(&operator, &server, &back);
    operator.copy_files("back");
    assert!(operator.published(&back, "after") == before);
    operator.well(&back, &["--public", "after", "verify", "--all"]);
}

#[test]
fn no_command_uses_a_copy_that_is_not_whole() {
    let operator = Operator::new();
    let (data, copy) = (operator.folder("data"), operator.folder("copy"));
    operator.well(&data, &["publish"]);
    operator.grow();
    operator.kill_when(&data, &copy, |copy| copy.rows("backfill_pages") > 0);
    for args in [
        &["run"] as &[&str],
        &["publish"],
        &["serve", "--listen", "127.0.0.1:0"],
        &["status"],
        &["export"],
        &["verify", "--all"],
        &["repair"],
        &["why", "http://www.yanxi.example/tzgg/1.html"],
        &["reextract"],
        &["backup", "backup"],
        &["restore", "--ids", "public"],
        &["migrate", "copy", "elsewhere"],
    ] {
        let refused = operator.on(&copy, args).output().unwrap();
        let said = told(&refused);
        assert_eq!(refused.status.code(), Some(2), "{args:?}: {said}");
        assert!(
            said.contains("`dibao migrate` has not ended"),
            "{args:?}: {said}"
        );
        assert!(
            said.contains("remedy: let that command end, or run it again"),
            "{args:?}: {said}"
        );
    }
    let other = operator.folder("other");
    operator.migrated(&data, &other);
    operator.fails(
        &other,
        &copy,
        2,
        &["holds a part of", "data/dibao.sqlite", "remedy: "],
    );
    operator.migrated(&data, &copy);
    operator.well(&copy, &["status"]);
}

#[test]
fn what_cannot_be_copied_is_refused_with_the_remedy() {
    let operator = Operator::new();
    let (data, copy) = (operator.folder("data"), operator.folder("copy"));
    operator.well(&data, &["publish"]);
    operator.fails(
        &operator.folder("nowhere"),
        &copy,
        2,
        &["there is no store yet"],
    );
    operator.fails(&data, &operator.folder("feeds/../data"), 2, &["two places"]);
    let machine = Machine::new();
    machine.run();
    let filled = Place::Folder(machine.path("data"));
    operator.fails(
        &data,
        &filled,
        2,
        &["holds rows of its own", "an empty database"],
    );
    let before = machine.export(&[]);
    assert!(!before.is_empty());
    for (address, words) in [
        (
            "mysql://dibao:secret@db.example/dibao",
            "mysql is not postgres",
        ),
        ("postgres://dibao:secret@127.0.0.1:1/dibao", "remedy: "),
    ] {
        let refused = operator.0.dibao(&["migrate", "data", address]);
        let said = told(&refused);
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains(words) && !said.contains("secret"), "{said}");
    }
    let mut service = machine.serve();
    operator.fails(
        &filled,
        &copy,
        2,
        &["is in use", "remedy: stop every dibao"],
    );
    assert!(!operator.0.path("copy").exists());
    service.stop();
    operator.migrated(&filled, &copy);
}

#[test]
fn a_store_on_a_server_that_a_process_has_is_not_copied() {
    let operator = Operator::new();
    let Some(server) = operator.server("there") else {
        return;
    };
    let (data, back) = (operator.folder("data"), operator.folder("back"));
    operator.migrated(&data, &server);
    let mut service = Service::of(operator.on(&server, &["serve", "--listen", "127.0.0.1:0"]));
    let words = ["is in use", "remedy: stop every dibao", "postgres://"];
    operator.fails(&server, &back, 2, &words);
    operator.fails(&data, &server, 2, &words);
    service.stop();
    operator.migrated(&server, &back);
}

/// Copies, changes a row of the copy, and looks whether that is noticed.
fn change_and_compare(operator: &Operator, from: &Place, to: &Place) {
    operator.migrated(from, to);
    let said = operator.migrated(from, to);
    assert!(
        said.contains("equal   ") && !said.contains("migrated"),
        "{said}"
    );
    to.ask("UPDATE changes SET at_ms = at_ms + 1 WHERE seq = 2");
    operator.fails(
        from,
        to,
        1,
        &["differs   changes: ", "with other contents", "remedy: "],
    );
    to.ask("UPDATE changes SET at_ms = at_ms - 1 WHERE seq = 2");
    operator.migrated(from, to);
    to.ask("DELETE FROM items WHERE canonical_url = (SELECT MIN(canonical_url) FROM items)");
    operator.fails(from, to, 1, &["differs   items: "]);
}

#[test]
fn a_row_that_was_changed_in_the_copy_is_noticed() {
    let operator = Operator::new();
    let (data, copy) = (operator.folder("data"), operator.folder("copy"));
    change_and_compare(&operator, &data, &copy);
    let Some(server) = operator.server("there") else {
        return;
    };
    change_and_compare(&operator, &data, &server);
}

#[test]
fn both_databases_have_the_same_tables_and_columns() {
    let operator = Operator::new();
    let Some(server) = operator.server("there") else {
        return;
    };
    let (empty, folder) = (operator.folder("empty"), operator.0.path("empty"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(&folder, Purpose::Real).await.unwrap();
        store.close().await;
    });
    operator.migrated(&empty, &server);
    let sqlite = empty.ask(
        "SELECT t.name || '.' || c.name || ' ' || CASE c.type WHEN 'INTEGER' THEN 'bigint'
                WHEN 'TEXT' THEN 'text' WHEN 'BLOB' THEN 'bytea' ELSE c.type END
                || CASE WHEN c.hidden > 0 THEN ' generated' ELSE '' END
                || CASE WHEN c.\"notnull\" + c.pk > 0 THEN ' not null' ELSE '' END
         FROM pragma_table_list t JOIN pragma_table_xinfo(t.name) c
         WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
             AND t.name <> '_sqlx_migrations' ORDER BY 1",
    );
    let server = server.ask(
        "SELECT (table_name || '.' || column_name || ' ' || data_type
                || CASE is_generated WHEN 'ALWAYS' THEN ' generated' ELSE '' END
                || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END)
                COLLATE \"C\"
         FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name <> '_sqlx_migrations'
             AND table_name NOT IN ('workers', 'search_words') AND column_name <> 'rowid'
         ORDER BY 1",
    );
    assert!(sqlite.len() > 250, "{}", sqlite.len());
    assert_eq!(sqlite, server);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_four_workers_filled_is_published_from_a_file_as_they_published_it() {
    let Some(cluster) = Cluster::serve().await else {
        return;
    };
    let workers: Vec<Worker> = (0..4).map(|number| cluster.worker(number)).collect();
    cluster.all_published().await;
    drop(workers);
    cluster.store.close().await;
    let dibao = |args: &[&str]| {
        let ended = Command::new(env!("CARGO_BIN_EXE_dibao"))
            .current_dir(cluster.folder.path())
            .args(args)
            .env("DIBAO_BASE_URL", "http://news.test/")
            .output()
            .unwrap();
        assert_eq!(ended.status.code(), Some(0), "{args:?}: {}", told(&ended));
    };
    let of_workers = || {
        let public = cluster.folder.path().join("public");
        files(&public, |path| std::fs::read(path).unwrap())
    };
    // A worker that was killed may have left a publication for the next one.
    dibao(&["--store", cluster.url.as_str(), "publish"]);
    let published = of_workers();
    dibao(&["migrate", cluster.url.as_str(), "data"]);
    dibao(&["--public", "copied", "publish"]);
    let copied = cluster.folder.path().join("copied");
    let copied = files(&copied, |path| std::fs::read(path).unwrap());
    assert!(published.len() > 100, "{}", published.len());
    assert!(copied.keys().eq(published.keys()));
    for (path, bytes) in &copied {
        assert!(published[path] == *bytes, "{path}");
    }
    dibao(&["verify", "--all"]);
    assert_eq!(of_workers(), published, "nothing is written anew");
}
