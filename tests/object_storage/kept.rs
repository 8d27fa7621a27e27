//! The archive and kept pictures in a bucket, on a real S3 server: what a folder does, and what fails.
//!
//! Owns these tests. Never leaves loopback.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use regex::Regex;

use super::server::{Asked, Bucket, Fate};
use super::{files, is_refused};
use crate::archive::warcio;
use crate::faults_machine::machine::{Doomed, Machine, told};
use crate::support::replica::FOLDER;

/// In a text of the portal, and nowhere else.
const SECRET: &str = "区二届";

/// An operator whose archive and kept pictures are in a bucket.
struct Keeper {
    machine: Machine,
    bucket: Bucket,
}

impl Keeper {
    fn new() -> Option<Self> {
        Self::of(Machine::new())
    }

    fn of(machine: Machine) -> Option<Self> {
        let bucket = Bucket::new()?;
        let machine = keeping(machine);
        let url = bucket.url();
        settle(
            &machine,
            &format!("[archive]\nurl = \"{url}/warc\"\n[pictures]\nurl = \"{url}/kept\"\n"),
        );
        Some(Self { machine, bucket })
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.machine.command(args);
        command.envs(self.bucket.environment());
        command
    }

    fn dibao(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What a command says that must end with this code.
    #[track_caller]
    fn ends(&self, code: i32, args: &[&str]) -> String {
        let output = self.dibao(args);
        let text = told(&output);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        assert!(!text.contains("panic"), "{text}");
        text
    }

    /// Looks whether every page of the articles is read from the archive as it was.
    #[track_caller]
    fn rereads(&self, articles: usize) {
        let told = self.ends(0, &["reextract", "--dry-run"]);
        let line = told
            .lines()
            .find(|line| line.starts_with("dry run  "))
            .unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, _, done, _, all, _, _, unchanged, ..] = words[..] else {
            panic!("{line}");
        };
        assert!(done == all && all == unchanged, "{told}");
        assert!(
            articles > 20 && all.parse::<usize>().unwrap() >= articles,
            "{told}"
        );
    }

    /// The objects of the archive, by name.
    fn warcs(&self) -> BTreeMap<String, Vec<u8>> {
        self.below("warc/")
    }

    /// The objects of kept files, by path.
    fn kept(&self) -> BTreeMap<String, Vec<u8>> {
        self.below("kept/")
    }

    fn below(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let objects = self.bucket.objects().into_iter();
        let below = objects.filter_map(|(path, object)| {
            let name = path.strip_prefix(folder)?.to_owned();
            (!name.starts_with(".dibao/")).then_some((name, object.bytes))
        });
        below.collect()
    }

    /// The articles, by address: their ids.
    fn ids(&self) -> BTreeMap<String, String> {
        let text = String::from_utf8(self.dibao(&["export"]).stdout).unwrap();
        let articles = text
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let member =
            |article: &serde_json::Value, name: &str| article[name].as_str().unwrap().to_owned();
        articles
            .map(|article| (member(&article, "url"), member(&article, "id")))
            .collect()
    }
}

/// An operator of the replica portal, who keeps pictures.
fn keeping(machine: Machine) -> Machine {
    machine.write(
        "feeds/lucheng/work-news.toml",
        &format!(
            "url = \"http://{}{FOLDER}\"\n[list]\ninitial = 20\n[fetch]\ndelay = \"0s\"\n\
             [publish]\nmirror_images = true\n",
            dibao::demo::HOST
        ),
    );
    settle(&machine, "");
    machine
}

fn settle(machine: &Machine, places: &str) {
    let text = format!("base_url = \"https://news.example/\"\n{places}");
    machine.write("dibao.toml", &text);
}

fn unpacked(bytes: &[u8]) -> String {
    let mut text = Vec::new();
    let mut gzip = flate2::read::MultiGzDecoder::new(bytes);
    gzip.read_to_end(&mut text).unwrap();
    String::from_utf8_lossy(&text).into_owned()
}

/// What readers get of a run, but for the times at which it was.
fn published(machine: &Machine) -> BTreeMap<String, Vec<u8>> {
    let times = Regex::new(
        r"(20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(\+08:00)?|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d \+0800)",
    )
    .unwrap();
    let published = files(&machine.public()).into_iter();
    let published = published.filter_map(|(path, bytes)| {
        let is_text = [".json", ".xml", ".atom", ".html"]
            .iter()
            .any(|end| path.ends_with(end));
        let is_picture = path.starts_with("pictures/");
        match String::from_utf8(bytes.clone()) {
            Ok(text) if is_text && !path.ends_with("manifest.json") => Some((
                path,
                times.replace_all(&text, "then").into_owned().into_bytes(),
            )),
            _ if is_picture => Some((path, bytes)),
            _ => None,
        }
    });
    published.collect()
}

fn puts<'a>(asked: &'a [Asked], folder: &str) -> Vec<&'a Asked> {
    let asked = asked.iter();
    asked
        .filter(|asked| asked.method == "PUT" && asked.path.starts_with(folder))
        .filter(|asked| !asked.path.contains(".dibao/"))
        .collect()
}

#[test]
fn what_is_published_and_read_anew_is_the_same_wherever_the_archive_is() {
    let Some(keeper) = Keeper::new() else { return };
    keeper.ends(0, &["run"]);
    let asked = keeper.bucket.asked();
    let (warcs, articles) = (puts(&asked, "warc/"), keeper.ids().len());
    println!(
        "{articles} articles: {} objects of the archive with {} bytes, {} objects of pictures, {} requests in all",
        warcs.len(),
        warcs.iter().map(|asked| asked.bytes).sum::<usize>(),
        puts(&asked, "kept/").len(),
        asked.len()
    );
    assert!(!keeper.machine.path("data/warc").exists());
    assert!(!keeper.machine.path("data/pictures").exists());
    assert!(!keeper.kept().is_empty());

    let plain = keeping(Machine::new());
    plain.run();
    let (bucket, folder) = (published(&keeper.machine), published(&plain));
    assert!(
        bucket.len() > 50 && bucket.keys().eq(folder.keys()),
        "{:?}",
        folder.keys()
    );
    for (path, bytes) in folder {
        assert!(bucket[&path] == bytes, "{path}");
    }

    keeper.rereads(articles);
    let id = keeper.ids().into_values().next().unwrap();
    let told = keeper.ends(0, &["verify", &id]);
    assert!(told.contains("  capture     dibao-2"), "{told}");
    assert!(keeper.ends(0, &["verify", "--all"]).contains("verified"));
    let told = keeper.ends(0, &["status"]);
    assert!(
        told.contains(&format!("archive  {} files", keeper.warcs().len())),
        "{told}"
    );
}

#[test]
fn one_more_article_is_a_few_objects_and_a_poll_without_news_none() {
    let has_news: Arc<Mutex<bool>> = Arc::default();
    let Some(keeper) = Keeper::of(Machine::at(super::portal(has_news.clone()))) else {
        return;
    };
    keeper.ends(0, &["run"]);
    keeper.bucket.asked();
    keeper.ends(0, &["run"]);
    let asked = keeper.bucket.asked();
    assert_eq!(puts(&asked, ""), Vec::<&Asked>::new());
    // The check for rot goes on beside it.
    let is_check = |asked: &&Asked| asked.method == "GET" && asked.path.starts_with("warc/dibao-");
    let own = asked.iter().filter(|asked| !is_check(asked)).count();
    println!("a poll without news: {own} requests");
    assert!(own <= 12, "{asked:#?}");

    *has_news.lock().unwrap() = true;
    let before = keeper.ids().len();
    keeper.ends(0, &["run"]);
    assert_eq!(keeper.ids().len(), before + 1);
    let asked = keeper.bucket.asked();
    let warcs = keeper.warcs();
    let pages: Vec<String> = puts(&asked, "warc/")
        .iter()
        .map(|asked| {
            let text = unpacked(&warcs[asked.path.strip_prefix("warc/").unwrap()]);
            let (_, rest) = text.split_once("WARC-Target-URI: ").unwrap();
            rest.lines().next().unwrap().to_owned()
        })
        .collect();
    println!("one more article: {} requests, {pages:?}", asked.len());
    assert!(pages.iter().any(|url| url.ends_with(FOLDER)), "{pages:?}");
    assert!((2..=3).contains(&pages.len()), "{pages:?}");
}

#[test]
fn each_object_is_a_sound_warc_file() {
    let Some(keeper) = Keeper::new() else { return };
    keeper.ends(0, &["run"]);
    let folder = tempfile::tempdir().unwrap();
    // WARC files one behind another are one.
    let (file, mut all, mut answers) = (folder.path().join("all.warc.gz"), Vec::new(), 0);
    for (name, bytes) in keeper.warcs() {
        let text = unpacked(&bytes);
        assert!(
            text.starts_with("WARC/1.1\r\nWARC-Type: warcinfo\r\n"),
            "{name}"
        );
        assert!(
            text.contains(&format!("WARC-Filename: {name}\r\n")),
            "{name}"
        );
        answers += text.matches("WARC-Type: response\r\n").count();
        all.extend(bytes);
    }
    std::fs::write(&file, all).unwrap();
    let Some(checked) = warcio::python(warcio::CHECK, &["check", "-v"], &file) else {
        return;
    };
    assert!(answers > keeper.ids().len(), "{answers}");
    // Of each answer: the response itself, the request, the metadata.
    assert!(
        checked.matches("digest pass").count() > 3 * answers,
        "{checked}"
    );
    assert!(!checked.contains("digest failed"), "{checked}");
}

#[test]
fn a_removed_article_is_in_no_object_any_more_and_no_other_record_moves() {
    let Some(keeper) = Keeper::new() else { return };
    keeper.ends(0, &["run"]);
    let holding = || {
        let warcs = keeper.warcs().into_iter();
        let holding = warcs.filter(|(_, bytes)| unpacked(bytes).contains(SECRET));
        holding.map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert!(!holding().is_empty());
    let (before, pictures) = (keeper.warcs(), keeper.kept());
    let ids = keeper.ids();
    let seed = ids
        .iter()
        .find(|(url, _)| url.ends_with("t20251229_3123304.html"))
        .unwrap();
    // Whoever changes an object meanwhile, or fails at times, does not keep it from going.
    let asked = AtomicUsize::new(0);
    keeper
        .bucket
        .plan(move |_| match asked.fetch_add(1, Ordering::SeqCst) % 7 {
            2 => Fate::Busy,
            5 => Fate::Unheard,
            _ => Fate::Pass,
        });
    keeper.ends(0, &["remove", seed.1, "--reason", "by law"]);
    keeper.bucket.be_well();
    assert_eq!(holding(), Vec::<String>::new());
    let after = keeper.warcs();
    let length = |warcs: &BTreeMap<String, Vec<u8>>| -> BTreeMap<String, usize> {
        let warcs = warcs.iter();
        warcs
            .map(|(name, bytes)| (name.clone(), bytes.len()))
            .collect()
    };
    assert_eq!(length(&before), length(&after));
    let left: BTreeSet<String> = keeper.kept().into_keys().collect();
    assert!(left.len() < pictures.len(), "its pictures go, too");
    keeper.rereads(ids.len() - 1);
    assert!(keeper.ends(0, &["verify", "--all"]).contains("verified"));
    // Fetching goes on, and the article stays away.
    keeper.ends(0, &["run"]);
    assert_eq!(holding(), Vec::<String>::new());
}

#[test]
fn a_damaged_or_missing_object_is_named_and_a_bucket_that_is_away_is_no_damage() {
    let Some(keeper) = Keeper::new() else { return };
    keeper.ends(0, &["run"]);
    let warcs = keeper.warcs();
    let [(damaged, bytes), (missing, _), ..] = &warcs.iter().collect::<Vec<_>>()[..] else {
        panic!("{:?}", warcs.keys());
    };
    let mut wrong = (*bytes).clone();
    let middle = wrong.len() / 2;
    wrong[middle] ^= 1;
    keeper.bucket.put(&format!("warc/{damaged}"), &wrong, &[]);
    keeper.bucket.delete(&format!("warc/{missing}"));
    let url = keeper.bucket.url();
    let text = keeper.ends(1, &["verify", "--all"]);
    for (name, what) in [(damaged, "cannot be read"), (missing, "is missing")] {
        let line = text.lines().find(|line| line.contains(name.as_str()));
        let line = line.unwrap_or_else(|| panic!("{name}: {text}"));
        assert!(
            line.contains(&format!("{url}/warc/{name}")) && line.contains(what),
            "{line}"
        );
    }
    assert!(
        keeper
            .ends(1, &["backup", "one.sqlite"])
            .contains("archive-damaged")
    );
    keeper.bucket.put(&format!("warc/{damaged}"), bytes, &[]);
    keeper
        .bucket
        .put(&format!("warc/{missing}"), &warcs[*missing], &[]);
    assert!(keeper.ends(0, &["verify", "--all"]).contains("verified"));
    keeper.ends(0, &["backup", "two.sqlite"]);

    let mut command = keeper.command(&["reextract", "--dry-run"]);
    let output = command
        .env("AWS_ENDPOINT", "http://127.0.0.1:1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    let status = keeper.ends(0, &["status"]);
    assert!(!status.contains("archive-damaged"), "{status}");
}

#[test]
fn a_bucket_that_fails_at_times_gets_every_page_nevertheless() {
    let Some(keeper) = Keeper::new() else { return };
    let asked = AtomicUsize::new(0);
    keeper
        .bucket
        .plan(move |_| match asked.fetch_add(1, Ordering::SeqCst) % 11 {
            3 => Fate::Busy,
            6 => Fate::Lost,
            9 => Fate::Unheard,
            _ => Fate::Pass,
        });
    keeper.ends(0, &["run"]);
    keeper.rereads(keeper.ids().len());
    let pictures = files(&keeper.machine.public()).into_iter();
    let pictures: BTreeMap<_, _> = pictures
        .filter(|(path, _)| path.starts_with("pictures/"))
        .collect();
    assert_eq!(pictures, keeper.kept());
}

#[test]
fn a_kill_between_object_and_index_leaves_an_object_that_nobody_needs() {
    let Some(keeper) = Keeper::new() else { return };
    let mut changes = 0;
    keeper.bucket.plan(move |asked| {
        changes += usize::from(asked.method == "PUT" && asked.path.starts_with("warc/dibao-"));
        match changes {
            0..3 => Fate::Pass,
            _ if asked.method == "PUT" => Fate::Unanswered,
            _ => Fate::Pass,
        }
    });
    let mut run = keeper.command(&["run"]);
    let mut run = Doomed(
        run.stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    keeper
        .bucket
        .wait_for(|asked| puts(asked, "warc/").len() >= 3);
    run.signal("-KILL");
    assert_eq!(run.code(), None);
    keeper.bucket.be_well();
    keeper.bucket.asked();
    let left = keeper.warcs().len();
    assert!(left >= 3);
    let known = keeper
        .machine
        .sql("SELECT CAST(COUNT(*) AS TEXT) FROM archive_files");
    assert!(
        known[0].parse::<usize>().unwrap() < left,
        "{known:?} of {left}"
    );
    keeper.ends(0, &["run"]);
    keeper.rereads(keeper.ids().len());
    assert!(keeper.ends(0, &["verify", "--all"]).contains("verified"));
}

#[test]
fn a_run_whose_archive_goes_away_stores_nothing_and_the_next_one_goes_on() {
    let Some(keeper) = Keeper::new() else { return };
    // Credentials that may read and not write are found at the start, before a portal is asked.
    keeper.bucket.plan(|asked| match asked.method.as_str() {
        "PUT" => Fate::Denied,
        _ => Fate::Pass,
    });
    let told = keeper.ends(2, &["run"]);
    assert!(told.contains("check the credentials"), "{told}");
    assert!(!keeper.machine.database().exists());
    // The same in the midst of a run.
    keeper
        .bucket
        .plan(|asked| match asked.path.starts_with("warc/dibao-") {
            true => Fate::Denied,
            false => Fate::Pass,
        });
    let told = keeper.ends(1, &["run"]);
    assert!(told.contains("the capture is not archived"), "{told}");
    assert_eq!(keeper.ids().len(), 0);
    keeper.bucket.be_well();
    keeper.ends(0, &["run"]);
    assert!(keeper.ids().len() > 20);
}

#[test]
fn old_objects_are_deleted_and_lost_pictures_fetched_again() {
    let Some(keeper) = Keeper::new() else { return };
    keeper.ends(0, &["run"]);
    let warcs = keeper.warcs();
    let old = "dibao-20200102030405-0123456789abcdef.warc.gz";
    keeper.bucket.put(&format!("warc/{old}"), b"old", &[]);
    keeper.bucket.put("warc/notes.txt", b"not ours", &[]);
    let kept = keeper.kept();
    let lost = kept.keys().next().unwrap();
    keeper.bucket.delete(&format!("kept/{lost}"));
    let url = keeper.bucket.url();
    settle(
        &keeper.machine,
        &format!(
            "[archive]\nkeep = \"90d\"\nurl = \"{url}/warc\"\n[pictures]\nurl = \"{url}/kept\"\n"
        ),
    );
    let told = keeper.ends(0, &["run"]);
    assert!(told.contains(&format!("archive  {old} deleted")), "{told}");
    let left: Vec<String> = keeper.warcs().into_keys().collect();
    assert!(left.contains(&"notes.txt".to_owned()) && !left.contains(&old.to_owned()));
    assert!(warcs.keys().all(|name| left.contains(name)));
    assert_eq!(keeper.kept(), kept);
}

#[test]
fn a_place_that_cannot_be_used_is_refused_with_a_remedy_and_without_secrets() {
    let Some(keeper) = Keeper::new() else { return };
    let url = keeper.bucket.url();
    let secret = keeper.bucket.environment()[1].1.clone();
    let refused = |places: &str, variable: (&str, &str), says: &[&str]| {
        settle(&keeper.machine, places);
        for command in ["run", "serve", "reextract"] {
            let mut command = keeper.command(&[command]);
            let output = command.env(variable.0, variable.1).output().unwrap();
            is_refused(&output, says, &secret);
        }
    };
    let nothing = ("AWS_REGION", "us-east-1");
    let archive = format!("[archive]\nurl = \"{url}/warc\"\n");
    let wrong = ("AWS_SECRET_ACCESS_KEY", "hush");
    let shown = format!("{url}/warc");
    refused(
        &archive,
        wrong,
        &[&shown, "SignatureDoesNotMatch", "check the credentials"],
    );
    let away = ("AWS_ENDPOINT", "http://127.0.0.1:1");
    refused(&archive, away, &[&shown, "check the network"]);
    let pictures = format!("[pictures]\nurl = \"{url}/kept\"\n");
    refused(
        &pictures,
        away,
        &[&format!("{url}/kept"), "check the network"],
    );
    let missing = "[archive]\nurl = \"s3://no-such-bucket/x\"\n";
    refused(
        missing,
        nothing,
        &["s3://no-such-bucket/x", "create the bucket"],
    );
    let secret = "[archive]\nurl = \"s3://key:hush@bucket/x\"\n";
    refused(
        secret,
        nothing,
        &["`archive.url`", "s3://bucket/x", "AWS_ACCESS_KEY_ID"],
    );
    let odd = "[pictures]\nurl = \"http://bucket/x\"\n";
    refused(
        odd,
        nothing,
        &["`pictures.url`", "http://bucket/x", "s3://"],
    );
    assert!(!keeper.machine.database().exists(), "nothing was begun");
}

#[test]
fn data_in_a_folder_beside_a_store_on_a_server_are_told() {
    let machine = keeping(Machine::new());
    let store = "--store=postgres://dibao:hush@127.0.0.1:1/dibao";
    let check = || {
        let output = machine.dibao(&["check", "--offline", store]);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        told(&output)
    };
    let text = check();
    assert!(
        text.contains("the archive and the pictures in the folder data:"),
        "{text}"
    );
    assert!(
        text.contains("set url under [archive] and [pictures] in dibao.toml"),
        "{text}"
    );
    assert!(!text.contains("hush"), "{text}");
    settle(&machine, "[archive]\nurl = \"s3://bucket/warc\"\n");
    let text = check();
    assert!(text.contains("the pictures in the folder data:"), "{text}");
    settle(
        &machine,
        "[archive]\nurl = \"s3://bucket/warc\"\n[pictures]\nurl = \"/srv/kept\"\n",
    );
    assert!(!check().contains("several machines"));
    let alone = machine.dibao(&["check", "--offline"]);
    assert!(!told(&alone).contains("several machines"));
}
