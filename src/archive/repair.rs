//! Mending what a crash left.
//!
//! Owns the decision what of a file may be cut off: only what the index does not know, and what
//! no reader could use. Never cuts a whole record.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::error::ArchiveError;
use super::file::WarcFile;
use super::members::{Break, Members};

/// A file that was not as its writer should have left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// The file's name.
    pub file: String,
    /// How many bytes after the last whole record were cut off.
    pub cut_bytes: u64,
    /// Nothing was cut off, since records that are known, or may be whole, would have gone too.
    /// The file stays as it is, sealed.
    pub set_aside: bool,
}

/// Sees whether the file ends with a whole record, and cuts off what does not belong to one.
/// `known` is how far the index knows the file to be whole. `None`: all is well.
pub(super) fn mend(
    file: &mut WarcFile,
    known: Option<u64>,
) -> Result<Option<Mended>, ArchiveError> {
    let length = file.end();
    let verdict = judge(file.file(), length, known)
        .map_err(|source| ArchiveError::read(file.path(), source))?;
    let mut mended = Mended {
        file: file.name().to_owned(),
        cut_bytes: 0,
        set_aside: false,
    };
    match verdict {
        Ending::Whole => return Ok(None),
        Ending::CutAt(end) => {
            file.cut_at(end)?;
            mended.cut_bytes = length - end;
            tracing::warn!(
                file = %mended.file, cut_bytes = mended.cut_bytes,
                "an archive file ended in the middle of a record, which was cut off"
            );
        }
        Ending::SetAside => {
            mended.set_aside = true;
            tracing::warn!(
                file = %mended.file,
                "an archive file is damaged and is not continued; put it back from a backup"
            );
        }
    }
    Ok(Some(mended))
}

enum Ending {
    Whole,
    CutAt(u64),
    SetAside,
}

fn judge(file: &File, length: u64, known: Option<u64>) -> io::Result<Ending> {
    if length == 0 {
        return Ok(match known {
            None | Some(0) => Ending::Whole,
            Some(_) => Ending::SetAside,
        });
    }
    let from = known.filter(|&known| known <= length).unwrap_or(0);
    let (mut end, mut broken) = whole_until(file, from)?;
    if broken.is_some() && from > 0 {
        // Before anything is cut, the index must be right: where it says, a record ends.
        (end, broken) = whole_until(file, 0)?;
    }
    // Records that the index knows are missing. What would be written instead must not stand
    // where they stood.
    if known.is_some_and(|known| end < known) {
        return Ok(Ending::SetAside);
    }
    Ok(match broken {
        None => Ending::Whole,
        Some(Break::Torn) => Ending::CutAt(end),
        // A power cut leaves a file with its new length and the old bytes of the disk, or zeros.
        // The index has not heard of them.
        Some(Break::Damaged) if known.is_some() || is_zeros(file, end)? => Ending::CutAt(end),
        Some(Break::Damaged) => Ending::SetAside,
    })
}

/// Where the last whole member ends, from `offset` on, and what is wrong after it.
fn whole_until(file: &File, offset: u64) -> io::Result<(u64, Option<Break>)> {
    let mut members = Members::new(file, offset)?;
    loop {
        match members.next(&mut io::sink()) {
            Ok(Some(())) => {}
            Ok(None) => return Ok((members.at(), None)),
            Err(error) => {
                let broken = Break::from_error(&error).ok_or(error)?;
                return Ok((members.at(), Some(broken)));
            }
        }
    }
}

fn is_zeros(mut file: &File, offset: u64) -> io::Result<bool> {
    file.seek(SeekFrom::Start(offset))?;
    for byte in BufReader::new(file).bytes() {
        if byte? != 0 {
            return Ok(false);
        }
    }
    Ok(true)
}
