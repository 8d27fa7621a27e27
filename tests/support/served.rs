//! A published folder behind the server, on loopback.
//!
//! Owns the server. Never tests anything itself.

use std::path::Path;

use dibao::publish::PublishedFiles;
use dibao::render::Site;
use dibao::serve::{self, Limits, OpenStore, ServerOptions, Source};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The server, until it is dropped.
pub(crate) struct Server {
    pub(crate) base_url: String,
    pub(crate) source: Source,
    client: reqwest::Client,
    _stop: DropGuard,
}

/// An answer, its body as it was sent.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A header's text; empty if it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

impl Server {
    /// Serves a folder. Nothing is open behind it.
    pub(crate) async fn of(public: &Path) -> Self {
        Self::limited(public, Limits::new(16)).await
    }

    /// The same within these limits.
    pub(crate) async fn limited(public: &Path, limits: Limits) -> Self {
        let listener = serve::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let base_url = format!("http://{}/", listener.local_addr().unwrap());
        let source = Source::default();
        let served = ServerOptions {
            public: PublishedFiles::Folder(public.to_owned()),
            limits,
            source: source.clone(),
        };
        let stop = CancellationToken::new();
        tokio::spawn(serve::serve(listener, served, stop.clone()));
        Self {
            base_url,
            source,
            client: dibao::fetch::http_client().unwrap().build().unwrap(),
            _stop: stop.drop_guard(),
        }
    }

    /// The base URL of the served site.
    pub(crate) fn site(&self) -> Site {
        Site {
            hubs: Vec::new(),
            base_url: self.base_url.parse().unwrap(),
            demo: false,
        }
    }

    /// Opens a store behind it.
    pub(crate) fn open(&self, live: OpenStore) {
        self.source.open(live);
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[]).await
    }

    /// The answer to a request with these headers.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let method = method.parse().unwrap();
        let url = format!("{}{path}", self.base_url);
        let mut request = self.client.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.bytes().await.unwrap().to_vec(),
        }
    }
}
