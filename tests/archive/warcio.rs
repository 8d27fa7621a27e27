//! An outside judge: warcio (<https://github.com/webrecorder/warcio>), a common reader of WARC
//! files.
//!
//! Owns the comparison with it. Never leaves loopback.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use dibao::archive::{Capture, Truncated};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::{BODY, NOT_MODIFIED, OK, column, earlier, open, page};

pub(crate) const CHECK: &str = "from warcio.cli import main; main()";

/// One line a response or revisit record: type, status, and the payload, its coding undone.
const READ: &str = r#"
import sys
from warcio.archiveiterator import ArchiveIterator
with open(sys.argv[1], "rb") as stream:
    for record in ArchiveIterator(stream, check_digests="raise"):
        if record.rec_type in ("response", "revisit"):
            print(record.rec_type, record.http_headers.get_statuscode(),
                  record.content_stream().read().hex())
"#;

/// The output of a Python program, or `None` without Python or warcio.
pub(crate) fn python(program: &str, arguments: &[&str], file: &Path) -> Option<String> {
    let python = |program: &str| {
        let mut python = Command::new("python3");
        python.arg("-c").arg(program);
        python
    };
    let has_warcio = python("import warcio").output();
    if !has_warcio.is_ok_and(|import| import.status.success()) {
        println!("skipped: warcio is not installed (python3 -m pip install warcio)");
        return None;
    }
    let ran = python(program).args(arguments).arg(file).output().unwrap();
    let (out, err) = (
        ran.stdout,
        String::from_utf8_lossy(&ran.stderr).into_owned(),
    );
    let out = String::from_utf8(out).unwrap();
    assert!(ran.status.success(), "warcio: {out}{err}");
    Some(out)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn warcio_finds_the_files_sound_and_reads_the_payloads() {
    let folder = tempfile::tempdir().unwrap();
    let archive = open(folder.path());
    let url = column();
    let fields = [("charset", "gb18030, 说了算的是首部".to_owned())];
    let plain = Capture {
        address: Some("192.0.2.7".parse().unwrap()),
        fields: &fields,
        ..page(&url, BODY)
    };
    let place = archive.write(&plain).unwrap();
    let first = earlier(&place, &plain);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(BODY).unwrap();
    let coded = gzip.finish().unwrap();
    let empty = Capture {
        status: 404,
        response_head: b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        ..page(&url, b"")
    };
    let rest = [
        Capture {
            response_head: b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
            ..page(&url, &coded)
        },
        Capture {
            response_head: b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n",
            truncated: Some(Truncated::Length),
            ..page(&url, &BODY[..9])
        },
        Capture {
            earlier: Some(&first),
            ..page(&url, BODY)
        },
        Capture {
            earlier: Some(&first),
            status: 304,
            response_head: NOT_MODIFIED,
            ..page(&url, b"")
        },
        empty,
        Capture {
            response_head: OK,
            ..page(&url, "潞城区".as_bytes())
        },
    ];
    for capture in &rest {
        assert_eq!(archive.write(capture).unwrap().file, place.file);
    }
    let file = folder.path().join(&place.file);
    let Some(checked) = python(CHECK, &["check", "-v"], &file) else {
        return;
    };
    // Digests of revisit records are of what is elsewhere. All others are compared: those of
    // warcinfo, metadata, seven requests and five responses.
    assert_eq!(checked.matches("digest pass").count(), 14, "{checked}");
    assert_eq!(checked.matches("not checked (revisit)").count(), 2);
    let read = python(READ, &[], &file).unwrap();
    let lines: Vec<&str> = read.lines().map(str::trim_end).collect();
    assert_eq!(
        lines,
        [
            format!("response 200 {}", hex(BODY)),
            format!("response 200 {}", hex(BODY)),
            format!("response 200 {}", hex(&BODY[..9])),
            "revisit 200".to_owned(),
            "revisit 304".to_owned(),
            "response 404".to_owned(),
            format!("response 200 {}", hex("潞城区".as_bytes())),
        ]
    );
}
