//! Whether a file of the archive is as it was written.
//!
//! Owns the ways in which it may not be: missing, shorter, altered, unreadable. Reads it once, and
//! never repairs it.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::members::Members;
use crate::model::sha256_hex;

/// What is wrong with a file.
#[derive(Debug)]
pub enum FileDamage {
    /// It is not in the folder.
    Missing,
    /// It has fewer bytes than were written.
    Shorter {
        /// Its bytes.
        has: u64,
        /// The bytes that were written.
        end: u64,
    },
    /// Its bytes are others than before.
    Altered {
        /// The first record that cannot be read; `None` where all can, and only a header differs.
        at: Option<u64>,
    },
    /// A record cannot be read.
    Unreadable {
        /// Where it begins.
        at: u64,
    },
    /// The system cannot read it.
    Failed(io::Error),
}

impl FileDamage {
    /// The place of the damage, if it is known.
    pub fn at(&self) -> Option<u64> {
        match self {
            Self::Altered { at } => *at,
            Self::Unreadable { at } => Some(*at),
            Self::Shorter { has, .. } => Some(*has),
            Self::Missing | Self::Failed(_) => None,
        }
    }
}

impl fmt::Display for FileDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "is missing"),
            Self::Shorter { has, end } => write!(f, "has {has} bytes, and {end} were written"),
            Self::Altered { at: None } => {
                write!(
                    f,
                    "was altered in the head of a record; all pages in it can be read"
                )
            }
            Self::Altered { at: Some(at) } => {
                write!(f, "was altered: the record at byte {at} cannot be read")
            }
            Self::Unreadable { at } => write!(f, "has a record at byte {at} that cannot be read"),
            Self::Failed(cause) => write!(f, "cannot be read: {cause}"),
        }
    }
}

/// Reads the first `end` bytes of a file, compares the hash of the first of them with the `known`
/// one, and unpacks the records behind those. Returns the hash of all.
pub fn check_file(
    folder: &Path,
    file: &str,
    end: u64,
    known: Option<(u64, &str)>,
) -> Result<String, FileDamage> {
    let path = folder.join(file);
    let opened = File::open(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => FileDamage::Missing,
        _ => FileDamage::Failed(error),
    })?;
    let has = opened.metadata().map_err(FileDamage::Failed)?.len();
    let end = end.max(known.map_or(0, |(bytes, _)| bytes));
    if has < end {
        return Err(FileDamage::Shorter { has, end });
    }
    let (first, all) =
        hashes(&opened, known.map_or(0, |(bytes, _)| bytes), end).map_err(FileDamage::Failed)?;
    if known.is_some_and(|(_, hash)| hash != first) {
        let at = broken_record(&opened, 0, end).map_err(FileDamage::Failed)?;
        return Err(FileDamage::Altered { at });
    }
    let from = known.map_or(0, |(bytes, _)| bytes);
    match broken_record(&opened, from, end).map_err(FileDamage::Failed)? {
        Some(at) => Err(FileDamage::Unreadable { at }),
        None => Ok(all),
    }
}

/// The hashes of the first bytes, and of all up to `end`.
fn hashes(mut file: &File, first: u64, end: u64) -> io::Result<(String, String)> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    let mut read_to = |hash: &mut Sha256, mut left: u64| {
        while left > 0 {
            let most = usize::try_from(left)
                .unwrap_or(usize::MAX)
                .min(buffer.len());
            let read = file.read(&mut buffer[..most])?;
            if read == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            }
            hash.update(&buffer[..read]);
            left -= read as u64;
        }
        Ok(())
    };
    read_to(&mut hash, first)?;
    let of_first = sha256_hex(hash.clone());
    read_to(&mut hash, end - first)?;
    Ok((of_first, sha256_hex(hash)))
}

/// The first record from `from` on that cannot be unpacked.
fn broken_record(file: &File, from: u64, end: u64) -> io::Result<Option<u64>> {
    let mut members = Members::new(file, from)?;
    while members.at() < end {
        match members.next(&mut io::sink()) {
            Ok(Some(())) => (),
            Ok(None) => return Ok(Some(members.at())),
            Err(error) => {
                return match super::members::Break::from_error(&error) {
                    Some(_) => Ok(Some(members.at())),
                    None => Err(error),
                };
            }
        }
    }
    Ok(None)
}
