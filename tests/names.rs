//! Portals and columns by the names that readers know, and the site by its address.
//!
//! Owns the pages of an invented portal. Never leaves loopback.

use std::fs;
use std::path::Path;

use dibao::config::{self, PortalRules};
use dibao::demo::Reply;
use dibao::model::Level;
use dibao::pipeline::Progress;

use crate::support::replica::{Bench, FOLDER, Replica, column_at};
use crate::support::text;

/// Shows a list of two articles, with this in its head and below its list.
fn show(replica: &Replica, head: &str, foot: &str) {
    let mut rows = String::new();
    for number in [1, 2] {
        let path = format!("{FOLDER}202512/t20251229_{number}.html");
        rows += &format!(
            "<li><a href=\"{path}\">第{number}号消息，今天发布</a><span>2025-12-29</span></li>"
        );
        let page = format!(
            "<meta charset=utf-8><h1>第{number}号消息，今天发布</h1><div class=TRS_Editor><p>{}</p></div>",
            text(number)
        );
        replica.answer(&path, Reply::Page(page.into_bytes()));
    }
    let page = format!("<meta charset=utf-8>{head}<ul class=list>{rows}</ul>{foot}");
    replica.answer(FOLDER, Reply::Page(page.into_bytes()));
}

fn bench(replica: &Replica) -> Bench {
    let mut bench = Bench::new(replica);
    let url = format!("http://{}{FOLDER}", dibao::demo::HOST);
    bench.column = column_at("qingshi/notices", &url, "fetch.delay = \"0s\"");
    bench
}

fn read(bench: &Bench, path: &str) -> String {
    fs::read_to_string(bench.public().join(path)).unwrap()
}

fn title(bench: &Bench) -> String {
    let feed = read(bench, "qingshi/notices/atom.xml");
    let feed = feed_rs::parser::parse(feed.as_bytes()).unwrap();
    feed.title.unwrap().content
}

const HEAD: &str = "<meta name=SiteName content=青石县人民政府门户网站>\
                    <meta name=ColumnName content=通知公告>";

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_is_named_once_by_its_pages_and_never_renamed_by_them() {
    let replica = Replica::serve().await;
    let bench = bench(&replica);
    show(&replica, "<title>通知公告</title>", "");
    bench.run().await;
    assert_eq!(title(&bench), format!("{} · 通知公告", dibao::demo::HOST));

    show(&replica, HEAD, "");
    bench.run().await;
    assert_eq!(title(&bench), "青石县人民政府 · 通知公告");
    let opml = read(&bench, "feeds.opml");
    let opml = opml::OPML::from_str(&opml).unwrap();
    let folder = &opml.body.outlines[0];
    assert_eq!(folder.text, "青石县人民政府");
    assert_eq!(folder.outlines[0].text, "青石县人民政府 · 通知公告");
    let catalogue = read(&bench, "index.html");
    assert!(catalogue.contains("青石县人民政府") && !catalogue.contains("portal<"));

    show(&replica, &HEAD.replace("青石", "赤岭"), "");
    bench.run().await;
    assert_eq!(title(&bench), "青石县人民政府 · 通知公告");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_names_a_portal_and_a_title_of_a_column_stands_as_it_is() {
    let replica = Replica::serve().await;
    let mut bench = bench(&replica);
    show(&replica, HEAD, "<p>主办单位：青石县人民政府办公室</p>");
    let rules = PortalRules::parse(Path::new("portal.toml"), "title = \"青石\"");
    bench.column.portal_rules = rules.unwrap().into();
    bench.run().await;
    assert_eq!(title(&bench), "青石 · 通知公告");
    bench.column.title = Some("县里的公告".to_owned());
    bench.run().await;
    assert_eq!(title(&bench), "县里的公告");
    let group = read(&bench, "qingshi/atom.xml");
    assert!(group.contains("青石 · 全部栏目"), "{group}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_a_shared_feed_names_the_feed_that_it_comes_from() {
    let replica = Replica::serve().await;
    let bench = bench(&replica);
    show(&replica, HEAD, "");
    bench.run().await;
    for path in ["atom.xml", "qingshi/atom.xml"] {
        let feed = read(&bench, path)
            .parse::<atom_syndication::Feed>()
            .unwrap();
        assert_eq!(feed.entries.len(), 2);
        for entry in feed.entries {
            let source = entry.source.unwrap();
            assert_eq!(source.title.value, "青石县人民政府 · 通知公告");
            assert!(source.id.starts_with("urn:uuid:") && source.id != feed.id);
            let own = source.links.iter().find(|link| link.rel == "self").unwrap();
            assert!(
                own.href.ends_with("/qingshi/notices/atom.xml"),
                "{}",
                own.href
            );
        }
    }
    for path in ["rss.xml", "qingshi/rss.xml"] {
        let feed = rss::Channel::read_from(read(&bench, path).as_bytes()).unwrap();
        assert_eq!(feed.items.len(), 2);
        for item in feed.items {
            let source = item.source.unwrap();
            assert_eq!(source.title.as_deref(), Some("青石县人民政府 · 通知公告"));
            assert!(
                source.url.ends_with("/qingshi/notices/rss.xml"),
                "{}",
                source.url
            );
        }
    }
    let own = read(&bench, "qingshi/notices/atom.xml");
    assert!(!own.contains("<source>"));
}

#[test]
fn a_portal_file_is_read_beside_its_columns_and_is_no_column() {
    let folder = tempfile::tempdir().unwrap();
    let feeds = folder.path();
    let write = |path: &str, text: &str| {
        let path = feeds.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("qingshi/notices.toml", "url = \"http://a.example/\"");
    write("qingshi/portal.toml", "title = \"青石\"\ncode = \"140400\"");
    write("other/notices.toml", "url = \"http://b.example/\"");
    let columns = config::load_columns(feeds).unwrap();
    let told: Vec<_> = columns
        .iter()
        .map(|column| (column.name.as_str(), &*column.portal_rules))
        .map(|(name, rules)| {
            (
                name,
                rules.title.as_deref(),
                rules.region.as_deref(),
                rules.level,
            )
        })
        .collect();
    let qingshi = (
        "qingshi/notices",
        Some("青石"),
        Some("山西省"),
        Some(Level::City),
    );
    assert_eq!(told, [("other/notices", None, None, None), qingshi]);

    write("qingshi/portal.toml", "code = \"14\"");
    write("青石县/notices.toml", "url = \"http://c.example/\"");
    write("qingshi/通知公告.toml", "url = \"http://c.example/\"");
    let errors = config::load_columns(feeds).unwrap_err();
    let errors: Vec<String> = errors.into_iter().map(|error| error.to_string()).collect();
    let told = |part: &str| errors.iter().find(|error| error.contains(part)).unwrap();
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(told("portal.toml:1: key `code`").contains("six digits"));
    let of_folder = told("青石县/notices.toml");
    assert!(
        of_folder.contains("pinyin") && of_folder.contains("title = \"…\" into a file portal.toml")
    );
    let of_file = told("通知公告.toml");
    assert!(of_file.contains("pinyin") && of_file.contains("title = \"…\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_keeps_its_address_for_those_who_are_told_none() {
    let replica = Replica::serve().await;
    let mut bench = bench(&replica);
    show(&replica, HEAD, "");
    bench.base_url = "https://news.example/".to_owned();
    bench.run().await;
    let collector = bench.collector(Progress::silent()).await;
    let kept = collector.store.published().base_url().await.unwrap();
    assert_eq!(kept.as_deref(), Some("https://news.example/"));
    collector.store.close().await;
}
