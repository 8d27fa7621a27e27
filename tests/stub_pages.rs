//! Stubs, and news that looks like them: the answers of servers, content systems and firewalls with
//! status 200, beside news about the same things.
//!
//! Owns these pages, and real ones from `DIBAO_CORPUS` (`HOST/NAME.html` beside `HOST/NAME.json`),
//! none of which is a stub.
//! Never fetches.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use dibao::config::ArticleRules;
use dibao::decode::decode;
use dibao::extract::{Stub, article, article_or_stub, stub};
use url::Url;

use crate::support::outside_all;
use crate::support::replica::bytes;

use Stub::{Challenge, LogIn, Maintenance, NotFound};

/// Stubs, each in the manner of the system that its name tells.
#[rustfmt::skip]
pub(crate) const STUBS: &[(Stub, &str, &str)] = &[
    // Servers.
    (NotFound, "nginx", "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n<!-- a padding to disable MSIE and Chrome friendly error page -->"),
    (NotFound, "openresty", "<html><head><title>404 Not Found</title></head><body bgcolor=white><center><h1>404 Not Found</h1></center><hr><center>openresty</center></body></html>"),
    (NotFound, "tengine", "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\"><html><head><title>404 Not Found</title></head><body bgcolor=\"white\"><h1>404 Not Found</h1><p>The requested URL was not found on this server. Sorry for the inconvenience.<br/>Please report this message and include the following information to us.<br/>Thank you very much!</p><hr/>Powered by Tengine</body></html>"),
    (NotFound, "apache", "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\"><html><head><title>404 Not Found</title></head><body><h1>Not Found</h1><p>The requested URL /xxgk/t1.html was not found on this server.</p></body></html>"),
    (NotFound, "iis 10", "<html><head><title>404 - 找不到文件或目录。</title></head><body><div id=\"header\"><h1>服务器错误</h1></div><div id=\"content\"><div class=\"content-container\"><fieldset><h2>404 - 找不到文件或目录。</h2><h3>您要查找的资源可能已被删除，已更改名称或者暂时不可用。</h3></fieldset></div></div></body></html>"),
    (NotFound, "iis english", "<html><head><title>404 - File or directory not found.</title></head><body><div id=header><h1>Server Error</h1></div><div id=content><fieldset><h2>404 - File or directory not found.</h2><h3>The resource you are looking for might have been removed, had its name changed, or is temporarily unavailable.</h3></fieldset></div></body></html>"),
    (NotFound, "iis 6", "<html><head><title>无法找到该页</title></head><body><table><tr><td><h1>无法找到该页</h1>您正在搜索的页面可能已经删除、更名或暂时不可用。<hr><p>请尝试以下操作：</p><h2>HTTP 错误 404 - 文件或目录未找到。<br>Internet 信息服务 (IIS)</h2></td></tr></table></body></html>"),
    (NotFound, "asp.net", "<html><head><title>无法找到资源。</title></head><body bgcolor=white><span><h1>“/”应用程序中的服务器错误。<hr width=100%></h1><h2><i>无法找到资源。</i></h2></span><b>说明: </b>HTTP 404。您正在查找的资源(或者它的一个依赖项)可能已被移除，或其名称已更改，或暂时不可用。请检查以下 URL 并确保其拼写正确。<br><b>请求的 URL: </b>/xxgk/1.aspx</body></html>"),
    (NotFound, "tomcat 9", "<!doctype html><html lang=zh><head><title>HTTP状态 404 - 未找到</title></head><body><h1>HTTP状态 404 - 未找到</h1><hr class=line /><p><b>类型</b> 状态报告</p><p><b>消息</b> 请求的资源[/xxgk/1.jsp]不可用</p><p><b>描述</b> 源服务器未能找到目标资源的表示或者是不愿公开一个已经存在的资源表示。</p><hr class=line /><h3>Apache Tomcat/9.0.31</h3></body></html>"),
    (NotFound, "tomcat 6", "<html><head><title>Apache Tomcat/6.0.37 - Error report</title></head><body><h1>HTTP Status 404 - /col/index.jsp</h1><HR size=1><p><b>type</b> Status report</p><p><b>message</b> <u>/col/index.jsp</u></p><p><b>description</b> <u>The requested resource is not available.</u></p><HR><h3>Apache Tomcat/6.0.37</h3></body></html>"),
    (NotFound, "spring", "<html><body><h1>Whitelabel Error Page</h1><p>This application has no explicit mapping for /error, so you are seeing this as a fallback.</p><div>There was an unexpected error (type=Not Found, status=404).</div><div>No message available</div></body></html>"),
    (NotFound, "django", "<!doctype html><html lang=en><head><title>Not Found</title></head><body><h1>Not Found</h1><p>The requested resource was not found on this server.</p></body></html>"),
    (NotFound, "object storage", "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1><ul><li>Code: NoSuchKey</li><li>Message: The specified key does not exist.</li></ul></body></html>"),
    (NotFound, "bare", "404"),
    (NotFound, "bare words", "File not found."),
    (NotFound, "no input file", "No such file or directory"),
    // Content systems and templates.
    (NotFound, "trs", "<html><head><meta charset=utf-8><title>提示信息</title></head><body><div class=tip>您访问的页面不存在或已被删除！</div><a href=/>返回首页</a></body></html>"),
    (NotFound, "trs was", "<html><head><title>TRS WAS</title></head><body><p>对不起，没有找到您要查看的记录！</p><a href='javascript:history.back()'>返回</a></body></html>"),
    (NotFound, "hanweb", "<html><head><title>错误页面</title></head><body><table><tr><td><img src='/jcms/error/404.png'></td><td>很抱歉，您要访问的页面不存在</td></tr><tr><td><a href=/>返回首页</a></td></tr></table></body></html>"),
    (NotFound, "vsb", "<HTML><HEAD><TITLE>404错误页面</TITLE></HEAD><BODY><div id=notfound><h2>404</h2><p>抱歉！您访问的页面失联啦...</p><p>您访问的页面不存在</p></div></BODY></HTML>"),
    (NotFound, "a deleted article", "<html><head><title>某市人民政府</title></head><body><div class=nav><a href=/>首页</a><a href=/xxgk/>信息公开</a></div><div class=con>该文章已删除！</div><div class=footer>地址：某市某路1号 电话：0355-1234567</div></body></html>"),
    (NotFound, "an alert", "<html><head><title>信息提示</title></head><body><h1>信息不存在</h1></body></html>"),
    (NotFound, "offline", "<div class=msg>您查看的信息已下线</div>"),
    (NotFound, "a shell with menus", "<html><head><title>页面找不到-某县人民政府</title></head><body><div class=header><ul><li><a href=/zwgk/>政务公开</a></li><li><a href=/jgsz/>机构设置</a></li><li><a href=/hdjl/>互动交流</a></li></ul></div><div><p>您访问的页面找不到了</p><p>请检查您输入的网址是否正确，或者点击下面的链接继续浏览网站</p></div><div class=footer>版权所有：某县人民政府</div></body></html>"),
    (NotFound, "title alone", "<html><head><title>404页面</title></head><body><div class=bg></div><a href='/'>返回首页</a></body></html>"),
    (NotFound, "a picture", "<html><head><title>404</title></head><body><img src=/images/404.jpg width=800 height=600></body></html>"),
    (NotFound, "home by refresh", "<html><head><meta http-equiv=refresh content='3;url=/'></head><body></body></html>"),
    (NotFound, "home by script", "<html><body><script>setTimeout(function(){window.location.href='http://www.x.gov.cn/index.html'},3000)</script></body></html>"),
    (NotFound, "home in words", "<html><head><title>提示</title></head><body><p><span id=t>5</span>秒后自动返回首页</p></body></html>"),
    (NotFound, "to the error page", "<script>location.replace('/error/404.html')</script>"),
    (NotFound, "no column", "<html><body><div>错误：栏目不存在</div></body></html>"),
    (NotFound, "walked away", "<html><head><title>出错了</title></head><body><p>哎呀，页面走丢了</p></body></html>"),
    (NotFound, "expired", "<html><body><p>对不起，该链接已失效</p></body></html>"),
    // Log-in pages.
    (LogIn, "cas", "<html><head><title>统一身份认证平台</title></head><body><h2>统一身份认证</h2><form method=post><input name=username><input type=password name=password><button>登录</button></form></body></html>"),
    (LogIn, "bare form", "<html><head><title>某系统</title></head><body><form action=/login><label>用户名</label><input name=u><label>密码</label><input type=password name=p><input type=submit value=登录></form></body></html>"),
    (LogIn, "please", "<html><body><p>您尚未登录，请先登录！</p><a href=/login>登录</a></body></html>"),
    (LogIn, "script", "<script>top.location.href='/login.jsp?url=%2Fxxgk';</script>"),
    (LogIn, "refresh", "<html><head><meta http-equiv=\"refresh\" content=\"0;URL=https://sso.x.gov.cn/cas/login\"></head></html>"),
    (LogIn, "timeout", "<html><body>登录超时，请重新登录</body></html>"),
    (LogIn, "english", "<html><head><title>Login</title></head><body><form><input type=password></form><p>Powered by X</p></body></html>"),
    (LogIn, "admin", "<html><head><title>网站后台登录</title></head><body><div>管理员登录</div><form><input type=text><input type=PASSWORD></form><a href=/forget>忘记密码</a></body></html>"),
    // Maintenance.
    (Maintenance, "ok", "ok"),
    (Maintenance, "error", "error"),
    (Maintenance, "empty page", "<html></html>"),
    (Maintenance, "empty body", "<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body></body></html>"),
    (Maintenance, "success", "{\"code\":0,\"msg\":\"ok\"}"),
    (Maintenance, "upgrade", "<html><head><title>系统维护</title></head><body><h1>系统维护中</h1><p>网站正在进行升级改造，请稍后访问，给您带来不便敬请谅解。</p></body></html>"),
    (Maintenance, "ipv6", "<html><head><meta charset=utf-8><title>某县人民政府</title></head><body><p>因IPv6改造，本网站暂停服务，给您带来的不便敬请谅解。</p></body></html>"),
    (Maintenance, "title", "<html><head><title>网站升级</title></head><body><div>网站升级改造</div></body></html>"),
    (Maintenance, "with dates", "<html><body><div style='text-align:center'>因机房搬迁，本网站于2025年12月1日18:00至12月3日8:00暂停访问，给您带来不便，敬请谅解！</div></body></html>"),
    (Maintenance, "building", "<html><head><title>建设中</title></head><body><p>栏目正在建设中...</p></body></html>"),
    (Maintenance, "busy", "<html><body>系统繁忙，请稍后再试</body></html>"),
    (Maintenance, "closed", "<html><body><h2>网站已关闭</h2></body></html>"),
    (Maintenance, "english", "<html><head><title>Site Maintenance</title></head><body><h1>We&rsquo;ll be back soon!</h1><p>Sorry for the inconvenience but we&rsquo;re under maintenance at the moment.</p></body></html>"),
    (Maintenance, "nginx 502", "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>"),
    (Maintenance, "asp.net error", "<html><head><title>运行时错误</title></head><body><h1>“/”应用程序中的服务器错误。</h1><h2>运行时错误</h2></body></html>"),
    (Maintenance, "nginx welcome", "<html><head><title>Welcome to nginx!</title></head><body><h1>Welcome to nginx!</h1></body></html>"),
    (Maintenance, "database", "<html><body>数据库连接错误</body></html>"),
    // Firewalls.
    (Challenge, "noscript", "<html><head><script src=/a.js></script></head><body><noscript>请开启JavaScript并刷新该页.</noscript></body></html>"),
    (Challenge, "browser check", "<html><head><title>安全检查</title></head><body><p>正在验证浏览器，请稍候...</p><script>go()</script></body></html>"),
    (Challenge, "slider", "<html><head><title>滑动验证页面</title></head><body><div>访问验证</div><p>别离开，为了更好的访问体验，请滑动滑块完成验证，通过后即可继续访问网页</p></body></html>"),
    (Challenge, "captcha", "<html><head><title>访问验证</title></head><body><form><p>您的访问过于频繁，请输入验证码</p><input name=code></form></body></html>"),
    (Challenge, "script only", "<!DOCTYPE html><html><head><meta charset=utf-8></head><body><script>var a='xyz';eval(a)</script></body></html>"),
    (Challenge, "long script", "<html><head><title></title><script src='/_guard/auto.js?v=1'></script></head><body></body></html>"),
    (Challenge, "cloud waf", "<html><head><title>405</title></head><body><div><h2>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</h2><p>您的请求ID是: 7b3974f116</p></div></body></html>"),
    (Challenge, "safedog", "<html><head><title>网站防火墙</title></head><body><h1>网站防火墙</h1><p>您的请求带有不合法参数，已被网站管理员设置拦截！</p><p>可能原因：您提交的内容包含危险的攻击请求</p></body></html>"),
    (Challenge, "g01", "<html><head><title>网防G01</title></head><body><div>您的请求被网防G01拦截</div></body></html>"),
    (Challenge, "forbidden", "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center><hr><center>nginx</center></body></html>"),
    (Challenge, "just a moment", "<html><head><title>Just a moment...</title></head><body><h2>Checking your browser before accessing www.x.gov.cn</h2><noscript>Please enable JavaScript</noscript></body></html>"),
    (Challenge, "cookies", "<html><body><p>请启用浏览器的Cookie后刷新页面</p><script>x()</script></body></html>"),
    (Challenge, "human", "<html><body><div>请完成下方验证，确认您是真人访问</div><div id=captcha></div></body></html>"),
];

const LINE: &str = "<p>发布时间：2025-12-29 10:00　来源：县融媒体中心</p>";

/// News and lists that hold the words of stubs, or as little as they.
#[rustfmt::skip]
const PAGES: &[(&str, &str)] = &[
    ("maintenance announced", "<title>关于网站系统升级维护的公告_某县</title><meta name=ArticleTitle content=关于网站系统升级维护的公告><meta name=PubDate content='2025-12-29 10:00'><h1>关于网站系统升级维护的公告</h1><p>因系统升级维护，本网站将暂停服务，给您带来不便敬请谅解。</p>"),
    ("maintenance with a date", "<h1>关于网站系统升级维护的公告</h1><div>2025-12-29</div><div id=zoom><p>因网站升级改造，网站暂停服务，请稍后访问。</p></div>"),
    ("maintenance under a label", "<h1>系统维护通知</h1><div>发布日期：2025-12-29</div><p>12月30日系统维护，暂停服务。</p>"),
    ("maintenance with tools", "<h1>社保系统暂停服务公告</h1><div>【字体：大 中 小】【打印】</div><p>社保系统将于12月30日停机，暂停对外服务。</p>"),
    ("a tender with a file", "<h1>网站升级改造项目招标公告</h1><p><a href=/a/1.docx>附件：网站升级改造项目招标文件.docx</a></p>"),
    ("a picture of maintenance", "<h1>网站升级维护</h1><p><img src=/W02025.jpg width=800></p>"),
    ("a deleted document", "<h1>关于废止文件的通知</h1><div>发布时间：2025-12-29 10:00</div><p>下列文件已删除，不再执行。</p>"),
    ("short", "<title>供热开工</title><h1>供热开工</h1><div>2025-12-29</div><p>今日，我县集中供热工程开工，县长张三出席开工仪式并讲话，要求各单位抓紧施工，确保群众温暖过冬。</p>"),
    ("short without a date", "<title>供热开工</title><h1>供热开工</h1><p>今日，我县集中供热工程开工，县长张三出席开工仪式并讲话，要求各单位抓紧施工，确保群众温暖过冬。</p>"),
    ("a picture", "<title>一图读懂</title><h1>一图读懂：404条惠民政策</h1><img src=/W02025.jpg>"),
    ("a picture alone", "<html><head><title>一图读懂</title></head><body><img src=/W02025.jpg></body></html>"),
    ("a file alone", "<title>年度报告</title><h1>2024年度报告</h1><a href=/a/2024.pdf>2024年度报告.pdf</a>"),
    ("a document in a frame", "<title>报告</title><iframe src=/a/2024.html></iframe>"),
    ("404 in a title", "<title>404医院举行开放日活动</title><h1>404医院举行开放日活动</h1><p>12月29日，404医院举行开放日活动，市民走进医院参观。</p>"),
    ("a list of one", "<title>公告</title><ul><li><a href=t1.html>关于系统维护的公告</a><span>2025-12-29</span></li></ul>"),
    ("a list without dates", "<title>公告</title><div class=nav><a href=/>首页</a></div><ul><li><a href=t1.html>关于网站升级改造的公告</a></li><li><a href=t2.html>文章已删除怎么办</a></li></ul>"),
    ("a log-in box in the header", "<title>通知公告</title><div class=header><form><input name=u><input type=password></form><a href=/login>请登录</a></div><ul><li><a href=t1.html>关于做好2025年冬季供热保障工作有关事项的通知</a> 12-29</li><li><a href=t2.html>关于公开征求意见的公告</a> 12-28</li></ul>"),
    ("a log-in box beside an article", "<title>供热开工</title><div class=header><form><input type=password></form>登录</div><h1>供热开工</h1><p>今日，我县集中供热工程开工，县长张三出席开工仪式并讲话，要求各单位抓紧施工，确保群众温暖过冬，圆满完成全年任务。</p>"),
    ("records in a script", "<title>公告</title><script type=text/xml><datastore><recordset><record><![CDATA[<a href=a>b</a>]]></record></recordset></datastore></script>"),
    ("a warning of the web", "<h1>警惕“请输入验证码”诈骗</h1><div>2025-12-29</div><p>近日出现一种骗局，要求群众请先登录并输入验证码。</p>"),
    ("works under way", "<title>供热管网改造提速-某县人民政府</title><h1>供热管网改造提速</h1><p>供热系统目前正在进行改造，请市民稍后再来营业厅办理。</p>"),
    ("a fault of the heating", "<title>快讯</title><p>供热系统发生故障，城区暂停供热服务，抢修正在进行，请市民稍后再来咨询。</p>"),
    ("a flash without a title", "<p>今日停水</p>"),
    ("protection works", "<h1>快讯</h1><p>农村公路安全防护工程正在进行质量安全检查。</p>"),
    ("a notice by a word", "<title>警方提示</title><p>违法停放行为将被禁止，网络诈骗访问请求异常增多。</p>"),
    ("unified identity", "<h1>我县上线统一身份认证</h1><p>12月29日，我县统一身份认证系统上线，企业和群众办事只需登录一次，此举方便了群众，减少了材料，提高了效率。</p>"),
];

fn base() -> Url {
    Url::parse("http://www.x.gov.cn/xxgk/gzdt/202512/t20251229_1.html").unwrap()
}

/// The kind of stub that a page is, by the page or by its extracted text.
fn judged(html: &str) -> Option<Stub> {
    stub(html, &base()).or(article_or_stub(html, &base(), &ArticleRules::default(), None).err())
}

#[test]
fn every_stub_is_known_for_what_it_is() {
    assert!(STUBS.len() >= 60, "{} stubs", STUBS.len());
    let wrong: Vec<_> = STUBS
        .iter()
        .map(|(kind, name, html)| (kind, name, stub(*html, &base())))
        .filter(|(kind, _, found)| found.as_ref() != Some(*kind))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_news_is_taken_for_a_stub() {
    let mut wrong = Vec::new();
    for (name, html) in PAGES {
        let found = judged(html);
        if found.is_some() {
            wrong.push((*name, found));
        }
    }
    // The words of every stub as a text of their own, under a title, with a line that dates it.
    for (_, name, html) in STUBS {
        let page = format!("<h1>关于一件事的通报</h1>{LINE}<div id=zoom>{html}</div>");
        let found = stub(&page, &base());
        if found.is_some() {
            wrong.push((*name, found));
        }
    }
    let long =
        "<p>服务器返回404，说明页面不存在；系统维护期间，网站暂停服务，请稍后访问。</p>".repeat(10);
    let found = stub(&format!("<title>404 Not Found</title>{long}"), &base());
    assert_eq!(found, None);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_real_page_is_taken_for_a_stub() {
    let pages = real_pages();
    for (name, page) in &pages {
        assert_eq!(stub(page, &base()), None, "{name}");
        // A column or first page is never the page of an article.
        let found = judged(page).filter(|stub| *stub != NotFound);
        assert_eq!(found, None, "{name}");
        if judged(page).is_some() {
            println!("{name} lists others");
        }
    }
    println!("{} pages", pages.len());
    assert!(pages.len() >= 70, "only {} pages were found", pages.len());
}

#[test]
fn no_line_of_news_is_a_stub_even_alone_under_its_title() {
    let mut lines = 0;
    let mut wrong = Vec::new();
    for (name, page) in real_pages() {
        let found = article(&page, &base(), &ArticleRules::default());
        let title = found.title.unwrap_or_default();
        for line in found.body.body_text.lines() {
            let page = format!("<title>{title}</title><h1>{title}</h1><p>{line}</p>");
            lines += 1;
            if let Some(stub) = judged(&page) {
                wrong.push(format!("{name}: {stub:?}: {line}"));
            }
        }
    }
    println!("{lines} lines");
    // The replica alone has fewer.
    let least = outside_all("DIBAO_CORPUS").map_or(300, |_| 500);
    assert!(lines > least, "only {lines} lines were found");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The replica's pages and, where they are to be had, those of real portals, by their path. A page
/// that nobody labelled may be anything.
fn real_pages() -> BTreeMap<String, String> {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/lucheng/site");
    let folders = outside_all("DIBAO_CORPUS").unwrap_or_default();
    let labelled = folders.iter().flat_map(|folder| {
        let files = bytes(folder);
        let labels: BTreeSet<String> = files
            .keys()
            .filter_map(|name| stem(name, ".json"))
            .collect();
        let pages = files.into_iter();
        pages
            .filter(move |(name, _)| stem(name, ".html").is_some_and(|name| labels.contains(&name)))
    });
    let files = bytes(&site).into_iter().chain(labelled);
    files
        .filter(|(name, _)| name.ends_with(".html"))
        .map(|(name, bytes)| (name, decode(&bytes, None, None).text))
        .collect()
}

fn stem(name: &str, end: &str) -> Option<String> {
    name.strip_suffix(end).map(str::to_owned)
}
