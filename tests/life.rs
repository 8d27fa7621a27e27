//! Columns that are renamed, moved, merged, paused and forgotten: ids stay, readers are led on.
//!
//! Owns the commands as an operator gives them, and what subscribers and mirrors then find. Never
//! leaves loopback.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::faults_machine::machine::{ARTICLES, COLUMN, Machine, told};
use crate::faults_machine::sweep::{Fault, KILL, OPERATIONS, count_in, with_fault};
use crate::support::side_by_side;

/// The text of a published file.
fn published(machine: &Machine, path: &str) -> String {
    let file = machine.public().join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

fn is_published(machine: &Machine, path: &str) -> bool {
    machine.public().join(path).exists()
}

/// The articles by id, each with its columns.
fn articles(machine: &Machine) -> BTreeMap<String, Vec<String>> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let export = machine.export(&[]);
    let of = |article: &Value| {
        let columns = article["columns"].as_array().unwrap();
        (text(&article["id"]), columns.iter().map(text).collect())
    };
    export.iter().map(of).collect()
}

fn ids(machine: &Machine) -> BTreeSet<String> {
    articles(machine).into_keys().collect()
}

/// The folders below this one that hold nothing.
fn empty_folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    if paths.is_empty() {
        return vec![folder.to_owned()];
    }
    let below = paths.into_iter().filter(|path| path.is_dir());
    below.flat_map(|path| empty_folders(&path)).collect()
}

/// The ids of the entries of a JSON Feed.
fn entries(feed: &str) -> Vec<String> {
    let feed: Value = serde_json::from_str(feed).unwrap();
    let items = feed["items"].as_array().unwrap();
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    items.iter().map(id).collect()
}

/// The id of an Atom feed.
fn feed_id(atom: &str) -> &str {
    let (_, id) = atom.split_once("<id>").unwrap();
    id.split_once("</id>").unwrap().0
}

/// Sequence numbers from 1 on without a gap, and the kinds of the changes.
fn kinds(machine: &Machine) -> Vec<String> {
    let changes = machine.export(&["--changes"]);
    for (seq, change) in (1..).zip(&changes) {
        assert_eq!(change["seq"], seq);
    }
    let kind = |change: &Value| change["kind"].as_str().unwrap().to_owned();
    changes.iter().map(kind).collect()
}

fn has_column(machine: &Machine, column: &str) {
    for (id, columns) in articles(machine) {
        assert_eq!(columns, [column], "{id}");
    }
}

#[test]
fn a_renamed_column_keeps_its_ids_and_leads_its_readers_on() {
    let machine = Machine::new();
    machine.write(
        "cron.toml",
        "# ours\n[[job]]\ncolumns = [\"lucheng/work-news\"]\ncron = \"7 8 * * *\"\n",
    );
    machine.run();
    let before = ids(&machine);
    let feed = published(&machine, "lucheng/work-news/atom.xml");
    let updated: BTreeSet<String> = machine
        .export(&[])
        .iter()
        .map(|article| article["updated_at"].to_string())
        .collect();
    let said = told(&machine.well(&["rename", COLUMN, "lucheng/news"]));
    assert!(
        said.contains(&format!("{ARTICLES} articles, ids as before")),
        "{said}"
    );

    assert_eq!(ids(&machine), before);
    has_column(&machine, "lucheng/news");
    for folder in [machine.public(), machine.path("feeds")] {
        assert_eq!(empty_folders(&folder), [""; 0].map(PathBuf::from));
    }
    let kinds = kinds(&machine);
    assert_eq!(kinds[ARTICLES..], ["amended"; ARTICLES]);
    let after: BTreeSet<String> = machine
        .export(&[])
        .iter()
        .map(|article| article["updated_at"].to_string())
        .collect();
    assert_eq!(after, updated, "nothing is unread again");

    // The files follow.
    assert!(!machine.path("feeds/lucheng/work-news.toml").exists());
    assert!(machine.path("feeds/lucheng/news.toml").exists());
    let cron = std::fs::read_to_string(machine.path("cron.toml")).unwrap();
    assert_eq!(
        cron,
        "# ours\n[[job]]\ncolumns = [\"lucheng/news\"]\ncron = \"7 8 * * *\"\n"
    );

    // A feed at its old address has the same entries, and says where it is.
    let new = published(&machine, "lucheng/news/atom.xml");
    assert_eq!(feed_id(&new), feed_id(&feed));
    let old = published(&machine, "lucheng/work-news/atom.xml");
    assert_eq!(feed_id(&old), feed_id(&feed));
    let own = "http://127.0.0.1:8080/lucheng/news/atom.xml";
    for link in ["rel=\"self\"", own] {
        assert!(old.contains(link), "{link}: {old}");
    }
    let old = published(&machine, "lucheng/work-news/feed.json");
    let moved = entries(&old);
    assert_eq!(moved.len(), ARTICLES + 1);
    assert_eq!(
        moved[1..],
        entries(&published(&machine, "lucheng/news/feed.json"))
    );
    assert!(old.contains("此订阅的地址已变更"), "{old}");
    let page = published(&machine, "lucheng/work-news/index.html");
    assert!(page.contains("lucheng/news/"), "{page}");
    for gone in [
        "lucheng/work-news/articles.json",
        "lucheng/work-news/archive/000001.atom",
    ] {
        assert!(!is_published(&machine, gone), "{gone}");
    }
    let manifest = published(&machine, "lucheng/manifest.json");
    assert!(manifest.contains("lucheng/work-news/rss.xml"), "{manifest}");
    assert!(
        !manifest.contains("lucheng/work-news/articles.json"),
        "{manifest}"
    );

    // The next run knows every article, touches no file, and the server redirects.
    let again = told(&machine.well(&["run"]));
    assert!(again.contains("lucheng/news  ok  0 new"), "{again}");
    assert!(again.contains("published  0 files written"), "{again}");
    let service = machine.serve();
    for (path, target) in [
        ("/lucheng/work-news/rss.xml", "../../lucheng/news/rss.xml"),
        ("/lucheng/work-news/", "../../lucheng/news/"),
        (
            "/lucheng/work-news/archive/000001.atom",
            "../../../lucheng/news/archive/000001.atom",
        ),
    ] {
        let answer = service.get(path);
        assert_eq!(answer.status, 301, "{path}");
        assert!(answer.head.contains(target), "{path}: {}", answer.head);
    }
    assert_eq!(service.get("/lucheng/news/rss.xml").status, 200);
}

#[test]
fn a_moved_portal_keeps_the_numbers_of_the_former_one_and_comes_back() {
    let machine = Machine::new();
    machine.run();
    let before = ids(&machine);
    machine.well(&["move", "lucheng", "changzhi"]);
    assert_eq!(ids(&machine), before);
    has_column(&machine, "changzhi/work-news");
    let feed = std::fs::read_to_string(machine.path("feeds/changzhi/work-news.toml")).unwrap();
    assert!(feed.starts_with("portal = \"lucheng\"\n"), "{feed}");
    let again = told(&machine.well(&["run"]));
    assert!(again.contains("changzhi/work-news  ok  0 new"), "{again}");
    for frozen in [
        "lucheng/atom.xml",
        "lucheng/index.html",
        "lucheng/manifest.json",
    ] {
        assert!(!is_published(&machine, frozen), "{frozen}");
    }
    let redirects = published(&machine, "_redirects");
    assert!(
        redirects.ends_with("/lucheng/* /changzhi/:splat 301\n"),
        "{redirects}"
    );
    are_found_where_they_stand(&machine);

    // Without that line every article would come twice.
    machine.write(
        "feeds/changzhi/work-news.toml",
        feed.strip_prefix("portal = \"lucheng\"\n").unwrap(),
    );
    let refused = machine.dibao(&["run"]);
    assert_eq!(refused.status.code(), Some(1), "{}", told(&refused));
    assert!(
        told(&refused).contains("portal = \"lucheng\""),
        "{}",
        told(&refused)
    );
    assert_eq!(ids(&machine), before);
    let status = machine.dibao(&["status"]);
    assert!(
        told(&status).contains("column-renamed"),
        "{}",
        told(&status)
    );
    machine.write("feeds/changzhi/work-news.toml", &feed);

    machine.well(&["rename", "changzhi/work-news", COLUMN]);
    assert_eq!(ids(&machine), before);
    let feed = std::fs::read_to_string(machine.path("feeds/lucheng/work-news.toml")).unwrap();
    assert!(!feed.contains("portal"), "{feed}");
    let again = told(&machine.well(&["run"]));
    assert!(again.contains("lucheng/work-news  ok  0 new"), "{again}");
}

/// Articles of a column that moved from `lucheng` to `changzhi` are found under both portals, and
/// still name the first as theirs.
fn are_found_where_they_stand(machine: &Machine) {
    for portal in ["lucheng", "changzhi"] {
        let exported = machine.export(&["--portal", portal]);
        assert_eq!(exported.len(), ARTICLES, "{portal}");
        assert!(
            exported
                .iter()
                .all(|article| article["portal"] == "lucheng")
        );
        let of_column = machine.export(&["--portal", portal, "--column", "*/work-news"]);
        assert_eq!(of_column.len(), ARTICLES, "{portal}");
    }
    let service = machine.serve();
    service.get_until("/readyz", |answer| answer.status == 200);
    let total = |query: &str| {
        let answer = service.get(&format!("/api/v1/{query}"));
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        let total = answer["total"].as_u64();
        usize::try_from(total.unwrap_or_else(|| panic!("{query}: {answer}"))).unwrap()
    };
    for (query, length) in [
        ("articles?portal=changzhi&total=true", ARTICLES),
        (
            "articles?portal=changzhi&sort=published&total=true",
            ARTICLES,
        ),
        ("articles?portal=changzhi,lucheng&total=true", ARTICLES),
        ("articles?portal=lucheng&total=true", ARTICLES),
        (
            "articles?portal=changzhi&column=*/work-news&total=true",
            ARTICLES,
        ),
        ("articles?portal=changzhi&until=2001-01-01&total=true", 0),
        ("search?portal=changzhi", ARTICLES),
    ] {
        assert_eq!(total(query), length, "{query}");
    }
    let [here, there] = ["changzhi", "lucheng"]
        .map(|portal| total(&format!("search?portal={portal}&q=%E6%BD%9E%E5%9F%8E")));
    assert!(here == there && here > 0, "{here} {there}");
    let refused = service.get("/api/v1/articles?portal=nowhere");
    assert_eq!(refused.status, 400);
}

#[test]
fn a_file_renamed_by_hand_is_followed_and_a_folder_is_asked_about() {
    let machine = Machine::new();
    machine.run();
    let before = ids(&machine);
    let rename = |from: &str, into: &str| {
        std::fs::rename(machine.path(from), machine.path(into)).unwrap();
    };
    rename("feeds/lucheng/work-news.toml", "feeds/lucheng/news.toml");
    let said = told(&machine.well(&["run"]));
    assert!(
        said.contains("lucheng/work-news is now lucheng/news"),
        "{said}"
    );
    assert_eq!(ids(&machine), before);
    has_column(&machine, "lucheng/news");

    rename("feeds/lucheng", "feeds/changzhi");
    let refused = machine.dibao(&["run"]);
    assert_eq!(refused.status.code(), Some(1), "{}", told(&refused));
    let remedy = "dibao rename lucheng/news changzhi/news";
    assert!(told(&refused).contains(remedy), "{}", told(&refused));
    assert_eq!(ids(&machine), before, "no id is minted anew");
    let feed = published(&machine, "lucheng/news/feed.json");
    assert!(!feed.contains("已停止更新"), "it has not ended: {feed}");
    machine.well(&["rename", "lucheng/news", "changzhi/news"]);
    let again = told(&machine.well(&["run"]));
    assert!(again.contains("changzhi/news  ok  0 new"), "{again}");
    assert_eq!(ids(&machine), before);
}

#[test]
fn a_move_that_was_killed_between_files_and_store_is_completed_by_the_next_command() {
    for has_files in [false, true] {
        let machine = Machine::new();
        machine.run();
        let before = ids(&machine);
        machine.sql(
            "INSERT INTO column_moves (column_name, into_name)
             VALUES ('lucheng/work-news', 'lucheng/news') RETURNING into_name",
        );
        if has_files {
            let [from, into] =
                ["work-news", "news"].map(|name| format!("feeds/lucheng/{name}.toml"));
            std::fs::rename(machine.path(&from), machine.path(&into)).unwrap();
        }
        machine.well(&["publish"]);
        assert_eq!(ids(&machine), before);
        has_column(&machine, "lucheng/news");
        assert!(machine.path("feeds/lucheng/news.toml").exists());
        assert!(
            machine
                .sql("SELECT column_name FROM column_moves")
                .is_empty()
        );
        let again = told(&machine.well(&["run"]));
        assert!(again.contains("lucheng/news  ok  0 new"), "{again}");
    }
}

#[test]
fn a_column_without_a_feed_file_moves_too_and_disturbs_no_later_command() {
    for by_a_kill in [false, true] {
        let machine = Machine::new();
        machine.run();
        let before = ids(&machine);
        if by_a_kill {
            machine.sql(
                "INSERT INTO column_moves (column_name, into_name)
                 VALUES ('lucheng/work-news', 'changzhi/work-news') RETURNING into_name",
            );
        }
        std::fs::remove_file(machine.path("feeds/lucheng/work-news.toml")).unwrap();
        machine.write(
            "feeds/changzhi/other.toml",
            "url = \"http://www.x.example/list/\"\n",
        );
        if !by_a_kill {
            machine.well(&["move", "lucheng", "changzhi"]);
        }
        machine.well(&["publish"]);
        assert_eq!(ids(&machine), before);
        has_column(&machine, "changzhi/work-news");
        let feed = published(&machine, "changzhi/work-news/feed.json");
        assert!(feed.contains("已停止更新"), "{feed}");
        machine.well(&["publish"]);
        assert_eq!(ids(&machine), before);
    }
}

#[test]
fn merged_columns_are_one_and_the_other_feed_says_where() {
    let machine = Machine::new();
    let feed = std::fs::read_to_string(machine.path("feeds/lucheng/work-news.toml")).unwrap();
    let part = |from: u32, to: u32| {
        feed.replace(
            ":nth-child(-n+7)",
            &format!(":nth-child(n+{from}):nth-child(-n+{to})"),
        )
    };
    machine.write("feeds/lucheng/work-news.toml", &part(1, 4));
    machine.write("feeds/lucheng/other.toml", &part(3, 7));
    machine.run();
    let before = articles(&machine);
    let both = before.values().filter(|columns| columns.len() == 2).count();
    let others = before
        .values()
        .filter(|columns| **columns == ["lucheng/other"])
        .count();
    assert!(both > 0 && others > 0, "{before:?}");

    machine.well(&["merge", COLUMN, "lucheng/other"]);
    assert_eq!(ids(&machine), before.keys().cloned().collect());
    has_column(&machine, COLUMN);
    kinds(&machine);
    assert!(!machine.path("feeds/lucheng/other.toml").exists());
    let all = entries(&published(&machine, "lucheng/work-news/feed.json"));
    assert_eq!(all.len(), before.len());
    let left = published(&machine, "lucheng/other/feed.json");
    assert_eq!(entries(&left)[1..], all);
    assert!(left.contains("此订阅的地址已变更"), "{left}");
    let status = machine.well(&["status", "--json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["overview"]["articles"], before.len());

    // The whole history is there: publishing everything gives the same files.
    let files = |machine: &Machine| published(machine, "manifest.json");
    let known = files(&machine);
    machine.well(&["publish", "--all"]);
    assert_eq!(files(&machine), known);
}

#[test]
fn a_paused_column_rests_until_it_is_resumed_or_its_day_comes() {
    let machine = Machine::new();
    machine.well(&["pause", COLUMN]);
    let rests = told(&machine.well(&["run"]));
    assert!(rests.contains("lucheng/work-news  paused"), "{rests}");
    assert!(articles(&machine).is_empty());
    let status = told(&machine.well(&["status"]));
    assert!(status.starts_with("1 column: 1 paused"), "{status}");
    let backfill = machine.dibao(&["backfill", COLUMN]);
    assert_eq!(backfill.status.code(), Some(2), "{}", told(&backfill));

    let past = machine.dibao(&["pause", COLUMN, "--until", "2020-01-01"]);
    assert_eq!(past.status.code(), Some(2), "{}", told(&past));
    machine.well(&["pause", COLUMN, "--until", "2999-01-01"]);
    let feed = std::fs::read_to_string(machine.path("feeds/lucheng/work-news.toml")).unwrap();
    assert!(feed.starts_with("paused = \"2999-01-01\"\n"), "{feed}");
    assert!(told(&machine.well(&["run"])).contains("paused until 2999-01-01"));
    machine.write(
        "feeds/lucheng/work-news.toml",
        &feed.replace("2999-01-01", "2020-01-01"),
    );
    machine.run();
    assert_eq!(articles(&machine).len(), ARTICLES);
    machine.well(&["resume", COLUMN]);
    let feed = std::fs::read_to_string(machine.path("feeds/lucheng/work-news.toml")).unwrap();
    assert!(!feed.contains("paused"), "{feed}");
}

#[test]
fn a_forgotten_column_stays_readable_and_its_feed_says_that_it_ended() {
    for is_by_hand in [false, true] {
        let machine = Machine::new();
        let feed = std::fs::read_to_string(machine.path("feeds/lucheng/work-news.toml")).unwrap();
        machine.write(
            "feeds/other/news.toml",
            "url = \"http://www.lc.gov.cn/none/\"\npaused = true\n",
        );
        machine.run();
        let before = articles(&machine);
        if is_by_hand {
            std::fs::remove_file(machine.path("feeds/lucheng/work-news.toml")).unwrap();
            machine.run();
        } else {
            let said = told(&machine.well(&["forget", COLUMN]));
            assert!(
                said.contains("initial = 1"),
                "the file's text is told: {said}"
            );
        }
        assert!(!machine.path("feeds/lucheng/work-news.toml").exists());
        assert_eq!(articles(&machine), before);
        assert_eq!(kinds(&machine).len(), ARTICLES, "no article changed");
        let json = published(&machine, "lucheng/work-news/feed.json");
        assert_eq!(entries(&json).len(), ARTICLES + 1);
        assert!(
            json.contains("\"expired\":true") && json.contains("本栏目已停止更新"),
            "{json}"
        );
        for path in ["rss.xml", "atom.xml", "index.html"] {
            let text = published(&machine, &format!("{COLUMN}/{path}"));
            assert!(text.contains("停止更新"), "{path}: {text}");
        }
        assert!(is_published(
            &machine,
            "lucheng/work-news/archive/000001.atom"
        ));
        let manifest = published(&machine, "lucheng/manifest.json");
        assert!(manifest.contains("lucheng/work-news/rss.xml"), "{manifest}");
        let again = told(&machine.well(&["run"]));
        assert!(again.contains("published  0 files written"), "{again}");

        // With its file it goes on as if nothing had been.
        machine.write("feeds/lucheng/work-news.toml", &feed);
        let again = told(&machine.well(&["run"]));
        assert!(again.contains("lucheng/work-news  ok  0 new"), "{again}");
        let json = published(&machine, "lucheng/work-news/feed.json");
        assert!(
            !json.contains("expired") && !json.contains("停止更新"),
            "{json}"
        );
        assert_eq!(articles(&machine), before);
    }
}

#[test]
fn a_former_name_is_free_again_once_it_is_forgotten() {
    let machine = Machine::new();
    machine.run();
    machine.well(&["rename", COLUMN, "lucheng/news"]);
    let feed = std::fs::read_to_string(machine.path("feeds/lucheng/news.toml")).unwrap();
    let other = feed.replace(":nth-child(-n+7)", ":nth-child(-n+2)");
    machine.write("feeds/lucheng/work-news.toml", &other);
    let refused = machine.dibao(&["run"]);
    assert_eq!(refused.status.code(), Some(1), "{}", told(&refused));
    assert!(told(&refused).contains("dibao forget lucheng/work-news"));
    std::fs::remove_file(machine.path("feeds/lucheng/work-news.toml")).unwrap();
    machine.well(&["forget", COLUMN]);
    assert!(!is_published(&machine, "lucheng/work-news/rss.xml"));
    machine.write("feeds/lucheng/work-news.toml", &other);
    machine.run();
    let of = |column: &str| published(&machine, &format!("{column}/atom.xml"));
    assert_ne!(feed_id(&of(COLUMN)), feed_id(&of("lucheng/news")));
}

#[test]
fn what_cannot_be_is_refused_with_the_remedy() {
    let machine = Machine::new();
    machine.write(
        "feeds/lucheng/other.toml",
        "url = \"http://www.lc.gov.cn/none/\"\npaused = true\n",
    );
    machine.run();
    for (command, words) in [
        (
            vec!["rename", COLUMN, "lucheng/other"],
            "dibao merge lucheng/other",
        ),
        (vec!["rename", COLUMN, "lucheng/portal"], "about the portal"),
        (vec!["rename", COLUMN, "lucheng"], "PORTAL/COLUMN twice"),
        (
            vec!["rename", "lucheng/none", "lucheng/news"],
            "there is no column",
        ),
        (vec!["merge", COLUMN, COLUMN], "there is no column"),
        (vec!["pause", "lucheng/none"], "there is no column"),
        (vec!["forget", "lucheng/none"], "there is no column"),
    ] {
        let output = machine.dibao(&command);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{command:?}: {}",
            told(&output)
        );
        assert!(
            told(&output).contains(words),
            "{command:?}: {}",
            told(&output)
        );
    }
    assert!(machine.path("feeds/lucheng/work-news.toml").exists());

    // The same list in two files; two lists of one page are two columns.
    let feed = std::fs::read_to_string(machine.path("feeds/lucheng/work-news.toml")).unwrap();
    machine.write("feeds/lucheng/twin.toml", &feed);
    let twins = machine.dibao(&["check", "--offline"]);
    assert_eq!(twins.status.code(), Some(2), "{}", told(&twins));
    assert!(
        told(&twins).contains("are the same list"),
        "{}",
        told(&twins)
    );
    let other = feed.replace(":nth-child(-n+7)", ":nth-child(n+8)");
    machine.write("feeds/lucheng/twin.toml", &other);
    machine.well(&["check", "--offline"]);
}

#[test]
fn in_an_empty_folder_the_first_step_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_dibao"))
        .current_dir(folder.path())
        .arg("run")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(told(&output).contains("dibao add URL"), "{}", told(&output));
}

/// A machine whose column has articles, a job and readers.
fn settled() -> Machine {
    let machine = Machine::new();
    machine.write(
        "cron.toml",
        "[[job]]\ncolumns = [\"lucheng/work-news\"]\ncron = \"7 8 * * *\"\n",
    );
    machine.run();
    machine
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_that_is_killed_anywhere_is_completed_by_the_next_command() {
    const RENAME: [&str; 3] = ["rename", COLUMN, "lucheng/notices"];
    /// Instants of each operation.
    const OFTEN: usize = 3;
    let seed = rand::random();
    println!("seed {seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let mut faults = Vec::new();
    for operation in OPERATIONS {
        let counted = spawn_blocking(move || count_in(&settled(), &RENAME, operation));
        let Some(count) = counted.await.unwrap() else {
            println!("skipped: {operation} cannot be made to fail here (cc, strace)");
            continue;
        };
        let often = OFTEN.min(count);
        faults.extend((0..often).map(|_| Fault {
            operation,
            at: dice.random_range(1..=count),
            errno: KILL,
        }));
    }
    side_by_side(faults, |fault| async move {
        let survive = move || {
            let machine = settled();
            let before = ids(&machine);
            with_fault(&machine, &RENAME, fault).unwrap();
            // The kill may have come before anything was begun: then the column has its old name.
            machine.run();
            let columns: BTreeSet<String> = articles(&machine).into_values().flatten().collect();
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            assert_eq!(columns.len(), 1, "{fault:?}: {columns:?}");
            let is_renamed = columns == ["lucheng/notices"];
            assert!(is_renamed || columns == [COLUMN], "{fault:?}: {columns:?}");
            assert_eq!(ids(&machine), before, "{fault:?}");
            for (name, is_there) in [("work-news", !is_renamed), ("notices", is_renamed)] {
                let file = machine.path(&format!("feeds/lucheng/{name}.toml"));
                assert_eq!(file.exists(), is_there, "{fault:?}: {name}");
            }
            let cron = std::fs::read_to_string(machine.path("cron.toml")).unwrap();
            assert!(cron.contains(columns[0]), "{fault:?}: {cron}");
            kinds(&machine);
            machine.well(&["check", "--offline"]);
            if !is_renamed {
                machine.well(&RENAME);
            }
            let feed = published(&machine, "lucheng/notices/feed.json");
            assert_eq!(entries(&feed).len(), ARTICLES, "{fault:?}");
            let old = published(&machine, "lucheng/work-news/feed.json");
            assert_eq!(entries(&old).len(), ARTICLES + 1, "{fault:?}: it leads on");
        };
        spawn_blocking(survive).await.unwrap();
    })
    .await;
}
