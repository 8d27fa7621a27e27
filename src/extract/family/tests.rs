//! Tests of the families.
//!
//! Owns a small page of each, and its differences from the others. Never fetches a page.

use super::*;

fn of(path: &str, html: &str) -> Option<&'static str> {
    let url = Url::parse("http://www.x.gov.cn/").unwrap();
    family(html, &url.join(path).unwrap())
}

#[test]
fn a_page_is_of_the_family_with_most_of_its_marks() {
    for (path, html, expected) in [
        (
            "/gzdt/",
            "<script>createPageHTML(5, 0, 'index', 'html')</script>",
            Some("trs"),
        ),
        (
            "/gzdt/202512/t20251229_7.html",
            "<p>会议开幕。</p>",
            Some("trs"),
        ),
        ("/col/col12/index.html", "<p>列表</p>", Some("hanweb")),
        (
            "/gzdt.htm",
            "<a href='info/1043/2201.htm'>会议</a><div id=vsb_content>",
            Some("vsb"),
        ),
        (
            "/gzdt/content/post_12.html",
            "<div class=TRS_Editor></div><ucapcontent></ucapcontent>",
            Some("ucap"),
        ),
        (
            "/gkmlpt/index",
            "<script>window._CONFIG = {}</script>",
            Some("gkmlpt"),
        ),
        ("/gzdt/1.html", "<p>会议开幕。</p>", None),
    ] {
        assert_eq!(of(path, html), expected, "{path} {html}");
    }
}

#[test]
fn an_element_around_the_whole_page_is_none_that_is_named_for_its_text() {
    let text = "<p>会议指出，要认真做好岁末年初的各项工作，确保群众温暖过冬。</p>";
    let page = format!(
        "<div id=barrierfree_container><div class=head><p>欢迎访问某县人民政府门户网站，今天天气晴朗。</p></div>\
         <h1>某县召开会议</h1><div id=zoom>{text}</div><div class=f><p>某县历史悠久，物产丰富，欢迎四方来客。</p></div></div>"
    );
    let url = Url::parse("http://www.x.gov.cn/art/2025/12/29/art_1_2.html").unwrap();
    let read = crate::extract::article(&page, &url, &Default::default());
    assert_eq!(
        read.body.body_text,
        "会议指出，要认真做好岁末年初的各项工作，确保群众温暖过冬。"
    );
}

#[test]
fn a_lead_in_an_editors_element_of_its_own_is_text() {
    let page = "<h1>某县召开会议</h1><div><div class=TRS_Editor><p>核心提示：压实责任，补齐短板</p></div>\
                <div class=TRS_Editor><p>会议指出，要认真做好岁末年初的各项工作，确保群众温暖过冬。</p></div></div>";
    let url = Url::parse("http://www.x.gov.cn/gzdt/202512/t20251229_7.html").unwrap();
    let read = crate::extract::article(page, &url, &Default::default());
    assert!(
        read.body.body_text.starts_with("核心提示"),
        "{}",
        read.body.body_text
    );
    assert!(read.body.body_text.ends_with("温暖过冬。"));
}

#[test]
fn every_family_can_be_named_in_a_feed_file() {
    for name in PagingFamily::names() {
        assert!(name.parse::<PagingFamily>().is_ok(), "{name}");
    }
    assert!("none".parse::<PagingFamily>().is_err());
}
