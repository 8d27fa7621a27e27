//! Articles without a text: a title alone, a viewer, a picture, a film, a file. Articles whose text
//! falls out of its element.
//!
//! Owns the faults of content. Never leaves loopback.

use dibao::model::{ContentKind, Field};

use super::{Case, article_fails};

const TITLE: &str = "【聚焦潞城两会】长治市潞城区第二届人民代表大会第六次会议开幕";

#[tokio::test(flavor = "multi_thread")]
async fn fault_51_an_article_without_a_text_is_an_entry_and_a_later_text_revises_it() {
    for (fault, content) in [
        ("51-empty", ContentKind::None),
        ("51-viewer", ContentKind::None),
        ("51-picture", ContentKind::Pictures),
        ("51-file", ContentKind::Files),
        ("51-redirect", ContentKind::Files),
    ] {
        let mut case = Case::broken(fault).await;
        case.reads_all().await;
        let article = case.article().await.unwrap();
        assert_eq!(article.title, TITLE, "{fault}");
        let day = article.metadata.published_on.unwrap().to_string();
        assert_eq!(day, "2025-12-29", "{fault}");
        assert_eq!(article.body.content(), content, "{fault}");
        assert_eq!(article.body.body_text, "", "{fault}");
        let feed = &super::published(&case.bench)["lucheng/work-news/atom.xml"];
        let feed = String::from_utf8(feed.clone()).unwrap();
        assert_eq!(
            feed.matches("&lt;p&gt;原文无文字内容").count(),
            1,
            "{fault}"
        );
        case.heals().await;
        let whole = case.article().await.unwrap();
        assert_eq!((whole.id, whole.revision), (article.id, 2), "{fault}");
        assert!(whole.body.body_text.contains("大会开幕"), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_51_a_film_and_what_a_script_shows_are_files() {
    for (fault, path, content, pictures) in [
        ("51-film", "/files/2025/kaimu.mp4", ContentKind::Media, 1),
        ("51-script", "/files/2025/kaimu.pdf", ContentKind::Files, 0),
    ] {
        let case = Case::broken(fault).await;
        case.reads_all().await;
        let article = case.article().await.unwrap();
        assert_eq!(article.title, TITLE, "{fault}");
        assert_eq!(article.body.content(), content, "{fault}");
        assert_eq!(article.body.images.len(), pictures, "{fault}");
        let [file] = article.body.attachments.as_slice() else {
            panic!("{fault}: {:?}", article.body);
        };
        assert_eq!(file.url.as_str(), case.url(path), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_54_a_text_goes_on_after_surplus_end_tags() {
    for fault in ["54-two", "54-four"] {
        let case = Case::broken(fault).await;
        case.reads_all().await;
        let article = case.article().await.unwrap();
        let lines: Vec<&str> = article.body.body_text.lines().collect();
        assert_eq!(lines.len(), 3, "{fault}: {lines:?}");
        assert!(
            lines[0].starts_with("大会于") && lines[2].ends_with("闭幕。"),
            "{fault}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_51_a_file_is_the_entrys_and_its_values_are_the_lists() {
    for (fault, path) in [
        ("51-file", dibao::demo::hostile::ARTICLE),
        ("51-redirect", "/files/2025/kaimu.pdf"),
    ] {
        let case = Case::broken(fault).await;
        case.reads_all().await;
        let article = case.article().await.unwrap();
        let [file] = article.body.attachments.as_slice() else {
            panic!("{fault}: {:?}", article.body);
        };
        assert_eq!(file.url.as_str(), case.url(path), "{fault}");
        assert_eq!(file.media_type.as_deref(), Some("application/pdf"));
        for field in [Field::Title, Field::PublishedOn, Field::Attachments] {
            assert_eq!(article.provenance[&field], "list", "{fault}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_51_a_feed_file_that_asks_for_a_text_is_obeyed() {
    for more in ["fields.required = [\"body\"]", "fields.usual = [\"body\"]"] {
        article_fails("51-empty", "field-missing", more).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_51_a_known_article_is_never_blanked() {
    for fault in ["51-empty", "51-viewer"] {
        let mut case = Case::collected(fault).await;
        let report = case.run_after(2).await;
        assert_eq!(
            super::reasons(&report),
            ["field-missing"],
            "{fault}: {report}"
        );
        case.unharmed().await;
        case.heals().await;
        case.unharmed().await;
    }
}
