//! Four workers, and all that may fail around them at once: workers are killed, PostgreSQL is restarted,
//! the bucket answers 503 and drops connections, and a network is cut.
//!
//! Owns a server of its own, since it is restarted, and a network of its own, since it is cut. Both are
//! on loopback.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use url::Url;

use super::{Cluster, ONCE, Shape, Worker};
use crate::faults_machine::machine::told;
use crate::object_storage::files;
use crate::object_storage::server::{Bucket, Fate};
use crate::support::network;

/// By this address of loopback, the last worker reaches the server.
const FAR: &str = "127.0.0.3";
/// How long its network is cut.
const CUT: Duration = Duration::from_secs(30);
const WORKERS: usize = 4;
/// Workers are killed so often, unless `DIBAO_KILLS` says how often.
const KILLS: usize = 8;
/// The time between two kills.
const BETWEEN: Duration = Duration::from_secs(4);

/// A server of PostgreSQL that may be restarted.
struct Server {
    url: Url,
    folder: PathBuf,
    process: Child,
}

impl Server {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/with-postgres");
        let mut process = Command::new(script)
            .args([
                "sh",
                "-c",
                "echo $DIBAO_TEST_POSTGRES; echo $DIBAO_TEST_POSTGRES_FOLDER; cat",
            ])
            // This network has nothing but loopback.
            .env("DIBAO_POSTGRES_LISTEN", "0.0.0.0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut line = || lines.next().unwrap().unwrap();
        Self {
            url: line().parse().unwrap(),
            folder: line().into(),
            process,
        }
    }

    /// `fast` ends all connections; `immediate` is a crash.
    fn restart(&self, mode: &str) {
        let restarted = Command::new(self.folder.join("restart")).arg(mode).output();
        let restarted = restarted.unwrap();
        assert!(restarted.status.success(), "{}", told(&restarted));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Cuts the network between the last worker and the server, or mends it.
fn network(change: &str) {
    let route = ["route", change, "blackhole", FAR, "table", "local"];
    let changed = Command::new("ip").args(route).output().unwrap();
    assert!(changed.status.success(), "{}", told(&changed));
}

#[test]
fn four_workers_outlive_kills_restarts_a_failing_bucket_and_a_cut_network() {
    if std::env::var_os("DIBAO_TEST_POSTGRES").is_none() {
        println!("skipped: DIBAO_TEST_POSTGRES is not set (tests/with-postgres sets it)");
        return;
    }
    let run = network::run_in_own("many_machines::faults::in_a_network_of_its_own", ":");
    if let Some(run) = run {
        network::has_passed(&run);
    }
}

#[test]
#[ignore = "the test above runs it, in a network of its own"]
fn in_a_network_of_its_own() {
    let Some(bucket) = Bucket::new() else {
        return;
    };
    let runtime = Runtime::new().unwrap();
    let server = Server::start();
    let all_kills = std::env::var("DIBAO_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let is_long = all_kills > KILLS;
    let shape = Shape {
        hosts: 50,
        columns: 4,
        articles: 6,
        // There is work for as long as workers are killed.
        delay: if is_long { "2s" } else { "500ms" },
        // A worker that is killed while it waits for PostgreSQL to begin a run again leaves that to the
        // next tick, which among many kills happens.
        cron: if is_long { "* * * * *" } else { ONCE },
        service: "hosts_at_once = 4\n",
    };
    let cluster = runtime.block_on(Cluster::with(&server.url, shape));
    let mut far = cluster.url.clone();
    far.set_host(Some(FAR)).unwrap();
    let start = |number: usize| {
        let is_far = number == WORKERS - 1;
        let mut command = cluster.command(number, &["worker", "--public", &bucket.url()]);
        command.envs(bucket.environment());
        if !is_far {
            return Worker(command.spawn().unwrap());
        }
        // As on another machine: no process here knows whether it lives.
        let mut other = Command::new("unshare");
        other.args(["--pid", "--fork", "--kill-child"]);
        other.arg(command.get_program()).args(command.get_args());
        other.envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        other.env("DIBAO_STORE", far.as_str());
        other.current_dir(cluster.folder.path());
        other.stdout(Stdio::null()).stderr(cluster.log_file(number));
        Worker(other.spawn().unwrap())
    };
    let mut asked = 0;
    bucket.plan(move |_| {
        asked += 1;
        match asked % 23 {
            5 => Fate::Busy,
            11 => Fate::Lost,
            17 => Fate::Unheard,
            _ => Fate::Pass,
        }
    });
    let mut workers: Vec<Worker> = (0..WORKERS).map(&start).collect();
    let began = Instant::now();
    let is_stored = || runtime.block_on(cluster.count()) == cluster.shape.articles();
    let (mut kills, mut cut) = (0, None);
    let mut next = BETWEEN;
    // What fails, fails while there is work.
    while kills < all_kills || cut.is_some() || !is_stored() {
        assert!(
            began.elapsed() < Duration::from_secs(420) + BETWEEN * 2 * all_kills as u32,
            "{} articles of {}: {}",
            runtime.block_on(cluster.count()),
            cluster.shape.articles(),
            cluster.logs(WORKERS)
        );
        std::thread::sleep(Duration::from_millis(100));
        if began.elapsed() < next {
            continue;
        }
        next += BETWEEN;
        for (number, worker) in workers.iter_mut().enumerate() {
            // One that found no server at its start has ended, and is started again, as by an operator's
            // supervisor.
            if worker.has_ended() {
                *worker = start(number);
            }
        }
        if kills < all_kills {
            let victim = kills % (WORKERS - 1);
            workers[victim] = start(victim);
            kills += 1;
            match kills {
                2 => {
                    network("add");
                    cut = Some(Instant::now());
                }
                _ if kills % 6 == 3 => server.restart("fast"),
                _ if kills % 6 == 0 => server.restart("immediate"),
                _ => (),
            }
        }
        if cut.is_some_and(|cut| cut.elapsed() >= CUT) {
            network("del");
            cut = None;
        }
    }
    println!(
        "all is stored after {:?}, and {kills} kills",
        began.elapsed()
    );
    bucket.be_well();
    runtime.block_on(cluster.is_whole());
    cluster.visits_of_one_at_a_time();
    drop(workers);

    // What four workers published piece by piece is what one publishes at once, from a copy of the store.
    let well = |mut command: Command| {
        let done = command.envs(bucket.environment()).output().unwrap();
        assert!(done.status.success(), "{}", told(&done));
    };
    well(cluster.command(0, &["publish", "--public", &bucket.url()]));
    let objects = bucket.objects();
    runtime.block_on(cluster.store.close());
    well(cluster.command(0, &["migrate", cluster.url.as_str(), "copied"]));
    let mut publish = cluster.command(0, &["publish", "--data", "copied", "--public", "whole"]);
    publish.env_remove("DIBAO_STORE");
    well(publish);
    let folder = files(&cluster.folder.path().join("whole"));
    assert_eq!(
        objects.keys().collect::<Vec<_>>(),
        folder.keys().collect::<Vec<_>>()
    );
    for (path, bytes) in folder {
        assert!(objects[&path].bytes == bytes, "{path}");
    }
}
