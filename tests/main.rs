//! dibao's tests, one binary. What each module shows:
//!
//! - `identity`: which article a page is, case by case, and in any order of arrival
//! - `support`: what the tests share; no tests of its own
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

mod identity;
mod support;
