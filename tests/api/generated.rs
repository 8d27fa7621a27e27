//! Clients that other people's generators make of `openapi.json`, and their linters: the clients compile,
//! and get real values from a server.
//!
//! Owns the runs of these tools. Never leaves loopback.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::outside::Office;
use crate::clients::ran;
use crate::feeds::judges::has;
use crate::support::served::Server;

const REMEDY: &str = "./setup";

/// A program that npm installed; `None` if it is not there.
fn node_program(name: &str) -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target/clients/node_modules/.bin")
        .join(name);
    has(program.to_str().unwrap(), &["--version"], REMEDY).then_some(program)
}

fn data(name: &str) -> String {
    format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Writes the served document into a folder.
async fn document(server: &Server, folder: &Path) -> String {
    let file = folder.join("openapi.json");
    std::fs::write(&file, server.get("openapi.json").await.body).unwrap();
    file.to_str().unwrap().to_owned()
}

/// Each article as the clients print it.
async fn lines(office: &Office) -> Vec<String> {
    let mut articles = office.bench.articles().await;
    articles.sort_by_key(|article| article.updated_at);
    let lines = articles.into_iter().map(|article| {
        let (id, revision, hash) = (article.id, article.revision, article.content_sha256);
        format!("{id} {revision} {hash} {} {}", article.url, article.title)
    });
    lines.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn openapi_python_client_makes_a_client_that_works() {
    let tool = "openapi-python-client";
    if !has(tool, &["--version"], REMEDY) {
        return;
    }
    let office = Office::open().await;
    let folder = tempfile::tempdir().unwrap();
    let document = document(&office.server, folder.path()).await;
    ran(Command::new(tool)
        .current_dir(folder.path())
        .args(["generate", "--path", &document, "--meta", "none"]));
    let asked = ran(Command::new("python3")
        .current_dir(folder.path())
        .env("PYTHONPATH", folder.path())
        .args([&data("clients/client.py"), office.base_url()]));
    let printed = String::from_utf8(asked.stdout).unwrap();
    assert_eq!(printed.lines().collect::<Vec<_>>(), lines(&office).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn openapi_typescript_makes_types_that_a_client_compiles_with() {
    let (Some(generator), Some(compiler)) =
        (node_program("openapi-typescript"), node_program("tsc"))
    else {
        return;
    };
    let office = Office::open().await;
    let folder = tempfile::tempdir().unwrap();
    let document = document(&office.server, folder.path()).await;
    let modules = generator.ancestors().nth(2).unwrap();
    std::os::unix::fs::symlink(modules, folder.path().join("node_modules")).unwrap();
    std::fs::copy(data("clients/client.ts"), folder.path().join("client.ts")).unwrap();
    std::fs::write(folder.path().join("package.json"), "{\"type\": \"module\"}").unwrap();
    ran(Command::new(generator).current_dir(folder.path()).args([
        &document,
        "--output",
        "schema.d.ts",
    ]));
    let options =
        "--strict --target es2022 --module nodenext --types node --exactOptionalPropertyTypes";
    ran(Command::new(compiler)
        .current_dir(folder.path())
        .args(options.split(' '))
        .args(["--noUncheckedIndexedAccess", "client.ts"]));
    let asked = ran(Command::new("node")
        .current_dir(folder.path())
        .args(["client.js", office.base_url()]));
    let printed = String::from_utf8(asked.stdout).unwrap();
    assert_eq!(printed.lines().collect::<Vec<_>>(), lines(&office).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn linters_find_no_error_in_the_document() {
    let office = Office::open().await;
    let folder = tempfile::tempdir().unwrap();
    let document = document(&office.server, folder.path()).await;
    let broken = std::fs::read_to_string(&document).unwrap();
    let broken = broken.replacen("\"required\": false", "\"required\": \"no\"", 1);
    let broken_file = folder.path().join("broken.json");
    std::fs::write(&broken_file, broken).unwrap();
    let broken = broken_file.to_str().unwrap();
    let (redocly, spectral) = (data("redocly.yaml"), data("spectral.yaml"));
    for (name, arguments) in [
        ("redocly", ["lint", "--config", &redocly]),
        ("spectral", ["lint", "--ruleset", &spectral]),
    ] {
        let Some(program) = node_program(name) else {
            continue;
        };
        let lint = |document: &str| {
            let mut lint = Command::new(&program);
            lint.current_dir(folder.path())
                .env("REDOCLY_TELEMETRY", "off")
                .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")
                .args(arguments)
                .arg(document);
            lint
        };
        ran(&mut lint(&document));
        let output = lint(broken).output().unwrap();
        assert!(!output.status.success(), "{name} finds no flaw in anything");
    }
}
