use std::time::Duration;

use cpu_time::ThreadTime;

use proptest::prelude::*;

use super::*;

fn read(html: &str) -> Extracted {
    let base = Url::parse("http://www.x.gov.cn/gzdt/202512/t20251229_1.html").unwrap();
    article(html, &base, &ArticleRules::default())
}

#[test]
fn what_is_no_page_is_said_to_be_none() {
    for html in [
        "",
        "<html>",
        "\u{0}\u{fffe}",
        "<script>location='/'</script>",
    ] {
        let page = read(html);
        assert_eq!(page.problems, [Problem::NoTitle, Problem::NoBody], "{html}");
        assert_eq!(page.body, Body::default());
    }
}

#[test]
fn giant_pages_end_in_bounded_time() {
    let prose = "<p>各有关单位，现将有关事项通知如下，请认真贯彻执行。</p>";
    let pages = [
        format!("{}{prose}", "<div>".repeat(200_000)),
        format!("<p{}>{prose}", " a=1".repeat(200_000)),
        format!(
            "<div id=zoom>{}{prose}",
            "<div class=share>文".repeat(30_000)
        ),
        format!(
            "<table>{}{prose}",
            "<tr><td>索引号<td>发文机关".repeat(8_000)
        ),
        format!("<div id=zoom>{}", prose.repeat(8_000)),
        format!("<div id=zoom>{}", "<table><tr><td>".repeat(100_000)),
        "发布日期：".repeat(100_000),
        "<a href=a.pdf>".repeat(50_000),
    ];
    for page in pages {
        let start = ThreadTime::now();
        read(&page);
        let head: String = page.chars().take(40).collect();
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{head}: {:?}",
            start.elapsed()
        );
    }
}

#[test]
fn a_text_that_is_missing_is_sought_neither_in_the_footer_nor_elsewhere() {
    let around = |text: &str| {
        format!(
            "<div class=head><p>热点查询</p><img src=/banner.jpg></div><div class=main><h1>某县召开会议</h1>{text}<p>责任编辑：某某</p></div>
             <div class=intro><p>某县位于某省东南部，历史悠久，物产丰富，欢迎四方来客前来观光。</p></div>
             <div class=dbxx><p><a href=/1>网站地图</a> | 联系我们</p><p>主办：某县人民政府</p><p>网站标识码：1404060000</p></div>
             <div class=footer><p>为了更好的浏览效果，请下载新版软件。</p></div>"
        )
    };
    for text in [
        "<div id=zoom></div>",
        "<div id=zoom><div class=TRS_Editor><p>&nbsp;</p></div></div>",
        "<div id=zoom>正在加载...</div>",
        "<div id=zoom><p>（责任编辑：某某）</p></div>",
    ] {
        let page = read(&around(text));
        assert_eq!(page.problems, [Problem::NoBody], "{text}: {:?}", page.body);
    }
    let file = read(&around(
        "<div id=zoom></div><p><a href=/a.pdf>某表.pdf</a></p>",
    ));
    assert_eq!(
        (file.body.attachments.len(), file.body.body_text.as_str()),
        (1, "")
    );
    let beside = "<div class=zoom>字体：大 中 小</div><div class=w><p>会议开幕。</p><p>会议指出，要认真做好岁末年初的各项工作，确保群众温暖过冬，确保市场供应充足。</p></div>";
    let text = read(&format!("<title>某县召开会议</title>{}", around(beside)));
    assert!(text.body.body_text.starts_with("会议开幕。\n会议指出"));
}

#[test]
fn a_title_keeps_the_semicolon_that_is_its_own() {
    let text =
        "<div id=zoom><p>会议指出，要认真做好岁末年初的各项工作，确保群众温暖过冬。</p></div>";
    let own = "关于印发办法的通知；";
    for (page, title) in [
        (
            format!("<table><tr><td>索引号<td>00/2020-15<tr><td>标题<td>{own}</table>"),
            own,
        ),
        (
            format!("<p>索引号：00/2020-15；标题：{own}发布日期：2020-01-02</p>"),
            "关于印发办法的通知",
        ),
        (format!("<meta name=ArticleTitle content='{own}'>"), own),
        (format!("<title>{own}_某县人民政府</title>"), own),
        (format!("<h1>{own}</h1>"), own),
    ] {
        let found = read(&format!("{page}{text}"));
        assert_eq!(found.title.as_deref(), Some(title), "{page}");
    }
}

#[test]
fn labels_within_the_text_are_no_block() {
    let page = read(
        "<h1>关于废止文件的公告</h1><div id=zoom><p>根据有关规定，现将下列已经失效的规范性文件予以公布，请各单位遵照执行，不再适用。</p>
         <p>文件名称：某办法</p><p>文号：某政发〔2001〕1号</p><p>发布机关：某县人民政府</p></div>",
    );
    assert_eq!(page.metadata.document_number, None);
    assert_eq!(page.metadata.issuer, None);
    assert_eq!(page.title.as_deref(), Some("关于废止文件的公告"));
}

#[test]
fn a_block_ends_where_the_text_begins() {
    let page = read(
        "<title>关于规划编制的通知-某局</title><div class=top><img src=/img/top.jpg width=1000></div><table><tr><td>索引号<td>00/2020-15</tr><tr><td>发布机构<td>某局</tr></table>
         <div><h2>关于规划编制的通知</h2><div><p>各县人民政府：</p><p>为做好规划编制工作，现就有关事项通知如下。</p>
         <p>主题词：规划 通知</p><p>（此件公开发布）</p></div></div>",
    );
    let lines: Vec<&str> = page.body.body_text.lines().collect();
    assert_eq!(lines.first(), Some(&"各县人民政府："));
    assert_eq!(lines.last(), Some(&"（此件公开发布）"));
    assert!(page.metadata.subject_terms.is_empty());
    assert!(page.body.images.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_soup_of_tags_makes_it_panic(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "<table>", "<tr>", "<td>", "</td>", "</table>", "<p>", "</p>", "<div id=zoom>", "<div class=share>", "</div>", "<br>",
                "<a href=x.pdf>", "</a>", "<img src=a.jpg>", "<h1>", "</h1>", "索引号", "：", "发文机关", "文号 ", "▲", "。", "2025-12-29",
                "<span style='display:none'>", "</span>", "<b>", "</b>", "\u{3000}", "<!--", "-->", "<form>", "<li>", "<dl><dt>", "<dd>", "<base href=x>",
                "<svg>", "<template>", "<math>", "<frameset>", "来源：", "&#0;", "<title>", "</title>", "\u{10ffff}", "上一篇：", "相关新闻",
            ]),
            0..60,
        )
    ) {
        let page = read(&parts.concat());
        prop_assert!(!page.body.body_html.contains("<script"));
    }
}
