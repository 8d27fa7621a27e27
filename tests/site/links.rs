//! The served demo, link by link: every address of the site that a page, a feed or a manifest names
//! answers, and pages are light.
//!
//! Owns the walk. Never asks another host.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use regex::Regex;
use scraper::{Html, Selector};
use url::Url;

/// The most that a page weighs without its texts, in bytes.
const LIGHT: usize = 20 * 1024;

/// A demo that is served until it is dropped.
pub(crate) struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The address of the demo that is served, once it is.
pub(crate) fn serve() -> (tempfile::TempDir, Demo, Url) {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_dibao"))
        .args(["demo", "--listen", "127.0.0.1:0"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let demo = Demo(child);
    let mut lines = lines.map(Result::unwrap);
    let line = lines
        .find(|line| line.starts_with("serving it at "))
        .unwrap();
    let address = line.split(' ').nth(3).unwrap().trim_end_matches(';');
    (folder, demo, address.parse().unwrap())
}

/// The addresses that a document names, as it writes them.
fn named(url: &Url, is_page: bool, body: &str, base: &Url) -> Vec<String> {
    let path = url.path();
    let mut found = Vec::new();
    let mut all = |pattern: &str| {
        let pattern = Regex::new(pattern).unwrap();
        let groups = pattern.captures_iter(body);
        found.extend(groups.map(|group| group[1].replace("&amp;", "&")));
    };
    if path.ends_with(".json") || path.ends_with(".ndjson") {
        all(&format!(r#"({base}[^"<>\s\\]*)"#));
        if path.ends_with("manifest.json") {
            // Paths from the top of the site.
            let path = Regex::new(r#""path":\s*"([^"]+)""#).unwrap();
            let paths = path.captures_iter(body);
            found.extend(paths.map(|path| format!("{base}{}", &path[1])));
        }
        return found;
    }
    all(&format!(r#"({base}[^"'<>&\s]*)"#));
    if is_page {
        let page = Html::parse_document(body);
        for attribute in ["href", "src", "action"] {
            let selector = Selector::parse(&format!("[{attribute}]")).unwrap();
            let elements = page.select(&selector);
            found.extend(
                elements
                    .filter_map(|one| one.attr(attribute))
                    .map(str::to_owned),
            );
        }
    } else {
        all(r#"(?:href|url|src|xmlUrl|htmlUrl)="([^"]+)""#);
    }
    found
}

/// The bytes of a page that are no text.
fn markup(body: &str) -> usize {
    let page = Html::parse_document(body);
    let text: usize = page.root_element().text().map(str::len).sum();
    body.len() - text
}

/// What a walk over a site has seen.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    /// Addresses that do not answer with 200, or lead out of the site's path, and whence.
    pub(crate) wrong: Vec<String>,
    pub(crate) pages: BTreeMap<Url, String>,
    pub(crate) seen: BTreeSet<Url>,
}

/// Asks for every address below `base` that is named anywhere below it, but for those with one of
/// these ends.
pub(crate) async fn walk(base: &Url, but: &[&str]) -> Walk {
    let client = dibao::fetch::http_client()
        .unwrap()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut walk = Walk::default();
    let mut queue = vec![(base.clone(), base.clone())];
    let mut places: Vec<(Url, Url)> = Vec::new();
    while let Some((url, from)) = queue.pop() {
        let answer = client.get(url.clone()).send().await.unwrap();
        if answer.status() != 200 {
            let status = answer.status();
            walk.wrong.push(format!("{url}: {status}, from {from}"));
            continue;
        }
        let kind = answer.headers()["content-type"].to_str().unwrap();
        let is_page = kind.starts_with("text/html");
        let Ok(body) = String::from_utf8(answer.bytes().await.unwrap().to_vec()) else {
            continue;
        };
        for name in named(&url, is_page, &body, base) {
            let Ok(mut target) = url.join(&name) else {
                walk.wrong.push(format!("{url}: names {name}"));
                continue;
            };
            if target.origin() != base.origin()
                || but.iter().any(|end| target.path().ends_with(end))
            {
                continue;
            }
            if !target.as_str().starts_with(base.as_str()) {
                walk.wrong
                    .push(format!("{target}: is not below {base}, from {url}"));
                continue;
            }
            if target.fragment().is_some_and(|place| !place.is_empty()) {
                places.push((target.clone(), url.clone()));
            }
            target.set_fragment(None);
            if walk.seen.insert(target.clone()) {
                queue.push((target, url.clone()));
            }
        }
        if is_page {
            walk.pages.insert(url, body);
        }
    }
    for (target, from) in places {
        let mut page = target.clone();
        page.set_fragment(None);
        let place = format!("id=\"{}\"", target.fragment().unwrap_or_default());
        if !walk
            .pages
            .get(&page)
            .is_some_and(|page| page.contains(&place))
        {
            walk.wrong
                .push(format!("{target}: no such place, from {from}"));
        }
    }
    walk
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_of_the_served_demo_answers_and_its_pages_are_light() {
    let (_folder, _demo, base) = serve();
    let walk = walk(&base, &[]).await;
    assert!(walk.wrong.is_empty(), "{:#?}", walk.wrong);
    let (pages, seen) = (walk.pages.len(), walk.seen.len());
    assert!(pages > 75 && seen > 170, "{pages} pages, {seen} addresses");
    for (url, page) in &walk.pages {
        let weight = markup(page);
        assert!(weight <= LIGHT, "{url}: {weight} bytes without its texts");
    }
}
