//! `dibao verify`: extracts an article again from its archived page, and compares.
//!
//! Owns the output and the exit code. Never decides what counts as equal.

use uuid::Uuid;

use super::outcome::{Done, Stop, say};
use super::{left_out, ready};
use crate::config::Folders;
use crate::pipeline::{Comparison, Rereader, Unread, Unverified, Verified};
use crate::render::differences::differences;

pub(super) async fn verify(folders: &Folders, id: Uuid, as_json: bool) -> Result<Done, Stop> {
    let config = left_out::load_rest(folders)?;
    let store = ready::known_store(folders).await?;
    let rereader = Rereader {
        store: store.clone(),
        archive: ready::archive(folders)?,
    };
    let verified = rereader.verify(id, &config.columns).await;
    store.close().await;
    let verified = verified.map_err(|why| stop(id, why))?;
    match as_json {
        true => say(&serde_json::to_string(&verified).map_err(Stop::failed)?)?,
        false => show(&verified)?,
    }
    Ok(match verified.is_equal {
        true => Done::Well,
        false => Done::Partly,
    })
}

fn stop(id: Uuid, why: Unverified) -> Stop {
    match why {
        Unverified::Unknown => Stop::configuration(format_args!(
            "{id}: no article has this id\n  remedy: take an id from the article's JSON, or from \
             `dibao export`"
        )),
        Unverified::Removed => Stop::configuration(format_args!(
            "{id}: it was removed, so nothing is left to verify\n  remedy: none; `dibao status` says \
             when and why"
        )),
        Unverified::NoCapture | Unverified::Unread(Unread::NotArchived(_)) => {
            let which = match why {
                Unverified::Unread(Unread::NotArchived(which)) => which,
                _ => "its page is not in the archive".to_owned(),
            };
            Stop::configuration(format_args!(
                "{id}: {which}\n  remedy: put the archive back from a backup"
            ))
        }
        Unverified::NoColumn(columns) => {
            let names: Vec<&str> = columns.iter().map(|name| name.as_str()).collect();
            Stop::configuration(format_args!(
                "{id}: none of the columns that list it has a feed file: {}\n  remedy: write one, or \
                 name the folder with --feeds",
                names.join(", ")
            ))
        }
        Unverified::Unread(Unread::Damaged(cause)) => Stop::failed(format_args!("{id}: {cause}")),
        Unverified::Unread(Unread::Held { verdict, message }) => Stop::failed(format_args!(
            "{id}: differs: the rules of today find no article there: {}: {message}",
            verdict.code()
        )),
        Unverified::Unread(Unread::Store(error)) => ready::unusable(error),
    }
}

fn show(verified: &Verified) -> Result<(), Stop> {
    let Verified { capture, .. } = verified;
    let (stored, derived) = &*verified.articles;
    say(&format!("{}  {}", verified.id, stored.title))?;
    say(&format!("  page        {}", capture.url))?;
    say(&format!(
        "  capture     {} at byte {}",
        capture.file, capture.offset
    ))?;
    say(&format!("  record      {}", capture.record_id))?;
    say(&format!("  captured    {}", capture.captured_at))?;
    say(&format!(
        "  digest      {} matches the bytes",
        capture.payload_digest
    ))?;
    if let Some(charset) = &verified.charset {
        let then = match &charset.then {
            Some((name, decided)) if name != charset.name => format!("; then {name} ({decided})"),
            _ => String::new(),
        };
        say(&format!(
            "  charset     {} ({}), {} characters unreadable{then}",
            charset.name, charset.decided_by, charset.replaced
        ))?;
    }
    say(&format!("  rules       {}", verified.column))?;
    let checks = verified.fields.iter();
    let checks = checks.map(|(name, check)| (name.as_str(), check));
    for (name, check) in checks.chain([("content_sha256", &verified.content_sha256)]) {
        say(&format!("  {name:<20}{}", word(check.how)))?;
    }
    for found in differences(stored, derived) {
        say(&format!("{}:", found.field))?;
        for line in &found.lines {
            say(&format!("  {line}"))?;
        }
    }
    say(match verified.is_equal {
        true => "equal",
        false => "differs",
    })
}

fn word(how: Comparison) -> &'static str {
    match how {
        Comparison::Equal => "equal",
        Comparison::Kept => "as the page has it; the article keeps its own value",
        Comparison::Alike => "equal, but for white space or the portal's own address",
        Comparison::Differs => "differs",
    }
}
