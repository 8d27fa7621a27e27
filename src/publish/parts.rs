//! A gzip file of which only the parts that changed are compressed.
//!
//! Owns its form: one member (RFC 1952), whose parts are compressed each for itself, and an index of
//! them in the header's extra field. A part has the same bytes wherever it stands, so a file of kept
//! parts is equal to one that is compressed whole. Never writes a file.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::ops::Range;

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// Deflate, an extra field, no time, no system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff];
/// The subfield of the index.
const NAME: [u8; 2] = *b"DI";
/// An entry of the index: four numbers of four bytes.
const ENTRY: usize = 16;
/// The most parts. An extra field has no room for more entries; what is left is one part.
const MOST: usize = 4_000;
/// The end of deflated data: an empty block, the last one.
const LAST: [u8; 2] = [3, 0];

/// One part: the lengths and checksums of its text and of its compressed bytes.
#[derive(Clone, Copy)]
struct Part {
    plain: u32,
    plain_crc: u32,
    coded: u32,
    coded_crc: u32,
}

/// A file with its compressed parts, before it changes.
pub(super) struct Kept<'a> {
    plain: Cow<'a, [u8]>,
    coded: Vec<u8>,
    /// By length and checksum of the text.
    parts: HashMap<(u32, u32), Place>,
}

/// Where a part stands: its text, and its compressed bytes with their checksum.
struct Place {
    plain: Range<usize>,
    coded: Range<usize>,
    coded_crc: u32,
}

impl<'a> Kept<'a> {
    /// The parts of a text and of its file; none of a file of another form.
    pub(super) fn new(plain: Cow<'a, [u8]>, coded: Vec<u8>) -> Self {
        let mut parts = HashMap::new();
        let index = index(&coded).unwrap_or_default();
        let mut at = (0, HEAD.len() + 2 + NAME.len() + 2 + index.len() * ENTRY);
        for part in index {
            let to = (at.0 + part.plain as usize, at.1 + part.coded as usize);
            let place = Place {
                plain: at.0..to.0,
                coded: at.1..to.1,
                coded_crc: part.coded_crc,
            };
            parts.insert((part.plain, part.plain_crc), place);
            at = to;
        }
        Self {
            plain,
            coded,
            parts,
        }
    }

    /// The compressed bytes of a part with this text, if they are undamaged.
    fn coded(&self, text: &[u8], length: u32, crc: u32) -> Option<(&[u8], u32)> {
        let place = self.parts.get(&(length, crc))?;
        let coded = self.coded.get(place.coded.clone())?;
        let is_it = self.plain.get(place.plain.clone())? == text
            && checksum(coded).sum() == place.coded_crc;
        is_it.then_some((coded, place.coded_crc))
    }
}

/// The index in a file's header.
fn index(coded: &[u8]) -> Option<Vec<Part>> {
    let rest = coded.strip_prefix(&HEAD)?;
    let (length, rest) = rest.split_first_chunk()?;
    let field = rest.get(..usize::from(u16::from_le_bytes(*length)))?;
    let entries = field.strip_prefix(&NAME)?.get(2..)?;
    let number = |entry: &[u8], at: usize| -> Option<u32> {
        let bytes = entry.get(4 * at..4 * at + 4)?.try_into().ok()?;
        Some(u32::from_le_bytes(bytes))
    };
    let parts = entries.chunks_exact(ENTRY).map(|entry| {
        Some(Part {
            plain: number(entry, 0)?,
            plain_crc: number(entry, 1)?,
            coded: number(entry, 2)?,
            coded_crc: number(entry, 3)?,
        })
    });
    parts.collect()
}

/// Compresses a text that has parts up to these ends. Compressed parts that stay are taken as they
/// are.
pub(super) fn compress(
    text: &[u8],
    ends: &[usize],
    level: Compression,
    kept: Option<&Kept<'_>>,
) -> io::Result<Vec<u8>> {
    let (mut index, mut data, mut whole) = (Vec::new(), Vec::new(), Crc::new());
    let mut deflate = Compress::new(level, false);
    let mut begin = 0;
    let ends = ends.iter().copied().take(MOST - 1);
    for end in ends.chain([text.len()]) {
        let Some(part) = text.get(begin..end).filter(|part| !part.is_empty()) else {
            continue;
        };
        begin = end;
        let crc = checksum(part);
        whole.combine(&crc);
        let length = u32::try_from(part.len()).map_err(io::Error::other)?;
        let (coded, coded_crc) = match kept.and_then(|kept| kept.coded(part, length, crc.sum())) {
            Some((coded, crc)) => {
                data.extend_from_slice(coded);
                (coded.len(), crc)
            }
            None => {
                let from = data.len();
                deflate.reset();
                deflate_part(&mut deflate, part, &mut data)?;
                let coded = data.get(from..).unwrap_or_default();
                (coded.len(), checksum(coded).sum())
            }
        };
        let coded = u32::try_from(coded).map_err(io::Error::other)?;
        index.extend([length, crc.sum(), coded, coded_crc]);
    }
    let index: Vec<u8> = index.into_iter().flat_map(u32::to_le_bytes).collect();
    // The index has at most `MOST` entries, for which these lengths suffice.
    let length = u16::try_from(index.len()).map_err(io::Error::other)?;
    let mut file = HEAD.to_vec();
    file.extend((length + 4).to_le_bytes());
    file.extend(NAME);
    file.extend(length.to_le_bytes());
    file.extend(index);
    file.append(&mut data);
    file.extend(LAST);
    file.extend(whole.sum().to_le_bytes());
    file.extend(whole.amount().to_le_bytes());
    Ok(file)
}

/// Compresses one part so that it depends on nothing before it, and ends on a whole byte.
fn deflate_part(deflate: &mut Compress, part: &[u8], to: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let taken = usize::try_from(deflate.total_in()).unwrap_or(usize::MAX);
        let left = part.get(taken..).unwrap_or_default();
        to.reserve(left.len() / 4 + 1024);
        let status = deflate
            .compress_vec(left, to, FlushCompress::Full)
            .map_err(io::Error::other)?;
        let is_all = deflate.total_in() == part.len() as u64;
        // Room that is left says that the flush is complete, too.
        if (is_all && to.len() < to.capacity()) || status == Status::StreamEnd {
            return Ok(());
        }
    }
}

fn checksum(bytes: &[u8]) -> Crc {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn text(numbers: impl IntoIterator<Item = u32>) -> (Vec<u8>, Vec<usize>) {
        let (mut text, mut ends) = (Vec::new(), Vec::new());
        for number in numbers {
            let word = format!(
                "第{number}号通知，{}。",
                "办理结果".repeat(number as usize % 40)
            );
            text.extend(word.repeat(number as usize % 9).as_bytes());
            if number % 7 == 0 {
                ends.push(text.len());
            }
        }
        (text, ends)
    }

    fn compressed(parted: &(Vec<u8>, Vec<usize>), kept: Option<&Kept<'_>>) -> Vec<u8> {
        let (text, ends) = parted;
        let file = compress(text, ends, Compression::new(2), kept).unwrap();
        let mut read = Vec::new();
        let mut gzip = flate2::read::GzDecoder::new(&file[..]);
        gzip.read_to_end(&mut read).unwrap();
        assert!(read == *text, "it does not read back");
        assert!(gzip.into_inner().is_empty(), "it is one member");
        file
    }

    #[test]
    fn a_file_of_kept_parts_is_equal_to_one_that_is_compressed_whole() {
        let of = |from, to| text((from..to).rev());
        let before = of(100, 900);
        let kept = Kept::new(before.0.clone().into(), compressed(&before, None));
        assert_eq!(kept.parts.len(), before.1.len() + 1);
        for now in [
            of(100, 901),
            of(130, 940),
            of(0, 3),
            of(0, 0),
            before.clone(),
        ] {
            assert_eq!(compressed(&now, Some(&kept)), compressed(&now, None));
        }
    }

    #[test]
    fn a_damaged_part_or_a_file_of_another_form_is_not_kept() {
        let before = text(100..900);
        let whole = compressed(&before, None);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), Compression::new(2));
        io::Write::write_all(&mut gzip, &before.0).unwrap();
        let mut others = vec![gzip.finish().unwrap(), Vec::new(), whole[..40].to_vec()];
        for at in (0..whole.len()).step_by(97) {
            let mut damaged = whole.clone();
            damaged[at] ^= 4;
            others.push(damaged);
        }
        for other in others {
            let kept = Kept::new(before.0.clone().into(), other);
            assert_eq!(compressed(&before, Some(&kept)), whole);
            let kept = Kept::new(text(101..901).0.into(), whole.clone());
            assert_eq!(compressed(&before, Some(&kept)), whole);
        }
    }
}
