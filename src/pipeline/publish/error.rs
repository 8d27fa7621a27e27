//! Why publishing stopped.
//!
//! Owns the kinds of failure and their codes. Never tries again.

use thiserror::Error;

use crate::publish::PublishError;
use crate::render::RenderError;
use crate::store::StoreError;

/// Why publishing stopped. The files published before stay whole.
#[derive(Debug, Error)]
pub enum PublishFailure {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An article could not be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// A file could not be put in place.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

impl PublishFailure {
    /// Whether it may pass by itself: a server or a bucket was out of reach.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Store(error) => error.reason() == StoreError::UNREACHABLE,
            Self::Publish(error) => error.is_of_bucket(),
            Self::Render(_) => false,
        }
    }

    /// The stable code for logs and status.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Store(error) => error.reason(),
            Self::Publish(error) => error.reason(),
            Self::Render(_) => "render",
        }
    }
}
