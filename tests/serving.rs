//! The server's answers to a polling reader, a mirror and a browser, and their cost.
//!
//! Owns the requests. Never leaves loopback.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use dibao::config::NamedTopic;
use dibao::model::Article;
use dibao::pipeline::{self, Progress};
use dibao::serve::OpenStore;
use dibao::store::Store;

use crate::support::replica::{Bench, Replica, bytes, column_at, hourly};
use crate::support::served::{Answer, Server};

const FEED: &str = "lucheng/work-news/atom.xml";
const BR: (&str, &str) = ("accept-encoding", "br, gzip");
const GZIP: (&str, &str) = ("accept-encoding", "gzip");

async fn published() -> (Replica, Bench, Server) {
    let replica = Replica::serve().await;
    let bench = Bench::new(&replica);
    bench.run().await;
    let server = Server::of(&bench.public()).await;
    (replica, bench, server)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_of_what_has_not_changed_is_a_304_and_needs_no_store() {
    let (_replica, bench, server) = published().await;
    // No store is open behind the server, and none is on the disk.
    std::fs::remove_dir_all(bench.folder.path().join("data")).unwrap();
    for coding in [BR, GZIP, ("accept-encoding", "identity")] {
        let first = server.ask("GET", FEED, &[coding]).await;
        assert_eq!(first.status, 200);
        let tag = first.header("etag");
        assert!(tag.starts_with('"') && tag.len() > 8, "{tag}");
        for known in [
            ("if-none-match", tag),
            ("if-modified-since", first.header("last-modified")),
        ] {
            let again = server.ask("GET", FEED, &[coding, known]).await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{known:?}");
            assert_eq!(again.header("etag"), tag);
            assert_eq!(again.header("cache-control"), first.header("cache-control"));
        }
        let other = [coding, ("if-none-match", "\"x\"")];
        assert_eq!(server.ask("GET", FEED, &other).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_sent_in_the_coding_that_was_prepared_for_it() {
    let (_replica, bench, server) = published().await;
    let feed = bytes(&bench.public()).remove(FEED).unwrap();
    let plain = server.get(FEED).await;
    assert_eq!(plain.body, feed);
    let tags: Vec<String> = futures_util::future::join_all([BR, GZIP].map(async |coding| {
        let coded = server.ask("GET", FEED, &[coding]).await;
        let name = coded.header("content-encoding");
        assert!(coding.1.starts_with(name) && !name.is_empty(), "{name}");
        assert!(coded.body.len() * 3 < feed.len());
        let extension = name.replace("gzip", "gz");
        let file = bench.public().join(format!("{FEED}.{extension}"));
        assert_eq!(coded.body, std::fs::read(file).unwrap());
        assert_eq!(
            coded.header("content-type"),
            "application/atom+xml; charset=utf-8"
        );
        assert_eq!(coded.header("vary"), "accept-encoding, sec-fetch-dest");
        coded.header("etag").to_owned()
    }))
    .await;
    // A browser shows XML with its style, and a feed's own media type as bare text.
    let shown = server
        .ask("GET", FEED, &[("sec-fetch-dest", "document")])
        .await;
    assert_eq!(shown.header("content-type"), "text/xml; charset=utf-8");
    assert_eq!(shown.body, feed);
    // A strong validator is of one representation.
    assert!(tags[0] != tags[1] && tags[0] != plain.header("etag"));
}

#[tokio::test(flavor = "multi_thread")]
async fn head_and_ranges_are_answered_and_any_site_may_read() {
    let (_replica, bench, server) = published().await;
    let feed = bytes(&bench.public()).remove(FEED).unwrap();
    let head = server.ask("HEAD", FEED, &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), feed.len().to_string());
    let part = server.ask("GET", FEED, &[("range", "bytes=10-19")]).await;
    assert_eq!((part.status, part.body.as_slice()), (206, &feed[10..20]));
    let total = format!("bytes 10-19/{}", feed.len());
    assert_eq!(part.header("content-range"), total);
    // A client with a part of another state gets the whole file.
    let resumed = [
        ("range", "bytes=10-19"),
        ("if-range", "\"of another state\""),
    ];
    let whole = server.ask("GET", FEED, &resumed).await;
    assert_eq!((whole.status, whole.body.len()), (200, feed.len()));
    let head = server.ask("HEAD", FEED, &[("range", "bytes=10-19")]).await;
    assert_eq!(head.status, 200);
    let beyond = server
        .ask("GET", FEED, &[("range", "bytes=999999999-")])
        .await;
    assert_eq!(beyond.status, 416);
    let last = whole.body.len() - 1;
    let of = async |range: &str| server.ask("GET", FEED, &[("range", range)]).await;
    // What is no range of bytes is ignored (RFC 9110, 14.2).
    for ignored in [
        "pages=1-2",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=9-2",
        "bytes=a-b",
        "bytes=1",
    ] {
        let answer = of(ignored).await;
        assert_eq!(
            (answer.status, &answer.body),
            (200, &whole.body),
            "{ignored}"
        );
    }
    // No file is so long.
    for (range, first) in [
        ("bytes=10-99999999999999999999999999999", 10),
        ("bytes=0-18446744073709551616", 0),
        ("Bytes=0010-99999999999", 10),
    ] {
        let answer = of(range).await;
        let shown = format!("bytes {first}-{last}/{}", whole.body.len());
        assert_eq!(
            (answer.status, answer.header("content-range")),
            (206, shown.as_str()),
            "{range}"
        );
        assert_eq!(answer.body, &whole.body[first..], "{range}");
    }
    for (range, status) in [
        ("bytes=99999999999999999999999999999-", 416),
        ("bytes=-0", 416),
        // The last bytes of a file that has fewer are all of it.
        ("bytes=-999999999", 200),
        ("bytes=-99999999999999999999999999999", 200),
    ] {
        let answer = of(range).await;
        assert_eq!(answer.status, status, "{range}");
        assert!(status == 416 || answer.body == whole.body, "{range}");
    }
    let long = format!(
        "{}/{}.atom",
        &FEED[..FEED.rfind('/').unwrap()],
        "a".repeat(300)
    );
    assert_eq!(server.get(&long).await.status, 404);
    let several = server.ask("GET", FEED, &[("range", "bytes=0-1,4-5")]).await;
    assert_eq!((several.status, several.body.len()), (200, feed.len()));

    let origin = ("origin", "https://elsewhere.example");
    let read = server.ask("GET", FEED, &[origin]).await;
    assert_eq!(read.header("access-control-allow-origin"), "*");
    let exposed = read.header("access-control-expose-headers").to_owned();
    assert!(exposed.contains("etag"), "{exposed}");
    let asked = [
        origin,
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "if-none-match"),
    ];
    let leave = server.ask("OPTIONS", FEED, &asked).await;
    assert_eq!(
        (leave.status, leave.header("access-control-allow-origin")),
        (200, "*")
    );
    assert_eq!(server.ask("POST", FEED, &[]).await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_says_what_it_is_and_for_how_long() {
    let (_replica, bench, server) = published().await;
    let store = bench.store().await;
    let columns = [bench.column.clone()];
    let columns = pipeline::column_infos(&store, &columns, &hourly()).await;
    server.open(OpenStore {
        topics: Vec::new(),
        store: store.clone(),
        site: server.site(),
        columns: columns.unwrap(),
        cron: hourly().into(),
    });
    let hour = "public, max-age=3600";
    for (path, media_type, cache) in [
        (FEED, "application/atom+xml; charset=utf-8", hour),
        (
            "lucheng/work-news/rss.xml",
            "application/rss+xml; charset=utf-8",
            hour,
        ),
        (
            "lucheng/work-news/feed.json",
            "application/feed+json; charset=utf-8",
            hour,
        ),
        (
            "lucheng/work-news/archive/000001.atom",
            "application/atom+xml; charset=utf-8",
            hour,
        ),
        (
            "lucheng/work-news/archive/000001.json",
            "application/json; charset=utf-8",
            hour,
        ),
        ("lucheng/work-news/", "text/html; charset=utf-8", hour),
        (
            "lucheng/work-news/dump/2025-12.ndjson.gz",
            "application/gzip",
            hour,
        ),
        (
            "changes/000001.ndjson",
            "application/x-ndjson; charset=utf-8",
            hour,
        ),
        ("feeds.opml", "text/x-opml; charset=utf-8", hour),
        (
            "manifest.json",
            "application/json; charset=utf-8",
            "no-cache",
        ),
        ("style.css", "text/css; charset=utf-8", hour),
        ("icon.png", "image/png", "public, max-age=86400"),
        ("icon.svg", "image/svg+xml", "public, max-age=86400"),
    ] {
        let answer = server.get(path).await;
        let told = (
            answer.header("content-type"),
            answer.header("cache-control"),
        );
        assert_eq!(told, (media_type, cache), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
    }
    // A dump is a file of its own and no coding of another.
    let dump = server
        .ask("GET", "lucheng/work-news/dump/2025-12.ndjson.gz", &[BR])
        .await;
    assert_eq!(dump.header("content-encoding"), "");
    for path in [
        ".dibao-demo",
        "lucheng/.x",
        "lucheng/%2e%2e/x",
        "none",
        "lucheng/none/atom.xml",
    ] {
        let answer = server.get(path).await;
        assert_eq!(
            (answer.status, answer.header("cache-control")),
            (404, ""),
            "{path}"
        );
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("etag"), "");
        assert!(answer.text().contains("没有这个页面"), "{path}");
    }
    let head = server.ask("HEAD", "none", &[]).await;
    assert_eq!((head.status, head.body.len()), (404, 0));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_change_in_the_folder_is_served_as_it_is_then() {
    let (_replica, bench, server) = published().await;
    let file = bench.public().join(FEED);
    let former = server.ask("GET", FEED, &[BR]).await;
    assert_eq!(former.header("content-encoding"), "br");
    let tag = former.header("etag").to_owned();
    // Who has seen a new state of one file sees no older state of another.
    let see = async |headers: &[(&str, &str)]| {
        server.get("none").await;
        server.ask("GET", FEED, headers).await
    };

    // Somebody removes a copy, and then the other.
    std::fs::remove_file(bench.public().join(format!("{FEED}.br"))).unwrap();
    assert_eq!(see(&[BR]).await.header("content-encoding"), "gzip");
    std::fs::remove_file(bench.public().join(format!("{FEED}.gz"))).unwrap();
    let known = [BR, ("if-none-match", tag.as_str())];
    let plain = see(&known).await;
    assert_eq!((plain.status, plain.header("content-encoding")), (200, ""));
    assert_eq!(plain.body, std::fs::read(&file).unwrap());

    // Another file of the same length and time takes its place.
    let time = std::fs::metadata(&file).unwrap().modified().unwrap();
    let other = bench.folder.path().join("other");
    std::fs::write(&other, vec![b'x'; plain.body.len()]).unwrap();
    let written = std::fs::File::options().append(true).open(&other).unwrap();
    written.set_modified(time).unwrap();
    std::fs::rename(&other, &file).unwrap();
    assert!(see(&[BR]).await.body.iter().all(|byte| *byte == b'x'));

    // All of its answers tell the same state, whole or in part.
    let part = see(&[("range", "bytes=0-3")]).await;
    assert_eq!((part.status, part.body.as_slice()), (206, &b"xxxx"[..]));
    let whole = see(&[]).await;
    assert_eq!(part.header("etag"), whole.header("etag"));
    let same = [("if-match", whole.header("etag"))];
    assert_eq!(see(&same).await.status, 200);

    std::fs::remove_file(&file).unwrap();
    assert_eq!(see(&[BR]).await.status, 404);
    std::fs::write(&file, b"again").unwrap();
    assert_eq!(see(&[BR]).await.body, b"again");
}

/// A server before which a store is open that has the columns `lucheng/work-news` and
/// `zhangzi/news` of the same list.
async fn live() -> (Replica, Bench, Server, Store) {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    let url = bench.column.url.to_string();
    let more = "title = \"长子县 · 要闻\"\nfetch.delay = \"0s\"\nlist.initial = 1";
    let columns = [bench.column.clone(), column_at("zhangzi/news", &url, more)];
    for column in columns.iter().rev() {
        bench.column = column.clone();
        bench.run().await;
    }
    let collector = bench.collector(Progress::silent()).await;
    bench.publish_of(&collector, &columns).await;
    let server = Server::of(&bench.public()).await;
    let infos = pipeline::column_infos(&collector.store, &columns, &hourly()).await;
    let infos = infos.unwrap();
    let text = "title = \"供热\"\nquery = \"供热\"\ncolumns = [\"lucheng/*\"]\n";
    let topic = NamedTopic::parse("heating", Path::new("heating.toml"), text).unwrap();
    server.open(OpenStore {
        topics: pipeline::topic_infos(&[topic], &infos),
        store: collector.store.clone(),
        site: server.site(),
        columns: infos,
        cron: Arc::new(hourly()),
    });
    (replica, bench, server, collector.store)
}

fn entries(answer: &Answer) -> Vec<String> {
    let feed = feed_rs::parser::parse(answer.body.as_slice()).unwrap();
    feed.entries.into_iter().map(|entry| entry.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_chooses_the_columns_of_a_feed() {
    let (_replica, _bench, server, store) = live().await;
    let both = server
        .get("feed.atom?columns=zhangzi/news,lucheng/work-news")
        .await;
    assert_eq!(both.status, 200, "{}", both.text());
    assert_eq!(
        both.header("content-type"),
        "application/atom+xml; charset=utf-8"
    );
    assert_eq!(both.header("cache-control"), "public, max-age=3600");
    let found = entries(&both);
    assert_eq!(found, entries(&server.get("atom.xml").await));
    let own = format!(
        "{}feed.atom?columns=lucheng/work-news,zhangzi/news",
        server.base_url
    );
    assert!(both.text().contains(&format!("href=\"{own}\"")), "{own}");
    // In any order, and with escapes.
    for query in [
        "feed.atom?columns=lucheng/work-news,zhangzi/news",
        "feed.atom?columns=zhangzi%2Fnews%2Clucheng%2Fwork-news",
        "feed.atom?columns=zhangzi/news&columns=lucheng/work-news",
    ] {
        assert_eq!(server.get(query).await.body, both.body, "{query}");
    }
    // A portal is chosen with the columns that it will have: the feed stays the same then.
    let portals = server.get("feed.atom?columns=zhangzi/*,lucheng/*").await;
    assert_eq!(entries(&portals), found);
    let own = format!("{}feed.atom?columns=lucheng/*,zhangzi/*", server.base_url);
    assert!(portals.text().contains(&format!("href=\"{own}\"")), "{own}");
    for (query, media_type) in [
        (
            "feed.rss?columns=lucheng/*,zhangzi/*",
            "application/rss+xml; charset=utf-8",
        ),
        (
            "feed.json?columns=lucheng/*,zhangzi/*",
            "application/feed+json; charset=utf-8",
        ),
    ] {
        let answer = server.get(query).await;
        assert_eq!(answer.header("content-type"), media_type);
        assert_eq!(entries(&answer), found);
    }
    let one = server.get("feed.atom?columns=zhangzi/news").await;
    let of_column = server.get("zhangzi/news/atom.xml").await;
    assert_eq!(entries(&one), entries(&of_column));
    let of_name = server.get("feed.atom?columns=z*/news").await;
    assert_eq!(entries(&of_name), entries(&one));
    let id = |answer: &Answer| feed_rs::parser::parse(answer.body.as_slice()).unwrap().id;
    assert_eq!(id(&one), id(&of_column));
    let ids = [&both, &one, &portals].map(id);
    assert!(ids[0] != ids[1] && ids[0] != ids[2], "{ids:?}");

    // Without a choice, it is everything's.
    let all = server.get("feed.atom").await;
    assert_eq!(entries(&all), found);
    assert_eq!(entries(&server.get("feed.json").await), found);

    for (query, told) in [
        ("columns=lucheng/nothing", "there is no column"),
        ("columns=", "it is empty"),
        ("columns=*/nothing", "there is no column"),
        ("column=zhangzi/news", "there is no such parameter"),
        (
            &format!("columns={}", "zhangzi/news,".repeat(200)),
            "too many",
        ),
    ] {
        let answer = server.get(&format!("feed.atom?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert!(answer.text().contains(told), "{}", answer.text());
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_shown_a_feed_that_is_made_to_order_and_a_reader_gets_it_as_a_feed() {
    let (_replica, _bench, server, store) = live().await;
    for (feed, media_type) in [
        (
            "feed.atom?columns=lucheng/*",
            "application/atom+xml; charset=utf-8",
        ),
        (
            "feed.rss?columns=lucheng/*",
            "application/rss+xml; charset=utf-8",
        ),
        ("search.atom?q=供热", "application/atom+xml; charset=utf-8"),
        ("search.rss?q=供热", "application/rss+xml; charset=utf-8"),
        (
            "lucheng/work-news/atom.xml?limit=2",
            "application/atom+xml; charset=utf-8",
        ),
        ("feeds.opml", "text/x-opml; charset=utf-8"),
    ] {
        // Whoever asks first: a copy in memory serves both.
        for _ in 0..2 {
            let shown = server
                .ask("GET", feed, &[("sec-fetch-dest", "document")])
                .await;
            let read = server
                .ask("GET", feed, &[("sec-fetch-dest", "empty")])
                .await;
            assert_eq!(
                shown.header("content-type"),
                "text/xml; charset=utf-8",
                "{feed}"
            );
            assert_eq!(read.header("content-type"), media_type, "{feed}");
            assert_eq!(shown.body, read.body, "{feed}");
            for answer in [&shown, &read] {
                assert_eq!(
                    answer.header("vary"),
                    "accept-encoding, sec-fetch-dest",
                    "{feed}"
                );
            }
        }
    }
    // Data is no feed.
    let data = server
        .ask("GET", "api/v1/columns", &[("sec-fetch-dest", "document")])
        .await;
    assert_eq!(data.header("content-type"), "application/json");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_made_on_request_come_in_gzip_to_those_who_take_it() {
    let (_replica, _bench, server, store) = live().await;
    for path in [
        "api/v1/articles?limit=20",
        "api/v1/search?q=供热",
        "api/v1/changes",
        "search.json?q=供热",
        "feed.atom?columns=lucheng/*",
        "lucheng/work-news/feed.json?limit=5",
    ] {
        let plain = server.get(path).await;
        assert_eq!(plain.header("content-encoding"), "", "{path}");
        let packed = server.ask("GET", path, &[GZIP]).await;
        assert_eq!(packed.header("content-encoding"), "gzip", "{path}");
        assert_eq!(packed.header("content-type"), plain.header("content-type"));
        assert!(packed.body.len() * 2 < plain.body.len(), "{path}");
        let mut text = Vec::new();
        let mut unpacked = flate2::read::GzDecoder::new(packed.body.as_slice());
        unpacked.read_to_end(&mut text).unwrap();
        assert_eq!(text, plain.body, "{path}");
        for answer in [&plain, &packed] {
            assert!(
                answer.header("vary").starts_with("accept-encoding"),
                "{path}"
            );
        }
        // A strong validator is of one representation; either is known again.
        let tags = [plain.header("etag"), packed.header("etag")];
        assert_eq!(tags[1], format!("W/{}", tags[0]), "{path}");
        for tag in tags {
            let again = [GZIP, ("if-none-match", tag)];
            let again = server.ask("GET", path, &again).await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{path} {tag}");
        }
        let refused = server
            .ask("GET", path, &[("accept-encoding", "gzip;q=0")])
            .await;
        assert_eq!(refused.body, plain.body, "{path}");
    }
    // A small answer stays as it is.
    let small = server
        .ask("GET", "api/v1/articles?limit=1&fields=title", &[GZIP])
        .await;
    assert_eq!((small.status, small.header("content-encoding")), (200, ""));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_narrows_a_feed_by_number_and_by_keyword() {
    let (_replica, bench, server, store) = live().await;
    let articles = bench.articles().await;
    let id = |answer: &Answer| feed_rs::parser::parse(answer.body.as_slice()).unwrap().id;
    for (feed, portal) in [
        ("lucheng/work-news/atom.xml", "lucheng"),
        ("lucheng/work-news/rss.xml", "lucheng"),
        ("zhangzi/news/feed.json", "zhangzi"),
        ("zhangzi/atom.xml", "zhangzi"),
        ("atom.xml", ""),
        ("feed.json", ""),
        ("feed.atom?columns=*/news", "zhangzi"),
        ("search.rss?portal=lucheng", "lucheng"),
    ] {
        let narrowed = async |parameters: &str| {
            let mark = if feed.contains('?') { '&' } else { '?' };
            server.get(&format!("{feed}{mark}{parameters}")).await
        };
        let whole = server.get(feed).await;
        let first = narrowed("limit=3").await;
        assert_eq!(first.status, 200, "{feed}: {}", first.text());
        assert_eq!(first.header("content-type"), whole.header("content-type"));
        assert_eq!(entries(&first), entries(&whole)[..3], "{feed}");
        assert!(
            first.text().contains("limit=3"),
            "{feed} has another address"
        );
        let chosen = narrowed("include=供热,title:开幕").await;
        let mut found = entries(&chosen);
        found.sort_unstable();
        let is_chosen = |article: &&Article| {
            let has = |word: &str| article.title.contains(word);
            let of_portal = portal.is_empty() || article.portal == portal;
            of_portal && (has("开幕") || has("供热") || article.body.body_text.contains("供热"))
        };
        let expected = articles.iter().filter(is_chosen);
        let mut expected: Vec<String> = expected
            .map(|article| article.id.urn().to_string())
            .collect();
        expected.sort_unstable();
        assert!(expected.len() > 1 && expected.len() < articles.len() / 4);
        assert_eq!(found, expected, "{feed}");
        if feed.contains("atom") {
            assert_eq!(id(&first), id(&whole), "{feed}");
            assert_ne!(id(&chosen), id(&whole), "{feed}");
        }
        for (wrong, told) in [
            ("limit=0", "write a number from 1 to 100"),
            ("limit=101", "write a number from 1 to 100"),
            ("include=a,,b", "is no keyword"),
            ("limit=3&sort=added", "there is no such parameter"),
        ] {
            let refused = narrowed(wrong).await;
            assert_eq!(refused.status, 400, "{feed} {wrong}");
            assert!(refused.text().contains(told), "{}", refused.text());
        }
    }
    // Readers and trackers add what no feed has: they get the file, as from any web server.
    let file = server.get("lucheng/work-news/atom.xml").await;
    let other = server.get("lucheng/work-news/atom.xml?from=reader").await;
    assert_eq!(other.body, file.body);
    let tag = server
        .get("atom.xml?limit=2")
        .await
        .header("etag")
        .to_owned();
    let again = [("if-none-match", tag.as_str())];
    assert_eq!(
        server.ask("GET", "atom.xml?limit=2", &again).await.status,
        304
    );
    for missing in [
        "nobody/news/atom.xml",
        "topics/other/atom.xml",
        "nobody/rss.xml",
    ] {
        let missing = server.get(&format!("{missing}?limit=3")).await;
        assert_eq!(missing.status, 404);
    }
    // A topic is narrowed as a column is.
    let heating = |article: &&Article| {
        let has = |text: &str| text.contains("供热");
        article.portal == "lucheng" && (has(&article.title) || has(&article.body.body_text))
    };
    let expected = articles.iter().filter(heating).count();
    assert!(expected > 1);
    for file in ["atom.xml", "rss.xml", "feed.json"] {
        let topic = async |asked: &str| server.get(&format!("topics/heating/{file}?{asked}")).await;
        let all = entries(&topic("limit=100").await);
        assert_eq!(all.len(), expected, "{file}");
        assert_eq!(entries(&topic("limit=2").await), all[..2], "{file}");
        let titled = topic("include=title:供热").await;
        let found = entries(&titled);
        assert!(
            !found.is_empty() && found.len() < all.len(),
            "{file}: {}",
            found.len()
        );
        assert!(found.iter().all(|id| all.contains(id)), "{file}");
        assert_eq!(topic("limit=0").await.status, 400, "{file}");
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_of_a_feed_that_was_made_to_order_needs_no_store_until_something_is_published() {
    let (_replica, bench, server, store) = live().await;
    for url in [
        "feed.atom?columns=lucheng/*",
        "search.atom?q=%E5%B7%A5%E4%BD%9C",
    ] {
        let first = server.get(url).await;
        assert_eq!(first.status, 200, "{}", first.text());
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{tag}");
    }
    // From now on, the store answers nothing.
    store.close().await;
    for url in [
        "feed.atom?columns=lucheng/*",
        "search.atom?q=%E5%B7%A5%E4%BD%9C",
    ] {
        let again = server.get(url).await;
        assert_eq!(again.status, 200, "{}", again.text());
        let tag = again.header("etag").to_owned();
        let poll = server.ask("GET", url, &[("if-none-match", &tag)]).await;
        assert_eq!((poll.status, poll.body.len()), (304, 0));
        assert_eq!(poll.header("etag"), tag);
        let head = server.ask("HEAD", url, &[]).await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(head.header("etag"), tag);
    }
    let manifest = std::fs::File::open(bench.public().join("manifest.json")).unwrap();
    manifest.set_modified(std::time::UNIX_EPOCH).unwrap();
    let asked = server.get("feed.atom?columns=lucheng/*").await;
    assert_eq!(asked.status, 503, "{}", asked.text());
}
