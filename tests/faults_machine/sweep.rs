//! Each operation on the disk fails once, in a run of its own: what must hold afterwards.
//!
//! Owns the failures. Writes and syncs fail through a small library that is compiled here and
//! loaded into the program; `strace` makes renames fail, since they bypass the C library. Never
//! fails without these tools: the test says that it is skipped.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::task::spawn_blocking;

use super::kill::assert_sound;
use super::machine::{ARTICLES, Machine, told};
use super::published::assert_undisturbed;
use crate::support::side_by_side;

pub(crate) const OPERATIONS: [&str; 6] = [
    "write",
    "pwrite",
    "fsync",
    "fdatasync",
    "ftruncate",
    "rename",
];
pub(crate) const KILL: i32 = 0;
const EIO: i32 = 5;
const ENOSPC: i32 = 28;

/// Where a command's disk fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) operation: &'static str,
    pub(crate) at: usize,
    pub(crate) errno: i32,
}

/// The library that makes the disk fail; `None` where there is no compiler for it.
fn faulty_disk() -> Option<&'static Path> {
    static LIBRARY: OnceLock<Option<PathBuf>> = OnceLock::new();
    let library = LIBRARY.get_or_init(|| {
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faulty_disk.so");
        let source = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/faults_machine/faulty_disk.c"
        );
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .args([source, "-ldl"])
            .output()
            .ok()?;
        assert!(compiled.status.success(), "{}", told(&compiled));
        cfg!(target_os = "linux").then_some(library)
    });
    library.as_deref()
}

fn can_trace() -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let traced = Command::new("strace")
            .args(["-qq", "-f", "-o", "/dev/null", "true"])
            .stderr(Stdio::null())
            .status();
        traced.is_ok_and(|status| status.success())
    })
}

/// A command whose disk fails; `None` where that cannot be done here.
pub(crate) fn with_fault(machine: &Machine, args: &[&str], fault: Fault) -> Option<Output> {
    let Fault {
        operation,
        at,
        errno,
    } = fault;
    let mut command = if operation == "rename" {
        if !can_trace() {
            return None;
        }
        let how = match errno {
            KILL => "signal=KILL".to_owned(),
            ENOSPC => "error=ENOSPC".to_owned(),
            _ => "error=EIO".to_owned(),
        };
        let calls = "?rename,?renameat,renameat2";
        let trace = format!("trace={calls}");
        let inject = format!("inject={calls}:{how}:when={at}");
        let log = machine.path("trace");
        let mut tracer = vec!["strace", "-f", "-qq", "--seccomp-bpf", "-e", &trace];
        tracer.extend(["-e", &inject, "-o", log.to_str().unwrap()]);
        machine.command_by(&tracer, args)
    } else {
        let mut command = machine.command(args);
        command.env("LD_PRELOAD", faulty_disk()?);
        command
    };
    command
        .env("FAULT_OP", operation)
        .env("FAULT_AT", at.to_string())
        .env("FAULT_ERRNO", errno.to_string())
        .env("FAULT_LOG", machine.path("count"));
    Some(command.output().unwrap())
}

/// How many such operations a run has; `None` where they cannot be made to fail here.
pub(crate) fn count(operation: &'static str) -> Option<usize> {
    count_in(&Machine::new(), &["run"], operation)
}

/// The same of any command, which goes well.
pub(crate) fn count_in(machine: &Machine, args: &[&str], operation: &'static str) -> Option<usize> {
    let fault = Fault {
        operation,
        // More than there are, and as much as strace counts to.
        at: 60_000,
        errno: EIO,
    };
    let run = with_fault(machine, args, fault)?;
    assert_eq!(run.status.code(), Some(0), "{}", told(&run));
    let counted = if operation == "rename" {
        let trace = std::fs::read_to_string(machine.path("trace")).unwrap();
        trace.lines().filter(|line| line.contains("rename")).count()
    } else {
        let count = std::fs::read_to_string(machine.path("count")).unwrap();
        count.parse().unwrap()
    };
    // The store's build decides between the two kinds of sync, and whether it cuts its log.
    let may_be_none = ["fdatasync", "ftruncate"].contains(&operation);
    assert!(counted > 0 || may_be_none, "no {operation} was seen");
    Some(counted)
}

/// One fault, from its run to the next one, which repairs everything.
fn survive(fault: Fault) {
    let machine = Machine::new();
    let run = with_fault(&machine, &["run"], fault).unwrap();
    let said = told(&run);
    match run.status.code() {
        // The log of the store was not written back, or a leftover not cleared away: no loss.
        Some(0) => (),
        Some(1 | 2) => {
            let codes = ["store-io", "publish", "disk-full", "data folder", "store"];
            assert!(
                codes.iter().any(|code| said.contains(code)) && said.contains("remedy")
                    || said.contains("cannot be published"),
                "{fault:?}: {said}"
            );
        }
        code => assert_eq!(fault.errno, KILL, "{fault:?}: ended with {code:?}: {said}"),
    }
    assert!(!said.contains("panicked"), "{fault:?}: {said}");
    assert_sound(&machine, 0);
    machine.run();
    assert_eq!(machine.export(&[]).len(), ARTICLES, "{fault:?}");
    assert_undisturbed(&machine.public(), &format!("{fault:?}"));
}

/// Lets `often` operations of each kind fail, in runs of their own; all where it is `None`.
pub(crate) async fn sweep(errno: i32, seed: u64, often: Option<usize>) {
    println!("seed {seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let mut faults = Vec::new();
    for operation in OPERATIONS {
        let Some(count) = count(operation) else {
            println!("skipped: {operation} cannot be made to fail here (cc, strace)");
            continue;
        };
        let chosen: Vec<usize> = match often {
            None => (1..=count).collect(),
            _ if count == 0 => continue,
            Some(often) => (0..often).map(|_| dice.random_range(1..=count)).collect(),
        };
        println!("{operation}: {} of {count}, errno {errno}", chosen.len());
        faults.extend(chosen.into_iter().map(|at| Fault {
            operation,
            at,
            errno,
        }));
    }
    side_by_side(faults, |fault| async move {
        spawn_blocking(move || survive(fault)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn fault_30_a_write_sync_or_rename_that_fails_is_told_and_the_next_run_repairs_it() {
    sweep(EIO, rand::random(), Some(2)).await;
}

#[tokio::test]
async fn fault_28_a_disk_that_is_full_for_one_write_is_told_and_the_next_run_repairs_it() {
    sweep(ENOSPC, rand::random(), Some(1)).await;
}

#[tokio::test]
#[ignore = "long: ./soak runs it"]
async fn soak_every_operation_on_the_disk_fails_once() {
    for errno in [EIO, ENOSPC, KILL] {
        sweep(errno, 0, None).await;
    }
}
