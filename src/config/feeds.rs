//! The folder of feed files: one file a column, `PORTAL/COLUMN.toml`, and at most one about each
//! portal, `PORTAL/portal.toml`.
//!
//! Owns which files count as feed files, and the name that a file's place gives its column. Never
//! knows a key of a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::column::Column;
use super::error::ConfigError;
use super::portal::{PORTAL_FILE, PortalRules};
use crate::model::ColumnName;

/// Reads every feed file below `folder`, sorted by name. All broken files are reported, not just
/// the first.
pub fn load_columns(folder: &Path) -> Result<Vec<Column>, Vec<ConfigError>> {
    let columns = read_all(folder)?;
    if columns.is_empty() {
        return Err(vec![ConfigError::new(
            folder,
            "holds no feed file",
            "write one as PORTAL/COLUMN.toml; it needs one line: url = \"http://…\"; or let \
             `dibao add URL` write it",
        )]);
    }
    Ok(columns)
}

/// Reads every feed file below `folder` like [`load_columns`], but accepts an empty folder.
pub fn read_columns(folder: &Path) -> Result<Vec<Column>, Vec<ConfigError>> {
    match folder.exists() {
        true => read_all(folder),
        false => Ok(Vec::new()),
    }
}

fn read_all(folder: &Path) -> Result<Vec<Column>, Vec<ConfigError>> {
    let mut columns = Vec::new();
    let mut errors = Vec::new();
    match feed_files(folder) {
        Ok(files) => {
            let (about, files): (Vec<_>, Vec<_>) = files
                .into_iter()
                .partition(|file| file.ends_with(PORTAL_FILE));
            let mut portals: BTreeMap<PathBuf, Arc<PortalRules>> = BTreeMap::new();
            for file in about {
                match PortalRules::load(&file) {
                    Ok(rules) => {
                        let portal = file.parent().unwrap_or(folder).to_owned();
                        portals.insert(portal, Arc::new(rules));
                    }
                    Err(error) => errors.push(error),
                }
            }
            for file in files {
                match load_column(folder, &file) {
                    Ok(column) => columns.push(Column {
                        portal_rules: file
                            .parent()
                            .and_then(|portal| portals.get(portal))
                            .cloned()
                            .unwrap_or_default(),
                        ..column
                    }),
                    Err(error) => errors.push(error),
                }
            }
        }
        Err(error) => errors.push(error),
    }
    if errors.is_empty() {
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(columns)
    } else {
        Err(errors)
    }
}

/// The paths of the files below `folder`: those of columns and those about portals.
pub fn feed_files(folder: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let read = |dir: &Path| -> Result<Vec<PathBuf>, ConfigError> {
        let unreadable = |e: std::io::Error| match e.kind() {
            std::io::ErrorKind::NotFound => ConfigError::new(
                dir,
                "cannot be read: it does not exist, and nothing is followed here yet",
                "begin with `dibao add URL`, the address of a news column; or name the folder of feed \
                 files with --feeds",
            ),
            _ => ConfigError::new(
                dir,
                format!("cannot be read: {e}"),
                "name the folder of feed files with --feeds",
            ),
        };
        let mut paths = std::fs::read_dir(dir)
            .map_err(unreadable)?
            .map(|entry| entry.map(|e| e.path()).map_err(unreadable))
            .collect::<Result<Vec<_>, _>>()?;
        paths.retain(|path| !is_leftover(path));
        paths.sort();
        Ok(paths)
    };
    let is_feed = |path: &PathBuf| path.extension().is_some_and(|end| end == "toml");
    let mut files = Vec::new();
    for path in read(folder)? {
        if !path.is_dir() {
            if is_feed(&path) {
                return Err(misplaced(folder, &path));
            }
            continue;
        }
        for file in read(&path)? {
            if file.is_dir() {
                if let Some(deep) = read(&file)?.into_iter().find(is_feed) {
                    return Err(misplaced(folder, &deep));
                }
            } else if is_feed(&file) {
                files.push(file);
            }
        }
    }
    Ok(files)
}

/// Whether an editor or a file system keeps something of its own there: `.#news.toml` (a lock of Emacs),
/// `._news.toml` (macOS).
fn is_leftover(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.starts_with(b".#") || name.starts_with(b"._")
}

/// The error of a feed file that is not in a portal's folder.
fn misplaced(folder: &Path, file: &Path) -> ConfigError {
    let shown = folder.display();
    let name = file.file_name().unwrap_or_default();
    let name = name.to_string_lossy();
    if ["cron.toml", "dibao.toml"].contains(&name.as_ref()) {
        let problem = format!("lies in {shown}, which holds feed files alone");
        let remedy = format!(
            "move it out, to the folder in which dibao is started: mv {} .",
            file.display()
        );
        return ConfigError::new(file, problem, remedy);
    }
    let problem = format!("is not in a portal's folder: a feed file is {shown}/PORTAL/COLUMN.toml");
    let remedy = match file.parent() == Some(folder) {
        true => format!(
            "make a folder for the portal and move it there, such as {shown}/lucheng/{name}; or, if {shown} \
             is the folder of one portal, name the folder above it with --feeds"
        ),
        false => format!("move it one folder up, such as {shown}/lucheng/{name}"),
    };
    ConfigError::new(file, problem, remedy)
}

/// What to do about a name that is refused.
fn remedy(portal: &str, column: &str) -> &'static str {
    match (portal.is_ascii(), column.is_ascii()) {
        (true, true) => "rename the file or its folder",
        (true, false) => {
            "name the file in pinyin or English, and write the Chinese name into it, as title = \"…\""
        }
        (false, _) => {
            "name the folder in pinyin or English, and write the Chinese name as title = \"…\" into a \
             file portal.toml in it"
        }
    }
}

fn load_column(folder: &Path, file: &Path) -> Result<Column, ConfigError> {
    let part = |path: Option<&Path>, what: fn(&Path) -> Option<&std::ffi::OsStr>| {
        path.and_then(what)
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    let portal = part(file.parent(), Path::file_name);
    let column = part(Some(file), Path::file_stem);
    let name = ColumnName::new(&portal, &column)
        .map_err(|e| ConfigError::new(file, e.to_string(), remedy(&portal, &column)))?;
    let text = std::fs::read_to_string(file).map_err(|e| {
        ConfigError::new(
            file,
            format!("cannot be read: {e}"),
            format!("make it a readable UTF-8 file in {}", folder.display()),
        )
    })?;
    Column::parse(name, file, &text)
}
