//! The form of a URL in which two addresses of one page are equal.
//!
//! Owns that form. Never asks a portal where a URL leads.

use std::fmt;

use url::Url;

/// A URL without scheme, default port, fragment and `index.*`; host in lower case, query kept:
/// `www.lc.gov.cn/lcxxgk/gzdt/`. A fragment that is an address itself, as on portals of a single
/// page, is kept: `www.lc.gov.cn/#/detail?id=7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CanonicalUrl(String);

impl CanonicalUrl {
    /// The canonical form as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The inverse of [`CanonicalUrl::as_str`].
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }
}

impl From<&Url> for CanonicalUrl {
    fn from(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        let mut text = host.to_lowercase();
        // `Url` drops the default port of its own scheme. This also drops the other scheme's.
        if let Some(port) = url.port().filter(|port| !matches!(port, 80 | 443)) {
            text.push_str(&format!(":{port}"));
        }
        let path = url.path();
        let (folder, file) = path.split_at(path.rfind('/').map_or(0, |slash| slash + 1));
        text.push_str(folder);
        let is_index = file
            .split_once('.')
            .is_some_and(|(stem, rest)| stem.eq_ignore_ascii_case("index") && !rest.contains('.'));
        if !is_index {
            text.push_str(file);
        }
        if let Some(query) = url.query().filter(|query| !query.is_empty()) {
            text.push('?');
            text.push_str(query);
        }
        if let Some(address) = url.fragment().filter(|fragment| is_address(fragment)) {
            text.push('#');
            text.push_str(address);
        }
        Self(text)
    }
}

/// Whether a fragment carries an address: `#/detail?id=7`, `#!/news/7`. `#/` and `#!` alone lead to
/// the page itself.
pub fn is_address(fragment: &str) -> bool {
    let rest = fragment.strip_prefix('!').unwrap_or(fragment);
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    fragment.starts_with(['/', '!']) && !rest.is_empty()
}

impl fmt::Display for CanonicalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(url: &str) -> String {
        CanonicalUrl::from(&Url::parse(url).unwrap()).0
    }

    #[test]
    fn addresses_of_one_page_are_equal() {
        for url in [
            "http://www.lc.gov.cn/gzdt/",
            "https://www.lc.gov.cn/gzdt/",
            "http://WWW.LC.gov.cn:80/gzdt/index.html",
            "https://www.lc.gov.cn:443/gzdt/index.shtml#top",
            "http://www.lc.gov.cn./gzdt/?",
        ] {
            assert_eq!(canonical(url), "www.lc.gov.cn/gzdt/", "{url}");
        }
    }

    #[test]
    fn pages_that_differ_stay_apart() {
        assert_eq!(
            canonical("http://a.cn/show.php?id=385009"),
            "a.cn/show.php?id=385009"
        );
        assert_eq!(
            canonical("http://a.cn:8080/index_1.html"),
            "a.cn:8080/index_1.html"
        );
        assert_eq!(
            canonical("https://a.cn/index.html#/detail?id=7"),
            "a.cn/#/detail?id=7"
        );
        assert_eq!(
            canonical("http://a.cn/app?x=1#!/news/7"),
            "a.cn/app?x=1#!/news/7"
        );
        for no_address in ["#/", "#!", "#!/", "#top", "#"] {
            assert_eq!(canonical(&format!("http://a.cn/x{no_address}")), "a.cn/x");
        }
        assert_eq!(canonical("http://a.cn/x/index.d/y"), "a.cn/x/index.d/y");
    }

    proptest! {
        #[test]
        fn canonical_form_is_idempotent(path in "[a-z./_?=0-9]{0,24}", port in 1u16..) {
            if let Ok(url) = Url::parse(&format!("https://Example.CN:{port}/{path}")) {
                let once = canonical(url.as_str());
                prop_assert_eq!(canonical(&format!("http://{once}")), once);
            }
        }
    }
}
