//! The examples for nginx, in a real nginx: in front of `dibao serve`, and alone with the published
//! folder, each at the top of a host and below a path.
//!
//! Owns this nginx. Never leaves loopback.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::faults_machine::machine::{ARTICLES, Answer, COLUMN, Doomed, Machine, get};
use crate::site::links::walk;

/// An nginx with one of the examples, until it is dropped.
struct Nginx {
    _child: Doomed,
    address: String,
}

fn is_missing() -> bool {
    let version = Command::new("nginx").arg("-v").output();
    let is_missing = !version.is_ok_and(|version| version.status.success());
    if is_missing {
        println!("skipped: there is no nginx (apt-get install nginx-light)");
    }
    is_missing
}

/// A port that is free now.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The example, as an operator edits it: the port, and the lines for a site below a path.
fn edited(name: &str, port: u16, is_below: bool) -> String {
    /// Where the places of a proxy begin, and what stands for them in the example without one.
    const PROXIED: &str = "    location / {\n        proxy_pass";
    const ROOT: &str = "    root /var/lib/dibao/public;\n";
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("packaging")
        .join(name);
    let mut text = std::fs::read_to_string(file).unwrap();
    if is_below {
        let (top, below) = text.rsplit_once("    # Below a path").unwrap();
        let (_, below) = below.split_once("    #\n").unwrap();
        let (top, _) = top.split_once(PROXIED).unwrap_or((top, ""));
        let top = top.replace(ROOT, "");
        text = format!("{top}{}", below.replace("    # ", "    "));
    }
    text.replace("    listen [::]:80;\n", "")
        .replace("listen 80;", &format!("listen 127.0.0.1:{port};"))
}

fn start(folder: &Path, site: &str, port: u16) -> Nginx {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary.map(|of| format!("{of}_temp_path {}/{of};\n", folder.display()));
    let text = format!(
        "daemon off;\nmaster_process off;\npid {0}/pid;\nerror_log stderr notice;\nevents {{}}\n\
         http {{\naccess_log off;\n{1}{site}\n}}\n",
        folder.display(),
        temporary.concat()
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, text).unwrap();
    let mut child = Command::new("nginx")
        .arg("-c")
        .arg(&file)
        .arg("-p")
        .arg(folder)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let child = Doomed(child);
    // It listens before it says so.
    let mut told = lines.by_ref().map_while(Result::ok);
    let is_up = told.any(|line| {
        println!("{line}");
        line.contains("event method")
    });
    assert!(is_up, "nginx does not start");
    std::thread::spawn(move || lines.for_each(drop));
    Nginx {
        _child: child,
        address: format!("127.0.0.1:{port}"),
    }
}

impl Nginx {
    fn get(&self, path: &str) -> Answer {
        get(&self.address, path, "")
    }

    /// What holds for both examples.
    fn answers_well(&self, prefix: &str) {
        for (path, kind) in [
            ("", "text/html; charset=utf-8"),
            (
                "lucheng/work-news/atom.xml",
                "application/atom+xml; charset=utf-8",
            ),
            (
                "lucheng/work-news/rss.xml",
                "application/rss+xml; charset=utf-8",
            ),
            (
                "lucheng/work-news/feed.json",
                "application/feed+json; charset=utf-8",
            ),
            (
                "lucheng/work-news/revisions.atom",
                "application/atom+xml; charset=utf-8",
            ),
            ("feeds.opml", "text/x-opml; charset=utf-8"),
            ("manifest.json", "application/json; charset=utf-8"),
            (
                "changes/000001.ndjson",
                "application/x-ndjson; charset=utf-8",
            ),
            (
                "lucheng/work-news/dump/2025-12.ndjson.gz",
                "application/gzip",
            ),
            ("style.css", "text/css; charset=utf-8"),
            ("icon.svg", "image/svg+xml"),
        ] {
            let answer = self.get(&format!("{prefix}{path}"));
            assert_eq!(answer.status, 200, "{path}: {}", answer.head);
            assert_eq!(answer.header("content-type"), Some(kind), "{path}");
            assert_eq!(
                answer.header("x-content-type-options"),
                Some("nosniff"),
                "{path}"
            );
            assert_eq!(
                answer.header("access-control-allow-origin"),
                Some("*"),
                "{path}"
            );
            assert!(
                answer.header("cache-control").is_some(),
                "{path}: {}",
                answer.head
            );
        }
        let manifest = self.get(&format!("{prefix}manifest.json"));
        assert_eq!(manifest.header("cache-control"), Some("no-cache"));
        // Copies as they were prepared, and none at all for who has the newest.
        let feed = format!("{prefix}{COLUMN}/atom.xml");
        let packed = get(&self.address, &feed, "Accept-Encoding: gzip\r\n");
        assert_eq!(
            packed.header("content-encoding"),
            Some("gzip"),
            "{}",
            packed.head
        );
        let plain = self.get(&feed);
        let known = format!("If-None-Match: {}\r\n", plain.header("etag").unwrap());
        assert_eq!(get(&self.address, &feed, &known).status, 304);
        let entries = String::from_utf8(plain.body)
            .unwrap()
            .matches("<entry>")
            .count();
        assert_eq!(entries, ARTICLES);
        // A folder without its slash, and its page, wherever the reader came from.
        for folder in ["lucheng", "lucheng/work-news", "lucheng/work-news/2025"] {
            let path = format!("{prefix}{folder}");
            let answer = self.get(&path);
            assert!(
                [301, 307].contains(&answer.status),
                "{path}: {}",
                answer.head
            );
            let base: url::Url = format!("http://{}{path}", self.address).parse().unwrap();
            let target = base.join(answer.header("location").unwrap()).unwrap();
            assert_eq!(target.as_str(), format!("{base}/"));
        }
        let missing = self.get(&format!("{prefix}nothing.html"));
        assert_eq!(missing.status, 404);
        let page = String::from_utf8(missing.body).unwrap();
        assert!(
            page.contains("目录") && page.contains(&format!("{prefix}style.css")),
            "{page}"
        );
        for hidden in [
            ".dibao-demo",
            "lucheng/.x",
            "../data/dibao.sqlite",
            "%2e%2e/cron.toml",
        ] {
            let answer = self.get(&format!("{prefix}{hidden}"));
            assert!(
                [400, 404].contains(&answer.status),
                "{hidden}: {}",
                answer.head
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_passes_requests_on_at_the_top_of_a_host_and_below_a_path() {
    if is_missing() {
        return;
    }
    for prefix in ["/", "/news/"] {
        let port = free_port();
        let machine = Machine::new();
        let settings = format!(
            "base_url = \"http://127.0.0.1:{port}{prefix}\"\n[api]\nforwarded = [\"127.0.0.1\"]\n"
        );
        machine.write("dibao.toml", &settings);
        machine.write(
            "cron.toml",
            "[[job]]\ncolumns = [\"*/*\"]\ncron = \"0 0 1 1 *\"\n",
        );
        machine.run();
        let mut service = machine.serve();
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache").display().to_string();
        let site = edited("nginx-proxy.conf", port, prefix != "/")
            .replace("127.0.0.1:8080", &service.address)
            .replace("/var/cache/nginx/dibao", &cache);
        let nginx = start(folder.path(), &site, port);
        nginx.answers_well(prefix);
        let path = |path: &str| format!("{prefix}{path}");
        assert_eq!(nginx.get(&path("metrics")).status, 403);
        for live in [
            "status",
            "search?q=%E4%BC%9A%E8%AE%AE",
            "api/v1/articles?limit=1",
            "readyz",
        ] {
            assert_eq!(nginx.get(&path(live)).status, 200, "{live}");
        }
        // What belongs together comes from dibao, which says when nothing is new.
        for live in [
            "manifest.json",
            "lucheng/manifest.json",
            "changes/000001.ndjson",
        ] {
            let tag = nginx.get(&path(live));
            let tag = tag.header("etag").unwrap();
            let condition = format!("If-None-Match: {tag}\r\n");
            let again = get(&nginx.address, &path(live), &condition);
            assert_eq!(again.status, 304, "{live}");
        }
        let base = format!("http://{}{prefix}", nginx.address);
        let walked = walk(&base.parse().unwrap(), &[]).await;
        assert!(walked.wrong.is_empty(), "{:#?}", walked.wrong);
        assert!(walked.pages.len() > ARTICLES, "{walked:#?}");
        // While dibao is started anew, readers have what nginx keeps; the status is not kept.
        assert_eq!(service.stop(), Some(0));
        assert_eq!(nginx.get(&path("lucheng/work-news/atom.xml")).status, 200);
        assert_eq!(nginx.get(&path("status")).status, 502);
        if prefix != "/" {
            let answer = nginx.get("/news");
            assert_eq!(
                (answer.status, answer.header("location")),
                (301, Some("/news/"))
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_serves_the_folder_alone_at_the_top_of_a_host_and_below_a_path() {
    if is_missing() {
        return;
    }
    for prefix in ["/", "/news/"] {
        let port = free_port();
        let machine = Machine::new();
        let settings = format!("base_url = \"http://127.0.0.1:{port}{prefix}\"\n");
        machine.write("dibao.toml", &settings);
        machine.run();
        let folder = tempfile::tempdir().unwrap();
        let public = machine.public().display().to_string();
        let site = edited("nginx-static.conf", port, prefix != "/");
        let site = site.replace("/var/lib/dibao/public", &public);
        let nginx = start(folder.path(), &site, port);
        nginx.answers_well(prefix);
        // Search and status need the service, and pages in their places say so.
        let but = ["/search", "/status"];
        for name in ["search", "status"] {
            let asked = nginx.get(&format!("{prefix}{name}?q=a"));
            assert_eq!(
                (asked.status, asked.header("location")),
                (301, Some(format!("{prefix}{name}/?q=a").as_str()))
            );
            let page = nginx.get(&format!("{prefix}{name}/?q=a"));
            let text = String::from_utf8_lossy(&page.body);
            assert!(
                page.status == 200 && text.contains("<code>dibao serve</code> 提供"),
                "{text}"
            );
        }
        let base = format!("http://{}{prefix}", nginx.address);
        let walked = walk(&base.parse().unwrap(), &but).await;
        assert!(walked.wrong.is_empty(), "{:#?}", walked.wrong);
        assert!(walked.pages.len() > ARTICLES, "{walked:#?}");
    }
}
