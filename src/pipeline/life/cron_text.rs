//! Columns by name in the text of a timetable: renamed, removed, added. Comments and order stay.
//!
//! Owns the edits of the text. Never reads or writes a file.

use std::ops::Range;

use crate::model::ColumnName;

/// The text with the new name in the place of the former one. Where the new name stands already, the
/// former one goes.
pub(super) fn renamed(text: &str, from: &ColumnName, into: &ColumnName) -> String {
    let places = names(text);
    let is_there = places
        .iter()
        .any(|place| named(text, place) == into.as_str());
    if is_there {
        return without_column(text, from);
    }
    let mut after = text.to_owned();
    for place in places.iter().rev() {
        if named(text, place) == from.as_str() {
            let inner = place.start + 1..place.end - 1;
            after.replace_range(inner, into.as_str());
        }
    }
    after
}

/// The text without this column. A job that has no other pattern goes as a whole.
pub(super) fn without_column(text: &str, name: &ColumnName) -> String {
    let mut after = text.to_owned();
    for job in jobs(text).into_iter().rev() {
        let within: Vec<Range<usize>> = names(text)
            .into_iter()
            .filter(|place| job.contains(&place.start))
            .collect();
        let (own, others): (Vec<_>, Vec<_>) = within
            .into_iter()
            .partition(|place| named(text, place) == name.as_str());
        if own.is_empty() {
            continue;
        }
        if others.is_empty() {
            after.replace_range(job, "");
            continue;
        }
        for place in own.into_iter().rev() {
            after.replace_range(with_comma(text, place), "");
        }
    }
    after
}

/// The text with this pattern in the `nth` job, before its others.
pub(super) fn with_pattern(text: &str, nth: usize, pattern: &str) -> Option<String> {
    let job = jobs(text).into_iter().nth(nth)?;
    let at = list_of(text, &job)?.start;
    let is_empty = !names(text).iter().any(|place| job.contains(&place.start));
    let comma = if is_empty { "" } else { ", " };
    let (before, behind) = text.split_at(at);
    Some(format!("{before}\"{pattern}\"{comma}{behind}"))
}

/// The places of the strings in lists of columns, with their quotes.
fn names(text: &str) -> Vec<Range<usize>> {
    let lists = jobs(text).into_iter();
    let lists = lists.filter_map(|job| list_of(text, &job));
    lists.flat_map(|list| strings(text, list)).collect()
}

fn named<'a>(text: &'a str, place: &Range<usize>) -> &'a str {
    &text[place.start + 1..place.end - 1]
}

/// The jobs, each from its header to the next table.
fn jobs(text: &str) -> Vec<Range<usize>> {
    let mut jobs: Vec<Range<usize>> = Vec::new();
    let (mut at, mut is_in_job) = (0, false);
    for line in text.split_inclusive('\n') {
        let begin = line.trim_start();
        let is_header = begin.starts_with('[') && !begin.starts_with("[\"");
        if is_header {
            if let Some(job) = jobs.last_mut().filter(|_| is_in_job) {
                job.end = at;
            }
            let bare: String = begin.chars().filter(|c| !c.is_whitespace()).collect();
            is_in_job = bare.starts_with("[[job]]");
            if is_in_job {
                jobs.push(at..text.len());
            }
        }
        at += line.len();
    }
    jobs
}

/// The inside of the list of columns of a job.
fn list_of(text: &str, job: &Range<usize>) -> Option<Range<usize>> {
    let mut at = job.start;
    for line in text[job.clone()].split_inclusive('\n') {
        let key = line
            .trim_start()
            .strip_prefix("columns")
            .map(str::trim_start);
        if key.is_some_and(|rest| rest.starts_with('=')) {
            let begin = at + line.find('[')? + 1;
            return Some(begin..scan(text, begin).1);
        }
        at += line.len();
    }
    None
}

fn strings(text: &str, list: Range<usize>) -> Vec<Range<usize>> {
    scan(text, list.start).0
}

/// The strings from this place within a list, and the end of the list.
fn scan(text: &str, from: usize) -> (Vec<Range<usize>>, usize) {
    let (mut found, mut quote, mut is_comment) = (Vec::new(), None, false);
    for (place, c) in text[from..].char_indices() {
        let place = from + place;
        match (quote, c) {
            _ if is_comment => is_comment = c != '\n',
            (Some((open, begin)), _) if c == open => {
                found.push(begin..place + 1);
                quote = None;
            }
            (Some(_), _) => (),
            (None, '"' | '\'') => quote = Some((c, place)),
            (None, '#') => is_comment = true,
            (None, ']') => return (found, place),
            _ => (),
        }
    }
    (found, text.len())
}

/// The place with the comma and the spaces behind it, or with those before it.
fn with_comma(text: &str, place: Range<usize>) -> Range<usize> {
    let behind = &text[place.end..];
    let spaces = behind.len() - behind.trim_start().len();
    if behind.trim_start().starts_with(',') {
        let rest = &behind[spaces + 1..];
        let more = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        return place.start..place.end + spaces + 1 + more;
    }
    let before = text[..place.start].trim_end();
    match before.strip_suffix(',') {
        Some(kept) => kept.len()..place.end,
        None => place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "timezone = \"Asia/Shanghai\"\n\n[[job]]\ncolumns = [\"a/x\", 'a/z'] # \"a/x\"\n\
                        cron = \"0 8 * * *\"\n\n# the rest\n[[job]]\ncolumns = [\n  \"a/w\", # ours\n  \
                        \"a/*\",\n]\ncron = \"5 * * * *\"\n\n[[job]]\ncolumns = [\"b/x\"]\ncron = \"7 * * * *\"\n";

    fn name(text: &str) -> ColumnName {
        text.parse().unwrap()
    }

    #[test]
    fn a_column_gets_its_new_name_in_its_place() {
        let after = renamed(TEXT, &name("a/x"), &name("b/y"));
        assert_eq!(after, TEXT.replacen("[\"a/x\"", "[\"b/y\"", 1));
        let after = renamed(TEXT, &name("a/z"), &name("a/y"));
        assert_eq!(after, TEXT.replacen("'a/z'", "'a/y'", 1));
        assert_eq!(renamed(TEXT, &name("c/x"), &name("c/y")), TEXT);
        let both = renamed(TEXT, &name("a/x"), &name("a/z"));
        assert_eq!(both, TEXT.replacen("\"a/x\", ", "", 1));
    }

    #[test]
    fn a_column_goes_with_its_comma_and_a_job_without_columns_goes() {
        let after = without_column(TEXT, &name("a/z"));
        assert_eq!(after, TEXT.replacen(", 'a/z'", "", 1));
        let after = without_column(TEXT, &name("a/w"));
        assert!(
            after.contains("columns = [\n  # ours\n  \"a/*\",\n]"),
            "{after}"
        );
        let after = without_column(TEXT, &name("b/x"));
        assert!(after.ends_with("cron = \"5 * * * *\"\n\n"), "{after}");
    }

    #[test]
    fn a_pattern_comes_first_in_its_job() {
        let after = with_pattern(TEXT, 1, "b/y").unwrap();
        assert!(after.contains("columns = [\"b/y\", \n  \"a/w\""), "{after}");
        assert_eq!(with_pattern(TEXT, 3, "b/y"), None);
    }
}
