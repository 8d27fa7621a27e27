//! A gateway between readers and dibao: it keeps one address while the server behind it changes,
//! remembers requests and answers, and redirects.
//!
//! Owns the address. Never tests anything itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Response, StatusCode, header};
use tokio::net::TcpListener;

use dibao::fetch::http_client;

/// A request, and how it was answered.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) path: String,
    pub(super) status: u16,
    /// Whether the visitor said what it has.
    pub(super) is_conditional: bool,
}

#[derive(Default)]
struct Shared {
    upstream: String,
    redirects: HashMap<String, (u16, String)>,
    visits: Vec<Visit>,
}

/// A reverse proxy on loopback.
pub(super) struct Gateway {
    /// How the site calls itself.
    pub(super) base_url: String,
    shared: Arc<Mutex<Shared>>,
}

impl Gateway {
    pub(super) async fn serve() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/", listener.local_addr().unwrap());
        let shared: Arc<Mutex<Shared>> = Arc::default();
        let client = http_client()
            .unwrap()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let known = shared.clone();
        let answer = move |request: Request| answer(known.clone(), client.clone(), request);
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        Self { base_url, shared }
    }

    /// From now on, this server answers.
    pub(super) fn lead_to(&self, base_url: &str) {
        self.shared.lock().unwrap().upstream = base_url.to_owned();
    }

    /// Answers `from` with this status, and with the address of `to`.
    pub(super) fn redirect(&self, from: &str, status: u16, to: &str) {
        let to = format!("{}{to}", self.base_url);
        let redirects = &mut self.shared.lock().unwrap().redirects;
        redirects.insert(format!("/{from}"), (status, to));
    }

    /// The visits since this was asked last.
    pub(super) fn visits(&self) -> Vec<Visit> {
        std::mem::take(&mut self.shared.lock().unwrap().visits)
    }
}

async fn answer(
    shared: Arc<Mutex<Shared>>,
    client: reqwest::Client,
    request: Request,
) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let (upstream, redirect) = {
        let shared = shared.lock().unwrap();
        (
            shared.upstream.clone(),
            shared.redirects.get(&path).cloned(),
        )
    };
    let asked = request.headers().clone();
    let (status, headers, body) = match redirect {
        Some((status, to)) => {
            let headers = HeaderMap::from_iter([(header::LOCATION, to.parse().unwrap())]);
            (status, headers, Vec::new())
        }
        None => {
            let url = format!("{upstream}{}", path.trim_start_matches('/'));
            let mut headers = asked.clone();
            headers.remove(header::HOST);
            headers.remove(header::CONNECTION);
            let sent = client
                .request(request.method().clone(), url)
                .headers(headers);
            let answer = sent.send().await.unwrap();
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            (status, headers, answer.bytes().await.unwrap().to_vec())
        }
    };
    let has = |name| asked.contains_key(name);
    shared.lock().unwrap().visits.push(Visit {
        path,
        status,
        is_conditional: has(header::IF_NONE_MATCH) || has(header::IF_MODIFIED_SINCE),
    });
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    *response.headers_mut() = headers;
    let headers = response.headers_mut();
    headers.remove(header::CONNECTION);
    headers.remove(header::TRANSFER_ENCODING);
    response
}
