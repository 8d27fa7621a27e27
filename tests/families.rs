//! What content systems do that asks for more than one page: lists behind a shell.

use dibao::demo::Reply;
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
