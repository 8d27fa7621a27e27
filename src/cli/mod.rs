//! The command line: arguments in, results on stdout, progress and errors on stderr.
//!
//! Owns the contract with scripts: names of commands and flags, and exit codes. 0: all is well; 1:
//! a column or page failed, the rest was done; 2: the command line or a configuration file is
//! wrong. Never does the work itself.

mod add;
mod args;
mod backfill;
mod backfill_progress;
mod backup;
mod bars;
mod check;
mod demo;
mod export;
mod extract;
mod filter_args;
mod folder_args;
#[cfg(feature = "demo-hostile")]
mod hostile;
mod ids;
mod left_out;
mod life;
mod lines;
mod list;
mod log;
mod migrate;
#[cfg(not(feature = "demo-hostile"))]
mod no_hostile;
mod outcome;
mod page;
mod publish;
mod ready;
mod recheck;
mod reextract;
mod remove;
mod run;
mod serve;
mod settle;
mod status;
mod survey;
mod verify;
mod verify_all;
mod why;

use std::process::ExitCode;
use std::time::Duration;

use tracing::Instrument;

use crate::config::ServiceConfig;
use crate::model::Clock;
use crate::{schedule, service};
use args::{Cli, Command};
use export::Exported;
#[cfg(not(feature = "demo-hostile"))]
use no_hostile as hostile;
use outcome::{Done, Stop, tell};

/// How long background work may go on after a command has ended.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// Runs the program: reads the arguments, runs the command, returns the exit code.
pub fn main() -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            tell(&format!("dibao: the system gives no threads: {error}"));
            return ExitCode::from(1);
        }
    };
    runtime.block_on(async { service::catch_signals() });
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            // A failure to write this cannot be reported.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    if let Err(message) = log::start(&cli.command) {
        tell(&format!("dibao: {message}"));
        return ExitCode::from(2);
    }
    let ended = runtime.block_on(command(cli));
    // A name lookup or a hung disk must not delay the end.
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
    let (command, mut folders) = cli.into_parts();
    if !matches!(command, Command::Demo { .. } | Command::Migrate { .. }) {
        folders.take(ServiceConfig::places_of(&folders.service)?);
    }
    if !command.stops_cleanly() {
        ready::end_on_signal();
    }
    match command {
        Command::Demo {
            once,
            hostile: true,
            listen,
        } => hostile::hostile(once, listen).await,
        Command::Demo { once, listen, .. } => demo::demo(&folders, once, listen).await,
        Command::Run { columns } => {
            let run = run::run(&folders, &columns);
            run.instrument(schedule::run_span()).await
        }
        Command::Backfill {
            column,
            pages,
            since,
        } => {
            let backfill = backfill::backfill(&folders, column, pages, since);
            backfill.instrument(schedule::run_span()).await
        }
        Command::Recheck { articles } => {
            let recheck = recheck::recheck(&folders, &articles);
            recheck.instrument(schedule::run_span()).await
        }
        Command::Serve { listen } => serve::serve(&folders, listen).await,
        Command::Worker => serve::work(&folders).await,
        Command::Extract { pages, url, column } => {
            extract::extract(&folders, &pages, url, column).await
        }
        Command::List {
            page,
            url,
            column,
            next,
            seen,
        } => {
            let asked = list::Asked { next, seen };
            list::list(&folders, &page, url, column, asked).await
        }
        Command::Reextract { columns, dry_run } => {
            reextract::reextract(&folders, &columns, dry_run).await
        }
        Command::Publish { all } => publish::publish(&folders, all).await,
        Command::Why { url, json } => why::why(&folders, &url, json).await,
        Command::Verify { id: None, .. } => verify_all::verify_all(&folders).await,
        Command::Verify {
            id: Some(id), json, ..
        } => verify::verify(&folders, id, json).await,
        Command::Repair => verify_all::repair_all(&folders).await,
        Command::Export {
            format,
            changes,
            after,
            snapshot,
            opml,
            filters,
        } => {
            if opml {
                return export::opml(&folders).await;
            }
            let exported = match changes {
                true => Exported::Changes { after },
                false => Exported::Articles {
                    is_snapshot: snapshot,
                },
            };
            export::export(&folders, format, exported, &filters).await
        }
        Command::Backup { file, force } => backup::backup(&folders, &file, force).await,
        Command::Restore { file: None, ids } => ids::restore(&folders, &ids).await,
        Command::Restore {
            file: Some(file), ..
        } => backup::restore(&folders, &file).await,
        Command::Migrate { from, to } => migrate::migrate(&folders, &from, &to).await,
        Command::Remove { id, reason } => remove::remove(&folders, id, &reason).await,
        Command::Status {
            patterns,
            only,
            sort,
            json,
        } => {
            let asked = status::Asked {
                patterns,
                only,
                sort,
            };
            status::status(&folders, &asked, json).await
        }
        Command::Add {
            urls,
            from,
            all,
            name,
            tls,
            yes,
        } => {
            let asked = add::Asked {
                urls,
                from,
                name,
                tls,
                all,
                yes,
            };
            add::add(&folders, asked).await
        }
        Command::Rename { from, into } => life::rename(&folders, &from, &into).await,
        Command::Merge { into, from } => life::merge(&folders, &into, &from).await,
        Command::Pause { columns, until } => {
            let today = Clock::system().now().date();
            life::pause(&folders, &columns, Some((until, today))).await
        }
        Command::Resume { columns } => life::pause(&folders, &columns, None).await,
        Command::Forget { columns } => life::forget(&folders, &columns).await,
        Command::Check { columns, offline } => check::check(&folders, &columns, offline).await,
    }
}
