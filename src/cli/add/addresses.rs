//! The addresses in a file that `dibao add --from` reads: one a line, or OPML.
//!
//! Owns what counts as an address. Never fetches.

use std::path::Path;

use opml::{OPML, Outline};
use url::Url;

use crate::cli::outcome::Stop;

/// Reads an address, as people type it.
pub(in crate::cli) fn address(text: &str) -> Result<Url, String> {
    let text = text.trim();
    let remedy = match text.split_once("://") {
        None => format!("write http://{text}"),
        Some(_) => {
            "write the address of a web page, such as http://www.example.gov.cn/news/".to_owned()
        }
    };
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(url) if text.contains("://") => Err(format!(
            "its scheme is {}, not http or https; {remedy}",
            url.scheme()
        )),
        // A host with a port looks like a scheme.
        Ok(_) | Err(url::ParseError::RelativeUrlWithoutBase) => {
            Err(format!("it begins with no http:// or https://; {remedy}"))
        }
        Err(error) => Err(format!("{error}; {remedy}")),
    }
}

/// The addresses, in the order of the file, each once.
pub(super) fn read(file: &Path) -> Result<Vec<Url>, Stop> {
    let wrong = |what: String| {
        Stop::configuration(format_args!(
            "{}: {what}\n  remedy: write one address a line, or name an OPML file",
            file.display()
        ))
    };
    let text = std::fs::read_to_string(file).map_err(|e| wrong(format!("cannot be read: {e}")))?;
    let text = text.trim_start_matches('\u{feff}');
    let found = match text.trim_start().starts_with('<') {
        true => {
            let document = OPML::from_str(text).map_err(|e| wrong(format!("is no OPML: {e}")))?;
            let mut found = Vec::new();
            collect(&document.body.outlines, &mut found);
            found
        }
        false => {
            let lines = text.lines().map(str::trim);
            let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
            lines.map(str::to_owned).collect()
        }
    };
    let mut urls: Vec<Url> = Vec::new();
    for address in found {
        let url = self::address(&address);
        let url = url.map_err(|why| wrong(format!("{address:?}: {why}")))?;
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    match urls.is_empty() {
        true => Err(wrong("has no address".to_owned())),
        false => Ok(urls),
    }
}

/// The pages that the outlines are about: the feeds themselves may be anybody's.
fn collect(outlines: &[Outline], found: &mut Vec<String>) {
    for outline in outlines {
        let page = outline.html_url.as_ref().or(outline.url.as_ref());
        found.extend(page.filter(|page| !page.trim().is_empty()).cloned());
        collect(&outline.outlines, found);
    }
}
