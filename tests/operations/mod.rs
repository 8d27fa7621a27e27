//! What an operator does to keep dibao running: backup and restore, removal, retention, the units.

mod backup;
mod ids;
mod removal;
mod retention;
mod units;
