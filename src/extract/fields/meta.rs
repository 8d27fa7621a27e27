//! The tags in a government page's head, as 国办发〔2017〕47号《政府网站发展指引》 defines them: `ArticleTitle`,
//! `PubDate`, `ContentSource` …
//!
//! Owns the reading of `<meta>`, and the rejection of unreliable values. Never reads the visible
//! page.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use scraper::Html;

use crate::extract::page::pattern::pattern;
use crate::extract::page::{dom, strings};

/// The page's tags by lower-case name.
#[derive(Debug, Default)]
pub(in crate::extract) struct Tags(HashMap<String, String>);

/// Values of unfilled templates.
const UNFILLED: &[&str] = &[
    "网站名称",
    "网站域名",
    "文章标题",
    "栏目名称",
    "发布日期",
    "发布时间",
    "来源",
    "内容来源",
];

impl Tags {
    /// Reads the first non-empty tag of each name.
    pub(in crate::extract) fn new(html: &Html) -> Self {
        let mut tags = HashMap::new();
        for node in html.tree.nodes().filter(|node| dom::name(*node) == "meta") {
            let name = dom::attr(node, "name").or_else(|| dom::attr(node, "property"));
            let (Some(name), Some(content)) = (name, dom::attr(node, "content")) else {
                continue;
            };
            let content = markup_aside(content);
            let is_title = name.trim().eq_ignore_ascii_case("ArticleTitle");
            let value = if is_title {
                strings::title(&content)
            } else {
                strings::value(&content)
            };
            let Some(value) = value.filter(|value| !UNFILLED.contains(&value.as_str())) else {
                continue;
            };
            if !is_broken(node) {
                tags.entry(name.trim().to_ascii_lowercase())
                    .or_insert(value);
            }
        }
        Self(tags)
    }

    /// The value of a tag. The case of its name does not matter.
    pub(in crate::extract) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(&name.to_ascii_lowercase()).map(String::as_str)
    }

    /// `ArticleTitle`, unless it is the name of the site or the column.
    pub(in crate::extract) fn title(&self) -> Option<&str> {
        let title = self.get("ArticleTitle")?;
        let same = |name: &str| {
            self.get(name)
                .is_some_and(|other| strings::fold(other) == strings::fold(title))
        };
        (!same("SiteName") && !same("ColumnName")).then_some(title)
    }

    /// Whether an article's tags describe its column because the template was not filled: then
    /// their dates and sources are also the column's.
    pub(in crate::extract) fn are_of_column(&self) -> bool {
        let said = self.get("ArticleTitle").map(strings::fold);
        let name = |name: &str| self.get(name).map(strings::fold);
        said.is_some() && (said == name("ColumnName") || said == name("SiteName"))
    }

    /// Removes the tags about the article.
    pub(in crate::extract) fn forget_article(&mut self) {
        for name in ["pubdate", "publishdate", "contentsource"] {
            self.0.remove(name);
        }
    }

    /// `ContentSource`, unless it is the title: some systems put the title into every tag.
    pub(in crate::extract) fn source(&self) -> Option<&str> {
        let source = self.get("ContentSource")?;
        let title = self.get("ArticleTitle").map(strings::fold);
        let is_title = title.is_some_and(|title| title == strings::fold(source));
        (!is_title && strings::len(source) <= 60).then_some(source)
    }
}

/// Whether the tag is broken: a quotation mark inside a value ends it early, and the rest becomes
/// attributes with names unknown to HTML.
fn is_broken(node: dom::DomNode<'_>) -> bool {
    let Some(element) = node.value().as_element() else {
        return false;
    };
    element
        .attrs()
        .any(|(name, _)| !name.is_ascii() || name.contains('"'))
}

/// Removes markup: a title may contain the `<br>` of the page.
fn markup_aside(content: &str) -> String {
    let mut text = String::with_capacity(content.len());
    let mut rest = content;
    while let Some(start) = rest.find('<') {
        let tag = rest[start + 1..]
            .trim_start_matches('/')
            .starts_with(|c: char| c.is_ascii_alphabetic());
        match rest[start..].find('>').filter(|_| tag) {
            Some(end) => {
                text.push_str(&rest[..start]);
                rest = &rest[start + end + 1..];
            }
            None => {
                text.push_str(&rest[..=start]);
                rest = &rest[start + 1..];
            }
        }
    }
    text.push_str(rest);
    unescaped(&text).into_owned()
}

/// Some systems escape twice: `&amp;ldquo;` in the source is `&ldquo;` here.
fn unescaped(text: &str) -> Cow<'_, str> {
    static ENTITY: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"&([a-zA-Z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,6});"));
    if !text.contains('&') || !ENTITY.is_match(text) {
        return Cow::Borrowed(text);
    }
    let markup = text.replace('<', "&lt;");
    let html = Html::parse_fragment(&markup);
    Cow::Owned(html.root_element().text().collect())
}

/// The same for a title of the page itself. Signs of markup in it are its own: they were escaped once.
pub(in crate::extract) fn unescaped_title(text: &str) -> Cow<'_, str> {
    match text.contains("&lt;") || text.contains("&gt;") {
        true => Cow::Borrowed(text),
        false => unescaped(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(html: &str) -> Tags {
        Tags::new(&Html::parse_document(html))
    }

    #[test]
    fn case_order_quotes_lines_and_repetition_do_not_matter() {
        let tags = tags(
            "<META content='关于印发<br>办法的通知' NAME='articletitle'><meta name=PubDate\n content=\"2024-10-15 10:44\">
             <meta name='contentSource' content=''><meta name=\"ContentSource\" content=\"市府办\"/>
             <meta name=ContentSource content=别处>",
        );
        assert_eq!(tags.title(), Some("关于印发办法的通知"));
        assert_eq!(tags.get("PUBDATE"), Some("2024-10-15 10:44"));
        assert_eq!(tags.source(), Some("市府办"));
    }

    #[test]
    fn values_that_say_nothing_are_left_out() {
        let tags = tags(
            "<meta name=ArticleTitle content='甲乙丙丁戊'><meta name=ContentSource content='甲乙丙丁戊'>
             <meta name=ColumnName content=null><meta name=SiteName content=网站名称>",
        );
        assert_eq!(tags.source(), None);
        assert_eq!(tags.get("ColumnName"), None);
        assert_eq!(tags.get("SiteName"), None);
    }

    #[test]
    fn what_was_escaped_twice_is_read_as_meant() {
        let page =
            "<meta name=ArticleTitle content='关于&amp;ldquo;放管服&amp;rdquo;&amp;nbsp;的通知'>";
        assert_eq!(tags(page).title(), Some("关于“放管服” 的通知"));
        let page = "<meta name=ArticleTitle content='A&amp;B 与 1 &lt; 2'>";
        assert_eq!(tags(page).title(), Some("A&B 与 1 < 2"));
    }

    #[test]
    fn a_tag_broken_by_a_quotation_mark_is_not_believed() {
        let tags = tags("<meta name=\"ArticleTitle\" content=\"关于\"放管服\"改革的通知\">");
        assert_eq!(tags.title(), None);
    }
}
