//! How much more of a portal in trouble a run asks.
//!
//! Owns when it has had enough, of the column's host and of others on which its articles stand.
//! Never asks anything.

use std::collections::BTreeMap;

use super::report::ColumnReport;
use super::trouble::Vain;
use crate::config::Column;
use crate::fetch::host_of;
use crate::model::Verdict;

/// After so many passing faults in a row the portal is left alone until the next run.
const PATIENCE: usize = 3;

/// How much more of a portal in trouble a run asks.
#[derive(Default)]
pub(super) struct Patience {
    faults: usize,
    is_walled: bool,
    /// Other hosts than the column's, and whether they are left alone.
    pub(super) others: BTreeMap<String, bool>,
}

impl Patience {
    pub(super) fn renew(&mut self) {
        self.faults = 0;
    }

    /// Passing faults in a row, or one wall, and the portal is left alone.
    pub(super) fn wear(&mut self, vain: &Vain, column: &Column, report: &mut ColumnReport) {
        self.faults = if vain.is_transient() {
            self.faults + 1
        } else {
            0
        };
        match vain.walled_host(column) {
            Some(host) if host == host_of(&column.url) => {
                self.is_walled = true;
                report.host_trouble = Some(Verdict::BlockedByWaf);
            }
            Some(host) => {
                self.others.insert(host.clone(), true);
                report.walled.insert(host);
            }
            None => (),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_walled || self.faults >= PATIENCE
    }
}
