//! Changes over the API: without a gap whoever writes meanwhile, and awaited by a client.
//!
//! Owns `/api/v1/changes`. Never asks a portal.

use std::time::{Duration, Instant};

use dibao::publish::PublishedFiles;
use dibao::serve::{self, Limits, OpenStore, ServerOptions, Source};
use dibao::store::{Purpose, Store};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::articles::{column, site};
use crate::search::http::Service;
use crate::support::replica::hourly;
use crate::support::{morning, page, place, temp_store, text};
use dibao::fetch::http_client;

fn news(number: u32) -> dibao::store::ReadPage {
    let url = format!("http://www.lc.gov.cn/gzdt/t{number}.html");
    page(
        &url,
        None,
        &format!("新闻{number} {}", text(number)),
        &text(number),
    )
}

async fn json(answer: reqwest::Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

fn seqs(answer: &Value) -> Vec<i64> {
    let changes = answer["changes"].as_array().unwrap();
    let seqs = changes.iter().map(|change| change["seq"].as_i64().unwrap());
    seqs.collect()
}

#[tokio::test]
async fn changes_are_those_of_the_store_from_any_number_on() {
    let service = Service::open().await;
    for number in 1..=5 {
        service.add(&news(number)).await;
    }
    let stored = service.store().changes().after(0, 100).await.unwrap();
    let all = service.get("/api/v1/changes").await;
    assert_eq!(
        (all.status, all.header("content-type")),
        (200, "application/json")
    );
    assert_eq!(
        all.json()["changes"],
        serde_json::to_value(&stored).unwrap()
    );
    assert_eq!(all.json()["next"], 5);
    let some = service.get("/api/v1/changes?after=2&limit=2").await.json();
    assert_eq!((seqs(&some), &some["next"]), (vec![3, 4], &4.into()));
    let none = service.get("/api/v1/changes?after=5").await.json();
    assert_eq!((seqs(&none), &none["next"]), (vec![], &5.into()));

    let tag = all.header("etag").to_owned();
    let again = service
        .ask(reqwest::Method::GET, "/api/v1/changes", &tag)
        .await;
    assert_eq!((again.status, again.text()), (304, ""));
    assert_eq!(all.header("cache-control"), "no-cache");
    let head = service
        .ask(reqwest::Method::HEAD, "/api/v1/changes", "")
        .await;
    assert_eq!(
        (head.status, head.text(), head.header("etag")),
        (200, "", tag.as_str())
    );
}

#[tokio::test]
async fn who_knows_more_than_the_store_is_told_to_begin_anew() {
    let service = Service::open().await;
    service.add(&news(1)).await;
    let answer = service.get("/api/v1/changes?after=2").await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (409, Some("beyond"))
    );
    assert!(
        answer.json()["detail"]
            .as_str()
            .unwrap()
            .contains("begin anew")
    );
}

#[tokio::test]
async fn what_was_removed_is_a_tombstone_in_every_change_of_it() {
    let service = Service::open().await;
    service.add(&news(1)).await;
    let id = service.store().changes().after(0, 1).await.unwrap()[0]
        .article
        .id;
    service
        .store()
        .articles()
        .remove(morning(), id, "test")
        .await
        .unwrap();
    let answer = service.get("/api/v1/changes").await;
    let kinds: Vec<Value> = answer.json()["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["kind"].clone())
        .collect();
    assert_eq!(kinds, ["added", "removed"]);
    assert!(!answer.text().contains(&text(1)[..12]), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_miss_nothing_while_another_process_writes() {
    const LAST: u32 = 200;
    let service = std::sync::Arc::new(Service::open().await);
    // A store of its own on the same folder, as another process has it.
    let place = place::of(service.folder()).await;
    let other = Store::open(place, Purpose::Real).await.unwrap();
    let writing = tokio::spawn(async move {
        for number in 1..=LAST {
            other
                .articles()
                .save(morning(), None, &news(number))
                .await
                .unwrap();
        }
        other.close().await;
    });
    let readers = [1, 7, 50, 1000].map(|limit| {
        let service = service.clone();
        tokio::spawn(async move {
            let mut read = Vec::new();
            while read.len() < LAST as usize {
                let after = read.len();
                let path = format!("/api/v1/changes?after={after}&limit={limit}&wait=10");
                let answer = service.get(&path).await;
                assert_eq!(answer.status, 200, "{}", answer.text());
                let answer = answer.json();
                read.extend(answer["changes"].as_array().unwrap().iter().cloned());
                assert_eq!(answer["next"], read.len());
            }
            read
        })
    });
    writing.await.unwrap();
    let stored = service.store().changes().after(0, i64::MAX).await.unwrap();
    let stored = serde_json::to_value(&stored).unwrap();
    for reader in readers {
        assert_eq!(Value::Array(reader.await.unwrap()), stored);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_told_at_once_and_the_end_of_the_service_ends_it() {
    let temp = temp_store().await;
    let source = Source::default();
    let served = ServerOptions {
        public: PublishedFiles::Folder(temp.folder.path().join("public")),
        limits: Limits::of(100, Some(100)),
        source: source.clone(),
    };
    let listener = serve::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let server = tokio::spawn(serve::serve(listener, served, stop.clone()));
    source.open(OpenStore {
        topics: Vec::new(),
        store: temp.store.clone(),
        site: site(),
        columns: vec![column()],
        cron: hourly().into(),
    });
    let client = http_client().unwrap().no_proxy().build().unwrap();
    let ask = |path: &str| client.get(format!("{address}{path}")).send();

    let nothing = ask("/api/v1/changes?wait=1").await.unwrap();
    assert_eq!(seqs(&json(nothing).await), [0; 0]);

    let began = Instant::now();
    for number in 1..=4 {
        let path = format!("/api/v1/changes?after={}&wait=30", number - 1);
        let waiting = tokio::spawn(ask(&path));
        temp.store
            .articles()
            .save(morning(), None, &news(number))
            .await
            .unwrap();
        let told = json(waiting.await.unwrap().unwrap()).await;
        assert_eq!(seqs(&told), [i64::from(number)]);
    }
    // Without a sign, the store is looked at after seconds.
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "who waits is not woken"
    );

    // As many as may wait do, and one is sent away. Which one is chance.
    let waiting: Vec<_> = (0..65)
        .map(|_| tokio::spawn(ask("/api/v1/changes?after=4&wait=30")))
        .collect();
    let (refused, _, others) = futures_util::future::select_all(waiting).await;
    let refused = refused.unwrap().unwrap();
    assert_eq!(
        (
            refused.status().as_u16(),
            refused.headers()["retry-after"].to_str().unwrap()
        ),
        (503, "5")
    );
    stop.cancel();
    for other in others {
        let answer = other.await.unwrap().unwrap();
        assert_eq!(seqs(&json(answer).await), [0; 0]);
    }
    server.await.unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "the end was not heard of"
    );
}
