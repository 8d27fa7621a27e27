//! Dumps: all articles of a column and month as gzipped NDJSON, in members of some articles each.
//!
//! Owns the form of a dump. A dump grows behind its complete members, which stay as they are. The
//! gzip headers (RFC 1952) have no name and no time: the same articles give the same bytes. Never
//! holds more than one member in memory.

use std::io::{self, Read, Seek, SeekFrom, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// The articles of a member; the last one may have fewer.
pub const MEMBER: u64 = 20;

/// How a member's header begins: deflate, an extra field, no time, no system; the field has 12 bytes,
/// and one subfield of ours with 8: the member's length and the number of its articles.
const HEAD: [u8; 16] = *b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x0c\0DB\x08\0";
/// The length of a header, and of a trailer.
const HEADER: usize = HEAD.len() + 8;
const TRAILER: usize = 8;

/// A dump that is being written.
#[derive(Debug)]
pub struct Dump<W: Write> {
    out: W,
    /// The lines of the next member.
    lines: Vec<u8>,
    articles: u64,
    is_begun: bool,
}

impl<W: Write> Dump<W> {
    /// Begins a dump, or continues one behind complete members.
    pub fn new(out: W) -> Self {
        Self {
            out,
            lines: Vec::new(),
            articles: 0,
            is_begun: false,
        }
    }

    /// Adds an article, which is JSON, as one line.
    pub fn push(&mut self, article: &str) -> io::Result<()> {
        if self.articles == MEMBER {
            self.end_member()?;
        }
        self.lines.extend_from_slice(article.as_bytes());
        self.lines.push(b'\n');
        self.articles += 1;
        Ok(())
    }

    /// Ends the dump and returns the writer.
    pub fn finish(mut self) -> io::Result<W> {
        if self.articles > 0 || !self.is_begun {
            self.end_member()?;
        }
        Ok(self.out)
    }

    fn end_member(&mut self) -> io::Result<()> {
        let mut member = HEAD.to_vec();
        member.resize(HEADER, 0);
        let mut encoder = DeflateEncoder::new(member, Compression::default());
        encoder.write_all(&self.lines)?;
        let mut member = encoder.finish()?;
        let mut crc = Crc::new();
        crc.update(&self.lines);
        member.extend(crc.sum().to_le_bytes());
        member.extend(crc.amount().to_le_bytes());
        let length = member.len() as u64;
        if let Some(place) = member.get_mut(HEAD.len()..HEADER) {
            place.copy_from_slice(&field(length, self.articles)?);
        }
        self.lines.clear();
        (self.articles, self.is_begun) = (0, true);
        self.out.write_all(&member)
    }
}

/// What the header's subfield has.
fn field(length: u64, articles: u64) -> io::Result<[u8; 8]> {
    let length = u32::try_from(length).map_err(io::Error::other)?;
    let articles = u32::try_from(articles).map_err(io::Error::other)?;
    Ok((u64::from(articles) << 32 | u64::from(length)).to_le_bytes())
}

/// The length of the complete members of a dump that hold no more than its first `articles`, and the
/// number of theirs. Nothing is complete in a dump of another form.
pub fn complete(dump: &mut (impl Read + Seek), articles: u64) -> io::Result<(u64, u64)> {
    let members = articles / MEMBER;
    let end = dump.seek(SeekFrom::End(0))?;
    let mut at = 0;
    for _ in 0..members {
        dump.seek(SeekFrom::Start(at))?;
        let mut header = [0; HEADER];
        let is_whole = dump.read_exact(&mut header).is_ok();
        let length = match header.split_first_chunk() {
            Some((&HEAD, field)) if is_whole => field.try_into().map_or(0, u64::from_le_bytes),
            _ => 0,
        };
        let (length, held) = (length & u64::from(u32::MAX), length >> 32);
        at += length;
        if held != MEMBER || length < (HEADER + TRAILER) as u64 || at > end {
            return Ok((0, 0));
        }
    }
    Ok((at, members * MEMBER))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dump(articles: std::ops::Range<u64>, before: &[u8]) -> Vec<u8> {
        let mut dump = Dump::new(before.to_vec());
        for number in articles {
            dump.push(&format!("{{\"title\":\"第{number}号\"}}"))
                .unwrap();
        }
        dump.finish().unwrap()
    }

    #[test]
    fn a_dump_continues_behind_its_complete_members() {
        for (before, now) in [(0, 1), (1, 20), (20, 21), (47, 61), (60, 60), (61, 62)] {
            let (before, whole) = (dump(0..before, &[]), dump(0..now, &[]));
            for known in [0, 19, 20, 40, 59, 60] {
                let found = complete(&mut io::Cursor::new(&before), known).unwrap();
                let (bytes, articles) = found;
                assert_eq!(articles % MEMBER, 0);
                assert!(articles <= known);
                let kept = &before[..usize::try_from(bytes).unwrap()];
                if articles < now {
                    assert_eq!(dump(articles..now, kept), whole);
                }
            }
        }
        let many = dump(0..61, &[]);
        let kept = |known| complete(&mut io::Cursor::new(&many), known).unwrap().1;
        assert_eq!([19, 20, 61].map(kept), [0, 20, 60]);
    }

    #[test]
    fn of_a_dump_of_another_form_nothing_is_complete() {
        let mut other = flate2::write::GzEncoder::new(Vec::new(), Compression::default());
        other.write_all(&[b'x'; 1000]).unwrap();
        let (other, cut) = (other.finish().unwrap(), dump(0..30, &[]));
        for bytes in [&[][..], &other, &cut[..100], &[b'D'; 200]] {
            let found = complete(&mut io::Cursor::new(bytes), 20).unwrap();
            assert_eq!(found, (0, 0));
        }
    }
}
