//! Runs and backfills of several processes at one host.
//!
//! Owns their turns. Never leaves loopback.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use dibao::demo;
use dibao::model::Timestamp;
use dibao::pipeline::{self, Ending, Progress, Standing, Step};
use dibao::store::{Holder, Lease, LeaseKind};

use super::{EVERYTHING, begun};
use crate::support::replica::Replica;
use crate::support::{morning, temp_store};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_during_a_backfill_gets_its_turn() {
    let replica = Replica::serve().await;
    let mut bench = begun(&replica).await;
    // The portal's pace: fast, and yet slow enough for a run to come between.
    bench.column.fetch.delay = Duration::from_millis(20);
    let store = bench.store().await;
    let column = bench.column.clone();
    let collector = async |holder| {
        let mut collector = bench.collector(Progress::silent()).await;
        collector.holder = holder;
        collector
    };
    let mut backfill = collector(Holder::this_process()).await;
    // The first process of the machine lives as long as this test.
    let run = collector(Holder::process(1)).await;
    let articles = AtomicUsize::new(0);
    let has_made_room = Arc::new(AtomicBool::new(false));
    let made_room = has_made_room.clone();
    let (begin, begun) = tokio::sync::oneshot::channel();
    let begin = Mutex::new(Some(begin));
    backfill.progress = Progress::from_fn(move |step| match step {
        Step::ArticleDone { .. } if articles.fetch_add(1, Ordering::SeqCst) == 4 => {
            begin.lock().unwrap().take().unwrap().send(()).unwrap();
        }
        Step::MakesRoom { .. } => made_room.store(true, Ordering::SeqCst),
        _ => (),
    });
    let (column_of_run, done) = (column.clone(), has_made_room.clone());
    let running = tokio::spawn(async move {
        begun.await.unwrap();
        let limit = Duration::from_secs(60);
        let report = pipeline::collect(&run, &column_of_run, limit).await;
        (report, done.load(Ordering::SeqCst))
    });
    let report = pipeline::backfill(&backfill, &column, &EVERYTHING).await;
    assert!(running.is_finished(), "the run's turn came first");
    let (run, after_room_was_made) = running.await.unwrap();
    assert_eq!(run.ending, Ending::Complete, "{run}");
    assert!(after_room_was_made);
    assert_eq!(report.halt.standing, Standing::Complete, "{report}");
    assert_eq!(report.list_pages, 4, "{report}");
    let waited = run.new;
    assert_eq!(report.older.new + waited, 52, "each by one of them, once");
    let asked = replica.asked();
    let mut articles: Vec<&String> = asked
        .iter()
        .filter(|path| path.contains("/t2025"))
        .collect();
    let fetched = articles.len();
    articles.sort_unstable();
    articles.dedup();
    assert_eq!(articles.len(), fetched, "an article was fetched twice");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_goes_from_the_backfill_to_the_run_that_wants_it_and_back() {
    let temp = temp_store().await;
    let (store, now) = (&temp.store, morning());
    let (backfill, run) = (Holder::this_process(), Holder::process(1));
    let ask = async |errand, holder: &Holder, now| {
        store
            .hosts()
            .lease_for(errand, demo::HOST, holder, now)
            .await
            .unwrap()
    };
    let is_wanted = async |now| {
        store
            .hosts()
            .is_wanted(demo::HOST, &backfill, now)
            .await
            .unwrap()
    };
    assert_eq!(ask(LeaseKind::Backfill, &backfill, now).await, Lease::Taken);
    assert!(!is_wanted(now).await);
    let held = ask(LeaseKind::Run, &run, now).await;
    assert!(matches!(
        held,
        Lease::Held {
            kind: LeaseKind::Backfill,
            ..
        }
    ));
    // A renewal does not forget it.
    assert_eq!(ask(LeaseKind::Backfill, &backfill, now).await, Lease::Taken);
    assert!(is_wanted(now).await);
    store.hosts().release(demo::HOST, &backfill).await.unwrap();
    assert_ne!(ask(LeaseKind::Backfill, &backfill, now).await, Lease::Taken);
    assert_eq!(ask(LeaseKind::Run, &run, now).await, Lease::Taken);
    assert_ne!(ask(LeaseKind::Backfill, &backfill, now).await, Lease::Taken);
    store.hosts().release(demo::HOST, &run).await.unwrap();
    assert_eq!(ask(LeaseKind::Backfill, &backfill, now).await, Lease::Taken);
    assert!(!is_wanted(now).await, "the run has had its turn");

    // One that waits no more, because it was killed, keeps nothing from anybody.
    assert_ne!(ask(LeaseKind::Run, &run, now).await, Lease::Taken);
    store.hosts().release(demo::HOST, &backfill).await.unwrap();
    assert_ne!(ask(LeaseKind::Backfill, &backfill, now).await, Lease::Taken);
    let later: Timestamp = now.plus(TimeDelta::seconds(20));
    assert_eq!(
        ask(LeaseKind::Backfill, &backfill, later).await,
        Lease::Taken
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_does_not_wait_for_another_run() {
    let replica = Replica::serve().await;
    let bench = begun(&replica).await;
    let collector = bench.collector(Progress::silent()).await;
    let other = Holder::process(1);
    let store = &collector.store;
    store
        .hosts()
        .lease(demo::HOST, &other, bench.now)
        .await
        .unwrap();
    let limit = Duration::from_secs(60);
    let began = std::time::Instant::now();
    let report = pipeline::collect(&collector, &bench.column, limit).await;
    assert!(
        matches!(report.ending, Ending::PassedOver { .. }),
        "{report}"
    );
    assert!(began.elapsed() < Duration::from_secs(5));
}
