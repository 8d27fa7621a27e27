//! The command line: arguments in, results on stdout, progress and errors on stderr.
//!
//! Owns the contract with scripts: names of commands and flags, exit codes. 0: all well; 1: some
//! column or page failed, the rest was done; 2: usage or configuration error.

mod add;
mod args;
mod backfill;
mod backup;
mod bars;
mod check;
mod demo;
mod export;
mod extract;
mod gauge;
#[cfg(feature = "demo-hostile")]
mod hostile;
mod ids;
mod list;
mod log;
#[cfg(not(feature = "demo-hostile"))]
mod no_hostile;
mod page;
mod reextract;
mod reload;
mod remove;
mod retention;
mod run;
mod serve;
mod session;
mod setting;
mod status;
mod survey;
mod verify;

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tracing::Instrument;

use crate::schedule;
use args::{Cli, Command};
use export::Exported;
#[cfg(not(feature = "demo-hostile"))]
use no_hostile as hostile;

/// What still runs in the background when a command has ended has this long.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// Why a command ended before its work was done.
#[derive(Debug)]
enum Stop {
    /// The command line or a configuration file is wrong, or a folder cannot be used: exit 2.
    Configuration(String),
    /// The work failed: exit 1.
    Failed(String),
}

impl Stop {
    fn configuration(cause: impl Display) -> Self {
        Self::Configuration(cause.to_string())
    }

    fn failed(cause: impl Display) -> Self {
        Self::Failed(cause.to_string())
    }
}

/// How a command that did its work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// All well: exit 0.
    Well,
    /// Something failed, and was said; the rest was done: exit 1.
    Partly,
}

/// Runs the program: reads the arguments, does what they say, gives the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            // Nobody is left to tell where even this cannot be written.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    if let Err(message) = log::start(&cli.command) {
        tell(&format!("dibao: {message}"));
        return ExitCode::from(2);
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            tell(&format!("dibao: the system gives no threads: {error}"));
            return ExitCode::from(1);
        }
    };
    let ended = runtime.block_on(command(cli));
    // A name that is being looked up, or a file of a hung disk, must not hold up the end.
    runtime.shutdown_timeout(LAST_WAIT);
    match ended {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::Partly) => ExitCode::from(1),
        Err(Stop::Failed(message)) => {
            tell(&format!("dibao: {message}"));
            ExitCode::from(1)
        }
        Err(Stop::Configuration(message)) => {
            tell(&format!("dibao: {message}"));
            ExitCode::from(2)
        }
    }
}

async fn command(cli: Cli) -> Result<Done, Stop> {
    let places = cli.places;
    match cli.command {
        Command::Demo {
            once,
            hostile: true,
            listen,
        } => hostile::hostile(once, listen).await,
        Command::Demo { once, listen, .. } => demo::demo(&places, once, listen).await,
        Command::Run { columns } => {
            let run = run::run(&places, &columns);
            run.instrument(schedule::run_span()).await
        }
        Command::Backfill {
            column,
            pages,
            since,
        } => {
            let backfill = backfill::backfill(&places, column, pages, since);
            backfill.instrument(schedule::run_span()).await
        }
        Command::Serve { listen } => serve::serve(&places, listen).await,
        Command::Extract { pages, url, column } => {
            extract::extract(&places, &pages, url, column).await
        }
        Command::List {
            page,
            url,
            column,
            next,
        } => list::list(&places, &page, url, column, next).await,
        Command::Reextract { columns, dry_run } => {
            reextract::reextract(&places, &columns, dry_run).await
        }
        Command::Verify { id, json } => verify::verify(&places, id, json).await,
        Command::Export {
            format,
            changes,
            after,
            snapshot,
        } => {
            let exported = match changes {
                true => Exported::Changes { after },
                false => Exported::Articles {
                    is_snapshot: snapshot,
                },
            };
            export::export(&places, format, exported).await
        }
        Command::Backup { file, force } => backup::backup(&places, &file, force).await,
        Command::Restore { file: None, ids } => ids::restore(&places, &ids).await,
        Command::Restore {
            file: Some(file), ..
        } => backup::restore(&places, &file).await,
        Command::Remove { id, reason } => remove::remove(&places, id, &reason).await,
        Command::Status { json } => status::status(&places, json).await,
        Command::Add {
            url,
            name,
            tls,
            yes,
        } => add::add(&places, url, name, tls, yes).await,
        Command::Check { columns, offline } => check::check(&places, &columns, offline).await,
    }
}

/// Writes a line to stderr. A closed stderr is nobody's loss.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Writes a line to stdout. A reader that has gone away (`dibao export | head`) ends the command
/// quietly.
fn say(line: &str) -> Result<(), Stop> {
    match writeln!(std::io::stdout(), "{line}") {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(e) => Err(Stop::failed(format_args!("stdout cannot be written: {e}"))),
    }
}
