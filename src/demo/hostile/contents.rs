//! Articles without a text: a title alone, a viewer, a picture, a file.
//!
//! Owns how these are served. Never decides what they are.

use super::ARTICLE;
use super::answer::Answer;
use super::variants::{Spoils, Variant};

const TITLE: &str = "【聚焦潞城两会】长治市潞城区第二届人民代表大会第六次会议开幕";
/// The file to which one variant leads.
const FILE: &str = "/files/2025/kaimu.pdf";
const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
/// What a viewer says to browsers without a plug-in.
const FALLBACK: &str = "<iframe src=\"javascript:;\"></iframe><ul>\
                        <li>如果您无法在线浏览此 PDF 文件，则可以</li>\
                        <li>下载免费的 PDF 阅读器,安装后即可在线浏览</li></ul>";

pub(super) static WITHOUT_TEXT: &[Variant] = &[
    Variant::new(
        "empty",
        "the newest article has a title and tools alone",
        Spoils::Article,
        |_| page(""),
    ),
    Variant::new(
        "viewer",
        "the newest article has the words of a viewer alone",
        Spoils::Article,
        |_| page(FALLBACK),
    ),
    Variant::new(
        "picture",
        "the newest article is a picture",
        Spoils::Article,
        |_| page("<p><img src=\"/files/2025/tujie.jpg\" width=\"900\"></p>"),
    ),
    Variant::new(
        "file",
        "a PDF stands at the address of the newest article",
        Spoils::Article,
        |_| pdf(),
    ),
    Variant::new(
        "redirect",
        "the newest article redirects to a PDF",
        Spoils::Everything,
        |asked| match asked.file() {
            ARTICLE => Answer::whole(302, &[&format!("location: {FILE}")], b""),
            FILE => pdf(),
            _ => Answer::good(asked),
        },
    ),
];

fn pdf() -> Answer {
    Answer::whole(200, &["content-type: application/pdf"], PDF)
}

/// An article's page with many links and tools around this text.
fn page(text: &str) -> Answer {
    let menu: String = (1..=12)
        .map(|nth| format!("<li><a href=\"/lm{nth}/\">政务公开栏目之{nth}</a></li>"))
        .collect();
    Answer::page(format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>{TITLE}</title></head><body>\
         <ul class=\"caidan\">{menu}</ul><div class=\"neirong\"><h1>{TITLE}</h1>\
         <p>2025年12月29日 10:20 浏览：次</p><div id=\"zoom\">{text}</div>\
         <p><a href=\"/tuijian/\">我要推荐</a> <a href=\"/jiucuo/\">网站纠错</a></p>\
         <p>上一篇：<a href=\"javascript:;\">无</a></p><p>下一篇：<a href=\"javascript:;\">无</a></p></div>\
         <div class=\"footer\"><p>主办：长治市潞城区人民政府办公室</p></div></body></html>"
    ))
}
