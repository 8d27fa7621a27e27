//! Which family a page is of, and what each does that another does not.

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
fn every_family_can_be_named_in_a_feed_file() {
    for name in PagingFamily::names() {
        assert!(name.parse::<PagingFamily>().is_ok(), "{name}");
    }
    assert!("none".parse::<PagingFamily>().is_err());
}
