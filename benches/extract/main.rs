//! What a page costs from its bytes to its article or its items, stage by stage, beside what the
//! parser alone costs.
//!
//! `cargo bench --bench extract`. The pages are the replica's and invented ones: a long text, a table
//! of 2,000 short cells, a list of 200 items. Where `DIBAO_CORPUS` names folders with real pages,
//! those are read whole, too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark fails by panicking"
)]

mod pages;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dibao::config::{ArticleRules, ListRules};
use dibao::decode::{Decoded, decode};
use dibao::extract::{Above, PageText, article_or_stub, column_page_or_stub};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use scraper::Html;
use url::Url;

static BASE: LazyLock<Url> = LazyLock::new(|| {
    let url = "http://www.lc.gov.example/gzdt/202512/t20251229_1.html";
    url.parse().unwrap()
});
static ARTICLE: LazyLock<ArticleRules> = LazyLock::new(ArticleRules::default);
static LIST: LazyLock<ListRules> = LazyLock::new(ListRules::default);

/// The pages of one kind.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Articles of the replica.
    Replica,
    Prose,
    Table,
    /// Column pages of the replica, and a long one.
    List,
    /// Real pages.
    Corpus,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Replica => "replica",
            Self::Prose => "prose",
            Self::Table => "table",
            Self::List => "list",
            Self::Corpus => "corpus",
        })
    }
}

impl Kind {
    fn pages(self) -> Vec<Vec<u8>> {
        let replica = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/lucheng/site/lcxxgk/xxgkml/jbxxgk/gzdt");
        match self {
            Self::Replica => html_in(&replica.join("202512")),
            Self::Prose => vec![pages::prose(38_000).into()],
            Self::Table => vec![pages::table(2000).into()],
            Self::List => {
                let mut all = vec![pages::list(200).into()];
                for name in ["index.html", "index_1.html", "index_2.html"] {
                    all.push(std::fs::read(replica.join(name)).unwrap());
                }
                all
            }
            Self::Corpus => {
                let named = std::env::var_os("DIBAO_CORPUS").unwrap_or_default();
                let folders = std::env::split_paths(&named);
                let folders = folders.filter(|folder| !folder.as_os_str().is_empty());
                folders.flat_map(|folder| html_in(&folder)).collect()
            }
        }
    }

    /// Where it has pages: all kinds but, perhaps, the last.
    fn all(kinds: &'static [Self]) -> impl Iterator<Item = Self> {
        let is_there = |kind: &Self| !kind.pages().is_empty();
        kinds.iter().copied().filter(is_there)
    }
}

/// The pages in a folder and below it.
fn html_in(folder: &Path) -> Vec<Vec<u8>> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    let read = |path: &PathBuf| match path.is_dir() {
        true => html_in(path),
        false if path.extension().is_some_and(|end| end == "html") => {
            vec![std::fs::read(path).unwrap()]
        }
        false => Vec::new(),
    };
    entries.iter().flat_map(read).collect()
}

fn articles() -> impl Iterator<Item = Kind> {
    Kind::all(&[Kind::Replica, Kind::Prose, Kind::Table, Kind::Corpus])
}

fn all() -> impl Iterator<Item = Kind> {
    Kind::all(&[
        Kind::Replica,
        Kind::Prose,
        Kind::Table,
        Kind::List,
        Kind::Corpus,
    ])
}

/// Does this to every page of a kind.
fn each(bencher: Bencher<'_, '_>, kind: Kind, read: impl Fn(&Decoded) + Sync) {
    let pages: Vec<Decoded> = kind.pages().iter().map(|page| text(page)).collect();
    let bytes: usize = pages.iter().map(|page| page.text.len()).sum();
    let read = || pages.iter().for_each(&read);
    bencher.counter(BytesCount::new(bytes)).bench(read);
}

fn text(page: &[u8]) -> Decoded {
    decode(page, None, None)
}

#[divan::bench(args = all())]
fn decoded(bencher: Bencher<'_, '_>, kind: Kind) {
    let pages = kind.pages();
    let bytes: usize = pages.iter().map(Vec::len).sum();
    let read = || {
        pages.iter().for_each(|page| {
            black_box(text(page));
        });
    };
    bencher.counter(BytesCount::new(bytes)).bench(read);
}

/// The parser alone, without the limits that a page is held to.
#[divan::bench(args = all())]
fn parsed(bencher: Bencher<'_, '_>, kind: Kind) {
    each(bencher, kind, |page| {
        black_box(Html::parse_document(&page.text));
    });
}

#[divan::bench(args = articles())]
fn article(bencher: Bencher<'_, '_>, kind: Kind) {
    each(bencher, kind, |page| {
        let read = article_or_stub(PageText::from(page), &BASE, &ARTICLE, None);
        black_box(read).ok();
    });
}

#[divan::bench(args = Kind::all(&[Kind::List, Kind::Corpus]))]
fn list(bencher: Bencher<'_, '_>, kind: Kind) {
    each(bencher, kind, |page| {
        let read = column_page_or_stub(PageText::from(page), &BASE, &LIST, Above::Unknown);
        black_box(read).ok();
    });
}

fn main() {
    divan::main();
}
