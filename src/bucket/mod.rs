//! A bucket of an object store: S3 and what speaks its protocol, Google Cloud Storage, Azure Blob
//! Storage.
//!
//! Owns what every room needs that keeps files in one: the protocol, how often a request is tried,
//! conditions, and faults in words. Never knows what an object means.

mod connect;
mod fault;
mod objects;
mod probe;

use std::future::Future;

use tokio::runtime::{Handle, RuntimeFlavor};
use url::Url;

pub use connect::{MANY, SOME};
pub use fault::{Fault, fault_of};
pub use objects::{Listed, Objects, Part, is_out_of_range, or_none, version};
pub use probe::probe;

/// Opens the bucket at this address for work, and waits for its first answer, for which it is asked with
/// fewer tries. Returns the runtime on which its requests run.
pub fn open<T>(
    url: &Url,
    first: impl AsyncFnOnce(&Objects) -> Result<T, Fault>,
) -> Result<(Objects, Handle), Fault> {
    let (objects, runtime) = (Objects::new(url, MANY)?, runtime()?);
    let asked = async { first(&Objects::new(url, SOME)?).await };
    wait(&runtime, asked)?;
    Ok((objects, runtime))
}

/// The runtime on which requests run. It must have several threads, since callers wait on one.
pub fn runtime() -> Result<Handle, Fault> {
    let runtime = Handle::try_current().map_err(Fault::address)?;
    match runtime.runtime_flavor() {
        RuntimeFlavor::CurrentThread => {
            Err(Fault::address("it needs a runtime of several threads"))
        }
        _ => Ok(runtime),
    }
}

/// Waits for something, and lets the runtime do other work meanwhile.
pub fn wait<T>(runtime: &Handle, what: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| runtime.block_on(what))
}
