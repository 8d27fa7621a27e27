//! Articles whose own page does not name them: `<title>` and banner are the section's, and no line
//! says when they were published.
//!
//! Owns how these are served. Never decides what they are called.

use super::answer::{Answer, Asked};
use super::variants::{Spoils, Variant};

const SECTION: &str = "长治市潞城区公共资源交易中心";

pub(super) static OF_SECTION: &[Variant] = &[
    Variant::new(
        "branch",
        "every article has the section's `<title>`, and a heading of its own",
        Spoils::Articles,
        |asked| page(asked, true),
    ),
    Variant::new(
        "row",
        "every article has the section's `<title>`, and its own title stands in the list alone",
        Spoils::Articles,
        |asked| page(asked, false),
    ),
];

fn page(asked: &Asked, has_heading: bool) -> Answer {
    let page = asked.page();
    let title = between(&page, "<h2 class=\"title\">", "</h2>");
    let text = between(&page, "<div id=\"zoom\">", "<p class=\"bj\">");
    let heading = match has_heading {
        true => format!("<h1>{title}</h1>"),
        false => String::new(),
    };
    Answer::page(format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>{SECTION}</title></head><body>\
         <div class=\"dingbu\"><b>{SECTION}</b></div><ul><li><a href=\"/\">首页</a></li>\
         <li><a href=\"/jyxx/\">交易信息</a></li><li><a href=\"/zcfg/\">政策法规</a></li>\
         <li><a href=\"/bszn/\">办事指南</a></li></ul><div class=\"neirong\">{heading}\
         <p>（2011年1月1日起施行）</p><div id=\"zoom\">{text}</div></div></body></html>"
    ))
}

fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let rest = page.split_once(start).map_or("", |(_, rest)| rest);
    rest.split_once(end).map_or(rest, |(inner, _)| inner)
}
