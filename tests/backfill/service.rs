//! `dibao backfill`, and the backfills of `run` and `serve`, as an operator sees them.
//!
//! Owns the commands' output. Never leaves loopback.

use super::portal;
use crate::faults_machine::machine::{COLUMN, Machine, Service, told};
use crate::support::replica::Replica;

const FEED: &str = "feeds/lucheng/work-news.toml";

fn feed(folder: &str) -> String {
    format!(
        "url = \"http://www.lc.gov.cn/lcxxgk/xxgkml/jbxxgk/gzdt/{folder}\"\n\
         list.initial = 1\nfetch.delay = \"0s\"\n"
    )
}

/// A column that has been run, and then 25 list pages of news at once.
async fn flooded() -> (Replica, Machine) {
    let replica = Replica::serve().await;
    let machine = Machine::at(replica.port);
    machine.write(FEED, &feed(""));
    portal::show(&replica, 1, 2);
    machine.run();
    portal::show(&replica, 26, 52);
    (replica, machine)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_line_says_what_came_and_why_it_stopped() {
    let replica = Replica::serve().await;
    let machine = Machine::at(replica.port);
    machine.write(FEED, &feed(""));
    for (args, word) in [
        (&["backfill"][..], "COLUMN"),
        (&["backfill", "lucheng/nothing"], "there is no column"),
        (&["backfill", COLUMN, "--pages", "0"], "--pages"),
        (&["backfill", COLUMN, "--since", "gestern"], "--since"),
    ] {
        let output = machine.dibao(args);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        assert!(told(&output).contains(word), "{}", told(&output));
    }
    machine.run();
    let lines = |output: &std::process::Output| -> Vec<String> {
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    };
    let first = machine.well(&["backfill", COLUMN, "--pages", "2"]);
    let said = lines(&first);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].starts_with("lucheng/work-news  backfill paused  19 new"),
        "{said:?}"
    );
    assert!(said[0].contains("page-limit: "), "{said:?}");
    assert!(said[1].starts_with("published  "), "{said:?}");
    assert!(told(&first).contains("list page read"), "{}", told(&first));
    let second = machine.well(&["backfill", COLUMN]);
    assert!(
        told(&second).contains("dibao: goes on after 2 list pages"),
        "{}",
        told(&second)
    );
    let said = lines(&second);
    assert!(
        said[0].contains("(2 list pages after 2 done before, "),
        "{said:?}"
    );
    assert!(said[0].contains("list-end: "), "{said:?}");

    replica.answer(
        &format!("{}index_3.html", crate::support::replica::FOLDER),
        dibao::demo::Reply::Status(403),
    );
    let failed = machine.dibao(&["backfill", COLUMN]);
    assert_eq!(failed.status.code(), Some(1), "{}", told(&failed));
    let said = lines(&failed);
    assert!(
        said[0].contains("failed") && said[0].contains("http-status: "),
        "{said:?}"
    );
    assert!(said[0].contains("run the backfill again"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn run_works_a_piece_of_a_queued_backfill_after_its_cycle() {
    let (_replica, machine) = flooded().await;
    let run = told(&machine.well(&["run"]));
    assert!(run.contains("lucheng/work-news  ok  40 new"), "{run}");
    assert!(
        run.contains("backfill paused  6 new  (3 list pages after 20 done before"),
        "{run}"
    );
    let status = told(&machine.dibao(&["status"]));
    assert!(
        status.contains("backfill queued after 23 list pages, goes on with http"),
        "{status}"
    );
    assert!(status.contains("walk-limit"), "{status}");
    let run = told(&machine.well(&["run"]));
    assert!(run.contains("backfill complete  4 new"), "{run}");
    let status = told(&machine.dibao(&["status"]));
    assert!(
        status.contains("list-end") && !status.contains("walk-limit"),
        "{status}"
    );
    let run = told(&machine.well(&["run"]));
    assert!(!run.contains("backfill"), "{run}");
    assert_eq!(machine.export(&[]).len(), 52);
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_works_a_queued_backfill_off_when_nothing_else_is_due() {
    let (_replica, machine) = flooded().await;
    machine.well(&["run"]);
    // Nothing is due for long, but for a column of the same host that never ran.
    machine.write(
        "cron.toml",
        "[[job]]\ncolumns = [\"*/*\"]\ncron = \"0 0 1 1 *\"\n",
    );
    machine.write("feeds/lucheng/second.toml", &feed("index_25.html"));
    let mut service = Service::of(machine.command(&["serve", "--listen", "127.0.0.1:0"]));
    let line = service.line_with("backfill ended");
    assert!(line.contains("backfill complete  4 new"), "{line}");
    assert_eq!(service.stop(), Some(0));
    let status = told(&machine.dibao(&["status"]));
    assert!(
        status.contains("list-end") && !status.contains("walk-limit"),
        "{status}"
    );
}
