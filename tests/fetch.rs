//! The fetcher's manners and limits, against a server on loopback.
//!
//! Owns the requests' order and pace. Never interprets a page.

mod guard;
mod oddities;
mod proxy;
mod robots;
mod server;
mod tls;
mod whereto;

use std::io::Write;
use std::time::{Duration, Instant};

use dibao::config::{FetchRules, TlsRules};
use dibao::fetch::{FetchError, Fetched, Fetcher, FetcherOptions, Page, Validators};
use server::{Reply, Server, ok, page};
use tokio::io::AsyncWriteExt;
use url::Url;

fn rules() -> FetchRules {
    FetchRules {
        delay: Duration::ZERO,
        timeout: Duration::from_secs(20),
        robots: false,
        ..FetchRules::default()
    }
}

fn trusting(tls: TlsRules) -> FetchRules {
    FetchRules { tls, ..rules() }
}

fn options() -> FetcherOptions {
    FetcherOptions {
        user_agent: "dibao/0.1 (+https://example.org/contact)".to_owned(),
        retry_delay: Duration::from_millis(5),
        ..FetcherOptions::default()
    }
}

fn fetcher() -> Fetcher {
    let allow_private = true;
    let options = options();
    Fetcher::new(FetcherOptions {
        allow_private,
        ..options
    })
}

fn to(server: &Server, from: &str) -> Fetcher {
    let rule = format!("{from}:{}", server.address);
    let connect_to = vec![rule.parse().unwrap()];
    let options = options();
    Fetcher::new(FetcherOptions {
        connect_to,
        ..options
    })
}

async fn get(fetcher: &Fetcher, url: &Url) -> Result<Page, FetchError> {
    get_by(fetcher, url, &rules()).await
}

async fn get_by(fetcher: &Fetcher, url: &Url, rules: &FetchRules) -> Result<Page, FetchError> {
    match fetcher.get(url, rules, None).await? {
        Fetched::Page(page) => Ok(page),
        Fetched::NotModified => panic!("{url} was asked for without conditions"),
    }
}

async fn reason(server: &Server) -> &'static str {
    get(&fetcher(), &server.url("/"))
        .await
        .unwrap_err()
        .reason()
}

#[tokio::test]
async fn a_page_comes_with_what_the_server_says_of_it() {
    let server = Server::start(|_, _| {
        page(
            "200 OK\r\nContent-Type: text/html; charset=gbk\r\nETag: \"7\"\r\nLast-Modified: x",
            b"<p>1",
        )
    })
    .await;
    let page = get(&fetcher(), &server.url("/a?b=c")).await.unwrap();
    assert_eq!(page.url, server.url("/a?b=c"));
    assert_eq!((page.status, page.moved_to), (200, None));
    assert_eq!(page.content_type.as_deref(), Some("text/html; charset=gbk"));
    assert_eq!(page.body, b"<p>1");
    assert_eq!(page.validators.etag.as_deref(), Some("\"7\""));
    assert_eq!(page.validators.last_modified.as_deref(), Some("x"));
    let head = &server.seen()[0].head;
    assert!(head.starts_with("get /a?b=c "), "{head}");
    assert!(
        head.contains("user-agent: dibao/0.1 (+https://example.org/contact)"),
        "{head}"
    );
}

#[tokio::test]
async fn a_host_is_asked_once_at_a_time_with_a_pause_after_each_answer() {
    let server = Server::start(|_, _| {
        Reply::Late(
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx".to_vec(),
            Duration::from_millis(30),
        )
    })
    .await;
    let fetcher = fetcher();
    let delay = Duration::from_millis(50);
    let gets = (0..4).map(|number| {
        let (fetcher, url) = (fetcher.clone(), server.url(&format!("/{number}")));
        async move {
            fetcher
                .get(&url, &FetchRules { delay, ..rules() }, None)
                .await
        }
    });
    let start = Instant::now();
    let (a, b, c, d) = {
        let mut gets = gets.map(tokio::spawn);
        let mut next = || gets.next().unwrap();
        let (a, b, c, d) = (next(), next(), next(), next());
        tokio::join!(a, b, c, d)
    };
    for got in [a, b, c, d] {
        got.unwrap().unwrap();
    }
    assert!(start.elapsed() >= 3 * delay);
    let seen = server.seen();
    assert_eq!(seen.len(), 4);
    for two in seen.windows(2) {
        // The client's clock starts when the whole answer has arrived, which is after it was
        // sent, but the server may note that late.
        let gap = two[1].start.duration_since(two[0].start);
        assert!(gap >= delay + Duration::from_millis(29), "{gap:?}");
    }
}

#[tokio::test]
async fn an_unchanged_page_is_not_sent_again() {
    let server = Server::start(|head, _| {
        if head.contains("if-none-match: \"7\"") && head.contains("if-modified-since: then") {
            page("304 Not Modified", b"")
        } else {
            ok("<p>1")
        }
    })
    .await;
    let validators = Validators {
        etag: Some("\"7\"".to_owned()),
        last_modified: Some("then".to_owned()),
    };
    let got = fetcher()
        .get(&server.url("/"), &rules(), Some(&validators))
        .await;
    assert_eq!(got, Ok(Fetched::NotModified));
    let other = Validators::default();
    let got = fetcher()
        .get(&server.url("/"), &rules(), Some(&other))
        .await;
    assert!(matches!(got, Ok(Fetched::Page(_))), "{got:?}");
}

#[tokio::test]
async fn what_may_pass_is_tried_four_times_and_what_will_not_once() {
    for status in [408, 429, 500, 502, 503, 504, 520, 521, 524] {
        let server = Server::start(move |_, before| match before {
            0..3 => page(&format!("{status} Busy"), b"later"),
            _ => ok("<p>1"),
        })
        .await;
        assert_eq!(
            get(&fetcher(), &server.url("/")).await.unwrap().body,
            b"<p>1"
        );
        assert_eq!(server.seen().len(), 4, "{status}");
    }
    for (status, code) in [
        (404, "not-found"),
        (410, "not-found"),
        (403, "http-status"),
        (501, "http-status"),
    ] {
        let server = Server::start(move |_, _| page(&format!("{status} No"), b"no")).await;
        assert_eq!(reason(&server).await, code);
        assert_eq!(server.seen().len(), 1, "{status}");
    }
    let server = Server::start(|_, _| page("503 Busy", b"later")).await;
    assert_eq!(reason(&server).await, "http-status");
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn retry_after_is_heeded_for_the_whole_host() {
    let server = Server::start(|_, before| match before {
        0 => page("503 Busy\r\nRetry-After: 1", b"later"),
        _ => ok("<p>1"),
    })
    .await;
    get(&fetcher(), &server.url("/")).await.unwrap();
    let seen = server.seen();
    assert!(seen[1].start.duration_since(seen[0].start) >= Duration::from_secs(1));

    let server = Server::start(|_, _| page("429 Slow\r\nRetry-After: 3600", b"later")).await;
    let fetcher = fetcher();
    for path in ["/a", "/b"] {
        let error = get(&fetcher, &server.url(path)).await.unwrap_err();
        let rest = error.retry_after().unwrap();
        assert!(
            rest > Duration::from_secs(3590) && error.is_transient(),
            "{error}"
        );
        assert!(error.to_string().contains("429"), "{error}");
    }
    assert_eq!(server.seen().len(), 1, "the host rests");
}

#[tokio::test]
async fn the_deadline_holds_against_a_slow_drip() {
    for start in [
        "HTTP/1.1 200 OK\r\nX: ",
        "HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
    ] {
        let server = Server::start(move |_, _| Reply::Drip(start)).await;
        let timeout = Duration::from_millis(150);
        let began = Instant::now();
        let got = fetcher()
            .get(&server.url("/"), &FetchRules { timeout, ..rules() }, None)
            .await;
        assert_eq!(got.unwrap_err().reason(), "timeout", "{start}");
        assert!(began.elapsed() < Duration::from_secs(3), "{start}");
        assert_eq!(server.seen().len(), 4);
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_the_cap_and_no_further() {
    let server = Server::start(|_, _| Reply::Flood("HTTP/1.1 200 OK\r\n\r\n")).await;
    assert_eq!(reason(&server).await, "too-large");
    let server = Server::start(|_, _| page("200 OK", &vec![b'x'; 20_000_000])).await;
    assert_eq!(reason(&server).await, "too-large");
    assert_eq!(server.seen().len(), 1);
}

fn gzip(length: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![b'0'; 1 << 20];
    for _ in 0..length >> 20 {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap()
}

#[tokio::test]
async fn compressed_pages_are_read_and_bombs_are_not() {
    let bomb = gzip(256 << 20);
    let server = Server::start(move |_, before| match before {
        0 => page("200 OK\r\nContent-Encoding: gzip", &gzip(1 << 20)),
        _ => page("200 OK\r\nContent-Encoding: gzip", &bomb),
    })
    .await;
    assert_eq!(
        get(&fetcher(), &server.url("/")).await.unwrap().body.len(),
        1 << 20
    );
    assert_eq!(reason(&server).await, "too-large");
}

#[tokio::test]
async fn half_an_answer_is_no_page() {
    for (answer, code, tries) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<p>half",
            "truncated",
            4,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n<p>half\r\n",
            "truncated",
            4,
        ),
        ("HTTP/1.1 200 OK\r\nContent-", "truncated", 4),
        ("", "truncated", 4),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "empty", 1),
        (
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n \n",
            "empty",
            1,
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", "empty", 1),
        ("SSH-2.0-OpenSSH_9\r\n\r\n", "garbage", 1),
        (
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip at all",
            "garbage",
            1,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n\u{7f}\u{7f}no brotli",
            "garbage",
            1,
        ),
        (
            "HTTP/1.1 412 No\r\n\r\n<script>$_ts={}</script>",
            "blocked-by-waf",
            1,
        ),
        (
            "HTTP/1.1 521 No\r\n\r\n<script>document.cookie='__jsl_clearance'</script>",
            "blocked-by-waf",
            1,
        ),
    ] {
        let server = Server::start(move |_, _| Reply::Bytes(answer.into())).await;
        let error = get(&fetcher(), &server.url("/")).await.unwrap_err();
        assert_eq!(error.reason(), code, "{answer:?}: {error:?}");
        assert_eq!(server.seen().len(), tries, "{answer:?}");
        assert!(
            error.to_string().contains(server.url("/").as_str()),
            "{error}"
        );
    }
    let cut = gzip(1 << 20);
    let server = Server::start(move |_, _| {
        let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n";
        Reply::Bytes([head, &cut[..cut.len() / 2]].concat())
    })
    .await;
    assert_eq!(reason(&server).await, "truncated");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable_and_no_tls_is_tls() {
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let https: Url = format!("https://{}/", plain.local_addr().unwrap())
        .parse()
        .unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Plain\r\n\r\n").await;
        }
    });
    assert_eq!(get(&fetcher(), &https).await.unwrap_err().reason(), "tls");
    let gone = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let url: Url = format!("http://{gone}/").parse().unwrap();
    let error = get(&fetcher(), &url).await.unwrap_err();
    assert_eq!(error.reason(), "unreachable", "{error:?}");
}
