//! A server on loopback that answers as a test says, byte by byte, and remembers its requests.
//!
//! Owns the connections. Never tests anything itself.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The bytes that the server sends; then it closes the connection.
pub(super) enum Reply {
    Bytes(Vec<u8>),
    /// These bytes after a while.
    Late(Vec<u8>, Duration),
    /// These bytes, then one every 10 ms without end.
    Drip(&'static str),
    /// These bytes, then more without end, as fast as they go.
    Flood(&'static str),
}

/// One request that the server saw.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) head: String,
    pub(super) start: Instant,
    /// When the answer was sent, or could not be sent any further.
    pub(super) end: Instant,
}

pub(super) struct Server {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Starts a server. `reply` is given the request's head, lower case, and how many came
    /// before it.
    pub(super) async fn start(
        reply: impl Fn(&str, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let reply = Arc::new(reply);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&reply), Arc::clone(&log)));
            }
        });
        Self { address, seen }
    }

    pub(super) fn url(&self, path: &str) -> url::Url {
        format!("http://{}{path}", self.address).parse().unwrap()
    }

    /// The requests so far, in the order in which they came.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn answer(
    mut stream: TcpStream,
    reply: Arc<impl Fn(&str, usize) -> Reply>,
    log: Arc<Mutex<Vec<Seen>>>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let start = Instant::now();
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let place = {
        let mut log = log.lock().unwrap();
        let head = head.clone();
        let end = start;
        log.push(Seen { head, start, end });
        log.len() - 1
    };
    match reply(&head, place) {
        Reply::Bytes(bytes) => {
            // The client may have heard enough.
            let _ = stream.write_all(&bytes).await;
        }
        Reply::Late(bytes, wait) => {
            tokio::time::sleep(wait).await;
            let _ = stream.write_all(&bytes).await;
        }
        Reply::Drip(bytes) => {
            let mut next = bytes.as_bytes().to_vec();
            while stream.write_all(&next).await.is_ok() {
                next = b"x".to_vec();
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        Reply::Flood(bytes) => {
            let mut next = bytes.as_bytes().to_vec();
            while stream.write_all(&next).await.is_ok() {
                next = vec![b'x'; 64 * 1024];
            }
        }
    }
    log.lock().unwrap()[place].end = Instant::now();
}

/// A whole answer: status line and headers as given, and a body of its true length.
pub(super) fn page(head: &str, body: &[u8]) -> Reply {
    let head = format!("HTTP/1.1 {head}\r\nConnection: close\r\n");
    let length = format!("Content-Length: {}\r\n\r\n", body.len());
    Reply::Bytes([head.as_bytes(), length.as_bytes(), body].concat())
}

pub(super) fn ok(body: &str) -> Reply {
    page(
        "200 OK\r\nContent-Type: text/html; charset=gb2312",
        body.as_bytes(),
    )
}
