//! `dibao why`: says what became of an address, from the store alone.
//!
//! Owns the words. Never asks a portal, and never reads a feed file.

use serde::Serialize;
use url::Url;
use uuid::Uuid;

use super::outcome::{Done, Stop, say};
use crate::config::Folders;
use crate::fetch::host_of;
use crate::identify::CanonicalUrl;
use crate::model::{Clock, ColumnName, Field, Incident, Timestamp};
use crate::service;
use crate::store::{
    AddressState, ListedState, Store, StoreError, Trace, TracedArticle, TracedPage,
};

/// Everything that the store knows of an address.
#[derive(Serialize)]
pub(super) struct Answer {
    url: Url,
    /// The form in which addresses are compared.
    canonical_url: String,
    /// The known addresses that differ from it in tokens alone, if it is unknown itself.
    known_as: Vec<String>,
    pub(super) state: AddressState,
    /// By portal.
    portals: Vec<Trace>,
    /// The columns of which it is a list page.
    list_of: Vec<ColumnName>,
    /// Open incidents about this address.
    incidents: Vec<Incident>,
    /// Until when its host is left alone, after trouble.
    resting_until: Option<Timestamp>,
    /// The trouble: a stable code.
    resting_reason: Option<String>,
}

pub(super) async fn why(folders: &Folders, url: &str, as_json: bool) -> Result<Done, Stop> {
    let url = address(url)?;
    let store = Store::open_existing(service::store_place(folders))
        .await
        .map_err(Stop::configuration)?;
    let answer = answer(&store, url).await;
    store.close().await;
    let answer = answer.map_err(Stop::failed)?;
    match as_json {
        true => say(&serde_json::to_string_pretty(&answer).map_err(Stop::failed)?)?,
        false => show(&answer)?,
    }
    Ok(Done::Well)
}

/// The address of a page. It needs a scheme, or a misspelled file would be one.
pub(super) fn address(text: &str) -> Result<Url, Stop> {
    let refused = |cause: &str| {
        Stop::configuration(format_args!(
            "{text:?}: is not the address of a page: {cause}; expected one like \
             http://www.example.gov.cn/tzgg/t1.html\n  remedy: copy it whole from the browser or \
             from the column's list, and put it in quotes"
        ))
    };
    let url = Url::parse(text).map_err(|error| refused(&error.to_string()))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        scheme => Err(refused(&format!("its scheme is {scheme}"))),
    }
}

/// What the store knows of an address.
pub(super) async fn answer(store: &Store, url: Url) -> Result<Answer, StoreError> {
    let canonical = CanonicalUrl::from(&url);
    let mut portals = store.articles().traces(&canonical).await?;
    let list_of = store.columns().with_list_page(&canonical).await?;
    let mut known_as = Vec::new();
    if portals.is_empty() && list_of.is_empty() {
        for known in store.articles().but_for_tokens(&url).await? {
            portals.extend(store.articles().traces(&known).await?);
            known_as.push(known.as_str().to_owned());
        }
    }
    let mut incidents = store.incidents().open().await?;
    incidents.retain(|incident| {
        let subject = Url::parse(&incident.subject);
        subject.is_ok_and(|subject| CanonicalUrl::from(&subject) == canonical)
    });
    let now = Clock::system().now();
    let resting = store.hosts().trouble(&host_of(&url), now).await?;
    let unknown = match list_of.is_empty() {
        true => AddressState::NeverSeen,
        false => AddressState::ListPage,
    };
    Ok(Answer {
        canonical_url: canonical.as_str().to_owned(),
        known_as,
        state: portals
            .iter()
            .map(|trace| trace.state)
            .min()
            .unwrap_or(unknown),
        portals,
        list_of,
        incidents,
        resting_until: resting.as_ref().map(|resting| resting.until),
        resting_reason: resting.map(|resting| resting.reason),
        url,
    })
}

impl Answer {
    /// The ids of the articles that stand there.
    pub(super) fn articles(&self) -> Vec<Uuid> {
        let articles = self
            .portals
            .iter()
            .filter_map(|trace| trace.article.as_ref());
        articles.map(|article| article.id).collect()
    }
}

fn show(answer: &Answer) -> Result<(), Stop> {
    say(answer.url.as_str())?;
    line("canonical", &answer.canonical_url)?;
    for known in &answer.known_as {
        line(
            "known as",
            &format!("{known}, which differs in tokens alone"),
        )?;
    }
    for column in &answer.list_of {
        say(&format!(
            "{column}  list-page: this column reads it for its items"
        ))?;
    }
    for trace in &answer.portals {
        say(&format!("{}  {}", trace.portal, sentence(trace)))?;
        if let Some(article) = &trace.article {
            show_article(article)?;
        }
        if let Some(page) = &trace.page {
            show_page(page)?;
        }
        for listed in &trace.listed {
            show_listed(listed)?;
        }
    }
    if answer.state == AddressState::NeverSeen {
        say("never-seen: no column has listed it, and no article stands there")?;
        line(
            "remedy",
            "see with `dibao status` whether its column is collected, and with `dibao list` whether \
             the column's list shows it",
        )?;
    }
    for incident in &answer.incidents {
        line(
            "incident",
            &format!("{}: {}", incident.reason, incident.message),
        )?;
    }
    if let (Some(until), Some(reason)) = (answer.resting_until, &answer.resting_reason) {
        line("host", &format!("{reason}: is left alone until {until}"))?;
    }
    Ok(())
}

fn line(name: &str, value: &str) -> Result<(), Stop> {
    say(&format!("  {name:<12}{value}"))
}

/// What became of it, in a sentence that begins with the state's code.
fn sentence(trace: &Trace) -> String {
    let id = trace.article.as_ref().map(|article| article.id);
    let id = id.or(trace.removal.as_ref().map(|removal| removal.id));
    let id = id.or(trace.kept_id).unwrap_or_default();
    let waits = |is: fn(&ListedState) -> bool| trace.listed.iter().find(|item| is(item));
    match trace.state {
        AddressState::Published => format!("published: is the page of the article {id}"),
        AddressState::Alias => format!("alias: is another address of the article {id}"),
        AddressState::Withdrawn => {
            let at = trace
                .article
                .as_ref()
                .and_then(|article| article.withdrawn_at);
            let at = at.map(|at| at.to_string()).unwrap_or_default();
            format!("withdrawn: the portal took the article {id} down; found so {at}")
        }
        AddressState::Removed => match &trace.removal {
            Some(removal) => format!(
                "removed: the article {id} was removed {}, and does not come back: {}",
                removal.at, removal.reason
            ),
            None => format!("removed: the article {id} was removed"),
        },
        AddressState::HeldBack => {
            let reason = waits(ListedState::is_held).and_then(|item| item.reason.clone());
            let reason = reason.unwrap_or_default();
            format!("held-back: was read, and is not published: {reason}")
        }
        AddressState::Queued => match waits(|item| item.is_waiting && item.reason.is_some()) {
            Some(item) => format!(
                "queued: could not be read yet: {}",
                item.reason.as_deref().unwrap_or_default()
            ),
            None => "queued: waits to be read".to_owned(),
        },
        AddressState::NoArticle => "no-article: was read, and belongs to no article".to_owned(),
        AddressState::IdKept => format!(
            "id-kept: was not seen since the ids were restored; an article there gets the id {id}"
        ),
        AddressState::ListPage | AddressState::NeverSeen => "never-seen".to_owned(),
    }
}

fn show_article(article: &TracedArticle) -> Result<(), Stop> {
    line("title", &article.title)?;
    line("page", article.url.as_str())?;
    for alias in &article.aliases {
        line("alias", alias.as_str())?;
    }
    let columns: Vec<&str> = article.columns.iter().map(ColumnName::as_str).collect();
    line("columns", &columns.join(", "))?;
    let day = article.published_on.map(|day| format!("{day}; "));
    line(
        "published",
        &format!(
            "{}first seen {}, last changed {}, revision {}",
            day.unwrap_or_default(),
            article.first_seen_at,
            article.updated_at,
            article.revision
        ),
    )
}

fn show_page(page: &TracedPage) -> Result<(), Stop> {
    let next = match page.next_look_at {
        Some(at) => format!("looked at again {at}"),
        None => "not looked at again".to_owned(),
    };
    let missing = match (page.gone_at, page.missing_looks) {
        (Some(at), _) => format!("; gone since {at}"),
        (None, 0) => String::new(),
        (None, looks) => format!("; missing at the last {looks} looks"),
    };
    line(
        "rechecks",
        &format!("last answered {}; {next}{missing}", page.answered_at),
    )
}

fn show_listed(item: &ListedState) -> Result<(), Stop> {
    let day = item.listed_on.map(|day| format!("{day}  "));
    let title = item.title.as_deref().unwrap_or_default();
    let by = if item.is_older {
        " (found by a backfill)"
    } else {
        ""
    };
    let day = day.unwrap_or_default();
    line("listed by", &format!("{}{by}  {day}{title}", item.column))?;
    if !item.is_waiting {
        return Ok(());
    }
    let mut words = match &item.reason {
        None => "not tried yet".to_owned(),
        Some(reason) => {
            let tried = item.tried_at.map(|at| format!(" since {at}"));
            format!(
                "{reason}{}{}",
                lost(&item.fields),
                tried.unwrap_or_default()
            )
        }
    };
    if item.attempts > 0 {
        words.push_str(&format!("; {} tries failed", item.attempts));
    }
    match item.next_try_at {
        Some(at) => words.push_str(&format!("; next try from {at} on")),
        None => words.push_str("; tried with the column's next run"),
    }
    line("waits", &words)?;
    match &item.message {
        Some(message) => line("why", message),
        None => Ok(()),
    }
}

/// The fields for which an article is held back, in brackets.
pub(super) fn lost(fields: &[Field]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    match names.is_empty() {
        true => String::new(),
        false => format!(" ({})", names.join(", ")),
    }
}
