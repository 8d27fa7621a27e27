//! Strings without the habits of markup: white space, invisible characters, placeholders.
//!
//! Owns the rules for white space, invisible characters and comparison. Never looks at elements.

use std::borrow::Cow;

/// Whether a character may appear in published text: XML 1.0 allows it
/// (<https://www.w3.org/TR/xml/#charsets>), it is not a control character, and it takes up room.
#[inline]
pub(in crate::extract) fn is_visible(c: char) -> bool {
    match c {
        // Most characters of a page.
        ' '..='~' | '\u{3000}'..='\u{9fff}' => true,
        '\t' | '\n' | '\r' => true,
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        // With these, a text shows its letters in another order.
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => false,
        _ => {
            !c.is_control()
                && (c as u32) & 0xfffe != 0xfffe
                && !('\u{fdd0}'..='\u{fdef}').contains(&c)
        }
    }
}

/// A percent-encoded text, decoded. A plus sign is a plus sign.
pub(in crate::extract) fn percent_decoded(text: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(text);
    decoded.decode_utf8_lossy().into_owned()
}

/// One tidy line: without invisible characters, with one space for each run of white space
/// (`&nbsp;` and U+3000 included), and without spaces at the ends.
pub(in crate::extract) fn tidy(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for (run, after) in Runs(text) {
        line.push_str(run);
        let is_space = after.is_some_and(|c| is_visible(c) && c.is_whitespace());
        if is_space && !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// The runs of letters in a text.
pub(in crate::extract) fn runs(text: &str) -> impl Iterator<Item = &str> {
    Runs(text).map(|(run, _)| run)
}

/// The runs of letters in a text, each with the first character after it. Only the last may have
/// none.
struct Runs<'a>(&'a str);

impl<'a> Iterator for Runs<'a> {
    type Item = (&'a str, Option<char>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let (run, rest) = self.0.split_at(letters(self.0).0);
        let after = rest.chars().next();
        let rest = &rest[after.map_or(0, char::len_utf8)..];
        // White space after white space adds nothing.
        let is_blank = after.is_some_and(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
        let blanks = rest
            .bytes()
            .take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'));
        let more = if is_blank { blanks.count() } else { 0 };
        self.0 = &rest[more..];
        Some((run, after))
    }
}

/// The letters at the beginning of a text.
pub(in crate::extract) fn first_run(text: &str) -> &str {
    &text[..letters(text).0]
}

/// The letters at the beginning of a text: their bytes, and their number.
#[inline]
fn letters(text: &str) -> (usize, usize) {
    let bytes = text.as_bytes();
    let (mut at, mut count) = (0, 0);
    while let Some(first) = bytes.get(at) {
        at += match first {
            b'!'..=b'~' => 1,
            // U+4000 to U+9FFF.
            0xe4..=0xe9 => 3,
            // U+FF00 to U+FF7F: ，and （.
            0xef if matches!(bytes.get(at + 1), Some(0xbc | 0xbd)) => 3,
            _ => match text[at..].chars().next().filter(|c| is_letter(*c)) {
                Some(c) => c.len_utf8(),
                None => break,
            },
        };
        count += 1;
    }
    (at, count)
}

/// Whether a character is visible and no white space.
#[inline]
fn is_letter(c: char) -> bool {
    matches!(c, '!'..='~' | '\u{3001}'..='\u{9fff}') || (is_visible(c) && !c.is_whitespace())
}

/// Joins several lines into one. Between two Chinese characters a line break becomes nothing.
pub(in crate::extract) fn joined(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for line in text.lines().map(tidy).filter(|line| !line.is_empty()) {
        let is_wide = |c: char| !c.is_ascii();
        let wide = all.ends_with(is_wide) && line.starts_with(is_wide);
        if !wide && !all.is_empty() {
            all.push(' ');
        }
        all.push_str(&line);
    }
    all
}

/// The same as [`fold`], without a copy where nothing changes.
pub(in crate::extract) fn folded(text: &str) -> Cow<'_, str> {
    match letters(text).0 == text.len() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(fold(text)),
    }
}

/// The text without white space, for comparison.
pub(in crate::extract) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    Runs(text).for_each(|(run, _)| folded.push_str(run));
    folded
}

/// Whether a text holds a word of ASCII in lower case, whatever the text's own case.
pub(in crate::extract) fn holds(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let Some(first) = word.first() else {
        return true;
    };
    let last = (text.len() + 1).saturating_sub(word.len());
    (0..last).any(|at| {
        text[at].eq_ignore_ascii_case(first) && text[at..at + word.len()].eq_ignore_ascii_case(word)
    })
}

/// Whether a text may hold a word of ASCII in lower case when it is folded, whatever its own case:
/// the word's letters stand in it with nothing between them that is sure to stay.
pub(in crate::extract) fn may_hold_folded(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let begins = |at: usize| {
        let mut left = word;
        for byte in &text[at..] {
            match left {
                [] => break,
                [next, rest @ ..] if byte.eq_ignore_ascii_case(next) => left = rest,
                _ if byte.is_ascii_graphic() => break,
                _ => {}
            }
        }
        left.is_empty()
    };
    let first = word.first();
    (0..text.len())
        .any(|at| first.is_none_or(|first| text[at].eq_ignore_ascii_case(first)) && begins(at))
}

/// The text in lower case, without a copy where nothing changes.
pub(in crate::extract) fn lowered(text: &str) -> Cow<'_, str> {
    // Chinese, its marks, and most of ASCII.
    let is_caseless = |c: char| match c {
        '\0'..='\u{7f}' => !c.is_ascii_uppercase(),
        '\u{2000}'..='\u{206f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ff00}'..='\u{ff20}' => true,
        _ => false,
    };
    match text.chars().all(is_caseless) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.to_lowercase()),
    }
}

/// The number of characters that a person would count, white space excluded.
pub(in crate::extract) fn len(text: &str) -> usize {
    let mut rest = text;
    let mut all = 0;
    loop {
        let (end, count) = letters(rest);
        all += count;
        let mut after = rest[end..].chars();
        if after.next().is_none() {
            return all;
        }
        rest = after.as_str();
    }
}

/// A title. Unlike other values it may end with one semicolon (关于某事的通知；). Several semicolons are a
/// remnant of markup, and so is the semicolon of an entity (`&nbsp;`).
pub(in crate::extract) fn title(text: &str) -> Option<String> {
    let text = tidy(text);
    let mut rest = text.as_str();
    while let Some(shorter) = before_entity(rest) {
        rest = shorter.trim_end();
    }
    let mut title = value(rest)?;
    let core = rest.trim_end_matches(['；', ';']);
    let signs = &rest[core.len()..];
    if signs.chars().count() == 1 && core.ends_with(&title) {
        title.push_str(signs);
    }
    Some(title)
}

/// The text before an entity (`&nbsp;`) at its end that was escaped once too often.
fn before_entity(text: &str) -> Option<&str> {
    /// Editors leave behind no longer entity name.
    const MAX: usize = 8;
    let (before, name) = text.strip_suffix(';')?.rsplit_once('&')?;
    let is_name = (1..=MAX).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#');
    is_name.then_some(before)
}

/// The value of a label in the form for publication; `None` if it is a sign for "nothing here".
pub(in crate::extract) fn value(text: &str) -> Option<String> {
    let text = tidy(text);
    let text = text
        .trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, '|' | '｜' | '>' | ':' | '：' | ';' | '；')
        })
        .to_owned();
    let core = fold(&text).to_lowercase();
    let only_signs = core.chars().all(|c| {
        matches!(
            c,
            '-' | '—'
                | '–'
                | '─'
                | '_'
                | '/'
                | '\\'
                | '.'
                | '*'
                | '?'
                | '？'
                | '…'
                | '－'
                | '['
                | ']'
                | '【'
                | '】'
                | '('
                | ')'
                | '（'
                | '）'
        )
    });
    let placeholder = matches!(
        core.as_str(),
        "无" | "暂无"
            | "空"
            | "没有"
            | "null"
            | "none"
            | "nil"
            | "undefined"
            | "n/a"
            | "nan"
            | "{}"
            | "请选择"
            | "（无）"
            | "(无)"
    );
    (!only_signs && !placeholder).then_some(text)
}

/// The signs that separate a label from its value.
pub(in crate::extract) fn is_colon(c: char) -> bool {
    matches!(c, ':' | '：' | '﹕' | '︰' | '∶' | '꞉')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_of_every_kind_is_one_space() {
        assert_eq!(tidy("\u{3000}索\u{a0}\u{2003}引\n号 "), "索 引 号");
        assert_eq!(fold("索\u{a0}\u{3000}引 号"), "索引号");
        assert_eq!(len(" 一 二\u{200b}\n"), 2);
    }

    #[test]
    fn what_xml_forbids_or_nobody_sees_is_gone() {
        assert_eq!(tidy("\u{feff}a\u{0}b\u{b}c\u{200b}d\u{ffff}"), "abcd");
        assert_eq!(tidy("a\u{202e}b\u{2066}c\u{2069}d\u{61c}\u{202c}"), "abcd");
    }

    #[test]
    fn a_title_keeps_its_own_semicolon_and_no_remnant() {
        for (text, expected) in [
            ("关于某事的通知； ", "关于某事的通知；"),
            ("关于某事的通知;", "关于某事的通知;"),
            ("；关于某事的通知", "关于某事的通知"),
            ("关于某事的通知;;", "关于某事的通知"),
            ("关于某事的通知&nbsp;&nbsp;", "关于某事的通知"),
            ("A&B的通知；", "A&B的通知；"),
        ] {
            assert_eq!(title(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(title("；"), None);
    }

    #[test]
    fn signs_for_nothing_are_no_values() {
        for sign in [
            "",
            " ",
            "无",
            "-",
            "—\u{a0}\u{a0}—",
            "null",
            "NULL",
            "：",
            "[]",
        ] {
            assert_eq!(value(sign), None, "{sign}");
        }
        assert_eq!(value(" 潞城融媒> ").as_deref(), Some("潞城融媒"));
        assert_eq!(value("无锡市").as_deref(), Some("无锡市"));
    }
}
