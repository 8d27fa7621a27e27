//! Robots of 企业微信, 钉钉 and 飞书, and ntfy, against servers that check what the documents of the
//! services say: see `docs/operating.md`.
//!
//! Owns these servers. Never leaves loopback.

use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};

use super::office::Office;

/// A service for messages, which takes what its document allows.
#[derive(Clone, Default)]
struct Service {
    kind: &'static str,
    url: String,
    taken: Arc<Mutex<Vec<String>>>,
    /// The messages within this minute of the test's clock.
    minute: Arc<Mutex<usize>>,
    /// What is said to the next message instead.
    said: Arc<Mutex<Option<(u16, Value)>>>,
}

const SECRET: &str = "SEC-geheim-0123456789";
const KEY: &str = "693a91f6-geheim-4bc4";

/// The signatures as the documents compute them.
const SIGN: &str = "
import base64, hashlib, hmac, sys
kind, timestamp, secret = sys.argv[1:]
text = '{}\\n{}'.format(timestamp, secret)
if kind == 'dingtalk':
    code = hmac.new(secret.encode('utf-8'), text.encode('utf-8'), digestmod=hashlib.sha256).digest()
else:
    code = hmac.new(text.encode('utf-8'), digestmod=hashlib.sha256).digest()
print(base64.b64encode(code).decode('utf-8'))
";

fn signature(kind: &str, timestamp: &str) -> String {
    let mut python = Command::new("python3");
    let output = python.args(["-c", SIGN, kind, timestamp, SECRET]).output();
    let output = output.expect("install Python 3");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Service {
    async fn serve(kind: &'static str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let path = match kind {
            "wecom" => format!("cgi-bin/webhook/send?key={KEY}"),
            "dingtalk" => format!("robot/send?access_token={KEY}"),
            "feishu" => format!("open-apis/bot/v2/hook/{KEY}"),
            _ => "gazette".to_owned(),
        };
        let service = Self {
            kind,
            url: format!("http://{at}/{path}"),
            ..Self::default()
        };
        let own = service.clone();
        let app = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let own = own.clone();
            async move {
                let (status, answer) = own.judge(&uri, &headers, &body);
                (StatusCode::from_u16(status).unwrap(), answer.to_string())
            }
        });
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        service
    }

    fn settings(&self, more: &str) -> String {
        let secret = match self.kind {
            "wecom" => String::new(),
            _ => format!("secret = \"{SECRET}\"\n"),
        };
        format!(
            "[[deliver]]\nname = \"{}\"\nkind = \"{}\"\nurl = \"{}\"\n{secret}{more}\n",
            self.kind, self.kind, self.url
        )
    }

    fn say(&self, status: u16, answer: Value) {
        *self.said.lock().unwrap() = Some((status, answer));
    }

    fn next_minute(&self) -> usize {
        std::mem::take(&mut *self.minute.lock().unwrap())
    }

    fn titles(&self) -> Vec<String> {
        std::mem::take(&mut self.taken.lock().unwrap())
    }

    fn judge(&self, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> (u16, Value) {
        if let Some(said) = self.said.lock().unwrap().take() {
            return said;
        }
        let query: std::collections::BTreeMap<String, String> =
            url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let read: Value = serde_json::from_slice(body).unwrap_or_default();
        let mut minute = self.minute.lock().unwrap();
        *minute += 1;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let is_json = headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("application/json");
        let said = match self.kind {
            "wecom" => {
                if *minute > 20 {
                    return (
                        200,
                        json!({"errcode": 45009, "errmsg": "api freq out of limit"}),
                    );
                }
                let content = text(&read["markdown"]["content"]);
                if query["key"] != KEY || read["msgtype"] != "markdown" || content.len() > 4096 {
                    return (
                        200,
                        json!({"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"}),
                    );
                }
                content
            }
            "dingtalk" => {
                if *minute > 20 {
                    return (
                        200,
                        json!({"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}),
                    );
                }
                let is_signed = signature("dingtalk", &query["timestamp"]) == query["sign"];
                if query["access_token"] != KEY || !is_signed || query["timestamp"].len() != 13 {
                    return (200, json!({"errcode": 310000, "errmsg": "sign not match"}));
                }
                if !is_json
                    || text(&read["markdown"]["text"]).len() > 5000
                    || read["markdown"]["title"] == json!("")
                {
                    return (200, json!({"errcode": 40035, "errmsg": "缺少参数"}));
                }
                text(&read["markdown"]["text"])
            }
            "feishu" => {
                if *minute > 100 {
                    return (200, json!({"code": 11232, "msg": "frequency limited"}));
                }
                let timestamp = text(&read["timestamp"]);
                if signature("feishu", &timestamp) != text(&read["sign"]) || timestamp.len() != 10 {
                    return (
                        200,
                        json!({"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}),
                    );
                }
                if read["msg_type"] != "post" || body.len() > 20 * 1024 {
                    return (200, json!({"code": 9499, "msg": "Bad Request"}));
                }
                let lines = read["content"]["post"]["zh_cn"]["content"]
                    .as_array()
                    .unwrap();
                let lines = lines.iter().map(|line| {
                    assert_eq!(
                        (&line[0]["tag"], &line[1]["tag"]),
                        (&json!("a"), &json!("text"))
                    );
                    assert!(text(&line[0]["href"]).starts_with("http"));
                    format!("[{}]\n", text(&line[0]["text"]))
                });
                lines.collect()
            }
            _ => {
                let token = format!("Bearer {SECRET}");
                if headers["authorization"] != token.as_str() {
                    return (
                        403,
                        json!({"code": 40301, "http": 403, "error": "forbidden"}),
                    );
                }
                assert!(
                    headers["x-title"]
                        .to_str()
                        .unwrap()
                        .starts_with("=?UTF-8?B?")
                );
                assert!(body.len() <= 4096, "it would become a file");
                let said = String::from_utf8(body.to_vec()).unwrap();
                let titles = said.lines().filter(|line| line.starts_with('第'));
                titles.map(|title| format!("[{title}]")).collect()
            }
        };
        let titles = said.split('[').skip(1);
        let titles = titles.map(|rest| rest.split(']').next().unwrap().to_owned());
        self.taken.lock().unwrap().extend(titles);
        match self.kind {
            "feishu" => (
                200,
                json!({"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}),
            ),
            "ntfy" => (200, json!({"id": "sPs71M8A2T", "event": "message"})),
            _ => (200, json!({"errcode": 0, "errmsg": "ok"})),
        }
    }
}

const KINDS: [&str; 4] = ["wecom", "dingtalk", "feishu", "ntfy"];

fn long(number: usize) -> String {
    format!(
        "第{number:03}号{}",
        "关于做好城区集中供热改造工程有关工作的".repeat(6)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_robot_gets_all_news_in_order_and_once_within_the_limits_of_its_service() {
    let mut services = Vec::new();
    let mut settings = String::new();
    for kind in KINDS {
        let service = Service::serve(kind).await;
        settings += &service.settings("columns = [\"lucheng/news\"]");
        services.push(service);
    }
    let mut office = Office::new(&settings).await;
    const ALL: usize = 260;
    for number in 0..ALL {
        office.add(0, &long(number)).await;
    }
    office.add(1, "不归它").await;
    let mut got = vec![Vec::new(); services.len()];
    for minute in 0..6 {
        office.tell().await;
        for (at, service) in services.iter().enumerate() {
            let count = service.next_minute();
            assert!(count <= 100, "{}: {count} in minute {minute}", service.kind);
            if ["wecom", "dingtalk"].contains(&service.kind) {
                assert!(count <= 20, "{}: {count} in minute {minute}", service.kind);
            }
            got[at].extend(service.titles());
        }
        office.later(2);
    }
    for (titles, service) in got.iter().zip(&services) {
        assert_eq!(titles.len(), ALL, "{}", service.kind);
        for (number, title) in titles.iter().enumerate() {
            let begin = format!("第{number:03}号");
            assert!(title.starts_with(&begin), "{}: {title}", service.kind);
        }
    }
    assert!(office.failing().await.is_empty());
    office.tell().await;
    assert!(services.iter().all(|service| service.titles().is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_200_with_a_code_is_a_failure_and_names_no_secret() {
    for (kind, answer) in [
        (
            "wecom",
            json!({"errcode": 93000, "errmsg": format!("invalid webhook url, key {KEY}")}),
        ),
        (
            "dingtalk",
            json!({"errcode": 300001, "errmsg": "token is not exist"}),
        ),
        (
            "feishu",
            json!({"StatusCode": 19001, "code": 19001, "msg": "param invalid"}),
        ),
        ("feishu", json!({"msg": "no code at all"})),
    ] {
        let service = Service::serve(kind).await;
        let mut office = Office::new(&service.settings("")).await;
        office.add(0, "第一号").await;
        service.say(200, answer);
        office.tell().await;
        let failing = office.failing().await;
        assert_eq!(failing.len(), 1, "{kind}");
        assert_eq!(failing[0].receiver, format!("deliver/{kind}"));
        let told = format!("{failing:?} {:?}", office.service);
        assert!(failing[0].reason.contains("code"), "{told}");
        assert!(!told.contains("geheim"), "{told}");
        office.later(2);
        office.tell().await;
        assert_eq!(service.titles(), ["第一号"], "{kind}");
        assert!(office.failing().await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_a_service_tells_of_is_waited_for_and_counts_as_no_failure() {
    for (kind, status, answer, minutes) in [
        (
            "wecom",
            200,
            json!({"errcode": 45009, "errmsg": "api freq out of limit"}),
            2,
        ),
        (
            "dingtalk",
            200,
            json!({"errcode": 130101, "errmsg": "send too fast"}),
            12,
        ),
        (
            "feishu",
            200,
            json!({"code": 11232, "msg": "frequency limited"}),
            2,
        ),
        (
            "ntfy",
            429,
            json!({"code": 42901, "error": "limit reached"}),
            2,
        ),
    ] {
        let service = Service::serve(kind).await;
        let mut office = Office::new(&service.settings("")).await;
        office.add(0, "第一号").await;
        service.say(status, answer);
        office.tell().await;
        office.later(minutes / 2);
        office.tell().await;
        assert!(service.titles().is_empty(), "{kind} rests");
        assert!(office.failing().await.is_empty(), "{kind}");
        office.later(minutes);
        office.tell().await;
        assert_eq!(service.titles(), ["第一号"], "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_tells_of_what_it_was_asked_for_and_of_nothing_else() {
    let services = [
        Service::serve("wecom").await,
        Service::serve("dingtalk").await,
        Service::serve("ntfy").await,
    ];
    let settings = [
        services[0].settings("incidents = true"),
        services[1].settings("q = \"供热 -招聘\"\nincidents = true"),
        services[2].settings("columns = [\"*/n*s\"]"),
    ];
    let mut office = Office::new(&settings.concat()).await;
    office.column(0, "publish.exclude = [\"title:中标\"]");
    for title in ["第1号供热", "第2号供热招聘", "第3号供水", "第4号供热中标"] {
        office.add(0, title).await;
    }
    office.add_older(0, "第5号供热旧闻").await;
    let (now, incidents) = (office.desk.now, office.desk.store.incidents());
    let noted = incidents.note(now, "field-missing", "lucheng/news", "没有日期");
    noted.await.unwrap();
    office.tell().await;
    let [incidents, query, columns] = services.each_ref().map(Service::titles);
    assert_eq!(incidents, ["field-missing：lucheng/news"]);
    assert_eq!(query, ["第1号供热", "field-missing：lucheng/news"]);
    // A column's keywords choose here, too.
    assert_eq!(columns, ["第1号供热", "第2号供热招聘", "第3号供水"]);
    // An article that comes into a second column is no news to whoever knows it.
    let (page, _) = {
        let url = "http://www.lucheng.gov.cn/n1.html";
        (
            crate::support::page(url, None, "第1号供热", &crate::support::text(40_001)),
            0,
        )
    };
    office.later(5);
    office.desk.collect(1, &page, false).await;
    office.tell().await;
    assert!(services.iter().all(|service| service.titles().is_empty()));
}
