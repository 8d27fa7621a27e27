//! Columns whose feed files are broken: commands leave them out, say so, and go on with the others.
//!
//! Owns the words, and the exit code that follows. Never decides what stays published of them.

use super::outcome::{Done, Stop, tell};
use crate::config::{Column, Config, Folders, Patterns};

/// The configuration without the columns whose feed files are broken. What is broken is told at once.
pub(super) fn load_rest(folders: &Folders) -> Result<Config, Stop> {
    let config = Config::load_rest(folders)?;
    for file in config.broken.iter() {
        tell(&format!("dibao: {}", file.errors));
        tell(&format!(
            "dibao: {file} is left out until its file is mended; what is published of it stays as it is"
        ));
    }
    Ok(config)
}

/// The columns that these names and patterns choose, without those that are left out. If none is
/// left, the command ends.
pub(super) fn select<'a, P: AsRef<str>>(
    config: &'a Config,
    names: &[P],
) -> Result<Vec<&'a Column>, Stop> {
    let chosen = config.select(names)?;
    if chosen.is_empty() {
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        return Err(Stop::configuration(format_args!(
            "{}: nothing is left to do\n  remedy: mend the feed file, and try again",
            names.join(" ")
        )));
    }
    Ok(chosen)
}

/// How a command for these names and patterns ends as far as the columns go that it left out: not
/// well, if it was to do one of them.
pub(super) fn done<P: AsRef<str>>(config: &Config, names: &[P]) -> Done {
    // Each was compiled before.
    let chosen = Patterns::new(names).unwrap_or_default();
    match config.broken.iter().any(|file| file.is_meant(&chosen)) {
        true => Done::Partly,
        false => Done::Well,
    }
}
