//! Any bytes as a page, for libFuzzer: `./soak` runs it.
#![no_main]

#[path = "../check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::check(bytes));
