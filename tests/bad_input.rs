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

/// Scripts are read for addresses, files and lists, and never run. What they call, hold open or
/// repeat costs no more than its length.
#[test]
fn scripts_and_lists_of_any_make_are_read_in_bounded_time() {
    let library = format!(
        "var q=[{}];function down(id){{location.href='/d?id='+id}}",
        "1,".repeat(60_000)
    );
    let calls = |name: &str, called: &str| {
        let body = format!("{called}();").repeat(300);
        format!("function {name}(){{{body}}}")
    };
    let chain = [calls("c", "d"), calls("b", "c"), calls("a", "b")].concat();
    let scripted = |script: &str| format!("<p>请稍候</p><script>{script}</script>");
    let many =
        |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<String>();
    let files = many(100, &|at| {
        format!("<p><a href='javascript:;' onclick='down({at})'>名单{at}.docx</a></p>")
    });
    let rows = many(2_000, &|at| {
        format!(
            "<li><a href=# onclick='down({at})'>关于第{at}号事项的通知</a><span>2026-01-05</span></li>"
        )
    });
    let next = "<a href='javascript:go(1)'>下一页</a>".repeat(3_000);
    let pages = [
        ("chain", scripted(&format!("{chain}{}", "a();".repeat(300)))),
        ("open", scripted(&"function a(){".repeat(8_000))),
        (
            "places",
            scripted(&format!("var title;{}", "`${".repeat(60_000))),
        ),
        (
            "classes",
            scripted(&format!("var title;{}", "(/[".repeat(60_000))),
        ),
        ("pagers", format!("{next}<script>{library}</script>")),
        (
            "files",
            format!(
                "<h1>关于某事的通知</h1><div id=zoom><p>现将有关事项通知如下，请认真贯彻执行，抓好落实。</p>\
                 {files}</div><script>{library}</script>"
            ),
        ),
        ("rows", format!("<ul>{rows}</ul><script>{library}</script>")),
        (
            "records",
            format!(
                "<?xml version='1.0'?><rss><item>{}</item></rss>",
                "<a>".repeat(100_000)
            ),
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    let mut answers = std::collections::BTreeMap::new();
    for (name, page) in &pages {
        std::fs::write(folder.path().join(name), page).unwrap();
        for command in ["extract", "list"] {
            let began = Instant::now();
            let args = [command, "--url", "http://x.gov.cn/a/", name];
            let output = dibao(folder.path(), &args, Stdio::null());
            let took = began.elapsed();
            assert!(took < TIME, "{args:?} took {took:?}");
            let shown = String::from_utf8(output.stdout).unwrap();
            answers.insert((command, *name), shown);
        }
    }
    let article = &answers[&("extract", "files")];
    assert_eq!(
        article.matches("http://x.gov.cn/d?id=").count(),
        200,
        "{article}"
    );
    assert_eq!(answers[&("list", "rows")].lines().count(), 2_000);
}
