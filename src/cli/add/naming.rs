//! Makes a name for a column from its address.
//!
//! Owns the choice of the name. Never takes a name that another column has.

use url::Url;

use crate::config::{Column, PORTAL_FILE};
use crate::fetch::host_of;
use crate::model::ColumnName;

/// Ends of host names that tell the kind of a site, not its name.
const ENDS: [&str; 8] = [
    ".gov.cn", ".edu.cn", ".org.cn", ".com.cn", ".net.cn", ".ac.cn", ".cn", ".com",
];

/// Whether a portal's own file has this name.
pub(in crate::cli) fn is_of_portal(name: &ColumnName) -> bool {
    format!("{}.toml", name.column()) == PORTAL_FILE
}

/// A free name. The portal's name is that of a known column of the same host, or comes from the
/// host; the column's name comes from the last part of the path.
pub(super) fn name(url: &Url, known: &[Column]) -> Option<ColumnName> {
    let same = known
        .iter()
        .find(|column| host_of(&column.url) == host_of(url));
    let portal = match same {
        Some(column) => column.name.portal().to_owned(),
        None => portal(url),
    };
    let column = column(url);
    let free =
        |name: &ColumnName| !is_of_portal(name) && !known.iter().any(|column| column.name == *name);
    let plain = ColumnName::new(&portal, &column)
        .or_else(|_| ColumnName::new(&format!("{portal}-portal"), &column))
        .ok()?;
    if free(&plain) {
        return Some(plain);
    }
    (2..1000)
        .filter_map(|nth| ColumnName::new(plain.portal(), &format!("{column}-{nth}")).ok())
        .find(free)
}

fn portal(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let bare = host.strip_prefix("www.").unwrap_or(&host);
    let end = ENDS.iter().find(|end| bare.ends_with(**end));
    let name = end.map_or(bare, |end| &bare[..bare.len() - end.len()]);
    // The state's own portal is www.gov.cn.
    plain(name).unwrap_or_else(|| plain(bare).unwrap_or_else(|| "portal".to_owned()))
}

fn column(url: &Url) -> String {
    let listing = |part: &&str| {
        let stem = part.split('.').next().unwrap_or_default();
        !part.is_empty() && !matches!(stem, "index" | "list" | "default" | "col")
    };
    let part = url.path().rsplit('/').find(listing).unwrap_or_default();
    let stem = part.split('.').next().unwrap_or_default();
    let number = url
        .query_pairs()
        .find(|(key, value)| key.to_ascii_lowercase().ends_with("id") && !value.is_empty());
    let whole = match number {
        Some((_, number)) => format!("{stem}-{number}"),
        None => stem.to_owned(),
    };
    plain(&whole).unwrap_or_else(|| "news".to_owned())
}

/// The text as a valid name: lower-case letters, digits, inner hyphens.
fn plain(text: &str) -> Option<String> {
    const MAX: usize = 60;
    let mut name = String::new();
    for c in text.chars().take(MAX) {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => name.push(c),
            _ if !name.is_empty() && !name.ends_with('-') => name.push('-'),
            _ => {}
        }
    }
    let name = name.trim_end_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn named(url: &str, known: &[Column]) -> String {
        name(&Url::parse(url).unwrap(), known).unwrap().to_string()
    }

    #[test]
    fn an_address_gives_a_name() {
        for (url, expected) in [
            ("http://www.lc.gov.cn/lcxxgk/xxgkml/jbxxgk/gzdt/", "lc/gzdt"),
            (
                "https://fgw.sh.gov.cn/fgw_tzgg/index.html",
                "fgw-sh/fgw-tzgg",
            ),
            ("http://www.x.gov.cn/col/col1229/index.html", "x/col1229"),
            ("http://www.gov.cn/yaowen/liebiao/", "gov/liebiao"),
            (
                "http://xxgk.x.edu.cn/list.jsp?urltype=tree.TreeTempUrl&wbtreeid=1034",
                "xxgk-x/1034",
            ),
            ("http://127.0.0.1/", "127-0-0-1/news"),
            ("http://api.gov.cn/x/", "api-portal/x"),
        ] {
            assert_eq!(named(url, &[]), expected, "{url}");
        }
    }

    #[test]
    fn no_name_is_given_twice_and_a_portal_has_one_folder() {
        let text = "url = \"http://www.lc.gov.cn/gzdt/\"";
        let name: ColumnName = "lucheng/gzdt".parse().unwrap();
        let known = [Column::parse(name, Path::new("x"), text).unwrap()];
        assert_eq!(
            named("http://www.lc.gov.cn/other/gzdt/", &known),
            "lucheng/gzdt-2"
        );
        assert_eq!(named("http://www.lc.gov.cn/tzgg/", &known), "lucheng/tzgg");
    }
}
