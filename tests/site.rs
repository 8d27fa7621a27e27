//! The site in a real browser: every page loads without an error, is accessible, and asks only the
//! portal, for its pictures. Its markup is valid, and its links lead somewhere.
//!
//! Owns the visit to every page. Never leaves this machine.

pub(crate) mod links;
mod searching;
mod valid;

use dibao::demo;
use dibao::render::pages::{self, Filters, SearchPage};

use crate::articles::site;
use crate::feeds::odd_site;
use crate::pages::{ailing, hit};
use crate::support::browser::{Elsewhere, Seen, Visit, axe, open, serve_published};
use crate::support::replica::bytes;

/// Parts of an article's page that show what an edit changed.
const EDITS: [&str; 3] = [".diff ins", ".diff del", "details[open]"];

/// The host of the pages that a service makes when it is asked: a search, one that fails, status.
const SERVICE: &str = "service.example";

fn answers() -> Vec<(String, Vec<u8>)> {
    let found = SearchPage {
        query: "两会",
        filters: Filters {
            since: Some("2025-12-01".to_owned()),
            ..Filters::default()
        },
        total: Some(21),
        has_more: true,
        hits: &[hit(), hit()],
        next: Some("search?q=a&page=2".to_owned()),
        turned: Some("?q=a&sort=published".to_owned()),
        columns: &[],
        ..SearchPage::default()
    };
    let failed = SearchPage {
        problem: Some("日期不存在".to_owned()),
        ..SearchPage::default()
    };
    let pages = [
        ("search", pages::search(&site(), &found)),
        ("failed", pages::search(&site(), &failed)),
        ("status", pages::status(&site(), &ailing())),
    ];
    pages
        .map(|(path, page)| (format!("{SERVICE}/{path}"), page))
        .to_vec()
}

/// A page with a flaw of each kind, and the words by which each is told.
const BAD: &str = "<h1>一</h1><h3>三</h3><img src='/x.png'><input><script>throw 1</script>\
    <p style='color:#999;background:#fff'>淡</p><div style='width:2000px'>宽</div>";
const FLAWS: [&str; 8] = [
    "no title",
    "not one main",
    "h3 after h1",
    "no alt",
    "no label",
    "contrast 2.8",
    "px too wide",
    "attribute style",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_page_is_seen() {
    let bad = (format!("{SERVICE}/"), BAD.as_bytes().to_vec());
    let elsewhere = Elsewhere::serve(vec![bad]).await;
    let visit: Visit<'_> = (format!("http://{SERVICE}/"), &["input"]);
    let Some(seen) = open(&elsewhere, &[visit]).await else {
        return;
    };
    for flaw in FLAWS {
        let is_told = seen[0].flaws.iter().any(|told| told.contains(flaw));
        assert!(is_told, "{flaw}: {:#?}", seen[0].flaws);
    }
    let told_by_axe = seen[0]
        .flaws
        .iter()
        .any(|told| told.starts_with("axe: image-alt"));
    assert_eq!(told_by_axe, axe().is_some(), "{:#?}", seen[0].flaws);
    assert_eq!(seen[0].errors.len(), 1, "{:?}", seen[0].errors);
    assert_eq!(seen[0].counted["input"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_well_in_a_browser() {
    let (_replica, bench) = odd_site::odd().await;
    let elsewhere = Elsewhere::serve(answers()).await;
    let base = serve_published(&bench.public()).await;
    let published = bytes(&bench.public()).into_keys();
    let files = published.filter(|path| path.ends_with(".html"));
    let answered = answers()
        .into_iter()
        .map(|(page, _)| format!("http://{page}"));
    let urls: Vec<String> = files
        .map(|path| base.clone() + &path)
        .chain(answered)
        .collect();
    let visits: Vec<Visit<'_>> = urls.into_iter().map(|url| (url, &EDITS[..])).collect();
    assert!(visits.len() > 70, "{}", visits.len());
    let Some(seen) = open(&elsewhere, &visits).await else {
        return;
    };
    let opened = seen.iter().map(|page| &page.url);
    assert!(opened.eq(visits.iter().map(|(url, _)| url)));
    let wrong: Vec<&Seen> = seen
        .iter()
        .filter(|page| {
            let others = |url: &&String| {
                let hosts = [
                    base.as_str(),
                    "http://service.example/",
                    "http://www.lc.gov.cn/",
                ];
                !hosts.iter().any(|host| url.starts_with(host))
            };
            let told = page.flaws.len() + page.errors.len() + page.dialogs.len();
            told > 0 || page.title.is_empty() || page.requests.iter().any(|url| others(&url))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let edited = seen
        .iter()
        .filter(|page| page.counted.values().all(|count| *count > 0));
    assert!(edited.count() >= 5, "pages that show what was edited");
    let asked = elsewhere.asked();
    let pictures = asked.iter().filter(|of| of.starts_with(demo::HOST)).count();
    assert!(
        pictures >= 10,
        "{pictures} pictures of the portal: {asked:?}"
    );
    let others = |of: &&String| {
        ![demo::HOST, SERVICE]
            .iter()
            .any(|host| of.starts_with(host))
    };
    assert_eq!(asked.iter().find(others), None);
}
