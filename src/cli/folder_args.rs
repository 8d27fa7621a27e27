//! The arguments that name folders, files and servers.
//!
//! Owns what stands for those that are not given. Never opens one.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use url::Url;

use crate::config::{ARCHIVE, ConnectTo, FilePlace, Folders, server_url};
use crate::store::StorePlace;

/// Where things are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(super) struct FolderArgs {
    /// Folder of feed files, PORTAL/COLUMN.toml: what to collect
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        default_value = "feeds",
        env = "DIBAO_FEEDS",
        hide_env_values = true
    )]
    feeds: PathBuf,
    /// Timetable: when to collect
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "cron.toml",
        env = "DIBAO_CRON",
        hide_env_values = true
    )]
    cron: PathBuf,
    /// Folder of named topics, NAME.toml: searches that are published as feeds
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        default_value = "topics",
        env = "DIBAO_TOPICS",
        hide_env_values = true
    )]
    topics: PathBuf,
    /// Settings of the service: its address, limits, receivers of news
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "dibao.toml",
        env = "DIBAO_SETTINGS",
        hide_env_values = true
    )]
    settings: PathBuf,
    /// Folder of the store and the archive [default: data; for demo: demo/data], or postgres://… as
    /// --store has it
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        env = "DIBAO_DATA",
        hide_env_values = true
    )]
    data: Option<PathBuf>,
    /// PostgreSQL server that has the store, as postgres://USER:PASSWORD@HOST/DATABASE; dibao.toml says
    /// where the archive and the pictures are
    #[arg(
        long,
        global = true,
        value_name = "URL",
        value_parser = Unshown(store_option),
        env = "DIBAO_STORE",
        hide_env_values = true,
        hide_short_help = true
    )]
    store: Option<Url>,
    /// Folder to publish into, or s3://BUCKET/PREFIX [default: public; for demo: demo/public]
    #[arg(
        long,
        global = true,
        value_name = "FOLDER|URL",
        value_parser = Unshown(public_place),
        env = "DIBAO_PUBLIC",
        hide_env_values = true
    )]
    public: Option<FilePlace>,
    /// Connect to HOST2:PORT2 instead of HOST1:PORT1, as in curl; an empty HOST1 or PORT1 stands for
    /// all (::127.0.0.1:8080); HOST2 may be a private address
    #[arg(
        long,
        global = true,
        value_name = "HOST1:PORT1:HOST2:PORT2",
        hide_short_help = true
    )]
    connect_to: Vec<ConnectTo>,
}

impl FolderArgs {
    /// Forgets where the environment, as this tells it, has the real articles.
    pub(super) fn forget(&mut self, is_set: impl Fn(&str) -> bool) {
        self.data.take_if(|_| is_set("data"));
        self.public.take_if(|_| is_set("public"));
        self.store.take_if(|_| is_set("store"));
    }

    /// All of them; what is not given and holds articles is in this folder.
    pub(super) fn into_folders(self, root: &Path) -> Folders {
        let named = self
            .data
            .as_ref()
            .and_then(|data| server_url(data.to_str()?).ok());
        let data = self.data.filter(|_| named.is_none());
        let data = data.unwrap_or_else(|| root.join("data"));
        Folders {
            feeds: self.feeds,
            cron: self.cron,
            topics: self.topics,
            service: self.settings,
            archive: data.join(ARCHIVE).into(),
            pictures: data.clone().into(),
            data,
            store: self.store.or(named),
            public: self.public.unwrap_or_else(|| root.join("public").into()),
            connect_to: self.connect_to,
        }
    }
}

/// A store that an argument names.
#[derive(Clone, Debug)]
pub(super) enum StoreArg {
    /// By its data folder.
    Folder(PathBuf),
    /// By its server.
    Server(Url),
}

impl StoreArg {
    /// Its parser.
    pub(super) fn parser() -> impl TypedValueParser<Value = Self> {
        Unshown(|given| {
            let text = given.to_string_lossy();
            match text.contains("://") {
                true => store_url(given).map(Self::Server),
                false => Ok(Self::Folder(given.into())),
            }
        })
    }

    /// The place of its store. The archive of a store on a server is in this data folder.
    pub(super) fn place(&self, data: &Path) -> StorePlace {
        match self {
            Self::Folder(folder) => StorePlace::from(folder),
            Self::Server(url) => StorePlace::Server {
                url: url.clone(),
                folder: data.to_owned(),
            },
        }
    }
}

/// Reads a value that may hold a password: the parser's own error would show it.
#[derive(Clone)]
struct Unshown<T>(fn(&OsStr) -> Result<T, String>);

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Unshown<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        (self.0)(value).map_err(|wrong| command.clone().error(ErrorKind::ValueValidation, wrong))
    }
}

/// The place that `--public` gives.
fn public_place(given: &OsStr) -> Result<FilePlace, String> {
    let read = FilePlace::read(given.to_owned());
    read.map_err(|(problem, remedy)| format!("{problem}\n  remedy: {remedy}"))
}

/// The address that `--store` gives.
fn store_option(given: &OsStr) -> Result<Url, String> {
    store_url(given).map_err(|problem| format!("--store, or DIBAO_STORE: {problem}"))
}

/// The address of a store on a server.
fn store_url(given: &OsStr) -> Result<Url, String> {
    server_url(&given.to_string_lossy()).map_err(|problem| {
        format!("{problem}\n  remedy: write postgres://USER:PASSWORD@HOST/DATABASE")
    })
}
