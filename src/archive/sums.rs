//! Whether a file of the archive is as it was written.
//!
//! Owns the ways in which it may not be: missing, shorter, altered, unreadable. Reads it once, and
//! never repairs it.

use std::fmt;
use std::io;

use sha2::{Digest, Sha256};

use super::error::bucket_remedy;
use super::members::Members;
use super::source::Source;
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
    /// What an error of opening or reading says of a file.
    pub(super) fn of(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Failed(error),
        }
    }

    /// Whether the place does not answer: that says nothing about the file.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Failed(error) if bucket_remedy(error).is_some())
    }

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
pub(super) fn check(
    source: &mut dyn Source,
    end: u64,
    known: Option<(u64, &str)>,
) -> Result<String, FileDamage> {
    let has = source.length().map_err(FileDamage::of)?;
    let end = end.max(known.map_or(0, |(bytes, _)| bytes));
    if has < end {
        return Err(FileDamage::Shorter { has, end });
    }
    let from = known.map_or(0, |(bytes, _)| bytes);
    let (first, all) = hashes(source, from, end).map_err(FileDamage::of)?;
    if known.is_some_and(|(_, hash)| hash != first) {
        let at = broken_record(source, 0, end).map_err(FileDamage::of)?;
        return Err(FileDamage::Altered { at });
    }
    match broken_record(source, from, end).map_err(FileDamage::of)? {
        Some(at) => Err(FileDamage::Unreadable { at }),
        None => Ok(all),
    }
}

/// The hashes of the first bytes, and of all up to `end`.
fn hashes(file: &mut dyn Source, first: u64, end: u64) -> io::Result<(String, String)> {
    file.rewind()?;
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
fn broken_record(file: &mut dyn Source, from: u64, end: u64) -> io::Result<Option<u64>> {
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
