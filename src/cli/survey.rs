//! Prints the survey of a column: what was found on its pages, where, and with which confidence.
//!
//! Owns the words and the table. Never fetches.

use std::fmt::Write;
use std::io::IsTerminal;

use comfy_table::{ContentArrangement, Table, presets};

use crate::config::Column;
use crate::model::Field;
use crate::pipeline::Baseline;
use crate::pipeline::{Row, Survey};

/// The width of the table if stdout is not a terminal.
const WIDTH: u16 = 140;

/// The survey as text.
pub(super) fn format_survey(survey: &Survey, column: &Column, usual: Option<&Baseline>) -> String {
    let mut text = format!("{}\n", list_line(survey));
    let rows = survey.rows();
    if rows.iter().any(|row| row.of > 0) {
        let _ = writeln!(text, "{}", table(&rows, column, usual));
    }
    for sample in &survey.samples {
        let url = &sample.item.url;
        let said = match &sample.read {
            Ok(page) => {
                let problems = page
                    .problems
                    .iter()
                    .map(|problem| format!("\n    {problem}"));
                format!("{}{}", sample.item.title, problems.collect::<String>())
            }
            Err(error) => error.to_string(),
        };
        let _ = writeln!(text, "  {url}  {said}");
    }
    let found = |row: &&Row| row.having > 0;
    let missing: Vec<&str> = rows
        .iter()
        .filter(|row| !found(row))
        .map(|row| row.field.name())
        .collect();
    if !missing.is_empty() && rows.iter().any(|row| row.of > 0) {
        let _ = writeln!(text, "not found: {}", missing.join(", "));
    }
    let is_usual = |field| usual.is_some_and(|usual| usual.is_usual(field, &column.fields));
    let unusual: Vec<&str> = rows
        .iter()
        .filter(|row| !found(row) && row.of > 0 && is_usual(row.field))
        .map(|row| row.field.name())
        .collect();
    if !unusual.is_empty() {
        let _ = writeln!(
            text,
            "unlike usual: nearly all known articles have {}",
            unusual.join(", ")
        );
    }
    let read = survey.read();
    let titles: Vec<&str> = read.filter_map(|(_, page)| page.title.as_deref()).collect();
    if let [first, rest @ ..] = &titles[..]
        && !rest.is_empty()
        && rest.iter().all(|title| title == first)
    {
        let _ = writeln!(
            text,
            "all of them are titled {first}: see whether that is an error page"
        );
    }
    for problem in &survey.page.problems {
        let _ = writeln!(text, "{}: {problem}", survey.url);
    }
    text
}

/// A line about the column page.
fn list_line(survey: &Survey) -> String {
    let page = &survey.page;
    let mut parts = Vec::new();
    parts.extend(page.title.clone());
    let dates = || page.items.iter().filter_map(|item| item.published_on);
    parts.extend(survey.family.map(str::to_owned));
    parts.push(match (dates().max(), dates().min()) {
        (Some(newest), Some(oldest)) => {
            format!("{} items, {newest} to {oldest}", page.items.len())
        }
        _ => format!("{} items without dates", page.items.len()),
    });
    parts.extend(page.total.map(|total| format!("{total} pages")));
    parts.push(match &page.next {
        Some(next) => format!("next page {next}"),
        None => "no next page".to_owned(),
    });
    parts.join(" · ")
}

fn table(rows: &[Row], column: &Column, usual: Option<&Baseline>) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if !std::io::stdout().is_terminal() {
        table.set_width(WIDTH);
    }
    let mut header = vec!["field", "value", "where found", "on", "confidence"];
    let usual = usual.filter(|usual| usual.articles > 0);
    header.extend(usual.map(|_| "usually"));
    table.set_header(header);
    for row in rows {
        let field = match column.fields.requires(row.field) {
            true => format!("{} *", row.field.name()),
            false => row.field.name().to_owned(),
        };
        let confidence = row.confidence.map_or("", |sure| sure.name()).to_owned();
        let mut cells = vec![
            field,
            row.value.clone().unwrap_or_else(|| "—".to_owned()),
            row.found.clone().unwrap_or_default(),
            format!("{}/{}", row.having, row.of),
            confidence,
        ];
        cells.extend(usual.map(|usual| {
            let having = format!("{}/{}", usual.having(row.field), usual.articles);
            match row.field {
                Field::Body => format!("{having}, {} characters", usual.text),
                _ => having,
            }
        }));
        table.add_row(cells);
    }
    table
}
