//! The history of an article since it was first seen, with a comparison for each edit.
//!
//! Owns the markup of the history and its limits. Never compares two states: `comparison` does.

use maud::{Markup, html};

use super::super::comparison::comparison;
use super::super::labels;
use super::entries::{column_head, heading, minute};
use crate::model::{Change, ChangeKind};

/// The most edits with a comparison.
const COMPARED: usize = 10;

/// After this many bytes of comparisons, no further one is shown: a text that was rewritten several
/// times would make the page too large for phones.
const ENOUGH: usize = 256 * 1024;

/// The most changes on the page.
const NAMED: usize = 100;

/// An edit, the state before it, and the comparison.
struct Edit<'a> {
    change: &'a Change,
    before: &'a Change,
    comparison: Markup,
}

/// The newest edits, newest first.
fn edits(changes: &[Change]) -> Vec<Edit<'_>> {
    // What an amendment alone brought was not told: the next edit says it.
    let is_told = |change: &&Change| change.kind != ChangeKind::Amended;
    let told: Vec<&Change> = changes.iter().filter(is_told).collect();
    let states = told.iter().copied().zip(told.iter().copied().skip(1));
    let newest = states.filter(|(_, change)| is_edit(change.kind)).rev();
    let mut edits = Vec::new();
    let mut bytes = 0;
    for (before, change) in newest.take(COMPARED) {
        if bytes > ENOUGH {
            break;
        }
        let comparison = comparison(&before.article, &change.article);
        bytes += comparison.0.len();
        edits.push(Edit {
            change,
            before,
            comparison,
        });
    }
    edits
}

/// The history of an article, newest change first. `changes` are all its changes in the order of
/// their numbers.
pub(super) fn history(changes: &[Change]) -> Markup {
    let edits = edits(changes);
    let is_compared = |change: &Change| edits.iter().any(|edit| edit.change.seq == change.seq);
    html! {
        @if !changes.is_empty() {
            section.history {
                (heading("修订记录", "Revisions"))
                div.scroll { table.facts {
                    thead { tr {
                        (column_head("时间", "At")) (column_head("变更", "Change"))
                        (column_head("版本", "Version")) (column_head("序号", "Number"))
                    } }
                    tbody { @for change in changes.iter().rev().take(NAMED) { (row(change, is_compared(change))) } }
                } }
                @if changes.len() > NAMED {
                    p.muted { "更早的 " (changes.len() - NAMED) " 次从略，变更记录里都有。"
                        span lang="en" { "Earlier changes are left out here; the account of changes has them all." } }
                }
                @for (at, edit) in edits.iter().enumerate() { (shown(edit, at == 0)) }
            }
        }
    }
}

fn is_edit(kind: ChangeKind) -> bool {
    matches!(kind, ChangeKind::Revised | ChangeKind::Reextracted)
}

/// The anchor of an edit on the page.
fn place(change: &Change) -> String {
    format!("change-{}", change.seq)
}

fn row(change: &Change, is_compared: bool) -> Markup {
    let (chinese, english) = labels::change(change.kind);
    let what = html! { (chinese) small lang="en" { (english) } };
    html! {
        tr {
            td { (minute(change.at)) }
            td { @if is_compared { a href=(format!("#{}", place(change))) { (what) } } @else { (what) } }
            td { (change.article.revision) }
            td { (change.seq) }
        }
    }
}

fn shown(edit: &Edit<'_>, is_newest: bool) -> Markup {
    let Edit { change, before, .. } = edit;
    let (chinese, english) = labels::change(change.kind);
    html! {
        details.edit id=(place(change)) open[is_newest] {
            summary { h3 { (minute(change.at)) " " (chinese) small lang="en" { (english) } } }
            p.muted { "第 " (before.article.revision) " 版与第 " (change.article.revision) " 版之间："
                del { "删去 " span lang="en" { "removed" } } "　"
                ins { "增加 " span lang="en" { "added" } } }
            div.diff { (edit.comparison) }
        }
    }
}
