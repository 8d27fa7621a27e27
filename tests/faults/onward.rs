//! Pages that only send the browser on, addresses in another charset, and pages in the place of an
//! article.
//!
//! Owns these faults. Never leaves loopback.

use dibao::demo::hostile::{ARTICLE, COLUMN};
use dibao::pipeline::Ending;

use super::{Case, article_fails, messages, reasons};

#[tokio::test(flavor = "multi_thread")]
async fn fault_46_a_page_that_only_sends_on_is_followed() {
    for fault in ["46-refresh", "46-script", "46-header", "46-frame"] {
        let mut case = Case::broken(fault).await;
        case.reads_all().await;
        let article = case
            .article()
            .await
            .expect("stored under the listed address");
        assert!(article.body.body_text.contains("大会开幕"), "{fault}");
        assert!(case.bench.incidents().await.is_empty(), "{fault}");
        let changed = case.bench.reread().await;
        assert!(changed.changes.is_empty(), "{fault}: {changed}");
        assert_eq!(changed.failed, 0, "{fault}: {changed}");
        // The page that sends on says nothing about the article behind it.
        let report = case.run_after(2).await;
        assert_eq!((report.revised, report.failures.len()), (0, 0), "{report}");
        case.heals().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_46_a_column_that_only_sends_on_is_followed() {
    let mut case = Case::broken("46-list").await;
    case.reads_all().await;
    let list = COLUMN.to_owned() + "all.html";
    let before = case.asked(&list).len();
    // The address that sends on never changes, so the list behind it is asked for again.
    let report = case.run_after(1).await;
    assert_eq!(report.ending, Ending::Complete, "{report}");
    assert!(case.asked(&list).len() > before);
    assert!(case.bench.incidents().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_46_the_end_of_the_way_decides() {
    article_fails("46-home", "soft-404", "").await;
    article_fails("46-loop", "redirect-loop", "").await;
    article_fails("46-inside", "refused-address", "").await;
    let case = Case::broken("46-loop").await;
    let report = case.run().await;
    assert!(messages(&report).contains(&case.url(ARTICLE)), "{report}");
    let visits = case.hostile.visits(&case.host);
    let hops = visits.iter().filter(|visit| visit.path == ARTICLE).count();
    assert!(hops <= 3, "{hops}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_46_a_way_that_is_not_known_is_no_wall() {
    let mut case = Case::broken("46-computed").await;
    let report = case.run().await;
    let reasons = reasons(&report);
    assert_eq!(reasons, vec!["unfilled"; reasons.len()], "{report}");
    assert_eq!((report.new, reasons.len()), (0, 20), "{report}");
    assert_eq!(report.host_trouble, None);
    case.heals().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_47_addresses_are_asked_for_as_browsers_do() {
    let case = Case::broken("47-location").await;
    case.reads_all().await;
    assert_eq!(case.asked("/%B9%AB%BF%AA/1.html").len(), 1);
    let case = Case::broken("47-query").await;
    case.reads_all().await;
    let asked = format!("{COLUMN}show.asp?lb=%B6%AF%CC%AC&id=1");
    assert_eq!(case.asked(&asked).len(), 1);
    let articles = case.bench.articles().await;
    let is_listed = |url: &str| url.ends_with(&asked);
    assert!(
        articles
            .iter()
            .any(|article| is_listed(article.url.as_str()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_47_a_redirect_to_other_bytes_withdraws_nothing() {
    let mut case = Case::collected("47-location").await;
    for _ in 0..3 {
        let report = case.run_after(25).await;
        assert_eq!(
            (report.withdrawn, report.failures.len()),
            (0, 0),
            "{report}"
        );
    }
    assert_eq!(case.bench.articles().await.len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_60_what_stands_in_an_articles_place_is_none() {
    article_fails("60-moved", "moved", "").await;
    article_fails("60-gateway", "maintenance", "").await;
    let case = Case::broken("60-moved").await;
    let report = case.run().await;
    assert!(
        messages(&report).contains("new.lucheng.example"),
        "{report}"
    );
    for fault in ["60-moved", "60-gateway"] {
        let mut case = Case::collected(fault).await;
        let report = case.run_after(2).await;
        assert_eq!(reasons(&report).len(), 1, "{fault}: {report}");
        assert_eq!(report.host_trouble, None, "{fault}");
        case.unharmed().await;
        case.heals().await;
    }
}
