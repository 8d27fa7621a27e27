//! Signals: which of them end the process, and which make it read the configuration again.
//!
//! Owns the differences between systems. Never decides what a signal leads to.

/// SIGTERM and SIGINT, from [`catch_signals`] on. One that comes before somebody waits is not lost.
#[cfg(unix)]
static CAUGHT: tokio::sync::Mutex<Option<[tokio::signal::unix::Signal; 2]>> =
    tokio::sync::Mutex::const_new(None);

/// From now on, SIGTERM and Ctrl-C do not end the process by themselves: [`terminated`] tells them.
/// Needs a tokio runtime. If the system refuses, they end the process.
#[cfg(unix)]
pub fn catch_signals() {
    use tokio::signal::unix::{SignalKind, signal};
    if let Ok(mut caught) = CAUGHT.try_lock() {
        let terminate = signal(SignalKind::terminate());
        *caught = terminate
            .and_then(|terminate| Ok([terminate, signal(SignalKind::interrupt())?]))
            .ok();
    }
}

/// Does nothing: [`terminated`] catches Ctrl-C.
#[cfg(not(unix))]
pub fn catch_signals() {}

/// Waits for SIGTERM or Ctrl-C, as they come after [`catch_signals`].
#[cfg(unix)]
pub async fn terminated() {
    match &mut *CAUGHT.lock().await {
        Some([terminate, interrupt]) => tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        },
        None => std::future::pending().await,
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub async fn terminated() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// Signals to read the configuration again: SIGHUP.
#[cfg(unix)]
#[derive(Debug)]
pub(super) struct Hangups(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Hangups {
    pub(super) fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::hangup()).map(Self)
    }

    pub(super) async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending().await
        }
    }
}

/// This system has no SIGHUP.
#[cfg(not(unix))]
#[derive(Debug)]
pub(super) struct Hangups;

#[cfg(not(unix))]
impl Hangups {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) {
        std::future::pending().await
    }
}
