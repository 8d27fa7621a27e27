//! Tests of paging.
//!
//! Owns a small pager of every family. Never fetches a page.

use scraper::{Html, Selector};

use super::*;

fn next_of(here: &str, html: &str, rules: &ListRules) -> Option<String> {
    let here = Url::parse(here).unwrap();
    let document = Html::parse_document(html);
    let sheet = Sheet::new(&document, html, &here, &here, 1);
    next(&sheet, rules, &mut Vec::new()).map(String::from)
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
        (
            "createPageHTML('page', 34, 1, 'fsjd', 'shtml', 668);",
            Some("./fsjd_2.shtml"),
        ),
        (
            "createPageHTML('page', 34, 34, 'fsjd', 'shtml', 668);",
            None,
        ),
        (
            "createPageHTML('5', '0', 'index', 'html')",
            Some("./index_1.html"),
        ),
        (
            "var countPage = 5; var currentPage = 3;\ncreatePageHTML(countPage, currentPage, 'index', 'html')",
            Some("./index_4.html"),
        ),
        ("createPageHTML(unknown, 0, 'index', 'html')", None),
        (
            "createPageHTML(5, 0, \"index\", \"html\", 99);",
            Some("./index_1.html"),
        ),
        (
            "createPageHTML('page_div', 5, 0, 'index', '.shtml');",
            Some("./index_1.shtml"),
        ),
        (
            "Pager({size:5, current:1, prefix:'index', suffix:'html'});",
            Some("./index_2.html"),
        ),
        (
            "var currentPage = 0;//从0开始\nvar nextPage = currentPage+1\nvar countPage = 5\n\
             document.write(\"<a href=\\\"index\"+\"_\" + nextPage + \".\"+\"html\\\">下一页</a>\")",
            Some("./index_1.html"),
        ),
        (
            "var currentPage = 4;var countPage = 5;document.write('<a href=\"index'+'_'+nextPage+'.'+'html\">')",
            None,
        ),
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
        pages: "next".parse().ok(),
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
        (
            "<a href='index_2.html'>&gt;&gt;</a>",
            Some("./index_2.html"),
        ),
        ("<a href='index_2.html'>Next</a>", Some("./index_2.html")),
        (
            "<a href='javascript:;' onclick=\"location.href='index_2.html'\">下一页</a>",
            Some("./index_2.html"),
        ),
        (
            "<input type=button value=下一页 onclick=\"location.href='index_2.html'\">",
            Some("./index_2.html"),
        ),
        (
            "<a href='index_2.html' class='page-next'><i class=icon></i></a>",
            Some("./index_2.html"),
        ),
        (
            "<a href='index_2.html'><img src=n.gif title=下一页></a>",
            Some("./index_2.html"),
        ),
        ("<a href='page/2/'>← 早期文章</a>", Some("./page/2/")),
        (
            "<a href='javascript:go(2)'>下一页</a><script>function go(n){ if(n==1){location.href='index.html'} \
             else{location.href='index_'+(n-1)+'.html'} }</script>",
            Some("./index_1.html"),
        ),
        ("<a href='/elsewhere/2.html' class=next><i></i></a>", None),
        ("<a href='javascript:;' onclick='go(2)'>下一页</a>", None),
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

#[test]
fn a_pager_of_numbers_goes_on_with_the_one_after_the_current() {
    for (pager, next) in [
        (
            "<span>1</span> <a href=index_2.html>2</a> <a href=index_3.html>3</a>",
            Some("./index_2.html"),
        ),
        (
            "[1] <a href=index_2.html>[2]</a> … <a href=index_9.html>[9]</a>",
            Some("./index_2.html"),
        ),
        (
            "共<b>5</b>页 <a href=index_1.html>1</a> <strong>2</strong> <a href=index_3.html>3</a> <a href=index_6.html>6</a>",
            Some("./index_3.html"),
        ),
        (
            "<ul><li><a href='index.html'>1</a></li><li><a href='?p=2'>2</a></li></ul>",
            Some("./?p=2"),
        ),
        (
            "<a href=list_1.html class=cur>1</a><a href=list_2.html>2</a>",
            Some("./list_2.html"),
        ),
        (
            "<select><option value=index.html selected>1</option><option value=index_1.html>第2页</option></select>",
            Some("./index_1.html"),
        ),
        (
            "<select><option value=1 selected>1</option><option value=2>2</option></select>",
            None,
        ),
        ("<a href=index_1.html>1</a> <b>2</b>", None),
        ("<b>1</b> 条新闻 <a href=index_2.html>2</a>", None),
        ("<b>1</b> <a href=/elsewhere/>2</a>", None),
        ("<b>1</b> <a href=202512/t20251229_2.html>2</a>", None),
        ("<b>2025</b> <a href=y.html>2026</a>", None),
    ] {
        let html = format!("<p>一条新闻</p><div>{pager}</div><p>关于我们</p>");
        assert_eq!(found(&html).as_deref(), next, "{pager}");
    }
}

#[test]
fn a_jpage_gets_the_records_after_its_own_from_the_proxy() {
    let here = "http://x.gov.cn/col/col12/index.html";
    let script = |total: u32| {
        format!(
            "<script type='text/xml'><datastore><recordset><record>1</record><record>2</record>\
             <record>3</record></recordset></datastore></script><script>$('#u').jpage({{perpage:2, \
             totalRecord:'{total}', proxyUrl:'/module/web/jpage/dataproxy.jsp', \
             data:{{col:1, webid:'7', \"columnid\":12, unitid:'333'}}}})</script>"
        )
    };
    let proxy =
        "http://x.gov.cn/module/web/jpage/dataproxy.jsp?col=1&webid=7&columnid=12&unitid=333";
    let next = next_of(here, &script(9), &ListRules::default()).unwrap();
    assert_eq!(next, format!("{proxy}&startrecord=4&endrecord=5&perpage=2"));
    assert_eq!(next_of(here, &script(3), &ListRules::default()), None);

    let answer = |total: u32, record: &str| {
        format!(
            "<datastore><totalrecord>{total}</totalrecord><recordset>{record}</recordset></datastore>"
        )
    };
    let record = "<record><![CDATA[<li>x</li>]]></record>";
    let after = next_of(&next, &answer(9, record), &ListRules::default());
    let expected = format!("{proxy}&startrecord=6&endrecord=7&perpage=2");
    assert_eq!(after, Some(expected));
    for last in [answer(5, record), answer(9, "")] {
        assert_eq!(next_of(&next, &last, &ListRules::default()), None, "{last}");
    }
}

#[test]
fn a_script_that_puts_a_number_into_an_address_leads_on() {
    let pager = "<script>$('.p').pagination({totalPage: 3, callback: function(n){ if(n==1){ \
                 location.href='index.html'; } else { window.location.href = 'index_'+n+'.html'; }}})</script>";
    let lonsun = "<script>Ls.pagination('#p', function(pageIndex){ location.href='/c/7?pageIndex=' + pageIndex;}, \
                  {currPage: (0+1),pageCount:3});</script>";
    let called = "<a href='javascript:goPage(2)'>下一页</a><script>function goPage(n){ \
                  location.href = 'list.aspx?page=' + n; }</script>";
    let less = "<script>$('#p').pagination({pageCount: 3, current: 1, callback: function(api){ \
                location.href = 'index_' + (api.getCurrent() - 1) + '.html'; }})</script>";
    for (here, html, next) in [
        (
            "http://x.gov.cn/a/",
            less,
            Some("http://x.gov.cn/a/index_1.html"),
        ),
        (
            "http://x.gov.cn/a/index_1.html",
            less,
            Some("http://x.gov.cn/a/index_2.html"),
        ),
        ("http://x.gov.cn/a/index_2.html", less, None),
        (
            "http://x.gov.cn/a/",
            pager,
            Some("http://x.gov.cn/a/index_2.html"),
        ),
        (
            "http://x.gov.cn/a/index_2.html",
            pager,
            Some("http://x.gov.cn/a/index_3.html"),
        ),
        ("http://x.gov.cn/a/index_3.html", pager, None),
        (
            "http://x.gov.cn/a/",
            lonsun,
            Some("http://x.gov.cn/c/7?pageIndex=2"),
        ),
        ("http://x.gov.cn/c/7?pageIndex=3", lonsun, None),
        (
            "http://x.gov.cn/a/",
            called,
            Some("http://x.gov.cn/a/list.aspx?page=2"),
        ),
        (
            "http://x.gov.cn/a/",
            "<a href='javascript:goPage(2)'>下一页</a>",
            None,
        ),
    ] {
        let found = next_of(here, html, &ListRules::default());
        assert_eq!(found.as_deref(), next, "{here} {html}");
    }
}

#[test]
fn the_number_of_pages_is_known_where_the_pager_tells_it() {
    let jpage = "<script>$('#u').jpage({perpage:2, totalRecord:'9', proxyUrl:'/dataproxy.jsp', \
                 data:{columnid:12, unitid:'333'}})</script>";
    for (pager, total) in [
        (
            "<script>createPageHTML(20, 0, \"index\", \"html\");</script>",
            Some(20),
        ),
        (
            "<div>共<b>20</b>页 <a href=index_1.html>下一页</a></div>",
            Some(20),
        ),
        ("<div>第<i>1</i>/<i>20</i>页</div>", Some(20)),
        ("<div>共 300 条 1/15页</div>", Some(15)),
        (jpage, Some(5)),
        (
            "<p>本次培训教材共120页，由各单位自行领取，请于本周内到市政府办公室登记。</p>",
            None,
        ),
        ("<b>1</b> <a href=index_1.html>2</a>", None),
    ] {
        let html = format!("<body>{pager}</body>");
        let document = Html::parse_document(&html);
        let here = Url::parse("http://x.gov.cn/").unwrap();
        let sheet = Sheet::new(&document, &html, &here, &here, 1);
        assert_eq!(super::total(&sheet), total, "{pager}");
    }
}
