//! The published site, its portals and its columns as readers see them.
//!
//! Owns the public URLs and the Atom ids of columns. Never reads the configuration.

use std::sync::Arc;

use url::Url;

use super::{RunInterval, paths};
use crate::identify::feed_id;
use crate::model::{ColumnName, Level, Pause, RegionCode, Timestamp};
use crate::search::Keywords;

/// The separator between the names of a portal and its column.
pub(super) const BETWEEN: &str = " · ";

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

/// A portal as its readers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalInfo {
    /// The short name: the folder of its feed files.
    pub name: String,
    /// The display name; the host if none is known.
    pub title: String,
    /// The host of its first column.
    pub host: String,
    /// The code of its region, if the configuration gives one.
    pub code: Option<RegionCode>,
    /// The name of its region, likewise.
    pub region: Option<String>,
    /// The level of its office, likewise.
    pub level: Option<Level>,
}

impl PortalInfo {
    /// The portal of its first column, without any name but the short one.
    pub fn new(column: &ColumnName, url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default().to_owned();
        Self {
            name: column.portal().to_owned(),
            title: host.clone(),
            host,
            code: None,
            region: None,
            level: None,
        }
    }

    /// The name with which the own titles of all its columns begin: `门户 · 栏目`.
    pub fn common_title<'a>(titles: impl Iterator<Item = Option<&'a str>>) -> Option<String> {
        let mut begins = titles.map(|title| title?.split_once(BETWEEN).map(|(begin, _)| begin));
        let first = begins.next()??;
        begins
            .all(|begin| begin == Some(first))
            .then(|| first.to_owned())
    }

    /// The region under which lists of portals show it: its province, or else the region by name.
    pub fn province(&self) -> Option<&str> {
        let province = self.code.as_ref().map(RegionCode::province);
        province.or(self.region.as_deref())
    }
}

/// A column as its readers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnInfo {
    /// `PORTAL/COLUMN`.
    pub name: ColumnName,
    /// The portal in whose folder its feed file is.
    pub portal: Arc<PortalInfo>,
    /// The title of its feeds: its own, or the portal's name and the column's.
    pub title: String,
    /// The title where the portal's name stands beside it.
    pub label: String,
    /// The column page on the portal.
    pub url: Url,
    /// Whether its feeds have whole articles, or only their first sentences.
    pub full_text: bool,
    /// The time between two runs; `None` if unknown.
    pub run_interval: Option<RunInterval>,
    /// The name from which the id of its feeds is made: its first one.
    pub feed_name: String,
    /// Whether it rests.
    pub pause: Pause,
    /// Since when it is collected no more.
    pub ended_at: Option<Timestamp>,
    /// The columns that became this one, by a rename or a merge, each with the time.
    pub former: Vec<(ColumnName, Timestamp)>,
    /// Which of its articles stand in its feeds.
    pub keywords: Keywords,
}

impl ColumnInfo {
    /// A column with all its defaults: the first of its portal, without any name but the short ones.
    pub fn new(name: ColumnName, url: Url) -> Self {
        let portal = PortalInfo::new(&name, &url);
        let label = name.column().to_owned();
        Self {
            title: format!("{}{BETWEEN}{label}", portal.title),
            label,
            portal: Arc::new(portal),
            feed_name: name.to_string(),
            name,
            url,
            full_text: true,
            run_interval: None,
            pause: Pause::None,
            ended_at: None,
            former: Vec::new(),
            keywords: Keywords::default(),
        }
    }

    /// The column with these names: of its portal, of its page, and its own title. What is `None` is
    /// not known, or not given.
    pub fn with_names(
        self,
        portal: Arc<PortalInfo>,
        page: Option<&str>,
        own: Option<&str>,
    ) -> Self {
        let begin = format!("{}{BETWEEN}", portal.title);
        let named = page.filter(|title| *title != portal.title);
        let label = match own {
            Some(own) => own.strip_prefix(&begin).unwrap_or(own),
            None => named.unwrap_or(self.name.column()),
        };
        Self {
            title: own.map_or_else(|| format!("{begin}{label}"), str::to_owned),
            label: label.to_owned(),
            portal,
            ..self
        }
    }

    /// The Atom id of the column's feed in all formats and history documents. It is a UUIDv5 (RFC
    /// 9562) in the URL namespace, so a move of the site does not change it, and a rename does not.
    pub fn feed_id(&self) -> String {
        feed_id(&self.feed_name).urn().to_string()
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
    fn a_column_without_a_title_has_the_portals_name_and_its_pages() {
        let column = || {
            let url = "http://www.qingshi.example/tz/".parse().unwrap();
            ColumnInfo::new("qingshi/notices".parse().unwrap(), url)
        };
        let portal = Arc::new(PortalInfo {
            title: "青石县人民政府".to_owned(),
            ..(*column().portal).clone()
        });
        let unnamed = column().portal.clone();
        for (portal, page, own, title, label) in [
            (
                &portal,
                Some("通知公告"),
                None,
                "青石县人民政府 · 通知公告",
                "通知公告",
            ),
            (&portal, None, None, "青石县人民政府 · notices", "notices"),
            // Its page tells only the site.
            (
                &portal,
                Some("青石县人民政府"),
                None,
                "青石县人民政府 · notices",
                "notices",
            ),
            (
                &portal,
                Some("通知公告"),
                Some("青石公告"),
                "青石公告",
                "青石公告",
            ),
            (
                &portal,
                None,
                Some("青石县人民政府 · 公告"),
                "青石县人民政府 · 公告",
                "公告",
            ),
            (
                &unnamed,
                Some("通知公告"),
                None,
                "www.qingshi.example · 通知公告",
                "通知公告",
            ),
        ] {
            let named = column().with_names(portal.clone(), page, own);
            assert_eq!((named.title.as_str(), named.label.as_str()), (title, label));
        }
    }

    #[test]
    fn a_portals_name_is_that_with_which_all_titles_begin() {
        for (titles, name) in [
            (
                vec![Some("青石县 · 通知"), Some("青石县 · 要闻 · 图片")],
                Some("青石县"),
            ),
            (vec![Some("青石县 · 通知"), Some("赤岭县 · 要闻")], None),
            (vec![Some("青石县 · 通知"), None], None),
            (vec![Some("通知")], None),
            (vec![], None),
        ] {
            let found = PortalInfo::common_title(titles.iter().copied());
            assert_eq!(found.as_deref(), name, "{titles:?}");
        }
    }

    #[test]
    fn a_feed_id_depends_on_the_name_alone() {
        let column = |url: &str, title: &str| ColumnInfo {
            title: title.to_owned(),
            ..ColumnInfo::new("lucheng/work-news".parse().unwrap(), url.parse().unwrap())
        };
        let id = column("http://a.example/", "甲").feed_id();
        assert_eq!(id, column("https://b.example/", "乙").feed_id());
        assert_eq!(id, "urn:uuid:c53dfc8a-f279-5aba-90c1-d4a66050699f");
    }
}
