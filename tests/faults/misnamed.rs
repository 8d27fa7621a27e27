//! Articles whose own page does not name them.
//!
//! Owns the faults of titles and days. Never leaves loopback.

use std::collections::BTreeSet;

use dibao::model::Field;

use super::Case;

#[tokio::test(flavor = "multi_thread")]
async fn fault_52_an_article_has_its_own_title_and_day_whatever_its_section_is_called() {
    for (fault, found) in [("52-branch", "heading"), ("52-row", "list")] {
        let case = Case::broken(fault).await;
        case.reads_all().await;
        let article = case.article().await.unwrap();
        let title = "【聚焦潞城两会】长治市潞城区第二届人民代表大会第六次会议开幕";
        assert_eq!(article.title, title, "{fault}");
        assert_eq!(article.provenance[&Field::Title], found, "{fault}");
        let day = article.metadata.published_on.unwrap().to_string();
        assert_eq!(day, "2025-12-29", "{fault}");
        assert_eq!(article.provenance[&Field::PublishedOn], "list", "{fault}");
        let articles = case.bench.articles().await;
        let titles: BTreeSet<&str> = articles.iter().map(|a| a.title.as_str()).collect();
        assert_eq!(titles.len(), 20, "{fault}");
    }
}
