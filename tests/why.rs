//! `dibao why`: what became of an address, and what `dibao status` lists as held back.
//!
//! Owns the addresses that are asked about. Never asks a portal: no portal is served here, but for
//! the articles that a column holds back.

use serde_json::Value;

use crate::drift::{NEWS, Portal};
use crate::faults_machine::machine::{Machine, told};
use crate::stores::copied;
use crate::support::place;

const COUNTY: &str = "http://www.yanxi.example/xqdt";
const NOTICES: &str = "http://www.yanxi.example/tzgg";

/// What `why` says of an address, in words and as JSON.
fn why(machine: &Machine, url: &str) -> (String, Value) {
    let words = String::from_utf8(machine.well(&["why", url]).stdout).unwrap();
    let json = machine.well(&["why", url, "--json"]).stdout;
    (words, serde_json::from_slice(&json).unwrap())
}

/// Asks about an address, and finds this state and these words.
fn says(machine: &Machine, url: &str, state: &str, words: &[&str]) -> Value {
    let (said, json) = why(machine, url);
    assert_eq!(json["state"], state, "{url}: {said}");
    for word in words {
        assert!(said.contains(word), "{url}: {word}: {said}");
    }
    json
}

#[test]
fn an_article_is_found_at_every_form_of_its_address() {
    let machine = copied();
    for url in [
        format!("{NOTICES}/202510/t20251018_8016.html"),
        "https://WWW.yanxi.example:443/tzgg/202510/t20251018_8016.html#top".to_owned(),
    ] {
        let json = says(
            &machine,
            &url,
            "published",
            &[
                "yanxi  published: is the page of the article 1e185dc6-",
                "canonical   www.yanxi.example/tzgg/202510/t20251018_8016.html",
                "关于健康体检有关事项的通知",
                "columns     yanxi/notices",
                "2025-10-18; first seen ",
                "revision 3",
                "listed by   yanxi/notices  2025-10-18",
            ],
        );
        assert_eq!(
            json["canonical_url"],
            "www.yanxi.example/tzgg/202510/t20251018_8016.html"
        );
        let trace = &json["portals"][0];
        assert_eq!(trace["portal"], "yanxi");
        assert_eq!(
            trace["article"]["columns"],
            serde_json::json!(["yanxi/notices"])
        );
        assert_eq!(trace["listed"][0]["column"], "yanxi/notices");
        assert_eq!(trace["listed"][0]["is_waiting"], false);
    }
}

#[test]
fn an_article_is_found_by_an_address_that_differs_in_tokens_alone() {
    let machine = copied();
    let known = "www.yanxi.example/tzgg/202510/t20251018_8016.html";
    for token in [
        ";jsessionid=0123456789ABCDEF0123456789ABCDEF",
        "?_t=1763622300000",
        "?PHPSESSID=01234567890123456789abcdef",
        "?_=1763622300000&rnd=0.73918264018",
    ] {
        let url = format!("http://{known}{token}");
        let json = says(
            &machine,
            &url,
            "published",
            &["known as    www.yanxi.example"],
        );
        assert_eq!(json["known_as"], serde_json::json!([known]), "{url}");
        let at = &json["portals"][0]["article"]["url"];
        assert_eq!(at, &format!("http://{known}"));
    }
    // Other parameters are a part of the address.
    for other in ["?id=7", "?_t=7", ".bak"] {
        let url = format!("http://{known}{other}");
        let json = says(&machine, &url, "never-seen", &["never-seen"]);
        assert_eq!(json["known_as"], serde_json::json!([]), "{url}");
    }
}

#[test]
fn another_address_of_an_article_leads_to_it() {
    let machine = copied();
    let url = "http://www.yanxi.example/zwgk/wj/202510/t20251016_8114.html";
    let json = says(
        &machine,
        url,
        "alias",
        &["another address of the article 571144d5-"],
    );
    let at = format!("{NOTICES}/202510/t20251016_8014.html");
    assert_eq!(json["portals"][0]["article"]["url"], at);
    // Another article came to stand here, which an incident tells.
    let reused = format!("{NOTICES}/202510/t20251013_8011.html");
    let json = says(
        &machine,
        &reused,
        "alias",
        &["article 69353363-", "url-reused"],
    );
    assert_eq!(json["incidents"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_gone_says_since_when_and_why() {
    let machine = copied();
    let withdrawn = format!("{COUNTY}/202510/t20251009_7004.html");
    let words = [
        "the portal took the article d47698fb-",
        "found so 2026-02-06T15:00",
        "gone since",
    ];
    says(&machine, &withdrawn, "withdrawn", &words);
    // One that was restored is as any other.
    let restored = format!("{COUNTY}/202510/t20251010_7005.html");
    says(&machine, &restored, "published", &["article eedba957-"]);
    let removed = format!("{COUNTY}/202510/t20251014_7009.html");
    let words = [
        "article 80048c54-",
        "2026-01-07T09:30:00",
        "演示：当事人要求撤下",
    ];
    let json = says(&machine, &removed, "removed", &words);
    assert_eq!(json["portals"][0]["article"], Value::Null);
    // Nothing of it is left.
    assert_eq!(json["portals"][0]["listed"][0]["title"], Value::Null);
}

#[test]
fn what_waits_says_why_and_until_when() {
    let machine = copied();
    let held = format!("{COUNTY}/202602/t20260203_7014.html");
    let words = [
        "held-back: was read, and is not published: field-lost",
        "yanxi/county  2026-02-03  南岭乡旧房改造工作顺利推进",
        "field-lost (issuer)",
        "next try from 2026-02-06T16:00:00",
    ];
    let json = says(&machine, &held, "held-back", &words);
    assert_eq!(
        json["portals"][0]["listed"][0]["fields"],
        serde_json::json!(["issuer"])
    );
    let failing = format!("{NOTICES}/202510/t20251008_8006.html");
    let words = [
        "queued: could not be read yet: soft-404",
        "2 tries failed",
        "by a backfill",
    ];
    says(&machine, &failing, "queued", &words);
}

#[test]
fn list_pages_and_strangers_are_told_apart() {
    let machine = copied();
    for (url, column) in [
        (format!("{COUNTY}/index.html"), "yanxi/county"),
        (format!("{NOTICES}/index_2.html"), "yanxi/notices"),
    ] {
        let json = says(&machine, &url, "list-page", &[column]);
        assert_eq!(json["list_of"], serde_json::json!([column]));
    }
    for url in [
        "http://www.yanxi.example/xqdt/t1.html",
        "https://other.example/?id=1",
    ] {
        let json = says(
            &machine,
            url,
            "never-seen",
            &["no column has listed it", "`dibao status`"],
        );
        assert_eq!(json["portals"], serde_json::json!([]));
    }
}

#[test]
fn what_is_no_address_is_refused_with_the_remedy() {
    let machine = copied();
    for (text, cause) in [
        ("t20251018_8016.html", "without a base"),
        ("", "without a base"),
        ("http://", "host"),
        ("mailto:a@b.example", "its scheme is mailto"),
        ("ftp://www.yanxi.example/a.html", "its scheme is ftp"),
    ] {
        let output = machine.dibao(&["why", text]);
        assert_eq!(output.status.code(), Some(2), "{text}");
        let said = told(&output);
        for part in [
            "is not the address of a page",
            cause,
            "expected one like",
            "remedy:",
        ] {
            assert!(said.contains(part), "{text}: {part}: {said}");
        }
    }
    // Without a store nothing is known, and none is made.
    let empty = Machine::new();
    let output = empty.dibao(&["why", "http://www.yanxi.example/"]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(!empty.database().exists());
}

/// It needs no feed files, and changes nothing.
#[test]
fn the_store_alone_answers() {
    let machine = copied();
    machine.well(&["export"]);
    let before = std::fs::read(machine.database()).unwrap();
    for file in ["feeds", "data/warc", "data/pictures"] {
        let _ = std::fs::remove_dir_all(machine.path(file));
    }
    let url = format!("{NOTICES}/202510/t20251018_8016.html");
    says(&machine, &url, "published", &[]);
    assert!(std::fs::read(machine.database()).unwrap() == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_is_held_back_has_its_reason_in_words() {
    let mut portal = Portal::collected("fields.usual = [\"issuer\"]").await;
    portal.rebuild(|_, label| label != "发布机构");
    portal.holds_back(2).await;
    let url = portal.pages[0].url.to_string();
    let said = ask(&portal, &["why", &url]).await;
    for part in [
        "held-back: was read, and is not published: field-lost",
        "field-lost (issuer) since 2025-12-30T11:00:00+08:00",
        "next try from 2025-12-30T12:00:00+08:00 on",
        "is held back, not published: issuer is missing on",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // The status lists every one of them, the newest first.
    let folder = portal.bench.folder.path();
    std::fs::create_dir_all(folder.join("feeds/lucheng")).unwrap();
    let feed = format!("url = \"{}\"\n", portal.bench.column.url);
    std::fs::write(folder.join("feeds/lucheng/work-news.toml"), feed).unwrap();
    let status = ask(&portal, &["status"]).await;
    let json: Value = serde_json::from_str(&ask(&portal, &["status", "--json"]).await).unwrap();
    let held = json["columns"][0]["held_articles"].as_array().unwrap();
    assert_eq!(held.len(), NEWS);
    for (item, page) in held.iter().zip(&portal.pages) {
        assert_eq!(item["url"], page.url.as_str());
        let message = item["message"].as_str().unwrap();
        assert!(message.contains("issuer is missing on"), "{message}");
        let line = format!(
            "    field-lost (issuer)  {}  {}  {}",
            page.day, page.title, page.url
        );
        assert!(status.contains(&line), "{line}: {status}");
    }
    // Once it is published, nothing of that is left.
    portal.rebuild(crate::drift::all);
    portal.releases(25).await;
    let said = ask(&portal, &["why", &url]).await;
    assert!(
        said.contains("published: is the page of the article"),
        "{said}"
    );
    assert!(!said.contains("waits"), "{said}");
}

async fn ask(portal: &Portal, args: &[&str]) -> String {
    let folder = portal.bench.folder.path();
    let place = place::of(&folder.join("data")).await;
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_dibao"));
    place::name_to(&mut command, &place);
    let command = command.current_dir(folder);
    let output = command.args(args).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}
