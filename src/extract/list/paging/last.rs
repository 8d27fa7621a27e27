//! The last page of a list, and the pages before it.
//!
//! Owns the names of links to the last page, and the addresses that differ from the second page's
//! in their number alone. Never decides where a walk begins.

use url::Url;

use super::anchor;
use crate::extract::family::script;
use crate::extract::family::sheet::Sheet;
use crate::extract::page::dom::Attributes;
use crate::extract::page::{links, urls};

/// Names of the link to the last page, without white space and arrows.
const NAMES: [&str; 8] = [
    "尾页",
    "末页",
    "最后一页",
    "最后页",
    "最末页",
    "尾頁",
    "last",
    "lastpage",
];

/// A longer list is not read from its end.
const MOST: u64 = 5_000;

/// The last page of the list whose first page is `sheet`, by its link or by the number of pages.
pub(in crate::extract) fn last(
    sheet: &Sheet<'_>,
    next: Option<&Url>,
    total: Option<u32>,
) -> Option<Url> {
    let next = next?;
    let anchors = sheet.document.root_element().descendent_elements();
    let mut named = anchors.filter(|element| {
        element.value().name() == "a" && NAMES.contains(&anchor::name(*element).as_str())
    });
    let by_link = named.find_map(|element| {
        let call = [element.attribute("onclick"), element.attribute("href")];
        let called = || {
            let mut calls = call.into_iter().flatten();
            calls.find_map(|call| script::called(sheet, call))
        };
        links::of_element(element, sheet.base).or_else(called)
    });
    let by_link = by_link.filter(|last| !urls::same_page(last, sheet.here));
    by_link.or_else(|| {
        let steps = u64::from(total?).checked_sub(2)?;
        let text = next.as_str();
        let (start, end) = number_of_page(next)?;
        let number: u64 = text[start..end].parse().ok()?;
        let last = number.checked_add(steps)?;
        Url::parse(&format!("{}{last}{}", &text[..start], &text[end..])).ok()
    })
}

/// The last run of figures in a list page's address.
pub(in crate::extract) fn number_of_page(url: &Url) -> Option<(usize, usize)> {
    let text = url.as_str();
    let figure = |c: char| c.is_ascii_digit();
    let from = url[..url::Position::BeforePath].len();
    let end = from + text[from..].rfind(figure)? + 1;
    let start = text[from..end]
        .rfind(|c: char| !figure(c))
        .map_or(from, |at| from + at + 1);
    (end - start <= 4).then_some((start, end))
}

/// The pages of a list from its last one up to its second, if their addresses differ in one number.
pub fn pages_upward(second: &Url, last: &Url) -> Vec<Url> {
    let (a, b) = (second.as_str(), last.as_str());
    let Some(apart) = numbers_apart(a, b) else {
        return vec![last.clone()];
    };
    let Apart {
        start,
        end,
        from,
        to,
    } = apart;
    let page = |number: u64| Url::parse(&format!("{}{number}{}", &a[..start], &a[end..])).ok();
    if from.abs_diff(to) > MOST {
        return vec![last.clone()];
    }
    match from <= to {
        true => (from..=to).rev().filter_map(page).collect(),
        false => (to..=from).filter_map(page).collect(),
    }
}

/// Two addresses that differ in one number.
pub(in crate::extract) struct Apart {
    /// Where the number begins,
    start: usize,
    /// and where it ends in the first address.
    end: usize,
    /// The number of the first address,
    from: u64,
    /// and that of the second one.
    to: u64,
}

/// Whether two addresses differ in one number, and in nothing else.
pub(in crate::extract) fn numbers_apart(a: &str, b: &str) -> Option<Apart> {
    if a == b {
        return None;
    }
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let figure = |c: &u8| c.is_ascii_digit();
    let back = a.as_bytes()[..same]
        .iter()
        .rev()
        .take_while(|c| figure(c))
        .count();
    let start = same - back;
    let run = |text: &str| {
        text.as_bytes()[start..]
            .iter()
            .take_while(|c| figure(c))
            .count()
    };
    let (end_a, end_b) = (start + run(a), start + run(b));
    let apart = Apart {
        start,
        end: end_a,
        from: a[start..end_a].parse().ok()?,
        to: b[start..end_b].parse().ok()?,
    };
    (a[end_a..] == b[end_b..]).then_some(apart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_count_from_the_last_one_up_to_the_second() {
        let pages = |second: &str, last: &str| {
            let of = |path: &str| Url::parse(&format!("http://x.gov.cn/{path}")).unwrap();
            let pages = pages_upward(&of(second), &of(last));
            let paths: Vec<String> = pages.iter().map(|url| url.path().to_owned()).collect();
            paths.join(" ")
        };
        assert_eq!(
            pages("a/index_1.html", "a/index_3.html"),
            "/a/index_3.html /a/index_2.html /a/index_1.html"
        );
        assert_eq!(
            pages("tzgg/3.htm", "tzgg/1.htm"),
            "/tzgg/1.htm /tzgg/2.htm /tzgg/3.htm"
        );
        assert_eq!(pages("a/9.html", "a/10.html"), "/a/10.html /a/9.html");
        assert_eq!(pages("a/2.html", "a/2.html"), "/a/2.html");
        assert_eq!(pages("a/2.html", "b/last.html"), "/b/last.html");
    }
}
