//! How long the archive is kept: whole files go that are older, if `dibao.toml` says so.

use std::path::Path;

use chrono::TimeDelta;

use super::setting::{self, OpenError};
use crate::archive;
use crate::model::Timestamp;
use crate::store::Store;

/// Lets go of the archive's files whose newest page was captured longer than `keep` ago, and says of
/// each what is lost. The index forgets a file before it goes: a kill leaves a file too many.
pub(super) async fn retain(
    store: &Store,
    data: &Path,
    keep: Option<TimeDelta>,
    now: Timestamp,
) -> Result<Vec<String>, OpenError> {
    let Some(keep) = keep else {
        return Ok(Vec::new());
    };
    let folder = setting::archive_in(data);
    let before = now.plus(-keep);
    let mut left = archive::left_since(&folder, before)?;
    if left.is_empty() {
        return Ok(Vec::new());
    }
    let newest = store.captures().newest_by_file().await?;
    left.retain(|name| newest.get(name).is_none_or(|at| *at < before));
    let mut said = Vec::with_capacity(left.len());
    for name in left {
        let pages = store.captures().forget_file(&name).await?;
        if let Some(bytes) = archive::delete(&folder, &name)? {
            let size = super::backup::megabytes(bytes);
            said.push(format!(
                "archive  {name} deleted, {size}: older than [archive] keep; {pages} pages of articles can no \
                 longer be read anew from it"
            ));
        }
    }
    Ok(said)
}
