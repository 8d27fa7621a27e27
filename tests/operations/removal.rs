//! An article that is removed: nothing is left of its text, and it does not come back.
//!
//! Owns `dibao remove`. Never leaves loopback.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use dibao::archive::Archive;
use dibao::demo::Reply;
use dibao::model::Article;
use dibao::store::{ListedItem, SaveOutcome};
use futures_util::TryStreamExt;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use crate::archive::warcio::{CHECK, python};
use crate::faults_machine::machine::{ARTICLES, COLUMN, Doomed, Machine, told};
use crate::faults_machine::published::assert_whole;
use crate::support::replica::{FOLDER, Replica, files};
use crate::support::{morning, page, temp_store, text};

const SEED: &str = "202512/t20251229_3123304.html";
/// On the seed's page and nowhere else.
const SECRET: &str = "供热主管网焊接完毕";

/// A portal whose seed holds the secret in title and text, collected.
async fn collected() -> (Replica, Machine, Value) {
    let replica = Replica::serve().await;
    let machine = Machine::at(replica.port);
    confide(&replica, SECRET);
    machine.run();
    let articles = machine.export(&[]);
    let is_seed = |article: &&Value| article["url"].as_str().unwrap().ends_with(SEED);
    let seed = articles.iter().find(is_seed).unwrap().clone();
    assert!(seed["body_text"].as_str().unwrap().contains(SECRET));
    (replica, machine, seed)
}

/// The seed's page, its text beginning with this.
fn telling(secret: &str) -> Reply {
    const BEGINNING: &str = "12月29日上午，区二届";
    let page = dibao::demo::file(&format!("{FOLDER}{SEED}")).unwrap();
    let page = String::from_utf8(page.to_vec()).unwrap();
    assert!(page.contains(BEGINNING));
    Reply::Page(
        page.replace(BEGINNING, &format!("{secret}，{BEGINNING}"))
            .into_bytes(),
    )
}

/// The seed's text begins with this from now on.
fn confide(replica: &Replica, secret: &str) {
    replica.answer(&format!("{FOLDER}{SEED}"), telling(secret));
}

/// The files below a folder that hold these words, be they packed.
fn holding(folder: &Path, words: &str) -> Vec<String> {
    holding_bytes(folder, words.as_bytes())
}

/// The files below a folder that hold these bytes, be they packed.
fn holding_bytes(folder: &Path, words: &[u8]) -> Vec<String> {
    let found = files(folder, |path| {
        let bytes = fs::read(path).unwrap();
        let mut unpacked = Vec::new();
        if path.extension().is_some_and(|end| end == "gz") {
            let mut gzip = flate2::read::MultiGzDecoder::new(&bytes[..]);
            gzip.read_to_end(&mut unpacked).unwrap();
        }
        let holds = |bytes: &[u8]| bytes.windows(words.len()).any(|at| at == words);
        holds(&bytes) || holds(&unpacked)
    });
    let found = found.into_iter().filter(|(_, holds)| *holds);
    found.map(|(path, _)| path).collect()
}

fn id_of(article: &Value) -> &str {
    article["id"].as_str().unwrap()
}

fn remove(machine: &Machine, id: &str) {
    machine.well(&["remove", id, "--reason", "法院要求，案号 7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_the_text_in_any_file() {
    let (replica, machine, seed) = collected().await;
    // Two states of it, so that one is in free space.
    confide(&replica, &format!("{SECRET}了"));
    tokio::task::block_in_place(|| machine.sql("UPDATE pages SET next_check_ms = 1"));
    machine.run();
    let revised = machine.export(&["--changes"]);
    assert!(revised.iter().any(|change| change["kind"] == "revised"));
    for folder in ["data", "public"] {
        let found = holding(&machine.path(folder), SECRET);
        assert!(!found.is_empty(), "else this shows nothing");
    }
    // Its texts are packed: pieces of them are looked for, since a page of the database may end in one.
    let packed = tokio::task::block_in_place(|| {
        machine.sql(
            "SELECT hex(body) FROM texts WHERE id IN
                 (SELECT c.text_id FROM changes c JOIN pages p ON p.article_id = c.article_id
                  WHERE p.url LIKE '%t20251229_3123304.html')",
        )
    });
    assert_eq!(packed.len(), 2, "two states");
    let pieces: Vec<&str> = packed
        .iter()
        .flat_map(|hex| [&hex[40..72], &hex[240..272]])
        .collect();
    let holding_pieces = || -> Vec<(String, &str)> {
        let held = pieces.iter().flat_map(|piece| {
            let bytes = (0..piece.len()).step_by(2);
            let bytes = bytes.map(|at| u8::from_str_radix(&piece[at..at + 2], 16).unwrap());
            let found = holding_bytes(&machine.path("data"), &bytes.collect::<Vec<u8>>());
            found.into_iter().map(move |path| (path, *piece))
        });
        held.collect()
    };
    assert!(holding_pieces().len() >= 3, "{:?}", holding_pieces());
    let dumped = holding(&machine.public(), SECRET);
    assert!(
        dumped.iter().any(|path| path.contains("/dump/")),
        "{dumped:?}"
    );
    assert!(dumped.iter().any(|path| path.contains("/archive/")));
    assert!(dumped.iter().any(|path| path.contains("changes/")));

    let urn = format!("urn:uuid:{}", id_of(&seed));
    let removed = machine.well(&["remove", &urn, "--reason", "法院要求，案号 7"]);
    let said = String::from_utf8(removed.stdout).unwrap();
    assert!(
        said.contains(&format!("removed  {}", id_of(&seed))),
        "{said}"
    );
    assert!(
        said.contains("archive  ") && !said.contains("archive  0"),
        "{said}"
    );
    for folder in ["data", "public"] {
        let found = holding(&machine.path(folder), SECRET);
        assert!(found.is_empty(), "{found:?}");
    }
    assert_eq!(holding_pieces(), []);
    let verified = machine.dibao(&["verify", id_of(&seed)]);
    let told = String::from_utf8(verified.stderr).unwrap();
    assert_eq!(verified.status.code(), Some(2));
    assert!(
        told.contains("it was removed") && !told.contains("backup"),
        "{told}"
    );
    let title = seed["title"].as_str().unwrap();
    assert_eq!(holding(&machine.public(), title), Vec::<String>::new());
    // List pages in the archive may name the title: they are no page of the article.
    let found = holding(&machine.path("data"), title);
    assert!(
        found.iter().all(|path| path.starts_with("warc/")),
        "{found:?}"
    );
    assert!(
        holding(&machine.public(), "案号").is_empty(),
        "why is nobody's business"
    );
    let status = String::from_utf8(machine.well(&["status"]).stdout).unwrap();
    assert!(status.contains("法院要求，案号 7"), "{status}");
    assert!(!status.contains("not from everywhere"), "{status}");
    assert_whole(&machine.public());
}

#[tokio::test(flavor = "multi_thread")]
async fn mirrors_and_readers_are_told() {
    let (_replica, machine, seed) = collected().await;
    let before = machine.export(&["--changes"]);
    remove(&machine, id_of(&seed));
    let changes = machine.export(&["--changes"]);
    assert_eq!(changes.len(), before.len() + 1, "one more, none fewer");
    for (at, (change, former)) in changes.iter().zip(&before).enumerate() {
        assert_eq!(change["seq"], at + 1);
        assert_eq!(change["kind"], former["kind"]);
        if change["article"]["id"] != seed["id"] {
            assert_eq!(change, former);
        }
    }
    let last = changes.last().unwrap();
    assert_eq!(last["kind"], "removed");
    let tombstone: Article = serde_json::from_value(last["article"].clone()).unwrap();
    assert!(tombstone.is_tombstone());
    assert_eq!(tombstone.title, "（已移除）");
    for field in ["id", "portal", "columns", "url", "first_seen_at"] {
        assert_eq!(last["article"][field], seed[field], "{field}");
    }
    // A mark that no other article has.
    assert_eq!(last["article"]["removed_at"], last["at"]);
    let others = before.iter().chain(&changes);
    for change in others.filter(|change| change["article"]["title"] != "（已移除）") {
        assert!(change["article"].get("removed_at").is_none(), "{change}");
    }
    for (field, value) in last["article"].as_object().unwrap() {
        let is_empty = match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => false,
        };
        let is_kept = [
            "id",
            "portal",
            "columns",
            "title",
            "url",
            "revision",
            "first_seen_at",
            "updated_at",
            "withdrawn_at",
            "removed_at",
            "content_sha256",
            "content",
        ];
        assert_eq!(!is_empty, is_kept.contains(&field.as_str()), "{field}");
    }
    let of_it = changes
        .iter()
        .filter(|change| change["article"]["id"] == seed["id"]);
    assert!(of_it.clone().count() >= 2);
    assert!(
        of_it
            .clone()
            .all(|change| change["article"] == last["article"])
    );
    let told = |file: &str| -> String {
        fs::read_to_string(machine.public().join(COLUMN).join(file)).unwrap()
    };
    let revisions = told("revisions.atom");
    assert!(revisions.contains("at:deleted-entry"), "{revisions}");
    assert!(revisions.contains(id_of(&seed)) && revisions.contains("本站移除"));
    for file in ["atom.xml", "rss.xml", "feed.json", "articles.json"] {
        assert!(!told(file).contains(id_of(&seed)), "{file}");
    }
    // The history has the tombstone in the article's place.
    assert!(told("archive/000001.atom").contains(id_of(&seed)));
    assert!(told("archive/000001.atom").contains("（已移除）"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_not_come_back_when_it_is_listed_or_looked_at_again() {
    let (replica, machine, seed) = collected().await;
    remove(&machine, id_of(&seed));
    let published = files(&machine.public(), |path| fs::read(path).unwrap());
    replica.asked();
    machine.run();
    // As if the column were new, everything were due, and the portal had forgotten what it said.
    for forget in [
        "DELETE FROM items",
        "UPDATE columns SET etag = NULL, last_modified = NULL, walks = 0",
        "UPDATE pages SET next_check_ms = 1",
    ] {
        tokio::task::block_in_place(|| machine.sql(forget));
    }
    machine.run();
    machine.well(&["backfill", COLUMN, "--pages", "1"]);
    let asked = replica.asked();
    assert!(asked.iter().any(|path| path.contains("t2025")), "{asked:?}");
    assert!(!asked.iter().any(|path| path.ends_with(SEED)), "{asked:?}");
    let after = machine.export(&[]);
    let of_it = |article: &&Value| article["id"] == seed["id"];
    let tombstone: Article =
        serde_json::from_value(after.iter().find(of_it).unwrap().clone()).unwrap();
    assert!(tombstone.is_tombstone());
    let now = files(&machine.public(), |path| fs::read(path).unwrap());
    for (path, bytes) in &published {
        if path.ends_with("atom.xml") {
            assert!(now[path] == *bytes, "{path}");
        }
    }
    // Listed under another address, which is read before it is known for what it is.
    let list = String::from_utf8(dibao::demo::file(FOLDER).unwrap().to_vec()).unwrap();
    let moved = SEED.replace("3123304", "9123304");
    let list = list.replace(SEED, &moved);
    replica.answer(FOLDER, Reply::Page(list.into_bytes()));
    replica.answer(&format!("{FOLDER}{moved}"), telling(SECRET));
    replica.asked();
    machine.run();
    let asked = replica.asked();
    assert_eq!(
        asked.iter().filter(|path| path.ends_with(&moved)).count(),
        1
    );
    let articles = machine.export(&[]);
    assert!(
        articles.len() > ARTICLES,
        "what stands below was read: {}",
        articles.len()
    );
    let is_moved = |article: &Value| article["url"].as_str().unwrap().ends_with(&moved);
    assert!(!articles.iter().any(is_moved));
    for folder in ["data", "public"] {
        let found = holding(&machine.path(folder), SECRET);
        assert!(found.is_empty(), "{found:?}");
    }
    machine.run();
    assert!(!replica.asked().iter().any(|path| path.ends_with(&moved)));
}

/// A removed article that is listed under another address, where its end stands on a page of its
/// own.
#[tokio::test(flavor = "multi_thread")]
async fn its_further_parts_are_turned_away_with_it() {
    const END: &str = "供热工作到此为止";
    let (replica, machine, seed) = collected().await;
    remove(&machine, id_of(&seed));
    let list = String::from_utf8(dibao::demo::file(FOLDER).unwrap().to_vec()).unwrap();
    let moved = SEED.replace("3123304", "9123304");
    replica.answer(FOLDER, Reply::Page(list.replace(SEED, &moved).into_bytes()));
    let Reply::Page(page) = telling(SECRET) else {
        panic!("no page");
    };
    let pager = |number| {
        format!("<script>createPageHTML(2, {number}, 't20251229_9123304', 'html')</script></body>")
    };
    let page = String::from_utf8(page).unwrap();
    let page = page.replace("</body>", &pager(0));
    replica.answer(&format!("{FOLDER}{moved}"), Reply::Page(page.into_bytes()));
    let part = format!(
        "<html><head><title>开幕</title></head><body><h1>开幕</h1><div class=TRS_Editor><p>{END}。</p></div>{}</html>",
        pager(1)
    );
    let second = moved.replace(".html", "_1.html");
    replica.answer(&format!("{FOLDER}{second}"), Reply::Page(part.into_bytes()));
    replica.asked();
    machine.run();
    let asked = replica.asked();
    assert!(
        asked.iter().any(|path| path.ends_with(&second)),
        "{asked:?}"
    );
    let articles = machine.export(&[]);
    let is_moved = |article: &Value| article["url"].as_str().unwrap().ends_with(&moved);
    assert!(!articles.iter().any(is_moved));
    for words in [SECRET, END] {
        let found = holding(&machine.path("data"), words);
        assert!(found.is_empty(), "{words}: {found:?}");
    }
}

#[tokio::test]
async fn a_page_is_known_for_a_removed_article_by_number_or_text_and_by_nothing_less() {
    const NUMBER: &str = "000014349/2025-00001";
    let store = temp_store().await;
    let store = &store.store;
    let column = COLUMN.parse().unwrap();
    let numbered = page("http://a.cn/1.html", Some(NUMBER), "有号", &text(1));
    let alias = page("http://b.cn/1.html", Some(NUMBER), "有号", &text(1));
    let bare = page("http://a.cn/2.html", None, "无号", &text(2));
    for page in [&numbered, &alias, &bare] {
        store.articles().save(morning(), None, page).await.unwrap();
    }
    let articles: Vec<Article> = store.articles().all().try_collect().await.unwrap();
    assert_eq!(articles.len(), 2);
    for article in &articles {
        let removed = store
            .articles()
            .remove(morning(), article.id, "so")
            .await
            .unwrap();
        let removed = removed.unwrap();
        assert_eq!(
            removed.articles,
            [(article.id, Some(article.title.clone()))]
        );
    }
    let seq = store.changes().last_seq().await.unwrap();
    for page in [
        numbered.clone(),
        alias,
        bare,
        page("http://c.cn/3.html", Some(NUMBER), "改了题", &text(1)),
        page("http://c.cn/4.html", None, "无号", &text(2)),
    ] {
        let outcome = store.articles().save(morning(), None, &page).await.unwrap();
        assert_eq!(outcome, SaveOutcome::Removed, "{}", page.url);
        let item = ListedItem {
            url: page.url.clone(),
            title: page.content.title.clone(),
            published_on: None,
            listed_on: None,
            position: 0,
        };
        let items = [item];
        let listed = store
            .queue()
            .add(morning(), &column, "lucheng", 1, &items, u32::MAX);
        assert_eq!(
            listed.await.unwrap().unknown,
            [false],
            "{} is no news",
            page.url
        );
    }
    assert!(
        store
            .queue()
            .due(morning(), &column)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(store.changes().last_seq().await.unwrap(), seq);
    for other in [
        page("http://c.cn/5.html", Some(NUMBER), "别的", &text(5)),
        page("http://c.cn/6.html", None, "无号", &text(6)),
        page(
            "http://c.cn/7.html",
            Some("000014349/2025-00007"),
            "有号",
            &text(1),
        ),
    ] {
        let outcome = store
            .articles()
            .save(morning(), None, &other)
            .await
            .unwrap();
        assert!(matches!(outcome, SaveOutcome::Changed(_)), "{}", other.url);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_archive_stays_an_archive_in_which_nothing_else_has_moved() {
    let (_replica, machine, seed) = collected().await;
    let warc = machine.path("data/warc");
    let before = files(&warc, |path| fs::read(path).unwrap());
    let (name, former) = before.first_key_value().unwrap();
    let archive = Archive::open(&warc, &Default::default()).unwrap();
    let records: Vec<_> = archive.scan(name).unwrap().map(Result::unwrap).collect();
    drop(archive);
    // A full one, which nobody writes any more.
    let file = warc.join(name);
    let mut permissions = fs::metadata(&file).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&file, permissions).unwrap();
    remove(&machine, id_of(&seed));
    assert!(fs::metadata(&file).unwrap().permissions().readonly());
    let after = fs::read(&file).unwrap();
    assert_eq!(after.len(), former.len());
    let archive = Archive::open(&warc, &Default::default()).unwrap();
    let mut erased = 0;
    for (now, then) in archive.scan(name).unwrap().zip(&records) {
        let now = now.unwrap();
        assert_eq!((now.offset, now.length), (then.offset, then.length));
        let is_seed = then
            .field("WARC-Target-URI")
            .is_some_and(|url| url.ends_with(SEED));
        if is_seed {
            assert_eq!(now.field("WARC-Type"), Some("metadata"));
            assert!(now.block.starts_with(b"erased"), "{now:?}");
            erased += 1;
        } else {
            assert_eq!(&now, then);
        }
    }
    assert!(erased >= 3, "request, response and metadata: {erased}");
    python(CHECK, &["check", "-v"], &file);
    assert_eq!(fs::read_dir(&warc).unwrap().count(), before.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_may_be_stopped_anywhere_and_run_again() {
    let (_replica, machine, seed) = collected().await;
    let warc = machine.path("data/warc");
    let name = files(&warc, |_| ()).into_keys().next().unwrap();
    let archive = Archive::open(&warc, &Default::default()).unwrap();
    let records: Vec<_> = archive.scan(&name).unwrap().map(Result::unwrap).collect();
    drop(archive);
    let is_seed = |record: &&dibao::archive::Record| {
        record
            .field("WARC-Target-URI")
            .is_some_and(|url| url.ends_with(SEED))
            && record.field("WARC-Type") == Some("response")
    };
    let response = records.iter().find(is_seed).unwrap();
    // As a power cut leaves it: what is to be overwritten is noted, and half of it is.
    let lines: Vec<(&str, &str)> = ["WARC-Record-ID", "WARC-Date", "WARC-Target-URI"]
        .into_iter()
        .map(|name| (name, response.field(name).unwrap()))
        .collect();
    let (offset, length) = (response.offset, response.length);
    let intent = serde_json::json!({ "offset": offset, "length": length, "lines": lines });
    machine.write(&format!("data/warc/{name}.erasing"), &intent.to_string());
    let file = warc.join(&name);
    let mut bytes = fs::read(&file).unwrap();
    let at = usize::try_from(offset).unwrap();
    bytes[at..at + usize::try_from(length).unwrap() / 2].fill(b' ');
    fs::write(&file, bytes).unwrap();
    // No folder to publish into: the rest is done, and that is told.
    fs::rename(machine.public(), machine.path("elsewhere")).unwrap();
    machine.write("public", "");
    let refused = machine.dibao(&["remove", id_of(&seed), "--reason", "so"]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    fs::remove_file(machine.public()).unwrap();
    fs::rename(machine.path("elsewhere"), machine.public()).unwrap();
    let atom = machine.public().join(COLUMN).join("atom.xml");
    fs::remove_file(&atom).unwrap();
    fs::create_dir(&atom).unwrap();
    let partly = machine.dibao(&["remove", id_of(&seed), "--reason", "so"]);
    let said = told(&partly);
    assert_eq!(partly.status.code(), Some(1), "{said}");
    assert!(said.contains("run the same command again"), "{said}");
    let status = String::from_utf8(machine.dibao(&["status"]).stdout).unwrap();
    assert!(status.contains("not from everywhere yet"), "{status}");
    fs::remove_dir(&atom).unwrap();
    remove(&machine, id_of(&seed));
    let changes = machine.export(&["--changes"]);
    let removals = changes.iter().filter(|change| change["kind"] == "removed");
    assert_eq!(removals.count(), 1);
    assert!(!warc.join(format!("{name}.erasing")).exists());
    python(CHECK, &["check", "-v"], &file);
    for folder in ["data", "public"] {
        assert!(holding(&machine.path(folder), SECRET).is_empty());
    }
}

/// As with `dibao remove … | head -1`: what it says has no reader, and all is done the same.
#[tokio::test(flavor = "multi_thread")]
async fn it_goes_from_everywhere_although_nobody_reads_what_is_said() {
    let (_replica, machine, seed) = collected().await;
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = machine.command(&["remove", id_of(&seed), "--reason", "so"]);
    let unheard = command.stdout(writer).output().unwrap();
    assert_eq!(unheard.status.code(), Some(0), "{}", told(&unheard));
    for folder in ["data", "public"] {
        let found = holding(&machine.path(folder), SECRET);
        assert!(found.is_empty(), "{found:?}");
    }
    let status = String::from_utf8(machine.well(&["status"]).stdout).unwrap();
    assert!(!status.contains("not from everywhere"), "{status}");
}

/// Files of a portal that is collected no more are not written again. dibao names them, down to the
/// feeds of all its columns.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_a_portal_without_a_feed_file_is_named_until_it_is_gone() {
    let (_replica, machine, seed) = collected().await;
    fs::remove_file(machine.path("feeds/lucheng/work-news.toml")).unwrap();
    machine.write(
        "feeds/other/news.toml",
        "url = \"http://www.lc.gov.cn/other/\"\n",
    );
    let args = ["remove", id_of(&seed), "--reason", "so"];
    let partly = machine.dibao(&args);
    let said = told(&partly);
    assert_eq!(partly.status.code(), Some(1), "{said}");
    assert!(said.contains("public/lucheng: was published"), "{said}");
    let left = holding(&machine.public(), SECRET);
    assert!(left.contains(&"lucheng/atom.xml".to_owned()), "{left:?}");
    assert!(
        left.iter().all(|path| path.starts_with("lucheng/")),
        "{left:?}"
    );
    // As it says; and of a portal that goes on without the column, the column alone.
    fs::remove_dir_all(machine.public().join("lucheng")).unwrap();
    fs::create_dir_all(machine.public().join(COLUMN)).unwrap();
    machine.write(
        "feeds/lucheng/other.toml",
        "url = \"http://www.lc.gov.cn/other/\"\n",
    );
    let partly = machine.dibao(&args);
    let said = told(&partly);
    assert_eq!(partly.status.code(), Some(1), "{said}");
    assert!(said.contains("public/lucheng/work-news: was"), "{said}");
    fs::remove_dir_all(machine.public().join(COLUMN)).unwrap();
    machine.well(&args);
    assert!(holding(&machine.public(), SECRET).is_empty());
}

/// Killed at instants that are drawn, each article four times, and then left to finish.
#[test]
fn killed_at_any_instant_it_is_complete_once_it_is_run_again() {
    let machine = Machine::new();
    machine.run();
    let articles = machine.export(&[]);
    // The first one is removed undisturbed, to see how long that takes.
    let began = std::time::Instant::now();
    remove(&machine, id_of(&articles[0]));
    let span = began.elapsed();
    let seed: u64 = rand::random();
    println!("seed {seed}, within {span:?}");
    let mut dice = StdRng::seed_from_u64(seed);
    let mut killed = 0;
    for article in &articles[1..] {
        for _ in 0..4 {
            let mut child = machine.command(&["remove", id_of(article), "--reason", "so"]);
            child.stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = Doomed(child.spawn().unwrap());
            // The instant is what is drawn here; nothing waits for anything.
            std::thread::sleep(dice.random_range(Duration::ZERO..span));
            child.0.kill().unwrap();
            killed += usize::from(child.code().is_none());
            assert_whole(&machine.public());
        }
        remove(&machine, id_of(article));
    }
    assert!(killed > 0, "seed {seed}: none came in time");
    for article in &articles {
        let line = article["body_text"]
            .as_str()
            .unwrap()
            .lines()
            .max_by_key(|line| line.len());
        let text: String = line.unwrap().chars().take(30).collect();
        for folder in ["data", "public"] {
            let found = holding(&machine.path(folder), &text);
            assert!(found.is_empty(), "seed {seed}: {text} in {found:?}");
        }
    }
    let changes = machine.export(&["--changes"]);
    let removals = changes.iter().filter(|change| change["kind"] == "removed");
    assert_eq!(removals.count(), articles.len(), "seed {seed}");
    let numbers: Vec<&Value> = changes.iter().map(|change| &change["seq"]).collect();
    assert!(numbers.iter().enumerate().all(|(at, seq)| **seq == at + 1));
    let warc = machine.path("data/warc");
    for name in files(&warc, |_| ()).into_keys() {
        assert!(name.ends_with(".warc.gz"), "{name}");
        python(CHECK, &["check", "-v"], &warc.join(name));
    }
    machine.run();
    let is_left = |article: &Value| article["title"] != "（已移除）";
    assert!(!machine.export(&[]).iter().any(is_left));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_of_a_column_that_is_no_more_is_told() {
    let (_replica, machine, seed) = collected().await;
    let feeds = machine.path("feeds/lucheng");
    fs::rename(feeds.join("work-news.toml"), feeds.join("news.toml")).unwrap();
    let partly = machine.dibao(&["remove", id_of(&seed), "--reason", "so"]);
    let said = told(&partly);
    assert_eq!(partly.status.code(), Some(1), "{said}");
    assert!(
        said.contains("public/lucheng/work-news: was published"),
        "{said}"
    );
    fs::remove_dir_all(machine.public().join(COLUMN)).unwrap();
    remove(&machine, id_of(&seed));
    assert!(holding(&machine.public(), SECRET).is_empty());
}

#[test]
fn what_cannot_be_removed_is_refused() {
    let machine = Machine::new();
    machine.run();
    let id = machine.export(&[])[0]["id"].as_str().unwrap().to_owned();
    for (args, word) in [
        (&["remove", &id][..], "--reason"),
        (&["remove", &id, "--reason", " "], "--reason is empty"),
        (&["remove", "0", "--reason", "so"], "invalid value '0'"),
        (
            &[
                "remove",
                "ab3f1c2e-0000-5000-8000-000000000001",
                "--reason",
                "so",
            ],
            "no article has this id",
        ),
    ] {
        let refused = machine.dibao(args);
        assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
        assert!(told(&refused).contains(word), "{}", told(&refused));
    }
    assert_eq!(machine.export(&["--changes"]).len(), ARTICLES);
}

/// A service that collects and publishes meanwhile neither stops nor brings it back.
#[tokio::test(flavor = "multi_thread")]
async fn it_goes_while_a_service_runs_and_stays_removed_after_a_rebuild() {
    let (replica, machine, seed) = collected().await;
    machine.always_due();
    let mut service = machine.serve();
    service.line_with("published");
    remove(&machine, id_of(&seed));
    // A cycle has begun after the removal, and ended: the next one of the host comes behind it.
    for _ in 0..3 {
        service.line_with("run ended");
    }
    assert_eq!(service.stop(), Some(0));
    for folder in ["data", "public"] {
        assert!(holding(&machine.path(folder), SECRET).is_empty());
    }
    fs::remove_dir_all(machine.path("data")).unwrap();
    let restored = machine.well(&["restore", "--ids", "public"]);
    assert!(told(&restored).contains("1 articles stay removed"));
    replica.asked();
    machine.run();
    assert!(!replica.asked().iter().any(|path| path.ends_with(SEED)));
    let articles = machine.export(&[]);
    assert_eq!(articles.len(), ARTICLES - 1);
    assert!(articles.iter().all(|article| article["id"] != seed["id"]));
}

/// The captures of one URL, at their places in the archive.
struct Captured {
    archive: Archive,
    folder: tempfile::TempDir,
    store: dibao::store::Store,
}

impl Captured {
    /// Archives a page of this body, and gives its number and offset.
    async fn add(&self, url: &str, body: &str) -> (i64, u64) {
        let url = url.parse().unwrap();
        let capture = dibao::archive::Capture {
            url: &url,
            at: morning(),
            address: None,
            request_head: b"GET / HTTP/1.1\r\n\r\n",
            status: 200,
            response_head: b"HTTP/1.1 200 OK\r\n\r\n",
            body: body.as_bytes(),
            truncated: None,
            fields: &[],
            earlier: None,
        };
        let place = self.archive.write(&capture).unwrap();
        let new = dibao::store::NewCapture {
            place: &place,
            whole: Some((&url, morning())),
        };
        let ids = self.store.captures().note(&[new]).await.unwrap();
        (ids[0].unwrap(), place.offset)
    }

    fn bodies(&self) -> Vec<String> {
        let names = self.archive.files().unwrap();
        let records = names
            .iter()
            .flat_map(|name| self.archive.scan(name).unwrap());
        let records = records.map(Result::unwrap);
        let responses = records.filter(|record| record.field("WARC-Type") == Some("response"));
        responses
            .map(|record| {
                let block = String::from_utf8(record.block).unwrap();
                block.split_once("\r\n\r\n").unwrap().1.to_owned()
            })
            .collect()
    }
}

#[tokio::test]
async fn every_capture_of_it_goes_and_none_that_another_article_was_read_from() {
    let temp = temp_store().await;
    let folder = tempfile::tempdir().unwrap();
    let captured = Captured {
        archive: Archive::open(folder.path(), &Default::default()).unwrap(),
        folder,
        store: temp.store.clone(),
    };
    let store = &temp.store;
    let (url, other) = ("http://a.cn/t1.html", "http://a.cn/t9.html");
    let first = page(url, Some("000014349/2025-00001"), "要走的", &text(1));
    captured.add(url, "former state").await;
    let (id, _) = captured
        .add("https://a.cn:443/t1.html#top", "last state")
        .await;
    captured.add("http://a.cn/t1_2.html", "second part").await;
    captured.add(other, "not its").await;
    let mut first = first;
    first.reading.capture = Some(id);
    store
        .articles()
        .save(morning(), None, &first)
        .await
        .unwrap();
    // Another document takes its address.
    let (id, _) = captured.add(url, "another article").await;
    let mut second = page(url, Some("000014349/2025-00002"), "留下的", &text(2));
    second.reading.capture = Some(id);
    store
        .articles()
        .save(morning(), None, &second)
        .await
        .unwrap();
    let articles: Vec<Article> = store.articles().all().try_collect().await.unwrap();
    let removed = store
        .articles()
        .remove(morning(), articles[0].id, "so")
        .await
        .unwrap();
    let removed = removed.unwrap();
    let is_gone = |url: &url::Url| {
        let firsts = dibao::extract::firsts(url);
        let mut known = firsts.iter().chain([url]);
        known.any(|url| {
            removed
                .urls
                .contains(&dibao::identify::CanonicalUrl::from(url))
        })
    };
    let ends = store.captures().file_ends().await.unwrap();
    let folder = captured.folder.path();
    let erased = dibao::archive::ArchiveFiles::from(folder)
        .erase(&ends, &removed.spared, is_gone, |_| ())
        .unwrap();
    assert!(erased.failed.is_empty(), "{erased:?}");
    assert_eq!(captured.bodies(), ["not its", "another article"]);
    store.captures().forget(&erased.places).await.unwrap();
    let again = dibao::archive::ArchiveFiles::from(folder)
        .erase(&ends, &removed.spared, is_gone, |_| ())
        .unwrap();
    assert_eq!(again.records, 0, "once is enough");
    let kept = store
        .captures()
        .of_page("lucheng", &url.parse().unwrap())
        .await
        .unwrap();
    assert_eq!(kept.unwrap().id, id);
    let articles: Vec<Article> = store.articles().all().try_collect().await.unwrap();
    assert_eq!(articles[1].title, "留下的");
    let outcome = store
        .articles()
        .save(morning(), None, &second)
        .await
        .unwrap();
    assert_eq!(
        outcome,
        SaveOutcome::Unchanged,
        "it goes on being looked at"
    );
}

/// As `dibao remove` beside a service that turns pages away: both erase in the same file.
#[tokio::test]
async fn two_may_erase_in_one_file_at_once() {
    let temp = temp_store().await;
    let folder = tempfile::tempdir().unwrap();
    let captured = Captured {
        archive: Archive::open(folder.path(), &Default::default()).unwrap(),
        folder,
        store: temp.store.clone(),
    };
    let mut places = Vec::new();
    for number in 0..60 {
        let url = format!("http://a.cn/{number}.html");
        places.push(captured.add(&url, &format!("page {number}")).await.1);
    }
    let name = captured.archive.files().unwrap().remove(0);
    let is_even = |url: &url::Url| {
        let taken = fs::File::open(captured.folder.path()).unwrap().try_lock();
        assert!(taken.is_err(), "it keeps others out while it reads");
        let number: u32 = url.path()[1..].trim_end_matches(".html").parse().unwrap();
        number.is_multiple_of(2)
    };
    let ends = temp.store.captures().file_ends().await.unwrap();
    std::thread::scope(|scope| {
        let one = scope.spawn(|| {
            let folder = captured.folder.path();
            dibao::archive::ArchiveFiles::from(folder).erase(
                &ends,
                &Default::default(),
                is_even,
                |_| (),
            )
        });
        for place in places.iter().skip(1).step_by(2) {
            captured.archive.erase(&name, *place).unwrap();
        }
        let erased = one.join().unwrap().unwrap();
        assert!(erased.failed.is_empty(), "{erased:?}");
    });
    assert_eq!(captured.bodies(), [""; 0]);
    let left = files(captured.folder.path(), |_| ());
    assert_eq!(left.into_keys().collect::<Vec<_>>(), [name]);
}

/// A service that is started after a power cut, before anybody removes anything again.
#[tokio::test]
async fn what_was_half_erased_is_erased_before_the_file_is_written_on() {
    let temp = temp_store().await;
    let folder = tempfile::tempdir().unwrap();
    let captured = Captured {
        archive: Archive::open(folder.path(), &Default::default()).unwrap(),
        folder,
        store: temp.store.clone(),
    };
    let (_, first) = captured.add("http://a.cn/1.html", "page 1").await;
    let (_, offset) = captured.add("http://a.cn/2.html", SECRET).await;
    captured.add("http://a.cn/3.html", "page 3").await;
    let name = captured.archive.files().unwrap().remove(0);
    let mut records = captured.archive.scan(&name).unwrap().map(Result::unwrap);
    let record = records.find(|record| record.offset == offset).unwrap();
    let Captured {
        archive, folder, ..
    } = captured;
    drop((records, archive));
    let intent = serde_json::json!({
        "offset": offset,
        "length": record.length,
        "lines": [["WARC-Record-ID", record.field("WARC-Record-ID").unwrap()]],
    });
    let note = folder.path().join(format!("{name}.erasing"));
    fs::write(&note, intent.to_string()).unwrap();
    let file = folder.path().join(&name);
    let mut bytes = fs::read(&file).unwrap();
    let at = usize::try_from(offset).unwrap();
    bytes[at..at + usize::try_from(record.length).unwrap() / 2].fill(b' ');
    fs::write(&file, bytes).unwrap();
    // The index has heard of the first record alone.
    let ends = [(name.clone(), first)].into_iter().collect();
    let archive = Archive::open(folder.path(), &ends).unwrap();
    assert_eq!(archive.repairs(), []);
    assert!(!note.exists());
    let captured = Captured {
        archive,
        folder,
        store: temp.store.clone(),
    };
    captured.add("http://a.cn/4.html", "page 4").await;
    assert_eq!(captured.bodies(), ["page 1", "page 3", "page 4"]);
}

/// A portal's article may be listed by another portal's columns, and is theirs as well.
#[tokio::test]
async fn another_portal_s_article_at_the_address_keeps_its_capture_and_is_named() {
    let temp = temp_store().await;
    let folder = tempfile::tempdir().unwrap();
    let captured = Captured {
        archive: Archive::open(folder.path(), &Default::default()).unwrap(),
        folder,
        store: temp.store.clone(),
    };
    let url = "http://a.cn/t1.html";
    for portal in ["lucheng", "ouhai"] {
        let (id, _) = captured.add(url, portal).await;
        let mut read = page(url, None, "两家都登", &text(1));
        read.portal = portal.to_owned();
        read.reading.capture = Some(id);
        temp.store
            .articles()
            .save(morning(), None, &read)
            .await
            .unwrap();
    }
    let articles: Vec<Article> = temp.store.articles().all().try_collect().await.unwrap();
    let id = articles[0].id;
    let removed = temp
        .store
        .articles()
        .remove(morning(), id, "so")
        .await
        .unwrap();
    let removed = removed.unwrap();
    let standing = [(articles[1].id, url.parse().unwrap())];
    assert!(removed.standing.iter().eq(&standing), "{removed:?}");
    let ends = temp.store.captures().file_ends().await.unwrap();
    let is_gone = |url: &url::Url| {
        let url = dibao::identify::CanonicalUrl::from(url);
        removed.urls.contains(&url)
    };
    let folder = captured.folder.path();
    dibao::archive::ArchiveFiles::from(folder)
        .erase(&ends, &removed.spared, is_gone, |_| ())
        .unwrap();
    assert_eq!(captured.bodies(), ["ouhai"]);
}

#[tokio::test]
async fn no_incident_goes_on_naming_its_title() {
    let temp = temp_store().await;
    let store = &temp.store;
    let (url, number) = ("http://a.cn/1.html", "000014349/2025-00001");
    let titled = |title: &str| page(url, Some(number), title, &text(1));
    let title = "关于\"一老一小\"的\t通知";
    let first = titled(title);
    store
        .articles()
        .save(morning(), None, &first)
        .await
        .unwrap();
    let articles: Vec<Article> = store.articles().all().try_collect().await.unwrap();
    let id = articles[0].id;
    let alias = page("http://b.cn/1.html", Some(number), "别名的题目", &text(1));
    store
        .articles()
        .save(morning(), None, &alias)
        .await
        .unwrap();
    // Another document takes its address, twice told: first and last.
    for (at, other) in ["另一件", "又一件"].into_iter().enumerate() {
        let number = format!("000014349/2025-0001{at}");
        let other = page(url, Some(&number), other, &text(7 + at as u32));
        store
            .articles()
            .save(morning(), None, &other)
            .await
            .unwrap();
    }
    let former = format!("it was {title:?}");
    for (reason, message) in [("old", former.as_str()), ("alias", "别名的题目 is there")] {
        let noted = store
            .incidents()
            .note(morning(), reason, "http://a.cn", message);
        noted.await.unwrap();
    }
    let told = async || {
        let latest = store.incidents().latest(50).await.unwrap();
        format!("{latest:?}{:?}", store.incidents().open().await.unwrap())
    };
    let before = told().await;
    assert!(before.contains("一老一小") && before.contains("别名的题目"));
    store.articles().remove(morning(), id, "so").await.unwrap();
    let after = told().await;
    for title in ["一老一小", "别名的题目"] {
        assert!(!after.contains(title), "{after}");
    }
    assert!(after.contains("又一件"), "of another article: {after}");
}

/// Of chosen columns, the removals are those of their articles.
#[test]
fn the_status_of_a_column_shows_the_removals_of_its_own_articles() {
    let machine = Machine::new();
    machine.write(
        "feeds/lucheng/none.toml",
        "url = \"http://www.lc.gov.cn/none/\"\npaused = true\n",
    );
    machine.run();
    let id = id_of(&machine.export(&[])[0]).to_owned();
    remove(&machine, &id);
    let status = |asked: &str| told(&machine.well(&["status", asked]));
    assert!(status(COLUMN).contains(&format!("removed  {id}")));
    assert!(status("lucheng").contains(&format!("removed  {id}")));
    assert!(!status("lucheng/none").contains("removed  "));
}
