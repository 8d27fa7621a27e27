//! The operator's commands: backup and restore, removal, texts, retention, systemd units, containers,
//! nginx in front.
//!
//! Owns the parts below. Never leaves loopback.

mod backup;
mod containers;
mod ids;
mod nginx;
mod removal;
mod retention;
mod texts;
mod units;
