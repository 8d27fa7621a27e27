//! Tests of columns with selectors.
//!
//! Owns their small pages. Never fetches a page.

use scraper::Selector;

use super::*;

fn selector(text: &str) -> Option<Selector> {
    Some(Selector::parse(text).unwrap())
}

#[test]
fn the_columns_selectors_come_first() {
    let html = format!(
        "<ul>{}</ul><div class=it><b>甲</b><a class=n href=b1.html>无</a><a href=b2.html>乙</a>\
         <i>2024-01-01</i><u>2023年2月3日</u></div>",
        rows("<li><a href='{url}'>{title}</a><span>{date}</span></li>")
    );
    let rules = ListRules {
        item: selector(".it"),
        link: selector("a:not(.n)"),
        title: selector("b"),
        date: selector("u"),
        ..ListRules::default()
    };
    let page = read_with(&html, &rules);
    assert_eq!(lines(&page), ["b2.html 甲 2023-02-03"]);
    assert_eq!(page.problems, []);
    let rules = ListRules {
        link: selector(".it > a:last-of-type"),
        ..ListRules::default()
    };
    assert_eq!(lines(&read_with(&html, &rules)), ["b2.html 乙 -"]);
}

#[test]
fn a_selector_that_matches_nothing_is_told_and_the_rest_is_found() {
    let html = format!(
        "<ul>{}</ul>",
        rows("<li><a href='{url}'>{title}</a><span>{date}</span></li>")
    );
    let gone = || selector(".gone");
    for (key, rules) in [
        (
            "list.item",
            ListRules {
                item: gone(),
                ..ListRules::default()
            },
        ),
        (
            "list.link",
            ListRules {
                link: gone(),
                ..ListRules::default()
            },
        ),
        (
            "list.title",
            ListRules {
                title: gone(),
                ..ListRules::default()
            },
        ),
        (
            "list.date",
            ListRules {
                item: selector("li"),
                date: gone(),
                ..ListRules::default()
            },
        ),
        (
            "list.next",
            ListRules {
                next: gone(),
                ..ListRules::default()
            },
        ),
    ] {
        let page = read_with(&html, &rules);
        assert_eq!(lines(&page), THREE, "{key}");
        let (key, rule) = (key.to_owned(), ".gone".to_owned());
        assert_eq!(
            page.problems,
            [Problem::SelectorMatchedNothing { key, rule }]
        );
    }
}
