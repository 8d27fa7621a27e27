//! What the server tells by itself (`NOTIFY`), so that nobody has to ask again and again.
//!
//! Owns the connection for it. SQLite tells nothing.

use sqlx::Error;

use super::Options;

/// On which the server tells of changes, as its schema names it.
#[cfg(feature = "many-machines")]
const CHANNEL: &str = "dibao_changes";

/// Hears when a change is committed. It connects anew when the server was away.
#[derive(Debug)]
pub(in crate::store) struct Listener {
    #[cfg(feature = "many-machines")]
    server: sqlx::postgres::PgListener,
    #[cfg(not(feature = "many-machines"))]
    none: std::convert::Infallible,
}

impl Listener {
    /// Waits until a change is told. What was told while the server was away is lost.
    pub(in crate::store) async fn heard(&mut self) -> Result<(), Error> {
        #[cfg(feature = "many-machines")]
        return self.server.try_recv().await.map(|_| ());
        #[cfg(not(feature = "many-machines"))]
        match self.none {}
    }
}

impl Options {
    /// Listens to the server; `None` with SQLite.
    pub(in crate::store) async fn listen(&self) -> Result<Option<Listener>, Error> {
        match self {
            Self::Sqlite(_) => Ok(None),
            #[cfg(feature = "many-machines")]
            Self::Postgres(options) => {
                let pool = sqlx::pool::PoolOptions::new()
                    .max_connections(1)
                    .connect_lazy_with(options.clone());
                let mut server = sqlx::postgres::PgListener::connect_with(&pool).await?;
                server.listen(CHANNEL).await?;
                Ok(Some(Listener { server }))
            }
        }
    }
}
