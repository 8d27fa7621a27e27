//! Portals that move to https or to another host.
//!
//! Owns the faults of addresses. Never leaves loopback.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};

use dibao::demo::hostile::{COLUMN, Hostile};
use dibao::model::Article;
use serde_json::Value;

use super::{Case, reasons};
use crate::support::replica::column_of;

/// The id of every article by its path, which moves along; no path has two.
fn by_path(articles: &[Article]) -> BTreeMap<String, String> {
    let pairs = articles
        .iter()
        .map(|a| (a.url.path().to_owned(), a.id.to_string()));
    let by_path: BTreeMap<String, String> = pairs.collect();
    assert_eq!(by_path.len(), articles.len());
    by_path
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_41_a_portal_that_moves_to_another_host_keeps_its_ids() {
    let mut case = Case::collected("41-host").await;
    let known = by_path(&case.articles);
    // To a walk all of it is new, so that it goes on to older articles.
    for (hours, host) in [(2, None), (2, Some("www.moved.test")), (25, None)] {
        if let Some(host) = host {
            // The operator heeds the move.
            case.bench.column = column_of("lucheng/work-news", "http", host, "");
        }
        let report = case.run_after(hours).await;
        assert_eq!(reasons(&report), Vec::<&str>::new(), "{report}");
        let mut found = by_path(&case.bench.articles().await);
        found.retain(|path, _| known.contains_key(path));
        assert_eq!(found, known);
    }
    assert!(!case.hostile.visits("www.moved.test").is_empty());
}

fn dibao(folder: &Path, hostile: &Hostile, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dibao"))
        .current_dir(folder)
        .args(["--connect-to", &format!(":80:{}", hostile.http)])
        .args(["--connect-to", &format!(":443:{}", hostile.https)])
        .args(args)
        .env("SSL_CERT_FILE", folder.join("authority.pem"))
        .env_remove("DIBAO_BASE_URL")
        .output()
        .unwrap()
}

/// The id of every article, with its URL's scheme.
fn exported(folder: &Path, hostile: &Hostile) -> BTreeSet<(String, String)> {
    let output = dibao(folder, hostile, &["export"]);
    let lines = String::from_utf8(output.stdout).unwrap();
    lines
        .lines()
        .map(|line| {
            let article: Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| article[key].as_str().unwrap().to_owned();
            let scheme = text("url").split(':').next().unwrap().to_owned();
            (text("id"), scheme)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_41_a_portal_that_moves_to_https_keeps_its_ids() {
    let hostile = Hostile::serve().await.unwrap();
    let host = "fault-41-https.test";
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).unwrap();
    std::fs::create_dir_all(folder.path().join("feeds/lucheng")).unwrap();
    write("authority.pem", hostile.authority());
    write("cron.toml", "");
    let feed = |scheme: &str| {
        format!("url = \"{scheme}://{host}{COLUMN}\"\nlist.initial = 1\nfetch.delay = \"0s\"\n")
    };
    write("feeds/lucheng/news.toml", &feed("http"));
    hostile.heal(host);
    let run = |what: &str| {
        let output = dibao(folder.path(), &hostile, &["run"]);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{what}: {told}{error}");
        told
    };
    run("while it is http");
    let before = exported(folder.path(), &hostile);
    assert_eq!(before.len(), 20);
    hostile.break_again(host);
    run("redirected");
    assert!(hostile.visits(host).iter().any(|visit| visit.secure));
    write("feeds/lucheng/news.toml", &feed("https"));
    let told = run("named as https");
    assert!(told.contains("0 new"), "{told}");
    let ids = |articles: &BTreeSet<(String, String)>| -> BTreeSet<String> {
        articles.iter().map(|(id, _)| id.clone()).collect()
    };
    let after = exported(folder.path(), &hostile);
    assert_eq!(ids(&after), ids(&before));
    assert!(
        after.iter().all(|(_, scheme)| scheme == "https"),
        "{after:?}"
    );
}
