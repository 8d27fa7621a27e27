//! Files that are not pages, through the program: it refuses each with its reason, in bounded time
//! and memory.
//!
//! Owns these files. Never asks a portal.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::faults_machine::memory::runner;
use crate::stub_pages::STUBS;

/// The memory limit of the program, in KiB.
const MEMORY: u64 = 200 * 1024;
/// A release build takes a tenth of this; a debug build beside other tests takes longer.
const TIME: Duration = Duration::from_secs(20);

const SEED: &str = "fixtures/lucheng/site/lcxxgk/xxgkml/jbxxgk/gzdt/202512/t20251229_3123304.html";
const LIST: &str = "fixtures/lucheng/site/lcxxgk/xxgkml/jbxxgk/gzdt/index.html";

fn dibao(folder: &Path, args: &[&str], input: Stdio) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dibao"))
        .current_dir(folder)
        .args(args)
        .stdin(input)
        .output()
        .unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// It ends with 1 and prints nothing but why, in these words.
fn refused(output: &Output, words: &[&str]) {
    let error = told(output);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(output.stdout.is_empty(), "{error}");
    for word in words {
        assert!(error.contains(word), "{word:?} is not in: {error}");
    }
}

/// The peak of memory, in KiB, of a command that is refused in time.
fn peak(folder: &Path, args: &[&str], word: &str) -> Option<u64> {
    let [python, flag, measure] = runner()?;
    let began = Instant::now();
    let output = Command::new(python)
        .current_dir(folder)
        .args([flag, measure, env!("CARGO_BIN_EXE_dibao")])
        .args(args)
        .output()
        .unwrap();
    let (took, error) = (began.elapsed(), told(&output));
    assert_eq!(output.status.code(), Some(1), "{args:?}: {error}");
    assert!(error.contains(word), "{args:?}: {error}");
    assert!(took < TIME, "{args:?} took {took:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let kib = printed.trim().parse().unwrap();
    println!("{args:?}: {took:?}, {} MB", kib / 1024);
    Some(kib)
}

#[test]
fn files_of_any_size_and_make_are_refused_in_bounded_time_and_memory() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let noise: Vec<u8> = (0..3_000_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let nested = |bytes: usize| "<div><b><table><tr><td>".repeat(bytes / 23);
    std::fs::write(at.join("empty.html"), " \r\n").unwrap();
    std::fs::write(at.join("binary"), noise).unwrap();
    std::fs::write(at.join("huge.html"), nested(50 << 20)).unwrap();
    std::fs::write(at.join("large.html"), nested(14 << 20)).unwrap();
    let bare = "<title>某县人民政府</title><body><div id=zoom></div></body>";
    std::fs::write(at.join("bare.html"), bare).unwrap();
    for (file, word) in [
        ("empty.html", "empty: "),
        ("binary", "garbage: "),
        ("huge.html", "too-large: it is larger than 15728640 bytes"),
        ("large.html", "is not a"),
        ("bare.html", "is not a"),
    ] {
        for command in ["extract", "list"] {
            let Some(kib) = peak(at, &[command, file], word) else {
                println!("skipped: no python3 measures memory here");
                return;
            };
            assert!(kib < MEMORY, "{command} {file}: {kib} KiB");
        }
    }
}

#[test]
fn pipes_and_devices_are_read_like_files_up_to_the_same_size() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let open = |file: &str| Stdio::from(std::fs::File::open(root.join(file)).unwrap());
    let args = ["extract", "/dev/stdin"];
    let read = dibao(folder.path(), &args, open(SEED));
    assert_eq!(read.status.code(), Some(0), "{}", told(&read));
    let args = ["extract", "/dev/zero"];
    let endless = dibao(folder.path(), &args, Stdio::null());
    refused(&endless, &["/dev/zero: too-large: "]);
    let nothing = dibao(folder.path(), &["list", "/dev/stdin"], Stdio::null());
    refused(&nothing, &["/dev/stdin: empty: "]);
    let directory = dibao(folder.path(), &["list", "."], Stdio::null());
    refused(&directory, &[".: cannot be read", "remedy"]);
}

#[test]
fn a_page_that_is_none_is_told_by_its_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut names = Vec::new();
    for (nth, (_, _, html)) in STUBS.iter().enumerate() {
        names.push(format!("{nth}.html"));
        std::fs::write(at.join(&names[nth]), html).unwrap();
    }
    let url = "http://www.x.gov.cn/xxgk/gzdt/202512/t20251229_1.html";
    let mut args = vec!["extract", "--url", url];
    args.extend(names.iter().map(String::as_str));
    let all = dibao(at, &args, Stdio::null());
    let lines: Vec<String> = STUBS
        .iter()
        .zip(&names)
        .map(|((stub, _, _), name)| {
            let code = stub.verdict().code();
            format!("dibao: {name}: is not an article: {code}: {stub}")
        })
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    refused(&all, &lines);
    let mut kinds = Vec::new();
    for ((stub, _, _), name) in STUBS.iter().zip(&names) {
        if !kinds.contains(stub) {
            kinds.push(stub.clone());
            let line = format!(
                "{name}: is not a column page: {}: {stub}",
                stub.verdict().code()
            );
            let args = ["list", "--url", url, name];
            refused(&dibao(at, &args, Stdio::null()), &[&line]);
        }
    }
}

#[test]
fn a_list_is_no_article_and_says_what_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join(LIST);
    let args = ["extract", list.to_str().unwrap()];
    let read = dibao(folder.path(), &args, Stdio::null());
    refused(&read, &["is not an article: it lists others", "dibao list"]);
}
