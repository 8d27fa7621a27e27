//! The HTTP client for portals whose TLS is older than what rustls speaks.
//!
//! Owns what OpenSSL is allowed for a column that says `tls = "legacy"`: TLS 1.0 and up, ciphers
//! and signatures that are broken by now, any certificate. Names go through the same resolvers as
//! everybody's, so that the guard over addresses holds here too. Never follows a redirect and
//! never unpacks a body.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http::Uri;
use http_body_util::Empty;
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

use super::error::{CONNECT, ClientError};

/// A client that speaks TLS of old.
pub(super) type Client = hyper_util::client::legacy::Client<Connector, Empty<Bytes>>;

/// From the scheme, host and port of a URL to a connection.
type Connector = BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, ClientError>;

/// `SSL_OP_LEGACY_SERVER_CONNECT`, for which the library has no name: servers from before secure
/// renegotiation (RFC 5746) are spoken to.
const LEGACY_SERVER_CONNECT: SslOptions = SslOptions::from_bits_retain(1 << 2);

/// The groups that servers of that age know. The newer ones would make the first message larger
/// than some of them can take.
const GROUPS: &str = "P-256:P-384:P-521:X25519";

/// Where OpenSSL keeps RC4. Loaded once, for the whole process, in which nothing else uses it.
static OLDEST: LazyLock<Option<Provider>> =
    LazyLock::new(|| Provider::try_load(None, "legacy", true).ok());

/// Makes a client that finds hosts this way.
pub(super) fn client(resolver: Arc<dyn Resolve>) -> Result<Client, ErrorStack> {
    let look_up = tower::service_fn(move |name: Name| {
        let resolver = Arc::clone(&resolver);
        async move { resolver.resolve(name.as_str().parse()?).await }
    });
    let mut tcp = HttpConnector::new_with_resolver(look_up);
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    // One timeout around it all, TLS included, as reqwest has it.
    let tls = HttpsConnector::with_connector(tcp, permissive()?)?;
    let connector = BoxCloneSyncService::new(Timeout::new(tls, CONNECT));
    // As `clients` has it for the others.
    Ok(
        hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_ignore_invalid_headers_in_responses(true)
            .build(connector),
    )
}

/// OpenSSL with all that it still can.
fn permissive() -> Result<SslConnectorBuilder, ErrorStack> {
    LazyLock::force(&OLDEST);
    let mut tls = SslConnector::builder(SslMethod::tls_client())?;
    // Before the ciphers, most of which no other level leaves in.
    tls.set_security_level(0);
    tls.set_min_proto_version(Some(SslVersion::TLS1))?;
    tls.set_cipher_list("ALL:!aNULL")?;
    tls.set_groups_list(GROUPS)?;
    tls.set_verify(SslVerifyMode::NONE);
    tls.set_options(LEGACY_SERVER_CONNECT);
    // Such servers hang up without a word; whether a page is whole is seen by the page.
    tls.set_options(SslOptions::IGNORE_UNEXPECTED_EOF);
    Ok(tls)
}
