//! A search over 20,000 invented articles, beside what SQLite has without it: a scan by `LIKE`,
//! and FTS5's own trigrams, which find nothing shorter than three characters.
//!
//! `cargo bench --bench search`. The text of an article has some 900 characters. Medians on two cores
//! that others kept busy, in ms:
//!
//! | asked | found | ranked | newest first | `LIKE`, counted |
//! | --- | --- | --- | --- | --- |
//! | 两会 | 50 | 1.1 | 0.8 | 222 |
//! | 供热 | 1,000 | 4.4 | 2.1 | 159 |
//! | 城区供热改造 | 200 | 7.8 | 5.0 | 148 |
//! | 的 | 20,000 | 32 | 5.6 | 81 |
//!
//! Trigrams answer in 0.1 ms and find none of these: two characters are too few for them, and the several
//! words stand apart.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking"
)]

use std::sync::LazyLock;

use dibao::model::{Article, Body, Metadata};
use dibao::search::{Query, Ranking, Topic};
use dibao::store::{Purpose, Store};
use divan::Bencher;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const ARTICLES: u32 = 20_000;
/// The queries: a rare word, one of each twentieth article, one character of it, several words,
/// and a character that every article has often.
const ASKED: [&str; 5] = ["两会", "供热", "热", "城区供热改造", "的"];

static BENCH: LazyLock<Bench> = LazyLock::new(Bench::new);

struct Bench {
    runtime: Runtime,
    store: Store,
    plain: SqlitePool,
    _folder: TempDir,
}

/// Invented words by Zipf's law, from a seed: few are everywhere, most are rare.
struct Writer(u64);

impl Writer {
    const WORDS: f64 = 8000.0;

    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % end
    }

    fn text(&mut self, words: u32) -> String {
        let mut text = String::new();
        for place in 1..=words {
            let rank = Self::WORDS.powf(self.below(1_000_000) as f64 / 1e6) as u32;
            let character = |n: u32| char::from_u32(0x4e00 + (n * 7919) % 3000).unwrap();
            match rank {
                1 => text.push('的'),
                rank => text.extend([character(rank), character(rank * 31 + 7)]),
            }
            if place % 12 == 0 {
                text.push('，');
            }
        }
        text + "。"
    }
}

fn article(number: u32, title: String, text: String) -> Article {
    let at = dibao::model::Timestamp::from_millis(1_700_000_000_000 + i64::from(number)).unwrap();
    let day = chrono::NaiveDate::from_num_days_from_ce_opt(735_000 + number as i32 / 5);
    Article {
        id: uuid::Uuid::from_u128(u128::from(number) << 64),
        portal: "lucheng".to_owned(),
        columns: vec!["lucheng/work-news".parse().unwrap()],
        title,
        metadata: Metadata {
            issuer: Some("区人民政府".to_owned()),
            published_on: day,
            ..Metadata::default()
        },
        url: format!("http://gov.example/{number}.html").parse().unwrap(),
        aliases: Vec::new(),
        body: Body {
            body_html: format!("<p>{text}</p>"),
            body_text: text,
            ..Body::default()
        },
        revision: 1,
        first_seen_at: at,
        updated_at: at,
        withdrawn_at: None,
        removed_at: None,
        content_sha256: String::new(),
        provenance: Default::default(),
    }
}

impl Bench {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (store, plain) = runtime.block_on(Self::fill(&folder));
        Self {
            runtime,
            store,
            plain,
            _folder: folder,
        }
    }

    async fn fill(folder: &TempDir) -> (Store, SqlitePool) {
        let store = Store::open(folder.path(), Purpose::Real).await.unwrap();
        let file = folder.path().join("dibao.sqlite");
        let own = SqlitePool::connect_with(SqliteConnectOptions::new().filename(&file))
            .await
            .unwrap();
        let peers = SqliteConnectOptions::new()
            .filename(folder.path().join("peers.sqlite"))
            .create_if_missing(true);
        let plain = SqlitePool::connect_with(peers).await.unwrap();
        sqlx::raw_sql(
            "CREATE TABLE plain (title TEXT, body TEXT);
             CREATE VIRTUAL TABLE trigrams USING fts5 (title, body, tokenize = 'trigram')",
        )
        .execute(&plain)
        .await
        .unwrap();
        let mut writer = Writer(20);
        let (mut into, mut beside) = (own.begin().await.unwrap(), plain.begin().await.unwrap());
        for number in 1..=ARTICLES {
            let mut title = writer.text(10);
            let mut text = writer.text(480);
            if number % 400 == 0 {
                title.insert_str(0, "聚焦两会：");
            }
            if number % 20 == 0 {
                text.push_str("供热管网。");
            }
            if number % 100 == 0 {
                text.push_str("城区的供热正在改造。");
            }
            for table in [
                "INSERT INTO plain VALUES (?, ?)",
                "INSERT INTO trigrams VALUES (?, ?)",
            ] {
                sqlx::query(table)
                    .bind(&title)
                    .bind(&text)
                    .execute(&mut *beside)
                    .await
                    .unwrap();
            }
            let article = article(number, title, text);
            sqlx::query(
                "INSERT INTO articles (id, portal, primary_url, added_seq, updated_ms, article)
                 VALUES (?, 'lucheng', ?, ?, ?, ?)",
            )
            .bind(article.id.to_string())
            .bind(article.url.as_str())
            .bind(number)
            .bind(article.updated_at.millis())
            .bind(serde_json::to_string(&article).unwrap())
            .execute(&mut *into)
            .await
            .unwrap();
        }
        into.commit().await.unwrap();
        beside.commit().await.unwrap();
        own.close().await;
        let began = std::time::Instant::now();
        let indexed = store.search().complete_index().await.unwrap();
        println!("indexed {indexed} articles in {:.1?}", began.elapsed());
        store.close().await;
        let began = std::time::Instant::now();
        let store = Store::open(folder.path(), Purpose::Real).await.unwrap();
        println!(
            "opened, and read whole for damage, in {:.1?}",
            began.elapsed()
        );
        let bytes: i64 = sqlx::query_scalar("SELECT SUM(LENGTH(block)) FROM search_words_data")
            .fetch_one(
                &SqlitePool::connect_with(SqliteConnectOptions::new().filename(&file))
                    .await
                    .unwrap(),
            )
            .await
            .unwrap();
        println!("the index has {} MiB", bytes >> 20);
        (store, plain)
    }

    async fn found(&self, asked: &str) -> u64 {
        let topic = topic(asked);
        let found = self.store.search().find((&topic, Ranking::Best), 20, 0);
        found.await.unwrap().total
    }

    async fn newest(&self, asked: &str) -> usize {
        let topic = topic(asked);
        let newest = self.store.search().newest(&topic, 20);
        newest.await.unwrap().len()
    }

    async fn count(&self, sql: &'static str, asked: &str) -> u64 {
        let found: i64 = sqlx::query_scalar(sql)
            .bind(asked)
            .fetch_one(&self.plain)
            .await
            .unwrap();
        found as u64
    }
}

fn topic(asked: &str) -> Topic {
    Topic {
        query: Some(Query::parse(asked).unwrap()),
        ..Topic::default()
    }
}

fn main() {
    for asked in ASKED {
        let found = BENCH.runtime.block_on(BENCH.found(asked));
        println!("{asked}: {found} articles");
    }
    divan::main();
}

#[divan::bench(args = ASKED, sample_count = 20, sample_size = 1)]
fn ranked(bencher: Bencher<'_, '_>, asked: &str) {
    bencher.bench_local(|| BENCH.runtime.block_on(BENCH.found(asked)));
}

#[divan::bench(args = ASKED, sample_count = 20, sample_size = 1)]
fn newest(bencher: Bencher<'_, '_>, asked: &str) {
    bencher.bench_local(|| BENCH.runtime.block_on(BENCH.newest(asked)));
}

/// It only counts, unranked, what has it undivided.
#[divan::bench(args = ASKED, sample_count = 10, sample_size = 1)]
fn peer_like_scan(bencher: Bencher<'_, '_>, asked: &str) {
    let sql = "SELECT COUNT(*) FROM plain WHERE title LIKE '%' || ?1 || '%' OR body LIKE '%' || ?1 || '%'";
    bencher.bench_local(|| BENCH.runtime.block_on(BENCH.count(sql, asked)));
}

/// Ranked; what is shorter than three characters is not found, and takes no time.
#[divan::bench(args = ASKED, sample_count = 20, sample_size = 1)]
fn peer_trigram(bencher: Bencher<'_, '_>, asked: &str) {
    let sql =
        "SELECT COUNT(*) FROM (SELECT rowid FROM trigrams WHERE trigrams MATCH '\"' || ?1 || '\"'
               ORDER BY rank LIMIT 20)";
    bencher.bench_local(|| BENCH.runtime.block_on(BENCH.count(sql, asked)));
}
