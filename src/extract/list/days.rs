//! Days without a year, as `[11-27]`, completed from the rows above them.
//!
//! Owns the question whether the rows fall without a break from the day on which the column's first
//! page was seen. Where they do not, a day stays unknown: a wrong year is worse. Never asks for the
//! current day.

use chrono::{Datelike, NaiveDate};

use super::item::Found;
use crate::extract::answer::Above;

/// A longer step down is no step: the year is doubtful.
const STEP: i64 = 183;

/// At most this many rows above the others are taken for pinned ones that do not say so.
const PINNED: usize = 5;

/// Completes the days of a page's rows, and returns what stands above the rows of the next page.
pub(super) fn complete(rows: &mut [Found], above: Above) -> Above {
    let (mut last, is_first_page) = match above {
        Above::Unknown => (None, false),
        Above::Sight(day) => (Some(day), true),
        Above::Row(day) => (Some(day), false),
    };
    let sight = last.filter(|_| is_first_page);
    let pinned = rows.iter().filter(|row| row.is_pinned).count();
    let is_sign = pinned * 2 <= rows.len();
    let mut begun: Vec<usize> = Vec::new();
    for at in 0..rows.len() {
        if rows[at].is_pinned && is_sign {
            continue;
        }
        if let Some(day) = rows[at].item.published_on {
            last = falls_to(last, day);
            begun.push(at);
            continue;
        }
        let Some((month, day)) = rows[at].month_day else {
            continue;
        };
        if let Some(found) = last.and_then(|last| before(last, month, day)) {
            rows[at].item.published_on = Some(found);
            last = Some(found);
            begun.push(at);
            continue;
        }
        if begun.is_empty() && sight.is_some_and(|sight| is_to_come(sight, month, day)) {
            continue;
        }
        // The rows so far may be pinned ones that do not say so.
        let restart = sight
            .filter(|_| begun.len() == at && at > 0 && at <= PINNED && at * 3 <= rows.len())
            .and_then(|sight| before(sight, month, day));
        for row in begun.drain(..).filter(|_| restart.is_some()) {
            if rows[row].month_day.is_some() {
                rows[row].item.published_on = None;
            }
        }
        rows[at].item.published_on = restart;
        last = restart;
    }
    last.map_or(Above::Unknown, Above::Row)
}

/// The bound for the rows below a row of this day.
fn falls_to(last: Option<NaiveDate>, day: NaiveDate) -> Option<NaiveDate> {
    Some(last.map_or(day, |last| last.min(day)))
}

/// Whether the day is the one of a meeting to come, or the portal's clock is ahead.
fn is_to_come(sight: NaiveDate, month: u32, day: u32) -> bool {
    const SOON: i64 = 31;
    let of = |year: i32| NaiveDate::from_ymd_opt(year, month, day);
    let mut days = [of(sight.year()), of(sight.year() + 1)]
        .into_iter()
        .flatten();
    days.any(|day| (1..=SOON).contains(&(day - sight).num_days()))
}

/// The last such day up to `last`, if it is a plausible step down.
fn before(last: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    let of = |year: i32| NaiveDate::from_ymd_opt(year, month, day);
    let found = of(last.year())
        .filter(|found| *found <= last)
        .or_else(|| of(last.year() - 1))?;
    (found <= last && (last - found).num_days() <= STEP).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::answer::Item;
    use url::Url;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rows(texts: &[&str]) -> Vec<Found> {
        let document = scraper::Html::parse_document("<p>");
        let found = |text: &&str| {
            let (text, is_pinned) = match text.strip_prefix('!') {
                Some(rest) => (rest, true),
                None => (*text, false),
            };
            let whole = text.parse().ok();
            let month_day = text
                .split_once('-')
                .filter(|_| whole.is_none())
                .and_then(|(m, d)| Some((m.parse().ok()?, d.parse().ok()?)));
            Found {
                item: Item {
                    url: Url::parse("http://x.gov.cn/a.html").unwrap(),
                    title: "题".to_owned(),
                    published_on: whole,
                },
                top: document.root_element().id(),
                month_day,
                is_pinned,
            }
        };
        texts.iter().map(found).collect()
    }

    fn completed(texts: &[&str], above: Above) -> (Vec<String>, Above) {
        let mut rows = rows(texts);
        let below = complete(&mut rows, above);
        let shown = rows.iter().map(|row| {
            let day = row.item.published_on;
            day.map_or("-".to_owned(), |day| day.to_string())
        });
        (shown.collect(), below)
    }

    #[test]
    fn days_fall_from_the_day_of_sight_over_the_ends_of_years() {
        let sight = Above::Sight(day("2026-02-03"));
        let (days, below) = completed(&["02-03", "01-09", "12-30", "12-30", "08-15"], sight);
        let wanted = [
            "2026-02-03",
            "2026-01-09",
            "2025-12-30",
            "2025-12-30",
            "2025-08-15",
        ];
        assert_eq!(days, wanted);
        assert_eq!(below, Above::Row(day("2025-08-15")));
        let (days, _) = completed(&["07-01", "01-02", "11-11"], below);
        assert_eq!(days, ["2025-07-01", "2025-01-02", "2024-11-11"]);
    }

    #[test]
    fn nothing_is_completed_without_the_day_of_sight_or_after_a_break() {
        let (days, below) = completed(&["11-27", "11-26"], Above::Unknown);
        assert_eq!(
            (days, below),
            (vec!["-".to_owned(), "-".to_owned()], Above::Unknown)
        );
        let sight = Above::Sight(day("2026-11-28"));
        let (days, below) = completed(&["11-27", "11-20", "11-26", "11-19"], sight);
        assert_eq!(days, ["2026-11-27", "2026-11-20", "-", "-"]);
        assert_eq!(below, Above::Unknown);
        // A day to come, and a column that has been silent for long.
        assert_eq!(completed(&["12-03", "11-20"], sight).0, ["-", "2026-11-20"]);
        assert_eq!(completed(&["03-15", "03-10"], sight).0, ["-", "-"]);
    }

    #[test]
    fn a_pinned_row_has_no_part_in_the_order() {
        let sight = Above::Sight(day("2026-11-28"));
        let (days, below) = completed(&["!09-10", "11-27", "11-26", "11-20"], sight);
        assert_eq!(days, ["-", "2026-11-27", "2026-11-26", "2026-11-20"]);
        assert_eq!(below, Above::Row(day("2026-11-20")));
        // The same for one that does not say so, where the rows below fall without it.
        let (days, _) = completed(&["09-10", "11-27", "11-26", "11-20"], sight);
        assert_eq!(days, ["-", "2026-11-27", "2026-11-26", "2026-11-20"]);
        let (days, _) = completed(
            &["!12-28", "01-05", "12-30"],
            Above::Sight(day("2026-01-06")),
        );
        assert_eq!(days, ["-", "2026-01-05", "2025-12-30"]);
    }

    #[test]
    fn whole_days_between_are_the_bound_for_those_below() {
        let (days, below) = completed(&["2024-03-01", "02-10", "12-01"], Above::Unknown);
        assert_eq!(days, ["2024-03-01", "2024-02-10", "2023-12-01"]);
        assert_eq!(below, Above::Row(day("2023-12-01")));
    }
}
