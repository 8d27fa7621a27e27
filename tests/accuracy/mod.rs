//! Accuracy: how much of what a person reads off pages dibao reads off them, by field.
//!
//! Owns the figures of the replica's pages and, if `DIBAO_CORPUS` names folders, of real ones:
//! `HOST/NAME.html` beside `HOST/NAME.json`, and label blocks as plain text, `NAME.txt` beside
//! `NAME.json`. `columns` has those of whole columns. `floor.toml` pins the figures, and
//! docs/accuracy.md shows them. Never decides how a page is read: no page has a rule of its own
//! here.
//!
//! Any folder of labelled pages can be measured, page by page with the wrong values, and several at
//! once, separated as in `PATH`:
//! `DIBAO_CORPUS=FOLDER cargo test --test dibao accuracy -- --nocapture`. `labels.rs` describes the
//! labels.

mod article;
mod blocks;
mod columns;
mod floor;
mod labels;
mod list;
mod replica;
mod score;

use std::path::Path;

use dibao::decode::decode;

use crate::support::outside_all;
pub(crate) use labels::entries;
use score::Score;

#[test]
fn accuracy_the_replica_reads_as_it_was_written() {
    floor::check(&[replica::measured()]);
}

#[test]
fn accuracy_real_pages_read_as_a_person_reads_them() {
    let Some(folders) = outside_all("DIBAO_CORPUS") else {
        return;
    };
    let mut scores = Vec::new();
    for corpus in folders {
        let (pages, blocks) = (measured(&corpus), blocks::measured(&corpus));
        let asked = pages.asked() + blocks.asked();
        assert!(asked > 0, "{} holds no labelled page", corpus.display());
        scores.extend([pages, blocks]);
    }
    floor::check(&scores);
}

/// The whole pages of a folder, articles and lists.
fn measured(corpus: &Path) -> Score {
    let mut score = Score::new("pages");
    for page in labels::pages(corpus) {
        let Ok(bytes) = std::fs::read(page.file.with_extension("html")) else {
            continue;
        };
        let text = decode(&bytes, None, None).text;
        score.page(&page.name);
        if page.labels["page_kind"] == "list" {
            list::judge(&text, &page.base, &page.items(), &mut score);
        } else {
            article::judge(&text, &page.base, &page.article(), &mut score);
        }
    }
    score
}
