//! A variant of a fault: one way in which it is served.
//!
//! Owns which paths a variant spoils. Never serves one.

use super::answer::{Answer, Asked};
use super::tls::Handshake;
use super::{ARTICLE, COLUMN};

/// One way in which a fault is served.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Its name within the host: `410` of `fault-03-410.test`.
    pub name: &'static str,
    /// What goes wrong.
    pub does: &'static str,
    /// Which paths it spoils. The replica answers the others.
    pub spoils: Spoils,
    /// Its TLS handshake.
    pub handshake: Handshake,
    /// Its answer on the paths that it spoils.
    pub(super) serve: fn(&Asked) -> Answer,
}

/// Which paths a variant spoils.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoils {
    /// The column's list pages.
    List,
    /// The newest article.
    Article,
    /// All articles.
    Articles,
    /// List pages and articles.
    Pages,
    /// `robots.txt`.
    Robots,
    /// Every path.
    Everything,
}

impl Spoils {
    /// Whether this path is spoilt.
    pub fn covers(self, path: &str) -> bool {
        let is_list = path.strip_prefix(COLUMN).is_some_and(|file| {
            file.is_empty() || (file.starts_with("index") && !file.contains('/'))
        });
        let is_article = path.contains("/t20") && path.ends_with(".html");
        match self {
            Self::List => is_list,
            Self::Article => path == ARTICLE,
            Self::Articles => is_article,
            Self::Pages => is_list || is_article,
            Self::Robots => path == "/robots.txt",
            Self::Everything => true,
        }
    }
}

impl Variant {
    pub(super) const fn new(
        name: &'static str,
        does: &'static str,
        spoils: Spoils,
        serve: fn(&Asked) -> Answer,
    ) -> Self {
        Self {
            name,
            does,
            spoils,
            handshake: Handshake::Good,
            serve,
        }
    }

    pub(super) const fn shaking(
        name: &'static str,
        does: &'static str,
        handshake: Handshake,
    ) -> Self {
        Self {
            name,
            does,
            spoils: Spoils::Everything,
            handshake,
            serve: Answer::good,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_apart() {
        let older = "/lcxxgk/xxgkml/jbxxgk/gzdt/202510/t20251023_3099384.html";
        for (spoils, covered, others) in [
            (Spoils::List, vec![COLUMN], vec![ARTICLE, "/robots.txt"]),
            (Spoils::Article, vec![ARTICLE], vec![COLUMN, older]),
            (Spoils::Articles, vec![ARTICLE, older], vec![COLUMN]),
            (Spoils::Pages, vec![COLUMN, older], vec!["/robots.txt"]),
            (Spoils::Robots, vec!["/robots.txt"], vec![COLUMN]),
        ] {
            assert!(covered.iter().all(|path| spoils.covers(path)), "{spoils:?}");
            assert!(!others.iter().any(|path| spoils.covers(path)), "{spoils:?}");
        }
        assert!(Spoils::List.covers("/lcxxgk/xxgkml/jbxxgk/gzdt/index_1.html"));
    }
}
