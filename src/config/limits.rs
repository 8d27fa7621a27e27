//! What a column may make dibao store in a day, and how much of the disk stays free.
//!
//! Owns the defaults, and compiles the keys of `[limits]` in feed files and in `dibao.toml`. Never
//! counts anything.

use std::path::Path;

use serde::Deserialize;

use super::error::{ConfigError, ConfigErrors};

/// What a column may make dibao store in a day (Beijing time), and how much of the disk stays free. A
/// limit that is not given is that of `dibao.toml`, else the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    new_items: Option<u32>,
    requests: Option<u32>,
    stored: Option<u64>,
    queued: Option<u32>,
    free_space: Option<FreeSpace>,
}

/// Far more than a busy column brings.
const DEFAULT: Limits = Limits {
    new_items: Some(500),
    requests: Some(2000),
    stored: Some(256 << 20),
    queued: Some(20_000),
    free_space: Some(FreeSpace::Usual),
};

/// How much of a disk stays free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FreeSpace {
    /// 1 GiB or 5 %, whichever is less.
    #[default]
    Usual,
    /// This number of bytes.
    Bytes(u64),
}

/// The keys of `[limits]` in a feed file.
pub(super) const NAMES: &[&str] = &["new_items", "requests", "stored", "queued"];
/// Those of `[limits]` in `dibao.toml`.
pub(super) const GENERAL_NAMES: &[&str] =
    &["new_items", "requests", "stored", "queued", "free_space"];

#[derive(Default, Deserialize)]
pub(super) struct LimitsSpec {
    new_items: Option<u32>,
    requests: Option<u32>,
    stored: Option<String>,
    queued: Option<u32>,
    free_space: Option<String>,
}

impl Limits {
    /// New items of a column's list.
    pub fn new_items(self) -> u32 {
        self.or(DEFAULT).new_items.unwrap_or(u32::MAX)
    }

    /// Requests for a column.
    pub fn requests(self) -> u32 {
        self.or(DEFAULT).requests.unwrap_or(u32::MAX)
    }

    /// Bytes of a column's answers and texts.
    pub fn stored(self) -> u64 {
        self.or(DEFAULT).stored.unwrap_or(u64::MAX)
    }

    /// Items of a column that wait to be read.
    pub fn queued(self) -> u32 {
        self.or(DEFAULT).queued.unwrap_or(u32::MAX)
    }

    /// How much of the disk stays free.
    pub fn free_space(self) -> FreeSpace {
        self.free_space.unwrap_or_default()
    }

    /// These limits, with those of `general` where one is not given.
    pub fn or(self, general: Self) -> Self {
        Self {
            new_items: self.new_items.or(general.new_items),
            requests: self.requests.or(general.requests),
            stored: self.stored.or(general.stored),
            queued: self.queued.or(general.queued),
            free_space: self.free_space.or(general.free_space),
        }
    }

    /// The defaults of all columns.
    pub(super) fn general() -> Self {
        DEFAULT
    }
}

impl LimitsSpec {
    /// Compiles the limits; `file` is only for errors.
    pub(super) fn compile(&self, file: &Path) -> Result<Limits, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let count = |key: &str, number: Option<u32>| match number {
            Some(0) => {
                let remedy = "write a number of at least 1, or leave it out for the default";
                let key = format!("limits.{key}");
                Err(ConfigError::at(
                    file,
                    &key,
                    "is not a positive number",
                    remedy,
                ))
            }
            number => Ok(number),
        };
        let stored = self.stored.as_deref();
        let stored = stored.map(|text| size(file, "limits.stored", text));
        let limits = Limits {
            new_items: errors.or_default(count("new_items", self.new_items)),
            requests: errors.or_default(count("requests", self.requests)),
            stored: errors.or_default(stored.transpose()),
            queued: errors.or_default(count("queued", self.queued)),
            free_space: errors.or_default(self.free_space(file)),
        };
        errors.end(Some(limits))
    }

    /// Compiles how much of a disk stays free. Nothing at all may be the wish.
    fn free_space(&self, file: &Path) -> Result<Option<FreeSpace>, ConfigError> {
        match self.free_space.as_deref() {
            None => Ok(None),
            Some(text) if text.trim() == "0" => Ok(Some(FreeSpace::Bytes(0))),
            Some(text) => {
                let bytes = size(file, "limits.free_space", text)?;
                Ok(Some(FreeSpace::Bytes(bytes)))
            }
        }
    }
}

/// Reads a size: `256MiB`, `1 GiB`.
fn size(file: &Path, key: &str, text: &str) -> Result<u64, ConfigError> {
    let number: String = text
        .trim()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let unit = match text.trim().get(number.len()..).map(str::trim) {
        Some("KiB") => Some(1 << 10),
        Some("MiB") => Some(1 << 20),
        Some("GiB") => Some(1 << 30),
        Some("TiB") => Some(1 << 40),
        _ => None,
    };
    let bytes = unit.and_then(|unit: u64| number.parse::<u64>().ok()?.checked_mul(unit));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| {
        let problem = format!("{text:?} is not a size");
        let remedy = "write a whole number of KiB, MiB, GiB or TiB, such as \"256MiB\"";
        ConfigError::at(file, key, &problem, remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> LimitsSpec {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_columns_limit_wins_over_the_general_one_and_that_over_the_default() {
        let file = Path::new("x.toml");
        let general = spec("requests = 7\nqueued = 9").compile(file).unwrap();
        let own = spec("queued = 3\nstored = \"2 GiB\"")
            .compile(file)
            .unwrap();
        let limits = own.or(general);
        assert_eq!((limits.requests(), limits.queued()), (7, 3));
        assert_eq!((limits.new_items(), limits.stored()), (500, 2 << 30));
        assert_eq!(Limits::default().stored(), 256 << 20);
    }

    #[test]
    fn sizes_have_a_unit_and_are_positive() {
        let file = Path::new("x.toml");
        for (text, bytes) in [("1KiB", 1 << 10), ("256MiB", 256 << 20), ("3 TiB", 3 << 40)] {
            let read = spec(&format!("stored = \"{text}\"")).compile(file).unwrap();
            assert_eq!(read.stored(), bytes, "{text}");
        }
        for odd in [
            "",
            "0MiB",
            "MiB",
            "5",
            "5MB",
            "-1GiB",
            "1.5GiB",
            "99999999999TiB",
        ] {
            let error = spec(&format!("stored = \"{odd}\""))
                .compile(file)
                .unwrap_err();
            assert!(error.to_string().contains("`limits.stored`"), "{error}");
        }
        for zero in ["new_items", "requests", "queued"] {
            let error = spec(&format!("{zero} = 0")).compile(file).unwrap_err();
            assert!(error.to_string().contains(zero), "{error}");
        }
        let free = |text: &str| spec(text).compile(file).unwrap().free_space();
        assert_eq!(free(""), FreeSpace::Usual);
        assert_eq!(free("free_space = \"0\""), FreeSpace::Bytes(0));
        assert_eq!(free("free_space = \"2GiB\""), FreeSpace::Bytes(2 << 30));
    }
}
