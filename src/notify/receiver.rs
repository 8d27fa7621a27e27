//! One request to a receiver, and whether the receiver accepted it.
//!
//! Owns which answers count as accepted. Never tries again, and never shows the URL.

use reqwest::RequestBuilder;

/// Sends a request. Every status of success counts as accepted; the error is one line of text.
pub(super) async fn send(request: RequestBuilder) -> Result<(), String> {
    match request.send().await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!("answered {}", answer.status())),
        // The URL may hold a secret, and the caller knows it anyway.
        Err(error) => Err(cause(&error.without_url())),
    }
}

/// An error with its causes, on one line.
pub(super) fn cause(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    let chain: Vec<String> = chain.map(ToString::to_string).collect();
    chain.join(": ")
}
