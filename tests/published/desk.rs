//! A store and a published folder, and somebody who changes the one and publishes into the other.
//!
//! Owns the changes that are drawn, and the comparison with a full rendering. Never asks a portal.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{NaiveDate, TimeDelta};
use dibao::config::{Column, NamedTopic};
use dibao::model::{Attachment, ColumnName, FileCopy, FileFormat, FileRole, Image, Timestamp};
use dibao::pipeline::{self, Progress, PublishInput, PublishReport};
use dibao::publish::{KeptPlace, PublishFolder};
use dibao::render::Site;
use dibao::store::{ListedItem, Names, OlderPage, Purpose, ReadPage, Store};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sha2::{Digest, Sha256};
use url::Url;

use crate::support::replica::{bytes, column_at, files, hourly};
use crate::support::{morning, page, text};

/// The columns that there may be; the third is of another portal.
pub(crate) const COLUMNS: [&str; 3] = ["lucheng/news", "lucheng/notices", "jinan/news"];
/// What articles are about.
pub(crate) const KINDS: [&str; 5] = ["供热", "供水", "环保", "招聘", "财政"];
/// What a topic may be; there may be none.
pub(crate) const TOPICS: [&str; 5] = [
    "",
    "query = '供热'",
    "title = '二'\nquery = '供水'\ncolumns = ['lucheng/*']",
    "query = '号 -供热'\ncolumns = ['*/news']",
    "query = '什么也没有'",
];
/// How many articles there are at first: more than one history document holds.
pub(crate) const FIRST: u32 = 105;

/// A store and a published folder, and somebody who changes the one and publishes into the other.
pub(crate) struct Desk {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: Store,
    pub(crate) dice: StdRng,
    pub(crate) now: Timestamp,
    pub(crate) pages: Vec<(ReadPage, usize)>,
    pub(crate) columns: Vec<Column>,
    pub(crate) topics: Vec<NamedTopic>,
    pub(crate) base_url: &'static str,
}

impl Desk {
    pub(crate) async fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            store: Store::open(&folder.path().join("data"), Purpose::Real)
                .await
                .unwrap(),
            folder,
            dice: StdRng::seed_from_u64(seed),
            now: morning(),
            pages: Vec::new(),
            columns: COLUMNS.iter().map(|name| plain(name)).collect(),
            topics: Vec::new(),
            base_url: "https://news.example/",
        }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn draw(&mut self, end: usize) -> usize {
        self.dice.random_range(0..end)
    }

    /// Lists a page in a column, as a run or as a backfill finds it, and saves it.
    pub(crate) async fn collect(&self, at: usize, page: &ReadPage, is_older: bool) {
        let name = name(at);
        let item = ListedItem {
            url: page.url.clone(),
            title: page.content.title.clone(),
            published_on: page.content.metadata.published_on,
            listed_on: page.content.metadata.published_on,
            position: 0,
        };
        let (columns, items) = (self.store.columns(), [item]);
        let url = self.url(at);
        let walk = columns
            .begin_walk(self.now, &name, name.portal(), url.as_str())
            .await
            .unwrap();
        if is_older {
            self.collect_older(&name, &url, &items).await;
        } else {
            let queue = self.store.queue();
            let added = queue.add(self.now, &name, name.portal(), walk, &items, u32::MAX);
            added.await.unwrap();
        }
        let saved = self.store.articles().save(self.now, Some(&name), page);
        saved.await.unwrap();
    }

    pub(crate) async fn collect_older(&self, name: &ColumnName, url: &Url, items: &[ListedItem]) {
        let backfills = self.store.backfills();
        let begun = backfills.begin(name, url.as_str(), url, 1, None, false);
        begun.await.unwrap();
        let state = backfills.state(name, url.as_str()).await.unwrap().unwrap();
        let page = OlderPage {
            url,
            items,
            next: None,
            end: None,
            total: None,
            day: None,
            since: None,
            is_repeat: false,
        };
        let added = backfills.add_page(self.now, name, name.portal(), &state, page, u32::MAX);
        added.await.unwrap();
    }

    pub(crate) fn url(&self, at: usize) -> Url {
        plain(COLUMNS[at]).url
    }

    /// A new article, of some day or of none, with a picture or without.
    pub(crate) async fn add(&mut self, is_older: bool) {
        let number = u32::try_from(self.pages.len()).unwrap();
        // Most are of one month of one column: its dump has several members.
        let at = [0, 0, 0, 1, 2][self.draw(5)];
        let name = name(at);
        let url = format!("http://www.{}.gov.cn/t{number}.html", name.portal());
        let kind = KINDS[number as usize % KINDS.len()];
        let title = format!("第{number}号{kind} {}", text(number + 50_000));
        // So some files are large enough to have compressed parts.
        let body: Vec<String> = (0..12).map(|at| text(number + at * 997)).collect();
        let mut page = page(&url, None, &title, &body.concat());
        page.portal = name.portal().to_owned();
        let month = [10, 10, 10, 11, 12][self.draw(5)];
        let day = NaiveDate::from_ymd_opt(2025, month, 1 + number % 28);
        page.content.metadata.published_on = day.filter(|_| !number.is_multiple_of(5));
        if number.is_multiple_of(4) {
            let picture = format!("http://img.example/{}.png", number % 12);
            let url: Url = picture.parse().unwrap();
            let text = &page.content.body.body_text;
            let html = format!("<p>{text}</p><p><img src=\"{url}\"></p>");
            page.content.body.body_html = html;
            page.content.body.images = vec![Image {
                url,
                caption: None,
                alt: None,
                kept: None,
            }];
        }
        if number % 4 == 2 {
            let file = format!("http://img.example/{}.png", 4 * (number % 3));
            page.content.body.attachments = vec![Attachment {
                url: file.parse().unwrap(),
                name: "附件".to_owned(),
                media_type: Some("image/png".to_owned()),
                kept: None,
            }];
        }
        self.collect(at, &page, is_older).await;
        self.pages.push((page, at));
    }

    /// One change of what is published.
    pub(crate) async fn change(&mut self) {
        self.now = self.now.plus(TimeDelta::minutes(7));
        let at = self.draw(self.pages.len());
        let (mut page, of) = self.pages[at].clone();
        match self.draw(14) {
            0 | 1 => self.add(false).await,
            2 => self.add(true).await,
            3 => {
                let more = text(self.dice.random_range(100_000..200_000));
                page.content.body.body_text.push_str(&more);
                page.content.body.body_html = format!("<p>{}</p>", page.content.body.body_text);
                if self.draw(2) == 0 {
                    page.content.body.images.clear();
                }
                self.save(at, page, of).await;
            }
            4 => {
                // A day that comes later may move the article to another month.
                let day = NaiveDate::from_ymd_opt(2025, 10, 3);
                let known = &mut page.content.metadata.published_on;
                *known = known.or(day);
                self.save(at, page, of).await;
            }
            5 => self.withdraw(&page).await,
            6 => {
                let seen = self.store.articles();
                let seen = seen.note_unchanged(self.now, &page.portal, &page.url);
                seen.await.unwrap();
            }
            7 => self.remove(&page).await,
            8 if page.portal == "lucheng" => self.collect(1 - of, &page, false).await,
            9 => {
                let subject = format!("一处 {}", self.draw(3));
                let is_new = self.draw(2) == 0;
                let incidents = self.store.incidents();
                let told = match is_new {
                    true => incidents.note(self.now, "gap", &subject, "短").await,
                    false => incidents.close(self.now, "gap", &subject).await,
                };
                told.unwrap();
            }
            10 => {
                let title = format!("栏目 {}", self.draw(4));
                let portal = format!("门户 {}", self.draw(4));
                let is_told = self.draw(2) == 0;
                let (name, columns, none) = (name(of), self.store.columns(), Default::default());
                let told = Names {
                    column: Some(&title),
                    portal: is_told.then_some(portal.as_str()),
                };
                let learned = columns.complete_walk(&name, told, &none);
                learned.await.unwrap();
            }
            11 => self.picture().await,
            12 => self.reconfigure(),
            _ => self.add(false).await,
        }
    }

    pub(crate) async fn save(&mut self, at: usize, page: ReadPage, of: usize) {
        let name = name(of);
        let saved = self.store.articles().save(self.now, Some(&name), &page);
        saved.await.unwrap();
        self.pages[at] = (page, of);
    }

    pub(crate) async fn withdraw(&mut self, page: &ReadPage) {
        let others = self.pages.iter().map(|(page, _)| page);
        let other = others
            .filter(|other| other.portal == page.portal)
            .find(|other| other.url != page.url)
            .map(|other| other.url.clone());
        let articles = self.store.articles();
        for _ in 0..2 {
            let looked = articles.note_missing(self.now, &page.portal, &page.url);
            looked.await.unwrap();
            self.now = self.now.plus(TimeDelta::hours(25));
            if let Some(other) = &other {
                let stays = articles.note_unchanged(self.now, &page.portal, other);
                stays.await.unwrap();
            }
        }
    }

    pub(crate) async fn remove(&self, page: &ReadPage) {
        let changes = self.store.changes().after(0, i64::MAX).await.unwrap();
        let found = changes.iter().find(|change| change.article.url == page.url);
        if let Some(change) = found {
            let removed = self
                .store
                .articles()
                .remove(self.now, change.article.id, "test");
            removed.await.unwrap();
        }
    }

    /// Keeps a picture, or loses one that is kept.
    pub(crate) async fn picture(&mut self) {
        for at in 0..COLUMNS.len() {
            for role in [FileRole::Picture, FileRole::Attachment] {
                self.store.kept_files().note(&name(at), role).await.unwrap();
            }
        }
        let bytes = format!("picture {}", self.draw(6)).into_bytes();
        let hash = Sha256::digest(&bytes);
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        if self.draw(4) == 0 {
            self.store.kept_files().lose(&hash).await.unwrap();
            return;
        }
        let picture = FileCopy {
            sha256: hash,
            format: FileFormat::Png,
            bytes: bytes.len() as u64,
        };
        let file = self.store.folder().join(picture.path());
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
        let url = format!("http://img.example/{}.png", 4 * self.draw(3));
        let (kept, url) = (self.store.kept_files(), url.parse().unwrap());
        let kept = kept.keep("lucheng", &url, &picture);
        kept.await.unwrap();
    }

    /// Another configuration.
    pub(crate) fn reconfigure(&mut self) {
        match self.draw(5) {
            1 => {
                self.topics.clear();
                for name in ["first", "second"] {
                    let text = TOPICS[self.draw(TOPICS.len())];
                    self.topics
                        .extend((!text.is_empty()).then(|| topic(name, text)));
                }
            }
            0 => {
                self.base_url = match self.draw(2) {
                    0 => "https://news.example/",
                    _ => "https://other.example/gov/",
                };
            }
            _ => {
                let set = self.draw(8);
                let mut columns = Vec::new();
                for (at, name) in COLUMNS.iter().enumerate() {
                    if set & (1 << at) == 0 || at == 0 {
                        let more = [
                            "",
                            "title = \"另名\"",
                            "publish.full_text = false",
                            "publish.limit = 7",
                            "publish.include = ['供热', 'title:供水']",
                            "publish.exclude = ['号供热']",
                            "publish.mirror_images = true",
                            "publish.mirror_files = true",
                        ];
                        let more = more[self.draw(more.len())];
                        columns.push(column_at(name, plain(name).url.as_str(), more));
                    }
                }
                self.columns = columns;
            }
        }
    }

    pub(crate) fn site(&self) -> Site {
        Site {
            base_url: self.base_url.parse().unwrap(),
            hubs: Vec::new(),
            demo: false,
        }
    }

    pub(crate) async fn publish(&self, progress: &Progress) -> PublishReport {
        let public = self.path("public");
        let config = (self.columns.as_slice(), self.topics.as_slice());
        publish(&self.store, config, &self.site(), &public, progress).await
    }

    /// Publishes until some step, which is never taken.
    pub(crate) async fn publish_and_die(&mut self) {
        let last = self.draw(40);
        let taken = AtomicUsize::new(0);
        let progress = Progress::from_fn(move |_| {
            assert!(taken.fetch_add(1, Ordering::SeqCst) < last, "killed here");
        });
        let (store, columns) = (self.store.clone(), self.columns.clone());
        let (site, public, topics) = (self.site(), self.path("public"), self.topics.clone());
        let doomed = tokio::spawn(async move {
            publish(&store, (&columns, &topics), &site, &public, &progress).await
        });
        // It may have had fewer steps.
        let _ = doomed.await;
    }

    /// What the same store gives in an empty folder. The store is copied: it notes which folder was
    /// published last.
    pub(crate) async fn published_anew(&self) -> BTreeMap<String, Vec<u8>> {
        let copy = tempfile::tempdir().unwrap();
        let data = copy.path().join("data");
        for (path, content) in files(&self.path("data"), |path| fs::read(path).unwrap()) {
            let to = data.join(path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, content).unwrap();
        }
        let store = Store::open(&data, Purpose::Real).await.unwrap();
        let public = copy.path().join("public");
        let progress = Progress::silent();
        let config = (self.columns.as_slice(), self.topics.as_slice());
        publish(&store, config, &self.site(), &public, &progress).await;
        store.close().await;
        bytes(&public)
    }

    /// The folder has the files that publishing everything gives, and besides only those of columns
    /// and portals that are published no more.
    pub(crate) async fn assert_equal(&self, step: &str) {
        let expected = self.published_anew().await;
        let found = bytes(&self.path("public"));
        let differs: Vec<&String> = expected
            .iter()
            .filter(|(path, bytes)| found.get(*path) != Some(bytes))
            .map(|(path, _)| path)
            .collect();
        assert!(differs.is_empty(), "{step}: {differs:?}");
        let names: BTreeSet<&str> = self.columns.iter().map(|c| c.name.as_str()).collect();
        let of_gone = |path: &&String| {
            let gone = COLUMNS.iter().filter(|name| !names.contains(*name));
            let portal = |name: &str| name.split('/').next().unwrap().to_owned();
            let mut gone = gone.flat_map(|name| {
                let is_whole = !names.iter().any(|other| portal(other) == portal(name));
                [Some((*name).to_owned()), is_whole.then(|| portal(name))]
            });
            gone.any(|folder| folder.is_some_and(|folder| path.starts_with(&folder)))
        };
        let more = found.keys().filter(|path| !expected.contains_key(*path));
        let more: Vec<&String> = more.filter(|path| !of_gone(path)).collect();
        assert!(more.is_empty(), "{step}: {more:?} are no more");
    }
}

pub(crate) async fn publish(
    store: &Store,
    (columns, topics): (&[Column], &[NamedTopic]),
    site: &Site,
    public: &Path,
    progress: &Progress,
) -> PublishReport {
    let directory = PublishFolder::open_as_it_is(public).unwrap();
    let input = PublishInput {
        store,
        columns,
        broken: &[],
        cron: &hourly(),
        topics,
        site,
        directory: &directory,
        kept: &KeptPlace::from(store.folder()),
        progress,
    };
    pipeline::publish(&input).await.unwrap()
}

pub(crate) fn name(at: usize) -> ColumnName {
    COLUMNS[at].parse().unwrap()
}

pub(crate) fn topic(name: &str, text: &str) -> NamedTopic {
    NamedTopic::parse(name, Path::new("topics/some.toml"), text).unwrap()
}

pub(crate) fn plain(name: &str) -> Column {
    let portal = name.split('/').next().unwrap();
    column_at(name, &format!("http://www.{portal}.gov.cn/{name}/"), "")
}
