//! The frame of all site pages: head, masthead, the demo's warning and colophon.
//!
//! Owns the link to the style, and the content security policy. Never writes a page's content.

use maud::{DOCTYPE, Markup, html};

use super::super::labels::Label;
use super::super::paths::GroupFile;
use super::super::{ColumnInfo, PortalInfo, Site, atom, json_feed, kept_files, paths, rss, xml};

/// The content security policy. It allows this site's style, also for pages on a disk, which count
/// as no site, and pictures of this site and of portals. It forbids scripts, styles within a page,
/// `base`, and forms except this site's search, so a page cannot send readers elsewhere.
const POLICY: &str = "default-src 'none'; img-src 'self' http: https:; style-src 'self' file:; \
                      base-uri 'none'; form-action 'self'";

/// A site page around its content.
pub(super) struct SitePage<'a> {
    pub(super) site: &'a Site,
    /// Its published path; links are relative to it.
    pub(super) path: String,
    pub(super) title: &'a str,
    /// The pages above it, from the catalogue down.
    pub(super) crumbs: Vec<Crumb>,
    /// The columns whose feeds feed readers find in the page's head.
    pub(super) feeds: Vec<&'a ColumnInfo>,
    /// Whether feed readers find the feeds of everything in the page's head.
    pub(super) has_whole: bool,
    /// The feed of the search that this page answers, relative to the site's root.
    pub(super) topic: Option<String>,
}

/// A page above another: what it is called there, and its path.
pub(super) type Crumb = (String, String);

/// The catalogue, as a page above others.
pub(super) fn home() -> Crumb {
    ("目录".to_owned(), paths::CATALOGUE.to_owned())
}

/// The pages above a column's.
pub(super) fn of_portal(portal: &PortalInfo) -> Vec<Crumb> {
    vec![
        home(),
        (portal.title.clone(), paths::portal_page(&portal.name)),
    ]
}

/// The pages above those in a column.
pub(super) fn of_column(column: &ColumnInfo) -> Vec<Crumb> {
    let mut crumbs = of_portal(&column.portal);
    crumbs.push((column.label.clone(), paths::column_page(&column.name)));
    crumbs
}

/// The links in the masthead of every page.
const PLACES: [(&str, Label); 4] = [
    (paths::CATALOGUE, ("目录", "Catalogue")),
    (paths::SEARCH, ("搜索", "Search")),
    (paths::STATUS, ("状态", "Status")),
    (paths::OPML, ("OPML", "")),
];

impl<'a> SitePage<'a> {
    /// A page without feeds, and with nothing above it.
    pub(super) fn new(site: &'a Site, path: String, title: &'a str) -> Self {
        Self {
            site,
            path,
            title,
            crumbs: Vec::new(),
            feeds: Vec::new(),
            has_whole: false,
            topic: None,
        }
    }

    /// A link from this page to another published path. Relative links work on any host, in any
    /// folder, and on a disk. A page that is shown at any address has links from the root of its host.
    pub(super) fn link(&self, path: &str) -> String {
        if self.path == paths::NOT_FOUND {
            return self.site.url(path).path().to_owned();
        }
        let depth = self.path.matches('/').count();
        format!("{}{path}", "../".repeat(depth))
    }

    /// A link from this page to a kept file of this site, by its URL.
    pub(super) fn kept_file(&self, url: &str) -> Option<String> {
        kept_files::path_of(self.site, url).map(|path| self.link(path))
    }

    /// The whole page.
    pub(super) fn render(&self, content: &Markup) -> Vec<u8> {
        let catalogue = self.link(paths::CATALOGUE);
        let title = self.site.title(self.title);
        let page = html! {
            (DOCTYPE)
            html lang="zh-CN" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    // Many portals refuse pictures to pages of other sites.
                    meta name="referrer" content="no-referrer";
                    title { (title) " · 邸报" }
                    link rel="stylesheet" href=(self.link(paths::STYLE));
                    link rel="icon" type="image/png" sizes="64x64" href=(self.link(paths::FAVICON));
                    link rel="icon" type="image/svg+xml" href=(self.link(paths::ICON_DRAWING));
                    @if self.has_whole { (self.whole_discovery()) }
                    @for column in &self.feeds { (self.discovery(column)) }
                    @if let Some(topic) = &self.topic {
                        link rel="alternate" type=(atom::MEDIA_TYPE) href=(self.link(topic)) title=(title);
                    }
                }
                body {
                    a.skip href="#main" { "跳到正文 Skip to content" }
                    header.masthead {
                        div.measure {
                            a.seal href=(catalogue) { "邸报" }
                            p { "政府门户栏目的订阅源" br; span lang="en" { "Feeds of government news" } }
                            @if self.path != paths::SEARCH { (self.search()) }
                        }
                        (self.places())
                    }
                    @if self.site.demo {
                        aside.demo aria-label="演示 Demo" { p.measure { "演示：以下文章均为虚构 " span lang="en" { "Demo: invented articles" } } }
                    }
                    main #main .measure { (self.crumbs()) (content) }
                    footer.colophon {
                        div.measure {
                            p { "文章版权归原门户所有，以原文为准。本站由 dibao 自动采集生成。" }
                            p lang="en" { "Articles belong to their portals; the originals prevail." }
                        }
                    }
                }
            }
        };
        xml::clean(&page.into_string()).into_owned().into_bytes()
    }

    fn crumbs(&self) -> Markup {
        html! {
            @if !self.crumbs.is_empty() {
                nav.crumbs aria-label="位置 Breadcrumbs" {
                    ol {
                        @for (name, path) in &self.crumbs {
                            li { a href=(self.link(path)) { (name) } }
                        }
                    }
                }
            }
        }
    }

    fn places(&self) -> Markup {
        html! {
            nav aria-label="站内 Site" {
                ul.measure {
                    @for (path, (chinese, english)) in PLACES {
                        li { a href=(self.link(path)) aria-current=[(path == self.path).then_some("page")] {
                            (chinese) @if !english.is_empty() { small lang="en" { (english) } }
                        } }
                    }
                }
            }
        }
    }

    /// The search form. The service answers it; a plain web server cannot.
    fn search(&self) -> Markup {
        html! {
            form.find role="search" method="get" action=(self.link(paths::SEARCH)) {
                label.unseen for="find" { "搜索文章 " span lang="en" { "Search" } }
                input #find type="search" name="q" placeholder="搜索文章" autocomplete="off" enterkeyhint="search" required;
                button type="submit" { "搜索" }
            }
        }
    }

    fn discovery(&self, column: &ColumnInfo) -> Markup {
        let name = &column.name;
        let paths = [paths::atom(name), paths::rss(name), paths::json_feed(name)];
        self.discovered(&column.title, paths)
    }

    fn whole_discovery(&self) -> Markup {
        let files = [GroupFile::Atom, GroupFile::Rss, GroupFile::JsonFeed];
        let paths = files.map(|file| paths::group_file(None, file));
        self.discovered("全部栏目", paths)
    }

    /// A feed in its formats: Atom, RSS, JSON Feed.
    fn discovered(&self, title: &str, paths: [String; 3]) -> Markup {
        let formats = [
            (atom::MEDIA_TYPE, "Atom"),
            (rss::MEDIA_TYPE, "RSS"),
            (json_feed::MEDIA_TYPE, "JSON Feed"),
        ];
        html! {
            @for ((media_type, format), path) in formats.into_iter().zip(&paths) {
                link rel="alternate" type=(media_type) href=(self.link(path))
                    title=(format!("{} ({format})", self.site.title(title)));
            }
        }
    }

    /// The buttons of a column's feeds.
    pub(super) fn feed_links(&self, column: &ColumnInfo) -> Markup {
        let name = &column.name;
        html! {
            ul.feeds {
                li { a.first href=(self.link(&paths::atom(name))) { "Atom" } }
                li { a href=(self.link(&paths::rss(name))) { "RSS" } }
                li { a href=(self.link(&paths::json_feed(name))) { "JSON Feed" } }
                li { a href=(self.link(&paths::articles_json(name))) { "JSON" } }
            }
        }
    }
}
