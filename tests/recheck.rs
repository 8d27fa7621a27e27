//! Articles that somebody asks to be read again now.
//!
//! Owns `dibao recheck`. Never leaves loopback.

use serde_json::Value;

use crate::faults_machine::machine::{ARTICLES, COLUMN, Machine, told};
use crate::support::replica::{FOLDER, Replica};

const SEED: &str = "202512/t20251229_3123304.html";

fn article(machine: &Machine) -> Value {
    let is_seed = |article: &Value| article["url"].as_str().unwrap().ends_with(SEED);
    machine.export(&[]).into_iter().find(is_seed).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_article_is_read_again_at_once_and_nothing_else_is() {
    let replica = Replica::serve().await;
    let machine = Machine::at(replica.port);
    machine.run();
    let before = article(&machine);
    let (url, id) = (
        before["url"].as_str().unwrap(),
        before["id"].as_str().unwrap(),
    );
    replica.edit(&format!("{FOLDER}{SEED}"), "12月29日上午", "12月30日下午");
    replica.asked();
    let said = told(&machine.well(&["recheck", url]));
    assert!(
        said.contains("lucheng/work-news  ok  0 new, 1 revised"),
        "{said}"
    );
    assert!(said.contains("published  "), "{said}");
    let asked = replica.asked();
    let pages: Vec<&String> = asked
        .iter()
        .filter(|path| path.starts_with(FOLDER))
        .collect();
    assert_eq!(pages, [&format!("{FOLDER}{SEED}")], "{asked:?}");
    let after = article(&machine);
    assert_eq!(
        (&after["id"], &after["revision"]),
        (&before["id"], &2.into())
    );
    assert!(
        after["body_text"]
            .as_str()
            .unwrap()
            .contains("12月30日下午")
    );
    let feed = std::fs::read_to_string(machine.public().join(COLUMN).join("feed.json")).unwrap();
    assert!(feed.contains("12月30日下午"), "{feed}");

    // By its id, as it stands in feeds; and the next run reads only what is due.
    let said = told(&machine.well(&["recheck", &format!("urn:uuid:{id}")]));
    assert!(said.contains("0 revised, 1 unchanged"), "{said}");
    let status: Value =
        serde_json::from_slice(&machine.well(&["status", "--json"]).stdout).unwrap();
    assert_eq!(status["columns"][0]["articles"], ARTICLES);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_again_is_refused_before_anything_is_asked() {
    let replica = Replica::serve().await;
    let machine = Machine::at(replica.port);
    machine.run();
    let article = article(&machine);
    let (url, id) = (
        article["url"].as_str().unwrap(),
        article["id"].as_str().unwrap(),
    );
    let removed = machine.export(&[])[1]["id"].as_str().unwrap().to_owned();
    assert_ne!(removed, id);
    machine.well(&["remove", &removed, "--reason", "so"]);
    replica.asked();
    let refused = |asked: &str, words: &str| {
        let output = machine.dibao(&["recheck", url, asked]);
        assert_eq!(output.status.code(), Some(2), "{asked}: {}", told(&output));
        assert!(told(&output).contains(words), "{asked}: {}", told(&output));
    };
    refused(
        "http://www.lc.gov.cn/other/t1.html",
        "no article is known at this address",
    );
    refused(
        "00000000-0000-0000-0000-000000000000",
        "no article has this id",
    );
    refused(&removed, "was removed");
    refused("work-news", "is not the address of a page");
    machine.well(&["pause", COLUMN]);
    refused(id, "remedy: dibao resume lucheng/work-news");
    assert_eq!(replica.asked(), [""; 0]);
}
