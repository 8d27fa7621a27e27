//! Tests of articles over several pages.
//!
//! Owns their small pages. Never fetches a page.

use crate::config::ArticleRules;
use crate::extract::{Extracted, article};

use super::*;

const FIRST: &str = "http://www.x.gov.cn/gzdt/202512/t20251229_7.html";

fn read_at(url: &str, pager: &str, text: &str) -> Extracted {
    let url = Url::parse(FIRST).unwrap().join(url).unwrap();
    let page = format!(
        "<title>某县召开会议</title><h1>某县召开会议</h1><div id=zoom><p>{text}，要认真做好岁末年初的各项工作，确保群众温暖过冬。</p>\
         {pager}</div><p>上一篇：<a href=t20251228_6.html>别的</a></p><p><a href=t20251230_8.html>下一篇</a></p>"
    );
    article(&page, &url, &ArticleRules::default())
}

fn next(url: &str, pager: &str) -> Option<String> {
    let next = read_at(url, pager, "会议指出").next_part?;
    let next = next.as_str();
    let next = next
        .strip_prefix("http://www.x.gov.cn/gzdt/202512/")
        .unwrap_or(next);
    Some(next.to_owned())
}

#[test]
fn the_next_part_is_the_first_ones_address_with_a_number() {
    for (url, pager, expected) in [
        (
            "t20251229_7.html",
            "<script>createPageHTML(3, 0, 't20251229_7', 'html')</script>",
            Some("t20251229_7_1.html"),
        ),
        (
            "t20251229_7_1.html",
            "<script>createPageHTML(3, 1, 't20251229_7', 'html')</script>",
            Some("t20251229_7_2.html"),
        ),
        (
            "t20251229_7_2.html",
            "<script>createPageHTML(3, 2, 't20251229_7', 'html')</script>",
            None,
        ),
        (
            "t1.html",
            "<b>1</b> <a href=t1_2.html>2</a> <a href=t1_3.html>3</a>",
            Some("t1_2.html"),
        ),
        (
            "t1_2.html",
            "<a href=t1.html>1</a> <b>2</b> <a href=t1_3.html>3</a>",
            Some("t1_3.html"),
        ),
        (
            "t1_3.html",
            "<a href=t1.html>1</a> <a href=t1_2.html>2</a> <b>3</b>",
            None,
        ),
        (
            "show.jsp?id=5",
            "<a href='?id=5&page=2'>下一页</a>",
            Some("show.jsp?id=5&page=2"),
        ),
        (
            "show.jsp?id=5&page=2",
            "<a href='?id=5&page=1'>上一页</a><a href='?id=5&page=3'>下一页</a>",
            Some("show.jsp?id=5&page=3"),
        ),
        (
            "2201.htm",
            "<a href='2201/2.htm'>下一页</a>",
            Some("2201/2.htm"),
        ),
        (
            "t1.html",
            "<a href='javascript:go(2)'>下一页</a><script>function go(n){location.href='t1_'+n+'.html'}</script>",
            Some("t1_2.html"),
        ),
        // Another article, however it is called.
        ("art_12_34.html", "<a href=art_12_35.html>下一页</a>", None),
        ("t1.html", "<a href=t2.html>下一页</a>", None),
        ("t1.html", "<a href=/other/t1_2.html>2</a>", None),
        ("t1.html", "<a href=t1_2.html>另一条消息</a>", None),
        ("show.jsp?id=5", "<a href='?id=6&page=2'>下一页</a>", None),
        (
            "t1.html",
            "<a href=http://y.gov.cn/gzdt/202512/t1_2.html>2</a>",
            None,
        ),
        ("t1.html", "<a href=t1_20251229.html>2</a>", None),
        (
            "t1.html",
            "<script>createPageHTML(5, 0, 'index', 'html')</script>",
            None,
        ),
    ] {
        assert_eq!(next(url, pager).as_deref(), expected, "{url} {pager}");
    }
}

#[test]
fn the_pager_is_no_part_of_the_text() {
    let pager = "<div class=p><span>1</span> <a href=t20251229_7_1.html>2</a> <a href=t20251229_7_1.html>下一页</a> 共2页</div>";
    for url in ["t20251229_7.html", "t20251229_7_1.html"] {
        let back = "<div><a href=t20251229_7.html>1</a><a href=t20251229_7_1.html>2</a></div>";
        let text = read_at(url, &format!("{pager}{back}"), "会议指出")
            .body
            .body_text;
        assert!(text.ends_with("温暖过冬。"), "{text}");
    }
}

#[test]
fn parts_become_one_and_the_first_keeps_the_word() {
    let file = "<p><a href=a.pdf>附表</a></p>";
    let mut whole = read_at(
        "t1.html",
        &format!("{file}<a href=t1_2.html>2</a>"),
        "会议指出",
    );
    let picture = "<p><img src=b.jpg width=400></p>";
    let second = read_at("t1_2.html", &format!("{picture}{file}"), "会议强调");
    assert!(whole.append(second.clone()));
    let lines: Vec<&str> = whole.body.body_text.lines().collect();
    assert!(
        lines[0].starts_with("会议指出") && lines.iter().any(|line| line.starts_with("会议强调"))
    );
    assert_eq!(
        (whole.body.images.len(), whole.body.attachments.len()),
        (1, 1)
    );
    assert_eq!(whole.title.as_deref(), Some("某县召开会议"));
    assert_eq!(whole.next_part, None);
    assert!(whole.provenance.contains_key(&Field::Images));
    let before = whole.clone();
    assert!(
        !whole.append(second),
        "what is known already is not said twice"
    );
    assert_eq!(whole, before);
}
