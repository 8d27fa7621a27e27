//! # dibao 邸报
//!
//! Follows the news columns of Chinese government portals and publishes them as RSS, Atom, JSON
//! Feed and JSON. Two halves that meet only at the store:
//!
//! ```text
//! cron.toml (when)                        feeds/PORTAL/COLUMN.toml (what)
//!        │                                          │
//!        ▼                                          ▼
//!    schedule ──── due columns ────▶ pipeline::collect
//!                                          │
//!   fetch ─▶ archive ─▶ decode ─▶ extract ─▶ (accept) ─▶ identify ─▶ store
//!   shell    shell      pure      pure       pure        pure        │ one transaction an article:
//!                                                                    │ pages · articles · changes
//! ══════════════════ the two halves meet only here ══════════════════╪════════════════════════════
//!                                                                    │
//!                                   serve ◀─── publish ◀─── render ◀─┘
//!                                   shell      shell        pure
//!                                          pipeline::publish
//! ```
//!
//! The middle is pure: bytes and a time go in, values and problems come out. Pure rooms are
//! [`model`], [`decode`], [`search`], [`identify`], [`extract`] and [`render`]; the shell around
//! them is [`config`], [`demo`], [`fetch`], `bucket`, [`archive`], [`publish`], [`store`],
//! [`notify`], [`schedule`], [`pipeline`], [`serve`], [`service`] and [`cli`].
//!
//! To find your way, begin with the types of `model`, then the order of things in `pipeline`.
//! Each room opens with what it owns and what it never does.

pub mod archive;
#[cfg(feature = "many-machines")]
pub mod bucket;
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
