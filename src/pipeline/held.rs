//! What a second look at an article read: recorded, or held back where it is doubtful.
//!
//! Owns the verdict on articles that lose at once what articles of their column usually show.
//! Never fetches, and never holds back what is read for the first time.

use super::collect::Collector;
use super::report::{ColumnReport, Failure};
use super::trouble::Trouble;
use super::trouble::Vain;
use super::usual::{Loss, Usual};
use crate::config::Column;
use crate::model::{Field, Verdict};
use crate::store::{Outcome, ReadPage};

/// A known page that lost these usual fields.
pub(super) type Held = (Box<ReadPage>, Vec<Field>);

impl Collector {
    pub(super) async fn record_look(
        &self,
        column: &Column,
        read: &ReadPage,
        report: &mut ColumnReport,
    ) -> Result<(), Trouble> {
        let now = self.clock.now();
        match self.store.record(now, None, read).await? {
            Outcome::Doubtful => {
                self.store
                    .put_off_look(now, &column.portal, &read.url)
                    .await?;
                report.fail(now, Vain::doubtful(&read.url).into_failure(&read.url));
            }
            outcome => report.count(now, &read.url, outcome),
        }
        Ok(())
    }

    /// The usual fields that a known page has lost.
    pub(super) async fn lost(
        &self,
        column: &Column,
        read: &ReadPage,
        usual: &Usual,
    ) -> Result<Vec<Field>, Trouble> {
        if !usual.lacks(&read.content) {
            return Ok(Vec::new());
        }
        let before = self.store.page_content(&column.portal, &read.url).await?;
        Ok(before.map_or_else(Vec::new, |before| usual.lost(&before, &read.content)))
    }

    /// Decides on known pages that lost a usual field, once it is known how many there are: where
    /// most of what was read lacks it, the layout is the matter, and no article is revised by it.
    pub(super) async fn settle_held(
        &self,
        column: &Column,
        held: Vec<Held>,
        report: &mut ColumnReport,
    ) -> Result<(), Trouble> {
        let losses = report.usual.losses();
        if !losses.is_empty() {
            let said: Vec<String> = losses.iter().map(Loss::to_string).collect();
            let now = self.clock.now();
            let name = column.name.as_str();
            self.store
                .note_incident(now, Verdict::FieldLost.code(), name, &said.join("; "))
                .await?;
        }
        for (read, lost) in held {
            match losses.iter().find(|loss| lost.contains(&loss.field)) {
                None => self.record_look(column, &read, report).await?,
                Some(loss) => {
                    let now = self.clock.now();
                    self.store
                        .put_off_look(now, &column.portal, &read.url)
                        .await?;
                    let failure = Failure {
                        url: read.url.clone(),
                        verdict: Verdict::FieldLost,
                        message: format!("{}: stays as it was: {loss}", read.url),
                    };
                    report.fail(now, failure);
                }
            }
        }
        if !report.usual.is_well() {
            report.noted.push(Verdict::FieldLost.code());
        }
        Ok(())
    }
}
