//! Ticks that were missed while nothing ran are made up for once.
//!
//! Owns the pauses. Never leaves loopback.

use crate::faults_machine::machine::{COLUMN, Machine};

#[test]
fn ticks_that_were_missed_while_the_service_was_down_are_one_run() {
    let machine = Machine::new();
    machine.run();
    // Ten hours have passed since, and thirty ticks; the next is far away.
    let hour = |hours: i64| {
        let now = dibao::model::Clock::system().now();
        let time = now.plus(chrono::TimeDelta::hours(hours)).to_chrono();
        time.format("%H").to_string().parse::<u32>().unwrap()
    };
    let hours: Vec<String> = (3..13).map(|back| hour(-back).to_string()).collect();
    let cron = format!("*/20 {} * * *", hours.join(","));
    let job = format!("[[job]]\ncolumns = [\"*/*\"]\ncron = \"{cron}\"\n");
    machine.write("cron.toml", &job);
    machine.sql("UPDATE columns SET last_run_ms = last_run_ms - 13 * 3600000");
    let mut service = machine.serve();
    let report = service.line_with("run ended");
    assert!(
        report.contains(COLUMN) && report.contains("0 new"),
        "{report}"
    );
    service.line_with("published");
    // The scheduler has looked again by the time that it has followed this.
    service.child.signal("-HUP");
    let mut passed = service.lines_to("was read again");
    passed.extend(service.lines_to("\"published\""));
    assert_eq!(service.stop(), Some(0));
    passed.extend(service.lines_to("dibao: stopped"));
    let due = passed.iter().filter(|line| line.contains("\"due\""));
    assert_eq!(due.count(), 0, "{passed:#?}");
}
