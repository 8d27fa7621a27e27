//! Habits of portals that were met on real pages, each by a small invented page that has it.
//!
//! Owns these pages. Never fetches.

use dibao::config::ArticleRules;
use dibao::extract::{Extracted, article};
use url::Url;

const TITLE: &str = "某县关于做好冬季供热工作的通知";

/// A page with this head, this beginning and this end around a text in an element without a name.
fn read(head: &str, above: &str, below: &str) -> Extracted {
    let html = format!(
        "<html><head>{head}</head><body><div class=nav><a href=/>首页</a> <a href=/zwgk/>政务公开</a></div>
         {above}<div class=nrong><p>各乡镇人民政府：</p><p>为做好冬季供热工作，现将有关事项通知如下，请认真贯彻落实。</p>
         <p>一、及早准备。各单位要检查管网，备足燃料。</p></div>{below}<div class=footer>主办：某县人民政府</div></body></html>"
    );
    let base = Url::parse("http://www.x.gov.cn/zwgk/202512/t20251229_1.html").unwrap();
    article(&html, &base, &ArticleRules::default())
}

#[test]
fn a_title_is_found_however_it_is_set() {
    let by = "<div class=info>发布时间：2025-12-29 来源：某局</div>";
    for (tag, above) in [
        (
            format!("{TITLE}-某县人民政府"),
            format!(
                "<h2>某县关于做好<br>冬季供热工作的通知</h2><p>发文机关：<span>某县人民政府</span></p>{by}"
            ),
        ),
        (
            "某县人民政府".to_owned(),
            format!("<h1>某县人民政府</h1><div class=bt1>{TITLE}</div>{by}"),
        ),
        (
            format!("{TITLE}-某县人民政府"),
            format!(
                "<div class='xl-tit'><p>{TITLE}</p><div>发布日期：2025-12-29 来源：某局</div></div>"
            ),
        ),
        (
            "某县人民政府".to_owned(),
            format!(
                "<div class='xl-tit'><p>{TITLE}</p><div>发布日期：2025-12-29 来源：某局</div></div>"
            ),
        ),
        (
            "通知公告_某县人民政府".to_owned(),
            format!(
                "<h1 style='display:none'>某县人民政府门户网站</h1><h1 class=tit>某县关于做好<br/>冬季供热工作的通知</h1>{by}"
            ),
        ),
        (
            "某县人民政府".to_owned(),
            format!(
                "<h2>{TITLE}</h2><h3>——供热工作纪实</h3><div class=title_info>发布时间：2025-12-29 来源：某局</div>"
            ),
        ),
        (
            "新闻动态--某县".to_owned(),
            format!("<div class=title_la><h3>首页 - 新闻动态</h3></div><h5>{TITLE}</h5>{by}"),
        ),
        (
            "另一个页面的标题".to_owned(),
            format!(
                "<table><tr><td align=center><span><strong>{TITLE}</strong></span></td></tr><tr><td>发布时间：2025-12-29</td></tr></table>"
            ),
        ),
        (
            "某县关于做好冬季...-某县人民政府".to_owned(),
            format!("<p align=center><b>{TITLE}</b></p>{by}"),
        ),
        (
            format!("某县人民政府 通知公告 {TITLE}"),
            format!("<center><font>{TITLE}</font></center>{by}"),
        ),
    ] {
        let page = read(&format!("<title>{tag}</title>"), &above, "");
        assert_eq!(page.title.as_deref(), Some(TITLE), "{tag}: {above}");
        assert!(
            page.body.body_text.starts_with("各乡镇人民政府："),
            "{above}: {}",
            page.body.body_text
        );
    }
}

#[test]
fn what_a_page_shows_goes_before_a_tag_that_tells_of_another_day() {
    let tag = |date| {
        format!("<meta name=ArticleTitle content='{TITLE}'><meta name=PubDate content='{date}'>")
    };
    let line = format!("<h1>{TITLE}</h1><div>[发布时间：2025-12-29 14:05]　[来源：某局]</div>");
    let at = |page: Extracted| page.metadata.published_at.map(|at| at.to_string());
    let edited = read(&tag("2026-02-01 08:30:00"), &line, "");
    assert_eq!(at(edited).as_deref(), Some("2025-12-29T14:05:00+08:00"));
    let column = "<meta name=ColumnName content=某县要闻><meta name=ArticleTitle content=某县要闻><meta name=PubDate content=2026-06-01>";
    let shown = format!(
        "<h1>{TITLE}</h1><div><time>2025年12月29日 07:45</time><span>来源：某报</span></div>"
    );
    let of_column = read(column, &shown, "");
    assert_eq!(at(of_column).as_deref(), Some("2025-12-29T07:45:00+08:00"));
    let same = read(&tag("2025-12-29 14:05:33"), &line, "");
    assert_eq!(at(same).as_deref(), Some("2025-12-29T14:05:33+08:00"));
}

#[test]
fn a_source_ends_where_tools_or_the_next_label_begin() {
    for (line, source) in [
        (
            "发布时间：2025-12-29　　来源：某能源局　　大 中 小",
            "某能源局",
        ),
        ("来源：某能源局 [字体：大 中 小]", "某能源局"),
        ("来源：某能源局&nbsp;&nbsp;打印", "某能源局"),
        (
            "<span>来源：某省人民政府门户网站</span><span>发布时间：2025-12-29 16:42</span>",
            "某省人民政府门户网站",
        ),
    ] {
        let page = read("", &format!("<h1>{TITLE}</h1><div>{line}</div>"), "");
        assert_eq!(page.metadata.source.as_deref(), Some(source), "{line}");
    }
    for line in [
        "<span>2025-12-29 08:32:10</span> <span>某县融媒体中心</span> <span>点击：0</span>",
        "2025年12月29日 15:21&nbsp;&nbsp;办公室&nbsp;&nbsp;点击：[<span></span>]",
    ] {
        let page = read(
            "",
            &format!("<h1>{TITLE}</h1><h3>（2025年12月18日）</h3><div>{line}</div>"),
            "",
        );
        let source = page.metadata.source.as_deref();
        assert!(
            matches!(source, Some("某县融媒体中心" | "办公室")),
            "{line}: {source:?}"
        );
        let at = page.metadata.published_at.map(|at| at.to_string());
        assert!(at.is_some_and(|at| at.starts_with("2025-12-29T")), "{line}");
    }
    let unfilled = read(
        "",
        &format!(
            "<ul><li>[索引号] 000000000/2025-1<li>[文件来源] 政府公报 年 第期(总第期)</ul><h1>{TITLE}</h1>"
        ),
        "",
    );
    assert_eq!(unfilled.metadata.source, None);
}

#[test]
fn who_keeps_a_page_issued_it_where_nobody_else_is_named() {
    let block = |labels: &str| {
        let above = format!("<ul><li>索引号：000000000/2025-1</li>{labels}</ul><h1>{TITLE}</h1>");
        read("", &above, "").metadata.issuer
    };
    let keeper = "<li>公开责任部门：某县住建局</li>";
    assert_eq!(block(keeper).as_deref(), Some("某县住建局"));
    let both = format!("{keeper}<li>发文机关：某县人民政府</li>");
    assert_eq!(block(&both).as_deref(), Some("某县人民政府"));
}

#[test]
fn the_date_of_a_document_may_stand_apart_from_its_other_labels() {
    let above = format!(
        "<h3>{TITLE}</h3><div class=tools>全文有效　成文日期：2025-12-20　字体：【大】【中】【小】</div>"
    );
    let beside = "<ul class=attr><li><b>发文单位：</b>某税务局</li><li><b>文　　号：</b>某税〔2025〕2号</li></ul>";
    let page = read("", &above, beside);
    assert_eq!(
        page.metadata
            .issued_on
            .map(|day| day.to_string())
            .as_deref(),
        Some("2025-12-20")
    );
    assert_eq!(
        page.metadata.document_number.as_deref(),
        Some("某税〔2025〕2号")
    );
}

#[test]
fn files_are_known_by_what_is_said_of_them_and_their_icons_are_no_pictures() {
    let row = "<p>附件：<a href='/attach/getFile?id=2014051201'>值班安排表</a></p>
               <p><img src=/kindeditor/filedown/pdf.gif><a href=/f/1.pdf>意见.pdf</a></p>";
    let viewer =
        "<iframe src='/pdfjs/web/viewer.html?file=/f/2.pdf'></iframe><a href=/f/2.pdf>点击下载</a>";
    let shown = read("", &format!("<h1>{TITLE}</h1>"), viewer);
    assert_eq!(
        shown.body.attachments.len(),
        1,
        "{:?}",
        shown.body.attachments
    );
    let page = read("", &format!("<h1>{TITLE}</h1>"), row);
    let files: Vec<(&str, Option<&str>)> = page
        .body
        .attachments
        .iter()
        .map(|file| (file.name.as_str(), file.media_type.as_deref()))
        .collect();
    assert_eq!(
        files,
        [("值班安排表", None), ("意见.pdf", Some("application/pdf"))]
    );
    assert!(page.body.images.is_empty(), "{:?}", page.body.images);
}
