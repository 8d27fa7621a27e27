//! Articles over several pages: reads the further ones.
//!
//! Owns how many there may be. An article of which one page cannot be read waits as a whole: half
//! an article is never published. Never decides what a part is.

use std::collections::BTreeSet;

use url::Url;

use super::page_reader::PageReader;
use crate::extract::Extracted;
use crate::fetch::Fetched;
use crate::model::Verdict;
use crate::pipeline::reading::{self, MOST_PARTS, PageError, RunError, is_root};

impl PageReader<'_> {
    /// Reads the parts after the first, appends them to the article, and returns their addresses.
    pub(super) async fn read_parts(
        &self,
        first: &Url,
        article: &mut Extracted,
    ) -> Result<Vec<Url>, PageError> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::from([first.clone()]);
        while let Some(url) = article.next_part.clone() {
            if !seen.insert(url.clone()) {
                // The last part's pager leads back.
                break;
            }
            if seen.len() > MOST_PARTS {
                let why = format!("the article has more than {MOST_PARTS} parts");
                return Err(held(first, Verdict::TooLarge, &why));
            }
            let (at, part) = self.read_part(first, &url).await?;
            found.extend([at, url]);
            if !article.append(part) {
                break;
            }
        }
        found.dedup();
        Ok(found)
    }

    async fn read_part(&self, first: &Url, url: &Url) -> Result<(Url, Extracted), PageError> {
        let mut page = match self.get(url, None).await {
            Ok(Fetched::Page(page)) => page,
            Ok(Fetched::NotModified) => {
                let why = format!("its part {url} answers 304 to a question without conditions");
                return Err(held(first, Verdict::Garbage, &why));
            }
            // A missing part does not mean that the article is missing.
            Err(RunError::Fetch(error)) if error.is_missing() => {
                let why = format!("{url} does not exist, although the article goes on there");
                return Err(held(first, Verdict::NotFound, &why));
            }
            Err(error) => return Err(PageError::Run(error)),
        };
        if is_root(&page.url) {
            let why = format!("its part {url} leads to {}, which is not a part", page.url);
            return Err(held(first, Verdict::SoftNotFound, &why));
        }
        let read = reading::article(self.column, &mut page, None).await;
        let (part, _) = read
            .map_err(PageError::Run)?
            .map_err(|stub| reading::no_article(&page.url, &stub))?;
        if part.body.is_empty() {
            let why = format!("its part {url} shows no text, no picture and no file");
            return Err(held(first, Verdict::FieldMissing, &why));
        }
        Ok((page.url, part))
    }
}

fn held(first: &Url, verdict: Verdict, why: &str) -> PageError {
    PageError::Held {
        verdict,
        message: format!(
            "{first}: {why}; it waits until all of it can be read. See whether the portal shows it"
        ),
    }
}
