//! Checks the published files, the rows of the store and the archive beside everything else, some
//! at a time.
//!
//! Owns when a step is due. Never decides what it looks at.

use std::sync::Arc;
use std::time::Duration;

use super::publisher::Publisher;
use crate::archive::ArchiveFiles;
use crate::pipeline::{self, CheckPlace, Checker, Collector, PublishFailure, PublishInput};
use crate::store::StoreError;

/// The time between two steps. 2,000 of them take 17 hours.
const STEP: Duration = Duration::from_secs(30);
/// A step reads rows and files of the archive for about so long.
const SHARE: Duration = Duration::from_millis(300);
/// The time before everything is checked again: within a day in all.
const REST: Duration = Duration::from_secs(6 * 3600);

impl Publisher {
    /// Checks the published files, some at a time, and writes those anew that somebody changed. It
    /// begins after a publication, which it would do in its place.
    pub(super) async fn check_files(&self) {
        tokio::select! {
            () = self.collector.stop.cancelled() => return,
            () = self.has_begun() => (),
        }
        let mut place = CheckPlace::default();
        loop {
            tokio::select! {
                () = self.collector.stop.cancelled() => return,
                () = async {
                    self.check_some(&mut place).await;
                    if place.is_end() {
                        place = CheckPlace::default();
                        tokio::time::sleep(REST).await;
                    } else {
                        tokio::time::sleep(STEP).await;
                    }
                } => (),
            }
        }
    }

    /// Checks the rows of the store and the files of the archive, some at a time, within a day.
    pub(super) async fn check_data(&self, archive: ArchiveFiles) {
        loop {
            tokio::select! {
                () = self.collector.stop.cancelled() => return,
                () = async {
                    tokio::time::sleep(STEP).await;
                    self.check_share(&archive).await;
                } => (),
            }
        }
    }

    async fn check_share(&self, archive: &ArchiveFiles) {
        let Collector { store, clock, .. } = &self.collector;
        let checker = Checker {
            store,
            archive,
            now: clock.now(),
        };
        match checker.share(SHARE).await {
            Ok(damage) => {
                for row in &damage.rows {
                    tracing::error!(reason = StoreError::CORRUPT, "{row}");
                }
                for file in &damage.files {
                    tracing::error!(reason = pipeline::ARCHIVE_DAMAGED, "{}", file.message);
                }
                if !damage.is_none() {
                    self.publish().await;
                }
            }
            Err(error) => {
                let reason = error.reason();
                tracing::error!(reason, %error, "the data were not checked");
                self.stop_at(reason);
            }
        }
    }

    async fn check_some(&self, place: &mut CheckPlace) {
        let public = self.public.lock().await;
        let active = self.active();
        // A new configuration is published first.
        let last = public.active.as_ref();
        if !last.is_some_and(|last| Arc::ptr_eq(last, &active)) {
            return;
        }
        let config = &active.config;
        let Collector {
            store,
            progress,
            kept,
            ..
        } = &self.collector;
        let directory = &*public.directory;
        let checked = async {
            let site = self.site(&active).await?;
            let input = PublishInput::new(config, &site, store, (directory, kept), progress);
            let published = pipeline::check_published(&input, place).await?;
            if published.written > 0 {
                tracing::info!(%published, "published files were checked");
                self.show(directory).await?;
            }
            Ok::<_, PublishFailure>(())
        };
        if let Err(error) = checked.await {
            let reason = error.reason();
            tracing::error!(reason, %error, "the published files were not checked");
            self.stop_at(reason);
        }
    }
}
