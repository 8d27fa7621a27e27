//! Charsets: wrong labels and invalid bytes.
//!
//! Owns how these faults are served. Never decodes a page.

use encoding_rs::GB18030;

use super::answer::{Answer, Asked};
use super::variants::{Spoils, Variant};

/// The place where bytes or rare characters are inserted.
const AT: &str = "12月29日上午";
/// Characters that GB2312 lacks: from GBK, from GB18030, and from its four-byte part.
const RARE: &str = "朱镕基与䶮、㐂、𠮷";

pub(super) static LABELS: &[Variant] = &[
    Variant::new(
        "header",
        "UTF-8 that the header calls gb2312",
        Spoils::Pages,
        |asked| labelled("gb2312", asked.page().as_bytes()),
    ),
    Variant::new(
        "meta",
        "GB18030 that <meta> calls utf-8",
        Spoils::Pages,
        |asked| Answer::page(gb18030(&asked.page())),
    ),
    Variant::new(
        "both",
        "GB18030; utf-8 in the header, iso-8859-1 in <meta>",
        Spoils::Pages,
        |asked| labelled("utf-8", &gb18030(&tagged(asked, "iso-8859-1"))),
    ),
    Variant::new(
        "bom",
        "UTF-8 with a byte order mark, called gbk twice",
        Spoils::Pages,
        |asked| {
            labelled(
                "gbk",
                format!("\u{feff}{}", tagged(asked, "gbk")).as_bytes(),
            )
        },
    ),
    Variant::new(
        "none",
        "GB18030 without any label",
        Spoils::Pages,
        |asked| {
            Answer::page(gb18030(
                &asked.page().replace("<meta charset=\"utf-8\">", ""),
            ))
        },
    ),
    Variant::new(
        "big5",
        "GB18030 that the header calls big5",
        Spoils::Pages,
        |asked| labelled("big5", &gb18030(&tagged(asked, "gb2312"))),
    ),
    Variant::new(
        "rare",
        "characters that the label gb2312 has not",
        Spoils::Pages,
        |asked| {
            let page = tagged(asked, "gb2312").replace(AT, &format!("{RARE}，{AT}"));
            labelled("gb2312", &gb18030(&page))
        },
    ),
];

pub(super) static BYTES: &[Variant] = &[
    Variant::new(
        "utf-8",
        "a stray byte and half a character in UTF-8",
        Spoils::Article,
        |asked| {
            Answer::page(with_bytes(
                asked.page().as_bytes(),
                AT.as_bytes(),
                b"\xff\xe4\xbd",
            ))
        },
    ),
    Variant::new(
        "gb18030",
        "a stray byte in GB18030",
        Spoils::Article,
        |asked| {
            let page = gb18030(&tagged(asked, "gb18030"));
            labelled("gb18030", &with_bytes(&page, &gb18030(AT), b"\xff"))
        },
    ),
];

fn labelled(charset: &str, body: &[u8]) -> Answer {
    Answer::whole(
        200,
        &[&format!("content-type: text/html; charset={charset}")],
        body,
    )
}

/// The page with this charset in its `<meta>`.
fn tagged(asked: &Asked, charset: &str) -> String {
    asked
        .page()
        .replace("charset=\"utf-8\"", &format!("charset=\"{charset}\""))
}

fn gb18030(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

/// The page with these bytes before `place`.
fn with_bytes(page: &[u8], place: &[u8], bytes: &[u8]) -> Vec<u8> {
    let at = page.windows(place.len()).position(|part| part == place);
    let (before, after) = page.split_at(at.unwrap_or(page.len()));
    [before, bytes, after].concat()
}
