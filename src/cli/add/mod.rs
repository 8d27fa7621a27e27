//! `dibao add`: from an address to a feed file.
//!
//! Owns what is told, in the order of the addresses, and the question whether to write. Never writes
//! before it has shown what it found on real articles.

mod addresses;
mod files;
mod naming;
mod probe;

pub(super) use addresses::address;
pub(super) use naming::is_of_portal;

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;
use url::Url;

use super::outcome::{Done, Stop, say, tell};
use super::{check, survey};
use crate::config::{self, Column, Folders, ServiceConfig};
use crate::extract::ColumnLink;
use crate::fetch::host_of;
use crate::model::{ColumnName, Field};
use crate::pipeline::{FileLock, Survey};
use files::Files;
use probe::{Probe, Probed, Prober, column, followed, lasting_url};

/// How many hosts are read side by side.
const HOSTS: usize = 16;

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
    let prober = Prober {
        feeds: &folders.feeds,
        surveyor: &surveyor,
        rules: column(any, first, asked.tls.as_deref())?.fetch,
        tls: asked.tls,
    };
    let asking = Asking {
        folders,
        prober,
        name: asked.name,
        all: asked.all,
        yes: asked.yes,
    };
    let done = match urls.as_slice() {
        [url] => asking.add(url.clone()).await,
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
    prober: Prober<'a>,
    name: Option<ColumnName>,
    all: bool,
    yes: bool,
}

impl Asking<'_> {
    /// Adds columns: portals are read side by side, each host at its own pace, and what comes of the
    /// addresses is told and written in their order. A failure is told, and the others are added.
    async fn add_all(&self, urls: &[Url], is_agreed: bool) -> Result<Done, Stop> {
        let mut hosts: BTreeMap<String, Vec<(usize, &Url)>> = BTreeMap::new();
        for (nth, url) in urls.iter().enumerate() {
            hosts.entry(host_of(url)).or_default().push((nth, url));
        }
        let (tell_of, mut found) = mpsc::unbounded_channel();
        let probing = stream::iter(hosts.into_values()).for_each_concurrent(HOSTS, |hosted| {
            let tell_of = tell_of.clone();
            async move {
                for (nth, url) in hosted {
                    // The receiver ends after all of them.
                    let _ = tell_of.send((nth, self.prober.probe(url.clone()).await));
                }
            }
        });
        let concluding = async {
            let mut early = BTreeMap::new();
            let mut failed = 0;
            for nth in 0..urls.len() {
                while !early.contains_key(&nth)
                    && let Some((nth, probe)) = found.recv().await
                {
                    early.insert(nth, probe);
                }
                let Some(probe) = early.remove(&nth) else {
                    continue;
                };
                match self.conclude_one(probe, is_agreed).await {
                    Ok(Done::Well) => (),
                    Ok(Done::Partly) => failed += 1,
                    Err(Stop::Failed(message) | Stop::Configuration(message)) => {
                        tell(&format!("dibao: {message}"));
                        failed += 1;
                    }
                }
            }
            failed
        };
        let ((), failed) = tokio::join!(probing, concluding);
        let all = urls.len();
        say(&format!("{} of {all} addresses are followed", all - failed))?;
        Ok(match failed {
            0 => Done::Well,
            _ => Done::Partly,
        })
    }

    async fn conclude_one(
        &self,
        probe: Result<Probe, Stop>,
        is_agreed: bool,
    ) -> Result<Done, Stop> {
        Box::pin(self.conclude(probe?, is_agreed)).await
    }

    /// Adds what an address leads to.
    async fn add(&self, url: Url) -> Result<Done, Stop> {
        let probe = self.prober.probe(url).await?;
        self.conclude(probe, false).await
    }

    /// Tells what was found, asks, and writes it. `is_agreed`: the user wants all of it.
    async fn conclude(&self, probe: Probe, is_agreed: bool) -> Result<Done, Stop> {
        for note in &probe.notes {
            tell(note);
        }
        let (url, surveyed) = match probe.probed {
            Probed::Column(url, surveyed) => (url, Some(*surveyed)),
            Probed::Followed(url) => (url, None),
            Probed::Offers(home, offers) => return self.choose(&home, offers).await,
        };
        let known = config::read_columns(&self.folders.feeds)?;
        if let Some(column) = followed(&known, &url) {
            say(&format!("{} follows {url} already", column.name))?;
            return Ok(Done::Well);
        }
        // Its feed file was deleted since.
        let Some(surveyed) = surveyed else {
            return Ok(Done::Well);
        };
        let column = column(self.name(&url, &known)?, &url, self.prober.tls.as_deref())?;
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
        Files::new(feeds, cron, column, surveyed, self.prober.tls.as_deref())
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

    /// Adds the column that the user chooses among those of a home page, or all of them.
    async fn choose(&self, home: &Url, offers: Vec<ColumnLink>) -> Result<Done, Stop> {
        say(&format!("{home} offers these columns:"))?;
        for (nth, offer) in offers.iter().enumerate() {
            say(&format!("{:>3}  {}  {}", nth + 1, offer.title, offer.url))?;
        }
        if self.all {
            if !self.yes && !agreed("Add all of these?")? {
                say("nothing was written")?;
                return Ok(Done::Well);
            }
            let urls: Vec<Url> = offers.into_iter().map(|offer| offer.url).collect();
            return Box::pin(self.add_all(&urls, true)).await;
        }
        if self.yes || !std::io::stdin().is_terminal() {
            tell("dibao: choose one: dibao add URL; or take all: dibao add URL --all");
            return Ok(Done::Partly);
        }
        let Some(offer) = chosen(&offers, &answer("Which? ")?) else {
            return Ok(Done::Partly);
        };
        let looked = self.prober.look(&offer.url).await.map_err(Stop::failed)?;
        let url = lasting_url(&offer.url, &looked);
        let (notes, probed) = (Vec::new(), self.prober.survey(url, looked).await?);
        Box::pin(self.conclude(Probe { notes, probed }, false)).await
    }
}

fn chosen<'a>(offers: &'a [ColumnLink], answer: &str) -> Option<&'a ColumnLink> {
    let nth: usize = answer.parse().ok()?;
    offers.get(nth.checked_sub(1)?)
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
