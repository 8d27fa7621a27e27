//! Timestamps and the clock. Portals write Beijing time, so dibao does too.
//!
//! Owns the offset and the text form of timestamps. Never sleeps.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The offset of China Standard Time, +08:00. It has had no daylight saving since 1991.
pub const CHINA: FixedOffset = match FixedOffset::east_opt(8 * 3600) {
    Some(offset) => offset,
    None => unreachable!(),
};

/// A point in time to the millisecond, written as RFC 3339 with the offset +08:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(DateTime<FixedOffset>);

impl Timestamp {
    /// The timestamp this many milliseconds after 1970-01-01T00:00:00Z; `None` beyond the
    /// calendar's range.
    pub fn from_millis(millis: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(millis).map(|utc| Self(utc.with_timezone(&CHINA)))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn millis(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// The timestamp of a date and time as a portal prints it, in Beijing time.
    pub fn from_china(date: NaiveDate, time: NaiveTime) -> Self {
        let utc = date.and_time(time) - TimeDelta::hours(8);
        Self(utc.and_utc().with_timezone(&CHINA))
    }

    /// Midnight at the start of that day in China.
    pub fn start_of(date: NaiveDate) -> Self {
        Self::from_china(date, NaiveTime::MIN)
    }

    /// The day of this timestamp in China.
    pub fn date(self) -> NaiveDate {
        self.0.date_naive()
    }

    /// The time to the minute in China, for people: `2025-12-30 09:00`.
    pub fn minute(self) -> String {
        self.0.format("%Y-%m-%d %H:%M").to_string()
    }

    /// This timestamp as a type of `chrono`.
    pub fn to_chrono(self) -> DateTime<FixedOffset> {
        self.0
    }

    /// This timestamp moved by `delta`; unchanged if the calendar would overflow.
    #[must_use]
    pub fn plus(self, delta: TimeDelta) -> Self {
        self.0.checked_add_signed(delta).map_or(self, Self)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(utc: DateTime<Utc>) -> Self {
        Self::from_millis(utc.timestamp_millis()).unwrap_or(Self(utc.with_timezone(&CHINA)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = if self.0.timestamp_subsec_millis() == 0 {
            SecondsFormat::Secs
        } else {
            SecondsFormat::Millis
        };
        f.write_str(&self.0.to_rfc3339_opts(format, false))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text)
            .map(|time| Self(time.with_timezone(&CHINA)))
            .map_err(de::Error::custom)
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time", "pattern": "\\+08:00$"})
    }
}

/// The time for rooms with side effects. Pure rooms get a [`Timestamp`].
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Arc::new(|| Timestamp::from(Utc::now())))
    }

    /// A clock from the function `now`, for tests and replays.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The present time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_in_beijing_time_to_the_millisecond_it_has() {
        let day = NaiveDate::from_ymd_opt(2025, 12, 29).unwrap();
        let midnight = Timestamp::start_of(day);
        assert_eq!(midnight.to_string(), "2025-12-29T00:00:00+08:00");
        assert_eq!(midnight.date(), day);
        let later = midnight.plus(TimeDelta::milliseconds(7));
        assert_eq!(later.to_string(), "2025-12-29T00:00:00.007+08:00");
        assert_eq!(Timestamp::from_millis(later.millis()), Some(later));
    }

    #[test]
    fn json_keeps_an_instant_and_brings_other_offsets_home() {
        let read: Timestamp = serde_json::from_str("\"2025-12-29T02:20:00Z\"").unwrap();
        assert_eq!(
            serde_json::to_string(&read).unwrap(),
            "\"2025-12-29T10:20:00+08:00\""
        );
    }
}
