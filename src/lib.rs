//! # dibao 邸报
//!
//! Follows the news columns of Chinese government portals and publishes them as RSS, Atom, JSON
//! Feed and JSON. Two halves that meet only at the store:
//!
//! ```text
//!  cron.toml (when)            feeds/PORTAL/COLUMN.toml (what)
//!         ▼
//!  collect:    fetch ─▶ decode ─▶ extract ─▶ identify ─▶ store
//!  publish:                serve ◀─ publish ◀─ render ◀─ store
//! ```
//!
//! To find your way: [`model`] has the words; [`pipeline`] reads like the picture above; each
//! room opens with what it owns and what it never does. The middle of the house ([`decode`],
//! [`extract`], [`identify`], [`search`], [`render`]) is pure: bytes and `now` in, values and
//! problems out.
//! [`fetch`], [`store`], [`publish`], [`notify`], [`serve`] and [`schedule`] are the shell around
//! it. [`service`] runs all of it by the timetable, and [`cli`] is the door.

pub mod archive;
pub mod cli;
pub mod config;
pub mod decode;
pub mod demo;
pub mod extract;
pub mod fetch;
pub mod identify;
pub mod model;
pub mod notify;
pub mod pipeline;
pub mod publish;
pub mod render;
pub mod schedule;
pub mod search;
pub mod serve;
pub mod service;
pub mod store;
