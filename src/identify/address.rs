//! An address, taken apart into where it leads and its parameters.
//!
//! Owns where parameters stand in an address. Never decides which of them count.

use std::borrow::Cow;

use url::Url;

use super::CanonicalUrl;
use super::tokens::{is_known, is_token};

/// An address with its parameters.
#[derive(Clone, Debug)]
pub(super) struct Address {
    url: Url,
    /// The path without parameters.
    path: String,
    pub(super) params: Vec<Param>,
}

/// A parameter: `;name=value` in the path, `name=value` or `value` in the query, `(S(value))` as a
/// folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Param {
    /// Its name, in lower case; empty if it has none.
    pub(super) name: String,
    /// Its value, decoded.
    pub(super) value: String,
    /// As it stands in the address.
    raw: String,
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Path,
    Query,
}

impl Param {
    fn new(raw: &str, place: Place) -> Self {
        let (name, value) = raw.split_once('=').unwrap_or(("", raw));
        Self {
            name: decoded(name).to_lowercase(),
            value: decoded(value).into_owned(),
            raw: raw.to_owned(),
            place,
        }
    }

    /// Whether its name is known as a token's.
    pub(super) fn has_known_name(&self) -> bool {
        is_known(&self.name)
    }

    /// Whether its name and its value are a token's.
    pub(super) fn is_token(&self) -> bool {
        is_token(&self.name, &self.value)
    }
}

impl Address {
    pub(super) fn of(url: &Url) -> Self {
        let mut params = Vec::new();
        let mut segments = Vec::new();
        for segment in url.path().split('/') {
            if let Some(session) = folder_session(segment) {
                params.push(Param {
                    name: "(s)".to_owned(),
                    value: session.to_owned(),
                    raw: segment.to_owned(),
                    place: Place::Path,
                });
                continue;
            }
            let mut parts = segment.split(';');
            segments.push(parts.next().unwrap_or_default());
            params.extend(parts.map(|part| Param::new(part, Place::Path)));
        }
        let query = url.query().unwrap_or_default().split('&');
        let query = query.filter(|pair| !pair.is_empty());
        params.extend(query.map(|pair| Param::new(pair, Place::Query)));
        Self {
            url: url.clone(),
            path: segments.join("/"),
            params,
        }
    }

    /// Whether it is the address of a file that a server keeps, so that its path says which one.
    pub(super) fn is_file(&self) -> bool {
        const FILES: [&str; 24] = [
            "jpg", "jpeg", "png", "gif", "bmp", "webp", "svg", "ico", "pdf", "doc", "docx", "xls",
            "xlsx", "ppt", "pptx", "wps", "et", "ofd", "zip", "rar", "7z", "mp4", "mp3", "txt",
        ];
        let file = self.path.rsplit('/').next().unwrap_or_default();
        let end = file
            .rsplit_once('.')
            .map(|(_, end)| end.to_ascii_lowercase());
        end.is_some_and(|end| FILES.contains(&end.as_str()))
    }

    /// The canonical address without some of its parameters.
    pub(super) fn without(&self, leave_out: impl Fn(&Param) -> bool) -> String {
        let kept = |place: Place| {
            let here = self.params.iter().filter(move |param| param.place == place);
            here.filter(|param| !leave_out(param))
                .map(|param| param.raw.as_str())
        };
        let mut url = self.url.clone();
        let mut path = self.path.clone();
        for param in kept(Place::Path) {
            path.push(';');
            path.push_str(param);
        }
        url.set_path(&path);
        let query = kept(Place::Query).collect::<Vec<_>>().join("&");
        url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
        CanonicalUrl::from(&url).as_str().to_owned()
    }

    /// The canonical address with the names of its parameters and without their values.
    pub(super) fn shape(&self) -> String {
        let names: Vec<&str> = self
            .params
            .iter()
            .map(|param| param.name.as_str())
            .collect();
        format!("{} {}", self.without(|_| true), names.join("&"))
    }
}

/// The canonical address without tokens; `None` if it has none.
pub fn without_tokens(url: &Url) -> Option<String> {
    let address = Address::of(url);
    let has_tokens = address.params.iter().any(Param::is_token);
    has_tokens.then(|| address.without(Param::is_token))
}

/// Whether two addresses are different, and are one without their tokens.
pub fn differ_in_tokens(one: &Url, other: &Url) -> bool {
    let (one, other) = (Address::of(one), Address::of(other));
    one.without(|_| false) != other.without(|_| false)
        && one.without(Param::is_token) == other.without(Param::is_token)
}

/// The session of ASP.NET in a folder's name: `(S(lit3py55t21z5v55vlm25s55))`.
fn folder_session(segment: &str) -> Option<&str> {
    let inner = segment
        .strip_prefix("(S(")
        .or(segment.strip_prefix("(s("))?;
    inner.strip_suffix("))")
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(url: &str) -> String {
        Address::of(&Url::parse(url).unwrap()).without(Param::is_token)
    }

    #[test]
    fn tokens_are_left_out_wherever_they_stand() {
        for (url, without) in [
            (
                "http://a.cn/art.jsp;jsessionid=0123456789ABCDEF?id=7",
                "a.cn/art.jsp?id=7",
            ),
            (
                "http://a.cn/index.jsp;jsessionid=0123456789ABCDEF.n1",
                "a.cn/",
            ),
            ("http://a.cn/art?id=7&_t=1767056400123", "a.cn/art?id=7"),
            ("http://a.cn/art?t=1767056400&id=7", "a.cn/art?id=7"),
            ("http://a.cn/1.html?0.7312345678", "a.cn/1.html"),
            (
                "http://a.cn/(S(lit3py55t21z5v55vlm25s55))/1.aspx",
                "a.cn/1.aspx",
            ),
            (
                "http://a.cn/1.html?time=Tue%20Dec%2030%202025%2009:30:15%20GMT%2B0800",
                "a.cn/1.html",
            ),
            ("http://a.cn/1.html?id=7&sid=12", "a.cn/1.html?id=7&sid=12"),
        ] {
            assert_eq!(bare(url), without, "{url}");
        }
    }

    #[test]
    fn an_address_of_which_nothing_is_left_out_is_canonical() {
        for url in [
            "https://a.cn:8080/x/;a=1/y?b&c=%20&&d=",
            "http://a.cn/index.html?x=1",
            "http://a.cn",
        ] {
            let url = Url::parse(url).unwrap();
            let address = Address::of(&url);
            if address
                .params
                .iter()
                .all(|param| param.place == Place::Query)
            {
                let canonical = CanonicalUrl::from(&url).as_str().replace("&&", "&");
                assert_eq!(address.without(|_| false), canonical);
            }
        }
    }
}
