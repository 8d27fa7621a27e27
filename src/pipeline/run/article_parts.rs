//! Articles over several pages: reads the further ones.
//!
//! Owns how many, and what becomes of the article when one of them cannot be read: it waits whole,
//! for half an article is none. Never decides what a part is.

use std::collections::BTreeSet;

use url::Url;

use super::collect::Collector;
use crate::config::Column;
use crate::extract::Extracted;
use crate::fetch::{Fetched, Session};
use crate::model::Verdict;
use crate::pipeline::reading;
use crate::pipeline::reading::errors::{Trouble, Vain, is_root};

/// Parts of an article, the first included.
pub(in crate::pipeline) const MOST: usize = 30;

impl Collector {
    /// Reads the parts of an article after the first, adds them to it, and says where they were found.
    pub(in crate::pipeline) async fn read_parts(
        &self,
        session: &Session,
        column: &Column,
        first: &Url,
        article: &mut Extracted,
    ) -> Result<Vec<Url>, Vain> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::from([first.clone()]);
        while let Some(url) = article.next_part.clone() {
            if !seen.insert(url.clone()) {
                // The last part's pager leads back.
                break;
            }
            if seen.len() > MOST {
                let why = format!("the article has more than {MOST} parts");
                return Err(held(first, Verdict::TooLarge, &why));
            }
            let (at, part) = self.read_part(session, column, first, &url).await?;
            found.extend([at, url]);
            if !article.append(part) {
                break;
            }
        }
        found.dedup();
        Ok(found)
    }

    async fn read_part(
        &self,
        session: &Session,
        column: &Column,
        first: &Url,
        url: &Url,
    ) -> Result<(Url, Extracted), Vain> {
        let mut page = match self.get(session, column, url, None).await {
            Ok(Fetched::Page(page)) => page,
            Ok(Fetched::NotModified) => {
                let why = format!("its part {url} answers 304 to a question without conditions");
                return Err(held(first, Verdict::Garbage, &why));
            }
            // That the part is missing does not mean that the article is.
            Err(Trouble::Fetch(error)) if error.is_missing() => {
                let why = format!("there is no {url}, although the article goes on there");
                return Err(held(first, Verdict::NotFound, &why));
            }
            Err(trouble) => return Err(Vain::Trouble(trouble)),
        };
        if is_root(&page.url) {
            let why = format!("its part {url} leads to {}, which is none", page.url);
            return Err(held(first, Verdict::SoftNotFound, &why));
        }
        let (part, _) = reading::article(column, &mut page).await?;
        if part.body.is_empty() {
            let why = format!("its part {url} shows no text, no picture and no file");
            return Err(held(first, Verdict::FieldMissing, &why));
        }
        Ok((page.url, part))
    }
}

fn held(first: &Url, verdict: Verdict, why: &str) -> Vain {
    Vain::Held {
        verdict,
        message: format!(
            "{first}: {why}; it waits until all of it can be read. See whether the portal shows it"
        ),
    }
}
