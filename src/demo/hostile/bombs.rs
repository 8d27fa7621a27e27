//! Compression bombs, pages without end, and markup that is hard to parse.
//!
//! Owns how these faults are served. Never touches a socket.

use std::io::Write;
use std::sync::{Arc, OnceLock};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::answer::{Answer, AnswerStep, Asked};
use super::bodies::with_end;
use super::variants::{Spoils, Variant};

/// How often an element is repeated.
const MANY: usize = 200_000;
/// The megabytes of a gibibyte.
const GIBI: usize = 1024;

pub(super) static COMPRESSED: &[Variant] = &[
    Variant::new(
        "list",
        "a gibibyte in a megabyte, in place of the column",
        Spoils::List,
        |_| bomb(),
    ),
    Variant::new(
        "article",
        "the same, in place of the newest article",
        Spoils::Article,
        |_| bomb(),
    ),
];

pub(super) static GIANTS: &[Variant] = &[
    Variant::new("list", "a column page without end", Spoils::List, |_| {
        flood()
    }),
    Variant::new("article", "an article without end", Spoils::Article, |_| {
        flood()
    }),
    Variant::new(
        "deep",
        "elements in elements, 200,000 deep",
        Spoils::Article,
        |asked| longer(asked, &"<div>".repeat(MANY)),
    ),
    Variant::new(
        "tables",
        "tables in tables, 200,000 deep",
        Spoils::Article,
        |asked| longer(asked, &"<table><tr><td>".repeat(MANY)),
    ),
    Variant::new(
        "attributes",
        "200,000 attributes of one element",
        Spoils::Article,
        |asked| {
            let attributes: String = (0..MANY).map(|number| format!(" a{number}=1")).collect();
            longer(asked, &format!("<p{attributes}>尾</p>"))
        },
    ),
    Variant::new(
        "fonts",
        "20,000 formatting elements left open, each in a paragraph",
        Spoils::Article,
        |asked| {
            let font = |number: usize| format!("<p><font size={}>字", number % 9000);
            longer(asked, &(0..20_000).map(font).collect::<String>())
        },
    ),
    Variant::new(
        "text",
        "a paragraph of 12 megabytes",
        Spoils::Article,
        |asked| longer(asked, &format!("<p>{}</p>", "公告。".repeat(12 << 20 >> 3))),
    ),
    Variant::new(
        "captions",
        "60,000 pictures with captions",
        Spoils::Article,
        |asked| {
            let picture =
                |number: usize| format!("<p><img src=\"{number}.jpg\"></p><p>▲图{number}</p>");
            longer(asked, &(0..60_000).map(picture).collect::<String>())
        },
    ),
    Variant::new("links", "100,000 links", Spoils::Article, |asked| {
        let link = |number: usize| format!("<p><a href=\"/a/{number}.html\">公告{number}</a></p>");
        longer(asked, &(0..100_000).map(link).collect::<String>())
    }),
    Variant::new(
        "entities",
        "two million entities",
        Spoils::Article,
        |asked| longer(asked, &"&amp;".repeat(10 * MANY)),
    ),
    Variant::new(
        "signs",
        "two million signs that begin nothing",
        Spoils::Article,
        |asked| longer(asked, &"<".repeat(10 * MANY)),
    ),
    Variant::new(
        "around",
        "the article within 200,000 elements",
        Spoils::Article,
        |asked| {
            let page = asked.page();
            Answer::page(page.replacen("<div id=\"zoom\">", &"<div>".repeat(MANY), 1))
        },
    ),
];

/// The article with this markup at its end.
fn longer(asked: &Asked, markup: &str) -> Answer {
    Answer::page(with_end(&asked.page(), markup))
}

fn flood() -> Answer {
    static FILLER: OnceLock<Arc<[u8]>> = OnceLock::new();
    let filler = FILLER.get_or_init(|| "<p>公告</p>\n".repeat(4096).into_bytes().into());
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\n\r\n<html><body>";
    Answer::raw(
        200,
        vec![
            AnswerStep::Send(head.to_vec()),
            AnswerStep::Repeat(Arc::clone(filler), None),
        ],
    )
}

/// One compressed megabyte, sent again and again. It refers to nothing before it and ends at a
/// whole byte (a sync flush), so that it can follow itself.
fn bomb() -> Answer {
    static PARTS: OnceLock<(Vec<u8>, Arc<[u8]>)> = OnceLock::new();
    const GZIP_HEAD: usize = 10;
    let (start, block) = PARTS.get_or_init(|| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let written = encoder.write_all(&vec![b' '; 1 << 20]);
        let flushed = written.and_then(|()| encoder.flush());
        let mut start = flushed
            .map(|()| encoder.get_ref().clone())
            .unwrap_or_default();
        let block = start.split_off(GZIP_HEAD.min(start.len()));
        (start, block.into())
    });
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-encoding: gzip\r\n\r\n";
    Answer::raw(
        200,
        vec![
            AnswerStep::Send([head.as_slice(), start].concat()),
            AnswerStep::Repeat(Arc::clone(block), Some(GIBI)),
        ],
    )
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_bomb_grows_a_thousandfold() {
        let answer = bomb();
        let [
            AnswerStep::Send(start),
            AnswerStep::Repeat(block, Some(GIBI)),
        ] = &answer.steps[..]
        else {
            panic!("{answer:?}");
        };
        let body = start.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
        let bytes = [&start[body..], block, block].concat();
        assert!(bytes.len() < 4096, "{}", bytes.len());
        let mut read = Vec::new();
        let broken_off = flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut read);
        assert!(broken_off.is_err());
        assert_eq!(read.len(), 2 << 20);
    }
}
