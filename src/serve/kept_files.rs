//! Kept files in answers: shown from this site if they are published, else from their portals.
//!
//! Owns this choice. Never publishes a file.

use std::collections::HashMap;
use std::path::Path;

use url::Url;

use super::open_store::OpenStore;
use super::problem::Problem;
use crate::model::{Article, FileCopy};
use crate::render::{kept_files, paths};
use crate::store::StoreError;

/// The files that are published in a folder, by portal and the portal's address.
struct Copies(HashMap<String, HashMap<String, FileCopy>>);

impl Copies {
    async fn of(
        open: &OpenStore,
        public: Option<&Path>,
        articles: &[Article],
    ) -> Result<Self, StoreError> {
        let shows = |article: &Article| {
            let urls = article.body.files();
            let shows = urls.map(|url| (article.portal.clone(), url.to_string()));
            shows.collect::<Vec<_>>()
        };
        let wanted: Vec<(String, String)> = articles.iter().flat_map(shows).collect();
        let mut copies: HashMap<String, HashMap<String, FileCopy>> = HashMap::new();
        if wanted.is_empty() {
            return Ok(Self(copies));
        }
        for kept in open.store.kept_files().kept_at(&wanted).await? {
            // A bucket gets them with the next publication.
            let is_there = |public: &Path| public.join(paths::kept_file(&kept.copy)).is_file();
            if public.is_none_or(is_there) {
                let of_portal = copies.entry(kept.portal).or_default();
                of_portal.insert(kept.url, kept.copy);
            }
        }
        Ok(Self(copies))
    }

    fn of_article(&self, article: &Article) -> HashMap<&str, &FileCopy> {
        let of_portal = self.0.get(&article.portal).into_iter().flatten();
        of_portal.map(|(url, copy)| (url.as_str(), copy)).collect()
    }
}

/// The articles with our own URLs for the files that are published in this folder.
pub(super) async fn show(
    open: &OpenStore,
    public: Option<&Path>,
    articles: Vec<Article>,
) -> Result<Vec<Article>, StoreError> {
    let copies = Copies::of(open, public, &articles).await?;
    let with_kept = |article: Article| {
        let own = copies.of_article(&article).into_iter();
        let own = own.map(|(url, copy)| (url, open.site.url(&paths::kept_file(copy))));
        let own: HashMap<&str, Url> = own.collect();
        match own.is_empty() {
            true => article,
            false => kept_files::with_own_urls(&article, &own),
        }
    };
    Ok(articles.into_iter().map(with_kept).collect())
}

/// Lets articles tell where their files are published in this folder.
pub(super) async fn tell(
    open: &OpenStore,
    public: Option<&Path>,
    articles: &mut [Article],
) -> Result<(), Problem> {
    let copies = Copies::of(open, public, articles).await;
    let copies = copies.map_err(|error| Problem::store(&error))?;
    for article in articles {
        let own = copies.of_article(article);
        kept_files::tell_copies(article, &own);
    }
    Ok(())
}
