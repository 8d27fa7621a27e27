//! Connections: silence, drips, answers that break off, and bytes that are not HTTP.
//!
//! Owns how these faults are served. Never touches a socket.

use super::answer::{Answer, AnswerStep, Asked};
use super::bodies::{cut, gzip};
use super::variants::{Spoils, Variant};

pub(super) static SILENCE: &[Variant] = &[
    Variant::new(
        "all",
        "takes the request and never answers",
        Spoils::Pages,
        |_| silent(),
    ),
    Variant::new(
        "article",
        "the same, for the newest article",
        Spoils::Article,
        |_| silent(),
    ),
];

pub(super) static DRIPS: &[Variant] = &[
    Variant::new(
        "headers",
        "a header without end, byte by byte",
        Spoils::Pages,
        |_| drip("HTTP/1.1 200 OK\r\nx-slow: ", b"x"),
    ),
    Variant::new(
        "body",
        "a body without end, byte by byte",
        Spoils::Pages,
        |_| {
            drip(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 900000\r\n\r\n",
                b"<p>",
            )
        },
    ),
    Variant::new(
        "chunks",
        "chunks of one byte, without end",
        Spoils::Pages,
        |_| {
            drip(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ntransfer-encoding: chunked\r\n\r\n",
                b"1\r\nx\r\n",
            )
        },
    ),
];

pub(super) static BROKEN_OFF: &[Variant] = &[
    Variant::new(
        "length",
        "half of the promised length",
        Spoils::Pages,
        |asked| broken_off(asked, AnswerStep::Send(Vec::new())),
    ),
    Variant::new(
        "reset",
        "half of the page, then a reset",
        Spoils::Pages,
        |asked| broken_off(asked, AnswerStep::Reset),
    ),
    Variant::new(
        "chunks",
        "a chunk that ends too early",
        Spoils::Pages,
        |asked| {
            let page = asked.page();
            let half = cut(page.as_bytes());
            let head =
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ntransfer-encoding: chunked\r\n\r\n";
            let chunk = format!("{head}{:x}\r\n", page.len());
            Answer::raw(
                200,
                vec![AnswerStep::Send([chunk.as_bytes(), half].concat())],
            )
        },
    ),
    Variant::new(
        "gzip",
        "half of a compressed page, and no length",
        Spoils::Pages,
        |asked| {
            let whole = gzip(asked.page().as_bytes());
            let head =
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-encoding: gzip\r\n\r\n";
            Answer::raw(
                200,
                vec![AnswerStep::Send([head.as_bytes(), cut(&whole)].concat())],
            )
        },
    ),
    Variant::new(
        "article",
        "half of the promised length of the newest article",
        Spoils::Article,
        |asked| broken_off(asked, AnswerStep::Send(Vec::new())),
    ),
];

pub(super) static NOTHING: &[Variant] = &[
    Variant::new("empty", "200 without a body", Spoils::Pages, |_| {
        Answer::page("")
    }),
    Variant::new("blank", "200 with white space", Spoils::Pages, |_| {
        Answer::page(" \r\n\n")
    }),
    Variant::new("204", "204, no content", Spoils::Pages, |_| {
        Answer::bare(204, "content-type: text/html")
    }),
    Variant::new("garbage", "another protocol", Spoils::Pages, |_| {
        Answer::raw(
            0,
            vec![AnswerStep::Send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n".to_vec())],
        )
    }),
    Variant::new(
        "gzip",
        "plain text that calls itself gzip",
        Spoils::Pages,
        |asked| {
            let headers = ["content-type: text/html", "content-encoding: gzip"];
            Answer::whole(200, &headers, asked.page().as_bytes())
        },
    ),
];

fn silent() -> Answer {
    Answer::raw(0, vec![AnswerStep::Hold])
}

fn drip(start: &str, then: &'static [u8]) -> Answer {
    let start = AnswerStep::Send(start.as_bytes().to_vec());
    Answer::raw(200, vec![start, AnswerStep::Drip(then)])
}

/// The head for the whole page, half of its bytes, and this end.
fn broken_off(asked: &Asked, end: AnswerStep) -> Answer {
    let page = asked.page();
    let length = page.len();
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\r\n");
    let start = AnswerStep::Send([head.as_bytes(), cut(page.as_bytes())].concat());
    Answer::raw(200, vec![start, end])
}
