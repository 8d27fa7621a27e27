//! The store's errors in the words of the fetcher's host book.
//!
//! Owns this conversion. Never decides what follows from an error.

use crate::fetch::HostBookError;
use crate::store::StoreError;

/// For `map_err`: a fetcher gets the code and the text of the store's error.
pub(super) fn from_store(error: StoreError) -> HostBookError {
    HostBookError {
        reason: error.reason(),
        cause: error.to_string(),
    }
}
