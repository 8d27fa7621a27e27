//! Redirects: without end, to addresses that dibao must not ask, and permanent ones.
//!
//! Owns how these faults are served. Never follows a redirect.

use super::answer::Answer;
use super::variants::{Spoils, Variant};

/// The host to which the portal moves.
const MOVED_TO: &str = "www.moved.test";

pub(super) static LOOPS: &[Variant] = &[
    Variant::new(
        "loop",
        "the column redirects to itself",
        Spoils::List,
        |asked| to(302, &asked.path),
    ),
    Variant::new(
        "pair",
        "the column and another page redirect to each other",
        Spoils::Everything,
        |asked| match asked.file() {
            super::COLUMN => to(302, "/there/"),
            "/there/" => to(302, super::COLUMN),
            _ => Answer::good(asked),
        },
    ),
    Variant::new(
        "chain",
        "every redirect leads to another",
        Spoils::Everything,
        |asked| {
            if Spoils::List.covers(asked.file()) || asked.file().starts_with("/step/") {
                to(302, &format!("/step/{}/", asked.path.len()))
            } else {
                Answer::good(asked)
            }
        },
    ),
    Variant::new(
        "cookie",
        "the column redirects to itself until a cookie is shown",
        Spoils::List,
        |asked| {
            if asked
                .header("cookie")
                .is_some_and(|cookie| cookie.contains("CT6T="))
            {
                return Answer::good(asked);
            }
            let location = format!("location: {}", asked.path);
            Answer::whole(302, &[&location, "set-cookie: CT6T=110600; path=/"], b"")
        },
    ),
];

pub(super) static INWARD: &[Variant] = &[
    Variant::new("loopback", "to 127.0.0.1", Spoils::Article, |asked| {
        to(
            302,
            &format!("http://127.0.0.1:{}/secret", asked.here.port()),
        )
    }),
    Variant::new("localhost", "to localhost", Spoils::Article, |asked| {
        to(
            302,
            &format!("http://localhost:{}/secret", asked.here.port()),
        )
    }),
    Variant::new(
        "mapped",
        "to 127.0.0.1 within an IPv6 address",
        Spoils::Article,
        |asked| {
            to(
                301,
                &format!("http://[::ffff:127.0.0.1]:{}/secret", asked.here.port()),
            )
        },
    ),
    Variant::new(
        "decimal",
        "to 127.0.0.1 as one number",
        Spoils::Article,
        |asked| {
            to(
                307,
                &format!("http://2130706433:{}/secret", asked.here.port()),
            )
        },
    ),
    Variant::new("private", "to 10.0.0.1", Spoils::Article, |_| {
        to(302, "http://10.0.0.1/")
    }),
    Variant::new("metadata", "to a cloud's metadata", Spoils::Article, |_| {
        to(302, "http://169.254.169.254/latest/meta-data/")
    }),
    Variant::new("file", "to a file of the visitor", Spoils::Article, |_| {
        to(302, "file:///etc/passwd")
    }),
    Variant::new(
        "list",
        "from the column to 127.0.0.1",
        Spoils::List,
        |asked| {
            to(
                302,
                &format!("http://127.0.0.1:{}{}", asked.here.port(), super::COLUMN),
            )
        },
    ),
    Variant::new(
        "links",
        "the column lists an article on 127.0.0.1",
        Spoils::List,
        |asked| {
            let there = format!("http://127.0.0.1:{}{}", asked.here.port(), super::ARTICLE);
            Answer::page(
                asked
                    .page()
                    .replace("./202512/t20251229_3123304.html", &there),
            )
        },
    ),
];

pub(super) static MOVES: &[Variant] = &[
    Variant::new(
        "host",
        "everything moved for good to another host",
        Spoils::Everything,
        |asked| to(301, &format!("http://{MOVED_TO}{}", asked.path)),
    ),
    Variant::new(
        "https",
        "everything moved for good to https",
        Spoils::Everything,
        |asked| {
            if asked.secure {
                Answer::good(asked)
            } else {
                to(301, &format!("https://{}{}", asked.host, asked.path))
            }
        },
    ),
];

/// A redirect without a body.
pub(super) fn to(status: u16, location: &str) -> Answer {
    Answer::whole(status, &[&format!("location: {location}")], b"")
}
