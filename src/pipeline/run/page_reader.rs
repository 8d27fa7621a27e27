//! The requests of a run.
//!
//! Owns how a page of the column is asked for. Knows nothing of what the run has found so far: a page
//! can be read while others are saved. Never decides on a page.

use std::sync::Arc;

use url::Url;

use crate::config::Column;
use crate::extract::Stub;
use crate::fetch::{Fetched, Hops, Page, Session, Validators};
use crate::model::{Clock, Verdict};
use crate::pipeline::reading::RunError;

/// Asks for the pages of a column, and reads articles.
#[derive(Clone)]
pub(in crate::pipeline) struct PageReader<'a> {
    pub(super) column: &'a Column,
    pub(in crate::pipeline) session: Arc<Session>,
    pub(super) clock: Clock,
}

impl PageReader<'_> {
    /// Fetches a page of the column. With empty validators the request is unconditional.
    pub(in crate::pipeline) async fn get(
        &self,
        url: &Url,
        validators: Option<&Validators>,
    ) -> Result<Fetched, RunError> {
        let conditions = validators.filter(|v| v.etag.is_some() || v.last_modified.is_some());
        let (listed, rules) = (&self.column.url, &self.column.fetch);
        let fetched = self.session.get_linked(url, listed, rules, conditions);
        Ok(fetched.await?)
    }

    /// Fetches the page to which `stub` only sends the browser on; `None` if it is another stub. Its
    /// validators are dropped: they say nothing about the page that sends on.
    pub(in crate::pipeline) async fn go_on(
        &self,
        hops: &mut Hops,
        stub: &Stub,
    ) -> Result<Option<Page>, RunError> {
        let Stub::Onward(to) = stub else {
            return Ok(None);
        };
        hops.go(to)?;
        match self.get(to, None).await? {
            Fetched::Page(page) => Ok(Some(Page {
                moved_to: None,
                validators: Validators::default(),
                ..page
            })),
            Fetched::NotModified => {
                let message = format!("{to}: answers 304 to a question without conditions");
                Err(RunError::failed(Verdict::Garbage, message))
            }
        }
    }
}
