//! Who publishes into a bucket now.
//!
//! Owns the object that says so. A publisher takes the next turn by a conditional write, and keeps
//! showing that it lives. Another one waits, and takes over from one that shows nothing for a while, by
//! its own watch: no two clocks are compared. Whoever was overtaken cannot overwrite what later turns wrote.
//! Never touches a published file.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use object_store::{PutMode, UpdateVersion};
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::objects::Objects;
use crate::bucket::{Fault, wait};

/// The object that says whose turn it is.
const OBJECT: &str = ".dibao/publisher.json";
/// A publisher shows so often that it lives.
const BEAT: Duration = Duration::from_secs(5);
/// One that shows nothing for so long is taken for dead.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often who waits looks.
const LOOK: Duration = Duration::from_millis(500);
/// So long the end of a turn may take to be written.
const RELEASE: Duration = Duration::from_secs(5);

/// What the object holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    /// The number of the turn. Later turns have higher ones.
    turn: u64,
    /// Who publishes; `None` for nobody.
    publisher: Option<Uuid>,
    /// How often it has shown that it lives.
    beats: u64,
}

/// Checks that the bucket can be used, and that it keeps conditions.
pub(super) async fn probe(objects: &Objects) -> Result<(), Fault> {
    crate::bucket::probe(objects, OBJECT, &encoded(&State::default())).await
}

/// A publisher's turn. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    objects: Arc<Objects>,
    runtime: Handle,
    beating: JoinHandle<()>,
    held: Arc<tokio::sync::Mutex<Held>>,
    /// Keeps other processes of this machine out.
    _file: Option<File>,
}

/// The object as this publisher wrote it last.
#[derive(Debug)]
struct Held {
    state: State,
    version: UpdateVersion,
}

impl Turn {
    /// Waits until nobody else publishes, and takes the next turn. `file` is in the data folder: it
    /// has this publisher's name, and processes of one machine wait for each other at it.
    pub(super) async fn take(objects: Arc<Objects>, file: &Path) -> Result<Self, Fault> {
        let path = file.to_owned();
        let opened = tokio::task::spawn_blocking(move || name_in(&path));
        let (file, me) = match opened.await.map_err(io::Error::other).flatten() {
            Ok((file, me)) => (Some(file), me),
            Err(error) => {
                let file = file.display();
                tracing::warn!(%file, %error, "it cannot be locked: this publisher has another name each time");
                (None, Uuid::new_v4())
            }
        };
        let held = next(&objects, me).await?;
        objects.begin_turn(held.state.turn);
        let held = Arc::new(tokio::sync::Mutex::new(held));
        let beating = tokio::spawn(beat(objects.clone(), held.clone()));
        Ok(Self {
            objects,
            runtime: Handle::current(),
            beating,
            held,
            _file: file,
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.beating.abort();
        let release = async {
            let held = self.held.lock().await;
            let state = State {
                publisher: None,
                ..held.state.clone()
            };
            let mode = PutMode::Update(held.version.clone());
            self.objects.write_if(OBJECT, encoded(&state), mode).await
        };
        let released = async { tokio::time::timeout(RELEASE, release).await };
        if !matches!(wait(&self.runtime, released), Ok(Ok(Some(_)))) {
            tracing::debug!(
                "the end of a turn to publish was not written: others wait a little longer"
            );
        }
    }
}

/// The name of this publisher, and the file that holds it, which is locked.
fn name_in(path: &Path) -> io::Result<(File, Uuid)> {
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    file.lock()?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    if let Ok(known) = text.trim().parse() {
        return Ok((file, known));
    }
    let new = Uuid::new_v4();
    file.set_len(0)?;
    writeln!(file, "{new}")?;
    file.sync_all()?;
    Ok((file, new))
}

/// Takes the next turn for this publisher.
async fn next(objects: &Objects, me: Uuid) -> Result<Held, Fault> {
    let mut seen: Option<(State, Instant)> = None;
    loop {
        let (state, mode) = match objects.read(OBJECT).await? {
            None => (State::default(), PutMode::Create),
            Some((bytes, version)) => {
                // What nobody can read is nobody's turn.
                let state: State = serde_json::from_slice(&bytes).unwrap_or_default();
                (state, PutMode::Update(version))
            }
        };
        // This publisher's own turn is one that a kill ended: its file is locked.
        if state.publisher.is_some_and(|other| other != me) {
            if seen.as_ref().is_none_or(|(known, _)| *known != state) {
                seen = Some((state.clone(), Instant::now()));
            }
            if seen
                .as_ref()
                .is_some_and(|(_, since)| since.elapsed() < PATIENCE)
            {
                tokio::time::sleep(LOOK).await;
                continue;
            }
            tracing::warn!(
                turn = state.turn,
                "a publisher has shown nothing for a while: its turn ends"
            );
        }
        let state = State {
            turn: state.turn.saturating_add(1),
            publisher: Some(me),
            beats: 0,
        };
        if let Some(version) = write(objects, &state, mode).await? {
            return Ok(Held { state, version });
        }
    }
}

/// Writes the object; `None` if somebody else did meanwhile.
async fn write(
    objects: &Objects,
    state: &State,
    mode: PutMode,
) -> Result<Option<UpdateVersion>, Fault> {
    let bytes = encoded(state);
    if let Some(version) = objects.write_if(OBJECT, bytes.clone(), mode).await? {
        return Ok(Some(version));
    }
    // The answer to our own write may have been lost, and the write repeated.
    let now = objects.read(OBJECT).await?;
    Ok(now.and_then(|(now, version)| (now == bytes).then_some(version)))
}

/// Shows that this publisher lives, until another one takes a turn.
async fn beat(objects: Arc<Objects>, held: Arc<tokio::sync::Mutex<Held>>) {
    loop {
        tokio::time::sleep(BEAT).await;
        let mut held = held.lock().await;
        let state = State {
            beats: held.state.beats + 1,
            ..held.state.clone()
        };
        let mode = PutMode::Update(held.version.clone());
        match write(&objects, &state, mode).await {
            Ok(Some(version)) => *held = Held { state, version },
            Ok(None) => return objects.note_overtaken(),
            // The next beat may come through. Whoever takes over meanwhile has a later turn.
            Err(error) => tracing::warn!(%error, "the turn to publish could not be renewed"),
        }
    }
}

fn encoded(state: &State) -> Vec<u8> {
    serde_json::to_vec(state).unwrap_or_default()
}
