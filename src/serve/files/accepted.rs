//! The content codings that a client accepts, as `Accept-Encoding` names them (RFC 9110, 12.5.3).
//!
//! Owns the order of preference, which is that of `ServeDir`: both answer the same requests. Never
//! looks for a file.

use axum::http::{HeaderMap, header};

/// A coding that a published file may have a copy in. The later one is preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
}

impl Coding {
    /// The name in `Content-Encoding`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }

    /// The path of the copy of the file at `path`.
    pub(super) fn copy_of(self, path: &str) -> String {
        match self {
            Self::Gzip => format!("{path}.gz"),
            Self::Brotli => format!("{path}.br"),
        }
    }
}

/// Codings, the best one first.
pub(super) type Codings = [Option<Coding>; 2];

/// The codings that the client prefers to the plain file.
pub(super) fn accepted(headers: &HeaderMap) -> Codings {
    let (mut plain, mut gzip, mut brotli) = (0, 0, 0);
    let fields = headers.get_all(header::ACCEPT_ENCODING).iter();
    let fields = fields.filter_map(|field| field.to_str().ok());
    for part in fields.flat_map(|field| field.split(',')) {
        let (name, parameter) = match part.split_once(';') {
            Some((name, parameter)) => (name.trim(), Some(parameter.trim())),
            None => (part.trim(), None),
        };
        let quality = parameter.map_or(Some(ONE), quality).unwrap_or(0);
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("br") {
            brotli = brotli.max(quality);
        } else if is("gzip") || is("x-gzip") {
            gzip = gzip.max(quality);
        } else if is("identity") {
            plain = plain.max(quality);
        }
    }
    let mut codings = [(brotli, Coding::Brotli), (gzip, Coding::Gzip)];
    codings.sort_unstable_by(|one, other| other.cmp(one));
    codings.map(|(quality, coding)| (quality > 0 && quality >= plain).then_some(coding))
}

/// Whether the client takes gzip, and does not prefer plain bytes.
pub(in crate::serve) fn takes_gzip(headers: &HeaderMap) -> bool {
    accepted(headers).contains(&Some(Coding::Gzip))
}

/// The quality 1, in thousandths.
const ONE: u16 = 1000;

/// A quality of 0 to 1 with up to three decimals, in thousandths.
fn quality(parameter: &str) -> Option<u16> {
    let value = parameter.strip_prefix(['q', 'Q'])?.strip_prefix('=')?;
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    let is_plain = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let whole = match whole {
        "0" => 0,
        "1" => ONE,
        _ => return None,
    };
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    (is_plain && whole + decimals <= ONE).then_some(whole + decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Vec<&'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
        accepted(&headers)
            .into_iter()
            .flatten()
            .map(Coding::name)
            .collect()
    }

    #[test]
    fn the_better_coding_comes_first_and_what_is_refused_not_at_all() {
        assert_eq!(of("gzip, br"), ["br", "gzip"]);
        assert_eq!(of("gzip;q=1.0, br;q=0.9, *;q=0.1"), ["gzip", "br"]);
        assert_eq!(of("X-GZIP , br; q=0"), ["gzip"]);
        assert_eq!(of("gzip;q=0.001"), ["gzip"]);
        assert_eq!(of("identity, br;q=0.5"), [""; 0]);
        assert_eq!(of("identity;q=0.5, br;q=0.5"), ["br"]);
        for none in [
            "",
            "*",
            "identity",
            "deflate, zstd",
            "gzip;q=0.000",
            "gzip;q=2",
        ] {
            assert_eq!(of(none), [""; 0], "{none}");
        }
        for wrong in [
            "br;q=0.0001",
            "br;q=1.001",
            "br;q=x",
            "br;level=1",
            "br;q=1;x",
        ] {
            assert_eq!(of(wrong), [""; 0], "{wrong}");
        }
    }
}
