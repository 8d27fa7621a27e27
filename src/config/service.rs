//! `dibao.toml`: the settings of the service. Every key has a default; environment variables win
//! over the first four keys.
//!
//! Owns the defaults, and compiles the keys. Never listens, and never sends a notice.

use std::num::NonZeroU32;
use std::path::Path;

use chrono::TimeDelta;
use serde::Deserialize;
use url::Url;

use super::compile::web_url;
use super::deliver::{self, DeliverSpec, Delivery};
use super::error::{ConfigError, ConfigErrors};
use super::file_place::FilePlace;
use super::keys::{self, Keys};
use super::limits::{self, Limits, LimitsSpec};
use super::proxies::{Proxies, ProxiesSpec};
use super::topic::NamedTopic;
use super::webhook::{self, Webhook, WebhookSpec};

/// The settings of the service.
#[derive(Clone, Debug)]
pub struct ServiceConfig {
    /// The address of the published files, for the ids and links of feeds; ends with a slash.
    pub base_url: Url,
    /// Whether that address was given.
    pub is_addressed: bool,
    /// A URL or mail address for portals that want to complain; part of the user agent.
    pub contact: Option<String>,
    /// How many readers may be connected at the same time.
    pub connections: usize,
    /// How many hosts a process asks at the same time.
    pub hosts_at_once: usize,
    /// Hubs that get a notice when a feed changes (WebSub).
    pub hubs: Vec<Url>,
    /// Webhooks that get each change.
    pub webhooks: Vec<Webhook>,
    /// People who get news.
    pub deliveries: Vec<Delivery>,
    /// How many of these connections may come from one address; `None` for a quarter.
    pub connections_per_address: Option<usize>,
    /// How often one reader may ask for answers from the store.
    pub rate: Rate,
    /// The proxies in front of the service.
    pub proxies: Proxies,
    /// How long the archive is kept; `None` for good.
    pub keep_archive: Option<TimeDelta>,
    /// What a column may make dibao store in a day, unless its feed file says otherwise.
    pub limits: Limits,
    /// Where the store, the archive and the kept files are.
    pub places: Places,
}

/// Where the data are, if not in the data folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The PostgreSQL server that has the store, unless the command line names one.
    pub store: Option<Url>,
    /// Where the archive is.
    pub archive: Option<FilePlace>,
    /// Where kept pictures and attached files are.
    pub pictures: Option<FilePlace>,
}

/// The limit on a client's requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests of usual cost a second; after a pause, this number at once.
    pub per_second: NonZeroU32,
}

/// Recent and withdrawn articles are rechecked for weeks, and a recheck refers to earlier captures.
const KEEP_AT_LEAST: TimeDelta = TimeDelta::days(90);

/// How many readers may be connected at the same time by default. Each may need two files, and
/// systems give a process 1024 by default: half of them stay free for the store and for collecting.
pub const CONNECTIONS: usize = 256;

/// How many hosts a process asks at the same time by default: each has one connection.
pub const HOSTS_AT_ONCE: usize = 256;

const KEYS: Keys = Keys {
    names: &[
        "base_url",
        "contact",
        "connections",
        "connections_per_address",
        "hosts_at_once",
        "hub",
    ],
    tables: &[
        ("api", API),
        ("archive", ARCHIVE),
        ("limits", LIMITS),
        ("pictures", PICTURES),
        ("store", STORE),
        ("webhook", webhook::KEYS),
        ("deliver", deliver::KEYS),
    ],
};

const API: Keys = Keys {
    names: &["rate", "forwarded"],
    tables: &[],
};

/// Requests a second that a reader may make by default: far more than a person makes.
pub const RATE: Rate = Rate {
    per_second: NonZeroU32::new(60).unwrap(),
};

const ARCHIVE: Keys = Keys {
    names: &["keep", "url"],
    tables: &[],
};

const PICTURES: Keys = Keys {
    names: &["url"],
    tables: &[],
};

const STORE: Keys = Keys {
    names: &["url"],
    tables: &[],
};

const LIMITS: Keys = Keys {
    names: limits::GENERAL_NAMES,
    tables: &[],
};

#[derive(Default, Deserialize)]
struct ServiceSpec {
    base_url: Option<String>,
    contact: Option<String>,
    connections: Option<usize>,
    connections_per_address: Option<usize>,
    hosts_at_once: Option<usize>,
    hub: Option<String>,
    #[serde(default)]
    webhook: Vec<WebhookSpec>,
    #[serde(default)]
    deliver: Vec<DeliverSpec>,
    #[serde(default)]
    api: ApiSpec,
    #[serde(default)]
    archive: ArchiveSpec,
    #[serde(default)]
    limits: LimitsSpec,
    #[serde(default)]
    pictures: UrlSpec,
    #[serde(default)]
    store: UrlSpec,
}

#[derive(Default, Deserialize)]
struct UrlSpec {
    url: Option<String>,
}

#[derive(Default, Deserialize)]
struct ApiSpec {
    rate: Option<u32>,
    #[serde(default)]
    forwarded: ProxiesSpec,
}

#[derive(Default, Deserialize)]
struct ArchiveSpec {
    keep: Option<String>,
    url: Option<String>,
}

impl ServiceConfig {
    /// Every key that the file may have, by its whole name: `base_url`, `archive.keep`.
    pub fn keys() -> Vec<String> {
        KEYS.paths()
    }

    /// The defaults, for a site at `base_url`.
    pub fn new(base_url: Url) -> Self {
        Self {
            base_url,
            is_addressed: true,
            contact: None,
            connections: CONNECTIONS,
            hosts_at_once: HOSTS_AT_ONCE,
            hubs: Vec::new(),
            webhooks: Vec::new(),
            deliveries: Vec::new(),
            connections_per_address: None,
            rate: RATE,
            proxies: Proxies::None,
            keep_archive: None,
            limits: Limits::general(),
            places: Places::default(),
        }
    }

    /// The places that `file` names. Whatever else is wrong with the file is told when it is read for
    /// its other keys.
    pub fn places_of(file: &Path) -> Result<Places, ConfigErrors> {
        #[derive(Deserialize)]
        struct Alone {
            #[serde(default)]
            archive: UrlSpec,
            #[serde(default)]
            pictures: UrlSpec,
            #[serde(default)]
            store: UrlSpec,
        }
        let text = std::fs::read_to_string(file).unwrap_or_default();
        match toml::from_str::<Alone>(&text) {
            Ok(alone) => places(file, alone.store, alone.archive, alone.pictures),
            Err(_) => Ok(Places::default()),
        }
    }

    /// Gives the deliveries the topics that they name.
    pub(super) fn resolve(
        &mut self,
        file: &Path,
        topics: &[NamedTopic],
    ) -> Result<(), ConfigErrors> {
        let mut errors = ConfigErrors::default();
        for (nth, delivery) in self.deliveries.iter_mut().enumerate() {
            let resolved = delivery.resolve(file, topics);
            errors.take(resolved.map_err(|error| error.nth(nth).in_file()));
        }
        errors.end(Some(()))
    }

    /// The contact, if it is a mail address.
    pub fn mail_contact(&self) -> Option<String> {
        let contact = self.contact.as_deref()?;
        let address = contact.strip_prefix("mailto:").unwrap_or(contact);
        let address: lettre::Address = address.parse().ok()?;
        Some(address.to_string())
    }

    /// Reads `file`; a missing file means defaults. Environment variables win over the file.
    pub fn load(file: &Path) -> Result<Self, ConfigErrors> {
        Self::load_with(file, |name| std::env::var(name).ok())
    }

    /// Reads `file` like [`ServiceConfig::load`], with variables from `environment`.
    fn load_with(
        file: &Path,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigErrors> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => {
                let problem = format!("cannot be read: {e}");
                return Err(ConfigError::new(file, problem, "make it readable").into());
            }
        };
        keys::read(file, &text, &KEYS, |spec| {
            Self::compile(file, spec, environment)
        })
    }

    fn compile(
        file: &Path,
        spec: ServiceSpec,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        // What the variable says, or else the key; and the error of either.
        let given = |name: &'static str, key: &'static str, text: Option<String>| {
            let variable = environment(name);
            let is_variable = variable.is_some();
            let wrong = move |problem: &str, remedy: &str| match is_variable {
                true => ConfigError::of_variable(name, problem, remedy),
                false => ConfigError::at(file, key, problem, remedy),
            };
            (variable.or(text), wrong)
        };
        let (base, wrong_base) = given("DIBAO_BASE_URL", "base_url", spec.base_url);
        let is_addressed = base.is_some();
        let base = base.unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
        let base_url = base_url(&base).ok_or_else(|| {
            let problem = format!("{base:?} is not an http:// or https:// URL");
            let remedy = "write the address at which public/ is served: https://news.example";
            wrong_base(&problem, remedy)
        });
        let base_url = errors.take(base_url);
        let connections = spec.connections.map(|number| number.to_string());
        let (connections, wrong_number) = given("DIBAO_CONNECTIONS", "connections", connections);
        let connections = connections.map_or(Ok(CONNECTIONS), |text| {
            let number = text.parse().ok().filter(|number| *number > 0);
            number.ok_or_else(|| {
                let remedy = "write how many readers may be connected at once, at least 1";
                wrong_number(&format!("{text:?} is not a positive number"), remedy)
            })
        });
        let connections = errors.or_default(connections);
        for (key, number, remedy) in [
            (
                "connections_per_address",
                spec.connections_per_address,
                "write how many connections one address may have, at least 1",
            ),
            (
                "hosts_at_once",
                spec.hosts_at_once,
                "write how many hosts are asked at the same time, at least 1",
            ),
        ] {
            if number == Some(0) {
                let problem = "is not a positive number";
                errors.add(ConfigError::at(file, key, problem, remedy));
            }
        }
        let (hub, wrong_hub) = given("DIBAO_HUB", "hub", spec.hub);
        let hub = hub.map(|hub| {
            web_url(&hub).ok_or_else(|| {
                let problem = format!("{hub:?} is not an http:// or https:// URL");
                wrong_hub(&problem, "write its whole address")
            })
        });
        let hubs = errors.or_default(hub.transpose());
        let webhooks = errors.or_default(webhook::compile_all(file, spec.webhook));
        let deliveries = errors.or_default(deliver::compile_all(file, spec.deliver));
        let rate = errors.take(rate(file, &spec.api));
        let proxies = errors.or_default(spec.api.forwarded.compile(file));
        let ArchiveSpec { keep, url } = spec.archive;
        let archive = UrlSpec { url };
        let places = errors.or_default(places(file, spec.store, archive, spec.pictures));
        let keep_archive = keep.map(|keep| age(file, &keep));
        let keep_archive = errors.or_default(keep_archive.transpose());
        let limits = errors.or_default(spec.limits.compile(file));
        errors.end(base_url.zip(rate).map(|(base_url, rate)| Self {
            base_url,
            is_addressed,
            contact: environment("DIBAO_CONTACT").or(spec.contact),
            connections,
            hosts_at_once: spec.hosts_at_once.unwrap_or(HOSTS_AT_ONCE),
            hubs: hubs.into_iter().collect(),
            webhooks,
            deliveries,
            connections_per_address: spec.connections_per_address,
            rate,
            proxies,
            keep_archive,
            limits: limits.or(Limits::general()),
            places,
        }))
    }
}

/// The address of a PostgreSQL server, as the command line and the file give it.
pub fn server_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|e| e.to_string())?;
    match url.scheme() {
        "postgres" | "postgresql" => Ok(url),
        other => Err(format!("{other} is not postgres")),
    }
}

fn places(
    file: &Path,
    store: UrlSpec,
    archive: UrlSpec,
    pictures: UrlSpec,
) -> Result<Places, ConfigErrors> {
    let mut errors = ConfigErrors::default();
    let store = store.url.map(|text| {
        // The address may hold a password.
        server_url(&text).map_err(|problem| {
            let problem = format!("is no address of a PostgreSQL server: {problem}");
            let remedy = "write postgres://USER:PASSWORD@HOST/DATABASE";
            ConfigError::at(file, "store.url", &problem, remedy)
        })
    });
    let place = |key: &'static str, spec: UrlSpec| {
        let place = spec.url.map(|text| {
            FilePlace::read(text.into())
                .map_err(|(problem, remedy)| ConfigError::at(file, key, &problem, remedy))
        });
        place.transpose()
    };
    let places = Places {
        store: errors.or_default(store.transpose()),
        archive: errors.or_default(place("archive.url", archive)),
        pictures: errors.or_default(place("pictures.url", pictures)),
    };
    errors.end(Some(places))
}

fn rate(file: &Path, spec: &ApiSpec) -> Result<Rate, ConfigError> {
    let said = spec.rate.unwrap_or(RATE.per_second.get());
    let per_second = NonZeroU32::new(said).ok_or_else(|| {
        let remedy = "write how many requests a second one reader may make, at least 1";
        ConfigError::at(file, "api.rate", "is not a positive number", remedy)
    })?;
    Ok(Rate { per_second })
}

/// Reads how long the archive is kept: `5y`, `400d`.
fn age(file: &Path, text: &str) -> Result<TimeDelta, ConfigError> {
    let (number, unit) = text.split_at(text.len() - text.chars().last().map_or(0, char::len_utf8));
    let days = match unit {
        "d" => Some(1),
        "y" => Some(365),
        _ => None,
    };
    let days = days.and_then(|days| number.parse::<u16>().ok().map(|n| i64::from(n) * days));
    let age = days.map(TimeDelta::days);
    age.filter(|age| *age >= KEEP_AT_LEAST).ok_or_else(|| {
        let problem = format!("{text:?} is not an age of at least 90 days");
        let remedy = "write years or days, 5y or 400d, or leave it out to keep everything";
        ConfigError::at(file, "archive.keep", &problem, remedy)
    })
}

/// Reads a base URL. Its path gets a slash at the end, so that joining keeps the last segment.
fn base_url(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
        return None;
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(connections: Option<&str>) -> Result<ServiceConfig, ConfigErrors> {
        let environment = |name: &str| {
            let asked = connections.filter(|_| name == "DIBAO_CONNECTIONS");
            asked.map(str::to_owned)
        };
        ServiceConfig::load_with(Path::new("there is no such file"), environment)
    }

    #[test]
    fn the_archive_is_kept_for_good_or_for_an_age() {
        let file = std::env::temp_dir().join(format!("dibao-{}.toml", uuid::Uuid::new_v4()));
        let load = |text: &str| {
            std::fs::write(&file, text).unwrap();
            ServiceConfig::load_with(&file, |_| None)
        };
        let keep = |text: &str| load(text).unwrap().keep_archive;
        assert_eq!(keep(""), None);
        assert_eq!(keep("archive.keep = \"5y\""), Some(TimeDelta::days(1825)));
        assert_eq!(keep("archive.keep = \"90d\""), Some(TimeDelta::days(90)));
        for odd in ["89d", "5", "", "y", "5 years", "-5y", "99999y", "五年"] {
            let error = load(&format!("[archive]\nkeep = \"{odd}\"")).unwrap_err();
            assert!(error.to_string().contains("`archive.keep`"), "{error}");
        }
        assert!(
            load("archive.kept = 1")
                .unwrap_err()
                .to_string()
                .contains("keep")
        );
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn readers_may_ask_so_often_and_a_proxy_speaks_for_them_only_where_it_is_said() {
        let file = std::env::temp_dir().join(format!("dibao-{}.toml", uuid::Uuid::new_v4()));
        let load = |text: &str| {
            std::fs::write(&file, text).unwrap();
            ServiceConfig::load_with(&file, |_| None)
        };
        assert_eq!(load("").unwrap().rate, RATE);
        assert_eq!(load("").unwrap().proxies, Proxies::None);
        let read = load("[api]\nrate = 5\nforwarded = true").unwrap();
        assert_eq!(
            (read.rate.per_second.get(), read.proxies),
            (5, Proxies::Any)
        );
        let read = load("[api]\nforwarded = [\"10.0.0.0/8\"]").unwrap();
        assert!(read.proxies.has("10.1.2.3".parse().unwrap()));
        assert!(!read.proxies.has("127.0.0.1".parse().unwrap()));
        let error = load("[api]\nforwarded = [\"nginx\"]").unwrap_err();
        assert!(error.to_string().contains("api.forwarded"), "{error}");
        let error = load("connections_per_address = 0").unwrap_err();
        assert!(
            error.to_string().contains("connections_per_address"),
            "{error}"
        );
        for odd in ["rate = 0", "rate = -1", "rat = 1"] {
            let error = load(&format!("[api]\n{odd}")).unwrap_err();
            assert!(error.to_string().contains("rate"), "{error}");
        }
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn the_number_of_connections_has_a_default_and_is_never_none() {
        assert_eq!(load(None).unwrap().connections, CONNECTIONS);
        assert_eq!(load(Some("7")).unwrap().connections, 7);
        for odd in ["0", "-1", "many", ""] {
            let error = load(Some(odd)).unwrap_err().to_string();
            let told = format!("DIBAO_CONNECTIONS: {odd:?} is not");
            assert!(error.starts_with(&told), "{odd:?}: {error}");
        }
    }
}
