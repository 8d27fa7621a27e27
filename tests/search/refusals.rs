//! Queries that cannot be answered: each is refused with its reason, and none does harm.
//!
//! Owns these queries. Never asks a portal.

use proptest::prelude::*;

use super::http::{Service, path};
use super::news;

#[tokio::test]
async fn a_bad_parameter_is_named() {
    let service = Service::open().await;
    let long = "热".repeat(201);
    for (asked, parameter) in [
        (vec![], "q"),
        (vec![("q", "")], "q"),
        (vec![("q", "-供热")], "q"),
        (vec![("q", "、。😀")], "q"),
        (vec![("q", long.as_str())], "q"),
        (vec![("q", "a"), ("q", "b")], "q"),
        (vec![("since", "2025-13-01")], "since"),
        (vec![("since", "2025-1-1")], "since"),
        (vec![("until", "昨天")], "until"),
        (vec![("column", "lucheng/none")], "column"),
        (vec![("column", "../etc")], "column"),
        (vec![("issuer", long.as_str())], "issuer"),
        (vec![("q", "a"), ("limit", "0")], "limit"),
        (vec![("q", "a"), ("limit", "101")], "limit"),
        (vec![("q", "a"), ("limit", " 5")], "limit"),
        (vec![("q", "a"), ("cursor", "c0")], "cursor"),
        (vec![("q", "a"), ("cursor", "10")], "cursor"),
        (vec![("q", "a"), ("cursor", "c10001")], "cursor"),
        (vec![("q", "a"), ("offset", "10")], "offset"),
        (vec![("query", "供热")], "query"),
    ] {
        let answer = service.get(&path("/api/v1/search", &asked)).await;
        assert_eq!(answer.status, 400, "{asked:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        assert_eq!(problem["parameter"], parameter, "{asked:?}");
        assert_eq!(problem["status"], 400);
        assert_eq!(
            (&problem["type"], &problem["title"]),
            (&"about:blank".into(), &"Bad Request".into())
        );
        assert!(problem["detail"].as_str().unwrap().len() > 20, "{problem}");
    }
    let feed = service.get("/search.atom?q=a&limit=300").await;
    assert_eq!(
        (feed.status, feed.json()["parameter"].as_str()),
        (400, Some("limit"))
    );
    let page = service.get("/search?q=a&since=x").await;
    assert_eq!(page.status, 400);
    assert!(page.text().contains("since") && page.text().contains("YYYY-MM-DD"));
    assert_eq!(service.get("/search").await.status, 200);
}

#[tokio::test]
async fn without_a_store_there_is_no_answer_yet() {
    let service = Service::open().await;
    service.close();
    for address in ["/api/v1/search?q=a", "/search.atom?q=a", "/search?q=a"] {
        let answer = service.get(address).await;
        assert_eq!(answer.status, 503, "{address}");
        assert_eq!(answer.header("retry-after"), "5", "{address}");
        assert_eq!(answer.json()["code"], "store-closed", "{address}");
    }
}

#[tokio::test]
async fn hostile_queries_are_words_or_refused() {
    let service = Service::open().await;
    service.add(&news(1, "供热", "or near and not drop")).await;
    let long = "a\"".repeat(2_000);
    for (asked, status) in [
        ("\" OR NEAR( * ^ 'DROP", 200),
        ("供热 OR title:供热 NOT NEAR(\"a\" \"b\", 2)", 200),
        ("{title body}: 供热*", 200),
        ("a'; DROP TABLE articles; --", 200),
        ("供\0热", 200),
        ("\"", 400),
        ("😀", 400),
        ("\u{e000}", 400),
        (long.as_str(), 400),
        ("((((((((((", 400),
        ("供热\" \" \"\"\"", 200),
    ] {
        let answer = service.get(&path("/api/v1/search", &[("q", asked)])).await;
        let head: String = asked.chars().take(40).collect();
        assert_eq!(answer.status, status, "{head}: {}", answer.text());
        let feed = service.get(&path("/search.atom", &[("q", asked)])).await;
        assert_eq!(feed.status, status, "{head}");
    }
    assert_eq!(service.search(&[("q", "供热")]).await["total"], 1);
    for raw in [
        "/api/v1/search?q=%ff%fe",
        "/api/v1/search?q=%",
        "/api/v1/search?&&=&q",
    ] {
        assert_eq!(service.get(raw).await.status, 400, "{raw}");
    }
}

/// Operators of SQL and FTS5, quotes of every kind, marks, words and anything else.
const ANYTHING: &str = r#"(AND|OR|NOT|NEAR\(|供热|两会|a|1|["“”「\-*^:(){}+;'%_、。 ]|\PC){0,24}"#;

#[test]
fn no_query_breaks_the_search() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let service = runtime.block_on(async {
        let service = Service::open().await;
        service.add(&news(1, "供热 两会 a1", "供、热")).await;
        service
    });
    proptest!(ProptestConfig::with_cases(200), |(asked in ANYTHING)| {
        let answer = runtime.block_on(service.get(&path("/api/v1/search", &[("q", &asked)])));
        prop_assert!([200, 400].contains(&answer.status), "{}: {}", asked, answer.text());
    });
}
