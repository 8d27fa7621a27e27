//! Published into a bucket, on a real S3 server: the same files as in a folder, whatever fails between. The
//! archive and kept files in one: see `kept`.
//!
//! Owns these tests. Never leaves loopback.

mod kept;
pub(crate) mod server;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use dibao::demo::{self, Reply};
use object_store::Attribute;

use self::server::{Asked, Bucket, Fate};
use crate::faults_machine::machine::{self, Doomed, Machine, Service, told};
use crate::support::replica::FOLDER;

/// The object that says whose turn it is to publish.
const TURN: &str = ".dibao/publisher.json";

/// An operator whose portal has one article less until [`Operator::news`].
struct Operator {
    machine: Machine,
    bucket: Bucket,
    has_news: Arc<Mutex<bool>>,
}

impl Operator {
    fn new() -> Option<Self> {
        let bucket = Bucket::new()?;
        let has_news: Arc<Mutex<bool>> = Arc::default();
        let machine = Machine::at(portal(has_news.clone()));
        // The first run reads the whole list, so that one article is all the news.
        let feed = format!(
            "url = \"http://{}{FOLDER}\"\n[list]\ninitial = 20\nitem = \"ul.list > li:nth-child(-n+7)\"\n\
             [fetch]\ndelay = \"0s\"\n[publish]\nmirror_images = true\n",
            demo::HOST
        );
        machine.write("feeds/lucheng/work-news.toml", &feed);
        // Each place would else have an address of its own.
        machine.write("dibao.toml", "base_url = \"https://news.example/\"\n");
        Some(Self {
            machine,
            bucket,
            has_news,
        })
    }

    fn news(&self) {
        *self.has_news.lock().unwrap() = true;
    }

    /// The program, which publishes into this place.
    fn command(&self, place: &str, args: &[&str]) -> Command {
        let args = [&["--public", place], args].concat();
        let mut command = self.machine.command(&args);
        command.envs(self.bucket.environment());
        command
    }

    /// A command that publishes into the bucket.
    fn dibao(&self, args: &[&str]) -> Output {
        self.command(&self.bucket.url(), args).output().unwrap()
    }

    /// The same, which must go well.
    #[track_caller]
    fn well(&self, args: &[&str]) -> String {
        let output = self.dibao(args);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        told(&output)
    }

    /// What stands in a folder after everything was published into it.
    fn folder(&self, name: &str) -> BTreeMap<String, Vec<u8>> {
        let output = self.command(name, &["publish", "--all"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        files(&self.machine.path(name))
    }

    /// What stands in the bucket.
    fn published(&self) -> BTreeMap<String, Vec<u8>> {
        let objects = self.bucket.objects().into_iter();
        objects.map(|(path, object)| (path, object.bytes)).collect()
    }

    /// Looks whether the bucket holds what a new folder would: by keys, and byte for byte.
    #[track_caller]
    fn is_as_a_folder(&self, name: &str) {
        let (folder, bucket) = (self.folder(name), self.published());
        let keys = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&bucket), keys(&folder));
        for (path, bytes) in folder {
            assert!(bucket[&path] == bytes, "{path}");
        }
    }
}

/// The replica portal, whose list lacks its first article at first.
fn portal(has_news: Arc<Mutex<bool>>) -> u16 {
    let whole = String::from_utf8(demo::file(FOLDER).unwrap().to_vec()).unwrap();
    let list = whole.find("<ul class=\"list\"").unwrap();
    let begin = list + whole[list..].find("<li").unwrap();
    let end = begin + whole[begin..].find("</li>").unwrap() + "</li>".len();
    let less = format!("{}<li></li>{}", &whole[..begin], &whole[end..]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let answer = move |path: &str| {
            let is_less = path == FOLDER && !*has_news.lock().unwrap();
            is_less.then(|| Reply::Page(less.clone().into_bytes()))
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            demo::serve(listener, Some(Arc::new(answer))).await.unwrap();
        });
    });
    port
}

/// The files below a folder, by path.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut files, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(below) = folders.pop() {
        for entry in std::fs::read_dir(below).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
            files.insert(name.to_owned(), std::fs::read(&path).unwrap());
        }
    }
    files
}

/// Looks whether a command was refused with these words, and without a secret.
#[track_caller]
fn is_refused(output: &Output, says: &[&str], secret: &str) {
    let text = told(output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    for says in says {
        assert!(text.contains(says), "{says}: {text}");
    }
    assert!(!text.contains(secret) && !text.contains("hush"), "{text}");
    assert!(!text.contains("panic"), "{text}");
}

fn changes(asked: &[Asked]) -> Vec<&Asked> {
    asked.iter().filter(|asked| asked.changes()).collect()
}

#[test]
fn a_bucket_holds_what_a_folder_holds_and_gets_only_what_changed() {
    let Some(operator) = Operator::new() else {
        return;
    };
    operator.well(&["run"]);
    operator.is_as_a_folder("one");
    let first = operator.bucket.asked().len();

    let objects = operator.bucket.objects();
    let kind = |path: &str| objects[path].header(&Attribute::ContentType).to_owned();
    let coding = |path: &str| objects[path].header(&Attribute::ContentEncoding).to_owned();
    let caching = |path: &str| objects[path].header(&Attribute::CacheControl).to_owned();
    let feed = "lucheng/work-news/atom.xml";
    assert_eq!(kind(feed), "application/atom+xml; charset=utf-8");
    assert_eq!(coding(feed), "");
    assert_eq!(kind("lucheng/work-news/atom.xml.gz"), kind(feed));
    assert_eq!(coding("lucheng/work-news/atom.xml.gz"), "gzip");
    assert_eq!(coding("lucheng/work-news/atom.xml.br"), "br");
    assert_eq!(caching(feed), "public, max-age=300");
    assert_eq!(caching("manifest.json"), "no-cache");
    let picture = objects.keys().find(|path| path.starts_with("pictures/"));
    let picture = picture.unwrap();
    assert_eq!(kind(picture), "image/png");
    assert_eq!(caching(picture), "public, max-age=31536000, immutable");
    let dump = objects.keys().find(|path| path.contains("/dump/")).unwrap();
    assert_eq!(
        (kind(dump), coding(dump)),
        ("application/gzip".into(), "".into())
    );

    // The folders came between: the record tells of another place. No object changes nevertheless.
    operator.well(&["publish"]);
    let asked = operator.bucket.asked();
    assert_eq!(changes(&asked), Vec::<&Asked>::new());
    assert!(asked.iter().any(|asked| asked.path.contains("list-type=2")));

    // Without news, a publication asks for the turn and the manifest.
    operator.well(&["publish"]);
    let asked = operator.bucket.asked();
    assert_eq!(changes(&asked), Vec::<&Asked>::new());
    assert!(asked.len() <= 8, "{asked:#?}");

    operator.news();
    operator.well(&["run"]);
    let asked = operator.bucket.asked();
    let written = changes(&asked);
    println!(
        "first: {first} requests; one article more: {} requests, {} of them writes, with {} bytes",
        asked.len(),
        written.len(),
        written.iter().map(|asked| asked.bytes).sum::<usize>()
    );
    let is_last = written.last().map(|asked| asked.path.clone());
    assert_eq!(is_last.as_deref(), Some("manifest.json"));
    let mut paths: Vec<&str> = written.iter().map(|asked| asked.path.as_str()).collect();
    paths.sort_unstable();
    let once = paths.clone();
    paths.dedup();
    assert_eq!(paths, once, "each object is written once");
    assert!(
        paths.contains(&feed) && !paths.contains(&"style.css"),
        "{paths:?}"
    );
    let is_article = |path: &&&str| path.starts_with("articles/") && path.ends_with(".json");
    assert_eq!(paths.iter().filter(is_article).count(), 1, "{paths:?}");
    let before = objects.len();
    let objects = operator.bucket.objects();
    assert!(objects.len() > before);
    operator.is_as_a_folder("two");
}

#[test]
fn a_bucket_that_fails_at_times_gets_everything_nevertheless() {
    let Some(operator) = Operator::new() else {
        return;
    };
    let asked = AtomicUsize::new(0);
    operator
        .bucket
        .plan(move |_| match asked.fetch_add(1, Ordering::SeqCst) % 13 {
            3 => Fate::Busy,
            7 => Fate::Lost,
            11 => Fate::Unheard,
            _ => Fate::Pass,
        });
    operator.well(&["run"]);
    operator.news();
    operator.well(&["run"]);
    operator.is_as_a_folder("one");
}

#[test]
fn a_publication_that_is_killed_between_two_objects_is_completed_by_the_next() {
    let Some(operator) = Operator::new() else {
        return;
    };
    let run = operator.command("one", &["run"]).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{}", told(&run));
    type Step = fn(&Asked, usize) -> bool;
    let steps: [Step; 4] = [
        |_, changes| changes == 1,
        |_, changes| changes == 25,
        |asked, _| asked.path.ends_with("atom.xml"),
        |asked, _| asked.path == "manifest.json",
    ];
    for is_step in steps {
        let (mut changes, mut is_held) = (0, false);
        operator.bucket.plan(move |asked| {
            changes += usize::from(asked.changes());
            is_held |= asked.changes() && is_step(asked, changes);
            match is_held {
                true => Fate::Held,
                false => Fate::Pass,
            }
        });
        let mut publish = operator.command(&operator.bucket.url(), &["publish"]);
        let publish = publish.stdout(Stdio::null()).stderr(Stdio::null());
        let mut publish = Doomed(publish.spawn().unwrap());
        operator.bucket.wait_for(|asked| {
            let changes = asked.iter().filter(|asked| asked.changes());
            let mut changes = changes.enumerate();
            changes.any(|(number, asked)| is_step(asked, number + 1))
        });
        publish.signal("-KILL");
        assert_eq!(publish.code(), None);
        // What it had sent arrives late.
        operator.bucket.be_well();
        operator.bucket.asked();
    }
    operator.well(&["publish"]);
    operator.is_as_a_folder("two");
}

#[test]
fn a_publisher_that_was_overtaken_stops_before_it_overwrites_newer_files() {
    let Some(operator) = Operator::new() else {
        return;
    };
    operator.well(&["run"]);
    let manifest = operator.bucket.get("manifest.json");
    operator.bucket.asked();
    operator.news();
    let feed = "lucheng/work-news/atom.xml";
    operator.bucket.plan(move |asked| {
        let is_it = asked.method == "PUT" && asked.path == feed;
        if is_it { Fate::Held } else { Fate::Pass }
    });
    let mut run = operator.command(&operator.bucket.url(), &["run"]);
    let run = run
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    operator.bucket.wait_for(|asked| {
        let mut asked = asked.iter();
        asked.any(|asked| asked.method == "PUT" && asked.path == feed)
    });
    let other = "{\"turn\":900,\"publisher\":\"6e8bc430-9c3a-11d9-9669-0800200c9a66\",\"beats\":0}";
    operator.bucket.put(TURN, other.as_bytes(), &[]);
    operator
        .bucket
        .put(feed, b"newer", &[("sha256", "newer"), ("turn", "900")]);
    operator.bucket.be_well();
    let output = run.wait_with_output().unwrap();
    let text = told(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("another dibao publishes here now"), "{text}");
    assert_eq!(operator.bucket.get(feed), b"newer");
    assert_eq!(operator.bucket.get("manifest.json"), manifest);

    // The next one waits until the other's turn ends.
    operator.bucket.asked();
    let mut publish = operator.command(&operator.bucket.url(), &["publish"]);
    let publish = publish
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    operator.bucket.wait_for(|asked| {
        let looks = asked
            .iter()
            .filter(|asked| asked.method == "GET" && asked.path == TURN);
        looks.count() >= 4
    });
    assert_eq!(changes(&operator.bucket.asked()), Vec::<&Asked>::new());
    operator
        .bucket
        .put(TURN, b"{\"turn\":900,\"publisher\":null,\"beats\":0}", &[]);
    let output = publish.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    operator.is_as_a_folder("one");
    let turn = String::from_utf8(operator.bucket.get(TURN)).unwrap();
    assert_eq!(turn, "{\"turn\":901,\"publisher\":null,\"beats\":0}");
}

#[test]
fn a_bucket_that_cannot_be_used_is_refused_with_a_remedy_and_without_secrets() {
    let Some(operator) = Operator::new() else {
        return;
    };
    let good = operator.bucket.url();
    let secret = operator.bucket.environment()[1].1.clone();
    let refused = |url: &str, variable: (&str, &str), says: &[&str]| {
        let mut command = operator.command(url, &["run"]);
        let output = command.env(variable.0, variable.1).output().unwrap();
        is_refused(&output, says, &secret);
    };
    let nothing = ("AWS_REGION", "us-east-1");
    refused(
        &good,
        ("AWS_SECRET_ACCESS_KEY", "hush"),
        &[&good, "SignatureDoesNotMatch", "check the credentials"],
    );
    refused(
        &good,
        ("AWS_ENDPOINT", "http://127.0.0.1:1"),
        &[&good, "check the network"],
    );
    refused(
        "s3://no-such-bucket/news",
        nothing,
        &["s3://no-such-bucket/news", "create the bucket"],
    );
    refused(
        "s3://key:hush@bucket/news",
        nothing,
        &["s3://bucket/news", "AWS_ACCESS_KEY_ID"],
    );
    refused(
        "http://bucket/news",
        nothing,
        &["http://bucket/news", "s3://"],
    );
    operator.bucket.plan(|asked| match asked.method.as_str() {
        "PUT" => Fate::Pretended,
        _ => Fate::Pass,
    });
    operator
        .bucket
        .put(TURN, b"{\"turn\":1,\"publisher\":null,\"beats\":0}", &[]);
    refused(&good, nothing, &[&good, "it ignores If-None-Match"]);
    assert!(
        !operator.machine.path("data/dibao.sqlite").exists(),
        "nothing was begun"
    );
}

#[test]
fn a_service_passes_the_files_of_a_bucket_on_and_outlasts_its_failures() {
    let Some(operator) = Operator::new() else {
        return;
    };
    operator.well(&["run"]);
    operator.machine.always_due();
    let args = ["serve", "--listen", "127.0.0.1:0"];
    let mut service = Service::of(operator.command(&operator.bucket.url(), &args));
    service.get_until("/readyz", |answer| answer.status == 200);
    let feed = "/lucheng/work-news/atom.xml";
    let plain = service.get(feed);
    let is = |name, value: &str| assert_eq!(plain.header(name), Some(value), "{}", plain.head);
    is("content-type", "application/atom+xml; charset=utf-8");
    is("cache-control", "public, max-age=60");
    assert_eq!(plain.body, operator.bucket.get(&feed[1..]));
    let get = |headers: &str| machine::get(&service.address, feed, headers);
    let packed = get("Accept-Encoding: gzip\r\n");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(
        packed.body,
        operator.bucket.get(&format!("{}.gz", &feed[1..]))
    );
    let tag = plain.header("etag").unwrap();
    assert_eq!(get(&format!("If-None-Match: {tag}\r\n")).status, 304);
    let part = get("Range: bytes=0-9\r\n");
    assert_eq!((part.status, part.body.len()), (206, 10));
    let missing = service.get("/lucheng/nothing.html");
    assert_eq!(missing.status, 404);
    assert_eq!(missing.body, operator.bucket.get("404.html"));
    assert_eq!(service.get("/.dibao/publisher.json").status, 404);
    assert_eq!(service.get("/lucheng/work-news").status, 307);
    assert_eq!(service.get("/").body, operator.bucket.get("index.html"));

    let asked = AtomicUsize::new(0);
    operator
        .bucket
        .plan(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
            0..20 => Fate::Busy,
            20..30 => Fate::Lost,
            _ => Fate::Pass,
        });
    operator.news();
    let before = plain.body.clone();
    service.get_until(feed, |answer| answer.status == 200 && answer.body != before);
    assert_eq!(service.stop(), Some(0));
    operator.bucket.be_well();
    // What it was told to stop at is left for the next one.
    operator.well(&["publish"]);
    operator.is_as_a_folder("one");
}
