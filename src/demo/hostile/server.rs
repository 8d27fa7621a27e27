//! The server of the hostile portal.
//!
//! Owns sockets, and how the steps of an answer are sent. Never decides about an answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::Shared;
use super::answer::{Answer, AnswerStep, Asked, header};
use super::log::Visit;

/// The largest head of a request.
const LARGEST_HEAD: usize = 64 * 1024;
/// The time between two bytes of a drip.
const DRIP: Duration = Duration::from_millis(20);

/// A connection that can be reset.
pub(super) trait Connection: AsyncRead + AsyncWrite + Unpin {
    /// The TCP connection below.
    fn tcp(&self) -> &TcpStream;
}

impl Connection for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

/// Serves HTTP without end.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let meet = |stream, shared: Arc<Shared>| async move { converse(stream, &shared, false).await };
    accept(listener, shared, meet).await;
}

/// Accepts connections without end, and passes each to `meet`.
pub(super) async fn accept<F>(
    listener: TcpListener,
    shared: Arc<Shared>,
    meet: impl Fn(TcpStream, Arc<Shared>) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(meet(stream, Arc::clone(&shared)));
            }
            // The process may have too many open files. Connections that end will free some.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

/// Answers requests on one connection until either side ends it.
pub(super) async fn converse(mut stream: impl Connection, shared: &Shared, secure: bool) {
    let Ok(here) = stream.tcp().local_addr() else {
        return;
    };
    while let Some(head) = read_head(&mut stream).await {
        let (asked, place) = begin(head, here, shared, secure);
        let variant = shared.variant(&asked.host);
        let answer = match variant.filter(|variant| variant.spoils.covers(asked.file())) {
            Some(variant) => (variant.serve)(&asked),
            None => Answer::good(&asked),
        };
        shared.log.status(place, answer.status);
        let sent = carry_out(&mut stream, &answer.steps).await;
        shared.log.end(place);
        if sent.is_none() || !answer.keep {
            return;
        }
    }
}

fn begin(head: String, here: SocketAddr, shared: &Shared, secure: bool) -> (Asked, usize) {
    let mut words = head.split_ascii_whitespace().skip(1);
    let path = words.next().unwrap_or("/").to_owned();
    let host = header(&head, "host").unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let host = host.to_ascii_lowercase();
    let user_agent = header(&head, "user-agent").unwrap_or_default().to_owned();
    let (place, before) = shared.log.begin(Visit {
        host: host.clone(),
        path: path.clone(),
        user_agent,
        secure,
        start: Instant::now(),
        end: None,
        status: 0,
        at_once: 0,
    });
    let asked = Asked {
        host,
        path,
        head,
        before,
        here,
        secure,
    };
    (asked, place)
}

/// Reads the head of a request, with header names in lower case. `None` if the client left or the
/// head is too large.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        // A visitor waits for the answer before its next request, so this reads only one request.
        let read = stream.read_buf(&mut head).await.ok()?;
        if read == 0 || head.len() > LARGEST_HEAD {
            return None;
        }
    }
    let head = String::from_utf8_lossy(&head);
    let lines =
        head.lines()
            .enumerate()
            .map(|(at, line)| match line.split_once(':').filter(|_| at > 0) {
                Some((name, value)) => format!("{}:{value}\n", name.to_ascii_lowercase()),
                None => format!("{line}\n"),
            });
    Some(lines.collect())
}

/// Carries out the steps in order. `None` if the visitor left or the connection was reset.
async fn carry_out(stream: &mut impl Connection, steps: &[AnswerStep]) -> Option<()> {
    for step in steps {
        match step {
            AnswerStep::Send(bytes) => send(stream, bytes).await?,
            AnswerStep::Repeat(bytes, times) => {
                let mut sent = 0;
                while times.is_none_or(|times| sent < times) {
                    send(stream, bytes).await?;
                    sent += 1;
                }
            }
            AnswerStep::Drip(bytes) => {
                for byte in bytes.iter().cycle() {
                    send(stream, &[*byte]).await?;
                    if has_left(stream, DRIP).await {
                        return None;
                    }
                }
            }
            AnswerStep::Hold => while !has_left(stream, Duration::from_secs(3600)).await {},
            AnswerStep::Reset => {
                // With zero linger, closing sends a reset.
                let _ = stream.tcp().set_zero_linger();
                return None;
            }
        }
    }
    Some(())
}

async fn send(stream: &mut impl Connection, bytes: &[u8]) -> Option<()> {
    stream.write_all(bytes).await.ok()?;
    stream.flush().await.ok()
}

/// Whether the visitor closes the connection within this time.
async fn has_left(stream: &mut impl Connection, wait: Duration) -> bool {
    let mut byte = [0];
    matches!(
        tokio::time::timeout(wait, stream.read(&mut byte)).await,
        Ok(Ok(0) | Err(_))
    )
}
