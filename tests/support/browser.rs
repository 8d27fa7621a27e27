//! A headless Chromium that opens pages, and a server that plays every other host.
//!
//! Owns the browser. Never tests anything itself.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, header};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

/// A page as the browser saw it.
#[derive(Debug, Deserialize)]
pub(crate) struct Seen {
    pub(crate) url: String,
    pub(crate) title: String,
    /// Faults that keep people from reading it.
    pub(crate) flaws: Vec<String>,
    /// Errors on its console.
    pub(crate) errors: Vec<String>,
    /// The texts of its dialogs.
    pub(crate) dialogs: Vec<String>,
    /// Its requests, the page included.
    pub(crate) requests: Vec<String>,
    /// How many elements each selector finds.
    pub(crate) counted: std::collections::BTreeMap<String, usize>,
}

/// A page to open, and the selectors whose elements are counted.
pub(crate) type Visit<'a> = (String, &'a [&'a str]);

/// Whom the browser asks on its own account, whatever page it shows.
const OWN: [&str; 2] = [".google.com/", ".googleapis.com/"];

const PICTURE: &[u8] = include_bytes!("../../assets/favicon.png");

/// Every host but this machine: it answers with what it was given, else with a picture, and
/// remembers who was asked.
pub(crate) struct Elsewhere {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Elsewhere {
    /// Answers with these pages, by `HOST/PATH`.
    pub(crate) async fn serve(pages: Vec<(String, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (log, pages) = (asked.clone(), Arc::new(pages));
        let answer = move |request: Request| {
            let host = request.headers().get(header::HOST);
            let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
            let address = format!("{host}{}", request.uri().path());
            if !OWN.iter().any(|own| address.contains(own)) {
                log.lock().unwrap().push(address.clone());
            }
            let page = pages.iter().find(|(page, _)| *page == address);
            let page = page.map(|(_, page)| (page.clone(), "text/html; charset=utf-8"));
            let picture = || (PICTURE.to_vec(), "image/png");
            let (body, media_type) = page.unwrap_or_else(picture);
            let answer = Response::builder().header(header::CONTENT_TYPE, media_type);
            std::future::ready(answer.body(Body::from(body)).unwrap())
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        Self { port, asked }
    }

    /// The requests since the last call, as `HOST/PATH`.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// Serves a published folder as any web server does, and says where.
pub(crate) async fn serve_published(public: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().fallback_service(ServeDir::new(public));
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/")
}

/// Opens these pages, and lets axe-core judge them; `None` where there is no Chromium or no Python,
/// which is told.
pub(crate) async fn open(elsewhere: &Elsewhere, visits: &[Visit<'_>]) -> Option<Vec<Seen>> {
    let axe = axe();
    if axe.is_none() {
        println!("skipped: no axe-core judges the pages (./setup installs it)");
    }
    see(elsewhere, pages(visits), axe).await
}

/// The same without axe-core, which takes longer than all else.
pub(crate) async fn watch(elsewhere: &Elsewhere, visits: &[Visit<'_>]) -> Option<Vec<Seen>> {
    see(elsewhere, pages(visits), None).await
}

fn pages(visits: &[Visit<'_>]) -> Vec<serde_json::Value> {
    let pages = visits
        .iter()
        .map(|(url, count)| json!({"url": url, "count": count}));
    pages.collect()
}

/// Opens a page, types into a field of it and presses Enter; what is seen is the page that follows.
pub(crate) async fn submit(
    elsewhere: &Elsewhere,
    visit: Visit<'_>,
    field: &str,
    typed: &str,
) -> Option<Seen> {
    let (url, count) = visit;
    let page = json!({"url": url, "count": count, "fill": {field: typed}});
    let seen = see(elsewhere, vec![page], axe()).await?;
    seen.into_iter().next()
}

/// The file of axe-core, if it is installed.
pub(crate) fn axe() -> Option<PathBuf> {
    let file = "target/clients/node_modules/axe-core/axe.min.js";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    file.exists().then_some(file)
}

async fn see(
    elsewhere: &Elsewhere,
    pages: Vec<serde_json::Value>,
    axe: Option<PathBuf>,
) -> Option<Vec<Seen>> {
    let version = |program: &&str| {
        let ran = Command::new(program).arg("--version").output();
        ran.is_ok_and(|ran| ran.status.success())
    };
    let chromium = ["chromium", "chromium-browser", "google-chrome"];
    let (Some(chromium), true) = (
        chromium.iter().find(|name| version(name)),
        version(&"python3"),
    ) else {
        println!("skipped: chromium or python3 does not run (apt-get install chromium python3)");
        return None;
    };
    let route = format!("127.0.0.1:{}", elsewhere.port);
    let job = json!({"chromium": chromium, "route": route, "axe": axe, "pages": pages}).to_string();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/site/browser.py");
    let ran = tokio::task::spawn_blocking(move || {
        let mut python = Command::new("python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        python
            .stdin
            .take()
            .unwrap()
            .write_all(job.as_bytes())
            .unwrap();
        python.wait_with_output().unwrap()
    });
    let ran = ran.await.unwrap();
    let told = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{told}");
    Some(serde_json::from_slice(&ran.stdout).unwrap())
}
