//! Pages that were read and are not decided on yet.
//!
//! Owns how many of them wait together, and what a known one keeps. Never decides, never stores.

use crate::model::{Field, Verdict};
use crate::pipeline::drift::{Break, BreakKind};
use crate::pipeline::reading::keep;
use crate::store::{PageContent, QueuedItem, ReadPage, Shows};

/// This many doubtful pages are decided on together, with the pages that were read meanwhile. A
/// decision on all of them at the end would be too late if a time limit ends the run.
const TOGETHER: usize = 5;

/// A new article that was read.
#[derive(Clone, Debug)]
pub(super) struct PendingArticle {
    pub(super) item: QueuedItem,
    pub(super) read: Box<ReadPage>,
    pub(super) shows: Shows,
}

/// New articles that were read, in their order. While one is in doubt, those behind it wait, too,
/// so that all are published in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct PendingArticles {
    articles: Vec<PendingArticle>,
    suspects: usize,
}

impl PendingArticles {
    pub(super) fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }

    pub(super) fn push(&mut self, article: PendingArticle, is_suspect: bool) {
        self.articles.push(article);
        self.suspects += usize::from(is_suspect);
    }

    /// Whether it is time to decide.
    pub(super) fn is_full(&self) -> bool {
        self.suspects >= TOGETHER || self.articles.len() >= 2 * TOGETHER
    }

    pub(super) fn take(&mut self) -> Vec<PendingArticle> {
        std::mem::take(self).articles
    }
}

/// A known page that changed, perhaps by its layout alone.
#[derive(Clone, Debug)]
pub(super) struct PendingRecheck {
    pub(super) read: Box<ReadPage>,
    /// What it had before.
    pub(super) before: Box<PageContent>,
    /// The usual fields that it lost.
    pub(super) lost: Vec<Field>,
    /// Whether it lost nearly all of its text.
    pub(super) shrank: bool,
    /// The fields that are found elsewhere, if anything differs.
    pub(super) moved: Vec<Field>,
}

impl PendingRecheck {
    /// Keeps the former values of these fields, where they are lost.
    pub(super) fn keep(&mut self, let_go: &[Field]) {
        for field in self.lost.extract_if(.., |field| let_go.contains(field)) {
            keep(field, &self.before, &mut self.read.content);
            self.read.reading.kept.push(field);
        }
    }

    /// Whether nothing but the markup of the text differs.
    pub(super) fn is_in_markup(&self) -> bool {
        differs_in_markup(&self.before, &self.read.content)
    }

    /// Why the page may differ by its layout alone, and the break that says so.
    pub(super) fn doubt<'a>(&self, breaks: &'a [Break]) -> Option<(Verdict, &'a Break)> {
        let doubts = breaks.iter().filter_map(|found| {
            let (verdict, is_affected) = match &found.kind {
                BreakKind::Lost(field) => (Verdict::FieldLost, self.lost.contains(field)),
                BreakKind::Shrunk => (Verdict::BodyShrunk, self.shrank),
                BreakKind::Unmatched(field, _) | BreakKind::Moved(field, _) => {
                    (Verdict::LayoutChanged, self.moved.contains(field))
                }
            };
            is_affected.then_some((verdict, found))
        });
        // A loss says more than a move.
        doubts.min_by_key(|(verdict, _)| *verdict == Verdict::LayoutChanged)
    }
}

/// Known pages that changed, perhaps by their layout alone.
#[derive(Clone, Debug, Default)]
pub(super) struct PendingRechecks(Vec<PendingRecheck>);

impl PendingRechecks {
    pub(super) fn push(&mut self, page: PendingRecheck) {
        self.0.push(page);
    }

    /// Whether it is time to decide.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= TOGETHER
    }

    pub(super) fn take(&mut self) -> Vec<PendingRecheck> {
        std::mem::take(&mut self.0)
    }
}

/// Whether two contents differ in their markup alone: a reader sees no difference.
fn differs_in_markup(before: &PageContent, now: &PageContent) -> bool {
    let words =
        |content: &PageContent| -> String { content.body.body_text.split_whitespace().collect() };
    before.title == now.title
        && before.metadata == now.metadata
        && before.body.images == now.body.images
        && before.body.attachments == now.body.attachments
        && words(before) == words(now)
}
