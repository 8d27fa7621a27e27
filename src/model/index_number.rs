//! 索引号, the number under which a portal files an article.
//!
//! Owns its canonical form and its validity. Never compares articles.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// An index number in canonical form: NFKC, upper case, one kind of dash, without white space,
/// quotes and remnants of labels.
///
/// It is unique only within its portal: organisation codes are reused across portals.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct IndexNumber(String);

/// The longest value. A longer one is a title or a sentence beside the wrong label.
const MAX_CHARS: usize = 64;

/// The words of portals for a missing number, in canonical form.
const NONE_WORDS: [&str; 12] = [
    "无",
    "暂无",
    "没有",
    "空",
    "待定",
    "NULL",
    "NONE",
    "NIL",
    "N/A",
    "NA",
    "UNDEFINED",
    "索引号",
];

impl IndexNumber {
    /// Reads an index number as a page prints it. `None` for anything else: words for "none",
    /// dashes, a half-filled form (`000014349/2025-`), a title.
    pub fn parse(raw: &str) -> Option<Self> {
        let text = canonical(raw);
        is_number(&text).then_some(Self(text))
    }

    /// The canonical form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The organisation's code, the year and the serial number, if it has the shape
    /// `ORGANISATION/YEAR-SERIAL`.
    pub fn parts(&self) -> Option<(&str, u16, &str)> {
        let (organisation, rest) = self.0.split_once('/')?;
        let (year, serial) = rest.split_once('-')?;
        let year = year.get(..4)?.parse().ok()?;
        (1949..2100)
            .contains(&year)
            .then_some((organisation, year, serial))
    }
}

impl fmt::Display for IndexNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn canonical(raw: &str) -> String {
    let mut text: String = raw
        .nfkc()
        .filter_map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{ad}' | '\u{30fc}' | '~' => {
                Some('-')
            }
            '\u{2044}' | '\u{2215}' | '\\' => Some('/'),
            _ if c.is_whitespace() || c.is_control() || is_invisible(c) || is_quote(c) => None,
            _ => Some(c),
        })
        .flat_map(char::to_uppercase)
        .nfkc()
        .collect();
    // The remnant of a label may come before the number, and more than once if blocks are joined.
    loop {
        let rest = ["信息索引号", "索引号", "信息索引", "索引", ":"]
            .iter()
            .find_map(|label| text.strip_prefix(label));
        match rest {
            Some(rest) if !rest.is_empty() => text = rest.to_owned(),
            _ => break,
        }
    }
    while text.ends_with([',', ';', '.', ':', '。', '、', '>']) {
        text.pop();
    }
    text
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}')
}

fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '`'
            | '“'
            | '”'
            | '‘'
            | '’'
            | '「'
            | '」'
            | '『'
            | '』'
            | '<'
            | '>'
            | '《'
            | '》'
    )
}

fn is_number(text: &str) -> bool {
    let chars = text.chars().count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let ideographs = text.chars().filter(|c| !c.is_ascii()).count();
    let half_filled = text.ends_with(['-', '/']) || text.starts_with(['-', '/']);
    let zeros = text
        .chars()
        .all(|c| matches!(c, '0' | '-' | '/' | '.' | '_'));
    !NONE_WORDS.contains(&text)
        && (3..=MAX_CHARS).contains(&chars)
        && digits >= 2
        // Local codes may have a few Chinese characters (`长政-2025-01`); a title has mostly those.
        && ideographs * 3 <= chars
        && !half_filled
        && !zeros
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(raw: &str) -> Option<String> {
        IndexNumber::parse(raw).map(|number| number.0)
    }

    #[test]
    fn printed_variants_of_one_number_are_one_number() {
        for raw in [
            "000014349/2025-32614",
            "０００014349／2025－32614",
            " 000014349 / 2025 - 32614 ",
            "000014349/2025—32614",
            "000014349/2025\u{200b}-32614\u{feff}",
            "索引号：000014349/2025-32614",
            "索 引 号: “000014349/2025-32614”",
            "000014349\u{a0}/2025\u{2011}32614",
        ] {
            assert_eq!(parse(raw).as_deref(), Some("000014349/2025-32614"), "{raw}");
        }
    }

    #[test]
    fn the_shapes_of_other_regions_are_kept() {
        for raw in [
            "6107280000/2024-001005",
            "FJ00100-0201-2018-00262",
            "00817989-3/2022-45943",
            "003110926/201510-00216",
            "113325000026455663/2023-43887",
            "111423LL00100/2013-01026",
            "01404053X/2023-00861",
            "YP-2026-00491",
            "GZ000001/2013-01849",
            "K28044908/2026-04277",
            "Whgs-16-02-010",
            "001/2013-85147",
        ] {
            assert_eq!(parse(raw), Some(raw.to_uppercase()), "{raw}");
        }
    }

    #[test]
    fn what_is_plainly_no_number_is_refused() {
        for raw in [
            "",
            " ",
            "无",
            "暂无",
            "-",
            "—\u{a0}\u{a0}—",
            "null",
            "N/A",
            "000014349/2025-",
            "000014349/",
            "/2025-1",
            "索引号",
            "发文字号",
            "关于印发2025年工作要点的通知",
            "2025年12月29日关于开展安全生产检查的通知",
            "000000000/0000-00000",
        ] {
            assert_eq!(parse(raw), None, "{raw}");
        }
    }

    #[test]
    fn known_shapes_are_taken_apart() {
        let number = IndexNumber::parse("000014349/2025-32614").unwrap();
        assert_eq!(number.parts(), Some(("000014349", 2025, "32614")));
        let month = IndexNumber::parse("003110926/201510-00216").unwrap();
        assert_eq!(month.parts(), Some(("003110926", 2015, "00216")));
        assert_eq!(IndexNumber::parse("YP-2026-00491").unwrap().parts(), None);
    }

    proptest! {
        #[test]
        fn canonical_form_is_idempotent(raw in "\\PC{0,40}") {
            if let Some(number) = IndexNumber::parse(&raw) {
                prop_assert_eq!(IndexNumber::parse(number.as_str()), Some(number.clone()));
            }
        }

        #[test]
        fn white_space_case_and_width_do_not_matter(
            organisation in "[0-9A-Z]{8,18}", year in 1990u16..2090, serial in 1u32..9_999_999,
        ) {
            let plain = format!("{organisation}/{year}-{serial:05}");
            let wide: String = plain
                .chars()
                .map(|c| char::from_u32(c as u32 + 0xfee0).unwrap())
                .flat_map(|c| [c, '\u{3000}'])
                .collect();
            prop_assert_eq!(IndexNumber::parse(&wide), IndexNumber::parse(&plain));
            prop_assert_eq!(
                IndexNumber::parse(&plain.to_lowercase()),
                IndexNumber::parse(&plain)
            );
        }
    }
}
