//! Ids from published dumps into an empty store.
//!
//! Owns `dibao restore --ids`. Never leaves loopback.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;

use dibao::model::Article;
use dibao::store::{Purpose, ReadPage, SaveOutcome, Store, StoreError};
use futures_util::TryStreamExt;
use serde_json::Value;

use crate::faults_machine::machine::{COLUMN, Machine, told};
use crate::support::replica::{FOLDER, Replica};
use crate::support::{morning, page, temp_store, text};

const FEED: &str = "feeds/lucheng/work-news.toml";
const SEED: &str = "202512/t20251229_3123304.html";
const SEED_NUMBER: &str = "000014349/2025-32614";

fn whole_column(machine: &Machine) {
    machine.write(
        FEED,
        "url = \"http://www.lc.gov.cn/lcxxgk/xxgkml/jbxxgk/gzdt/\"\nlist.initial = 1000\n\
         fetch.delay = \"0s\"\n",
    );
}

/// The values that subscribers depend on, by the article's address.
fn identities(machine: &Machine) -> BTreeMap<String, [Value; 4]> {
    let articles = machine.export(&[]).into_iter();
    articles
        .map(|article| {
            let told = ["id", "first_seen_at", "updated_at", "revision"];
            let url = article["url"].as_str().unwrap().to_owned();
            (url, told.map(|field| article[field].clone()))
        })
        .collect()
}

fn entries(machine: &Machine) -> Vec<(String, String, String)> {
    let feed = fs::read(machine.public().join(COLUMN).join("atom.xml")).unwrap();
    let feed = feed_rs::parser::parse(&feed[..]).unwrap();
    let time = |at: Option<chrono::DateTime<chrono::Utc>>| at.unwrap().to_rfc3339();
    let entries = feed.entries.into_iter();
    entries
        .map(|entry| (entry.id, time(entry.published), time(entry.updated)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_from_the_published_folder_marks_nothing_unread() {
    let replica = Replica::serve().await;
    let machine = Machine::at(replica.port);
    whole_column(&machine);
    // Published without its number, which the portal adds later: its id is its address's.
    replica.edit(&format!("{FOLDER}{SEED}"), SEED_NUMBER, "");
    machine.run();
    replica.restore(&format!("{FOLDER}{SEED}"));
    let (before, told_before) = (identities(&machine), entries(&machine));
    let seed = before.keys().find(|url| url.ends_with(SEED)).unwrap();

    let fresh = Machine::at(replica.port);
    whole_column(&fresh);
    fresh.run();
    let anew = identities(&fresh);
    assert_ne!(anew[seed][0], before[seed][0], "else this shows nothing");

    fs::remove_dir_all(machine.path("data")).unwrap();
    // The lost store had told of more than the new one will.
    let changes = machine.public().join("changes");
    fs::copy(changes.join("000001.ndjson"), changes.join("000009.ndjson")).unwrap();
    let lost = machine.dibao(&["run"]);
    assert_eq!(lost.status.code(), Some(2), "{}", told(&lost));
    let restored = machine.well(&["restore", "--ids", "public"]);
    let said = String::from_utf8(restored.stdout).unwrap();
    assert!(
        said.starts_with(&format!(
            "restored  data/dibao.sqlite  {} ids",
            before.len()
        )),
        "{said}"
    );
    machine.run();
    assert!(changes.join("000001.ndjson").exists());
    assert!(!changes.join("000009.ndjson").exists(), "of no store");
    let after = identities(&machine);
    assert_eq!(after.len(), before.len());
    for (url, identity) in &before {
        if url == seed {
            let same = |at: usize| after[url][at] == identity[at];
            assert!(same(0) && same(1) && !same(2), "{:?}", after[url]);
            assert_eq!(after[url][3], 2, "its text was changed meanwhile");
        } else {
            assert_eq!(&after[url], identity, "{url}");
        }
    }
    let mut numbers: Vec<Value> = machine.export(&[]).into_iter().collect();
    numbers.retain(|article| !article["index_number"].is_null());
    assert!(numbers.len() < before.len(), "some have no number");
    let told_after = entries(&machine);
    let published = |told: &[(String, String, String)]| -> BTreeMap<String, String> {
        let told = told.iter();
        told.map(|(id, published, _)| (id.clone(), published.clone()))
            .collect()
    };
    assert_eq!(published(&told_after), published(&told_before));
    let changes = machine.export(&["--changes"]);
    let mut told_at: Vec<&str> = changes
        .iter()
        .map(|change| change["at"].as_str().unwrap())
        .collect();
    told_at.dedup();
    assert_eq!(told_at.len(), changes.len());
    assert!(told_at.is_sorted(), "{told_at:?}");
    // Once more, from single files of each kind.
    let dump = fs::read_dir(machine.public().join(COLUMN).join("dump"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let articles = machine.public().join(COLUMN).join("articles.json");
    let (dump, articles) = (dump.to_str().unwrap(), articles.to_str().unwrap());
    let changes = "public/changes/000001.ndjson";
    let occupied = machine.dibao(&["restore", "--ids", changes]);
    assert_eq!(occupied.status.code(), Some(2), "{}", told(&occupied));
    assert!(told(&occupied).contains("empty store only"));
    machine.well(&[
        "restore", "--ids", dump, articles, changes, "--data", "other",
    ]);
}

#[test]
fn a_line_at_fault_is_named_and_nothing_is_restored() {
    let machine = Machine::new();
    machine.run();
    let line = serde_json::to_string(&machine.export(&[])[0]).unwrap();
    let future = line.replace("\"updated_at\":\"20", "\"updated_at\":\"90");
    machine.write(
        "dumps/bad.ndjson",
        &format!("{line}\n\n{{\"id\": 7}}\n{future}\n"),
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(line.as_bytes()).unwrap();
    let whole = gzip.finish().unwrap();
    fs::write(
        machine.path("dumps/cut.ndjson.gz"),
        &whole[..whole.len() - 9],
    )
    .unwrap();
    machine.write("dumps/articles.json", "{\"articles\": [3]}");
    machine.write("empty/readme.txt", "nothing");
    let refused = machine.dibao(&["restore", "--ids", "dumps", "--data", "fresh"]);
    let said = told(&refused);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    for word in [
        "dumps/bad.ndjson:3: ",
        "dumps/bad.ndjson:4: 90",
        "is in the future",
        "dumps/cut.ndjson.gz:1: cannot be read",
        "dumps/articles.json: ",
        "no id was restored",
    ] {
        assert!(said.contains(word), "{word} is not in: {said}");
    }
    assert!(!said.contains("bad.ndjson:1:"), "{said}");
    assert!(!machine.path("fresh").exists(), "it was not begun");
    for (args, word) in [
        (&["restore", "--ids", "empty"][..], "holds no dump"),
        (
            &["restore", "--ids", "absent.ndjson"],
            "absent.ndjson: cannot be read",
        ),
        (&["restore"], "FILE"),
        (&["restore", "x", "--ids", "y"], "cannot be used with"),
    ] {
        let refused = machine.dibao(args);
        assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
        assert!(told(&refused).contains(word), "{}", told(&refused));
    }
}

const NUMBER: &str = "000014349/2025-00001";

/// An article as it is once these pages are recorded, for a dump.
async fn published(pages: &[ReadPage]) -> Vec<Article> {
    let store = temp_store().await;
    for page in pages {
        store
            .store
            .articles()
            .save(morning(), None, page)
            .await
            .unwrap();
    }
    let articles = store.store.articles().all().try_collect().await.unwrap();
    store.store.close().await;
    articles
}

async fn keeping(articles: &[Article]) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let kept = Store::restore_ids(folder.path(), async |keeper| {
        for article in articles {
            keeper.keep(article).await?;
        }
        Ok::<_, StoreError>(())
    });
    assert_eq!(kept.await.unwrap().kept, articles.len() as i64);
    let store = Store::open(folder.path(), Purpose::Real).await.unwrap();
    (folder, store)
}

async fn recorded(store: &Store, pages: &[ReadPage]) -> Vec<Article> {
    for page in pages {
        let outcome = store.articles().save(morning(), None, page).await.unwrap();
        assert!(matches!(outcome, SaveOutcome::Changed(_)), "{outcome:?}");
    }
    store.articles().all().try_collect().await.unwrap()
}

#[tokio::test]
async fn a_kept_id_goes_to_its_article_wherever_that_has_moved_and_to_no_other() {
    let bare = page("http://a.cn/bare.html", None, "无号", &text(1));
    let numbered = page("http://a.cn/1.html", Some(NUMBER), "有号", &text(2));
    let twin = page("http://a.cn/2.html", Some(NUMBER), "同号", &text(3));
    let before = published(&[bare.clone(), numbered.clone(), twin.clone()]).await;
    assert_eq!(before.len(), 3);
    let at = |url: &str, page: &ReadPage| ReadPage {
        url: url.parse().unwrap(),
        found_at: url.parse().unwrap(),
        ..page.clone()
    };
    // The twins come in another order, and all from another host.
    let moved = [
        at("https://b.cn/2.html", &twin),
        at("https://b.cn/1.html", &numbered),
        at("https://b.cn/bare.html", &bare),
    ];
    let (_folder, store) = keeping(&before).await;
    let after = recorded(&store, &moved).await;
    for (article, former) in after.iter().zip([&before[2], &before[1], &before[0]]) {
        assert_eq!(article.id, former.id, "{}", article.title);
        assert_eq!(article.title, former.title);
        assert_eq!(article.updated_at, former.updated_at);
    }
    // Another document, be it under the number or at the address, takes none of them.
    let other = [
        page("http://c.cn/9.html", Some(NUMBER), "别的", &text(7)),
        page(
            "http://a.cn/bare.html",
            Some("000014349/2025-00009"),
            "另外",
            &text(8),
        ),
    ];
    let (_folder, store) = keeping(&before).await;
    for article in recorded(&store, &other).await {
        assert!(before.iter().all(|former| former.id != article.id));
        assert_eq!(article.revision, 1);
    }
}

/// The service that is started while dumps are read begins a store of its own; that one stays.
#[tokio::test]
async fn ids_never_take_the_place_of_a_store_that_was_begun_meanwhile() {
    let article = page("http://a.cn/1.html", Some(NUMBER), "有号", &text(1));
    let before = published(std::slice::from_ref(&article)).await;
    let folder = tempfile::tempdir().unwrap();
    let mut begun = None;
    let refused = Store::restore_ids(folder.path(), async |keeper| {
        keeper.keep(&before[0]).await?;
        let store = Store::open(folder.path(), Purpose::Real).await?;
        store.articles().save(morning(), None, &article).await?;
        begun = Some(store);
        Ok::<_, StoreError>(())
    });
    let refused = refused.await.unwrap_err();
    assert!(matches!(refused, StoreError::Occupied { .. }), "{refused}");
    begun.unwrap().close().await;
    let store = Store::open(folder.path(), Purpose::Real).await.unwrap();
    assert_eq!(
        store
            .articles()
            .all()
            .try_collect::<Vec<_>>()
            .await
            .unwrap()
            .len(),
        1
    );
}

/// A portal gives one number to several articles, and one of them was removed: of that nothing but
/// the tombstone is published, and the others are told from it all the same.
#[tokio::test]
async fn a_tombstone_takes_no_other_article_with_it() {
    let removed = page("http://a.cn/1.html", Some(NUMBER), "要走的", &text(1));
    let twin = page("http://a.cn/2.html", Some(NUMBER), "留下的", &text(2));
    let source = temp_store().await;
    for page in [&removed, &twin] {
        source
            .store
            .articles()
            .save(morning(), None, page)
            .await
            .unwrap();
    }
    let articles: Vec<Article> = source.store.articles().all().try_collect().await.unwrap();
    let gone = articles[0].id;
    source
        .store
        .articles()
        .remove(morning(), gone, "so")
        .await
        .unwrap();
    let before: Vec<Article> = source.store.articles().all().try_collect().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let kept = Store::restore_ids(folder.path(), async |keeper| {
        for article in &before {
            keeper.keep(article).await?;
        }
        Ok::<_, StoreError>(())
    });
    assert_eq!(kept.await.unwrap().removed, 1);
    let store = Store::open(folder.path(), Purpose::Real).await.unwrap();
    let found = recorded(&store, std::slice::from_ref(&twin)).await;
    assert_eq!(found[0].id, articles[1].id);
    let again = store.articles().save(morning(), None, &twin).await.unwrap();
    assert_eq!(again, SaveOutcome::Unchanged, "it goes on being looked at");
    assert!(store.incidents().open().await.unwrap().is_empty());
    // Under the number, at an address that nobody knows: it may be the removed one, and that is
    // told.
    let moved = page("http://b.cn/9.html", Some(NUMBER), "要走的", &text(1));
    let outcome = store
        .articles()
        .save(morning(), None, &moved)
        .await
        .unwrap();
    assert_eq!(outcome, SaveOutcome::Removed);
    let incidents = store.incidents().open().await.unwrap();
    assert_eq!(incidents[0].reason, "removed-number");
    assert!(incidents[0].message.contains(&gone.to_string()));
}
