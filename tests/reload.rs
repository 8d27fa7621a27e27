//! `dibao serve` follows its files while it runs: on SIGHUP, and when they change. Runs under way
//! go on.
//!
//! Owns the changed files. Never leaves loopback.

use std::sync::{Arc, Condvar, Mutex};

use dibao::demo::{self, Reply};
use serde_json::Value;

use crate::faults_machine::machine::{ARTICLES, COLUMN, Machine, PATIENCE, Service, told};

/// A second portal's host; its pages are the replica's.
const OTHER: &str = "www.two.gov.cn";
const READ_AGAIN: &str = "the configuration was read again";
const STAYS: &str = "the configuration stays as it was";
const LEFT_OUT: &str = "columns are left out until their files are mended";
const NEVER: &str = "0 0 1 1 *";

/// A portal that keeps the first article page it is asked for to itself until it is let go.
#[derive(Default)]
struct Gate {
    state: Mutex<(bool, bool)>,
    changed: Condvar,
}

impl Gate {
    /// Serves the replica behind a gate, and gives its port.
    fn portal() -> (Arc<Self>, u16) {
        let gate = Arc::new(Self::default());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let kept = gate.clone();
        std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_multi_thread();
            let runtime = runtime.worker_threads(4).enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let answer = move |path: &str| kept.answer(path);
                demo::serve(listener, Some(Arc::new(answer))).await.unwrap();
            });
        });
        (gate, port)
    }

    fn answer(&self, path: &str) -> Option<Reply> {
        // Others are answered meanwhile.
        tokio::task::block_in_place(|| self.keep(path));
        None
    }

    fn keep(&self, path: &str) {
        let mut state = self.state.lock().unwrap();
        if path.contains("/t20") && !state.0 {
            state.0 = true;
            self.changed.notify_all();
            while !state.1 {
                state = self.changed.wait_timeout(state, PATIENCE).unwrap().0;
            }
        }
    }

    /// Waits until an article is asked for.
    fn wait(&self) {
        let state = self.state.lock().unwrap();
        let arrived = |state: &mut (bool, bool)| !state.0;
        let (state, waited) = self
            .changed
            .wait_timeout_while(state, PATIENCE, arrived)
            .unwrap();
        drop(state);
        assert!(!waited.timed_out(), "no article was asked for");
    }

    fn open(&self) {
        self.state.lock().unwrap().1 = true;
        self.changed.notify_all();
    }
}

fn timetable(cron: &str) -> String {
    format!("[[job]]\ncolumns = [\"*/*\"]\ncron = \"{cron}\"\n")
}

/// A feed of six articles on this host.
fn feed(host: &str, more: &str) -> String {
    format!(
        "{more}\nurl = \"http://{host}/lcxxgk/xxgkml/jbxxgk/gzdt/\"\n[list]\ninitial = 1\n\
         item = \"ul.list > li:nth-child(-n+7)\"\n[fetch]\ndelay = \"0s\"\n"
    )
}

fn serve(machine: &Machine, port: u16) -> Service {
    let to = format!("{OTHER}:80:127.0.0.1:{port}");
    Service::of(machine.command(&["--connect-to", &to, "serve", "--listen", "127.0.0.1:0"]))
}

/// What is told of the files, once so many incidents are open.
#[track_caller]
fn incidents(machine: &Machine, count: usize) -> Vec<String> {
    let sql = "SELECT message FROM incidents WHERE reason = 'configuration' AND closed_ms IS NULL";
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let open = machine.sql(sql);
        if open.len() == count {
            return open;
        }
        assert!(std::time::Instant::now() < deadline, "{open:?}");
    }
}

fn fields(line: &str) -> Value {
    let line: Value = serde_json::from_str(line).unwrap();
    line["fields"].clone()
}

#[test]
fn sighup_brings_a_column_a_title_and_a_timetable_and_the_slow_run_in_flight_completes() {
    let (gate, port) = Gate::portal();
    let machine = Machine::at(port);
    machine.write("cron.toml", &timetable(NEVER));
    let mut service = serve(&machine, port);
    gate.wait();

    machine.write("feeds/two/news.toml", &feed(OTHER, ""));
    let first = feed(demo::HOST, "title = \"改了名字的栏目\"");
    machine.write("feeds/lucheng/work-news.toml", &first);
    machine.write("cron.toml", &timetable("*/10 * * * *"));
    service.child.signal("-HUP");
    let again = fields(&service.line_with(READ_AGAIN));
    assert_eq!(
        (&again["columns"], &again["removed"]),
        (&2.into(), &serde_json::json!([]))
    );
    assert_eq!(again["added"], serde_json::json!(["two/news"]));
    // All of it while the run still waits for its first article.
    let ended = fields(&service.line_with("run ended"));
    let report = ended["report"].as_str().unwrap();
    assert!(report.starts_with("two/news  ok  6 new"), "{report}");
    let other = service.get_until("/two/news/atom.xml", |answer| answer.status == 200);
    assert_eq!(
        other.header("cache-control"),
        Some("public, max-age=600"),
        "as often as the new timetable has it"
    );
    service.get_until("/", |answer| {
        String::from_utf8_lossy(&answer.body).contains("改了名字的栏目")
    });

    gate.open();
    let ended = fields(&service.line_with("run ended"));
    let report = ended["report"].as_str().unwrap();
    assert!(
        report.starts_with("lucheng/work-news  ok  6 new"),
        "{report}"
    );
    service.line_with("published");
    let status = machine.dibao(&["status", "--json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    for column in status["columns"].as_array().unwrap() {
        assert_eq!(column["healthy"], true, "{column}");
    }
    assert_eq!(service.stop(), Some(0));
    assert_eq!(machine.export(&[]).len(), 2 * ARTICLES);
}

#[test]
fn a_column_that_is_taken_away_while_it_runs_ends_its_run_and_is_due_no_more() {
    let (gate, port) = Gate::portal();
    let machine = Machine::at(port);
    machine.always_due();
    let mut service = serve(&machine, port);
    gate.wait();
    machine.write("feeds/two/news.toml", &feed(OTHER, ""));
    std::fs::remove_file(machine.path("feeds/lucheng/work-news.toml")).unwrap();
    service.child.signal("-HUP");
    let again = fields(&service.line_with(READ_AGAIN));
    assert_eq!(again["removed"], serde_json::json!(["lucheng/work-news"]));
    service.line_with("two/news  ok");

    gate.open();
    let report = fields(&service.line_with("lucheng/work-news  ok"))["report"].clone();
    assert!(report.as_str().unwrap().contains("6 new"), "{report}");
    // The other goes on, second by second, and this one does not.
    for _ in 0..3 {
        let lines = service.lines_to("\"due\"");
        assert!(lines.last().unwrap().contains("two/news"), "{lines:?}");
    }
    // Its articles are there when it comes back, and are not fetched again.
    machine.write("feeds/lucheng/work-news.toml", &feed(demo::HOST, ""));
    service.child.signal("-HUP");
    service.line_with(READ_AGAIN);
    let report = fields(&service.line_with("lucheng/work-news  ok"))["report"].clone();
    assert!(report.as_str().unwrap().contains("0 new"), "{report}");
    assert_eq!(service.stop(), Some(0));
    assert_eq!(machine.export(&[]).len(), 2 * ARTICLES);
}

#[test]
fn files_that_change_are_followed_unasked_and_a_broken_one_is_told_once_and_changes_nothing() {
    let machine = Machine::new();
    machine.write("cron.toml", &timetable(NEVER));
    let mut service = machine.serve();
    service.line_with("6 new");
    service.whole_feed();

    let broken = timetable("0 25 * * *") + "quite_hours = \"23:00-06:00\"\n";
    machine.write("cron.toml", &broken);
    let line = service.line_with(STAYS);
    let error = fields(&line)["error"].as_str().unwrap().to_owned();
    for word in ["cron.toml", "`job.quite_hours`", "`job.quiet_hours`"] {
        assert!(error.contains(word), "{error}");
    }
    // As it is for who asks meanwhile.
    let status = machine.dibao(&["status"]);
    assert_eq!(status.status.code(), Some(2));
    assert!(told(&status).contains("quite_hours"), "{}", told(&status));
    assert_eq!(service.get(&format!("/{COLUMN}/atom.xml")).status, 200);

    // Corrected, and one more change: what feeds call themselves is another address.
    machine.write("cron.toml", &timetable(NEVER));
    let settings = "base_url = \"https://moved.example/\"\ncontact = \"ops@example.org\"\n\
                    connections = 7\n";
    machine.write("dibao.toml", settings);
    let lines = service.lines_to(READ_AGAIN);
    let errors = lines.iter().filter(|line| line.contains("ERROR"));
    assert_eq!(errors.count(), 0, "told once: {lines:?}");
    let restart: Vec<String> = (0..2)
        .map(|_| service.line_with("restart-needed"))
        .collect();
    assert!(
        restart[0].contains("dibao.toml: key `connections`"),
        "{restart:?}"
    );
    assert!(
        restart[1].contains("dibao.toml: key `contact`"),
        "{restart:?}"
    );
    service.get_until(&format!("/{COLUMN}/atom.xml"), |answer| {
        String::from_utf8_lossy(&answer.body).contains("https://moved.example/")
    });
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn a_broken_file_is_an_incident_until_it_is_corrected() {
    let machine = Machine::new();
    machine.write("cron.toml", &timetable(NEVER));
    let mut service = machine.serve();
    service.line_with("6 new");
    assert!(incidents(&machine, 0).is_empty());
    let url = "url = \"http://www.lc.gov.cn/\"\nlist.itme = \"li\"\n";
    machine.write("feeds/lucheng/broken.toml", url);
    service.child.signal("-HUP");
    service.line_with(LEFT_OUT);
    let open = incidents(&machine, 1);
    for word in ["broken.toml", "`list.itme`", "`list.item`"] {
        assert!(open[0].contains(word), "{open:?}");
    }
    std::fs::remove_file(machine.path("feeds/lucheng/broken.toml")).unwrap();
    service.child.signal("-HUP");
    service.line_with(READ_AGAIN);
    incidents(&machine, 0);
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn a_service_starts_without_the_column_whose_file_is_broken_and_takes_it_in_once_it_is_mended() {
    let (_gate, port) = Gate::portal();
    let machine = Machine::new();
    machine.write("cron.toml", &timetable(NEVER));
    let broken = feed(OTHER, "titel = \"二\"");
    machine.write("feeds/two/news.toml", &broken);
    let mut service = serve(&machine, port);
    service.line_with("lucheng/work-news  ok");
    service.whole_feed();
    let open = &incidents(&machine, 1)[0];
    for word in [LEFT_OUT, "two/news.toml", "`titel`"] {
        assert!(open.contains(word), "{open}");
    }

    // A column of it that is in force stays so, although its file is broken now, too.
    machine.write("feeds/lucheng/work-news.toml", "title = 1\n");
    service.child.signal("-HUP");
    service.line_with(STAYS);
    assert_eq!(service.get(&format!("/{COLUMN}/atom.xml")).status, 200);
    machine.write("feeds/lucheng/work-news.toml", &feed(demo::HOST, ""));
    machine.write("feeds/two/news.toml", &feed(OTHER, ""));
    service.child.signal("-HUP");
    let again = fields(&service.line_with(READ_AGAIN));
    assert_eq!(again["added"], serde_json::json!(["two/news"]));
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn quiet_hours_keep_even_a_new_column_waiting_until_they_are_over_or_gone() {
    let machine = Machine::new();
    let now = dibao::model::Clock::system().now();
    // From an hour ago to three hours from now, whatever the time is.
    let hour = |hours: i64| {
        let time = now.plus(chrono::TimeDelta::hours(hours)).to_chrono();
        time.format("%H:%M").to_string()
    };
    let quiet = format!("quiet_hours = \"{}-{}\"\n", hour(-1), hour(3));
    machine.write("cron.toml", &(quiet + &timetable("* * * * * *")));
    let check = told(&machine.well(&["check", "--offline"]));
    let end = now.plus(chrono::TimeDelta::hours(3)).to_string();
    assert!(check.contains(&format!("next {}", &end[..16])), "{check}");
    let mut service = machine.serve();
    service.line_with("published");
    machine.always_due();
    service.child.signal("-HUP");
    let lines = service.lines_to(READ_AGAIN);
    let due = lines.iter().filter(|line| line.contains("\"due\""));
    assert_eq!(due.count(), 0, "{lines:?}");
    service.line_with("6 new");
    assert_eq!(service.stop(), Some(0));
}
