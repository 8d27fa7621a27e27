//! The lives of columns and articles beyond their runs: columns are renamed, moved, merged, paused and
//! forgotten, articles are removed.
//!
//! Owns the order of files and store in each. Never asks a portal.

mod cron_text;
mod feed_text;
mod files;
mod moves;
mod remove;
mod settle;

pub use files::{FileLock, create_whole, write_whole};
pub use moves::{LifeError, complete_moves, forget_files, move_column, set_pause};
pub use remove::{Removal, RemovalReport, RemovalStep};
pub use settle::{Settled, note_broken, settle};
