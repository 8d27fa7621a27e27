//! Charsets and bytes, from the portal to the stored text.
//!
//! Owns the faults of text. Never leaves loopback.

use dibao::model::Article;

use super::{Case, reasons};

/// An article as a reader sees it, without its places.
fn seen(articles: &[Article]) -> Vec<(String, String, String, Option<String>)> {
    let mut seen: Vec<_> = articles
        .iter()
        .map(|article| {
            let path = article.url.path().to_owned();
            let text = article.body.body_text.clone();
            (
                path,
                article.title.clone(),
                text,
                article.metadata.source.clone(),
            )
        })
        .collect();
    seen.sort();
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_13_a_wrong_label_changes_no_character() {
    let good = Case::collected("13-header").await;
    let good = seen(&good.articles);
    for fault in [
        "13-header",
        "13-meta",
        "13-both",
        "13-bom",
        "13-none",
        "13-big5",
    ] {
        let case = Case::broken(fault).await;
        let report = case.run().await;
        assert_eq!(reasons(&report), Vec::<&str>::new(), "{fault}: {report}");
        assert_eq!(seen(&case.bench.articles().await), good, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_13_a_label_that_changes_is_no_revision() {
    for fault in ["13-both", "13-bom"] {
        let mut case = Case::collected(fault).await;
        let report = case.run_after(2).await;
        assert_eq!((report.revised, report.new), (0, 0), "{fault}: {report}");
        case.unharmed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_13_gb2312_stands_for_all_of_gb18030() {
    let case = Case::broken("13-rare").await;
    case.run().await;
    let text = case.article().await.unwrap().body.body_text;
    assert!(
        text.starts_with("朱镕基与䶮、㐂、𠮷，12月29日上午"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_14_bytes_that_mean_nothing_spoil_nothing_beside_them() {
    for (fault, start) in [
        (
            "14-utf-8",
            "\u{fffd}\u{fffd}12月29日上午，区二届人大六次会议",
        ),
        ("14-gb18030", "\u{fffd}12月29日上午，区二届人大六次会议"),
    ] {
        let case = Case::broken(fault).await;
        let report = case.run().await;
        assert_eq!(report.new, 20, "{fault}: {report}");
        let text = case.article().await.unwrap().body.body_text;
        assert!(text.starts_with(start), "{fault}: {text}");
        assert!(text.contains("▲大会开幕"), "{fault}: {text}");
    }
}
