//! `dibao demo`: collects the whole replica portal and publishes it.
//!
//! Owns the configuration of the demo. Never mixes the demo's articles with real ones.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::outcome::{Done, Stop, say, tell};
use super::{bars, ready};
use crate::config::{Column, ConnectTo, Cron, Folders, PortalRules, ServiceConfig};
use crate::demo;
use crate::fetch::{Fetcher, FetcherOptions};
use crate::pipeline::{self, AskedBy, PublishInput};
use crate::publish::PublishedFiles;
use crate::render::paths;
use crate::serve::{Limits, OpenStore, ServerOptions, Source};
use crate::service::{self, Address};
use crate::store::{Purpose, Store};

/// The feed file of the real column; only the address of its host differs.
const FEED: &str = include_str!("../../feeds/lucheng/work-news.toml");
/// The file about its portal.
const PORTAL: &str = include_str!("../../feeds/lucheng/portal.toml");

pub(super) async fn demo(folders: &Folders, once: bool, listen: SocketAddr) -> Result<Done, Stop> {
    let Folders { data, public, .. } = folders;
    let column = column()?;
    let store = Store::open(data, Purpose::Demo)
        .await
        .map_err(Stop::configuration)?;
    let directory = service::open_public(folders, Purpose::Demo).map_err(Stop::configuration)?;
    let listener = if once {
        None
    } else {
        Some(
            crate::serve::bind(listen)
                .await
                .map_err(Stop::configuration)?,
        )
    };
    let listen = match &listener {
        Some(listener) => listener.local_addr().map_err(Stop::failed)?,
        None => listen,
    };
    let settings = settings(listen)?;
    let fetcher = fetcher(serve_replica().await?)?;
    let collector = service::open_collector(
        (ready::archive(folders)?, ready::kept(folders)?),
        store,
        fetcher,
        AskedBy::Person,
        bars::bars(),
        CancellationToken::new(),
    );
    let collector = collector.await.map_err(Stop::failed)?;
    ready::stop_on_signal(collector.stop.clone());

    let limit = Duration::from_secs(600);
    let mut report = pipeline::collect(&collector, &column, limit).await;
    pipeline::keep_files(&collector, &column, limit, &mut report).await;
    let address = Address::default();
    let site = address.site(&settings, Purpose::Demo, &collector.store);
    let site = site.await.map_err(Stop::failed)?;
    let columns = [column];
    let timetable = timetable()?;
    let input = PublishInput {
        store: &collector.store,
        columns: &columns,
        broken: &[],
        cron: &timetable,
        topics: &[],
        site: &site,
        directory: &*directory,
        kept: &collector.kept,
        progress: &collector.progress,
    };
    let published = pipeline::publish(&input).await.map_err(Stop::failed)?;
    say(&report.to_string())?;
    say(&published.to_string())?;
    let done = super::run::done(std::slice::from_ref(&report));
    say(&format!(
        "the catalogue: {}",
        input.directory.name_of(paths::CATALOGUE)
    ))?;
    if let Some(listener) = listener {
        tell(&format!(
            "serving it at {}; Ctrl-C ends. Add this to a feed reader: {}lucheng/work-news/atom.xml",
            site.base_url, site.base_url
        ));
        let served = ServerOptions {
            public: PublishedFiles::open(public, data).map_err(Stop::configuration)?,
            limits: Limits {
                rate: Some(settings.rate),
                proxies: settings.proxies.clone(),
                ..Limits::of(settings.connections, settings.connections_per_address)
            },
            source: Source::default(),
        };
        let columns = pipeline::column_infos(&collector.store, &columns, &timetable);
        served.source.open(OpenStore {
            columns: columns.await.map_err(Stop::failed)?,
            store: collector.store.clone(),
            site,
            topics: Vec::new(),
            cron: Arc::new(timetable),
        });
        crate::serve::serve(listener, served, collector.stop.clone()).await;
    }
    collector.store.close().await;
    Ok(done)
}

/// The column of the real feed file, with all its list pages. On loopback there is no portal to
/// spare, so requests have no pauses.
fn column() -> Result<Column, Stop> {
    let name = "lucheng/work-news".parse().map_err(Stop::failed)?;
    let mut column = Column::parse(name, Path::new("feeds/lucheng/work-news.toml"), FEED)
        .map_err(Stop::failed)?;
    let rules = PortalRules::parse(Path::new("feeds/lucheng/portal.toml"), PORTAL);
    column.portal_rules = Arc::new(rules.map_err(Stop::failed)?);
    column.publish.mirror_images = true;
    column.list.initial = Some(u32::MAX);
    column.fetch.delay = Duration::ZERO;
    Ok(column)
}

/// The bundled timetable; the demo's feeds announce its intervals.
fn timetable() -> Result<Cron, Stop> {
    let text = include_str!("../../cron.toml");
    Cron::parse(Path::new("cron.toml"), text).map_err(Stop::failed)
}

/// The demo's base URL is the address that it listens at; that of loopback, if it listens at all.
fn settings(mut listen: SocketAddr) -> Result<ServiceConfig, Stop> {
    if listen.ip().is_unspecified() {
        listen.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let base_url = format!("http://{listen}/").parse().map_err(Stop::failed)?;
    Ok(ServiceConfig::new(base_url))
}

/// Serves the replica on a free port of loopback, and returns the port.
async fn serve_replica() -> Result<u16, Stop> {
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(|e| Stop::failed(format_args!("the replica portal cannot be served: {e}")))?;
    let port = listener.local_addr().map_err(Stop::failed)?.port();
    tokio::spawn(demo::serve(listener, None));
    Ok(port)
}

fn fetcher(port: u16) -> Result<Fetcher, Stop> {
    let to_replica: ConnectTo = format!("{}:80:127.0.0.1:{port}", demo::HOST)
        .parse()
        .map_err(Stop::failed)?;
    Ok(Fetcher::new(FetcherOptions {
        user_agent: service::user_agent(None),
        connect_to: vec![to_replica],
        ..FetcherOptions::default()
    }))
}
