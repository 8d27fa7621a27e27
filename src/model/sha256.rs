//! The text form of SHA-256.
//!
//! Owns its hex digits. Never reads a file.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// The hash as lower-case hex.
pub fn sha256_hex(hash: Sha256) -> String {
    hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
