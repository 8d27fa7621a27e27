//! GB18030 against the Encoding Standard's vectors, under the label that portals write: gb2312.
//! Alone, and on collected pages, from the HTTP body to the stored text.
//!
//! Owns the vectors. Never leaves loopback.

use std::time::Duration;

use dibao::demo::Reply;
use dibao::pipeline::{self, Progress};
use encoding_rs::GB18030;
use serde_json::Value;

use crate::support::outside;
use crate::support::replica::{Bench, FOLDER, Replica};

const FILES: [&str; 2] = ["gb18030_vectors.json", "gb18030_random.json"];

/// Stands before every sequence: GB18030 that is no UTF-8, as on any real page, so that a
/// sequence which happens to be UTF-8 or ASCII too is not taken for that.
const PAGE: (&[u8], &str) = (b"<p>\xd6\xd0\xce\xc4</p>", "<p>中文</p>");

#[test]
fn every_gb18030_sequence_reads_as_the_standard_says() {
    let Some(folder) = outside("DIBAO_VECTORS") else {
        return;
    };
    let mut read = 0;
    let mut wrong = Vec::new();
    for name in FILES {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        for (hex, expected) in pairs(&serde_json::from_str(&text).unwrap()) {
            let bytes = [PAGE.0, &from_hex(&hex)].concat();
            let header = Some("text/html; charset=gb2312");
            let decoded = dibao::decode::decode(&bytes, header, None);
            read += 1;
            if decoded.text.strip_prefix(PAGE.1) != Some(&expected) {
                wrong.push((hex, expected, decoded));
            }
        }
    }
    println!("{read} sequences, {} wrong", wrong.len());
    assert!(read > 27_000, "only {read} sequences were found");
    assert!(wrong.is_empty(), "{:?}", &wrong[..wrong.len().min(5)]);
}

/// By the URL Standard, queries are written in the charset of the page that links.
#[test]
fn queries_of_a_page_in_gbk_are_in_gbk() {
    let base = url::Url::parse("http://www.x.gov.cn/news/").unwrap();
    let html = "<meta charset=gb2312><h1>某县召开供热工作会议</h1><div>发布时间：2025-12-29</div>
        <div id=zoom><p>今日，某县召开供热工作会议，部署冬季供热工作，要求各单位抓好落实。</p>
        <p><img src='/pic.asp?f=供暖.jpg' width=600></p><p><a href='/down.asp?f=方案😀.doc'>附件：方案.doc</a></p></div>";
    let (bytes, ..) = encoding_rs::GBK.encode(html);
    // GBK lacks the picture, so the page has a reference to it.
    let decoded = dibao::decode::decode(&bytes, None, None);
    let page = dibao::extract::article(&decoded, &base, &Default::default());
    let picture = page.body.images[0].url.as_str();
    assert_eq!(picture, "http://www.x.gov.cn/pic.asp?f=%B9%A9%C5%AF.jpg");
    let file = page.body.attachments[0].url.as_str();
    assert_eq!(
        file,
        "http://www.x.gov.cn/down.asp?f=%B7%BD%B0%B8%26%23128512%3B.doc"
    );
    let row = |n: u32| {
        format!(
            "<li><a href='show.asp?lb=动态&id={n}'>某县召开第{n}次供热工作会议</a> 2025-12-2{n}</li>"
        )
    };
    let rows: String = (1..9).map(row).collect();
    let list = format!(
        "<meta charset=gbk><ul>{rows}</ul><div class=page><a href='?lb=动态&p=2'>下一页</a></div>"
    );
    let (bytes, ..) = encoding_rs::GBK.encode(&list);
    let decoded = dibao::decode::decode(&bytes, None, None);
    let read =
        dibao::extract::column_page(&decoded, &base, &Default::default(), Default::default());
    let first = read.items[0].url.as_str();
    assert_eq!(
        first,
        "http://www.x.gov.cn/news/show.asp?lb=%B6%AF%CC%AC&id=1"
    );
    let next = read.next.unwrap();
    assert_eq!(
        next.as_str(),
        "http://www.x.gov.cn/news/?lb=%B6%AF%CC%AC&p=2"
    );
    // The same text in UTF-8.
    let read = dibao::extract::column_page(
        list.as_str(),
        &base,
        &Default::default(),
        Default::default(),
    );
    assert!(
        read.items[0]
            .url
            .as_str()
            .contains("?lb=%E5%8A%A8%E6%80%81&id=1")
    );
}

/// Every `[hex, text]` of a file, whatever groups they stand in.
fn pairs(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Array(list) => match list.as_slice() {
            [Value::String(hex), Value::String(text)] => vec![(hex.clone(), text.clone())],
            list => list.iter().flat_map(pairs).collect(),
        },
        Value::Object(groups) => groups.values().flat_map(pairs).collect(),
        _ => Vec::new(),
    }
}

fn from_hex(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
        .collect()
}

/// Between two sequences on a page. None of these bytes may be the second of a pair, or become a
/// part of a sequence that broke off.
const SEPARATOR: &str = "!,!";
const PER_PARAGRAPH: usize = 50;
const PER_PAGE: usize = 1000;

/// A sequence as a page holds it, and what is to be read there.
struct Sample {
    hex: String,
    markup: Vec<u8>,
    text: String,
}

/// Counts of a page's sequences, for the output of the test.
#[derive(Debug, Default)]
struct Counts {
    /// Sequences with `<` and `&`, which are written as character references.
    escaped: usize,
    /// Sequences that end amid a character: what follows them is read with them.
    broken_off: usize,
    /// Sequences with characters that no text keeps: controls, what nobody sees, white space.
    left_out: usize,
}

#[tokio::test]
async fn every_gb18030_sequence_reaches_the_store() {
    let Some(folder) = outside("DIBAO_VECTORS") else {
        return;
    };
    let mut counts = Counts::default();
    let mut samples = Vec::new();
    for name in FILES {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let pairs = pairs(&serde_json::from_str(&text).unwrap());
        samples.extend(pairs.into_iter().map(|pair| sample(pair, &mut counts)));
    }
    let replica = Replica::serve().await;
    let mut list = String::new();
    for (nth, samples) in samples.chunks(PER_PAGE).enumerate() {
        list += &format!(
            "<li><a href=v/{nth}.html>{}</a> 2025-12-29</li>",
            title(nth)
        );
        replica.answer(
            &format!("{FOLDER}v/{nth}.html"),
            Reply::Page(page(nth, samples)),
        );
    }
    let list = format!("<meta charset=utf-8><ul>{list}</ul>");
    replica.answer(FOLDER, Reply::Page(list.into_bytes()));

    let bench = Bench::new(&replica);
    let collector = bench.collector(Progress::silent()).await;
    pipeline::collect(&collector, &bench.column, Duration::from_secs(300)).await;
    collector.store.close().await;
    let articles = bench.articles().await;
    let mut wrong = Vec::new();
    for (nth, samples) in samples.chunks(PER_PAGE).enumerate() {
        let article = articles.iter().find(|article| article.title == title(nth));
        let article = article.unwrap_or_else(|| panic!("page {nth} is not stored"));
        let text = article.body.body_text.replace('\n', SEPARATOR);
        let mut found = text.split(SEPARATOR).filter(|found| *found != MARK);
        for sample in samples {
            let found = found.next().map(kept);
            if found.as_deref() != Some(&sample.text) {
                wrong.push((&sample.hex, &sample.text, found));
            }
        }
        assert_eq!(found.next(), None, "page {nth} has more than was put there");
    }
    println!(
        "{} sequences, {} wrong; {counts:?}",
        samples.len(),
        wrong.len()
    );
    assert!(samples.len() > 27_000, "only {} sequences", samples.len());
    assert!(wrong.is_empty(), "{:?}", &wrong[..wrong.len().min(5)]);
}

/// Begins and ends each paragraph, so that it is a sentence whatever else it holds.
const MARK: &str = "本段列出若干字符，供核对。";

fn title(nth: usize) -> String {
    format!("国家标准字符核对材料之第{nth}号")
}

fn sample((hex, expected): (String, String), counts: &mut Counts) -> Sample {
    let mut markup = Vec::new();
    for byte in from_hex(&hex) {
        // Neither is ever a part of a longer sequence.
        match byte {
            b'<' => markup.extend(b"&lt;"),
            b'&' => markup.extend(b"&amp;"),
            _ => markup.push(byte),
        }
    }
    counts.escaped += usize::from(markup.len() * 2 > hex.len());
    // The vectors end where the sequence ends; on a page there is more to come.
    let followed = [from_hex(&hex), SEPARATOR.into()].concat();
    let (followed, _) = GB18030.decode_without_bom_handling(&followed);
    let followed = followed.strip_suffix(SEPARATOR).unwrap();
    if followed != expected {
        let whole = expected.strip_suffix('\u{fffd}').unwrap();
        assert!(followed.starts_with(whole), "{hex}: {followed:?}");
        counts.broken_off += 1;
    }
    let text = kept(followed);
    counts.left_out += usize::from(text != followed);
    Sample { hex, markup, text }
}

/// The published characters of a text, without white space.
fn kept(text: &str) -> String {
    let is_kept = |c: &char| {
        let unseen = matches!(
            c,
            '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fdd0}'..='\u{fdef}'
        );
        let no_character = *c as u32 & 0xfffe == 0xfffe;
        !c.is_whitespace() && !c.is_control() && !unseen && !no_character
    };
    text.chars().filter(is_kept).collect()
}

/// An article page, labelled as portals label theirs.
fn page(nth: usize, samples: &[Sample]) -> Vec<u8> {
    let encoded = |text: &str| GB18030.encode(text).0.into_owned();
    let title = title(nth);
    let mut page = encoded(&format!(
        "<html><head><meta charset=gb2312><title>{title}</title></head><body><h1>{title}</h1>\
         <div>发布时间：2025-12-29 来源：县融媒体中心</div><div class=TRS_Editor>"
    ));
    for samples in samples.chunks(PER_PARAGRAPH) {
        page.extend(encoded(&format!("<p>{MARK}")));
        for sample in samples {
            page.extend(SEPARATOR.as_bytes());
            page.extend(&sample.markup);
        }
        page.extend(encoded(&format!("{SEPARATOR}{MARK}</p>")));
    }
    page.extend(b"</div></body></html>");
    page
}
