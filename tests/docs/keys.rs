//! `docs/configuration.md`, in both languages: every key of the files, each with a valid
//! example and its real default.
//!
//! Owns this comparison. Never judges words.

use std::path::Path;

use dibao::config::{Column, Cron, NamedTopic, PortalRules, ServiceConfig};

use super::Document;

const DOCUMENTS: [&str; 2] = ["docs/configuration.md", "docs/zh/configuration.md"];
const FILES: [File; 5] = [
    File::Feed,
    File::Portal,
    File::Topic,
    File::Cron,
    File::ServiceConfig,
];

/// A file of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum File {
    Feed,
    Portal,
    Topic,
    Cron,
    ServiceConfig,
}

impl File {
    /// The file that a heading of the second level is about.
    fn of_heading(heading: &str) -> Option<Self> {
        let named = |file: &Self| heading.contains(file.name());
        FILES.into_iter().find(named)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Feed => "feeds/PORTAL/COLUMN.toml",
            Self::Portal => "feeds/PORTAL/portal.toml",
            Self::Topic => "topics/NAME.toml",
            Self::Cron => "cron.toml",
            Self::ServiceConfig => "dibao.toml",
        }
    }

    fn keys(self) -> Vec<String> {
        match self {
            Self::Feed => Column::keys(),
            Self::Portal => PortalRules::keys(),
            Self::Topic => NamedTopic::keys(),
            Self::Cron => Cron::keys(),
            Self::ServiceConfig => ServiceConfig::keys(),
        }
    }

    /// The keys that a table of this file cannot do without.
    fn needed(self, table: &str, key: &str) -> &'static [(&'static str, &'static str)] {
        match (self, table) {
            (Self::ServiceConfig, "[[deliver]]") => match key {
                "url" | "secret" => &[
                    ("name", "'office'"),
                    ("kind", "'ntfy'"),
                    ("url", "'https://ntfy.example/gazette'"),
                ],
                _ => &[
                    ("name", "'office'"),
                    ("kind", "'email'"),
                    ("server", "'smtps://mail.example'"),
                    ("user", "'news'"),
                    ("password", "'correct horse'"),
                    ("from", "'news@example.com'"),
                    ("to", "['office@example.com']"),
                ],
            },
            (Self::Feed, "") => &[("url", "'http://www.lc.gov.cn/'")],
            (Self::Topic, "") => &[("query", "'供热'")],
            (Self::Cron, "[[job]]") => &[("columns", "['lucheng/*']"), ("cron", "'0 8 * * *'")],
            (Self::ServiceConfig, "[[webhook]]") => &[
                ("url", "'https://downstream.example/take'"),
                ("secret", "'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz'"),
            ],
            _ => &[],
        }
    }

    /// The file with this line in that table, and with what it needs besides.
    fn with(self, table: &str, line: &str) -> String {
        let key = line.split('=').next().unwrap_or_default().trim();
        let mut tables = vec![""];
        tables.extend((!table.is_empty()).then_some(table));
        let mut text = String::new();
        for part in tables {
            text.push_str(&format!("{part}\n"));
            let is_here = part == table;
            let needed = self.needed(part, key).iter();
            for (name, value) in needed.filter(|(name, _)| !is_here || *name != key) {
                text.push_str(&format!("{name} = {value}\n"));
            }
            if is_here {
                text.push_str(&format!("{line}\n"));
            }
        }
        text
    }

    /// The configuration that this text gives.
    fn read(self, text: &str) -> Result<String, String> {
        let path = Path::new(self.name());
        let told = |error: dibao::config::ConfigErrors| format!("{text}\n{error}");
        match self {
            Self::Feed => {
                let name = "lucheng/work-news".parse().unwrap();
                let column = Column::parse(name, path, text);
                column.map(|column| format!("{column:?}")).map_err(told)
            }
            Self::Portal => {
                let rules = PortalRules::parse(path, text);
                rules.map(|rules| format!("{rules:?}")).map_err(told)
            }
            Self::Topic => {
                let topic = NamedTopic::parse("heating", path, text);
                topic.map(|topic| format!("{topic:?}")).map_err(told)
            }
            Self::Cron => {
                let cron = Cron::parse(path, text);
                cron.map(|cron| format!("{cron:?}")).map_err(told)
            }
            Self::ServiceConfig => {
                let folder = tempfile::tempdir().unwrap();
                let file = folder.path().join(path);
                std::fs::write(&file, text).unwrap();
                let service = ServiceConfig::load(&file);
                service.map(|service| format!("{service:?}")).map_err(told)
            }
        }
    }
}

/// A row of a table: a key, what holds without it, and how it is written.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    file: File,
    /// As the file has it: `[list]`, `[[job]]`; nothing at the top.
    table: String,
    key: String,
    /// The value that stands for a missing key, where it is one.
    default: Option<String>,
    example: String,
}

impl Row {
    /// The whole name, `list.item`.
    fn path(&self) -> String {
        let table = self.table.trim_matches(['[', ']']);
        let dot = if table.is_empty() { "" } else { "." };
        format!("{table}{dot}{}", self.key)
    }
}

/// The rows of a document's tables: key, default, meaning, example.
fn rows(path: &str) -> Vec<Row> {
    let document = Document::read(path);
    let (mut file, mut table) = (None, String::new());
    let mut rows = Vec::new();
    for (number, line) in document.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            file = File::of_heading(heading);
            table.clear();
        } else if let Some(heading) = line.strip_prefix("### ") {
            table = code(heading)
                .filter(|code| code.starts_with('['))
                .unwrap_or_default();
        } else if let (Some(file), Some(row)) = (file, line.strip_prefix("| `")) {
            let cells: Vec<&str> = row.trim_end_matches('|').split(" | ").collect();
            assert_eq!(
                cells.len(),
                4,
                "{path}:{number}: key, default, meaning, example"
            );
            rows.push(Row {
                file,
                table: table.clone(),
                key: cells[0].trim_end_matches('`').to_owned(),
                default: cells[1].starts_with('`').then(|| code(cells[1])).flatten(),
                example: code(cells[3]).unwrap(),
            });
        }
    }
    rows
}

/// The first `code` of a text.
fn code(text: &str) -> Option<String> {
    text.split('`').nth(1).map(str::to_owned)
}

#[test]
fn every_key_that_is_read_is_documented_and_no_other() {
    for path in DOCUMENTS {
        let rows = rows(path);
        for file in FILES {
            let of_file = rows.iter().filter(|row| row.file == file);
            let mut documented: Vec<String> = of_file.map(Row::path).collect();
            let mut known = file.keys();
            documented.sort();
            known.sort();
            assert_eq!(documented, known, "{path}: {}", file.name());
        }
    }
}

#[test]
fn every_example_of_a_key_is_read() {
    for path in DOCUMENTS {
        for row in rows(path) {
            let key = row.example.split('=').next().unwrap_or_default().trim();
            assert_eq!(key, row.key, "{path}");
            let text = row.file.with(&row.table, &row.example);
            let read = row.file.read(&text);
            assert!(read.is_ok(), "{path}: {read:?}");
        }
    }
}

#[test]
fn every_default_of_a_key_is_what_holds_without_it() {
    for path in DOCUMENTS {
        let rows = rows(path);
        let with_default = rows
            .iter()
            .filter_map(|row| row.default.as_ref().zip(Some(row)));
        let mut seen = 0;
        for (default, row) in with_default {
            let said = row
                .file
                .with(&row.table, &format!("{} = {default}", row.key));
            let unsaid = row.file.with(&row.table, "");
            assert_eq!(
                row.file.read(&said),
                row.file.read(&unsaid),
                "{path}: {row:?}"
            );
            seen += 1;
        }
        assert!(seen > 12, "{path}: only {seen} defaults were found");
    }
}

#[test]
fn both_languages_show_the_same_keys_defaults_and_examples() {
    let [english, chinese] = DOCUMENTS.map(rows);
    assert_eq!(english, chinese);
}

/// The whole file at the head of each part is read, too.
#[test]
fn every_whole_example_is_read() {
    for path in DOCUMENTS {
        let document = Document::read(path);
        let mut file = None;
        let mut seen = 0;
        let mut block: Option<String> = None;
        for line in document.text.lines() {
            match (&mut block, line) {
                (None, "```toml") => block = Some(String::new()),
                (Some(text), "```") => {
                    let file: File = file.unwrap();
                    let read = file.read(text);
                    assert!(read.is_ok(), "{path}: {read:?}");
                    seen += 1;
                    block = None;
                }
                (Some(text), line) => {
                    text.push_str(line);
                    text.push('\n');
                }
                (None, line) => {
                    if let Some(heading) = line.strip_prefix("## ") {
                        file = File::of_heading(heading);
                    }
                }
            }
        }
        assert_eq!(seen, FILES.len(), "{path}: one example a file");
    }
}
