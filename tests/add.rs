//! `add` and `check`, as a person meets them who follows a new portal.
//!
//! Owns their output and the files they write. Never leaves loopback.

use std::path::Path;
use std::process::{Command, Output};

use dibao::demo::{self, Reply};
use dibao::model::Clock;

use crate::faults_machine::machine::Machine;
use crate::support::replica::{FOLDER, Replica};

const ARTICLE: &str = "/lcxxgk/xxgkml/jbxxgk/gzdt/202512/t20251229_3123304.html";
const COLUMN: &str = "http://www.lc.gov.cn/lcxxgk/xxgkml/jbxxgk/gzdt/";

fn dibao(folder: &Path, replica: &Replica, args: &[&str]) -> Output {
    let to = format!("{}:80:127.0.0.1:{}", demo::HOST, replica.port);
    Command::new(env!("CARGO_BIN_EXE_dibao"))
        .current_dir(folder)
        .args(["--connect-to", &to])
        .args(args)
        .env_remove("DIBAO_LOG")
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn ends(output: &Output, code: i32) -> (String, String) {
    let (out, err) = (out(output), err(output));
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    (out, err)
}

/// Whether a line of a table has all of these.
fn has_row(table: &str, words: &[&str]) -> bool {
    let mut lines = table.lines();
    lines.any(|line| words.iter().all(|word| line.contains(word)))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_leads_to_its_column_which_check_and_run_take() {
    let replica = Replica::serve().await;
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let before = "# ours\ntimezone = \"Asia/Shanghai\"\n[[job]]\ncolumns = [\"other/*\"]\ncron = \"5 8 * * *\"";
    std::fs::write(at.join("cron.toml"), before).unwrap();
    let article = format!("http://{}{ARTICLE}", demo::HOST);
    let (shown, told) = ends(&dibao(at, &replica, &["add", &article, "--yes"]), 0);
    assert!(
        told.contains(&format!("is an article of {COLUMN}")),
        "{told}"
    );
    for row in [
        [
            "index_number",
            "000014349/2025-32614",
            "label 索引号",
            "3/3",
            "high",
        ],
        ["title", "开幕", "label 标题", "3/3", "high"],
        ["published_on", "2025-12-29", "label", "3/3", "high"],
        ["body", "characters", "container", "3/3", "high"],
    ] {
        assert!(has_row(&shown, &row), "{row:?}: {shown}");
    }
    assert!(shown.contains("工作动态 · trs · "), "{shown}");
    assert!(shown.contains("index_1.html"), "{shown}");
    let feed = std::fs::read_to_string(at.join("feeds/lc/gzdt.toml")).unwrap();
    let lines = feed.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(lines.collect::<Vec<_>>(), [format!("url = \"{COLUMN}\"")]);
    let cron = std::fs::read_to_string(at.join("cron.toml")).unwrap();
    assert!(cron.starts_with(before), "{cron}");
    assert!(cron.contains("columns = [\"lc/*\"]"), "{cron}");

    // Without the pause that a portal is owed, for the test's sake.
    let quick = format!("{feed}[fetch]\ndelay = \"0s\"\n[list]\ninitial = 1\n");
    std::fs::write(at.join("feeds/lc/gzdt.toml"), quick).unwrap();
    let (checked, _) = ends(&dibao(at, &replica, &["check"]), 0);
    assert!(checked.starts_with("lc/gzdt  ok  "), "{checked}");
    assert!(!at.join("data").exists(), "check stores nothing");
    let (ran, _) = ends(&dibao(at, &replica, &["run"]), 0);
    assert!(ran.contains("lc/gzdt"), "{ran}");

    // A selector that matches nothing is named with the page.
    let good = std::fs::read_to_string(at.join("feeds/lc/gzdt.toml")).unwrap();
    let selected = format!("{good}[article]\nsource = \".nowhere\"\n");
    std::fs::write(at.join("feeds/lc/gzdt.toml"), selected).unwrap();
    let (named, _) = ends(&dibao(at, &replica, &["check"]), 0);
    assert!(named.contains("article.source = \".nowhere\""), "{named}");
    std::fs::write(at.join("feeds/lc/gzdt.toml"), good).unwrap();

    // Against what is usual: the portal drops its label block, and then the text.
    let (usual, _) = ends(&dibao(at, &replica, &["check"]), 0);
    assert!(has_row(&usual, &["field", "usually"]), "{usual}");
    let again = dibao(at, &replica, &["add", COLUMN, "--yes"]);
    assert!(
        ends(&again, 0).0.contains("lc/gzdt follows"),
        "{}",
        out(&again)
    );
    let list = demo::file(&format!("{FOLDER}index.html")).unwrap().to_vec();
    let list = String::from_utf8(list).unwrap();
    for path in list
        .split("href=\"./")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|path| path.starts_with("2025"))
    {
        let empty =
            "<html><head><title>工作动态</title></head><body><h1>某事开始</h1></body></html>";
        replica.answer(&format!("{FOLDER}{path}"), Reply::Page(empty.into()));
    }
    let (failed, told) = ends(&dibao(at, &replica, &["check"]), 1);
    assert!(failed.starts_with("lc/gzdt  failed  "), "{failed}");
    assert!(failed.contains("unlike usual: "), "{failed}");
    assert!(told.contains("shows no body, which is required"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_page_offers_its_columns_and_nothing_is_written_unasked() {
    let replica = Replica::serve().await;
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let home = format!("http://{}/", demo::HOST);
    let (offered, told) = ends(&dibao(at, &replica, &["add", &home, "--yes"]), 1);
    assert!(has_row(&offered, &["工作动态", COLUMN]), "{offered}");
    assert!(told.contains("dibao add URL"), "{told}");
    let (_, told) = ends(
        &dibao(at, &replica, &["add", COLUMN, "--name", "lucheng/news"]),
        2,
    );
    assert!(told.contains("--yes"), "{told}");
    replica.answer(
        "/gone.html",
        Reply::Page("<html><title>404</title>页面不存在</html>".into()),
    );
    let gone = format!("http://{}/gone.html", demo::HOST);
    let (_, told) = ends(&dibao(at, &replica, &["add", &gone, "--yes"]), 1);
    assert!(told.contains("soft-404"), "{told}");
    assert_eq!(
        std::fs::read_dir(at).unwrap().count(),
        0,
        "nothing is left behind"
    );
}

/// Shows the replica's list at another address, with links that lead to the same articles.
fn show_list(replica: &Replica, path: &str) {
    let list = demo::file(&format!("{FOLDER}index.html")).unwrap().to_vec();
    let list = String::from_utf8(list).unwrap();
    let list = list.replace("href=\"./", &format!("href=\"{FOLDER}"));
    replica.answer(path, Reply::Page(list.into_bytes()));
}

fn feed_files(at: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for portal in std::fs::read_dir(at.join("feeds")).unwrap() {
        for file in std::fs::read_dir(portal.unwrap().path()).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            found.push(
                text.lines()
                    .find(|line| line.starts_with("url"))
                    .unwrap()
                    .to_owned(),
            );
        }
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_are_added_at_once_are_all_there_with_one_job_for_their_portal() {
    const AT_ONCE: usize = 8;
    let replica = Replica::serve().await;
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let urls: Vec<String> = (0..AT_ONCE)
        .map(|number| {
            // All of them would get the same name.
            let path = format!("/part{number}/news/");
            show_list(&replica, &path);
            format!("http://{}{path}", demo::HOST)
        })
        .collect();
    let to = format!("{}:80:127.0.0.1:{}", demo::HOST, replica.port);
    let children: Vec<_> = urls
        .iter()
        .map(|url| {
            Command::new(env!("CARGO_BIN_EXE_dibao"))
                .current_dir(at)
                .args(["--connect-to", &to, "add", url, "--yes"])
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        ends(&child.wait_with_output().unwrap(), 0);
    }
    let expected: Vec<String> = urls.iter().map(|url| format!("url = \"{url}\"")).collect();
    assert_eq!(feed_files(at), expected);
    let cron = std::fs::read_to_string(at.join("cron.toml")).unwrap();
    assert_eq!(cron.matches("[[job]]").count(), 1, "{cron}");
    assert!(cron.contains("columns = [\"lc/*\"]"), "{cron}");
    ends(&dibao(at, &replica, &["check", "--offline"]), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_come_from_a_file_from_opml_and_from_a_first_page() {
    let replica = Replica::serve().await;
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    show_list(&replica, "/notices/");
    let notices = format!("http://{}/notices/", demo::HOST);
    let gone = format!("http://{}/gone.html", demo::HOST);
    std::fs::write(
        at.join("list.txt"),
        format!("# ours\n{notices}\n\n{gone}\n"),
    )
    .unwrap();
    let (said, told) = ends(
        &dibao(at, &replica, &["add", "--from", "list.txt", "--yes"]),
        1,
    );
    assert!(said.contains("1 of 2 addresses are followed"), "{said}");
    assert!(told.contains("/gone.html"), "{told}");
    assert_eq!(feed_files(at), [format!("url = \"{notices}\"")]);

    let opml = format!(
        "<?xml version=\"1.0\"?><opml version=\"2.0\"><head/><body><outline text=\"门户\">\
         <outline text=\"工作动态\" type=\"rss\" xmlUrl=\"http://other.example/rss\" htmlUrl=\"{COLUMN}\"/>\
         </outline></body></opml>"
    );
    std::fs::write(at.join("feeds.opml"), opml).unwrap();
    ends(
        &dibao(at, &replica, &["add", "--from", "feeds.opml", "--yes"]),
        0,
    );
    assert!(feed_files(at).contains(&format!("url = \"{COLUMN}\"")));

    let home = format!("http://{}/", demo::HOST);
    let other = tempfile::tempdir().unwrap();
    // The page offers others, too, which the replica does not have.
    let all = dibao(other.path(), &replica, &["add", &home, "--all", "--yes"]);
    let (said, _) = ends(&all, 1);
    assert!(said.contains("addresses are followed"), "{said}");
    let found = feed_files(other.path());
    assert!(found.len() == 1 && found[0].contains(COLUMN), "{found:?}");
    // As people type an address.
    for (typed, remedy) in [
        (
            "www.example.gov.cn/news/",
            "write http://www.example.gov.cn/news/",
        ),
        (
            "www.example.gov.cn:8080/news/",
            "write http://www.example.gov.cn:8080/news/",
        ),
        ("ftp://www.example.gov.cn/", "not http or https"),
    ] {
        let (_, told) = ends(&dibao(at, &replica, &["add", typed, "--yes"]), 2);
        assert!(told.contains(typed) && told.contains(remedy), "{told}");
        std::fs::write(at.join("typed.txt"), typed).unwrap();
        let (_, told) = ends(
            &dibao(at, &replica, &["add", "--from", "typed.txt", "--yes"]),
            2,
        );
        assert!(
            told.contains("typed.txt") && told.contains(remedy),
            "{told}"
        );
    }
    let (_, told) = ends(&dibao(at, &replica, &["add", "--from", "nothing.txt"]), 2);
    assert!(
        told.contains("nothing.txt") && told.contains("one address a line"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_page_of_a_list_leads_to_the_first_or_is_refused_as_what_it_is() {
    let replica = Replica::serve().await;
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let second = format!("{COLUMN}index_1.html");
    let (_, told) = ends(&dibao(at, &replica, &["add", &second, "--yes"]), 0);
    let words = format!("{second}: is a later page of {COLUMN}");
    assert!(told.contains(&words), "{told}");
    let feed = std::fs::read_to_string(at.join("feeds/lc/gzdt.toml")).unwrap();
    assert!(
        feed.contains(&format!("url = \"{COLUMN}\"")) || feed.contains("index.html"),
        "{feed}"
    );

    // Its list has no first page that answers.
    let list = demo::file(&format!("{FOLDER}index_1.html"))
        .unwrap()
        .to_vec();
    let list = String::from_utf8(list).unwrap();
    let list = list.replace("href=\"./", &format!("href=\"{FOLDER}"));
    let list = list.replace("createPageHTML", "drawNothing");
    let list = list.replace("</body>", "<p>第8页/共30页</p></body>");
    replica.answer("/zwdt/list_8.html", Reply::Page(list.into_bytes()));
    let eighth = format!("http://{}/zwdt/list_8.html", demo::HOST);
    let (_, told) = ends(&dibao(at, &replica, &["add", &eighth, "--yes"]), 1);
    assert!(told.contains("is page 8 of its list"), "{told}");
    assert!(
        told.contains("give the address of the first page"),
        "{told}"
    );
    assert!(!at.join("feeds/lc/zwdt.toml").exists());
}

/// A service collects the portal whose columns somebody checks.
#[tokio::test(flavor = "multi_thread")]
async fn a_check_waits_for_the_process_that_has_its_host() {
    let replica = Replica::serve().await;
    let machine = Machine::at(replica.port);
    machine.run();
    let now = Clock::system().now().millis();
    // A run of another machine, which ends in two seconds.
    tokio::task::block_in_place(|| {
        machine.sql("DELETE FROM leases");
        machine.sql(
            "INSERT INTO leases (host, holder, expires_ms)
             VALUES ('www.lc.gov.cn', 'another machine/1', unixepoch('subsec') * 1000 + 2000)",
        )
    });
    let (checked, told) = ends(&machine.dibao(&["check"]), 0);
    assert!(checked.starts_with("lucheng/work-news  ok  "), "{checked}");
    assert!(
        told.contains("another dibao process is asking this host"),
        "{told}"
    );
    assert!(Clock::system().now().millis() >= now + 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_several_portals_are_told_in_their_order() {
    const OTHER: &str = "www.other.example";
    let replica = Replica::serve().await;
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for path in ["/first/", "/second/", "/third/"] {
        show_list(&replica, path);
    }
    let urls = [
        format!("http://{}/first/", demo::HOST),
        format!("http://{OTHER}/second/"),
        format!("http://{}/gone.html", demo::HOST),
        format!("http://{}/third/", demo::HOST),
    ];
    std::fs::write(at.join("list.txt"), urls.join("\n")).unwrap();
    let to = format!("{OTHER}:80:127.0.0.1:{}", replica.port);
    let args = ["--connect-to", &to, "add", "--from", "list.txt", "--yes"];
    let (said, told) = ends(&dibao(at, &replica, &args), 1);
    let written: Vec<&str> = said
        .lines()
        .filter_map(|line| line.strip_prefix("written; next: dibao run "))
        .collect();
    assert_eq!(
        written,
        ["lc/first", "other-example/second", "lc/third"],
        "{said}"
    );
    assert!(said.contains("3 of 4 addresses are followed"), "{said}");
    assert!(told.contains("/gone.html"), "{told}");
}
