//! A comparison of two texts, line by line.
//!
//! Owns the algorithm and its limit. Never writes markup.

/// A line of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// In both texts.
    Same(&'a str),
    /// In the first only.
    Removed(&'a str),
    /// In the second only.
    Added(&'a str),
    /// In both, with one changed part. Only [`super::edit::with_edits`] makes these.
    Changed(Edit<'a>),
}

/// A paragraph with one changed part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edit<'a> {
    /// The common beginning.
    pub(super) before: &'a str,
    /// The removed text.
    pub(super) removed: &'a str,
    /// The added text.
    pub(super) added: &'a str,
    /// The common end.
    pub(super) after: &'a str,
}

/// The most cells of the table below. Longer texts count as replaced, between their common
/// beginning and end.
const CELLS: usize = 1_000_000;

/// The shortest comparison of two texts, without blank lines. It makes at most [`CELLS`]
/// comparisons, and reads each text once.
pub(super) fn diff<'a>(before: &'a str, after: &'a str) -> Vec<Line<'a>> {
    let (a, b) = (lines(before), lines(after));
    let start = common(a.iter(), b.iter());
    let (a_rest, b_rest) = (a.get(start..).unwrap_or(&[]), b.get(start..).unwrap_or(&[]));
    let end = common(a_rest.iter().rev(), b_rest.iter().rev());
    let (a_mid, a_end) = a_rest.split_at(a_rest.len() - end);
    let b_mid = b_rest.get(..b_rest.len() - end).unwrap_or(&[]);
    let same = |line: &&'a str| Line::Same(line);
    let mut diff: Vec<Line<'a>> = a.iter().take(start).map(same).collect();
    if a_mid.len().saturating_mul(b_mid.len()) <= CELLS {
        diff.extend(shortest(a_mid, b_mid));
    } else {
        diff.extend(a_mid.iter().map(|line| Line::Removed(line)));
        diff.extend(b_mid.iter().map(|line| Line::Added(line)));
    }
    diff.extend(a_end.iter().map(same));
    diff
}

fn lines(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty()).collect()
}

fn common<'a>(a: impl Iterator<Item = &'a &'a str>, b: impl Iterator<Item = &'a &'a str>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
}

/// Compares by a table: cell (i, j) has the length of the longest common subsequence of `a[i..]`
/// and `b[j..]`.
fn shortest<'a>(a: &[&'a str], b: &[&'a str]) -> Vec<Line<'a>> {
    let width = b.len() + 1;
    let mut table = vec![0u32; (a.len() + 1) * width];
    for (i, x) in a.iter().enumerate().rev() {
        for (j, y) in b.iter().enumerate().rev() {
            let at = i * width + j;
            table[at] = if x == y {
                table[at + width + 1] + 1
            } else {
                table[at + width].max(table[at + 1])
            };
        }
    }
    let mut diff = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    loop {
        match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) if x == y => {
                diff.push(Line::Same(x));
                (i, j) = (i + 1, j + 1);
            }
            (Some(x), y)
                if y.is_none() || table[(i + 1) * width + j] >= table[i * width + j + 1] =>
            {
                diff.push(Line::Removed(x));
                i += 1;
            }
            (_, Some(y)) => {
                diff.push(Line::Added(y));
                j += 1;
            }
            (_, None) => return diff,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_changed_line_stands_between_its_neighbours() {
        use Line::{Added, Removed, Same};
        assert_eq!(
            diff("一\n二\n三\n四", "一\n\n二改\n 三\n四\n五"),
            [
                Same("一"),
                Removed("二"),
                Added("二改"),
                Same("三"),
                Same("四"),
                Added("五")
            ]
        );
        assert_eq!(diff("", ""), []);
    }

    #[test]
    fn texts_too_long_to_compare_are_replaced_in_bounded_time() {
        let text = |word: &str| {
            (0..20_000)
                .map(|n| format!("{word}{n}\n"))
                .collect::<String>()
        };
        let (a, b) = (text("甲"), text("乙"));
        assert_eq!(diff(&a, &b).len(), 40_000);
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_off(a in "([abc]\n){0,12}", b in "([abc]\n){0,12}") {
            let diff = diff(&a, &b);
            let side = |other: fn(&Line<'_>) -> bool| -> String {
                diff.iter().filter(|line| !other(line)).map(|line| match line {
                    Line::Same(text) | Line::Removed(text) | Line::Added(text) => format!("{text}\n"),
                    Line::Changed(edit) => unreachable!("{edit:?}"),
                }).collect()
            };
            prop_assert_eq!(side(|line| matches!(line, Line::Added(_))), a.clone());
            prop_assert_eq!(side(|line| matches!(line, Line::Removed(_))), b.clone());
        }
    }
}
