//! The rules of a robots.txt (RFC 9309).
//!
//! Owns the parsing of the file: which lines count, and for whom. Never fetches it, and never
//! decides about a missing file.

use std::time::Duration;

pub(super) use robotxt::BYTE_LIMIT;
use url::Url;

/// dibao's product token (RFC 9309, section 2.2.1).
const TOKEN: &str = "dibao";

/// The longest Crawl-delay that is obeyed. A site that wants no visits has `Disallow`.
const LONGEST_DELAY: Duration = Duration::from_secs(300);

/// The rules of one host, for dibao or, if it is not named, for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Robots {
    rules: robotxt::Robots,
    crawl_delay: Option<Duration>,
}

impl Robots {
    /// Reads a robots.txt; the first 500 KiB count, and lines that are not rules are skipped.
    pub fn parse(bytes: &[u8]) -> Self {
        Self::parse_for(TOKEN, bytes)
    }

    /// Reads the rules for another crawler's product token.
    pub fn parse_for(token: &str, bytes: &[u8]) -> Self {
        let lines = Lines::read(whole_lines(bytes));
        let delay = robotxt::Robots::parse(lines.with_delays.as_bytes(), token).crawl_delay();
        Self {
            rules: robotxt::Robots::parse(lines.rules.as_bytes(), token),
            crawl_delay: delay.map(|delay| delay.min(LONGEST_DELAY)),
        }
    }

    /// Whether `url`, which must be of this host, may be fetched.
    pub fn allows(&self, url: &Url) -> bool {
        self.rules.is_url_allowed(url)
    }

    /// The requested pause between two requests, five minutes at most.
    pub fn crawl_delay(&self) -> Option<Duration> {
        self.crawl_delay
    }
}

/// The lines that end within the first 500 KiB: half a rule would be another rule.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    let Some(head) = bytes.get(..=BYTE_LIMIT) else {
        return bytes;
    };
    let end = head.iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
    &head[..end.unwrap_or_default()]
}

/// A robots.txt in two readings.
#[derive(Default)]
struct Lines {
    /// With the Crawl-delay lines. Each one ends the list of agents before it, to which it applies.
    with_delays: String,
    /// Without them: lines that the RFC does not define must not divide groups (section 2.2.4).
    rules: String,
}

impl Lines {
    fn read(bytes: &[u8]) -> Self {
        let text = as_text(bytes);
        let text = text.trim_start_matches('\u{feff}');
        let mut lines = Self::default();
        for line in text.split(['\n', '\r']) {
            let key = line.split([':', '#']).next().unwrap_or_default();
            let key = key.trim().to_ascii_lowercase();
            let line = match key.as_str() {
                "user-agent" => format!("user-agent: {}\n", token_of(line)),
                _ => format!("{line}\n"),
            };
            lines.with_delays.push_str(&line);
            if key != "crawl-delay" {
                lines.rules.push_str(&line);
            }
        }
        lines
    }
}

/// The file as text. The RFC wants UTF-8. In a file of another charset, which portals write, the
/// characters of two bytes are percent-encoded as they are, like the same path in a request: the
/// second byte may look like a letter, and both together like a blank.
fn as_text(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let mut text = String::with_capacity(bytes.len());
    let mut is_second = false;
    for &byte in bytes {
        let is_part = is_second && byte >= 0x40 && byte != 0x7f;
        match byte.is_ascii() && !is_part {
            true => text.push(char::from(byte)),
            false => text.push_str(&format!("%{byte:02X}")),
        }
        is_second = !is_part && byte >= 0x81 && byte != 0xff;
    }
    text
}

/// The product token of a User-agent line. A version after it is ignored: the RFC has none, but
/// people write it.
fn token_of(line: &str) -> &str {
    let value = line.split_once(':').map_or("", |(_, value)| value).trim();
    let is_part = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_');
    let end = value.find(|c: char| !is_part(c)).unwrap_or(value.len());
    match value.split([' ', '\t', '#']).next() {
        Some("*") => "*",
        _ => &value[..end],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(robots: &str, path: &str) -> bool {
        let url = Url::parse("http://www.x.gov.cn").unwrap().join(path);
        Robots::parse(robots.as_bytes()).allows(&url.unwrap())
    }

    #[test]
    fn the_groups_that_name_dibao_count_together_and_else_those_for_all() {
        let robots = "User-agent: *\nDisallow: /\n\nUser-agent: DiBao/0.1\nDisallow: /a/\n\
                      User-agent: other\nDisallow: /b/\nUser-agent: dibao\nDisallow: /c/";
        assert!(!allows(robots, "/a/1.html"));
        assert!(allows(robots, "/b/1.html"));
        assert!(!allows(robots, "/c/1.html"));
        assert!(!allows(
            "User-agent: dibao-x\nAllow: /\nUser-agent: *\nDisallow: /",
            "/a"
        ));
        assert!(allows("", "/a"));
    }

    #[test]
    fn the_longest_match_wins_and_allow_wins_ties() {
        let robots = "User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /a/b/*.pdf$\n\
                      Allow: /c\nDisallow: /c\nDisallow: /*?print=";
        for (path, allowed) in [
            ("/a/", false),
            ("/a/b/1.html", true),
            ("/a/b/1.pdf", false),
            ("/a/b/1.pdf?v=1", true),
            ("/c", true),
            ("/d?print=1", false),
            ("/d#?print=1", true),
        ] {
            assert_eq!(allows(robots, path), allowed, "{path}");
        }
    }

    #[test]
    fn escapes_are_compared_by_what_they_stand_for() {
        let robots = "User-agent: *\nDisallow: /政务\nDisallow: /%7eb\nDisallow: /%e4%b8%ad";
        for path in ["/政务/1", "/%E6%94%BF%e5%8a%a1", "/~b", "/中"] {
            assert!(!allows(robots, path), "{path}");
        }
        assert!(allows(robots, "/政"));
    }

    #[test]
    fn bytes_of_another_charset_are_rules_for_the_same_bytes() {
        let (rules, ..) = encoding_rs::GBK.encode("User-agent: *\nDisallow: /公开/\n");
        let robots = Robots::parse(&rules);
        let url = |path| {
            Url::parse("http://www.x.gov.cn")
                .unwrap()
                .join(path)
                .unwrap()
        };
        assert!(!robots.allows(&url("/%B9%AB%BF%AA/a.html")));
        assert!(robots.allows(&url("/%B9%AB/a.html")));
    }

    #[test]
    fn a_character_of_gbk_is_one_whatever_its_bytes_look_like() {
        // The second byte is a backslash, a bar or a letter; both are a blank or one of UTF-8.
        for path in [
            "/\u{4e5c}/",
            "/\u{4e65}",
            "/\u{4e0f}a",
            "/x\u{807d}",
            "/\u{6a21}/",
        ] {
            let file = format!("User-agent: *\nDisallow: {path}\nDisallow: /\u{516c}\n");
            let (rules, _, has_failed) = encoding_rs::GBK.encode(&file);
            assert!(!has_failed, "{path}");
            let robots = Robots::parse(&rules);
            let (bytes, ..) = encoding_rs::GBK.encode(path);
            let asked: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
            let url = |path: &str| format!("http://www.x.gov.cn{path}").parse::<Url>().unwrap();
            let asked = asked.replace("%2F", "/");
            assert!(!robots.allows(&url(&format!("{asked}b.html"))), "{path}");
            assert!(robots.allows(&url("/%B1%B1/b.html")), "{path}");
        }
    }

    #[test]
    fn a_mark_of_byte_order_before_another_charset_is_no_letter() {
        let mut file = b"\xef\xbb\xbfUser-agent: *\nDisallow: /a\n# ".to_vec();
        file.extend(b"\xb9\xab\n");
        let url = "http://www.x.gov.cn/a/1.html".parse().unwrap();
        assert!(!Robots::parse(&file).allows(&url));
    }

    #[test]
    fn the_file_itself_may_always_be_fetched() {
        assert!(allows("User-agent: *\nDisallow: /", "/robots.txt"));
    }

    #[test]
    fn any_line_ends_and_a_mark_of_byte_order_do() {
        for robots in [
            "\u{feff}User-agent: *\r\nDisallow: /a\r\n",
            "user-agent:*\rdisallow:/a",
            "USER-AGENT : * # all\n\n DISALLOW : /a # b",
        ] {
            assert!(!allows(robots, "/a"), "{robots:?}");
            assert!(allows(robots, "/b"), "{robots:?}");
        }
    }

    #[test]
    fn crawl_delay_is_read_capped_and_parts_no_group() {
        for (value, millis) in [
            ("5", Some(5_000)),
            ("0.5", Some(500)),
            ("86400", Some(300_000)),
            ("1e300", None),
            ("-1", None),
            ("NaN", None),
            ("soon", None),
            ("", None),
        ] {
            let robots = format!("User-agent: *\nCrawl-delay: {value}\nDisallow: /a");
            let found = Robots::parse(robots.as_bytes()).crawl_delay();
            assert_eq!(found, millis.map(Duration::from_millis), "{value}");
        }
        let parted = "User-agent: dibao\nCrawl-delay: 7\nUser-agent: other\nDisallow: /a\n\
                      User-agent: *\nCrawl-delay: 9";
        assert!(!allows(parted, "/a"));
        let delay = Robots::parse(parted.as_bytes()).crawl_delay();
        assert_eq!(delay, Some(Duration::from_secs(7)));
    }

    #[test]
    fn what_lies_beyond_500_kib_is_not_read_and_no_rule_is_cut() {
        let rule = "User-agent: *\nDisallow: /a/b\n";
        let filled = |length: usize| format!("{}\n{rule}", "#".repeat(length));
        assert!(allows(&filled(BYTE_LIMIT), "/a/b"));
        // The limit falls after `Disallow: /a`.
        assert!(allows(&filled(BYTE_LIMIT - 27), "/a"));
        assert!(!allows(&filled(BYTE_LIMIT - 100), "/a/b"));
    }
}
