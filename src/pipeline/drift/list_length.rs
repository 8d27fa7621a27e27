//! Lists that are far shorter than ever before.
//!
//! Owns the lengths that are learned. A short list may be the portal's intention: it is reported,
//! and nothing else follows from it. Never holds anything back.

use super::judge::ACCEPTED;
use crate::config::Column;
use crate::model::Timestamp;
use crate::store::{Store, StoreError};

/// Earlier lengths that are needed before a list can be short.
const MIN_LENGTHS: usize = 3;
/// A list that once had fewer items cannot be short.
const MIN_ITEMS: i64 = 6;
/// A list is short with less than this fraction of its least length.
const PART: i64 = 3;

/// How long a column's first list page is.
pub(in crate::pipeline) enum ListLength {
    /// As usual, or it was not read.
    Usual,
    /// It was not read, and was short before.
    StillShort {
        /// Since when.
        since: Timestamp,
    },
    /// It is short.
    Short {
        /// Since when.
        since: Timestamp,
        /// The same in words, with the remedy.
        message: String,
    },
}

impl ListLength {
    /// Compares the number of items on the first page with the earlier ones, and remembers it
    /// unless it is short. A page that was not modified counts as before. `began` is when the list
    /// became short.
    pub(in crate::pipeline) async fn learn(
        store: &Store,
        column: &Column,
        now: Timestamp,
        began: Option<Timestamp>,
        items: Option<usize>,
    ) -> Result<Self, StoreError> {
        let (name, url) = (&column.name, column.url.as_str());
        let is_accepted = began.is_some_and(|began| began.plus(ACCEPTED) <= now);
        if is_accepted {
            store.columns().forget_list_lengths(name).await?;
        }
        let Some(items) = items else {
            return Ok(match began {
                Some(since) if !is_accepted => Self::StillShort { since },
                _ => Self::Usual,
            });
        };
        let lengths = store.columns().list_lengths(name, url).await?;
        let least = lengths.iter().min().copied().unwrap_or(0);
        let is_short = lengths.len() >= MIN_LENGTHS
            && least >= MIN_ITEMS
            && i64::try_from(items).is_ok_and(|items| items * PART < least);
        if !is_short {
            store.columns().note_list_length(name, url, items).await?;
            return Ok(Self::Usual);
        }
        let since = began.unwrap_or(now);
        let message = format!(
            "{url} lists {items} items since {since}, and never listed fewer than {least} when it was \
             read the last {} times; what it leaves out is missed. See whether the portal shows more \
             there, and name the items under [list] in the feed file; after seven days it counts as \
             usual",
            lengths.len()
        );
        Ok(Self::Short { since, message })
    }
}
