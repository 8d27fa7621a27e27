//! Articles over the API: filtered, page by page, in part, and one with its changes.
//!
//! Owns `/api/v1/articles`. Never asks a portal.

use dibao::model::IndexNumber;
use serde_json::Value;

use crate::search::http::{Service, path};
use crate::support::{morning, page, text};

fn news(number: u32, issuer: &str, day: &str) -> dibao::store::ReadPage {
    let url = format!("http://www.lc.gov.cn/gzdt/t{number}.html");
    let title = format!("新闻{number} {}", text(number));
    let mut page = page(&url, None, &title, &text(number + 100));
    let metadata = &mut page.content.metadata;
    metadata.index_number = IndexNumber::parse(&format!("000014349/2025-{:05}", 30_000 + number));
    metadata.issuer = Some(issuer.to_owned());
    metadata.subject_terms = vec!["会议".to_owned()];
    metadata.published_on = Some(day.parse().unwrap());
    page
}

/// Ten articles: the even ones of another issuer, one a day, the first three in another column too.
async fn service() -> Service {
    let service = Service::open().await;
    for number in 1..=10 {
        let issuer = if number % 2 == 0 {
            "潞城融媒"
        } else {
            "区政府办"
        };
        let page = news(number, issuer, &format!("2025-12-{number:02}"));
        service.list("lucheng/work-news", &page).await;
        service.add(&page).await;
        if number <= 3 {
            service.list("lucheng/notices", &page).await;
        }
    }
    service
}

fn numbers(answer: &Value) -> Vec<u32> {
    let articles = answer["articles"].as_array().unwrap();
    let number = |article: &Value| {
        let number = article["index_number"].as_str().unwrap();
        number[number.len() - 2..].parse().unwrap()
    };
    articles.iter().map(number).collect()
}

async fn asked(service: &Service, asked: &[(&str, &str)]) -> Value {
    let answer = service.get(&path("/api/v1/articles", asked)).await;
    assert_eq!(answer.status, 200, "{asked:?}: {}", answer.text());
    answer.json()
}

#[tokio::test]
async fn articles_are_narrowed_down_by_what_they_bear() {
    let service = service().await;
    for (filter, expected) in [
        (&[][..], vec![10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
        (&[("issuer", "潞城融媒")], vec![10, 8, 6, 4, 2]),
        (
            &[("category", "会议"), ("since", "2025-12-08")],
            vec![10, 9, 8],
        ),
        (&[("until", "2025-12-02")], vec![2, 1]),
        (&[("column", "lucheng/notices")], vec![3, 2, 1]),
        (&[("portal", "lucheng"), ("limit", "2")], vec![10, 9]),
        (
            &[("portal", "lucheng"), ("until", "2025-12-02")],
            vec![2, 1],
        ),
        (&[("column", "*/notices")], vec![3, 2, 1]),
        (
            &[("column", "lucheng/*"), ("limit", "4")],
            vec![10, 9, 8, 7],
        ),
        (
            &[("column", "lucheng,*/notices"), ("until", "2025-12-02")],
            vec![2, 1],
        ),
        (
            &[
                ("column", "lucheng/notices"),
                ("column", "*/work-news"),
                ("limit", "2"),
            ],
            vec![10, 9],
        ),
        (&[("index_number", "000014349／2025—30007")], vec![7]),
        (&[("withdrawn", "true")], vec![]),
    ] {
        assert_eq!(
            numbers(&asked(&service, filter).await),
            expected,
            "{filter:?}"
        );
    }
    service.withdraw(&news(5, "区政府办", "2025-12-05")).await;
    let withdrawn = asked(&service, &[("withdrawn", "true")]).await;
    assert_eq!(numbers(&withdrawn), [5]);
    let column = ("column", "lucheng/work-news");
    let standing = asked(&service, &[column]).await;
    assert_eq!(numbers(&standing), [10, 9, 8, 7, 6, 4, 3, 2, 1]);
    let any = asked(&service, &[column, ("withdrawn", "any")]).await;
    assert_eq!(numbers(&any).len(), 10);
}

#[tokio::test]
async fn pages_follow_each_other_while_articles_come() {
    let service = service().await;
    let first = asked(&service, &[("limit", "4"), ("fields", "index_number")]).await;
    assert_eq!(numbers(&first), [10, 9, 8, 7]);
    service.add(&news(11, "区政府办", "2025-12-11")).await;
    let mut seen = numbers(&first);
    let mut next = first["next"].clone();
    while let Some(url) = next.as_str() {
        let (_, query) = url.split_once("api/v1/articles").unwrap();
        let answer = service
            .get(&format!("/api/v1/articles{query}"))
            .await
            .json();
        seen.extend(numbers(&answer));
        assert!(
            answer["articles"][0].as_object().unwrap().len() == 2,
            "fields are kept"
        );
        next = answer["next"].clone();
    }
    assert_eq!(seen, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn one_article_has_its_revisions_and_where_each_field_came_from() {
    let service = service().await;
    let mut edited = news(3, "区政府办", "2025-12-03");
    edited.content.body.body_text = text(3_000);
    service.add(&edited).await;
    let articles = asked(&service, &[("index_number", "000014349/2025-30003")]).await;
    let id = articles["articles"][0]["id"].as_str().unwrap().to_owned();
    let at = format!("/api/v1/articles/{id}");
    let whole = service.get(&at).await;
    let json = whole.json();
    assert_eq!(json["body_text"], text(3_000));
    assert!(json["provenance"].is_object());
    let revisions = json["revisions"].as_array().unwrap();
    let kinds: Vec<&Value> = revisions.iter().map(|revision| &revision["kind"]).collect();
    assert_eq!(kinds, ["added", "amended", "revised"]);
    assert_eq!(revisions[2]["content_sha256"], json["content_sha256"]);
    let part = service
        .get(&format!("{at}?fields=title,revisions"))
        .await
        .json();
    let members: Vec<&String> = part.as_object().unwrap().keys().collect();
    assert_eq!(members, ["id", "title", "revisions"]);
    let again = service
        .ask(reqwest::Method::GET, &at, whole.header("etag"))
        .await;
    assert_eq!(again.status, 304);

    let unknown = service
        .get("/api/v1/articles/5e1a5f8c-6f0e-5c1e-9f43-7d6d3f1f6b1a")
        .await;
    assert_eq!(
        (unknown.status, unknown.json()["code"].as_str()),
        (404, Some("not-found"))
    );
    let id = id.parse().unwrap();
    service
        .store()
        .articles()
        .remove(morning(), id, "test")
        .await
        .unwrap();
    let removed = service.get(&at).await;
    assert_eq!(
        (removed.status, &removed.json()["body_text"]),
        (200, &Value::Null)
    );
}

#[tokio::test]
async fn what_cannot_be_answered_is_a_problem_that_says_why() {
    let service = service().await;
    for (address, status, parameter) in [
        ("/api/v1/articles?limit=0", 400, "limit"),
        ("/api/v1/articles?limit=101", 400, "limit"),
        ("/api/v1/articles?limit=", 400, "limit"),
        ("/api/v1/articles?limit=5&limit=5", 400, "limit"),
        ("/api/v1/articles?since=2025-02-30", 400, "since"),
        (
            "/api/v1/articles?since=2025-12-02&until=2025-12-01",
            400,
            "until",
        ),
        ("/api/v1/articles?column=lucheng/none", 400, "column"),
        (
            "/api/v1/articles?column=lucheng/notices,*/none",
            400,
            "column",
        ),
        ("/api/v1/articles?column=lucheng/[a", 400, "column"),
        ("/api/v1/articles?column=lucheng/notices,", 400, "column"),
        ("/api/v1/articles?portal=elsewhere", 400, "portal"),
        (
            "/api/v1/articles?portal=lucheng&portal=elsewhere",
            400,
            "portal",
        ),
        (
            "/api/v1/articles?index_number=%E6%97%A0",
            400,
            "index_number",
        ),
        (
            "/api/v1/articles?updated_since=yesterday",
            400,
            "updated_since",
        ),
        (
            "/api/v1/articles?updated_since=2025-12-01T08:00:00",
            400,
            "updated_since",
        ),
        ("/api/v1/articles?sort=title", 400, "sort"),
        ("/api/v1/articles?order=down", 400, "order"),
        ("/api/v1/articles?total=1", 400, "total"),
        ("/api/v1/articles?sort=updated&cursor=c5", 400, "cursor"),
        (
            "/api/v1/articles?cursor=p20251232-5&sort=published",
            400,
            "cursor",
        ),
        ("/api/v1/search?portal=elsewhere", 400, "portal"),
        ("/api/v1/search?column=*/none", 400, "column"),
        ("/api/v1/export?portal=elsewhere", 400, "portal"),
        ("/api/v1/export?withdrawn=no", 400, "withdrawn"),
        ("/api/v1/articles?cursor=c0", 400, "cursor"),
        ("/api/v1/articles?cursor=10", 400, "cursor"),
        ("/api/v1/articles?fields=title,nothing", 400, "fields"),
        ("/api/v1/articles?withdrawn=1", 400, "withdrawn"),
        ("/api/v1/articles?offset=1", 400, "offset"),
        ("/api/v1/articles/5", 400, "id"),
        ("/api/v1/articles/%ff", 400, "id"),
        ("/api/v1/changes?after=-1", 400, "after"),
        ("/api/v1/changes?limit=1001", 400, "limit"),
        ("/api/v1/changes?wait=31", 400, "wait"),
        ("/api/v1/export?format=xml", 400, "format"),
        ("/api/v1/status?x=1", 400, "x"),
        ("/api/v1/nothing", 404, ""),
        ("/api", 404, ""),
        ("/api/v2/articles", 404, ""),
    ] {
        let answer = service.get(address).await;
        assert_eq!(answer.status, status, "{address}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        assert_eq!(problem["status"], status, "{address}");
        assert_eq!(
            problem["parameter"].as_str().unwrap_or_default(),
            parameter,
            "{address}"
        );
    }
    for address in ["/api/v1/articles", "/api/v1/search?q=a", "/api/v1/status"] {
        let refused = service.ask(reqwest::Method::POST, address, "").await;
        assert_eq!(
            (refused.status, refused.header("allow")),
            (405, "GET,HEAD"),
            "{address}"
        );
        assert_eq!(refused.header("content-type"), "application/problem+json");
    }
    service.close();
    for address in [
        "articles", "changes", "export", "columns", "portals", "status",
    ] {
        let answer = service.get(&format!("/api/v1/{address}")).await;
        assert_eq!(
            (answer.status, answer.header("retry-after")),
            (503, "5"),
            "{address}"
        );
    }
}

#[tokio::test]
async fn columns_and_their_state_are_told_and_nothing_that_is_the_operators() {
    let service = service().await;
    let columns = service.get("/api/v1/columns").await.json();
    let first = &columns["columns"][0];
    assert_eq!(first["name"], "lucheng/work-news");
    assert_eq!(
        first["atom"],
        "https://news.example/gov/lucheng/work-news/atom.xml"
    );
    let portals = service.get("/api/v1/portals").await.json();
    let expected = serde_json::json!([{
        "name": "lucheng",
        "title": "潞城区",
        "host": "www.lc.gov.cn",
        "code": null,
        "region": null,
        "level": null,
        "columns": ["lucheng/work-news", "lucheng/notices"],
    }]);
    assert_eq!(portals["portals"], expected);
    let status = service.get("/api/v1/status").await;
    assert_eq!(
        (status.status, status.header("cache-control")),
        (200, "no-cache")
    );
    let json = status.json();
    assert_eq!(
        (&json["seq"], &json["columns"][0]["articles"]),
        (&13.into(), &10.into())
    );
    assert_eq!(json["columns"][0]["healthy"], Value::Null);
    for secret in ["allowed", "receivers", "dead_letters", "removals"] {
        assert!(
            !status.text().contains(&format!("\"{secret}\"")),
            "{secret}"
        );
    }
}
