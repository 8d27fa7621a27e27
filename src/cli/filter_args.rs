//! The filters of `dibao export`: those of the API, as options.
//!
//! Owns their names on the command line. Never reads a value: `render::api` does.

use clap::error::Error;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::outcome::Stop;
use crate::render::api::given::{KnownNames, Origin, ParameterError, Parameters};
use crate::render::api::parameters::{Kind, OF_EXPORT, Parameter};
use crate::search::ArticleFilter;

/// The filters that somebody gave, by the names that they have in the API.
#[derive(Clone, Debug, Default)]
pub(super) struct FilterArgs {
    given: Vec<(&'static str, String)>,
}

impl FilterArgs {
    /// The values, each valid for its kind.
    pub(super) fn read(&self) -> Result<Parameters, Stop> {
        let given = self.given.iter();
        let given = given.map(|(name, value)| (*name, value.as_str()));
        Parameters::from_pairs(given, OF_EXPORT, Origin::Program).map_err(refused)
    }

    /// The filter that they describe.
    pub(super) fn filter(given: &Parameters, known: &KnownNames) -> Result<ArticleFilter, Stop> {
        given.article_filter(known).map_err(refused)
    }
}

fn refused(error: ParameterError) -> Stop {
    let option = option(&error.parameter);
    Stop::configuration(format_args!("--{option}: {}", error.detail))
}

fn option(name: &str) -> String {
    name.replace('_', "-")
}

/// The parameters that are filters. The format is an option of its own.
fn filters() -> impl Iterator<Item = &'static Parameter> {
    OF_EXPORT
        .iter()
        .filter(|parameter| parameter.name != "format")
}

fn arg(parameter: &'static Parameter) -> Arg {
    let value = match parameter.kind {
        Kind::Portals(_) => "PORTAL",
        Kind::Columns(_) => "PATTERN",
        Kind::Day => "DATE",
        Kind::Moment => "TIME",
        Kind::IndexNumber(_) => "NUMBER",
        Kind::Choice(_) => "WHICH",
        _ => "NAME",
    };
    let action = match parameter.kind.is_list() {
        true => ArgAction::Append,
        false => ArgAction::Set,
    };
    let about = parameter.about.trim_end_matches('.');
    let about = match parameter.kind {
        Kind::Choice([usual, ..]) => format!("{about} [default: {usual}]"),
        _ => about.to_owned(),
    };
    Arg::new(parameter.name)
        .long(option(parameter.name))
        .value_name(value)
        .action(action)
        .help(about)
        .conflicts_with_all(["changes", "opml"])
        .help_heading("Filters")
}

impl FromArgMatches for FilterArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let values = |parameter: &'static Parameter| {
            let values = matches.get_many::<String>(parameter.name);
            let values = values.into_iter().flatten();
            values.map(|value| (parameter.name, value.clone()))
        };
        Ok(Self {
            given: filters().flat_map(values).collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for FilterArgs {
    fn augment_args(command: Command) -> Command {
        command.args(filters().map(arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
