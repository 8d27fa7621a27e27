//! Repairing files after a crash.
//!
//! Owns the decision which bytes are cut off: only bytes that the index does not know and that no
//! reader could use. Never cuts a whole record.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::file::WarcFile;
use crate::archive::error::ArchiveError;
use crate::archive::members::{Break, Members};
use crate::archive::place::Repair;

/// Checks whether the file ends with a whole record, and cuts off the rest of an incomplete one.
/// The index knows the file to be whole up to `known`. `None` if the file needed no repair.
pub(super) fn repair(
    file: &mut WarcFile,
    known: Option<u64>,
) -> Result<Option<Repair>, ArchiveError> {
    let length = file.end();
    let verdict = judge(file.file(), length, known)
        .map_err(|source| ArchiveError::read(file.path(), source))?;
    let mut repair = Repair {
        file: file.name().to_owned(),
        cut_bytes: 0,
        set_aside: false,
    };
    match verdict {
        Ending::Whole => return Ok(None),
        Ending::CutAt(end) => {
            file.cut_at(end)?;
            repair.cut_bytes = length - end;
            tracing::warn!(
                file = %repair.file, cut_bytes = repair.cut_bytes,
                "an archive file ended in the middle of a record, which was cut off"
            );
        }
        Ending::SetAside => {
            repair.set_aside = true;
            tracing::warn!(
                file = %repair.file,
                "an archive file is damaged and is not continued; put it back from a backup"
            );
        }
    }
    Ok(Some(repair))
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
        // Before anything is cut, the file is read from its beginning, in case the index is wrong.
        (end, broken) = whole_until(file, 0)?;
    }
    // Records that the index knows are missing. New records must not take their places.
    if known.is_some_and(|known| end < known) {
        return Ok(Ending::SetAside);
    }
    Ok(match broken {
        None => Ending::Whole,
        Some(Break::Torn) => Ending::CutAt(end),
        // A power cut leaves a file with its new length and the old bytes of the disk, or zeros.
        // The index does not know these bytes.
        Some(Break::Damaged) if known.is_some() || is_zeros(file, end)? => Ending::CutAt(end),
        Some(Break::Damaged) => Ending::SetAside,
    })
}

/// The end of the last whole member, read from `offset` on, and the damage behind it.
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
