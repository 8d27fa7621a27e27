//! Whether a bucket can be written to.
//!
//! Owns the question whether it keeps conditions. Never leaves anything changed.

use bytes::Bytes;
use object_store::{Attributes, PutMode, UpdateVersion};

use super::fault::Fault;
use super::objects::Objects;

/// Checks that the bucket can be used, and that it keeps conditions: a write of a new object where
/// there is one, and one over another state, must fail. It is tried with the object at `path`, which
/// holds `first` if it is new. Costs a read and two refused writes.
pub async fn probe(objects: &Objects, path: &str, first: &[u8]) -> Result<(), Fault> {
    let write = |bytes: Bytes, mode| objects.write_if(path, bytes, mode, Attributes::new());
    let bytes = match objects.read(path).await? {
        Some((found, _)) => found,
        None => {
            write(Bytes::copy_from_slice(first), PutMode::Create).await?;
            let written = objects.read(path).await?;
            let missing = || Fault::unconditional("an object that was written is not there");
            written.ok_or_else(missing)?.0
        }
    };
    let other = UpdateVersion {
        e_tag: Some("\"00000000000000000000000000000000\"".to_owned()),
        version: Some("1".to_owned()),
    };
    // A bucket that ignores the condition only gets the same bytes again.
    for (mode, what) in [
        (PutMode::Create, "If-None-Match"),
        (PutMode::Update(other), "If-Match"),
    ] {
        if write(bytes.clone(), mode).await?.is_some() {
            let message = format!("it ignores {what} when it stores an object");
            return Err(Fault::unconditional(&message));
        }
    }
    Ok(())
}
