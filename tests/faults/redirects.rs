//! Redirects in circles, and to internal addresses.
//!
//! Owns the faults of redirects. Never leaves loopback.

use dibao::demo::hostile::ARTICLE;
use dibao::pipeline::Ending;

use super::{Case, article_fails, messages, reasons};

#[tokio::test(flavor = "multi_thread")]
async fn fault_15_redirects_without_end_are_left() {
    for fault in ["15-loop", "15-pair", "15-chain"] {
        let mut case = Case::collected(fault).await;
        let report = case.run().await;
        assert_eq!(reasons(&report), ["redirect-loop"], "{fault}: {report}");
        let visits = case.hostile.visits(&case.host);
        let hops = visits.iter().filter(|visit| visit.status == 302).count();
        assert!((2..=11).contains(&hops), "{fault}: {hops}");
        case.unharmed().await;
        case.heals().await;
        case.unharmed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_15_a_redirect_that_only_sets_a_cookie_is_followed() {
    let case = Case::broken("15-cookie").await;
    let report = case.run().await;
    assert_eq!(report.ending, Ending::Complete, "{report}");
    assert_eq!(report.new, 20);
}

/// No other host was asked for anything.
fn stayed(case: &Case) {
    let log = case.hostile.log();
    let strayed = log.iter().find(|visit| visit.host != case.host);
    assert!(strayed.is_none(), "{strayed:?}");
    assert!(!log.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_16_no_redirect_of_an_article_leads_inside() {
    for (fault, reason) in [
        ("16-loopback", "refused-address"),
        ("16-localhost", "refused-address"),
        ("16-mapped", "refused-address"),
        ("16-decimal", "refused-address"),
        ("16-private", "refused-address"),
        ("16-metadata", "refused-address"),
        ("16-file", "refused-scheme"),
    ] {
        let case = Case::broken(fault).await;
        let report = case.run().await;
        assert_eq!(reasons(&report), [reason], "{fault}: {report}");
        assert_eq!(report.new, 19, "{fault}: {report}");
        let said = messages(&report);
        assert!(said.contains(&case.url(ARTICLE)), "{fault}: {said}");
        assert_eq!(case.article().await, None, "{fault}");
        stayed(&case);
    }
    article_fails("16-loopback", "refused-address", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_16_neither_a_column_nor_its_links_lead_inside() {
    let mut case = Case::collected("16-list").await;
    let report = case.run().await;
    assert_eq!(reasons(&report), ["refused-address"], "{report}");
    stayed(&case);
    case.unharmed().await;
    case.heals().await;

    let case = Case::broken("16-links").await;
    let report = case.run().await;
    assert_eq!(reasons(&report), ["refused-address"], "{report}");
    assert_eq!(report.new, 19, "{report}");
    stayed(&case);
}
