//! Errors in the form of articles: the portal's own template, with head, label block and foot,
//! around the error of a database, a firewall or a script. They are not articles.
//!
//! Owns these pages. Never asks a portal.

use dibao::config::ArticleRules;
use dibao::extract::{Extracted, Stub, article_or_stub};
use dibao::model::ListRow;
use url::Url;

use crate::stub_pages::STUBS;

use Stub::{Challenge, LogIn, Maintenance, NotFound, Unfilled};

const TITLE: &str = "某县召开供热保障工作会议";

/// The text in the place of the article's text.
#[rustfmt::skip]
const ERRORS: &[(Stub, &str)] = &[
    (NotFound, "对不起，您要访问的内容不存在，可能已被删除、转移或暂时不可用。"),
    (NotFound, "该信息已下线。"),
    (NotFound, "您访问的信息不存在！"),
    (NotFound, "抱歉，您查找的文章已被移除或正在审核。"),
    (NotFound, "<img src='/images/404.png' width=600 height=400>"),
    (NotFound, "<p>404</p><p>哎呀，页面走丢了！</p><p>您可以：<a href=/>返回首页</a></p>"),
    (NotFound, "<p>该文章不存在或已被管理员删除</p><p>5秒后自动返回首页</p>"),
    (NotFound, "很遗憾，此稿件已撤回"),
    (NotFound, "The requested resource could not be found on this server."),
    (NotFound, "HTTP Status 404 – Not Found"),
    (NotFound, "<h2>提示信息</h2><p>参数错误，没有找到相关记录。</p>"),
    (LogIn, "您没有权限查看该信息，请登录后查看。"),
    (LogIn, "您尚未登录，请先登录！"),
    (LogIn, "权限不足"),
    (LogIn, "本栏目仅限内网用户访问"),
    (LogIn, "登录已超时，请重新登录。"),
    (Unfilled, "正在加载中，请稍候……"),
    (Unfilled, "数据加载中..."),
    (Unfilled, "内容加载失败，请刷新重试"),
    (Unfilled, "Loading, please wait..."),
    (Unfilled, "{{content}}"),
    (Unfilled, "<p>${article.content}</p>"),
    (Unfilled, "<%=content%>"),
    (Unfilled, "$!{info.content}"),
    (Unfilled, "{dede:field.body/}"),
    (Unfilled, "{$content}"),
    (Unfilled, "发布时间：{{pubDate}} 来源：{{source}}<p>{{content}}</p>"),
    (Unfilled, "undefined"),
    (Unfilled, "null"),
    (Unfilled, "NaN"),
    (Unfilled, "[object Object]"),
    (Unfilled, "内容正在更新中，敬请期待！"),
    (Maintenance, "数据库连接失败"),
    (Maintenance, "数据库连接超时，请联系系统管理员。"),
    (Maintenance, "系统繁忙，请稍后再试！"),
    (Maintenance, "服务器开小差了，请稍后重试"),
    (Maintenance, "网站正在维护，请稍后访问…"),
    (Maintenance, "某县人民政府网站正在升级改造，给您带来不便，敬请谅解。"),
    (Maintenance, "因服务器迁移，本网站暂停访问"),
    (Maintenance, "因系统升级，本网站于12月30日18时至31日8时暂停服务，请稍后访问。"),
    (Maintenance, "系统升级中"),
    (Maintenance, "网站改版"),
    (Maintenance, "We'll be back soon! Sorry for the inconvenience but we're performing some maintenance at the moment."),
    (Maintenance, "运行时错误"),
    (Maintenance, "Server Error in '/' Application."),
    (Maintenance, "502 Bad Gateway"),
    (Maintenance, "Welcome to nginx! If you see this page, the nginx web server is successfully installed and working."),
    (Maintenance, "HTTP Status 500 – Internal Server Error"),
    (Maintenance, "ORA-12541: TNS:no listener"),
    (Maintenance, "<pre>java.lang.NullPointerException\n\tat com.trs.wcm.Publish.read(Publish.java:120)\n\tat com.trs.wcm.Main.main(Main.java:9)</pre>"),
    (Maintenance, "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version"),
    (Maintenance, "Warning: mysql_connect(): Access refused in /var/www/conn.php on line 12"),
    (Maintenance, "SQLSTATE[HY000] [2002] Connection refused"),
    (Maintenance, "Microsoft OLE DB Provider for SQL Server 错误 '80004005' 超时已过期"),
    (Challenge, "您的请求带有不合法参数，已被网站管理员设置拦截！"),
    (Challenge, "网站防火墙<p>您的请求带有不合法参数，已被网站管理员设置拦截！</p><p>可能原因：您提交的内容包含危险的攻击请求</p><p>如何解决：1）检查提交内容；2）如网站托管，请联系空间提供商；3）普通网站访客，请联系网站管理员；</p>"),
    (Challenge, "访问被拦截"),
    (Challenge, "您的访问请求存在威胁，已被拦截！事件ID：7b3974f116a2"),
    (Challenge, "当前访问疑似黑客攻击，已被云锁拦截"),
    (Challenge, "Access Denied"),
    (Challenge, "Please enable JavaScript and cookies to continue"),
    (Challenge, "正在进行安全检查，请稍候"),
    (Challenge, "人机验证"),
    (Challenge, "请完成滑动验证后继续访问"),
    (Challenge, "您的访问过于频繁，请稍后再试"),
    (Challenge, "您的IP已被封禁，如有疑问请联系管理员"),
    (Challenge, "很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。"),
];

/// Others, of which it matters only that they are no text.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "您要找的页面飞到火星去了~",
    "抱歉，该内容暂时无法查看",
    "文章已被作者删除",
    "当前页面无法访问，请联系网站管理员",
    "此内容已过期或已被移除",
    "出错啦！您要查看的页面不存在或已删除",
    "链接地址有误，请检查后重新输入",
    "没有找到您要的信息",
    "未查询到相关数据",
    "该文章正在审核中，请稍后查看",
    "内容维护中",
    "本栏目正在升级改版，敬请期待",
    "系统正在进行数据迁移，暂时无法提供服务",
    "服务器内部错误，请稍后重试",
    "网络连接超时，请刷新页面",
    "请求超时",
    "服务不可用",
    "抱歉，由于当前访问人数过多，请稍后再试",
    "系统异常，错误代码：500",
    "操作失败，请重试",
    "Connection timed out",
    "Service Temporarily Unavailable",
    "Error establishing a database connection",
    "数据库查询出错",
    "Too many connections",
    "Table 'cms.article' doesn't exist",
    "无法连接到数据库服务器",
    "应用程序池已停止",
    "Fatal error: Call to undefined function in /www/index.php on line 3",
    "Whitelabel Error Page",
    "#{content}",
    "{%content%}",
    "[内容]",
    "【正文】",
    "文章内容",
    "@Model.Content",
    "<?php echo $content; ?>",
    "{{ article.body | safe }}",
    "%CONTENT%",
    "__CONTENT__",
    "$content$",
    "暂无内容",
    "加载失败",
    "请稍候，正在为您加载……",
    "页面加载中...",
    "数据正在同步中",
    "NULL",
    "[]",
    "{}",
    "请使用IE浏览器访问",
    "您的浏览器版本过低，请升级浏览器",
    "请先完成实名认证后查看",
    "仅限本单位用户查看，请登录",
    "未授权访问",
    "Unauthorized",
    "您无权访问此页面",
    "请在微信客户端打开链接",
    "您的IP地址异常，请输入验证码继续访问",
    "WAF拦截提示：您的请求可能存在攻击行为",
    "请求被阻断，请求ID: 0a1b2c",
    "宝塔Nginx防火墙正在保护您的网站",
    "很抱歉，您提交的请求可能对网站造成威胁，请求已被管理员设置的策略阻断",
    "点击按钮进行验证",
    "请按住滑块，拖动到最右边",
    "您的访问被阻止",
    "请求过于频繁，请稍后重试",
    "Checking your browser before accessing",
    "403 Forbidden",
    "Request blocked. Your request has been identified as malicious.",
    "本网站因故暂停服务，恢复时间另行通知",
    "本网站已停止运行",
    "We are currently down for maintenance",
    "站点已暂停",
    "该网站已关闭",
    "域名未备案",
    "本站点正在备案中，暂时无法访问",
];

const BLOCK: &str = "<table><tr><td>索引号</td><td>000014349/2025-32614</td><td>发文机关</td><td>某县人民政府</td></tr>
    <tr><td>标题</td><td>某县召开供热保障工作会议</td><td>发布日期</td><td>2025-12-29</td></tr></table>";
const TAGS: &str = "<meta name=SiteName content=某县人民政府><meta name=ArticleTitle content=某县召开供热保障工作会议><meta name=PubDate content='2025-12-29 10:00'>";
const LINE: &str = "<div class=info>发布时间：2025-12-29 10:00　来源：县融媒体中心　<a href='javascript:window.print()'>打印</a></div>";

/// A site's template: its head, `above` the text, the text in an element that begins with `open`.
fn template(title: &str, tags: &str, above: &str, open: &str, text: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}</title>{tags}</head><body>
        <div class=top>今天是<span id=day></span> <a href=/en/>English</a> <a href=/wza/>无障碍</a></div>
        <div class=nav><ul><li><a href=/>首页</a></li><li><a href=/zwgk/>政务公开</a></li><li><a href=/zwfw/>政务服务</a></li><li><a href=/hdjl/>互动交流</a></li></ul></div>
        <div class=path>当前位置：<a href=/>首页</a> &gt; <a href=/gzdt/>工作动态</a></div>
        <div class=main>{above}{open}{text}</div></div>
        <div class=footer><p>主办：某县人民政府　网站标识码：1404060000</p><p>版权所有：某县人民政府　某ICP备00000000号</p><p>地址：某县某路一号　电话：0000-0000000</p></div></body></html>"
    )
}

fn read(html: &str) -> Result<Extracted, Stub> {
    let base = Url::parse("http://www.x.gov.cn/gzdt/202512/t20251229_3123304.html").unwrap();
    article_or_stub(html, &base, &ArticleRules::default(), None)
}

/// Reads a page as its column lists it.
fn read_listed(html: &str) -> Result<Extracted, Stub> {
    let base = Url::parse("http://www.x.gov.cn/gzdt/202512/t20251229_3123304.html").unwrap();
    let row = ListRow {
        title: TITLE.to_owned(),
        published_on: None,
    };
    article_or_stub(html, &base, &ArticleRules::default(), Some(&row))
}

/// The templates, each with a text in it.
fn masks(text: &str) -> Vec<(&'static str, String)> {
    let site = "某县人民政府";
    let whole = format!("{TITLE}-{site}");
    let heading = format!("<h1>{TITLE}</h1>");
    let block = format!("{BLOCK}<h1>{TITLE}</h1>");
    let line = format!("{heading}{LINE}");
    let error = "<h1>错误提示</h1>";
    let details = "<h1>信息详情</h1>";
    let zoom = "<div id=zoom class=TRS_Editor>";
    vec![
        (
            "head and foot",
            template(site, "", "", "<div class=con>", text),
        ),
        (
            "heading",
            template(&whole, "", &heading, "<div class=con>", text),
        ),
        ("heading, named", template(&whole, "", &heading, zoom, text)),
        ("tags", template(&whole, TAGS, &heading, zoom, text)),
        (
            "tags, unnamed",
            template(&whole, TAGS, &line, "<div class=xyz>", text),
        ),
        ("block", template(&whole, "", &block, zoom, text)),
        (
            "block, unnamed",
            template(&whole, TAGS, &block, "<div class=con>", text),
        ),
        ("line", template(&whole, "", &line, zoom, text)),
        ("error title", template("错误提示", "", error, zoom, text)),
        (
            "details",
            template("信息详情", TAGS, details, "<div class=con>", text),
        ),
        ("404", template("404", "", LINE, "<div class=con>", text)),
    ]
}

#[test]
fn an_error_in_the_template_of_an_article_is_none() {
    let mut wrong = Vec::new();
    for (kind, text) in ERRORS {
        for (name, page) in masks(text) {
            match read(&page) {
                Err(found) if found == *kind || name == "error title" || name == "404" => {}
                Err(found) => wrong.push(format!("{name}: {found:?}: {text}")),
                Ok(page) if page.body.is_empty() => {}
                Ok(page) => wrong.push(format!(
                    "{name}: {:?}, {:?}: {text}",
                    page.title, page.body.body_text
                )),
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_error_under_the_listed_title_is_no_article_without_a_text() {
    let mut wrong = Vec::new();
    let servers = STUBS.iter().map(|(kind, _, html)| (kind.clone(), *html));
    for (kind, text) in ERRORS.iter().cloned().chain(servers) {
        // What shows nothing says nothing, and a page that waits for its script may have a title
        // alone.
        if kind == Unfilled || !is_shown(text) {
            continue;
        }
        for (name, page) in masks(text) {
            if let Ok(page) = read_listed(&page)
                && page.shows_row
                && page.body.is_empty()
            {
                wrong.push(format!("{name}: {kind:?}: {text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// Whether readers see anything of it.
fn is_shown(html: &str) -> bool {
    let mute = regex::Regex::new(
        r"(?is)<title.*?</title>|<script.*?</script>|<noscript.*?</noscript>|<style.*?</style>|<a .*?</a>|<[^>]*>|\s",
    );
    !mute.unwrap().replace_all(html, "").is_empty()
}

#[test]
fn a_page_with_its_listed_title_and_tools_alone_is_an_article() {
    let menu: String = (1..=15)
        .map(|nth| format!("<li><a href=/lm{nth}/>政务公开栏目之{nth}</a></li>"))
        .collect();
    let tools = [
        "",
        "<p><a href=/tj/>我要推荐</a> <a href=/jc/>网站纠错</a></p><p>上一篇：<a href='javascript:;'>无</a></p><p>下一篇：<a href='javascript:;'>无</a></p>",
        "<p>上一篇：没有了</p><p>下一篇：没有了</p><p>请登录后发表评论</p>",
        "<div>发布时间：　字体：<span>小</span><span>中</span><span>大</span>　点击量：次</div>",
        "<p>如果您无法在线浏览此 PDF 文件，则可以</p><p>下载免费的 <a href='javascript:;'>某某阅读器</a>,安装后即可在线浏览</p>",
        "<video></video><p>您的浏览器不支持 video 标签，请升级。</p>",
        "<p>您还没有安装flash播放器,请点击<a href=/flash/>这里</a>安装</p>",
        "<p>网站声明：转载或引用本文,须注明本文出处,违者必究</p>",
    ];
    let mut wrong = Vec::new();
    for tool in tools {
        for (name, page) in masks("") {
            let end = format!("</div>{tool}<ul class=lm>{menu}</ul></body>");
            let page = page.replace("</body>", &end);
            let is_titled = page.contains(&format!("<h1>{TITLE}</h1>"));
            match read_listed(&page) {
                Ok(read) if read.shows_row == is_titled && !read.body.has_text() => {}
                Err(_) if !is_titled => {}
                other => wrong.push(format!("{name}: {tool}: {other:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_listed_title_is_known_in_its_wordings_and_only_in_its_place() {
    let page = |head: &str| format!("<body>{head}<div id=zoom></div></body>");
    let shows = |head: &str, listed: &str| {
        let base = Url::parse("http://www.x.gov.cn/gzdt/1.html").unwrap();
        let row = ListRow {
            title: listed.to_owned(),
            published_on: None,
        };
        let rules = ArticleRules::default();
        let read = article_or_stub(&page(head), &base, &rules, Some(&row));
        read.is_ok_and(|page| page.shows_row)
    };
    for (head, listed) in [
        (
            "<h1>某县召开供热保障工作会议</h1>",
            "某县召开供热保障工作会议",
        ),
        (
            "<h1>某县召开供热<br>保障工作会议</h1>",
            "某县召开供热保障工作会议",
        ),
        ("<p>某县召开供热保障工作会议</p>", "某县召开供热保障…"),
        (
            "<p>某县召开“供热保障”工作会议</p>",
            "某县召开\"供热保障\"工作会议",
        ),
        (
            "<td>某县召开供热保障工作会议</td>",
            "【要闻】某县召开供热保障工作会议NEW",
        ),
        (
            "<td>标题：某县召开供热保障工作会议</td>",
            "某县召开供热保障工作会议",
        ),
    ] {
        assert!(shows(head, listed), "{head} {listed}");
    }
    for (head, listed) in [
        (
            "<a href=/1.html>某县召开供热保障工作会议</a>",
            "某县召开供热保障工作会议",
        ),
        (
            "<div class=nav><p>某县召开供热保障工作会议</p></div>",
            "某县召开供热保障工作会议",
        ),
        (
            "<p>当前位置：首页 &gt; 某县召开供热保障工作会议</p>",
            "某县召开供热保障工作会议",
        ),
        ("<h1>另一件事情的公告</h1>", "某县召开供热保障工作会议"),
        (
            "<h1>通知公告</h1>",
            "关于供热的通知公告和有关事项的说明与解读",
        ),
        (
            "<p style='display:none'>某县召开供热保障工作会议</p><p>其他内容在这里</p>",
            "某县召开供热保障工作会议",
        ),
    ] {
        assert!(!shows(head, listed), "{head} {listed}");
    }
}

#[test]
fn a_gateway_without_its_source_is_an_outage_and_no_wall() {
    let advice = "<div class=footer><p>请检查源站防火墙是否拦截节点IP</p><li>如果服务器防火墙（安全狗等）拦截节点IP，请将IP段添加到白名单中。</li></div>";
    for said in [
        "<title>502</title><div class=main><span>502</span><p>您的IP: 192.0.2.7</p><p>eventID: 105-16-a</p><p>抱歉！源站出现问题，暂时无法访问！</p></div>",
        "<title>某云防护</title><h1>504</h1><p>源站响应超时，请稍后再试。</p><p>事件ID: 12345</p>",
        "<title>502 Bad Gateway</title><h2>无法连接到源站</h2><p>云防护节点：A-7</p>",
        "<title>521</title><h1>Web server is down</h1><p>The origin web server is not reachable.</p>",
    ] {
        let page = format!("<html><body>{said}{advice}</body></html>");
        assert_eq!(read(&page).err(), Some(Stub::Maintenance), "{said}");
        assert_eq!(read_listed(&page).err(), Some(Stub::Maintenance), "{said}");
    }
}

#[test]
fn no_servers_page_in_the_template_of_an_article_is_one() {
    let mut wrong = Vec::new();
    // A form in English says nothing that is known for what it is.
    for (_, name, stub) in STUBS
        .iter()
        .filter(|(kind, name, _)| (kind, *name) != (&LogIn, "english"))
    {
        for (mask, page) in masks(stub) {
            if let Ok(page) = read(&page)
                && !page.body.is_empty()
            {
                wrong.push(format!("{mask}: {name}: {:?}", page.body.body_text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_title_that_nobody_filled_is_none() {
    for title in ["{{title}}", "${article.title}", "undefined", "<%=title%>"] {
        let text = "<p>会议指出，要做好供热保障工作，确保群众温暖过冬。</p>";
        let escaped = title.replace('<', "&lt;");
        let above = format!("<h1>{escaped}</h1>{LINE}");
        let page = template(&escaped, "", &above, "<div id=zoom>", text);
        let found = read(&page);
        let is_none = matches!(&found, Ok(page) if page.title.is_none());
        assert!(is_none || found == Err(Unfilled), "{title}: {found:?}");
    }
}

#[test]
fn an_error_in_other_words_is_none_either() {
    let mut wrong = Vec::new();
    for text in OTHERS {
        for (name, page) in masks(text) {
            if let Ok(page) = read(&page)
                && !page.body.is_empty()
                && page.title.is_some()
            {
                wrong.push(format!("{name}: {:?}", page.body.body_text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// Titles and texts of news that speaks of the same things.
#[rustfmt::skip]
const NEWS: &[(&str, &str)] = &[
    ("关于网站系统升级维护的公告", "因系统升级维护，本网站将于2025年12月30日18:00至31日8:00暂停服务，给您带来不便，敬请谅解。"),
    ("关于网站系统升级维护的公告", "因系统升级维护，本网站暂停服务，给您带来不便，敬请谅解。"),
    ("通知", "因系统维护，本网站将于12月30日暂停服务。"),
    ("网站改版公告", "新版网站即日起上线，敬请关注。"),
    ("关于关闭部分栏目的说明", "该栏目已关闭，给您带来不便，敬请谅解。"),
    ("某县医保系统停机", "因医保系统升级，参保群众12月30日无法结算，请合理安排就医时间。"),
    ("某县召开会议", "会议传达了文件。"),
    ("停水通知", "今日停水，请市民储水备用。"),
    ("拟任职公示", "张三，男，汉族，拟任某局副局长。"),
    ("某县地震局提示", "预警信息已下发。"),
    ("废止文件公告", "下列文件已失效，不再执行。"),
    ("某县网络安全宣传周启动", "活动现场讲解了防火墙、验证码和拦截恶意请求的知识，市民踊跃参加。"),
    ("学校食堂招标中标结果", "中标人：某公司。"),
    ("某县网站年度报表", "本网站2025年运行正常。"),
    ("某县政务服务热线", "服务电话：0355-1234567"),
    ("某局办公地址变更", "我局办公地址变更为某路一号。"),
    ("查询方式", "请登录某省人事考试网查询成绩。"),
    ("医保系统操作指南", "参保人在手机上打开小程序，进入服务页面，输入身份证号码即可查询缴费记录。"),
    ("供热管网改造提速", "供热系统目前正在进行改造，请市民稍后再来营业厅办理。"),
    ("县图书馆闭馆", "县图书馆因设备检修，12月30日起暂停开放，恢复时间另行通知，请广大读者相互转告。"),
    ("The county opens its winter fair", "The fair opened on Monday. More than two hundred farmers brought their goods, and visitors came from all over the region."),
];

#[test]
fn news_that_speaks_of_errors_is_news() {
    let mut wrong = Vec::new();
    for (title, text) in NEWS {
        let heading = format!("<h1>{title}</h1>{LINE}");
        for open in ["<div id=zoom>", "<div class=xyz>"] {
            let page = template(
                &format!("{title}-某县人民政府"),
                "",
                &heading,
                open,
                &format!("<p>{text}</p>"),
            );
            let found = read(&page);
            if !found
                .as_ref()
                .is_ok_and(|page| page.body.body_text.ends_with(text))
            {
                wrong.push(format!("{open}: {title}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_error_with_a_picture_a_file_or_a_table_of_its_own_is_an_article() {
    for more in [
        "<p><img src=./W020251229001.jpg></p>",
        "<p>附件：<a href=./P020251229.pdf>名单</a></p>",
        "<table><tr><td>甲</td><td>一</td></tr><tr><td>乙</td><td>二</td></tr></table>",
    ] {
        let heading = format!("<h1>{TITLE}</h1>{LINE}");
        let text = format!("<p>该信息已下线。</p>{more}");
        let page = template(TITLE, "", &heading, "<div id=zoom>", &text);
        assert!(read(&page).is_ok(), "{more}");
    }
}
/// A text of any length, or a file, below the tools of a page and whatever else stands above it.
#[test]
fn a_line_of_tools_above_the_text_takes_nothing_of_it() {
    let title = "<div class=title>某县召开供热保障工作会议</div>";
    let long = "<p>今日，我县集中供热工程开工，县长张三出席开工仪式，要求各单位抓紧施工，确保群众温暖过冬。</p>".repeat(20);
    let mut wrong = Vec::new();
    for above in [
        format!("<h1>{TITLE}</h1>"),
        format!("<h1>{TITLE}</h1><div>2025-12-29</div>"),
        format!("{title}<div>发布时间：2025-12-29　来源：某县</div>"),
        BLOCK.to_owned(),
        format!("{BLOCK}<h1>{TITLE}</h1>"),
    ] {
        for tools in [
            "",
            "<div class=\"info\"><a href=\"javascript:window.print()\">打印</a></div>",
            "<div class=info>【<a href='javascript:window.close()'>关闭</a>】</div>",
            "<div class=tools><a href=#>打印本页</a></div>",
            "<div class=tools><span>打印</span><span>关闭</span></div>",
            "<div>字体：<a href=#>大</a> <a href=#>中</a> <a href=#>小</a></div><div>收藏</div>",
        ] {
            for text in [
                long.as_str(),
                "<p>会议传达了上级文件精神，部署了下一步工作。</p>",
                "<p>今日停水。</p>",
                "<p>附件：<a href=/a/P020251229.pdf>名单</a></p>",
                "<a href=/a/P020251229.pdf>供热保障工作会议名单.pdf</a>",
                "<p><img src=./W020251229001.jpg></p>",
            ] {
                for open in [
                    "<div class=\"TRS_Editor\" id=\"zoom\">",
                    "<div class=\"con\">",
                ] {
                    // A line shorter than the title counts where an element is named for it.
                    if open.contains("con") && text.contains("今日停水") {
                        continue;
                    }
                    let page = template(TITLE, "", &above, &format!("{tools}{open}"), text);
                    if !read(&page).is_ok_and(|page| !page.body.is_empty()) {
                        let start: String = text.chars().take(20).collect();
                        wrong.push(format!("{above} {tools} {open} {start}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// Lists as columns have them, and a first page.
fn lists() -> Vec<(&'static str, String)> {
    let items = |f: &dyn Fn(usize) -> String| (1..=20).map(f).collect::<String>();
    let title = |n: usize| format!("关于做好第{n}季度供热保障工作有关事项的通知");
    let dated = items(&|n| {
        format!(
            "<li><a href=t20251229_{n}.html>{}</a><span>2025-12-29</span></li>",
            title(n)
        )
    });
    let undated = items(&|n| format!("<li><a href=t{n}.html>{}</a></li>", title(n)));
    let rows = items(&|n| {
        format!(
            "<tr><td>{n}</td><td><a href=t{n}.html>{}</a></td><td>县政府办</td><td>2025-12-29</td></tr>",
            title(n)
        )
    });
    let summaries = items(&|n| {
        format!(
            "<div class=item><h3><a href=t{n}.html>{}</a></h3><p>各有关单位，现将第{n}季度供热保障工作有关事项通知如下，请遵照执行。</p><span>2025-12-29</span></div>",
            title(n)
        )
    });
    let filed = items(&|n| {
        format!(
            "<li><a href=t{n}.html>{}</a><p>索引号：000014349/2025-0000{n} 发布日期：2025-12-29</p></li>",
            title(n)
        )
    });
    let blocks = ["要闻", "公告", "政策", "专题"]
        .map(|name| format!("<div class=box><h2>{name}</h2><ul>{undated}</ul></div>"))
        .concat();
    vec![
        (
            "dated",
            format!(
                "<h2>工作动态</h2><ul class=list>{dated}</ul><div class=page>共20条 1/3 <a href=index_1.html>下一页</a></div>"
            ),
        ),
        ("undated", format!("<ul>{undated}</ul>")),
        (
            "rows",
            format!(
                "<table><tr><th>序号</th><th>标题</th><th>单位</th><th>日期</th></tr>{rows}</table>"
            ),
        ),
        ("summaries", format!("<div class=list>{summaries}</div>")),
        ("filed", format!("<ul>{filed}</ul>")),
        (
            "first page",
            format!(
                "<div class=banner><p>欢迎访问某县人民政府网站！</p></div>{blocks}<div>友情链接</div><a href=http://www.gov.cn/>中国政府网</a>"
            ),
        ),
    ]
}

#[test]
fn a_list_in_the_place_of_an_article_is_none() {
    let mut wrong = Vec::new();
    for (name, list) in lists() {
        for open in ["<div class=con>", "<div class=content>", "<div>"] {
            for title in ["某县人民政府", "工作动态-某县人民政府"] {
                let tags = "<meta name=SiteName content=某县人民政府><meta name=ColumnName content=工作动态>";
                for tags in ["", tags] {
                    let found = read(&template(title, tags, "", open, &list));
                    if found != Err(NotFound) {
                        wrong.push(format!(
                            "{name} {open} {title}: {:.60}",
                            format!("{found:?}")
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_article_beside_any_number_of_links_is_one() {
    let short = "<p>今日，我县集中供热工程开工，县长张三出席开工仪式并讲话，要求各单位抓紧施工，确保群众温暖过冬。</p>";
    let mut wrong = Vec::new();
    for (name, list) in lists() {
        for above in [
            "<h1>某县供热开工</h1>",
            "<h1>某县供热开工</h1><div>2025-12-29</div>",
            "",
        ] {
            for open in ["<div id=zoom>", "<div class=con>"] {
                let beside = format!("{short}</div><div class=side>{list}</div><div>");
                let page = template("某县供热开工-某县人民政府", "", above, open, &beside);
                if read(&page) == Err(NotFound) {
                    wrong.push(format!("{name} {above} {open}"));
                }
            }
        }
    }
    // An article may be a list of links by itself, where the page says that it is one.
    for (name, list) in lists() {
        let above = format!("<h1>{TITLE}</h1>{LINE}");
        if name != "filed" && read(&template(TITLE, "", &above, "<div class=con>", &list)).is_err()
        {
            wrong.push(format!("{name} with a line"));
        }
        if read(&template(TITLE, TAGS, "", "<div class=con>", &list)).is_err() {
            wrong.push(format!("{name} with tags"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_page_that_is_a_sites_or_a_servers_own_is_none() {
    let links = |from: u32| -> String {
        (from..from + 8)
            .map(|nth| {
                format!("<li><a href=/gzdt/2025/t{nth}.html>第{nth}号通知印发各乡镇</a></li>")
            })
            .collect()
    };
    let home = format!(
        "<html><head><title>某县人民政府门户网站</title><meta name=SiteName content=某县人民政府></head><body>\
         <h2>今日某县</h2><ul>{}</ul><p>某县位于太行山东麓，总面积一千三百平方公里，辖九个乡镇。\
         热忱欢迎您来某县观光旅游、投资兴业。</p></body></html>",
        links(10)
    );
    let days = "<span>2025-12-29</span>";
    let list = format!(
        "<html><head><title>工作动态_某县人民政府</title></head><body><a href=/>首页</a>\
         <ul>{}</ul></body></html>",
        links(100).replace("</a>", &format!("</a>{days}"))
    );
    let server = "<html><head><title>Welcome to nginx!</title></head><body><h1>Welcome to nginx!</h1>\
                  <p>If you see this page, the nginx web server is successfully installed and \
                  working. Further configuration is required.</p></body></html>";
    let away = "<html><head><title>某县人民政府</title></head><body><img src=/wh.jpg>\
                <p>网站正在维护，请稍后访问…</p></body></html>";
    for (page, stub) in [
        (home.as_str(), NotFound),
        (list.as_str(), NotFound),
        (server, Maintenance),
        (away, Maintenance),
    ] {
        assert_eq!(read(page), Err(stub), "{page}");
    }
}
