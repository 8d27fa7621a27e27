//! The text of an article stands once in the store, and goes with the last that has it.
//!
//! Owns what is counted in the store. Never leaves loopback.

use dibao::model::Article;
use dibao::store::SaveOutcome;
use futures_util::TryStreamExt;

use crate::faults_machine::machine::{Machine, told};
use crate::faults_machine::rot::published;
use crate::support::{morning, page, temp_store, text};

/// The bytes of all JSON with articles in it, and of all texts beside it.
const STORED: &str = "SELECT CAST(
        (SELECT SUM(length(CAST(article AS BLOB))) FROM articles)
        + (SELECT SUM(length(CAST(article AS BLOB))) FROM changes)
        + (SELECT SUM(length(CAST(content AS BLOB))) FROM pages)
        + (SELECT COALESCE(SUM(length(body)), 0) FROM texts) AS TEXT)";
/// Rows in which a text stands, although it is long.
const WHOLE: [&str; 3] = [
    "SELECT id FROM articles WHERE length(article) > 1500 AND instr(article, ',\"body_html\":\"') > 0",
    "SELECT kind FROM changes WHERE length(article) > 1500 AND instr(article, ',\"body_html\":\"') > 0",
    "SELECT url FROM pages WHERE length(content) > 1500 AND instr(content, ',\"body_html\":\"') > 0",
];
const TEXTS: &str = "SELECT CAST(COUNT(*) AS TEXT) FROM texts";

fn number(machine: &Machine, sql: &'static str) -> usize {
    machine.sql(sql)[0].parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_of_a_text_is_kept_once_and_none_without_an_article() {
    const URL: &str = "http://a.cn/1.html";
    const ALIAS: &str = "http://b.cn/1.html";
    const NUMBER: Option<&str> = Some("000014349/2025-00001");
    let store = temp_store().await;
    let whole = || async { assert_eq!(store.check_structure().await.unwrap(), [""; 0]) };
    let long = |seed: u32| text(seed).repeat(9);
    let first = page(URL, NUMBER, "通知", &long(1));
    let mut edited = first.clone();
    edited.content.body.body_text.push_str("已更正。");
    // Other white space is no edit, but the page's text is another one.
    let mut spaced = edited.clone();
    spaced.content.body.body_html = format!("<p> {}</p>", edited.content.body.body_text);
    let states = [
        first.clone(),
        page(ALIAS, NUMBER, "通知", &long(1)),
        page("http://a.cn/2.html", None, "另一", &long(2)),
        edited.clone(),
        spaced,
        edited,
        first,
    ];
    for (at, state) in states.iter().enumerate() {
        let saved = store.articles().save(morning(), None, state).await.unwrap();
        assert_ne!(saved, SaveOutcome::Doubtful, "state {at}");
        whole().await;
    }
    let articles: Vec<Article> = store.articles().all().try_collect().await.unwrap();
    assert_eq!(articles.len(), 2);
    let changes = store.changes().after(0, 100).await.unwrap();
    assert!(changes.len() > 4, "{}", changes.len());
    let texts = changes.iter().map(|change| &change.article.body.body_text);
    assert!(texts.clone().all(|text| text.chars().count() >= 540));
    for article in &articles {
        let removed = store.articles().remove(morning(), article.id, "so").await;
        assert!(removed.unwrap().is_some());
        whole().await;
    }
    let left = store.changes().after(0, 100).await.unwrap();
    assert!(left.iter().all(|change| change.article.is_tombstone()));
}

#[test]
fn an_article_takes_little_more_room_in_the_store_than_in_its_own_file() {
    let machine = Machine::new();
    machine.run();
    let texts = number(&machine, TEXTS);
    assert_eq!(texts, crate::faults_machine::machine::ARTICLES);
    let files = published(&machine).into_iter();
    let own: usize = files
        .filter(|(path, _)| path.starts_with("articles/") && path.ends_with(".json"))
        .map(|(_, content)| content.len())
        .sum();
    let stored = number(&machine, STORED);
    println!("{stored} bytes are stored of articles whose files have {own}");
    // 1.33 times as many. With a text in each row, its two rows alone would have twice as many.
    assert!(stored * 10 < own * 14, "{stored} bytes are stored of {own}");
}

#[test]
fn texts_of_an_older_store_get_rows_of_their_own_when_it_is_checked() {
    let machine = crate::stores::copied();
    let changes = machine.export(&["--changes"]);
    machine.well(&["publish", "--all"]);
    let files = published(&machine);
    let before = number(&machine, STORED);
    assert_eq!(number(&machine, TEXTS), 0);
    machine.well(&["verify", "--all"]);
    let stored = number(&machine, STORED);
    println!("{stored} bytes are stored, {before} before");
    assert!(stored * 10 < before * 7, "{stored} of {before}");
    for rows in WHOLE {
        assert_eq!(machine.sql(rows), [""; 0]);
    }
    assert_eq!(machine.export(&["--changes"]), changes);
    machine.well(&["publish", "--all"]);
    assert!(published(&machine) == files);
    machine.well(&["backup", "nightly.backup"]);
    std::fs::remove_dir_all(machine.path("data")).unwrap();
    machine.well(&["restore", "nightly.backup"]);
    let verified = machine.dibao(&["verify", "--all"]);
    assert!(!told(&verified).contains("the row "), "{}", told(&verified));
    assert_eq!(machine.export(&["--changes"]), changes);
}
