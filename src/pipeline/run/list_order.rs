//! In which order a list shows its items.
//!
//! Owns the judgement on the days of a list, as one page or a whole walk shows them. Never reads a
//! page.

use std::collections::BTreeSet;

use chrono::NaiveDate;

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
}
