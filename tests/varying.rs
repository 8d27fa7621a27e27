//! Addresses that differ from fetch to fetch: of articles in lists, and within texts.
//!
//! Owns the cases. Never fetches.

use chrono::{NaiveDate, TimeDelta};
use dibao::demo::Reply;
use dibao::model::{Attachment, ChangeKind, ColumnName, Image, Timestamp};
use dibao::store::{Delay, ListedItem, ReadPage, SaveOutcome, Store};
use url::Url;

use crate::support::replica::{Bench, FOLDER, Replica};
use crate::support::{TempStore, morning, page, temp_store, text};

const REVISED: SaveOutcome = SaveOutcome::Changed(ChangeKind::Revised);
const HEX: [&str; 4] = [
    "9f86d081884c7d659a2feaa0c55ad015",
    "60303ae22b9988615fb5f8b4e6d2a0c1",
    "fd61a03af4f77d870fc21e05e7e80678",
    "a4e624d686e03ed2767c0abd85c14426",
];

/// A list that is fetched again and again.
struct List {
    store: TempStore,
    column: ColumnName,
    walk: i64,
}

/// A row: its address, its title, its day of December.
type Row<'a> = (&'a str, &'a str, Option<u32>);

fn item((url, title, day): &Row<'_>, position: i64) -> ListedItem {
    let day = day.and_then(|day| NaiveDate::from_ymd_opt(2025, 12, day));
    ListedItem {
        url: url.parse().unwrap(),
        title: (*title).to_owned(),
        published_on: day,
        listed_on: day,
        position,
    }
}

impl List {
    async fn new() -> Self {
        Self {
            store: temp_store().await,
            column: "lucheng/news".parse().unwrap(),
            walk: 0,
        }
    }

    /// A fetch of the list. Returns the addresses that are then asked for, and reads them.
    async fn fetch(&mut self, rows: &[Row<'_>]) -> Vec<String> {
        self.walk += 1;
        let items: Vec<ListedItem> = (0..).zip(rows).map(|(at, row)| item(row, at)).collect();
        let (now, column) = (morning(), &self.column);
        let queue = self.store.queue();
        let unknown = queue
            .add(now, column, "lucheng", self.walk, &items, u32::MAX)
            .await;
        let due = queue.due(now, column).await.unwrap();
        let unknown = unknown
            .unwrap()
            .unknown
            .into_iter()
            .filter(|is_new| *is_new);
        assert_eq!(unknown.count(), due.len());
        for (at, item) in due.iter().enumerate() {
            let seed = self.walk as u32 * 100 + at as u32;
            let title = &item.row.as_ref().unwrap().title;
            let read = page(item.url.as_str(), None, title, &text(seed));
            let saved = self.store.articles().save(now, Some(column), &read);
            saved.await.unwrap();
        }
        let columns = self.store.columns();
        let memory = Default::default();
        let complete = columns.complete_walk(column, Default::default(), &memory);
        complete.await.unwrap();
        due.into_iter().map(|item| item.url.into()).collect()
    }
}

const NOTHING: Vec<String> = Vec::new();

#[tokio::test]
async fn tokens_that_are_known_by_name_and_value_are_left_out_from_the_first_fetch_on() {
    let date = |second: u32| format!("Tue%20Dec%2030%202025%2009:30:{second}%20GMT%2B0800");
    let forms: [fn(usize, usize) -> String; 9] = [
        |row, at| format!("http://a.cn/art.jsp;jsessionid={}?id={row}", HEX[at]),
        |row, at| format!("http://a.cn/art.php?id={row}&PHPSESSID={}", HEX[at]),
        |row, at| format!("http://a.cn/(S(lit3py55t21z5v55vlm25s5{at}))/{row}.aspx"),
        |row, at| format!("http://a.cn/{row}.html?sid={}", HEX[at]),
        |row, at| format!("http://a.cn/{row}.html?_=176705640{at}123"),
        |row, at| format!("http://a.cn/{row}.html?0.731234567{at}"),
        |row, at| format!("http://a.cn/art?rnd={}&id={row}", at * 37),
        // One value in the whole list.
        |row, at| format!("http://a.cn/art?id={row}&_t={}", at + 1),
        |row, at| format!("http://a.cn/{row}.html?sid=s{}", at + 1),
    ];
    let mut lists: Vec<Vec<[String; 2]>> = forms
        .iter()
        .map(|form| (0..3).map(|at| [form(1, at), form(2, at)]).collect())
        .collect();
    lists.push(
        (10..13)
            .map(|at| [1, 2].map(|row| format!("http://a.cn/{row}.html?time={}", date(at))))
            .collect(),
    );
    for looks in lists {
        let mut list = List::new().await;
        let first: Vec<String> = list
            .fetch(&[
                (&looks[0][0], "一", Some(30)),
                (&looks[0][1], "二", Some(29)),
            ])
            .await;
        assert_eq!(first, [looks[0][1].clone(), looks[0][0].clone()]);
        for look in &looks[1..] {
            // A row may get another day: what is left of the addresses still tells them apart.
            let rows = [(&*look[0], "一", Some(30)), (&*look[1], "二", Some(28))];
            assert_eq!(list.fetch(&rows).await, NOTHING, "{look:?}");
        }
        // News is found among them.
        let news = looks[2][0].replacen("a.cn/", "a.cn/x", 1);
        let rows = [(&*news, "三", Some(30)), (&*looks[2][0], "一", Some(30))];
        assert_eq!(list.fetch(&rows).await, std::slice::from_ref(&news));
    }
}

#[tokio::test]
async fn ids_of_articles_are_no_tokens_whatever_they_are_called() {
    let (a, b, c) = (HEX[0], HEX[1], HEX[2]);
    for form in ["view?sid=", "view?token=", "view;jsessionid="] {
        let [a, b, c] = [a, b, c].map(|id| format!("http://a.cn/{form}{id}"));
        let mut list = List::new().await;
        // Two rows of one list, also with the same words.
        let rows = [(&*a, "公示", Some(30)), (&*b, "公示", Some(30))];
        assert_eq!(list.fetch(&rows).await.len(), 2, "{form}");
        assert_eq!(list.fetch(&rows).await, NOTHING);
        // A third one pushes the others down.
        let rows = [(&*c, "公示", Some(30)), (&*a, "公示", Some(30))];
        assert_eq!(list.fetch(&rows).await, std::slice::from_ref(&c), "{form}");
        // A list of one row, which shows the newest article.
        let mut list = List::new().await;
        for (url, title, day) in [(&a, "一", 28), (&b, "二", 28), (&c, "二", 29)] {
            assert_eq!(
                list.fetch(&[(url, title, Some(day))]).await,
                std::slice::from_ref(url)
            );
        }
    }
    for values in [["385009", "385010"], ["20251229", "20251230"], ["gk", "zw"]] {
        let mut list = List::new().await;
        for value in values {
            for name in ["sid", "t", "v", "timestamp", "token"] {
                let url = format!("http://a.cn/view?{name}={value}");
                let asked = list.fetch(&[(&url, name, Some(30))]).await;
                assert_eq!(asked, std::slice::from_ref(&url));
            }
        }
    }
}

#[tokio::test]
async fn a_parameter_of_any_name_varies_after_three_values_of_a_row() {
    for (form, others) in [
        ("http://a.cn/ROW.html?from=wAT", true),
        ("http://a.cn/view?id=ROW&k=AT", true),
        // The whole address is made anew; title and day tell the rows apart.
        ("http://a.cn/view?key=qAT-ROW", true),
        ("http://a.cn/ROW.html?from=wAT", false),
    ] {
        let url = |row: &str, at: u32| {
            let hidden = if form.contains("key") {
                at * 7 + row.len() as u32
            } else {
                at
            };
            form.replace("ROW", row).replace("AT", &hidden.to_string())
        };
        let mut list = List::new().await;
        for at in 1..=6 {
            let (one, two) = (url("1", at), url("22", at));
            let mut rows = vec![(&*one, "一", Some(30)), (&*two, "二", Some(30))];
            if !others {
                rows.truncate(1);
            }
            let asked = list.fetch(&rows).await.len();
            assert_eq!(asked, if at < 3 { rows.len() } else { 0 }, "{form} {at}");
        }
        // From then on it is left out of a new row, too; one with the same words on another day is
        // another row.
        let (new, again) = (url("333", 7), url("333", 8));
        assert_eq!(
            list.fetch(&[(&new, "三", Some(30))]).await,
            std::slice::from_ref(&new)
        );
        assert_eq!(list.fetch(&[(&again, "三", Some(30))]).await, NOTHING);
        let other = url("333", 9);
        assert_eq!(
            list.fetch(&[(&other, "三", Some(31))]).await,
            std::slice::from_ref(&other)
        );
    }
}

#[tokio::test]
async fn a_parameter_that_stays_in_other_rows_does_not_vary() {
    let mut list = List::new().await;
    for at in 1..=6 {
        // The same words three times a day, and the one before is gone each time.
        let newest = format!("http://a.cn/view?id={}", 100 + at);
        let rows = [
            (&*newest, "今日天气", Some(30)),
            ("http://a.cn/view?id=1", "一", Some(29)),
            ("http://a.cn/view?id=2", "二", Some(28)),
        ];
        let asked = list.fetch(&rows).await;
        assert_eq!(asked.len(), if at == 1 { 3 } else { 1 }, "{at}");
    }
}

#[tokio::test]
async fn two_rows_of_a_list_never_become_one() {
    let url = |at: usize, row: usize| format!("http://a.cn/view?k={}", at * 10 + row);
    let mut list = List::new().await;
    for at in 1..=5 {
        let (one, two) = (url(at, 1), url(at, 2));
        let rows = [(&*one, "公示", Some(30)), (&*two, "公示", Some(30))];
        assert_eq!(list.fetch(&rows).await.len(), 2, "{at}");
    }
    let clock = |row: usize| format!("http://a.cn/7.html?t=176705640{row}123");
    let mut list = List::new().await;
    for at in 1..=3 {
        let (one, two) = (clock(at * 2), clock(at * 2 + 1));
        let rows = [(&*one, "公示", Some(30)), (&*two, "公示", Some(30))];
        assert_eq!(list.fetch(&rows).await.len(), 2, "{at}");
    }
}

#[tokio::test]
async fn an_address_that_does_not_lead_there_gives_way_to_the_new_one() {
    let url = |at: usize| format!("http://a.cn/1.html?token={}", HEX[at]);
    let beside = |at: usize| format!("http://a.cn/2.html?token={}", HEX[at]);
    let now = morning();
    // The page was read, and is gone at its address.
    let mut list = List::new().await;
    let (one, two) = (url(0), beside(0));
    list.fetch(&[(&one, "一", Some(30)), (&two, "二", Some(30))])
        .await;
    let gone: Url = one.parse().unwrap();
    let articles = list.store.articles();
    articles.note_missing(now, "lucheng", &gone).await.unwrap();
    let (one, two) = (url(1), beside(1));
    let rows = [(&*one, "一", Some(30)), (&*two, "二", Some(30))];
    assert_eq!(list.fetch(&rows).await, std::slice::from_ref(&one));
    let (again, two) = (url(2), beside(2));
    let rows = [(&*again, "一", Some(30)), (&*two, "二", Some(30))];
    assert_eq!(list.fetch(&rows).await, NOTHING);
    // It was never read.
    let store = temp_store().await;
    let column: ColumnName = "lucheng/news".parse().unwrap();
    for (walk, at) in [(1, 0), (2, 1)] {
        let items = [
            item(&(&url(at), "一", Some(30)), 0),
            item(&(&beside(at), "二", Some(30)), 1),
        ];
        let queue = store.queue();
        queue
            .add(now, &column, "lucheng", walk, &items, u32::MAX)
            .await
            .unwrap();
        let due: Vec<String> = urls_due(&store, &column).await;
        assert_eq!(due, [beside(0), url(at)]);
        let first: Url = url(0).parse().unwrap();
        let delay = Delay {
            tried_at: now,
            next_try_at: now,
            reason: "not-found",
            message: "no such page",
        };
        let failed = queue.put_back(&column, &first, delay);
        failed.await.unwrap();
    }
}

async fn urls_due(store: &Store, column: &ColumnName) -> Vec<String> {
    let due = store.queue().due(morning(), column).await.unwrap();
    let mut urls: Vec<String> = due.into_iter().map(|item| item.url.into()).collect();
    urls.sort_by_key(|url| std::cmp::Reverse(url.contains("2.html")));
    urls
}

#[tokio::test]
async fn another_column_and_a_backfill_know_a_row_too() {
    let url = |row: usize, at: usize| format!("http://a.cn/{row}.html?sid={}", HEX[at]);
    let mut list = List::new().await;
    let (one, two) = (url(1, 0), url(2, 0));
    list.fetch(&[(&one, "一", Some(30)), (&two, "二", Some(30))])
        .await;
    let other: ColumnName = "lucheng/works".parse().unwrap();
    let items = [
        item(&(&url(1, 1), "一", Some(30)), 0),
        item(&(&url(2, 1), "二", Some(30)), 1),
    ];
    let queue = list.store.queue();
    let unknown = queue
        .add(morning(), &other, "lucheng", 1, &items, u32::MAX)
        .await;
    assert!(unknown.unwrap().unknown.iter().all(|is_new| !is_new));
    assert_eq!(urls_due(&list.store, &other).await, NOTHING);
    let backfills = list.store.backfills();
    let seen = backfills.were_seen(morning(), &list.column, "lucheng", 1, &items);
    assert!(!seen.await.unwrap());
}

#[tokio::test]
async fn articles_of_a_single_page_are_told_apart_by_their_fragments() {
    let mut list = List::new().await;
    let rows = [
        ("http://a.cn/#/detail?id=1", "一", Some(30)),
        ("http://a.cn/#/detail?id=2", "二", Some(30)),
        ("http://a.cn/#!/news/3", "三", Some(30)),
    ];
    assert_eq!(list.fetch(&rows).await.len(), 3);
    assert_eq!(list.fetch(&rows).await, NOTHING);
}

/// A page with a picture, a file and a line at its end.
fn with(picture: &str, file: (&str, &str), line: &str) -> ReadPage {
    let mut page = page("http://a.gov.cn/1.html", None, "供热开工", &text(1));
    let body = &mut page.content.body;
    let (picture, address): (Url, Url) = (picture.parse().unwrap(), file.0.parse().unwrap());
    let escaped = |url: &Url| url.as_str().replace('&', "&amp;");
    body.body_html.push_str(&format!(
        "<p><img src=\"{}\"></p><p><a href=\"{}\">{}</a></p><p>{line}</p>",
        escaped(&picture),
        escaped(&address),
        file.1
    ));
    body.body_text.push_str(&format!("\n{}\n{line}", file.1));
    body.images = vec![Image {
        url: picture,
        caption: None,
        alt: None,
        kept: None,
    }];
    body.attachments = vec![Attachment {
        url: address,
        name: file.1.to_owned(),
        media_type: None,
        kept: None,
    }];
    page
}

/// What becomes of these states of a page, one after the other, an hour apart.
async fn outcomes(pages: &[ReadPage]) -> (TempStore, Vec<SaveOutcome>) {
    let store = temp_store().await;
    let mut outcomes = Vec::new();
    for (hours, page) in (0..).zip(pages) {
        let now: Timestamp = morning().plus(TimeDelta::hours(hours));
        outcomes.push(store.articles().save(now, None, page).await.unwrap());
    }
    outcomes.remove(0);
    (store, outcomes)
}

#[tokio::test]
async fn tokens_counters_and_clocks_within_a_text_are_no_change() {
    let states: Vec<ReadPage> = (0..4)
        .map(|at: usize| {
            let hex = HEX[at];
            with(
                &format!("http://img{at}.a.gov.cn/p.jpg?t=176705640{at}123&q={hex}"),
                (
                    &format!("http://a.gov.cn/down.jsp;jsessionid={hex}?id=7&token={hex}"),
                    &format!("名单.pdf（下载次数：{at}）"),
                ),
                &format!("本文已被浏览 {at} 次，当前时间：2025年12月30日 9:3{at}:07"),
            )
        })
        .collect();
    let (store, seen) = outcomes(&states).await;
    assert_eq!(seen, [SaveOutcome::Unchanged; 3]);
    let changes = store.changes().after(0, 10).await.unwrap();
    assert_eq!(changes.len(), 1);
    // With a real change come the addresses of today.
    let mut edited = states[3].clone();
    edited.content.body.body_text.push_str("\n补充一句。");
    let later = morning().plus(TimeDelta::days(1));
    let saved = store.articles().save(later, None, &edited).await.unwrap();
    assert_eq!(saved, REVISED);
    let changes = store.changes().after(1, 10).await.unwrap();
    assert_eq!(changes[0].article.body.images, edited.content.body.images);
}

#[tokio::test]
async fn another_name_path_size_or_day_of_a_file_is_a_change() {
    let picture = "http://a.gov.cn/p.jpg";
    for (before, now) in [
        (
            ("http://a.gov.cn/1.pdf", "名单"),
            ("http://a.gov.cn/2.pdf", "名单"),
        ),
        (
            ("http://a.gov.cn/1.pdf", "名单"),
            ("http://a.gov.cn/1.pdf", "名单（更正）"),
        ),
        (
            ("http://a.gov.cn/1.pdf", "名单（235KB）"),
            ("http://a.gov.cn/1.pdf", "名单（236KB）"),
        ),
        (
            ("http://a.gov.cn/1.pdf?d=20251229", "名单"),
            ("http://a.gov.cn/1.pdf?d=20251230", "名单"),
        ),
        (
            ("http://a.gov.cn/down?id=7", "名单"),
            ("http://a.gov.cn/down?id=8", "名单"),
        ),
    ] {
        let states = [with(picture, before, ""), with(picture, now, "")];
        assert_eq!(outcomes(&states).await.1, [REVISED], "{now:?}");
    }
}

#[tokio::test]
async fn a_new_value_that_stays_is_a_change_at_the_second_look() {
    let state = |at: usize| {
        let file = format!("http://a.gov.cn/down?guid={}", HEX[at]);
        with("http://a.gov.cn/p.jpg", (&file, "名单"), "")
    };
    let states = [state(0), state(1), state(1), state(1)];
    let (store, seen) = outcomes(&states).await;
    let same = SaveOutcome::Unchanged;
    assert_eq!(seen, [same, REVISED, same]);
    let changes = store.changes().after(1, 10).await.unwrap();
    let files = &changes[0].article.body.attachments;
    assert_eq!(*files, states[1].content.body.attachments);
}

#[tokio::test]
async fn notices_with_the_same_words_on_two_days_and_notices_without_text_stay_two() {
    let store = temp_store().await;
    let notice = |url: &str, day: u32, words: &str| {
        let mut page = page(url, None, "停水通知", words);
        page.content.metadata.published_on = NaiveDate::from_ymd_opt(2025, 12, day);
        page
    };
    let words = text(1);
    for (at, page) in (1..).zip([
        notice("http://a.gov.cn/1.html", 1, &words),
        notice("http://a.gov.cn/2.html", 2, &words),
        notice("http://a.gov.cn/3.html", 3, ""),
        notice("http://a.gov.cn/4.html", 3, ""),
        notice("http://a.gov.cn/5.html", 3, "。"),
    ]) {
        let saved = store.articles().save(morning(), None, &page).await.unwrap();
        assert_eq!(saved, SaveOutcome::Changed(ChangeKind::Added), "{at}");
    }
    // The same words on the same day are one notice that has moved.
    let moved = notice("http://a.gov.cn/news/1.html", 1, &words);
    let saved = store
        .articles()
        .save(morning(), None, &moved)
        .await
        .unwrap();
    assert_eq!(saved, SaveOutcome::Changed(ChangeKind::Amended));
}

#[tokio::test(flavor = "multi_thread")]
async fn undated_notices_with_the_same_words_on_two_listed_days_stay_two() {
    let replica = Replica::serve().await;
    let path = |number: u32| format!("{FOLDER}content_{number}.html");
    let notice = format!(
        "<html><head><meta charset=\"utf-8\"><title>停水通知</title></head><body>\
         <h1>停水通知</h1><div class=\"TRS_Editor\"><p>{}</p></div></body></html>",
        text(5)
    );
    let mut list =
        "<html><head><meta charset=\"utf-8\"></head><body><ul class=\"list\">".to_owned();
    for (number, day) in [(71003, 29), (71002, 24), (71001, 22)] {
        let address = path(number);
        list.push_str(&format!(
            "<li><a href=\"{address}\">停水通知</a><span>2025-12-{day}</span></li>"
        ));
        replica.answer(&address, Reply::Page(notice.clone().into_bytes()));
    }
    list.push_str("</ul></body></html>");
    replica.answer(FOLDER, Reply::Page(list.into_bytes()));
    let bench = Bench::new(&replica);
    let (report, _) = bench.run().await;
    assert_eq!(report.new, 3, "{report}");
    let articles = bench.articles().await;
    let days = articles.iter().map(|article| article.metadata.published_on);
    let wanted = [22, 24, 29].map(|day| NaiveDate::from_ymd_opt(2025, 12, day));
    assert_eq!(days.collect::<Vec<_>>(), wanted);
    assert!(articles.iter().all(|article| article.aliases.is_empty()));
}
