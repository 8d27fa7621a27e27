//! Where the files of the configuration and the folders of data are.
//!
//! Owns these names. Never opens a file.

use std::path::PathBuf;

use url::Url;

use super::connect_to::ConnectTo;
use super::file_place::FilePlace;
use super::service::Places;

/// The folder of the archive within the data folder, unless it is elsewhere.
pub const ARCHIVE: &str = "warc";

/// Where everything is.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The folder of feed files.
    pub feeds: PathBuf,
    /// The timetable.
    pub cron: PathBuf,
    /// The folder of named topics.
    pub topics: PathBuf,
    /// The service's settings.
    pub service: PathBuf,
    /// The folder of state: the store and, unless they are elsewhere, the archive and the kept files.
    pub data: PathBuf,
    /// Where the archive is.
    pub archive: FilePlace,
    /// Where kept pictures and attached files are.
    pub pictures: FilePlace,
    /// The PostgreSQL server that has the store instead.
    pub store: Option<Url>,
    /// Where the published files are.
    pub public: FilePlace,
    /// Hosts whose connections go elsewhere.
    pub connect_to: Vec<ConnectTo>,
}

impl Folders {
    /// Takes the places that `dibao.toml` names, where the command line names none.
    pub fn take(&mut self, places: Places) {
        let Places {
            store,
            archive,
            pictures,
        } = places;
        self.store = self.store.take().or(store);
        if let Some(archive) = archive {
            self.archive = archive;
        }
        if let Some(pictures) = pictures {
            self.pictures = pictures;
        }
    }
}
