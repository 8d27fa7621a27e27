//! One article in every layout that portals give its label block, read without configuration: each
//! layout, with labels in each spelling, before a text in a known container and in none.
//!
//! Owns the layouts. Never fetches.

use dibao::config::ArticleRules;
use dibao::extract::{Extracted, article};
use dibao::model::Field;
use url::Url;

const TITLE: &str = "【聚焦两会】某县第二届人民代表大会第六次会议开幕";

/// The block of the portal that dibao was first made for: order, empty values and all.
const BLOCK: [(&str, &str); 8] = [
    ("索引号", "000014349/2025-32614"),
    ("发文字号", ""),
    ("发文时间", "2025-12-29"),
    ("发文机关", "潞城融媒"),
    ("主题词", ""),
    ("标题", TITLE),
    ("主题分类", ""),
    ("发布日期", "2025-12-29"),
];

const LAYOUTS: [&str; 15] = [
    "two columns",
    "four columns",
    "th and td",
    "dl",
    "li, span and span",
    "li and span",
    "li and b",
    "div and div",
    "divs in rows",
    "one line",
    "spans in a row",
    "p",
    "br",
    "nested table",
    "colspan",
];

const LABELS: [&str; 6] = ["plain", "colon", "spaced", "wide", "marked", "commented"];

const BODIES: [(&str, &str); 4] = [
    ("<div class=\"TRS_Editor\">", "</div>"),
    ("<div id=zoom><div>", "</div></div>"),
    ("<div class=\"xyz\">", "</div>"),
    ("<table width=\"100%\"><tr><td>", "</td></tr></table>"),
];

/// A label as the spelling has it.
fn label(name: &str, spelling: &str) -> String {
    let parted = |between: &str| {
        name.chars()
            .map(String::from)
            .collect::<Vec<_>>()
            .join(between)
    };
    match spelling {
        "plain" => name.to_owned(),
        "colon" => format!("{name}："),
        "spaced" => format!("{} :&nbsp;", parted("&nbsp;")),
        "wide" => format!("{}：\u{2003}", parted("\u{3000}")),
        "marked" => format!("<b>{name}</b>："),
        _ => format!("<!-- [{name}] -->{name}<!-- end -->"),
    }
}

/// The block in a layout.
fn block(layout: &str, spelling: &str) -> String {
    let pairs: Vec<(String, &str)> = BLOCK
        .iter()
        .map(|(name, value)| (label(name, spelling), *value))
        .collect();
    let each = |f: &dyn Fn(&str, &str) -> String| -> String {
        pairs.iter().map(|(label, value)| f(label, value)).collect()
    };
    let rows = |columns: usize, f: &dyn Fn(&str, &str) -> String| -> String {
        let row = |row: &[(String, &str)]| -> String {
            row.iter().map(|(label, value)| f(label, value)).collect()
        };
        pairs
            .chunks(columns)
            .map(|chunk| format!("<tr>{}</tr>\n", row(chunk)))
            .collect()
    };
    let td = |label: &str, value: &str| format!("<td class=l>{label}</td><td>{value}</td>");
    match layout {
        "two columns" => format!("<table>{}</table>", rows(1, &td)),
        "four columns" => format!("<table>{}</table>", rows(2, &td)),
        "th and td" => format!(
            "<table>{}</table>",
            rows(2, &|l, v| format!("<th>{l}</th><td><span>{v}</span></td>"))
        ),
        "dl" => format!(
            "<dl>{}</dl>",
            each(&|l, v| format!("<dt>{l}</dt><dd>{v}</dd>"))
        ),
        "li, span and span" => format!(
            "<ul>{}</ul>",
            each(&|l, v| format!("<li><span>{l}</span><span>{v}</span></li>"))
        ),
        "li and span" => format!(
            "<ul>{}</ul>",
            each(&|l, v| format!("<li><span>{l}</span>\n {v}\n</li>"))
        ),
        "li and b" => format!(
            "<ul>{}</ul>",
            each(&|l, v| format!("<li><b>{l}</b>{v}</li>"))
        ),
        "div and div" => format!(
            "<div>{}</div>",
            each(&|l, v| format!("<div>{l}</div><div>{v}</div>"))
        ),
        "divs in rows" => format!(
            "<div>{}</div>",
            each(&|l, v| format!("<div class=row><div><em>{l}</em></div><div>{v}</div></div>"))
        ),
        "one line" => format!("<div>{}</div>", each(&|l, v| format!("{l}{v} "))),
        "spans in a row" => format!(
            "<div>{}</div>",
            each(&|l, v| format!("<span>{l}</span><span>{v}</span>"))
        ),
        "p" => format!("<div>{}</div>", each(&|l, v| format!("<p>{l}{v}</p>"))),
        "br" => format!("<div>{}</div>", each(&|l, v| format!("{l}{v}<br>\n"))),
        "nested table" => format!(
            "<table><tr><td><table>{}</table></td></tr></table>",
            rows(2, &td)
        ),
        _ => format!(
            "<table>{}</table>",
            rows(1, &|l, v| format!("<td colspan=4>{l}{v}</td>"))
        ),
    }
}

/// A page around the block, with what portals put around a text.
fn page(layout: &str, spelling: &str, (open, close): (&str, &str)) -> String {
    let block = block(layout, spelling);
    format!(
        "<!DOCTYPE html><html><head><title>工作动态_某县人民政府</title></head><body>
        <div class=top>中国政府网 | 某省政府 | 某市政府 今天是<span id=day></span></div>
        <form action=/s><label>标题</label><input name=q> 热点查询：<a href=/s?q=1>旅游</a></form>
        <ul class=nav><li><a href=/>首页</a></li><li><a href=/zwgk/>政务公开</a></li></ul>
        <div class=path>当前位置：<a href=/>首页</a> &gt; <a href=/zwgk/>政务公开</a> &gt; <a href=/gzdt/>工作动态</a></div>
        <div>字体大小：【<a href='javascript:f(1)'>大</a>】 【<a href='javascript:f(2)'>中</a>】 【<a href='javascript:f(3)'>小</a>】</div>
        <div><a href='javascript:w()'>保存为word</a> <a>打印</a> <a>关闭</a></div>
        {block}
        <h2>{TITLE}</h2>
        {open}<p>\u{3000}\u{3000}岁末的清晨，代表们从各乡镇赶来，会议在县文化中心开幕，出席人数符合法定人数。</p>
        <p align=center><img src=\"./W020251229001.jpg\" oldsrc=W020251229001.jpg></p><p align=center>▲大会开幕</p>
        <p>\u{3000}\u{3000}会议听取了政府工作报告。报告说，过去一年全县经济平稳，粮食丰收，民生有了改善。</p>
        <p><img src=\"/images/load.gif\" data-src=\"W020251229002.jpg\"><br>▲代表们认真听取报告 </p>
        <table border=1><tr><td>名称</td><td>文号</td><td>来源</td></tr><tr><td>报告</td><td>一号</td><td>政府</td></tr></table>
        <p>\u{3000}\u{3000}会议还审议了计划草案和预算草案，区直单位的负责人列席了会议。</p>{close}
        <p>（责任编辑：某某）</p>
        <div class=bdsharebuttonbox>分享到：<a href=#>微信</a><a href=#>微博</a></div>
        <div><img src=/images/ewm.png><p>扫一扫在手机打开当前页</p></div>
        <div>上一篇：<a href=/1.html>关于做好今冬明春工作的通知</a></div><div>下一篇：<a href=/2.html>没有了</a></div>
        <div>相关新闻</div><ul><li><a href=/3.html>某县召开常务会议，研究部署重点工作</a></li></ul>
        <div class=footer>主办单位：某县人民政府 版权所有 某ICP备1号 网站标识码：1404060001，地址：某县府前街一号</div></body></html>"
    )
}

fn read(html: &str) -> Extracted {
    let base = Url::parse("http://www.x.gov.cn/gzdt/202512/t20251229_3123304.html").unwrap();
    article(html, &base, &ArticleRules::default())
}

#[test]
fn one_article_is_the_same_in_every_layout() {
    let mut wrong = Vec::new();
    for layout in LAYOUTS {
        for spelling in LABELS {
            for body in BODIES {
                let found = read(&page(layout, spelling, body));
                for fault in faults(&found) {
                    wrong.push(format!("{layout}, {spelling}, {}: {fault}", body.0));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The differences from the article as a person reads it.
fn faults(found: &Extracted) -> Vec<String> {
    let meta = &found.metadata;
    let day = chrono::NaiveDate::from_ymd_opt(2025, 12, 29);
    let number = meta.index_number.as_ref().map(|number| number.as_str());
    let text = &found.body.body_text;
    let captions: Vec<(&str, Option<&str>)> = found
        .body
        .images
        .iter()
        .map(|image| (image.url.as_str(), image.caption.as_deref()))
        .collect();
    let expected = [
        (
            "http://www.x.gov.cn/gzdt/202512/W020251229001.jpg",
            Some("大会开幕"),
        ),
        (
            "http://www.x.gov.cn/gzdt/202512/W020251229002.jpg",
            Some("代表们认真听取报告"),
        ),
    ];
    let checks = [
        (
            "index number",
            number == Some("000014349/2025-32614"),
            format!("{number:?}"),
        ),
        (
            "document number",
            meta.document_number.is_none(),
            format!("{:?}", meta.document_number),
        ),
        (
            "issued",
            meta.issued_on == day,
            format!("{:?}", meta.issued_on),
        ),
        (
            "issuer",
            meta.issuer.as_deref() == Some("潞城融媒"),
            format!("{:?}", meta.issuer),
        ),
        (
            "terms",
            meta.subject_terms.is_empty(),
            format!("{:?}", meta.subject_terms),
        ),
        (
            "title",
            found.title.as_deref() == Some(TITLE),
            format!("{:?}", found.title),
        ),
        (
            "category",
            meta.topic_category.is_none(),
            format!("{:?}", meta.topic_category),
        ),
        (
            "published",
            meta.published_on == day && meta.published_at.is_none(),
            format!("{:?}", meta.published_on),
        ),
        (
            "source",
            meta.source.is_none(),
            format!("{:?}", meta.source),
        ),
        (
            "start",
            text.starts_with("岁末的清晨，"),
            text.chars().take(40).collect(),
        ),
        (
            "end",
            text.ends_with("负责人列席了会议。"),
            text.lines().last().unwrap_or_default().to_owned(),
        ),
        (
            "caption in the text",
            text.contains("\n▲大会开幕\n"),
            text.clone(),
        ),
        (
            "table in the text",
            text.contains("\n名称\t文号\t来源\n报告\t一号\t政府\n"),
            text.clone(),
        ),
        ("pictures", captions == expected, format!("{captions:?}")),
        (
            "files",
            found.body.attachments.is_empty(),
            format!("{:?}", found.body.attachments),
        ),
        (
            "provenance",
            found
                .provenance
                .get(&Field::IndexNumber)
                .is_some_and(|p| p == "label 索引号"),
            String::new(),
        ),
    ];
    checks
        .into_iter()
        .filter(|(_, right, _)| !right)
        .map(|(name, _, seen)| format!("{name}: {seen}"))
        .collect()
}
