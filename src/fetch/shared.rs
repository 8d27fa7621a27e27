//! State that the sessions of a fetcher share.
//!
//! Owns its parts for the life of the fetcher. Never sends anything.

use super::clients::Clients;
use super::options::FetcherOptions;
use super::pace::Pace;
use super::robots_copies::RobotsCopies;

/// Connections, the pace of each host, and copies of robots.txt.
pub(super) struct Shared {
    pub(super) options: FetcherOptions,
    pub(super) clients: Clients,
    pub(super) pace: Pace,
    pub(super) robots: RobotsCopies,
}
