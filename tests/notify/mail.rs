//! People get their digest by mail: once a period and receiver, whatever fails.
//!
//! Owns what a letter says and when it comes. Never leaves loopback.

use std::collections::BTreeSet;

use super::office::Office;
use super::post::{Answer, Post};
use crate::faults_machine::machine::{Doomed, Machine, told};
use crate::support::tls::tls_before;

fn settings(post: &Post, more: &str) -> String {
    format!(
        "contact = \"mailto:desk@news.example\"\n[[deliver]]\nname = \"office\"\nkind = \"email\"\n\
         server = \"smtp://127.0.0.1:{}\"\nfrom = \"邸报 <news@news.example>\"\n\
         to = [\"a@office.example\", \"王芳 <b@office.example>\"]\n{more}\n",
        post.port
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_comes_once_a_day_to_each_receiver_and_other_programs_read_it() {
    let post = Post::serve();
    let login = "user = \"news\"\npassword = \"geheim-77\"\ncolumns = [\"lucheng/*\"]";
    let mut office = Office::new(&settings(&post, login)).await;
    office.add(0, "关于城区<供热>改造的“通知” & 说明").await;
    office.add(1, "一份公告").await;
    office.add(2, "别的门户").await;
    office.add_older(0, "旧闻").await;
    office.tell().await;
    // It is nine in the morning; digests come at eight.
    office.later(23 * 60 - 1);
    office.tell().await;
    assert!(post.taken().is_empty());
    office.later(1);
    office.tell().await;
    let letters = post.taken();
    let to: BTreeSet<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!(letters.len(), 2);
    assert_eq!(to, BTreeSet::from(["a@office.example", "b@office.example"]));
    let ids: BTreeSet<String> = letters
        .iter()
        .map(|letter| letter.read()["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 2);
    let letter = letters.iter().find(|letter| letter.to.starts_with('b'));
    let letter = letter.unwrap();
    assert_eq!(letter.login.as_deref(), Some("news geheim-77"));
    let read = letter.read();
    let types = serde_json::json!(["multipart/alternative", "text/plain", "text/html"]);
    assert_eq!(read["types"], types);
    for (key, value) in [
        ("subject", "邸报：2 条新消息"),
        ("from", "邸报 <news@news.example>"),
        ("to", "王芳 <b@office.example>"),
        ("day", "2025-12-31"),
        ("auto", "auto-generated"),
        (
            "unsubscribe",
            "<mailto:desk@news.example?subject=unsubscribe>",
        ),
    ] {
        assert_eq!(read[key], value, "{key}");
    }
    let (text, html) = (
        read["text"].as_str().unwrap(),
        read["html"].as_str().unwrap(),
    );
    for said in [
        "关于城区<供热>改造的“通知” & 说明",
        "一份公告",
        "http://www.lucheng.gov.cn/n1.html",
        "2025-12-29",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(
        !text.contains("别的门户") && !text.contains("旧闻"),
        "{text}"
    );
    let page = scraper::Html::parse_document(html);
    let links = scraper::Selector::parse("li a").unwrap();
    let links: Vec<(String, &str)> = page
        .select(&links)
        .map(|link| (link.text().collect(), link.attr("href").unwrap()))
        .collect();
    assert_eq!(links[0].0, "关于城区<供热>改造的“通知” & 说明");
    assert_eq!(
        links[1],
        ("一份公告".to_owned(), "http://www.lucheng.gov.cn/n2.html")
    );

    // Once, and nothing where nothing is new.
    for minutes in [1, 60, 24 * 60, 24 * 60] {
        office.later(minutes);
        office.tell().await;
    }
    assert!(post.taken().is_empty());
    office.add(0, "又一份").await;
    office.later(24 * 60);
    office.tell().await;
    assert_eq!(post.taken().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_is_one_letter_and_at_once_is_one_a_publication() {
    let post = Post::serve();
    let weekly = settings(&post, "every = \"week\"\nat = \"06:30\"");
    let at_once = "[[deliver]]\nname = \"desk\"\nkind = \"email\"\nevery = \"now\"\nq = \"供热\"\n";
    let settings = format!(
        "{weekly}{at_once}server = \"smtp://127.0.0.1:{}\"\nfrom = \"n@news.example\"\n\
         to = [\"c@office.example\"]\n",
        post.port
    );
    let mut office = Office::new(&settings).await;
    let mut letters = Vec::new();
    // From Tuesday on, a Monday at half past six comes once.
    for day in 0..8 {
        office.add(0, &format!("第{day}天的供热消息")).await;
        office.add(1, &format!("第{day}天的其他消息")).await;
        office.tell().await;
        letters.extend(post.taken());
        office.later(24 * 60);
    }
    let of = |to: &str| letters.iter().filter(|letter| letter.to == to).count();
    assert_eq!((of("a@office.example"), of("c@office.example")), (1, 8));
    let week = letters.iter().find(|letter| letter.to.starts_with('a'));
    let week = week.unwrap().read();
    assert_eq!(week["subject"], "邸报：14 条新消息");
    let single = letters.iter().find(|letter| letter.to.starts_with('c'));
    assert_eq!(single.unwrap().read()["subject"], "邸报 · 供热：1 条新消息");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_refused_gets_the_same_letter_later_and_delays_nobody() {
    let post = Post::serve();
    let mut office = Office::new(&settings(&post, "every = \"now\"")).await;
    office.add(0, "一").await;
    post.answer(&[Answer::Refuse, Answer::Refuse]);
    office.tell().await;
    assert!(post.taken().is_empty());
    let failing = office.failing().await;
    let names: Vec<&str> = failing.iter().map(|of| of.receiver.as_str()).collect();
    let expected = [
        "deliver/office/a@office.example",
        "deliver/office/b@office.example",
    ];
    assert_eq!(names, expected);
    assert!(failing[0].reason.contains("550"), "{}", failing[0].reason);
    office.add(0, "二").await;
    office.tell().await;
    assert!(post.taken().is_empty(), "they rest");
    office.later(2);
    office.tell().await;
    let letters = post.taken();
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0].read()["subject"], "邸报：1 条新消息");
    office.tell().await;
    assert_eq!(
        post.taken().len(),
        2,
        "what came meanwhile is another letter"
    );
    assert!(office.failing().await.is_empty());
}

#[test]
fn a_kill_between_sending_and_noting_repeats_the_same_letter_and_the_log_says_so() {
    let post = Post::serve();
    let machine = Machine::new();
    let text = settings(&post, "every = \"now\"\ntopic = \"all\"");
    machine.write("dibao.toml", &text.replace("\"a@office.example\", ", ""));
    machine.write("topics/all.toml", "title = \"全部\"\nquery = \"的\"");
    post.answer(&[Answer::Silence]);
    let child = machine.command(&["run"]).spawn().unwrap();
    let mut child = Doomed(child);
    post.wait();
    child.0.kill().unwrap();
    child.0.wait().unwrap();
    let first = post.taken().remove(0).read();
    assert!(
        first["subject"]
            .as_str()
            .unwrap()
            .starts_with("邸报 · 全部：")
    );

    let again = machine.dibao(&["run"]);
    let second = post.taken();
    assert_eq!(second.len(), 1, "{}", told(&again));
    let second = second[0].read();
    for key in ["id", "subject", "text"] {
        assert_eq!(second[key], first[key]);
    }
    assert!(told(&again).contains("may come twice"), "{}", told(&again));
    let third = machine.well(&["run"]);
    assert!(post.taken().is_empty());
    assert!(!told(&third).contains("may come twice"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_goes_over_tls_to_a_server_that_proves_its_name_and_to_no_other() {
    let post = Post::serve();
    let (secure, certificate) = tls_before(post.port, "localhost").await;
    let (other, unproven) = tls_before(post.port, "mail.other.example").await;
    let machine = Machine::new();
    machine.write("authority.pem", &format!("{certificate}{unproven}"));
    let login = settings(
        &post,
        "user = \"news\"\npassword = \"geheim-77\"\nevery = \"now\"",
    );
    let plain = format!("smtp://127.0.0.1:{}", post.port);
    let run = |port: u16| {
        let server = format!("smtps://localhost:{port}");
        machine.write("dibao.toml", &login.replace(&plain, &server));
        let mut command = machine.command(&["run"]);
        command.env("SSL_CERT_FILE", machine.path("authority.pem"));
        let output = tokio::task::block_in_place(|| command.output().unwrap());
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        told(&output)
    };
    // Another host's certificate: no letter and no password is given to this server.
    let refused = run(other);
    assert!(post.taken().is_empty());
    assert!(refused.contains("did not take a message"), "{refused}");
    assert!(
        !refused.contains("geheim-77") && !refused.contains("may come twice"),
        "{refused}"
    );
    let due = "UPDATE notices SET next_try_ms = 0 RETURNING receiver";
    tokio::task::block_in_place(|| machine.sql(due));
    run(secure);
    let letters = post.taken();
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0].login.as_deref(), Some("news geheim-77"));
    assert_eq!(letters[0].read()["from"], "邸报 <news@news.example>");
}

#[test]
fn wrong_settings_are_told_with_the_key_and_the_remedy_and_no_secret() {
    let machine = Machine::new();
    let mail = "kind = \"email\"\nserver = \"smtps://m.example\"\nfrom = \"a@b.example\"\nto = [\"c@d.example\"]";
    let robot = "kind = \"wecom\"\nurl = \"https://q.example/send?key=geheim\"";
    for (name, text, key) in [
        ("Office", mail, "`deliver.name`"),
        ("a", "kind = \"fax\"", "`deliver.kind`"),
        ("a", &mail.replace("smtps://m", "m"), "`deliver.server`"),
        ("a", &mail.replace("c@d.example", "nobody"), "`deliver.to`"),
        (
            "a",
            &mail.replace("to = [", "to = [\"王 <c@d.example>\", "),
            "is there twice",
        ),
        ("a", &format!("{mail}\nuser = \"x\""), "`deliver.user`"),
        (
            "a",
            &format!("{mail}\nurl = \"http://x.example/\""),
            "`deliver.url`",
        ),
        ("a", &format!("{robot}\nat = \"8 Uhr\""), "`deliver.at`"),
        (
            "a",
            &format!("{robot}\nevery = \"month\""),
            "`deliver.every`",
        ),
        (
            "a",
            &format!("{robot}\nsecret = \"geheim\""),
            "`deliver.secret`",
        ),
        (
            "a",
            &format!("{robot}\ntopic = \"none\""),
            "`deliver.topic`",
        ),
        ("a", &format!("{robot}\nq = \"-供热\""), "`deliver.q`"),
        (
            "a",
            &format!("{robot}\n[[deliver]]\nname = \"b\"\n{robot}"),
            "`deliver.url`",
        ),
        ("a", &robot.replace("https", "geheim"), "`deliver.url`"),
    ] {
        machine.write(
            "dibao.toml",
            &format!("[[deliver]]\nname = \"{name}\"\n{text}\n"),
        );
        let output = machine.dibao(&["check", "--offline"]);
        let said = told(&output);
        assert_eq!(output.status.code(), Some(2), "{text}: {said}");
        assert!(
            said.contains(key) && said.contains("remedy:"),
            "{text}: {said}"
        );
        assert!(!said.contains("geheim"), "{said}");
    }
}

#[test]
fn a_server_that_is_not_there_has_taken_nothing_and_no_log_says_otherwise() {
    let post = Post::absent();
    let machine = Machine::new();
    machine.write("dibao.toml", &settings(&post, "every = \"now\""));
    machine.well(&["run"]);
    machine.sql("UPDATE notices SET next_try_ms = 0 RETURNING receiver");
    let again = told(&machine.well(&["run"]));
    assert!(again.contains("did not take a message"), "{again}");
    assert!(!again.contains("may come twice"), "{again}");
}
