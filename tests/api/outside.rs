//! Other people's tools on the API: the schemas, and every request that its document allows.
//!
//! Owns the runs of these tools. Never leaves loopback.

use std::path::Path;
use std::process::{Command, Output};

use dibao::pipeline;
use dibao::render;
use dibao::serve::OpenStore;

use crate::articles::oddities;
use crate::faults_machine::machine::told;
use crate::support::replica::{Bench, Replica, hourly};
use crate::support::served::Server;

/// The output of a tool, if it is installed. Its cache is deleted with its folder.
fn tool(name: &str, args: &[&str]) -> Option<Output> {
    let folder = tempfile::tempdir().unwrap();
    let ran = Command::new(name)
        .args(args)
        .current_dir(folder.path())
        .env("PYTHONUTF8", "1")
        .output();
    let ran = ran.ok().filter(|output| output.status.code() != Some(127));
    if ran.is_none() {
        println!("skipped: {name} is not installed");
    }
    ran
}

/// A dibao that has collected the replica, and its server.
pub(super) struct Office {
    pub(super) bench: Bench,
    pub(super) server: Server,
}

impl Office {
    pub(super) async fn open() -> Self {
        let replica = Replica::serve().await;
        let bench = Bench::new(&replica);
        bench.run().await;
        let store = bench.store().await;
        let columns = [bench.column.clone()];
        let columns = pipeline::column_infos(&store, &columns, &hourly()).await;
        let server = Server::of(&bench.public()).await;
        server.open(OpenStore {
            topics: Vec::new(),
            store,
            site: server.site(),
            columns: columns.unwrap(),
            cron: hourly().into(),
        });
        Self { bench, server }
    }

    pub(super) fn base_url(&self) -> &str {
        self.server.base_url.trim_end_matches('/')
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let file = folder.join(name);
    std::fs::write(&file, bytes).unwrap();
    file.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outside_validator_finds_every_article_and_change_in_order() {
    let replica = Replica::serve().await;
    let bench = Bench::new(&replica);
    bench.run().await;
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let store = bench.store().await;
    let mut articles = bench.articles().await;
    let mut changes = store.changes().after(0, i64::MAX).await.unwrap();
    for odd in oddities() {
        let mut change = changes[0].clone();
        change.article = odd.clone();
        changes.push(change);
        articles.push(odd);
    }
    articles.push(articles[0].tombstone(bench.now));
    for (name, schema, records) in [
        (
            "article",
            render::schema::article().unwrap(),
            to_json(&articles),
        ),
        (
            "change",
            render::schema::change().unwrap(),
            to_json(&changes),
        ),
    ] {
        let published = bench.public().join(format!("schema/{name}.json"));
        assert_eq!(std::fs::read(published).unwrap(), schema);
        let schema = write(at, &format!("{name}.schema.json"), &schema);
        let files: Vec<String> = (0..)
            .zip(&records)
            .map(|(number, record)| write(at, &format!("{name}-{number}.json"), record))
            .collect();
        let mut args = vec!["--schemafile", &schema];
        args.extend(files.iter().map(String::as_str));
        let Some(output) = tool("check-jsonschema", &args) else {
            return;
        };
        assert!(output.status.success(), "{}", told(&output));
        let broken = String::from_utf8(records[0].clone()).unwrap();
        let broken = broken.replacen("+08:00", "Z", 100);
        let broken = write(at, "broken.json", broken.as_bytes());
        let output = tool("check-jsonschema", &["--schemafile", &schema, &broken]).unwrap();
        assert_eq!(
            output.status.code(),
            Some(1),
            "it finds no flaw in anything"
        );
        println!("{name}: {} records", records.len());
    }
}

fn to_json<T: serde::Serialize>(records: &[T]) -> Vec<Vec<u8>> {
    let records = records.iter();
    records
        .map(|record| serde_json::to_vec(record).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_that_the_document_allows_is_answered_as_it_says() {
    let office = Office::open().await;
    let server = &office.server;
    let document = format!("{}openapi.json", server.base_url);
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/schemathesis.toml");
    let base = server.base_url.trim_end_matches('/').to_owned();
    let ran = tokio::task::spawn_blocking(move || {
        let args = [
            "--config-file",
            config,
            "run",
            &document,
            "--url",
            &base,
            "--max-examples",
            "50",
            "--seed",
            "1",
            "--no-color",
            "--request-timeout",
            "40",
        ];
        tool("schemathesis", &args)
    });
    let Some(output) = ran.await.unwrap() else {
        return;
    };
    println!("{}", told(&output));
    assert!(output.status.success(), "{}", told(&output));
}
