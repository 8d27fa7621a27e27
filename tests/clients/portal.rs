//! A portal that moves: its articles keep their numbers while their addresses change.
//!
//! Owns its pages. Never tests anything itself.

use std::fmt::Write;

use axum::Router;
use axum::extract::Request;
use axum::response::Redirect;
use chrono::TimeDelta;
use dibao::demo::{HOST, Reply};
use dibao::model::Timestamp;
use tokio::net::TcpListener;

use crate::support::replica::{FOLDER, Replica};
use crate::support::text;
use crate::support::tls::tls_before;

/// Items of the list page.
const LISTED: usize = 30;

/// How the portal is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    First,
    Rebuilt,
}

/// An article of the portal.
pub(super) struct Item {
    number: u32,
    at: Timestamp,
    path: String,
    moves: u32,
    edits: u32,
}

impl Item {
    pub(super) fn title(&self) -> String {
        format!("第{}号消息：今天发布", self.number)
    }

    /// Words that stand in this article and in no other.
    pub(super) fn words(&self) -> String {
        text(self.number)
    }

    /// The additions to its text; empty before the first edit.
    pub(super) fn edited(&self) -> String {
        (1..=self.edits)
            .map(|edit| format!("<p>第{}号更正之{edit}。</p>", self.number))
            .collect()
    }

    pub(super) fn published_at(&self) -> Timestamp {
        self.at
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    fn page(&self, layout: Layout) -> String {
        let (title, number) = (self.title(), 30_000 + self.number);
        let at = self.at.to_chrono().format("%Y-%m-%d %H:%M:%S");
        let body = format!(
            "<p>{}</p><table><tr><td>甲</td><td>{}</td></tr></table>{}",
            self.words(),
            self.number,
            self.edited()
        );
        match layout {
            Layout::First => format!(
                "<html><head><meta charset=\"utf-8\"><title>{title}</title></head><body>\
                 <table class=\"xxgk_table\"><tr><td class=\"bt\">索引号</td><td>000014349/2025-{number}</td>\
                 <td class=\"bt\">发布时间</td><td>{at}</td></tr><tr><td class=\"bt\">标题</td>\
                 <td colspan=\"3\">{title}</td></tr></table><div class=\"content\"><h2>{title}</h2>\
                 <div id=\"zoom\"><div class=\"TRS_Editor\">{body}</div></div></div></body></html>"
            ),
            Layout::Rebuilt => format!(
                "<html><head><meta charset=\"utf-8\"><title>{title}</title></head><body>\
                 <main class=wrap><h3 class=art-h>{title}</h3><dl class=art-dl><dt>索引号：</dt>\
                 <dd>000014349/2025-{number}</dd><dt>信息名称：</dt><dd>{title}</dd><dt>发布时间：</dt>\
                 <dd>{at}</dd></dl><section class=art-box><div class=art-w>{body}</div></section></main>\
                 </body></html>"
            ),
        }
    }
}

/// The portal, on loopback. What is changed here is served once it is shown.
pub(super) struct Portal {
    pub(super) replica: Replica,
    /// In the order in which they were published.
    pub(super) items: Vec<Item>,
    scheme: &'static str,
    layout: Layout,
    seed: u64,
}

impl Portal {
    /// A portal with this number of articles, the last one published now.
    pub(super) async fn serve(articles: u32, now: Timestamp) -> Self {
        let mut portal = Self {
            replica: Replica::serve().await,
            items: Vec::new(),
            scheme: "http",
            layout: Layout::First,
            seed: 1,
        };
        for number in 1..=articles {
            let before = i64::from(articles - number);
            portal.publish(now.plus(-TimeDelta::minutes(before)));
        }
        portal.show();
        portal
    }

    /// Publishes one more article.
    pub(super) fn publish(&mut self, at: Timestamp) {
        let number = u32::try_from(self.items.len()).unwrap() + 1;
        // Portals give no fractions of a second.
        let at = at.plus(-TimeDelta::milliseconds(at.millis() % 1000));
        self.items.push(Item {
            number,
            at,
            path: first_path(number),
            moves: 0,
            edits: 0,
        });
        if self.layout == Layout::Rebuilt {
            self.move_item(self.items.len() - 1);
        }
    }

    pub(super) fn edit(&mut self, item: usize) {
        self.items[item].edits += 1;
    }

    /// The article stands elsewhere; where it was, nothing is found any more.
    pub(super) fn move_item(&mut self, item: usize) {
        let item = &mut self.items[item];
        let gone = item.path.clone();
        item.moves += 1;
        item.path = format!("/xwzx/{}/content_{}.html", item.moves, item.number);
        self.replica.answer(&gone, Reply::Status(404));
    }

    /// Everything is built anew, under other addresses.
    pub(super) fn rebuild(&mut self) {
        self.layout = Layout::Rebuilt;
        (0..self.items.len()).for_each(|item| self.move_item(item));
    }

    /// Serves all of it as it is now, listed the newest first.
    pub(super) fn show(&self) {
        let newest: Vec<&Item> = self.items.iter().rev().take(LISTED).collect();
        self.list(&newest);
    }

    /// The same in another order each time, one older article pinned to the top.
    pub(super) fn show_shuffled(&mut self) {
        let mut newest: Vec<&Item> = self.items.iter().rev().take(LISTED).collect();
        let mut seed = self.seed;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(seed >> 33).unwrap() % below
        };
        (1..newest.len()).for_each(|at| newest.swap(at, random(at + 1)));
        newest.insert(0, &self.items[random(self.items.len())]);
        self.list(&newest);
        self.seed = seed;
    }

    fn list(&self, items: &[&Item]) {
        let mut rows = String::new();
        for item in items {
            let (path, title) = (&item.path, item.title());
            let (scheme, day) = (self.scheme, item.at.to_chrono().date_naive());
            let link = format!("<a href=\"{scheme}://{HOST}{path}\">{title}</a>");
            match self.layout {
                Layout::First => write!(rows, "<li>{link}<span>{day}</span></li>"),
                Layout::Rebuilt => write!(rows, "<tr><td>{link}</td><td>{day}</td></tr>"),
            }
            .unwrap();
        }
        let list = match self.layout {
            Layout::First => format!("<ul class=\"list\">{rows}</ul>"),
            Layout::Rebuilt => format!("<table class=\"xw\">{rows}</table>"),
        };
        let page = format!(
            "<html><head><meta charset=\"utf-8\"><title>工作动态</title></head><body>{list}</body></html>"
        );
        self.replica.answer(FOLDER, Reply::Page(page.into_bytes()));
        for item in &self.items {
            let page = item.page(self.layout).into_bytes();
            self.replica.answer(&item.path, Reply::Page(page));
        }
    }

    /// Moves to https: links say so. What speaks HTTP and HTTPS from now on, by their ports.
    pub(super) async fn secure(&mut self) -> (u16, u16) {
        self.scheme = "https";
        let to = |request: Request| {
            let path = request.uri().path().to_owned();
            std::future::ready(Redirect::permanent(&format!("https://{HOST}{path}")))
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let plain = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(to)).await });
        (plain, tls_before(self.replica.port, HOST).await.0)
    }
}

fn first_path(number: u32) -> String {
    format!("{FOLDER}202512/t20251229_{}.html", 4_000_000 + number)
}
