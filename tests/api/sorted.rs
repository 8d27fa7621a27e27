//! Lists of articles in their orders: page by page, while articles come and change.
//!
//! Owns `sort`, `order`, `updated_since` and `total`. Never asks a portal.

use chrono::{DateTime, FixedOffset};
use dibao::store::ReadPage;
use serde_json::Value;

use crate::search::http::{Service, path};
use crate::support::{page, text};

/// An article that stands in one column or in both, by its number, and is of one of three days.
fn news(number: u32) -> ReadPage {
    let url = format!("http://www.lc.gov.cn/gzdt/t{number}.html");
    let title = format!("新闻{number:02} {}", text(number));
    let mut page = page(&url, None, &title, &text(number + 100));
    let day = format!("2025-12-{:02}", 1 + number * 7 % 3);
    page.content.metadata.published_on = Some(day.parse().unwrap());
    page.content.metadata.issuer = Some("区政府办".to_owned());
    page
}

async fn add(service: &Service, number: u32) {
    let page = news(number);
    let columns: &[&str] = match number % 3 {
        0 => &["lucheng/work-news"],
        1 => &["lucheng/notices"],
        _ => &["lucheng/work-news", "lucheng/notices"],
    };
    for column in columns {
        service.list(column, &page).await;
    }
    service.add(&page).await;
}

async fn edit(service: &Service, number: u32) {
    let mut page = news(number);
    page.content.body.body_text = text(number + 500);
    service.add(&page).await;
}

async fn service() -> Service {
    let service = Service::open().await;
    for number in 1..=12 {
        add(&service, number).await;
    }
    for number in [4, 11, 2] {
        edit(&service, number).await;
    }
    service
}

async fn asked(service: &Service, asked: &[(&str, &str)]) -> Value {
    let answer = service.get(&path("/api/v1/articles", asked)).await;
    assert_eq!(answer.status, 200, "{asked:?}: {}", answer.text());
    answer.json()
}

/// All articles of a list, part by part, and what `total` said of them.
async fn walked(
    service: &Service,
    filter: &[(&str, &str)],
    mut between: impl AsyncFnMut(),
) -> Vec<Value> {
    let mut articles = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut query = filter.to_vec();
        query.extend([("limit", "2"), ("fields", "title,published_on,updated_at")]);
        if !cursor.is_empty() {
            query.push(("cursor", &cursor));
        }
        let answer = asked(service, &query).await;
        articles.extend(answer["articles"].as_array().unwrap().iter().cloned());
        let Some(next) = answer["cursor"].as_str() else {
            return articles;
        };
        cursor = next.to_owned();
        between().await;
    }
}

fn number(article: &Value) -> u32 {
    let title = article["title"].as_str().unwrap();
    let digits: String = title.chars().filter(char::is_ascii_digit).take(2).collect();
    digits.parse().unwrap()
}

fn numbers(articles: &[Value]) -> Vec<u32> {
    articles.iter().map(number).collect()
}

fn updated(article: &Value) -> DateTime<FixedOffset> {
    article["updated_at"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn every_order_is_walked_whole_in_both_directions_whatever_filters_it() {
    let service = service().await;
    let day = |number: &u32| number * 7 % 3;
    for filter in [
        &[][..],
        &[("portal", "lucheng")],
        &[("issuer", "区政府办")],
        &[("column", "lucheng/notices")],
        // An article that stands in both columns comes once.
        &[("column", "*/notices,lucheng/work-news")],
        &[
            ("column", "lucheng"),
            ("issuer", "区政府办"),
            ("since", "2025-12-02"),
        ],
        &[("until", "2025-12-02")],
        &[("updated_since", "2020-01-01")],
    ] {
        let kept = |number: &u32| {
            let is_notice = filter != [("column", "lucheng/notices")] || !number.is_multiple_of(3);
            let since = filter.iter().any(|(name, _)| *name == "since");
            let until = filter.iter().any(|(name, _)| *name == "until");
            is_notice && (!since || day(number) >= 1) && (!until || day(number) <= 1)
        };
        let added: Vec<u32> = (1..=12).filter(kept).collect();
        let mut published = added.clone();
        published.sort_by_key(|number| (day(number), *number));
        let mut updated = added.clone();
        let edits = [4, 11, 2];
        updated.sort_by_key(|number| {
            let edit = edits.iter().position(|edited| edited == number);
            edit.map_or((0, *number as usize), |place| (1, place))
        });
        for (sort, expected) in [
            ("added", added),
            ("published", published),
            ("updated", updated),
        ] {
            let mut query = filter.to_vec();
            query.extend([("sort", sort), ("order", "asc")]);
            let ascending = walked(&service, &query, async || ()).await;
            assert_eq!(numbers(&ascending), expected, "{query:?}");
            let mut query = filter.to_vec();
            query.push(("sort", sort));
            let descending = walked(&service, &query, async || ()).await;
            let expected: Vec<u32> = expected.into_iter().rev().collect();
            assert_eq!(numbers(&descending), expected, "{query:?}");
            query.extend([("total", "true"), ("limit", "1")]);
            let total = asked(&service, &query).await["total"].clone();
            assert_eq!(total, expected.len(), "{query:?}");
        }
    }
    assert_eq!(asked(&service, &[]).await["total"], Value::Null);
}

#[tokio::test]
async fn who_follows_the_changes_by_their_time_misses_none() {
    let service = service().await;
    let all = walked(
        &service,
        &[("sort", "updated"), ("order", "asc")],
        async || (),
    )
    .await;
    let seen = updated(&all[6]).to_rfc3339();
    let later = walked(&service, &[("updated_since", &seen)], async || ()).await;
    let mut expected = numbers(&all[6..]);
    expected.sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!(numbers(&later), expected);
    // A plus sign that nobody escaped is a space.
    let loose = format!("/api/v1/articles?updated_since={seen}");
    let loose = service.get(&loose).await.json();
    assert_eq!(loose["articles"].as_array().unwrap().len(), expected.len());
    let utc = updated(&all[6]).to_utc().to_rfc3339();
    let utc = walked(&service, &[("updated_since", &utc)], async || ()).await;
    assert_eq!(numbers(&utc), expected);

    // Articles change, come and go under the reader's hands.
    let mut edits = vec![20, 1, 9, 12, 3];
    let follow = [("sort", "updated"), ("order", "asc"), ("column", "lucheng")];
    let walked = walked(&service, &follow, async || match edits.pop() {
        Some(number) if number > 12 => add(&service, number).await,
        Some(number) => edit(&service, number).await,
        None => (),
    })
    .await;
    let mut numbers = numbers(&walked);
    let last: Vec<u32> = numbers.split_off(numbers.len() - 5);
    assert_eq!(last, [3, 12, 9, 1, 20]);
    numbers.sort_unstable();
    numbers.dedup();
    assert!((1..=12).all(|number| numbers.contains(&number) || last.contains(&number)));
}

#[tokio::test]
async fn withdrawn_and_removed_articles_stand_in_every_order() {
    let service = Service::open().await;
    for number in 1..=3 {
        add(&service, number).await;
    }
    service.withdraw(&news(2)).await;
    let articles = asked(&service, &[("column", "lucheng/work-news"), ("limit", "1")]).await;
    let id = articles["articles"][0]["id"].as_str().unwrap().to_owned();
    let removing = service.store().articles();
    let removed = removing
        .remove(crate::support::morning(), id.parse().unwrap(), "test")
        .await;
    assert!(removed.unwrap().is_some());
    for sort in ["added", "published", "updated"] {
        let query = [
            ("sort", sort),
            ("withdrawn", "true"),
            ("column", "lucheng"),
            ("total", "true"),
        ];
        let answer = asked(&service, &query).await;
        let titles: Vec<&str> = answer["articles"]
            .as_array()
            .unwrap()
            .iter()
            .map(|article| article["title"].as_str().unwrap())
            .collect();
        assert_eq!(
            (titles.len(), &answer["total"]),
            (2, &2.into()),
            "{sort}: {titles:?}"
        );
        assert!(answer.to_string().contains(&id), "{sort}");
    }
    let changed = [
        ("updated_since", "2020-01-01"),
        ("withdrawn", "any"),
        ("portal", "lucheng"),
    ];
    let any = asked(&service, &changed).await;
    assert_eq!(any["articles"].as_array().unwrap().len(), 13);
}
