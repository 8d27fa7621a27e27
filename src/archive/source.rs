//! A file of the archive as it is read, wherever it is.
//!
//! Owns this interface. Never knows what is in the file.

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};

/// A file that is read.
pub(super) trait Source: Read + Seek + Send + fmt::Debug {
    /// Its length.
    fn length(&mut self) -> io::Result<u64>;
}

impl Source for File {
    fn length(&mut self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}

impl<T: AsRef<[u8]> + Send + fmt::Debug> Source for Cursor<T> {
    fn length(&mut self) -> io::Result<u64> {
        Ok(self.get_ref().as_ref().len() as u64)
    }
}
