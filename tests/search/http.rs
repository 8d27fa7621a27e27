//! A store that is served on loopback, and readers who ask.
//!
//! Owns the server. Never tests anything itself.

use chrono::TimeDelta;
use dibao::model::{ColumnName, Timestamp};
use dibao::publish::PublishedFiles;
use dibao::render::{ColumnInfo, RunInterval};
use dibao::serve::{self, Limits, OpenStore, ServerOptions, Source};
use dibao::store::{ListedItem, Purpose, ReadPage, RecheckOutcome, SaveOutcome, Store};
use serde_json::Value;
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

use crate::articles::{named, site};
use crate::support::replica::hourly;
use crate::support::{TempStore, morning, page, place, temp_store, text};
use dibao::fetch::http_client;

pub(crate) struct Service {
    temp: TempStore,
    source: Source,
    address: String,
    client: reqwest::Client,
    _stop: DropGuard,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

fn columns() -> Vec<ColumnInfo> {
    ["work-news", "notices"]
        .map(|name| {
            let url = "http://www.lc.gov.cn/gzdt/".parse().unwrap();
            let column = ColumnInfo::new(format!("lucheng/{name}").parse().unwrap(), url);
            ColumnInfo {
                run_interval: Some(RunInterval::new(TimeDelta::minutes(20))),
                ..named(column, "潞城区", name)
            }
        })
        .into()
}

impl Service {
    pub(crate) async fn open() -> Self {
        let temp = temp_store().await;
        let source = Source::default();
        let served = ServerOptions {
            public: PublishedFiles::Folder(temp.folder.path().join("public")),
            limits: Limits::new(16),
            source: source.clone(),
        };
        let listener = serve::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        tokio::spawn(serve::serve(listener, served, stop.clone()));
        let service = Self {
            temp,
            source,
            address,
            client: http_client().unwrap().no_proxy().build().unwrap(),
            _stop: stop.drop_guard(),
        };
        service.publish();
        service
    }

    fn publish(&self) {
        self.source.open(OpenStore {
            topics: Vec::new(),
            store: self.temp.store.clone(),
            site: site(),
            columns: columns(),
            cron: hourly().into(),
        });
    }

    pub(crate) fn close(&self) {
        self.source.close();
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.temp.folder.path()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.temp.store
    }

    /// The same after a dibao that wrote another index.
    pub(crate) async fn with_old_index(mut self) -> Self {
        self.temp.store.close().await;
        let place = place::of(self.temp.folder.path()).await;
        place::execute(&place, "UPDATE meta SET value = 'old' WHERE key = 'search'").await;
        self.temp.store = Store::open(place, Purpose::Real).await.unwrap();
        self.publish();
        self
    }

    pub(crate) async fn add(&self, page: &ReadPage) -> SaveOutcome {
        self.store()
            .articles()
            .save(morning(), None, page)
            .await
            .unwrap()
    }

    /// The page is listed in this column, too.
    pub(crate) async fn list(&self, column: &str, page: &ReadPage) {
        let column: ColumnName = column.parse().unwrap();
        let item = ListedItem {
            url: page.url.clone(),
            title: page.content.title.clone(),
            published_on: None,
            listed_on: None,
            position: 0,
        };
        let items = [item];
        let queued = self
            .store()
            .queue()
            .add(morning(), &column, "lucheng", 1, &items, u32::MAX);
        queued.await.unwrap();
    }

    /// The page goes, while ten others of its portal stay.
    pub(crate) async fn withdraw(&self, gone: &ReadPage) {
        let others = (900..910).map(|number| {
            let url = format!("http://www.lc.gov.cn/other/{number}.html");
            page(&url, None, &format!("无关{number}"), &text(number))
        });
        let others: Vec<ReadPage> = others.collect();
        for other in &others {
            self.add(other).await;
        }
        let missing = async |at: Timestamp| {
            let looked = self
                .store()
                .articles()
                .note_missing(at, &gone.portal, &gone.url);
            looked.await.unwrap()
        };
        let day = TimeDelta::hours(25);
        assert_eq!(missing(morning()).await, RecheckOutcome::Missing);
        let stays =
            self.store()
                .articles()
                .note_unchanged(morning().plus(day), "lucheng", &others[0].url);
        stays.await.unwrap();
        assert_eq!(
            missing(morning().plus(day)).await,
            RecheckOutcome::Withdrawn
        );
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(reqwest::Method::GET, path, "").await
    }

    pub(crate) async fn ask(&self, method: reqwest::Method, path: &str, known: &str) -> Answer {
        let url: Url = format!("{}{path}", self.address).parse().unwrap();
        let mut request = self.client.request(method, url);
        if !known.is_empty() {
            request = request.header("if-none-match", known);
        }
        let answer = request.send().await.unwrap();
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.bytes().await.unwrap().to_vec(),
        }
    }

    pub(crate) async fn search(&self, asked: &[(&str, &str)]) -> Value {
        let answer = self.get(&path("/api/v1/search", asked)).await;
        assert_eq!(answer.status, 200, "{asked:?}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "application/json");
        answer.json()
    }
}

pub(crate) fn path(path: &str, asked: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    format!("{path}?{}", query.extend_pairs(asked).finish())
}
