//! The arguments and the help.
//!
//! Owns the words of `--help`. Never opens a file.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use url::Url;
use uuid::Uuid;

use super::add::address;
use super::filter_args::FilterArgs;
use super::folder_args::{FolderArgs, StoreArg};
use crate::config::Folders;
use crate::model::{ColumnName, Standing};

/// 邸报 dibao publishes the news columns of Chinese government portals as RSS, Atom, JSON Feed and
/// JSON.
///
/// Start with `dibao add URL`: give it the address of a news column. It recognises the column,
/// shows what it found, and writes a feed file. Then `dibao run` collects and publishes once, and
/// `dibao serve` does so by a timetable.
///
/// Without a portal at hand, try `dibao demo`: it collects a small invented portal on this machine.
#[derive(Debug, Parser)]
#[command(
    name = "dibao",
    version,
    after_help = "Exit codes:\n  0  all is well\n  1  a column or page failed; the rest was done\n  2  the \
                  command line or a configuration file is wrong\n\nResults go to stdout, progress and \
                  logs to stderr. DIBAO_LOG=debug logs more; DIBAO_LOG_FORMAT is text or json."
)]
pub(super) struct Cli {
    #[command(flatten)]
    folders: FolderArgs,
    #[command(subcommand)]
    pub(super) command: Command,
}

impl Cli {
    /// Reads the arguments and the environment.
    pub(super) fn read() -> Result<Self, clap::Error> {
        let matches = Self::command().try_get_matches()?;
        let mut cli = Self::from_arg_matches(&matches)?;
        let is_set = |name: &str| matches.value_source(name) == Some(ValueSource::EnvVariable);
        if matches!(cli.command, Command::Demo { .. }) {
            cli.folders.forget(is_set);
        }
        Ok(cli)
    }

    /// The command, and the folders it works with.
    pub(super) fn into_parts(self) -> (Command, Folders) {
        let Self { folders, command } = self;
        let root = match command {
            Command::Demo { .. } => "demo",
            _ => "",
        };
        (command, folders.into_folders(Path::new(root)))
    }
}

impl Command {
    /// Whether the command ends by itself at a signal, and leaves its work in order.
    pub(super) fn stops_cleanly(&self) -> bool {
        match self {
            Self::Demo { hostile, .. } => !hostile,
            Self::Run { .. }
            | Self::Backfill { .. }
            | Self::Recheck { .. }
            | Self::Serve { .. }
            | Self::Worker
            | Self::Reextract { .. }
            | Self::Publish { .. } => true,
            _ => false,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Recognise columns and write their feed files
    ///
    /// Takes the address of a column, of one of its articles, or of a portal's home page, and
    /// offers the columns of a home page to choose from. Reads three articles and shows what it
    /// found. Then it asks, and writes feeds/PORTAL/COLUMN.toml and, for a new portal, a job in the
    /// timetable.
    ///
    /// Several addresses, or a file of them, are taken one after another; one that fails does not
    /// stop the others, and the exit code is 1.
    Add {
        /// Address of a column, of an article, or of a portal's home page
        #[arg(value_name = "URL", required_unless_present = "from", value_parser = address)]
        urls: Vec<Url>,
        /// Take the addresses from a file: one a line, or OPML
        #[arg(long, value_name = "FILE", conflicts_with = "name")]
        from: Option<PathBuf>,
        /// Take all columns that a portal's home page offers
        #[arg(long, conflicts_with = "name")]
        all: bool,
        /// Name of the column [default: made from the address]
        #[arg(long, value_name = "PORTAL/COLUMN")]
        name: Option<ColumnName>,
        /// Accept bad TLS: unverified (any certificate) or legacy (old TLS, too); kept in the feed file
        #[arg(long, value_name = "TLS")]
        tls: Option<String>,
        /// Write without asking
        #[arg(long)]
        yes: bool,
    },
    /// Collect columns once and publish
    ///
    /// Reads the list pages until one holds nothing new, then the new articles. Then it checks
    /// recent articles for changes. Prints one line for each column.
    Run {
        /// PORTAL/COLUMN, PORTAL or */COLUMN, as in feeds/ [default: all columns]
        #[arg(value_name = "COLUMN")]
        columns: Vec<String>,
    },
    /// Publish what is collected, and ask no portal
    ///
    /// `run`, `serve` and the other commands publish by themselves. They render what changed since:
    /// articles, columns, the configuration, dibao itself.
    Publish {
        /// Render every file, and replace those that are missing or that somebody changed
        #[arg(long)]
        all: bool,
    },
    /// Collect by the timetable and serve what is published
    ///
    /// Runs until SIGTERM or Ctrl-C. SIGHUP, or a change of a file, makes it read the configuration
    /// again.
    Serve {
        /// Address to listen at
        #[arg(
            long,
            value_name = "ADDR",
            default_value = "127.0.0.1:8080",
            env = "DIBAO_LISTEN",
            hide_env_values = true
        )]
        listen: SocketAddr,
    },
    /// Collect by the timetable beside other workers, with a store on a server
    ///
    /// Does what `serve` does, and serves nothing. Any number of workers, on any number of machines,
    /// share the columns among themselves: a host is asked by one of them at a time. When one dies,
    /// another takes its hosts over within a minute. Runs until SIGTERM or Ctrl-C.
    Worker,
    /// Collect a column's older articles
    ///
    /// Reads the older list pages and their articles, at the portal's pace. The articles go into
    /// the feed's history, the dumps and the changes, never into the live feed. You may stop it at
    /// any time: the next backfill of the column continues there. Prints one line with the reason
    /// why it stopped.
    Backfill {
        /// PORTAL/COLUMN, as in feeds/
        #[arg(value_name = "COLUMN")]
        column: ColumnName,
        /// Pause after N list pages
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        pages: Option<u32>,
        /// Leave out articles that are older than this day (2024-01-31)
        #[arg(long, value_name = "DATE")]
        since: Option<NaiveDate>,
    },
    /// Check the configuration, and what each column gives today
    ///
    /// Validates every file. Then it reads each column's page and three of its articles, and
    /// compares their fields with those of known articles. Stores nothing. Exits with 1 if a
    /// required field is missing.
    Check {
        /// PORTAL/COLUMN, PORTAL or */COLUMN, as in feeds/ [default: all columns]
        #[arg(value_name = "COLUMN")]
        columns: Vec<String>,
        /// Validate the files only, and fetch nothing
        #[arg(long)]
        offline: bool,
    },
    /// Give a column another name, or move it to another portal's folder: ids stay
    ///
    /// The feed file, the job in the timetable, the articles and the published feed follow. The old
    /// address redirects under `dibao serve`; in the published folder, its feed goes on and says where
    /// it is now. OLD and NEW may also be two portals: then all columns of the portal move. Also for a
    /// feed file or folder that was renamed by hand.
    #[command(visible_alias = "move")]
    Rename {
        /// PORTAL/COLUMN, or PORTAL
        #[arg(value_name = "OLD")]
        from: String,
        /// Its new name
        #[arg(value_name = "NEW")]
        into: String,
    },
    /// Let the articles of one column join another
    ///
    /// The second column ends: its feed file and its job go, its articles and their ids stay, and its
    /// feed says where they are now.
    Merge {
        /// PORTAL/COLUMN that stays
        #[arg(value_name = "COLUMN")]
        into: ColumnName,
        /// PORTAL/COLUMN whose articles join it
        #[arg(value_name = "OTHER")]
        from: ColumnName,
    },
    /// Collect a column no more until it is resumed
    ///
    /// Writes `paused` into the feed file. What the column has stays published.
    Pause {
        /// PORTAL/COLUMN, as in feeds/
        #[arg(value_name = "COLUMN", required = true)]
        columns: Vec<ColumnName>,
        /// Go on by itself on this day (2026-03-01)
        #[arg(long, value_name = "DAY")]
        until: Option<NaiveDate>,
    },
    /// Collect a paused column again
    Resume {
        /// PORTAL/COLUMN, as in feeds/
        #[arg(value_name = "COLUMN", required = true)]
        columns: Vec<ColumnName>,
    },
    /// End a column: it is collected no more, its articles stay, its feed says that it ended
    ///
    /// Removes the feed file, and shows what it said; and the column from the timetable. The same
    /// follows when somebody deletes the feed file. A feed file of the same name lets it go on. For a
    /// former name of a column, it ends the redirect.
    Forget {
        /// PORTAL/COLUMN
        #[arg(value_name = "COLUMN", required = true)]
        columns: Vec<ColumnName>,
    },
    /// Show the state of every column: last and next run, last new article, problems
    ///
    /// Begins with an overview and the sums. The columns that need a person come first.
    Status {
        /// PORTAL/COLUMN, a pattern such as lucheng/* or */notices, or PORTAL [default: all columns]
        #[arg(value_name = "PATTERN")]
        patterns: Vec<String>,
        /// Only columns that stand so; may be given several times
        #[arg(long, value_name = "STANDING", value_parser = standing)]
        only: Vec<Standing>,
        /// Order of the columns
        #[arg(long, value_enum, default_value_t = StatusOrder::Standing)]
        sort: StatusOrder,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Read known articles again now, by address or id, and publish
    ///
    /// For an article that the portal has corrected: dibao would read it again at its next recheck,
    /// 1 h, 6 h, 1 d, 3 d, 7 d or 30 d after first sight. All pages of the article are fetched whole,
    /// with the portal's pauses and robots.txt, by the rules of its column. Waits for up to a minute
    /// for a run of another process that asks the same host.
    Recheck {
        /// Address of an article, or its id
        #[arg(value_name = "URL|ID", required = true)]
        articles: Vec<String>,
    },
    /// Show what became of an address: published, held back, waiting, withdrawn, removed, never seen
    ///
    /// Works offline, from the store alone. Shows the article that stands there, the columns that
    /// list it, why it waits, and when it is tried again. The first word after the portal is a
    /// stable code; --json has it as `state`.
    Why {
        /// Address of an article, as a browser or a column's list shows it
        url: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Read a column page: print its items, one JSON a line (url, title, published_on)
    List {
        /// File or URL of the column page
        #[arg(value_name = "FILE|URL")]
        page: String,
        /// URL of a page that is read from a file, for its relative links
        #[arg(long, value_name = "BASE", value_parser = address)]
        url: Option<Url>,
        /// Use the selectors and the charset of this column
        #[arg(long, value_name = "COLUMN")]
        column: Option<ColumnName>,
        /// Print the URL of the next list page instead
        #[arg(long)]
        next: bool,
        /// The page is the column's first, as it was on this day (2024-01-31): days without a year
        /// get theirs
        #[arg(long, value_name = "DATE")]
        seen: Option<NaiveDate>,
    },
    /// Read article pages: print one JSON a line, with the place of each value
    ///
    /// Files are read offline. Without --column no configuration is used.
    Extract {
        /// Files or URLs of article pages
        #[arg(value_name = "FILE|URL", required = true)]
        pages: Vec<String>,
        /// URL of a page that is read from a file, for its relative links
        #[arg(long, value_name = "BASE", value_parser = address)]
        url: Option<Url>,
        /// Use the selectors and the charset of this column
        #[arg(long, value_name = "COLUMN")]
        column: Option<ColumnName>,
    },
    /// Extract every archived page again, by the current rules
    ///
    /// Reads the archive, never a portal. Use it after you changed a feed file or updated dibao. A
    /// changed article gets a `reextracted` change and keeps its date of publication. A page
    /// without an article by the current rules stays as it was. Prints the differences and
    /// publishes.
    ///
    /// First reload a running `dibao serve` (SIGHUP) or, after an update, restart it. You may stop
    /// this command at any time: run it again to continue. Exits with 1 if a page cannot be read,
    /// or if its archived copy is damaged.
    Reextract {
        /// PORTAL/COLUMN, PORTAL or */COLUMN, as in feeds/ [default: all columns]
        #[arg(value_name = "COLUMN")]
        columns: Vec<String>,
        /// Write nothing, and show every value that would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Extract an article again from its archived page, and compare; or check all data for damage
    ///
    /// Works offline, by the current rules. Shows where the page is in the archive, whether its
    /// bytes are intact, and whether each field equals the stored one. Exits with 0 if all is
    /// equal, with 1 if something differs, and with 2 if there is no such article or no archived
    /// page.
    ///
    /// With --all it reads the whole store, the whole archive and everything published, and names
    /// what is damaged: rows with their articles, files with their pages. Published files that were
    /// altered are written anew. You may stop it at any time: run it again within a day to continue.
    /// Exits with 1 if something is damaged.
    Verify {
        /// Id of the article, with or without urn:uuid:
        #[arg(value_name = "ID", value_parser = entry_id, required_unless_present = "all")]
        id: Option<Uuid>,
        /// Check the whole store, the archive and the published files
        #[arg(long, conflicts_with_all = ["id", "json"])]
        all: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Restore damaged rows of the store
    ///
    /// Restores each damaged row from its checksum, from other rows or from the published files, and
    /// says from which. Nothing is restored that no checksum confirms. Then it checks everything and
    /// publishes anew. Exits with 1 if something is left that it could not restore.
    Repair,
    /// Write the articles, or the changes, to stdout
    ///
    /// With filters, only the articles that match all of them. --portal and --column may be given several
    /// times, or have several names with commas between.
    Export {
        /// ndjson: one JSON a line; json: one array; csv: for spreadsheets (UTF-8 with BOM)
        #[arg(long, value_enum, default_value_t = Format::Ndjson)]
        format: Format,
        /// Write the changes instead of the articles: added, revised, withdrawn …
        #[arg(long)]
        changes: bool,
        /// With --changes: only changes after this sequence number
        #[arg(long, value_name = "SEQ", default_value_t = 0, requires = "changes")]
        after: i64,
        /// Begin with a line {"seq": SEQ}: a mirror continues with --changes --after SEQ
        #[arg(long, conflicts_with = "changes")]
        snapshot: bool,
        /// Write the list of feeds instead, for import into a reader or for `dibao add --from`
        #[arg(long, conflicts_with_all = ["changes", "snapshot", "format"])]
        opml: bool,
        #[command(flatten)]
        filters: FilterArgs,
    },
    /// Write the whole store into one file
    ///
    /// Works also while `run` or `serve` writes. The file has the articles, their ids and changes,
    /// and the queue. Copy data/warc, the pages as portals sent them, after that:
    /// `rsync -a data/warc/ BACKUP/warc/`. Keep feeds/, cron.toml and dibao.toml yourself.
    Backup {
        /// File to write
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Replace FILE if it exists
        #[arg(long)]
        force: bool,
    },
    /// Put a backup into a data folder that has no store; or restore only the ids
    ///
    /// Checks the file first. Put the copy of data/warc back too, then run `dibao run` to publish.
    ///
    /// Without a backup, --ids reads the ids from published files. Articles that are collected
    /// again get their former ids, so feed readers do not show them as new. Texts, revisions and
    /// sequence numbers do not come back: mirrors must start again.
    Restore {
        /// File that `dibao backup` wrote
        #[arg(value_name = "FILE", required_unless_present = "ids")]
        file: Option<PathBuf>,
        /// Published files (.ndjson.gz, .ndjson, articles.json, changes), or a folder of them
        #[arg(long, value_name = "DUMP", num_args = 1.., conflicts_with = "file")]
        ids: Vec<PathBuf>,
    },
    /// Copy the store into another place: from SQLite into PostgreSQL, or back
    ///
    /// FROM and TO are data folders, or postgres://USER:PASSWORD@HOST/DATABASE. Stop every dibao that
    /// uses FROM before. TO must have no store, or an empty one. Every row is copied with its numbers,
    /// and the index of words is made anew. Then both are read as a whole and compared: counts,
    /// hashes, numbers that go on. FROM stays as it is.
    ///
    /// You may stop it at any time: run it again to continue. Until it is done, no other command uses
    /// TO. Run again after that, it only compares. Exits with 1 if something differs. The archive
    /// (warc) and kept files (pictures, files) are no part of the store: it says what is to be copied.
    Migrate {
        /// Data folder or address of the store that is copied
        #[arg(value_name = "FROM", value_parser = StoreArg::parser())]
        from: StoreArg,
        /// Data folder or address of the copy
        #[arg(value_name = "TO", value_parser = StoreArg::parser())]
        to: StoreArg,
    },
    /// Remove an article for good: text, archive, dumps, feeds
    ///
    /// Does not ask, and cannot be undone. Removes the article from the store, from the archive and
    /// from everything published. Mirrors get a `removed` change, and feeds tell readers to drop
    /// the entry. The article does not come back. If the command was stopped, run it again.
    ///
    /// Not reached: list pages in data/warc, which may show its title; earlier backups and copies;
    /// the data of mirrors and readers.
    Remove {
        /// Id of the article, with or without urn:uuid:
        #[arg(value_name = "ID")]
        id: Uuid,
        /// Why; kept in the store, shown by `dibao status`, never published
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Collect a small invented portal on this machine and show the result
    ///
    /// Serves a copy of a portal on loopback, collects it, publishes it to demo/public and serves
    /// that. Its articles are invented: every page and feed says 演示, and `run` and `serve` refuse
    /// its folders.
    ///
    /// With --hostile it serves a portal with every known fault, and shows how to point dibao at
    /// it.
    Demo {
        /// Stop after publishing; with --hostile, after the table of faults
        #[arg(long)]
        once: bool,
        /// Serve a misbehaving portal and collect nothing
        #[arg(long)]
        hostile: bool,
        /// Address to serve at
        #[arg(
            long,
            value_name = "ADDR",
            default_value = "127.0.0.1:8080",
            env = "DIBAO_LISTEN",
            hide_env_values = true
        )]
        listen: SocketAddr,
    },
}

/// Reads an article's id, as it stands in feeds and JSON.
fn entry_id(text: &str) -> Result<Uuid, String> {
    let bare = text.strip_prefix("urn:uuid:").unwrap_or(text);
    Uuid::try_parse(bare).map_err(|error| {
        format!("{error}; an id is like 5e1a5f8c-6f0e-5c1e-9f43-7d6d3f1f6b1a, as the article's JSON has it")
    })
}

/// Reads how columns stand.
fn standing(text: &str) -> Result<Standing, String> {
    let known = Standing::ALL.into_iter();
    let mut found = known.clone().filter(|standing| standing.name() == text);
    found.next().ok_or_else(|| {
        let names: Vec<&str> = known.map(Standing::name).collect();
        format!("write one of {}", names.join(", "))
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum StatusOrder {
    /// The worst first
    Standing,
    /// By name
    Name,
    /// The longest without news first
    New,
    /// The most waiting and held articles first
    Waiting,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Ndjson,
    Json,
    Csv,
}
