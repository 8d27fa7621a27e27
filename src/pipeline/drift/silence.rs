//! Columns that are silent for far longer than ever before.
//!
//! Owns the pauses that are learned. Silence may be the portal's intention: it is reported, and
//! nothing else follows from it. Never holds anything back.

use chrono::{NaiveDate, TimeDelta};

use crate::config::Column;
use crate::model::Timestamp;
use crate::store::{Store, StoreError};

/// Pauses between days with news that are needed before a column can be silent.
const MIN_PAUSES: usize = 10;
/// The newest pauses, which are compared.
const PAUSES: usize = 20;
/// A pause is silence if it is longer than the longest one by this factor,
const TIMES: i64 = 3;
/// and has at least this many days.
const MIN_SILENCE: i64 = 14;

/// When a column without news counts as silent.
pub(in crate::pipeline) struct Silence {
    /// The first day on which it does, unless it has news before.
    pub(in crate::pipeline) begins_on: NaiveDate,
    /// Whether it does today: a message with the remedy.
    pub(in crate::pipeline) message: Option<String>,
}

/// When a column counts as silent for far longer than ever before: it may have moved. `is_news` if
/// something new was found today.
pub(in crate::pipeline) async fn silence(
    store: &Store,
    column: &Column,
    today: NaiveDate,
    is_news: bool,
) -> Result<Silence, StoreError> {
    let never = Silence {
        begins_on: NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX),
        message: None,
    };
    let days = store.columns().listed_days(&column.name, today, PAUSES + 2);
    let mut days = days.await?;
    // The oldest day may be that of a pinned item, long before the others.
    days.pop();
    let pauses = days.windows(2).filter_map(|pair| match pair {
        [later, earlier] => Some((*later - *earlier).num_days()),
        _ => None,
    });
    let (Some(longest), Some(newest)) = (pauses.max(), days.first()) else {
        return Ok(never);
    };
    if days.len() <= MIN_PAUSES {
        return Ok(never);
    }
    let state = store
        .columns()
        .state(&column.name, column.url.as_str())
        .await?;
    // An article that came late is news, too.
    let seen = match is_news {
        true => today,
        false => state.last_new_at.map_or(*newest, Timestamp::date),
    };
    let last = seen.max(*newest);
    let length = TimeDelta::days(MIN_SILENCE.max(longest * TIMES + 1));
    let begins_on = last.checked_add_signed(length).unwrap_or(never.begins_on);
    let days_silent = (today - last).num_days();
    let message = (begins_on <= today).then(|| {
        format!(
            "{}: nothing new since {last}, for {days_silent} days, where the longest pause among \
             the last {} was one of {longest}. See whether the portal goes on elsewhere; this is \
             over with the next article",
            column.url,
            days.len() - 1
        )
    });
    Ok(Silence { begins_on, message })
}
