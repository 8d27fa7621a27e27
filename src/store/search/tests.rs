use super::*;
use crate::model::{Body, Metadata, Timestamp};
use crate::store::Purpose;

fn article(number: u32) -> Article {
    let at = Timestamp::from_millis(1_767_000_000_000).unwrap();
    Article {
        id: uuid::Uuid::from_u128(number.into()),
        portal: "lucheng".to_owned(),
        columns: Vec::new(),
        title: number.to_string(),
        metadata: Metadata::default(),
        url: format!("http://gov.example/{number}").parse().unwrap(),
        aliases: Vec::new(),
        body: Body::default(),
        revision: 1,
        first_seen_at: at,
        updated_at: at,
        withdrawn_at: None,
        removed_at: None,
        content_sha256: String::new(),
        provenance: Default::default(),
    }
}

/// Articles in which 供热 stands: in the text of all, and in the title of the first.
async fn filled(store: &Store, articles: u32) {
    let json = serde_json::to_string(&article(0)).unwrap();
    let mut tx = store.begin().await.unwrap();
    for statement in [
        "INSERT INTO articles (id, portal, primary_url, added_seq, updated_ms, article)
         SELECT value, 'lucheng', '', value, value, json_set(?2, '$.title', CAST(value AS TEXT))
         FROM generate_series",
        "INSERT INTO search_articles (doc, id, portal, day, withdrawn, added_seq)
         SELECT value, value, CASE WHEN value % 2 THEN 'lucheng' ELSE 'jinan' END, '2025-12-29',
                0, value FROM generate_series WHERE ?2 <> ''",
        "INSERT INTO search_words (rowid, title, terms, body)
         SELECT value, CASE value WHEN 1 THEN '供 热' ELSE '' END, '', '供 热 管 网'
         FROM generate_series WHERE ?2 <> ''",
    ] {
        let series = "WITH RECURSIVE generate_series (value) AS
            (SELECT 1 UNION ALL SELECT value + 1 FROM generate_series WHERE value < ?1) ";
        sqlx::query(sqlx::AssertSqlSafe(format!("{series}{statement}")))
            .bind(articles)
            .bind(&json)
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

fn topic(portal: Option<&str>) -> Topic {
    Topic {
        query: Some(Query::parse("供热").unwrap()),
        filter: Filter {
            portals: portal.map(str::to_owned).into_iter().collect(),
            ..Filter::default()
        },
    }
}

fn titles(found: &SearchResults) -> Vec<&str> {
    let hits = found.hits.iter();
    hits.map(|hit| hit.article.title.as_str()).collect()
}

#[tokio::test]
async fn of_many_matches_those_that_were_published_last_are_counted_and_ranked() {
    for (articles, has_more) in [(MOST, false), (MOST + 1, true)] {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), Purpose::Real).await.unwrap();
        filled(&store, articles).await;
        let search = store.search();
        let last = articles.to_string();
        let found = search
            .find((&topic(None), Ranking::Best), 2, 0)
            .await
            .unwrap();
        assert_eq!((found.total, found.has_more), (MOST.into(), has_more));
        let best = if has_more { &last } else { "1" };
        assert_eq!(titles(&found)[0], best, "{articles}");
        let newest = search.newest(&topic(None), 2).await.unwrap();
        assert_eq!((newest.len(), &newest[0].title), (2, &last));
        // A filter comes before the count.
        let found = search
            .find((&topic(Some("lucheng")), Ranking::Best), 2, 0)
            .await;
        let found = found.unwrap();
        assert_eq!(
            (found.total, found.has_more),
            (u64::from(articles.div_ceil(2)), false)
        );
        assert_eq!(titles(&found)[0], "1");
        store.close().await;
    }
}
