//! Mail: one message for one receiver, in plain text and HTML, over SMTP.
//!
//! Owns the headers and the connection. A message that is sent again has the id of the first. Never
//! tries again.

use std::time::{Duration, SystemTime};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{AsyncSmtpTransportBuilder, Error};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::refusal::Refusal;
use crate::config::{Mail, MailTls};
use crate::model::Timestamp;

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// The longest that one step of a connection may take.
const STEP: Duration = Duration::from_secs(15);
/// The longest that a message may take.
const WHOLE: Duration = Duration::from_secs(60);

/// A message before it is sent.
pub(super) struct Letter<'a> {
    pub(super) to: &'a Mailbox,
    pub(super) subject: &'a str,
    pub(super) text: String,
    pub(super) html: String,
    /// The part of its id before the host.
    pub(super) id: String,
    /// Where to write to end this: a mail address.
    pub(super) contact: &'a str,
    /// The host of the site.
    pub(super) host: &'a str,
    pub(super) at: Timestamp,
}

/// Sends one message.
pub(super) async fn send(mail: &Mail, letter: Letter<'_>) -> Result<(), Refusal> {
    let host = letter.host.to_owned();
    let message = message(mail, letter).map_err(|error| Refusal::Failed(error.to_string()))?;
    let transport = transport(mail, host).map_err(|error| Refusal::Failed(cause(&error)))?;
    match tokio::time::timeout(WHOLE, transport.send(message)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) if is_untaken(&error) => Err(Refusal::Failed(cause(&error))),
        Ok(Err(error)) => Err(Refusal::Unsure(cause(&error))),
        Err(_) => Err(Refusal::Unsure(format!("took longer than {WHOLE:?}"))),
    }
}

fn message(mail: &Mail, letter: Letter<'_>) -> Result<Message, lettre::error::Error> {
    let millis = u64::try_from(letter.at.millis()).unwrap_or(0);
    let header = |name: &'static str, value: String| {
        HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
    };
    let unsubscribe = format!("<mailto:{}?subject=unsubscribe>", letter.contact);
    Message::builder()
        .from(mail.from.clone())
        .to(letter.to.clone())
        .subject(letter.subject)
        .date(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
        .message_id(Some(format!("<{}@{}>", letter.id, letter.host)))
        .raw_header(header("List-Unsubscribe", unsubscribe))
        .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
        .multipart(MultiPart::alternative_plain_html(letter.text, letter.html))
}

fn transport(mail: &Mail, host: String) -> Result<Transport, Error> {
    let server = mail.host.trim_matches(['[', ']']);
    let mut builder: AsyncSmtpTransportBuilder = match mail.tls {
        MailTls::Whole => Transport::relay(server)?,
        MailTls::Upgraded => Transport::starttls_relay(server)?,
        MailTls::None => Transport::builder_dangerous(server),
    };
    if let Some(port) = mail.port {
        builder = builder.port(port);
    }
    if let Some((user, password)) = &mail.login {
        builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
    }
    let name = ClientId::Domain(host);
    Ok(builder.hello_name(name).timeout(Some(STEP)).build())
}

/// Whether the server has surely not taken the message: it answered so, or was never reached. Its
/// crate tells of the latter in words alone.
fn is_untaken(error: &Error) -> bool {
    let is_unreached = error.is_tls() || error.to_string().starts_with("Connection error");
    error.status().is_some() || error.is_client() || is_unreached
}

fn cause(error: &Error) -> String {
    error.to_string().replace(char::is_control, " ")
}
