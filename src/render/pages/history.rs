//! What happened to an article since it was first seen, and what each edit changed.

use maud::{Markup, html};

use super::super::comparison::comparison;
use super::super::words;
use super::entries::{column_head, heading, minute};
use crate::model::{Change, ChangeKind};

/// Edits of which the page shows what they changed.
const COMPARED: usize = 10;

/// Changes that the page names; the account of changes has all.
const NAMED: usize = 100;

/// The history of an article, the newest change first. `changes` are all of its own, in the order
/// of their numbers.
pub(super) fn history(changes: &[Change]) -> Markup {
    let edits: Vec<(&Change, &Change)> = changes
        .iter()
        .zip(changes.iter().skip(1))
        .filter(|(_, change)| is_edit(change.kind))
        .map(|(before, change)| (change, before))
        .rev()
        .take(COMPARED)
        .collect();
    let is_compared = |change: &Change| edits.iter().any(|(edit, _)| edit.seq == change.seq);
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
                @for (at, (change, before)) in edits.iter().enumerate() { (edit(change, before, at == 0)) }
            }
        }
    }
}

fn is_edit(kind: ChangeKind) -> bool {
    matches!(kind, ChangeKind::Revised | ChangeKind::Reextracted)
}

/// Where on the page an edit is shown.
fn place(change: &Change) -> String {
    format!("change-{}", change.seq)
}

fn row(change: &Change, is_compared: bool) -> Markup {
    let (chinese, english) = words::change(change.kind);
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

fn edit(change: &Change, before: &Change, is_newest: bool) -> Markup {
    let (chinese, english) = words::change(change.kind);
    html! {
        details.edit id=(place(change)) open[is_newest] {
            summary { h3 { (minute(change.at)) " " (chinese) small lang="en" { (english) } } }
            p.muted { "第 " (before.article.revision) " 版与第 " (change.article.revision) " 版之间："
                del { "删去 " span lang="en" { "removed" } } "　"
                ins { "增加 " span lang="en" { "added" } } }
            div.diff { (comparison(&before.article, &change.article)) }
        }
    }
}
