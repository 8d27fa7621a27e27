//! The clock, the zone, and the timetable.
//!
//! Owns the faults of time. Never sets the machine's clock.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use dibao::config::{Column, Cron};
use dibao::demo::Reply;
use dibao::model::Clock;
use dibao::schedule::{self, Due, Plan};
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::machine::{ARTICLES, Machine, PATIENCE, told};
use super::published::assert_undisturbed;
use crate::support;
use crate::support::replica::{FOLDER, Replica};

/// A portal that takes connections and never answers; counts how many it has at once at most.
fn silent_portal() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, open) = (stream.unwrap(), open.clone());
            seen.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::spawn(move || {
                // Until the other side gives up.
                let _ = std::io::copy(&mut stream, &mut std::io::sink());
                open.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    (port, most)
}

#[test]
fn fault_32_ticks_that_overlap_are_skipped_and_counted() {
    let (port, most) = silent_portal();
    let machine = Machine::at(port);
    let job = "[[job]]\ncolumns = [\"*/*\"]\ncron = \"* * * * * *\"\ntimeout = \"3s\"\n";
    machine.write("cron.toml", job);
    let mut service = machine.serve();
    let counted = |line: String| -> Value {
        let line: Value = serde_json::from_str(&line).unwrap();
        line["fields"].clone()
    };
    let first = counted(service.line_with("tick-skipped"));
    let ticks = first["ticks"].as_u64().unwrap();
    // The lists have half of the three seconds, and there is nothing else to read.
    assert!((1..=5).contains(&ticks), "a tick a second: {first}");
    let second = counted(service.line_with("tick-skipped"));
    let both = ticks + second["ticks"].as_u64().unwrap();
    assert_eq!(second["skipped_since_start"].as_u64(), Some(both));
    assert_eq!(service.stop(), Some(0));
    assert_eq!(most.load(Ordering::SeqCst), 1, "never two runs at once");
}

#[test]
fn fault_33_the_hosts_zone_changes_no_byte() {
    for zone in ["America/New_York", "Pacific/Kiritimati", "no/such/zone"] {
        let machine = Machine::new();
        let run = machine.command(&["run"]).env("TZ", zone).output().unwrap();
        assert_eq!(run.status.code(), Some(0), "{}", told(&run));
        assert_undisturbed(&machine.public(), zone);
        let last = machine.sql("SELECT CAST(last_run_ms AS TEXT) FROM columns");
        let last: i64 = last[0].parse().unwrap();
        let now = Clock::system().now().millis();
        assert!((now - 60_000..=now).contains(&last), "{zone}: {last}");
    }
}

/// Two columns of two hosts, due every second, by a clock that the test sets.
struct Timekeeping {
    plan: Arc<Plan>,
    clock: Clock,
    offset_ms: Arc<AtomicI64>,
    runs: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Timekeeping {
    fn new() -> Self {
        let columns = ["a/one", "b/one"].map(|name| {
            let host = &name[..1];
            let text = format!("url = \"http://{host}.gov.cn/\"");
            Column::parse(name.parse().unwrap(), Path::new("test.toml"), &text).unwrap()
        });
        let text = "[[job]]\ncolumns = [\"*/*\"]\ncron = \"* * * * * *\"";
        let offset_ms = Arc::new(AtomicI64::new(0));
        let (offset, began) = (offset_ms.clone(), Instant::now());
        Self {
            plan: Arc::new(Plan {
                columns: columns.into(),
                cron: Cron::parse(Path::new("cron.toml"), text).unwrap(),
                last_runs: BTreeMap::new(),
            }),
            clock: Clock::from_fn(move || {
                let passed = i64::try_from(began.elapsed().as_millis()).unwrap();
                let offset = offset.load(Ordering::SeqCst);
                support::morning().plus(TimeDelta::milliseconds(passed + offset))
            }),
            offset_ms,
            runs: Arc::default(),
        }
    }

    fn runs(&self, column: &str) -> usize {
        self.runs.lock().unwrap().get(column).copied().unwrap_or(0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_33_a_clock_that_leaps_neither_silences_a_column_nor_makes_a_burst() {
    let keeping = Arc::new(Timekeeping::new());
    let stop = CancellationToken::new();
    let (_plans, planned) = watch::channel(keeping.plan.clone());
    let began = Instant::now();
    let day = TimeDelta::days(1).num_milliseconds();
    let run = |due: Due| {
        let (keeping, stop) = (keeping.clone(), stop.clone());
        async move {
            let name = due.columns().next().unwrap().name.as_str();
            let mut runs = keeping.runs.lock().unwrap();
            let count = runs.entry(name.to_owned()).or_default();
            *count += 1;
            // After its second run, the first column's host sets the clock: back, then forward.
            match (name, *count) {
                ("a/one", 2) => keeping.offset_ms.store(-day, Ordering::SeqCst),
                ("a/one", 3) => keeping.offset_ms.store(day, Ordering::SeqCst),
                ("a/one", 5) => stop.cancel(),
                _ => (),
            }
        }
    };
    let (_none, hosts) = tokio::sync::mpsc::unbounded_channel();
    let scheduler = schedule::run(planned, hosts, &keeping.clock, &stop, run);
    tokio::time::timeout(PATIENCE, scheduler)
        .await
        .expect("a column was silenced by the clock");
    // One at the start, one a tick, one for each leap, and one that may just have begun.
    let most = usize::try_from(began.elapsed().as_secs()).unwrap() + 5;
    for column in ["a/one", "b/one"] {
        let runs = keeping.runs(column);
        assert!((3..=most).contains(&runs), "{column}: {runs} runs");
    }
    assert!(began.elapsed() < Duration::from_secs(30));
}

/// The library that sets a process's clock. Its own command leaves named semaphores behind where it
/// is killed, and trips over them when a process has that number again.
fn faketime() -> Option<PathBuf> {
    let places = std::fs::read_dir("/usr/lib").ok()?.flatten();
    let mut libraries = places.map(|place| place.path().join("faketime/libfaketime.so.1"));
    libraries.find(|library| library.is_file())
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_33_a_clock_that_was_set_back_a_day_is_told_and_loses_nothing() {
    let Some(library) = faketime() else {
        println!("skipped: there is no faketime to set a clock with (apt-get install faketime)");
        return;
    };
    let preload = format!("LD_PRELOAD={}", library.display());
    let tomorrow = ["env", &preload, "FAKETIME=+1d", "FAKETIME_DISABLE_SHM=1"];
    let replica = Replica::serve().await;
    let machine = Machine::at(replica.port);
    let list = FOLDER.to_owned();
    let bundled = String::from_utf8(dibao::demo::file(&list).unwrap().to_vec()).unwrap();
    let first = machine.command_by(&tomorrow, &["run"]).output().unwrap();
    assert_eq!(first.status.code(), Some(0), "{}", told(&first));
    let before = machine.export(&["--changes"]);
    assert_eq!(before.len(), ARTICLES);
    // The first article of the second list page heads the first one from now on.
    let second = String::from_utf8(
        dibao::demo::file(&format!("{FOLDER}index_1.html"))
            .unwrap()
            .to_vec(),
    );
    let second = second.unwrap();
    let item = |page: &str| {
        let from = page.find("<ul class=\"list").unwrap();
        let begin = from + page[from..].find("<li").unwrap();
        (begin, page[begin..].find("</li>").unwrap() + begin + 5)
    };
    let (begin, end) = item(&second);
    let (at, _) = item(&bundled);
    let page = format!(
        "{}{}{}",
        &bundled[..at],
        &second[begin..end],
        &bundled[at..]
    );
    replica.answer(&list, Reply::Page(page.into_bytes()));

    let second = machine.dibao(&["run"]);
    let said = told(&second);
    assert_eq!(second.status.code(), Some(0), "{said}");
    for word in ["clock-behind", "the machine's clock", "  ok  "] {
        assert!(said.contains(word), "{word} is not in: {said}");
    }
    assert!(told(&machine.dibao(&["status"])).contains("clock-behind"));
    let after = machine.export(&["--changes"]);
    assert!(after.len() > before.len(), "news came");
    assert_eq!(after[..before.len()], before[..], "nothing was rewritten");
    let instants: Vec<&str> = after.iter().map(|c| c["at"].as_str().unwrap()).collect();
    assert!(instants.is_sorted_by(|a, b| a < b), "{instants:?}");

    // The service is due by the clock as it is, and the incident is over once that has caught up.
    machine.always_due();
    let mut service = machine.serve();
    assert!(service.line_with("WARN").contains("clock-behind"));
    for _ in 0..2 {
        service.line_with("\"due\"");
    }
    assert_eq!(service.stop(), Some(0));
    let third = machine.command_by(&tomorrow, &["run"]).output().unwrap();
    assert!(!told(&third).contains("clock-behind"), "{}", told(&third));
    assert!(!told(&machine.dibao(&["status"])).contains("clock-behind"));
}

#[test]
fn fault_33_a_lease_from_before_the_clock_was_set_back_holds_nobody_up_for_long() {
    let machine = Machine::new();
    machine.run();
    machine.sql(
        "INSERT OR REPLACE INTO leases (host, holder, expires_ms)
         VALUES ('www.lc.gov.cn', 'another machine/1', 4102444800000)",
    );
    // Whether its holder lives cannot be told; but no lease lasts for decades.
    let run = machine.dibao(&["run"]);
    assert!(told(&run).contains("passed over"), "{}", told(&run));
    let expires = machine.sql("SELECT CAST(expires_ms AS TEXT) FROM leases");
    let expires: i64 = expires[0].parse().unwrap();
    let now = Clock::system().now().millis();
    assert!((now..=now + 120_000).contains(&expires), "{expires}");
    // Two minutes later.
    machine.sql("UPDATE leases SET expires_ms = expires_ms - 120000");
    let run = machine.dibao(&["run"]);
    assert!(!told(&run).contains("passed over"), "{}", told(&run));
}
