//! Columns that became other ones: what stays at their old addresses.
//!
//! Owns the list of moves for web servers, and the removal of files that nobody renews. Never writes a
//! feed: those at old addresses are rendered with the new column's.

use std::collections::{BTreeMap, BTreeSet};

use super::error::PublishFailure;
use super::since::Fingerprints;
use super::site_files::SiteFiles;
use crate::model::ColumnName;
use crate::render::paths;

impl SiteFiles<'_> {
    /// Publishes the list of moves, and removes the other files of what has moved now.
    pub(super) fn moved(&mut self, fingerprints: &Fingerprints<'_>) -> Result<(), PublishFailure> {
        let gone = fingerprints.gone();
        let mut moves: Vec<(&ColumnName, &ColumnName)> = self
            .infos
            .iter()
            .flat_map(|info| info.former.iter().map(|(from, _)| (from, &info.name)))
            .collect();
        moves.sort();
        let portals = whole_portals(&moves, &fingerprints.portals());
        for (from, _) in &moves {
            if self.scope.is_all || gone.contains(from.as_str()) {
                for folder in self.directory.folders_in(from.as_str())? {
                    let folder = format!("{from}/{folder}");
                    self.directory.sweep_folder(&folder)?;
                    self.directory.remove_empty_folder(&folder)?;
                }
                self.directory.sweep_folder(from.as_str())?;
                if portals.contains_key(from.portal()) {
                    self.directory.sweep_folder(from.portal())?;
                }
            }
        }
        let has_list = self.directory.text_of(paths::REDIRECTS)?.is_some();
        if moves.is_empty() && !has_list {
            return Ok(());
        }
        let mut lines = String::new();
        for (from, into) in moves {
            lines.push_str(&format!("/{from}/* /{into}/:splat 301\n"));
        }
        for (from, into) in portals {
            lines.push_str(&format!("/{from}/* /{into}/:splat 301\n"));
        }
        self.put_plain(paths::REDIRECTS, lines.as_bytes())
    }
}

/// The portals that moved as a whole: no column is left, and all that moved went to one portal.
fn whole_portals<'a>(
    moves: &[(&'a ColumnName, &'a ColumnName)],
    left: &BTreeSet<&str>,
) -> BTreeMap<&'a str, &'a str> {
    let mut portals: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, into) in moves {
        portals
            .entry(from.portal())
            .or_default()
            .insert(into.portal());
    }
    portals
        .into_iter()
        .filter(|(from, _)| !left.contains(from))
        .filter_map(|(from, into)| match into.len() {
            1 => Some((from, into.into_iter().next()?)),
            _ => None,
        })
        .collect()
}
