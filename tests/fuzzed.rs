//! The fuzzer's corpus through its checks: invented pages in the manner of each content system, and
//! the inputs found from them.
//!
//! Owns the replay of the corpus. Never fuzzes.

#[path = "../fuzz/check.rs"]
pub(crate) mod check;

use std::path::Path;

use crate::support::replica::bytes;

#[test]
fn every_page_that_the_fuzzer_kept_is_read_safely() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let folders = ["seeds/page", "corpus/page"].map(|folder| bytes(&fuzz.join(folder)));
    for pages in &folders {
        assert!(pages.len() >= 40, "{} pages", pages.len());
    }
    for (name, page) in folders.iter().flatten() {
        // Where one fails, the last name is its own.
        println!("{name}");
        check::check(page);
    }
}
