//! Feeds of several columns: a portal's, and everything.
//!
//! Owns these feeds. Never leaves loopback.

use std::path::Path;

use dibao::config::Column;
use dibao::demo;
use dibao::pipeline::Progress;
use feed_rs::model::Feed;

use crate::support::replica::{Bench, FOLDER, Replica, column_at};

fn read(public: &Path, path: &str) -> Feed {
    let bytes = std::fs::read(public.join(path)).unwrap();
    feed_rs::parser::parse(bytes.as_slice()).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn ids(feed: &Feed) -> Vec<String> {
    feed.entries.iter().map(|entry| entry.id.clone()).collect()
}

fn column(name: &str, title: &str) -> Column {
    let url = format!("http://{}{FOLDER}", demo::HOST);
    let more = format!("title = \"{title}\"\nfetch.delay = \"0s\"\nlist.initial = 1");
    column_at(name, &url, &more)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_of_two_columns_stands_once_in_its_portals_feed_and_in_everythings() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    let columns = [
        column("lucheng/notices", "潞城区 · 通知"),
        column("lucheng/work-news", "潞城区 · 工作动态"),
        column("zhangzi/news", "长子县 · 要闻"),
    ];
    for column in &columns {
        bench.column = column.clone();
        bench.run().await;
    }
    let collector = bench.collector(Progress::silent()).await;
    bench.publish_of(&collector, &columns).await;
    collector.store.close().await;
    let public = bench.public();

    let of_column = read(&public, "lucheng/work-news/atom.xml");
    let of_portal = read(&public, "lucheng/atom.xml");
    let other = read(&public, "zhangzi/atom.xml");
    let everything = read(&public, "atom.xml");
    let found = ids(&of_portal);
    assert!(found.len() > 10, "{}", found.len());
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    assert_eq!(sorted(found.clone()), sorted(ids(&of_column)));
    // Another portal's articles are others, whatever their numbers; the last that were found come
    // first.
    let both: Vec<String> = ids(&other).into_iter().chain(found).take(50).collect();
    assert_eq!(ids(&everything), both);
    let title = |feed: &Feed| feed.title.as_ref().unwrap().content.clone();
    assert_eq!(title(&of_portal), "长治市潞城区人民政府 · 全部栏目");
    assert_eq!(title(&everything), "邸报 · 全部栏目");

    for (folder, feed) in [("lucheng/", &of_portal), ("", &everything)] {
        for format in ["rss.xml", "feed.json"] {
            let same = read(&public, &format!("{folder}{format}"));
            assert_eq!(ids(&same), ids(feed), "{folder}{format}");
        }
        let bytes = std::fs::read_to_string(public.join(format!("{folder}feeds.opml"))).unwrap();
        let opml = opml::OPML::from_str(&bytes).unwrap();
        let feeds: usize = opml
            .body
            .outlines
            .iter()
            .map(|portal| portal.outlines.len())
            .sum();
        assert_eq!(feeds, if folder.is_empty() { 3 } else { 2 });
    }
    let feeds = [&of_column, &of_portal, &other, &everything];
    let own: std::collections::BTreeSet<&str> = feeds.iter().map(|feed| feed.id.as_str()).collect();
    assert_eq!(own.len(), feeds.len(), "{own:?}");
}
