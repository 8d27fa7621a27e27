//! The operator's commands: backup and restore, removal, retention, the systemd units.
//!
//! Owns the parts below. Never leaves loopback.

mod backup;
mod ids;
mod removal;
mod retention;
mod units;
