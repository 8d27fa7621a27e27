//! One `portal.toml`: what readers see of a portal, instead of what is found by itself.
//!
//! Owns the keys of the file, and compiles them. Never reads a page.

use std::path::Path;

use serde::Deserialize;

use super::error::{ConfigError, ConfigErrors};
use super::keys::{self, Keys};
use crate::model::{Level, RegionCode};

/// The name of the file in a portal's folder. So no column has this name.
pub const PORTAL_FILE: &str = "portal.toml";

/// What the configuration says of a portal: nothing, without a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortalRules {
    /// The display name; `None` for the one that was found on its pages.
    pub title: Option<String>,
    /// The code of its region.
    pub code: Option<RegionCode>,
    /// The name of its region; the province of the code by default.
    pub region: Option<String>,
    /// The level of its office; that of the code by default.
    pub level: Option<Level>,
}

const KEYS: Keys = Keys {
    names: &["title", "code", "region", "level"],
    tables: &[],
};

#[derive(Deserialize)]
struct PortalSpec {
    title: Option<String>,
    code: Option<String>,
    region: Option<String>,
    level: Option<String>,
}

impl PortalRules {
    /// Every key that the file may have.
    pub fn keys() -> Vec<String> {
        KEYS.paths()
    }

    /// Reads a file.
    pub(super) fn load(file: &Path) -> Result<Self, ConfigErrors> {
        let text = std::fs::read_to_string(file).map_err(|e| {
            let problem = format!("cannot be read: {e}");
            ConfigError::new(file, problem, "make it a readable UTF-8 file")
        })?;
        Self::parse(file, &text)
    }

    /// Compiles the text of the file. `file` is only for errors.
    pub fn parse(file: &Path, text: &str) -> Result<Self, ConfigErrors> {
        let table = text.parse::<toml::Table>();
        if table.is_ok_and(|table| table.contains_key("url")) {
            let problem = format!("{PORTAL_FILE} is about the portal, not about a column");
            let remedy = "give the feed file another name";
            return Err(ConfigError::at(file, "url", &problem, remedy)
                .in_text(text)
                .into());
        }
        keys::read(file, text, &KEYS, |spec| Self::compile(file, spec))
    }

    fn compile(file: &Path, spec: PortalSpec) -> Result<Self, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let code = spec.code.map(|text| {
            text.parse::<RegionCode>().map_err(|error| {
                let remedy = "write the six digits of GB/T 2260, such as code = \"140406\"";
                ConfigError::at(file, "code", &format!("{text:?} {error}"), remedy)
            })
        });
        let code = errors.or_default(code.transpose());
        let level = spec.level.map(|text| level(file, &text));
        let level = errors.or_default(level.transpose());
        let named = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        errors.end(Some(Self {
            title: named(spec.title),
            region: named(spec.region).or_else(|| {
                let code = code.as_ref();
                code.map(|code| code.province().to_owned())
            }),
            level: level.or_else(|| code.as_ref().map(RegionCode::level)),
            code,
        }))
    }
}

fn level(file: &Path, text: &str) -> Result<Level, ConfigError> {
    let value = serde_json::Value::from(text);
    serde_json::from_value(value).map_err(|_| {
        let problem = format!("{text:?} is not a level");
        let remedy = "write national, province, city, county or township";
        ConfigError::at(file, "level", &problem, remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<PortalRules, String> {
        PortalRules::parse(Path::new("feeds/lucheng/portal.toml"), text)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_code_gives_region_and_level_unless_they_are_named() {
        let rules = parse("code = \"140406\"").unwrap();
        assert_eq!(rules.region.as_deref(), Some("山西省"));
        assert_eq!(rules.level, Some(Level::County));
        let rules =
            parse("code = \"140406\"\nregion = \"山西省长治市\"\nlevel = \"city\"").unwrap();
        assert_eq!(rules.region.as_deref(), Some("山西省长治市"));
        assert_eq!(rules.level, Some(Level::City));
        assert_eq!(parse("title = \" \""), Ok(PortalRules::default()));
    }

    #[test]
    fn a_wrong_value_is_told_with_its_key_and_the_remedy() {
        for (text, key) in [
            ("code = \"14\"", "`code`"),
            ("code = \"990000\"", "`code`"),
            ("level = \"village\"", "`level`"),
            ("titel = \"x\"", "did you mean `title`?"),
            ("url = \"http://a.example/\"", "another name"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(
                error.contains(key) && error.contains("portal.toml"),
                "{text}: {error}"
            );
        }
    }
}
