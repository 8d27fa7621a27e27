//! Ids of entries and feeds: UUIDv5 in the URL namespace (RFC 9562).
//!
//! Owns the computation of ids. Never checks whether one is taken.

use uuid::Uuid;

use super::CanonicalUrl;
use crate::model::IndexNumber;

fn uuid(name: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
}

/// The ids that a new article may get, best first: from the index number, else from the canonical
/// URL; if that is taken, from both; if that is taken, too, from both and a count. It never ends.
pub fn entry_id_candidates(
    portal: &str,
    number: Option<&IndexNumber>,
    url: &CanonicalUrl,
) -> impl Iterator<Item = Uuid> {
    let identity = number.map_or_else(|| url.as_str(), IndexNumber::as_str);
    let number = number.map_or("", IndexNumber::as_str);
    let first = format!("dibao:{portal}/{identity}");
    let second = format!("dibao:{portal}/{number}/{url}");
    let counted = second.clone();
    [first, second]
        .into_iter()
        .chain((2u32..).map(move |count| format!("{counted}#{count}")))
        .map(|name| uuid(&name))
}

/// The id of the feed of a column that has, or first had, this name.
pub fn feed_id(column: &str) -> Uuid {
    uuid(&format!("dibao:{column}"))
}

/// The id of a portal's feed; without a portal, of the feed of everything.
pub fn whole_id(portal: Option<&str>) -> Uuid {
    uuid(&format!("dibao:{}", portal.unwrap_or_default()))
}

/// The id of the feed for several columns, from the canonical form of their list: names and
/// `PORTAL/*`, sorted, separated by commas. A single column has its own feed's id.
pub fn choice_id(canonical: &str) -> Uuid {
    uuid(&format!("dibao:{canonical}"))
}

/// The id of the feed of a topic with a name. No portal is called `topics`.
pub fn named_topic_id(name: &str) -> Uuid {
    uuid(&format!("dibao:topics/{name}"))
}

/// The id of a topic's feed, from the canonical form of its URL's query. No column's name contains
/// a question mark.
pub fn topic_id(canonical: &str) -> Uuid {
    uuid(&format!("dibao:search?{canonical}"))
}

/// The id of a feed of which a reader takes the articles with these keywords, from the id of the feed.
pub fn narrowed_id(feed: &str, keywords: &str) -> Uuid {
    uuid(&format!("dibao:{feed}?include={keywords}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_choice_is_the_index_number_then_number_and_url() {
        let number = IndexNumber::parse("000014349/2025-32614").unwrap();
        let url = CanonicalUrl::from_stored("www.lc.gov.cn/a.html".to_owned());
        let ids: Vec<Uuid> = entry_id_candidates("lucheng", Some(&number), &url)
            .take(3)
            .collect();
        assert_eq!(ids[0], uuid("dibao:lucheng/000014349/2025-32614"));
        assert_eq!(
            ids[1],
            uuid("dibao:lucheng/000014349/2025-32614/www.lc.gov.cn/a.html")
        );
        assert_ne!(ids[2], ids[1]);
        let bare = entry_id_candidates("lucheng", None, &url).next();
        assert_eq!(bare, Some(uuid("dibao:lucheng/www.lc.gov.cn/a.html")));
    }
}
