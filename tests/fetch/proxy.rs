//! A column's proxy: it gets all requests and resolves the names, and internal addresses are
//! refused before it is asked.
//!
//! Owns the proxy. Never leaves loopback.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use dibao::config::{FetchRules, TlsRules};
use dibao::demo::hostile::{COLUMN, Hostile};
use dibao::fetch::{Fetcher, FetcherOptions, Resolver};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::{get_by, options, rules};

/// A proxy for which every name means the hostile portal, and which remembers what it was asked.
struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn serve(hostile: &Hostile) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (log, hostile) = (Arc::clone(&asked), hostile.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, hostile) = (Arc::clone(&log), hostile.clone());
                tokio::spawn(async move { pass_on(stream, &hostile, &log).await });
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// Rules that send requests through it, whatever the portal's certificate.
    fn rules(&self, scheme: &str) -> FetchRules {
        FetchRules {
            proxy: Some(format!("{scheme}://{}", self.address).parse().unwrap()),
            tls: TlsRules::Unverified,
            ..rules()
        }
    }
}

/// Passes one connection on, in whichever of the three ways it is asked for.
async fn pass_on(mut stream: TcpStream, hostile: &Hostile, log: &Mutex<Vec<String>>) {
    let mut first = [0];
    stream.peek(&mut first).await.unwrap();
    let (line, port, mut rest) = if first == [5] {
        let (host, port) = socks(&mut stream).await;
        (format!("SOCKS {host}:{port}"), port, Vec::new())
    } else {
        let head = head(&mut stream).await;
        let (line, rest) = head.split_once("\r\n").unwrap();
        let target = line.split(' ').nth(1).unwrap().to_owned();
        if line.starts_with("CONNECT ") {
            let done = b"HTTP/1.1 200 Connected\r\n\r\n";
            stream.write_all(done).await.unwrap();
            (line.to_owned(), 443, Vec::new())
        } else {
            // In absolute form (RFC 9112, section 3.2.2), which it takes off for the portal.
            let path = Url::parse(&target).unwrap().path().to_owned();
            let request = format!("GET {path} HTTP/1.1\r\n{rest}");
            (line.to_owned(), 80, request.into_bytes())
        }
    };
    log.lock().unwrap().push(line);
    let there = if port == 443 {
        hostile.https
    } else {
        hostile.http
    };
    let mut portal = TcpStream::connect(there).await.unwrap();
    portal.write_all(&std::mem::take(&mut rest)).await.unwrap();
    // Either side may hang up as it likes.
    let _ = copy_bidirectional(&mut stream, &mut portal).await;
}

async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// Shakes hands (RFC 1928, without a password) and gives the name and port that are asked for.
async fn socks(stream: &mut TcpStream) -> (String, u16) {
    let mut hello = [0; 2];
    stream.read_exact(&mut hello).await.unwrap();
    let mut methods = vec![0; hello[1].into()];
    stream.read_exact(&mut methods).await.unwrap();
    stream.write_all(&[5, 0]).await.unwrap();
    let mut request = [0; 5];
    stream.read_exact(&mut request).await.unwrap();
    assert_eq!(request[..4], [5, 1, 0, 3], "a connection to a name");
    let mut host = vec![0; request[4].into()];
    stream.read_exact(&mut host).await.unwrap();
    let port = stream.read_u16().await.unwrap();
    stream
        .write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        .await
        .unwrap();
    (String::from_utf8(host).unwrap(), port)
}

/// A fetcher that can look up no name.
fn fetcher() -> Fetcher {
    Fetcher::new(FetcherOptions {
        resolver: Some(Resolver::from_fn(|_| {
            Err(io::Error::other("no names here"))
        })),
        ..options()
    })
}

#[tokio::test]
async fn requests_go_through_the_proxy_which_looks_the_names_up() {
    let hostile = Hostile::serve().await.unwrap();
    let proxy = Proxy::serve(&hostile).await;
    // Only the proxy knows what this name means (RFC 6761, section 6.4).
    let host = "www.lucheng.invalid";
    let plain = format!("http://{host}{COLUMN}");
    let secure = format!("https://{host}{COLUMN}");
    for (scheme, url, asked) in [
        ("http", &plain, format!("GET {plain} HTTP/1.1")),
        ("http", &secure, format!("CONNECT {host}:443 HTTP/1.1")),
        ("socks5h", &plain, format!("SOCKS {host}:80")),
        ("socks5h", &secure, format!("SOCKS {host}:443")),
    ] {
        let before = hostile.visits(host).len();
        let url = url.parse().unwrap();
        let page = get_by(&fetcher(), &url, &proxy.rules(scheme)).await;
        assert_eq!(page.unwrap().status, 200);
        assert_eq!(proxy.asked(), [asked], "{scheme}, {url}");
        let visits = hostile.visits(host);
        assert_eq!(visits.len(), before + 1, "{scheme}, {url}");
        assert_eq!(visits[before].secure, url.scheme() == "https");
    }
    let url = plain.parse().unwrap();
    let error = get_by(&fetcher(), &url, &rules()).await.unwrap_err();
    assert_eq!(error.reason(), "unreachable", "without the proxy: {error}");
}

#[tokio::test]
async fn a_private_address_is_refused_before_the_proxy_is_asked() {
    let hostile = Hostile::serve().await.unwrap();
    let proxy = Proxy::serve(&hostile).await;
    for url in [
        "http://127.0.0.1/",
        "https://10.0.0.1/",
        "http://[::1]/",
        "http://localhost/",
        "http://169.254.169.254/latest/",
    ] {
        for scheme in ["http", "socks5h"] {
            let url = url.parse().unwrap();
            let got = get_by(&fetcher(), &url, &proxy.rules(scheme)).await;
            let error = got.unwrap_err();
            assert_eq!(error.reason(), "refused-address", "{error}");
        }
    }
    assert_eq!(proxy.asked(), [""; 0]);
    assert!(hostile.log().is_empty());
}
