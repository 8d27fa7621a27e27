//! A text in parts that mostly stay as they are when the text changes.
//!
//! Owns the places where a part ends. Never decides them.

/// A text and the places where its parts end. What stands behind the last one is a part, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parted {
    /// The text.
    pub bytes: Vec<u8>,
    /// Where parts end, in rising order.
    pub ends: Vec<usize>,
}

impl Parted {
    /// An empty text with room for so many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            ends: Vec::new(),
        }
    }

    /// Adds to the text.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Ends a part here.
    pub(super) fn end_part(&mut self) {
        self.ends.push(self.bytes.len());
    }
}
