//! Tests of lists that come as data: JSON, XML records, and shells with an address of these.
//!
//! Owns their small answers. Never fetches one.

use chrono::NaiveDate;

use super::*;
use crate::extract::column_page_or_stub;

/// Reads a page or an answer at another address than the others'.
fn read_at(url: &str, text: &str) -> ColumnPage {
    let url = Url::parse("http://www.example.gov.cn/").unwrap().join(url);
    column_page(text, &url.unwrap(), &ListRules::default(), Above::Unknown)
}

fn next(page: &ColumnPage) -> Option<&str> {
    let next = page.next.as_ref()?.as_str();
    Some(
        next.strip_prefix("http://www.example.gov.cn")
            .unwrap_or(next),
    )
}

/// The rows as objects of JSON.
fn objects(object: &str) -> String {
    let objects = rows(object);
    format!("[{}]", objects.trim_end_matches(','))
}

#[test]
fn json_is_a_list_however_its_keys_are_named() {
    for object in [
        r#"{"id":7,"title":"{title}","url":"{url}","date":"{date}","sub_title":"x"},"#,
        r#"{"docTitle":"{title}","docPubUrl":"./{url}","docRelTime":"{date} 10:20:00","crtime":"2001-01-01"},"#,
        r#"{"channel":{"name":"工作动态栏目","url":"/xxgk/gzdt/"},"link":"{url}","name":"{title}","publishTime":"{date}","updateTime":"2026-01-01"},"#,
        r#"{"_source":{"title":"<em>{title}</em>","linkurl":"{url}","PUBDATE":"{year}{month}{day}"}},"#,
    ] {
        let list = objects(object);
        for text in [
            format!(r#"{{"code":0,"data":{{"total":3,"menu":[{{"title":"x"}}],"list":{list}}}}}"#),
            format!("show({list});"),
            list.clone(),
        ] {
            let page = read(&text);
            assert_eq!(lines(&page), THREE, "{text}");
            assert_eq!((page.next, page.problems), (None, vec![]), "{text}");
        }
    }
    let seconds = r#"[{"title":"区长调研冬季供暖工作","url":"/a/1.html","created_at":1766937600},
        {"title":"我区召开安全生产会议","url":"/a/2.html","created_at":"1766934000000"}]"#;
    let days: Vec<_> = read(seconds)
        .items
        .iter()
        .map(|item| item.published_on)
        .collect();
    let day = |day| NaiveDate::from_ymd_opt(2025, 12, day);
    assert_eq!(days, [day(29), day(28)]);
}

#[test]
fn what_is_no_list_is_none() {
    for text in [
        "{}",
        "[]",
        r#"{"code":500,"msg":"系统繁忙，请稍后再试"}"#,
        r#"[{"title":"图片新闻","url":"/a/1.jpg"},{"title":"更多图片","url":"/a/2.jpg"}]"#,
        r#"[{"name":"站点一","siteUrl":"http://a.cn/b"},{"name":"站点二","siteUrl":"http://b.cn/b"}]"#,
        &"[".repeat(100_000),
    ] {
        assert_eq!(read(text).problems, [Problem::NoItems], "{text:.80}");
    }
}

#[test]
fn data_in_a_script_is_a_list_where_the_page_shows_none() {
    let list = objects(r#"{"title":"{title}","url":"{url}","time":"{date}"},"#);
    let menu = r#"var menu = [{"title":"首页频道","url":"/sy/"},{"title":"政务公开频道","url":"/zwgk/"}];"#;
    let page = read(&format!(
        "<div id=app></div><script>{menu} var list = {list};</script>"
    ));
    assert_eq!(lines(&page), THREE);
    assert_eq!(
        read(&format!("<script>{menu}</script>")).problems,
        [Problem::NoItems]
    );
    let text =
        "<p>会议强调，要提高认识，细化任务，抓好落实，确保全年目标任务圆满完成。</p>".repeat(12);
    let article = read(&format!(
        "<div id=zoom>{text}</div><script>var other = {list};</script>"
    ));
    assert_eq!(article.problems, [Problem::NoItems]);
}

#[test]
fn gkmlpt_lists_as_json_where_its_shell_leads() {
    let shell =
        "<div id=app></div><script>window._CONFIG = { ACTION: 'index', SID: '2001' };</script>";
    for (url, list) in [
        ("/gkmlpt/index#505", "/gkmlpt/api/all/505?page=1&sid=2001"),
        ("/x/gkmlpt/index", "/x/gkmlpt/api/all/0?page=1&sid=2001"),
    ] {
        let page = read_at(url, shell);
        assert!(page.is_shell(), "{page:?}");
        assert_eq!(next(&page), Some(list));
        let whole = column_page_or_stub(
            shell,
            &Url::parse(&format!("http://www.example.gov.cn{url}")).unwrap(),
            &ListRules::default(),
            Above::Unknown,
        );
        assert_eq!(whole, Ok(page));
    }
    let article = shell.replace("index", "content");
    assert_eq!(
        read_at("/gkmlpt/content/1/post_1.html", &article).problems,
        [Problem::NoItems]
    );

    let list = objects(r#"{"title":"{title}","url":"/gkmlpt/content/{url}","date":1766937600},"#);
    let answer = |total: u32| format!(r#"{{"articles":{list},"total":{total}}}"#);
    for (page, total, after) in [
        (1, 103, Some("/gkmlpt/api/all/505?page=2&sid=2001")),
        (2, 103, None),
        (1, 3, None),
    ] {
        let url = format!("/gkmlpt/api/all/505?page={page}&sid=2001");
        let read = read_at(&url, &answer(total));
        assert_eq!(
            (read.items.len(), next(&read)),
            (3, after),
            "{page} of {total}"
        );
    }
    let end = read_at(
        "/gkmlpt/api/all/505?page=3&sid=2001",
        r#"{"articles":[],"total":103}"#,
    );
    assert_eq!(
        (next(&end), end.problems.as_slice()),
        (None, [Problem::NoItems].as_slice())
    );
}

#[test]
fn jpaas_lists_as_html_in_json_where_its_element_leads() {
    let unit = "/api-gateway/jpaas-publish-server/front/page/build/unit";
    let element = |tag: &str| {
        format!(
            "<script parseType=buildstatic url='{unit}' queryData=\"{{'webId':'7','tagId':'{tag}',\
             'pageId':'12'}}\"></script>"
        )
    };
    let shell = format!("{}{}", element("当前位置"), element("栏目list"));
    let page = read_at("/col/col12/index.html", &shell);
    let first = format!("{unit}?webId=7&tagId=%E6%A0%8F%E7%9B%AElist&pageId=12");
    assert_eq!(next(&page), Some(first.as_str()));
    assert!(page.is_shell());

    let list = rows("<li><a href='{url}'>{title}</a><span>{date}</span></li>");
    let answer = |pager: &str| {
        let html = format!("<ul>{list}</ul><div class=page {pager}></div>");
        serde_json::json!({"success": true, "data": {"html": html}}).to_string()
    };
    let page = read_at(&first, &answer("count='7' pageSize='3'"));
    assert_eq!(page.items.len(), 3);
    let second = format!("{first}&paramJson=%7B%22pageNo%22%3A2%2C%22pageSize%22%3A3%7D");
    assert_eq!(next(&page), Some(second.as_str()));
    let page = read_at(&second, &answer("count='7' pageSize='3'"));
    assert_eq!(next(&page), Some(second.replace("A2%", "A3%").as_str()));
    for (url, pager) in [(&second, "count='6'"), (&first, "count='3'"), (&first, "")] {
        assert_eq!(next(&read_at(url, &answer(pager))), None, "{pager}");
    }
}

#[test]
fn a_jpage_goes_on_where_its_group_leads_and_begins_at_the_proxy() {
    let item =
        rows("<record><![CDATA[<li><a href='{url}'>{title}</a><i>{date}</i></li>]]></record>");
    let group = "<nextgroup><![CDATA[<a href=\"/module/web/jpage/dataproxy.jsp?p=a1b2&amp;page=1\"></a>]]></nextgroup>";
    let page = read_at(
        "/col/col12/index.html",
        &format!(
            "<script type='text/xml'><datastore>{group}<recordset>{item}</recordset></datastore></script>"
        ),
    );
    let proxy = "/module/web/jpage/dataproxy.jsp?p=a1b2&page=1";
    assert_eq!((page.items.len(), next(&page)), (3, Some(proxy)));
    for last in [
        format!("<datastore><recordset>{item}</recordset></datastore>"),
        format!("<datastore>{group}<recordset></recordset></datastore>"),
    ] {
        assert_eq!(next(&read_at(proxy, &last)), None, "{last}");
    }
    let shell = "<script>$('#u').jpage({perpage:15, totalRecord:40, proxyUrl:'/module/jpage/dataproxy.jsp', \
                 data:{columnid:12, unitid:'333'}})</script>";
    let page = read_at("/col/col12/index.html", shell);
    assert_eq!(
        next(&page),
        Some(
            "/module/jpage/dataproxy.jsp?columnid=12&unitid=333&startrecord=1&endrecord=15&perpage=15"
        )
    );
}

#[test]
fn a_query_that_numbers_pages_goes_on_as_far_as_the_data_counts() {
    let list = objects(r#"{"title":"{title}","url":"{url}","date":"{date}"},"#);
    let with = |told: &str| format!(r#"{{{told}"rows":{list}}}"#);
    for (query, told, after) in [
        (
            "?pageNo=1&k=a%2Fb",
            r#""total":7,"#,
            Some("?pageNo=2&k=a%2Fb"),
        ),
        (
            "?page=2&pageSize=3",
            r#""totalCount":"7","#,
            Some("?page=3&pageSize=3"),
        ),
        ("?page=3&pageSize=3", r#""total":7,"#, None),
        ("?curPage=1", r#""pageCount":2,"#, Some("?curPage=2")),
        ("?curPage=2", r#""pageCount":2,"#, None),
        ("?page=1", "", None),
        ("?id=1", r#""total":7,"#, None),
    ] {
        let page = read_at(&format!("/api/list{query}"), &with(told));
        let after = after.map(|after| format!("/api/list{after}"));
        assert_eq!(next(&page), after.as_deref(), "{query} {told}");
    }
}
