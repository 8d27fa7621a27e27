//! The HTTP client for portals whose TLS is too old for rustls.
//!
//! Owns the settings of OpenSSL for a column with `tls = "legacy"`: TLS 1.0 and up, broken ciphers
//! and signatures, any certificate. Names go through the same resolvers as for other clients, so
//! the check of addresses holds here too. Never follows a redirect and never decompresses a body.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper_openssl::client::legacy::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::{TokioExecutor, TokioIo};
use openssl::error::ErrorStack;
use openssl::provider::Provider;
use openssl::ssl::{
    SslConnector, SslConnectorBuilder, SslMethod, SslOptions, SslVerifyMode, SslVersion,
};
use reqwest::dns::Resolve;
use tokio::net::TcpStream;
use tower::timeout::Timeout;
use tower::util::BoxCloneSyncService;
use url::Url;

use super::error::{CONNECT, ClientError};
use super::exchange::MOST_HEADERS;

/// A client for old TLS.
pub(super) type Client = hyper_util::client::legacy::Client<Connector, Empty<Bytes>>;

/// From the scheme, host and port of a URL to a connection.
type Connector = BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, ClientError>;

/// `SSL_OP_LEGACY_SERVER_CONNECT`, for which the library has no name: it allows servers without
/// secure renegotiation (RFC 5746).
const LEGACY_SERVER_CONNECT: SslOptions = SslOptions::from_bits_retain(1 << 2);

/// The groups that old servers know. Newer groups would make the first message too large for some
/// servers.
const GROUPS: &str = "P-256:P-384:P-521:X25519";

/// The provider with RC4. It is loaded once for the whole process; nothing else uses it.
static OLDEST: LazyLock<Option<Provider>> =
    LazyLock::new(|| Provider::try_load(None, "legacy", true).ok());

/// Makes a client with this resolver.
pub(super) fn client(resolver: Arc<dyn Resolve>) -> Result<Client, ErrorStack> {
    let look_up = tower::service_fn(move |name: Name| {
        let resolver = Arc::clone(&resolver);
        async move { resolver.resolve(name.as_str().parse()?).await }
    });
    let mut tcp = HttpConnector::new_with_resolver(look_up);
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    // One timeout for the whole connection, TLS included, as in reqwest.
    let tls = HttpsConnector::with_connector(tcp, permissive()?)?;
    let connector = BoxCloneSyncService::new(Timeout::new(tls, CONNECT));
    // The same settings as in `clients`.
    Ok(
        hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_max_headers(MOST_HEADERS)
            .build(connector),
    )
}

/// Sends a GET request with exactly these headers.
pub(super) async fn get(
    client: &Client,
    url: &Url,
    headers: HeaderMap,
) -> Result<Response<Incoming>, ClientError> {
    let mut request = Request::default();
    *request.uri_mut() = url.as_str().parse::<Uri>()?;
    *request.headers_mut() = headers;
    Ok(client.request(request).await?)
}

/// OpenSSL with everything that it still supports.
fn permissive() -> Result<SslConnectorBuilder, ErrorStack> {
    LazyLock::force(&OLDEST);
    let mut tls = SslConnector::builder(SslMethod::tls_client())?;
    // This comes before the ciphers: any other level removes most of them.
    tls.set_security_level(0);
    tls.set_min_proto_version(Some(SslVersion::TLS1))?;
    tls.set_cipher_list("ALL:!aNULL")?;
    tls.set_groups_list(GROUPS)?;
    tls.set_verify(SslVerifyMode::NONE);
    tls.set_options(LEGACY_SERVER_CONNECT);
    // Old servers close without a TLS message; the page itself shows whether it is complete.
    tls.set_options(SslOptions::IGNORE_UNEXPECTED_EOF);
    Ok(tls)
}
