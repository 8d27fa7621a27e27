//! Searches find their articles: in a store with articles, over HTTP as readers ask.
//!
//! Owns the queries and their results. Never asks a portal.

mod feeds;
pub(crate) mod http;
mod recall;
mod refusals;

use dibao::model::IndexNumber;
use dibao::store::{ReadPage, SaveOutcome};
use serde_json::Value;

use crate::support::page;
use http::Service;

/// A page of the portal with this title and text.
fn news(number: u32, title: &str, text: &str) -> ReadPage {
    let url = format!("http://www.lc.gov.cn/gzdt/t{number}.html");
    let mut page = page(&url, None, title, text);
    page.content.metadata.index_number =
        IndexNumber::parse(&format!("000014349/2025-{:05}", 30_000 + number));
    page
}

fn titles(answer: &Value) -> Vec<&str> {
    let hits = answer["hits"].as_array().unwrap();
    hits.iter()
        .map(|hit| hit["title"].as_str().unwrap())
        .collect()
}

/// Fragments with what is marked in brackets.
fn marked(fragments: &Value) -> String {
    let show = |fragment: &Value| {
        let text = fragment["text"].as_str().unwrap();
        if fragment["is_match"] == true {
            format!("[{text}]")
        } else {
            text.to_owned()
        }
    };
    fragments.as_array().unwrap().iter().map(show).collect()
}

#[tokio::test]
async fn words_of_one_two_and_more_characters_are_found_wherever_they_stand() {
    let service = Service::open().await;
    service
        .add(&news(
            1,
            "全区供热工作会议召开",
            "会议要求保障群众温暖过冬。",
        ))
        .await;
    service
        .add(&news(2, "聚焦两会", "代表委员谈城市供水管网和热力管道。"))
        .await;
    service
        .add(&news(
            3,
            "通 知",
            "暖气试运行，大会议程另发。供、热分开计价。",
        ))
        .await;
    for (asked, expected) in [
        ("供热", vec!["全区供热工作会议召开"]),
        ("两会", vec!["聚焦两会"]),
        ("会议", vec!["全区供热工作会议召开", "通 知"]),
        ("通知", vec!["通 知"]),
        ("热", vec!["全区供热工作会议召开", "聚焦两会", "通 知"]),
        ("区供", vec!["全区供热工作会议召开"]),
        ("管网 热力", vec!["聚焦两会"]),
        ("管网热力", vec!["聚焦两会"]),
        ("\"管网热力\"", vec![]),
        ("“城市供水”", vec!["聚焦两会"]),
        ("会议 -供热", vec!["通 知"]),
        ("会议 -\"热力\" -大会议程", vec!["全区供热工作会议召开"]),
        ("潞城", vec![]),
    ] {
        let answer = service.search(&[("q", asked)]).await;
        let mut found = titles(&answer);
        found.sort_unstable();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(found, expected, "{asked}");
        assert_eq!(answer["total"], expected.len(), "{asked}");
    }
}

#[tokio::test]
async fn numbers_latin_words_and_wide_digits_are_found() {
    let service = Service::open().await;
    let mut numbered = news(
        2614,
        "关于印发方案的通知",
        "执行ＧＢ18030标准，NEV补贴3.5万元。",
    );
    numbered.content.metadata.document_number = Some("潞政发〔2025〕7号".to_owned());
    service.add(&numbered).await;
    let mut other = news(9, "另一个方案", "7号，2025。");
    other.content.metadata.document_number = Some("潞政发〔2024〕17号".to_owned());
    service.add(&other).await;
    for asked in [
        "000014349/2025-32614",
        "32614",
        "潞政发〔2025〕7号",
        "潞政发[2025]7号",
        "潞政发（２０２５）７号",
        "gb18030",
        "Nev",
        "3.5万元",
    ] {
        let answer = service.search(&[("q", asked)]).await;
        assert_eq!(titles(&answer), ["关于印发方案的通知"], "{asked}");
    }
}

#[tokio::test]
async fn the_title_counts_more_than_terms_and_these_more_than_the_text() {
    let service = Service::open().await;
    let long = format!("{}。{}", "供热".repeat(30), "管网改造".repeat(20));
    service.add(&news(1, "城建动态", &long)).await;
    let mut named = news(2, "公告", &"管网改造".repeat(40));
    named.content.metadata.subject_terms = vec!["供热".to_owned()];
    service.add(&named).await;
    service
        .add(&news(3, "供热安排", &"管网改造".repeat(200)))
        .await;
    for number in 10..20 {
        service
            .add(&news(number, "无关", &crate::support::text(number)))
            .await;
    }
    let answer = service.search(&[("q", "供热")]).await;
    assert_eq!(titles(&answer)[0], "供热安排");
    let scores: Vec<f64> = answer["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["score"].as_f64().unwrap())
        .collect();
    assert!(
        scores.is_sorted_by(|a, b| a >= b) && scores[2] > 0.0,
        "{scores:?}"
    );
}

#[tokio::test]
async fn of_the_same_the_newer_one_comes_first_and_what_is_undivided() {
    let service = Service::open().await;
    for (number, day) in [(1, "2015-03-01"), (2, "2025-12-01"), (3, "2020-05-05")] {
        let mut page = news(
            number,
            "供热公告",
            &format!("{}{day}", crate::support::text(number)),
        );
        page.content.metadata.published_on = Some(day.parse().unwrap());
        service.add(&page).await;
    }
    let answer = service.search(&[("q", "供热")]).await;
    let days: Vec<&str> = answer["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["published_on"].as_str().unwrap())
        .collect();
    assert_eq!(days, ["2025-12-01", "2020-05-05", "2015-03-01"]);
    service
        .add(&news(4, "改造", "城区正在改造，供热不停。"))
        .await;
    service
        .add(&news(5, "改造", "正在进行城区供热改造，热不停。"))
        .await;
    let answer = service.search(&[("q", "城区供热改造")]).await;
    assert_eq!(answer["total"], 2);
    assert_eq!(
        marked(&answer["hits"][0]["snippet"]),
        "正在进行[城区供热改造]，热不停。"
    );
}

#[tokio::test]
async fn results_come_by_day_for_whoever_asks_for_that_order() {
    let service = Service::open().await;
    for (number, title, day) in [
        (1, "供热安排", "2024-03-01"),
        (2, "城建动态", "2025-12-01"),
        (3, "城建简报", "2020-05-05"),
        (4, "城建周报", "2025-12-01"),
    ] {
        let text = format!("{}。说到供热。", crate::support::text(number));
        let mut page = news(number, title, &text);
        page.content.metadata.published_on = Some(day.parse().unwrap());
        service.add(&page).await;
    }
    let titles = async |asked: &[(&str, &str)]| -> Vec<String> {
        let answer = service.search(asked).await;
        let hits = answer["hits"].as_array().unwrap().iter();
        hits.map(|hit| hit["title"].as_str().unwrap().to_owned())
            .collect()
    };
    let by_day = ["城建周报", "城建动态", "供热安排", "城建简报"];
    assert_eq!(titles(&[("q", "供热")]).await[0], "供热安排");
    assert_eq!(
        titles(&[("q", "供热"), ("sort", "best")]).await[0],
        "供热安排"
    );
    assert_eq!(
        titles(&[("q", "供热"), ("sort", "published")]).await,
        by_day
    );
    let filtered = [("since", "2021-01-01"), ("sort", "published")];
    assert_eq!(titles(&filtered).await, by_day[..3]);
    let asked = [("q", "供热"), ("sort", "published"), ("limit", "3")];
    let first = service.search(&asked).await;
    assert_eq!(first["hits"].as_array().unwrap().len(), 3);
    let next = first["next"].as_str().unwrap();
    let (_, query) = next.split_once('?').unwrap();
    let rest: Value = service.get(&format!("/api/v1/search?{query}")).await.json();
    assert_eq!(rest["hits"][0]["title"], by_day[3]);
    let refused = service.get("/api/v1/search?q=a&sort=day").await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("published"), "{}", refused.text());

    // On the page, a link leads to the other order, without a script.
    let order = |page: &str| -> Vec<usize> {
        let place = |title: &&str| {
            page.find(&title.replace("供热", "<mark>供热</mark>"))
                .unwrap()
        };
        by_day.iter().map(place).collect()
    };
    let best = service
        .get(&http::path("/search", &[("q", "供热"), ("limit", "20")]))
        .await;
    let link = "?q=%E4%BE%9B%E7%83%AD&amp;limit=20&amp;sort=published";
    for part in ["最新在前", "最相关在前", &format!("href=\"{link}\"")] {
        assert!(best.text().contains(part), "{part}: {}", best.text());
    }
    assert!(!order(best.text()).is_sorted());
    let turned = service
        .get(&format!("/search{}", link.replace("&amp;", "&")))
        .await;
    assert!(order(turned.text()).is_sorted(), "{}", turned.text());
    // The next search that is typed has the order, too.
    assert!(
        turned
            .text()
            .contains("type=\"hidden\" name=\"sort\" value=\"published\"")
    );
    assert!(
        turned
            .text()
            .contains("href=\"?q=%E4%BE%9B%E7%83%AD&amp;limit=20\"")
    );
}

#[tokio::test]
async fn what_was_found_is_marked_and_shown_within_its_sentence() {
    let service = Service::open().await;
    let text = format!(
        "{}。今年的供热从十一月开始，请知悉。{}",
        "前".repeat(150),
        "后".repeat(150)
    );
    service.add(&news(1, "<b>供热</b> & 供暖", &text)).await;
    let answer = service.search(&[("q", "供热")]).await;
    let hit = &answer["hits"][0];
    assert_eq!(marked(&hit["title_marks"]), "<b>[供热]</b> & 供暖");
    let snippet = marked(&hit["snippet"]);
    assert!(
        snippet.starts_with("今年的[供热]从十一月开始，请知悉。后"),
        "{snippet}"
    );
    assert!(
        snippet.ends_with('…') && snippet.chars().count() < 130,
        "{snippet}"
    );
    let page = service.get("/search?q=供热").await;
    assert!(page.text().contains("<mark>供热</mark>"), "{}", page.text());
    assert!(
        page.text()
            .contains("&lt;b&gt;<mark>供热</mark>&lt;/b&gt; &amp; 供暖")
    );
}

#[tokio::test]
async fn edits_withdrawals_and_returns_change_what_is_found() {
    let service = Service::open().await;
    let first = news(1, "供热公告", "热力公司公告全文。");
    service.add(&first).await;
    let edited = news(1, "供水公告", "热力公司公告全文。");
    assert!(matches!(
        service.add(&edited).await,
        SaveOutcome::Changed(_)
    ));
    assert_eq!(service.search(&[("q", "供热")]).await["total"], 0);
    assert_eq!(service.search(&[("q", "供水")]).await["total"], 1);
    service.withdraw(&edited).await;
    assert_eq!(service.search(&[("q", "供水")]).await["total"], 0);
    service.add(&edited).await;
    assert_eq!(service.search(&[("q", "供水")]).await["total"], 1);
}

#[tokio::test]
async fn filters_narrow_down_each_and_together() {
    let service = Service::open().await;
    let filed = |number, issuer: &str, term: &str, day: &str| {
        let mut page = news(
            number,
            &format!("供热{number}"),
            &crate::support::text(number),
        );
        page.content.metadata.issuer = Some(issuer.to_owned());
        page.content.metadata.subject_terms = vec![term.to_owned()];
        page.content.metadata.topic_category = Some("城乡建设".to_owned());
        page.content.metadata.published_on = Some(day.parse().unwrap());
        page
    };
    service
        .add(&filed(1, "区住建局", "供热", "2024-11-01"))
        .await;
    service
        .add(&filed(2, "区住建局", "取暖", "2025-01-01"))
        .await;
    service.add(&filed(3, "区政府", "取暖", "2025-12-31")).await;
    service
        .list("lucheng/notices", &filed(3, "区政府", "取暖", "2025-12-31"))
        .await;
    for (filter, expected) in [
        (vec![("issuer", "区住建局")], vec!["供热1", "供热2"]),
        (vec![("issuer", "住建局")], vec![]),
        (vec![("category", "取暖")], vec!["供热2", "供热3"]),
        (
            vec![("category", "城乡建设")],
            vec!["供热1", "供热2", "供热3"],
        ),
        (
            vec![("category", "取暖"), ("issuer", "区政府")],
            vec!["供热3"],
        ),
        (vec![("since", "2025-01-01")], vec!["供热2", "供热3"]),
        (vec![("until", "2025-01-01")], vec!["供热1", "供热2"]),
        (
            vec![("since", "2025-01-01"), ("until", "2025-06-01")],
            vec!["供热2"],
        ),
        (vec![("portal", "lucheng")], vec!["供热1", "供热2", "供热3"]),
        (vec![("column", "lucheng/notices")], vec!["供热3"]),
    ] {
        for words in [vec![], vec![("q", "供热")]] {
            let asked = [words, filter.clone()].concat();
            let answer = service.search(&asked).await;
            let mut found = titles(&answer);
            found.sort_unstable();
            assert_eq!(found, expected, "{asked:?}");
        }
    }
}

#[tokio::test]
async fn pages_of_an_answer_hold_each_article_once() {
    let service = Service::open().await;
    for number in 1..=25 {
        service
            .add(&news(
                number,
                &format!("供热第{number}篇"),
                &crate::support::text(number),
            ))
            .await;
    }
    let mut found: Vec<String> = Vec::new();
    let mut path = "/api/v1/search?q=供热&limit=10".to_owned();
    loop {
        let answer = service.get(&path).await.json();
        assert_eq!(answer["total"], 25);
        found.extend(titles(&answer).into_iter().map(str::to_owned));
        let Some(next) = answer["next"].as_str() else {
            break;
        };
        path = next.replace("https://news.example/gov", "");
    }
    assert_eq!(found.len(), 25);
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), 25);
    let page = service.get("/search?q=供热").await;
    assert!(
        page.text().contains("rel=\"next\" href=\"?q="),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn an_index_of_another_version_is_made_anew() {
    let service = Service::open().await;
    for number in 1..=150 {
        service
            .add(&news(
                number,
                &format!("供热第{number}篇"),
                &crate::support::text(number),
            ))
            .await;
    }
    let service = service.with_old_index().await;
    assert_eq!(service.search(&[("q", "供热")]).await["total"], 0);
    assert_eq!(
        service.store().search().complete_index().await.unwrap(),
        150
    );
    assert_eq!(service.search(&[("q", "供热")]).await["total"], 150);
    assert_eq!(service.store().search().complete_index().await.unwrap(), 0);
}
