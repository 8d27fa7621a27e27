//! A network of its own for a test, with nothing but loopback: its addresses and routes are the test's.
//!
//! Owns how it is made. Never tests anything itself.

use std::process::{Command, Output};

/// Runs an ignored test of this binary in a network of its own, after these commands of `sh`, which may
/// fail. `None`, and a line that says so, where none can be made.
pub(crate) fn run_in_own(test: &str, before: &str) -> Option<Output> {
    let script = format!(
        "ip link set lo up && echo ready; {before}; exec \"$0\" --exact {test} --ignored --nocapture"
    );
    // Whoever is not root has its rights within a namespace of users.
    let is_root = Command::new("id").arg("-u").output();
    let user: &[&str] = match is_root.is_ok_and(|id| id.stdout == b"0\n") {
        true => &[],
        false => &["--user", "--map-current-user", "--keep-caps"],
    };
    let run = Command::new("unshare")
        .args(["--net", "--fork", "--kill-child"])
        .args(user)
        .args(["sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .output();
    match run {
        Ok(run) if run.stdout.starts_with(b"ready") => Some(run),
        _ => {
            println!("skipped: no network of its own can be made here (unshare, ip, its rights)");
            None
        }
    }
}

/// Looks whether that test was run and passed, and prints what it said.
#[track_caller]
pub(crate) fn has_passed(run: &Output) {
    let said = String::from_utf8_lossy(&run.stdout);
    let erred = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}\n{erred}");
    assert!(said.contains("1 passed"), "{said}");
    println!("{said}");
}
