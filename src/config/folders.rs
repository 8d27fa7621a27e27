//! Where the files of the configuration and the folders of data are.
//!
//! Owns the names within the data folder that more than one room uses. Never opens a file.

use std::path::PathBuf;

use url::Url;

use super::connect_to::ConnectTo;
use super::public_place::PublicPlace;

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
    /// The folder of state: the store and the archive.
    pub data: PathBuf,
    /// The PostgreSQL server that has the store instead.
    pub store: Option<Url>,
    /// Where the published files are.
    pub public: PublicPlace,
    /// Hosts whose connections go elsewhere.
    pub connect_to: Vec<ConnectTo>,
}

impl Folders {
    /// The archive's folder, within the data folder.
    pub fn archive(&self) -> PathBuf {
        self.data.join("warc")
    }
}
