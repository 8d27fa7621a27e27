//! Dumps: all articles of a column and month as gzipped NDJSON.
//!
//! Owns the form of a dump. The gzip header (RFC 1952) has no name and no time: the same articles
//! give the same bytes. Never holds more than one article in memory.

use std::io::{self, Write};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

use crate::model::Article;

/// A dump that is being written.
#[derive(Debug)]
pub struct Dump<W: Write> {
    gzip: GzEncoder<W>,
}

impl<W: Write> Dump<W> {
    /// Begins a dump.
    pub fn new(out: W) -> Self {
        let header = GzBuilder::new().mtime(0).operating_system(255);
        Self {
            gzip: header.write(out, Compression::default()),
        }
    }

    /// Adds an article as one line of JSON.
    pub fn push(&mut self, article: &Article) -> io::Result<()> {
        serde_json::to_writer(&mut self.gzip, article)?;
        self.gzip.write_all(b"\n")
    }

    /// Ends the dump and returns the writer.
    pub fn finish(self) -> io::Result<W> {
        self.gzip.finish()
    }
}
