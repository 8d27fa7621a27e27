//! A real S3 server on loopback, moto's, which `./setup` installs, and a proxy before it.
//!
//! Owns both. The server checks signatures and conditions. The proxy notes requests, answers 503, or
//! drops the connection before or after the server has the request. Never tests anything itself.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::time::Instant;

use futures_util::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{HttpClient, HttpConnector};
use object_store::path::Path as Key;
use object_store::{Attribute, Attributes, ClientOptions, ObjectStore, ObjectStoreExt, PutOptions};
use tokio::runtime::Runtime;

use crate::faults_machine::machine::PATIENCE;

/// So many tests may have a bucket.
const BUCKETS: usize = 24;
/// The begin of the names of objects.
const PREFIX: &str = "news/site";
/// A request before the server checks signatures names its service here.
const UNSIGNED: &str = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1";

/// The server, and a user of it who may do everything.
struct Server {
    port: u16,
    key: String,
    secret: String,
    /// It ends when its input does: with the tests.
    _child: Child,
}

impl Server {
    fn start() -> Option<Self> {
        let program = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/s3/bin/moto_server");
        if !program.exists() {
            println!("skipped: there is no S3 server (moto, which ./setup installs in target/s3)");
            return None;
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let child = Command::new("sh")
            .args(["-c", "\"$0\" -H 127.0.0.1 -p \"$1\" & cat; kill $!"])
            .arg(program)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "moto does not listen");
            std::thread::yield_now();
        }
        for number in 0..BUCKETS {
            ask(port, ("PUT", &format!("/bucket-{number}")), "s3", "");
        }
        let iam = |form: String| ask(port, ("POST", "/"), "iam", &form);
        let call = |action: &str| format!("Action={action}&Version=2010-05-08&UserName=dibao");
        iam(call("CreateUser"));
        let everything = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C\
                          %22Action%22%3A%22%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";
        let policy = format!("&PolicyName=all&PolicyDocument={everything}");
        iam(call("PutUserPolicy") + &policy);
        let made = iam(call("CreateAccessKey"));
        let value = |name: &str| {
            let (_, rest) = made.split_once(&format!("<{name}>")).unwrap();
            rest.split('<').next().unwrap().to_owned()
        };
        // From now on, every request is checked.
        ask(port, ("POST", "/moto-api/reset-auth"), "s3", "0");
        Some(Self {
            port,
            key: value("AccessKeyId"),
            secret: value("SecretAccessKey"),
            _child: child,
        })
    }
}

/// A request to moto before it checks signatures; the answer as text.
fn ask(port: u16, (method, path): (&str, &str), service: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let kind = match service {
        "iam" => "application/x-www-form-urlencoded",
        _ => "text/plain",
    };
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
         Content-Length: {}\r\nAuthorization: {UNSIGNED}/{service}/aws4_request, SignedHeaders=host, \
         Signature=x\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    answer
}

/// The server, for as long as the tests run; `None` where there is none.
fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(Server::start).as_ref()
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is passed on.
    Pass,
    /// The answer is 503, and the server has not seen it.
    Busy,
    /// The connection is dropped, and the server has not seen it.
    Lost,
    /// The server has done it, and the connection is dropped without its answer.
    Unheard,
    /// The answer is 403, and the server has not seen it.
    Denied,
    /// The answer is 200, and the server has not seen it.
    Pretended,
    /// It is passed on after [`Bucket::release`].
    Held,
    /// The server has done it, and the answer comes after [`Bucket::release`].
    Unanswered,
}

/// A request that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Below the prefix.
    pub(crate) path: String,
    pub(crate) bytes: usize,
}

impl Asked {
    /// Whether a published file is written or deleted, not the object that says whose turn it is.
    pub(crate) fn changes(&self) -> bool {
        ["PUT", "POST", "DELETE"].contains(&self.method.as_str())
            && !self.path.starts_with(".dibao/")
    }
}

type Plan = Box<dyn FnMut(&Asked) -> Fate + Send>;

#[derive(Default)]
struct Proxy {
    plan: Mutex<Option<Plan>>,
    asked: Mutex<Vec<Asked>>,
    came: Condvar,
    held: Mutex<bool>,
    released: Condvar,
}

/// A bucket of its own behind a proxy of its own.
pub(crate) struct Bucket {
    server: &'static Server,
    pub(crate) name: String,
    port: u16,
    proxy: Arc<Proxy>,
    runtime: Runtime,
    client: AmazonS3,
}

/// An object as it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object {
    pub(crate) bytes: Vec<u8>,
    pub(crate) attributes: Attributes,
}

impl Object {
    pub(crate) fn header(&self, name: &Attribute) -> &str {
        self.attributes.get(name).map_or("", |value| value.as_ref())
    }
}

impl Bucket {
    /// A new bucket; `None` where there is no server.
    pub(crate) fn new() -> Option<Self> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let server = server()?;
        let name = format!("bucket-{}", NEXT.fetch_add(1, Ordering::SeqCst));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let proxy: Arc<Proxy> = Arc::default();
        let (own, base) = (proxy.clone(), format!("/{name}/{PREFIX}/"));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (own, base) = (own.clone(), base.clone());
                std::thread::spawn(move || own.pass(stream, server.port, &base));
            }
        });
        let client = AmazonS3Builder::new()
            .with_bucket_name(&name)
            .with_endpoint(format!("http://127.0.0.1:{}", server.port))
            .with_region("us-east-1")
            .with_access_key_id(&server.key)
            .with_secret_access_key(&server.secret)
            .with_http_connector(Connector)
            .build();
        Some(Self {
            server,
            name,
            port,
            proxy,
            runtime: Runtime::new().unwrap(),
            client: client.unwrap(),
        })
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("s3://{}/{PREFIX}", self.name)
    }

    /// The environment of who uses it, through the proxy.
    pub(crate) fn environment(&self) -> [(&'static str, String); 5] {
        [
            ("AWS_ACCESS_KEY_ID", self.server.key.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.server.secret.clone()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ENDPOINT", format!("http://127.0.0.1:{}", self.port)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
        ]
    }

    /// From now on, requests fare by this plan.
    pub(crate) fn plan(&self, plan: impl FnMut(&Asked) -> Fate + Send + 'static) {
        *self.proxy.held.lock().unwrap() = false;
        *self.proxy.plan.lock().unwrap() = Some(Box::new(plan));
    }

    /// From now on, all requests are passed on.
    pub(crate) fn be_well(&self) {
        *self.proxy.plan.lock().unwrap() = None;
        self.release();
    }

    /// Lets those go on that are held.
    pub(crate) fn release(&self) {
        *self.proxy.held.lock().unwrap() = true;
        self.proxy.released.notify_all();
    }

    /// The requests since this was asked last.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.proxy.asked.lock().unwrap())
    }

    /// Waits until the requests since then are as wanted.
    pub(crate) fn wait_for(&self, is_it: impl Fn(&[Asked]) -> bool) {
        let asked = self.proxy.asked.lock().unwrap();
        let waited = self
            .proxy
            .came
            .wait_timeout_while(asked, PATIENCE, |asked| !is_it(asked));
        let (asked, timeout) = waited.unwrap();
        assert!(!timeout.timed_out(), "{asked:?}");
    }

    /// Deletes an object as somebody else.
    pub(crate) fn delete(&self, path: &str) {
        let key = Key::from(format!("{PREFIX}/{path}"));
        self.runtime.block_on(self.client.delete(&key)).unwrap();
    }

    /// All published objects, by path.
    pub(crate) fn objects(&self) -> BTreeMap<String, Object> {
        self.runtime.block_on(async {
            let prefix = Key::from(PREFIX);
            let listed: Vec<_> = self.client.list(Some(&prefix)).try_collect().await.unwrap();
            let mut objects = BTreeMap::new();
            for meta in listed {
                let got = self.client.get(&meta.location).await.unwrap();
                let attributes = got.attributes.clone();
                let bytes = got.bytes().await.unwrap().to_vec();
                let path = meta.location.as_ref().strip_prefix(PREFIX).unwrap();
                let path = path.trim_start_matches('/').to_owned();
                objects.insert(path, Object { bytes, attributes });
            }
            objects.retain(|path, _| !path.starts_with(".dibao/"));
            objects
        })
    }

    /// Writes an object as somebody else.
    pub(crate) fn put(&self, path: &str, bytes: &[u8], beside: &[(&'static str, &str)]) {
        let mut attributes = Attributes::new();
        for (name, value) in beside {
            let name = Attribute::Metadata((*name).into());
            attributes.insert(name, (*value).to_owned().into());
        }
        let options = PutOptions {
            attributes,
            ..PutOptions::default()
        };
        let key = Key::from(format!("{PREFIX}/{path}"));
        let put = self.client.put_opts(&key, bytes.to_vec().into(), options);
        self.runtime.block_on(put).unwrap();
    }

    /// The bytes of an object.
    pub(crate) fn get(&self, path: &str) -> Vec<u8> {
        let key = Key::from(format!("{PREFIX}/{path}"));
        self.runtime.block_on(async {
            let got = self.client.get(&key).await.unwrap();
            got.bytes().await.unwrap().to_vec()
        })
    }
}

#[derive(Debug)]
struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = dibao::fetch::plain_http_client().unwrap().build().unwrap();
        Ok(HttpClient::new(client))
    }
}

impl Proxy {
    fn note(&self, asked: Asked) {
        self.asked.lock().unwrap().push(asked);
        self.came.notify_all();
    }

    /// Waits until those go on that are held.
    fn wait(&self) {
        let held = self.held.lock().unwrap();
        let released = self.released.wait_timeout_while(held, PATIENCE, |go| !*go);
        drop(released.unwrap());
    }

    /// Reads a request, and does with it what the plan says. Each has a connection of its own.
    fn pass(&self, client: TcpStream, server: u16, base: &str) {
        let mut reader = BufReader::new(&client);
        let mut head = String::new();
        loop {
            let before = head.len();
            match reader.read_line(&mut head) {
                Ok(0) | Err(_) => return,
                Ok(_) if head[before..].trim().is_empty() => break,
                Ok(_) => (),
            }
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().ok())?
        });
        let mut body = vec![0; length.unwrap_or_default()];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let mut words = head.split(' ');
        let method = words.next().unwrap_or_default().to_owned();
        let target = words.next().unwrap_or_default();
        let asked = Asked {
            method,
            path: target.strip_prefix(base).unwrap_or(target).to_owned(),
            bytes: body.len(),
        };
        let fate = match &mut *self.plan.lock().unwrap() {
            Some(plan) => plan(&asked),
            None => Fate::Pass,
        };
        // One that is to stay unanswered is noted when the server has done it.
        if fate != Fate::Unanswered {
            self.note(asked.clone());
        }
        let answer: Vec<u8> = match fate {
            Fate::Lost => return,
            Fate::Busy => plain("503 Slow Down"),
            Fate::Denied => plain("403 Forbidden"),
            Fate::Pretended => plain("200 OK\r\nETag: \"5d41402abc4b2a76b9719d911017c592\""),
            Fate::Held => {
                self.wait();
                forward(server, &head, &body)
            }
            Fate::Unanswered => {
                let answer = forward(server, &head, &body);
                self.note(asked.clone());
                self.wait();
                answer
            }
            Fate::Pass | Fate::Unheard => forward(server, &head, &body),
        };
        if fate != Fate::Unheard {
            // A client that has gone does not matter.
            let _ = (&client).write_all(&answer);
        }
    }
}

fn plain(status: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
}

fn forward(server: u16, head: &str, body: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", server)).unwrap();
    let (first, rest) = head.split_once("\r\n").unwrap();
    write!(stream, "{first}\r\nConnection: close\r\n{rest}").unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}
