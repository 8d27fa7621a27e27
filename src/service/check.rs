//! Checks the published files beside everything else, some at a time.
//!
//! Owns when a step is due. Never decides what it looks at.

use std::sync::Arc;
use std::time::Duration;

use super::publisher::Publisher;
use crate::pipeline::{self, CheckPlace, Collector, PublishFailure, PublishInput};

/// The time between two steps. 2,000 of them take 17 hours.
const STEP: Duration = Duration::from_secs(30);
/// The time before everything is checked again: within a day in all.
const REST: Duration = Duration::from_secs(6 * 3600);

impl Publisher {
    /// Checks the published files, some at a time, and writes those anew that somebody changed.
    pub(super) async fn check_files(&self) {
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

    async fn check_some(&self, place: &mut CheckPlace) {
        let public = self.public.lock().await;
        let active = self.active();
        // A new configuration is published first.
        let last = public.active.as_ref();
        if !last.is_some_and(|last| Arc::ptr_eq(last, &active)) {
            return;
        }
        let (config, site) = (&active.config, &active.site);
        let Collector {
            store, progress, ..
        } = &self.collector;
        let directory = &public.directory;
        let input = PublishInput::new(config, site, store, directory, progress);
        let checked = async {
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
