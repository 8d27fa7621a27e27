//! What a column may make dibao store in a day, and what the disk has room for.
//!
//! Owns the counting, and the refusal of further requests. What is refused is left aside, and nothing
//! that is known is lost. Never fetches, and never decides what a run does instead.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{Days, NaiveDate};

use crate::config::{Column, Limits};
use crate::fetch::HostBookError;
use crate::model::{ColumnName, Timestamp};
use crate::publish::{DISK_LOW, Room};
use crate::store::{Account, LastDay, Spent, Store, StoreError};

/// The code of an incident: a column makes dibao store more than it may.
pub(in crate::pipeline) const FLOOD: &str = "flood";

/// A text stands in the store, in feeds and on pages about so many times.
const COPIES: u64 = 10;
/// From when on it is caught up, if not otherwise said.
const TOMORROW: &str = "from tomorrow on";
/// What was spent is written down after so many bytes or requests: a kill forgets no more than this.
const BYTES: u64 = 4 << 20;
const REQUESTS: u32 = 50;

/// A column that reaches its limit of bytes day after day may still store so many, or its limit if
/// that is less.
const LEAST: u64 = 1 << 20;

/// A column whose huge answers reach its limit of bytes day after day.
///
/// On the second day it may store a sixteenth, and on each day after that a sixteenth of the day
/// before, down to [`LEAST`]. After the third it rests: for a day, for three, for seven. So a portal
/// that never ends fills no disk. When its answers are of a usual size again, so is its limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Flood {
    /// Days since the first of them.
    days: u32,
    /// The same for the last day before today on which something was stored.
    asked: u32,
}

impl Flood {
    /// What it is today after that day, under these limits. Another limit of bytes begins anew.
    fn after(last: LastDay, limits: Limits) -> Self {
        let (limit, spent) = (limits.stored(), last.spent);
        let then = Self {
            days: last.flood_days,
            asked: 0,
        };
        // A day has room for as many answers of a usual size as it has requests.
        let usual =
            u64::from(spent.requests).saturating_mul(limit) / u64::from(limits.requests().max(1));
        let is_flood = spent.bytes >= then.allowed(limit) && spent.bytes > usual;
        match last.ago {
            _ if last.limit != limit => Self::default(),
            0 => then,
            _ if !is_flood => Self::default(),
            ago => Self {
                days: then.days.saturating_add(ago),
                asked: then.days,
            },
        }
    }

    /// How many bytes may be stored today.
    fn allowed(self, limit: u64) -> u64 {
        if self.rests() {
            return 0;
        }
        let part = limit.checked_shr(self.days.saturating_mul(4));
        part.unwrap_or_default().max(limit.min(LEAST))
    }

    fn rests(self) -> bool {
        self.days < self.asked.saturating_mul(2)
    }

    /// In how many days more may be stored, if no more may be today.
    fn days_left(self) -> u32 {
        match self.rests() {
            true => self.asked.saturating_mul(2).saturating_sub(self.days),
            false => self.days.max(1),
        }
    }
}

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
    flood: Flood,
}

impl Today {
    /// Begins anew on another day.
    fn on(&mut self, now: Timestamp, limits: Limits) {
        let today = now.date();
        if let Some(day) = self.day.filter(|day| *day != today) {
            let last = LastDay {
                ago: u32::try_from((today - day).num_days()).unwrap_or_default(),
                spent: self.spent,
                flood_days: self.flood.days,
                limit: limits.stored(),
            };
            *self = Self {
                flood: Flood::after(last, limits),
                ..Self::default()
            };
        }
        self.day = Some(today);
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

    fn today(&self, now: Timestamp) -> MutexGuard<'_, Today> {
        let today = self.0.today.lock();
        let mut today = today.unwrap_or_else(PoisonError::into_inner);
        today.on(now, self.0.limits);
        today
    }

    /// What earlier runs have spent.
    pub(in crate::pipeline) fn begin(&self, now: Timestamp, before: Account) {
        let mut today = self.today(now);
        let unwritten = today.unwritten;
        today.spent = before.today;
        today.spent.add(unwritten);
        let flood = before.last.map(|last| Flood::after(last, self.0.limits));
        today.flood = flood.unwrap_or_default();
    }

    /// Asks the store what earlier runs have spent.
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
        let limits = self.0.limits;
        let Today { spent, flood, .. } = *self.today(now);
        let (bytes, flood) = match self.0.spender {
            Spender::Person => (spent.backfilled, Flood::default()),
            Spender::Run | Spender::Backfill => (spent.bytes, flood),
        };
        if bytes >= flood.allowed(limits.stored()) {
            return Some((FLOOD, self.full(now, flood)));
        }
        if self.0.spender != Spender::Person && spent.requests >= limits.requests() {
            let requests = limits.requests();
            let what = format!("{requests} requests were made today, which is the limit");
            return Some((FLOOD, self.flood(&what, "requests", TOMORROW)));
        }
        None
    }

    /// Counts a request, unless no further one is made today.
    pub(in crate::pipeline) fn ask(&self, now: Timestamp) -> Result<(), HostBookError> {
        if let Some((reason, cause)) = self.refusal(now) {
            return Err(HostBookError { reason, cause });
        }
        self.today(now).add(Spent {
            requests: 1,
            ..Spent::default()
        });
        Ok(())
    }

    /// Counts the bytes of an answer in the archive.
    pub(in crate::pipeline) fn add_bytes(&self, now: Timestamp, bytes: u64) {
        let spent = Spent::default();
        self.today(now).add(match self.0.spender {
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
            self.today(now).add(Spent {
                items,
                ..Spent::default()
            });
        }
    }

    /// Counts the bytes of a kept file.
    pub(in crate::pipeline) fn add_file(&self, now: Timestamp, bytes: u64) {
        self.today(now).add(Spent {
            pictures: bytes,
            ..Spent::default()
        });
    }

    /// What to say if the column may bring no more files today: as many bytes as answers and texts.
    pub(in crate::pipeline) fn files_left(&self, now: Timestamp) -> Option<String> {
        let limit = self.0.limits.stored();
        let is_spent = self.today(now).spent.pictures >= limit;
        let what = || {
            let mib = limit.div_ceil(1 << 20);
            format!("{mib} MiB of pictures and files were kept today, which is the limit")
        };
        is_spent.then(|| self.flood(&what(), "stored", TOMORROW))
    }

    /// What to say of a column that may store no more bytes today.
    fn full(&self, now: Timestamp, flood: Flood) -> String {
        let limit = self.0.limits.stored();
        let stored = |bytes: u64| {
            let mib = bytes.div_ceil(1 << 20);
            format!("{mib} MiB of answers and texts were stored today")
        };
        if flood.days == 0 {
            let what = format!("{}, which is the limit", stored(limit));
            return self.flood(&what, "stored", TOMORROW);
        }
        let since = now.date() - Days::new(u64::from(flood.days));
        let next = now.date() + Days::new(u64::from(flood.days_left()));
        let today = match flood.allowed(limit) {
            0 => "it rests today".to_owned(),
            allowed => stored(allowed),
        };
        let what = format!(
            "since {since} its answers are so large that it reaches its limit of bytes, so it may \
             store less and less, and {today}"
        );
        self.flood(&what, "stored", &format!("from {next} on"))
    }

    fn flood(&self, what: &str, key: &str, from: &str) -> String {
        let column = &self.0.column;
        format!(
            "{column}: {what}; the rest is left aside, and nothing that is known is lost. It is caught \
             up by and by, {from}. See whether the portal's list and pages are what you expect; to \
             allow more, set limits.{key} in the feed file or in dibao.toml"
        )
    }

    /// How many new items the list may still bring today, while this many wait.
    pub(in crate::pipeline) fn items(&self, now: Timestamp, waiting: u32) -> u32 {
        let limits = self.0.limits;
        let places = limits.queued().saturating_sub(waiting);
        match self.0.spender {
            Spender::Person => places,
            Spender::Run | Spender::Backfill => {
                let left = limits.new_items();
                let left = left.saturating_sub(self.today(now).spent.items);
                left.min(places)
            }
        }
    }

    /// What to say of items that found no room.
    pub(in crate::pipeline) fn left_aside(&self, waiting: u32) -> String {
        let limits = self.0.limits;
        let (what, key) = match limits.queued() <= waiting {
            true => (
                format!("{waiting} items wait to be read, which is the limit"),
                "queued",
            ),
            false => {
                let items = limits.new_items();
                let what = format!("the list brought {items} new items today, which is the limit");
                (what, "new_items")
            }
        };
        self.flood(&what, key, TOMORROW)
    }

    /// Writes down what was spent, once it is much, or all of it.
    pub(in crate::pipeline) async fn write_down(
        &self,
        store: &Store,
        all: bool,
    ) -> Result<(), StoreError> {
        let (day, unwritten, flood_days) = {
            let today = self.0.today.lock();
            let mut today = today.unwrap_or_else(PoisonError::into_inner);
            let Spent {
                requests,
                bytes,
                backfilled,
                pictures,
                ..
            } = today.unwritten;
            let is_much = bytes.max(backfilled).max(pictures) >= BYTES || requests >= REQUESTS;
            match today.day {
                Some(day) if all || is_much => {
                    let unwritten = std::mem::take(&mut today.unwritten);
                    (day, unwritten, today.flood.days)
                }
                _ => return Ok(()),
            }
        };
        let (columns, limit) = (store.columns(), self.0.limits.stored());
        let noted = columns.note_spent(&self.0.column, day, unwritten, flood_days, limit);
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
