//! Stubs with status 200: scripts of firewalls, error pages, log-in forms, maintenance.
//!
//! Owns how these faults are served. Never recognises a stub: `extract` does.

use super::answer::Answer;
use super::variants::{Spoils, Variant};

const SHELL: &str = "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\
                     <script type=\"text/javascript\">function a(x){return x.split('').reverse().join('')}\
                     document.cookie=\"C3VK=\"+a('4f3e2d1c')+\"; path=/; max-age=300\";\
                     setTimeout(function(){location.reload()},20);</script></head><body></body></html>";
const TS: &str = "<!DOCTYPE html><html><head><script src=\"/c8.js\" r='m'></script>\
                  <script r='m'>$_ts=window['$_ts'];$_ts.nsd=33105;_$hj();</script></head>\
                  <body></body></html>";

pub(super) static CHALLENGES: &[Variant] = &[
    Variant::new(
        "cookie",
        "200 with a script that sets a cookie and reloads",
        Spoils::Pages,
        |_| Answer::page(SHELL),
    ),
    Variant::new(
        "ts",
        "200 with a script in the manner of 瑞数",
        Spoils::Pages,
        |_| Answer::page(TS),
    ),
    Variant::new(
        "article",
        "the same, for the newest article",
        Spoils::Article,
        |_| Answer::page(SHELL),
    ),
];

pub(super) static SOFT: &[Variant] = &[
    Variant::new(
        "article",
        "200 with 页面不存在 for the newest article",
        Spoils::Article,
        |_| missing(),
    ),
    Variant::new(
        "list",
        "200 with 页面不存在 for the column",
        Spoils::List,
        |_| missing(),
    ),
    Variant::new(
        "home",
        "to the portal's first page instead of the newest article",
        Spoils::Article,
        |_| Answer::whole(302, &["location: /"], b""),
    ),
    Variant::new(
        "log-in",
        "200 with a form to log in, for the column",
        Spoils::List,
        |_| {
            page(
                "用户登录",
                "<form action=\"/login\" method=\"post\"><label>用户名<input name=\"user\"></label>\
             <label>密码<input type=\"password\" name=\"password\"></label><button>登录</button></form>",
            )
        },
    ),
    Variant::new(
        "maintenance",
        "200 with 网站维护中 for the column",
        Spoils::List,
        |_| {
            page(
                "网站维护中",
                "<p>网站正在维护，暂停服务，请稍后再访问。</p>",
            )
        },
    ),
];

fn missing() -> Answer {
    page(
        "404 页面不存在",
        "<h1>404</h1><p>抱歉，您访问的页面不存在或已被删除。</p><a href=\"/\">返回首页</a>",
    )
}

fn page(title: &str, body: &str) -> Answer {
    Answer::page(format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>{title}</title></head>\
         <body><div class=\"content\">{body}</div></body></html>"
    ))
}
