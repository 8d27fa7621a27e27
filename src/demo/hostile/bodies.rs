//! What the faults do to bodies.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// The first half.
pub(super) fn cut(bytes: &[u8]) -> &[u8] {
    bytes.get(..bytes.len() / 2).unwrap_or_default()
}

/// Compressed. Writing into memory does not fail; if it did, the page would be empty, which no
/// fault asks for.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(bytes);
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

/// The page with something else in the place of `from`.
pub(super) fn edited(page: &str, from: &str, to: &str) -> String {
    page.replace(from, to)
}

/// The page with this before the end of the article's text.
pub(super) fn with_end(page: &str, markup: &str) -> String {
    const END: &str = "</div>\n</div>\n\n<p class=\"bj\">";
    page.replacen(END, &format!("{markup}{END}"), 1)
}

/// The first index number (索引号) that stands on the page.
pub(super) fn index_number(page: &str) -> Option<&str> {
    const SHAPE: &str = "000014349/2025-32614";
    let at = page.find("000014349/")?;
    page.get(at..at + SHAPE.len())
}
