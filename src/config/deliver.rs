//! `[[deliver]]` of `dibao.toml`: people who get news, by mail or from a robot.
//!
//! Owns the keys and the forms of addresses. Never sends anything, and never shows a secret.

use std::fmt;
use std::path::Path;

use chrono::NaiveTime;
use lettre::message::Mailbox;
use serde::Deserialize;
use url::{Host, Url};

use super::compile::web_address;
use super::error::{ConfigError, ConfigErrors};
use super::keys::Keys;
use super::patterns::Patterns;
use super::topic::{self, NamedTopic};
use crate::model::{ColumnName, name_flaw};
use crate::search::Query;

/// Where news goes, and which.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its name: the store knows it by this.
    pub name: String,
    /// By which way.
    pub way: Way,
    /// How often.
    pub every: Every,
    /// The time of day of a digest, in Beijing.
    pub at: NaiveTime,
    /// The columns whose articles are told; all columns if empty.
    pub columns: Patterns,
    /// What these articles have; everything if `None`.
    pub query: Option<Query>,
    /// The title of its topic.
    pub title: Option<String>,
    /// The named topic, until the topics are read.
    pub(super) topic: Option<String>,
    /// Whether articles are told.
    pub news: bool,
    /// Whether incidents are told.
    pub incidents: bool,
}

/// How often news is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// With each publication.
    Now,
    /// Once a day.
    Day,
    /// Once a week, on Monday.
    Week,
}

/// The way to a receiver.
#[derive(Clone, Debug)]
pub enum Way {
    /// By mail, to each of these addresses.
    Mail(Mail),
    /// By a robot of a service for messages.
    Robot(Robot),
}

/// How mail is sent.
#[derive(Clone)]
pub struct Mail {
    /// The host of the server.
    pub host: String,
    /// Its port; `None` for the usual one.
    pub port: Option<u16>,
    /// How the connection is kept secret.
    pub tls: MailTls,
    /// The name and the password with which dibao logs in.
    pub login: Option<(String, String)>,
    /// The sender.
    pub from: Mailbox,
    /// The receivers. Each gets messages of its own.
    pub to: Vec<Mailbox>,
}

/// How a connection to a mail server is kept secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// From its first byte on.
    Whole,
    /// After `STARTTLS`, without which nothing is sent.
    Upgraded,
    /// Not at all: a server on this machine.
    None,
}

/// A robot of a service for messages.
#[derive(Clone)]
pub struct Robot {
    /// The service.
    pub service: Service,
    /// The address to which messages are posted. It may hold a secret.
    pub url: Url,
    /// What signs messages, or opens a topic of ntfy.
    pub secret: Option<String>,
}

/// A service for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// 企业微信
    Wecom,
    /// 钉钉
    Dingtalk,
    /// 飞书
    Feishu,
    /// ntfy
    Ntfy,
}

// The secrets are left out.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("from", &self.from.to_string())
            .field("to", &self.to.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Robot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Robot")
            .field("service", &self.service)
            .field("host", &self.url.host_str())
            .finish_non_exhaustive()
    }
}

pub(super) const KEYS: Keys = Keys {
    names: &[
        "name",
        "kind",
        "url",
        "secret",
        "server",
        "user",
        "password",
        "from",
        "to",
        "every",
        "at",
        "columns",
        "topic",
        "q",
        "incidents",
    ],
    tables: &[],
};

#[derive(Deserialize)]
pub(super) struct DeliverSpec {
    name: String,
    kind: String,
    url: Option<String>,
    secret: Option<String>,
    server: Option<String>,
    user: Option<String>,
    password: Option<String>,
    from: Option<String>,
    #[serde(default)]
    to: Vec<String>,
    every: Option<String>,
    at: Option<String>,
    #[serde(default)]
    columns: Vec<String>,
    topic: Option<String>,
    q: Option<String>,
    #[serde(default)]
    incidents: bool,
}

/// Compiles all deliveries. The store knows one by its name, and a robot has a limit for all of its
/// messages: so each name and each robot may stand only once.
pub(super) fn compile_all(
    file: &Path,
    specs: Vec<DeliverSpec>,
) -> Result<Vec<Delivery>, ConfigErrors> {
    let mut errors = ConfigErrors::default();
    let mut deliveries: Vec<Delivery> = Vec::with_capacity(specs.len());
    for (nth, spec) in specs.into_iter().enumerate() {
        let delivery = compile(file, spec).map_err(|error| error.nth(nth));
        let Some(delivery) = errors.take(delivery) else {
            continue;
        };
        if deliveries.iter().any(|known| known.name == delivery.name) {
            let problem = format!("{:?} is there twice", delivery.name);
            let remedy = "give each [[deliver]] a name of its own";
            errors.add(ConfigError::at(file, "deliver.name", &problem, remedy).nth(nth));
        }
        let url = delivery.robot_url();
        if url.is_some() && deliveries.iter().any(|known| known.robot_url() == url) {
            let problem = format!("{}: another [[deliver]] has this robot", delivery.name);
            let remedy =
                "name all that it tells in one [[deliver]], or give the group another robot";
            errors.add(ConfigError::at(file, "deliver.url", &problem, remedy).nth(nth));
        }
        deliveries.push(delivery);
    }
    errors.end(Some(deliveries))
}

impl Delivery {
    fn robot_url(&self) -> Option<&Url> {
        match &self.way {
            Way::Mail(_) => None,
            Way::Robot(robot) => Some(&robot.url),
        }
    }

    /// Whether articles of this column are told.
    pub fn has_column(&self, name: &ColumnName) -> bool {
        self.columns.matches(name)
    }

    /// Takes query and title from its topic, and its columns unless it names its own.
    pub(super) fn resolve(
        &mut self,
        file: &Path,
        topics: &[NamedTopic],
    ) -> Result<(), ConfigError> {
        let Some(name) = &self.topic else {
            return Ok(());
        };
        let Some(topic) = topics.iter().find(|topic| topic.name == *name) else {
            let problem = format!("{}: there is no topic {name:?}", self.name);
            let remedy = format!("write topics/{name}.toml, or search with q = \"…\"");
            return Err(ConfigError::at(file, "deliver.topic", &problem, remedy));
        };
        self.query = Some(topic.query.clone());
        self.title = Some(topic.title.clone());
        if self.columns.is_empty() {
            self.columns.clone_from(&topic.columns);
        }
        Ok(())
    }
}

fn compile(file: &Path, spec: DeliverSpec) -> Result<Delivery, ConfigError> {
    let name = spec.name.clone();
    let told = |key: &str, problem: &str, remedy: &str| {
        let key = format!("deliver.{key}");
        ConfigError::at(file, &key, &format!("{name}: {problem}"), remedy)
    };
    if let Some(flaw) = name_flaw(&name) {
        let remedy = "write a-z, 0-9 and inner hyphens, such as name = \"office\"";
        return Err(told("name", flaw, remedy));
    }
    if spec.topic.is_some() && spec.q.is_some() {
        let remedy = "keep one of topic and q";
        return Err(told("topic", "stands beside q", remedy));
    }
    let way = match spec.kind.as_str() {
        "email" => Way::Mail(mail(&spec, told)?),
        "wecom" => Way::Robot(robot(file, Service::Wecom, &spec, told)?),
        "dingtalk" => Way::Robot(robot(file, Service::Dingtalk, &spec, told)?),
        "feishu" => Way::Robot(robot(file, Service::Feishu, &spec, told)?),
        "ntfy" => Way::Robot(robot(file, Service::Ntfy, &spec, told)?),
        kind => {
            let remedy = "write email, wecom, dingtalk, feishu or ntfy";
            return Err(told("kind", &format!("{kind:?} is no kind"), remedy));
        }
    };
    let every = match spec.every.as_deref() {
        None if matches!(way, Way::Mail(_)) => Every::Day,
        None | Some("now") => Every::Now,
        Some("day") => Every::Day,
        Some("week") => Every::Week,
        Some(other) => {
            let remedy = "write now, day or week";
            return Err(told("every", &format!("{other:?} is no pace"), remedy));
        }
    };
    let at = spec.at.as_deref().unwrap_or("08:00");
    let at = NaiveTime::parse_from_str(at, "%H:%M").map_err(|_| {
        let problem = format!("{at:?} is no time of day");
        told("at", &problem, "write hours and minutes: at = \"08:00\"")
    })?;
    let columns = Patterns::of_key(file, "deliver.columns", &spec.columns)?;
    let query = spec.q.as_deref();
    let query = query.map(|text| topic::query(file, "deliver.q", text));
    let chooses = !spec.columns.is_empty() || spec.topic.is_some() || spec.q.is_some();
    Ok(Delivery {
        way,
        every,
        at,
        columns,
        query: query.transpose()?,
        title: spec.q,
        topic: spec.topic,
        news: chooses || !spec.incidents,
        incidents: spec.incidents,
        name,
    })
}

fn robot(
    file: &Path,
    service: Service,
    spec: &DeliverSpec,
    told: impl Fn(&str, &str, &str) -> ConfigError,
) -> Result<Robot, ConfigError> {
    let of_mail = [
        ("server", spec.server.is_some()),
        ("user", spec.user.is_some()),
        ("password", spec.password.is_some()),
        ("from", spec.from.is_some()),
        ("to", !spec.to.is_empty()),
    ];
    if let Some((key, _)) = of_mail.iter().find(|(_, is_given)| *is_given) {
        return Err(told(key, "belongs to kind = \"email\"", "leave it out"));
    }
    let Some(url) = &spec.url else {
        let remedy = "copy the address of the robot, or of the topic of ntfy, into url";
        return Err(told("url", "is missing", remedy));
    };
    // A wrong address may be a secret all the same.
    let url = web_address(file, "deliver.url", url);
    let url = url.map_err(|_| {
        let remedy = "copy the whole address of the robot, or of the topic of ntfy";
        told("url", "is not an http:// or https:// URL", remedy)
    })?;
    if service == Service::Wecom && spec.secret.is_some() {
        let problem = "robots of 企业微信 have none: their key stands in url";
        return Err(told("secret", problem, "leave it out"));
    }
    Ok(Robot {
        service,
        url,
        secret: spec.secret.clone().filter(|secret| !secret.is_empty()),
    })
}

fn mail(
    spec: &DeliverSpec,
    told: impl Fn(&str, &str, &str) -> ConfigError,
) -> Result<Mail, ConfigError> {
    for (key, is_given) in [
        ("url", spec.url.is_some()),
        ("secret", spec.secret.is_some()),
    ] {
        if is_given {
            return Err(told(key, "belongs to robots", "leave it out"));
        }
    }
    let missing = |key: &str, remedy: &str| told(key, "is missing", remedy);
    let remedy = "write smtps://mail.example, or smtp://mail.example:587 for STARTTLS";
    let server = spec.server.as_deref();
    let server = server.ok_or_else(|| missing("server", remedy))?;
    let url = Url::parse(server).ok();
    let url = url.filter(|url| url.has_host() && url.username().is_empty());
    let url = url.ok_or_else(|| told("server", "is no address of a server", remedy))?;
    let host = url.host_str().unwrap_or_default();
    let tls = match url.scheme() {
        "smtps" => MailTls::Whole,
        "smtp" if is_loopback(&url) => MailTls::None,
        "smtp" => MailTls::Upgraded,
        _ => return Err(told("server", "is neither smtps:// nor smtp://", remedy)),
    };
    let mailbox = |key: &str, text: &str| {
        text.parse::<Mailbox>().map_err(|error| {
            let problem = format!("{text:?} is no mail address: {error}");
            told(
                key,
                &problem,
                "write news@example.com, or 邸报 <news@example.com>",
            )
        })
    };
    let remedy = "write the sender: from = \"邸报 <news@example.com>\"";
    let from = spec.from.as_deref();
    let from = mailbox("from", from.ok_or_else(|| missing("from", remedy))?)?;
    if spec.to.is_empty() {
        let remedy = "write the receivers: to = [\"office@example.com\"]";
        return Err(missing("to", remedy));
    }
    let login = match (&spec.user, &spec.password) {
        (Some(user), Some(password)) => Some((user.clone(), password.clone())),
        (None, None) => None,
        _ => {
            let remedy = "give user and password, or neither";
            return Err(told("user", "user and password go together", remedy));
        }
    };
    let to = spec.to.iter().map(|text| mailbox("to", text));
    let to: Vec<Mailbox> = to.collect::<Result<_, _>>()?;
    let mut rest = to.as_slice();
    while let Some((first, others)) = rest.split_first() {
        if others.iter().any(|other| other.email == first.email) {
            let problem = format!("{} is there twice", first.email);
            return Err(told("to", &problem, "write each address once"));
        }
        rest = others;
    }
    Ok(Mail {
        host: host.to_owned(),
        port: url.port(),
        tls,
        login,
        from,
        to,
    })
}

/// Whether the server is on this machine. Hosts of `smtp:` are not parsed by the URL's standard.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    }
}
