//! `topics/NAME.toml`: a search with a name, which is published as feeds.
//!
//! Owns the keys of the file, and which files are read. Never searches.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::{ConfigError, ConfigErrors, MISSING};
use super::keys::{self, Keys};
use super::patterns::Patterns;
use crate::model::{ColumnName, name_flaw};
use crate::search::Query;

/// A search with a name.
#[derive(Clone, Debug)]
pub struct NamedTopic {
    /// The name of the file, and of the published folder.
    pub name: String,
    /// The title of its feeds: the query, if the file has none.
    pub title: String,
    /// The words that its articles have.
    pub query: Query,
    /// The columns whose articles it finds; all articles if empty.
    pub columns: Patterns,
}

const KEYS: Keys = Keys {
    names: &["title", "query", "columns"],
    tables: &[],
};

#[derive(Deserialize)]
struct TopicSpec {
    title: Option<String>,
    query: Option<String>,
    #[serde(default)]
    columns: Vec<String>,
}

impl NamedTopic {
    /// Every key that the file may have.
    pub fn keys() -> Vec<String> {
        KEYS.paths()
    }

    /// Compiles the text of a file with this name. `file` is only for errors.
    pub fn parse(name: &str, file: &Path, text: &str) -> Result<Self, ConfigErrors> {
        if let Some(flaw) = name_flaw(name) {
            let problem = format!("{name:?} is no name of a topic: {flaw}");
            let remedy = "name the file in a-z, 0-9 and inner hyphens, such as heating.toml, and write \
                          the Chinese name into it, as title = \"…\"";
            return Err(ConfigError::new(file, problem, remedy).into());
        }
        keys::read(file, text, &KEYS, |spec| Self::compile(name, file, spec))
    }

    fn compile(name: &str, file: &Path, spec: TopicSpec) -> Result<Self, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let written = spec.query.ok_or_else(|| {
            let remedy = "add what to search for: query = \"供热\"";
            ConfigError::at(file, "query", MISSING, remedy)
        });
        let query = written.and_then(|written| Ok((query(file, "query", &written)?, written)));
        let query = errors.take(query);
        let columns = errors.or_default(Patterns::of_key(file, "columns", &spec.columns));
        let title = spec.title.filter(|title| !title.trim().is_empty());
        errors.end(query.map(|(query, written)| Self {
            name: name.to_owned(),
            title: title.unwrap_or_else(|| written.trim().to_owned()),
            query,
            columns,
        }))
    }

    /// Whether the articles of this column are searched.
    pub fn has_column(&self, name: &ColumnName) -> bool {
        self.columns.matches(name)
    }
}

/// Compiles a query.
pub(super) fn query(file: &Path, key: &str, text: &str) -> Result<Query, ConfigError> {
    Query::parse(text).map_err(|error| {
        let remedy = "write it as in the search of the site, such as 供热 改造 -招聘";
        ConfigError::at(file, key, &format!("{text:?}: {error}"), remedy)
    })
}

/// The files of this folder, in order; none without the folder.
pub fn topic_files(folder: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let unreadable = |e: std::io::Error| {
        let problem = format!("cannot be read: {e}");
        ConfigError::new(folder, problem, "name the folder of topics with --topics")
    };
    let entries = match std::fs::read_dir(folder) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(unreadable)?,
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()).map_err(unreadable));
    let mut paths = paths.collect::<Result<Vec<_>, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
    paths.sort();
    Ok(paths)
}

/// Reads every file of the folder, in the order of their names. All broken files are reported.
pub fn load_topics(folder: &Path) -> Result<Vec<NamedTopic>, ConfigErrors> {
    let files = topic_files(folder)?;
    let (mut topics, mut errors) = (Vec::new(), ConfigErrors::default());
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let read = std::fs::read_to_string(&file).map_err(|e| {
            let problem = format!("cannot be read: {e}");
            ConfigErrors::from(ConfigError::new(
                &file,
                problem,
                "make it a readable UTF-8 file",
            ))
        });
        let topic = read.and_then(|text| NamedTopic::parse(&name, &file, &text));
        topics.extend(errors.take(topic));
    }
    errors.end(Some(topics))
}
