//! The addresses in a file that `dibao add --from` reads: one a line, or OPML.
//!
//! Owns what counts as an address. Never fetches.

use std::path::Path;

use opml::{OPML, Outline};
use url::Url;

use crate::cli::outcome::Stop;

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
        let url = Url::parse(&address).map_err(|e| wrong(format!("{address:?}: {e}")))?;
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
