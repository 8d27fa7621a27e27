//! The service: collects by the timetable, publishes, and serves the published files, until told to
//! stop.
//!
//! Owns the life of the process: the order of its start, the configuration in force, and its
//! behaviour while the store cannot be used. Never reads arguments, and never chooses an exit code.

mod active;
mod address;
mod alive;
mod check;
mod clock;
mod collecting;
mod cycle;
mod error;
mod open;
mod publisher;
mod reload;
mod retention;
mod signal;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

use url::Host;

use crate::archive::ArchiveFiles;
use crate::config::{Folders, Proxies, ServiceConfig};
use crate::publish::{KeptPlace, PublishedFiles};
use crate::serve::{self, Limits, ServerOptions, Source};
use crate::store::{Purpose, Store, StoreError};
pub use active::{ActiveConfig, LoadError};
pub use address::{Address, site};
use collecting::Collecting;
pub use error::StartError;
pub use open::{
    DataError, PublicFolderError, fetcher, notifier, open_bucket_first, open_collector,
    open_public, open_store, published_seq, store_place, user_agent,
};
use publisher::PublicFolder;
use reload::Reloader;
pub use retention::{Deleted, delete_old_files};
pub use signal::{catch_signals, terminated};

/// The scheduler, and the HTTP server if it is to serve, in one process, ready to run.
#[derive(Debug)]
pub struct Service {
    reloader: Reloader,
    collecting: Collecting,
    store: Result<Store, StoreError>,
    server: Option<Server>,
}

/// The HTTP server, ready to run.
#[derive(Debug)]
struct Server {
    listener: TcpListener,
    address: SocketAddr,
    is_addressed: bool,
    served: ServerOptions,
}

impl Service {
    /// Reads the configuration, opens the store and folders, and listens at `listen`, if it is to serve.
    /// A store that cannot be used for now does not stop the start: readers are served meanwhile.
    pub async fn start(
        folders: &Folders,
        listen: Option<SocketAddr>,
        stop: CancellationToken,
    ) -> Result<Self, StartError> {
        let reloader = Reloader::start(folders)?;
        let active = reloader.active();
        let settings = active.borrow().config.service.clone();
        let bucket = open_bucket_first(folders)?;
        let archive = ArchiveFiles::open_for_writing(&folders.archive)?;
        let kept = KeptPlace::open(&folders.pictures).map_err(PublicFolderError::from)?;
        let store = match open_store(folders).await {
            // A server that cannot be reached at the start is most likely a mistake of the address.
            Err(error) if !error.is_fault() || folders.store.is_some() => return Err(error.into()),
            store => store,
        };
        let directory = match bucket {
            Some(bucket) => bucket,
            None => open_public(folders, Purpose::Real)?,
        };
        let fetcher = fetcher(folders, settings.contact.as_deref());
        let source = Source::default();
        let (server, address) = match listen {
            None => (None, Address::default()),
            Some(listen) => {
                let server = Server::bind(folders, &settings, listen, source.clone()).await?;
                let address = Address::of(listen, server.address);
                (Some(server), address)
            }
        };
        Ok(Self {
            reloader,
            collecting: Collecting {
                folders: folders.clone(),
                archive,
                kept,
                active,
                address,
                fetcher,
                public: Arc::new(Mutex::new(PublicFolder::new(directory))),
                source,
                stop,
            },
            store,
            server,
        })
    }

    /// The address that it listens at, if it serves.
    pub fn address(&self) -> Option<SocketAddr> {
        self.server.as_ref().map(|server| server.address)
    }

    /// Whether feeds and pages can name an address at which readers find them.
    pub fn is_addressed(&self) -> bool {
        self.server
            .as_ref()
            .is_none_or(|server| server.is_addressed)
    }

    /// Runs until told to stop.
    pub async fn run(self) -> Result<(), JoinError> {
        let (source, stop) = (self.collecting.source.clone(), self.collecting.stop.clone());
        // In a task of its own, so that collecting and publishing never make a reader wait.
        let server = self
            .server
            .map(|server| tokio::spawn(serve::serve(server.listener, server.served, stop.clone())));
        tokio::join!(
            self.collecting.run(self.store),
            self.reloader.follow(source, stop)
        );
        match server {
            Some(server) => server.await,
            None => Ok(()),
        }
    }
}

impl Server {
    async fn bind(
        folders: &Folders,
        settings: &ServiceConfig,
        listen: SocketAddr,
        source: Source,
    ) -> Result<Self, StartError> {
        let listener = serve::bind(listen).await.map_err(StartError::Listen)?;
        tell_of_proxy(settings, listen);
        let address = listener.local_addr().map_err(StartError::System)?;
        Ok(Self {
            address,
            is_addressed: settings.is_addressed || !listen.ip().is_unspecified(),
            listener,
            served: ServerOptions {
                public: PublishedFiles::open(&folders.public, &folders.data)
                    .map_err(PublicFolderError::from)?,
                limits: Limits {
                    rate: Some(settings.rate),
                    proxies: settings.proxies.clone(),
                    ..Limits::of(settings.connections, settings.connections_per_address)
                },
                source,
            },
        })
    }
}

/// Whoever reads a public site at a loopback address comes through a proxy, which is to name its
/// clients.
fn tell_of_proxy(settings: &ServiceConfig, listen: SocketAddr) {
    let is_own = match settings.base_url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => true,
    };
    if listen.ip().is_loopback() && !is_own && settings.proxies == Proxies::None {
        tracing::warn!(
            base_url = %settings.base_url,
            %listen,
            "a proxy must stand in front of this address, and is not named: all its readers share \
             one rate limit and one address's connections. Let it send X-Forwarded-For, and set \
             forwarded under [api] in dibao.toml"
        );
    }
}
