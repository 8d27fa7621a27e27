//! How much more of a portal in trouble a run asks.
//!
//! Owns when it has had enough, of the column's host and of others on which its articles stand.
//! Never asks anything.

use std::collections::BTreeMap;

use url::Url;

use super::report::ColumnReport;
use crate::config::Column;
use crate::fetch::host_of;
use crate::model::Verdict;
use crate::pipeline::reading::errors::Vain;

/// After so many passing faults in a row the portal is left alone until the next run.
const PATIENCE: usize = 3;
/// So many walls in a row are the host's. A single one may be its page's, of which a firewall
/// dislikes a word.
const WALLS: usize = 2;

/// How much more of a portal in trouble a run asks.
#[derive(Default)]
pub(in crate::pipeline) struct Patience {
    faults: usize,
    /// Walls in a row, by host.
    walls: BTreeMap<String, usize>,
    is_walled: bool,
    /// Other hosts than the column's, and whether they are left alone.
    pub(in crate::pipeline) others: BTreeMap<String, bool>,
}

impl Patience {
    /// A page of this host was read.
    pub(in crate::pipeline) fn renew(&mut self, url: &Url) {
        self.faults = 0;
        self.walls.remove(&host_of(url));
    }

    /// Passing faults or walls in a row, and the portal is left alone.
    pub(in crate::pipeline) fn wear(
        &mut self,
        vain: &Vain,
        column: &Column,
        report: &mut ColumnReport,
    ) {
        self.faults = if vain.is_transient() {
            self.faults + 1
        } else {
            0
        };
        let Some(host) = vain.walled_host(column) else {
            return;
        };
        let walls = self.walls.entry(host.clone()).or_default();
        *walls += 1;
        if *walls < WALLS {
            return;
        }
        if host == host_of(&column.url) {
            self.is_walled = true;
            report.host_trouble = Some(Verdict::BlockedByWaf);
        } else {
            self.others.insert(host.clone(), true);
            report.walled.insert(host);
        }
    }

    pub(in crate::pipeline) fn is_over(&self) -> bool {
        self.is_walled || self.faults >= PATIENCE
    }
}
