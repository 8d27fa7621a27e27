//! Articles without a text: a title alone, a viewer, a picture, a film, a file. Articles whose text
//! falls out of its element.
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
        "film",
        "the newest article is a film",
        Spoils::Article,
        |_| page("<video src=\"/files/2025/kaimu.mp4\" poster=\"/files/2025/kaimu.jpg\"></video>"),
    ),
    Variant::new(
        "script",
        "a script of the newest article shows a PDF",
        Spoils::Article,
        |_| page("<p><script>showVsbpdfIframe(\"/files/2025/kaimu.pdf\",\"100%\");</script></p>"),
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

/// The paragraphs of a text that falls out of its element.
const FALLEN: [&str; 3] = [
    "<p>大会于十二月二十九日上午开幕，全区各界代表到会，共同听取并审议政府工作的报告。</p>",
    "<p>报告指出，过去一年各项工作稳步推进，城乡面貌有了新的变化，群众生活继续改善。</p>",
    "<p>会议将于后天闭幕。</p>",
];

pub(super) static FALLEN_OUT: &[Variant] = &[
    Variant::new(
        "two",
        "two surplus end tags in the newest article's text",
        Spoils::Article,
        |_| fallen_out(2),
    ),
    Variant::new(
        "four",
        "four surplus end tags in the newest article's text",
        Spoils::Article,
        |_| fallen_out(4),
    ),
];

fn fallen_out(surplus: usize) -> Answer {
    let [first, second, third] = FALLEN;
    page(&format!(
        "{first}{}{second}{third}",
        "</div>".repeat(surplus)
    ))
}

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
