//! Which article a page is: case by case, and the same articles in any order.
//!
//! Owns the cases. Never fetches.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use dibao::model::{Article, Attachment, ChangeKind, ColumnName, Timestamp};
use dibao::store::{ListedItem, ReadPage, RecheckOutcome, SaveOutcome, Store};
use futures_util::TryStreamExt;
use proptest::prelude::*;
use url::Url;

use crate::support::{morning, page, temp_store, text};

const NUMBER: &str = "000014349/2025-32614";
const OTHER: &str = "000014349/2025-32615";

async fn record(store: &Store, page: &ReadPage) -> SaveOutcome {
    store.articles().save(morning(), None, page).await.unwrap()
}

/// The articles that stand, in the order in which they were added.
async fn standing(store: &Store) -> Vec<Article> {
    let all: Vec<Article> = store.articles().all().try_collect().await.unwrap();
    all.into_iter()
        .filter(|article| article.withdrawn_at.is_none())
        .collect()
}

async fn kinds(store: &Store) -> Vec<ChangeKind> {
    let changes = store.changes().after(0, 1000).await.unwrap();
    for (at, change) in (1..).zip(&changes) {
        assert_eq!(change.seq, at, "sequence numbers have no gaps");
    }
    changes.into_iter().map(|change| change.kind).collect()
}

async fn incidents(store: &Store) -> Vec<String> {
    let open = store.incidents().open().await.unwrap();
    open.into_iter().map(|incident| incident.reason).collect()
}

const ADDED: SaveOutcome = SaveOutcome::Changed(ChangeKind::Added);
const REVISED: SaveOutcome = SaveOutcome::Changed(ChangeKind::Revised);
const AMENDED: SaveOutcome = SaveOutcome::Changed(ChangeKind::Amended);

#[tokio::test]
async fn the_same_page_again_changes_nothing() {
    let store = temp_store().await;
    let first = page("http://a.gov.cn/1.html", Some(NUMBER), "供热开工", &text(1));
    assert_eq!(record(&store, &first).await, ADDED);
    assert_eq!(record(&store, &first).await, SaveOutcome::Unchanged);
    assert_eq!(kinds(&store).await, [ChangeKind::Added]);
}

#[tokio::test]
async fn an_edit_is_a_revision_with_a_later_instant_of_its_own() {
    let store = temp_store().await;
    let first = page("http://a.gov.cn/1.html", Some(NUMBER), "供热开工", &text(1));
    record(&store, &first).await;
    record(
        &store,
        &page("http://a.gov.cn/2.html", Some(OTHER), "种麦", &text(2)),
    )
    .await;
    let mut edited = first.clone();
    edited.content.body.body_text.push_str("补充一句。");
    assert_eq!(record(&store, &edited).await, REVISED);
    let articles = standing(&store).await;
    assert_eq!(articles[0].revision, 2);
    assert!(articles[0].updated_at > articles[1].updated_at);
    assert_eq!(
        articles[0].metadata.published_on,
        first.content.metadata.published_on
    );
    assert!(articles[0].body.body_text.ends_with("补充一句。"));
}

#[tokio::test]
async fn published_does_not_move_but_a_date_that_was_held_may_come() {
    let store = temp_store().await;
    let mut first = page("http://a.gov.cn/1.html", Some(NUMBER), "供热开工", &text(1));
    let day = first.content.metadata.published_on.take();
    record(&store, &first).await;
    first.content.metadata.published_on = day;
    assert_eq!(record(&store, &first).await, REVISED);
    assert_eq!(standing(&store).await[0].metadata.published_on, day);
    first.content.metadata.published_on = day.and_then(|day| day.succ_opt());
    assert_eq!(record(&store, &first).await, SaveOutcome::Unchanged);
    assert_eq!(standing(&store).await[0].metadata.published_on, day);
}

#[tokio::test]
async fn one_number_at_two_urls_is_one_article_with_an_alias() {
    let store = temp_store().await;
    record(
        &store,
        &page("http://a.gov.cn/1.html", Some(NUMBER), "供热开工", &text(1)),
    )
    .await;
    let other = page(
        "http://a.gov.cn/zw/9.html",
        Some(NUMBER),
        "供热 开工",
        &text(2),
    );
    assert_eq!(record(&store, &other).await, AMENDED);
    let articles = standing(&store).await;
    assert_eq!(articles.len(), 1);
    assert_eq!(articles[0].url.as_str(), "http://a.gov.cn/1.html");
    assert_eq!(articles[0].aliases, [other.url]);
}

#[tokio::test]
async fn two_templates_of_one_article_do_not_flip_back_and_forth() {
    let store = temp_store().await;
    let news = page("http://a.gov.cn/1.html", Some(NUMBER), "供热开工", &text(1));
    let mut gazette = page(
        "http://a.gov.cn/zw/1.html",
        Some(NUMBER),
        "供热开工",
        &text(1),
    );
    gazette.content.body.body_text.push_str("（公报格式）");
    record(&store, &news).await;
    record(&store, &gazette).await;
    for _ in 0..3 {
        assert_eq!(record(&store, &news).await, SaveOutcome::Unchanged);
        assert_eq!(record(&store, &gazette).await, SaveOutcome::Unchanged);
    }
    gazette.content.body.body_text.push_str("修订");
    assert_eq!(record(&store, &gazette).await, SaveOutcome::Unchanged);
    assert_eq!(standing(&store).await[0].revision, 1);
}

#[tokio::test]
async fn a_number_reused_on_another_article_makes_two_and_one_incident() {
    let store = temp_store().await;
    record(
        &store,
        &page("http://a.gov.cn/1.html", Some(NUMBER), "供热开工", &text(1)),
    )
    .await;
    let other = page(
        "http://a.gov.cn/2.html",
        Some(NUMBER),
        "冬小麦越冬",
        &text(2),
    );
    assert_eq!(record(&store, &other).await, ADDED);
    let articles = standing(&store).await;
    assert_eq!(articles.len(), 2);
    assert_ne!(articles[0].id, articles[1].id);
    assert_eq!(
        articles[0].metadata.index_number,
        articles[1].metadata.index_number
    );
    assert_eq!(incidents(&store).await, ["index-conflict"]);
}

#[tokio::test]
async fn from_the_third_unlike_article_on_a_number_counts_as_none() {
    let store = temp_store().await;
    for at in 1..=5 {
        let url = format!("http://a.gov.cn/{at}.html");
        let title = format!("第{at}件事");
        assert_eq!(
            record(&store, &page(&url, Some(NUMBER), &title, &text(at))).await,
            ADDED
        );
    }
    let articles = standing(&store).await;
    assert_eq!(articles.len(), 5);
    assert!(
        articles
            .iter()
            .all(|article| article.metadata.index_number.is_none())
    );
    assert!(
        articles
            .iter()
            .all(|a| a.metadata.index_number_raw.as_deref() == Some(NUMBER))
    );
    assert_eq!(incidents(&store).await, ["index-conflict"]);
    let ids: BTreeSet<_> = articles.iter().map(|article| article.id).collect();
    assert_eq!(ids.len(), 5);
}

#[tokio::test]
async fn a_number_that_comes_later_keeps_article_and_id() {
    let store = temp_store().await;
    record(
        &store,
        &page("http://a.gov.cn/1.html", None, "供热开工", &text(1)),
    )
    .await;
    let id = standing(&store).await[0].id;
    let numbered = page("http://a.gov.cn/1.html", Some(NUMBER), "供热开工", &text(1));
    assert_eq!(record(&store, &numbered).await, REVISED);
    let moved = page("http://b.gov.cn/x.html", Some(NUMBER), "供热开工", &text(1));
    assert_eq!(record(&store, &moved).await, AMENDED);
    let articles = standing(&store).await;
    assert_eq!(articles.len(), 1);
    assert_eq!(articles[0].id, id);
    assert_eq!(
        articles[0].metadata.index_number.as_ref().unwrap().as_str(),
        NUMBER
    );
}

#[tokio::test]
async fn a_number_corrected_keeps_the_id_and_its_rightful_owner_gets_another() {
    let store = temp_store().await;
    record(
        &store,
        &page("http://a.gov.cn/1.html", Some(NUMBER), "供热开工", &text(1)),
    )
    .await;
    let id = standing(&store).await[0].id;
    let corrected = page("http://a.gov.cn/1.html", Some(OTHER), "供热开工", &text(1));
    assert_eq!(record(&store, &corrected).await, REVISED);
    let owner = page(
        "http://a.gov.cn/2.html",
        Some(NUMBER),
        "冬小麦越冬",
        &text(2),
    );
    assert_eq!(record(&store, &owner).await, ADDED);
    let articles = standing(&store).await;
    assert_eq!(articles.len(), 2);
    assert_eq!(articles[0].id, id);
    assert_eq!(
        articles[0].metadata.index_number.as_ref().unwrap().as_str(),
        OTHER
    );
    assert_eq!(
        articles[1].metadata.index_number.as_ref().unwrap().as_str(),
        NUMBER
    );
    assert_ne!(articles[1].id, id);
    assert!(incidents(&store).await.is_empty());
}

#[tokio::test]
async fn https_a_new_host_and_a_redesign_without_numbers_add_nothing() {
    let store = temp_store().await;
    record(
        &store,
        &page("http://a.gov.cn/1.html", None, "供热开工", &text(1)),
    )
    .await;
    let https = page("https://a.gov.cn/1.html", None, "供热开工", &text(1));
    assert_eq!(
        record(&store, &https).await,
        AMENDED,
        "its URL says https now"
    );
    let host = page("https://www.a.gov.cn/1.html", None, "供热开工", &text(1));
    assert_eq!(record(&store, &host).await, AMENDED);
    let redesign = page(
        "https://www.a.gov.cn/news/c1/2025.shtml",
        None,
        "供热开工",
        &text(1),
    );
    assert_eq!(record(&store, &redesign).await, AMENDED);
    let articles = standing(&store).await;
    assert_eq!((articles.len(), articles[0].aliases.len()), (1, 2));
    let next_day = {
        let mut page = page("https://www.a.gov.cn/2.html", None, "供热开工", &text(1));
        page.content.metadata.published_on = page
            .content
            .metadata
            .published_on
            .and_then(|day| day.succ_opt());
        page
    };
    assert_eq!(
        record(&store, &next_day).await,
        ADDED,
        "another day is another article"
    );
}

#[tokio::test]
async fn another_document_at_a_known_url_swallows_nothing() {
    let store = temp_store().await;
    record(
        &store,
        &page("http://a.gov.cn/1.html", Some(NUMBER), "供热开工", &text(1)),
    )
    .await;
    let other = page(
        "http://a.gov.cn/1.html",
        Some(OTHER),
        "冬小麦越冬",
        &text(2),
    );
    assert_eq!(record(&store, &other).await, ADDED);
    let titles: Vec<String> = standing(&store)
        .await
        .into_iter()
        .map(|a| a.title)
        .collect();
    assert_eq!(titles, ["供热开工", "冬小麦越冬"]);
    assert_eq!(incidents(&store).await, ["url-reused"]);
}

#[tokio::test]
async fn an_article_that_lost_its_address_for_a_while_is_found_again() {
    for number in [Some(NUMBER), None] {
        let store = temp_store().await;
        let one = page("http://a.gov.cn/1.html", number, "供热开工", &text(1));
        let other = page(
            "http://a.gov.cn/2.html",
            Some("000014349/2025-00002"),
            "冬小麦越冬",
            &text(2),
        );
        record(&store, &one).await;
        record(&store, &other).await;
        let ids: Vec<_> = standing(&store).await.iter().map(|a| a.id).collect();
        // A cache gives every URL the same document, and then it is well again.
        let mut misrouted = other.clone();
        (misrouted.url, misrouted.found_at) = (one.url.clone(), one.url.clone());
        record(&store, &misrouted).await;
        record(&store, &one).await;
        let after = standing(&store).await;
        assert_eq!(
            after.iter().map(|a| a.id).collect::<Vec<_>>(),
            ids,
            "{number:?}"
        );
        let one_again = after.iter().find(|a| a.title == "供热开工").unwrap();
        assert_eq!((one_again.revision, &one_again.url), (1, &one.url));
    }
}

#[tokio::test]
async fn a_sentence_in_the_place_of_a_text_is_doubtful_whatever_stands_around_it() {
    let long: String = (0..9).map(text).collect();
    let gone = "您访问的内容暂时无法显示，请稍后再试。";
    for number in [Some(NUMBER), None] {
        let store = temp_store().await;
        let one = page("http://a.gov.cn/1.html", number, "供热开工", &long);
        record(&store, &one).await;
        let error = page("http://a.gov.cn/1.html", number, "供热开工", gone);
        assert_eq!(
            record(&store, &error).await,
            SaveOutcome::Doubtful,
            "{number:?}"
        );
        // A shorter text is an edit, and so is another one of some length.
        for text in [text(3), (10..15).map(text).collect()] {
            let edited = page("http://a.gov.cn/1.html", number, "供热开工", &text);
            let revised = SaveOutcome::Changed(ChangeKind::Revised);
            assert_eq!(record(&store, &edited).await, revised, "{number:?}");
        }
    }
}

#[tokio::test]
async fn a_number_that_a_template_prints_makes_no_error_page_an_article() {
    let store = temp_store().await;
    for nth in 1..=4 {
        let url = format!("http://a.gov.cn/{nth}.html");
        record(
            &store,
            &page(&url, Some(OTHER), &format!("标题{nth}"), &text(nth)),
        )
        .await;
    }
    let one = page("http://a.gov.cn/9.html", Some(NUMBER), "供热开工", &text(9));
    record(&store, &one).await;
    for url in ["http://a.gov.cn/9.html", "http://a.gov.cn/1.html"] {
        let error = page(url, Some(OTHER), "提示", "系统繁忙");
        assert_eq!(record(&store, &error).await, SaveOutcome::Doubtful, "{url}");
    }
    assert_eq!(standing(&store).await.len(), 5);
}

#[tokio::test]
async fn a_look_in_vain_at_a_missing_page_is_not_the_last() {
    let store = temp_store().await;
    let column: ColumnName = "lucheng/work-news".parse().unwrap();
    let one = page("http://a.gov.cn/1.html", Some(NUMBER), "供热开工", &text(1));
    let item = ListedItem {
        url: one.url.clone(),
        title: "供热开工".to_owned(),
        published_on: None,
        listed_on: None,
        position: 0,
    };
    let now = morning();
    store
        .queue()
        .add(now, &column, "lucheng", 1, &[item], u32::MAX)
        .await
        .unwrap();
    record(&store, &one).await;
    let mut later = now.plus(TimeDelta::days(100));
    store
        .articles()
        .note_missing(later, "lucheng", &one.url)
        .await
        .unwrap();
    for _ in 0..3 {
        later = later.plus(TimeDelta::days(2));
        let due = store.articles().due_pages(later, &column).await.unwrap();
        assert_eq!(due.len(), 1, "it goes on being looked for");
        store
            .articles()
            .put_off_recheck(later, "lucheng", &one.url)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_page_that_calls_its_host_by_another_name_is_no_revision() {
    let store = temp_store().await;
    let mut one = page("http://a.gov.cn/1.html", Some(NUMBER), "供热开工", &text(1));
    let with_file = |page: &mut ReadPage, host: &str| {
        let file: Url = format!("{host}/P0.pdf").parse().unwrap();
        page.content.body.body_html = format!("<p>一</p><a href=\"{file}\">附件</a>");
        page.content.body.attachments = vec![Attachment {
            url: file,
            name: "附件".to_owned(),
            media_type: None,
            kept: None,
        }];
    };
    with_file(&mut one, "http://a.gov.cn");
    record(&store, &one).await;
    one.found_at = "https://www.b.gov.cn/1.html".parse().unwrap();
    with_file(&mut one, "https://www.b.gov.cn");
    assert_eq!(record(&store, &one).await, SaveOutcome::Unchanged);
    // A file that is kept elsewhere now is another one.
    with_file(&mut one, "https://files.example");
    assert_eq!(
        record(&store, &one).await,
        SaveOutcome::Changed(ChangeKind::Revised)
    );
}

#[tokio::test]
async fn a_number_means_something_within_its_portal_only() {
    let store = temp_store().await;
    let here = page("http://a.gov.cn/1.html", Some(NUMBER), "供热开工", &text(1));
    let mut there = page("http://b.gov.cn/1.html", Some(NUMBER), "供热开工", &text(1));
    there.portal = "changzhi".to_owned();
    record(&store, &here).await;
    assert_eq!(record(&store, &there).await, ADDED);
    let articles = standing(&store).await;
    assert_ne!(articles[0].id, articles[1].id);
}

#[tokio::test]
async fn two_columns_that_list_an_article_share_it() {
    let store = temp_store().await;
    let page = page("http://a.gov.cn/1.html", Some(NUMBER), "供热开工", &text(1));
    let item = ListedItem {
        url: page.url.clone(),
        title: "供热开工".to_owned(),
        published_on: None,
        listed_on: None,
        position: 0,
    };
    let columns: Vec<ColumnName> = ["lucheng/news", "lucheng/works"]
        .map(|name| name.parse().unwrap())
        .into();
    for column in &columns {
        let items = std::slice::from_ref(&item);
        let queued = store
            .queue()
            .add(morning(), column, "lucheng", 1, items, u32::MAX);
        queued.await.unwrap();
        if !store
            .queue()
            .due(morning(), column)
            .await
            .unwrap()
            .is_empty()
        {
            store
                .articles()
                .save(morning(), Some(column), &page)
                .await
                .unwrap();
        }
    }
    let articles = standing(&store).await;
    assert_eq!(articles.len(), 1);
    assert_eq!(articles[0].columns, columns);
    assert_eq!(
        kinds(&store).await,
        [ChangeKind::Added, ChangeKind::Amended]
    );
    for column in &columns {
        assert_eq!(
            store.publications().newest(column, 10).await.unwrap().len(),
            1,
            "{column}"
        );
    }
}

/// A portal of ten articles, so that one of them is no more than a tenth.
async fn portal_of_ten(store: &Store) -> Vec<ReadPage> {
    let mut pages = Vec::new();
    for at in 1..=10 {
        let url = format!("http://a.gov.cn/{at}.html");
        pages.push(page(&url, None, &format!("第{at}件事"), &text(at)));
        record(store, &pages[pages.len() - 1]).await;
    }
    pages
}

async fn look(store: &Store, page: &ReadPage, at: Timestamp, there: bool) -> RecheckOutcome {
    if there {
        store
            .articles()
            .note_unchanged(at, &page.portal, &page.url)
            .await
            .unwrap()
    } else {
        store
            .articles()
            .note_missing(at, &page.portal, &page.url)
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn a_page_gone_twice_a_day_apart_is_withdrawn_and_restored_when_it_is_back() {
    let store = temp_store().await;
    let pages = portal_of_ten(&store).await;
    let (hour, day) = (TimeDelta::hours(1), TimeDelta::days(1));
    let first = morning().plus(hour);
    assert_eq!(
        look(&store, &pages[0], first, false).await,
        RecheckOutcome::Missing
    );
    assert_eq!(
        look(&store, &pages[0], first.plus(hour), false).await,
        RecheckOutcome::Missing
    );
    assert_eq!(
        standing(&store).await.len(),
        10,
        "one day's absence is no withdrawal"
    );
    look(&store, &pages[1], first.plus(hour), true).await;
    assert_eq!(
        look(&store, &pages[0], first.plus(day), false).await,
        RecheckOutcome::Withdrawn
    );
    assert_eq!(standing(&store).await.len(), 9);
    let later = first.plus(day * 40);
    assert_eq!(
        look(&store, &pages[0], later, true).await,
        RecheckOutcome::Restored
    );
    assert_eq!(standing(&store).await.len(), 10);
    let kinds = kinds(&store).await;
    assert_eq!(kinds[10..], [ChangeKind::Withdrawn, ChangeKind::Restored]);
}

#[tokio::test]
async fn a_withdrawn_article_that_is_listed_again_is_looked_at_again_once_a_day() {
    let store = temp_store().await;
    let pages = portal_of_ten(&store).await;
    let column: ColumnName = "lucheng/news".parse().unwrap();
    let item = ListedItem {
        url: pages[0].url.clone(),
        title: "第1件事".to_owned(),
        published_on: None,
        listed_on: None,
        position: 0,
    };
    let list = async |at: Timestamp| {
        let items = std::slice::from_ref(&item);
        let queued = store
            .queue()
            .add(at, &column, "lucheng", 1, items, u32::MAX);
        queued.await.unwrap();
        store.articles().due_pages(at, &column).await.unwrap().len()
    };
    let (first, day) = (morning().plus(TimeDelta::hours(1)), TimeDelta::days(1));
    look(&store, &pages[0], first, false).await;
    look(&store, &pages[1], first, true).await;
    let withdrawn = look(&store, &pages[0], first.plus(day), false).await;
    assert_eq!(withdrawn, RecheckOutcome::Withdrawn);
    assert_eq!(
        list(first.plus(day + TimeDelta::hours(1))).await,
        0,
        "too soon"
    );
    let later = first.plus(day * 3);
    assert_eq!(list(later).await, 1);
    look(&store, &pages[0], later, false).await;
    assert_eq!(
        list(later.plus(TimeDelta::hours(1))).await,
        0,
        "lists go on naming dead pages"
    );
    assert_eq!(
        look(&store, &pages[0], later.plus(day), true).await,
        RecheckOutcome::Restored
    );
}

#[tokio::test]
async fn a_page_gone_for_a_day_stays() {
    let store = temp_store().await;
    let pages = portal_of_ten(&store).await;
    let first = morning().plus(TimeDelta::hours(1));
    look(&store, &pages[0], first, false).await;
    let back = first.plus(TimeDelta::days(1));
    assert_eq!(
        look(&store, &pages[0], back, true).await,
        RecheckOutcome::Unchanged
    );
    let again = back.plus(TimeDelta::days(2));
    assert_eq!(
        look(&store, &pages[0], again, false).await,
        RecheckOutcome::Missing
    );
    assert_eq!(kinds(&store).await.len(), 10);
}

#[tokio::test]
async fn gone_with_everything_else_withdraws_nothing_and_is_an_incident() {
    let store = temp_store().await;
    let pages = portal_of_ten(&store).await;
    for days in 0..4 {
        for page in &pages {
            let at = morning().plus(TimeDelta::hours(1) + TimeDelta::days(days));
            let seen = look(&store, page, at, false).await;
            assert_ne!(seen, RecheckOutcome::Withdrawn);
        }
    }
    assert_eq!(standing(&store).await.len(), 10);
    assert_eq!(incidents(&store).await, ["mass-missing"]);
}

#[tokio::test]
async fn an_article_lives_as_long_as_one_of_its_pages() {
    let store = temp_store().await;
    let pages = portal_of_ten(&store).await;
    let alias = page("http://a.gov.cn/zw/1.html", None, "第1件事", &text(1));
    record(&store, &alias).await;
    let first = morning().plus(TimeDelta::hours(1));
    look(&store, &pages[0], first, false).await;
    look(&store, &pages[0], first.plus(TimeDelta::days(1)), false).await;
    let article = standing(&store).await.remove(0);
    assert_eq!(
        article.url, alias.url,
        "the next page supplies the text now"
    );
    assert_eq!(article.aliases, [pages[0].url.clone()]);
    assert_eq!(article.revision, 1);
}

#[tokio::test]
async fn a_page_without_a_number_belongs_to_the_smallest_number_it_repeats() {
    let store = temp_store().await;
    let (title, body) = ("供热开工", text(1));
    record(
        &store,
        &page("http://a.gov.cn/2.html", Some(OTHER), title, &body),
    )
    .await;
    record(
        &store,
        &page("http://a.gov.cn/bare.html", None, title, &body),
    )
    .await;
    record(
        &store,
        &page("http://a.gov.cn/1.html", Some(NUMBER), title, &body),
    )
    .await;
    let aliases: Vec<usize> = standing(&store)
        .await
        .iter()
        .map(|a| a.aliases.len())
        .collect();
    assert_eq!(
        aliases,
        [0, 1],
        "the page has moved, and is in neither article twice"
    );
}

/// Pages drawn from few numbers, titles, bodies and days, so that every rule meets every other.
fn drawn_page() -> impl Strategy<Value = (u8, u8, u8, bool)> {
    (0u8..4, 0u8..4, 0u8..4, any::<bool>())
}

fn drawn(at: usize, (number, title, body, later): (u8, u8, u8, bool)) -> ReadPage {
    let number = (number > 0).then(|| format!("000014349/2025-{number:05}"));
    // Bodies 0 and 1 are like body 2 but not like each other: likeness is not transitive.
    let body = match body {
        0 => text(100) + &text(101),
        1 => text(101) + &text(102),
        2 => text(100) + &text(101) + &text(102),
        _ => text(103),
    };
    let url = format!("http://a.gov.cn/{at}.html");
    let mut page = page(&url, number.as_deref(), &format!("标题{title}"), &body);
    if later {
        page.content.metadata.published_on = None;
    }
    page
}

/// Which URLs make an article together, after `pages` arrived in `order`.
async fn articles_after(pages: &[ReadPage], order: &[usize]) -> BTreeSet<BTreeSet<String>> {
    let store = temp_store().await;
    for at in order {
        record(&store, &pages[*at]).await;
    }
    kinds(&store).await;
    let mut articles = BTreeSet::new();
    let mut ids = BTreeMap::new();
    for article in standing(&store).await {
        let urls: BTreeSet<String> = std::iter::once(&article.url)
            .chain(&article.aliases)
            .map(ToString::to_string)
            .collect();
        assert!(
            ids.insert(article.id, urls.clone()).is_none(),
            "an id twice"
        );
        articles.insert(urls);
    }
    let count: usize = articles.iter().map(BTreeSet::len).sum();
    assert_eq!(
        count,
        pages.len(),
        "every page belongs to exactly one article"
    );
    articles
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn the_order_of_arrival_does_not_change_which_articles_there_are(
        drawn_pages in prop::collection::vec(drawn_page(), 2..8),
        seed in any::<u64>(),
    ) {
        let pages: Vec<ReadPage> = drawn_pages
            .into_iter()
            .enumerate()
            .map(|(at, page)| drawn(at, page))
            .collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let straight: Vec<usize> = (0..pages.len()).collect();
        let mut shuffled = straight.clone();
        shuffled.sort_by_key(|at| (*at as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
        let (a, b) = runtime.block_on(async {
            (articles_after(&pages, &straight).await, articles_after(&pages, &shuffled).await)
        });
        prop_assert_eq!(a, b);
    }
}
