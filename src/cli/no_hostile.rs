//! `dibao demo --hostile` in a build without the portal that misbehaves: how to get a build with it.

use std::net::SocketAddr;

use super::{Done, Stop};

pub(super) async fn hostile(_once: bool, _listen: SocketAddr) -> Result<Done, Stop> {
    Err(Stop::configuration(
        "demo --hostile: this build of dibao has no hostile portal; expected one with the feature \
         demo-hostile\n  remedy: in dibao's source, run: cargo run --features demo-hostile -- demo \
         --hostile",
    ))
}
