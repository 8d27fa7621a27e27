//! The folder of feed files: one file a column, `PORTAL/COLUMN.toml`, and at most one about each
//! portal, `PORTAL/portal.toml`.
//!
//! Owns which files count as feed files, and the name that a file's place gives its column. Never
//! knows a key of a file.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::fs::DirEntry;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::column::Column;
use super::error::{ConfigError, ConfigErrors};
use super::patterns::Patterns;
use super::portal::{PORTAL_FILE, PortalRules};
use crate::model::ColumnName;

/// The columns of the feed files, and the files that are none.
#[derive(Clone, Debug, Default)]
pub(super) struct Feeds {
    /// The columns whose files are well, sorted by name.
    pub(super) columns: Vec<Column>,
    /// The files that are refused, those about portals first.
    pub(super) broken: Vec<BrokenFile>,
}

impl From<Vec<Column>> for Feeds {
    fn from(columns: Vec<Column>) -> Self {
        let broken = Vec::new();
        Self { columns, broken }
    }
}

/// A file in the folder of feed files that is refused.
#[derive(Clone, Debug)]
pub struct BrokenFile {
    /// The column, or the portal, that it is about.
    name: String,
    /// The columns that are left out because of it.
    columns: Vec<ColumnName>,
    /// Why it is refused.
    pub errors: ConfigErrors,
}

impl BrokenFile {
    /// Whether this column is left out because of it.
    pub fn concerns(&self, name: &ColumnName) -> bool {
        self.columns.contains(name)
    }

    /// The columns that are left out because of it.
    pub fn columns(&self) -> &[ColumnName] {
        &self.columns
    }

    /// Whether one of these patterns matches a column that is left out because of it.
    pub fn is_meant(&self, patterns: &Patterns) -> bool {
        self.columns.iter().any(|name| patterns.matches(name))
    }
}

impl fmt::Display for BrokenFile {
    /// The column, or the portal, that is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Reads every feed file below `folder`, sorted by name. All broken files are reported, not just
/// the first.
pub fn load_columns(folder: &Path) -> Result<Vec<Column>, ConfigErrors> {
    let columns = all_columns(read_feeds(folder)?)?;
    if columns.is_empty() {
        return Err(no_feed_file(folder).into());
    }
    Ok(columns)
}

/// Reads every feed file below `folder` like [`load_columns`], but accepts an empty folder.
pub fn read_columns(folder: &Path) -> Result<Vec<Column>, ConfigErrors> {
    match folder.exists() {
        true => all_columns(read_feeds(folder)?),
        false => Ok(Vec::new()),
    }
}

/// The columns, if no file is broken.
fn all_columns(feeds: Feeds) -> Result<Vec<Column>, ConfigErrors> {
    errors_of(feeds.broken).end(Some(feeds.columns))
}

/// The errors of these files.
pub(super) fn errors_of(broken: Vec<BrokenFile>) -> ConfigErrors {
    let mut errors = ConfigErrors::default();
    broken.into_iter().for_each(|file| errors.add(file.errors));
    errors
}

/// The error of a folder without a feed file.
pub(super) fn no_feed_file(folder: &Path) -> ConfigError {
    ConfigError::new(
        folder,
        "holds no feed file",
        "write one as PORTAL/COLUMN.toml; it needs one line: url = \"http://…\"; or let \
         `dibao add URL` write it",
    )
}

/// Reads every feed file below `folder`. A broken file leaves out its own columns alone. An error is
/// one of the folder as a whole, or of a name: nobody knows which column the file would be.
pub(super) fn read_feeds(folder: &Path) -> Result<Feeds, ConfigErrors> {
    let files = feed_files(folder)?;
    let (about, files): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|file| file.ends_with(PORTAL_FILE));
    let mut portals: BTreeMap<String, Arc<PortalRules>> = BTreeMap::new();
    let mut nameless: BTreeMap<String, BrokenFile> = BTreeMap::new();
    for file in about {
        let portal = name_of(file.parent(), Path::file_name);
        match PortalRules::load(&file) {
            Ok(rules) => {
                portals.insert(portal, Arc::new(rules));
            }
            Err(errors) => {
                let (name, columns) = (portal.clone(), Vec::new());
                let broken = BrokenFile {
                    name,
                    columns,
                    errors,
                };
                nameless.insert(portal, broken);
            }
        }
    }
    let (mut feeds, mut refused) = (Feeds::default(), ConfigErrors::default());
    for file in files {
        let portal = name_of(file.parent(), Path::file_name);
        let column = name_of(Some(&file), Path::file_stem);
        let Some(name) = refused.take(named(&file, &portal, &column)) else {
            continue;
        };
        let read = load_column(folder, &file, &name);
        if let Some(broken) = nameless.get_mut(&portal) {
            // Without its portal's file it would be published under another name.
            broken.columns.push(name.clone());
        }
        match read {
            Ok(_) if nameless.contains_key(&portal) => (),
            Ok(column) => feeds.columns.push(Column {
                portal_rules: portals.get(&portal).cloned().unwrap_or_default(),
                ..column
            }),
            Err(errors) => feeds.broken.push(BrokenFile {
                name: name.to_string(),
                columns: vec![name],
                errors,
            }),
        }
    }
    feeds.columns.sort_by(|a, b| a.name.cmp(&b.name));
    feeds.broken.splice(0..0, nameless.into_values());
    if !refused.is_empty() {
        let mut all = errors_of(feeds.broken);
        all.add(refused);
        return Err(all);
    }
    Ok(feeds)
}

/// The name that a file's place gives its column.
fn named(file: &Path, portal: &str, column: &str) -> Result<ColumnName, ConfigError> {
    ColumnName::new(portal, column)
        .map_err(|e| ConfigError::new(file, e.to_string(), remedy(portal, column)))
}

/// A part of a path, as text.
fn name_of(path: Option<&Path>, part: fn(&Path) -> Option<&OsStr>) -> String {
    let name = path.and_then(part).map(OsStr::to_string_lossy);
    name.unwrap_or_default().into_owned()
}

/// The paths of the files below `folder`: those of columns and those about portals.
pub fn feed_files(folder: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let read = |dir: &Path| -> Result<Vec<Entry>, ConfigError> {
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
        let mut entries = std::fs::read_dir(dir)
            .map_err(unreadable)?
            .map(|entry| entry.map(Entry::of).map_err(unreadable))
            .collect::<Result<Vec<_>, _>>()?;
        entries.retain(|entry| !is_leftover(&entry.path));
        entries.sort();
        Ok(entries)
    };
    let mut files = Vec::new();
    for portal in read(folder)? {
        if !portal.is_folder {
            if portal.is_feed() {
                return Err(misplaced(folder, &portal.path));
            }
            continue;
        }
        for file in read(&portal.path)? {
            if file.is_folder {
                if let Some(deep) = read(&file.path)?.into_iter().find(Entry::is_feed) {
                    return Err(misplaced(folder, &deep.path));
                }
            } else if file.is_feed() {
                files.push(file.path);
            }
        }
    }
    Ok(files)
}

/// A file or a folder in a folder.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    path: PathBuf,
    is_folder: bool,
}

impl Entry {
    fn of(entry: DirEntry) -> Self {
        let path = entry.path();
        // The folder tells what most are. A link may lead to either.
        let is_folder = match entry.file_type() {
            Ok(kind) if !kind.is_symlink() => kind.is_dir(),
            _ => path.is_dir(),
        };
        Self { path, is_folder }
    }

    fn is_feed(&self) -> bool {
        self.path.extension().is_some_and(|end| end == "toml")
    }
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

fn load_column(folder: &Path, file: &Path, name: &ColumnName) -> Result<Column, ConfigErrors> {
    let text = std::fs::read_to_string(file).map_err(|e| {
        ConfigError::new(
            file,
            format!("cannot be read: {e}"),
            format!("make it a readable UTF-8 file in {}", folder.display()),
        )
    })?;
    Column::parse(name.clone(), file, &text)
}
