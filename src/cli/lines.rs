//! Lines for a person at a terminal.
//!
//! Owns where a long line is broken. Never breaks one where stdout is no
//! terminal: programs read whole lines.

use comfy_table::Table;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::outcome::{Stop, say};

/// In a narrower terminal lines are not broken: little would be on each.
const NARROWEST: usize = 40;
/// What a line goes on with is so much farther in than its beginning.
const FARTHER: usize = 2;
/// Signs that no line begins with.
const CLOSING: [char; 10] = ['，', '。', '；', '：', '、', '）', '」', '》', '？', '！'];

/// Writes lines to stdout, none longer than the terminal is wide if they can be broken.
pub(super) fn say_lines(text: &str) -> Result<(), Stop> {
    let width = Table::new().width().map(usize::from);
    match width.filter(|width| *width >= NARROWEST) {
        Some(width) => text
            .lines()
            .try_for_each(|line| say(&broken(line, width).join("\n"))),
        None => say(text),
    }
}

/// A line in parts of at most this width: broken after blanks, and after Chinese characters.
fn broken(line: &str, width: usize) -> Vec<String> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let further = " ".repeat((indent + FARTHER).min(width / 2));
    let mut parts = Vec::new();
    let mut part = String::new();
    for piece in pieces(line) {
        let is_begun = !part.trim().is_empty();
        if is_begun && part.width() + piece.trim_end().width() > width {
            parts.push(part.trim_end().to_owned());
            part = further.clone();
        }
        part.push_str(piece);
    }
    parts.push(part.trim_end().to_owned());
    parts
}

/// The parts of a line between which it may be broken.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    let mut signs = line.char_indices().peekable();
    while let Some((_, sign)) = signs.next() {
        let Some((next, following)) = signs.peek().copied() else {
            break;
        };
        let is_wide = sign.width() == Some(2) && !CLOSING.contains(&following);
        let is_blank = sign == ' ' && following != ' ';
        if is_wide || is_blank {
            pieces.push(line.get(begin..next).unwrap_or_default());
            begin = next;
        }
    }
    pieces.push(line.get(begin..).unwrap_or_default());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_after_blanks_and_chinese_characters_and_a_word_is_not() {
        let parts = broken(
            "  one two  three http://a.example/very/long/address 四五六，七",
            16,
        );
        assert_eq!(
            parts,
            [
                "  one two  three",
                "    http://a.example/very/long/address",
                "    四五六，七"
            ]
        );
        assert_eq!(
            broken("四五六，七八", 6),
            ["四五", "  六，", "  七八"].map(str::to_owned)
        );
        assert_eq!(broken("a  b", 16), ["a  b"]);
        assert_eq!(broken("", 16), [""]);
    }
}
