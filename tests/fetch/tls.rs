//! TLS: what is refused by default, and what a column may permit.
//!
//! Owns the certificates. Never leaves loopback.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dibao::config::{FetchRules, TlsRules};
use dibao::demo::hostile::{COLUMN, Hostile};
use dibao::fetch::{Fetcher, FetcherOptions, Resolver};
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::provider::Provider;
use openssl::rsa::Rsa;
use openssl::ssl::{SslAcceptor, SslMethod, SslStream, SslVersion};
use openssl::x509::{X509, X509NameBuilder};
use url::Url;

use super::server::{Server, ok};
use super::{fetcher, get_by, options, trusting};

const EVERY: [TlsRules; 3] = [TlsRules::Verified, TlsRules::Unverified, TlsRules::Legacy];
const PAGE: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<html><p>1</p></html>";

async fn reason(fetcher: &Fetcher, url: &Url, tls: TlsRules) -> &'static str {
    match get_by(fetcher, url, &trusting(tls)).await {
        Ok(_) => "read",
        Err(error) => error.reason(),
    }
}

/// A server of an age when 1024 bits and SHA-1 were enough.
struct Old {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Old {
    /// Speaks these versions with this cipher and no other. `answer` is given each connection
    /// once the head of a request is read; what it leaves open is closed, without a word of TLS.
    fn serve(
        versions: (SslVersion, SslVersion),
        cipher: &str,
        answer: impl Fn(&mut SslStream<TcpStream>) + Send + 'static,
    ) -> Self {
        // RC4 is there. It stays for as long as any test wants it.
        std::mem::forget(Provider::try_load(None, "legacy", true).unwrap());
        let mut tls = SslAcceptor::mozilla_intermediate(SslMethod::tls_server()).unwrap();
        tls.set_security_level(0);
        tls.set_min_proto_version(Some(versions.0)).unwrap();
        tls.set_max_proto_version(Some(versions.1)).unwrap();
        tls.set_cipher_list(cipher).unwrap();
        let (key, certificate) = weak();
        tls.set_private_key(&key).unwrap();
        tls.set_certificate(&certificate).unwrap();
        let tls = tls.build();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                // A client that refuses the offer closes the connection.
                let Ok(mut stream) = tls.accept(stream.unwrap()) else {
                    continue;
                };
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                    head.push(byte[0]);
                }
                answer(&mut stream);
            }
        });
        Self {
            address,
            connections,
        }
    }

    /// A server of TLS 1.0 and RSA key exchange.
    fn answering(answer: &'static [u8]) -> Self {
        Self::serve(TLS_1_0, "AES128-SHA", move |stream| {
            // The visitor may have heard enough.
            let _ = stream.write_all(answer);
        })
    }

    fn url(&self) -> Url {
        https(self.address)
    }
}

fn https(address: SocketAddr) -> Url {
    format!("https://{address}/").parse().unwrap()
}

/// A server that answers the first word of TLS in HTTP, as one set up for port 80 does.
fn plain() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut hello = [0; 4096];
            assert!(stream.read(&mut hello).unwrap() > 0);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    address
}

const TLS_1_0: (SslVersion, SslVersion) = (SslVersion::TLS1, SslVersion::TLS1);
const TLS_1_1: (SslVersion, SslVersion) = (SslVersion::TLS1_1, SslVersion::TLS1_1);
const TLS_1_2: (SslVersion, SslVersion) = (SslVersion::TLS1_2, SslVersion::TLS1_2);

/// A certificate of 1024 bits that vouches for itself by SHA-1, for no name at all.
fn weak() -> (PKey<Private>, X509) {
    let key = PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "IIS").unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_pubkey(&key).unwrap();
    let (from, to) = (
        Asn1Time::from_unix(1_000_000_000),
        Asn1Time::days_from_now(1),
    );
    certificate.set_not_before(&from.unwrap()).unwrap();
    certificate.set_not_after(&to.unwrap()).unwrap();
    certificate.sign(&key, MessageDigest::sha1()).unwrap();
    (key, certificate.build())
}

#[tokio::test]
async fn a_server_of_old_is_read_by_a_column_that_says_legacy_and_no_other() {
    for (versions, cipher) in [
        (TLS_1_0, "AES128-SHA"),
        (TLS_1_0, "DES-CBC3-SHA"),
        (TLS_1_0, "RC4-SHA"),
        (TLS_1_0, "ECDHE-RSA-AES128-SHA"),
        (TLS_1_1, "AES256-SHA"),
        (TLS_1_2, "AES128-SHA256"),
        (TLS_1_2, "DHE-RSA-AES128-SHA"),
    ] {
        let server = Old::serve(versions, cipher, |stream| stream.write_all(PAGE).unwrap());
        let fetcher = fetcher();
        for (tls, comes_of_it) in EVERY.into_iter().zip(["tls", "tls", "read"]) {
            let got = reason(&fetcher, &server.url(), tls).await;
            assert_eq!(got, comes_of_it, "{cipher}, {tls:?}");
        }
    }
}

#[tokio::test]
async fn a_bad_certificate_is_accepted_where_the_column_says_so_and_only_there() {
    let hostile = Hostile::serve().await.unwrap();
    let to = format!(":443:127.0.0.1:{}", hostile.https.port());
    let fetcher = Fetcher::new(FetcherOptions {
        connect_to: vec![to.parse().unwrap()],
        ..options()
    });
    for fault in ["self-signed", "wrong-name", "expired"] {
        let host = format!("fault-17-{fault}.test");
        let url: Url = format!("https://{host}{COLUMN}").parse().unwrap();
        for (tls, comes_of_it) in EVERY.into_iter().zip(["tls", "read", "read"]) {
            let got = reason(&fetcher, &url, tls).await;
            assert_eq!(got, comes_of_it, "{fault}, {tls:?}");
        }
        let visits = hostile.visits(&host);
        assert!(visits.iter().all(|visit| visit.secure), "{fault}");
        assert_eq!(visits.len(), 2, "{fault}");
        // Leave once given is not remembered.
        let again = reason(&fetcher, &url, TlsRules::Verified).await;
        assert_eq!(again, "tls", "{fault}");
    }
}

#[tokio::test]
async fn what_goes_wrong_has_the_same_codes_as_elsewhere() {
    const HUGE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n";
    let head: &[u8] = [b"HTTP/1.1 200 OK\r\nA: ".as_slice(), &[b'a'; 500_000]]
        .concat()
        .leak();
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<p>";
    for (answer, code) in [
        (cut.as_slice(), "truncated"),
        (b"HTTP/1.1 200 OK\r\n\r\n<html><p>", "truncated"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<p>\r\n",
            "truncated",
        ),
        (b"", "truncated"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "empty"),
        (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "not-found"),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", "garbage"),
        (HUGE.as_bytes(), "too-large"),
        (head, "too-large"),
    ] {
        let server = Old::answering(answer);
        let got = reason(&fetcher(), &server.url(), TlsRules::Legacy).await;
        let start = String::from_utf8_lossy(&answer[..answer.len().min(60)]);
        assert_eq!(got, code, "{start:?}");
    }
    for tls in [TlsRules::Unverified, TlsRules::Legacy] {
        let modern = "ECDHE-RSA-AES128-GCM-SHA256";
        let server = Old::serve(TLS_1_2, modern, |stream| {
            stream.get_mut().write_all(&[0x17; 64]).unwrap();
        });
        let got = reason(&fetcher(), &server.url(), tls).await;
        assert_eq!(got, "truncated", "no record of TLS, {tls:?}");

        let got = reason(&fetcher(), &https(plain()), tls).await;
        assert_eq!(got, "tls", "no TLS at all, {tls:?}");

        let gone = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = https(gone.local_addr().unwrap());
        let silent = FetchRules {
            timeout: Duration::from_millis(200),
            ..trusting(tls)
        };
        let error = fetcher().get(&url, &silent, None).await.unwrap_err();
        assert_eq!(error.reason(), "timeout", "no word, {tls:?}");
        drop(gone);
        let got = reason(&fetcher(), &url, tls).await;
        assert_eq!(got, "unreachable", "nobody there, {tls:?}");

        let nameless = Resolver::from_fn(|_| Err(io::Error::other("no names here")));
        let nameless = Fetcher::new(FetcherOptions {
            resolver: Some(nameless),
            ..options()
        });
        let url: Url = "https://www.lc.gov.cn/".parse().unwrap();
        let got = reason(&nameless, &url, tls).await;
        assert_eq!(got, "unreachable", "no such name, {tls:?}");
    }
}

#[tokio::test]
async fn legacy_leads_inside_neither_directly_nor_by_dns() {
    let server = Old::answering(PAGE);
    let port = server.address.port();
    let inside = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let resolver = Resolver::from_fn(move |_| Ok(vec![inside]));
    let guarded = |allow_private| {
        Fetcher::new(FetcherOptions {
            allow_private,
            resolver: Some(resolver.clone()),
            ..options()
        })
    };
    let url = |host: &str| Url::parse(&format!("https://{host}:{port}/")).unwrap();
    for host in [
        "127.0.0.1",
        "[::1]",
        "localhost",
        "2130706433",
        "www.lc.gov.cn",
    ] {
        let got = reason(&guarded(false), &url(host), TlsRules::Legacy).await;
        assert_eq!(got, "refused-address", "{host}");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
    let got = reason(&guarded(true), &url("www.lc.gov.cn"), TlsRules::Legacy).await;
    assert_eq!(got, "read", "with leave, the name leads there");
    let to = format!("www.lc.gov.cn:443:127.0.0.1:{port}");
    let elsewhere = Fetcher::new(FetcherOptions {
        connect_to: vec![to.parse().unwrap()],
        ..options()
    });
    let url: Url = "https://www.lc.gov.cn/".parse().unwrap();
    let got = reason(&elsewhere, &url, TlsRules::Legacy).await;
    assert_eq!(got, "read", "--connect-to is leave too");
}

#[tokio::test]
async fn a_request_over_legacy_is_the_same_request() {
    let mut heads = Vec::new();
    for tls in EVERY {
        let server = Server::start(|_, _| ok("1")).await;
        let got = reason(&fetcher(), &server.url("/a?b#c"), tls).await;
        assert_eq!(got, "read", "{tls:?}");
        let head = server.seen()[0].head.clone();
        heads.push(head.replace(&server.address.to_string(), "HOST"));
    }
    let lines = |head: &String| {
        let mut lines: Vec<String> = head.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!(lines(&heads[2]), lines(&heads[0]));
    assert!(
        heads[2].starts_with("get /a?b http/1.1\r\n"),
        "{}",
        heads[2]
    );
}
