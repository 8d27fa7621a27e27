//! Statuses: servers in trouble, servers that ask for a rest, missing pages, and firewalls.
//!
//! Owns how these faults are served. Never waits.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use super::answer::{Answer, Asked};
use super::variants::{Spoils, Variant};

const HTML: &str = "content-type: text/html";

pub(super) static TROUBLE: &[Variant] = &[
    Variant::new("500", "500 on every page", Spoils::Pages, |_| plain(500)),
    Variant::new("502", "502 on every page", Spoils::Pages, |_| plain(502)),
    Variant::new("503", "503 on every page", Spoils::Pages, |_| plain(503)),
    Variant::new("504", "504 on every page", Spoils::Pages, |_| plain(504)),
    Variant::new("408", "408 on every page", Spoils::Pages, |_| plain(408)),
    Variant::new(
        "article",
        "500 on the newest article",
        Spoils::Article,
        |_| plain(500),
    ),
    Variant::new(
        "flaky",
        "502 on two of three looks at the list",
        Spoils::List,
        every_third,
    ),
];

pub(super) static REST: &[Variant] = &[
    Variant::new("429", "429 with Retry-After: 3600", Spoils::Pages, |_| {
        resting(429, "3600")
    }),
    Variant::new(
        "503",
        "503 with Retry-After, a date an hour from now",
        Spoils::Pages,
        |_| resting(503, &date_in(Duration::from_secs(3600))),
    ),
    Variant::new(
        "long",
        "429 with Retry-After of three years",
        Spoils::Pages,
        |_| resting(429, "99999999"),
    ),
    Variant::new(
        "short",
        "503 with Retry-After: 1 on every second look",
        Spoils::List,
        |asked| match asked.before % 2 {
            0 => resting(503, "1"),
            _ => Answer::good(asked),
        },
    ),
];

pub(super) static GONE: &[Variant] = &[
    Variant::new("404", "404 for the newest article", Spoils::Article, |_| {
        plain(404)
    }),
    Variant::new("410", "410 for the newest article", Spoils::Article, |_| {
        plain(410)
    }),
    Variant::new("list", "404 for the column", Spoils::List, |_| plain(404)),
    Variant::new("all", "404 for every article", Spoils::Articles, |_| {
        plain(404)
    }),
];

pub(super) static WALLS: &[Variant] = &[
    Variant::new(
        "412",
        "412 with a script in the manner of 瑞数",
        Spoils::Pages,
        |_| {
            let cookie = "set-cookie: FSSBBIl1UgzbN7N80S=60x; Path=/; HttpOnly";
            let page = "<!DOCTYPE html><html><head><meta id=\"9DhefwqGPrzGxEp9hPaoag\" \
                    content=\"{q(ZZ2\"><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.cd=\"q\";\
                    </script><script src=\"/YrDYGe2f5tpC/wMeDV.js\"></script></head><body></body></html>";
            Answer::whole(412, &[HTML, cookie], page.as_bytes())
        },
    ),
    Variant::new(
        "521",
        "521 with a script in the manner of 加速乐",
        Spoils::Pages,
        |_| {
            let cookie = "set-cookie: __jsluid_s=9a1; max-age=31536000; path=/; HttpOnly";
            let page = "<script>document.cookie=('_')+('_')+('jsl_clearance')+('=')+(1+[0])+';path=/';\
                    location.href=location.pathname+location.search</script>";
            Answer::whole(521, &[HTML, cookie], page.as_bytes())
        },
    ),
];

/// A status with a small page about it.
pub(super) fn plain(status: u16) -> Answer {
    let page =
        format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>");
    Answer::whole(status, &[HTML], page.as_bytes())
}

fn every_third(asked: &Asked) -> Answer {
    match asked.before % 3 {
        2 => Answer::good(asked),
        _ => plain(502),
    }
}

fn resting(status: u16, retry_after: &str) -> Answer {
    let retry_after = format!("retry-after: {retry_after}");
    Answer::whole(status, &[HTML, &retry_after], "访问过于频繁".as_bytes())
}

/// An HTTP date (RFC 9110, section 5.6.7).
fn date_in(length: Duration) -> String {
    let then: DateTime<Utc> = (SystemTime::now() + length).into();
    then.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
