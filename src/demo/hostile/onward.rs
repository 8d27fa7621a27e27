//! Pages that only send the browser on, addresses in another charset, and pages in the place of
//! others.
//!
//! Owns how these faults are served. Never follows an address.

use super::answer::{Answer, AnswerStep, Asked};
use super::variants::{Spoils, Variant};
use super::{ARTICLE, COLUMN};

/// The article's real address, beside the listed one.
const THERE: &str = "/lcxxgk/xxgkml/jbxxgk/gzdt/202512/real.html";
/// The column's real address.
const LIST: &str = "/lcxxgk/xxgkml/jbxxgk/gzdt/all.html";
/// `/公开/1.html` in GBK.
const PUBLIC: &[u8] = b"/\xb9\xab\xbf\xaa/1.html";
const PUBLIC_ENCODED: &str = "/%B9%AB%BF%AA/1.html";

pub(super) static SENT_ON: &[Variant] = &[
    Variant::new(
        "refresh",
        "the newest article refreshes to another address",
        Spoils::Everything,
        |asked| {
            from_article(asked, || {
                Answer::page(
                    "<html><head><meta http-equiv=\"refresh\" content=\"3;url=real.html\"></head>\
                     <body><p>页面正在跳转，请稍候……</p></body></html>",
                )
            })
        },
    ),
    Variant::new(
        "script",
        "a script of the newest article opens another address",
        Spoils::Everything,
        |asked| {
            from_article(asked, || {
                Answer::page(
                    "<html><head><title></title><script>\n// 跳转\nwindow.location.href = './real.html';\n\
                     </script></head><body></body></html>",
                )
            })
        },
    ),
    Variant::new(
        "header",
        "a Refresh header leads from the newest article to another address",
        Spoils::Everything,
        |asked| {
            from_article(asked, || {
                let header = format!("refresh: 0; url={THERE}");
                Answer::whole(200, &["content-type: text/html", &header], b"<html></html>")
            })
        },
    ),
    Variant::new(
        "frame",
        "a frame with the real article fills the newest article's page",
        Spoils::Everything,
        |asked| {
            from_article(asked, || {
                Answer::page(
                    "<html><body style=\"margin:0\"><iframe src=\"real.html\" width=\"100%\" \
                     height=\"100%\" frameborder=\"0\"></iframe></body></html>",
                )
            })
        },
    ),
    Variant::new(
        "list",
        "the column only sends on to another page",
        Spoils::Everything,
        |asked| match asked.file() {
            COLUMN => Answer::page(
                "<html><head><meta http-equiv=Refresh content=\"0;URL=./all.html\"></head></html>",
            ),
            _ => real(asked),
        },
    ),
    Variant::new(
        "home",
        "a script of the newest article opens the portal's first page",
        Spoils::Article,
        |asked| {
            from_article(asked, || {
                Answer::page(
                    "<html><body>正在跳转<script>location.replace('/')</script></body></html>",
                )
            })
        },
    ),
    Variant::new(
        "loop",
        "the newest article and another page send on to each other",
        Spoils::Everything,
        |asked| {
            let to = match asked.file() {
                ARTICLE => THERE,
                THERE => ARTICLE,
                _ => return Answer::good(asked),
            };
            Answer::page(format!(
                "<html><script>location.href='{to}'</script></html>"
            ))
        },
    ),
    Variant::new(
        "inside",
        "the newest article refreshes to 127.0.0.1",
        Spoils::Article,
        |asked| {
            let to = format!("http://127.0.0.1:{}/secret", asked.here.port());
            Answer::page(format!(
                "<html><head><meta http-equiv=refresh content=\"0;url={to}\"></head></html>"
            ))
        },
    ),
    Variant::new(
        "computed",
        "every article sends on to an address that its script computes",
        Spoils::Articles,
        |_| {
            Answer::page(
                "<html><head><title>正在跳转</title></head><body>正在为您跳转……\
                 <script>function go(){ location.href = next(); } setTimeout(go, 3000);</script></body></html>",
            )
        },
    ),
];

pub(super) static BYTES: &[Variant] = &[
    Variant::new(
        "location",
        "the newest article redirects to a path in GBK",
        Spoils::Everything,
        |asked| match asked.file() {
            PUBLIC_ENCODED => article(asked),
            ARTICLE => {
                let head = [
                    b"HTTP/1.1 302 Found\r\nlocation: ",
                    PUBLIC,
                    b"\r\ncontent-length: 0\r\n\r\n",
                ];
                Answer::raw(302, vec![AnswerStep::Send(head.concat())])
            }
            _ => Answer::good(asked),
        },
    ),
    Variant::new(
        "query",
        "a column in GBK lists an article with a query in Chinese",
        Spoils::Everything,
        |asked| match asked.path.strip_prefix(COLUMN) {
            Some("show.asp?lb=%B6%AF%CC%AC&id=1") => article(asked),
            Some(path) if path.starts_with("show.asp") => missing(),
            Some("") => {
                let link = "./202512/t20251229_3123304.html";
                let page = asked.page().replace(link, "show.asp?lb=动态&amp;id=1");
                let page = page.replace("charset=\"utf-8\"", "charset=\"gbk\"");
                let (bytes, ..) = encoding_rs::GBK.encode(&page);
                Answer::whole(200, &["content-type: text/html; charset=gbk"], &bytes)
            }
            _ => Answer::good(asked),
        },
    ),
];

pub(super) static IN_PLACE: &[Variant] = &[
    Variant::new(
        "moved",
        "a notice that the site moved, for the newest article",
        Spoils::Article,
        |_| {
            Answer::page(
                "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>网站迁移公告</title></head><body>\
                 <div class=\"notice\"><p>按照集约化建设的统一安排，我单位网站已迁移至县政府网站平台，网站域名变更为：\
                 new.lucheng.example，请广大网友使用新域名访问。</p><p>某县某局</p><p>2019年3月1日</p></div></body></html>",
            )
        },
    ),
    Variant::new(
        "gateway",
        "a gateway's page about an error 502, with status 200, for the newest article",
        Spoils::Article,
        |_| {
            Answer::page(
                "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>502</title></head><body>\
                 <div class=\"header\"><span>云安全防护</span></div><div class=\"main\"><h1>502</h1>\
                 <p>源站服务器无响应，防护节点无法获取您访问的页面</p><p>如果您是网站管理员，请检查源站是否正常，或联系客服</p>\
                 </div></body></html>",
            )
        },
    ),
];

/// The real article and column at their addresses, `sent` at the listed address of the article, and
/// the replica's pages elsewhere.
fn from_article(asked: &Asked, sent: impl FnOnce() -> Answer) -> Answer {
    match asked.file() {
        ARTICLE => sent(),
        _ => real(asked),
    }
}

fn real(asked: &Asked) -> Answer {
    match asked.file() {
        THERE => article(asked),
        LIST => at(COLUMN, asked),
        _ => Answer::good(asked),
    }
}

fn article(asked: &Asked) -> Answer {
    at(ARTICLE, asked)
}

/// The replica's answer at another path.
fn at(path: &str, asked: &Asked) -> Answer {
    Answer::good(&Asked {
        path: path.to_owned(),
        ..asked.clone()
    })
}

fn missing() -> Answer {
    Answer::whole(404, &["content-type: text/html"], b"<h1>404</h1>")
}
