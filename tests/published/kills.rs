//! Publications that are killed at any instant.
//!
//! Owns the kills. Never leaves loopback.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use dibao::model::ColumnName;
use dibao::store::{ListedItem, Purpose, Store};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::faults_machine::machine::{Doomed, Machine};
use crate::support::replica::{bytes, files};
use crate::support::{morning, page, text};

/// Kills `dibao publish` at `kills` random instants, each after changes, and compares what the next
/// one leaves with the same store in an empty folder.
async fn kill_publications(kills: usize, seed: u64) {
    println!("seed {seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let machine = Machine::new();
    machine.write(
        "feeds/jinan/news.toml",
        "url = \"http://www.jinan.gov.cn/\"\n",
    );
    let began = Instant::now();
    machine.well(&["publish"]);
    let span = began.elapsed();
    let column: ColumnName = "jinan/news".parse().unwrap();
    let mut number = 0;
    for kill in 0..kills {
        let store = Store::open(&machine.path("data"), Purpose::Real)
            .await
            .unwrap();
        for _ in 0..dice.random_range(1..30) {
            number += 1;
            let url = format!("http://www.jinan.gov.cn/t{number}.html");
            let title = format!("第{number}号 {}", text(number + 50_000));
            let mut page = page(&url, None, &title, &text(number));
            page.portal = "jinan".to_owned();
            let item = ListedItem {
                url: page.url.clone(),
                title,
                published_on: None,
                listed_on: None,
                position: 0,
            };
            let (queue, items) = (store.queue(), [item]);
            let added = queue.add(morning(), &column, "jinan", 1, &items, u32::MAX);
            added.await.unwrap();
            let saved = store.articles().save(morning(), Some(&column), &page);
            saved.await.unwrap();
        }
        store.close().await;
        let mut command = machine.command(&["publish"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = Doomed(command.spawn().unwrap());
        // The instant is what is drawn here; nothing waits for anything.
        std::thread::sleep(dice.random_range(Duration::ZERO..span));
        child.0.kill().unwrap();
        child.code();
        if kill % 2 == 0 {
            continue;
        }
        machine.well(&["publish"]);
        let anew = Machine::new();
        for folder in ["data", "feeds"] {
            for (path, content) in files(&machine.path(folder), |path| fs::read(path).unwrap()) {
                let to = anew.path(folder).join(path);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::write(to, content).unwrap();
            }
        }
        anew.well(&["publish"]);
        let (found, expected) = (bytes(&machine.public()), bytes(&anew.public()));
        let differs: Vec<&String> = expected
            .keys()
            .chain(found.keys())
            .filter(|path| found.get(*path) != expected.get(*path))
            .collect();
        assert!(differs.is_empty(), "seed {seed}, kill {kill}: {differs:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_of_a_publication_at_any_instant_leaves_what_a_full_rendering_gives() {
    kill_publications(8, rand::random()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: ./soak runs it"]
async fn soak_kill_9_of_200_publications() {
    kill_publications(200, rand::random()).await;
}
