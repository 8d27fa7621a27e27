//! The TLS of HTTP clients.
//!
//! Owns which certificates are trusted, and that they are read only for who needs them. Never makes a
//! connection.

use std::sync::{Arc, OnceLock};

use reqwest::ClientBuilder;
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, Error, RootCertStore};
use rustls_platform_verifier::Verifier;

/// Reads the system's certificates once: that takes more time than all else at the start of a
/// command.
static VERIFIER: OnceLock<Arc<Verifier>> = OnceLock::new();

/// Begins an HTTP client that trusts the system's certificates, as they were when the program made
/// its first client. Fails if the system has none.
pub fn http_client() -> Result<ClientBuilder, Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier = verifier(&provider)?;
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(reqwest::Client::builder().tls_backend_preconfigured(tls))
}

/// Begins an HTTP client for `http:` alone. It trusts no certificate, and so it reads none.
pub fn plain_http_client() -> Result<ClientBuilder, Error> {
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(reqwest::Client::builder().tls_backend_preconfigured(tls))
}

/// Begins an HTTP client that accepts certificates that cannot be verified.
pub(super) fn unverified_http_client() -> ClientBuilder {
    // Fails where the program has chosen a provider already, which is as good.
    let _ = ring::default_provider().install_default();
    reqwest::Client::builder()
        .tls_danger_accept_invalid_certs(true)
        .tls_danger_accept_invalid_hostnames(true)
}

fn verifier(provider: &Arc<CryptoProvider>) -> Result<Arc<Verifier>, Error> {
    if let Some(verifier) = VERIFIER.get() {
        return Ok(Arc::clone(verifier));
    }
    let verifier = Arc::new(Verifier::new(Arc::clone(provider))?);
    Ok(Arc::clone(VERIFIER.get_or_init(|| verifier)))
}
