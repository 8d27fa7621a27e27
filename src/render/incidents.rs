//! Incidents as a feed, for the operator.
//!
//! Owns the ids, titles and times of the entries. Never opens or closes an incident.

use maud::html;
use uuid::Uuid;

use super::{Entry, Feed, Site, labels, limit, paths, xml};
use crate::model::{FEED_ENTRIES, Timestamp};

/// An incident, open or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentEntry {
    /// Its stable code.
    pub reason: String,
    /// Its subject.
    pub subject: String,
    /// The incident in words, with the remedy.
    pub message: String,
    /// When it was first seen.
    pub opened_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

/// The feed of these incidents, which come newest first. An entry changes when its incident is
/// closed, and not when the incident is seen again.
pub fn feed(site: &Site, incidents: &[IncidentEntry]) -> Feed {
    let entries = incidents
        .iter()
        .take(FEED_ENTRIES)
        .map(|incident| entry(site, incident));
    let entries = apart(limit::fitted(entries.collect()));
    // The name of a portal never has a question mark.
    let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, b"dibao:?incidents");
    let home = site.url(paths::STATUS);
    Feed {
        subtitle: "需要人处理的情况：栏目改版、连续失败、编号冲突等".to_owned(),
        ..Feed::from_entries(site, id.urn().to_string(), "邸报 · 待处理", &home, entries)
    }
}

fn entry(site: &Site, incident: &IncidentEntry) -> Entry {
    let IncidentEntry {
        reason,
        subject,
        message,
        opened_at,
        closed_at,
    } = incident;
    let over = closed_at.map_or("", |_| "已解决：");
    let words = labels::reason(reason).map_or_else(String::new, |words| format!("{words} "));
    let title = xml::clean(&format!("{over}{words}{reason} {subject}")).into_owned();
    let content = html! {
        @if let Some(sentence) = labels::incident(reason) { p { (sentence) } }
        p { (message) }
        @if let Some(at) = closed_at { p { "已于 " (at) " 解决。" } }
    };
    let summary = xml::clean(message).into_owned();
    // A row number would differ in a rebuilt store.
    let name = format!("dibao:incident/{reason}/{subject}/{}", opened_at.millis());
    Entry {
        updated: closed_at.unwrap_or(*opened_at),
        categories: vec![reason.clone()],
        summary: Some(summary),
        content: Some(xml::clean(&content.into_string()).into_owned()),
        ..Entry::of_site(&name, title, site.url(paths::STATUS), *opened_at)
    }
}

/// Gives each entry its own time: validators warn about equal times, and readers sort by time.
fn apart(mut entries: Vec<Entry>) -> Vec<Entry> {
    let mut last: Option<Timestamp> = None;
    for entry in entries.iter_mut().rev() {
        if let Some(last) = last.filter(|last| entry.updated <= *last) {
            entry.updated = last.plus(chrono::TimeDelta::milliseconds(1));
        }
        last = Some(entry.updated);
    }
    entries
}
