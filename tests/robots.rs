//! robots.txt against the verdicts of Google's own parser, and against hostile files.
//!
//! Owns the vectors: `DIBAO_VECTORS` names the folder with `robots_vectors.json`: robots, agent,
//! url, allowed, grey. Never fetches.

use std::time::{Duration, Instant};

use dibao::fetch::Robots;
use proptest::prelude::*;
use serde_json::Value;
use url::Url;

use crate::support::outside;

#[test]
fn every_verdict_is_that_of_googles_parser() {
    let Some(vectors) = outside("DIBAO_VECTORS") else {
        return;
    };
    let file = vectors.join("robots_vectors.json");
    let vectors: Vec<Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    // Clear and grey: a grey file has versions after product tokens, which the RFC does not allow.
    let mut asked = [0; 2];
    let mut wrong = [0; 2];
    for vector in &vectors {
        let text = |key: &str| vector[key].as_str().unwrap();
        let grey = usize::from(vector["grey"].as_bool().unwrap());
        let robots = Robots::parse_for(text("agent"), text("robots").as_bytes());
        let allowed = robots.allows(&Url::parse(text("url")).unwrap());
        asked[grey] += 1;
        if Some(allowed) != vector["allowed"].as_bool() {
            wrong[grey] += 1;
            println!("allowed is {allowed} for {vector}");
        }
    }
    println!(
        "{} clear verdicts, {} wrong; {} grey ones, {} wrong",
        asked[0], wrong[0], asked[1], wrong[1]
    );
    assert!(asked[0] > 200, "only {} verdicts were found", asked[0]);
    assert_eq!(wrong, [0, 0]);
}

#[test]
fn no_file_takes_long() {
    let stars = "*a".repeat(5_000_000);
    let rules = "Disallow: /*a*a*a*a*a*a*a*a*b$\n".repeat(20_000);
    let files = [
        format!("User-agent: *\nDisallow: /{stars}"),
        format!("User-agent: *\nDisallow: /{}b$\n", "*a".repeat(50_000)),
        format!("User-agent: *\n{rules}"),
        "User-agent: *\n".repeat(1_000_000),
        "%".repeat(10_000_000),
    ];
    let url = Url::parse(&format!("http://x.cn/{}", "a".repeat(5_000))).unwrap();
    for file in files {
        let start = Instant::now();
        let allowed = Robots::parse(file.as_bytes()).allows(&url);
        let head: String = file.chars().take(60).collect();
        assert!(allowed, "{head}");
        let took = start.elapsed();
        assert!(took < Duration::from_secs(10), "{took:?} for {head}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(parts in prop::collection::vec(part(), 0..60)) {
        let robots = Robots::parse(&parts.concat());
        let file = Url::parse("http://x.cn/robots.txt").unwrap();
        prop_assert!(robots.allows(&file));
        prop_assert!(robots.crawl_delay().is_none_or(|delay| delay <= Duration::from_secs(300)));
    }
}

/// A piece of a robots.txt, or any bytes.
fn part() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "User-agent:",
        "user-agent: dibao",
        "Disallow:",
        "Allow: ",
        "Crawl-delay: 1.5",
        "\n",
        "\r",
        "/a",
        "*",
        "$",
        "%",
        "%e6",
        "#",
        ":",
        "\u{feff}",
    ];
    prop_oneof![
        prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..6),
    ]
}
