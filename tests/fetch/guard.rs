//! The check of addresses, on a network of its own in which every address of the outside vectors is
//! this machine's. A canary gets any request that passes the check wrongly.
//!
//! Owns the network. Never leaves this machine.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use dibao::config::{FetchRules, TlsRules};
use dibao::fetch::{Fetcher, FetcherOptions, Resolver};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::{Host, Url};

use super::{get_by, options, trusting};
use crate::support::{network, outside};

/// A public address, on which a page redirects.
const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::new(1, 2, 4, 8));
/// It redirects to what stands behind it.
const REDIRECT: &str = "http://redirect.gov.cn/?";

/// An outside judge's address, and whether it must be refused.
struct Vector {
    text: String,
    blocked: bool,
}

fn vectors() -> Option<Vec<Vector>> {
    let folder = outside("DIBAO_VECTORS")?;
    let text = std::fs::read_to_string(folder.join("ssrf_urls.json")).unwrap();
    let vectors: Vec<Value> = serde_json::from_str(&text).unwrap();
    let decided = vectors.iter().filter_map(|vector| {
        Some(Vector {
            text: vector["url"].as_str()?.to_owned(),
            blocked: vector["block"].as_bool()?,
        })
    });
    Some(decided.collect())
}

fn address(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

/// Listens on every address, and remembers on which it was reached.
#[derive(Clone, Default)]
struct Canary(Arc<Mutex<Vec<IpAddr>>>);

impl Canary {
    async fn sing() -> Self {
        let canary = Self::default();
        let listener = TcpListener::bind("[::]:80").await.unwrap();
        let heard = canary.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(heard.clone().answer(stream));
            }
        });
        canary
    }

    async fn answer(self, mut stream: TcpStream) {
        let reached = stream.local_addr().unwrap().ip().to_canonical();
        self.0.lock().unwrap().push(reached);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let head = String::from_utf8(head).unwrap();
        let target = head.split(' ').nth(1).unwrap();
        let answer = match target.split_once('?') {
            // Percent signs stand for what a URL cannot hold bare.
            Some((_, to)) => {
                let to = percent_decoded(to);
                format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
            }
            None => "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".to_owned(),
        };
        let _ = stream.write_all(answer.as_bytes()).await;
    }

    fn heard(&self) -> Vec<IpAddr> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

fn percent_decoded(text: &str) -> String {
    url::form_urlencoded::parse(format!("to={text}").as_bytes())
        .next()
        .unwrap()
        .1
        .into_owned()
}

/// A fetcher for which names mean what `look_up` says.
fn fetcher(look_up: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static) -> Fetcher {
    Fetcher::new(FetcherOptions {
        resolver: Some(Resolver::from_fn(move |name| Ok(look_up(name)))),
        ..options()
    })
}

#[test]
fn no_inner_address_reaches_a_canary_and_every_public_one_does() {
    let Some(vectors) = vectors() else { return };
    let urls = vectors.iter().filter_map(|v| Url::parse(&v.text).ok());
    let mut all: BTreeSet<IpAddr> = urls.filter_map(|url| address(&url)).collect();
    all.insert(PUBLIC);
    let addresses = all.iter().map(IpAddr::to_canonical).map(|address| {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        // Some cannot be anybody's; nothing can be reached there.
        format!("ip addr add {address}/{bits} dev lo nodad 2>/dev/null")
    });
    let addresses = addresses.collect::<Vec<_>>().join("; ");
    let run = network::run_in_own("fetch::guard::in_a_network_of_its_own", &addresses);
    if let Some(run) = run {
        network::has_passed(&run);
    }
}

#[tokio::test]
#[ignore = "the test above runs it, in a network of its own"]
async fn in_a_network_of_its_own() {
    let vectors = vectors().unwrap();
    let canary = Canary::sing().await;
    for tls in [TlsRules::Verified, TlsRules::Legacy] {
        guarded(&vectors, &canary, tls).await;
        rebinding(&canary, tls).await;
    }
}

/// Tries every vector in three ways, with the client that a column with this rule has.
async fn guarded(vectors: &[Vector], canary: &Canary, tls: TlsRules) {
    let (mut refused, mut passed) = ([0; 3], [0; 3]);
    for vector in vectors {
        let direct = Url::parse(&vector.text).unwrap();
        let meant = address(&direct);
        let mut redirect = Url::parse(REDIRECT).unwrap();
        redirect
            .query_pairs_mut()
            .clear()
            .append_key_only(&vector.text);
        let named: Url = "http://named.gov.cn/".parse().unwrap();
        let ways = [Some(direct), Some(redirect), meant.map(|_| named)];
        let fetcher = fetcher(move |name| match (name, meant) {
            ("named.gov.cn", Some(address)) => vec![address],
            ("redirect.gov.cn", _) => vec![PUBLIC],
            _ => vec![Ipv4Addr::LOCALHOST.into()],
        });
        for (way, url) in ways.into_iter().enumerate() {
            let Some(url) = url else { continue };
            let got = get_by(&fetcher, &url, &trusting(tls)).await;
            let mut heard = canary.heard();
            if way == 1 {
                assert_eq!(heard.first(), Some(&PUBLIC), "{url} was not asked");
                heard.remove(0);
            }
            if vector.blocked {
                // A redirect's target may count as a path on the same host.
                heard.retain(|address| *address != PUBLIC);
                assert_eq!(heard, Vec::<IpAddr>::new(), "{url} reached a canary");
                match got {
                    Err(error) => assert!(error.reason().starts_with("refused-"), "{error}"),
                    Ok(page) => assert_eq!((way, page.url.host_str()), (1, url.host_str())),
                }
                refused[way] += 1;
            } else {
                assert_eq!(got.expect(&vector.text).body, b"hello", "{url}");
                assert_eq!(heard, [meant.unwrap().to_canonical()], "{url}");
                passed[way] += 1;
            }
        }
    }
    println!("refused directly, by redirect, by DNS: {refused:?}; let through: {passed:?}");
    assert_eq!((refused[0], refused[1]), (56, 56));
    assert!(refused[2] >= 40, "{refused:?}");
    assert_eq!(passed, [7, 7, 7]);
}

/// A name that means another address each time it is looked up, and one that means two at once.
async fn rebinding(canary: &Canary, tls: TlsRules) {
    let rules = trusting(tls);
    let inner = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let asked = AtomicUsize::new(0);
    let turning = fetcher(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => vec![PUBLIC],
        _ => vec![inner],
    });
    let url: Url = "http://turning.gov.cn/".parse().unwrap();
    assert!(get_by(&turning, &url, &rules).await.is_ok());
    let heard = canary.heard();
    // The connection may be kept, and then it still leads where it led.
    let once_more: Url = "http://turning.gov.cn/?http://turning.gov.cn/"
        .parse()
        .unwrap();
    let again = get_by(&turning, &once_more, &rules);
    if let Err(error) = again.await {
        assert!(
            ["refused-address", "redirect-loop"].contains(&error.reason()),
            "{error}"
        );
    }
    assert!(heard.iter().chain(&canary.heard()).all(|at| *at == PUBLIC));
    let both = fetcher(move |_| vec![inner, PUBLIC, inner]);
    assert!(get_by(&both, &url, &rules).await.is_ok());
    assert_eq!(canary.heard(), [PUBLIC]);
}

#[tokio::test]
async fn leave_for_a_private_address_is_one_columns_alone() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here: SocketAddr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 1024];
            let _ = stream.read(&mut head).await;
            let page = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
            let _ = stream.write_all(page).await;
        }
    });
    let fetcher = Fetcher::new(options());
    let url: Url = format!("http://{here}/").parse().unwrap();
    let mut rules = super::rules();
    let error = fetcher.get(&url, &rules, None).await.unwrap_err();
    assert_eq!(error.reason(), "refused-address");
    rules.allow_private = true;
    assert!(fetcher.get(&url, &rules, None).await.is_ok());
    rules.allow_private = false;
    let error = fetcher.get(&url, &rules, None).await.unwrap_err();
    assert_eq!(error.reason(), "refused-address", "leave is not remembered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_of_another_service_is_not_asked_whoever_allows_the_address() {
    let fetcher = Fetcher::new(FetcherOptions {
        allow_private: true,
        ..options()
    });
    for port in [22, 25, 110, 143, 6000, 6667] {
        let url: Url = format!("http://127.0.0.1:{port}/a.html").parse().unwrap();
        let got = fetcher.get(&url, &FetchRules::default(), None).await;
        let error = got.unwrap_err();
        assert_eq!(error.reason(), "refused-address", "{error}");
        assert!(
            error.to_string().contains(&format!("port {port}")),
            "{error}"
        );
    }
}
