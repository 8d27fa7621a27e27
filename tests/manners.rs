//! Manners, by the portals' own logs: a hundred portals of ten columns each, followed by two
//! dibaos at once.
//!
//! Owns the portals. Never leaves loopback.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use dibao::config::{Column, HOSTS_AT_ONCE};
use dibao::demo::hostile::{COLUMN, Hostile, Visit};
use dibao::model::Article;
use dibao::pipeline::{self, ColumnReport, Ending, Progress};
use dibao::store::Holder;

use futures_util::TryStreamExt;

use crate::support::replica::{Bench, column_at};

const COLUMNS: usize = 10;
/// The articles of a portal: all of its columns list the same. Every sixth row is a line between them.
const ARTICLES: usize = 8;
const ROWS: &str = "ul.list > li:nth-child(-n+9)";
/// The pause of every portal between the end of a request and the start of the next.
const PAUSE: Duration = Duration::from_millis(100);

/// The special behaviour of some portals; all others are good.
const FORBIDS: &str = "fault-40-disallow.test";
const DELAYS: &str = "fault-40-delay.test";
const RESTS: &str = "fault-02-short.test";
const HELD_OFF: &str = "fault-40-503.test";

fn hosts() -> Vec<String> {
    let odd = [FORBIDS, DELAYS, RESTS, HELD_OFF].map(str::to_owned);
    let good = (odd.len()..100).map(|number| format!("www.portal-{number:02}.test"));
    odd.into_iter().chain(good).collect()
}

fn columns(hosts: &[String]) -> Vec<Column> {
    let more = format!(
        "fetch.delay = \"{}ms\"\nlist.initial = 1\nlist.item = \"{ROWS}\"",
        PAUSE.as_millis()
    );
    let columns = hosts.iter().enumerate().flat_map(|(portal, host)| {
        let more = &more;
        (0..COLUMNS).map(move |number| {
            let name = format!("portal-{portal}/column-{number}");
            let url = format!("http://{host}{COLUMN}?column={number}");
            column_at(&name, &url, more)
        })
    });
    columns.collect()
}

fn by_host(visits: Vec<Visit>) -> BTreeMap<String, Vec<Visit>> {
    let mut hosts: BTreeMap<String, Vec<Visit>> = BTreeMap::new();
    for visit in visits {
        hosts.entry(visit.host.clone()).or_default().push(visit);
    }
    hosts
}

/// How long from the first request to the last, and between the closest two, of at least two.
fn spans(visits: &[Visit]) -> (Duration, Duration) {
    assert!(visits.len() > 1, "{visits:?}");
    let gaps = visits
        .windows(2)
        .map(|two| two[1].start.duration_since(two[0].start));
    let all: Vec<Duration> = gaps.collect();
    (all.iter().sum(), all.into_iter().min().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_portals_of_ten_columns_are_asked_as_each_is_owed() {
    let hostile = Hostile::serve().await.unwrap();
    let hosts = hosts();
    let columns = columns(&hosts);
    assert_eq!(columns.len(), 1000);
    let others: Vec<&str> = hosts[1..].iter().map(String::as_str).collect();
    let bench = Bench::of_host(&hostile, &hosts[0], &others);
    let mut first = bench.collector(Progress::silent()).await;
    let mut second = bench.collector(Progress::silent()).await;
    // Two processes that are both alive: they share the store and nothing else.
    first.holder = Holder::this_process();
    second.holder = Holder::process(1);
    // Time must pass, for pauses are written down by the clock.
    let (began, now) = (Instant::now(), bench.now);
    let clock = dibao::model::Clock::from_fn(move || {
        now.plus(chrono::TimeDelta::from_std(began.elapsed()).unwrap())
    });
    (first.clock, second.clock) = (clock.clone(), clock);
    let limit = Duration::from_secs(600);
    let limited: Vec<_> = columns.iter().map(|column| (column, limit)).collect();
    // A process takes the hosts of all that is due together. So the second has half of the portals
    // when the first comes for all, and then comes for all, too.
    let half = &limited[limited.len() / 2..];
    let (reports, others) = tokio::join!(
        async {
            while hostile.log().is_empty() {
                tokio::task::yield_now().await;
            }
            pipeline::collect_all(&first, &limited, HOSTS_AT_ONCE, |_| ()).await
        },
        async {
            let mut reports = pipeline::collect_all(&second, half, HOSTS_AT_ONCE, |_| ()).await;
            reports.extend(pipeline::collect_all(&second, &limited, HOSTS_AT_ONCE, |_| ()).await);
            reports
        }
    );
    let took = began.elapsed();

    let visits = hostile.log();
    println!(
        "{} requests to {} hosts in {took:?}",
        visits.len(),
        hosts.len()
    );
    assert!(visits.iter().all(|visit| visit.at_once == 1), "two at once");
    let visits = by_host(visits);
    for (host, visits) in visits.iter().filter(|(_, visits)| visits.len() > 1) {
        let (whole, closest) = spans(visits);
        let owed = PAUSE * u32::try_from(visits.len() - 1).unwrap();
        assert!(
            whole + PAUSE / 4 >= owed,
            "{host}: {whole:?} for {}",
            visits.len()
        );
        // When a request is noted is a matter of a busy machine, too.
        assert!(closest >= PAUSE / 2, "{host}: {closest:?}");
    }
    let asked = |host: &str, path: &str| -> Vec<&Visit> {
        visits[host]
            .iter()
            .filter(|v| v.path.starts_with(path))
            .collect()
    };
    for host in &hosts {
        assert_eq!(asked(host, "/robots.txt").len().min(1), 1, "{host}");
        // A copy counts for both processes, but where it could not be read.
        let tries = if *host == HELD_OFF { 8 } else { 1 };
        assert!(asked(host, "/robots.txt").len() <= tries, "{host}");
    }
    assert_eq!(
        (visits[FORBIDS].len(), asked(HELD_OFF, COLUMN).len()),
        (1, 0)
    );
    let (_, closest) = spans(&visits[DELAYS][1..]);
    assert!(closest >= Duration::from_millis(950), "{closest:?}");
    for two in visits[RESTS].windows(2).filter(|two| two[0].status == 503) {
        let rest = two[1].start.duration_since(two[0].start);
        assert!(rest >= Duration::from_millis(950), "{rest:?}");
    }
    // Whichever process had a host, what it lists was read.
    let articles: Vec<Article> = first.store.articles().all().try_collect().await.unwrap();
    let good = |article: &&Article| {
        hosts[4..]
            .iter()
            .any(|h| Some(h.as_str()) == article.url.host_str())
    };
    assert_eq!(articles.iter().filter(good).count(), 96 * ARTICLES);
    let complete = |reports: &[ColumnReport]| {
        let complete = reports.iter().filter(|r| r.ending == Ending::Complete);
        complete.count()
    };
    let (one, other) = (complete(&reports), complete(&others));
    println!("{one} and {other} of 1,000 columns were read by the two");
    assert!(
        one > 0 && other > 0 && one + other > 500,
        "{one} and {other}"
    );
    first.store.close().await;
    second.store.close().await;
}
