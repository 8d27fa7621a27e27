//! Robots of 企业微信, 钉钉 and 飞书, and ntfy: messages, signatures, answers.
//!
//! Owns what each service asks for, and its limits. A robot answers 200 to a message that it refuses:
//! the code in its JSON counts. Never tries again, and never shows an address.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};
use sha2::Sha256;

use super::refusal::Refusal;
use crate::config::{Robot, Service};
use crate::model::Timestamp;
use crate::notify::receiver;
use crate::render::{NewsItem, news};

/// The most that is read of an answer.
const ANSWER: usize = 64 * 1024;
/// The most of an answer's words that is shown.
const WORDS: usize = 120;
/// Without a word from the service, a limit is over after this time.
const REST: TimeDelta = TimeDelta::seconds(65);
/// 钉钉 takes nothing from a robot for ten minutes once it sent too much.
const LONG_REST: TimeDelta = TimeDelta::minutes(11);

impl Service {
    /// How many messages may be sent within some time.
    pub(super) fn pace(self) -> (usize, TimeDelta) {
        let minute = TimeDelta::seconds(61);
        match self {
            Self::Wecom | Self::Dingtalk => (20, minute),
            Self::Feishu => (100, minute),
            Self::Ntfy => (60, TimeDelta::minutes(5)),
        }
    }

    /// The most bytes of a message, as the service counts them.
    fn most_bytes(self) -> usize {
        match self {
            Self::Wecom => 4096,
            Self::Dingtalk => 5000,
            // 20 KB, with the signature.
            Self::Feishu => 20_000 - 200,
            Self::Ntfy => 4000,
        }
    }

    /// Whether this code says that too much was sent, and how long to rest then.
    fn rest(self, code: i64) -> Option<TimeDelta> {
        match (self, code) {
            (Self::Wecom, 45009 | 45033 | -1) => Some(REST),
            (Self::Dingtalk, 130_101 | 410_100 | 660_026 | 90_018) => Some(LONG_REST),
            (Self::Feishu, 11_232 | 9_499 | 99_991_400) => Some(REST),
            _ => None,
        }
    }
}

/// How many of these items one message holds; at least one.
pub(super) fn fitting(robot: &Robot, heading: &str, items: &[NewsItem]) -> usize {
    let bytes = |count: usize| {
        let items = items.get(..count).unwrap_or(items);
        match robot.service {
            Service::Wecom | Service::Dingtalk => news::markdown(heading, items).len(),
            Service::Feishu => feishu(heading, items).to_string().len(),
            Service::Ntfy => news::plain(items).len(),
        }
    };
    let mut counts = (2..=items.len()).rev();
    let fits = |count: &usize| bytes(*count) <= robot.service.most_bytes();
    counts.find(fits).unwrap_or(1)
}

/// Sends one message.
pub(super) async fn send(
    client: &Client,
    robot: &Robot,
    heading: &str,
    items: &[NewsItem],
    now: Timestamp,
) -> Result<(), Refusal> {
    let answer = request(client, robot, heading, items, now).send().await;
    let answer = answer.map_err(|error| {
        let is_sure = error.is_connect() || error.is_builder();
        let reason = receiver::cause(&error.without_url());
        match is_sure {
            true => Refusal::Failed(reason),
            false => Refusal::Unsure(reason),
        }
    })?;
    judge(robot, answer).await
}

fn request(
    client: &Client,
    robot: &Robot,
    heading: &str,
    items: &[NewsItem],
    now: Timestamp,
) -> RequestBuilder {
    let secret = robot.secret.as_deref();
    let mut url = robot.url.clone();
    let body = match robot.service {
        Service::Wecom => {
            json!({"msgtype": "markdown", "markdown": {"content": news::markdown(heading, items)}})
        }
        Service::Dingtalk => {
            if let Some(secret) = secret {
                let at = now.millis();
                let sign = sign(secret, &format!("{at}\n{secret}"));
                url.query_pairs_mut()
                    .append_pair("timestamp", &at.to_string())
                    .append_pair("sign", &sign);
            }
            dingtalk(heading, items)
        }
        Service::Feishu => {
            let mut body = feishu(heading, items);
            if let Some(secret) = secret {
                let at = now.millis().div_euclid(1000);
                body["timestamp"] = Value::from(at.to_string());
                body["sign"] = Value::from(sign(&format!("{at}\n{secret}"), ""));
            }
            body
        }
        Service::Ntfy => {
            let title = format!("=?UTF-8?B?{}?=", STANDARD.encode(heading));
            let mut request = client
                .post(url)
                .header("X-Title", title)
                .header(header::CONTENT_TYPE, "text/plain; charset=utf-8");
            if let [item] = items {
                request = request.header("X-Click", item.url.as_str());
            }
            if let Some(token) = secret {
                request = request.bearer_auth(token);
            }
            return request.body(news::plain(items));
        }
    };
    let body = body.to_string();
    let json = "application/json; charset=utf-8";
    client
        .post(url)
        .header(header::CONTENT_TYPE, json)
        .body(body)
}

fn dingtalk(heading: &str, items: &[NewsItem]) -> Value {
    let text = news::markdown(heading, items);
    let title: String = heading.chars().take(60).collect();
    json!({"msgtype": "markdown", "markdown": {"title": title, "text": text}})
}

fn feishu(heading: &str, items: &[NewsItem]) -> Value {
    json!({"msg_type": "post", "content": {"post": news::rich_text(heading, items)}})
}

/// HMAC-SHA256 in Base64.
fn sign(key: &str, text: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return String::new();
    };
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Whether the service has taken the message.
async fn judge(robot: &Robot, mut answer: Response) -> Result<(), Refusal> {
    let status = answer.status();
    let told = answer.headers().get(header::RETRY_AFTER);
    let told = told.and_then(|value| value.to_str().ok()?.parse().ok());
    let told = told.map(|seconds: u32| TimeDelta::seconds(i64::from(seconds.min(86_400))));
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER {
            break;
        }
    }
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    let named = ["errcode", "code", "StatusCode"];
    let code = named.iter().find_map(|name| answer.get(name)?.as_i64());
    let reason = match code {
        Some(code) => format!("answered {status}, code {code}{}", words(robot, &answer)),
        None => format!("answered {status}"),
    };
    let rest = code.and_then(|code| robot.service.rest(code));
    if status == StatusCode::TOO_MANY_REQUESTS || rest.is_some() {
        let wait = told.or(rest).unwrap_or(REST);
        return Err(Refusal::Limited(reason, wait));
    }
    let is_taken = match robot.service {
        Service::Ntfy => status.is_success(),
        _ => status.is_success() && code == Some(0),
    };
    match is_taken {
        true => Ok(()),
        false if code.is_none() && status.is_success() => {
            Err(Refusal::Failed(format!("{reason} without a code")))
        }
        false => Err(Refusal::Failed(reason)),
    }
}

/// The words of an answer, unless they repeat a secret.
fn words(robot: &Robot, answer: &Value) -> String {
    let named = ["errmsg", "msg", "StatusMessage", "error"];
    let words = named.iter().find_map(|name| answer.get(name)?.as_str());
    let words: String = words.unwrap_or_default().chars().take(WORDS).collect();
    let words = words.replace(char::is_control, " ");
    let path = robot.url.path_segments().into_iter().flatten();
    let query = robot.url.query_pairs().map(|(_, value)| value.into_owned());
    let secrets = path.filter(|part| part.len() > 12).map(str::to_owned);
    let mut secrets = secrets.chain(query).chain(robot.secret.clone());
    match words.is_empty() || secrets.any(|secret| words.contains(&secret)) {
        true => String::new(),
        false => format!(": {words}"),
    }
}
