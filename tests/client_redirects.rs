//! Pages that only send the browser on, and pages that look like them.
//!
//! Owns these pages, and notices that the site has moved. Never follows one: the rows of the hostile
//! portal do.

use dibao::demo::Reply;
use dibao::extract::{PageText, Stub, article_or_stub, column_page_or_stub, onward, stub};
use dibao::model::{ListRow, Verdict};
use url::Url;

use crate::support::replica::{Bench, FOLDER, Replica, column};
use crate::support::text;

const HERE: &str = "http://www.x.gov.cn/xxgk/gzdt/202512/t20251229_1.html";

fn base() -> Url {
    Url::parse(HERE).unwrap()
}

/// Where a page sends every browser.
fn sent(html: &str) -> Option<String> {
    Some(onward(html, &base())?.to_string())
}

const THERE: &str = "http://www.x.gov.cn/xxgk/gzdt/202512/t2.html";

#[test]
fn pages_that_only_send_on_are_known_with_their_target() {
    for html in [
        "<meta http-equiv=refresh content='0;url=t2.html'>",
        "<html><head><META HTTP-EQUIV='Refresh' CONTENT='5; URL=t2.html'><title>跳转</title></head><body>5秒后自动跳转，<a href=t2.html>点击这里</a></body></html>",
        "<html><head><title></title><script>window.location.href = './t2.html';</script><script src='//x.cn/kb.js'></script></head><body></body></html>",
        "<html><body><p>页面正在跳转，请稍候……</p><script>setTimeout(\"self.location='t2.html'\", 3000)</script></body></html>",
        "<html><body>正在为您跳转……<script>setTimeout(function () { window.location.replace('t2.html'); }, 1000);</script></body></html>",
        "<html><script>top.location.assign('t2.html')</script><noscript>请开启JavaScript</noscript></html>",
        "<html><body onload=\"location.href='t2.html'\"></body></html>",
        "<html><body><h3>该网页已迁移至新地址，正在跳转</h3><script>var u = 't2.html'; location.href = u;</script></body></html>",
        "<html><body style='margin:0'><iframe src=t2.html width='100%' height='100%'></iframe></body></html>",
        "<html><head><style>body{margin:0} iframe { width: 100%; height: 100vh }</style></head><body><iframe src=t2.html></iframe></body></html>",
        "<html><iframe src=t2.html style='width:1200px;height:2000px'></iframe></html>",
        "<html><frameset rows='100%,*'><frame src=t2.html><noframes><body>您的浏览器不支持框架，请升级后访问</body></noframes></frameset></html>",
        "<html><frameset rows='100,*,40'><frame src=top.html><frameset cols='*'><frame src=t2.html></frameset><frame src=foot.html></frameset></html>",
        "<html><script>window.onload = function () { location.href = 't2.html' }</script></html>",
        "<html><script src=/jq.js></script><script>$(function(){ window.location.href='t2.html'; })</script></html>",
        "<html><head><script>function go(){ location.href='t2.html' }</script></head><body onload='go()'></body></html>",
        "<html><script>function go(){ location.replace('t2.html') } setTimeout('go()', 2000);</script><body>页面正在跳转</body></html>",
        "<html><script>try { location.href = 't2.html' } catch (e) {}</script></html>",
        "<html><body>Object moved to <a href=t2.html>here</a>.<script>location='t2.html#top'</script></body></html>",
    ] {
        assert_eq!(sent(html).as_deref(), Some(THERE), "{html}");
    }
    let empty = PageText::from("").with_refresh(Some("0; url=t2.html"));
    assert_eq!(onward(empty, &base()).unwrap().as_str(), THERE);
    let header = PageText::from("<html></html>").with_refresh(Some("0; url=t2.html"));
    assert_eq!(onward(header, &base()).unwrap().as_str(), THERE);
    let based = "<base href='/a/'><meta http-equiv=refresh content='0;url=t2.html'>";
    assert_eq!(
        sent(based).as_deref(),
        Some("http://www.x.gov.cn/a/t2.html")
    );
}

const TEXT: &str = "<h1>某县召开供热工作会议</h1><div>发布时间：2025-12-29</div><div id=zoom><p>今日，某县召开供热工作会议，部署冬季供热工作，要求各单位抓好落实，确保群众温暖过冬。</p></div>";

#[test]
fn a_page_with_an_article_sends_nobody_on() {
    for jump in [
        "<script>if (/Android|iPhone/i.test(navigator.userAgent)) location.href = '/m/1.html'</script>",
        "<script>if (top.location != self.location) { top.location = self.location; }</script>",
        "<script>if (location.protocol != 'https:') location.href = 'https:' + location.href.substring(5)</script>",
        "<script>location.href = '/other.html'</script>",
        "<meta http-equiv=refresh content=300>",
        "<meta http-equiv=refresh content='300;url=/other.html'>",
        "<meta http-equiv=refresh content='5;url=/other.html'>",
        "<script>function go() { location.href = '/' }</script>",
        "<!-- <meta http-equiv=refresh content='0;url=/other.html'> -->",
        "<noscript><meta http-equiv=refresh content='0;url=/other.html'></noscript>",
        "<iframe src=/count.html width=0 height=0></iframe>",
    ] {
        let html = format!("<html><head>{jump}</head><body>{TEXT}</body></html>");
        assert_eq!(sent(&html), None, "{jump}");
        let page = article_or_stub(&html, &base(), &Default::default(), None).unwrap();
        assert_eq!(page.title.as_deref(), Some("某县召开供热工作会议"));
        assert!(page.body.body_text.contains("部署冬季供热工作"));
    }
}

#[test]
fn what_is_not_certain_or_leads_nowhere_is_not_followed() {
    for html in [
        "<html><script>if (a) location.href = 't2.html'</script></html>",
        "<html><script>function f() { location.href = 't2.html' }</script></html>",
        "<html><script>/* location.href = 't2.html' */</script></html>",
        "<html><!-- <script>location.href = 't2.html'</script> --></html>",
        "<html><script type=text/template>location.href = 't2.html'</script></html>",
        "<html><meta http-equiv=refresh content='60;url=t2.html'></html>",
        "<html><meta http-equiv=refresh content='0;url=t20251229_1.html'></html>",
        "<html><script>location.href = '#top'</script></html>",
        "<html><script>location.href = 'javascript:void(0)'</script></html>",
        "<html><body><iframe src='/pdfjs/web/viewer.html?file=/a.pdf' width=100% height=800></iframe></body></html>",
        "<html><iframe src=t2.html></iframe></html>",
        "<html><iframe src=t2.html width=300 height=200></iframe></html>",
        "<html><frameset cols='50%,50%'><frame src=t2.html><frame src=t3.html></frameset></html>",
        "<html><title>报告</title><iframe src=/a/2024.html></iframe></html>",
    ] {
        assert_eq!(sent(html), None, "{html}");
    }
}

#[test]
fn the_targets_address_may_say_enough() {
    for (to, expected) in [
        ("/", Stub::NotFound),
        ("http://new.x.gov.cn/", Stub::NotFound),
        ("/404.html", Stub::NotFound),
        ("/login.jsp?from=1", Stub::LogIn),
    ] {
        let html = format!("<html><script>location.href='{to}'</script></html>");
        assert_eq!(stub(&html, &base()), Some(expected), "{to}");
    }
    for to in [
        "/202404/t20240404_2.html",
        "/index.php?id=5",
        "/blogindex/1.html",
    ] {
        let html = format!("<html><script>location.href='{to}'</script></html>");
        assert!(sent(&html).is_some(), "{to}");
    }
    let home = Url::parse("http://www.x.gov.cn/").unwrap();
    let html = "<html><script>location.href='/index.html'</script></html>";
    assert!(onward(html, &home).is_some());
    let gone = "<html><body><p>对不起，您访问的页面不存在！</p><script>setTimeout(\"location='/news/'\",3000)</script></body></html>";
    assert_eq!(stub(gone, &base()), Some(Stub::NotFound));
}

#[test]
fn a_jump_without_a_known_target_is_neither_an_article_nor_a_wall() {
    for html in [
        "<html><head><title>正在跳转</title></head><body>正在跳转<script>go()</script></body></html>",
        "<html><body><p>正在为您跳转……</p><script>location.href = next()</script></body></html>",
        "<html><body><p>页面自动跳转中，请稍候</p><script>setTimeout(go, 3000)</script></body></html>",
        "<html><script>var u='t2.html'; if (u != '') { window.location.href = u; }</script></html>",
        "<html><input type=hidden id=u value=t2.html><script>location.href=document.getElementById('u').value</script></html>",
        "<html><form id=f action=t2.html></form><script>document.getElementById('f').submit()</script></html>",
        "<html><a id=a href=t2.html></a><script>document.getElementById('a').click()</script></html>",
    ] {
        let read = article_or_stub(html, &base(), &Default::default(), None);
        assert_eq!(read.unwrap_err(), Stub::Unfilled, "{html}");
    }
}

#[test]
fn a_list_sends_nobody_on_and_an_empty_one_may() {
    let rows = "<ul><li><a href=t2.html>某县召开供热工作会议</a> 2025-12-29</li><li><a href=t3.html>某县开展安全检查行动</a> 2025-12-28</li></ul>";
    let jump = "<script>location.href='/m/'</script>";
    let list = format!("<html><head>{jump}</head><body>{rows}</body></html>");
    let read =
        column_page_or_stub(&list, &base(), &Default::default(), Default::default()).unwrap();
    assert_eq!(read.items.len(), 2);
    let empty = format!("<html><head>{jump}</head><body></body></html>");
    let read = column_page_or_stub(&empty, &base(), &Default::default(), Default::default());
    assert!(matches!(read, Err(Stub::Onward(to)) if to.path() == "/m/"));
}

#[test]
fn a_notice_of_a_move_is_news_only_under_its_own_title() {
    let row = |title: &str| ListRow {
        title: title.to_owned(),
        published_on: None,
    };
    for (notice, to) in [
        (
            "<title>网站域名变更公告</title><div><p>根据集约化工作部署，我单位网站已迁移至省政府网站集约化平台，网站域名变更为：new.x.gov.cn。请广大网友使用新域名访问。</p><p>某省某局<br>2019年2月28日</p></div>",
            "new.x.gov.cn",
        ),
        (
            "<title>公告</title><p>本站已启用新网址 http://www.y.gov.cn/ ，原网址停止更新。</p>",
            "http://www.y.gov.cn/",
        ),
        (
            "<title>提示</title><p>您好，某局门户网站现已搬迁到新平台，新地址：www.z.gov.cn</p>",
            "www.z.gov.cn",
        ),
        (
            "<h2>温馨提示</h2><p>尊敬的用户：本网站已整合至某市人民政府门户网站，请访问 http://www.u.gov.cn/ 浏览最新内容。</p>",
            "http://www.u.gov.cn/",
        ),
        (
            "<p>您好，原某县教育局网站已关停，相关信息请到某县人民政府网教育专栏查看，网址：http://www.v.gov.cn/jy/</p>",
            "http://www.v.gov.cn/jy/",
        ),
        (
            "<h3>服务调整</h3><p>因业务系统升级，请登录新系统 https://w.gov.cn/ 查询，旧库不再更新，给您带来的不便敬请谅解。</p>",
            "https://w.gov.cn/",
        ),
    ] {
        let read = |row: &ListRow| article_or_stub(notice, &base(), &Default::default(), Some(row));
        let other = read(&row("某县召开供热工作会议"));
        assert_eq!(other, Err(Stub::Moved(Some(to.to_owned()))), "{notice}");
    }
    // A long one under a heading that announces it.
    let long = format!(
        "<h1>关于某县门户网站改版上线的公告</h1><p>{}</p><p>网站地址为 www.x1.gov.cn 。</p>",
        "某县门户网站经过半年的建设，新版栏目设置更加合理，服务功能更加完善。".repeat(25)
    );
    let read =
        |title: &str| article_or_stub(&long, &base(), &Default::default(), Some(&row(title)));
    let to = Some("www.x1.gov.cn".to_owned());
    assert_eq!(read("某县召开供热工作会议"), Err(Stub::Moved(to)));
    assert!(read("关于某县门户网站改版上线的公告").is_ok());
    let news = format!(
        "<title>网站域名变更公告</title><h1>网站域名变更公告</h1><p>{}</p>",
        "本站网站域名变更为：new.x.gov.cn，请使用新域名访问，各单位要做好衔接工作。"
    );
    let read = article_or_stub(
        &news,
        &base(),
        &Default::default(),
        Some(&row("网站域名变更公告")),
    );
    assert_eq!(read.unwrap().title.as_deref(), Some("网站域名变更公告"));
    let other = format!("<html><body>{TEXT}</body></html>");
    assert!(
        article_or_stub(
            &other,
            &base(),
            &Default::default(),
            Some(&row("另一个题目"))
        )
        .is_ok()
    );
}

#[test]
fn a_gateways_page_about_its_source_is_an_outage() {
    let advice = "<ul><li>请检查源站的存活状态，并核查防火墙是否拦截了节点的地址，如有拦截请与机房联系解封。</li></ul>".repeat(9);
    for html in [
        format!("<title>502</title><div class=h>云安全</div><h1>502</h1><p>您的IP: 1.2.3.4</p><p>eventID: 105-1607</p><p>抱歉！源站出现问题，暂时无法访问！</p><h3>为什么会出现502？</h3>{advice}"),
        "<title>504 Gateway Time-out</title><h1>504</h1><p>The origin server did not answer in time.</p>".to_owned(),
        "<title>访问出错</title><p>您访问的网站源站服务器无响应，请稍后再试</p><p>防护节点：a1</p>".to_owned(),
        "<title>错误</title><p>回源超时</p><p>请求ID：7b39</p>".to_owned(),
    ] {
        assert_eq!(stub(&html, &base()), Some(Stub::Maintenance), "{html}");
    }
    let news = "<title>502路公交线路调整_某市</title><h1>502路公交线路调整</h1><div>2025-12-29</div><p>因道路施工，502路公交线路调整，请市民合理安排出行。</p>";
    assert_eq!(stub(news, &base()), None);
}

/// A list whose newest articles, with their titles, all have this text.
fn alike(replica: &Replica, text_of_news: &str) {
    let mut rows = String::new();
    for number in (1..=6).rev() {
        let path = format!("{FOLDER}202512/t20251201_{}.html", 4_200_000 + number);
        let title = format!("某镇第{number}次防汛工作会议召开");
        rows += &format!("<li><a href=\"{path}\">{title}</a><span>2025-12-{number:02}</span></li>");
        let text = match number {
            4.. => text_of_news.to_owned(),
            _ => text(number),
        };
        let page = format!(
            "<html><head><meta charset=utf-8></head><body><h1>{title}</h1><p>发布时间：2025-12-01</p>\
             <div class=TRS_Editor><p>{text}</p></div></body></html>"
        );
        replica.answer(&path, Reply::Page(page.into_bytes()));
    }
    let list = format!(
        "<html><head><meta charset=utf-8></head><body><ul class=list>{rows}</ul></body></html>"
    );
    replica.answer(FOLDER, Reply::Page(list.into_bytes()));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_notice_of_a_move_at_several_addresses_is_no_article() {
    for (said, new) in [
        ("本站已迁移至新平台，请访问新网站 www.y.gov.cn 。", 3),
        (
            "本网站域名变更为 www.z.gov.cn ，请使用新域名访问，感谢您的支持。",
            3,
        ),
        // The same short text of another kind is published as it was listed.
        ("会议由镇长主持，镇村干部参加，会议开到中午。", 6),
    ] {
        let replica = Replica::serve().await;
        let mut bench = Bench::new(&replica);
        bench.column = column("initial = 1");
        alike(&replica, said);
        let (report, _) = bench.run().await;
        assert_eq!(report.new, new, "{said}: {report}");
        let moved = report
            .failures
            .iter()
            .filter(|failure| failure.verdict == Verdict::Moved);
        assert_eq!(moved.count(), 6 - new, "{said}: {report}");
    }
}
