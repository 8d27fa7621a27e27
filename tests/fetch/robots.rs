//! robots.txt as the fetcher meets it: asked for once, obeyed, and the meaning of its absence.
//!
//! Owns these requests. Never leaves loopback.

use std::time::{Duration, Instant};

use dibao::config::FetchRules;
use dibao::fetch::Fetcher;

use super::server::{Server, ok, page};
use super::{fetcher, rules};

fn obeying() -> FetchRules {
    FetchRules {
        robots: true,
        ..rules()
    }
}

/// A server whose robots.txt is answered like this, and every other page well.
async fn site(status: &'static str, robots: &'static str) -> Server {
    Server::start(move |head, _| {
        if head.starts_with("get /robots.txt ") {
            page(status, robots.as_bytes())
        } else {
            ok("<p>1")
        }
    })
    .await
}

fn asked(server: &Server, path: &str) -> usize {
    let line = format!("get {path} ");
    server
        .seen()
        .iter()
        .filter(|seen| seen.head.starts_with(&line))
        .count()
}

async fn reason(fetcher: &Fetcher, server: &Server, path: &str) -> Option<&'static str> {
    let got = fetcher.get(&server.url(path), &obeying(), None).await;
    got.err().map(|error| error.reason())
}

#[tokio::test]
async fn what_it_forbids_is_not_asked_for_and_it_is_read_once() {
    let server = site("200 OK", "User-agent: *\nDisallow: /secret/\n").await;
    let fetcher = fetcher();
    for _ in 0..3 {
        assert_eq!(reason(&fetcher, &server, "/gzdt/").await, None);
        assert_eq!(reason(&fetcher, &server, "/secret/a").await, Some("robots"));
    }
    assert_eq!(asked(&server, "/robots.txt"), 1);
    assert_eq!(asked(&server, "/gzdt/"), 3);
    assert_eq!(asked(&server, "/secret/a"), 0);
}

#[tokio::test]
async fn a_redirect_does_not_lead_past_it() {
    let server = Server::start(|head, _| match head.split(' ').nth(1) {
        Some("/robots.txt") => page("200 OK", b"User-agent: dibao\nDisallow: /secret\n"),
        Some("/open") => page("302 Found\r\nLocation: /secret", b""),
        _ => ok("<p>1"),
    })
    .await;
    assert_eq!(reason(&fetcher(), &server, "/open").await, Some("robots"));
    assert_eq!(asked(&server, "/secret"), 0);
}

#[tokio::test]
async fn a_4xx_allows_and_a_5xx_holds_off_unless_the_column_says_otherwise() {
    for status in [
        "404 No",
        "403 No",
        "410 No",
        "302 Found\r\nLocation: /robots.txt",
    ] {
        let server = site(status, "User-agent: *\nDisallow: /\n").await;
        assert_eq!(reason(&fetcher(), &server, "/").await, None, "{status}");
    }
    for (status, tries) in [
        ("500 No", 4),
        ("501 No", 1),
        ("503 Busy", 4),
        ("429 Slow", 4),
    ] {
        let server = site(status, "later").await;
        let fetcher = fetcher();
        for path in ["/a", "/b"] {
            let got = fetcher.get(&server.url(path), &obeying(), None).await;
            let error = got.unwrap_err();
            assert_eq!(error.reason(), "robots", "{status}");
            assert!(error.to_string().contains("/robots.txt"), "{error}");
        }
        assert_eq!(
            asked(&server, "/robots.txt"),
            tries,
            "{status}: once, with its retries"
        );
        assert_eq!(asked(&server, "/a") + asked(&server, "/b"), 0);
        let overridden = fetcher.get(&server.url("/a"), &rules(), None).await;
        assert!(overridden.is_ok(), "{status}: {overridden:?}");
    }
}

#[tokio::test]
async fn a_huge_one_counts_up_to_its_cap() {
    let mut text = "User-agent: *\nDisallow: /secret\n".to_owned();
    text.push_str(&"# 工作动态\n".repeat(1_500_000));
    assert!(text.len() > 20_000_000);
    let text: &'static str = text.leak();
    let server = site("200 OK", text).await;
    let fetcher = fetcher();
    assert_eq!(reason(&fetcher, &server, "/secret").await, Some("robots"));
    assert_eq!(reason(&fetcher, &server, "/open").await, None);
}

#[tokio::test]
async fn its_crawl_delay_is_kept() {
    let server = site("200 OK", "User-agent: *\nCrawl-delay: 0.2\n").await;
    let fetcher = fetcher();
    let start = Instant::now();
    for path in ["/a", "/b", "/c"] {
        assert_eq!(reason(&fetcher, &server, path).await, None);
    }
    assert!(start.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn a_rest_that_is_kept_is_no_answer_of_the_site() {
    // 403, and to come back in an hour: that says nothing of robots.txt.
    let server = Server::start(|head, _| match head.split(' ').nth(1) {
        Some("/robots.txt") => page("200 OK", b"User-agent: *\nDisallow: /secret/"),
        _ => page("403 No\r\nRetry-After: 3600", b""),
    })
    .await;
    let fetcher = fetcher();
    let unruly = rules();
    let got = fetcher.get(&server.url("/a"), &unruly, None).await;
    assert_eq!(got.unwrap_err().reason(), "http-status");
    for path in ["/gzdt/", "/secret/a"] {
        let got = fetcher.get(&server.url(path), &obeying(), None).await;
        let error = got.unwrap_err();
        assert!(error.is_transient() && error.is_of_host(), "{error}");
        assert!(
            error.retry_after().unwrap() > Duration::from_secs(3500),
            "{error}"
        );
    }
    assert_eq!(server.seen().len(), 1, "nothing more was asked");
}

#[tokio::test]
async fn one_that_cannot_be_unpacked_is_not_taken_for_none() {
    let server = site(
        "200 OK\r\nContent-Encoding: gzip",
        "User-agent: *\nDisallow: /",
    )
    .await;
    assert_eq!(reason(&fetcher(), &server, "/gzdt/").await, Some("garbage"));
    assert_eq!(asked(&server, "/gzdt/"), 0);
}
