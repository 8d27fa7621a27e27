//! Parameters of addresses that are made anew for each request: sessions, clocks, random numbers,
//! signatures.
//!
//! Owns their names and forms. A name alone decides nothing: `sid` and `t` are ids of articles on
//! other portals. Never takes an address apart.

use super::clocks::{is_clock, is_day, is_fraction, is_hex_clock};

/// A session by a name that has no other meaning.
const SESSIONS: &[&str] = &[
    "jsessionid",
    "phpsessid",
    "asp.net_sessionid",
    "zsessionid",
    "cfid",
    "cftoken",
    "(s)",
];
/// Names of sessions, signatures and other values that nobody can guess.
const SECRETS: &[&str] = &[
    "sid",
    "sess",
    "ssid",
    "session",
    "sessionid",
    "session_id",
    "token",
    "_token",
    "access_token",
    "accesstoken",
    "auth_token",
    "csrf",
    "_csrf",
    "csrftoken",
    "csrf_token",
    "nonce",
    "ticket",
    "auth",
    "authkey",
    "auth_key",
    "sign",
    "sig",
    "signature",
    "secret",
    "wssecret",
    "txsecret",
    "ossaccesskeyid",
    "accesskeyid",
    "awsaccesskeyid",
    "googleaccessid",
    "security-token",
];
/// Names of clocks. A parameter without a name (`a.jpg?1767056400`) is one, too.
const CLOCKS: &[&str] = &[
    "",
    "_",
    "t",
    "_t",
    "ts",
    "_ts",
    "tm",
    "time",
    "_time",
    "timestamp",
    "_timestamp",
    "timestmp",
    "stamp",
    "datetime",
    "now",
    "_dc",
    "cb",
    "r",
    "_r",
    "rn",
    "v",
    "e",
    "st",
    "se",
    "exp",
    "expire",
    "expires",
    "deadline",
    "wstime",
    "txtime",
];
/// Names of random numbers.
const RANDOM: &[&str] = &[
    "rnd",
    "_rnd",
    "rand",
    "random",
    "randomnum",
    "nocache",
    "no_cache",
    "cachebuster",
];
/// Beginnings of the names in signed addresses of object storages, and their ends.
const STORAGES: &[&str] = &["x-amz-", "x-oss-", "x-obs-", "x-goog-", "x-cos-", "x-bos-"];
const SIGNED: &[&str] = &[
    "algorithm",
    "additional-headers",
    "credential",
    "date",
    "expires",
    "security-token",
    "signature",
    "signature-version",
    "signedheaders",
];
const COS: &[&str] = &[
    "q-sign-algorithm",
    "q-ak",
    "q-sign-time",
    "q-key-time",
    "q-header-list",
    "q-url-param-list",
    "q-signature",
];

/// The shortest value that counts as a secret.
const SECRET: usize = 16;
/// The shortest value that counts as one under any name.
const LONG_SECRET: usize = 20;

/// Whether a parameter is a token: its name is known as one's, and its value looks like one.
pub(super) fn is_token(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_in = |names: &[&str]| names.contains(&name.as_str());
    let storage = || STORAGES.iter().find_map(|begin| name.strip_prefix(begin));
    if is_session(&name) {
        return value.len() >= 8 && is_word(value);
    }
    if is_in(COS) || storage().is_some_and(|end| SIGNED.contains(&end)) {
        return !value.is_empty();
    }
    (is_in(SECRETS) && is_secret(value, SECRET))
        || (is_in(CLOCKS) && (is_clock(value) || is_fraction(value)))
        || (is_in(&["wstime", "txtime"]) && is_hex_clock(value))
        || (is_in(RANDOM) && (is_number(value) || is_clock(value) || is_secret(value, SECRET)))
}

/// Whether the name of a parameter is a session's and never anything else.
pub(super) fn is_session(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SESSIONS.contains(&name.as_str()) || name.starts_with("aspsessionid")
}

/// Whether a value looks like a token under any name.
pub(super) fn looks_like_token(value: &str) -> bool {
    is_clock(value) || is_fraction(value) || is_secret(value, LONG_SECRET)
}

/// Whether the name of a parameter is known as a token's.
pub(super) fn is_known(name: &str) -> bool {
    let is_in = |names: &&[&str]| names.contains(&name);
    is_session(name) || [SECRETS, CLOCKS, RANDOM].iter().any(is_in)
}

/// Whether a parameter may be a token: its value looks like one, or its name is known as one's and
/// its value is no day.
pub(super) fn may_be_token(name: &str, value: &str) -> bool {
    looks_like_token(value) || (is_known(name) && !value.is_empty() && !is_day(value))
}

/// Letters, digits and what stands between them in base64 and in sessions' ids.
fn is_word(value: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~!*:+/=%".contains(&byte);
    value.bytes().all(is_sign)
}

/// Whether a value is long and has no order to it: letters and digits, or letters in both cases.
fn is_secret(value: &str, shortest: usize) -> bool {
    let has = |is: fn(&u8) -> bool| value.as_bytes().iter().any(is);
    let is_mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    let is_letters = value.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_shuffled = is_letters && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    value.len() >= shortest
        && is_word(value)
        && !is_name(value)
        && (is_mixed || is_shuffled || (is_letters && value.len() >= LONG_SECRET))
}

/// Whether a value is a file's name or a path, such as `W020251229612345.pdf`.
fn is_name(value: &str) -> bool {
    let end = value.rsplit('.').next().unwrap_or_default();
    let is_extension = (2..=4).contains(&end.len()) && end.bytes().all(|b| b.is_ascii_alphabetic());
    (is_extension && end.len() < value.len()) || value.starts_with('/')
}

fn is_number(value: &str) -> bool {
    (!value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())) || is_fraction(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_name_and_value() {
        for (name, value) in [
            ("jsessionid", "0123456789ABCDEF0123456789ABCDEF.node1"),
            ("JSESSIONID", "pQ9zW1kz!-123456789"),
            ("PHPSESSID", "k5v0q2mrl9c3jd8sh1t7u4e6f0"),
            ("ASPSESSIONIDQQSCRTDB", "KHDMFPEBGJLIBNKOPAECDNMA"),
            ("(S)", "lit3py55t21z5v55vlm25s55"),
            ("sid", "9f86d081884c7d659a2feaa0c55ad015"),
            ("token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"),
            ("t", "1767056400123"),
            ("_", "1767056400"),
            ("", "0.7312345678"),
            ("timestamp", "20251230093015"),
            ("time", "Tue Dec 30 2025 09:30:15 GMT+0800 (CST)"),
            ("rnd", "527"),
            ("random", "0.52731"),
            ("Expires", "1767060000"),
            ("Signature", "vjbyPxybdZaNmGa%2ByT272YEAiv4="),
            ("OSSAccessKeyId", "LTAI4Fsomeinventedkey1"),
            ("X-Amz-Date", "20251230T013015Z"),
            ("q-key-time", "1767056400;1767060000"),
            (
                "auth_key",
                "1767056400-0-0-9f86d081884c7d659a2feaa0c55ad015",
            ),
            ("wsTime", "69532d50"),
        ] {
            assert!(is_token(name, value), "{name}={value}");
        }
    }

    #[test]
    fn no_name_alone_and_no_value_alone_makes_a_token() {
        for (name, value) in [
            ("sid", "385009"),
            ("sid", "W020251229612345.pdf"),
            ("t", "3123304"),
            ("t", "20251229"),
            ("t", "news"),
            ("v", "1.2"),
            ("r", "12"),
            ("token", "12"),
            ("time", "2025-12-29"),
            ("id", "9f86d081884c7d659a2feaa0c55ad015"),
            ("id", "1767056400"),
            ("x-oss-process", "image/resize,w_100"),
            ("sign", "1"),
            ("timestamp", ""),
            ("", "385009"),
        ] {
            assert!(!is_token(name, value), "{name}={value}");
        }
    }

    #[test]
    fn a_known_name_makes_a_value_doubtful_unless_it_is_a_day() {
        for (name, value, may_be) in [
            ("t", "7", true),
            ("token", "a1", true),
            ("t", "20251229", false),
            ("v", "2025-12-29", false),
            ("id", "7", false),
            ("id", "9f86d081884c7d659a2feaa0c55ad015", true),
        ] {
            assert_eq!(may_be_token(name, value), may_be, "{name}={value}");
        }
    }

    #[test]
    fn some_values_look_like_tokens_under_any_name() {
        for value in [
            "9f86d081884c7d659a2feaa0c55ad015",
            "0.7312345678",
            "1767056400123",
        ] {
            assert!(looks_like_token(value), "{value}");
        }
        for value in ["20251229", "385009", "gzdt", "2.3MB", "关于供热的通知", ""] {
            assert!(!looks_like_token(value), "{value}");
        }
    }
}
