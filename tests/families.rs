//! Habits of content systems that need more than one page: lists behind a shell, articles in parts.
//!
//! Owns these pages. Never leaves loopback.

use std::process::Command;

use chrono::TimeDelta;
use dibao::demo::{self, Reply};
use dibao::pipeline::Ending;

use crate::support::replica::{Bench, Replica, column_at};

const SHELL: &str = "/gkmlpt/index";
const API: &str = "/gkmlpt/api/all/505";
const FOLDER: &str = "/lcxxgk/xxgkml/jbxxgk/gzdt/";

/// The answer of the platform that lists these pages of the replica.
fn listing(pages: &[&str]) -> Reply {
    let article = |page: &&str| {
        format!(r#"{{"title":"潞城区的一条消息","url":"{FOLDER}{page}","date":1766937600}}"#)
    };
    let articles: Vec<String> = pages.iter().map(article).collect();
    let total = articles.len();
    let text = format!(r#"{{"articles":[{}],"total":{total}}}"#, articles.join(","));
    Reply::Page(text.into_bytes())
}

/// A dibao that follows a column of which the page is the shell of a script.
fn bench(replica: &Replica) -> Bench {
    let shell = "<html><body><div id=app></div><script>window._CONFIG = { SID: '2001' };</script></body></html>";
    replica.answer(SHELL, Reply::Page(shell.as_bytes().to_vec()));
    Bench {
        column: column_at(
            "lucheng/work-news",
            "http://www.lc.gov.cn/gkmlpt/index#505",
            "list.initial = 1\nfetch.delay = \"0s\"",
        ),
        ..Bench::new(replica)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_behind_a_shell_is_walked_and_a_304_of_the_shell_hides_no_news() {
    let replica = Replica::serve().await;
    let bench = bench(&replica);
    let (one, two) = (
        "202512/t20251229_3123190.html",
        "202512/t20251229_3123304.html",
    );
    replica.answer(API, listing(&[one]));
    let (first, _) = bench.run().await;
    assert_eq!((first.ending, first.new), (Ending::Complete, 1));
    assert_eq!(first.list_pages, 1, "the shell is no page of the list");
    replica.answer(API, listing(&[two, one]));
    let (second, _) = bench.run().await;
    assert_eq!((second.ending, second.new), (Ending::Complete, 1));
    let (third, _) = bench.run().await;
    assert_eq!((third.ending, third.new), (Ending::Complete, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_behind_a_shell_that_lists_nothing_is_no_quiet_day() {
    let replica = Replica::serve().await;
    let bench = bench(&replica);
    replica.answer(API, listing(&[]));
    let (report, _) = bench.run().await;
    assert!(matches!(report.ending, Ending::Failed { .. }), "{report}");
}

/// The article in three parts, by its first page's name and the others'.
const STEM: &str = "t20251229_3123190";

/// A further part, which says this.
fn part(replica: &Replica, number: u32, text: &str) {
    let page = format!(
        "<html><head><title>一条消息</title></head><body><h1>一条消息</h1><div class=TRS_Editor><p>{text}</p>\
         <p><img src='w.jpg' width=600></p><p><a href='p.pdf'>附表</a></p></div>\
         <script>createPageHTML(3, {number}, '{STEM}', 'html')</script></body></html>"
    );
    let path = format!("{FOLDER}202512/{STEM}_{number}.html");
    replica.answer(&path, Reply::Page(page.into_bytes()));
}

/// A dibao whose column lists one article, of three parts, of which the first is bundled.
fn in_parts(replica: &Replica) -> Bench {
    let first = format!("202512/{STEM}.html");
    let bench = bench(replica);
    replica.answer(API, listing(&[&first]));
    let call = format!("<script>createPageHTML(3, 0, '{STEM}', 'html')</script></body>");
    replica.edit(&format!("{FOLDER}{first}"), "</body>", &call);
    part(replica, 1, "第二部分说明工作的安排，要求各部门认真落实。");
    part(replica, 2, "第三部分说明工作的保障，要求各单位加强督查。");
    bench
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_in_parts_is_one_and_is_looked_at_by_its_first() {
    let replica = Replica::serve().await;
    let mut bench = in_parts(&replica);
    let (first, _) = bench.run().await;
    assert_eq!((first.ending, first.new), (Ending::Complete, 1));
    assert!(first.failures.is_empty(), "{:?}", first.failures);
    let articles = bench.articles().await;
    let [article] = &articles[..] else {
        panic!("{articles:?}");
    };
    let text = &article.body.body_text;
    let places = ["第二部分", "第三部分"].map(|words| text.find(words));
    assert!(
        places[0].is_some_and(|at| at > 0) && places[0] < places[1],
        "{text}"
    );
    assert!(article.body.body_html.contains("第三部分"));
    assert!(article.body.images.len() >= 2);
    let files = &article.body.attachments;
    assert_eq!(files.iter().filter(|file| file.name == "附表").count(), 1);
    assert!(article.aliases.is_empty(), "{:?}", article.aliases);
    assert!(article.url.as_str().ends_with(&format!("{STEM}.html")));
    replica.asked();
    bench.now = bench.now.plus(TimeDelta::hours(2));
    let (again, published) = bench.run().await;
    assert_eq!((again.revised, published.written), (0, 0));
    let asked = replica.asked();
    assert!(
        asked
            .iter()
            .any(|path| path.ends_with(&format!("{STEM}.html")))
    );
    assert!(
        !asked.iter().any(|path| path.ends_with("_1.html")),
        "{asked:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_waits_while_a_part_of_it_cannot_be_read() {
    let replica = Replica::serve().await;
    let mut bench = in_parts(&replica);
    let missing = format!("{FOLDER}202512/{STEM}_2.html");
    for fault in [
        Reply::Status(404),
        Reply::Status(500),
        Reply::Redirect(format!("http://{}/", demo::HOST)),
        Reply::Page(
            "<html><body><h1>一条消息</h1><div class=TRS_Editor></div></body></html>".into(),
        ),
    ] {
        replica.answer(&missing, fault.clone());
        let (report, _) = bench.run().await;
        assert_eq!(
            (report.new, report.failures.len()),
            (0, 1),
            "{fault:?}: {report}"
        );
        assert!(report.failures[0].message.contains(STEM), "{fault:?}");
        bench.now = bench.now.plus(TimeDelta::days(40));
    }
    assert!(bench.articles().await.is_empty());
    part(&replica, 2, "第三部分说明工作的保障，要求各单位加强督查。");
    let (report, _) = bench.run().await;
    assert_eq!(
        (report.new, report.failures.len()),
        (1, 0),
        "{:?}",
        report.failures
    );
    assert!(
        bench.articles().await[0]
            .body
            .body_text
            .contains("第三部分")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn extract_joins_the_parts_of_a_url_and_fetches_none_for_a_file() {
    let replica = Replica::serve().await;
    let bench = in_parts(&replica);
    let at = bench.folder.path();
    let to = format!("{}:80:127.0.0.1:{}", demo::HOST, replica.port);
    let extract = |name: &str| {
        let run = Command::new(env!("CARGO_BIN_EXE_dibao"))
            .current_dir(at)
            .args(["--connect-to", &to, "extract", name])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        (
            run.status.code(),
            String::from_utf8(run.stdout).unwrap(),
            said,
        )
    };
    let url = format!("http://{}{FOLDER}202512/{STEM}.html", demo::HOST);
    let (code, line, said) = extract(&url);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        line.contains("第二部分") && line.contains("第三部分"),
        "{line}"
    );

    let file = at.join("part.html");
    let page = format!(
        "<h1>一条消息</h1><div id=zoom><p>第一部分说明工作的由来，要求各地高度重视。</p></div><a href='{url}'>1</a> \
         <a href='{}'>2</a>",
        url.replace(".html", "_2.html")
    );
    std::fs::write(&file, page).unwrap();
    replica.asked();
    let (code, line, said) = extract(&file.to_string_lossy());
    assert_eq!((code, line.contains("第一部分")), (Some(0), true), "{said}");
    assert!(replica.asked().is_empty());

    replica.answer(&format!("{FOLDER}202512/{STEM}_2.html"), Reply::Status(404));
    let (code, line, said) = extract(&url);
    assert_eq!((code, line.as_str()), (Some(1), ""), "{said}");
    assert!(said.contains("_2.html"), "{said}");
}
