//! Content codings (RFC 9110, section 8.4.1): decompressing the body.
//!
//! Owns decompression and the limit on its output, which stops decompression bombs. Never reads
//! from a connection. The compressed bytes stay unchanged, for the archive.

use std::borrow::Cow;
use std::io::{self, Read};

use flate2::bufread::GzDecoder;
use flate2::read::{DeflateDecoder, ZlibDecoder};
use flate2::{Decompress, FlushDecompress, Status};

/// The value of `Accept-Encoding`.
pub(super) const ACCEPTED: &str = "gzip, br, zstd, deflate";

/// The most codings of a body. No page has more.
const LAYERS: usize = 3;

/// The largest window of zstd, as a power of two: what every client must take (RFC 9659).
const ZSTD_WINDOW: u32 = 23;

const BUFFER: usize = 16 * 1024;

/// The result of decompression.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decompressed<'a> {
    /// The bytes, up to the limit.
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) end: End,
}

/// How decompression ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// All bytes are there.
    Whole,
    /// There are more bytes than the limit.
    Limit,
    /// All bytes are there; only the check and the length behind them are missing.
    Unchecked,
    /// The compressed bytes end too early.
    Cut,
    /// The bytes are not in this coding.
    Broken(String),
}

/// Decompresses `body`, whose header names these codings, to at most `limit` bytes. Bytes that
/// begin like gzip are decompressed also without a header: some portals send them so.
pub(super) fn decompress<'a>(codings: &str, body: &'a [u8], limit: usize) -> Decompressed<'a> {
    let mut layers: Vec<Coding> = codings.split(',').filter_map(Coding::named).collect();
    if layers.len() > LAYERS {
        let cause = format!("{} content codings, one in another", layers.len());
        return Decompressed {
            bytes: Cow::Borrowed(&[]),
            end: End::Broken(cause),
        };
    }
    if layers.is_empty() && body.starts_with(&GZIP) {
        layers.push(Coding::Gzip);
    }
    let mut decompressed = Decompressed {
        bytes: Cow::Borrowed(body),
        end: End::Whole,
    };
    // The last named was applied last.
    for coding in layers.into_iter().rev() {
        let (bytes, end) = coding.decompress(&decompressed.bytes, limit);
        // Incomplete compressed bytes give an incomplete result.
        let end = if end == End::Whole {
            decompressed.end
        } else {
            end
        };
        decompressed = Decompressed {
            bytes: Cow::Owned(bytes),
            end,
        };
    }
    if decompressed.bytes.len() > limit {
        decompressed.bytes = match decompressed.bytes {
            Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[..limit]),
            Cow::Owned(mut bytes) => {
                bytes.truncate(limit);
                Cow::Owned(bytes)
            }
        };
        decompressed.end = End::Limit;
    }
    decompressed
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Gzip,
    Brotli,
    Zstd,
    Deflate,
}

impl Coding {
    /// The coding of this name. Portals also write charsets and other words there, which are
    /// ignored.
    fn named(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "br" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstd),
            "deflate" => Some(Self::Deflate),
            _ => None,
        }
    }

    fn decompress(self, compressed: &[u8], limit: usize) -> (Vec<u8>, End) {
        if self == Self::Gzip {
            return gunzip(compressed, limit);
        }
        let mut source = Source {
            left: compressed,
            is_dry: false,
        };
        let mut bytes = Vec::new();
        let read = match self.reader(&mut source) {
            // One byte above the limit shows that there are more.
            Ok(reader) => reader.take(limit as u64 + 1).read_to_end(&mut bytes),
            Err(error) => Err(error),
        };
        let end = match read {
            Ok(_) if bytes.len() > limit => End::Limit,
            Ok(_) => End::Whole,
            Err(_) if source.is_dry => match self {
                Self::Deflate if is_finished(compressed.get(2..), bytes.len()) => End::Unchecked,
                _ => End::Cut,
            },
            Err(error) => End::Broken(error.to_string()),
        };
        (bytes, end)
    }

    fn reader<'a>(self, source: &'a mut Source<'_>) -> io::Result<Box<dyn Read + 'a>> {
        Ok(match self {
            Self::Gzip => Box::new(GzDecoder::new(source.left)),
            Self::Brotli => Box::new(brotli::Decompressor::new(source, BUFFER)),
            Self::Zstd => {
                let mut decoder = zstd::Decoder::new(source)?;
                decoder.window_log_max(ZSTD_WINDOW)?;
                Box::new(decoder)
            }
            // The standard means zlib; some servers send the bare stream.
            Self::Deflate if is_zlib(source.left) => Box::new(ZlibDecoder::new(source)),
            Self::Deflate => Box::new(DeflateDecoder::new(source)),
        })
    }
}

/// Whether the first two bytes are a zlib header (RFC 1950, section 2.2).
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [cmf, flags, ..] if cmf & 0x0f == 8 && (u16::from(*cmf) << 8 | u16::from(*flags)) % 31 == 0)
}

/// The beginning of a gzip member that is deflated (RFC 1952, section 2.3.1).
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// Decompresses the members of a gzip file. Bytes behind a member that do not begin another one are
/// ignored, as browsers do.
fn gunzip(compressed: &[u8], limit: usize) -> (Vec<u8>, End) {
    let mut bytes = Vec::new();
    let mut rest = compressed;
    loop {
        let before = bytes.len();
        let mut member = GzDecoder::new(rest);
        // One byte above the limit shows that there are more.
        let room = (limit - before) as u64 + 1;
        let read = member.by_ref().take(room).read_to_end(&mut bytes);
        let end = match read {
            _ if bytes.len() > limit => End::Limit,
            Ok(_) => {
                rest = member.into_inner();
                if rest.starts_with(&GZIP) {
                    continue;
                }
                End::Whole
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                match is_finished(deflated(rest), bytes.len() - before) {
                    true => End::Unchecked,
                    false => End::Cut,
                }
            }
            Err(error) => End::Broken(error.to_string()),
        };
        return (bytes, end);
    }
}

/// The deflated bytes of a gzip member, behind its header (RFC 1952, section 2.3).
fn deflated(member: &[u8]) -> Option<&[u8]> {
    let flags = *member.get(3)?;
    let has = |flag: u8| flags & flag != 0;
    let mut rest = member.get(10..)?;
    if has(4) {
        let length = usize::from(u16::from_le_bytes([*rest.first()?, *rest.get(1)?]));
        rest = rest.get(2 + length..)?;
    }
    // A name and a comment, each up to a zero.
    for _ in [8, 16].into_iter().filter(|flag| has(*flag)) {
        let end = rest.iter().position(|byte| *byte == 0)?;
        rest = rest.get(end + 1..)?;
    }
    if has(2) { rest.get(2..) } else { Some(rest) }
}

/// Whether a deflated stream of this length reaches the end of its last block.
fn is_finished(deflated: Option<&[u8]>, length: usize) -> bool {
    let Some(mut rest) = deflated else {
        return false;
    };
    let mut inflate = Decompress::new(false);
    let mut out = vec![0; BUFFER];
    loop {
        let (read, written) = (inflate.total_in(), inflate.total_out());
        match inflate.decompress(rest, &mut out, FlushDecompress::None) {
            Ok(Status::StreamEnd) => return inflate.total_out() == length as u64,
            Ok(_) if inflate.total_out() <= length as u64 => {
                let taken = usize::try_from(inflate.total_in() - read).unwrap_or_default();
                rest = rest.get(taken..).unwrap_or_default();
                if taken == 0 && inflate.total_out() == written {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// Packed bytes that remember whether a decoder read to their end: the decoders report a short
/// input in different ways.
struct Source<'a> {
    left: &'a [u8],
    is_dry: bool,
}

impl Read for Source<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.left.read(out)?;
        self.is_dry |= read == 0 && !out.is_empty();
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const LIMIT: usize = 100_000;

    fn page() -> Vec<u8> {
        let lines =
            (0..900).map(|i| format!("<p>第{i}段，今日开工，工期{}天。</p>\n", i * 7919 % 613));
        lines.collect::<String>().into_bytes()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn brotli(bytes: &[u8]) -> Vec<u8> {
        let mut compressed = Vec::new();
        let mut writer = brotli::CompressorWriter::new(&mut compressed, BUFFER, 5, 22);
        writer.write_all(bytes).unwrap();
        drop(writer);
        compressed
    }

    fn all(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(bytes).unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
        bare.write_all(bytes).unwrap();
        vec![
            ("gzip", gzip(bytes)),
            ("X-GZIP", gzip(bytes)),
            ("br", brotli(bytes)),
            ("zstd", zstd::encode_all(bytes, 3).unwrap()),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", bare.finish().unwrap()),
        ]
    }

    #[test]
    fn every_coding_gives_the_page_back_and_tells_when_it_was_cut() {
        let page = page();
        for (coding, compressed) in all(&page) {
            let decompressed = decompress(coding, &compressed, LIMIT);
            assert_eq!(
                (&*decompressed.bytes, decompressed.end),
                (&page[..], End::Whole)
            );
            for cut in [compressed.len() / 2, compressed.len() / 3, 30] {
                let decompressed = decompress(coding, &compressed[..cut], LIMIT);
                assert_eq!(decompressed.end, End::Cut, "{coding} at {cut}");
                assert!(page.starts_with(&decompressed.bytes), "{coding} at {cut}");
            }
        }
    }

    #[test]
    fn no_more_comes_out_than_was_asked_for() {
        let bomb = vec![b'a'; LIMIT * 50];
        for (coding, compressed) in all(&bomb) {
            let decompressed = decompress(coding, &compressed, LIMIT);
            assert_eq!(
                (decompressed.bytes.len(), decompressed.end),
                (LIMIT, End::Limit)
            );
        }
        let twice = gzip(&gzip(&bomb));
        let nested = decompress("gzip, gzip", &twice, LIMIT);
        assert_eq!((nested.bytes.len(), nested.end), (LIMIT, End::Limit));
        let plain = decompress("", &bomb, LIMIT);
        assert_eq!((plain.bytes.len(), plain.end), (LIMIT, End::Limit));
        assert!(matches!(
            decompress("gzip,gzip,gzip,gzip", &bomb, LIMIT).end,
            End::Broken(_)
        ));
    }

    #[test]
    fn what_servers_say_and_send_need_not_agree() {
        let page = page();
        let compressed = gzip(&page);
        let padded = [&compressed[..], &[0; 64]].concat();
        let twice = gzip(&compressed);
        for (codings, sent) in [
            ("", &compressed),
            ("utf-8", &page),
            ("identity", &page),
            ("gzip", &padded),
            ("gzip, gzip", &twice),
        ] {
            let decompressed = decompress(codings, sent, LIMIT);
            assert_eq!(
                (&*decompressed.bytes, decompressed.end),
                (&page[..], End::Whole),
                "{codings}"
            );
        }
    }

    #[test]
    fn bytes_behind_the_end_are_ignored() {
        let page = page();
        for behind in [
            &b"\n"[..],
            b"\r\n\r\n",
            b"<!-- cached -->",
            &[0; 7],
            &[0; 4096],
            &[0x1f],
            &[0x1f, 0x8b],
            &[0xff; 20],
        ] {
            let sent = [&gzip(&page)[..], behind].concat();
            let decompressed = decompress("gzip", &sent, LIMIT);
            assert_eq!(
                (&*decompressed.bytes, decompressed.end),
                (&page[..], End::Whole)
            );
        }
        let (head, tail) = page.split_at(page.len() / 3);
        let members = [gzip(head), gzip(tail), b"\n".to_vec()].concat();
        let decompressed = decompress("gzip", &members, LIMIT);
        assert_eq!(
            (&*decompressed.bytes, decompressed.end),
            (&page[..], End::Whole)
        );
        let cut = &members[..members.len() - 200];
        assert_eq!(decompress("gzip", cut, LIMIT).end, End::Cut);
    }

    #[test]
    fn a_missing_check_is_told_from_a_missing_text() {
        let page = page();
        let named = flate2::GzBuilder::new()
            .filename("a.html")
            .comment("c")
            .extra(vec![1, 2, 3])
            .write(Vec::new(), Compression::default());
        let mut named = named;
        named.write_all(&page).unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&page).unwrap();
        for (coding, compressed, trailer) in [
            ("gzip", gzip(&page), 8),
            ("", gzip(&page), 8),
            ("gzip", named.finish().unwrap(), 8),
            ("deflate", zlib.finish().unwrap(), 4),
        ] {
            for missing in [1, trailer - 1, trailer] {
                let decompressed =
                    decompress(coding, &compressed[..compressed.len() - missing], LIMIT);
                let found = (&*decompressed.bytes, decompressed.end);
                assert_eq!(found, (&page[..], End::Unchecked), "{coding} {missing}");
            }
            let decompressed =
                decompress(coding, &compressed[..compressed.len() - trailer - 2], LIMIT);
            assert_eq!(decompressed.end, End::Cut, "{coding}");
        }
    }

    #[test]
    fn what_is_no_coding_is_told() {
        let noise: Vec<u8> = (0..2000u32).map(|i| (i * 7919 % 251) as u8).collect();
        // An uncoded page is refused, too, as browsers do.
        assert!(matches!(
            decompress("gzip", &page(), LIMIT).end,
            End::Broken(_)
        ));
        for coding in ["gzip", "br", "zstd", "deflate"] {
            let end = decompress(coding, &noise, LIMIT).end;
            assert!(
                matches!(end, End::Broken(_) | End::Cut),
                "{coding}: {end:?}"
            );
            let nothing = decompress(coding, b"", LIMIT);
            assert!(nothing.bytes.is_empty(), "{coding}");
        }
    }
}
