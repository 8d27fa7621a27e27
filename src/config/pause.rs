//! The key of a feed file that lets its column rest.
//!
//! Owns what the key may say. Never reads a clock.

use std::fmt::Display;
use std::path::Path;

use serde::Deserialize;

use super::error::ConfigError;
use crate::model::Pause;

/// The value as it is written.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum PauseSpec {
    Flag(bool),
    Day(String),
    Other(toml::Value),
}

impl PauseSpec {
    pub(super) fn compile(file: &Path, spec: Option<Self>) -> Result<Pause, ConfigError> {
        let refused = |written: &dyn Display| {
            let problem = format!("{written} is not a day");
            let remedy = "write true, or the day on which it is collected again: \"2026-03-01\"";
            ConfigError::at(file, "paused", &problem, remedy)
        };
        match spec {
            None | Some(Self::Flag(false)) => Ok(Pause::None),
            Some(Self::Flag(true)) => Ok(Pause::Open),
            Some(Self::Day(text)) => {
                let day = text.parse().map(Pause::Until);
                day.map_err(|_| refused(&format_args!("{text:?}")))
            }
            Some(Self::Other(value)) => Err(refused(&value)),
        }
    }
}
