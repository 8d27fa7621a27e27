//! A published folder of the replica with every odd article, after edits, a withdrawal, a late find
//! and a backfill.
//!
//! Owns this folder. Never tests anything itself.

use chrono::TimeDelta;
use dibao::config::Column;
use dibao::demo::{self, Reply};
use dibao::pipeline::{Progress, Reach, Standing};

use crate::support::morning;
use crate::support::replica::{Bench, FOLDER, Replica, column};

const EVERYTHING: Reach = Reach {
    pages: None,
    since: None,
    until: None,
};
/// Found after the others, though it is older than most.
const LATE: &str = "t20251219_3119729.html";
/// Taken down.
const GONE: &str = "t20251218_3119322.html";
/// In GB2312, which the edits here do not write.
const GB2312: &str = "t20251222_3120778.html";
/// Without a number.
const BARE: &str = "t20251217_3119030.html";

/// Articles of the first list page, by file name, with what stands in the place of their text.
fn oddities() -> Vec<(&'static str, String)> {
    let tags = r##"<p>先<a href="/a|b?c={d}">甲<a href="#x">乙</a></a><h2>题<h3>中题</h3></h2></p>
        <span><p>段<div>块</p></div></span><table><td>格<tr><td colspan=2><table><tr><td>里</table>
        <caption>表题</caption></table><ul>散<li>一<ol start="3"><li>二</ul><dl><dd>释</dl>
        <font color="red"><center>中<b>粗<i>斜</b>体</i></center></font><pre>
        行</pre><ruby>汉<rt>han</rt></ruby><marquee onstart="x()">跑</marquee><svg><p>图</svg>
        <math><mi>x</mi></math><video src="v.mp4"></video><iframe src="//evil.example"></iframe>
        <script>alert(1)</script><style>p{}</style><form><button>钮</button><input value="值"></form>
        <a href="javascript:alert(1)">跳</a><a href="mailto:a@b.example">信</a><img src="data:image/png;base64,AAAA">
        <img src="./W1.png" onerror="x()" alt="&lt;图&gt;"><p>▲图题&amp;</p><blockquote><p>引</blockquote><hr><s>删</s>
        H<sub>2</sub>O x<sup>2</sup><details><summary>要</summary>详</details>&lt;script&gt; &amp;amp; ]]&gt; 完。</p>"##;
    let files = r#"<p>文件见下。</p><p><a href="./P1.pdf">通知.pdf</a></p><p><a href="./P2|一[1].docx">表&lt;1&gt;.docx</a></p>
        <p><a href="./P3.zip">包.zip</a></p>"#;
    let controls =
        "<p>前&#1;&#11;&#x85;&#xFFFE;\u{b}\u{1}\u{7f}\u{fffd}\u{fdd0}后。\r\n次行&#xD;末。</p>";
    vec![
        ("t20251224_3121526.html", tags.to_owned()),
        ("t20251223_3121111.html", files.to_owned()),
        ("t20251225_3121825.html", controls.to_owned()),
        (
            "t20251220_3120049.html",
            "<p>😀👨‍👩‍👧🇨🇳𠮷，齐了。</p>".repeat(4),
        ),
        (
            "t20251226_3122136.html",
            "<p>巨细无遗，一一列明。</p>".repeat(12_000),
        ),
    ]
}

fn path(name: &str) -> String {
    format!("{FOLDER}202512/{name}")
}

fn bundled(path: &str) -> String {
    String::from_utf8(demo::file(path).unwrap().to_vec()).unwrap()
}

/// The bundled page with this text.
fn with_text(page: &str, html: &str) -> String {
    let (head, rest) = page.split_once("<div class=\"TRS_Editor\">").unwrap();
    let (_, foot) = rest.split_once("<p class=\"bj\">").unwrap();
    format!("{head}<div class=\"TRS_Editor\">{html}</div></div></div><p class=\"bj\">{foot}")
}

/// Pages of the first list page that are edited: all that are not odd themselves.
pub(crate) fn plain_pages() -> Vec<String> {
    let list = bundled(FOLDER);
    let odd: Vec<&str> = oddities().iter().map(|(name, _)| *name).collect();
    let links = list.split("href=\"./").skip(1);
    let names = links.filter_map(|rest| rest.split('"').next());
    let names = names.filter(|name| {
        name.contains("/t2025") && ![GONE, GB2312].iter().any(|other| name.contains(other))
    });
    names
        .filter(|name| !odd.iter().any(|odd| name.contains(odd)))
        .map(|name| format!("{FOLDER}{name}"))
        .collect()
}

/// Adds a paragraph to each of these pages.
pub(crate) fn edit(replica: &Replica, pages: &[String], what: &str) {
    for path in pages {
        let page = bundled(path);
        let (head, foot) = page.split_once("<div class=\"TRS_Editor\">").unwrap();
        let edited = format!("{head}<div class=\"TRS_Editor\"><p>{what}：{path}。</p>{foot}");
        replica.answer(path, Reply::Page(edited.into_bytes()));
    }
}

pub(crate) async fn odd() -> (Replica, Bench) {
    odd_of(column("initial = 1")).await
}

/// The same of another column of the replica.
pub(crate) async fn odd_of(column: Column) -> (Replica, Bench) {
    let replica = Replica::serve().await;
    for (name, html) in oddities() {
        let page = with_text(&bundled(&path(name)), &html);
        let title = page.split("colspan=\"3\">").nth(2).unwrap();
        let title = title.split("</td>").next().unwrap().to_owned();
        let odd = format!("&lt;b&gt;{title}&lt;/b&gt; &amp;amp; R&amp;D");
        replica.answer(
            &path(name),
            Reply::Page(page.replace(&title, &odd).into_bytes()),
        );
    }
    let bare = bundled(&path(BARE));
    let at = bare.find("000014349/").unwrap();
    let number = bare[at..at + 20].to_owned();
    replica.edit(&path(BARE), &number, "无");
    let list = bundled(FOLDER);
    let at = list.find(LATE).unwrap();
    let start = list[..at].rfind("<li>").unwrap();
    let end = at + list[at..].find("</li>").unwrap();
    replica.edit(FOLDER, &list[start..end], "<li>");
    let mut bench = Bench::new(&replica);
    bench.column = column;
    bench.run().await;
    let (backfill, _) = bench.backfill(EVERYTHING).await;
    assert_eq!(backfill.halt.standing, Standing::Complete, "{backfill}");
    replica.restore(FOLDER);
    let pages = plain_pages();
    edit(&replica, &pages, "初次修订");
    replica.answer(&path(GONE), Reply::Status(404));
    bench.now = morning().plus(TimeDelta::hours(2));
    let (report, _) = bench.run().await;
    assert_eq!(report.new, 1, "{report}");
    assert!(report.revised >= 10, "{report}");
    for (hours, what) in [(8, "再次修订"), (33, "三次修订")] {
        edit(&replica, &pages, what);
        bench.now = morning().plus(TimeDelta::hours(hours));
        bench.run_with(Progress::silent()).await;
    }
    let gone = bench.articles().await;
    let gone = gone.iter().filter(|article| article.withdrawn_at.is_some());
    assert_eq!(gone.count(), 1);
    (replica, bench)
}
