//! The log as programs read it, and as people do.
//!
//! Owns the form of its lines. Never leaves loopback.

use std::collections::BTreeSet;
use std::process::Output;

use serde_json::Value;

use crate::faults_machine::machine::{COLUMN, Machine, told};
use crate::support::replica::{FOLDER, Replica};

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    let parse = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert!(line.is_object(), "{line}");
        line
    };
    text.lines().map(parse).collect()
}

/// The runs that lines are of.
fn runs(lines: &[Value]) -> BTreeSet<String> {
    let run = |line: &Value| {
        line["run"]
            .as_str()
            .unwrap_or_else(|| panic!("{line}"))
            .to_owned()
    };
    lines.iter().map(run).collect()
}

/// A portal of which one article cannot be read.
async fn flawed() -> (Replica, Machine) {
    let replica = Replica::serve().await;
    let page = "/lcxxgk/xxgkml/jbxxgk/gzdt/202512/t20251229_3123304.html";
    assert!(page.starts_with(FOLDER));
    replica.answer(page, dibao::demo::Reply::Status(403));
    let machine = Machine::at(replica.port);
    (replica, machine)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_a_run_is_json_with_the_run_it_is_of() {
    let (_replica, machine) = flawed().await;
    let run = || {
        let mut command = machine.command(&["run"]);
        command.env("DIBAO_LOG", "dibao=debug").output().unwrap()
    };
    let (first, second) = (run(), run());
    assert_eq!(first.status.code(), Some(1), "{}", told(&first));
    let (first, second) = (lines(&first), lines(&second));
    assert!(first.len() > 6, "{first:#?}");
    for line in &first {
        for key in ["timestamp", "level", "target"] {
            assert!(line[key].is_string(), "{line}");
        }
        assert!(line["fields"]["message"].is_string(), "{line}");
    }
    let of_column = first.iter().filter(|line| line["column"] == COLUMN);
    assert!(of_column.count() > 6);
    let failed = first.iter().filter(|line| line["level"] == "WARN");
    let failed: Vec<&Value> = failed.collect();
    assert_eq!(failed.len(), 1, "{failed:#?}");
    assert_eq!(failed[0]["fields"]["verdict"], "http-status");
    let (one, other) = (runs(&first), runs(&second));
    assert_eq!((one.len(), other.len()), (1, 1));
    assert_ne!(one, other);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_tells_its_runs_apart_from_the_tick_to_what_was_published() {
    let (_replica, machine) = flawed().await;
    machine.always_due();
    let mut service = machine.serve();
    let mut found = BTreeSet::new();
    for _ in 0..2 {
        let due: Value = serde_json::from_str(&service.line_with("\"due\"")).unwrap();
        assert_eq!(due["fields"]["columns"], serde_json::json!([COLUMN]));
        // The portal has one host: until the run has ended no other begins.
        let mut lines: Vec<Value> = Vec::new();
        let is_published = |line: &Value| line["fields"]["message"] == "published";
        while !lines.last().is_some_and(is_published) {
            let passed = service.lines_to("\"published\"");
            lines.extend(
                passed
                    .iter()
                    .map(|line| serde_json::from_str::<Value>(line).unwrap()),
            );
            // The first publication goes on beside the first run, and so does the first check of what
            // is published, which may be the one that publishes what that run stored.
            let is_checked = |line: &Value| line["target"] == "dibao::service::check";
            let is_beside = |line: &Value| is_published(line) || is_checked(line);
            lines.retain(|line| !is_beside(line) || line["run"].is_string());
        }
        let ended = lines
            .iter()
            .find(|line| line["fields"]["message"] == "run ended");
        let ended = ended.unwrap();
        assert_eq!(ended["fields"]["column"], COLUMN);
        assert!(["ok", "http-status"].contains(&ended["fields"]["verdict"].as_str().unwrap()));
        // The first run fails with one page, which the next one does not read again.
        if ended["fields"]["verdict"] == "http-status" {
            let reasons = ended["fields"]["reasons"].as_array().unwrap();
            assert!(
                reasons.len() == 1 && reasons[0].as_str().unwrap().contains("403"),
                "{ended}"
            );
        }
        for number in ["new", "revised", "waiting", "duration"] {
            assert!(ended["fields"][number].is_number(), "{ended}");
        }
        let run = ended["run"].as_str().unwrap().to_owned();
        assert_eq!(runs(&lines), BTreeSet::from([run.clone()]), "{lines:#?}");
        found.insert(run);
    }
    assert_eq!(found.len(), 2);
    assert_eq!(service.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_can_be_chosen_and_no_bar_is_drawn_where_nobody_sees_it() {
    let (_replica, machine) = flawed().await;
    let (_other_replica, other) = flawed().await;
    let run = |machine: &Machine, format: &str| {
        let mut command = machine.command(&["run"]);
        command.env("DIBAO_LOG_FORMAT", format).output().unwrap()
    };
    let text = run(&machine, "text");
    let said = String::from_utf8(text.stderr).unwrap();
    assert!(said.contains(&format!("{COLUMN}: http-status: ")), "{said}");
    assert!(!said.contains('{') && !said.contains('\u{1b}'), "{said}");
    assert_eq!(lines(&run(&other, "json")).len(), 1);
    let refused = run(&machine, "yaml");
    assert_eq!(refused.status.code(), Some(2));
    for word in ["DIBAO_LOG_FORMAT", "yaml", "text", "json"] {
        assert!(told(&refused).contains(word), "{}", told(&refused));
    }
}
