//! New layouts, lost fields, empty and reordered lists, and odd links.
//!
//! Owns the faults of layouts. Never leaves loopback.

use dibao::demo::hostile::{ARTICLE, COLUMN};
use dibao::model::{Article, Field};
use dibao::pipeline::ColumnReport;

use super::{Case, article_fails, list_fails, messages, reasons};

/// How many of the twenty articles have an index number that these faults take away.
const NUMBERED: usize = 18;
const ITEM: &str = "list.item = \"ul.list li\"";

#[tokio::test(flavor = "multi_thread")]
async fn fault_18_a_list_in_a_new_layout_is_followed_where_it_is_recognised() {
    for (more, told) in [(ITEM, vec!["layout-changed"]), ("", vec![])] {
        let mut case = Case::collected_with("18-list", more).await;
        // As often as it is read: a list that is not modified would tell nothing.
        for _ in 0..2 {
            let report = case.run().await;
            assert_eq!((reasons(&report).len(), report.new), (0, 0), "{report}");
            assert_eq!(case.bench.incidents().await, told);
            let line = report.to_string();
            assert!(told.iter().all(|code| line.contains(code)), "{line}");
        }
        case.unharmed().await;
        case.heals().await;
        case.unharmed().await;
        assert_eq!(case.bench.incidents().await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_18_a_list_that_is_followed_without_its_selector_is_told_of() {
    let case = Case::collected_with("18-list", ITEM).await;
    case.run().await;
    let store = case.bench.store().await;
    let incidents = store.incidents().open().await.unwrap();
    store.close().await;
    let said = &incidents[0].message;
    assert!(said.contains("list.item = \"ul.list li\""), "{said}");
    assert!(
        said.contains(&case.url(dibao::demo::hostile::COLUMN)),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_18_a_list_selector_that_finds_nothing_is_named() {
    list_fails("18-script", "layout-changed", 1, ITEM).await;
    let case = Case::collected_with("18-script", ITEM).await;
    let report = case.run().await;
    assert!(messages(&report).contains("ul.list li"), "{report}");
    assert_eq!(case.bench.incidents().await, ["layout-changed"]);
}

const BODY: &str = "article.body = \"#zoom\"";

#[tokio::test(flavor = "multi_thread")]
async fn fault_18_an_article_selector_that_finds_nothing_is_named_and_revises_nothing() {
    let mut case = Case::collected_with("18-article", BODY).await;
    let report = case.run_after(2).await;
    assert_eq!(
        (reasons(&report).len(), report.unchanged, report.revised),
        (0, 20, 0),
        "{report}"
    );
    let told = case.bench.told().await.remove(0);
    let (code, said) = (told.reason, told.message);
    assert_eq!(code, "layout-changed");
    let named = "nothing matches article.body = \"#zoom\" on 20 of the 20 articles";
    assert!(said.contains(named), "{said}");
    assert!(
        said.contains("such as http://fault-18-article.test/"),
        "{said}"
    );
    assert!(said.contains("body is found by \"container "), "{said}");
    case.unharmed().await;
    // No article is due, none has healed.
    let report = case.run().await;
    assert_eq!(reasons(&report).len(), 0, "{report}");
    assert_eq!(case.bench.incidents().await, ["layout-changed"]);
    case.heals().await;
    case.unharmed().await;
    assert_eq!(case.bench.incidents().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_18_what_the_general_layers_find_without_a_selector_is_published_and_told() {
    let case = Case::broken_with("18-article", BODY).await;
    case.reads_all().await;
    let article = case.article().await.unwrap();
    assert!(article.body.body_text.contains("大会开幕"));
    assert!(article.provenance[&Field::Body].starts_with("container "));
    assert_eq!(case.bench.incidents().await, ["layout-changed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_18_a_list_that_a_script_is_to_build_is_empty() {
    list_fails("18-script", "empty-list", 1, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_19_an_article_without_a_required_field_is_held_back() {
    let more = "fields.required = [\"index_number\"]";
    let mut case = Case::broken_with("19-number", more).await;
    let report = case.run().await;
    let held = |report: &ColumnReport| {
        let held = report.failures.iter();
        let mut held = held.filter(|failure| failure.url.path() == ARTICLE);
        held.next().map(|failure| failure.verdict.code())
    };
    assert_eq!(held(&report), Some("field-missing"), "{report}");
    assert!(messages(&report).contains("index_number"), "{report}");
    assert_eq!(case.article().await, None);
    assert_eq!(case.bench.incidents().await, ["field-missing"]);
    let others = case.bench.articles().await.len();
    assert!(others >= 15, "{others}");
    case.heal();
    let report = case.run_after(25).await;
    assert_eq!((held(&report), report.new), (None, 1), "{report}");
    assert!(case.article().await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_19_an_article_without_text_is_held_back_where_the_feed_file_asks_for_one() {
    article_fails("19-body", "field-missing", "fields.required = [\"body\"]").await;
    let case = Case::broken("19-body").await;
    case.reads_all().await;
    let article = case.article().await.unwrap();
    assert!(!article.body.has_text() && article.metadata.published_on.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_19_a_text_that_is_lost_blanks_no_article() {
    let mut case = Case::collected("19-body").await;
    let report = case.run_after(2).await;
    assert_eq!(reasons(&report), ["field-missing"], "{report}");
    case.unharmed().await;
    case.heals().await;
    case.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_19_an_article_without_another_field_is_published_without() {
    let case = Case::broken("19-source").await;
    case.reads_all().await;
    let article = case.article().await.unwrap();
    assert_eq!(article.metadata.source, None);
    assert!(article.metadata.index_number.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_19_a_field_that_all_articles_lose_is_an_incident() {
    // The feed file lists the usual fields, or dibao learns them from the column.
    for more in ["fields.usual = [\"index_number\"]", ""] {
        let mut case = Case::collected_with("19-all", more).await;
        let report = case.run_after(2).await;
        assert_eq!(reasons(&report), ["field-lost"; NUMBERED], "{report}");
        let said = messages(&report);
        let share = "index_number is missing on 20 of the 20 articles";
        assert!(said.contains(share), "{said}");
        assert_eq!(case.bench.incidents().await, ["field-lost"]);
        case.unharmed().await;
        // No article is due, none has healed.
        case.run().await;
        assert_eq!(case.bench.incidents().await, ["field-lost"]);
        case.heals().await;
        case.unharmed().await;
        assert_eq!(case.bench.incidents().await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_19_a_field_that_new_articles_lack_is_an_incident_and_they_are_published() {
    let case = Case::broken_with("19-all", "fields.usual = [\"index_number\"]").await;
    case.reads_all().await;
    assert_eq!(case.bench.incidents().await, ["field-lost"]);
    case.run().await;
    assert_eq!(case.bench.incidents().await, ["field-lost"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_19_a_field_that_may_be_missing_is_no_incident() {
    let more = "fields.optional = [\"index_number\"]";
    let mut case = Case::collected_with("19-all", more).await;
    let report = case.run_after(2).await;
    assert_eq!(
        (reasons(&report).len(), report.revised),
        (0, NUMBERED),
        "{report}"
    );
    assert_eq!(case.bench.incidents().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_19_one_article_that_loses_a_usual_field_is_revised() {
    let mut case = Case::collected_with("19-number", "fields.usual = [\"index_number\"]").await;
    let report = case.run_after(2).await;
    assert_eq!((reasons(&report).len(), report.revised), (0, 1), "{report}");
    assert_eq!(case.article().await.unwrap().metadata.index_number, None);
    assert_eq!(case.bench.incidents().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_20_a_list_that_is_suddenly_empty_empties_no_feed() {
    for fault in ["20-list", "20-words"] {
        list_fails(fault, "empty-list", 1, "").await;
        let mut case = Case::collected(fault).await;
        case.run().await;
        assert_eq!(case.bench.incidents().await, ["empty-list"]);
        case.heals().await;
        assert_eq!(case.bench.incidents().await, Vec::<String>::new());
    }
}

/// Path, title and day of each, in the order in which they were found.
fn listed(articles: &[Article]) -> Vec<(String, String, String)> {
    let day = |article: &Article| format!("{:?}", article.metadata.published_on);
    let mut listed: Vec<_> = articles
        .iter()
        .map(|a| (a.url.path().to_owned(), a.title.clone(), day(a)))
        .collect();
    listed.sort();
    listed
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_42_pinned_and_reordered_items_are_neither_doubled_nor_dated_anew() {
    for fault in ["42-pinned", "42-reversed", "42-twice"] {
        let mut case = Case::collected(fault).await;
        let report = case.run().await;
        assert_eq!(
            (reasons(&report).len(), report.new),
            (0, 0),
            "{fault}: {report}"
        );
        assert!(!case.asked(COLUMN).is_empty());
        case.unharmed().await;
        let report = case.run_after(25).await;
        assert_eq!((report.new, report.revised), (0, 0), "{fault}: {report}");
        case.unharmed().await;

        let fresh = Case::broken(fault).await;
        fresh.run().await;
        assert_eq!(
            listed(&fresh.bench.articles().await),
            listed(&case.articles),
            "{fault}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_43_links_are_absolute_from_where_the_page_was_found() {
    let folder = "/lcxxgk/xxgkml/jbxxgk/gzdt/202512";
    for (fault, links) in [
        (
            "43-relative",
            [
                format!("{folder}/fj1.pdf"),
                "/lcxxgk/xxgkml/jbxxgk/gzdt/fj2.docx".to_owned(),
            ],
        ),
        (
            "43-base",
            [
                "/files/2025/fj1.pdf".to_owned(),
                "/files/fj2.docx".to_owned(),
            ],
        ),
        (
            "43-redirect",
            [
                "/xinwen/2025/fj1.pdf".to_owned(),
                "/xinwen/fj2.docx".to_owned(),
            ],
        ),
    ] {
        let case = Case::broken(fault).await;
        case.reads_all().await;
        let article = case.article().await.unwrap();
        let found: Vec<String> = article
            .body
            .attachments
            .iter()
            .map(|a| a.url.to_string())
            .collect();
        let [first, second] = links.map(|path| case.url(&path));
        assert_eq!(
            found,
            [first.clone(), second, case.url("/fj3.xlsx")],
            "{fault}"
        );
        let picture = first.replace("fj1.pdf", "tu.png");
        assert!(
            article
                .body
                .images
                .iter()
                .any(|image| image.url.as_str() == picture),
            "{fault}"
        );
        assert!(
            article.body.body_html.contains(&first),
            "{fault}: {}",
            article.body.body_html
        );
    }
}
