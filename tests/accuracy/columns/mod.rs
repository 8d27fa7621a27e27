//! Whole columns of real portals through a run: how many articles are published, and how many with
//! the title and the day that the portal's own column shows.
//!
//! Owns the comparison, row by row, with copies of portals that `DIBAO_BULK` names (`copies.rs` has
//! their format). Each column page gets a feed file with its address alone. `floor.toml` pins the
//! figures, and docs/accuracy.md shows them. Never measures single pages.

mod copies;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

use dibao::config::{Column, HOSTS_AT_ONCE};
use dibao::model::{Article, Field};
use dibao::pipeline::{self, Progress};
use flate2::read::GzDecoder;
use url::Url;

use super::score::Tally;
use crate::support::outside_all;
use crate::support::replica::{Bench, Replica, column_at, files};
use copies::{Portal, Row};

/// What is asked of each row, in the order of the table, with its words there.
const ASKED: [(&str, &str); 5] = [
    ("published", "published"),
    ("title", "with the title that the column shows"),
    ("own_title", "… found on the article's own page (title)"),
    ("day", "with the day that the column shows"),
    ("own_day", "… found on the article's own page (day)"),
];

type Tallies = BTreeMap<&'static str, Tally>;

#[tokio::test(flavor = "multi_thread")]
async fn accuracy_whole_columns_are_published_as_their_portals_list_them() {
    let Some(folders) = outside_all("DIBAO_BULK") else {
        return;
    };
    for folder in folders {
        let portals = copies::portals(&folder);
        assert!(!portals.is_empty(), "{} holds no portal", folder.display());
        check(&measured(&portals).await);
    }
}

#[test]
fn accuracy_the_document_shows_the_floor_of_whole_columns() {
    let document = include_str!("../../../docs/accuracy.md");
    for (asked, words) in ASKED {
        let Tally { right, asked } = floor()[asked];
        let row = format!("| {words} | {right} of {asked} |");
        assert!(document.lines().any(|line| line == row), "{row}");
    }
}

fn floor() -> BTreeMap<String, Tally> {
    let floors: BTreeMap<String, BTreeMap<String, Tally>> =
        toml::from_str(include_str!("../floor.toml")).unwrap();
    floors["columns"].clone()
}

/// Fails where less is right than pinned, of as many rows as the floor is for.
fn check(all: &Tallies) {
    let floor = floor();
    if ASKED
        .iter()
        .any(|(asked, _)| floor[*asked].asked != all[asked].asked)
    {
        println!("-- other columns than the floor is for: no floor applies");
        return;
    }
    let below: Vec<&str> = ASKED
        .iter()
        .map(|(asked, _)| *asked)
        .filter(|asked| all[asked].right < floor[*asked].right)
        .collect();
    assert!(
        below.is_empty(),
        "less is right than before: {below:?}: {all:#?}"
    );
    for (asked, _) in ASKED {
        let Tally { right, .. } = all[asked];
        if right > floor[asked].right {
            println!("the floor of {asked} may rise to {right}, here and in docs/accuracy.md");
        }
    }
}

/// Collects every column, publishes, and compares what was published with every row.
async fn measured(portals: &[Portal]) -> Tallies {
    let began = Instant::now();
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica).in_memory();
    bench.routes = copies::serve(portals).await;
    let columns = columns(portals);
    let limit = Duration::from_secs(600);
    let collector = bench.collector(Progress::silent()).await;
    let limited: Vec<_> = columns.iter().map(|column| (column, limit)).collect();
    let reports = pipeline::collect_all(&collector, &limited, HOSTS_AT_ONCE, |_| ()).await;
    for report in &reports {
        println!("{report}");
    }
    bench.publish_of(&collector, &columns).await;
    collector.store.close().await;
    let published = published(&bench.public());
    println!(
        "{} columns, {} articles, {:?}",
        columns.len(),
        published.len(),
        began.elapsed()
    );

    let mut all = Tallies::new();
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for portal in portals {
        let mut own = Tallies::new();
        for row in &portal.rows {
            let article = published.get(&portal.address(&row.page));
            let right = right(row, article);
            if !(right["title"] && right["day"]) {
                let was = article.map(|a| (&a.title, a.metadata.published_on));
                println!(
                    "   {} {} | {} {} | {was:?}",
                    portal.name, row.page, row.title, row.published_on
                );
            }
            for (asked, is_right) in right {
                own.entry(asked).or_default().add(is_right);
                all.entry(asked).or_default().add(is_right);
            }
            for field in [Field::Title, Field::PublishedOn, Field::Body] {
                if let Some(article) = article {
                    let place = layer(article, field);
                    *places.entry((field.name(), place)).or_default() += 1;
                }
            }
        }
        print(&portal.name, &own);
    }
    print("all", &all);
    for ((field, place), articles) in places {
        println!("{field:>14} {articles:5} {place}");
    }
    all
}

fn print(name: &str, tallies: &Tallies) {
    let of = |(asked, _): &(&str, &str)| {
        let Tally { right, asked: of } = tallies[asked];
        format!("{asked} {right} of {of} ({:.3})", right as f64 / of as f64)
    };
    let told: Vec<String> = ASKED.iter().map(of).collect();
    println!("== {name}: {}", told.join(", "));
}

/// A feed file for each column page, with its address alone.
fn columns(portals: &[Portal]) -> Vec<Column> {
    let columns = portals.iter().flat_map(|portal| {
        let numbered = portal.columns.iter().enumerate();
        numbered.map(move |(number, path)| {
            let name = format!("{}/c{number}", portal.host.replace('.', "-"));
            let url = portal.address(path);
            column_at(
                &name,
                url.as_str(),
                "list.initial = 1\nfetch.delay = \"0s\"",
            )
        })
    });
    columns.collect()
}

/// The articles of the published dumps, under each of their addresses.
fn published(public: &Path) -> BTreeMap<Url, Article> {
    let dumps = files(public, Path::to_path_buf);
    let dumps = dumps
        .into_iter()
        .filter(|(path, _)| path.contains("/dump/"));
    let mut articles = BTreeMap::new();
    for (_, dump) in dumps {
        let dump = GzDecoder::new(std::fs::File::open(dump).unwrap());
        for line in BufReader::new(dump).lines() {
            let article: Article = serde_json::from_str(&line.unwrap()).unwrap();
            for url in article.aliases.iter().chain([&article.url]) {
                articles.insert(url.clone(), article.clone());
            }
        }
    }
    articles
}

/// What is right of what is published for a row.
fn right(row: &Row, article: Option<&Article>) -> BTreeMap<&'static str, bool> {
    let title = article.is_some_and(|article| is_titled(article, &row.title));
    let day = article.and_then(|article| article.metadata.published_on);
    let day = day.is_some_and(|day| day.to_string() == row.published_on);
    let is_own = |field| article.is_some_and(|article| layer(article, field) != "list");
    BTreeMap::from([
        ("published", article.is_some()),
        ("title", title),
        ("own_title", title && is_own(Field::Title)),
        ("day", day),
        ("own_day", day && is_own(Field::PublishedOn)),
    ])
}

/// Whether the article has the title of the row, white space aside, or begins with it where the row
/// cuts it.
fn is_titled(article: &Article, listed: &str) -> bool {
    // Portals put it before news with a picture.
    let bare = |text: &str| {
        let squashed: String = text.split_whitespace().collect();
        squashed
            .strip_prefix("[图]")
            .map_or(squashed.clone(), str::to_owned)
    };
    let (title, listed) = (bare(&article.title), bare(listed));
    let whole = listed.trim_end_matches(['.', '…']);
    let is_cut = listed.ends_with("...") || listed.ends_with('…');
    title == listed || (is_cut && title.starts_with(whole))
}

/// The kind of place where a value was found; empty where the article has none.
fn layer(article: &Article, field: Field) -> &str {
    let place = article.provenance.get(&field);
    let layer = place.and_then(|place| place.split([' ', ':']).next());
    layer.unwrap_or_default()
}
