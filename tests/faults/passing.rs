//! The faults of portals, one after another: whatever a portal does, nothing known is lost.

use std::time::Duration;

use chrono::TimeDelta;
use dibao::demo::hostile::{self, Hostile};

use crate::support::replica::Bench;

/// Faults that spoil what is fetched, and leave the documents themselves as they are.
const PASSING: [u8; 12] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 40];

/// A portal is collected while it is well; then it misbehaves at a second look; then it is well
/// again.
async fn suffers(portal: &Hostile, host: &str) {
    let mut bench = Bench::of_host(portal, host, &[]);
    bench.column.fetch.timeout = Duration::from_millis(500);
    portal.heal(host);
    let (report, _) = bench.run().await;
    assert!(!report.is_failure() && report.new > 10, "{host}: {report}");
    let before = bench.articles().await;

    portal.break_again(host);
    bench.now = bench.now.plus(TimeDelta::hours(2));
    bench.run().await;
    assert_eq!(
        bench.articles().await,
        before,
        "{host}: nothing known changes"
    );

    portal.heal(host);
    bench.now = bench.now.plus(TimeDelta::days(4));
    let (report, _) = bench.run().await;
    assert!(!report.is_failure(), "{host}: {report}");
    assert_eq!(bench.articles().await, before, "{host}: all is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_passing_fault_of_a_portal_changes_what_is_known() {
    let portal = Hostile::serve().await.unwrap();
    let faults = hostile::faults();
    let passing = faults
        .iter()
        .filter(|fault| PASSING.contains(&fault.number));
    let hosts: Vec<String> = passing
        .flat_map(|fault| fault.variants.iter().map(|variant| fault.host(variant)))
        .collect();
    assert!(hosts.len() > 30, "{}", hosts.len());
    let mut tasks = tokio::task::JoinSet::new();
    for host in hosts {
        let portal = portal.clone();
        tasks.spawn(async move { suffers(&portal, &host).await });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    // Where the collector gives up waiting, the portal may still be answering; here it does not.
    let answered = portal.log();
    let answered = answered.iter().filter(|visit| {
        ["fault-01-", "fault-02-", "fault-03-"]
            .iter()
            .any(|fault| visit.host.starts_with(fault))
    });
    let busiest = answered.map(|visit| visit.at_once).max();
    assert_eq!(busiest, Some(1), "never two requests to a host at once");
}
