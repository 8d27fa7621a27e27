//! Readers side by side: one address takes no more than its part.
//!
//! Owns the crowd of one address, and who asks beside it. Never measures a machine.

use std::net::{IpAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use dibao::config::{Proxies, Rate};
use dibao::fetch::http_client;
use dibao::serve::{Limits, OpenStore};

use crate::articles::column;
use crate::support::replica::hourly;
use crate::support::served::Server;
use crate::support::{TempStore, morning, page, temp_store, text};

/// Long for whoever waits for nobody, even on a busy machine; short beside an idle connection.
const SOON: Duration = Duration::from_secs(5);

/// A server with these limits, and a store with some hundred articles.
async fn server(limits: Limits) -> (TempStore, Server) {
    let temp = temp_store().await;
    for number in 0..200 {
        let url = format!("http://www.lc.gov.cn/gzdt/{number}.html");
        let title = format!("第{number}号供热工作");
        let page = page(&url, None, &title, &text(number));
        let saved = temp.store.articles().save(morning(), None, &page);
        saved.await.unwrap();
    }
    let public = temp.folder.path().join("public");
    std::fs::create_dir_all(&public).unwrap();
    std::fs::write(public.join("feeds.opml"), "<opml/>").unwrap();
    let server = Server::limited(&public, limits).await;
    server.open(OpenStore {
        topics: Vec::new(),
        store: temp.store.clone(),
        site: server.site(),
        columns: vec![column()],
        cron: hourly().into(),
    });
    (temp, server)
}

/// A client of another address than this test's other ones.
fn client_at(address: [u8; 4]) -> reqwest::Client {
    let client = http_client().unwrap().no_proxy();
    client.local_address(IpAddr::from(address)).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_and_searches_of_one_address_delay_no_other() {
    let (_temp, server) = server(Limits::new(64)).await;
    let address = server
        .base_url
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let idle: Vec<TcpStream> = (0..120)
        .filter_map(|_| TcpStream::connect(address).ok())
        .collect();
    assert!(idle.len() > 100, "{}", idle.len());
    let done = Arc::new(AtomicBool::default());
    let found = Arc::new(AtomicUsize::default());
    let greedy = client_at([127, 0, 0, 3]);
    let searchers: Vec<_> = (0..12)
        .map(|_| {
            let (done, found, greedy) = (done.clone(), found.clone(), greedy.clone());
            let url = format!("{}api/v1/search?q=供热&limit=100", server.base_url);
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    let answer = greedy.get(&url).send().await.unwrap();
                    found.fetch_add(usize::from(answer.status() == 200), Ordering::Relaxed);
                }
            })
        })
        .collect();
    let other = client_at([127, 0, 0, 2]);
    for _ in 0..20 {
        for path in [
            "api/v1/changes?limit=10",
            "feeds.opml",
            "healthz",
            "api/v1/status",
        ] {
            let began = Instant::now();
            let url = format!("{}{path}", server.base_url);
            let answer = other.get(&url).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
            let waited = began.elapsed();
            assert!(waited < SOON, "{path}: {waited:?}");
        }
    }
    done.store(true, Ordering::Relaxed);
    for searcher in searchers {
        searcher.await.unwrap();
    }
    assert!(
        found.load(Ordering::Relaxed) > 0,
        "searches are answered, too"
    );
    drop(idle);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_its_part_of_the_connections_and_a_proxy_as_many_as_there_are() {
    for (proxies, is_served) in [
        (Proxies::None, false),
        (Proxies::named(&["127.0.0.1".to_owned()]).unwrap(), true),
        (Proxies::named(&["10.0.0.0/8".to_owned()]).unwrap(), false),
    ] {
        let limits = Limits {
            proxies: proxies.clone(),
            ..Limits::of(40, Some(2))
        };
        let (_temp, server) = server(limits).await;
        let address = server
            .base_url
            .trim_start_matches("http://")
            .trim_end_matches('/');
        let idle: Vec<TcpStream> = (0..4)
            .map(|_| TcpStream::connect(address).unwrap())
            .collect();
        let url = format!("{}feeds.opml", server.base_url);
        let own = client_at([127, 0, 0, 1]).get(&url).send();
        let own = tokio::time::timeout(Duration::from_millis(300), own).await;
        assert_eq!(own.is_ok(), is_served, "{proxies:?}");
        let other = client_at([127, 0, 0, 2]).get(&url).send().await.unwrap();
        assert_eq!(other.status(), 200, "{proxies:?}");
        // Whoever waits gets a place when the others leave.
        drop(idle);
        let own = client_at([127, 0, 0, 1]).get(&url).send();
        let own = tokio::time::timeout(SOON, own).await.unwrap().unwrap();
        assert_eq!(own.status(), 200, "{proxies:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_weighs_what_a_request_costs_and_files_are_served_beyond_it() {
    let limits = Limits {
        rate: Some(Rate {
            per_second: 4.try_into().unwrap(),
        }),
        ..Limits::new(64)
    };
    let (_temp, server) = server(limits).await;
    let until_refused = async |path: &str, client: &reqwest::Client| {
        let mut answered = 0;
        loop {
            let url = format!("{}{path}", server.base_url);
            let answer = client.get(&url).send().await.unwrap();
            match answer.status().as_u16() {
                200 => answered += 1,
                status => {
                    assert_eq!(status, 429, "{path}");
                    break answered;
                }
            }
            assert!(answered < 1000, "{path} is never refused");
        }
    };
    let many = client_at([127, 0, 0, 2]);
    let all = until_refused("api/v1/changes?limit=1000", &many).await;
    let few = client_at([127, 0, 0, 3]);
    let one = until_refused("api/v1/changes?after=199&limit=1", &few).await;
    assert!(one > all, "{one} small ones, {all} large ones");
    let url = format!("{}feeds.opml", server.base_url);
    for _ in 0..50 {
        assert_eq!(many.get(&url).send().await.unwrap().status(), 200);
    }
}
