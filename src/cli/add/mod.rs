//! `dibao add`: from an address to a feed file.
//!
//! Owns the way from the given page to its column, and the question whether to write. Never writes
//! before it has shown what it found on real articles.

mod addresses;
mod files;
mod naming;

pub(super) use addresses::address;
pub(super) use naming::is_of_portal;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use url::Url;

use super::outcome::{Done, Stop, say, tell};
use super::{check, survey};
use crate::config::{self, Column, FetchRules, Folders, ServiceConfig};
use crate::extract::{self, ColumnLink, PageKind};
use crate::identify::CanonicalUrl;
use crate::model::{ColumnName, Field};
use crate::pipeline::{FileLock, LookedAt, Survey, SurveyError, Surveyor};
use files::Files;

/// How many pages of an article's path are tried.
const TRIES: usize = 6;

/// What `dibao add` is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) urls: Vec<Url>,
    pub(super) from: Option<PathBuf>,
    pub(super) name: Option<ColumnName>,
    pub(super) tls: Option<String>,
    pub(super) all: bool,
    pub(super) yes: bool,
}

pub(super) async fn add(folders: &Folders, asked: Asked) -> Result<Done, Stop> {
    let Asked { name, .. } = &asked;
    let mut urls = asked.urls.clone();
    if let Some(file) = &asked.from {
        urls.extend(addresses::read(file)?);
    }
    let known = config::read_columns(&folders.feeds)?;
    if let Some(column) = name.as_ref().and_then(|name| named(&known, name)) {
        return Err(taken(folders, column));
    }
    if let Some(name) = name.as_ref().filter(|name| naming::is_of_portal(name)) {
        return Err(Stop::configuration(format_args!(
            "{name}: {name}.toml is about the portal, not about a column\n  remedy: give another --name"
        )));
    }
    let Some(first) = urls.first() else {
        return Ok(Done::Well);
    };
    if name.is_some() && urls.len() > 1 {
        return Err(Stop::configuration(
            "--name is for one column\n  remedy: leave it out, and rename the columns later",
        ));
    }
    let service = ServiceConfig::load(&folders.service).map_err(Stop::configuration)?;
    let surveyor = check::surveyor(folders, &service, check::known_store(folders).await?);
    let any = ColumnName::new("any", "any").map_err(Stop::failed)?;
    let asking = Asking {
        folders,
        surveyor: &surveyor,
        rules: column(any, first, asked.tls.as_deref())?.fetch,
        name: asked.name,
        tls: asked.tls,
        all: asked.all,
        yes: asked.yes,
    };
    let done = match urls.as_slice() {
        [url] => asking.add(url.clone(), false).await,
        urls => asking.add_all(urls, false).await,
    };
    surveyor.close().await.map_err(Stop::failed)?;
    done
}

fn taken(folders: &Folders, column: &Column) -> Stop {
    Stop::configuration(format_args!(
        "{} is the column of {}\n  remedy: give another --name, or edit {}/{}.toml",
        column.name,
        column.url,
        folders.feeds.display(),
        column.name
    ))
}

fn named<'a>(known: &'a [Column], name: &ColumnName) -> Option<&'a Column> {
    known.iter().find(|column| column.name == *name)
}

struct Asking<'a> {
    folders: &'a Folders,
    surveyor: &'a Surveyor,
    rules: FetchRules,
    name: Option<ColumnName>,
    tls: Option<String>,
    all: bool,
    yes: bool,
}

/// Where an address leads.
enum Found {
    /// To a column page, which is read.
    Column(Url, Box<LookedAt>),
    /// To the columns of a home page, all of which are asked for.
    All(Vec<ColumnLink>),
    /// To columns to choose from; they were printed.
    Nothing,
}

impl Asking<'_> {
    /// Adds columns one after another. A failure is told, and the others are added.
    async fn add_all(&self, urls: &[Url], is_agreed: bool) -> Result<Done, Stop> {
        let mut failed = 0;
        for url in urls {
            match Box::pin(self.add(url.clone(), is_agreed)).await {
                Ok(Done::Well) => (),
                Ok(Done::Partly) => failed += 1,
                Err(Stop::Failed(message) | Stop::Configuration(message)) => {
                    tell(&format!("dibao: {message}"));
                    failed += 1;
                }
            }
        }
        let all = urls.len();
        say(&format!("{} of {all} addresses are followed", all - failed))?;
        Ok(match failed {
            0 => Done::Well,
            _ => Done::Partly,
        })
    }

    /// Adds what an address leads to. `is_agreed`: the user wants all of it.
    async fn add(&self, url: Url, is_agreed: bool) -> Result<Done, Stop> {
        let (url, first) = match self.column_page(url).await? {
            Found::Column(url, first) => (url, *first),
            Found::Nothing => return Ok(Done::Partly),
            Found::All(offers) => {
                let is_agreed = self.yes || agreed("Add all of these?")?;
                if !is_agreed {
                    say("nothing was written")?;
                    return Ok(Done::Well);
                }
                let urls: Vec<Url> = offers.into_iter().map(|offer| offer.url).collect();
                return Box::pin(self.add_all(&urls, true)).await;
            }
        };
        let known = config::read_columns(&self.folders.feeds)?;
        if let Some(column) = followed(&known, &url) {
            say(&format!("{} follows {url} already", column.name))?;
            return Ok(Done::Well);
        }
        let column = column(self.name(&url, &known)?, &url, self.tls.as_deref())?;
        let surveyed = self.surveyor.survey(&column, Some(first)).await;
        let surveyed = surveyed.map_err(Stop::failed)?;
        say(&format!("{}  {url}", column.name))?;
        say(&survey::format_survey(&surveyed, &column, None))?;
        check_readable(&surveyed, &column)?;
        let files = self.files(&column, &surveyed)?;
        say(&format!("{}\n{}", files.feed.display(), files.feed_text))?;
        if let Some(job) = &files.job {
            say(&format!("{}{job}", self.folders.cron.display()))?;
        }
        if !self.yes && !is_agreed && !agreed("Write this?")? {
            say("nothing was written")?;
            return Ok(Done::Well);
        }
        let name = self.write(column, &surveyed)?;
        say(&format!("written; next: dibao run {name}"))?;
        Ok(Done::Well)
    }

    fn name(&self, url: &Url, known: &[Column]) -> Result<ColumnName, Stop> {
        let name = self.name.clone().or_else(|| naming::name(url, known));
        name.ok_or_else(|| {
            Stop::configuration(format_args!("{url}: gives no name; give one with --name"))
        })
    }

    fn files(&self, column: &Column, surveyed: &Survey) -> Result<Files, Stop> {
        let Folders { feeds, cron, .. } = self.folders;
        Files::new(feeds, cron, column, surveyed, self.tls.as_deref())
    }

    /// Writes the files, while no other command writes any. What others wrote since the survey stays,
    /// and the column gets a name that is still free.
    fn write(&self, column: Column, surveyed: &Survey) -> Result<ColumnName, Stop> {
        let feeds = &self.folders.feeds;
        let _lock = FileLock::take(feeds).map_err(|error| files::not_writable(feeds, &error))?;
        let known = config::read_columns(feeds)?;
        if let Some(column) = followed(&known, &column.url) {
            return Ok(column.name.clone());
        }
        let column = match (named(&known, &column.name), &self.name) {
            (None, _) => column,
            (Some(other), Some(_)) => return Err(taken(self.folders, other)),
            (Some(_), None) => Column {
                name: self.name(&column.url, &known)?,
                ..column
            },
        };
        self.files(&column, surveyed)?.write()?;
        Ok(column.name)
    }

    /// Where an address leads: that of a column, of an article or of a home page.
    async fn column_page(&self, url: Url) -> Result<Found, Stop> {
        let looked = self.look(&url).await.map_err(Stop::failed)?;
        if let Some(stub) = extract::stub(looked.page(), &looked.url) {
            return Err(Stop::failed(format_args!(
                "{}: {url}: {stub}",
                stub.verdict().code()
            )));
        }
        match extract::page_kind(looked.page(), &looked.url) {
            Some(PageKind::Column) => Ok(found(lasting_url(&url, &looked), looked)),
            Some(PageKind::Article) => {
                let (url, looked) = self.column_of(&looked).await?;
                Ok(found(url, looked))
            }
            Some(PageKind::Home) => self.choose(&looked).await,
            None => match self.framed(&looked).await {
                Some((url, looked)) => Ok(found(url, looked)),
                None => Err(Stop::failed(format_args!(
                    "{url}: is neither a column nor an article nor a first page: no list of titles \
                     and links was recognised\n  remedy: give the address of the column's page; \
                     where it is, write feeds/PORTAL/COLUMN.toml and name its items under [list]"
                ))),
            },
        }
    }

    async fn look(&self, url: &Url) -> Result<LookedAt, SurveyError> {
        self.surveyor.look(url, &self.rules).await
    }

    /// The column in the article's breadcrumbs, or else a folder above the article.
    async fn column_of(&self, article: &LookedAt) -> Result<(Url, LookedAt), Stop> {
        let mut paths = extract::breadcrumbs(article.page(), &article.url);
        paths.reverse();
        let mut folder = article.url.clone();
        folder.set_query(None);
        for up in [".", "..", "../.."] {
            paths.extend(folder.join(up));
        }
        let mut tried: Vec<Url> = Vec::new();
        for url in paths {
            if tried.contains(&url) || tried.len() == TRIES || url.path() == "/" {
                continue;
            }
            if let Ok(looked) = self.look(&url).await
                && extract::page_kind(looked.page(), &looked.url) == Some(PageKind::Column)
            {
                tell(&format!("{}: is an article of {url}", article.url));
                return Ok((lasting_url(&url, &looked), looked));
            }
            tried.push(url);
        }
        Err(Stop::failed(format_args!(
            "{}: is an article, and neither its path nor its folder leads to a column\n  remedy: give \
             the address of the column's page",
            article.url
        )))
    }

    /// The column that the user chooses among those of a home page, or all of them.
    async fn choose(&self, home: &LookedAt) -> Result<Found, Stop> {
        let offers = extract::column_links(home.page(), &home.url);
        say(&format!("{} offers these columns:", home.url))?;
        for (nth, offer) in offers.iter().enumerate() {
            say(&format!("{:>3}  {}  {}", nth + 1, offer.title, offer.url))?;
        }
        if self.all {
            return Ok(Found::All(offers));
        }
        if self.yes || !std::io::stdin().is_terminal() {
            tell("dibao: choose one: dibao add URL; or take all: dibao add URL --all");
            return Ok(Found::Nothing);
        }
        let chosen = chosen(&offers, &answer("Which? ")?);
        let Some(offer) = chosen else {
            return Ok(Found::Nothing);
        };
        let looked = self.look(&offer.url).await.map_err(Stop::failed)?;
        Ok(found(lasting_url(&offer.url, &looked), looked))
    }

    /// A column page in a frame of this page.
    async fn framed(&self, around: &LookedAt) -> Option<(Url, LookedAt)> {
        for url in extract::frames(around.page(), &around.url)
            .into_iter()
            .take(TRIES)
        {
            if let Ok(looked) = self.look(&url).await
                && extract::page_kind(looked.page(), &looked.url) == Some(PageKind::Column)
            {
                return Some((url, looked));
            }
        }
        None
    }
}

fn found(url: Url, looked: LookedAt) -> Found {
    Found::Column(url, Box::new(looked))
}

/// The known column that follows this page already.
fn followed<'a>(known: &'a [Column], url: &Url) -> Option<&'a Column> {
    let wanted = CanonicalUrl::from(url);
    let mut known = known.iter();
    known.find(|column| CanonicalUrl::from(&column.url) == wanted)
}

fn chosen<'a>(offers: &'a [ColumnLink], answer: &str) -> Option<&'a ColumnLink> {
    let nth: usize = answer.parse().ok()?;
    offers.get(nth.checked_sub(1)?)
}

/// The address to follow: the new one if the page was moved for good, else the given one.
fn lasting_url(url: &Url, looked: &LookedAt) -> Url {
    looked.moved_to.clone().unwrap_or_else(|| url.clone())
}

fn column(name: ColumnName, url: &Url, tls: Option<&str>) -> Result<Column, Stop> {
    let text = files::feed_text(url, None, tls);
    Column::parse(name, Path::new("the feed file"), &text).map_err(Stop::configuration)
}

/// Refuses a column of which no article can be read.
fn check_readable(survey: &Survey, column: &Column) -> Result<(), Stop> {
    let remedy = "see whether these are articles; if so, write the feed file yourself and name where \
                  their fields stand under [article]";
    if survey.read().next().is_none() {
        return Err(Stop::failed(format_args!(
            "{}: none of its articles can be read; nothing was written\n  remedy: {remedy}",
            column.url
        )));
    }
    let rows = survey.rows();
    let lacking = rows
        .iter()
        .find(|row| row.having == 0 && column.fields.requires(row.field));
    match lacking {
        None => Ok(()),
        Some(row) if row.field == Field::Body => Err(Stop::failed(format_args!(
            "{}: none of its articles shows a body: no text, no picture, no file; nothing was \
             written\n  remedy: see in a browser whether they have a text; if so, name its place under \
             article.body in a feed file of your own; if not, a feed file with the URL publishes \
             their titles and days",
            column.url
        ))),
        Some(row) => Err(Stop::failed(format_args!(
            "{}: none of its articles shows a {}; nothing was written\n  remedy: {remedy}",
            column.url,
            row.field.name()
        ))),
    }
}

/// Whether the user at a terminal agrees; an empty answer counts as yes.
fn agreed(question: &str) -> Result<bool, Stop> {
    if !std::io::stdin().is_terminal() {
        return Err(Stop::configuration(
            "nothing was written: no terminal to ask at\n  remedy: add --yes",
        ));
    }
    let answer = answer(&format!("{question} [Y/n] "))?;
    Ok(matches!(answer.to_lowercase().as_str(), "" | "y" | "yes"))
}

fn answer(question: &str) -> Result<String, Stop> {
    let mut stderr = std::io::stderr();
    let asked = write!(stderr, "{question}").and_then(|()| stderr.flush());
    let mut line = String::new();
    asked
        .and_then(|()| std::io::stdin().read_line(&mut line))
        .map_err(|error| Stop::failed(format_args!("the terminal cannot be read: {error}")))?;
    Ok(line.trim().to_owned())
}
