//! The markup of every page, by the Nu Html Checker of the W3C.
//!
//! Owns which of its messages count. Never leaves this machine.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::answers;
use crate::support::replica::{Bench, Replica};

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_valid_html() {
    let checker = "target/clients/node_modules/vnu-jar/build/dist/vnu.jar";
    let checker = Path::new(env!("CARGO_MANIFEST_DIR")).join(checker);
    let java = Command::new("java").arg("-version").output();
    if !checker.exists() || !java.is_ok_and(|java| java.status.success()) {
        println!("skipped: no vnu-jar or no java judges the markup (./setup installs vnu-jar)");
        return;
    }
    // The texts of its articles are valid, so what is not valid is dibao's.
    let replica = Replica::serve().await;
    let bench = Bench::new(&replica);
    bench.run().await;
    let public = bench.public();
    for (address, page) in answers() {
        let name = address.rsplit('/').next().unwrap();
        std::fs::write(public.join(format!("{name}.html")), page).unwrap();
    }
    let judged = Command::new("java")
        .arg("-jar")
        .arg(checker)
        .args([
            "--stdout",
            "--exit-zero-always",
            "--format",
            "json",
            "--skip-non-html",
        ])
        .arg(&public)
        .output()
        .unwrap();
    let judged: Value = serde_json::from_slice(&judged.stdout).unwrap();
    let messages = judged["messages"].as_array().unwrap();
    // It reads files, and takes the style of the same site for another site's.
    let of_files = |message: &&Value| {
        let text = message["message"].as_str().unwrap();
        text.starts_with("Resource violates Content Security Policy")
    };
    let (of_files, wrong): (Vec<&Value>, Vec<&Value>) = messages.iter().partition(of_files);
    assert!(
        of_files.len() > 20,
        "only {} pages were read",
        of_files.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}
