//! Where the fetcher goes: redirects, `--connect-to`, and addresses that it refuses.
//!
//! Owns these targets. Never leaves loopback.

use url::Url;

use super::server::{Server, ok, page};
use super::{fetcher, get, to};

#[tokio::test]
async fn redirects_are_followed_by_hand() {
    let server = Server::start(|head, _| match head.split(' ').nth(1) {
        Some("/old") => page("301 Moved\r\nLocation: /new#top", b""),
        Some("/odd") => page("302 Found\r\nLocation: old", b""),
        Some("/loop") => page("302 Found\r\nLocation: /loop", b""),
        Some("/walk") => page("302 Found\r\nLocation: /walkx", b""),
        Some("/cookie") if head.contains("cookie: ct6t=1") => ok("in"),
        Some("/cookie") => page("302 Found\r\nSet-Cookie: CT6T=1\r\nLocation: /cookie", b""),
        Some("/new") => ok("new"),
        Some(path) if path.starts_with("/walk") => {
            page(&format!("302 Found\r\nLocation: {path}x"), b"")
        }
        _ => page("404 No", b""),
    })
    .await;
    let fetcher = fetcher();
    let page = get(&fetcher, &server.url("/old")).await.unwrap();
    assert_eq!(
        (page.url, page.moved_to),
        (server.url("/new"), Some(server.url("/new")))
    );
    let page = get(&fetcher, &server.url("/odd")).await.unwrap();
    assert_eq!((page.url, page.moved_to), (server.url("/new"), None));
    assert_eq!(
        get(&fetcher, &server.url("/cookie")).await.unwrap().body,
        b"in"
    );
    for path in ["/loop", "/walk"] {
        let before = server.seen().len();
        let error = get(&fetcher, &server.url(path)).await.unwrap_err();
        assert_eq!(error.reason(), "redirect-loop");
        assert!(server.seen().len() - before <= 11);
    }
}

#[tokio::test]
async fn a_redirect_leads_neither_inside_nor_out_of_http() {
    let server = Server::start(|head, _| match head.split(' ').nth(1) {
        Some("/file") => page("302 Found\r\nLocation: file:///etc/passwd", b""),
        Some("/data") => page("302 Found\r\nLocation: data:text/html,x", b""),
        Some("/address") => page("302 Found\r\nLocation: http://169.254.169.254/latest/", b""),
        Some("/name") => page("302 Found\r\nLocation: http://localhost:1/", b""),
        _ => page("302 Found\r\nLocation: http://", b""),
    })
    .await;
    let fetcher = to(&server, "www.lc.gov.cn:80");
    for (path, code) in [
        ("/file", "refused-scheme"),
        ("/data", "refused-scheme"),
        ("/address", "refused-address"),
        ("/name", "refused-address"),
        ("/none", "garbage"),
    ] {
        let url = format!("http://www.lc.gov.cn{path}").parse().unwrap();
        let error = get(&fetcher, &url).await.unwrap_err();
        assert_eq!(error.reason(), code, "{error:?}");
    }
}

#[tokio::test]
async fn connect_to_sends_connections_elsewhere_and_tells_the_server_nothing_of_it() {
    let server = Server::start(|_, _| ok("<p>1")).await;
    for (from, url, host) in [
        (
            "www.lc.gov.cn:80",
            "http://www.lc.gov.cn/gzdt/",
            "host: www.lc.gov.cn\r\n",
        ),
        (
            "www.lc.gov.cn:",
            "http://www.lc.gov.cn:8081/",
            "host: www.lc.gov.cn:8081\r\n",
        ),
        (":", "http://203.0.113.7/", "host: 203.0.113.7\r\n"),
        (
            "[2001:db8::1]:80",
            "http://[2001:db8::1]/",
            "host: [2001:db8::1]\r\n",
        ),
    ] {
        let page = get(&to(&server, from), &url.parse().unwrap())
            .await
            .unwrap();
        assert_eq!(page.url.as_str(), url);
        let head = server.seen().last().unwrap().head.clone();
        assert!(head.contains(host), "{from}: {head}");
    }
    let other: Url = "http://127.0.0.1:9/".parse().unwrap();
    let error = get(&to(&server, "www.lc.gov.cn:80"), &other)
        .await
        .unwrap_err();
    assert_eq!(
        error.reason(),
        "refused-address",
        "leave is for the named host alone"
    );
}
