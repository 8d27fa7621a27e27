//! Opens incidents about a column's drift.
//!
//! Owns the state of drift that outlives the run: the pages read last, and since when the column
//! differs. Never holds anything back.

use std::collections::BTreeMap;

use super::report::Ending;
use super::state::Run;
use crate::model::{Timestamp, Verdict};
use crate::pipeline::drift::{self, LIST, ListLength};
use crate::store::{SILENT, StoreError};

/// The code of an incident: the first page lists far less than ever.
const LIST_SHRUNK: &str = "list-shrunk";

impl Run<'_> {
    /// Reports where most pages of the run differ from the baseline, and remembers it for the next
    /// run.
    pub(in crate::pipeline) async fn note_drift(&mut self) -> Result<(), StoreError> {
        let Some(drift) = self.drift.take() else {
            return Ok(());
        };
        let (store, name) = (self.store(), &self.column.name);
        if let Some(shown) = drift.remembered() {
            store.columns().note_shown(name, &shown).await?;
        }
        let breaks = drift.all();
        let unmatched_list = self.unmatched_list.take();
        for (verdict, message) in drift::messages(&drift, &breaks, unmatched_list.as_deref()) {
            let held = match verdict {
                Verdict::FieldLost | Verdict::BodyShrunk => self.held_back(verdict).await?,
                _ => String::new(),
            };
            let message = format!("{message}{held}. {}", drift::remedy(verdict));
            self.note_incident(verdict.code(), &message).await?;
        }
        let mut since: BTreeMap<String, Timestamp> = breaks
            .iter()
            .map(|(kind, found)| (kind.clone(), found.since))
            .collect();
        let list_since = self.note_list(drift.since.get(LIST).copied()).await?;
        since.extend(list_since.map(|began| (LIST.to_owned(), began)));
        if since != drift.since {
            store.columns().note_drifts(name, &since).await?;
        }
        let is_well = self.report.ending == Ending::Complete && self.report.failures.is_empty();
        let today = self.now().date();
        let silence = drift::silence(store, self.column, today, self.report.new > 0).await?;
        if let Some(message) = silence.message.filter(|_| is_well) {
            self.note_incident(SILENT, &message).await?;
        }
        let columns = store.columns();
        columns.note_silent_on(name, silence.begins_on).await
    }

    /// Reports a list that is far shorter than ever, and returns since when it is short.
    async fn note_list(
        &mut self,
        began: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let (now, items) = (self.now(), self.first_page_items);
        match ListLength::learn(self.store(), self.column, now, began, items).await? {
            ListLength::Usual => Ok(None),
            ListLength::StillShort { since } => {
                self.report.noted.push(LIST_SHRUNK);
                Ok(Some(since))
            }
            ListLength::Short { since, message } => {
                self.note_incident(LIST_SHRUNK, &message).await?;
                Ok(Some(since))
            }
        }
    }

    async fn held_back(&self, verdict: Verdict) -> Result<String, StoreError> {
        let reasons = [verdict.code()];
        let counts = self
            .store()
            .queue()
            .held_counts(&self.column.name, &reasons)
            .await?;
        Ok(counts.first().map_or_else(String::new, |held| {
            format!(
                "; {} new articles are held back, what is published stays as it is",
                held.articles
            )
        }))
    }
}
