//! One list page of a walk: read, judged, and its items queued.
//!
//! Owns what counts as the end of a list, and what is told of a page that hides others. Never
//! decides which page is read next.

use url::Url;

use super::walk::{ListPage, ListWalk, leads_to_root, listed};
use super::walk_limits::PAGER_UNREAD;
use super::{list_order, list_validators};
use crate::extract::{ColumnPage, Further, Problem};
use crate::fetch::{Hops, Page};
use crate::model::Verdict;
use crate::pipeline::progress::Step;
use crate::pipeline::reading::{self, RunError, is_root};

/// The code of an incident: there may be articles between the first page and the last known one.
const GAP: &str = "gap";

/// After this many failed runs in a row a broken list page counts as the end of the list.
const FAILED_RUNS: i64 = 3;

impl ListWalk<'_, '_> {
    /// Reads one list page and queues its items. A first page without items is an error; it does
    /// not mean that nothing is new.
    pub(super) async fn read(&mut self, page: &mut Page) -> Result<Option<ListPage>, RunError> {
        let Some(read) = self.parse(page).await? else {
            return Ok(None);
        };
        if read.is_shell() && self.read.len() == 1 {
            self.is_behind_shell = true;
            return Ok(Some(ListPage {
                page: read,
                unknown: 0,
            }));
        }
        self.take(page, read).await.map(Some)
    }

    /// Reads one list page and queues nothing; `None` if the list counts as ended before it.
    pub(super) async fn parse(&mut self, page: &mut Page) -> Result<Option<ColumnPage>, RunError> {
        let column = self.run.column;
        let mut hops = Hops::new(&page.url);
        let read = loop {
            let stub = match reading::column_page(column, page, self.above).await? {
                Ok(read) => break read,
                Err(stub) => stub,
            };
            match self.run.pages.go_on(&mut hops, &stub).await? {
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
            return Ok(Some(read));
        }
        if read.items.is_empty() {
            return match self.run.report.list_pages {
                0 => {
                    self.run.report.list_pages += 1;
                    Err(self.no_items(page))
                }
                _ => {
                    self.run.report.list_pages += 1;
                    self.cut_short(&page.url, "no item was recognised").await
                }
            };
        }
        Ok(Some(read))
    }

    /// Queues the items of a list page.
    pub(super) async fn take(
        &mut self,
        page: &Page,
        read: ColumnPage,
    ) -> Result<ListPage, RunError> {
        let column = self.run.column;
        self.run.report.list_pages += 1;
        let is_first = self.run.report.list_pages == 1;
        if is_first {
            let items = list_validators::hash(&read.items);
            let total = read.total.unwrap_or(0);
            self.first_page = Some((items.clone(), format!("{items} {total}")));
            self.run.first_page_items = Some(read.items.len());
            self.first_newest = read.items.iter().filter_map(|item| item.published_on).max();
        }
        self.note_unmatched(page, &read).await?;
        self.above = read.below;
        self.days
            .extend(read.items.iter().filter_map(|item| item.published_on));
        let items = listed(&read.items, self.position);
        self.position += items.len() as i64;
        let (now, store) = (self.run.now(), self.run.store());
        let room = self.run.spending.items(now, self.waiting);
        let added = store
            .queue()
            .add(now, &column.name, &column.portal, self.walk, &items, room)
            .await?;
        self.run.spending.add_items(now, added.new);
        self.waiting = self.waiting.saturating_add(added.new);
        let unknown = added.unknown.iter().filter(|is_new| **is_new).count();
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
        if is_first && read.next.is_none() {
            self.note_hidden(page, &read, &added.unknown).await?;
        }
        if added.left > 0 {
            // The walk is not complete: another run takes in what is left.
            let message = self.run.spending.left_aside(self.waiting);
            return Err(RunError::LeftAside { message });
        }
        Ok(ListPage {
            page: read,
            unknown,
        })
    }

    /// Tells of a first page behind which articles may be hidden: its pager cannot be followed when
    /// a first run wants more, or all its items but pinned ones are unknown in a column that has run
    /// before.
    async fn note_hidden(
        &mut self,
        page: &Page,
        read: &ColumnPage,
        new: &[bool],
    ) -> Result<(), RunError> {
        let column = self.run.column;
        let says = match &read.further {
            Further::Unread(words) => format!("the next page cannot be read ({words})"),
            Further::None | Further::Last(_) => "it names no next page".to_owned(),
        };
        if !self.state.walked {
            let is_unread = matches!(read.further, Further::Unread(_));
            let wants_more = column.list.initial.is_none_or(|initial| initial > 1);
            if is_unread && wants_more {
                let message = format!(
                    "{}: {says}; older articles are out of reach. See whether the portal shows the \
                     list elsewhere, or name the link under list.next in the feed file",
                    page.url
                );
                self.run.note_incident(PAGER_UNREAD, &message).await?;
            }
            return Ok(());
        }
        let url = column.url.as_str();
        let mut lengths = self
            .run
            .store()
            .columns()
            .list_lengths(&column.name, url)
            .await?;
        lengths.sort_unstable();
        let usual = lengths.get(lengths.len() / 2).copied();
        let is_full = usual
            .is_some_and(|usual| i64::try_from(read.items.len()).is_ok_and(|items| items >= usual));
        if is_full && let Some(pinned) = list_order::known_above(&read.items, new) {
            let pinned = match pinned {
                0 => String::new(),
                pinned => format!(" but {pinned} that are pinned above them"),
            };
            let message = format!(
                "{}: all items are unknown{pinned}, and {says}; there may be articles between \
                 these and the last known one. Run the column more often, and see on the portal \
                 whether something is missing",
                page.url
            );
            self.run.note_incident(GAP, &message).await?;
        }
        Ok(())
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
    pub(super) async fn cut_short<T>(
        &mut self,
        url: &Url,
        why: &str,
    ) -> Result<Option<T>, RunError> {
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
}
