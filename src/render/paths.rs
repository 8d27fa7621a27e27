//! Every published path, relative to the folder of published files.
//!
//! Owns all of them: mirrors and subscribers depend on these paths. Never touches a file.

use uuid::Uuid;

use crate::model::{ColumnName, FileCopy};

/// The catalogue of all columns.
pub const CATALOGUE: &str = "index.html";
/// All feeds, for import into a reader.
pub const OPML: &str = "feeds.opml";
/// The feed of incidents.
pub const INCIDENTS: &str = "incidents.atom";
/// The manifest: length and hash of the files for mirrors, and of the manifests of portals. It is
/// written last.
pub const MANIFEST: &str = "manifest.json";
/// The JSON Schema of an article.
pub const ARTICLE_SCHEMA: &str = "schema/article.json";
/// The JSON Schema of a change.
pub const CHANGE_SCHEMA: &str = "schema/change.json";
/// The icon of every feed, 512 × 512.
pub const ICON: &str = "icon.png";
/// The icon at 64 × 64.
pub const FAVICON: &str = "favicon.png";
/// The icon as SVG.
pub const ICON_DRAWING: &str = "icon.svg";
/// The icon, twice as wide as high.
pub const LOGO: &str = "logo.png";
/// The style of all site pages.
pub const STYLE: &str = "style.css";
/// The style of feeds that are opened in a browser.
pub const FEED_STYLE: &str = "feed.css";
/// The columns that moved, for web servers: a line each, as Netlify and others read it.
pub const REDIRECTS: &str = "_redirects";
/// The page in the place of one that does not exist.
pub const NOT_FOUND: &str = "404.html";
/// The description of the HTTP API.
pub const OPENAPI: &str = "openapi.json";
/// The site page of a search. The service makes it; it is not a file.
pub const SEARCH: &str = "search";
/// The page in its place where the published folder is served without the service.
pub const NO_SEARCH: &str = "search/index.html";
/// The feed of a search. The service makes it; it is not a file.
pub const SEARCH_FEED: &str = "search.atom";
/// The same as RSS.
pub const SEARCH_RSS: &str = "search.rss";
/// The same as JSON Feed.
pub const SEARCH_JSON: &str = "search.json";
/// The API of searches.
pub const SEARCH_API: &str = "api/v1/search";
/// The status page. The service makes it; it is not a file.
pub const STATUS: &str = "status";
/// The page in its place where the published folder is served without the service.
pub const NO_STATUS: &str = "status/index.html";

/// The folder of named topics. No portal has this name.
pub const TOPICS: &str = "topics";

/// The files of a group of columns: the columns of a portal, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupFile {
    /// Their newest articles as Atom.
    Atom,
    /// The same as RSS.
    Rss,
    /// The same as JSON Feed.
    JsonFeed,
    /// Their feeds, for import into a reader.
    Opml,
}

/// The feed of the columns that its query names, as Atom.
pub const CHOICE_ATOM: &str = "feed.atom";
/// The same as RSS.
pub const CHOICE_RSS: &str = "feed.rss";
/// The same as JSON Feed. Without a query, it is the feed of all columns.
pub const CHOICE_JSON: &str = "feed.json";

/// The manifest of a portal's files. It is written after them, and before the site's.
pub fn portal_manifest(portal: &str) -> String {
    format!("{portal}/{MANIFEST}")
}

/// The portal whose manifest lists this path; `None` for the site's.
pub fn listed_by(path: &str) -> Option<&str> {
    let (portal, file) = path.split_once('/')?;
    let is_of_site = ["changes", "schema", TOPICS].contains(&portal) || file == MANIFEST;
    (!is_of_site).then_some(portal)
}

/// A portal's page.
pub fn portal_page(portal: &str) -> String {
    page_in(portal)
}

/// The year of a month that is written as `2025-12`.
pub fn year_of(month: &str) -> &str {
    month.rsplit_once('-').map_or(month, |(year, _)| year)
}

/// The month without its year.
pub fn month_of(month: &str) -> &str {
    month.rsplit_once('-').map_or(month, |(_, month)| month)
}

/// The folder of a year's pages of a column.
pub fn year_folder(column: &ColumnName, year: &str) -> String {
    format!("{column}/{year}")
}

/// A column's page of a year.
pub fn year_page(column: &ColumnName, year: &str) -> String {
    page_in(&year_folder(column, year))
}

/// A column's page of a month, written as `2025-12`; its pages are numbered from 1.
pub fn month_page(column: &ColumnName, month: &str, part: u64) -> String {
    let folder = year_folder(column, year_of(month));
    match part {
        1 => format!("{folder}/{}.html", month_of(month)),
        _ => format!("{folder}/{}-{part}.html", month_of(month)),
    }
}

/// A column's page.
pub fn column_page(column: &ColumnName) -> String {
    page_in(column.as_str())
}

fn page_in(folder: &str) -> String {
    format!("{folder}/index.html")
}

/// A column's RSS feed.
pub fn rss(column: &ColumnName) -> String {
    format!("{column}/rss.xml")
}

/// A column's Atom feed.
pub fn atom(column: &ColumnName) -> String {
    format!("{column}/atom.xml")
}

/// A column's JSON Feed.
pub fn json_feed(column: &ColumnName) -> String {
    format!("{column}/feed.json")
}

/// A file of all columns of a portal, or, without a portal, of all columns.
pub fn group_file(portal: Option<&str>, file: GroupFile) -> String {
    let name = match file {
        GroupFile::Atom => "atom.xml",
        GroupFile::Rss => "rss.xml",
        GroupFile::JsonFeed => "feed.json",
        GroupFile::Opml => OPML,
    };
    portal.map_or_else(|| name.to_owned(), |portal| format!("{portal}/{name}"))
}

/// A feed of a named topic.
pub fn topic_file(name: &str, file: GroupFile) -> String {
    group_file(Some(&format!("{TOPICS}/{name}")), file)
}

/// The page of a named topic.
pub fn topic_page(name: &str) -> String {
    page_in(&format!("{TOPICS}/{name}"))
}

/// All files of a named topic.
pub fn topic_files(name: &str) -> [String; 4] {
    let feed = |file| topic_file(name, file);
    [
        feed(GroupFile::Atom),
        feed(GroupFile::Rss),
        feed(GroupFile::JsonFeed),
        topic_page(name),
    ]
}

/// A column's history document, numbered from 1.
pub fn history(column: &ColumnName, number: u32) -> String {
    format!("{}/{number:06}.atom", history_folder(column))
}

/// The same document as JSON Feed.
pub fn history_json(column: &ColumnName, number: u32) -> String {
    format!("{}/{number:06}.json", history_folder(column))
}

/// A column's edits and withdrawals after publication, as a feed.
pub fn revisions(column: &ColumnName) -> String {
    format!("{column}/revisions.atom")
}

/// A column's newest articles as JSON.
pub fn articles_json(column: &ColumnName) -> String {
    format!("{column}/articles.json")
}

/// The folder of a column's dumps.
pub fn dumps(column: &ColumnName) -> String {
    format!("{column}/dump")
}

/// A column's dump of one month, written as `2025-12`.
pub fn dump(column: &ColumnName, month: &str) -> String {
    format!("{}/{month}.ndjson.gz", dumps(column))
}

/// The folder of the documents of changes.
pub const CHANGES: &str = "changes";

/// The folder of a column's history documents.
pub fn history_folder(column: &ColumnName) -> String {
    format!("{column}/archive")
}

/// A document of changes, numbered from 1.
pub fn changes(document: i64) -> String {
    format!("{CHANGES}/{document:06}.ndjson")
}

/// A kept file. The path has its hash, so the file never changes.
pub fn kept_file(copy: &FileCopy) -> String {
    copy.path()
}

/// Whether this is the path of a kept file.
pub fn is_kept_file(path: &str) -> bool {
    FileCopy::format_of(path).is_some()
}

/// The page of one article.
pub fn article_page(id: Uuid) -> String {
    format!("{}.html", article(id))
}

/// One article as JSON.
pub fn article_json(id: Uuid) -> String {
    format!("{}.json", article(id))
}

/// The folder of an article. There are 256, so that each stays small enough to list.
fn article(id: Uuid) -> String {
    let id = id.to_string();
    format!("articles/{}/{id}", &id[..2])
}

/// Whether this is a feed that readers poll.
pub fn is_live_feed(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    ["rss.xml", "atom.xml", "feed.json", "revisions.atom"].contains(&file) || path == INCIDENTS
}

/// Whether a manifest lists this path: feeds, dumps, changes, schemas, and the manifests of portals.
/// There are too many site pages, kept files and single articles, and the dumps hold the same articles.
pub fn in_manifest(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    let of_portal = path.ends_with("/manifest.json");
    let is_whole = of_portal || ["atom.xml", "rss.xml", "feed.json", OPML].contains(&file);
    let whole = is_whole || [INCIDENTS, OPENAPI].contains(&path);
    let folder = path.starts_with("changes/") || path.starts_with("schema/");
    let column = path
        .splitn(3, '/')
        .nth(2)
        .is_some_and(|file| !file.ends_with(".html") && !is_of_articles(path));
    whole || folder || column
}

/// Whether it is a single article, or a kept file of one.
pub fn is_of_articles(path: &str) -> bool {
    path.starts_with("articles/") || is_kept_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_contract() {
        let column: ColumnName = "lucheng/work-news".parse().unwrap();
        let id: Uuid = "ab3f1c2e-0000-5000-8000-000000000001".parse().unwrap();
        let made = [
            column_page(&column),
            portal_page("lucheng"),
            year_page(&column, "2025"),
            month_page(&column, "2025-12", 1),
            month_page(&column, "2025-12", 2),
            rss(&column),
            atom(&column),
            json_feed(&column),
            history(&column, 1),
            history_json(&column, 1),
            revisions(&column),
            articles_json(&column),
            dump(&column, "2025-12"),
            changes(12),
            article_page(id),
            article_json(id),
            topic_file("heating", GroupFile::Atom),
            topic_page("heating"),
        ];
        assert_eq!(
            made,
            [
                "lucheng/work-news/index.html",
                "lucheng/index.html",
                "lucheng/work-news/2025/index.html",
                "lucheng/work-news/2025/12.html",
                "lucheng/work-news/2025/12-2.html",
                "lucheng/work-news/rss.xml",
                "lucheng/work-news/atom.xml",
                "lucheng/work-news/feed.json",
                "lucheng/work-news/archive/000001.atom",
                "lucheng/work-news/archive/000001.json",
                "lucheng/work-news/revisions.atom",
                "lucheng/work-news/articles.json",
                "lucheng/work-news/dump/2025-12.ndjson.gz",
                "changes/000012.ndjson",
                "articles/ab/ab3f1c2e-0000-5000-8000-000000000001.html",
                "articles/ab/ab3f1c2e-0000-5000-8000-000000000001.json",
                "topics/heating/atom.xml",
                "topics/heating/index.html",
            ]
        );
        let listed: Vec<bool> = made.iter().map(|path| in_manifest(path)).collect();
        let mut expected = vec![true; 18];
        for page in [0, 1, 2, 3, 4, 14, 15, 17] {
            expected[page] = false;
        }
        assert_eq!(listed, expected);
        assert!(in_manifest(ARTICLE_SCHEMA) && in_manifest(OPML));
        assert!(!in_manifest(MANIFEST) && !in_manifest(CATALOGUE) && !in_manifest(ICON));
        let portal = portal_manifest("lucheng");
        assert!(in_manifest(&portal));
        let paths = [
            &made[5],
            &made[13],
            &portal,
            OPML,
            "lucheng/feeds.opml",
            &made[16],
        ];
        let lucheng = Some("lucheng");
        let expected = [lucheng, None, None, None, lucheng, None];
        assert_eq!(paths.map(listed_by), expected);
    }
}
