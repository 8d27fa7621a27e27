//! HTTPS, good and bad.
//!
//! Owns the certificates, which are made by the process, and the handshake. Never reads a request.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::StartHandshake;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::{Accepted, Acceptor};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

use super::Shared;
use super::server::{Connection, accept, converse};

/// How a host answers a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// A certificate for this host from the portal's own authority.
    Good,
    /// A self-signed certificate.
    SelfSigned,
    /// A good certificate for another host.
    WrongName,
    /// A certificate that expired in 2020.
    Expired,
    /// Plain HTTP, like a server that was set up for port 80.
    Plain,
    /// The alert of a server that supports only TLS 1.0.
    Old,
}

/// `protocol_version`, in a record of TLS 1.0.
const ALERT: &[u8] = &[0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46];
const PLAIN: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";

/// The portal's authority, which signs for hosts.
pub(super) struct Certificates {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Certificates")
    }
}

impl Certificates {
    pub(super) fn new() -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key)?.pem();
        let issuer = Issuer::new(params, key);
        Ok(Self { pem, issuer })
    }

    pub(super) fn authority(&self) -> &str {
        &self.pem
    }

    /// The configuration for a handshake of this kind; `None` if it cannot be made.
    fn config(&self, host: &str, handshake: Handshake) -> Option<ServerConfig> {
        let name = match handshake {
            Handshake::WrongName => "www.other.test",
            _ => host,
        };
        let mut params = CertificateParams::new([name.to_owned()]).ok()?;
        if handshake == Handshake::Expired {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().ok()?;
        let certificate = match handshake {
            Handshake::SelfSigned => params.self_signed(&key).ok()?,
            _ => params.signed_by(&key, &self.issuer).ok()?,
        };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider);
        let builder = builder.with_safe_default_protocol_versions().ok()?;
        builder
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .ok()
    }
}

impl Connection for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Serves HTTPS without end.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let meet = |stream, shared: Arc<Shared>| async move {
        // A client that leaves during the handshake needs no answer.
        let _ = shake_hands(stream, &shared).await;
    };
    accept(listener, shared, meet).await;
}

/// Makes the handshake of the requested host. If it succeeds, answers requests.
async fn shake_hands(mut stream: TcpStream, shared: &Shared) -> Option<()> {
    let hello = read_hello(&mut stream).await?;
    let host = hello.client_hello().server_name()?.to_owned();
    let variant = shared.variant(&host);
    let handshake = variant.map_or(Handshake::Good, |variant| variant.handshake);
    let refusal = match handshake {
        Handshake::Plain => Some(PLAIN),
        Handshake::Old => Some(ALERT),
        _ => None,
    };
    if let Some(bytes) = refusal {
        return stream.write_all(bytes).await.ok();
    }
    let config = Arc::new(shared.certificates.config(&host, handshake)?);
    let handshake = StartHandshake::from_parts(hello, stream);
    let stream = handshake.into_stream(config).await.ok()?;
    converse(stream, shared, true).await;
    Some(())
}

/// Reads the client's first message, which names the host.
async fn read_hello(stream: &mut TcpStream) -> Option<Accepted> {
    let mut acceptor = Acceptor::default();
    let mut bytes = [0; 4096];
    loop {
        let read = stream.read(&mut bytes).await.ok()?;
        let mut rest = bytes.get(..read).filter(|read| !read.is_empty())?;
        while !rest.is_empty() {
            acceptor.read_tls(&mut rest).ok()?;
        }
        if let Some(accepted) = acceptor.accept().ok()? {
            return Some(accepted);
        }
    }
}
