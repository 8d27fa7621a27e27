//! Decodes the bytes of a page into text.
//!
//! Owns the choice of a page's charset: the column's override, else BOM, valid UTF-8 with a character
//! of three bytes, header, `<meta>`, valid UTF-8 of two-byte characters, statistics. A label that damages the bytes loses to a candidate that reads
//! them whole. The answer includes the reason and the number of unreadable characters. Never fails,
//! whatever the bytes.

mod label;

use std::fmt;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, DecoderResult, EUC_JP, EUC_KR, Encoding, GB18030, UTF_8};
use serde::{Deserialize, Serialize};

pub use label::charset;

/// A page's text, and how it was decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// The charset of the text; GB18030 also for the labels gb2312 and gbk.
    pub charset: &'static Encoding,
    /// The charset in which a browser encodes the queries of the page's links.
    pub queries: &'static Encoding,
    /// The reason for this charset.
    pub found: CharsetSource,
    /// The number of U+FFFD in the text for bytes that are invalid in that charset.
    pub replaced: usize,
}

/// The charset in which a page was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charset {
    /// The name of the charset.
    pub name: &'static str,
    /// The reason for choosing it.
    pub found: CharsetSource,
    /// The number of characters that it could not decode.
    pub replaced: usize,
}

impl From<&Decoded> for Charset {
    fn from(decoded: &Decoded) -> Self {
        Self {
            name: decoded.charset.name(),
            found: decoded.found,
            replaced: decoded.replaced,
        }
    }
}

impl Decoded {
    /// Whether it is text, and not a picture, archive or program. Most characters of those are
    /// unreadable or control characters. NULs do not count, because some pages are padded with
    /// them.
    pub fn is_text(&self) -> bool {
        const MOST: usize = 10;
        // The bytes of a page are counted much faster than its characters are looked at.
        if self.at_most_odd() * MOST <= self.readable() {
            return true;
        }
        let is_odd = |c: char| c == '\u{fffd}' || (c.is_control() && !c.is_whitespace());
        let (mut all, mut odd) = (0, 0);
        for c in self.text.chars().filter(|c| *c != '\0') {
            all += 1;
            odd += usize::from(is_odd(c));
        }
        odd * MOST <= all
    }

    /// The number of characters but NULs.
    fn readable(&self) -> usize {
        let is_first = |byte: &&u8| **byte != 0 && (**byte & 0xc0) != 0x80;
        self.text.as_bytes().iter().filter(is_first).count()
    }

    /// A number that the unreadable and the control characters do not exceed.
    fn at_most_odd(&self) -> usize {
        // The second half of the control characters begins with C2.
        let may_control =
            |byte: &&u8| matches!(**byte, 1..=0x1f | 0x7f | 0xc2) && !byte.is_ascii_whitespace();
        let controls = self.text.as_bytes().iter().filter(may_control).count();
        controls + self.text.matches('\u{fffd}').count()
    }
}

/// The reason for the choice of a charset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CharsetSource {
    /// The column's feed file.
    Override,
    /// A byte order mark.
    Bom,
    /// The bytes are UTF-8, whatever the labels say. Pure ASCII counts too.
    Utf8,
    /// The `Content-Type` header.
    Header,
    /// The page's `<meta>` or XML declaration.
    Meta,
    /// The frequency of byte pairs.
    Statistics,
}

impl fmt::Display for CharsetSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Override => "override",
            Self::Bom => "bom",
            Self::Utf8 => "utf8",
            Self::Header => "header",
            Self::Meta => "meta",
            Self::Statistics => "statistics",
        })
    }
}

/// With this many whole UTF-8 sequences for each broken one, the page is UTF-8 with a title cut in
/// the middle of a character. Text in another charset has far fewer.
const WHOLE_FOR_BROKEN: usize = 10;

/// Statistics of fewer bytes do not outweigh a label, unless they suggest GB18030, which is the
/// most likely charset.
const STATISTIC: usize = 64;

/// Decodes a page. `content_type` is the header from the server. `charset` is the column's
/// override, which precedes everything else.
pub fn decode(
    bytes: &[u8],
    content_type: Option<&str>,
    charset: Option<&'static Encoding>,
) -> Decoded {
    let decoded = decode_text(bytes, content_type, charset);
    Decoded {
        queries: label::of_queries(decoded.charset, bytes, content_type),
        ..decoded
    }
}

fn decode_text(
    bytes: &[u8],
    content_type: Option<&str>,
    charset: Option<&'static Encoding>,
) -> Decoded {
    if let Some(charset) = charset {
        let bytes = match Encoding::for_bom(bytes) {
            Some((of_bom, length)) if of_bom == charset => &bytes[length..],
            _ => bytes,
        };
        return read(bytes, charset, CharsetSource::Override);
    }
    let (bom, bytes) = match Encoding::for_bom(bytes) {
        Some((charset, length)) => (Some(charset), &bytes[length..]),
        None => (None, bytes),
    };
    let header = content_type.and_then(label::of_header);
    if let Some(charset) = bom.or(header).filter(|charset| is_utf_16(charset))
        && (bom.is_some() || bytes.iter().take(1024).any(|byte| *byte == 0))
    {
        let found = bom.map_or(CharsetSource::Header, |_| CharsetSource::Bom);
        return read(bytes, charset, found);
    }
    let as_utf8 = read(bytes, UTF_8, CharsetSource::Utf8);
    // Chinese in UTF-8 has characters of three bytes. Some words in GBK (通知, 学校) are valid UTF-8
    // of two-byte characters by accident.
    if is_utf8(&as_utf8) && (bom.is_some() || has_no_short_text(&as_utf8.text)) {
        let found = bom.map_or(CharsetSource::Utf8, |_| CharsetSource::Bom);
        return Decoded { found, ..as_utf8 };
    }
    let labels = [
        (bom, CharsetSource::Bom),
        (header, CharsetSource::Header),
        (label::of_page(bytes), CharsetSource::Meta),
    ];
    contest(bytes, labels, as_utf8)
}

/// Whether a text is ASCII, or has a character that takes three bytes in UTF-8.
fn has_no_short_text(text: &str) -> bool {
    let is_long = |c: char| c.len_utf8() > 2 && c != '\u{fffd}';
    text.is_ascii() || text.chars().any(is_long)
}

/// Decides between the labels. If no label fits, uses UTF-8 where the bytes are valid, and else the
/// statistics.
fn contest(
    bytes: &[u8],
    labels: [(Option<&'static Encoding>, CharsetSource); 3],
    as_utf8: Decoded,
) -> Decoded {
    let labels: Vec<_> = labels
        .into_iter()
        .filter_map(|(charset, found)| Some((charset?, found)))
        .filter(|(charset, _)| !is_utf_16(charset))
        .collect();
    let mut best: Option<Decoded> = None;
    for &(charset, found) in labels.iter().filter(|(charset, _)| can_fail(charset)) {
        if best.as_ref().is_some_and(|best| best.charset == charset) {
            continue;
        }
        let candidate = read(bytes, charset, found);
        if candidate.replaced == 0 {
            return candidate;
        }
        best = Some(better(best, candidate));
    }
    if as_utf8.replaced == 0 {
        return as_utf8;
    }
    let guess = statistics(bytes);
    let found = CharsetSource::Statistics;
    match best {
        None if can_fail(guess) => read(bytes, guess, found),
        // Single-byte charsets (and Shift_JIS, nearly) read any bytes without damage. Many servers
        // have one as their default label, so it is believed only if nothing suggests another
        // charset.
        None => match labels.first() {
            Some(&(charset, found)) => read(bytes, charset, found),
            None => read(bytes, guess, found),
        },
        Some(best) => {
            let heard = guess == GB18030 || non_ascii(bytes) >= STATISTIC;
            if heard && can_fail(guess) && guess != best.charset {
                better(Some(best), read(bytes, guess, found))
            } else {
                best
            }
        }
    }
}

/// The text with less damage; the earlier one if both have the same.
fn better(best: Option<Decoded>, candidate: Decoded) -> Decoded {
    match best {
        Some(best) if best.replaced <= candidate.replaced => best,
        _ => candidate,
    }
}

/// Whether bytes of another charset are likely to look damaged in this one.
fn can_fail(charset: &'static Encoding) -> bool {
    [UTF_8, GB18030, BIG5, EUC_JP, EUC_KR].contains(&charset)
}

fn is_utf_16(charset: &'static Encoding) -> bool {
    charset.name().starts_with("UTF-16")
}

fn is_utf8(decoded: &Decoded) -> bool {
    if decoded.replaced == 0 {
        return true;
    }
    let sequences = decoded.text.chars().filter(|c| !c.is_ascii()).count();
    sequences.saturating_sub(decoded.replaced) >= WHOLE_FOR_BROKEN * decoded.replaced
}

fn non_ascii(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| !byte.is_ascii()).count()
}

/// The charset that the byte frequencies suggest, for a page of a Chinese host.
fn statistics(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(Some(b"cn"), Utf8Detection::Deny);
    label::charset(guess.name()).unwrap_or(GB18030)
}

/// Reads `bytes` in `charset`, with one U+FFFD for each malformed sequence, as in the Encoding
/// Standard.
fn read(bytes: &[u8], charset: &'static Encoding, found: CharsetSource) -> Decoded {
    if charset == UTF_8
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Decoded {
            text: text.to_owned(),
            charset,
            queries: charset,
            found,
            replaced: 0,
        };
    }
    let mut decoder = charset.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len());
    // A separate buffer. Decoding into the text itself would clear its free space again for every
    // invalid byte.
    let mut buffer = [0; 4096];
    let mut rest = bytes;
    let mut replaced = 0;
    loop {
        let (result, consumed, written) =
            decoder.decode_to_utf8_without_replacement(rest, &mut buffer, true);
        // A decoder writes UTF-8.
        text.push_str(std::str::from_utf8(&buffer[..written]).unwrap_or_default());
        rest = rest.get(consumed..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                text.push('\u{fffd}');
                replaced += 1;
            }
        }
    }
    Decoded {
        text,
        charset,
        queries: charset,
        found,
        replaced,
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_16LE, WINDOWS_1252};

    use super::*;

    const TEXT: &str = "<p>潞城区召开安全生产会议，部署下一步工作。</p>";

    fn gbk(text: &str) -> Vec<u8> {
        let (bytes, _, lossy) = GB18030.encode(text);
        assert!(!lossy);
        bytes.into_owned()
    }

    fn verdict(bytes: &[u8], header: Option<&str>) -> (&'static str, CharsetSource, usize) {
        let decoded = decode(bytes, header, None);
        (decoded.charset.name(), decoded.found, decoded.replaced)
    }

    #[test]
    fn true_labels_are_obeyed_in_their_order() {
        let page = gbk(TEXT);
        let header = Some("text/html; charset=gb2312");
        let decoded = decode(&page, header, None);
        assert_eq!(decoded.text, TEXT);
        assert_eq!(
            verdict(&page, header),
            ("gb18030", CharsetSource::Header, 0)
        );
        let page = gbk(&format!("<meta charset=gbk>{TEXT}"));
        assert_eq!(verdict(&page, None), ("gb18030", CharsetSource::Meta, 0));
        let page = gbk(TEXT);
        assert_eq!(
            verdict(&page, None),
            ("gb18030", CharsetSource::Statistics, 0)
        );
    }

    #[test]
    fn lying_labels_lose_to_what_the_bytes_are() {
        let utf8 = format!("<meta charset=gb2312>{TEXT}");
        let lie = Some("text/html; charset=gb2312");
        assert_eq!(
            verdict(utf8.as_bytes(), lie),
            ("UTF-8", CharsetSource::Utf8, 0)
        );
        let page = gbk(&format!("<meta charset=gb2312>{TEXT}"));
        for lie in ["utf-8", "iso-8859-1", "utf-16", "shift_jis"] {
            let header = format!("text/html; charset={lie}");
            let decoded = decode(&page, Some(&header), None);
            assert!(decoded.text.contains("安全生产"), "{lie}: {decoded:?}");
        }
        let page = gbk(&format!("<meta charset=utf-8>{TEXT}"));
        assert_eq!(
            verdict(&page, Some("text/html; charset=utf-8")),
            ("gb18030", CharsetSource::Statistics, 0)
        );
    }

    #[test]
    fn gbk_that_is_valid_utf8_by_accident_is_read_as_its_label_says() {
        for text in ["通知", "<p>学院通知</p>同志", "农业平台 2025-10-13 学校"] {
            let bytes = gbk(text);
            assert!(std::str::from_utf8(&bytes).is_ok(), "{text}");
            let label = Some("text/html; charset=gb2312");
            assert_eq!(decode(&bytes, label, None).text, text);
            let tagged = [b"<meta charset=gbk>", bytes.as_slice()].concat();
            assert!(decode(&tagged, None, None).text.ends_with(text));
            // Nothing but the bytes speaks.
            assert_eq!(decode(&bytes, None, None).charset, UTF_8);
        }
        let german = "Grüße aus Köln, über alle Maße";
        for label in ["utf-8", "iso-8859-1"] {
            let label = format!("text/html; charset={label}");
            assert_eq!(decode(german.as_bytes(), Some(&label), None).text, german);
        }
    }

    #[test]
    fn a_byte_order_mark_decides_and_is_gone() {
        let marked = format!("\u{feff}{TEXT}");
        let decoded = decode(marked.as_bytes(), Some("text/html; charset=gbk"), None);
        assert_eq!(decoded.text, TEXT);
        assert_eq!(decoded.found, CharsetSource::Bom);
        let mut wide = vec![0xff, 0xfe];
        wide.extend(TEXT.encode_utf16().flat_map(u16::to_le_bytes));
        let decoded = decode(&wide, None, None);
        assert_eq!((decoded.text.as_str(), decoded.charset), (TEXT, UTF_16LE));
        let mut liar = vec![0xef, 0xbb, 0xbf];
        liar.extend(gbk(TEXT));
        let decoded = decode(&liar, None, None);
        assert_eq!(decoded.text, TEXT);
        assert_eq!(decoded.found, CharsetSource::Statistics);
    }

    #[test]
    fn the_override_stands_before_everything() {
        let decoded = decode(TEXT.as_bytes(), None, Some(WINDOWS_1252));
        assert_eq!(decoded.found, CharsetSource::Override);
        assert_ne!(decoded.text, TEXT);
        let marked = format!("\u{feff}{TEXT}");
        assert_eq!(decode(marked.as_bytes(), None, Some(UTF_8)).text, TEXT);
    }

    #[test]
    fn bad_bytes_are_replaced_in_place_and_counted() {
        let mut page = gbk("前文<b>");
        page.push(0xff);
        page.extend(gbk("</b>后文"));
        let decoded = decode(&page, Some("text/html; charset=gb2312"), None);
        assert_eq!(decoded.text, "前文<b>\u{fffd}</b>后文");
        assert_eq!(decoded.replaced, 1);
        let mut cut = TEXT.as_bytes().to_vec();
        cut.extend(&"会".as_bytes()[..2]);
        cut.extend(b"...");
        let decoded = decode(&cut, Some("text/html; charset=gb2312"), None);
        assert_eq!(decoded.text, format!("{TEXT}\u{fffd}..."));
        assert_eq!((decoded.charset, decoded.replaced), (UTF_8, 1));
    }

    #[test]
    fn a_replacement_character_of_the_page_itself_is_not_counted() {
        let decoded = decode("字\u{fffd}字".as_bytes(), None, None);
        assert_eq!(decoded.replaced, 0);
    }

    #[test]
    fn ascii_and_nothing_are_utf8() {
        for bytes in [&b""[..], b"<p>plain</p>"] {
            assert_eq!(verdict(bytes, None), ("UTF-8", CharsetSource::Utf8, 0));
        }
        let header = Some("text/html; charset=gb2312");
        assert_eq!(verdict(b"plain", header), ("UTF-8", CharsetSource::Utf8, 0));
    }

    #[test]
    fn what_is_no_text_is_told_from_a_damaged_one() {
        let noise: Vec<u8> = (0..5000u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let picture = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &noise].concat();
        assert!(!decode(&picture, None, None).is_text());
        let mut damaged = gbk(&TEXT.repeat(3));
        damaged.extend([0xff, 0xff, 0x01]);
        damaged.extend([0; 900]);
        for page in [&damaged[..], TEXT.as_bytes(), b""] {
            assert!(decode(page, None, None).is_text());
        }
    }

    #[test]
    fn junk_is_read_in_bounded_time() {
        let junk: Vec<u8> = (0..2_000_000u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let decoded = decode(&junk, Some("text/html; charset=gb2312"), None);
        assert!(decoded.replaced > 0);
    }
}
