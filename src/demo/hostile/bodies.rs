//! Changes of bodies, which several faults share.
//!
//! Owns how a page is cut, compressed or edited. Never makes an answer.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// The first half.
pub(super) fn cut(bytes: &[u8]) -> &[u8] {
    bytes.get(..bytes.len() / 2).unwrap_or_default()
}

/// The bytes as gzip. Writing to memory does not fail.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(bytes);
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

/// The page with this markup at the end of the article.
pub(super) fn with_end(page: &str, markup: &str) -> String {
    const END: &str = "</div>\n</div>\n\n<p class=\"bj\">";
    page.replacen(END, &format!("{markup}{END}"), 1)
}

/// The page with another index number (索引号), or with an empty one.
pub(super) fn renumbered(page: &str, number: &str) -> String {
    match index_number(page) {
        Some(own) => page.replace(own, number),
        None => page.to_owned(),
    }
}

/// The first index number on the page.
fn index_number(page: &str) -> Option<&str> {
    const SHAPE: &str = "000014349/2025-32614";
    let at = page.find("000014349/")?;
    page.get(at..at + SHAPE.len())
}
