//! The most memory that the program takes, whatever a portal sends.
//!
//! Owns the limit. Never leaves loopback.

use std::process::{Command, Stdio};

use dibao::demo::hostile::{self, Hostile};

use super::machine::{Machine, told};

/// The memory limit of the program, in KiB. A run that read pages of the largest size whole took
/// 81 MB with one of the system's arenas for all threads, and 170 MB at the most with one for
/// each.
const MOST: u64 = 200 * 1024;

/// Runs the command after it, and prints its peak of memory in KiB, as the system counts it.
const MEASURE: &str = "import resource, subprocess, sys\n\
    code = subprocess.call(sys.argv[1:], stdout=sys.stderr)\n\
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n\
    sys.exit(code)";

/// The program that measures the command after it; `None` where there is none.
pub(crate) fn runner() -> Option<[&'static str; 3]> {
    let probe = Command::new("python3")
        .arg("-c")
        .arg("1")
        .stderr(Stdio::null())
        .status();
    let is_there = probe.is_ok_and(|status| status.success());
    is_there.then_some(["python3", "-c", MEASURE])
}

/// The peak of a run over a host of the hostile portal; `None` where it cannot be measured here.
fn peak(fault: &str, expected: &str) -> Option<u64> {
    let portal = ServerOptions::new();
    let machine = Machine::new();
    let host = format!("fault-{fault}.test");
    let feed = format!(
        "url = \"http://{host}{}\"\nlist.initial = 1\nfetch.delay = \"0s\"\n",
        hostile::COLUMN
    );
    machine.write("feeds/lucheng/work-news.toml", &feed);
    let to = format!("{host}:80:{}", portal.hostile.http);
    let runner = runner()?;
    let run = machine
        .command_by(&runner, &["--connect-to", &to, "run"])
        .output()
        .unwrap();
    let said = told(&run);
    assert!(said.contains(expected), "{fault}: {said}");
    let kib = String::from_utf8(run.stdout).unwrap().trim().parse();
    Some(kib.unwrap_or_else(|e| panic!("{fault}: {e}: {said}")))
}

/// The hostile portal, for programs that wait for it outside of any runtime.
struct ServerOptions {
    hostile: Hostile,
    _runtime: tokio::runtime::Runtime,
}

impl ServerOptions {
    fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let hostile = runtime.block_on(Hostile::serve()).unwrap();
        Self {
            hostile,
            _runtime: runtime,
        }
    }
}

fn stays_flat(cases: &[(&str, &str)]) {
    stays_below(MOST, cases);
}

fn stays_below(most: u64, cases: &[(&str, &str)]) {
    for (fault, expected) in cases {
        let Some(kib) = peak(fault, expected) else {
            println!("skipped: no python3 measures memory here");
            return;
        };
        println!("{fault}: {} MB", kib / 1024);
        assert!(kib < most, "{fault}: {kib} KiB");
    }
}

#[test]
fn fault_11_a_gibibyte_in_a_megabyte_takes_no_memory() {
    stays_flat(&[("11-list", "too-large"), ("11-article", "too-large")]);
}

#[test]
fn fault_12_pages_that_are_too_much_take_no_memory() {
    stays_flat(&[
        ("12-list", "too-large"),
        ("12-article", "too-large"),
        ("12-deep", "20 new"),
        ("12-tables", "20 new"),
        ("12-attributes", "20 new"),
        ("12-fonts", "20 new"),
        ("12-text", "20 new"),
        ("12-links", "20 new"),
        ("12-entities", "20 new"),
        ("12-signs", "20 new"),
        ("12-around", "20 new"),
    ]);
}

/// Each picture of the page is published. This takes more memory than a page of text.
#[test]
fn fault_12_pictures_by_the_ten_thousand_take_bounded_memory() {
    stays_below(MOST * 9 / 8, &[("12-captions", "20 new")]);
}
