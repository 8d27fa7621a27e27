//! Regions of China: their codes, and their levels.
//!
//! Owns the table of the provinces, which is that of the national standard GB/T 2260—2007
//! (《中华人民共和国行政区划代码》): the 31 province-level regions of the mainland. Never guesses the
//! region of a portal.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The first two digits of a code, and the region of that province's level.
const PROVINCES: [(&str, &str); 31] = [
    ("11", "北京市"),
    ("12", "天津市"),
    ("13", "河北省"),
    ("14", "山西省"),
    ("15", "内蒙古自治区"),
    ("21", "辽宁省"),
    ("22", "吉林省"),
    ("23", "黑龙江省"),
    ("31", "上海市"),
    ("32", "江苏省"),
    ("33", "浙江省"),
    ("34", "安徽省"),
    ("35", "福建省"),
    ("36", "江西省"),
    ("37", "山东省"),
    ("41", "河南省"),
    ("42", "湖北省"),
    ("43", "湖南省"),
    ("44", "广东省"),
    ("45", "广西壮族自治区"),
    ("46", "海南省"),
    ("50", "重庆市"),
    ("51", "四川省"),
    ("52", "贵州省"),
    ("53", "云南省"),
    ("54", "西藏自治区"),
    ("61", "陕西省"),
    ("62", "甘肃省"),
    ("63", "青海省"),
    ("64", "宁夏回族自治区"),
    ("65", "新疆维吾尔自治区"),
];

/// A code of six digits (行政区划代码), such as `140406`. Its province is known.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct RegionCode(String);

/// Why a text is no code of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegionCodeError {
    /// It has another form.
    #[error("is not six digits")]
    Form,
    /// No province has its first two digits.
    #[error("begins with two digits that no province of GB/T 2260 has")]
    Province,
}

impl RegionCode {
    /// The region of the province's level.
    pub fn province(&self) -> &'static str {
        province(&self.0).unwrap_or_default()
    }

    /// The level, which the zeros at its end tell.
    pub fn level(&self) -> Level {
        match self.0.as_bytes() {
            [_, _, b'0', b'0', b'0', b'0'] => Level::Province,
            [.., b'0', b'0'] => Level::City,
            _ => Level::County,
        }
    }

    /// The six digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn province(code: &str) -> Option<&'static str> {
    let known = PROVINCES.iter();
    let mut known = known.filter(|(digits, _)| code.starts_with(digits));
    known.next().map(|(_, name)| *name)
}

impl FromStr for RegionCode {
    type Err = RegionCodeError;

    fn from_str(text: &str) -> Result<Self, RegionCodeError> {
        let is_code = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        match province(text) {
            _ if !is_code => Err(RegionCodeError::Form),
            None => Err(RegionCodeError::Province),
            Some(_) => Ok(Self(text.to_owned())),
        }
    }
}

impl TryFrom<String> for RegionCode {
    type Error = RegionCodeError;

    fn try_from(text: String) -> Result<Self, RegionCodeError> {
        text.parse()
    }
}

impl From<RegionCode> for String {
    fn from(code: RegionCode) -> Self {
        code.0
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The level of the office that a portal belongs to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// 国家级
    National,
    /// 省级
    Province,
    /// 地市级
    City,
    /// 县级
    County,
    /// 乡镇级
    Township,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_tells_its_province_and_its_level() {
        for (code, province, level) in [
            ("140406", "山西省", Level::County),
            ("140400", "山西省", Level::City),
            ("140000", "山西省", Level::Province),
            ("110000", "北京市", Level::Province),
            ("659001", "新疆维吾尔自治区", Level::County),
        ] {
            let read: RegionCode = code.parse().unwrap();
            assert_eq!((read.province(), read.level()), (province, level), "{code}");
        }
    }

    #[test]
    fn other_texts_are_no_codes() {
        for odd in [
            "", "14", "14040", "1404060", "14040六", "14040a", " 140406", "990000", "010000",
        ] {
            assert!(odd.parse::<RegionCode>().is_err(), "{odd}");
        }
        assert!(serde_json::from_str::<RegionCode>("\"990000\"").is_err());
    }

    #[test]
    fn the_table_is_in_order_and_names_each_province_once() {
        let in_order = PROVINCES.windows(2).all(|two| two[0].0 < two[1].0);
        assert!(in_order);
        let names: std::collections::BTreeSet<_> = PROVINCES.iter().map(|(_, name)| name).collect();
        assert_eq!(names.len(), 31);
    }
}
