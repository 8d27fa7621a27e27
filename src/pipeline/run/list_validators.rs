//! Whether a list's "not modified" can be trusted.
//!
//! Owns when a list is asked for without validators, when an answer counts as "not modified" too, and
//! what counts as a lie: the items differ from those of the answer to which the validators belong,
//! although the portal says that nothing has changed. Never reads a list.

use chrono::{DateTime, TimeDelta};
use sha2::{Digest, Sha256};

use super::state::Run;
use crate::extract::Item;
use crate::fetch::{Fetched, Page, Validators};
use crate::identify::without_tokens;
use crate::model::{Timestamp, sha256_hex};
use crate::pipeline::drift;
use crate::pipeline::reading::RunError;
use crate::store::ListMemory;

/// A list is asked for without validators after this many hours: once a day, with room for a
/// timetable's jitter.
const WHOLE_AFTER: TimeDelta = TimeDelta::hours(23);
/// After this many lies the validators are dropped for good.
const LIES: u32 = 2;

/// The validators to send for a column's first list page: none once a day, while the column is
/// silent, after two lies, and after a change of the rules by which the list is read.
pub(super) async fn to_send(
    run: &Run<'_>,
    stored: &Validators,
    memory: &ListMemory,
) -> Result<Option<Validators>, RunError> {
    if *stored == Validators::default() || is_whole_due(run, memory) || memory.lies >= LIES {
        return Ok(None);
    }
    let today = run.now().date();
    let is_silent = match memory.silent_on {
        Some(day) => day <= today,
        None => {
            let silence = drift::silence(run.store(), run.column, today, false).await?;
            silence.begins_on <= today
        }
    };
    Ok((!is_silent).then(|| stored.clone()))
}

/// Whether the list must be read whole, whatever the portal says of it.
fn is_whole_due(run: &Run<'_>, memory: &ListMemory) -> bool {
    let is_old = |at: Timestamp| at.plus(WHOLE_AFTER) <= run.now();
    memory.whole_at.is_none_or(is_old) || memory.rules != run.column.list_rules()
}

/// Whether the answer of this hash says byte for byte what the last one said that was read whole, so that
/// reading it again can be left out. A column that has become silent since then is read once more, which
/// tells of it.
pub(super) fn is_same(run: &Run<'_>, memory: &ListMemory, hash: Option<&str>) -> bool {
    let today = run.now().date();
    let since = memory.silent_on.filter(|day| *day <= today);
    let has_told = since.is_none_or(|day| memory.whole_at.is_some_and(|at| at.date() >= day));
    hash.is_some() && memory.answer.as_deref() == hash && has_told && !is_whole_due(run, memory)
}

/// A hash of the list's answer; `None` after a redirect or with a `Refresh` header, which the body does not
/// tell.
pub(super) fn answer_hash(run: &Run<'_>, page: &Page) -> Option<String> {
    let stands_alone = page.url == run.column.url && page.refresh.is_none();
    stands_alone.then(|| sha256_hex(Sha256::new_with_prefix(&page.body)))
}

/// The validators to keep of an answer at `now`. A time of change that is still to come is none.
pub(super) fn to_keep(sent: Validators, now: Timestamp, memory: &ListMemory) -> Validators {
    if memory.lies >= LIES {
        return Validators::default();
    }
    let tomorrow = now.plus(TimeDelta::days(1)).to_chrono();
    let is_past = |text: &String| {
        let changed = DateTime::parse_from_rfc2822(text).ok();
        changed.is_none_or(|changed| changed <= tomorrow)
    };
    Validators {
        last_modified: sent.last_modified.filter(is_past),
        ..sent
    }
}

/// A hash of a page's items. Tokens in their addresses do not count.
pub(super) fn hash(items: &[Item]) -> String {
    let mut hash = Sha256::new();
    for item in items {
        hash.update(without_tokens(&item.url).unwrap_or_else(|| item.url.to_string()));
        hash.update([0]);
        hash.update(&item.title);
        hash.update([0]);
    }
    sha256_hex(hash)
}

/// Whether the portal lies: it sent other items than those of the stored validators, with the same
/// validators or, asked with the stored ones, without a change.
pub(super) async fn is_lie(
    run: &Run<'_>,
    stored: &Validators,
    sent: &Validators,
    has_changed: bool,
) -> Result<bool, RunError> {
    if !has_changed || *stored == Validators::default() {
        return Ok(false);
    }
    let is_same = match &stored.etag {
        Some(etag) => sent.etag.as_ref() == Some(etag),
        None => sent.last_modified == stored.last_modified,
    };
    if is_same {
        return Ok(true);
    }
    let again = run.pages.get(&run.column.url, Some(stored)).await?;
    Ok(matches!(again, Fetched::NotModified))
}
