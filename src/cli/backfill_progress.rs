//! The progress of a backfill: list pages, articles, pace, time left.
//!
//! Owns the arithmetic and the words. Never draws, and never reads a clock.

use std::time::Duration;

/// The state of a backfill.
#[derive(Clone, Debug, Default)]
pub(super) struct BackfillProgress {
    /// List pages that earlier backfills have done.
    pub(super) before: u32,
    /// List pages done, including those of earlier backfills.
    pub(super) pages: u32,
    /// The number of list pages, if the pager shows it.
    pub(super) total: Option<u32>,
    /// The number of list pages that it may read.
    pub(super) limit: Option<u32>,
    /// Articles done.
    pub(super) articles: u32,
    /// Articles of the last list page.
    pub(super) queued: u32,
    /// Those of them that are read.
    pub(super) read: u32,
}

impl BackfillProgress {
    /// The list page at which it ends, if that is known.
    pub(super) fn end(&self) -> Option<u32> {
        let limit = self.limit.map(|limit| self.before.saturating_add(limit));
        match (self.total, limit) {
            (Some(total), Some(limit)) => Some(total.min(limit)),
            (total, limit) => total.or(limit),
        }
    }

    /// The state in words, `elapsed` after it began.
    pub(super) fn words(&self, elapsed: Duration) -> String {
        let pages = match self.end() {
            Some(end) => format!("{}/{end} list pages", self.pages),
            None => format!("{} list pages", self.pages),
        };
        let minutes = elapsed.as_secs_f64() / 60.0;
        let pace = if minutes > 0.0 {
            f64::from(self.articles) / minutes
        } else {
            0.0
        };
        let left = match self.left(elapsed) {
            Some(left) => format!("about {} left", in_words(left)),
            None if self.end().is_some() => "time left known in a moment".to_owned(),
            None => "time left unknown: the pager does not say how many pages there are".to_owned(),
        };
        let articles = self.articles;
        format!("{pages}, {articles} articles, {pace:.1} a minute, {left}")
    }

    /// The time left, by the pace so far. A list page counts as done in part while its articles are
    /// read.
    fn left(&self, elapsed: Duration) -> Option<Duration> {
        let unread = match self.queued {
            0 => 0.0,
            queued => f64::from(queued.saturating_sub(self.read)) / f64::from(queued),
        };
        let done = f64::from(self.pages.saturating_sub(self.before)) - unread;
        let left = f64::from(self.end()?.saturating_sub(self.pages)) + unread;
        // With less than a tenth of a page done, a time would be a guess.
        (done > 0.1).then(|| elapsed.mul_f64(left / done))
    }
}

fn in_words(time: Duration) -> String {
    let minutes = time.as_secs().div_ceil(60);
    match minutes {
        0..=90 => format!("{minutes} min"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_follows_from_the_pages_to_come() {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        let mut progress = BackfillProgress {
            total: Some(60),
            ..BackfillProgress::default()
        };
        assert!(
            progress
                .words(minutes(0))
                .starts_with("0/60 list pages, 0 articles, 0.0 a minute")
        );
        (progress.pages, progress.articles) = (10, 200);
        assert_eq!(
            progress.words(minutes(20)),
            "10/60 list pages, 200 articles, 10.0 a minute, about 1 h 40 min left"
        );
        // Continued after five pages, and may read ten.
        (progress.before, progress.limit) = (5, Some(10));
        assert!(progress.words(minutes(20)).ends_with("about 20 min left"));
        // Half of the last page's articles are still to be read.
        (progress.queued, progress.read) = (20, 10);
        assert!(progress.words(minutes(18)).ends_with("about 22 min left"));
        (progress.total, progress.limit) = (None, None);
        assert!(progress.words(minutes(20)).contains("unknown"));
    }
}
