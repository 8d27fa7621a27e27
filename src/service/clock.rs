//! A clock that was set back, and the incident about it.
//!
//! Owns how far back counts. Never changes a time: the store gives every change a later time than
//! the change before.

use chrono::TimeDelta;

use crate::model::Clock;
use crate::store::{Store, StoreError};

/// A clock may be this far behind the last write: smaller corrections are normal.
const BEHIND: TimeDelta = TimeDelta::hours(1);
/// The code of the incident.
const CLOCK_BEHIND: &str = "clock-behind";

/// Opens the incident if the clock is behind the last write, and closes it otherwise.
pub(super) async fn check(store: &Store) -> Result<(), StoreError> {
    let now = Clock::system().now();
    match store.columns().last_written().await? {
        Some(last) if last.plus(-BEHIND) > now => {
            let message = format!(
                "the clock shows {now}, and the store was written at {last} before: see whether the \
                 machine's clock is right; what is collected is kept, told of as later than what was \
                 there, and looked at again once the clock has caught up"
            );
            tracing::warn!(reason = CLOCK_BEHIND, "{message}");
            store
                .incidents()
                .note(now, CLOCK_BEHIND, "clock", &message)
                .await
        }
        _ => {
            // Another process may hold the store's lock, so this writes only if necessary.
            let open = store.incidents().open().await?;
            if open.iter().any(|incident| incident.reason == CLOCK_BEHIND) {
                store.incidents().close(now, CLOCK_BEHIND, "clock").await?;
            }
            Ok(())
        }
    }
}
