//! Whether a site's robots.txt allows a request (RFC 9309, sections 2.3 and 2.4).
//!
//! Owns the look-up of robots.txt, in memory, in the host book, then at the site, and the meaning
//! of a missing file. Never parses the rules itself.

use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::error::FetchError;
use super::host_book::RobotsCopy;
use super::page::Fetched;
use super::purpose::Purpose;
use super::robots::BYTE_LIMIT;
use super::robots_copies::{Found, Site};
use super::session::Session;
use crate::config::FetchRules;

/// How long a copy is valid.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// How long a site gets no requests after its robots.txt could not be read.
const HOLD_OFF: Duration = Duration::from_secs(15 * 60);

impl Session {
    /// The pause after a request for `url`; an error if robots.txt forbids the request.
    pub(super) async fn permission(
        &self,
        url: &Url,
        rules: &FetchRules,
    ) -> Result<Duration, FetchError> {
        if !rules.robots {
            return Ok(rules.delay);
        }
        // A host to which dibao may not connect is not asked for its robots.txt either.
        self.route(url, rules)?;
        let site = url.origin().ascii_serialization();
        let is_stale = |known: &Option<Site>| !known.as_ref().is_some_and(Site::is_fresh);
        let copies = &self.shared.robots.sites;
        let known = copies.lock(site.clone(), || None, is_stale);
        let mut known = known.lock().await;
        let found = match &*known {
            Some(known) if known.is_fresh() => known.found.clone(),
            _ => {
                let looked_up = self.look_up(&site, url, rules).await?;
                let found = looked_up.found.clone();
                *known = Some(looked_up);
                found
            }
        };
        match found {
            Found::Nothing => Ok(rules.delay),
            Found::Rules(robots) if robots.allows(url) => {
                Ok(rules.delay.max(robots.crawl_delay().unwrap_or_default()))
            }
            Found::Rules(_) => Err(FetchError::Robots {
                url: url.to_string(),
                site,
            }),
            Found::Failed(error) => Err(error),
        }
    }

    /// The robots.txt from the host book, or from the site.
    async fn look_up(&self, site: &str, url: &Url, rules: &FetchRules) -> Result<Site, FetchError> {
        let failed = |error| FetchError::from_host_book(url, error);
        if let Some(copy) = self.host_book.robots(site).await.map_err(failed)? {
            return Ok(Site {
                until: Instant::now() + copy.fresh_for,
                found: Found::from_copy(&copy),
            });
        }
        match self.read_robots(url, rules).await {
            Ok(body) => {
                let copy = RobotsCopy {
                    body,
                    fresh_for: DAY,
                };
                self.host_book
                    .keep_robots(site, &copy)
                    .await
                    .map_err(failed)?;
                Ok(Site {
                    until: Instant::now() + DAY,
                    found: Found::from_copy(&copy),
                })
            }
            // This error says nothing about the site.
            Err(error) if error.is_ours() => Err(error),
            Err(error @ FetchError::Resting { .. }) => Err(error),
            Err(error) => Ok(Site {
                until: Instant::now() + HOLD_OFF,
                found: Found::Failed(error),
            }),
        }
    }

    /// Fetches a site's robots.txt. After a 4xx or an endless chain of redirects the site counts as
    /// without one. After a 5xx or without an answer nothing may be fetched.
    async fn read_robots(
        &self,
        url: &Url,
        rules: &FetchRules,
    ) -> Result<Option<Vec<u8>>, FetchError> {
        let mut robots = url.clone();
        robots.set_path("/robots.txt");
        robots.set_query(None);
        robots.set_fragment(None);
        let rules = FetchRules {
            robots: false,
            ..rules.clone()
        };
        let beginning = Purpose::Beginning(BYTE_LIMIT + 1);
        match Box::pin(self.get_with_retries(&robots, &rules, None, beginning)).await {
            Ok(Fetched::Page(page)) => Ok(Some(page.body)),
            Ok(Fetched::NotModified) | Err(FetchError::Empty { .. }) => Ok(None),
            Err(error) if error.is_missing() => Ok(None),
            Err(FetchError::RedirectLoop { .. }) => Ok(None),
            Err(FetchError::HttpStatus { status, .. })
                if (400..500).contains(&status) && !matches!(status, 408 | 429) =>
            {
                Ok(None)
            }
            Err(FetchError::HttpStatus {
                status,
                retry_after,
                ..
            }) => Err(FetchError::RobotsUnavailable {
                url: robots.to_string(),
                status,
                retry_after,
            }),
            Err(error) => Err(error),
        }
    }
}
