//! Pagers of every family, small.

use scraper::Selector;

use super::*;

fn next_of(here: &str, html: &str, rules: &ListRules) -> Option<String> {
    let here = Url::parse(here).unwrap();
    let document = Html::parse_document(html);
    next(&document, &here, &here, rules, &mut Vec::new()).map(String::from)
}

fn found(html: &str) -> Option<String> {
    let next = next_of("http://x.gov.cn/a/gzdt/", html, &ListRules::default());
    next.map(|url| url.replace("http://x.gov.cn/a/gzdt/", "./"))
}

#[test]
fn trs_counts_pages_from_nought_in_the_call_of_its_script() {
    for (script, next) in [
        (
            "createPageHTML(5, 0, \"index\", \"html\");",
            Some("./index_1.html"),
        ),
        (
            "createPageHTML( 5 ,3,'index' , 'shtml')",
            Some("./index_4.shtml"),
        ),
        ("createPage(5, 0, \"list\", \"htm\");", Some("./list_1.htm")),
        ("createPageHTML(5, 4, \"index\", \"html\");", None),
        ("createPageHTML(1, 0, \"index\", \"html\");", None),
        ("createPageHTML(0, 0, \"index\", \"html\");", None),
        ("createPageHTML('page', 34, 1, 'fsjd', 'shtml', 668);", None),
        ("createPageHTML(5, 0, \"index\", \"html\", 99);", None),
        (
            "function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){}",
            None,
        ),
        (
            "// createPageHTML(9, 0, \"old\", \"html\");\ncreatePageHTML(5, 0, \"index\", \"html\");",
            Some("./index_1.html"),
        ),
        ("createPageHTML(99999999999, 0, \"index\", \"html\");", None),
    ] {
        let html = format!("<script>{script}</script>");
        assert_eq!(found(&html).as_deref(), next, "{script}");
    }
    assert_eq!(found("createPageHTML(5, 0, \"index\", \"html\")"), None);
}

#[test]
fn the_last_page_of_trs_is_the_last_whatever_its_links_say() {
    let html =
        "<script>createPageHTML(2, 1, 'index', 'html')</script><a href=index_9.html>下一页</a>";
    assert_eq!(found(html), None);
    let rules = ListRules {
        pages: Some(PagingFamily::Next),
        ..ListRules::default()
    };
    let next = next_of("http://x.gov.cn/", html, &rules);
    assert_eq!(next.as_deref(), Some("http://x.gov.cn/index_9.html"));
}

#[test]
fn a_link_to_the_next_page_is_known_by_its_name() {
    for (anchor, next) in [
        (
            "<a href=index_2.html>\n 下一页 \n</a>",
            Some("./index_2.html"),
        ),
        ("<a href='gzdt/23.htm'>下页</a>", Some("./gzdt/23.htm")),
        ("<a href='?page=2'>下一页&gt;</a>", Some("./?page=2")),
        ("<a href='index_2.html'>后一页</a>", Some("./index_2.html")),
        (
            "<a href='index_2.html'><img alt='下一页'></a>",
            Some("./index_2.html"),
        ),
        (
            "<a href='index_2.html' title='下一页'></a>",
            Some("./index_2.html"),
        ),
        ("<a href='index_2.html'>»</a>", Some("./index_2.html")),
        (
            "<link rel=next href='index_2.html'>",
            Some("./index_2.html"),
        ),
        (
            "<a rel='nofollow next' href='index_2.html'>2</a>",
            Some("./index_2.html"),
        ),
        ("<a href='/'>»</a>", None),
        ("<a href='javascript:goNext()'>下一页</a>", None),
        ("<a href='#'>下一页</a>", None),
        ("<a href='index.html'>下一页</a>", None),
        ("<a href='./'>下一页</a>", None),
        ("<a href='t20251229_1.html'>下一篇</a>", None),
        ("<a href='index_9.html'>尾页</a>", None),
        (
            "<a href='javascript:;'>下一页</a><a href='index_2.html'>下一页</a>",
            Some("./index_2.html"),
        ),
    ] {
        assert_eq!(found(anchor).as_deref(), next, "{anchor}");
    }
}

#[test]
fn the_columns_selector_comes_first() {
    let html = "<a href=index_2.html>下一页</a><p class=n><a href=older.html>更早</a></p>";
    let rules = ListRules {
        next: Some(Selector::parse(".n").unwrap()),
        ..ListRules::default()
    };
    let next = next_of("http://x.gov.cn/", html, &rules);
    assert_eq!(next.as_deref(), Some("http://x.gov.cn/older.html"));
}
