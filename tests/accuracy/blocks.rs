//! Label blocks of real pages of which only the text is available.
//!
//! Owns the layouts in which a block's lines are put before the extractor. Never asks for a value
//! that the excerpt cannot show.

use std::path::Path;

use dibao::config::ArticleRules;
use dibao::extract::article;

use super::article::{fold, values};
use super::labels;
use super::score::Score;

/// The label blocks of a folder, each in every layout.
pub(super) fn measured(corpus: &Path) -> Score {
    let mut score = Score::new("blocks");
    for page in labels::pages(corpus) {
        let Ok(text) = std::fs::read_to_string(page.file.with_extension("txt")) else {
            continue;
        };
        let whole = fold(&text);
        let told = |value: &str| {
            value.is_empty()
                || whole.contains(&fold(value))
                || dates(value).iter().any(|date| whole.contains(date))
        };
        let mut wanted = page.article().fields;
        wanted.retain(|(_, value)| told(value));
        for (layout, html) in layouts(&text) {
            score.page(&format!("{} in {layout}", page.name));
            let found = article(&html, &page.base, &ArticleRules::default());
            values(&found, &wanted, &mut score);
        }
    }
    score
}

/// A block in layouts that keep its lines.
fn layouts(text: &str) -> [(&'static str, String); 5] {
    let lines: Vec<&str> = text
        .lines()
        .map(|line| line.trim().trim_start_matches("- "))
        .collect();
    let wrap = |open: &str, close: &str| {
        lines
            .iter()
            .map(|line| format!("{open}{line}{close}"))
            .collect::<String>()
    };
    let rows = wrap("<tr><td>", "</td></tr>");
    [
        ("paragraphs", wrap("<p>", "</p>")),
        ("lines", wrap("", "<br>")),
        ("a list", format!("<ul>{}</ul>", wrap("<li>", "</li>"))),
        ("a table", format!("<table>{rows}</table>")),
        ("boxes", wrap("<div>", "</div>")),
    ]
}

/// A date in the forms in which pages print it.
fn dates(value: &str) -> Vec<String> {
    let parts: Vec<&str> = value.get(..10).unwrap_or_default().split('-').collect();
    match parts[..] {
        [year, month, day] => vec![
            format!("{year}-{month}-{day}"),
            format!("{year}年{month}月{day}日"),
        ],
        _ => Vec::new(),
    }
}
