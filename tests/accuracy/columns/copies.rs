//! Copies of whole portals: `NAME/` with the files as they came, `NAME.columns.txt` with the paths
//! of the column pages, `NAME.rows.jsonl` with what the columns list.
//!
//! Owns the copies and the server that stands in for the portals. Never judges anything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::response::{IntoResponse, Response};
use dibao::config::ConnectTo;
use serde::Deserialize;
use url::Url;

use super::super::labels::entries;
use crate::support::replica::files;

/// A row of a column: what the portal itself says of an article.
#[derive(Deserialize)]
pub(super) struct Row {
    /// The article's path.
    pub(super) page: String,
    pub(super) title: String,
    pub(super) published_on: String,
}

/// The copy of a portal.
pub(super) struct Portal {
    pub(super) name: String,
    /// The name of its host, which does not exist.
    pub(super) host: String,
    folder: PathBuf,
    /// The paths of its column pages.
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// The address of a file on this host.
fn address(host: &str, path: &str) -> Url {
    let mut url = Url::parse(&format!("http://{host}/")).unwrap();
    url.set_path(path);
    url
}

impl Portal {
    fn read(columns: &Path) -> Option<Self> {
        let name = columns
            .file_name()?
            .to_str()?
            .strip_suffix(".columns.txt")?;
        let folder = columns.with_file_name(name);
        let rows = std::fs::read_to_string(columns.with_file_name(format!("{name}.rows.jsonl")));
        let lines = std::fs::read_to_string(columns).unwrap();
        Some(Self {
            host: format!("{}.gov.example", name.replace('_', "-").to_lowercase()),
            name: name.to_owned(),
            folder,
            columns: lines
                .lines()
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect(),
            rows: rows
                .unwrap()
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect(),
        })
    }

    /// The address of one of its pages.
    pub(super) fn address(&self, path: &str) -> Url {
        address(&self.host, path)
    }
}

/// The copies in a folder, in order.
pub(super) fn portals(folder: &Path) -> Vec<Portal> {
    let files = entries(folder);
    files.iter().filter_map(|file| Portal::read(file)).collect()
}

/// Serves the copies on loopback, each under the name of its host, for as long as the runtime
/// lives. Gives the way to each.
pub(super) async fn serve(portals: &[Portal]) -> Vec<ConnectTo> {
    let mut pages: BTreeMap<(String, String), PathBuf> = BTreeMap::new();
    for portal in portals {
        for (path, file) in files(&portal.folder, Path::to_path_buf) {
            let url = portal.address(&path);
            pages.insert((portal.host.clone(), url.path().to_owned()), file);
        }
    }
    let router = axum::Router::new()
        .fallback(answer)
        .with_state(Arc::new(pages));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let routes = portals
        .iter()
        .map(|portal| format!("{}:80:127.0.0.1:{port}", portal.host));
    routes.map(|route| route.parse().unwrap()).collect()
}

type Pages = Arc<BTreeMap<(String, String), PathBuf>>;

/// A file as it came, called HTML without a charset; 404 for any other address.
async fn answer(State(pages): State<Pages>, asked: Request) -> Response {
    let host = asked
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    let path = asked.uri().path().to_owned();
    let file = pages.get(&(host.unwrap_or_default().to_owned(), path));
    match file.map(std::fs::read) {
        Some(Ok(page)) if !page.is_empty() => ([(CONTENT_TYPE, "text/html")], page).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
