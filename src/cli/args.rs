//! The arguments, and the help that a newcomer works from.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use url::Url;
use uuid::Uuid;

use crate::fetch::ConnectTo;
use crate::model::ColumnName;

/// 邸报 dibao: follows the news columns of Chinese government portals and publishes them as RSS,
/// Atom, JSON Feed and JSON.
///
/// Start with `dibao demo`: it serves a small invented portal on this machine, collects it, and
/// shows what comes out. Then write feeds/PORTAL/COLUMN.toml with one line, url = "…", and
/// `dibao run`.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 all well; 1 some column or page failed, the rest was done; 2 usage \
                  or configuration error.\nResults go to stdout, progress and logs to stderr \
                  (DIBAO_LOG=debug for more; DIBAO_LOG_FORMAT=text or json)."
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) places: Places,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Where things are.
#[derive(Clone, Debug, Args)]
pub(super) struct Places {
    /// Folder of feed files: what to collect (PORTAL/COLUMN.toml)
    #[arg(long, global = true, value_name = "FOLDER", default_value = "feeds")]
    pub(super) feeds: PathBuf,
    /// Timetable: when to collect it
    #[arg(long, global = true, value_name = "FILE", default_value = "cron.toml")]
    pub(super) cron: PathBuf,
    /// Folder of state [default: data; for demo: demo/data]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(super) data: Option<PathBuf>,
    /// Folder to publish into [default: public; for demo: demo/public]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(super) public: Option<PathBuf>,
    /// Send connections for HOST1:PORT1 to HOST2:PORT2 instead, as curl does; this is leave to
    /// go there, be it loopback
    #[arg(
        long,
        global = true,
        value_name = "HOST1:PORT1:HOST2:PORT2",
        hide_short_help = true
    )]
    pub(super) connect_to: Vec<ConnectTo>,
}

impl Places {
    pub(super) fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| PathBuf::from("data"))
    }

    pub(super) fn public(&self) -> PathBuf {
        self.public
            .clone()
            .unwrap_or_else(|| PathBuf::from("public"))
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Collect a small invented portal on this machine and show what comes out
    ///
    /// Serves the bundled replica of a portal on loopback, collects all of it, publishes it to
    /// demo/public, and serves that. Its articles are invented: its store is marked, every page
    /// and feed says 演示, and `run` and `serve` refuse it.
    ///
    /// With --hostile it serves a portal that misbehaves instead, in every way that portals do, and
    /// says how to point dibao at it.
    Demo {
        /// Stop after publishing; with --hostile, after the table of faults
        #[arg(long)]
        once: bool,
        /// Serve a misbehaving portal and collect nothing; only in builds with the feature demo-hostile
        #[arg(long)]
        hostile: bool,
        /// Where to serve the result, or the misbehaving portal
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
    },
    /// Collect columns once and publish
    ///
    /// One cycle over the named columns (all by default): the list pages until one holds nothing
    /// new, then the new articles, then another look at recent ones. Prints a line a column.
    Run {
        /// PORTAL/COLUMN, as in feeds/; all when none is named
        #[arg(value_name = "COLUMN")]
        columns: Vec<ColumnName>,
    },
    /// Read a column's older list pages into its archive
    ///
    /// Walks them from the first on, past what is known, and reads the articles of each before the
    /// next, at the portal's pace. May be stopped or killed at any time: the next backfill of the
    /// column goes on there. Prints one line that says why it stopped. What it brings stands in the
    /// archive, the dumps and the changes, and never in the live feed.
    Backfill {
        /// PORTAL/COLUMN, as in feeds/
        #[arg(value_name = "COLUMN")]
        column: ColumnName,
        /// Pause after so many list pages
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        pages: Option<u32>,
        /// Leave out what is older than this day (2024-01-31)
        #[arg(long, value_name = "DATE")]
        since: Option<NaiveDate>,
    },
    /// Collect by the timetable and serve what is published
    ///
    /// The scheduler (cron.toml) and the HTTP server in one process, until SIGTERM or Ctrl-C.
    Serve {
        /// Where to listen
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
    },
    /// Read article pages: one JSON a line, with where each value was found
    ///
    /// Files are read offline, their charset sniffed. Without --column no configuration is used.
    Extract {
        /// Files or URLs of article pages
        #[arg(value_name = "FILE|URL", required = true)]
        pages: Vec<String>,
        /// The URL of a page read from a file, for its relative links
        #[arg(long, value_name = "BASE")]
        url: Option<Url>,
        /// Use this column's selectors and charset
        #[arg(long, value_name = "COLUMN")]
        column: Option<ColumnName>,
    },
    /// Read a column page: its items, one JSON a line (url, title, published_on)
    List {
        /// File or URL of the column page
        #[arg(value_name = "FILE|URL")]
        page: String,
        /// The URL of a page read from a file, for its relative links
        #[arg(long, value_name = "BASE")]
        url: Option<Url>,
        /// Use this column's selectors and charset
        #[arg(long, value_name = "COLUMN")]
        column: Option<ColumnName>,
        /// Print the next page's URL instead
        #[arg(long)]
        next: bool,
    },
    /// Read every archived page anew, by the rules of today
    ///
    /// Reads the archive, in the order in which it was written, and never a portal: each page as it was
    /// sent last, by the feed file of today and this dibao. What is read otherwise is recorded as our
    /// re-extraction (`reextracted` in the changes), never as the portal's edit: the date of publication
    /// stays, and the next look at the page finds nothing edited. A page that these rules find no
    /// article on stays as it was, and is told. Prints what differs, article by article, then how many by column
    /// and field, and publishes.
    ///
    /// May be stopped (Ctrl-C, SIGTERM) or killed at any time: what is recorded stays, and the same
    /// command goes on there, as long as neither these columns' feed files nor dibao changed
    /// meanwhile; else it begins anew.
    ///
    /// A `dibao serve` that goes on with the former rules reads pages by them again, and records that as
    /// the portal's edits: reload it (SIGHUP) after a feed file was mended, restart it with a newer dibao,
    /// before this is run.
    ///
    /// Ends with 1 where some page could not be read by these rules, or its capture is damaged.
    Reextract {
        /// PORTAL/COLUMN, as in feeds/; all when none is named
        #[arg(value_name = "COLUMN")]
        columns: Vec<ColumnName>,
        /// Write nothing: show what would change, value by value
        #[arg(long)]
        dry_run: bool,
    },
    /// Derive an article again from its archived page, and compare
    ///
    /// Offline, by the rules of today: says where in the archive the page is, whether its bytes are
    /// those that were sent, and of each field whether it is what is stored. Ends with 0 where all is
    /// equal, 1 where something differs, 2 where there is no such article, or no archived page of it.
    Verify {
        /// The article's id, with or without urn:uuid:
        #[arg(value_name = "ID", value_parser = entry_id)]
        id: Uuid,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Write the articles, or the changes, to stdout
    Export {
        /// ndjson: one JSON a line; json: one array; csv: for spreadsheets (UTF-8 with BOM)
        #[arg(long, value_enum, default_value_t = Format::Ndjson)]
        format: Format,
        /// Changes instead of articles: what was added, revised, withdrawn …
        #[arg(long)]
        changes: bool,
        /// With --changes: only those after this sequence number
        #[arg(long, value_name = "SEQ", default_value_t = 0, requires = "changes")]
        after: i64,
        /// Below a first line {"seq": SEQ}: the number of the last change that the articles know of,
        /// from which a mirror goes on with --changes --after SEQ
        #[arg(long, conflicts_with = "changes")]
        snapshot: bool,
    },
    /// Show how every column is: last and next run, last new article, trouble
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Write the store whole into one file
    ///
    /// Consistent at one moment, also while `run` or `serve` writes. The file appears whole or not at
    /// all; one that is there already is kept unless you say --force. It holds ids, articles, changes and
    /// the queue. What the portals sent, data/warc, is not in it: those are plain files that only grow, to be
    /// copied beside it afterwards (`rsync -a data/warc/ BACKUP/warc/`). feeds/, cron.toml and dibao.toml are yours.
    Backup {
        /// Where to
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Replace FILE where it is there already
        #[arg(long)]
        force: bool,
    },
    /// Put a backup back into a data folder that has no store; or ids alone, from published dumps
    ///
    /// The file is checked first: a damaged, foreign or newer one is refused, and so is the demo's. Put the
    /// copy of data/warc back as well, then `dibao run` publishes what was published.
    ///
    /// Without a backup, --ids reads what was published (public/, or files of it) into an empty store: articles
    /// that are collected again take their former ids, and are not unread again. Texts, revisions and
    /// sequence numbers do not come back so: mirrors begin anew.
    Restore {
        /// A file that `dibao backup` wrote
        #[arg(value_name = "FILE", required_unless_present = "ids")]
        file: Option<PathBuf>,
        /// Dumps (.ndjson.gz, .ndjson, articles.json, changes), or a folder that holds them
        #[arg(long, value_name = "DUMP", num_args = 1.., conflicts_with = "file")]
        ids: Vec<PathBuf>,
    },
    /// Remove an article for good: text, archive, dumps, feeds
    ///
    /// For what the law or decency asks to go. Asks nothing back. The text goes from the store, from every
    /// page of the article in data/warc (in place, no other record moves) and from all that is published, which is
    /// done at once. A `removed` change tells mirrors; feeds tell readers to drop the entry. The article does not
    /// come back by its addresses, its number, or under another address. May be run again, and goes on where
    /// it was stopped.
    ///
    /// Not reached: list pages in data/warc, which may name its title; backups and copies made before; what mirrors and
    /// readers keep.
    Remove {
        /// The article's id, with or without urn:uuid:
        #[arg(value_name = "ID")]
        id: Uuid,
        /// Why; kept in the store, shown by `dibao status`, never published
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Recognise a column and write its feed file
    ///
    /// Takes the address of a column page, of one of its articles, or of a portal's first page, whose
    /// columns it then offers. Reads three articles, shows what was found on them, where, and how
    /// surely, and writes feeds/PORTAL/COLUMN.toml and a job in the timetable.
    Add {
        /// The address of a column, of an article, or of a portal's first page
        url: Url,
        /// What to call the column, instead of a name made of its address
        #[arg(long, value_name = "PORTAL/COLUMN")]
        name: Option<ColumnName>,
        /// What to accept where the portal's TLS is broken, as under `fetch` of a feed file: unverified,
        /// or legacy
        #[arg(long, value_name = "TLS")]
        tls: Option<String>,
        /// Write without asking
        #[arg(long)]
        yes: bool,
    },
    /// Check the configuration, and what each column gives today
    ///
    /// Validates every feed file, the timetable and the service's settings; then fetches each column's
    /// page and three of its articles, stores nothing, and shows field by field what was found,
    /// against what its known articles usually have. Ends with 1 where a required field is missing.
    Check {
        /// PORTAL/COLUMN, as in feeds/; all when none is named
        #[arg(value_name = "COLUMN")]
        columns: Vec<ColumnName>,
        /// Validate the files only, and fetch nothing
        #[arg(long)]
        offline: bool,
    },
}

/// An article's id as feeds and JSON have it.
fn entry_id(text: &str) -> Result<Uuid, String> {
    let bare = text.strip_prefix("urn:uuid:").unwrap_or(text);
    Uuid::try_parse(bare).map_err(|error| {
        format!("{error}; an id is like 5e1a5f8c-6f0e-5c1e-9f43-7d6d3f1f6b1a, as the article's JSON has it")
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Ndjson,
    Json,
    Csv,
}
