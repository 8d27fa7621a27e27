//! A mirror that follows the changes equals the store, whichever process is killed meanwhile.
//!
//! Owns the kills and the comparison. Never leaves loopback.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use dibao::model::Timestamp;
use dibao::store::{Purpose, ReadPage, SaveOutcome, Store};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use crate::faults_machine::machine::{Doomed, Machine, PATIENCE, Service, told};
use crate::support::{morning, page, text};

/// Articles that are written about.
const ARTICLES: u32 = 250;

/// Somebody who writes into a machine's store, as a run of another process does.
struct Writer {
    store: Store,
    dice: StdRng,
    now: Timestamp,
    pages: Vec<ReadPage>,
    removed: usize,
}

impl Writer {
    async fn new(machine: &Machine, seed: u64) -> Self {
        let folder = machine.path("data");
        Self {
            store: Store::open(&folder, Purpose::Real).await.unwrap(),
            dice: StdRng::seed_from_u64(seed),
            now: morning(),
            pages: Vec::new(),
            removed: 0,
        }
    }

    /// Does something that changes an article, in one way or another.
    async fn write(&mut self) {
        self.now = self.now.plus(TimeDelta::seconds(1));
        let known = self.pages.len();
        let kind = self.dice.random_range(0..100);
        if known < 20 || kind < 20 && known < ARTICLES as usize {
            let number = u32::try_from(known).unwrap();
            let url = format!("http://www.lc.gov.cn/gzdt/t{number}.html");
            let official = format!("000014349/2026-{:05}", 10_000 + number);
            let title = format!("第{number}号 {}", text(number + 50_000));
            let page = page(&url, Some(&official), &title, &text(number));
            self.record(&page).await;
            self.pages.push(page);
            return;
        }
        let at = self.dice.random_range(0..known);
        match kind {
            20..25 => self.withdraw(at).await,
            25..30 => {
                let mut alias = self.pages[at].clone();
                let url = format!("{}?again={}", alias.url, self.dice.random::<u16>());
                alias.url = url.parse().unwrap();
                alias.found_at = alias.url.clone();
                self.record(&alias).await;
            }
            30 if self.removed < 5 => self.remove(at).await,
            _ => {
                let seed = self.dice.random_range(1_000..500_000);
                let body = text(seed);
                self.pages[at].content.body.body_html = format!("<p>{body}</p>");
                self.pages[at].content.body.body_text = body;
                let page = self.pages[at].clone();
                self.record(&page).await;
            }
        }
    }

    async fn record(&self, page: &ReadPage) -> SaveOutcome {
        let recorded = self.store.articles().save(self.now, None, page);
        recorded.await.unwrap()
    }

    async fn withdraw(&mut self, at: usize) {
        let page = self.pages[at].clone();
        let other = &self.pages[(at + 1) % self.pages.len()].url;
        for _ in 0..2 {
            let looked = self
                .store
                .articles()
                .note_missing(self.now, "lucheng", &page.url);
            looked.await.unwrap();
            self.now = self.now.plus(TimeDelta::hours(25));
            let stays = self
                .store
                .articles()
                .note_unchanged(self.now, "lucheng", other);
            stays.await.unwrap();
        }
    }

    async fn remove(&mut self, at: usize) {
        let snapshot = self.store.changes().after(0, i64::MAX).await.unwrap();
        let url = &self.pages[at].url;
        let found = snapshot.iter().find(|change| change.article.url == *url);
        if let Some(change) = found {
            let removed = self
                .store
                .articles()
                .remove(self.now, change.article.id, "test");
            removed.await.unwrap();
            self.removed += 1;
        }
    }

    async fn seq(&self) -> i64 {
        self.store.changes().last_seq().await.unwrap()
    }
}

/// An address that stays while the server behind it comes and goes.
struct Front {
    address: String,
    behind: Arc<Mutex<Option<String>>>,
}

impl Front {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let behind: Arc<Mutex<Option<String>>> = Arc::default();
        let own = behind.clone();
        tokio::spawn(async move {
            loop {
                let Ok((mut client, _)) = listener.accept().await else {
                    continue;
                };
                let server = own.lock().unwrap().clone();
                tokio::spawn(async move {
                    // Without a server the client is turned away.
                    let Some(server) = server else { return };
                    if let Ok(mut server) = TcpStream::connect(server).await {
                        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                    }
                });
            }
        });
        Self { address, behind }
    }

    /// Starts a server behind it. Its requests are not limited, for all of them come from here.
    fn serve(&self, machine: &Machine) -> Doomed {
        *self.behind.lock().unwrap() = None;
        let mut command = machine.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = Doomed(command.stderr(Stdio::piped()).spawn().unwrap());
        let log = BufReader::new(child.0.stderr.take().unwrap());
        let behind = self.behind.clone();
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("at http://")
                    && line.contains("dibao: serving")
                {
                    let address = address.trim_end_matches('/').to_owned();
                    *behind.lock().unwrap() = Some(address);
                }
            }
        });
        child
    }

    fn mirror(&self, file: &Path, more: &[&str]) -> Command {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mirror_changes.py");
        let mut command = Command::new("python3");
        command.arg(script).arg(format!("http://{}/", self.address));
        command.arg(file).args(more);
        command
    }
}

fn has_python() -> bool {
    let mut probe = Command::new("python3");
    let probe = probe.args(["-c", "import sqlite3"]).stderr(Stdio::null());
    let is_there = probe.status().is_ok_and(|status| status.success());
    if !is_there {
        println!("skipped: python3 is not installed");
    }
    is_there
}

/// The result of SQL on the mirror's file, row by row.
fn rows(file: &Path, sql: &'static str) -> Vec<String> {
    crate::faults_machine::machine::sql_in(file, sql)
}

/// A mirror that ended well after the last change there is.
fn caught_up(front: &Front, file: &Path, more: &[&str]) -> Output {
    let began = Instant::now();
    loop {
        let output = front.mirror(file, more).output().unwrap();
        if output.status.success() {
            return output;
        }
        assert!(
            told(&output).contains("try again later") && began.elapsed() < PATIENCE,
            "{}",
            told(&output)
        );
    }
}

/// The mirror has each article as the store has it, and took every change after its snapshot once.
fn assert_equal(machine: &Machine, file: &Path) {
    let theirs = rows(file, "SELECT article FROM articles");
    let mut theirs: Vec<Value> = theirs
        .iter()
        .map(|row| serde_json::from_str(row).unwrap())
        .collect();
    let mut ours = machine.export(&[]);
    let by_id = |article: &Value| article["id"].as_str().unwrap().to_owned();
    theirs.sort_by_key(by_id);
    ours.sort_by_key(by_id);
    assert_eq!(theirs.len(), ours.len());
    for (mirrored, stored) in theirs.iter().zip(&ours) {
        assert_eq!(mirrored, stored);
    }
    let begun = rows(
        file,
        "SELECT CAST(value AS TEXT) FROM state WHERE key = 'snapshot'",
    );
    let changes = machine.export(&["--changes", "--after", &begun[0]]);
    let expected: Vec<String> = changes
        .iter()
        .map(|change| {
            let text = |name: &str| change[name].as_str().unwrap();
            let id = change["article"]["id"].as_str().unwrap();
            format!("{} {} {} {id}", change["seq"], text("kind"), text("at"))
        })
        .collect();
    let taken = rows(
        file,
        "SELECT seq || ' ' || kind || ' ' || at || ' ' || id FROM changes ORDER BY seq",
    );
    assert_eq!(taken, expected, "what was taken is not what changed");
}

/// Writes this number of changes while the server and the mirror are killed this number of times.
fn kill_both(changes: i64, kills: i64, seed: u64) {
    if !has_python() {
        return;
    }
    println!("seed {seed}: {changes} changes, {kills} kills");
    let began = Instant::now();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let machine = Machine::new();
    machine.run();
    let mut writer = runtime.block_on(Writer::new(&machine, seed));
    let front = runtime.block_on(Front::open());
    let file = machine.path("mirror.sqlite");
    let goal = Arc::new(AtomicI64::new(0));
    let until = goal.clone();
    let writing = runtime.spawn(async move {
        let mut seq = writer.seq().await;
        while seq < changes {
            if seq < until.load(Ordering::Relaxed) {
                writer.write().await;
                seq = writer.seq().await;
            } else {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        writer.store.close().await;
    });

    let mut dice = StdRng::seed_from_u64(seed ^ 1);
    let span = Duration::from_millis(1_500);
    let mut server = front.serve(&machine);
    let follow = |dice: &mut StdRng| {
        let is_static = dice.random_bool(0.3);
        let more: &[&str] = match is_static {
            true => &["--static"],
            false => &["--follow"],
        };
        let mut command = front.mirror(&file, more);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Doomed(command.spawn().unwrap())
    };
    let mut mirror = follow(&mut dice);
    let (mut of_server, mut of_mirror) = (0, 0);
    for kill in 1..=kills {
        goal.store(changes * kill / kills, Ordering::Relaxed);
        // The instant is what is drawn here; nothing waits for anything.
        std::thread::sleep(dice.random_range(Duration::ZERO..span));
        if dice.random_bool(0.5) {
            server.0.kill().unwrap();
            server = front.serve(&machine);
            of_server += 1;
        } else {
            mirror.0.kill().unwrap();
            mirror = follow(&mut dice);
            of_mirror += 1;
        }
    }
    runtime.block_on(writing).unwrap();
    drop(mirror);
    let midway = rows(
        &file,
        "SELECT CAST(COALESCE(MAX(value), 0) AS TEXT) FROM state",
    );
    let output = caught_up(&front, &file, &[]);
    assert_equal(&machine, &file);
    assert_eq!(rows(&file, "PRAGMA integrity_check"), ["ok"]);
    let kinds = rows(
        &file,
        "SELECT kind || ' ' || COUNT(*) FROM changes GROUP BY kind ORDER BY kind",
    );
    let took = began.elapsed();
    println!(
        "seed {seed}: server killed {of_server} times, mirror {of_mirror}; had {} when the writer ended; {}{kinds:?}; {took:?}",
        midway[0],
        told(&output),
    );
    drop(server);
}

/// Answers one request with these bytes, and closes.
fn answer_once(bytes: Vec<u8>) -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let _ = client.read(&mut [0; 4096]).unwrap();
        client.write_all(&bytes).unwrap();
    });
    address
}

#[test]
fn a_snapshot_that_breaks_off_is_none_wherever_it_does() {
    if !has_python() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mirror.sqlite");
    let whole = "HTTP/1.1 200 OK\r\nDibao-Seq: 2\r\nDibao-Articles: 2\r\nTransfer-Encoding: chunked\r\n\r\n\
                 b\r\n{\"id\":\"a\"}\n\r\nb\r\n{\"id\":\"b\"}\n\r\n0\r\n\r\n";
    for end in [whole.len() - 21, whole.len() - 12, whole.len() - 30] {
        let front = Front {
            address: answer_once(whole.as_bytes()[..end].to_vec()),
            behind: Arc::default(),
        };
        let output = front.mirror(&file, &[]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{end}: {}", told(&output));
        assert!(
            told(&output).contains("try again later"),
            "{end}: {}",
            told(&output)
        );
        assert_eq!(rows(&file, "SELECT id FROM articles"), [""; 0], "{end}");
        assert_eq!(rows(&file, "SELECT key FROM state"), [""; 0], "{end}");
    }
}

#[test]
fn a_wrong_address_is_told_in_a_line_with_what_was_expected_and_no_page() {
    if !has_python() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mirror.sqlite");
    let page = "<!DOCTYPE html><html><body>a long page for people</body></html>";
    for (status, more) in [
        ("200 OK", &[][..]),
        ("404 Not Found", &[]),
        ("404 Not Found", &["--static"]),
    ] {
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n{page}"
        );
        let front = Front {
            address: answer_once(answer.into_bytes()),
            behind: Arc::default(),
        };
        let output = front.mirror(&file, more).output().unwrap();
        let said = told(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        for part in [
            &front.address,
            "expected the address of a site",
            "https://news.example/",
            "--static",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!said.contains('<'), "{said}");
    }
}

#[test]
fn a_mirror_does_not_go_on_with_another_account_of_changes() {
    if !has_python() {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let front = runtime.block_on(Front::open());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mirror.sqlite");
    let behind = |service: &Service| {
        *front.behind.lock().unwrap() = Some(service.address.clone());
    };
    let served = |changes: i64, seed: u64| {
        let machine = Machine::new();
        runtime.block_on(async {
            let mut writer = Writer::new(&machine, seed).await;
            while writer.seq().await < changes {
                writer.write().await;
            }
            writer.store.close().await;
        });
        machine.run();
        let service = machine.serve();
        (machine, service)
    };
    let (machine, service) = served(30, 1);
    behind(&service);
    caught_up(&front, &file, &[]);
    assert_equal(&machine, &file);
    let before = rows(&file, "SELECT mark FROM last");
    drop(service);
    // One that knows less, and one that knows more, of other things.
    for (changes, more) in [(10, &[][..]), (60, &[]), (60, &["--static"])] {
        let (_machine, service) = served(changes, 2);
        behind(&service);
        let output = front.mirror(&file, more).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(1),
            "{changes}: {}",
            told(&output)
        );
        assert!(
            told(&output).contains("begin anew"),
            "{changes}: {}",
            told(&output)
        );
        assert_eq!(rows(&file, "SELECT mark FROM last"), before);
    }
}

#[test]
fn a_mirror_has_everything_once_through_kills_of_both_ends() {
    kill_both(300, 10, rand::random());
}

#[test]
#[ignore = "long: ./soak runs it"]
fn soak_mirror_10_000_changes_with_200_kills_of_both_ends() {
    let seed = std::env::var("SEED").ok();
    let seed = seed.map_or_else(rand::random, |seed| seed.parse().unwrap());
    kill_both(10_000, 200, seed);
}
