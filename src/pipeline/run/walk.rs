//! The walk over a column's list pages: from the first until a whole page lists nothing unknown.
//!
//! Owns which list pages are read. A page of known items ends the walk only if its newest day is as
//! new as what is known: pinned items may fill it. A list with the oldest first is walked from its
//! last page up. Never reads an article.

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use url::Url;

use super::list_order::{self, Order};
use super::list_validators;
use super::state::Run;
use super::walk_limits::{MAX_PAGES, is_told, note_circle, note_order, queue_backfill};
use crate::extract::{Above, ColumnPage, Item};
use crate::fetch::{Fetched, Page, Validators};
use crate::model::Verdict;
use crate::pipeline::reading::{RunError, is_root};
use crate::store::{ColumnState, ListMemory, ListOrder, ListedItem, Names, Standing};

/// List pages that a column's first run reads, unless its feed file says otherwise.
const INITIAL_PAGES: usize = 3;
/// Pages of known items behind a first page that is older than what is known.
const LOOKS: usize = 3;
/// The same first page is looked behind once a day.
const LOOK_AGAIN: TimeDelta = TimeDelta::hours(23);

/// Walks the column's list pages and queues new items. The validators of the first page are kept
/// only if the walk is complete and read the list as the feed file says. Otherwise a 304 would hide
/// the items that it missed.
pub(in crate::pipeline) async fn walk(run: &mut Run<'_>) -> Result<(), RunError> {
    let (store, column) = (run.store(), run.column);
    let Standing {
        state,
        memory,
        is_idle,
        waiting,
        ..
    } = run.standing().await?;
    let conditions = list_validators::to_send(run, &state.validators, &memory).await?;
    let fetched = run.pages.get(&column.url, conditions.as_ref()).await;
    let page = match &fetched {
        Ok(Fetched::Page(page)) => Some(page),
        _ => None,
    };
    let hash = page.and_then(|page| list_validators::answer_hash(run, page));
    let is_same = state.walked && list_validators::is_same(run, &memory, hash.as_deref());
    if let Some(page) = page.filter(|_| is_same) {
        run.keep_validators(page, &state.validators, &memory)
            .await?;
    }
    if is_same || matches!(fetched, Ok(Fetched::NotModified)) {
        run.note_verdict(&column.url, Verdict::Unchanged);
        run.is_quiet = is_idle && !is_told(memory.order);
        return note_order(run, memory.order).await;
    }
    let walk = run.begin_walk().await?;
    let Fetched::Page(first) = fetched? else {
        return Ok(());
    };
    let today = run.now().date();
    let known = store.columns().listed_days(&column.name, today, 1).await?;
    if is_root(&first.url) && !is_root(&column.url) {
        return Err(leads_to_root(&column.url, &first.url));
    }
    if let Some(to) = &first.moved_to {
        note_move(run, to).await?;
    }
    let answer = Answer {
        validators: first.validators.clone(),
        hash,
        was_whole: conditions.is_none(),
    };
    let mut list = ListWalk {
        run,
        state,
        memory,
        walk,
        position: 0,
        waiting,
        read: BTreeSet::new(),
        above: Above::Sight(today),
        days: Vec::new(),
        known_to: known.first().copied(),
        looks: 0,
        first_page: None,
        first_newest: None,
        follows_rules: true,
        is_behind_shell: false,
    };
    let told = list.read_from(first).await?;
    list.complete(told, answer).await
}

impl Run<'_> {
    /// Keeps the validators of an answer that says the same under others, and what it took.
    async fn keep_validators(
        &self,
        page: &Page,
        stored: &Validators,
        memory: &ListMemory,
    ) -> Result<(), RunError> {
        let sent = list_validators::to_keep(page.validators.clone(), self.now(), memory);
        let store = self.store();
        if sent != *stored {
            let columns = store.columns();
            columns.note_validators(&self.column.name, &sent).await?;
        }
        Ok(self.spending.write_down(store, true).await?)
    }
}

/// What counts of the answer with the first page, once the walk is complete.
struct Answer {
    validators: Validators,
    /// See [`list_validators::answer_hash`].
    hash: Option<String>,
    /// Whether the list was asked for without validators.
    was_whole: bool,
}

/// A walk while it goes on.
pub(super) struct ListWalk<'r, 'a> {
    pub(super) run: &'r mut Run<'a>,
    pub(super) state: ColumnState,
    pub(super) memory: ListMemory,
    pub(super) walk: i64,
    /// The place of the next item in the walk.
    pub(super) position: i64,
    /// How many of the column's items wait to be read.
    pub(super) waiting: u32,
    /// The addresses of the pages that were read so far.
    pub(super) read: BTreeSet<Url>,
    /// What stands above the next page's rows.
    pub(super) above: Above,
    /// The days of the items so far.
    pub(super) days: Vec<NaiveDate>,
    /// The newest day of an item that was known before.
    pub(super) known_to: Option<NaiveDate>,
    /// Pages that were read although the page before held nothing unknown.
    pub(super) looks: usize,
    /// Hashes of the first page: of its items, and of the page as it is looked behind.
    pub(super) first_page: Option<(String, String)>,
    /// The newest day on the first page.
    pub(super) first_newest: Option<NaiveDate>,
    /// Whether the feed file's selectors matched on every page so far.
    pub(super) follows_rules: bool,
    /// Whether the column's page is a shell, whose list stands elsewhere.
    pub(super) is_behind_shell: bool,
}

/// What the list calls its column and its portal.
#[derive(Default)]
struct Told {
    column: Option<String>,
    portal: Option<String>,
}

impl Told {
    fn names(&self) -> Names<'_> {
        Names {
            column: self.column.as_deref(),
            portal: self.portal.as_deref(),
        }
    }
}

/// A list page that was read, and how many of its items were unknown.
pub(super) struct ListPage {
    pub(super) page: ColumnPage,
    pub(super) unknown: usize,
}

impl ListWalk<'_, '_> {
    /// Reads the list from its first page on, and returns what it calls the column and the portal.
    async fn read_from(&mut self, first: Page) -> Result<Told, RunError> {
        let mut next = Some(first);
        let mut told = Told::default();
        while let Some(mut page) = next.take() {
            let Some(read) = self.read(&mut page).await? else {
                break;
            };
            let pages_read = self.run.report.list_pages;
            // The list behind a shell has the shell's title.
            if pages_read <= 1 {
                told.column = told.column.or_else(|| read.page.title.clone());
                told.portal = told.portal.or_else(|| read.page.site.clone());
            }
            if pages_read == 1 && self.walk_upward(&read).await? {
                break;
            }
            next = match self.next_url(&read) {
                Some(url) if self.read.contains(&url) => {
                    note_circle(self.run, &url, read.page.total).await?;
                    None
                }
                Some(url) => self.fetch_next(&url).await?,
                None => None,
            };
            if let Some(beyond) = &next
                && self.is_far()
            {
                let (beyond, above) = (beyond.url.clone(), self.above);
                queue_backfill(self.run, &beyond, above).await?;
                break;
            }
        }
        Ok(told)
    }

    /// The next page of the walk: the first run reads a fixed number of pages, a later one goes on
    /// while it meets something unknown. A shell does not count as a page of the list.
    fn next_url(&mut self, read: &ListPage) -> Option<Url> {
        let next = read.page.next.clone()?;
        let goes_on = read.page.is_shell() || self.goes_on(read) || self.looks_on();
        goes_on.then_some(next)
    }

    pub(super) fn goes_on(&self, read: &ListPage) -> bool {
        let initial = self.run.column.list.initial;
        let initial = initial.map_or(INITIAL_PAGES, |n| n as usize);
        match self.state.walked {
            true => read.unknown > 0,
            false => self.run.report.list_pages < initial,
        }
    }

    /// Whether to read one page more behind known items, because all are older than what is known.
    fn looks_on(&mut self) -> bool {
        let is_older = match (self.days.iter().max(), self.known_to) {
            (Some(newest), Some(known)) => *newest < known,
            _ => false,
        };
        let looks = self.state.walked && is_older && self.looks < LOOKS && self.may_look();
        self.looks += usize::from(looks);
        looks
    }

    /// Whether this first page was not looked behind today.
    pub(super) fn may_look(&self) -> bool {
        let Some((_, first)) = &self.first_page else {
            return false;
        };
        self.memory
            .looked
            .as_ref()
            .is_none_or(|(looked, at)| looked != first || at.plus(LOOK_AGAIN) <= self.run.now())
    }

    /// Whether a later run has read as many pages as it may.
    pub(super) fn is_far(&self) -> bool {
        self.run.report.list_pages >= MAX_PAGES && self.state.walked
    }

    /// Stores what the walk found out about the list, and the validators if they can be trusted.
    async fn complete(mut self, told: Told, answer: Answer) -> Result<(), RunError> {
        let Answer {
            validators: sent,
            hash,
            was_whole,
        } = answer;
        let now = self.run.now();
        let newest = self.days.iter().max().copied().max(self.known_to);
        let memory = &mut self.memory;
        if memory.order != Some(ListOrder::Rising) {
            match list_order::of(&self.days) {
                Order::Mixed => memory.order = Some(ListOrder::Mixed),
                Order::Falling => memory.order = None,
                Order::Rising | Order::Unknown => (),
            }
        }
        if let Some((items, first)) = self.first_page.take() {
            let stored = &self.state.validators;
            let rules = self.run.column.list_rules();
            let has_changed = memory.rules == rules
                && memory.items.as_ref().is_some_and(|before| *before != items);
            if was_whole && list_validators::is_lie(self.run, stored, &sent, has_changed).await? {
                memory.lies += 1;
            }
            memory.items = Some(items);
            memory.rules = rules;
            if self.looks > 0 {
                memory.looked = Some((first, now));
            }
        }
        memory.whole_at = Some(now);
        // A shell stays the same whatever its list shows, so a 304 for it would hide news; so does
        // a first page of pinned items, and that of a list whose news stands on the last one.
        let is_telling = self.follows_rules
            && !self.is_behind_shell
            && self.first_newest >= newest
            && memory.order != Some(ListOrder::Rising);
        memory.answer = hash.filter(|_| is_telling);
        let validators = match is_telling {
            true => list_validators::to_keep(sent, now, memory),
            false => Validators::default(),
        };
        let (store, column) = (self.run.store(), self.run.column);
        store
            .columns()
            .note_list_memory(&column.name, column.url.as_str(), memory)
            .await?;
        store
            .columns()
            .complete_walk(&column.name, told.names(), &validators)
            .await?;
        note_order(self.run, self.memory.order).await
    }

    /// The next list page; `None` if the list ends here.
    async fn fetch_next(&mut self, url: &Url) -> Result<Option<Page>, RunError> {
        match self.run.pages.get(url, None).await {
            Ok(Fetched::Page(page)) if is_root(&page.url) || self.read.contains(&page.url) => {
                let why = format!("it leads to {}", page.url);
                self.cut_short(url, &why).await
            }
            Ok(Fetched::Page(page)) => Ok(Some(page)),
            Ok(Fetched::NotModified) => Ok(None),
            Err(RunError::Fetch(error)) if error.is_missing() => {
                self.cut_short(url, "the page does not exist").await
            }
            Err(error) => Err(error),
        }
    }
}

pub(super) fn leads_to_root(from: &Url, to: &Url) -> RunError {
    let message = format!(
        "{from}: leads to {to}, which is no column; nothing was changed. See whether the column has \
         moved"
    );
    RunError::failed(Verdict::SoftNotFound, message)
}

async fn note_move(run: &mut Run<'_>, to: &Url) -> Result<(), RunError> {
    let message = format!(
        "{}: has moved for good to {to}, says the portal, and is read there; write that as url in \
         the feed file",
        run.column.url
    );
    Ok(run.note_incident("moved", &message).await?)
}

/// Items for the queue, the first of which stands at `position`. An item without a date takes the
/// date of the item below it, else above it: so it keeps its place when the queue is sorted by
/// date.
pub(in crate::pipeline) fn listed(items: &[Item], position: i64) -> Vec<ListedItem> {
    let mut day: Option<NaiveDate> = items.iter().rev().find_map(|item| item.published_on);
    let mut listed: Vec<ListedItem> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate().rev() {
        day = item.published_on.or(day);
        listed.push(ListedItem {
            url: item.url.clone(),
            title: item.title.clone(),
            published_on: item.published_on,
            listed_on: day,
            position: position + at as i64,
        });
    }
    listed.reverse();
    listed
}
