//! The whole past of a column can be read: by its years and months, and from article to article.
//!
//! Owns the walks over its pages. Never asks a portal.

use std::collections::BTreeSet;
use std::fs;

use dibao::model::Article;
use dibao::pipeline::Progress;
use dibao::render::pages::MONTH_ARTICLES;
use dibao::render::paths;
use futures_util::TryStreamExt;
use scraper::{Html, Selector};

use super::desk::{COLUMNS, Desk, FIRST, name};

/// The published paths that these links of a page lead to.
fn links(desk: &Desk, path: &str, selector: &str) -> Vec<String> {
    let page = fs::read_to_string(desk.path("public").join(path)).unwrap();
    let page = Html::parse_document(&page);
    let base: url::Url = format!("http://site.example/{path}").parse().unwrap();
    let selector = Selector::parse(selector).unwrap();
    let links = page.select(&selector).filter_map(|link| link.attr("href"));
    links
        .map(|href| base.join(href).unwrap().path()[1..].to_owned())
        .collect()
}

/// The articles that the pages of the column's months list.
fn by_months(desk: &Desk, column: usize) -> Vec<String> {
    let column = paths::column_page(&name(column));
    let mut listed = Vec::new();
    for year in links(desk, &column, "ul.months a[href$='index.html']") {
        for month in links(desk, &year, "ul.months a") {
            let articles = links(desk, &month, "ol.entries a");
            assert!(articles.len() as u64 <= MONTH_ARTICLES, "{month}");
            listed.extend(articles);
        }
    }
    listed
}

/// The articles that are met from one of them on, backwards and forwards.
fn by_neighbours(desk: &Desk, from: &str) -> Vec<String> {
    let mut met = vec![from.to_owned()];
    for (rel, back) in [("prev", "next"), ("next", "prev")] {
        let mut at = from.to_owned();
        while let Some(next) = links(desk, &at, &format!(".pager a[rel={rel}]")).pop() {
            let returns = links(desk, &next, &format!(".pager a[rel={back}]"));
            assert_eq!(returns, [at.as_str()], "{next} is behind {at}");
            at.clone_from(&next);
            met.push(next);
        }
    }
    met
}

async fn assert_whole(desk: &Desk) {
    let articles: Vec<Article> = desk.store.articles().all().try_collect().await.unwrap();
    for (at, column) in COLUMNS.iter().enumerate() {
        let is_live = |article: &&Article| {
            article.withdrawn_at.is_none() && article.columns.contains(&name(at))
        };
        let live = articles.iter().filter(is_live);
        let live: Vec<String> = live
            .map(|article| paths::article_page(article.id))
            .collect();
        let expected: BTreeSet<&String> = live.iter().collect();
        let listed = by_months(desk, at);
        assert_eq!(listed.len(), live.len(), "{column}: each once");
        assert_eq!(listed.iter().collect::<BTreeSet<_>>(), expected, "{column}");
        // An article of two columns has its neighbours of the first.
        if at == 0 {
            let met = by_neighbours(desk, &live[live.len() / 2]);
            assert_eq!(met.len(), live.len(), "{column}: each once");
            assert_eq!(met.iter().collect::<BTreeSet<_>>(), expected, "{column}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_article_stands_in_its_month_and_between_its_neighbours_whatever_changes() {
    let mut desk = Desk::new(11).await;
    for _ in 0..FIRST {
        desk.add(false).await;
    }
    desk.publish(&Progress::silent()).await;
    assert_whole(&desk).await;
    for _ in 0..3 {
        for _ in 0..3 {
            desk.add(true).await;
        }
        let at = desk.draw(desk.pages.len());
        let (page, of) = desk.pages[at].clone();
        desk.withdraw(&page).await;
        let at = desk.draw(desk.pages.len());
        let (mut moved, to) = desk.pages[at].clone();
        moved.content.metadata.published_on = "2024-02-29".parse().ok();
        desk.save(at, moved, to).await;
        desk.collect(of, &page, false).await;
        desk.publish(&Progress::silent()).await;
        assert_whole(&desk).await;
    }
    desk.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_many_articles_has_several_pages_of_which_one_more_article_writes_the_last() {
    let mut desk = Desk::new(12).await;
    desk.add(false).await;
    let (first, _) = desk.pages[0].clone();
    for number in 0..MONTH_ARTICLES {
        let mut page = first.clone();
        page.url = format!("http://www.lucheng.gov.cn/many/{number}.html")
            .parse()
            .unwrap();
        page.content.title = format!("第{number}号决定");
        let text = crate::support::text(u32::try_from(number).unwrap() + 90_000);
        page.content.body.body_html = format!("<p>{text}</p>");
        page.content.body.body_text = text;
        page.content.body.images.clear();
        page.content.metadata.published_on = "2025-08-15".parse().ok();
        desk.collect(0, &page, false).await;
    }
    desk.publish(&Progress::silent()).await;
    let month = |part| paths::month_page(&name(0), "2025-08", part);
    let modified = |path: &str| {
        let file = fs::metadata(desk.path("public").join(path)).unwrap();
        file.modified().unwrap()
    };
    assert_eq!(
        links(&desk, &month(1), "ol.entries a").len() as u64,
        MONTH_ARTICLES
    );
    assert!(!desk.path("public").join(month(2)).exists());
    let before = modified(&month(1));
    let mut page = first.clone();
    page.url = "http://www.lucheng.gov.cn/many/last.html".parse().unwrap();
    page.content.title = "最后一号决定".to_owned();
    page.content.body.body_text = crate::support::text(99_999);
    page.content.metadata.published_on = "2025-08-15".parse().ok();
    desk.collect(0, &page, false).await;
    desk.publish(&Progress::silent()).await;
    assert_eq!(links(&desk, &month(2), "ol.entries a").len(), 1);
    assert_eq!(modified(&month(1)), before);
    desk.assert_equal("a page more").await;
}
