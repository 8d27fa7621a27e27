//! The log, on stderr: text for a person at a terminal, else JSON, a line an event.
//!
//! Owns the form of a line and the default filter. Never carries results, or errors that end a
//! command.

use std::fmt;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{Format, Json, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent};
use tracing_subscriber::registry::LookupSpan;

use super::args::Command;
use crate::model::LOG_LISTS;

static JSON: AtomicBool = AtomicBool::new(false);

/// Whether the log is JSON.
pub(super) fn is_json() -> bool {
    JSON.load(Ordering::Relaxed)
}

/// Starts the log. `DIBAO_LOG_FORMAT` chooses `text` or `json`; `DIBAO_LOG` sets the filter in the
/// syntax of `tracing` (`debug`, `dibao::fetch=trace`). Commands that take long and show no
/// progress bar log their progress.
pub(super) fn start(command: &Command) -> Result<(), String> {
    let is_terminal = std::io::stderr().is_terminal();
    let is_json = match std::env::var("DIBAO_LOG_FORMAT").as_deref() {
        Ok("json") => true,
        Ok("text") => false,
        Ok("") | Err(_) => !is_terminal,
        Ok(other) => {
            return Err(format!(
                "DIBAO_LOG_FORMAT: {other:?} is not a log format\n  remedy: set it to text or json"
            ));
        }
    };
    JSON.store(is_json, Ordering::Relaxed);
    let default = match command {
        Command::Serve { .. } => "dibao=info",
        Command::Backfill { .. } if !is_terminal => "dibao=warn,dibao::pipeline::backfill=info",
        Command::Reextract { .. } if !is_terminal => "dibao=warn,dibao::pipeline::reread=info",
        Command::Add { .. } | Command::Check { .. } => "dibao=warn,dibao::pipeline::survey=info",
        _ => "dibao=warn",
    };
    let filter = EnvFilter::try_from_env("DIBAO_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if is_json {
        let format = tracing_subscriber::fmt::format().json();
        builder
            .fmt_fields(JsonFields::new())
            .event_format(Lines(format.with_current_span(false)))
            .init();
    } else {
        builder.with_ansi(is_terminal).compact().init();
    }
    Ok(())
}

/// A list comes as the text of its JSON: fields of events have no lists.
fn as_list(fields: &mut Map<String, Value>, name: &str) {
    let Some(value) = fields.get_mut(name) else {
        return;
    };
    let list = value.as_str().map(serde_json::from_str::<Vec<String>>);
    if let Some(Ok(list)) = list {
        *value = list.into();
    }
}

/// JSON with the fields of the spans around an event, such as `run` and `column`, at the top level,
/// where programs look for them.
struct Lines(Format<Json>);

impl<S> FormatEvent<S, JsonFields> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut text = String::new();
        self.0
            .format_event(context, Writer::new(&mut text), event)?;
        let mut line: Map<String, Value> = serde_json::from_str(&text).map_err(|_| fmt::Error)?;
        if let Some(Value::Object(fields)) = line.get_mut("fields") {
            LOG_LISTS.iter().for_each(|name| as_list(fields, name));
        }
        if let Some(Value::Array(spans)) = line.remove("spans") {
            for span in spans {
                let Value::Object(fields) = span else {
                    continue;
                };
                line.extend(fields.into_iter().filter(|(key, _)| key != "name"));
            }
        }
        writeln!(writer, "{}", Value::Object(line))
    }
}
