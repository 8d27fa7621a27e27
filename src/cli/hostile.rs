//! `dibao demo --hostile`: serves the misbehaving portal, for trying dibao on it.
//!
//! Owns the words. Never collects from it.

use std::fmt::Write;
use std::net::SocketAddr;

use super::outcome::{Done, Stop, say, tell};
use crate::demo::hostile::{self, Fault, Hostile};

pub(super) async fn hostile(once: bool, listen: SocketAddr) -> Result<Done, Stop> {
    for fault in hostile::faults() {
        say(format_fault(fault).trim_end())?;
    }
    if once {
        return Ok(Done::Well);
    }
    let hostile = Hostile::serve_at(listen).await.map_err(|e| {
        Stop::configuration(format_args!(
            "{listen}: cannot listen there: {e}\n  remedy: name another address with --listen"
        ))
    })?;
    tell(&how_to(&hostile));
    tokio::signal::ctrl_c().await.map_err(Stop::failed)?;
    Ok(Done::Well)
}

/// A fault with its hosts, as text.
fn format_fault(fault: &Fault) -> String {
    let mut text = format!(
        "{:2}  {}\n    right: {}\n",
        fault.number, fault.failure, fault.right
    );
    if fault.variants.is_empty() {
        // Writing to a string does not fail.
        let _ = writeln!(text, "    no portal's doing: {}", fault.cause);
    }
    for variant in fault.variants {
        let host = fault.host(variant);
        let _ = writeln!(text, "    {host:30}  {}", variant.does);
    }
    text
}

fn how_to(hostile: &Hostile) -> String {
    format!(
        "\nserving these hosts, and the good replica as any other; Ctrl-C ends. To see one fail, write \
         feeds/hostile/gone.toml:\n\n  url = \"http://fault-03-410.test{}\"\n  fetch.delay = \"0s\"\n\n\
         and run\n\n  dibao --connect-to :80:{} --connect-to :443:{} run hostile/gone\n\n\
         For fault 16 name the host (--connect-to fault-16-private.test:80:{}): a rule without one is \
         leave to go there for every host.",
        hostile::COLUMN,
        hostile.http,
        hostile.https,
        hostile.http,
    )
}
