//! Invented pages that are read for their cost: a long text, a long table, a long list.
//!
//! Owns their making. Every run makes the same ones.

/// A page with an article of paragraphs, of about so many bytes.
pub(crate) fn prose(bytes: usize) -> String {
    let sentence = "会议指出，要认真贯彻落实上级部署，扎实推进各项工作，确保群众温暖过冬。";
    let mut text = String::new();
    for number in 0.. {
        let sentences = sentence.repeat(number % 4 + 1);
        text.push_str(&format!("<p style=\"text-indent: 2em\">{sentences}</p>\n"));
        if text.len() >= bytes {
            break;
        }
    }
    article("某县召开供热工作会议", &text)
}

/// A page with an article that is a table of so many cells, four in a row.
pub(crate) fn table(cells: usize) -> String {
    let row = |number: usize| {
        let length = number * 37 % 900;
        format!(
            "<tr><td>{number}</td><td>某某{number}号项目</td><td>{length}.5</td><td>合格</td></tr>\n"
        )
    };
    let rows: String = (1..=cells / 4).map(row).collect();
    let text = format!("<p>现将名单公布如下。</p><table>{rows}</table>");
    article("某县2025年度项目名单", &text)
}

/// A column page with so many items.
#[allow(dead_code, reason = "the test of the cost reads articles alone")]
pub(crate) fn list(items: usize) -> String {
    let item = |number: usize| {
        let day = number % 28 + 1;
        format!(
            "<li><a href=\"202511/t202511{day:02}_{number}.html\">某县召开第{number}次供热工作会议</a><span>2025-11-{day:02}</span></li>\n"
        )
    };
    let items: String = (0..items).map(item).collect();
    page("工作动态", &format!("<ul class=\"list\">{items}</ul>"))
}

fn article(title: &str, text: &str) -> String {
    let inner = format!(
        "<h1>{title}</h1><div class=\"info\">来源：某县融媒体中心 发布时间：2025-12-29 10:20 浏览次数：17</div>
         <div class=\"TRS_Editor\">{text}</div><p>（责任编辑：某某）</p>"
    );
    page(title, &inner)
}

fn page(title: &str, inner: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>{title}-某县人民政府</title></head><body>
         <div class=\"header\"><a href=\"/\">首页</a><a href=\"/gzdt/\">工作动态</a></div>
         <div class=\"main\">{inner}</div>
         <div class=\"footer\">主办：某县人民政府 网站标识码：1404060000</div></body></html>"
    )
}
