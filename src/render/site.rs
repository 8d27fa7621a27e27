//! The published site, and a column as readers see it.
//!
//! Owns the public URLs and the Atom ids of columns. Never reads the configuration.

use url::Url;

use super::{RunInterval, paths};
use crate::identify::feed_id;
use crate::model::ColumnName;

/// The published site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The URL of the folder of published files.
    pub base_url: Url,
    /// Hubs that are notified when a feed changes (WebSub).
    pub hubs: Vec<Url>,
    /// Whether its articles are invented. Then every title and page says 演示.
    pub demo: bool,
}

impl Site {
    /// The public URL of a published path.
    pub fn url(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url.set_query(None);
        url.set_fragment(None);
        url
    }

    /// A title as this site shows it.
    pub fn title(&self, title: &str) -> String {
        if self.demo {
            format!("【演示】{title}")
        } else {
            title.to_owned()
        }
    }
}

/// A column as its readers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnInfo {
    /// `PORTAL/COLUMN`.
    pub name: ColumnName,
    /// The title of its feeds and pages.
    pub title: String,
    /// The column page on the portal.
    pub url: Url,
    /// Whether its feeds have whole articles, or only their first sentences.
    pub full_text: bool,
    /// The time between two runs; `None` if unknown.
    pub run_interval: Option<RunInterval>,
}

impl ColumnInfo {
    /// The Atom id of the column's feed in all formats and history documents. It is a UUIDv5 (RFC
    /// 9562) in the URL namespace, so a move of the site does not change it.
    pub fn feed_id(&self) -> String {
        feed_id(&self.name).urn().to_string()
    }

    /// The URL of the column's own page.
    pub fn page_url(&self, site: &Site) -> Url {
        site.url(&paths::column_page(&self.name))
    }

    /// The URL of its RSS feed.
    pub fn rss_url(&self, site: &Site) -> Url {
        site.url(&paths::rss(&self.name))
    }

    /// The URL of its Atom feed.
    pub fn atom_url(&self, site: &Site) -> Url {
        site.url(&paths::atom(&self.name))
    }

    /// The URL of its JSON Feed.
    pub fn json_feed_url(&self, site: &Site) -> Url {
        site.url(&paths::json_feed(&self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_stand_below_the_base_with_or_without_its_slash() {
        for base in ["https://news.example/gov/", "https://news.example/gov"] {
            let site = Site {
                base_url: base.parse().unwrap(),
                hubs: Vec::new(),
                demo: false,
            };
            assert_eq!(
                site.url(paths::OPML).as_str(),
                "https://news.example/gov/feeds.opml"
            );
        }
    }

    #[test]
    fn a_feed_id_depends_on_the_name_alone() {
        let column = |url: &str, title: &str| ColumnInfo {
            name: "lucheng/work-news".parse().unwrap(),
            title: title.to_owned(),
            url: url.parse().unwrap(),
            full_text: true,
            run_interval: None,
        };
        let id = column("http://a.example/", "甲").feed_id();
        assert_eq!(id, column("https://b.example/", "乙").feed_id());
        assert_eq!(id, "urn:uuid:c53dfc8a-f279-5aba-90c1-d4a66050699f");
    }
}
