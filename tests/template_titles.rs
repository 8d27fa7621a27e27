//! A title that comes out alike for rows whose own titles differ is the template's: the rows' titles
//! count, for the articles that are known already, too.
//!
//! Owns these portals, all invented. Never leaves loopback.

use dibao::demo::Reply;
use dibao::model::{ChangeKind, Field};

use crate::support::replica::{Bench, FOLDER, Replica, column};
use crate::support::text;

const BRANCH: &str = "青石市公共资源交易中心石河县分中心";

/// An article of the list: its title there, and the title and the text of its page.
type Listed<'a> = (&'a str, &'a str, u32);

fn path(number: usize) -> String {
    format!("{FOLDER}202512/t20251201_{}.html", 4_100_000 + number)
}

/// Serves a list of these articles, the last one on top.
fn serve(replica: &Replica, articles: &[Listed<'_>]) {
    let mut rows = String::new();
    for (number, (row, title, seed)) in articles.iter().enumerate().rev() {
        let day = 10 + number;
        rows += &format!(
            "<li><a href=\"{}\">{row}</a><span>2025-12-{day}</span></li>",
            path(number)
        );
        let page = format!(
            "<html><head><meta charset=utf-8><title>{title}</title></head><body><h1>{title}</h1>\
             <p>发布时间：2025-12-{day}</p><div class=\"TRS_Editor\"><p>{}。</p></div></body></html>",
            text(*seed)
        );
        replica.answer(&path(number), Reply::Page(page.into_bytes()));
    }
    let list = format!(
        "<html><head><meta charset=utf-8></head><body><ul class=list>{rows}</ul></body></html>"
    );
    replica.answer(FOLDER, Reply::Page(list.into_bytes()));
}

/// The titles of the articles in the order of their days, and where each was found.
async fn titles(bench: &Bench) -> Vec<(String, String)> {
    let mut articles = bench.articles().await;
    articles.sort_by_key(|article| article.metadata.published_on);
    let told = articles.into_iter().map(|article| {
        let found = article.provenance.get(&Field::Title).cloned();
        (article.title, found.unwrap_or_default())
    });
    told.collect()
}

async fn kinds(bench: &Bench) -> Vec<ChangeKind> {
    let store = bench.store().await;
    let changes = store.changes().after(0, 100).await.unwrap();
    changes.iter().map(|change| change.kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_that_other_rows_pages_have_gives_way_to_the_rows() {
    let (one, two, three) = (
        "某镇水库维修工程招标公告",
        "某村道路硬化工程中标结果",
        "县医院设备采购更正公告",
    );
    for listed in [
        [(one, BRANCH, 1), (two, BRANCH, 2), (three, BRANCH, 3)],
        [
            (one, "工程项目交易结果公示栏", 1),
            (two, "工程项目交易结果公示栏", 2),
            (three, "工程项目交易结果公示栏", 3),
        ],
        // One of them has the template's title in the list, too.
        [(one, one, 1), (two, one, 2), (three, one, 3)],
    ] {
        let replica = Replica::serve().await;
        let mut bench = Bench::new(&replica);
        bench.column = column("initial = 1");
        serve(&replica, &listed[..1]);
        bench.run().await;
        let alone = titles(&bench).await;
        assert_eq!(alone[0].0, listed[0].1);
        bench.now = bench.now.plus(chrono::TimeDelta::minutes(20));
        serve(&replica, &listed);
        let (report, _) = bench.run().await;
        assert_eq!((report.new, report.revised), (2, 0), "{report}");
        let told = titles(&bench).await;
        let names: Vec<&str> = told.iter().map(|(title, _)| title.as_str()).collect();
        assert_eq!(names, [one, two, three]);
        assert_eq!(told[2].1, "list");
        // The title of the first one was ours to mend, if it was wrong.
        let mended = kinds(&bench).await.contains(&ChangeKind::Reextracted);
        assert_eq!(mended, listed[0].1 != one);
        // Whatever reads the pages again comes to the same.
        bench.now = bench.now.plus(chrono::TimeDelta::hours(30));
        let (report, _) = bench.run().await;
        assert_eq!((report.new, report.revised), (0, 0), "{report}");
        let again = bench.reread().await;
        assert_eq!((again.otherwise, again.failed), (0, 0), "{again}");
        assert_eq!(titles(&bench).await, told);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_that_may_be_right_for_several_rows_stays() {
    let title = "关于城区部分路段临时停水的通知";
    for (first, second) in [
        // Rows that are alike, decorated, cut, or longer than the title.
        ((title, title, 1), (title, title, 2)),
        (
            (title, title, 1),
            ("【通知公告】关于城区部分路段临时停水的通知", title, 2),
        ),
        (
            ("关于城区部分路段临时停", title, 1),
            ("关于城区部分路…", title, 2),
        ),
        (
            (title, title, 1),
            ("[公示] 关于城区部分路段临时停水的通知", title, 2),
        ),
    ] {
        let replica = Replica::serve().await;
        let mut bench = Bench::new(&replica);
        bench.column = column("initial = 1");
        serve(&replica, &[first, second]);
        let (report, _) = bench.run().await;
        assert_eq!(report.new, 2, "{report}");
        let names: Vec<String> = titles(&bench)
            .await
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, [title, title], "{first:?} {second:?}");
    }
    // One text that is listed under two titles has the title of its page.
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    serve(
        &replica,
        &[
            ("水务公司发布消息", title, 1),
            ("停水两天，请注意储水", title, 1),
        ],
    );
    bench.run().await;
    for (name, _) in titles(&bench).await {
        assert_eq!(name, title);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_that_the_feed_file_names_stays() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1\n[article]\ntitle = \"h1\"");
    serve(
        &replica,
        &[
            ("某镇水库维修工程招标公告", BRANCH, 1),
            ("某村道路硬化工程中标结果", BRANCH, 2),
        ],
    );
    bench.run().await;
    for (name, found) in titles(&bench).await {
        assert_eq!(
            (name.as_str(), found.starts_with("selector")),
            (BRANCH, true)
        );
    }
}
