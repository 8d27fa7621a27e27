//! Searching the real service in a real browser.
//!
//! Owns the search page. Never leaves this machine.

use dibao::pipeline;
use dibao::serve::OpenStore;

use crate::support::browser::{Elsewhere, Seen, Visit, open, submit};
use crate::support::replica::{Bench, Replica, hourly};
use crate::support::served::Server;

const WORD: &str = "供热";
/// Hits, and what is marked in them.
const COUNTED: [&str; 2] = ["ol.hits > li", "ol.hits mark"];

/// Nothing is wrong with the page, and nobody else was asked for anything.
fn is_well(seen: &Seen, server: &Server) {
    let told = seen.flaws.len() + seen.errors.len() + seen.dialogs.len();
    assert_eq!(told, 0, "{seen:#?}");
    let others = |url: &&String| !url.starts_with(&server.base_url);
    assert_eq!(seen.requests.iter().find(others), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_of_two_characters_is_typed_and_found() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    let server = Server::of(&bench.public()).await;
    bench.base_url.clone_from(&server.base_url);
    bench.run().await;
    let store = bench.store().await;
    let columns = [bench.column.clone()];
    let columns = pipeline::column_infos(&store, &columns, &hourly()).await;
    server.open(OpenStore {
        topics: Vec::new(),
        store: store.clone(),
        site: server.site(),
        columns: columns.unwrap(),
        cron: std::sync::Arc::new(hourly()),
    });
    let elsewhere = Elsewhere::serve(Vec::new()).await;
    let page = format!("{}search", server.base_url);

    let answer = server.get(&format!("search?q={WORD}")).await;
    let expected = answer.text().matches("<mark>供热</mark>").count();
    assert!(expected > 3, "{}", answer.text());
    let asked: Visit<'_> = (format!("{page}?q=%E4%BE%9B%E7%83%AD"), &COUNTED);
    let Some(linked) = open(&elsewhere, &[asked]).await else {
        return;
    };
    is_well(&linked[0], &server);
    assert_eq!(linked[0].counted["ol.hits mark"], expected);
    assert_eq!(linked[0].counted["ol.hits > li"], 3);

    let visit: Visit<'_> = (page.clone(), &COUNTED);
    let typed = submit(&elsewhere, visit, "#q", WORD).await.unwrap();
    is_well(&typed, &server);
    assert!(
        typed
            .url
            .starts_with(&format!("{page}?q=%E4%BE%9B%E7%83%AD")),
        "{}",
        typed.url
    );
    assert_eq!(typed.title, linked[0].title);
    assert_eq!(typed.counted, linked[0].counted);
    let asked = typed.requests.iter().filter(|url| url.starts_with(&page));
    assert_eq!(asked.count(), 2, "the form and its answer: {typed:#?}");

    // A query that no article has, and that looks like markup.
    let visit: Visit<'_> = (page, &COUNTED);
    let nothing = submit(&elsewhere, visit, "#q", "<b>饕餮\"&").await.unwrap();
    is_well(&nothing, &server);
    assert!(nothing.title.contains("饕餮"), "{}", nothing.title);
    assert_eq!(nothing.counted["ol.hits > li"], 0);
    assert_eq!(elsewhere.asked(), Vec::<String>::new());
    store.close().await;
}
