//! Redirects from the addresses of columns that became other ones.
//!
//! Owns the published list of moves as it is in memory. Never reads the store.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::publish::PublishedFiles;
use crate::render::paths;

/// How often the list is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// The same for a list in a bucket.
const LOOK_IN_BUCKET: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Known {
    looked: Option<Instant>,
    state: Option<(SystemTime, u64)>,
    /// The new folder by the former one, as `portal/column`.
    moves: BTreeMap<String, String>,
}

impl Known {
    fn look(&mut self, file: &Path) {
        let state = std::fs::metadata(file).ok();
        let state = state.and_then(|file| Some((file.modified().ok()?, file.len())));
        if state == self.state {
            return;
        }
        self.state = state;
        self.take(&std::fs::read_to_string(file).unwrap_or_default());
    }

    fn take(&mut self, text: &str) {
        self.moves = text.lines().filter_map(entry).collect();
    }
}

/// The list of moves. Clones share it.
#[derive(Clone)]
pub(super) struct Moves {
    public: PublishedFiles,
    known: Arc<Mutex<Known>>,
}

impl Moves {
    pub(super) fn new(public: &PublishedFiles) -> Self {
        Self {
            public: public.clone(),
            known: Arc::default(),
        }
    }

    /// Where the content of this path is now, as a reference relative to it: the site may stand below
    /// a path that only a proxy knows.
    pub(super) async fn target(&self, path: &str) -> Option<String> {
        let (portal, below) = path.strip_prefix('/')?.split_once('/')?;
        let (column, rest) = match below.split_once('/') {
            Some((column, rest)) => (column, Some(rest)),
            None => (below, None),
        };
        self.look().await;
        let known = self.known();
        let Some(into) = known.moves.get(&format!("{portal}/{column}")) else {
            let into = known.moves.get(portal)?;
            let up = 1 + below.matches('/').count();
            return Some(format!("{}{into}/{below}", "../".repeat(up)));
        };
        let up = match rest {
            None => 1,
            Some(rest) => 2 + rest.matches('/').count(),
        };
        Some(format!(
            "{}{into}/{}",
            "../".repeat(up),
            rest.unwrap_or_default()
        ))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look(&self) {
        let folder = self.public.folder();
        {
            let mut known = self.known();
            let pause = folder.map_or(LOOK_IN_BUCKET, |_| LOOK);
            if known.looked.is_some_and(|looked| looked.elapsed() < pause) {
                return;
            }
            known.looked = Some(Instant::now());
            if let Some(folder) = folder {
                return known.look(&folder.join(paths::REDIRECTS));
            }
        }
        let (public, own) = (self.public.clone(), self.clone());
        // It asks the bucket, and nobody waits for that.
        tokio::task::spawn_blocking(move || {
            if let Ok(text) = public.read(paths::REDIRECTS) {
                own.known()
                    .take(&String::from_utf8_lossy(&text.unwrap_or_default()));
            }
        });
    }
}

/// A line such as `/a/x/* /a/y/:splat 301`.
fn entry(line: &str) -> Option<(String, String)> {
    let mut words = line.split_whitespace();
    let from = words.next()?.strip_prefix('/')?.strip_suffix("/*")?;
    let into = words.next()?.strip_prefix('/')?.strip_suffix("/:splat")?;
    Some((from.to_owned(), into.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_moved_address_leads_to_the_same_file_from_below_any_path() {
        let folder = tempfile::tempdir().unwrap();
        let list = "/a/x/* /b/y/:splat 301\nnothing\n/a/z/* /a/y 301\n/c/* /b/y/:splat 301\n";
        std::fs::write(folder.path().join(paths::REDIRECTS), list).unwrap();
        let moves = Moves::new(&PublishedFiles::Folder(folder.path().to_owned()));
        for (path, target) in [
            ("/a/x/rss.xml", Some("../../b/y/rss.xml")),
            ("/a/x/", Some("../../b/y/")),
            ("/a/x", Some("../b/y/")),
            (
                "/a/x/archive/000001.atom",
                Some("../../../b/y/archive/000001.atom"),
            ),
            ("/a/xx/rss.xml", None),
            ("/a/z/rss.xml", None),
            ("/a/", None),
            ("/c/atom.xml", Some("../b/y/atom.xml")),
            ("/c/", Some("../b/y/")),
            ("/c/x/rss.xml", Some("../../b/y/x/rss.xml")),
            ("/", None),
        ] {
            let found = moves.target(path).await;
            assert_eq!(found.as_deref(), target, "{path}");
            let base = url::Url::parse(&format!("http://h.example/news{path}")).unwrap();
            if let Some(target) = target {
                let joined = base.join(target).unwrap();
                assert!(joined.path().starts_with("/news/b/y/"), "{joined}");
            }
        }
    }
}
