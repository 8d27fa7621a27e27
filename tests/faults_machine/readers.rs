//! Readers: many, slow, hostile, or gone.
//!
//! Owns the readers' faults. Never leaves loopback.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use dibao::publish::PublishFolder;
use dibao::serve::{self, Limits, ServerOptions, Source};
use serde_json::Value;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::machine::{COLUMN, Doomed, Machine, PATIENCE, connect, get};

/// The most memory that the process has had, in KiB.
fn peak_memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn fault_36_a_crowd_of_readers_gets_304s_and_slows_no_run() {
    let machine = Machine::new();
    machine.always_due();
    let mut service = machine.serve();
    service.line_with("6 new");
    let path = format!("/{COLUMN}/atom.xml");
    let etag = service.whole_feed().header("etag").unwrap().to_owned();
    let pid = service.child.0.id();
    let before = peak_memory(pid);

    let (asked, enough) = (AtomicUsize::new(0), AtomicBool::new(false));
    let known = format!("If-None-Match: {etag}\r\n");
    let runs: Vec<String> = std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !enough.load(Ordering::Relaxed) {
                    let answer = get(&service.address, &path, &known);
                    assert_eq!((answer.status, answer.body.len()), (304, 0));
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let runs = (0..3).map(|_| service.line_with("run ended")).collect();
        enough.store(true, Ordering::Relaxed);
        runs
    });
    let asked = asked.load(Ordering::Relaxed);
    assert!(asked > 200, "{asked} requests");
    for run in runs {
        let seconds = run.split(" s)").next().unwrap().rsplit(' ').next().unwrap();
        let seconds: f64 = seconds.parse().unwrap_or_else(|e| panic!("{run}: {e}"));
        assert!(seconds < 5.0 && run.contains("  ok  "), "{run}");
    }
    if let (Some(before), Some(after)) = (before, peak_memory(pid)) {
        assert!(after < before + 48 * 1024, "{before} KiB, then {after} KiB");
    }
    assert_eq!(service.stop(), Some(0));
}

/// The server within the test, with limits that are soon reached.
struct Served1 {
    address: String,
    folder: tempfile::TempDir,
    _stop: DropGuard,
}

fn serve_with(limits: Limits) -> Served1 {
    let folder = tempfile::tempdir().unwrap();
    let stop = CancellationToken::new();
    let served = ServerOptions {
        public: dibao::publish::PublishedFiles::Folder(folder.path().to_owned()),
        limits,
        source: Source::default(),
    };
    let (tell, address) = std::sync::mpsc::channel();
    let stopped = stop.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let listener = serve::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
            tell.send(listener.local_addr().unwrap().to_string())
                .unwrap();
            serve::serve(listener, served, stopped).await;
        });
    });
    Served1 {
        address: address.recv().unwrap(),
        folder,
        _stop: stop.drop_guard(),
    }
}

fn soon() -> Limits {
    Limits {
        head: Duration::from_millis(400),
        stall: Duration::from_millis(400),
        ..Limits::new(4)
    }
}

/// Reads until the other side closes, and gives what came.
fn until_closed(stream: &mut impl Read) -> String {
    let mut all = Vec::new();
    // A reset is a close as well.
    let _ = stream.read_to_end(&mut all);
    String::from_utf8_lossy(&all).into_owned()
}

#[test]
fn fault_37_who_sends_no_whole_request_is_closed_upon() {
    let server = serve_with(soon());
    for start in ["", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", "\r\n"] {
        let began = Instant::now();
        let mut stream = connect(&server.address);
        stream.write_all(start.as_bytes()).unwrap();
        until_closed(&mut stream);
        let waited = began.elapsed();
        assert!(waited < Duration::from_secs(10), "{start:?}: {waited:?}");
    }
    // A byte now and then does not buy more time.
    let began = Instant::now();
    let mut stream = connect(&server.address);
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    let mut byte = [0];
    while stream.write_all(b"x").is_ok() {
        assert!(began.elapsed() < Duration::from_secs(10), "a drip holds on");
        if matches!(stream.read(&mut byte), Ok(0)) {
            break;
        }
    }
    // Nor does a connection that was good for one request stay open for ever.
    let mut stream = connect(&server.address);
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let answer = until_closed(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn fault_37_garbage_and_giants_are_refused() {
    let server = serve_with(soon());
    let giant = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(5000));
    let body = "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\n";
    for (request, status) in [
        ("\0\u{1}\u{2}\r\n\r\n", "400"),
        ("GET / HTTP/9.9\r\n\r\n", "400"),
        (giant.as_str(), "431"),
        (many.as_str(), "431"),
        (body, "405"),
    ] {
        let mut stream = connect(&server.address);
        // The server may close before it has all of it.
        let _ = stream.write_all(request.as_bytes());
        let answer = until_closed(&mut stream);
        let start: String = request.chars().take(40).collect();
        // A close upon unread bytes may reach us as a reset before the answer does.
        let fits = answer.is_empty() || answer.starts_with(&format!("HTTP/1.1 {status}"));
        assert!(fits, "{start:?}: {answer}");
    }
    assert_eq!(get(&server.address, "/healthz", "").status, 200);
}

#[test]
fn fault_37_a_crowd_that_says_nothing_keeps_readers_waiting_for_a_moment_only() {
    let server = serve_with(soon());
    let silent: Vec<_> = (0..12).map(|_| connect(&server.address)).collect();
    let began = Instant::now();
    assert_eq!(get(&server.address, "/healthz", "").status, 200);
    let waited = began.elapsed();
    // Twelve in a queue of four: they have their time three at most.
    assert!(waited > Duration::from_millis(300), "no cap: {waited:?}");
    assert!(waited < Duration::from_secs(10), "{waited:?}");
    drop(silent);
}

#[test]
fn fault_37_who_takes_nothing_of_the_answer_is_dropped() {
    let server = serve_with(Limits {
        connections: 1,
        ..soon()
    });
    let large = vec![b'x'; 64 << 20];
    fs::write(server.folder.path().join("large.json"), &large).unwrap();
    let mut greedy = connect(&server.address);
    greedy
        .write_all(b"GET /large.json HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    // It has the only place, and begins to take its answer.
    greedy.read_exact(&mut [0; 100]).unwrap();
    assert_eq!(get(&server.address, "/healthz", "").status, 200);
    let rest = until_closed(&mut greedy).len();
    assert!(rest < large.len(), "it was cut off");
}

/// Two versions of a file, of other lengths, each of which is known as whole.
fn version(number: usize) -> Vec<u8> {
    let digit = if number.is_multiple_of(2) { b'0' } else { b'1' };
    let length = 300_000 + number % 2 * 200_000;
    vec![digit; length]
}

#[test]
fn fault_39_a_file_read_while_it_is_written_is_the_old_or_the_new() {
    let server = serve_with(Limits::new(64));
    let root = server.folder.path();
    let directory = PublishFolder::open(root).unwrap();
    directory.put("a/feed.json", &version(0)).unwrap();
    let (versions, done) = ([version(0), version(1)], AtomicBool::new(false));
    let is_whole = |bytes: &[u8]| versions.iter().any(|version| version == bytes);
    let seen: usize = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4)
            .map(|reader| {
                let (done, is_whole) = (&done, &is_whole);
                let address = &server.address;
                scope.spawn(move || {
                    let mut seen = 0;
                    while !done.load(Ordering::Relaxed) {
                        let bytes = read_one(reader, root, address);
                        assert!(is_whole(&bytes), "{} bytes", bytes.len());
                        seen += 1;
                    }
                    seen
                })
            })
            .collect();
        for number in 1..150 {
            directory.put("a/feed.json", &version(number)).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        readers
            .into_iter()
            .map(|reader| reader.join().unwrap())
            .sum()
    });
    assert!(seen > 20, "{seen} reads");
}

/// Half the readers come over HTTP, half read the folder as another web server would.
fn read_one(reader: usize, root: &Path, address: &str) -> Vec<u8> {
    if reader.is_multiple_of(2) {
        let answer = get(address, "/a/feed.json", "");
        assert_eq!(answer.status, 200);
        answer.body
    } else {
        fs::read(root.join("a/feed.json")).unwrap()
    }
}

#[test]
fn fault_45_a_consumer_that_dies_midway_resumes_without_loss_or_repeat() {
    let machine = Machine::new();
    // The whole replica: more than a pipe holds, so that the writer meets the closed end.
    let feed = "url = \"http://www.lc.gov.cn/lcxxgk/xxgkml/jbxxgk/gzdt/\"\n\
                [list]\ninitial = 9\n[fetch]\ndelay = \"0s\"\n";
    machine.write("feeds/lucheng/work-news.toml", feed);
    machine.run();
    let all = machine.export(&["--changes"]);
    assert!(all.len() > 70, "{}", all.len());

    let (mut taken, mut after): (Vec<Value>, i64) = (Vec::new(), 0);
    let began = Instant::now();
    while taken.len() < all.len() {
        assert!(began.elapsed() < PATIENCE, "{} taken", taken.len());
        let since = after.to_string();
        let mut export = machine.command(&["export", "--changes", "--after", &since]);
        let mut child = Doomed(export.stdout(Stdio::piped()).spawn().unwrap());
        let mut lines = BufReader::new(child.0.stdout.take().unwrap());
        // It takes some whole lines, and dies in the middle of the next one.
        for _ in 0..7 {
            let mut line = String::new();
            if lines.read_line(&mut line).unwrap() == 0 {
                break;
            }
            let change: Value = serde_json::from_str(&line).unwrap();
            after = change["seq"].as_i64().unwrap();
            taken.push(change);
        }
        let _ = lines.read(&mut [0; 10]).unwrap();
        drop(lines);
        assert_eq!(child.code(), Some(0), "a closed pipe is no failure");
    }
    assert_eq!(taken, all);
    let seqs: Vec<i64> = all.iter().map(|c| c["seq"].as_i64().unwrap()).collect();
    assert!(seqs.iter().copied().eq(1..=seqs.len() as i64), "{seqs:?}");
}
