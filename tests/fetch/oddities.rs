//! Answers that browsers read although they are not in order.
//!
//! Owns these answers. Never leaves loopback.

use std::io::Write;

use super::server::{Reply, Server, ok, page};
use super::{fetcher, get, reason, rules};

const TEXT: &str = "<html><body><p>供热开工。</p></body></html>";

fn gzip() -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(TEXT.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

const GZIP: &str = "200 OK\r\nContent-Encoding: gzip";

#[tokio::test]
async fn bytes_behind_the_end_of_gzip_are_ignored() {
    for behind in [&b"\n"[..], b"\r\n\r\n", b"<!-- cached -->", &[0; 100]] {
        let body = [&gzip(), behind].concat();
        let server = Server::start(move |_, _| page(GZIP, &body)).await;
        let read = get(&fetcher(), &server.url("/")).await.unwrap();
        assert_eq!(read.body, TEXT.as_bytes(), "{behind:?}");
    }
}

#[tokio::test]
async fn a_page_without_the_check_behind_it_is_read_where_its_length_is_known() {
    let whole = gzip();
    let unchecked = whole[..whole.len() - 8].to_vec();
    let body = unchecked.clone();
    let server = Server::start(move |_, _| page(GZIP, &body)).await;
    let read = get(&fetcher(), &server.url("/")).await.unwrap();
    assert_eq!(read.body, TEXT.as_bytes());

    let body = unchecked.clone();
    let server = Server::start(move |_, _| {
        let head = format!(
            "HTTP/1.1 {GZIP}\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n",
            body.len()
        );
        Reply::Bytes([head.as_bytes(), &body, b"\r\n0\r\n\r\n"].concat())
    })
    .await;
    let read = get(&fetcher(), &server.url("/")).await.unwrap();
    assert_eq!(read.body, TEXT.as_bytes());

    // Without a length, nobody knows whether the server sent all.
    let server = Server::start(move |_, _| {
        let head = format!("HTTP/1.1 {GZIP}\r\nConnection: close\r\n\r\n");
        Reply::Bytes([head.as_bytes(), &unchecked].concat())
    })
    .await;
    assert_eq!(reason(&server).await, "truncated");
    let server = Server::start(move |_, _| page(GZIP, &whole[..whole.len() - 20])).await;
    assert_eq!(reason(&server).await, "truncated");
}

#[tokio::test]
async fn bytes_in_a_location_are_sent_on_as_they_are() {
    for (location, asked) in [
        (
            &b"/\xb9\xab\xbf\xaa/1.html?lb=\xb6\xaf"[..],
            "/%b9%ab%bf%aa/1.html?lb=%b6%af",
        ),
        ("/公开/1.html".as_bytes(), "/%e5%85%ac%e5%bc%80/1.html"),
        (b"\xb9\xab.html#\xbf\xaa", "/%b9%ab.html"),
    ] {
        let server = Server::start(move |head, before| match before {
            0 => {
                Reply::Bytes([b"HTTP/1.1 302 Found\r\nLocation: ", location, b"\r\n\r\n"].concat())
            }
            _ if head.contains(asked) => ok(TEXT),
            _ => page("404 No", b""),
        })
        .await;
        let read = get(&fetcher(), &server.url("/")).await.unwrap();
        assert_eq!(
            read.url.path().to_lowercase(),
            asked.split('?').next().unwrap()
        );
    }
}

#[tokio::test]
async fn many_headers_are_read_and_too_many_are_told_as_such() {
    let many = |count: usize| -> String { (0..count).map(|n| format!("X-H{n}: v\r\n")).collect() };
    for (count, code) in [(150, None), (1000, None), (2000, Some("too-large"))] {
        let headers = many(count);
        let server = Server::start(move |_, _| {
            page(
                &format!("200 OK\r\n{}", headers.trim_end()),
                TEXT.as_bytes(),
            )
        })
        .await;
        let read = get(&fetcher(), &server.url("/")).await;
        assert_eq!(
            read.as_ref().err().map(|error| error.reason()),
            code,
            "{count}"
        );
        if let Err(error) = read {
            assert!(error.to_string().contains("1024 header fields"), "{error}");
        }
    }
}

#[tokio::test]
async fn an_article_is_asked_for_from_its_list() {
    let server = Server::start(|head, _| match head.contains("referer: http://127.0.0.1") {
        true => ok(TEXT),
        false => page("403 No", b"no"),
    })
    .await;
    let (list, article) = (server.url("/list/?lb=1"), server.url("/list/1.html"));
    assert!(get(&fetcher(), &article).await.is_err());
    let linked = fetcher().get_linked(&article, &list, &rules()).await;
    assert!(linked.is_ok(), "{linked:?}");
    let seen = server.seen();
    let referer = format!("referer: {}\r\n", server.url("/list/"));
    assert!(seen[1].head.contains(&referer), "{}", seen[1].head);
    // The list itself is asked for from nowhere.
    let _ = fetcher().get_linked(&list, &list, &rules()).await;
    assert!(!server.seen()[2].head.contains("referer"));
}
