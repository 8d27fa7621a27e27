//! One request to a receiver, and whether it took it.

use reqwest::RequestBuilder;

/// Sends it. Every status of success counts as taken; anything else is told in a line.
pub(super) async fn send(request: RequestBuilder) -> Result<(), String> {
    match request.send().await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!("answered {}", answer.status())),
        // Its URL may hold a secret, and is known anyway.
        Err(error) => Err(cause(&error.without_url())),
    }
}

fn cause(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    let chain: Vec<String> = chain.map(ToString::to_string).collect();
    chain.join(": ")
}
