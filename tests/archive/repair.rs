//! Crashes, failing disks and odd changes by hand: archived captures stay, and writing goes on.
//!
//! Owns the damage done to files. Never interprets a page.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::process::Command;

use dibao::archive::{Archive, ArchiveError, Repair};

use super::{BODY, OK, column, open, page, read, records, unknown};

/// Names the folder of the archive for the process that runs under a limit.
const LIMITED: &str = "DIBAO_TEST_LIMITED_ARCHIVE";

#[test]
fn a_torn_tail_is_cut_off_wherever_it_is_torn() {
    let folder = tempfile::tempdir().unwrap();
    let url = column();
    let archive = open(folder.path());
    let first = archive.write(&page(&url, BODY)).unwrap();
    let fields = [("charset", "gbk".to_owned())];
    let mut capture = page(&url, b"torn");
    capture.fields = &fields;
    let last = archive.write(&capture).unwrap();
    let file = &first.file;
    let boundaries: Vec<u64> = records(&archive, file)
        .iter()
        .map(|record| record.offset + record.length)
        .collect();
    drop(archive);
    let path = folder.path().join(file);
    let whole = fs::read(&path).unwrap();
    let indexed = [(file.clone(), first.end)].into();
    for cut in first.end..last.end {
        fs::write(&path, &whole[..cut as usize]).unwrap();
        // With and without an index that knows the first capture.
        let ends = if cut % 2 == 0 { &indexed } else { &unknown() };
        let archive = Archive::open(folder.path(), ends).unwrap();
        let end = *boundaries.iter().rfind(|&&end| end <= cut).unwrap();
        let told: Vec<Repair> = (end < cut)
            .then(|| Repair {
                file: file.clone(),
                cut_bytes: cut - end,
                set_aside: false,
            })
            .into_iter()
            .collect();
        assert_eq!(archive.repairs(), told, "cut at {cut}");
        assert_eq!(fs::metadata(&path).unwrap().len(), end);
        let next = archive.write(&page(&url, b"next")).unwrap();
        assert_eq!(&next.file, file);
        assert_eq!(read(&archive, &first).body, BODY);
        assert_eq!(read(&archive, &next).body, b"next");
        let count = boundaries
            .iter()
            .filter(|&&boundary| boundary <= end)
            .count();
        assert_eq!(records(&archive, file).len(), count + 2);
    }
}

#[test]
fn what_a_power_cut_leaves_behind_the_last_record_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let url = column();
    let first = open(folder.path()).write(&page(&url, BODY)).unwrap();
    let path = folder.path().join(&first.file);
    let indexed = [(first.file.clone(), first.end)].into();
    // Zeros are nobody's; other bytes only when the index knows that they are not its own.
    for (tail, ends) in [(&[0; 4096], &unknown()), (&[0x1f; 4096], &indexed)] {
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(tail).unwrap();
        let archive = Archive::open(folder.path(), ends).unwrap();
        assert_eq!(archive.repairs()[0].cut_bytes, 4096);
        assert_eq!(fs::metadata(&path).unwrap().len(), first.end);
    }
}

#[test]
fn a_damaged_file_is_set_aside_and_never_cut() {
    let url = column();
    for is_indexed in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let archive = open(folder.path());
        let first = archive.write(&page(&url, BODY)).unwrap();
        let second = archive.write(&page(&url, b"second")).unwrap();
        drop(archive);
        let path = folder.path().join(&first.file);
        let mut bytes = fs::read(&path).unwrap();
        bytes[first.offset as usize + 12] ^= 0xff;
        let mut ends = unknown();
        if is_indexed {
            // The bytes after the place that the index knows are torn as well.
            bytes.extend(b"\x1f\x8b\x08");
            ends.insert(first.file.clone(), second.end);
        }
        fs::write(&path, &bytes).unwrap();
        let archive = Archive::open(folder.path(), &ends).unwrap();
        let told = &archive.repairs()[0];
        assert_eq!((told.cut_bytes, told.set_aside), (0, true));
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert_eq!(read(&archive, &second).body, b"second");
        let error = archive.read(&first.file, first.offset).unwrap_err();
        assert!(error.to_string().contains("remedy: "), "{error}");
        let next = archive.write(&page(&url, b"next")).unwrap();
        assert_ne!(next.file, first.file);
    }
}

#[test]
fn a_file_that_lost_known_records_is_not_continued_in_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let url = column();
    let archive = open(folder.path());
    let first = archive.write(&page(&url, BODY)).unwrap();
    let lost = archive.write(&page(&url, b"lost")).unwrap();
    drop(archive);
    let path = folder.path().join(&first.file);
    fs::write(&path, &fs::read(&path).unwrap()[..first.end as usize]).unwrap();
    let ends = [(first.file.clone(), lost.end)].into();
    let archive = Archive::open(folder.path(), &ends).unwrap();
    assert!(archive.repairs()[0].set_aside);
    let next = archive.write(&page(&url, b"next")).unwrap();
    assert_ne!(next.file, first.file);
    assert!(archive.read(&lost.file, lost.offset).is_err());
}

#[test]
fn a_file_that_is_moved_away_is_not_written_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let url = column();
    let archive = open(folder.path());
    let first = archive.write(&page(&url, BODY)).unwrap();
    let aside = folder.path().join("aside");
    fs::rename(folder.path().join(&first.file), &aside).unwrap();
    let next = archive.write(&page(&url, b"next")).unwrap();
    assert_eq!(read(&archive, &next).body, b"next");
    assert_eq!(fs::metadata(aside).unwrap().len(), first.end);
}

#[test]
fn a_full_disk_is_told_and_writing_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let full = folder.path().join("dibao-99991231235959-00000.warc.gz");
    symlink("/dev/full", full).unwrap();
    let url = column();
    let archive = open(folder.path());
    let error = archive.write(&page(&url, BODY)).unwrap_err();
    assert_eq!(error.reason(), "disk-full");
    assert!(
        error.to_string().contains("make room on the disk"),
        "{error}"
    );
    let place = archive.write(&page(&url, BODY)).unwrap();
    assert!(place.file.starts_with("dibao-20251230010000-"), "{place:?}");
    assert_eq!(read(&archive, &place).body, BODY);
}

/// The test runs itself again, as a process that may not write files of more than 64 KiB.
#[test]
fn a_write_that_fails_midway_leaves_no_trace() {
    if let Some(folder) = std::env::var_os(LIMITED) {
        return write_beyond_the_limit(folder.as_ref());
    }
    let folder = tempfile::tempdir().unwrap();
    let ran = Command::new("bash")
        .args(["-c", r#"trap "" XFSZ; ulimit -f 64; exec "$0" "$@""#])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "archive::repair::a_write_that_fails_midway_leaves_no_trace",
        ])
        .env(LIMITED, folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && told.contains("1 passed"), "{told}");
    let archive = open(folder.path());
    assert_eq!(archive.repairs(), []);
    let [file] = archive.files().unwrap().try_into().unwrap();
    assert_eq!(records(&archive, &file).len(), 5);
}

fn write_beyond_the_limit(folder: &std::path::Path) {
    let url = column();
    let archive = open(folder);
    let first = archive.write(&page(&url, BODY)).unwrap();
    let noise: Vec<u8> = std::iter::repeat_with(rand::random).take(100_000).collect();
    let error = archive.write(&page(&url, &noise)).unwrap_err();
    assert_eq!(error.reason(), "archive");
    assert!(error.to_string().contains("ulimit -f"), "{error}");
    let length = fs::metadata(folder.join(&first.file)).unwrap().len();
    assert_eq!(length, first.end);
    let next = archive.write(&page(&url, b"next")).unwrap();
    assert_eq!(
        (&next.file, read(&archive, &next).body),
        (&first.file, b"next".to_vec())
    );
}

#[test]
fn what_could_not_be_read_back_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let url = column();
    let archive = open(folder.path());
    let mut endless = page(&url, BODY);
    endless.request_head = b"GET / HTTP/1.1\r\n";
    let mut split = page(&url, BODY);
    split.response_head = b"HTTP/1.1 200 OK\r\n\r\nA: b\r\n\r\n";
    let mut other = page(&url, BODY);
    other.status = 404;
    for capture in [endless, split, other] {
        let error = archive.write(&capture).unwrap_err();
        assert!(error.to_string().contains(url.as_str()), "{error}");
    }
    assert_eq!(archive.files().unwrap(), Vec::<String>::new());
    let place = archive.write(&page(&url, BODY)).unwrap();
    assert_eq!(read(&archive, &place).head, OK);
    let outside = archive.read("../store.sqlite", 0).unwrap_err();
    assert!(matches!(outside, ArchiveError::Name { .. }), "{outside}");
    let request = archive.read(&place.file, 0).unwrap_err();
    assert!(
        request.to_string().contains("a warcinfo record"),
        "{request}"
    );
    let beyond = archive.read(&place.file, place.end).unwrap_err();
    assert!(
        beyond.to_string().contains("the file ends there"),
        "{beyond}"
    );
}
