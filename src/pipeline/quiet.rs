//! Lists that are far shorter than ever, and columns that are silent for far longer.
//!
//! Owns what is learned of lengths and pauses. Both may be as the portal wants it: they are told, and
//! nothing follows from them.

use std::collections::BTreeMap;

use super::collect::Collector;
use super::drift::{ACCEPTED, Drift, LIST};
use super::report::ColumnReport;
use crate::config::Column;
use crate::model::Timestamp;
use crate::store::StoreError;

/// The code of an incident: the first page lists far less than ever.
const LIST_SHRUNK: &str = "list-shrunk";
/// The code of an incident: nothing new for far longer than ever.
const SILENT: &str = "silent";

/// Lengths of a list that say how long it usually is, and the least length that can shrink.
const MIN_LENGTHS: usize = 3;
const MIN_ITEMS: i64 = 6;
/// A list that has less than this part of what it always had has shrunk.
const PART: i64 = 3;
/// Pauses between days with news that say how long they usually are.
const MIN_PAUSES: usize = 10;
const PAUSES: usize = 20;
/// A pause so many times as long as the longest, and of so many days, is silence.
const TIMES: i64 = 3;
const MIN_SILENCE: i64 = 14;

impl Collector {
    /// A first page that lists far less than it ever did is read as it is, and told. One that is
    /// not modified is as it was.
    pub(super) async fn note_list(
        &self,
        column: &Column,
        drift: &Drift,
        since: &mut BTreeMap<String, Timestamp>,
        report: &mut ColumnReport,
    ) -> Result<(), StoreError> {
        let (name, url) = (&column.name, column.url.as_str());
        let (now, began) = (self.clock.now(), drift.since.get(LIST).copied());
        if began.is_some_and(|began| began.plus(ACCEPTED) <= now) {
            self.store.columns().forget_list_lengths(name).await?;
        } else if let (Some(began), None) = (began, report.first_page_items) {
            since.insert(LIST.to_owned(), began);
            report.noted.push(LIST_SHRUNK);
        }
        let Some(items) = report.first_page_items else {
            return Ok(());
        };
        let lengths = self.store.columns().list_lengths(name, url).await?;
        let least = lengths.iter().min().copied().unwrap_or(0);
        let has_shrunk = lengths.len() >= MIN_LENGTHS
            && least >= MIN_ITEMS
            && i64::try_from(items).is_ok_and(|items| items * PART < least);
        if !has_shrunk {
            return self
                .store
                .columns()
                .note_list_length(name, url, items)
                .await;
        }
        let began = began.unwrap_or(now);
        since.insert(LIST.to_owned(), began);
        let message = format!(
            "{url} lists {items} items since {began}, and never listed fewer than {least} when it was \
             read the last {} times; what it leaves out is missed. See whether the portal shows more \
             there, and name the items under [list] in the feed file; after seven days it counts as \
             usual",
            lengths.len()
        );
        self.note(column, LIST_SHRUNK, &message, report).await
    }

    /// A column that is silent for far longer than it ever was may have moved.
    pub(super) async fn note_silence(
        &self,
        column: &Column,
        report: &mut ColumnReport,
    ) -> Result<(), StoreError> {
        let today = self.clock.now().date();
        let days = self
            .store
            .columns()
            .listed_days(&column.name, today, PAUSES + 2);
        let mut days = days.await?;
        // The oldest may be that of an item which is pinned on top, long before the others.
        days.pop();
        let pauses = days.windows(2).filter_map(|pair| match pair {
            [later, earlier] => Some((*later - *earlier).num_days()),
            _ => None,
        });
        let (Some(longest), Some(newest)) = (pauses.max(), days.first()) else {
            return Ok(());
        };
        let state = self
            .store
            .columns()
            .state(&column.name, column.url.as_str())
            .await?;
        // What came late is news all the same.
        let seen = state.last_new_at.map_or(*newest, Timestamp::date);
        let last = seen.max(*newest);
        let silence = (today - last).num_days();
        let is_known = days.len() > MIN_PAUSES;
        if !is_known || report.new > 0 || silence < MIN_SILENCE || silence <= longest * TIMES {
            return Ok(());
        }
        let message = format!(
            "{}: nothing new since {last}, for {silence} days, where the longest pause among the \
             last {} was one of {longest}. See whether the portal goes on elsewhere; this is over \
             with the next article",
            column.url,
            days.len() - 1
        );
        self.note(column, SILENT, &message, report).await
    }
}
