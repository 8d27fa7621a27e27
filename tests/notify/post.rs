//! A mail server on loopback, which judges how it is spoken to.
//!
//! Owns the letters that it took. Never delivers one.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::faults_machine::machine::PATIENCE;

/// What the server says to a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Take,
    /// It knows no such receiver.
    Refuse,
    /// It has taken the letter, and never says so.
    Silence,
}

/// A letter, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) to: String,
    pub(crate) login: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// Reads a letter as Python's `email` does.
const READ: &str = "
import email, email.policy, json, sys
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
parts = list(m.walk())
print(json.dumps({
    'defects': [repr(d) for p in parts for d in p.defects],
    'types': [p.get_content_type() for p in parts],
    'subject': m['subject'], 'from': str(m['from']), 'to': str(m['to']), 'id': m['message-id'],
    'day': m['date'].datetime.date().isoformat(), 'unsubscribe': m['list-unsubscribe'],
    'auto': m['auto-submitted'], 'text': m.get_body(('plain',)).get_content(),
    'html': m.get_body(('html',)).get_content()}))
";

impl Letter {
    /// The letter by another parser's account.
    pub(crate) fn read(&self) -> Value {
        let mut python = Command::new("python3")
            .args(["-c", READ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("install Python 3");
        python.stdin.take().unwrap().write_all(&self.bytes).unwrap();
        let output = python.wait_with_output().unwrap();
        assert!(output.status.success());
        let read: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(read["defects"], serde_json::json!([]));
        read
    }
}

/// The server, for as long as the tests run.
#[derive(Clone, Default)]
pub(crate) struct Post {
    pub(crate) port: u16,
    letters: Arc<Mutex<Vec<Letter>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Post {
    pub(crate) fn serve() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let post = Self {
            port: listener.local_addr().unwrap().port(),
            ..Self::default()
        };
        let own = post.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let own = own.clone();
                std::thread::spawn(move || own.converse(&stream.unwrap()));
            }
        });
        post
    }

    /// A server that is not there: nobody listens at a port that was just given back.
    pub(crate) fn absent() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            port: listener.local_addr().unwrap().port(),
            ..Self::default()
        }
    }

    /// What it says to the next letters; it takes all others.
    pub(crate) fn answer(&self, answers: &[Answer]) {
        self.answers.lock().unwrap().extend(answers);
    }

    pub(crate) fn taken(&self) -> Vec<Letter> {
        std::mem::take(&mut self.letters.lock().unwrap())
    }

    /// Waits for a letter.
    pub(crate) fn wait(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.letters.lock().unwrap().is_empty() {
            assert!(Instant::now() < deadline, "no letter comes");
            std::thread::yield_now();
        }
    }

    /// One connection, by RFC 5321.
    fn converse(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        let say = |text: &str| {
            let mut out = stream;
            let _ = out.write_all(format!("{text}\r\n").as_bytes());
        };
        let mut line = || -> Option<Vec<u8>> {
            let mut line = Vec::new();
            reader.read_until(b'\n', &mut line).ok()?;
            if line.is_empty() {
                return None;
            }
            assert!(
                line.ends_with(b"\r\n") && line.len() <= 1000,
                "a line of RFC 5321"
            );
            Some(line)
        };
        let (mut to, mut login) = (String::new(), None);
        let mut answer = Answer::Take;
        say("220 post.example ESMTP");
        while let Some(told) = line() {
            let told = String::from_utf8(told).unwrap();
            let told = told.trim_end();
            match told.split([' ', ':']).next().unwrap() {
                "EHLO" => say("250-post.example\r\n250-AUTH PLAIN\r\n250 8BITMIME"),
                "AUTH" => {
                    let coded = told.strip_prefix("AUTH PLAIN ").unwrap();
                    let name = String::from_utf8(STANDARD.decode(coded).unwrap()).unwrap();
                    login = Some(name.replace('\0', " ").trim().to_owned());
                    say("235 welcome");
                }
                "MAIL" => say("250 ok"),
                "RCPT" => {
                    answer = self
                        .answers
                        .lock()
                        .unwrap()
                        .pop_front()
                        .unwrap_or(Answer::Take);
                    to = told[8..].trim_matches(['<', '>']).to_owned();
                    match answer {
                        Answer::Refuse => say("550 5.1.1 no such receiver"),
                        _ => say("250 ok"),
                    }
                }
                "DATA" => {
                    say("354 go on");
                    let mut bytes = Vec::new();
                    loop {
                        let read = line().unwrap();
                        if read == b".\r\n" {
                            break;
                        }
                        bytes.extend(read.strip_prefix(b".").unwrap_or(&read));
                    }
                    let (to, login) = (to.clone(), login.clone());
                    self.letters
                        .lock()
                        .unwrap()
                        .push(Letter { to, login, bytes });
                    if answer == Answer::Silence {
                        // Until the other side is gone.
                        while line().is_some() {}
                        return;
                    }
                    say("250 taken");
                }
                "RSET" => say("250 ok"),
                "QUIT" => return say("221 bye"),
                other => panic!("{other} is not understood"),
            }
        }
    }
}
