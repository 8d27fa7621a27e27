//! Reads one of the older list pages: queues its items, or says why the list ends there.
//!
//! Owns where a portal's list ends. Pagers lead to pages that are broken, empty or in a circle: a
//! page of that kind is the end and no failure, as long as the column's first page still lists
//! something. Never decides whether the walk goes on.

use url::Url;

use super::reach::Reach;
use super::report::Halt;
use crate::extract::{Above, ColumnPage, Further, Stub};
use crate::fetch::{Fetched, Hops};
use crate::model::Verdict;
use crate::pipeline::progress::Step;
use crate::pipeline::reading::{self, RunError, is_root};
use crate::pipeline::run::{PAGER_UNREAD, Run, listed};
use crate::store::{BackfillState, ListedItem, OlderPage};

/// The number of list pages after a pause that may list only items already seen: a run reads this
/// many pages, and its news pushes everything down.
const PUSHED_DOWN: u32 = 20;
/// More items than any list page has. The place of an item in the walk is made of its page's number
/// and its place on the page.
const ITEMS: i64 = 100_000;

/// The outcome of reading a list page.
pub(super) enum Listed {
    /// Its items are queued, and the checkpoint stands behind it.
    Queued,
    /// The walk ends here; nothing of the page was queued.
    End(Halt),
}

/// What was found at the URL of a list page.
enum Found {
    Page { url: Url, read: Box<ColumnPage> },
    End(Halt),
}

/// The older list pages while they are read.
pub(super) struct OlderLists<'a> {
    /// Reads the pages, and the articles that they list.
    pub(super) run: Run<'a>,
    pub(super) reach: &'a Reach,
    /// List pages read this time.
    pub(super) list_pages: u32,
    /// Whether a list page since the last pause has shown something that this walk had not seen.
    /// Only while the walk was paused may news have pushed seen items down.
    pub(super) is_in_new: bool,
}

impl OlderLists<'_> {
    /// Reads the list page at `url` and queues its items, or says that the list ends there.
    pub(super) async fn read(
        &mut self,
        state: &BackfillState,
        url: &Url,
    ) -> Result<Listed, RunError> {
        let (at, read) = match self.find(state, url).await? {
            Found::Page { url, read } => (url, read),
            Found::End(halt) => return Ok(Listed::End(halt)),
        };
        let (store, column) = (self.run.store(), self.run.column);
        let name = &column.name;
        self.list_pages += 1;
        self.run.report.list_pages += 1;
        let items = listed(&read.items, i64::from(state.pages) * ITEMS);
        if store.backfills().was_walked(name, &at).await? {
            if let Some(stuck) = stuck(&at, &read, state) {
                return Ok(Listed::End(stuck));
            }
            let message = format!("{} was read before; the list goes in a circle", at);
            return Ok(Listed::End(Halt::complete("repeated-page", &message)));
        }
        let is_repeat = store
            .backfills()
            .were_seen(self.run.now(), name, &column.portal, state.walk, &items)
            .await?;
        if is_repeat && (self.is_in_new || state.repeats >= PUSHED_DOWN) {
            // Pagers promise pages that do not exist, and show the last one there; but a second page
            // like the first is none.
            if state.pages <= 1
                && let Some(stuck) = stuck(&at, &read, state)
            {
                return Ok(Listed::End(stuck));
            }
            let message = format!("{} lists only items of earlier pages", at);
            return Ok(Listed::End(Halt::complete("repeated-page", &message)));
        }
        self.is_in_new |= !is_repeat;
        let all = items.len();
        let kept = self.recent_enough(items);
        if kept.is_empty() {
            let since = self.reach.since.map(|day| day.to_string());
            let since = since.unwrap_or_default();
            let message = format!("{} lists nothing from {since} on", at);
            return Ok(Listed::End(Halt::complete("since", &message)));
        }
        let end = end_of(&at, &read, state);
        let older = OlderPage {
            url: &at,
            items: &kept,
            next: read.next.as_ref(),
            end: end
                .as_ref()
                .map(|(reason, message)| (*reason, message.as_str())),
            total: read.total,
            day: match read.below {
                Above::Row(day) => Some(day),
                Above::Unknown | Above::Sight(_) => None,
            },
            since: self.reach.since.filter(|_| kept.len() < all),
            is_repeat,
        };
        let now = self.run.now();
        let waiting = store.queue().waiting(name).await?;
        let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
        let room = self.run.spending.items(now, waiting);
        let added = store
            .backfills()
            .add_page(now, name, &column.portal, state, older, room)
            .await?;
        self.run.spending.add_items(now, added.new);
        let verdict = match added.new {
            0 => Verdict::Unchanged,
            _ => Verdict::New,
        };
        self.run.note_verdict(&at, verdict);
        if added.left > 0 && added.new == 0 {
            let message = self.run.spending.left_aside(waiting);
            return Err(RunError::LeftAside { message });
        }
        // What found no room is listed when these are read: the checkpoint stands before this page.
        let unknown = added.new as usize;
        tracing::info!(column = %name, url = %at, unknown, "list page read");
        self.run.progress(Step::ListRead {
            column: name,
            url: &at,
            unknown,
        });
        self.run.progress(Step::OlderListed {
            column: name,
            pages: state.pages + 1,
            total: read.total.or(state.total),
        });
        Ok(Listed::Queued)
    }

    /// The items without those that are too old. An item without a date stays.
    fn recent_enough(&self, mut items: Vec<ListedItem>) -> Vec<ListedItem> {
        if let Some(since) = self.reach.since {
            items.retain(|item| item.listed_on.is_none_or(|day| day >= since));
        }
        items
    }

    /// Finds the list page at `url`, or the list behind it if it is a shell.
    async fn find(&self, state: &BackfillState, url: &Url) -> Result<Found, RunError> {
        let found = self.fetch_list(state, url).await?;
        match &found {
            Found::Page { read, .. } if read.is_shell() => match read.next.clone() {
                Some(list) => match self.fetch_list(state, &list).await? {
                    Found::Page { url, read } if read.is_shell() => {
                        let message = format!("no item was recognised on {url}");
                        Err(RunError::failed(Verdict::NoItems, message))
                    }
                    found => Ok(found),
                },
                None => Ok(found),
            },
            _ => Ok(found),
        }
    }

    /// What stands above the rows of the next list page.
    fn above(&self, state: &BackfillState) -> Above {
        match state.day {
            _ if state.pages == 0 => Above::Sight(self.run.now().date()),
            Some(day) => Above::Row(day),
            None => Above::Unknown,
        }
    }

    /// Fetches and reads a list page, or says that the list ends before it.
    async fn fetch_list(&self, state: &BackfillState, url: &Url) -> Result<Found, RunError> {
        let is_first = state.pages == 0;
        let mut page = match self.run.pages.get(url, None).await {
            Ok(Fetched::Page(page)) => page,
            Ok(Fetched::NotModified) => {
                let message = format!("{url}: answers 304 to a question without conditions");
                return Err(RunError::failed(Verdict::Garbage, message));
            }
            Err(RunError::Fetch(error)) if error.is_missing() && !is_first => {
                let message =
                    format!("{url} does not exist, although the page before it leads there");
                return Ok(Found::End(Halt::complete("not-found", &message)));
            }
            Err(RunError::Fetch(error)) if error.verdict() == Some(Verdict::Empty) && !is_first => {
                let message = format!("{url} is empty");
                return self.end_if_portal_stands("stub", message).await;
            }
            Err(error) => return Err(error),
        };
        let mut hops = Hops::new(url);
        let read = loop {
            if is_root(&page.url) && !is_root(url) {
                let message = format!("{url} leads to {}, which is not a list", page.url);
                return Ok(Found::End(Halt::complete("not-found", &message)));
            }
            let read = reading::column_page(self.run.column, &mut page, self.above(state)).await?;
            match &read {
                Err(stub) => match self.run.pages.go_on(&mut hops, stub).await? {
                    Some(next) => page = next,
                    None => break read,
                },
                Ok(_) => break read,
            }
        };
        match read {
            // The firewall asks for a proof; this says nothing about the list.
            Err(Stub::Challenge) => {
                let message = format!("{}: {}", page.url, Stub::Challenge);
                Err(RunError::failed(Stub::Challenge.verdict(), message))
            }
            Err(stub) if is_first => {
                let message = format!("{}: {stub}; nothing was changed", page.url);
                Err(RunError::failed(stub.verdict(), message))
            }
            Err(stub) => {
                let message = format!("{} is not a list: {stub}", page.url);
                self.end_if_portal_stands("stub", message).await
            }
            Ok(read) if read.items.is_empty() && !(is_first && read.is_shell()) => {
                let message = format!("no item was recognised on {}", page.url);
                if is_first {
                    return Err(RunError::failed(Verdict::NoItems, message));
                }
                self.end_if_portal_stands("no-items", message).await
            }
            Ok(read) => Ok(Found::Page {
                url: page.url,
                read: Box::new(read),
            }),
        }
    }

    /// An empty page is the end of the list, unless the column's first page is empty, too: then the
    /// whole portal shows nothing just now.
    async fn end_if_portal_stands(
        &self,
        reason: &'static str,
        message: String,
    ) -> Result<Found, RunError> {
        let url = &self.run.column.url;
        let first = self.run.pages.get(url, None).await?;
        let stands = match first {
            Fetched::Page(mut first) => {
                match reading::column_page(self.run.column, &mut first, Above::Unknown).await? {
                    Ok(read) => !read.items.is_empty() || read.is_shell(),
                    // It was followed when this backfill began.
                    Err(stub) => matches!(stub, Stub::Onward(_)),
                }
            }
            Fetched::NotModified => true,
        };
        if stands {
            return Ok(Found::End(Halt::complete(reason, &message)));
        }
        let message = format!("{message}, and neither does {url} list anything just now");
        Err(RunError::failed(Verdict::ListCut, message))
    }
}

/// The pause at a page that was seen before, although the list has more pages than were read.
fn stuck(at: &Url, read: &ColumnPage, state: &BackfillState) -> Option<Halt> {
    let total = read.total.or(state.total)?;
    let message = format!(
        "{at} shows a page that was read before, and the list has {total} pages: its pager cannot \
         be followed. See whether the portal shows the list elsewhere, or name the link under \
         list.next in the feed file"
    );
    (total > state.pages).then(|| Halt::paused(PAGER_UNREAD, &message))
}

/// Why no list page follows this one: the page itself says that it is the last, or nothing on it
/// speaks of more, or the way to more cannot be read. `None` if one follows.
fn end_of(at: &Url, read: &ColumnPage, state: &BackfillState) -> Option<(&'static str, String)> {
    if read.next.is_some() {
        return None;
    }
    let done = state.pages.saturating_add(1);
    let is_all = read
        .total
        .or(state.total)
        .is_some_and(|total| done >= total);
    Some(match &read.further {
        Further::Unread(words) if !is_all => {
            let message = format!(
                "{at}: the next page cannot be read ({words}): a script or a posted form turns the \
                 pages. See whether the portal shows the list elsewhere, or name \
                 the link under list.next in the feed file"
            );
            (PAGER_UNREAD, message)
        }
        Further::Last(words) => (
            "list-end",
            format!("{at} is the last page of the list: {words}"),
        ),
        _ => ("list-end", format!("{at} is the last page of the list")),
    })
}
