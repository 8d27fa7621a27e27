//! The real program with folders of its own, as an operator has it.
//!
//! Owns the program's folders. Never tests anything itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use dibao::demo::{self, Reply};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::replica::FOLDER;

pub(crate) const COLUMN: &str = "lucheng/work-news";
/// How long anything may take before a test gives it up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(50);
/// Six articles (every sixth row is a line between them): enough for every kind of write, and a run
/// is soon over.
const FEED: &str = "url = \"http://www.lc.gov.cn/lcxxgk/xxgkml/jbxxgk/gzdt/\"\n\
                    [list]\ninitial = 1\nitem = \"ul.list > li:nth-child(-n+7)\"\n\
                    [fetch]\ndelay = \"0s\"\n";
pub(crate) const ARTICLES: usize = 6;

/// Paths under which the replica shows its first list page once they are in here.
static SHOWN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Shows the first list page under this path of the column's folder, too.
pub(crate) fn show(name: &str) {
    SHOWN.lock().unwrap().push(format!("{FOLDER}{name}"));
}

fn answer(path: &str) -> Option<Reply> {
    let shown = SHOWN.lock().unwrap().iter().any(|shown| shown == path);
    shown.then(|| Reply::Page(demo::file(FOLDER).unwrap().to_vec()))
}

/// The replica portal's port; served for as long as the tests run.
pub(crate) fn portal() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(|| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                demo::serve(listener, Some(Arc::new(answer))).await.unwrap();
            });
        });
        port
    })
}

/// An operator's folder: a feed file, and what comes of it.
pub(crate) struct Machine {
    folder: TempDir,
    portal: u16,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self::at(portal())
    }

    /// With another portal in the replica's place.
    pub(crate) fn at(portal: u16) -> Self {
        let machine = Self {
            folder: tempfile::tempdir().unwrap(),
            portal,
        };
        machine.write("feeds/lucheng/work-news.toml", FEED);
        machine
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn public(&self) -> PathBuf {
        self.path("public")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path("data/dibao.sqlite")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Every column is due every second.
    pub(crate) fn always_due(&self) {
        let cron = "[[job]]\ncolumns = [\"*/*\"]\ncron = \"* * * * * *\"\n";
        self.write("cron.toml", cron);
    }

    /// The program with these arguments, in this folder, its portal the replica.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        self.by(Command::new(env!("CARGO_BIN_EXE_dibao")), args)
    }

    /// The program run by another one, such as a tracer.
    pub(crate) fn command_by(&self, runner: &[&str], args: &[&str]) -> Command {
        let mut command = Command::new(runner[0]);
        command.args(&runner[1..]).arg(env!("CARGO_BIN_EXE_dibao"));
        self.by(command, args)
    }

    fn by(&self, mut command: Command, args: &[&str]) -> Command {
        let to = format!("{}:80:127.0.0.1:{}", demo::HOST, self.portal);
        command
            .current_dir(self.folder.path())
            .args(["--connect-to", &to])
            .args(args)
            .env_remove("DIBAO_BASE_URL")
            .env_remove("DIBAO_LOG_FORMAT")
            .env_remove("DIBAO_LOG");
        command
    }

    pub(crate) fn dibao(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// A run that must go well.
    pub(crate) fn run(&self) {
        self.well(&["run"]);
    }

    /// A command that must go well.
    pub(crate) fn well(&self, command: &[&str]) -> Output {
        let output = self.dibao(command);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        output
    }

    /// The portal is asked at this pace.
    pub(crate) fn slow_down(&self, delay: &str) {
        let feed = FEED.replace("\"0s\"", &format!("\"{delay}\""));
        self.write("feeds/lucheng/work-news.toml", &feed);
    }

    pub(crate) fn serve(&self) -> Service {
        Service::of(self.command(&["serve", "--listen", "127.0.0.1:0"]))
    }

    /// The output of `export` with these arguments, a record a line.
    pub(crate) fn export(&self, args: &[&str]) -> Vec<Value> {
        let export = self.dibao(&[&["export"], args].concat());
        assert_eq!(export.status.code(), Some(0), "{}", told(&export));
        let lines = String::from_utf8(export.stdout).unwrap();
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Runs SQL on the store through the driver, as another process would, and gives what the
    /// first column of its rows says.
    pub(crate) fn sql(&self, sql: &'static str) -> Vec<String> {
        sql_in(&self.database(), sql)
    }
}

pub(crate) fn sql_in(database: &Path, sql: &'static str) -> Vec<String> {
    use sqlx::Connection;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let url = format!("sqlite://{}", database.display());
        let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let rows = sqlx::query_scalar(sql).fetch_all(&mut connection).await;
        connection.close().await.unwrap();
        rows.unwrap()
    })
}

/// Both outputs, for what a failed assertion says.
pub(crate) fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// A child that is killed if its test fails.
pub(crate) struct Doomed(pub(crate) Child);

impl Drop for Doomed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Doomed {
    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.0.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// The exit code, once it has ended; `None` for one that had to be killed for it.
    pub(crate) fn code(&mut self) -> Option<i32> {
        let (ended, wait) = channel::<()>();
        let pid = self.0.id().to_string();
        let watch = std::thread::spawn(move || {
            if wait.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let _ = Command::new("kill").args(["-KILL", &pid]).status();
            }
        });
        let code = self.0.wait().unwrap().code();
        drop(ended);
        watch.join().unwrap();
        code
    }
}

/// A running `dibao serve`.
pub(crate) struct Service {
    pub(crate) child: Doomed,
    pub(crate) address: String,
    log: Receiver<String>,
}

impl Service {
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (tell, log) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        let mut service = Self {
            child: Doomed(child),
            address: String::new(),
            log,
        };
        let line = service.line_with("dibao: serving");
        let (_, address) = line.split_once("http://").unwrap();
        service.address = address.trim_end_matches('/').to_owned();
        service
    }

    /// The next line of the log that holds `word`.
    pub(crate) fn line_with(&self, word: &str) -> String {
        self.lines_to(word).pop().unwrap()
    }

    /// The lines of the log up to the next line that has `word`.
    pub(crate) fn lines_to(&self, word: &str) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        let mut passed = Vec::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.log.recv_timeout(left) {
                Ok(line) if line.contains(word) => {
                    passed.push(line);
                    return passed;
                }
                Ok(line) => passed.push(line),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("the log does not say {word:?}: {passed:#?}")
                }
            }
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        get(&self.address, path, "")
    }

    /// Asks until the answer is as it should be, for as long as patience lasts.
    #[track_caller]
    pub(crate) fn get_until(&self, path: &str, good: impl Fn(&Answer) -> bool) -> Answer {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.get(path);
            if good(&answer) {
                return answer;
            }
            let body = String::from_utf8_lossy(&answer.body);
            assert!(Instant::now() < deadline, "{path}: {}\n{body}", answer.head);
            std::thread::yield_now();
        }
    }

    /// The column's Atom feed once it has all articles. The first publishing of a service may have
    /// begun before its first run ended.
    pub(crate) fn whole_feed(&self) -> Answer {
        loop {
            self.line_with("published");
            let feed = self.get(&format!("/{COLUMN}/atom.xml"));
            let entries = String::from_utf8_lossy(&feed.body);
            if entries.matches("<entry>").count() == ARTICLES {
                return feed;
            }
        }
    }

    /// Ends it as a service manager does, and gives the exit code.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        self.child.signal("-TERM");
        self.child.code()
    }
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// Asks for `path` with these further header lines, each ended with CRLF.
pub(crate) fn get(address: &str, path: &str, headers: &str) -> Answer {
    let mut stream = connect(address);
    let head =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("{path}: no whole head: {answer:?}"));
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer {
        status,
        head,
        body: answer[end + 4..].to_vec(),
    }
}

pub(crate) fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}
