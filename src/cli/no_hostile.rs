//! `dibao demo --hostile` in a build without the misbehaving portal.
//!
//! Owns the words that say how to get a build with it. Never serves anything.

use std::net::SocketAddr;

use super::outcome::{Done, Stop};

pub(super) async fn hostile(_once: bool, _listen: SocketAddr) -> Result<Done, Stop> {
    Err(Stop::configuration(
        "demo --hostile: this build of dibao has no hostile portal; expected one with the feature \
         demo-hostile\n  remedy: in dibao's source, run: cargo run --features demo-hostile -- demo \
         --hostile",
    ))
}
