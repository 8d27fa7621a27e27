//! What stands in feeds: the articles that a column's keywords choose, and those of named topics.
//!
//! Owns what is published for them. Never asks a portal.

use std::collections::BTreeSet;
use std::fs;

use chrono::TimeDelta;
use dibao::pipeline::Progress;
use scraper::{Html, Selector};

use super::desk::{Desk, FIRST, KINDS, name, plain, topic};
use crate::support::replica::column_at;

const HEATING: &str = KINDS[0];
const WATER: &str = KINDS[1];

/// The titles of a published feed's entries, as another parser reads them, without their text.
fn titles(desk: &Desk, path: &str) -> Vec<String> {
    let bytes = fs::read(desk.path("public").join(path)).unwrap();
    let feed = feed_rs::parser::parse(bytes.as_slice()).unwrap();
    let entries = feed.entries.into_iter();
    let titles = entries.map(|entry| entry.title.unwrap().content);
    titles
        .map(|title| title.split(' ').next().unwrap().to_owned())
        .collect()
}

/// The titles of the newest articles of this kind in a column, newest first, at most 50.
fn newest(desk: &Desk, column: usize, kinds: &[&str]) -> Vec<String> {
    let of_kind = |title: &&str| kinds.iter().any(|kind| title.contains(kind));
    let pages = desk.pages.iter().rev().filter(|(_, of)| *of == column);
    let titles = pages.map(|(page, _)| page.content.title.split(' ').next().unwrap());
    let titles = titles.filter(of_kind).map(str::to_owned);
    titles.take(50).collect()
}

async fn filled(seed: u64) -> Desk {
    let mut desk = Desk::new(seed).await;
    for _ in 0..FIRST {
        desk.add(false).await;
    }
    desk
}

fn with(more: &str) -> dibao::config::Column {
    column_at(name(0).as_str(), plain(name(0).as_str()).url.as_str(), more)
}

#[tokio::test(flavor = "multi_thread")]
async fn keywords_choose_what_stands_in_feeds_and_nothing_else() {
    let mut desk = filled(21).await;
    desk.publish(&Progress::silent()).await;
    let data = |desk: &Desk, path: &str| fs::read(desk.path("public").join(path)).unwrap();
    let whole = data(&desk, "lucheng/news/articles.json");
    let dump = data(&desk, "lucheng/news/dump/2025-10.ndjson.gz");

    desk.columns[0] = with("publish.include = ['供热', 'title:供　水']");
    desk.publish(&Progress::silent()).await;
    let expected = newest(&desk, 0, &[HEATING, WATER]);
    assert!(expected.len() > 20 && expected.len() < 50);
    for file in ["atom.xml", "rss.xml", "feed.json"] {
        assert_eq!(titles(&desk, &format!("lucheng/news/{file}")), expected);
    }
    // The history of the feed, and the feeds of several columns.
    let history = titles(&desk, "lucheng/news/archive/000001.atom");
    assert_eq!(history.iter().collect::<BTreeSet<_>>().len(), history.len());
    assert!(history.iter().all(|title| expected.contains(title)));
    let all = titles(&desk, "lucheng/atom.xml");
    let notices: BTreeSet<String> = newest(&desk, 1, &KINDS).into_iter().collect();
    assert!(all.iter().any(|title| notices.contains(title)));
    let chosen = |title: &String| notices.contains(title) || expected.contains(title);
    assert!(all.iter().all(chosen), "{all:?}");
    // Data and pages have everything.
    assert_eq!(data(&desk, "lucheng/news/articles.json"), whole);
    assert_eq!(data(&desk, "lucheng/news/dump/2025-10.ndjson.gz"), dump);
    let page = String::from_utf8(data(&desk, "lucheng/news/index.html")).unwrap();
    assert!(page.contains(KINDS[4]) && page.contains("按关键词筛选"));
    desk.assert_equal("included").await;

    // A word that stands in the text alone counts, unless it is asked for in titles.
    let (mut page, of) = desk.pages[FIRST as usize - 1].clone();
    page.url = "http://www.lucheng.gov.cn/only.html".parse().unwrap();
    page.content.title = "只在正文里 一".to_owned();
    page.content.body.body_text = "今冬集中供\n热的安排，另有招聘".to_owned();
    page.content.metadata.published_on = "2025-12-30".parse().ok();
    assert!(of < 3);
    desk.collect(0, &page, false).await;
    for (keywords, stands) in [
        ("publish.include = ['供热']", true),
        ("publish.include = ['标题:供热']", false),
        ("publish.exclude = ['招聘']", false),
        ("publish.exclude = ['title:招聘']", true),
        (
            "publish.include = ['供热']\npublish.exclude = ['招聘']",
            false,
        ),
        ("", true),
    ] {
        desk.columns[0] = with(keywords);
        desk.publish(&Progress::silent()).await;
        let found = titles(&desk, "lucheng/news/atom.xml");
        assert_eq!(
            found.contains(&"只在正文里".to_owned()),
            stands,
            "{keywords}"
        );
        desk.assert_equal(keywords).await;
    }
    desk.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_is_published_as_feeds_that_follow_its_articles() {
    let mut desk = filled(22).await;
    desk.topics = vec![
        topic("heating", "title = '供热专题'\nquery = '供热'"),
        topic("water", "query = '供水'\ncolumns = ['lucheng/n*s']"),
    ];
    desk.publish(&Progress::silent()).await;
    let of_all = |kind: &str| {
        let pages = desk.pages.iter().rev();
        let titles = pages.map(|(page, _)| page.content.title.split(' ').next().unwrap());
        let titles = titles.filter(|title| title.contains(kind));
        titles.map(str::to_owned).collect::<Vec<_>>()
    };
    let heating = of_all(HEATING);
    for file in ["atom.xml", "rss.xml", "feed.json"] {
        assert_eq!(titles(&desk, &format!("topics/heating/{file}")), heating);
    }
    let of_lucheng: BTreeSet<String> = titles(&desk, "topics/water/atom.xml").into_iter().collect();
    let mut expected: BTreeSet<String> = newest(&desk, 0, &[WATER]).into_iter().collect();
    expected.extend(newest(&desk, 1, &[WATER]));
    assert_eq!(of_lucheng, expected);

    // Readers find them: in the catalogue, in OPML, in the manifest, and on a page.
    let read = |path: &str| fs::read_to_string(desk.path("public").join(path)).unwrap();
    let links = |path: &str| {
        let page = Html::parse_document(&read(path));
        let selector = Selector::parse("main a[href]").unwrap();
        let links = page.select(&selector).filter_map(|a| a.attr("href"));
        links.map(str::to_owned).collect::<Vec<_>>()
    };
    for path in ["topics/heating/index.html", "topics/water/feed.json"] {
        assert!(links("index.html").contains(&path.to_owned()), "{path}");
    }
    assert!(
        links("topics/heating/index.html").contains(&"../../topics/heating/rss.xml".to_owned())
    );
    let outlines = opml::OPML::from_str(&read("feeds.opml"))
        .unwrap()
        .body
        .outlines;
    let last = outlines.last().unwrap();
    assert_eq!((last.text.as_str(), last.outlines.len()), ("专题", 2));
    let url = "https://news.example/topics/heating/atom.xml";
    assert_eq!(last.outlines[0].xml_url.as_deref(), Some(url));
    assert!(read("manifest.json").contains("\"topics/water/rss.xml\""));
    let of_portal = opml::OPML::from_str(&read("lucheng/feeds.opml")).unwrap();
    assert!(of_portal.body.outlines.iter().all(|of| of.text != "专题"));
    desk.assert_equal("topics").await;

    // An article leaves with its word, or with its page; another topic is not even written.
    let public = desk.path("public");
    let modified = |path: &str| {
        let file = fs::metadata(public.join(path)).unwrap();
        file.modified().unwrap()
    };
    let before = modified("topics/water/atom.xml");
    let place = |desk: &Desk, title: &str| {
        let mut pages = desk.pages.iter();
        pages.position(|(page, _)| page.content.title.starts_with(title))
    };
    desk.now = desk.now.plus(TimeDelta::minutes(5));
    let at = place(&desk, &heating[0]).unwrap();
    let (mut page, of) = desk.pages[at].clone();
    page.content.title = page.content.title.replace(HEATING, "取暖");
    desk.save(at, page, of).await;
    let at = place(&desk, &heating[1]).unwrap();
    let (page, _) = desk.pages[at].clone();
    desk.withdraw(&page).await;
    desk.publish(&Progress::silent()).await;
    assert_eq!(titles(&desk, "topics/heating/atom.xml"), heating[2..]);
    assert_eq!(modified("topics/water/atom.xml"), before);
    desk.assert_equal("left").await;

    // A topic that goes takes its files with it.
    desk.topics.remove(0);
    desk.publish(&Progress::silent()).await;
    assert!(!desk.path("public/topics/heating/atom.xml").exists());
    assert!(desk.path("public/topics/water/atom.xml").exists());
    desk.assert_equal("gone").await;
    desk.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_more_article_renders_only_the_topics_that_find_it() {
    let mut desk = filled(23).await;
    desk.publish(&Progress::silent()).await;
    let (mut page, _) = desk.pages[0].clone();
    let mut more = async |desk: &mut Desk, number: u32| {
        page.url = format!("http://www.lucheng.gov.cn/more/{number}.html")
            .parse()
            .unwrap();
        page.content.title = format!("第{number}次财政会议");
        page.content.body.body_text = crate::support::text(number + 70_000);
        desk.now = desk.now.plus(TimeDelta::minutes(5));
        desk.collect(0, &page, false).await;
        let report = desk.publish(&Progress::silent()).await;
        report.written + report.unchanged
    };
    let without = more(&mut desk, 1).await;
    let topics = (0..40).map(|at| topic(&format!("t{at}"), "query = '供水'"));
    desk.topics = topics.collect();
    desk.publish(&Progress::silent()).await;
    assert_eq!(more(&mut desk, 2).await, without);
    desk.topics.push(topic("found", "query = '会议'"));
    desk.publish(&Progress::silent()).await;
    // Three formats, the page, and the site's manifest as before.
    assert_eq!(more(&mut desk, 3).await, without + 4);
    desk.assert_equal("one more").await;
    desk.store.close().await;
}
