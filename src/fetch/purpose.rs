//! The purpose of a request, and its headers and limits.
//!
//! Owns the differences between purposes. Never sends anything.

use url::{Origin, Url};

use super::exchange::LARGEST;
use crate::model::FileRole;

/// The largest picture, in bytes.
const LARGEST_PICTURE: usize = 10 * 1024 * 1024;
/// The largest attached file, in bytes.
const LARGEST_ATTACHMENT: usize = 20 * 1024 * 1024;

/// The purpose of a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose<'a> {
    /// A page, whole, to which the page at `listed` links, if one is known.
    Page { listed: Option<&'a Url> },
    /// The first bytes of a text: the rest is not read.
    Beginning(usize),
    /// A file of this page.
    File { page: &'a Url, role: FileRole },
}

impl Purpose<'_> {
    /// How many bytes of the body are enough; `None` for all.
    pub(super) fn enough(&self) -> Option<usize> {
        match self {
            Self::Beginning(enough) => Some(*enough),
            Self::Page { .. } | Self::File { .. } => None,
        }
    }

    /// The largest body that is read.
    pub(super) fn largest(&self) -> usize {
        match self {
            Self::Page { .. } | Self::Beginning(_) => LARGEST,
            Self::File { role, .. } => match role {
                FileRole::Picture => LARGEST_PICTURE,
                FileRole::Attachment => LARGEST_ATTACHMENT,
            },
        }
    }

    /// The `Accept` header. For pictures it prefers the formats that every feed reader shows.
    pub(super) fn accept(&self) -> &'static str {
        match self {
            Self::Page { .. } | Self::Beginning(_) => {
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
            }
            Self::File { role, .. } => match role {
                FileRole::Picture => {
                    "image/jpeg,image/png,image/gif,image/webp;q=0.9,image/avif;q=0.8,image/*;q=0.5"
                }
                FileRole::Attachment => "*/*",
            },
        }
    }

    /// The `Referer` of a request for `url`. Some portals refuse articles and files to visitors
    /// who do not come from their own pages.
    pub(super) fn referer(&self, url: &Url) -> Option<String> {
        match self {
            Self::File { page, .. } => Self::file_referer(page, url),
            Self::Page { listed: Some(list) } => Self::list_referer(list, url),
            Self::Page { listed: None } | Self::Beginning(_) => None,
        }
    }

    /// The list page of an article on the same host, without its query; nothing from https to http.
    fn list_referer(list: &Url, url: &Url) -> Option<String> {
        let is_downgrade = list.scheme() == "https" && url.scheme() != "https";
        if list.host() != url.host() || list == url || is_downgrade {
            return None;
        }
        let mut list = without_user(list);
        list.set_query(None);
        Some(list.into())
    }

    /// The page of a file, as browsers send it (Referrer Policy,
    /// `strict-origin-when-cross-origin`): the page for the same site, only the site for others,
    /// nothing from https to http.
    fn file_referer(page: &Url, url: &Url) -> Option<String> {
        if page.scheme() == "https" && url.scheme() != "https" {
            return None;
        }
        match (page.origin(), url.origin()) {
            (Origin::Opaque(_), _) => None,
            (from, to) if from != to => Some(format!("{}/", from.ascii_serialization())),
            _ => Some(without_user(page).into()),
        }
    }

    /// Whether the answer is archived.
    pub(super) fn is_recorded(&self) -> bool {
        !matches!(self, Self::File { .. })
    }
}

/// A URL without user name, password and fragment.
fn without_user(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    // Cannot fail: the URL has a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_asked_for_as_from_its_list() {
        for (list, article, referer) in [
            (
                "http://u:p@a.example/x/?lb=1#top",
                "http://a.example/x/1.html",
                Some("http://a.example/x/"),
            ),
            (
                "http://a.example/x/",
                "https://a.example/x/1.html",
                Some("http://a.example/x/"),
            ),
            ("http://a.example/x/", "http://b.example/x/1.html", None),
            ("https://a.example/x/", "http://a.example/x/1.html", None),
            ("http://a.example/x/", "http://a.example/x/", None),
        ] {
            let (list, url): (Url, Url) = (list.parse().unwrap(), article.parse().unwrap());
            let listed = Some(&list);
            let found = Purpose::Page { listed }.referer(&url);
            assert_eq!(found.as_deref(), referer, "{list} {article}");
        }
    }

    #[test]
    fn a_picture_is_asked_for_as_from_its_page() {
        for (page, picture, referer) in [
            (
                "http://a.example/x/1.html?p=1#top",
                "http://a.example/1.jpg",
                Some("http://a.example/x/1.html?p=1"),
            ),
            (
                "http://u:p@a.example/1.html",
                "http://a.example/1.jpg",
                Some("http://a.example/1.html"),
            ),
            (
                "http://a.example/1.html",
                "https://a.example/1.jpg",
                Some("http://a.example/"),
            ),
            (
                "https://a.example/1.html",
                "https://b.example:8443/1.jpg",
                Some("https://a.example/"),
            ),
            ("https://a.example/1.html", "http://a.example/1.jpg", None),
        ] {
            let (page, url): (Url, Url) = (page.parse().unwrap(), picture.parse().unwrap());
            let (page, role) = (&page, FileRole::Picture);
            let purpose = Purpose::File { page, role };
            assert_eq!(
                purpose.referer(&url).as_deref(),
                referer,
                "{page} {picture}"
            );
            assert_eq!(Purpose::Page { listed: None }.referer(&url), None);
        }
    }
}
