//! Today's rules over the archive: their changes are reported and saved as ours, and nothing else
//! changes. The real program does this while the portal is down.
//!
//! Owns the archive that is read. Never leaves loopback.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

use dibao::archive::ArchiveFiles;
use dibao::demo::{self, Reply};
use serde_json::Value;

use crate::faults_machine::machine::{COLUMN, Machine, told};
use crate::support::replica::{FOLDER, Replica, articles_told, bytes, files};
use crate::support::text;

mod many;
mod verify;

const FEED: &str = "url = \"http://www.lc.gov.cn/lcxxgk/xxgkml/jbxxgk/gzdt/\"\n\
                    [list]\ninitial = 1\n[fetch]\ndelay = \"0s\"\n";
/// An article of the replica, and a line of its page that nobody reads by itself.
pub(crate) const ARTICLE: &str = "202512/t20251229_3123304.html";
const EDITOR: &str = "[article]\nsource = \"p.bj\"\n";

/// A folder that has collected the replica's first list page, whose portal is down since.
pub(crate) struct Collected {
    pub(crate) machine: Machine,
    pub(crate) replica: Replica,
    _runtime: tokio::runtime::Runtime,
}

pub(crate) fn collected() -> Collected {
    collected_with(|_| ())
}

fn collected_with(prepare: impl FnOnce(&Replica)) -> Collected {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let replica = runtime.block_on(Replica::serve());
    prepare(&replica);
    let machine = Machine::at(replica.port);
    machine.write("feeds/lucheng/work-news.toml", FEED);
    machine.run();
    replica.asked();
    Collected {
        machine,
        replica,
        _runtime: runtime,
    }
}

impl Collected {
    fn feed(&self, more: &str) {
        let feed = format!("{FEED}{more}");
        self.machine.write("feeds/lucheng/work-news.toml", &feed);
    }

    fn public(&self) -> BTreeMap<String, Vec<u8>> {
        bytes(&self.machine.public())
    }

    /// The articles by id.
    fn articles(&self) -> BTreeMap<String, Value> {
        let articles = self.machine.export(&[]).into_iter();
        let id = |article: &Value| article["id"].as_str().unwrap().to_owned();
        articles.map(|article| (id(&article), article)).collect()
    }
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn article_of<'a>(articles: &'a BTreeMap<String, Value>, path: &str) -> &'a Value {
    let mut articles = articles.values();
    articles
        .find(|article| article["url"].as_str().unwrap().ends_with(path))
        .unwrap()
}

#[test]
fn unchanged_rules_change_nothing() {
    let it = collected();
    let (contents, changes) = (it.public(), it.machine.export(&["--changes"]));
    let data = bytes(&it.machine.path("data/warc"));
    let done = it.machine.well(&["reextract"]);
    let said = out(&done);
    assert!(
        said.contains("20 of 20 archived pages, 20 unchanged, 0 read otherwise; 0 changes"),
        "{}",
        told(&done)
    );
    assert!(said.contains(" 0 files written"), "{said}");
    assert_eq!(it.public(), contents);
    assert_eq!(it.machine.export(&["--changes"]), changes);
    assert_eq!(bytes(&it.machine.path("data/warc")), data);
    assert!(it.replica.asked().is_empty(), "no portal is asked");
    assert!(
        it.machine.sql("SELECT rules FROM reextractions").is_empty(),
        "nothing is left to go on with"
    );
    // Nor where all pages were looked at since, and some say the same in other white space.
    let path = format!("{FOLDER}{ARTICLE}");
    it.replica.edit(&path, "<p style", "<p  style");
    it.replica
        .edit(&path, "大会主席团成员主持。", "大会主席团成员主持。\n");
    it.machine
        .sql("UPDATE pages SET next_check_ms = 1, etag = NULL, last_modified = NULL");
    it.machine.run();
    assert_eq!(it.machine.export(&["--changes"]), changes);
    let again = it.machine.well(&["reextract"]);
    assert!(out(&again).contains("20 unchanged"), "{}", told(&again));
    assert_eq!(it.machine.export(&["--changes"]), changes);
}

#[test]
fn a_dry_run_shows_every_value_and_writes_not_a_byte() {
    let it = collected();
    let snapshot = |folder: &str| {
        files(&it.machine.path(folder), |path: &Path| {
            let changed = std::fs::metadata(path).unwrap().modified().unwrap();
            (std::fs::read(path).unwrap(), changed)
        })
    };
    it.feed(EDITOR);
    let before = (snapshot("data"), snapshot("public"));
    let dry = it.machine.well(&["reextract", "--dry-run"]);
    let after = (snapshot("data"), snapshot("public"));
    assert_eq!(
        before.0.keys().collect::<Vec<_>>(),
        after.0.keys().collect::<Vec<_>>()
    );
    assert_eq!(before, after);
    let said = out(&dry);
    let articles = it.articles();
    let article = article_of(&articles, ARTICLE);
    let head = format!(
        "{}  {}\n  {}\n  source: 潞城融媒 → 责任编辑：网站编辑部\n",
        article["id"].as_str().unwrap(),
        article["title"].as_str().unwrap(),
        article["url"].as_str().unwrap()
    );
    assert!(said.contains(&head), "{said}");
    assert!(
        said.contains(
            "lucheng/work-news  20 articles read otherwise\n  source  4 gained, 0 lost, 16 changed\n"
        ),
        "{said}"
    );
    assert!(said.contains("dry run  20 of 20"), "{said}");
    assert!(
        said.contains("20 changes would be recorded: 20 reextracted"),
        "{said}"
    );
    assert!(it.replica.asked().is_empty());
}

#[test]
fn what_new_rules_read_is_ours_and_no_edit_of_the_portal() {
    let it = collected();
    let (before, revisions) = (
        it.articles(),
        it.public()["lucheng/work-news/revisions.atom"].clone(),
    );
    let seq = it.machine.export(&["--changes"]).len();
    it.feed(EDITOR);
    let done = it.machine.well(&["reextract", COLUMN]);
    assert!(
        out(&done).contains("20 changes recorded: 20 reextracted"),
        "{}",
        told(&done)
    );
    let after = it.articles();
    let mut instants = std::collections::BTreeSet::new();
    for (id, article) in &after {
        let was = &before[id];
        assert_eq!(article["source"], "责任编辑：网站编辑部");
        assert_eq!(article["revision"], was["revision"].as_i64().unwrap() + 1);
        for field in [
            "published_on",
            "published_at",
            "first_seen_at",
            "title",
            "body_html",
            "url",
        ] {
            assert_eq!(article[field], was[field], "{field}");
        }
        assert_ne!(article["content_sha256"], was["content_sha256"]);
        assert!(article["updated_at"].as_str() > was["updated_at"].as_str());
        assert!(instants.insert(article["updated_at"].to_string()), "unique");
    }
    let after_seq = seq.to_string();
    let changes = it.machine.export(&["--changes", "--after", &after_seq]);
    assert!(changes.iter().all(|change| change["kind"] == "reextracted"));
    let seqs: Vec<i64> = changes
        .iter()
        .map(|change| change["seq"].as_i64().unwrap())
        .collect();
    let expected: Vec<i64> = (1..=20).map(|n| n + i64::try_from(seq).unwrap()).collect();
    assert_eq!(seqs, expected);
    let contents = it.public();
    assert_eq!(
        contents["lucheng/work-news/revisions.atom"], revisions,
        "that feed tells of the portal's edits"
    );
    let id = article_of(&after, ARTICLE)["id"].as_str().unwrap();
    let page = &contents[&format!("articles/{}/{id}.html", &id[..2])];
    let page = String::from_utf8(page.clone()).unwrap();
    assert!(page.contains("本站重新提取"), "whose change it is");

    // The next look finds nothing edited, be it answered by 304 or by the same bytes.
    let before = articles_told(&it.machine.public());
    it.machine.sql("UPDATE pages SET next_check_ms = 1");
    it.machine.well(&["run"]);
    assert!(articles_told(&it.machine.public()) == before);
    it.machine
        .sql("UPDATE pages SET next_check_ms = 1, etag = NULL, last_modified = NULL");
    it.machine.well(&["run"]);
    assert!(articles_told(&it.machine.public()) == before);
    assert!(
        it.replica
            .asked()
            .iter()
            .any(|path| path.ends_with(ARTICLE))
    );
    let again = it.machine.well(&["reextract"]);
    assert!(
        out(&again).contains("0 changes recorded"),
        "{}",
        told(&again)
    );
    // A later edit of the portal counts as the portal's.
    it.replica.edit(
        &format!("{FOLDER}{ARTICLE}"),
        "代表分组审议",
        "各代表团分组审议",
    );
    it.machine
        .sql("UPDATE pages SET next_check_ms = 1, etag = NULL, last_modified = NULL");
    it.machine.run();
    let changes = it.machine.export(&["--changes"]);
    assert_eq!(changes.last().unwrap()["kind"], "revised");
    assert_eq!(changes.len(), seq + 21);
    let undone = it.machine.well(&["reextract", "--dry-run"]);
    assert!(
        out(&undone).contains("0 changes would be"),
        "{}",
        told(&undone)
    );
}

#[test]
fn rules_that_find_no_article_change_nothing_and_are_told() {
    let it = collected();
    let changes = it.machine.export(&["--changes"]);
    for (rules, code) in [
        (
            "[fields]\nrequired = [\"document_number\"]\n",
            "field-missing",
        ),
        (
            "[article]\ntitle = \"p.bj\"\nbody = \".footer\"\n",
            "doubtful-page",
        ),
    ] {
        it.feed(rules);
        let done = it.machine.dibao(&["reextract"]);
        assert_eq!(done.status.code(), Some(1), "{}", told(&done));
        let said = String::from_utf8(done.stderr.clone()).unwrap();
        assert!(
            said.contains(&format!("stays as it was: {code}: http")),
            "{said}"
        );
        assert!(said.contains(ARTICLE), "{said}");
        assert!(
            out(&done).contains("could not be read by these rules"),
            "{}",
            told(&done)
        );
        assert_eq!(it.machine.export(&["--changes"]), changes, "{code}");
    }
}

#[test]
fn withdrawn_articles_stay_withdrawn_and_other_columns_are_left_alone() {
    let it = collected();
    let path = format!("{FOLDER}{ARTICLE}");
    it.replica.answer(&path, Reply::Status(404));
    for _ in 0..2 {
        it.machine.sql(
            "UPDATE pages SET next_check_ms = 1, gone_ms = gone_ms - 90000000 WHERE url LIKE '%3123304.html'",
        );
        it.machine
            .sql("UPDATE pages SET next_check_ms = 1 WHERE url LIKE '%3123190.html'");
        it.machine.dibao(&["run"]);
    }
    let withdrawn = article_of(&it.articles(), ARTICLE)["withdrawn_at"].clone();
    assert!(withdrawn.is_string(), "{withdrawn}");
    let other = "url = \"http://www.lc.gov.cn/other/\"\n";
    it.machine.write("feeds/lucheng/other.toml", other);
    it.feed(EDITOR);
    let done = it.machine.well(&["reextract", "lucheng/other"]);
    assert!(
        out(&done).contains("20 of other columns; 0 changes"),
        "{}",
        told(&done)
    );
    it.machine.well(&["reextract"]);
    let articles = it.articles();
    let article = article_of(&articles, ARTICLE);
    assert_eq!(article["withdrawn_at"], withdrawn);
    assert_eq!(article["source"], "责任编辑：网站编辑部");
    let unknown = it.machine.dibao(&["reextract", "lucheng/nwes"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", told(&unknown));
}

#[test]
fn a_damaged_capture_is_told_and_the_rest_is_done() {
    let it = collected();
    it.feed(EDITOR);
    let archive = ArchiveFiles::from(&it.machine.path("data/warc"));
    let name = archive.files().unwrap().remove(0);
    let places = it.machine.sql(
        "SELECT CAST(c.offset + c.length / 2 AS TEXT) FROM captures c JOIN pages p ON p.capture = c.id
         WHERE p.url LIKE '%3123304.html'",
    );
    let file = it.machine.path("data/warc").join(name);
    let mut damaged = std::fs::read(&file).unwrap();
    let at: usize = places[0].parse().unwrap();
    damaged[at] ^= 0x55;
    std::fs::write(&file, damaged).unwrap();
    let done = it.machine.dibao(&["reextract"]);
    assert_eq!(done.status.code(), Some(1), "{}", told(&done));
    let said = String::from_utf8(done.stderr.clone()).unwrap();
    assert!(said.contains("stays as it was: archive: "), "{said}");
    assert!(
        out(&done).contains("19 changes recorded"),
        "{}",
        told(&done)
    );
    let id = article_of(&it.articles(), ARTICLE)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let verified = it.machine.dibao(&["verify", &id]);
    assert_eq!(verified.status.code(), Some(1), "{}", told(&verified));
}

#[test]
fn an_article_in_parts_is_read_from_all_of_them_or_left_alone() {
    let stem = "t20251229_3123304";
    let it = collected_with(|replica| {
        let call = format!("<script>createPageHTML(2, 0, '{stem}', 'html')</script></body>");
        replica.edit(&format!("{FOLDER}{ARTICLE}"), "</body>", &call);
        let page = demo::file(&format!("{FOLDER}{ARTICLE}")).unwrap().to_vec();
        let page = String::from_utf8(page).unwrap();
        let page = page.replace("开幕会由大会主席团成员主持。", "第二部分另有安排。");
        let path = format!("{FOLDER}202512/{stem}_1.html");
        replica.answer(&path, Reply::Page(page.into_bytes()));
    });
    let article = article_of(&it.articles(), ARTICLE).clone();
    assert!(
        article["body_text"]
            .as_str()
            .unwrap()
            .contains("第二部分另有安排")
    );
    let same = it.machine.well(&["reextract"]);
    assert!(out(&same).contains("20 unchanged"), "{}", told(&same));
    it.feed(EDITOR);
    it.machine
        .sql("UPDATE captures SET url = url || '.lost' WHERE url LIKE '%3123304_1.html'");
    let done = it.machine.well(&["reextract"]);
    let said = String::from_utf8(done.stderr.clone()).unwrap();
    assert!(
        said.contains("not-archived: ") && said.contains("3123304_1.html"),
        "{said}"
    );
    assert!(out(&done).contains("1 left alone"), "{}", told(&done));
    assert_eq!(article_of(&it.articles(), ARTICLE), &article);
    it.machine
        .sql("UPDATE captures SET url = replace(url, '.lost', '')");
    it.machine.well(&["reextract"]);
    let now = article_of(&it.articles(), ARTICLE).clone();
    assert_eq!(now["source"], "责任编辑：网站编辑部");
    assert_eq!(now["body_text"], article["body_text"]);
}

#[test]
fn a_number_that_new_rules_find_moves_no_id_and_every_page_is_read_anew() {
    let alias = "202512/t20251229_9999999.html";
    let it = collected_with(|replica| {
        let first = format!("<li><a href=\"./{ARTICLE}\"");
        let both =
            format!("<li><a href=\"./{alias}\">大会开幕</a><span>2025-12-29</span></li>{first}");
        replica.edit(FOLDER, &first, &both);
        let page = demo::file(&format!("{FOLDER}{ARTICLE}")).unwrap().to_vec();
        let page = String::from_utf8(page).unwrap();
        let label = "<td class=\"bt\">索引号</td><td>";
        assert!(page.contains(label));
        let page = page.replace(label, "<td class=\"bt\">档</td><td class=\"no\">");
        for path in [ARTICLE, alias] {
            let reply = Reply::Page(page.clone().into_bytes());
            replica.answer(&format!("{FOLDER}{path}"), reply);
        }
    });
    let before = it.articles();
    let article = article_of(&before, ARTICLE);
    assert_eq!(article["index_number"], Value::Null);
    assert_eq!(article["aliases"].as_array().unwrap().len(), 1, "{article}");
    it.feed("[article]\nindex_number = \"td.no\"\n");
    let found = it.machine.well(&["reextract"]);
    for words in ["2 read otherwise", "1 changes recorded: 1 reextracted"] {
        assert!(out(&found).contains(words), "{words}: {}", told(&found));
    }
    let after = it.articles();
    assert!(before.keys().eq(after.keys()), "no id moved");
    let article = article_of(&after, ARTICLE);
    assert_eq!(article["index_number"], "000014349/2025-32614");
    assert_eq!(article["aliases"].as_array().unwrap().len(), 1);
    let again = it.machine.well(&["reextract"]);
    assert!(out(&again).contains("21 unchanged"), "{}", told(&again));
}

#[test]
fn a_charset_that_the_feed_file_corrects_corrects_the_text() {
    let it = collected();
    let before = it.articles();
    let wrong = FEED.replace("[fetch]\n", "[fetch]\ncharset = \"big5\"\n");
    it.machine.write("feeds/lucheng/work-news.toml", &wrong);
    let spoiled = it.machine.dibao(&["reextract"]);
    assert!(
        out(&spoiled).contains(" read otherwise"),
        "{}",
        told(&spoiled)
    );
    let title = |articles: &BTreeMap<String, Value>| article_of(articles, ARTICLE)["title"].clone();
    assert_ne!(title(&it.articles()), title(&before));
    it.feed("");
    it.machine.well(&["reextract"]);
    let after = it.articles();
    for (id, article) in &before {
        for field in ["title", "body_text", "source", "content_sha256"] {
            assert_eq!(after[id][field], article[field], "{field}");
        }
    }
}

/// A list of four articles, the last of which has no day there, and that article without a label.
fn undated(replica: &Replica) {
    let row = |number: u32, day: &str| {
        let path = format!("{FOLDER}202512/t2025122{number}_312330{number}.html");
        let page = format!(
            "<html><head><meta charset=utf-8></head><body><h1>某镇第{number}次防汛工作会议召开</h1>\
             <div class=TRS_Editor><p>{}。</p></div><div class=foot>收录 <i class=kept>2025-12-11</i>\
             </div></body></html>",
            text(number)
        );
        replica.answer(&path, Reply::Page(page.into_bytes()));
        format!("<li><a href=\"{path}\">某镇第{number}次防汛工作会议召开</a>{day}</li>")
    };
    let rows = [
        row(4, "<span>2025-12-24</span>"),
        row(3, "<span>2025-12-23</span>"),
        row(2, "<span>2025-12-22</span>"),
        row(1, ""),
    ];
    let list = format!(
        "<html><head><meta charset=utf-8></head><body><ul class=list>{}</ul></body></html>",
        rows.concat()
    );
    replica.answer(FOLDER, Reply::Page(list.into_bytes()));
}

#[test]
fn a_day_that_was_guessed_gives_way_to_one_that_is_told() {
    let it = collected_with(undated);
    let days = || -> BTreeMap<String, (String, String)> {
        let of = |article: Value| {
            let said = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let day = (
                said(&article["published_on"]),
                said(&article["provenance"]["published_on"]),
            );
            (said(&article["url"]), day)
        };
        it.articles().into_values().map(of).collect()
    };
    let before = days();
    let found = |days: &BTreeMap<String, (String, String)>, ends: &str| {
        let mut days = days.iter();
        let found = days.find(|(url, _)| url.ends_with(ends));
        found.map(|(_, day)| day.clone()).unwrap()
    };
    let guessed = ("2025-12-21".to_owned(), "url".to_owned());
    assert_eq!(found(&before, "3123301.html"), guessed);
    it.feed("[article]\npublished_on = \".kept\"\n");
    let revisions = it.public()["lucheng/work-news/revisions.atom"].clone();
    it.machine.well(&["reextract"]);
    let after = days();
    assert_eq!(found(&after, "3123301.html").0, "2025-12-11");
    // A day that the list told stays.
    for (ends, day) in [
        ("3123302.html", "2025-12-22"),
        ("3123304.html", "2025-12-24"),
    ] {
        assert_eq!(found(&before, ends), (day.to_owned(), "list".to_owned()));
        assert_eq!(found(&after, ends).0, day);
    }
    assert!(after.keys().eq(before.keys()));
    assert!(it.public()["lucheng/work-news/revisions.atom"] == revisions);
}
