//! What a column may make dibao store in a day, and what the disk has room for.
//!
//! Owns the counting, and the refusal of further requests. What is refused is left aside, and nothing
//! that is known is lost. Never fetches, and never decides what a run does instead.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::NaiveDate;

use crate::config::{Column, Limits};
use crate::fetch::HostBookError;
use crate::model::{ColumnName, Timestamp};
use crate::publish::{DISK_LOW, Room};
use crate::store::{Spent, Store, StoreError};

/// The code of an incident: a column makes dibao store more than it may.
pub(in crate::pipeline) const FLOOD: &str = "flood";

/// A text stands in the store, in feeds and on pages about so many times.
const COPIES: u64 = 10;
/// What was spent is written down after so many bytes or requests: a kill forgets no more than this.
const BYTES: u64 = 4 << 20;
const REQUESTS: u32 = 50;

/// Whose requests they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) enum Spender {
    /// A run's.
    Run,
    /// A backfill's that a run has queued.
    Backfill,
    /// A backfill's that a person asked for: only its bytes are limited.
    Person,
}

/// What a column may still make dibao store today. Cheap to clone.
#[derive(Clone, Debug)]
pub(in crate::pipeline) struct Budget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    column: ColumnName,
    limits: Limits,
    spender: Spender,
    /// The folder whose disk must have room.
    data: PathBuf,
    today: Mutex<Today>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Today {
    day: Option<NaiveDate>,
    /// What was spent today, all in all.
    spent: Spent,
    /// The part of it that is not written down.
    unwritten: Spent,
}

impl Today {
    /// Begins anew on another day.
    fn on(&mut self, now: Timestamp) -> &mut Self {
        let day = Some(now.date());
        if self.day != day {
            *self = Self {
                day,
                ..Self::default()
            };
        }
        self
    }

    fn add(&mut self, more: Spent) {
        self.spent.add(more);
        self.unwritten.add(more);
    }
}

impl Budget {
    pub(in crate::pipeline) fn new(store: &Store, column: &Column, spender: Spender) -> Self {
        Self(Arc::new(Shared {
            column: column.name.clone(),
            limits: column.limits,
            spender,
            data: store.folder().to_owned(),
            today: Mutex::default(),
        }))
    }

    fn today(&self) -> MutexGuard<'_, Today> {
        let today = self.0.today.lock();
        today.unwrap_or_else(PoisonError::into_inner)
    }

    /// What earlier runs have spent today.
    pub(in crate::pipeline) fn begin(&self, now: Timestamp, before: Spent) {
        let mut today = self.today();
        let today = today.on(now);
        let unwritten = today.unwritten;
        today.spent = before;
        today.spent.add(unwritten);
    }

    /// Asks the store what earlier runs have spent today.
    pub(in crate::pipeline) async fn load(
        &self,
        store: &Store,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let before = store.columns().spent(&self.0.column, now.date()).await?;
        self.begin(now, before);
        Ok(())
    }

    /// The room on the disk.
    pub(in crate::pipeline) fn room(&self) -> Option<Room> {
        Room::on_disk_of(&self.0.data, self.0.limits.free_space())
    }

    /// Why no further request is made today, with the code.
    pub(in crate::pipeline) fn refusal(&self, now: Timestamp) -> Option<(&'static str, String)> {
        let room = self.room();
        let needs_much = self.0.spender != Spender::Run;
        if let Some(room) = room.filter(|room| room.is_scarce() || needs_much && room.is_low()) {
            return Some((DISK_LOW, low(room)));
        }
        let (column, limits) = (&self.0.column, self.0.limits);
        let spent = self.today().on(now).spent;
        let (bytes, is_person) = match self.0.spender {
            Spender::Person => (spent.backfilled, true),
            Spender::Run | Spender::Backfill => (spent.bytes, false),
        };
        if bytes >= limits.stored() {
            let mib = limits.stored().div_ceil(1 << 20);
            let what = format!("{mib} MiB of answers and texts were stored today");
            return Some((FLOOD, flood(column, &what, "stored")));
        }
        if !is_person && spent.requests >= limits.requests() {
            let what = format!("{} requests were made today", limits.requests());
            return Some((FLOOD, flood(column, &what, "requests")));
        }
        None
    }

    /// Counts a request, unless no further one is made today.
    pub(in crate::pipeline) fn ask(&self, now: Timestamp) -> Result<(), HostBookError> {
        if let Some((reason, cause)) = self.refusal(now) {
            return Err(HostBookError { reason, cause });
        }
        self.today().on(now).add(Spent {
            requests: 1,
            ..Spent::default()
        });
        Ok(())
    }

    /// Counts the bytes of an answer in the archive.
    pub(in crate::pipeline) fn add_bytes(&self, now: Timestamp, bytes: u64) {
        let spent = Spent::default();
        self.today().on(now).add(match self.0.spender {
            Spender::Person => Spent {
                backfilled: bytes,
                ..spent
            },
            Spender::Run | Spender::Backfill => Spent { bytes, ..spent },
        });
    }

    /// Counts an article's text of this length.
    pub(in crate::pipeline) fn add_text(&self, now: Timestamp, bytes: usize) {
        self.add_bytes(now, (bytes as u64).saturating_mul(COPIES));
    }

    /// Counts new items of the column's list.
    pub(in crate::pipeline) fn add_items(&self, now: Timestamp, items: u32) {
        if self.0.spender != Spender::Person {
            self.today().on(now).add(Spent {
                items,
                ..Spent::default()
            });
        }
    }

    /// Counts the bytes of a kept file.
    pub(in crate::pipeline) fn add_file(&self, now: Timestamp, bytes: u64) {
        self.today().on(now).add(Spent {
            pictures: bytes,
            ..Spent::default()
        });
    }

    /// What to say if the column may bring no more files today: as many bytes as answers and texts.
    pub(in crate::pipeline) fn files_left(&self, now: Timestamp) -> Option<String> {
        let limit = self.0.limits.stored();
        let is_spent = self.today().on(now).spent.pictures >= limit;
        let what = || {
            format!(
                "{} MiB of pictures and files were kept today",
                limit.div_ceil(1 << 20)
            )
        };
        is_spent.then(|| flood(&self.0.column, &what(), "stored"))
    }

    /// How many new items the list may still bring today, while this many wait.
    pub(in crate::pipeline) fn items(&self, now: Timestamp, waiting: u32) -> u32 {
        let limits = self.0.limits;
        let places = limits.queued().saturating_sub(waiting);
        match self.0.spender {
            Spender::Person => places,
            Spender::Run | Spender::Backfill => {
                let left = limits.new_items();
                let left = left.saturating_sub(self.today().on(now).spent.items);
                left.min(places)
            }
        }
    }

    /// What to say of items that found no room.
    pub(in crate::pipeline) fn left_aside(&self, waiting: u32) -> String {
        let limits = self.0.limits;
        let (what, key) = match limits.queued() <= waiting {
            true => (format!("{waiting} items wait to be read"), "queued"),
            false => {
                let items = limits.new_items();
                let what = format!("the list brought {items} new items today");
                (what, "new_items")
            }
        };
        flood(&self.0.column, &what, key)
    }

    /// Writes down what was spent, once it is much, or all of it.
    pub(in crate::pipeline) async fn write_down(
        &self,
        store: &Store,
        all: bool,
    ) -> Result<(), StoreError> {
        let (day, unwritten) = {
            let mut today = self.today();
            let Spent {
                requests,
                bytes,
                backfilled,
                pictures,
                ..
            } = today.unwritten;
            let is_much = bytes.max(backfilled).max(pictures) >= BYTES || requests >= REQUESTS;
            match today.day {
                Some(day) if all || is_much => (day, std::mem::take(&mut today.unwritten)),
                _ => return Ok(()),
            }
        };
        let noted = store.columns().note_spent(&self.0.column, day, unwritten);
        noted.await
    }
}

/// What to say of a disk with little room.
pub(in crate::pipeline) fn low(room: Room) -> String {
    let what = match room.is_scarce() {
        true => "nothing is collected, and what is collected is published",
        false => "no pictures, files, compressed copies and backfills are written",
    };
    format!(
        "{room}: meanwhile {what}; nothing is lost, and what was left aside is caught up. Make room, \
         or set limits.free_space in dibao.toml"
    )
}

fn flood(column: &ColumnName, what: &str, key: &str) -> String {
    format!(
        "{column}: {what}, which is the limit; the rest is left aside, and nothing that is known is \
         lost. It is caught up by and by, from tomorrow on. See whether the portal's list and pages \
         are what you expect; to allow more, set limits.{key} in the feed file or in dibao.toml"
    )
}
