//! `robots.txt`: broken, endless, forbidding or missing.
//!
//! Owns how these faults are served. Never judges a rule.

use std::sync::{Arc, OnceLock};

use super::answer::{Answer, AnswerStep};
use super::statuses::plain;
use super::variants::{Spoils, Variant};

const FORBIDDEN: &str = "User-agent: *\nDisallow: /lcxxgk/\n";

pub(super) static ROBOTS: &[Variant] = &[
    Variant::new("503", "503 for robots.txt", Spoils::Robots, |_| plain(503)),
    Variant::new("403", "403 for robots.txt", Spoils::Robots, |_| plain(403)),
    Variant::new("404", "no robots.txt", Spoils::Robots, |_| plain(404)),
    Variant::new(
        "disallow",
        "the column is forbidden",
        Spoils::Robots,
        |_| text(FORBIDDEN),
    ),
    Variant::new(
        "huge",
        "the column is forbidden, and comments without end follow",
        Spoils::Robots,
        |_| {
            static COMMENTS: OnceLock<Arc<[u8]>> = OnceLock::new();
            let comments = COMMENTS.get_or_init(|| "# 网站地图\n".repeat(4096).into_bytes().into());
            let start = format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n{FORBIDDEN}");
            let start = AnswerStep::Send(start.into_bytes());
            Answer::raw(
                200,
                vec![start, AnswerStep::Repeat(Arc::clone(comments), None)],
            )
        },
    ),
    Variant::new(
        "delay",
        "a second between two requests is asked for",
        Spoils::Robots,
        |_| text("User-agent: *\nCrawl-delay: 1\nDisallow: /admin/\n"),
    ),
];

fn text(rules: &str) -> Answer {
    Answer::whole(200, &["content-type: text/plain"], rules.as_bytes())
}
