//! Messages for people: titles with links, as mail and in the forms of robots.
//!
//! Owns their words and markup. Never chooses what is told, and never knows a limit.

use maud::{DOCTYPE, html};
use serde_json::{Value, json};
use url::Url;

use super::{ColumnInfo, Site, xml};
use crate::model::{Article, ColumnName, Incident};

/// The longest title in characters.
const LONGEST: usize = 120;

/// One line of a message: an article, or an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewsItem {
    /// On one line.
    pub title: String,
    /// Where it stands.
    pub url: Url,
    /// Its column and day, or what an incident says.
    pub about: String,
}

impl NewsItem {
    /// An article, as one of these columns lists it.
    pub fn of_article(article: &Article, columns: &[&ColumnInfo]) -> Self {
        let lists = |name: &ColumnName| columns.iter().find(|column| column.name == *name);
        let column = article.columns.iter().find_map(lists);
        let column = column.map_or(article.portal.as_str(), |column| column.title.as_str());
        let day = article.metadata.published_on;
        let day = day.unwrap_or_else(|| article.first_seen_at.date());
        Self {
            title: line(&article.title),
            url: article.url.clone(),
            about: line(&format!("{column} · {day}")),
        }
    }

    /// An incident.
    pub fn of_incident(site: &Site, incident: &Incident) -> Self {
        Self {
            title: line(&format!("{}：{}", incident.reason, incident.subject)),
            url: site.url(super::paths::INCIDENTS),
            about: line(&incident.message),
        }
    }
}

/// A text on one line, not too long.
fn line(text: &str) -> String {
    let text = xml::clean(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The heading of a message with so many lines. Robots that ask for a keyword find 邸报 in it.
pub fn heading(site: &Site, title: Option<&str>, count: u64) -> String {
    let title = title.map_or_else(String::new, |title| format!(" · {}", line(title)));
    site.title(&format!("邸报{title}：{count} 条新消息"))
}

/// A message as mail: its plain text, and the same as HTML. `more` items are left out.
pub fn mail(site: &Site, heading: &str, items: &[NewsItem], more: u64) -> (String, String) {
    let rest = match more {
        0 => String::new(),
        more => format!("另有 {more} 条，见 {}", site.base_url),
    };
    let why = format!(
        "本邮件由 {} 的 dibao 自动发送。不想再收，回复退订即可。",
        site.base_url
    );
    let lines = items.iter();
    let lines = lines.map(|item| format!("{}\n{}\n{}\n", item.title, item.about, item.url));
    let text = format!(
        "{heading}\n\n{}\n{rest}\n\n-- \n{why}\n",
        lines.collect::<Vec<_>>().join("\n")
    );
    let page = html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head { meta charset="utf-8"; title { (heading) } }
            body {
                h1 style="font-size:1.2em" { (heading) }
                ul {
                    @for item in items {
                        li { a href=(item.url) { (item.title) } br; small { (item.about) } }
                    }
                }
                @if !rest.is_empty() { p { (rest) } }
                p { small { (why) } }
            }
        }
    };
    (text, page.into_string())
}

/// A message in the Markdown of 企业微信 and 钉钉, which knows no escapes.
pub fn markdown(heading: &str, items: &[NewsItem]) -> String {
    let plain = |text: &str| -> String {
        let wide = |c| match c {
            '[' => '［',
            ']' => '］',
            '<' => '＜',
            '>' => '＞',
            '*' => '＊',
            '`' => '｀',
            '@' => '＠',
            c => c,
        };
        text.chars().map(wide).collect()
    };
    let lines = items.iter().map(|item| {
        let url = item.url.as_str().replace('(', "%28").replace(')', "%29");
        format!("- [{}]({url}) {}\n", plain(&item.title), plain(&item.about))
    });
    format!("**{}**\n\n{}", plain(heading), lines.collect::<String>())
}

/// A message as the rich text of 飞书.
pub fn rich_text(heading: &str, items: &[NewsItem]) -> Value {
    let lines = items.iter().map(|item| {
        json!([
            {"tag": "a", "text": item.title, "href": item.url.as_str()},
            {"tag": "text", "text": format!(" {}", item.about)},
        ])
    });
    json!({"zh_cn": {"title": heading, "content": lines.collect::<Vec<_>>()}})
}

/// A message as plain text.
pub fn plain(items: &[NewsItem]) -> String {
    let lines = items.iter();
    let lines = lines.map(|item| format!("{}\n{}\n{}\n", item.title, item.about, item.url));
    lines.collect::<Vec<_>>().join("\n")
}
