//! The parsers of feed readers: each gives the ids of the store, whatever happens.
//!
//! Owns the comparison of ids, links and titles. Never compares texts.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::{Office, live_through, ran};
use crate::feeds::judges::has;
use dibao::fetch::http_client;

const FEEDS: [&str; 3] = ["atom.xml", "rss.xml", "feed.json"];

/// Print the id, link and title of each entry of the feed at an address, in that order.
const FEEDPARSER: &str = "
import sys, feedparser
read = feedparser.parse(sys.argv[1])
assert not read.bozo, read.bozo_exception
for entry in read.entries:
    print(entry.id, entry.link, entry.title)
";
const RSS_PARSER: &str = "
const Parser = require(process.argv[1]);
new Parser().parseURL(process.argv[2]).then(feed => {
  for (const item of feed.items) console.log(item.id || item.guid, item.link, item.title);
});
";

/// Every article as the parsers' lines have it.
async fn lines(office: &Office) -> BTreeSet<String> {
    let articles = office.articles().await.into_iter();
    let lines = articles.map(|article| {
        let (id, url, title) = (article.id.urn(), article.url, article.title);
        format!("{id} {url} {title}")
    });
    lines.collect()
}

fn printed(command: &mut Command) -> Vec<String> {
    let output = ran(command);
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn is_all(found: Vec<String>, expected: &BTreeSet<String>, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}: {found:#?}");
    let found: BTreeSet<String> = found.into_iter().collect();
    assert!(found == *expected, "{what}: {found:#?}");
}

/// Lives through everything, and has `parse` read each feed of these each time.
async fn ids_stay(feeds: &[&str], mut parse: impl AsyncFnMut(&str) -> Vec<String>) {
    let mut ids = BTreeSet::new();
    live_through(async |office, what| {
        let expected = lines(office).await;
        for feed in feeds {
            let found = parse(&office.url(feed)).await;
            is_all(found, &expected, &format!("{what}, {feed}"));
        }
        let now: BTreeSet<String> = expected
            .iter()
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect();
        assert!(now.is_superset(&ids), "{what}");
        ids = now;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn feed_rs_sees_the_same_ids_in_every_format() {
    ids_stay(&FEEDS, async |url| {
        let client = http_client().unwrap().build().unwrap();
        let answer = client.get(url).send().await.unwrap();
        let bytes = answer.bytes().await.unwrap();
        let feed = feed_rs::parser::parse(&*bytes).unwrap();
        let entries = feed.entries.into_iter().map(|entry| {
            let title = entry.title.unwrap().content;
            format!("{} {} {title}", entry.id, entry.links[0].href)
        });
        entries.collect()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn feedparser_sees_the_same_ids() {
    if !has(
        "python3",
        &["-c", "import feedparser"],
        "python3 -m pip install feedparser",
    ) {
        return;
    }
    ids_stay(&FEEDS[..2], async |url| {
        printed(Command::new("python3").args(["-c", FEEDPARSER, url]))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rss_parser_sees_the_same_ids() {
    let module = "target/clients/node_modules/rss-parser";
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join(module);
    let module = module.to_str().unwrap();
    let remedy = "npm install --no-save --prefix target/clients rss-parser";
    if !has("node", &["-e", "require(process.argv[1])", module], remedy) {
        return;
    }
    ids_stay(&FEEDS[..2], async |url| {
        printed(Command::new("node").args(["-e", RSS_PARSER, module, url]))
    })
    .await;
}
