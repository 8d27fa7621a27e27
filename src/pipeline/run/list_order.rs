//! In which order a list shows its items.
//!
//! Owns the judgement on the days of a list, as one page or a whole walk shows them. Never reads a
//! page.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::extract::Item;

/// Fewer different days say nothing about an order.
const DAYS: usize = 3;
/// Fewer items say nothing about a list without an order.
const ITEMS: usize = 8;

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The newest first.
    Falling,
    /// The oldest first.
    Rising,
    /// By something other than the day.
    Mixed,
    /// Too few days to tell.
    Unknown,
}

/// The order of these days, in the order of the list. Some may belong to pinned items above it.
pub(super) fn of(days: &[NaiveDate]) -> Order {
    let most = days.len().min(200);
    let days = &days[..most];
    // Pinned items may fill a whole page above the others.
    let parts = (0..=days.len() / 2).map(|from| &days[from..]);
    let parts = parts.filter(|part| part.iter().collect::<BTreeSet<_>>().len() >= DAYS);
    let parts: Vec<f64> = parts.map(rising).collect();
    let Some(whole) = parts.first().copied() else {
        return Order::Unknown;
    };
    if parts.iter().any(|part| *part <= 0.2) {
        Order::Falling
    } else if whole >= 0.9 {
        Order::Rising
    } else if days.len() >= ITEMS && (0.25..0.75).contains(&whole) {
        Order::Mixed
    } else {
        Order::Unknown
    }
}

/// The days of items, where a list shows them.
pub(super) fn days(items: &[Item]) -> Vec<NaiveDate> {
    items.iter().filter_map(|item| item.published_on).collect()
}

/// The number of known items above a page of new ones, if all others are new and those above can
/// only be pinned: few, and older than the items below. `None` if the page shows where the known
/// items begin.
pub(super) fn known_above(items: &[Item], new: &[bool]) -> Option<usize> {
    let known = new.iter().take_while(|is_new| !**is_new).count();
    let (above, below) = items.split_at_checked(known)?;
    if new[known..].iter().any(|is_new| !is_new) || below.len() <= known {
        return None;
    }
    let below = days(below);
    let oldest = below.iter().min();
    let are_older = days(above).iter().max() < oldest && of(&below) != Order::Rising;
    (known == 0 || are_older).then_some(known)
}

/// The part of pairs of different days in which the later one stands below; 0 without such pairs.
fn rising(days: &[NaiveDate]) -> f64 {
    let pairs = || {
        let each = days.iter().enumerate();
        each.flat_map(|(at, above)| days[at + 1..].iter().map(move |below| (above, below)))
    };
    let different = pairs().filter(|(above, below)| above != below).count();
    let rising = pairs().filter(|(above, below)| above < below).count();
    match different {
        0 => 0.0,
        _ => rising as f64 / different as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(days: &[u32]) -> Order {
        let day = |day: &u32| NaiveDate::from_ymd_opt(2025, 1 + day / 28, 1 + day % 28);
        let days: Option<Vec<NaiveDate>> = days.iter().map(day).collect();
        of(&days.unwrap())
    }

    #[test]
    fn the_order_of_a_list_is_told_by_its_days() {
        assert_eq!(order(&[90, 80, 80, 70, 60, 10]), Order::Falling);
        assert_eq!(order(&[3, 1, 90, 80, 79, 70, 60]), Order::Falling);
        assert_eq!(order(&[90, 80, 82, 70, 60, 61, 10]), Order::Falling);
        assert_eq!(order(&[10, 20, 20, 30, 40, 55]), Order::Rising);
        assert_eq!(order(&[10, 20, 30, 40, 40, 40]), Order::Rising);
        assert_eq!(order(&[40, 7, 90, 3, 66, 12, 81, 5, 70, 33]), Order::Mixed);
        assert_eq!(order(&[40, 40, 41, 41]), Order::Unknown);
        assert_eq!(order(&[]), Order::Unknown);
    }

    #[test]
    fn known_items_above_new_ones_are_pinned_where_they_are_few_and_older() {
        let above = |rows: &[(u32, bool)]| {
            let item = |(day, _): &(u32, bool)| Item {
                url: "http://x.gov.cn/1.html".parse().unwrap(),
                title: "某县召开会议".to_owned(),
                published_on: NaiveDate::from_ymd_opt(2025, 12, *day),
            };
            let items: Vec<Item> = rows.iter().map(item).collect();
            let new: Vec<bool> = rows.iter().map(|(_, is_new)| *is_new).collect();
            known_above(&items, &new)
        };
        let (new, known) = (true, false);
        assert_eq!(above(&[(9, new), (8, new), (7, new)]), Some(0));
        assert_eq!(above(&[(2, known), (9, new), (8, new), (7, new)]), Some(1));
        // An undated row, as the day 0 gives one.
        assert_eq!(above(&[(0, known), (9, new), (8, new), (7, new)]), Some(1));
        for rows in [
            [(9, new), (8, new), (7, new), (6, known)],
            [(8, known), (9, new), (8, new), (7, new)],
            [(1, known), (7, new), (8, new), (9, new)],
            [(1, known), (2, known), (9, new), (8, new)],
            [(2, known), (9, new), (8, new), (1, known)],
            [(4, known), (3, known), (2, known), (1, known)],
        ] {
            assert_eq!(above(&rows), None, "{rows:?}");
        }
    }
}
