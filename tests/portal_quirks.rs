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

#[test]
fn what_a_heading_holds_beside_the_headline_is_no_part_of_it() {
    for heading in [
        format!("<h1><a href=/gg/>[通知公告]</a> {TITLE}</h1>"),
        format!("<h1>{TITLE}<small>2025-12-29 10:30　来源：某能源局</small></h1>"),
        format!("<h2>{TITLE}<span class=time>发布时间：2025-12-29　来源：某能源局</span></h2>"),
    ] {
        let page = read("<title>某县人民政府</title>", &heading, "");
        assert_eq!(page.title.as_deref(), Some(TITLE), "{heading}");
        if heading.contains("来源") {
            let day = page.metadata.published_on.map(|day| day.to_string());
            assert_eq!(day.as_deref(), Some("2025-12-29"), "{heading}");
            assert_eq!(
                page.metadata.source.as_deref(),
                Some("某能源局"),
                "{heading}"
            );
        }
    }
    let twice = "某县召开&amp;ldquo;护林&amp;rdquo;会议";
    let page = read(
        &format!("<title>{twice}-某县人民政府</title>"),
        &format!("<h1>{twice}</h1>"),
        "",
    );
    assert_eq!(page.title.as_deref(), Some("某县召开“护林”会议"));
    let quoted = format!("<meta property=og:title content='{TITLE}'><title>某县人民政府</title>");
    let page = read(&quoted, &format!("<div>{TITLE}</div>"), "");
    assert_eq!(page.title.as_deref(), Some(TITLE));
}

#[test]
fn labels_of_older_portals_are_known() {
    for (label, value) in [
        ("索引号/编号", "index"),
        ("索引号 <i class=tip>?</i>", "index"),
        ("信息公开责任部门", "issuer"),
        ("信息发布部门", "issuer"),
        ("信息提供单位", "issuer"),
        ("拟文日期", "issued"),
        ("公开发布日期", "published"),
    ] {
        let shown = match value {
            "index" => "011234567/2025-00321",
            "issuer" => "某县林业局",
            _ => "25-11-20",
        };
        let block = format!(
            "<table><tr><td>{label}</td><td>{shown}</td></tr><tr><td>发文字号</td><td>某政发〔2025〕9号</td></tr>\
             <tr><td>主题分类</td><td>林业</td></tr></table><h1>{TITLE}</h1>"
        );
        let meta = read("", &block, "").metadata;
        let found = match value {
            "index" => meta.index_number_raw,
            "issuer" => meta.issuer,
            "issued" => meta.issued_on.map(|day| day.to_string()),
            _ => meta.published_on.map(|day| day.to_string()),
        };
        let wanted = shown.replace("25-11-20", "2025-11-20");
        assert_eq!(found, Some(wanted), "{label}");
        assert_eq!(
            meta.document_number.as_deref(),
            Some("某政发〔2025〕9号"),
            "{label}"
        );
    }
}

#[test]
fn a_day_and_its_name_stand_near_the_title_in_many_forms() {
    for (line, day, source) in [
        (
            "2025-11-20　某县融媒体中心　浏览：12次",
            "2025-11-20",
            Some("某县融媒体中心"),
        ),
        (
            "<span title='2025-11-20 09:30'>3天前</span> 来源：某局",
            "2025-11-20",
            Some("某局"),
        ),
        ("发布时间：25-11-20 来源：某局", "2025-11-20", Some("某局")),
    ] {
        let page = read("", &format!("<h1>{TITLE}</h1><div>{line}</div>"), "");
        let found = page.metadata.published_on.map(|day| day.to_string());
        assert_eq!(found.as_deref(), Some(day), "{line}");
        assert_eq!(page.metadata.source.as_deref(), source, "{line}");
    }
}

#[test]
fn a_file_behind_a_link_that_a_script_writes_is_attached() {
    for below in [
        "<div id=fj><script>var s='<li><a href=\"./P02.pdf\">原文.pdf</a></li>';document.write(s)</script></div>",
        "<div id=fj></div><script>var appendix='<a href=\"./P02.pdf\">原文.pdf</a>';if(appendix!=''){$('#fj').html(appendix)}</script>",
    ] {
        let page = read("", &format!("<h1>{TITLE}</h1>"), below);
        let files: Vec<(&str, &str)> = page
            .body
            .attachments
            .iter()
            .map(|file| (file.name.as_str(), file.url.path()))
            .collect();
        assert_eq!(files, [("原文.pdf", "/zwgk/202512/P02.pdf")], "{below}");
    }
}

#[test]
fn a_page_of_a_public_account_has_its_text_and_its_time() {
    for time in [
        "var ct = \"1767015000\";",
        "var a=1,createTime = '2025-12-29 21:30';",
    ] {
        let html = format!(
            "<html><head><meta property=og:title content='{TITLE}'><title></title></head><body>
             <h1 class=rich_media_title>{TITLE}</h1><div id=meta_content><span>张三</span>
             <a id=js_name>某县发布</a> <em id=publish_time class=rich_media_meta></em></div>
             <div class=rich_media_content id=js_content style='visibility: hidden; opacity: 0;'>
             <p>各乡镇人民政府：</p><p>为做好冬季供热工作，现将有关事项通知如下，请认真贯彻落实。</p>
             <p>_ueditor_page_break_tag_</p><p>#p#分页标题#e#</p><p>一、及早准备。各单位要检查管网，备足燃料。</p></div><script>{time}</script></body></html>"
        );
        let base = Url::parse("https://mp.weixin.qq.com/s/abc").unwrap();
        let page = article(&html, &base, &ArticleRules::default());
        let at = page.metadata.published_at.map(|at| at.to_string());
        assert_eq!(at.as_deref(), Some("2025-12-29T21:30:00+08:00"), "{time}");
        assert_eq!(page.title.as_deref(), Some(TITLE));
        let lines: Vec<&str> = page.body.body_text.lines().collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(
            lines[0].starts_with("各乡镇") && lines[2].starts_with("一、"),
            "{lines:?}"
        );
    }
}
