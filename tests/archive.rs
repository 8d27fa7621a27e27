//! WARC files hold the portal's answers as they were sent.
//!
//! Owns the round trip of captures. Never interprets a page.

#[path = "archive/repair.rs"]
mod repair;
#[path = "archive/run.rs"]
mod run;
#[path = "archive/warcio.rs"]
pub(crate) mod warcio;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::thread;

use chrono::TimeDelta;
use dibao::archive::{
    Archive, ArchivedCapture, Capture, Captured, EarlierCapture, Record, Truncated,
};
use url::Url;

use crate::support::morning;

const REQUEST: &[u8] = b"GET /gzdt/ HTTP/1.1\r\nHost: www.lc.gov.cn\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=gbk\r\n\r\n";
const NOT_MODIFIED: &[u8] = b"HTTP/1.1 304 Not Modified\r\nETag: \"7\"\r\n\r\n";

/// 潞城 in GBK, and bytes that are no text at all.
const BODY: &[u8] = b"<p>\xc2\xba\xb3\xc7</p>\r\n\r\n\x00\xff\xfe";

/// No capture is on the record yet.
fn unknown() -> BTreeMap<String, u64> {
    BTreeMap::new()
}

fn open(folder: &Path) -> Archive {
    Archive::open(folder, &unknown()).unwrap()
}

fn column() -> Url {
    "http://www.lc.gov.cn/gzdt/?a=1&b=潞".parse().unwrap()
}

/// A page with this body.
fn page<'a>(url: &'a Url, body: &'a [u8]) -> Capture<'a> {
    Capture {
        url,
        at: morning().plus(TimeDelta::milliseconds(7)),
        address: None,
        request_head: REQUEST,
        status: 200,
        response_head: OK,
        body,
        truncated: None,
        fields: &[],
        earlier: None,
    }
}

/// The same, in words of those who refer to it.
fn earlier(place: &ArchivedCapture, capture: &Capture<'_>) -> EarlierCapture {
    EarlierCapture {
        record_id: place.record_id.clone(),
        url: capture.url.clone(),
        at: capture.at,
        payload_digest: place.payload_digest.clone(),
    }
}

fn read(archive: &Archive, place: &ArchivedCapture) -> Captured {
    archive.read(&place.file, place.offset).unwrap()
}

fn records(archive: &Archive, file: &str) -> Vec<Record> {
    archive.scan(file).unwrap().map(Result::unwrap).collect()
}

fn types(records: &[Record]) -> Vec<&str> {
    let types = records.iter().map(|record| record.field("WARC-Type"));
    types.map(Option::unwrap).collect()
}

#[test]
fn a_capture_comes_back_as_it_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let archive = open(folder.path());
    let url = column();
    let fields = [
        ("charset", "gbk".to_owned()),
        ("note", "潞\r\nb: 2".to_owned()),
    ];
    let capture = Capture {
        address: Some("2001:db8::7".parse().unwrap()),
        fields: &fields,
        ..page(&url, BODY)
    };
    let place = archive.write(&capture).unwrap();
    assert!(!place.is_revisit);
    let captured = read(&archive, &place);
    assert_eq!(
        captured,
        Captured {
            record_id: place.record_id.clone(),
            url: url.clone(),
            at: capture.at,
            status: 200,
            head: OK.to_vec(),
            body: BODY.to_vec(),
            truncated: None,
            refers_to: None,
        }
    );
    let records = records(&archive, &place.file);
    assert_eq!(
        types(&records),
        ["warcinfo", "request", "response", "metadata"]
    );
    let [warcinfo, request, response, metadata] = records.as_slice() else {
        panic!("four records");
    };
    assert_eq!(warcinfo.field("WARC-Filename"), Some(&*place.file));
    assert_eq!(request.block, REQUEST);
    assert_eq!(
        metadata.block,
        "charset: gbk\r\nnote: 潞  b: 2\r\n".as_bytes()
    );
    assert_eq!(
        (response.offset, response.length),
        (place.offset, place.length)
    );
    let id = response.field("WARC-Record-ID");
    assert_eq!(id, Some(format!("<{}>", place.record_id).as_str()));
    for record in [request, metadata] {
        assert_eq!(record.field("WARC-Concurrent-To"), id);
    }
    for record in [request, response, metadata] {
        assert_eq!(record.field("WARC-Target-URI"), Some(url.as_str()));
        assert_eq!(record.field("WARC-Date"), Some("2025-12-30T01:00:00.007Z"));
        assert_eq!(record.field("WARC-IP-Address"), Some("2001:db8::7"));
    }
}

#[test]
fn every_record_is_a_gzip_member_that_can_be_read_alone() {
    let folder = tempfile::tempdir().unwrap();
    let archive = open(folder.path());
    let url = column();
    let place = archive.write(&page(&url, BODY)).unwrap();
    let bytes = fs::read(folder.path().join(&place.file)).unwrap();
    assert_eq!(bytes.len() as u64, place.end);
    let mut end = 0;
    for record in records(&archive, &place.file) {
        assert_eq!(record.offset, end, "nothing stands between records");
        end += record.length;
        let member = &bytes[record.offset as usize..end as usize];
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(member), &mut text).unwrap();
        assert!(text.starts_with(b"WARC/1.1\r\n"));
        assert!(text.ends_with(&[&record.block[..], b"\r\n\r\n"].concat()));
    }
    assert_eq!(end, place.end);
}

#[test]
fn the_same_body_again_is_archived_once() {
    let folder = tempfile::tempdir().unwrap();
    let archive = open(folder.path());
    let (url, other) = (column(), "http://www.lc.gov.cn/b".parse().unwrap());
    let first = page(&url, BODY);
    let whole = archive.write(&first).unwrap();
    let earlier = earlier(&whole, &first);
    let later = Capture {
        at: first.at.plus(TimeDelta::hours(1)),
        url: &other,
        earlier: Some(&earlier),
        ..first
    };
    let place = archive.write(&later).unwrap();
    assert!(place.is_revisit);
    assert_eq!(place.payload_digest, whole.payload_digest);
    let captured = read(&archive, &place);
    assert_eq!((&captured.url, captured.at), (&other, later.at));
    assert_eq!((captured.head.as_slice(), captured.body.len()), (OK, 0));
    let origin = captured.refers_to.as_ref();
    assert_eq!(origin, Some(&earlier));
    let profile = archive.scan(&place.file).unwrap().map(Result::unwrap);
    let mut profile = profile.filter(|record| record.offset == place.offset);
    assert_eq!(
        profile.next().unwrap().field("WARC-Profile"),
        Some("http://netpreserve.org/warc/1.1/revisit/identical-payload-digest")
    );
    // Another body, an empty one, and one that is cut off, are written whole.
    for (body, truncated) in [
        (&b"other"[..], None),
        (b"", None),
        (BODY, Some(Truncated::Disconnect)),
    ] {
        let capture = Capture {
            body,
            truncated,
            ..later
        };
        let place = archive.write(&capture).unwrap();
        let captured = read(&archive, &place);
        assert!(!place.is_revisit);
        assert_eq!(
            (captured.body.as_slice(), captured.truncated),
            (body, truncated)
        );
    }
}

#[test]
fn a_304_refers_to_the_page_it_stands_for() {
    let folder = tempfile::tempdir().unwrap();
    let archive = open(folder.path());
    let url = column();
    let first = page(&url, BODY);
    let whole = archive.write(&first).unwrap();
    let earlier = earlier(&whole, &first);
    let unchanged = Capture {
        status: 304,
        response_head: NOT_MODIFIED,
        body: b"",
        earlier: Some(&earlier),
        ..first
    };
    let place = archive.write(&unchanged).unwrap();
    assert!(place.is_revisit);
    assert_eq!(place.payload_digest, whole.payload_digest);
    let captured = read(&archive, &place);
    assert_eq!(
        (captured.status, captured.head.as_slice()),
        (304, NOT_MODIFIED)
    );
    assert_eq!(captured.refers_to.as_ref(), Some(&earlier));
    let nameless = Capture {
        earlier: None,
        ..unchanged
    };
    assert!(!archive.write(&nameless).unwrap().is_revisit);
}

#[test]
fn a_body_that_was_cut_off_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let archive = open(folder.path());
    let url = column();
    for truncated in [Truncated::Length, Truncated::Time, Truncated::Disconnect] {
        let capture = Capture {
            truncated: Some(truncated),
            ..page(&url, BODY)
        };
        let place = archive.write(&capture).unwrap();
        assert_eq!(read(&archive, &place).truncated, Some(truncated));
        let all = records(&archive, &place.file);
        let marked = all.last().unwrap().field("WARC-Truncated");
        assert_eq!(marked, Some(truncated.as_str()));
    }
}

#[test]
fn a_run_that_fetches_nothing_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let archive = open(&folder.path().join("warc"));
    assert_eq!(archive.files().unwrap(), Vec::<String>::new());
    assert_eq!(archive.repairs(), []);
    drop(archive);
    assert_eq!(fs::read_dir(folder.path().join("warc")).unwrap().count(), 0);
}

#[test]
fn a_full_file_is_sealed_and_a_new_one_begun() {
    let folder = tempfile::tempdir().unwrap();
    let url = column();
    let archive = Archive::open_rolling(folder.path(), &unknown(), 2000).unwrap();
    let places: Vec<ArchivedCapture> = (0..8_u8)
        .map(|body| archive.write(&page(&url, &[body; 10])).unwrap())
        .collect();
    let files = archive.files().unwrap();
    assert!(files.len() > 2, "{files:?}");
    drop(archive);
    let is_sealed = |file: &String| {
        let metadata = fs::metadata(folder.path().join(file)).unwrap();
        assert_eq!(metadata.permissions().readonly(), metadata.len() >= 2000);
        metadata.permissions().readonly()
    };
    let sealed: BTreeSet<&String> = files.iter().filter(|file| is_sealed(file)).collect();
    assert!(sealed.len() >= files.len() - 1);
    // Whoever comes next leaves the sealed ones alone, also with room for more.
    let archive = open(folder.path());
    let next = archive.write(&page(&url, b"next")).unwrap();
    assert!(!sealed.contains(&next.file));
    for file in archive.files().unwrap() {
        assert_eq!(types(&records(&archive, &file))[0], "warcinfo");
    }
    for (body, place) in (0..8_u8).zip(&places) {
        assert_eq!(read(&archive, place).body, [body; 10]);
    }
}

#[test]
fn two_archives_open_at_once_never_write_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let url = column();
    let capture = page(&url, BODY);
    let one = open(folder.path());
    let first = one.write(&capture).unwrap();
    let two = open(folder.path());
    let second = two.write(&capture).unwrap();
    assert_ne!(first.file, second.file);
    assert_eq!(one.write(&capture).unwrap().file, first.file);
    drop((one, two));
    // The newest is continued, and by one archive only.
    let one = open(folder.path());
    let two = open(folder.path());
    assert_eq!(one.write(&capture).unwrap().file, second.file);
    assert_eq!(two.write(&capture).unwrap().file, first.file);
    assert_eq!(one.files().unwrap(), [first.file, second.file]);
}

#[test]
fn clones_write_one_after_another() {
    let folder = tempfile::tempdir().unwrap();
    let archive = open(folder.path());
    let url = column();
    let writers: Vec<_> = (0..4_u8)
        .map(|writer| {
            let (archive, url) = (archive.clone(), url.clone());
            thread::spawn(move || {
                let write = |n| archive.write(&page(&url, &[writer, n])).unwrap();
                (0..5).map(write).collect::<Vec<_>>()
            })
        })
        .collect();
    for (writer, places) in (0..4_u8).zip(writers) {
        for (n, place) in (0..5).zip(places.join().unwrap()) {
            assert_eq!(read(&archive, &place).body, [writer, n]);
        }
    }
    assert_eq!(archive.files().unwrap().len(), 1);
}
