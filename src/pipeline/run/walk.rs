//! The walk over a column's list pages: from the first until a whole page lists nothing unknown.
//!
//! Owns which list pages are read, and what counts as the end of the list. Never reads an article.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use url::Url;

use super::state::Run;
use crate::config::Column;
use crate::extract::{ColumnPage, Item, Problem};
use crate::fetch::{Fetched, Hops, Page, Validators};
use crate::model::Verdict;
use crate::pipeline::progress::Step;
use crate::pipeline::reading::{self, RunError, is_root};
use crate::store::{ColumnState, ListedItem};

/// List pages that a column's first run reads, unless its feed file says otherwise.
const INITIAL_PAGES: usize = 3;
/// After this many failed runs in a row a broken list page counts as the end of the list.
const FAILED_RUNS: i64 = 3;
/// List pages that a later run reads at most.
const MAX_PAGES: usize = 20;

/// Walks the column's list pages and queues new items. The validators of the first page are kept
/// only if the walk is complete and read the list as the feed file says. Otherwise a 304 would hide
/// the items that it missed.
pub(in crate::pipeline) async fn walk(run: &mut Run<'_>) -> Result<(), RunError> {
    let (store, column) = (run.store(), run.column);
    let state = store
        .columns()
        .state(&column.name, column.url.as_str())
        .await?;
    let walk = store
        .columns()
        .begin_walk(run.now(), &column.name, &column.portal, column.url.as_str())
        .await?;
    let fetched = run.get(&column.url, Some(&state.validators)).await?;
    let Fetched::Page(first) = fetched else {
        run.note_verdict(&column.url, Verdict::Unchanged);
        return Ok(());
    };
    if is_root(&first.url) && !is_root(&column.url) {
        return Err(leads_to_root(&column.url, &first.url));
    }
    if let Some(to) = &first.moved_to {
        note_move(run, to).await?;
    }
    let validators = first.validators.clone();
    let mut list = ListWalk {
        run,
        state,
        walk,
        position: 0,
        read: BTreeSet::new(),
        follows_rules: true,
        is_behind_shell: false,
    };
    let title = list.read_from(first).await?;
    // A shell stays the same whatever its list shows, so a 304 for it would hide news.
    let validators = if list.follows_rules && !list.is_behind_shell {
        validators
    } else {
        Validators::default()
    };
    store
        .columns()
        .complete_walk(&column.name, title.as_deref(), &validators)
        .await?;
    Ok(())
}

/// A walk while it goes on.
struct ListWalk<'r, 'a> {
    run: &'r mut Run<'a>,
    state: ColumnState,
    walk: i64,
    /// The place of the next item in the walk.
    position: i64,
    /// The addresses of the pages that were read so far.
    read: BTreeSet<Url>,
    /// Whether the feed file's selectors matched on every page so far.
    follows_rules: bool,
    /// Whether the column's page is a shell, whose list stands elsewhere.
    is_behind_shell: bool,
}

/// A list page that was read, and how many of its items were unknown.
struct ListPage {
    page: ColumnPage,
    unknown: usize,
}

impl ListPage {
    /// The next page of the walk: the first run reads a fixed number of pages, a later one goes on
    /// while it meets something unknown. A shell does not count as a page of the list.
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

impl ListWalk<'_, '_> {
    /// Reads the list from its first page on, and returns the column's title.
    async fn read_from(&mut self, first: Page) -> Result<Option<String>, RunError> {
        let mut next = Some(first);
        let mut title = None;
        while let Some(mut page) = next.take() {
            let Some(read) = self.read(&mut page).await? else {
                break;
            };
            let pages_read = self.run.report.list_pages;
            // The list behind a shell has the shell's title.
            if pages_read <= 1 {
                title = title.or_else(|| read.page.title.clone());
            }
            next = match read.next_url(&self.state, self.run.column, pages_read) {
                Some(url) => self.fetch_next(&url).await?,
                None => None,
            };
            if let Some(beyond) = &next
                && self.run.report.list_pages >= MAX_PAGES
                && self.state.walked
            {
                queue_backfill(self.run, &beyond.url).await?;
                break;
            }
        }
        Ok(title)
    }

    /// Reads one list page and queues its items. A first page without items is an error; it does
    /// not mean that nothing is new.
    async fn read(&mut self, page: &mut Page) -> Result<Option<ListPage>, RunError> {
        let column = self.run.column;
        let mut hops = Hops::new(&page.url);
        let read = loop {
            let stub = match reading::column_page(column, page).await? {
                Ok(read) => break read,
                Err(stub) => stub,
            };
            match self.run.go_on(&mut hops, &stub).await? {
                Some(next) if is_root(&next.url) && !is_root(&column.url) => {
                    return Err(leads_to_root(&page.url, &next.url));
                }
                Some(next) if self.read.contains(&next.url) => {
                    let why = format!("it leads to {}", next.url);
                    return self.cut_short(&page.url, &why).await;
                }
                Some(next) => *page = next,
                None if self.run.report.list_pages > 0 => {
                    return self.cut_short(&page.url, &stub.to_string()).await;
                }
                None => {
                    let message = format!("{}: {stub}; nothing was changed", page.url);
                    return Err(RunError::failed(stub.verdict(), message));
                }
            }
        };
        // A page that only sends on stays the same whatever the list shows.
        self.is_behind_shell |= !hops.is_empty() && self.read.is_empty();
        self.read.insert(page.url.clone());
        if read.is_shell() && self.read.len() == 1 {
            self.is_behind_shell = true;
            return Ok(Some(ListPage {
                page: read,
                unknown: 0,
            }));
        }
        self.run.report.list_pages += 1;
        if read.items.is_empty() {
            return match self.run.report.list_pages {
                1 => Err(self.no_items(page)),
                _ => self.cut_short(&page.url, "no item was recognised").await,
            };
        }
        if self.run.report.list_pages == 1 {
            self.run.first_page_items = Some(read.items.len());
        }
        self.note_unmatched(page, &read).await?;
        let items = listed(&read.items, self.position);
        self.position += items.len() as i64;
        let (now, store) = (self.run.now(), self.run.store());
        let unknown = store
            .queue()
            .add(now, &column.name, &column.portal, self.walk, &items)
            .await?;
        let verdict = match unknown {
            0 => Verdict::Unchanged,
            _ => Verdict::New,
        };
        self.run.note_verdict(&page.url, verdict);
        self.run.progress(Step::ListRead {
            column: &column.name,
            url: &page.url,
            unknown,
        });
        Ok(Some(ListPage {
            page: read,
            unknown,
        }))
    }

    /// If the feed file's selectors match nothing on a list, but the general rules recognise it,
    /// the run follows it and opens an incident. Only the first page says anything about the
    /// selector of the next page, and only with another page behind it: the last page of a list has
    /// no next one.
    async fn note_unmatched(&mut self, page: &Page, read: &ColumnPage) -> Result<(), RunError> {
        let has_next = read.next.is_some() && self.run.report.list_pages == 1;
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
        let code = Verdict::LayoutChanged.code();
        self.run.note_incident(code, &message).await?;
        self.run.unmatched_list = Some(message);
        Ok(())
    }

    /// A list page that the one before it names lists nothing. This may pass, and its items would
    /// be missed for good if the walk counted as complete. If it does not pass, the list ends there
    /// after some runs, and an incident says so.
    async fn cut_short<T>(&mut self, url: &Url, why: &str) -> Result<Option<T>, RunError> {
        let message = format!(
            "{url}: {why}, although the page before it leads there; its items may be missing. \
             See whether the portal shows that page"
        );
        if self.state.failures < FAILED_RUNS {
            return Err(RunError::failed(Verdict::ListCut, message));
        }
        self.run.note_incident("list-cut", &message).await?;
        self.run.note_verdict(url, Verdict::ListCut);
        Ok(None)
    }

    fn no_items(&self, page: &Page) -> RunError {
        let (verdict, was) = match (self.run.column.list.item_selector(), self.state.walked) {
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
                "it has no block of titles, dates and links".to_owned(),
            ),
        };
        let remedy = match self.run.column.list.item {
            Some(_) => "fix the selectors under [list] in the feed file, or leave them out",
            None => {
                "see whether the URL is the column's, or name the items under [list] in the feed \
                 file"
            }
        };
        RunError::failed(
            verdict,
            format!(
                "{}: no item was recognised, {was}; nothing was changed; {remedy}",
                page.url
            ),
        )
    }

    /// The next list page; `None` if the list ends here.
    async fn fetch_next(&mut self, url: &Url) -> Result<Option<Page>, RunError> {
        if self.read.contains(url) {
            // The last page's pager leads to itself.
            return Ok(None);
        }
        match self.run.get(url, None).await {
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

fn leads_to_root(from: &Url, to: &Url) -> RunError {
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

/// The list has more unknown items than a run reads: a backfill reads it from `beyond` on.
async fn queue_backfill(run: &mut Run<'_>, beyond: &Url) -> Result<(), RunError> {
    let (name, url) = (&run.column.name, run.column.url.as_str());
    run.store()
        .backfills()
        .begin(name, url, beyond, MAX_PAGES as u32, true)
        .await?;
    let message = format!(
        "{MAX_PAGES} list pages were read and all held something unknown; the list from \
         {beyond} on waits for a backfill. `serve` and `run` work it off piece by piece, \
         `dibao backfill {name}` at once"
    );
    Ok(run.note_incident("walk-limit", &message).await?)
}
