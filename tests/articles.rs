//! Articles for tests: plain ones, and one for each oddity that portals have shown.
//!
//! Owns these articles. Never tests anything itself.

use std::collections::BTreeMap;

use dibao::model::{
    Article, Attachment, Body, Image, IndexNumber, Metadata, Timestamp, content_sha256,
};
use dibao::render::{ColumnInfo, PortalInfo, RunInterval, Site};
use uuid::Uuid;

pub(crate) fn site() -> Site {
    Site {
        hubs: Vec::new(),
        base_url: "https://news.example/gov/".parse().unwrap(),
        demo: false,
    }
}

pub(crate) fn column() -> ColumnInfo {
    let name = "lucheng/work-news".parse().unwrap();
    let url = "http://gov.example/gzdt/?a=1&b=2".parse().unwrap();
    let column = ColumnInfo::new(name, url);
    ColumnInfo {
        run_interval: Some(RunInterval::new(chrono::TimeDelta::minutes(20))),
        ..named(column, "潞城区", "工作动态 <&>")
    }
}

/// The column with these display names.
pub(crate) fn named(column: ColumnInfo, portal: &str, page: &str) -> ColumnInfo {
    let portal = PortalInfo {
        title: portal.to_owned(),
        ..(*column.portal).clone()
    };
    column.with_names(portal.into(), Some(page), None)
}

pub(crate) fn article(number: u128, title: &str, html: &str) -> Article {
    let first_seen = Timestamp::from_millis(1_767_000_000_000 + number as i64).unwrap();
    let metadata = Metadata {
        index_number: IndexNumber::parse(&format!("000014349/2025-{:05}", 32614 + number)),
        issuer: Some("潞城融媒".to_owned()),
        published_on: Some("2025-12-29".parse().unwrap()),
        ..Metadata::default()
    };
    let body = Body {
        body_html: html.to_owned(),
        body_text: html.to_owned(),
        ..Body::default()
    };
    Article {
        id: Uuid::from_u128(number),
        portal: "lucheng".to_owned(),
        columns: vec![column().name],
        title: title.to_owned(),
        content_sha256: content_sha256(title, &metadata, &body),
        metadata,
        url: format!("http://gov.example/t{number}.html?x=1&y=2")
            .parse()
            .unwrap(),
        aliases: Vec::new(),
        body,
        revision: 1,
        first_seen_at: first_seen,
        updated_at: first_seen,
        withdrawn_at: None,
        removed_at: None,
        provenance: BTreeMap::new(),
    }
}

/// One article for each oddity that portals have shown.
pub(crate) fn oddities() -> Vec<Article> {
    let mut plain = article(1, "【聚焦两会】大会开幕", "<p>岁暮天寒。</p>");
    plain.metadata.published_at = Some(Timestamp::from_millis(1_766_978_400_000).unwrap());
    plain.metadata.source = Some("长治日报".to_owned());
    plain.metadata.subject_terms = vec!["会议".to_owned(), "会议".to_owned(), "<人大>".to_owned()];
    plain.metadata.topic_category = Some("综合政务".to_owned());
    let mut bare = article(2, "什么都没有", "");
    bare.metadata = Metadata::default();
    bare.body = Body::default();
    let mut withdrawn = article(3, "已撤下", "<p>曾经在此。</p>");
    withdrawn.withdrawn_at = Some(withdrawn.updated_at);
    let controls = article(
        4,
        "控制\u{0}字\u{b}符\u{ffff}",
        "<p>前\u{1}后\r\n&#11;行</p>",
    );
    let emoji = article(5, "表情😀👨‍👩‍👧", "<p>😀𠮷</p>");
    let cdata = article(6, "a]]>b", "<p>]]>]]]]>><![CDATA[x]]></p>");
    let markup = article(
        7,
        "<b>粗</b> & “引号” \"q\" 'a' &amp;",
        "<p title=\"&quot;\">&lt;b&gt; &amp;amp;</p>",
    );
    let mut files = article(
        8,
        "附件很多",
        "<p>见附件。<a href=\"http://gov.example/f0.pdf?a=1&amp;b=2\">零</a></p>",
    );
    files.body.attachments = (0..60)
        .map(|n| Attachment {
            url: format!("http://gov.example/f{n}.pdf?a=1&b=2")
                .parse()
                .unwrap(),
            name: format!("附件{n}<&>.pdf"),
            media_type: (n % 2 == 0).then(|| "application/pdf".to_owned()),
            kept: None,
        })
        .collect();
    files.body.images = vec![Image {
        url: "http://gov.example/p.jpg".parse().unwrap(),
        caption: None,
        alt: None,
        kept: None,
    }];
    let mut ancient = article(9, "公元前", "<p>早</p>");
    ancient.metadata.published_on = Some("1900-01-01".parse().unwrap());
    vec![
        plain, bare, withdrawn, controls, emoji, cdata, markup, files, ancient,
    ]
}
