//! The addresses of an article's parts.
//!
//! Owns the forms in which a number is added to the first part's address: `t1_2.html`, `t1-2.html`,
//! `t1/2.html`, `?id=1&page=2`. Never takes an article's own number for a part's.

use url::Url;

use crate::extract::family::query;

/// Articles have fewer parts; a higher number belongs to an article.
const MOST: u32 = 99;

/// The number of `url` among the parts of the article with the first part `first`.
pub(super) fn number(first: &Url, url: &Url) -> Option<u32> {
    if first.host() != url.host() || first.port_or_known_default() != url.port_or_known_default() {
        return None;
    }
    let is_same_file = first.path() == url.path();
    let (pairs, own) = without_number(url);
    match is_same_file {
        true => {
            let (first, begins) = without_number(first);
            own.filter(|_| first == pairs && begins.is_none_or(|number| number == 1))
        }
        false => (first.query() == url.query()).then(|| number_of_file(first, url))?,
    }
}

fn number_of_file(first: &Url, url: &Url) -> Option<u32> {
    let (stem, end) = parted(first.path());
    let rest = url.path().strip_prefix(stem)?.strip_suffix(end)?;
    if stem.ends_with('/') {
        return None;
    }
    of_part(rest.strip_prefix(['_', '-', '/'])?)
}

/// A file's path without its extension, and the extension.
fn parted(path: &str) -> (&str, &str) {
    let file = path.rfind('/').map_or(0, |slash| slash + 1);
    let dot = path[file..].rfind('.').map_or(path.len(), |dot| file + dot);
    path.split_at(dot)
}

fn of_part(digits: &str) -> Option<u32> {
    let is_number = digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_number)?;
    (1..=MOST).contains(&number).then_some(number)
}

/// The query's pairs without the page's number, and that number.
fn without_number(url: &Url) -> (Vec<(String, String)>, Option<u32>) {
    let mut number = None;
    let mut pairs = Vec::new();
    for (name, value) in url.query_pairs() {
        match of_part(&value).filter(|_| number.is_none() && query::is_number(&name)) {
            Some(found) => number = Some(found),
            None => pairs.push((name.into_owned(), value.into_owned())),
        }
    }
    (pairs, number)
}

/// The possible addresses of the first part, if `here` is a further part, with its number.
pub(super) fn firsts(here: &Url) -> Vec<(Url, u32)> {
    let mut firsts = Vec::new();
    let (stem, end) = parted(here.path());
    if let Some(at) = stem.rfind(['_', '-', '/'])
        && let Some(number) = of_part(&stem[at + 1..])
    {
        let mut first = here.clone();
        first.set_path(&format!("{}{end}", &stem[..at]));
        firsts.push((first, number));
    }
    if let (pairs, Some(number)) = without_number(here)
        && number > 1
    {
        let mut first = here.clone();
        first.set_query(None);
        if !pairs.is_empty() {
            first.query_pairs_mut().extend_pairs(pairs);
        }
        firsts.push((first, number));
    }
    firsts
}
