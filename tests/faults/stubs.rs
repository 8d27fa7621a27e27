//! Pages that are no page, with status 200.

use dibao::demo::hostile::ARTICLE;

use super::{Case, article_fails, list_fails, reasons};

#[tokio::test(flavor = "multi_thread")]
async fn fault_05_a_walls_script_with_status_200_is_no_column() {
    for fault in ["05-cookie", "05-ts"] {
        list_fails(fault, "blocked-by-waf", 1, "").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_05_a_walls_script_is_no_article_and_overwrites_none() {
    article_fails("05-article", "blocked-by-waf", "").await;
    let mut case = Case::collected("05-article").await;
    let report = case.run_after(2).await;
    assert_eq!(reasons(&report), ["blocked-by-waf"], "{report}");
    assert_eq!(case.asked(ARTICLE).len(), 1);
    case.unharmed().await;
    case.heals().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_06_an_error_page_with_status_200_loses_nothing() {
    for fault in ["06-list", "06-log-in", "06-maintenance"] {
        let mut case = Case::collected(fault).await;
        let report = case.run().await;
        assert_eq!(reasons(&report).len(), 1, "{fault}: {report}");
        case.unharmed().await;
        case.heals().await;
        case.unharmed().await;
    }
    for fault in ["06-article", "06-home"] {
        let mut case = Case::collected(fault).await;
        let report = case.run_after(2).await;
        assert_eq!(reasons(&report).len(), 1, "{fault}: {report}");
        case.unharmed().await;
        case.heals().await;
        case.unharmed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_06_the_portals_first_page_in_the_place_of_an_article_is_none() {
    article_fails("06-home", "soft-404", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_06_an_error_page_is_called_what_it_is() {
    article_fails("06-article", "soft-404", "").await;
    for (fault, reason) in [
        ("06-list", "soft-404"),
        ("06-log-in", "log-in"),
        ("06-maintenance", "maintenance"),
    ] {
        list_fails(fault, reason, 1, "").await;
    }
}
