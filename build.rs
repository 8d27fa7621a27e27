//! How the program is linked.
//!
//! Owns one option: relative relocations are packed, which makes the program two megabytes smaller. The
//! system that loads it needs glibc 2.36 (2022), so it is left out where the building one has an older
//! one, and for other systems.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_gnu = env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|of| of == "gnu");
    let is_native = env::var("HOST").ok() == env::var("TARGET").ok();
    if is_gnu && is_native && has_glibc((2, 36)) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// Whether this system has at least this version of glibc.
fn has_glibc(least: (u32, u32)) -> bool {
    let asked = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let answer = asked.map(|output| output.stdout).unwrap_or_default();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let version = answer.trim().strip_prefix("glibc ");
    let version = version.and_then(|version| version.split_once('.'));
    version.is_some_and(|(major, minor)| {
        let number = |text: &str| text.parse().unwrap_or(0);
        (number(major), number(minor)) >= least
    })
}
