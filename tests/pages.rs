//! Site pages stand alone, link to existing files, and escape the text that they show.
//!
//! Owns the checks of their markup. Never opens a browser; `site` does.

use dibao::model::{Change, ChangeKind, Field, Image, Standing};
use dibao::publish::{PublishFolder, WriteOutcome};
use dibao::render::pages::{
    self, CatalogueEntry, ColumnSection, Filters, Hit, Listing, Month, Neighbour, Neighbours,
    OpenIncident, SearchPage, StatusChoice, StatusPage,
};
use dibao::render::{ColumnInfo, PortalInfo, Site, paths};
use dibao::search::Fragment;
use scraper::{Html, Selector};

use crate::articles::{article, column, named, oddities, site};

fn demo() -> Site {
    Site {
        demo: true,
        ..site()
    }
}

/// The catalogue, the column's page and a page for each oddity, by path.
fn site_pages(site: &Site) -> Vec<(String, String)> {
    let (articles, column) = (oddities(), column());
    let months = [Month {
        month: "2025-12".to_owned(),
        articles: articles.len() as u64,
        live: articles.len() as u64,
    }];
    let listing = Listing {
        column: &column,
        total: articles.len() as u64,
        newest: &articles,
        history_documents: 1,
        months: &months,
    };
    let entry = CatalogueEntry {
        column: &column,
        total: listing.total,
        section: &pages::catalogue_section(site, &listing),
    };
    let mut pages = vec![
        (
            paths::CATALOGUE.to_owned(),
            pages::catalogue(site, &[entry], &[]),
        ),
        (
            paths::column_page(&column.name),
            pages::column(site, &listing),
        ),
        (
            paths::portal_page(column.name.portal()),
            pages::portal(site, &column.portal, &[entry]),
        ),
        (
            paths::year_page(&column.name, "2025"),
            pages::year(site, &column, "2025", &months),
        ),
        (
            paths::month_page(&column.name, "2025-12", 1),
            pages::month(site, &column, ("2025-12", 1), &articles),
        ),
    ];
    pages.extend(articles.iter().map(|article| {
        let added = Change {
            seq: 1,
            kind: ChangeKind::Added,
            at: article.updated_at,
            article: article.clone(),
        };
        let page = pages::article(
            site,
            article,
            &[added],
            std::slice::from_ref(&column),
            &Neighbours::default(),
        );
        (paths::article_page(article.id), page)
    }));
    let text = |(path, bytes)| (path, String::from_utf8(bytes).unwrap());
    pages.into_iter().map(text).collect()
}

fn attributes(page: &Html, selector: &str, name: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    let values = page
        .select(&selector)
        .filter_map(|element| element.attr(name));
    values.map(str::to_owned).collect()
}

#[test]
fn every_relative_link_leads_to_a_published_path() {
    let pages = site_pages(&site());
    let name = column().name;
    let mut published: Vec<String> = pages.iter().map(|(path, _)| path.clone()).collect();
    published.extend(
        oddities()
            .iter()
            .map(|article| paths::article_json(article.id)),
    );
    published.extend([
        paths::OPML.to_owned(),
        paths::MANIFEST.to_owned(),
        paths::ARTICLE_SCHEMA.to_owned(),
        paths::STYLE.to_owned(),
        paths::FAVICON.to_owned(),
        paths::ICON_DRAWING.to_owned(),
        paths::changes(1),
        paths::rss(&name),
        paths::atom(&name),
        paths::json_feed(&name),
        paths::articles_json(&name),
        paths::history(&name, 1),
        paths::revisions(&name),
        paths::dump(&name, "2025-12"),
    ]);
    for portal in [None, Some(name.portal())] {
        use paths::GroupFile::{Atom, JsonFeed, Opml, Rss};
        published.extend([Atom, Rss, JsonFeed, Opml].map(|file| paths::group_file(portal, file)));
    }
    let mut followed = 0;
    for (path, html) in &pages {
        let base = site().url(path);
        let icons = attributes(&Html::parse_document(html), "link[rel=icon]", "href");
        assert_eq!(icons.len(), 2, "{path}");
        for href in attributes(&Html::parse_document(html), "[href]", "href") {
            let url = base.join(&href).unwrap();
            if url.host_str() != Some("news.example") || href.starts_with('#') {
                continue;
            }
            let target = url.path().trim_start_matches("/gov/");
            // Answers of the service, not files.
            if [paths::SEARCH, paths::STATUS].contains(&target) {
                continue;
            }
            assert!(
                published.iter().any(|path| path == target),
                "{path}: {href}"
            );
            followed += 1;
        }
    }
    assert!(followed > 60, "{followed}");
}

#[test]
fn pages_run_nothing_and_load_nothing_but_pictures_and_one_style() {
    for (path, html) in site_pages(&site()) {
        let page = Html::parse_document(&html);
        let policy = attributes(&page, "meta[http-equiv]", "content");
        assert!(
            policy[0].starts_with(
                "default-src 'none'; img-src 'self' http: https:; style-src 'self' file:;"
            ),
            "{path}"
        );
        let depth = path.matches('/').count();
        let search = format!("{}search", "../".repeat(depth));
        assert_eq!(attributes(&page, "form", "action"), [search], "{path}");
        let style = format!("{}style.css", "../".repeat(depth));
        assert_eq!(
            attributes(&page, "link[rel=stylesheet]", "href"),
            [style],
            "{path}"
        );
        for forbidden in ["script", "iframe", "object", "style", "[style]"] {
            assert!(
                attributes(&page, forbidden, "class").is_empty(),
                "{path}: {forbidden}"
            );
            assert_eq!(
                page.select(&Selector::parse(forbidden).unwrap()).count(),
                0,
                "{path}: {forbidden}"
            );
        }
    }
}

/// The history of an article that was edited time and again, by the portal and by us.
fn edited(times: u32) -> Vec<Change> {
    let state = |revision: u32| {
        let mut article = article(1, "通知", "<p>文</p>");
        article.body.body_text = format!("会议定于3月{revision}日召开。\n请准时参加。");
        article.revision = revision;
        article
    };
    let change = |revision: u32| Change {
        seq: i64::from(revision) * 10,
        kind: match revision {
            1 => ChangeKind::Added,
            2 => ChangeKind::Reextracted,
            _ => ChangeKind::Revised,
        },
        at: state(1).updated_at,
        article: state(revision),
    };
    (1..=times + 1).map(change).collect()
}

#[test]
fn an_article_page_shows_what_each_edit_changed() {
    let changes = edited(2);
    let newest = &changes[2].article;
    let html = String::from_utf8(pages::article(
        &site(),
        newest,
        &changes,
        &[],
        &Neighbours::default(),
    ))
    .unwrap();
    let page = Html::parse_document(&html);
    let texts = |selector: &str| -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let found = page.select(&selector);
        found.map(|element| element.text().collect()).collect()
    };
    // The newest first: the portal's edit, then our reading.
    assert_eq!(texts(".diff del"), ["2", "1"]);
    assert_eq!(texts(".diff ins"), ["3", "2"]);
    assert_eq!(texts(".diff p")[0], "会议定于3月23日召开。");
    let places = attributes(&page, ".history td a", "href");
    assert_eq!(places, ["#change-30", "#change-20"]);
    assert_eq!(
        attributes(&page, "details", "id"),
        ["change-30", "change-20"]
    );
    assert_eq!(attributes(&page, "details[open]", "id"), ["change-30"]);
    assert_eq!(texts(".history tbody tr").len(), 3);
}

#[test]
fn a_long_history_makes_no_long_page() {
    let changes = edited(5000);
    let newest = &changes[5000].article;
    let html = String::from_utf8(pages::article(
        &site(),
        newest,
        &changes,
        &[],
        &Neighbours::default(),
    ))
    .unwrap();
    assert_eq!(html.matches("class=\"diff\"").count(), 10);
    assert_eq!(html.matches("<tr><td>").count(), 100);
    assert!(html.contains("更早的 4901 次从略"));
    assert!(html.contains("#change-50010") && html.len() < 64 * 1024);
}

#[test]
fn texts_that_are_written_anew_again_and_again_make_no_huge_page() {
    let mut changes = edited(9);
    for (change, word) in changes.iter_mut().zip("甲乙丙丁戊己庚辛壬癸".chars()) {
        let line = word.to_string().repeat(5_000);
        change.article.body.body_text = format!("{line}\n").repeat(300);
    }
    let newest = changes[9].article.clone();
    let html = String::from_utf8(pages::article(
        &site(),
        &newest,
        &changes,
        &[],
        &Neighbours::default(),
    ))
    .unwrap();
    assert_eq!(html.matches("class=\"diff\"").count(), 1);
    assert!(
        html.contains("（其余从略）") && html.len() < 2 << 20,
        "{}",
        html.len()
    );
}

#[test]
fn changed_lists_show_what_came_and_went() {
    let mut changes = edited(1);
    let image = |name: &str| Image {
        url: format!("http://gov.example/{name}.jpg").parse().unwrap(),
        caption: None,
        alt: None,
        kept: None,
    };
    changes[0].article.body.images = vec![image("stays"), image("goes")];
    changes[1].article.body.images = vec![image("comes"), image("stays")];
    let newest = changes[1].article.clone();
    let html = String::from_utf8(pages::article(
        &site(),
        &newest,
        &changes,
        &[],
        &Neighbours::default(),
    ))
    .unwrap();
    let shown =
        "图片：<del>http://gov.example/goes.jpg</del> → <ins>http://gov.example/comes.jpg</ins>";
    assert!(html.contains(shown), "{html}");
}

#[test]
fn titles_are_escaped_once() {
    let odd = oddities().remove(6);
    let html = String::from_utf8(pages::article(
        &site(),
        &odd,
        &[],
        &[],
        &Neighbours::default(),
    ))
    .unwrap();
    let page = Html::parse_document(&html);
    let heading = page.select(&Selector::parse("h1").unwrap()).next().unwrap();
    assert_eq!(heading.text().collect::<String>(), odd.title);
}

#[test]
fn an_article_page_says_what_is_known_and_leaves_out_what_is_not() {
    let mut known = article(
        1,
        "题目",
        "<p>正文<img src=\"http://gov.example/in.jpg\"></p>",
    );
    known
        .provenance
        .insert(Field::IndexNumber, "label 索引号".to_owned());
    let html = String::from_utf8(pages::article(
        &site(),
        &known,
        &[],
        &[],
        &Neighbours::default(),
    ))
    .unwrap();
    for shown in [
        "索引号",
        "000014349/2025-32615",
        "潞城融媒",
        "2025-12-29",
        "label 索引号",
    ] {
        assert!(html.contains(shown), "{shown}");
    }
    assert!(!html.contains("发文字号") && !html.contains("撤下"));
    known.withdrawn_at = Some(known.updated_at);
    let html = String::from_utf8(pages::article(
        &site(),
        &known,
        &[],
        &[],
        &Neighbours::default(),
    ))
    .unwrap();
    assert!(html.contains("撤下"));
}

#[test]
fn every_page_of_a_demo_says_so() {
    for ((path, page), (_, real)) in site_pages(&demo()).into_iter().zip(site_pages(&site())) {
        assert!(
            page.contains("【演示】") && page.contains("均为虚构"),
            "{path}"
        );
        assert!(!real.contains("演示"), "{path}");
    }
}

#[test]
fn a_second_run_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let directory = PublishFolder::open(folder.path()).unwrap();
        let put = |(path, page): &(String, String)| directory.put(path, page.as_bytes()).unwrap();
        site_pages(&site()).iter().map(put).collect::<Vec<_>>()
    };
    assert!(
        run()
            .iter()
            .all(|outcome| *outcome == WriteOutcome::Written)
    );
    assert!(
        run()
            .iter()
            .all(|outcome| *outcome == WriteOutcome::Unchanged)
    );
}

#[test]
fn pictures_outside_the_text_are_shown_below_it_and_those_within_only_once() {
    let mut article = article(
        1,
        "图",
        "<p><img src=\"http://gov.example/in.jpg?a=1&amp;b=2\"></p>",
    );
    article.body.images = ["in.jpg?a=1&b=2", "out.jpg"]
        .map(|file| Image {
            url: format!("http://gov.example/{file}").parse().unwrap(),
            caption: Some("大会<开幕>".to_owned()),
            alt: None,
            kept: None,
        })
        .to_vec();
    let html = String::from_utf8(pages::article(
        &site(),
        &article,
        &[],
        &[],
        &Neighbours::default(),
    ))
    .unwrap();
    assert_eq!(html.matches("in.jpg").count(), 1);
    assert_eq!(html.matches("out.jpg").count(), 1);
    assert!(html.contains("<figcaption>大会&lt;开幕&gt;</figcaption>"));
}

fn fragments(text: &str) -> Vec<Fragment> {
    let parts = text.split('|').enumerate();
    parts
        .map(|(at, text)| Fragment {
            text: text.to_owned(),
            is_match: at % 2 == 1,
        })
        .collect()
}

/// An article that a search found.
pub(crate) fn hit() -> Hit {
    Hit {
        id: uuid::Uuid::from_u128(1),
        day: "2025-12-29".parse().unwrap(),
        issuer: Some("潞城融媒".to_owned()),
        title: fragments("聚焦|两会|<b>"),
        snippet: fragments("在|两会|上"),
    }
}

#[test]
fn a_search_shows_what_was_found_and_offers_its_feed() {
    let hit = hit();
    let found = SearchPage {
        query: "两会 & <供热>",
        filters: Filters {
            issuer: Some("潞城\"融媒".to_owned()),
            portal: Some(String::new()),
            ..Filters::default()
        },
        total: Some(21),
        has_more: false,
        hits: std::slice::from_ref(&hit),
        next: Some("search?q=a&page=2".to_owned()),
        turned: Some("?q=a&sort=published".to_owned()),
        columns: &[],
        ..SearchPage::default()
    };
    let page = pages::search(&site(), &found);
    let page = Html::parse_document(std::str::from_utf8(&page).unwrap());
    let texts = |selector: &str| -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let found = page.select(&selector);
        found.map(|element| element.text().collect()).collect()
    };
    assert_eq!(texts("mark"), ["两会", "两会"]);
    assert_eq!(texts(".hits a"), ["聚焦两会<b>"]);
    assert_eq!(texts(".snippet"), ["在两会上"]);
    assert_eq!(attributes(&page, "input[name=q]", "value"), [found.query]);
    let issuer = attributes(&page, "input[name=issuer]", "value");
    assert_eq!(issuer, ["潞城\"融媒"]);
    assert_eq!(
        attributes(&page, "a[rel=next]", "href"),
        ["search?q=a&page=2"]
    );
    let article = paths::article_page(hit.id);
    assert_eq!(attributes(&page, ".hits a", "href"), [article]);
    let feeds = attributes(&page, "link[rel=alternate]", "href");
    assert_eq!(feeds, attributes(&page, "ul.feeds a", "href"));
    let feed = site().url("").join(&feeds[0]).unwrap();
    assert_eq!(feed.path(), "/gov/search.atom");
    let asked: Vec<(String, String)> = feed.query_pairs().into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        asked,
        [pair("q", found.query), pair("issuer", "潞城\"融媒")]
    );
}

#[test]
fn a_search_without_a_question_asks_for_one_and_one_that_fails_says_why() {
    let html = |found: &SearchPage<'_>| String::from_utf8(pages::search(&site(), found)).unwrap();
    let empty = html(&SearchPage::default());
    assert!(empty.contains("name=\"q\"") && !empty.contains("search.atom"));
    let narrowed = html(&SearchPage {
        filters: Filters {
            since: Some("2025-12-01".to_owned()),
            ..Filters::default()
        },
        ..SearchPage::default()
    });
    assert!(narrowed.contains("href=\"search.atom?since=2025-12-01\""));
    let failed = html(&SearchPage {
        query: "a",
        problem: Some("日期 <2025-13> 不存在".to_owned()),
        ..SearchPage::default()
    });
    assert!(failed.contains("日期 &lt;2025-13&gt; 不存在") && !failed.contains("search.atom"));
}

/// A service with a column that is well, one that is not, and something for a person.
pub(crate) fn ailing() -> StatusPage {
    let at = article(1, "", "").updated_at;
    let day = |day: &str| day.parse().unwrap();
    let well = ColumnSection {
        name: column().name,
        title: column().title,
        last_run: Some(at),
        next_run: Some(at),
        last_new: None,
        standing: Standing::Well,
        trouble: None,
        articles: 1234,
        waiting: 3,
        held: Vec::new(),
        days: vec![
            (day("2025-12-28"), 0),
            (day("2025-12-29"), 4),
            (day("2025-12-30"), 2),
        ],
        filled: vec![(Field::Issuer, 98)],
    };
    let failing = ColumnSection {
        standing: Standing::Failing,
        trouble: Some(("timeout".to_owned(), "<没有回答>".to_owned())),
        held: vec![("field-missing".to_owned(), 2)],
        ..well.clone()
    };
    StatusPage {
        at,
        standings: vec![(Standing::Failing, 1), (Standing::Well, 1)],
        sums: [2468, 6, 2],
        choice: StatusChoice::default(),
        chosen: 2,
        columns: vec![well, failing],
        incidents: vec![OpenIncident {
            reason: "field-lost".to_owned(),
            subject: "lucheng/work-news".to_owned(),
            message: "索引号 & 来源".to_owned(),
            since: at,
        }],
    }
}

#[test]
fn the_status_page_says_how_each_column_is_and_what_needs_a_person() {
    let status = ailing();
    let html = String::from_utf8(pages::status(&site(), &status)).unwrap();
    let page = Html::parse_document(&html);
    let plots = attributes(&page, "svg[role=img]", "aria-label");
    assert_eq!(plots[0], "最近 3 天共 6 篇，最多一天 4 篇");
    let heights = attributes(&page, "svg rect", "height");
    // A day without articles has no bar.
    assert_eq!(heights[..2], ["40", "20"]);
    for shown in [
        "1234",
        "98%",
        "field-lost",
        "索引号 &amp; 来源",
        "&lt;没有回答&gt;",
        "网站没有及时回应 <code>timeout</code>",
        "2 篇 缺少必需字段 <code>field-missing</code>",
        "status?standing=failing",
    ] {
        assert!(html.contains(shown), "{shown}");
    }
    assert_eq!(html.matches("class=\"bad\"").count(), 1);
}

/// Columns of so many portals, those with an even number of these regions in turn.
fn columns_of(portals: usize, codes: &[&str]) -> Vec<ColumnInfo> {
    let column = |number: usize| {
        let name = format!("p{number:03}/news").parse().unwrap();
        let url = format!("http://www.p{number}.example/").parse().unwrap();
        let column = named(
            ColumnInfo::new(name, url),
            &format!("第{number}县政府"),
            "要闻",
        );
        let code = number
            .is_multiple_of(2)
            .then(|| codes[number / 2 % codes.len()].parse().unwrap());
        let portal = PortalInfo {
            code,
            ..(*column.portal).clone()
        };
        ColumnInfo {
            portal: portal.into(),
            ..column
        }
    };
    (0..portals).map(column).collect()
}

fn catalogue_of(columns: &[ColumnInfo]) -> (Html, usize) {
    let newest = &oddities()[..3];
    let sections: Vec<String> = columns
        .iter()
        .map(|column| {
            let listing = Listing {
                column,
                total: 1,
                newest,
                history_documents: 0,
                months: &[],
            };
            pages::catalogue_section(&site(), &listing)
        })
        .collect();
    let entries: Vec<CatalogueEntry<'_>> = columns
        .iter()
        .zip(&sections)
        .map(|(column, section)| CatalogueEntry {
            column,
            total: 1,
            section,
        })
        .collect();
    let html = String::from_utf8(pages::catalogue(&site(), &entries, &[])).unwrap();
    (Html::parse_document(&html), html.len())
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    let found = page.select(&selector);
    found.map(|element| element.text().collect()).collect()
}

#[test]
fn the_catalogue_groups_portals_by_region_and_names_portals_alone_where_there_are_many() {
    let (few, _) = catalogue_of(&columns_of(4, &["140000", "110101"]));
    let heads: Vec<String> = texts(&few, "main > section > h2");
    assert_eq!(heads[1..4], ["北京市", "山西省", "其他"]);
    let portals = attributes(&few, "h3.portal a", "href");
    let portal = |number: usize| paths::portal_page(&format!("p{number:03}"));
    assert_eq!(portals, [2, 0, 1, 3].map(portal));
    let columns = attributes(&few, "article h3 a", "href");
    assert_eq!(columns[0], "p002/news/index.html");

    // Of more columns, one article and one feed each; the markup stays within 20 KB.
    let (more, bytes) = catalogue_of(&columns_of(30, &["140000", "110101"]));
    assert_eq!(texts(&more, "article h3").len(), 30);
    assert_eq!(texts(&more, "article .feeds a"), ["Atom"; 30]);
    assert_eq!(texts(&more, "article .entries li").len(), 30);
    let text: usize = texts(&more, "html").iter().map(String::len).sum();
    assert!(bytes - text < 20_480, "{bytes} - {text}");
    let found = attributes(&more, "link[rel=alternate]", "href");
    assert_eq!(found, ["atom.xml", "rss.xml", "feed.json"]);

    let (many, bytes) = catalogue_of(&columns_of(1000, &["140000", "110101", "659001"]));
    assert_eq!(texts(&many, ".portals li").len(), 1000);
    assert_eq!(texts(&many, "article h3").len(), 0);
    let index = texts(&many, "nav[aria-label^=地区] a");
    assert_eq!(index, ["北京市", "山西省", "新疆维吾尔自治区", "其他"]);
    for place in attributes(&many, "nav[aria-label^=地区] a", "href") {
        let place = Selector::parse(&place).unwrap();
        assert_eq!(many.select(&place).count(), 1);
    }
    assert!(bytes < 160_000, "{bytes}");

    let (plain, _) = catalogue_of(&columns_of(2, &["140000"]).split_off(1));
    assert!(texts(&plain, "h2").iter().all(|head| head != "其他"));
}

#[test]
fn an_article_page_leads_back_to_its_column_and_on_to_its_neighbours() {
    let beside = |number: u128, title: &str| {
        Some(Neighbour {
            id: uuid::Uuid::from_u128(number),
            title: title.to_owned(),
        })
    };
    let beside = Neighbours {
        older: beside(7, "<较早>"),
        newer: beside(8, "较新"),
    };
    let known = article(1, "题目", "<p>正文</p>");
    let columns = [column()];
    let html = String::from_utf8(pages::article(&site(), &known, &[], &columns, &beside)).unwrap();
    let page = Html::parse_document(&html);
    assert_eq!(
        texts(&page, ".crumbs a"),
        ["目录", "潞城区", "工作动态 <&>"]
    );
    let up = attributes(&page, ".crumbs a", "href");
    assert_eq!(
        up,
        [
            "../../index.html",
            "../../lucheng/index.html",
            "../../lucheng/work-news/index.html"
        ]
    );
    assert_eq!(texts(&page, ".pager a"), ["<较早>", "较新"]);
    assert_eq!(attributes(&page, ".pager a", "rel"), ["prev", "next"]);
    let older = format!("../../{}", paths::article_page(uuid::Uuid::from_u128(7)));
    assert_eq!(attributes(&page, ".pager a", "href")[0], older);
    // What only some readers ask for is folded.
    assert_eq!(
        texts(&page, "details.provenance:not([open]) summary").len(),
        1
    );
}

#[test]
fn the_page_for_what_is_not_found_leads_on_from_any_address() {
    let html = String::from_utf8(pages::not_found(&site())).unwrap();
    let page = Html::parse_document(&html);
    let links = attributes(&page, "[href]:not([href^='#'])", "href");
    assert!(links.len() > 5, "{links:?}");
    assert!(
        links.iter().all(|link| link.starts_with("/gov/")),
        "{links:?}"
    );
    assert_eq!(attributes(&page, "form", "action"), ["/gov/search"]);
}

#[test]
fn a_search_offers_portals_and_columns_by_title() {
    let columns = columns_of(3, &["140000"]);
    let html = |found: &SearchPage<'_>| String::from_utf8(pages::search(&site(), found)).unwrap();
    let page = html(&SearchPage {
        columns: &columns,
        filters: Filters {
            column: Some("p001/news".to_owned()),
            ..Filters::default()
        },
        ..SearchPage::default()
    });
    let page = Html::parse_document(&page);
    let portals = texts(&page, "select[name=portal] option");
    assert_eq!(portals, ["全部 all", "第0县政府", "第1县政府", "第2县政府"]);
    let labels = attributes(&page, "select[name=column] optgroup", "label");
    assert_eq!(labels, ["第0县政府", "第1县政府", "第2县政府"]);
    let chosen = attributes(&page, "option[selected]", "value");
    assert_eq!(chosen, ["", "p001/news"]);

    // Of very many columns, those of one portal.
    let columns = columns_of(300, &["140000"]);
    let filters = Filters {
        portal: Some("p007".to_owned()),
        column: Some("gone/column".to_owned()),
        ..Filters::default()
    };
    let page = html(&SearchPage {
        columns: &columns,
        filters,
        ..SearchPage::default()
    });
    let page = Html::parse_document(&page);
    assert_eq!(texts(&page, "select[name=portal] option").len(), 301);
    let values = attributes(&page, "select[name=column] option", "value");
    assert_eq!(values, ["", "gone/column", "p007/news"]);
}

#[test]
fn a_columns_page_has_a_code_of_its_feeds_address() {
    let (_, html) = site_pages(&site()).remove(1);
    let page = Html::parse_document(&html);
    let address = column().atom_url(&site()).to_string();
    let labels = attributes(&page, ".qr svg", "aria-label");
    assert!(
        labels.len() == 1 && labels[0].ends_with(&address),
        "{labels:?}"
    );
    let path = attributes(&page, ".qr svg path", "d").remove(0);
    // The first row begins and ends with the seven squares of a finder.
    assert!(path.starts_with("M4 4h7v1h-7z"), "{path}");
    assert!(html.len() < 20_000, "{}", html.len());
}
