//! How often one client may ask.
//!
//! Owns the limit. Never asks a portal.

use std::num::NonZeroU32;

use dibao::config::{Proxies, Rate};
use dibao::serve::Limits;

use crate::support::served::{Answer, Server};

async fn server(is_behind_proxy: bool) -> (tempfile::TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("feeds.opml"), "<opml/>").unwrap();
    let limits = Limits {
        rate: Some(Rate {
            per_second: NonZeroU32::MIN,
        }),
        proxies: match is_behind_proxy {
            true => Proxies::Any,
            false => Proxies::None,
        },
        // One each: who waits for a place waits until an idle connection is closed, of which a
        // client may learn too late.
        ..Limits::of(64, Some(64))
    };
    let server = Server::limited(folder.path(), limits).await;
    (folder, server)
}

/// Answers to 20 requests at once, each for another client by its header.
async fn ask(server: &Server, path: &str) -> Vec<Answer> {
    let asked = (0..20).map(async |number| {
        let client = format!("10.0.0.1, 203.0.113.{number}");
        let forwarded = ("x-forwarded-for", client.as_str());
        server.ask("GET", path, &[forwarded]).await
    });
    futures_util::future::join_all(asked).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_is_told_when_to_come_again_and_files_are_not_counted() {
    let (_folder, server) = server(false).await;
    let answers = ask(&server, "api/v1/nothing").await;
    let refused: Vec<&Answer> = answers
        .iter()
        .filter(|answer| answer.status == 429)
        .collect();
    assert!(
        !refused.is_empty(),
        "twenty at once are too many for one a second"
    );
    for answer in refused {
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let seconds: u64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=2).contains(&seconds), "{seconds}");
        assert!(answer.text().contains("too-often"), "{}", answer.text());
    }
    let files = ask(&server, "feeds.opml").await;
    assert!(files.iter().all(|answer| answer.status == 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_speaks_for_clients_only_where_the_settings_say_so() {
    let (_folder, server) = server(true).await;
    let answers = ask(&server, "api/v1/nothing").await;
    assert!(answers.iter().all(|answer| answer.status == 404));
}
