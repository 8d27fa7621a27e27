//! What reading pages costs, counted in instructions: a count that a busy machine does not change.
//!
//! Owns the limit and the way to count. Never measures time.

#[path = "../benches/extract/pages.rs"]
mod pages;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// What a count may rise before the test fails, in percent.
const MOST: u64 = 5;

/// What was counted, and with which compiler: another one makes another program.
#[derive(Deserialize)]
struct Counted {
    rustc: String,
    instructions: u64,
}

fn counted() -> Counted {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/extract/instructions.toml");
    toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// The version that a program states, if it runs.
fn version(program: &str) -> Option<String> {
    let told = Command::new(program).arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&told.stdout).trim().to_owned())
}

/// The instructions in which these pages are read, each so many times.
fn instructions(pages: &[PathBuf], times: usize) -> u64 {
    let read = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no"])
        .arg("--cachegrind-out-file=/dev/null")
        .args([env!("CARGO_BIN_EXE_dibao"), "extract", "--url"])
        .arg("http://www.lc.gov.example/gzdt/202512/t20251229_1.html")
        .args((0..times).flat_map(|_| pages))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&read.stderr);
    let articles = read.stdout.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(articles, pages.len() * times, "{told}");
    let line = told.lines().find(|line| line.contains("refs:"));
    let number: String = line
        .unwrap_or_else(|| panic!("valgrind counts nothing: {told}"))
        .rsplit(':')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    number.parse().unwrap()
}

#[test]
fn a_page_is_read_in_no_more_instructions_than_before() {
    if version("valgrind").is_none() {
        println!("skipped: valgrind is not installed (apt-get install valgrind)");
        return;
    }
    let before = counted();
    let rustc = version("rustc").unwrap_or_default();
    if rustc != before.rustc {
        println!(
            "skipped: counted with {}, and this is {rustc}",
            before.rustc
        );
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let replica = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/lucheng/site/lcxxgk/xxgkml/jbxxgk/gzdt/202512");
    let names = ["t20251209_3116078.html", "t20251216_3118679.html"];
    let mut all: Vec<PathBuf> = names.iter().map(|name| replica.join(name)).collect();
    for (name, page) in [
        ("prose.html", pages::prose(6000)),
        ("table.html", pages::table(160)),
    ] {
        all.push(folder.path().join(name));
        std::fs::write(folder.path().join(name), page).unwrap();
    }
    // The start of the program is the same in both.
    let now = instructions(&all, 3) - instructions(&all, 1);
    println!("{now} instructions, {} before", before.instructions);
    assert!(
        now * 100 <= before.instructions * (100 + MOST),
        "the pages take {now} instructions, {} before: see with `valgrind --tool=callgrind` where \
         they went, or write the number into benches/extract/instructions.toml and say why",
        before.instructions
    );
}
