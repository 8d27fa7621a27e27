//! Publishing what changed gives the same files as publishing everything.
//!
//! Owns sequences that are drawn: changes, configurations and kills. Never asks a portal.

mod chosen;
pub(crate) mod desk;
mod healing;
mod kills;
mod past;

use std::fs;

use chrono::TimeDelta;
use dibao::pipeline::{self, Progress, PublishInput};
use dibao::publish::{KeptPlace, PublishFolder};
use dibao::store::{Names, Purpose, Store};

use self::desk::{Desk, FIRST, TOPICS, name, topic};
use crate::support::replica::{files, hourly};
use crate::support::side_by_side;

async fn play(seed: u64, rounds: usize) {
    println!("seed {seed}");
    let mut desk = Desk::new(seed).await;
    desk.topics = vec![topic("first", TOPICS[1])];
    for _ in 0..FIRST {
        desk.add(false).await;
    }
    desk.publish(&Progress::silent()).await;
    for round in 0..rounds {
        let changes = 1 + desk.draw(3);
        for _ in 0..changes {
            desk.change().await;
        }
        if desk.draw(3) == 0 {
            desk.publish_and_die().await;
            desk.change().await;
        }
        if desk.draw(4) == 0 {
            desk.store.close().await;
            desk.store = Store::open(&desk.path("data"), Purpose::Real)
                .await
                .unwrap();
        }
        desk.publish(&Progress::silent()).await;
        desk.assert_equal(&format!("seed {seed}, round {round}"))
            .await;
        let again = desk.publish(&Progress::silent()).await;
        assert_eq!((again.written, again.unchanged), (0, 0), "seed {seed}");
    }
    desk.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_sequence_of_changes_kills_and_configurations_gives_the_files_of_a_full_rendering() {
    let seeds = [
        1,
        16302282104811846624,
        16551412517622532067,
        rand::random(),
    ];
    side_by_side(seeds, |seed| play(seed, 12)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: ./soak runs it"]
async fn soak_publishing_what_changed_of_a_hundred_sequences() {
    let seeds = (0..100).map(|_| rand::random());
    side_by_side(seeds, |seed| play(seed, 30)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_more_article_touches_its_own_files_and_reads_no_other() {
    let mut desk = Desk::new(7).await;
    for _ in 0..FIRST {
        desk.add(false).await;
    }
    let first = desk.publish(&Progress::silent()).await;
    assert!(first.written > 200, "{first}");
    desk.add(false).await;
    let second = desk.publish(&Progress::silent()).await;
    // The article, its column, portal and everything, and the documents that grow.
    assert!(second.written + second.unchanged < 30, "{second}");
    desk.assert_equal("one more").await;
    // A file that somebody changed stays so until everything is rendered.
    let json = files(&desk.path("public/articles"), |_| ());
    let spoilt = desk
        .path("public/articles")
        .join(json.keys().next().unwrap());
    fs::write(&spoilt, "spoilt").unwrap();
    let third = desk.publish(&Progress::silent()).await;
    assert_eq!((third.written, third.unchanged), (0, 0));
    let directory = PublishFolder::open_as_it_is(desk.path("public")).unwrap();
    let input = PublishInput {
        store: &desk.store,
        columns: &desk.columns,
        broken: &[],
        cron: &hourly(),
        topics: &desk.topics,
        site: &desk.site(),
        directory: &directory,
        kept: &KeptPlace::from(desk.store.folder()),
        progress: &Progress::silent(),
    };
    let all = pipeline::publish_all(&input).await.unwrap();
    assert_eq!(all.written, 1, "{all}");
    desk.assert_equal("all").await;
}

#[tokio::test]
async fn a_folder_is_current_until_something_that_it_shows_changes() {
    let mut desk = Desk::new(3).await;
    for _ in 0..5 {
        desk.add(false).await;
    }
    let public = desk.path("public");
    let directory = PublishFolder::open_as_it_is(&public).unwrap();
    let is_current = async |desk: &Desk| {
        let current = pipeline::is_published(&desk.store, &directory);
        current.await.unwrap()
    };
    assert!(!is_current(&desk).await, "nothing is published");
    desk.publish(&Progress::silent()).await;
    assert!(is_current(&desk).await);

    let (now, incidents) = (desk.now, desk.store.incidents());
    incidents.note(now, "gap", "一处", "短").await.unwrap();
    assert!(!is_current(&desk).await, "an incident");
    desk.publish(&Progress::silent()).await;
    let later = now.plus(TimeDelta::hours(1));
    let incidents = desk.store.incidents();
    incidents.note(later, "gap", "一处", "长").await.unwrap();
    assert!(is_current(&desk).await, "the same incident, seen again");

    // A poll without news: the same page, and a walk that lists it.
    let (page, of) = desk.pages[0].clone();
    desk.collect(of, &page, false).await;
    assert!(is_current(&desk).await, "a poll without news");
    desk.add(false).await;
    assert!(!is_current(&desk).await, "an article");
    desk.publish(&Progress::silent()).await;
    let (name, none) = (name(of), Default::default());
    let mut told = Names {
        column: Some("另一个题目"),
        portal: None,
    };
    let learned = desk.store.columns();
    let learned = learned.complete_walk(&name, told, &none);
    learned.await.unwrap();
    assert!(!is_current(&desk).await, "a title");
    desk.publish(&Progress::silent()).await;
    assert!(is_current(&desk).await);
    for (portal, is_as_it_was) in [("青石县人民政府", false), ("别的名称", true)] {
        told.portal = Some(portal);
        let learned = desk.store.columns();
        learned.complete_walk(&name, told, &none).await.unwrap();
        assert_eq!(is_current(&desk).await, is_as_it_was, "{portal}");
        desk.publish(&Progress::silent()).await;
    }

    // Somebody puts an older folder back.
    let manifest = fs::read(public.join("manifest.json")).unwrap();
    fs::remove_file(public.join("manifest.json")).unwrap();
    assert!(!is_current(&desk).await, "no manifest");
    fs::write(public.join("manifest.json"), manifest).unwrap();
    assert!(!is_current(&desk).await, "a manifest of somebody else");
    desk.publish(&Progress::silent()).await;
    desk.assert_equal("put back").await;
}
