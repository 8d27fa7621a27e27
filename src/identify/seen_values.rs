//! Addresses within the text of a page, at one look and the next.
//!
//! Owns which of their parameters do not count: tokens by name and value, and parameters that had
//! three values while path, name and text stayed. A new value that may be a token by its name or
//! its form alone waits for the next look: if it is still there, it is a change. Another path, name
//! or number is a change at once. Never replaces an address.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use url::Url;

use super::address::{Address, Param};
use super::tokens::{is_session, may_be_token};

/// After this many values a parameter is known to vary.
const VARIES: usize = 3;
/// The values of at most this many parameters of a page are kept.
const KEPT: usize = 200;

/// An address on a page, and its name there: the link's text, the caption.
#[derive(Clone, Copy, Debug)]
pub struct NamedUrl<'a> {
    /// The address.
    pub url: &'a Url,
    /// Its name; empty if it has none.
    pub name: &'a str,
}

/// The values of parameters that have changed so far, oldest first, by address and name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenValues(BTreeMap<String, Vec<String>>);

impl SeenValues {
    /// Those of parameters that are known to vary.
    pub fn known_to_vary(&self) -> Self {
        let mut seen = self.clone();
        seen.0.retain(|_, values| values.len() >= VARIES);
        seen
    }

    /// Whether none has changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What of the addresses of two looks at a page does not count.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// The values, with those of the second look.
    pub seen: SeenValues,
    /// Whether a new value that waited for this look is still there: a change.
    pub is_confirmed: bool,
    /// Parameters that do not count, as keys of values.
    left_out: BTreeSet<String>,
}

/// The addresses of one look.
struct Look<'a> {
    urls: Vec<(NamedUrl<'a>, Address)>,
    /// The parameters, with names and values, of an address that alone has its path and name.
    values: BTreeMap<String, (String, String)>,
    /// Addresses without tokens that lead to several places.
    ambiguous: BTreeSet<String>,
}

impl<'a> Look<'a> {
    fn new(urls: &[NamedUrl<'a>]) -> Self {
        let urls: Vec<_> = urls
            .iter()
            .map(|url| (*url, Address::of(url.url)))
            .collect();
        let mut bare: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let mut places: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for (url, address) in urls
            .iter()
            .filter(|(_, address)| !address.params.is_empty())
        {
            let at = address.without(Param::is_token);
            bare.entry(at).or_default().insert(url.url.as_str());
            let place = place(address, url.name);
            places.entry(place).or_default().insert(url.url.as_str());
        }
        let mut values = BTreeMap::new();
        for (url, address) in &urls {
            let place = place(address, url.name);
            if places.get(&place).is_some_and(|urls| urls.len() == 1) {
                let params = address.params.iter();
                values.extend(params.map(|param| {
                    let named = (param.name.clone(), param.value.clone());
                    (key(&place, param), named)
                }));
            }
        }
        let several = bare.into_iter().filter(|(_, urls)| urls.len() > 1);
        Self {
            ambiguous: several.map(|(at, _)| at).collect(),
            urls,
            values,
        }
    }
}

/// Where an address leads, with the names of its parameters, and its name on the page.
fn place(address: &Address, name: &str) -> String {
    format!("{} {}", steady_host(&address.shape()), name.trim())
}

fn key(place: &str, param: &Param) -> String {
    format!("{place} {}", param.name)
}

/// A canonical address whose host has no number at the end of its first name: pictures come from
/// `img0.`, `img1.` and so on by turns.
fn steady_host(canonical: &str) -> String {
    let (host, rest) = canonical.split_at(canonical.find('/').unwrap_or(canonical.len()));
    match host.split_once('.') {
        Some((first, domain)) if first.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            let first = first.trim_end_matches(|c: char| c.is_ascii_digit());
            format!("{first}.{domain}{rest}")
        }
        _ => canonical.to_owned(),
    }
}

impl Comparison {
    /// Compares the addresses of a look with those of the one before it. `seen` has the values of
    /// earlier looks.
    pub fn new(before: &[NamedUrl<'_>], now: &[NamedUrl<'_>], seen: &SeenValues) -> Self {
        let (before, now) = (Look::new(before), Look::new(now));
        let mut comparison = Self {
            seen: seen.clone(),
            ..Self::default()
        };
        for (key, (name, value)) in &now.values {
            let last = before.values.get(key).map(|(_, value)| value.clone());
            comparison.look(key, name, last, value);
        }
        comparison
    }

    fn look(&mut self, key: &str, name: &str, last: Option<String>, value: &String) {
        let known = self.seen.0.get(key).cloned();
        let mut values = known.unwrap_or_else(|| last.into_iter().collect());
        let Some(newest) = values.last() else { return };
        let waits = |values: &[String]| values.iter().all(|value| may_be_token(name, value));
        if values.len() >= VARIES {
            self.left_out.insert(key.to_owned());
        } else if newest == value {
            if values.len() > 1 && waits(&values) {
                self.is_confirmed = true;
                self.seen.0.remove(key);
            }
        } else if let Some(at) = values.iter().position(|known| known == value) {
            // It is the former value again.
            values.remove(at);
            values.push(value.clone());
            if waits(&values) {
                self.left_out.insert(key.to_owned());
                self.seen.0.remove(key);
            } else {
                self.seen.0.insert(key.to_owned(), values);
            }
        } else if self.seen.0.len() < KEPT || self.seen.0.contains_key(key) {
            values.push(value.clone());
            if values.len() >= VARIES || waits(&values) {
                self.left_out.insert(key.to_owned());
            }
            self.seen.0.insert(key.to_owned(), values);
        }
    }

    /// The addresses of a page as they are compared, without a scheme.
    pub fn compared(&self, urls: &[NamedUrl<'_>]) -> Vec<String> {
        let look = Look::new(urls);
        let compared = look.urls.iter().map(|(url, address)| {
            let place = place(address, url.name);
            let bare = address.without(Param::is_token);
            let has_others = !address.params.iter().all(Param::is_token);
            let is_plain = address.is_file() || (has_others && !look.ambiguous.contains(&bare));
            let is_left_out = |param: &Param| {
                let is_token = param.is_token() && (is_plain || is_session(&param.name));
                is_token || self.left_out.contains(&key(&place, param))
            };
            steady_host(&address.without(is_left_out))
        });
        compared.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether each look but the first is a change for readers.
    fn changes(looks: &[&[(&str, &str)]]) -> Vec<bool> {
        let mut seen = SeenValues::default();
        let parsed: Vec<Vec<(Url, &str)>> = looks
            .iter()
            .map(|urls| {
                urls.iter()
                    .map(|(url, name)| (url.parse().unwrap(), *name))
                    .collect()
            })
            .collect();
        let named = |at: usize| -> Vec<NamedUrl<'_>> {
            parsed[at]
                .iter()
                .map(|(url, name)| NamedUrl { url, name })
                .collect()
        };
        (1..looks.len())
            .map(|at| {
                let (before, now) = (named(at - 1), named(at));
                let comparison = Comparison::new(&before, &now, &seen);
                seen = comparison.seen.clone();
                comparison.is_confirmed || comparison.compared(&before) != comparison.compared(&now)
            })
            .collect()
    }

    fn of_one(urls: &[&str]) -> Vec<bool> {
        let named: Vec<[(&str, &str); 1]> = urls.iter().map(|url| [(*url, "附件")]).collect();
        let looks: Vec<&[(&str, &str)]> = named.iter().map(|look| &look[..]).collect();
        changes(&looks)
    }

    #[test]
    fn tokens_are_no_change() {
        for urls in [
            [
                "http://a.cn/p.jpg?t=1767056400",
                "http://a.cn/p.jpg?t=1767056999",
                "http://a.cn/p.jpg",
            ],
            [
                "http://img0.a.cn/p.jpg",
                "http://img7.a.cn/p.jpg",
                "http://img12.a.cn/p.jpg",
            ],
            [
                "http://a.cn/down.jsp;jsessionid=0123456789ABCDEF?id=7",
                "http://a.cn/down.jsp;jsessionid=FEDCBA9876543210?id=7",
                "http://a.cn/down.jsp?id=7",
            ],
            [
                "http://o.cn/f.pdf?Expires=1767056400&OSSAccessKeyId=LTAI4FsomeInvented1&Signature=a%2Bb0123456789abcdef0%3D",
                "http://o.cn/f.pdf?Expires=1767066400&OSSAccessKeyId=LTAI4FsomeInvented1&Signature=c%2Bd0123456789abcdef1%3D",
                "http://o.cn/f.pdf?Expires=1767076400&OSSAccessKeyId=LTAI4FsomeInvented1&Signature=e%2Bf0123456789abcdef2%3D",
            ],
            [
                "http://a.cn/down?id=7&token=9f86d081884c7d65",
                "http://a.cn/down?id=7&token=60303ae22b998861",
                "http://a.cn/down?id=7&token=fd61a03af4f77d87",
            ],
            // Under a known name, whatever the value is.
            [
                "http://a.cn/p.jpg?t=1",
                "http://a.cn/p.jpg?t=2",
                "http://a.cn/p.jpg?t=3",
            ],
            // Under other names, and where nothing but the token says which file it is.
            [
                "http://a.cn/down?q=9f86d081884c7d659a2feaa0c55ad015",
                "http://a.cn/down?q=60303ae22b9988615fb5f8b4e6d2a0c1",
                "http://a.cn/down?q=fd61a03af4f77d870fc21e05e7e80678",
            ],
            [
                "http://a.cn/down?sid=9f86d081884c7d659a2feaa0c55ad015",
                "http://a.cn/down?sid=60303ae22b9988615fb5f8b4e6d2a0c1",
                "http://a.cn/down?sid=fd61a03af4f77d870fc21e05e7e80678",
            ],
        ] {
            assert_eq!(of_one(&urls), [false, false], "{urls:?}");
        }
    }

    #[test]
    fn another_path_number_or_day_is_a_change_at_once() {
        for urls in [
            ["http://a.cn/P1.pdf", "http://a.cn/P2.pdf"],
            ["http://a.cn/down?id=7", "http://a.cn/down?id=8"],
            [
                "http://a.cn/P1.pdf?d=20251229",
                "http://a.cn/P1.pdf?d=20251230",
            ],
            [
                "http://a.cn/P1.pdf?size=2048",
                "http://a.cn/P1.pdf?size=2049",
            ],
            ["http://a.cn/P1.pdf", "http://b.cn/P1.pdf"],
        ] {
            assert_eq!(of_one(&urls), [true], "{urls:?}");
        }
    }

    #[test]
    fn what_had_three_values_is_known_to_vary() {
        let urls = [3, 4, 5, 6, 7, 5].map(|x| format!("http://a.cn/p.jpg?x={x}"));
        let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
        assert_eq!(of_one(&urls), [true, false, false, false, false]);
    }

    #[test]
    fn a_new_value_that_stays_is_a_change() {
        let (a, b) = (
            "9f86d081884c7d659a2feaa0c55ad015",
            "60303ae22b9988615fb5f8b4e6d2a0c1",
        );
        let urls = [a, b, b, b, a, b, b].map(|q| format!("http://a.cn/down?q={q}"));
        let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
        assert_eq!(of_one(&urls), [false, true, false, false, false, false]);
    }

    #[test]
    fn two_files_of_one_page_stay_two() {
        let (a, b, c) = (
            "http://a.cn/down?sid=9f86d081884c7d659a2feaa0c55ad015",
            "http://a.cn/down?sid=60303ae22b9988615fb5f8b4e6d2a0c1",
            "http://a.cn/down?sid=fd61a03af4f77d870fc21e05e7e80678",
        );
        assert_eq!(changes(&[&[(a, ""), (b, "")], &[(b, ""), (a, "")]]), [true]);
        assert_eq!(changes(&[&[(a, ""), (b, "")], &[(a, ""), (c, "")]]), [true]);
        assert_eq!(changes(&[&[(a, "一")], &[(a, "二")]]), [false]);
    }
}
