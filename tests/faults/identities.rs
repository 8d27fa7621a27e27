//! Texts, index numbers and dates that change, repeat or go missing.
//!
//! Owns the faults of identity. Never leaves loopback.

use std::collections::BTreeSet;

use dibao::demo::hostile::{ARTICLE, COLUMN, NEIGHBOUR};
use dibao::model::Article;

use super::{Case, reasons};

fn ids(articles: &[Article]) -> BTreeSet<String> {
    articles
        .iter()
        .map(|article| article.id.to_string())
        .collect()
}

fn number(article: &Article) -> Option<&str> {
    article
        .metadata
        .index_number
        .as_ref()
        .map(|number| number.as_str())
}

/// The ids of the live feed, newest first.
fn entries(case: &Case) -> Vec<String> {
    let path = case.bench.public().join("lucheng/work-news/atom.xml");
    let feed = feed_rs::parser::parse(&std::fs::read(path).unwrap()[..]).unwrap();
    feed.entries.into_iter().map(|entry| entry.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_21_an_edit_is_a_revision_of_the_same_entry_and_the_old_text_is_kept() {
    let mut case = Case::collected("21-edit").await;
    let before = case.article().await.unwrap();
    let report = case.run_after(2).await;
    assert_eq!((report.revised, report.new), (1, 0), "{report}");
    let after = case.article().await.unwrap();
    assert_eq!((after.id, after.revision), (before.id, 2));
    assert_eq!(after.updated_at, case.bench.now);
    assert_eq!(after.metadata.published_on, before.metadata.published_on);
    assert!(after.body.body_text.contains("大会隆重开幕"));
    let store = case.bench.store().await;
    let history = store.changes().of_article(after.id).await.unwrap();
    store.close().await;
    let texts = history.iter().map(|change| &change.article.body.body_text);
    assert!(texts.into_iter().any(|text| *text == before.body.body_text));
    assert_eq!(ids(&case.bench.articles().await), ids(&case.articles));
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_21_white_space_and_counters_are_no_revision() {
    let mut case = Case::collected("21-trivial").await;
    for hours in [2, 5, 25, 72] {
        let report = case.run_after(hours).await;
        assert_eq!((report.revised, reasons(&report).len()), (0, 0), "{report}");
    }
    assert!(case.asked(ARTICLE).len() >= 3);
    case.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_22_one_number_on_two_documents_makes_two_and_an_incident() {
    let case = Case::broken("22-two").await;
    let report = case.run().await;
    assert_eq!(report.new, 20, "{report}");
    assert_eq!(case.bench.incidents().await, ["index-conflict"]);
    let articles = case.bench.articles().await;
    let bearers: Vec<&Article> = articles
        .iter()
        .filter(|article| number(article) == Some("000014349/2025-32614"))
        .collect();
    let paths: BTreeSet<&str> = bearers.iter().map(|article| article.url.path()).collect();
    assert_eq!(paths, BTreeSet::from([ARTICLE, NEIGHBOUR]));
    assert_eq!(entries(&case).len(), 20, "readers are shown both");
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_22_a_number_that_becomes_anothers_moves_no_article() {
    let mut case = Case::collected("22-two").await;
    case.run_after(2).await;
    let articles = case.bench.articles().await;
    assert_eq!(ids(&articles), ids(&case.articles));
    let texts = |articles: &[Article]| -> BTreeSet<String> {
        articles.iter().map(|a| a.body.body_text.clone()).collect()
    };
    assert_eq!(texts(&articles), texts(&case.articles));
    assert!(
        case.bench
            .incidents()
            .await
            .contains(&"index-conflict".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_23_a_number_that_comes_later_keeps_the_id() {
    for fault in ["23-article", "23-none"] {
        let mut case = Case::broken(fault).await;
        case.reads_all().await;
        let before = case.article().await.unwrap();
        assert_eq!(number(&before), None, "{fault}");
        let known = ids(&case.bench.articles().await);
        case.heals().await;
        let after = case.article().await.unwrap();
        assert_eq!(number(&after), Some("000014349/2025-32614"), "{fault}");
        assert_eq!(after.id, before.id, "{fault}");
        assert_eq!(ids(&case.bench.articles().await), known, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_23_a_number_that_goes_missing_keeps_the_id() {
    let mut case = Case::collected("23-article").await;
    case.run_after(2).await;
    assert_eq!(ids(&case.bench.articles().await), ids(&case.articles));
    assert_eq!(case.article().await.unwrap().withdrawn_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_24_another_number_at_the_same_url_is_the_same_entry() {
    let mut case = Case::collected("24-same-url").await;
    let before = (case.article().await.unwrap(), entries(&case));
    let report = case.run_after(2).await;
    assert_eq!((report.new, report.revised), (0, 1), "{report}");
    let after = case.article().await.unwrap();
    assert_eq!(after.id, before.0.id);
    assert_eq!(number(&after), Some("000014349/2025-32699"));
    assert_eq!(entries(&case), before.1, "no duplicate, and no new place");
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_25_an_impossible_date_is_none_and_pins_nothing() {
    let paths = |case: &Case, articles: &[Article]| -> Vec<String> {
        let path = |id: &String| {
            let mut articles = articles.iter();
            let article = articles.find(|a| id.ends_with(&a.id.to_string())).unwrap();
            article.url.path().to_owned()
        };
        entries(case).iter().map(path).collect()
    };
    let good = Case::collected("25-future").await;
    let order = paths(&good, &good.articles);
    for fault in ["25-future", "25-malformed", "25-missing"] {
        let case = Case::broken(fault).await;
        case.reads_all().await;
        let article = case.article().await.unwrap();
        let day = article.metadata.published_on;
        assert!(
            day.is_none_or(|day| day <= case.bench.now.date()),
            "{fault}: {day:?}"
        );
        assert_eq!(paths(&case, &case.bench.articles().await), order, "{fault}");
    }
    let mut case = Case::collected("25-future").await;
    case.run_after(2).await;
    assert_eq!(
        paths(&case, &case.bench.articles().await),
        order,
        "edited into the future"
    );
}

/// The paths that a run asks for, `robots.txt` aside.
async fn asked_by_a_run(case: &Case) -> Vec<String> {
    let before = case.hostile.visits(&case.host).len();
    let report = case.run().await;
    assert_eq!((report.new, reasons(&report).len()), (0, 0), "{report}");
    let visits = case.hostile.visits(&case.host).into_iter().skip(before);
    visits
        .map(|visit| visit.path)
        .filter(|path| path != "/robots.txt")
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_53_tokens_in_the_links_of_a_list_cost_no_request_and_make_no_article() {
    for fault in ["53-session", "53-clock"] {
        // It begins while the portal is well, and from the start.
        let well = Case::collected(fault).await;
        let ill = Case::broken(fault).await;
        ill.reads_all().await;
        let known = ill.bench.articles().await;
        for _ in 0..3 {
            assert_eq!(asked_by_a_run(&well).await, [COLUMN], "{fault}");
            assert_eq!(asked_by_a_run(&ill).await, [COLUMN], "{fault}");
        }
        well.unharmed().await;
        assert_eq!(ill.bench.articles().await, known, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_53_a_parameter_with_three_values_is_known_to_vary() {
    let case = Case::broken("53-unknown").await;
    case.reads_all().await;
    let known = ids(&case.bench.articles().await);
    // The second look takes all rows for unknown ones, and goes on to older pages.
    case.run().await;
    let articles = case.bench.articles().await;
    assert!(ids(&articles).is_superset(&known));
    let texts: BTreeSet<&str> = articles.iter().map(|a| a.body.body_text.as_str()).collect();
    assert_eq!(texts.len(), articles.len());
    for _ in 0..3 {
        assert_eq!(asked_by_a_run(&case).await, [COLUMN]);
    }
    assert_eq!(case.bench.articles().await, articles);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_53_tokens_and_counters_in_a_text_are_no_revision() {
    let mut case = Case::broken("53-text").await;
    case.reads_all().await;
    let known = case.bench.articles().await;
    for hours in [2, 5, 25, 72] {
        let report = case.run_after(hours).await;
        assert_eq!((report.revised, reasons(&report).len()), (0, 0), "{report}");
    }
    assert!(case.asked(ARTICLE).len() >= 4);
    assert_eq!(case.bench.articles().await, known);
    let reread = case.bench.reread().await;
    assert_eq!(reread.otherwise, 0, "{reread:?}");
}
