//! The walk over a column's list pages: from the first until one whole page holds nothing
//! unknown.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use url::Url;

use super::collect::Collector;
use super::progress::Step;
use super::reading;
use super::report::ColumnReport;
use super::trouble::Trouble;
use super::trouble::is_root;
use crate::config::Column;
use crate::extract::{ColumnPage, Item, Problem};
use crate::fetch::{Fetched, Page, Session, Validators};
use crate::model::Verdict;
use crate::store::{ColumnState, ListedItem};

/// List pages that a column's first run reads, unless its feed file says otherwise.
const INITIAL_PAGES: usize = 3;
/// Runs in a row that may fail before a broken list page is taken for the end of the list.
const PATIENCE: i64 = 3;
/// List pages that a later run reads at most.
const MAX_PAGES: usize = 20;

/// Walks the column's list pages and queues what is new. The validators of the first page are
/// kept only when the walk got as far as it should, and read the list as the feed file says: else
/// a 304 would hide what it missed.
pub(super) async fn walk(
    collector: &Collector,
    session: &Session,
    column: &Column,
    report: &mut ColumnReport,
) -> Result<(), Trouble> {
    let store = &collector.store;
    let state = store
        .columns()
        .state(&column.name, column.url.as_str())
        .await?;
    let now = collector.clock.now();
    let walk = store
        .columns()
        .begin_walk(now, &column.name, &column.portal, column.url.as_str())
        .await?;
    let fetched = collector
        .get(session, column, &column.url, Some(&state.validators))
        .await?;
    let Fetched::Page(first) = fetched else {
        report.tell(collector.clock.now(), &column.url, Verdict::Unchanged);
        return Ok(());
    };
    if is_root(&first.url) && !is_root(&column.url) {
        let message = format!(
            "{}: leads to {}, which is no column; nothing was changed. See whether the column has \
             moved",
            column.url, first.url
        );
        return Err(Trouble::failed(Verdict::SoftNotFound, message));
    }
    if let Some(to) = &first.moved_to {
        note_move(collector, column, to).await?;
        report.noted.push("moved");
    }
    let validators = first.validators.clone();
    let mut reading = Reading {
        collector,
        session,
        column,
        state: &state,
        walk,
        position: 0,
        read: BTreeSet::new(),
        follows_rules: true,
        is_behind_shell: false,
    };
    let mut next = Some(first);
    let mut title = None;
    while let Some(mut page) = next.take() {
        let Some(read) = reading.read(&mut page, report).await? else {
            break;
        };
        // What the data behind a shell lists is called as the shell is.
        if report.list_pages <= 1 {
            title = title.or_else(|| read.page.title.clone());
        }
        next = match read.next_url(&state, column, report.list_pages) {
            Some(url) => reading.fetch_next(&url, report).await?,
            None => None,
        };
        if let Some(beyond) = &next
            && report.list_pages >= MAX_PAGES
            && state.walked
        {
            queue_backfill(collector, column, &beyond.url).await?;
            report.noted.push("walk-limit");
            break;
        }
    }
    // A shell stays as it is whatever its list shows: a 304 for it would hide news.
    let validators = match reading.follows_rules && !reading.is_behind_shell {
        true => validators,
        false => Validators::default(),
    };
    store
        .columns()
        .complete_walk(&column.name, title.as_deref(), &validators)
        .await?;
    Ok(())
}

struct Reading<'a> {
    collector: &'a Collector,
    session: &'a Session,
    column: &'a Column,
    state: &'a ColumnState,
    walk: i64,
    position: i64,
    /// Where the pages were that were read so far.
    read: BTreeSet<Url>,
    /// Whether the feed file's selectors matched on every page so far.
    follows_rules: bool,
    /// Whether the column's page is a shell, whose list stands elsewhere.
    is_behind_shell: bool,
}

struct Read {
    page: ColumnPage,
    unknown: usize,
}

impl Read {
    /// Where the walk goes on: the first run reads a fixed number of pages, a later one goes on
    /// while it meets something unknown. A shell is no page of the list yet.
    fn next_url(&self, state: &ColumnState, column: &Column, pages_read: usize) -> Option<Url> {
        let initial = column.list.initial.map_or(INITIAL_PAGES, |n| n as usize);
        let goes_on = if self.page.is_shell() {
            true
        } else if state.walked {
            self.unknown > 0
        } else {
            pages_read < initial
        };
        self.page.next.clone().filter(|_| goes_on)
    }
}

impl Reading<'_> {
    /// Reads one list page and queues its items. A first page without any is no "no news".
    async fn read(
        &mut self,
        page: &mut Page,
        report: &mut ColumnReport,
    ) -> Result<Option<Read>, Trouble> {
        let read = match reading::column_page(self.column, page).await? {
            Ok(read) => read,
            Err(stub) if report.list_pages > 0 => {
                return self.cut_short(&page.url, &stub.to_string(), report).await;
            }
            Err(stub) => {
                let message = format!("{}: {stub}; nothing was changed", page.url);
                return Err(Trouble::failed(stub.verdict(), message));
            }
        };
        self.read.insert(page.url.clone());
        if read.is_shell() && self.read.len() == 1 {
            self.is_behind_shell = true;
            return Ok(Some(Read {
                page: read,
                unknown: 0,
            }));
        }
        report.list_pages += 1;
        if read.items.is_empty() {
            return match report.list_pages {
                1 => Err(self.no_items(page)),
                _ => {
                    self.cut_short(&page.url, "no item was recognised", report)
                        .await
                }
            };
        }
        if report.list_pages == 1 {
            report.first_page_items = Some(read.items.len());
        }
        self.note_unmatched(page, &read, report).await?;
        let items = self.listed(&read.items);
        let unknown = self
            .collector
            .store
            .queue()
            .add(
                self.collector.clock.now(),
                &self.column.name,
                &self.column.portal,
                self.walk,
                &items,
            )
            .await?;
        let verdict = match unknown {
            0 => Verdict::Unchanged,
            _ => Verdict::New,
        };
        report.tell(self.collector.clock.now(), &page.url, verdict);
        self.collector.progress.tell(Step::ListRead {
            column: &self.column.name,
            url: &page.url,
            unknown,
        });
        Ok(Some(Read {
            page: read,
            unknown,
        }))
    }

    /// A list that the general rules recognise is followed although the feed file's selectors match
    /// nothing on it, and a person is told. The last page of a list has no next one, so that only
    /// a first page with another behind it says anything of that link.
    async fn note_unmatched(
        &mut self,
        page: &Page,
        read: &ColumnPage,
        report: &mut ColumnReport,
    ) -> Result<(), Trouble> {
        let has_next = read.next.is_some() && report.list_pages == 1;
        let unmatched: Vec<String> = read
            .problems
            .iter()
            .filter_map(|problem| match problem {
                Problem::SelectorMatchedNothing { key, rule } if key != "list.next" || has_next => {
                    Some(format!("{key} = {rule:?}"))
                }
                _ => None,
            })
            .collect();
        if unmatched.is_empty() || !self.follows_rules {
            return Ok(());
        }
        self.follows_rules = false;
        let message = format!(
            "{}: nothing on it matches {}; the list was read without that",
            page.url,
            unmatched.join(", nor ")
        );
        let now = self.collector.clock.now();
        let (name, code) = (self.column.name.as_str(), Verdict::LayoutChanged.code());
        let store = &self.collector.store;
        store.incidents().note(now, code, name, &message).await?;
        report.noted.push(code);
        report.unmatched_list = Some(message);
        Ok(())
    }

    /// A list page that the one before it names does not list anything. That may pass, and what
    /// it lists would be missed for good if the walk counted as complete; where it does not pass,
    /// the list ends there after some runs, and a person is told.
    async fn cut_short<T>(
        &self,
        url: &Url,
        why: &str,
        report: &mut ColumnReport,
    ) -> Result<Option<T>, Trouble> {
        let message = format!(
            "{url}: {why}, although the page before it leads there; what it lists may be missing. \
             See whether the portal shows that page"
        );
        if self.state.failures < PATIENCE {
            return Err(Trouble::failed(Verdict::ListCut, message));
        }
        let name = self.column.name.as_str();
        let now = self.collector.clock.now();
        let store = &self.collector.store;
        store
            .incidents()
            .note(now, "list-cut", name, &message)
            .await?;
        report.noted.push("list-cut");
        report.tell(now, url, Verdict::ListCut);
        Ok(None)
    }

    fn no_items(&self, page: &Page) -> Trouble {
        let (verdict, was) = match (self.column.list.item_selector(), self.state.walked) {
            (Some(item), _) => (
                Verdict::LayoutChanged,
                format!("list.item = {:?} matches nothing on it", item),
            ),
            (None, true) => (
                Verdict::EmptyList,
                "although it used to list articles".to_owned(),
            ),
            (None, false) => (
                Verdict::NoItems,
                "no block of titles, dates and links stands on it".to_owned(),
            ),
        };
        let remedy = match self.column.list.item {
            Some(_) => "mend the selectors under [list] in the feed file, or leave them out",
            None => {
                "see whether the URL is the column's, or name the items under [list] in the feed \
                 file"
            }
        };
        Trouble::failed(
            verdict,
            format!(
                "{}: no item was recognised, {was}; nothing was changed; {remedy}",
                page.url
            ),
        )
    }

    fn listed(&mut self, items: &[Item]) -> Vec<ListedItem> {
        let listed = listed(items, self.position);
        self.position += items.len() as i64;
        listed
    }

    /// The next list page; `None` where the list turned out to end.
    async fn fetch_next(
        &self,
        url: &Url,
        report: &mut ColumnReport,
    ) -> Result<Option<Page>, Trouble> {
        if self.read.contains(url) {
            // The last page's pager leads to itself.
            return Ok(None);
        }
        match self
            .collector
            .get(self.session, self.column, url, None)
            .await
        {
            Ok(Fetched::Page(page)) if is_root(&page.url) || self.read.contains(&page.url) => {
                let why = format!("it leads to {}", page.url);
                self.cut_short(url, &why, report).await
            }
            Ok(Fetched::Page(page)) => Ok(Some(page)),
            Ok(Fetched::NotModified) => Ok(None),
            Err(Trouble::Fetch(error)) if error.is_missing() => {
                self.cut_short(url, "there is no such page", report).await
            }
            Err(trouble) => Err(trouble),
        }
    }
}

async fn note_move(collector: &Collector, column: &Column, to: &Url) -> Result<(), Trouble> {
    let message = format!(
        "{}: has moved for good to {to}, says the portal, and is read there; write that as url in \
         the feed file",
        column.url
    );
    let (now, name) = (collector.clock.now(), column.name.as_str());
    let store = &collector.store;
    store.incidents().note(now, "moved", name, &message).await?;
    Ok(())
}

/// Items for the queue, the first of which stands at `position`. One without a date takes that of
/// the item below it, else above it, so that it keeps its place when the queue is sorted by date.
pub(super) fn listed(items: &[Item], position: i64) -> Vec<ListedItem> {
    let mut day: Option<NaiveDate> = items.iter().rev().find_map(|item| item.published_on);
    let mut listed: Vec<ListedItem> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate().rev() {
        day = item.published_on.or(day);
        listed.push(ListedItem {
            url: item.url.clone(),
            title: item.title.clone(),
            listed_on: day,
            position: position + at as i64,
        });
    }
    listed.reverse();
    listed
}

/// More is unknown than a run reads: what stands from `beyond` on is left to a backfill.
async fn queue_backfill(
    collector: &Collector,
    column: &Column,
    beyond: &Url,
) -> Result<(), Trouble> {
    let (name, url) = (&column.name, column.url.as_str());
    let store = &collector.store;
    store
        .backfills()
        .begin(name, url, beyond, MAX_PAGES as u32, true)
        .await?;
    let message = format!(
        "{MAX_PAGES} list pages were read and all held something unknown; what stands from \
         {beyond} on waits for a backfill. `serve` and `run` work it off piece by piece, \
         `dibao backfill {name}` at once"
    );
    let now = collector.clock.now();
    store
        .incidents()
        .note(now, "walk-limit", name.as_str(), &message)
        .await?;
    Ok(())
}

impl Collector {
    /// Validators with nothing in them ask for nothing.
    pub(super) fn conditions(validators: Option<&Validators>) -> Option<&Validators> {
        validators.filter(|v| v.etag.is_some() || v.last_modified.is_some())
    }
}
