//! What goes wrong with a bucket, in words for people.
//!
//! Owns the kinds and their remedies. Never tells a secret: no request's headers are in a message.

use std::fmt;
use std::io;

/// The longest message of an object store that is passed on, in characters.
const LONGEST: usize = 500;

/// A failure of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    kind: Kind,
    message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It does not answer, or with an error.
    Unreachable,
    /// It refuses these credentials.
    Refused,
    /// There are no credentials.
    NoCredentials,
    /// There is no such bucket.
    Missing,
    /// It takes a write whose condition is not met.
    Unconditional,
    /// Another publisher has begun.
    Overtaken,
    /// The address cannot be used.
    Address,
}

impl Fault {
    /// Another publisher has begun.
    pub fn overtaken() -> Self {
        let message = "another dibao publishes here now, and this one stops: it has overwritten nothing of the other's";
        Self::new(Kind::Overtaken, message)
    }

    /// It takes a write whose condition is not met.
    pub fn unconditional(message: &str) -> Self {
        Self::new(Kind::Unconditional, message)
    }

    /// The address cannot be used.
    pub fn address(message: impl fmt::Display) -> Self {
        Self::new(Kind::Address, message)
    }

    fn new(kind: Kind, message: impl fmt::Display) -> Self {
        let text = without_markup(&message.to_string());
        let words: Vec<&str> = text.split_whitespace().collect();
        let message = words.join(" ").chars().take(LONGEST).collect();
        Self { kind, message }
    }

    /// What the operator can do.
    pub fn remedy(&self) -> &'static str {
        match self.kind {
            Kind::Unreachable => {
                "check the network, and the address in AWS_ENDPOINT if one is set; what is there stays, and the \
                 next try goes on"
            }
            Kind::Refused => {
                "check the credentials in the environment and their rights: to read, write, list and delete objects; \
                 what is there stays"
            }
            Kind::NoCredentials => {
                "give credentials in the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, \
                 GOOGLE_SERVICE_ACCOUNT, or AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY"
            }
            Kind::Missing => "create the bucket, or name another",
            Kind::Unconditional => {
                "take an object store that honours If-Match and If-None-Match at PutObject: without them, two \
                 processes could overwrite each other's objects"
            }
            Kind::Overtaken => "let only one of them publish here; the next publication catches up",
            Kind::Address => {
                "write s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX"
            }
        }
    }
}

/// The message without the XML of an answer, but with the code and the text in it.
fn without_markup(message: &str) -> String {
    let Some(begin) = message.find("<?xml").or_else(|| message.find("<Error")) else {
        return message.to_owned();
    };
    let (said, markup) = message.split_at(begin);
    let of = |name: &str| {
        let (_, rest) = markup.split_once(&format!("<{name}>"))?;
        rest.split('<').next()
    };
    let (code, text) = (of("Code"), of("Message"));
    format!(
        "{said}{} {}",
        code.unwrap_or_default(),
        text.unwrap_or_default()
    )
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl From<object_store::Error> for Fault {
    fn from(error: object_store::Error) -> Self {
        use object_store::Error as E;
        let text = error.to_string();
        let kind = match &error {
            E::PermissionDenied { .. } | E::Unauthenticated { .. } => Kind::Refused,
            E::NotFound { .. } => Kind::Missing,
            E::NotImplemented { .. } | E::NotSupported { .. } => Kind::Unconditional,
            E::InvalidPath { .. } | E::UnknownConfigurationKey { .. } => Kind::Address,
            // Without credentials, the metadata service of a cloud's machine is asked for some.
            _ if text.contains("169.254.169.254") || text.contains("metadata.google") => {
                Kind::NoCredentials
            }
            _ => Kind::Unreachable,
        };
        Self::new(kind, text)
    }
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        Self::other(fault)
    }
}

/// The fault of a bucket that an error is, if it is one.
pub fn fault_of(error: &io::Error) -> Option<&Fault> {
    error.get_ref()?.downcast_ref()
}
