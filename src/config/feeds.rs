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
        paths.sort();
        Ok(paths)
    };
    let mut files = Vec::new();
    for portal in read(folder)?.into_iter().filter(|path| path.is_dir()) {
        files.extend(
            read(&portal)?
                .into_iter()
                .filter(|path| path.extension().is_some_and(|ext| ext == "toml")),
        );
    }
    Ok(files)
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
