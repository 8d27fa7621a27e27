//! Publishes the articles, changes and columns of the store.
//!
//! Owns the order: the journal first, then the files, the manifest, and the record. What did not
//! change since the record is neither rendered nor read. Never knows a format.

use std::collections::BTreeMap;

use super::ended::with_ended;
use super::error::PublishFailure;
use super::input::{PublishInput, PublishReport, column_infos};
use super::scope::Scope;
use super::since::{self, Fingerprints};
use super::site_files::SiteFiles;
use super::topics::Topics;
use crate::model::Clock;
use crate::pipeline::record::low;
use crate::publish::{DISK_LOW, PublishPlace};
use crate::render::{RenderError, paths};
use crate::store::{Marks, PublishedColumn, PublishedFolder, Publishing, Store, StoreError, Task};

/// Publishes what changed since the folder was published last: of the store, of the configuration,
/// of the program. Another folder, or one whose manifest somebody else wrote, is published whole.
/// The manifest is written last: every file that it names is there by then.
pub async fn publish(input: &PublishInput<'_>) -> Result<PublishReport, PublishFailure> {
    publish_at_least(input, Scope::default()).await
}

/// Publishes everything, and so mends every file that somebody changed.
pub async fn publish_all(input: &PublishInput<'_>) -> Result<PublishReport, PublishFailure> {
    publish_at_least(input, Scope::all()).await
}

/// Whether the folder includes everything that the store knows, under the configuration with which
/// it was published last. Costs the same in a store of any size.
pub async fn is_published(
    store: &Store,
    directory: &dyn PublishPlace,
) -> Result<bool, PublishFailure> {
    match directory.stamp(paths::MANIFEST)? {
        Some(tree) => Ok(store.published().is_current(&tree).await?),
        None => Ok(false),
    }
}

/// Publishes what changed, and this.
pub(super) async fn publish_at_least(
    input: &PublishInput<'_>,
    least: Scope,
) -> Result<PublishReport, PublishFailure> {
    // A process that has read an older state must not write after this one.
    let mut turn = input.store.turn(Task::Publish).await?;
    tokio::select! {
        published = Box::pin(publish_in_turn(input, least)) => published,
        () = turn.lost() => Err(StoreError::out_of_reach("another process publishes now").into()),
    }
}

async fn publish_in_turn(
    input: &PublishInput<'_>,
    least: Scope,
) -> Result<PublishReport, PublishFailure> {
    let PublishInput {
        store, directory, ..
    } = *input;
    let _turn = directory.lock().await?;
    directory.begin();
    let has_room_again = look_at_disk(input).await?;
    let before = Before::read(input).await?;
    let columns = with_ended(store, input.columns, input.broken).await?;
    let input = &PublishInput {
        columns: &columns,
        ..*input
    };
    let infos = column_infos(store, input.columns, input.cron).await?;
    let columns = Fingerprints::new(input.columns, &infos, &before.columns);
    let topics = Topics::new(input.topics, &infos, &before.topics);
    let journal = before.journal.as_deref();
    let scope = match least.is_all || has_room_again {
        true => Scope::all(),
        false => before.scope(input, &columns, &topics).await?.merge(least),
    };
    if scope.is_empty() {
        store.published().forget(before.marks.last).await?;
        list_live_feeds(input).await?;
        return Ok(PublishReport {
            seq: before.seq,
            ..PublishReport::default()
        });
    }
    let written = serde_json::to_string(&scope).map_err(RenderError::from)?;
    store.published().begin(&written).await?;
    if scope.is_all || journal.is_some() {
        directory.catch_up(scope.is_all)?;
    }
    let mut files = SiteFiles::new(input, (&infos, &topics), &scope, before.seq).await?;
    let rendered = files.write(&columns).await?;
    directory.settle_all().await?;
    let listed = files.manifests(&columns).await?;
    directory.settle_all().await?;
    let topics = files.rendered_topics();
    let (done, kept_files) = files.end();
    let publishing = Publishing {
        folder: PublishedFolder {
            tree: directory.stamp(paths::MANIFEST)?.unwrap_or_default(),
            site: before.site,
            seq: before.seq,
        },
        base_url: input.site.base_url.to_string(),
        is_all: scope.is_all,
        marks: before.marks.last,
        columns: rendered,
        gone_columns: columns.gone(),
        topics,
        files: listed.files,
        gone_files: listed.gone,
        kept_files,
    };
    store.published().finish(&publishing).await?;
    list_live_feeds(input).await?;
    Ok(done)
}

/// Leaves compressed copies out while the disk of the published folder has little room, and tells of
/// it. Returns whether it has room again: then the copies are caught up.
async fn look_at_disk(input: &PublishInput<'_>) -> Result<bool, StoreError> {
    let PublishInput {
        store, directory, ..
    } = *input;
    // It is the same for all columns.
    let limits = input.columns.first().map(|column| column.limits);
    let room = directory.room(limits.unwrap_or_default().free_space());
    let room = room.filter(|room| room.is_low());
    directory.spare_copies(room.is_some());
    let message = room.map(|room| format!("the published folder: {}", low(room)));
    let now = Clock::system().now();
    let incidents = store.incidents();
    incidents
        .stand(now, DISK_LOW, "public", message.as_deref())
        .await
}

/// The record of the last publication, and what the store has now.
struct Before {
    /// Read before anything else: what changes later is left for the next publication.
    marks: Marks,
    /// The last change.
    seq: i64,
    /// The fingerprint of the site and the program.
    site: String,
    columns: BTreeMap<String, PublishedColumn>,
    /// The fingerprints of the topics.
    topics: BTreeMap<String, String>,
    journal: Option<String>,
}

impl Before {
    async fn read(input: &PublishInput<'_>) -> Result<Self, StoreError> {
        let published = input.store.published();
        Ok(Self {
            marks: published.marks().await?,
            seq: input.store.changes().last_seq().await?,
            site: since::site_fingerprint(input.site),
            columns: published.columns().await?,
            topics: published.topics().await?,
            journal: published.journal().await?,
        })
    }

    /// What changed since, together with what a publication that did not end was to render.
    async fn scope(
        &self,
        input: &PublishInput<'_>,
        columns: &Fingerprints<'_>,
        topics: &Topics<'_>,
    ) -> Result<Scope, PublishFailure> {
        let folder = input.store.published().folder().await?;
        let tree = input.directory.stamp(paths::MANIFEST)?;
        let is_same = |folder: &PublishedFolder| {
            Some(&folder.tree) == tree.as_ref() && folder.site == self.site
        };
        let Some(folder) = folder.filter(is_same) else {
            return Ok(Scope::all());
        };
        let unfinished = match &self.journal {
            None => Scope::default(),
            // A journal of another version.
            Some(journal) => serde_json::from_str(journal).unwrap_or_else(|_| Scope::all()),
        };
        let changes = (folder.seq, self.seq);
        let mut scope = since::scope(input.store, changes, &self.marks, columns).await?;
        topics.affect(input.store, &mut scope).await?;
        Ok(scope.merge(unfinished))
    }
}

/// Lists all live feeds, for hubs: also those that another publication wrote.
async fn list_live_feeds(input: &PublishInput<'_>) -> Result<(), StoreError> {
    if !input.site.hubs.is_empty() {
        let feeds = input.store.published().feeds().await?.into_iter();
        let feeds = feeds.filter(|feed| paths::is_live_feed(&feed.path));
        feeds.for_each(|feed| input.directory.list(feed));
    }
    Ok(())
}
