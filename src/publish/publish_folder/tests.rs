use super::*;
use crate::publish::place::PublishPlace;

fn publish_folder() -> (tempfile::TempDir, PublishFolder) {
    let folder = tempfile::tempdir().unwrap();
    let directory = PublishFolder::open(folder.path().join("public")).unwrap();
    (folder, directory)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_published_with_its_folders_and_recorded() {
    let (_folder, directory) = publish_folder();
    assert_eq!(
        directory.put("a/b/c.txt", b"abc").unwrap(),
        WriteOutcome::Written
    );
    assert_eq!(fs::read(directory.root.join("a/b/c.txt")).unwrap(), b"abc");
    let files = directory.files();
    assert_eq!((files[0].path.as_str(), files[0].bytes), ("a/b/c.txt", 3));
    assert_eq!(
        files[0].sha256,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[cfg(unix)]
#[test]
fn unchanged_bytes_leave_the_file_untouched() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let (_folder, directory) = publish_folder();
    let stamp = |directory: &PublishFolder| {
        let metadata = fs::metadata(directory.root.join("feed.xml")).unwrap();
        (metadata.ino(), metadata.mtime(), metadata.mtime_nsec())
    };
    directory.put("feed.xml", b"one").unwrap();
    let first = stamp(&directory);
    assert_eq!(
        directory.put("feed.xml", b"one").unwrap(),
        WriteOutcome::Unchanged
    );
    let mut again = directory.stream("feed.xml").unwrap();
    again.write_all(b"one").unwrap();
    assert_eq!(again.commit().unwrap(), WriteOutcome::Unchanged);
    assert_eq!(stamp(&directory), first);
    assert_eq!(
        directory.put("feed.xml", b"two").unwrap(),
        WriteOutcome::Written
    );
    assert_ne!(stamp(&directory), first);
    let mode = fs::metadata(directory.root.join("feed.xml"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o444, 0o444, "a web server must be able to read it");
}

#[test]
fn each_change_is_later_by_a_second_at_least() {
    let (_folder, directory) = publish_folder();
    let seconds = |name: &str| {
        let time = fs::metadata(directory.root.join(name)).unwrap().modified();
        let since = time.unwrap().duration_since(std::time::UNIX_EPOCH);
        since.unwrap().as_secs()
    };
    let text = |number: usize| number.to_string().repeat(2000);
    let put = |number: usize| {
        directory
            .put_compressed("a.xml", text(number).as_bytes())
            .unwrap();
        directory.settle().unwrap();
    };
    put(0);
    let mut before = seconds("a.xml");
    for number in 1..4 {
        put(number);
        assert!(seconds("a.xml") > before, "{number}");
        before = seconds("a.xml");
        assert_eq!(seconds("a.xml.br"), before);
    }
    // This happens if the clock was set back.
    let ahead = std::time::SystemTime::now() + std::time::Duration::from_secs(9000);
    let at = directory.root.join("a.xml");
    let file = fs::File::options().append(true).open(at).unwrap();
    file.set_modified(ahead).unwrap();
    before = seconds("a.xml");
    directory.put("a.xml", b"later").unwrap();
    assert_eq!(seconds("a.xml"), before + 1);
}

#[test]
fn a_coded_file_is_that_of_its_file_or_missing() {
    let (_folder, directory) = publish_folder();
    let at = |name: &str| directory.root.join(name);
    let (one, two) = ("一".repeat(1000), "二".repeat(1000));
    let unpacked = || {
        let mut gzip = Vec::new();
        let file = fs::File::open(at("a.xml.gz")).unwrap();
        io::copy(&mut flate2::read::GzDecoder::new(file), &mut gzip).unwrap();
        let mut brotli = Vec::new();
        let mut file = fs::File::open(at("a.xml.br")).unwrap();
        brotli::BrotliDecompress(&mut file, &mut brotli).unwrap();
        [gzip, brotli]
    };
    let put = |text: &str| {
        let outcome = directory.put_compressed("a.xml", text.as_bytes()).unwrap();
        directory.settle().unwrap();
        outcome
    };
    assert_eq!(put(&one), WriteOutcome::Written);
    assert_eq!(unpacked(), [one.as_bytes(), one.as_bytes()]);
    assert!(fs::metadata(at("a.xml.br")).unwrap().len() < 100);
    put(&two);
    assert_eq!(unpacked(), [two.as_bytes(), two.as_bytes()]);

    // The next run only completes what a kill left undone.
    fs::remove_file(at("a.xml.gz")).unwrap();
    let other = fs::File::create(at("a.xml.br")).unwrap();
    other.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(put(&two), WriteOutcome::Unchanged);
    assert_eq!(unpacked(), [two.as_bytes(), two.as_bytes()]);
    let stamp = |name| fs::metadata(at(name)).unwrap().modified().unwrap();
    let before = stamp("a.xml.br");
    put(&two);
    assert_eq!(stamp("a.xml.br"), before);
    assert_eq!(stamp("a.xml.br"), stamp("a.xml"));

    // A small file has no copies. Removing a file removes its copies.
    put("short");
    assert_eq!(names(&directory.root), ["a.xml"]);
    put(&one);
    directory.sweep("x").unwrap();
    assert_eq!(names(&directory.root), ["a.xml", "a.xml.br", "a.xml.gz"]);
    assert!(directory.remove("a.xml").unwrap());
    assert!(names(&directory.root).is_empty());
}

#[test]
fn a_stream_is_published_whole_or_leaves_nothing() {
    let (_folder, directory) = publish_folder();
    directory.put("dump.gz", b"old").unwrap();
    let mut dropped = directory.stream("dump.gz").unwrap();
    dropped.write_all(&[7; 100_000]).unwrap();
    drop(dropped);
    assert_eq!(fs::read(directory.root.join("dump.gz")).unwrap(), b"old");
    assert_eq!(names(&directory.root), ["dump.gz"]);
    let mut whole = directory.stream("dump.gz").unwrap();
    whole.write_all(&[7; 100_000]).unwrap();
    assert_eq!(whole.commit().unwrap(), WriteOutcome::Written);
    assert_eq!(directory.files()[0].bytes, 100_000);
    assert_eq!(
        fs::read(directory.root.join("dump.gz")).unwrap(),
        [7; 100_000]
    );
}

#[test]
fn leftovers_of_a_crash_go_and_files_in_writing_stay() {
    let (_folder, directory) = publish_folder();
    directory.put("a/feed.xml", b"good").unwrap();
    fs::write(directory.root.join("a/.dibao-x1.tmp"), b"half").unwrap();
    fs::write(directory.root.join("a/.other.tmp"), b"not ours").unwrap();
    let writing = directory.stream("a/feed.xml").unwrap();
    let other = PublishFolder::open(directory.root.clone()).unwrap();
    let left = names(&directory.root.join("a"));
    assert_eq!(left.len(), 3, "{left:?}");
    assert!(!left.contains(&".dibao-x1.tmp".to_owned()));
    drop(writing);
    assert_eq!(names(&other.root.join("a")), [".other.tmp", "feed.xml"]);
}

#[test]
fn a_linked_file_is_whole_or_not_there_and_replaces_what_is_none() {
    let (folder, directory) = publish_folder();
    let source = folder.path().join("source");
    let link = || directory.link("a/x.png", &source, (3, "ab")).unwrap();
    assert_eq!(link(), None);
    fs::write(&source, "ab").unwrap();
    assert_eq!(link(), None);
    assert!(directory.files().is_empty());
    fs::write(&source, "abc").unwrap();
    assert_eq!(link(), Some(WriteOutcome::Written));
    assert_eq!(link(), Some(WriteOutcome::Unchanged));
    assert_eq!(directory.files().len(), 1);
    // A torn copy is replaced.
    fs::remove_file(directory.root.join("a/x.png")).unwrap();
    fs::write(directory.root.join("a/x.png"), "a").unwrap();
    assert_eq!(link(), Some(WriteOutcome::Written));
    assert_eq!(fs::read(directory.root.join("a/x.png")).unwrap(), b"abc");
    assert_eq!(names(&directory.root.join("a")), ["x.png"]);
    // The published file stays after its source is removed.
    fs::remove_file(&source).unwrap();
    assert_eq!(link(), Some(WriteOutcome::Unchanged));
}

#[test]
fn what_was_not_published_again_is_swept_from_its_folder() {
    let (_folder, directory) = publish_folder();
    directory.put("x/dump/2025-11.gz", b"old").unwrap();
    directory.put("x/other", b"stays").unwrap();
    directory.begin();
    directory.put("x/dump/2025-12.gz", b"new").unwrap();
    directory.sweep("x/dump").unwrap();
    directory.sweep("x/absent").unwrap();
    assert_eq!(names(&directory.root.join("x/dump")), ["2025-12.gz"]);
    assert_eq!(names(&directory.root.join("x")), ["dump", "other"]);
    assert_eq!(directory.files().len(), 1);
}

#[test]
fn paths_that_leave_the_folder_are_refused() {
    let (folder, directory) = publish_folder();
    for path in [
        "../x",
        "a/../../x",
        "/etc/x",
        "",
        "a//b",
        "a/",
        "./a",
        "a\0b",
        "a\\..\\b",
    ] {
        let error = directory.put(path, b"x").unwrap_err();
        assert_eq!(error.step, PublishStep::CheckPath, "{path:?}");
    }
    assert_eq!(names(folder.path()), ["public"]);
    assert!(names(&directory.root).is_empty());
}

#[test]
fn a_failure_names_path_and_remedy_and_harms_nothing() {
    let (_folder, directory) = publish_folder();
    directory.put("a", b"a file").unwrap();
    let error = directory.put("a/b.xml", b"x").unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("a/b.xml") && text.contains("move it away"),
        "{text}"
    );
    directory.put("c/d.xml", b"x").unwrap();
    let error = directory.put("c", b"x").unwrap_err();
    assert!(error.to_string().contains("move it away"), "{error}");
    assert_eq!(fs::read(directory.root.join("a")).unwrap(), b"a file");
    assert_eq!(names(&directory.root), ["a", "c"]);
    assert_eq!(names(&directory.root.join("c")), ["d.xml"]);
}

#[test]
fn a_kept_file_is_listed_and_a_removed_one_is_gone() {
    let (_folder, directory) = publish_folder();
    directory.put("x.gz", b"abc").unwrap();
    let later = PublishFolder::open(directory.root.clone()).unwrap();
    assert!(later.keep("x.gz").unwrap());
    assert!(!later.keep("y.gz").unwrap());
    assert_eq!(later.files(), directory.files());
    assert!(later.remove("x.gz").unwrap());
    assert!(!later.remove("x.gz").unwrap());
    assert!(later.files().is_empty() && names(&later.root).is_empty());
}

#[test]
fn files_that_wait_for_others_are_in_place_once_all_are_written() {
    let (_folder, directory) = publish_folder();
    let text = "天".repeat(1000);
    for number in 0..300 {
        let path = format!("{}/{number}.json", number % 7);
        let outcome = directory.put_with_others(&path, text.as_bytes());
        assert_eq!(outcome.unwrap(), WriteOutcome::Written);
    }
    directory
        .put_compressed("feed.xml", text.as_bytes())
        .unwrap();
    assert!(!directory.root.join("feed.xml").exists());
    directory.settle().unwrap();
    assert_eq!(directory.files().len(), 301);
    for file in directory.files() {
        assert!(
            directory.is_as_published(&file, file.path == "feed.xml"),
            "{file:?}"
        );
    }
    // A publication that did not end leaves nothing behind, and nothing of it comes later.
    directory
        .put_compressed("feed.xml", b"of a publication that fails")
        .unwrap();
    directory.begin();
    directory.settle().unwrap();
    assert_eq!(
        fs::read(directory.root.join("feed.xml")).unwrap(),
        text.as_bytes()
    );
    let left = names(&directory.root);
    assert!(left.iter().all(|name| !name.starts_with('.')), "{left:?}");
}
