//! Kept files in answers: shown from this site if they are published, else from their portals.
//!
//! Owns this choice. Never publishes a file.

use std::collections::HashMap;
use std::path::Path;

use url::Url;

use super::open_store::OpenStore;
use crate::model::Article;
use crate::render::{kept_files, paths};
use crate::store::StoreError;

/// The articles with our own URLs for the files that are published in this folder.
pub(super) async fn show(
    open: &OpenStore,
    public: &Path,
    articles: Vec<Article>,
) -> Result<Vec<Article>, StoreError> {
    let shows = |article: &Article| {
        let pictures = article.body.images.iter().map(|image| &image.url);
        let files = article.body.attachments.iter().map(|file| &file.url);
        let shows = pictures.chain(files);
        let shows = shows.map(|url| (article.portal.clone(), url.to_string()));
        shows.collect::<Vec<_>>()
    };
    let wanted: Vec<(String, String)> = articles.iter().flat_map(shows).collect();
    let mut urls: HashMap<(String, String), Url> = HashMap::new();
    for kept in open.store.kept_files().kept_at(&wanted).await? {
        let path = paths::kept_file(&kept.copy);
        if public.join(&path).is_file() {
            urls.insert((kept.portal, kept.url), open.site.url(&path));
        }
    }
    let with_kept = |article: Article| {
        let own = urls
            .iter()
            .filter(|((portal, _), _)| *portal == article.portal);
        let own: HashMap<&str, Url> = own
            .map(|((_, url), to)| (url.as_str(), to.clone()))
            .collect();
        match own.is_empty() {
            true => article,
            false => kept_files::with_own_urls(&article, &own),
        }
    };
    Ok(articles.into_iter().map(with_kept).collect())
}
