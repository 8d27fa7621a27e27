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
///
/// Not by [`Handle::block_on`]: within `Runtime::block_on` of the same thread, both wait for one signal
/// (tokio 1.54). What wakes the outer future meanwhile is lost, and the outer future waits forever.
pub fn wait<T>(runtime: &Handle, what: impl Future<Output = T>) -> T {
    let _within = runtime.enter();
    tokio::task::block_in_place(|| futures_executor::block_on(what))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::runtime::Runtime;
    use tokio::sync::oneshot;

    use super::wait;

    #[test]
    fn what_happens_beside_a_wait_is_noticed() {
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = Runtime::new().unwrap();
            let both = async {
                let (send, beside) = oneshot::channel();
                let (sent, is_sent) = oneshot::channel();
                let waits = async {
                    wait(runtime.handle(), async {
                        tokio::spawn(async {
                            send.send("beside").unwrap();
                            sent.send(()).unwrap();
                        });
                        is_sent.await.unwrap();
                    });
                };
                tokio::join!(beside, waits).0.unwrap()
            };
            tell.send(runtime.block_on(both)).unwrap();
        });
        assert_eq!(told.recv_timeout(Duration::from_secs(10)), Ok("beside"));
    }
}
