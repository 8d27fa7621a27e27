//! The connection to an object store.
//!
//! Owns the choice of the protocol by the address, how long a request is tried, and whose
//! certificates are trusted. Never keeps a credential: the crate takes it from the environment.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::azure::MicrosoftAzureBuilder;
use object_store::client::{HttpClient, HttpConnector};
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::{BackoffConfig, ClientConfigKey, ClientOptions, ObjectStore, RetryConfig};
use url::Url;

use crate::fetch::http_client;

/// So often a request is tried again after a 5xx or a lost connection, where somebody waits: at the start of
/// a command, or for a file,
pub const SOME: usize = 5;
/// and so often in the midst of work,
pub const MANY: usize = 8;
/// but not longer than this.
const RETRY_TIME: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(5);
/// So long an answer may say nothing.
const SILENCE: Duration = Duration::from_secs(30);

/// The object store of this address, which tries a request again so often. It asks for nothing yet.
pub(super) fn connect(url: &Url, retries: usize) -> object_store::Result<Arc<dyn ObjectStore>> {
    let retry = RetryConfig {
        backoff: BackoffConfig {
            init_backoff: FIRST_PAUSE,
            max_backoff: LONGEST_PAUSE,
            base: 2.,
        },
        max_retries: retries,
        retry_timeout: RETRY_TIME,
    };
    Ok(match url.scheme() {
        "gs" => Arc::new(
            GoogleCloudStorageBuilder::from_env()
                .with_url(url.as_str())
                .with_retry(retry)
                .with_http_connector(Connector)
                .build()?,
        ),
        "az" => Arc::new(
            MicrosoftAzureBuilder::from_env()
                .with_url(url.as_str())
                .with_retry(retry)
                .with_http_connector(Connector)
                .build()?,
        ),
        _ => Arc::new(
            AmazonS3Builder::from_env()
                .with_url(url.as_str())
                .with_conditional_put(S3ConditionalPut::ETagMatch)
                .with_retry(retry)
                .with_http_connector(Connector)
                .build()?,
        ),
    })
}

/// Makes HTTP clients that trust the system's certificates.
#[derive(Debug)]
struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let allows_http = options.get_config_value(&ClientConfigKey::AllowHttp);
        let failed =
            |error: Box<dyn std::error::Error + Send + Sync>| object_store::Error::Generic {
                store: "HTTP",
                source: error,
            };
        let client = http_client()
            .map_err(|error| failed(error.into()))?
            .https_only(allows_http.as_deref() != Some("true"))
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .build();
        Ok(HttpClient::new(
            client.map_err(|error| failed(error.into()))?,
        ))
    }
}
