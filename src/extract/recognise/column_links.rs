//! The columns that a page offers: a portal's first page, or a page that only collects columns.
//!
//! Owns the names that identify a column. Never checks whether the link leads to one.

use scraper::{ElementRef, Html};
use url::Url;

use crate::extract::page::dom::Attributes;
use crate::extract::page::text::PageText;
use crate::extract::page::{dom, links, strings, tree, urls};

/// A column that a page offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnLink {
    /// The text of the link.
    pub title: String,
    /// The column page.
    pub url: Url,
}

/// The fewest characters of a column's name, and the most.
const LEAST: usize = 2;
const MOST: usize = 14;
/// The most columns from one page.
const MAX: usize = 60;
/// The name of a list is at most this many levels above its link 更多.
const LEVELS: usize = 4;

/// Words in the names of columns for news and documents.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "动态", "要闻", "新闻", "快讯", "资讯", "信息", "公告", "公示", "通知", "通告", "政策", "文件", "法规", "规章", "解读", "公报", "会议", "讲话", "公开",
    "规划", "计划", "统计", "数据", "报告", "年报", "人事", "任免", "财政", "预算", "决算", "采购", "招标", "执法", "处罚", "督查", "应急", "预案",
    "建议", "提案", "视点", "关注", "时政", "部门", "乡镇", "镇街", "基层", "活动", "回应", "发布", "专题", "廉政", "项目", "民生",
];
/// Words of links that never lead to a column.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "首页", "登录", "注册", "信箱", "邮箱", "举报", "投诉", "咨询", "办事", "服务", "指南", "申请", "无障碍", "关怀", "长者", "繁体", "微信", "微博", "客户端",
    "公众号", "地图", "关于", "联系", "声明", "帮助", "搜索", "检索", "网站", "版权", "隐私", "查询", "下载", "视频会议",
];

/// The columns that a page offers, in page order, each URL once.
pub fn column_links<'a>(page: impl Into<PageText<'a>>, base: &Url) -> Vec<ColumnLink> {
    let document = tree::parse(page);
    let from = links::base(&document, base);
    let mut column_links: Vec<ColumnLink> = Vec::new();
    let anchors = document.root_element().descendent_elements();
    let found = anchors
        .filter(|element| element.value().name() == "a")
        .filter_map(|anchor| column_link(anchor, base, &from));
    for column_link in found {
        let is_new = !column_links
            .iter()
            .any(|other| urls::same_page(&other.url, &column_link.url));
        if is_new && column_links.len() < MAX {
            column_links.push(column_link);
        }
    }
    column_links
}

fn column_link(anchor: ElementRef<'_>, here: &Url, base: &Url) -> Option<ColumnLink> {
    let url = links::target(anchor.attribute("href")?, base)?;
    if urls::is_numbered(&url)
        || urls::is_root(&url)
        || urls::same_page(&url, here)
        || !is_of_site(&url, here)
    {
        return None;
    }
    let said = strings::fold(&dom::short_text(*anchor, MOST * 2)?);
    let more = is_more(&said);
    let said = if more { heading(anchor)? } else { said };
    let title = said.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let length = title.chars().count();
    let is_name = (LEAST..=MOST).contains(&length)
        && (more || NAMES.iter().any(|name| title.contains(name)))
        && !title.contains(|c: char| c.is_ascii_digit() || matches!(c, '（' | '(' | '，'))
        && (more || !OTHERS.iter().any(|name| title.contains(name)));
    is_name.then_some(ColumnLink { title, url })
}

/// Whether a URL is on the page's site, or on a site below it, for example a department's.
fn is_of_site(url: &Url, here: &Url) -> bool {
    let bare = |url: &Url| {
        let host = url.host_str().unwrap_or_default();
        host.strip_prefix("www.").unwrap_or(host).to_owned()
    };
    let (host, site) = (bare(url), bare(here));
    host.strip_suffix(&site)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_more(said: &str) -> bool {
    let word = said.trim_matches(|c: char| !c.is_alphabetic());
    matches!(
        word.to_ascii_lowercase().as_str(),
        "更多" | "more" | "查看更多" | "更多信息"
    )
}

/// The name of the list that a 更多 link continues: the first words of the smallest element around
/// the link with other words.
fn heading(more: ElementRef<'_>) -> Option<String> {
    let around = more.ancestors().filter_map(ElementRef::wrap).take(LEVELS);
    for element in around {
        let texts = element
            .descendants()
            .filter_map(|node| node.value().as_text());
        let other = texts
            .map(|text| strings::fold(text))
            .find(|text| !text.is_empty() && !is_more(text));
        if other.is_some() {
            return other;
        }
    }
    None
}

/// The pages of the same host that a page embeds.
pub fn frames<'a>(page: impl Into<PageText<'a>>, base: &Url) -> Vec<Url> {
    let document = tree::parse(page);
    let from = links::base(&document, base);
    let frames = sources(&document).filter_map(|source| links::target(source, &from));
    let own = frames.filter(|url| url.host() == base.host() && !urls::same_page(url, base));
    own.take(MAX).collect()
}

fn sources(document: &Html) -> impl Iterator<Item = &str> {
    let elements = document.root_element().descendent_elements();
    elements
        .filter(|element| matches!(element.value().name(), "iframe" | "frame"))
        .filter_map(|element| element.value().attribute("src"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_page_offers_its_columns_and_nothing_else() {
        let page = "<ul><li><a href=/>首页</a><li><a href=/zwgk/>政务公开</a><li><a href=/bsfw/>办事服务</a></ul>
            <div><h3>工作动态</h3><a href=/zwgk/gzdt/>更多>></a><ul><li><a href=/zwgk/gzdt/202512/t20251229_1.html>我县召开会议部署工作</a></ul></div>
            <div><div class=t><a href='/zwgk/tzgg/index.html'>【通知公告】</a></div><a href='/zwgk/tzgg/index.html'>更多</a></div>
            <a href=http://www.gov.cn/zhengce/>国务院政策文件</a><a href=http://fgw.x.gov.cn/fzgh/>发展规划</a><a href='javascript:'>公示</a>";
        let base = Url::parse("http://www.x.gov.cn/").unwrap();
        let found = column_links(page, &base);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|column_link| (column_link.title.as_str(), column_link.url.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("政务公开", "http://www.x.gov.cn/zwgk/"),
                ("工作动态", "http://www.x.gov.cn/zwgk/gzdt/"),
                ("通知公告", "http://www.x.gov.cn/zwgk/tzgg/index.html"),
                ("发展规划", "http://fgw.x.gov.cn/fzgh/"),
            ]
        );
    }

    #[test]
    fn frames_of_the_same_host_are_found() {
        let base = Url::parse("http://www.x.gov.cn/gzdt/").unwrap();
        let page = "<iframe src='./list.html'></iframe><iframe src=//other.cn/x></iframe><iframe>";
        let found = frames(page, &base);
        assert_eq!(
            found,
            [Url::parse("http://www.x.gov.cn/gzdt/list.html").unwrap()]
        );
    }
}
