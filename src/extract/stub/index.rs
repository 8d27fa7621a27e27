//! A site's first page, or a column's, at the address of an article. Some portals answer with it
//! when the article is gone, with status 200 and without a redirect.
//!
//! Owns the signs that distinguish a page of links from an article with links. Never judges a page
//! with an article's tags, a label block, or a text in an element named for it.

use scraper::Html;
use url::Url;

use crate::extract::answer::Stub;
use crate::extract::body::density::{self, Weights};
use crate::extract::body::{attachments, container, footer};
use crate::extract::fields::label_block::{self, Group};
use crate::extract::fields::label_pairs;
use crate::extract::fields::meta::Tags;
use crate::extract::page::cells::{Cell, Cells};
use crate::extract::page::{dom, strings};
use crate::model::Field;

/// A page with fewer links is an article.
const MIN_LINKS: usize = 8;
/// An article has more characters in sentences, even if the rest of its page is links.
const MAX_PROSE: usize = 40;
/// A site's first page may have this many characters in sentences about itself and the place.
const MAX_SITE_PROSE: usize = 160;
/// The share of the text in links, in percent; most of the links have dates beside them.
const MIN_LINKED: usize = 50;
/// A link with a shorter text is a menu entry.
const MIN_TITLE: usize = 8;
/// The most characters of a text beside a link.
const MAX_SIDE: usize = 12;
/// A label that occurs this often belongs to items, not to an article.
const REPEATED: usize = 3;

/// Whether a page consists of links.
pub(super) fn recognise(html: &Html, cells: &Cells, base: &Url) -> Option<Stub> {
    let tags = Tags::new(html);
    if tags.title().is_some() || tags.get("PubDate").is_some() {
        return None;
    }
    if files_itself(&label_block::groups(html, cells)) {
        return None;
    }
    let weights = Weights::new(html, cells, &(0..0));
    let has_text = container::known(html, &weights)
        .is_some_and(|known| weights.of_node(known.node) >= container::MIN_WEIGHT);
    if has_text || attachments::any(html.tree.root(), base) {
        return None;
    }
    let footers = footer::footers(html, cells, None, &(0..0));
    let aside: Vec<std::ops::Range<usize>> = dom::elements(html.tree.root())
        .filter(|node| footers.contains(&node.id()))
        .map(|node| cells.below(node.id()))
        .collect();
    let own: Vec<&Cell> = cells
        .all
        .iter()
        .enumerate()
        .filter(|(nth, cell)| !cell.hidden && !aside.iter().any(|range| range.contains(nth)))
        .map(|(_, cell)| cell)
        .filter(|cell| !footer::is_line_of(cell) && !cell.is_path())
        .collect();
    let linked: usize = own.iter().map(|cell| cell.linked).sum();
    // Dates, numbers, names and labels beside links belong to the items.
    let is_more = |cell: &&&Cell| {
        let is_side = cell.linked == 0 && cell.len() <= MAX_SIDE;
        !is_side && (cell.linked > 0 || label_pairs::read(cell).is_empty())
    };
    let said = own.iter().filter(is_more);
    let said: usize = said.map(|cell| cell.len()).sum();
    let links = own.iter().filter(|cell| cell.linked > 0).count();
    if links < MIN_LINKS {
        return None;
    }
    let prose = own.iter().filter(|cell| is_prose(cell));
    let prose: usize = prose.map(|cell| cell.len()).sum();
    let most = match is_titled_as_site(html, &tags) {
        true => MAX_SITE_PROSE,
        false => MAX_PROSE,
    };
    let is_index = prose <= most && linked * 100 >= said * MIN_LINKED;
    (is_index || is_list(&own)).then_some(Stub::NotFound)
}

/// Whether the page's title is just the site's name.
fn is_titled_as_site(html: &Html, tags: &Tags) -> bool {
    let title = dom::title(html.tree.root()).map(|title| strings::fold(&title));
    let site = tags.get("SiteName").map(strings::fold);
    let (Some(title), Some(site)) = (title, site) else {
        return false;
    };
    let rest = title.replacen(&site, "", 1);
    rest != title
        && rest
            .chars()
            .all(|c| "政府门户网站首页官方欢迎您访问_-—|·. ".contains(c))
}

/// Whether the page itself, and not each of its items, has a label block or a line with date and
/// author.
fn files_itself(groups: &[Group]) -> bool {
    let entries = || groups.iter().flat_map(|group| &group.entries);
    let often = |field: Field| {
        let named = entries().filter(|entry| entry.label.field == Some(field));
        named.count() >= REPEATED
    };
    groups.iter().any(|group| {
        let told = [
            Field::IndexNumber,
            Field::PublishedOn,
            Field::Source,
            Field::Issuer,
        ];
        told.iter()
            .any(|field| group.value(*field).is_some() && !often(*field))
    })
}

fn is_prose(cell: &Cell) -> bool {
    density::prose(cell) == cell.len() && cell.text.contains(['。', '！', '？', '；', '，'])
}

/// Whether every sentence is right below a link, again and again: titles with summaries. An
/// article's own text is below its title, which is not a link.
fn is_list(own: &[&Cell]) -> bool {
    const LEAST: usize = 5;
    let is_title = |cell: &&Cell| cell.linked >= MIN_TITLE && cell.is_linked();
    let prose: Vec<usize> = (0..own.len()).filter(|nth| is_prose(own[*nth])).collect();
    let is_summary = |nth: &usize| own[nth.saturating_sub(2)..*nth].iter().any(is_title);
    prose.len() >= LEAST && prose.iter().all(is_summary)
}
