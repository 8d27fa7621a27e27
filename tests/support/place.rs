//! Where the stores of tests are: in their folders, or in schemas of a server's database.
//!
//! Owns one rule: with `DIBAO_TEST_POSTGRES`, each folder has a schema of its own there, so that the
//! same tests judge both. Never deletes one: the server is the tests' own.

use std::path::Path;
use std::process::Command;

use dibao::store::StorePlace;
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};
use url::Url;

/// The server on which the stores of tests are, if they are on one.
pub(crate) fn server() -> Option<Url> {
    let url = std::env::var("DIBAO_TEST_POSTGRES").ok()?;
    Some(url.parse().unwrap())
}

/// The place of the store with this data folder. Its schema is made if it is missing.
pub(crate) async fn of(data: &Path) -> StorePlace {
    let Some(server) = server() else {
        return StorePlace::from(data);
    };
    StorePlace::Server {
        url: schema(&server, &data.display().to_string()).await,
        folder: data.to_owned(),
    }
}

/// Changes the database behind a store's back.
pub(crate) async fn execute(place: &StorePlace, statement: &'static str) {
    match place {
        StorePlace::File(file) => {
            let file = SqliteConnectOptions::new().filename(file);
            let mut connection = file.connect().await.unwrap();
            connection.execute(statement).await.unwrap();
            connection.close().await.unwrap();
        }
        StorePlace::Server { url, .. } => {
            let mut connection = PgConnection::connect(url.as_str()).await.unwrap();
            connection.execute(statement).await.unwrap();
            connection.close().await.unwrap();
        }
    }
}

/// Lets a command use this place.
pub(crate) fn name_to(command: &mut Command, place: &StorePlace) {
    if let StorePlace::Server { url, .. } = place {
        command.env("DIBAO_STORE", url.as_str());
    }
}

/// A schema of this server's database with a name that only this text gives.
pub(crate) async fn schema(server: &Url, text: &str) -> Url {
    let digest = Sha256::digest(text.as_bytes());
    let name: String = digest
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let name = format!("test_{name}");
    let mut connection = PgConnection::connect(server.as_str()).await.unwrap();
    let made = format!("CREATE SCHEMA IF NOT EXISTS {name}");
    match connection.execute(sqlx::AssertSqlSafe(made)).await {
        Ok(_) => (),
        // Another test is making it.
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("23505") => {}
        Err(error) => panic!("{name}: {error}"),
    }
    connection.close().await.unwrap();
    let mut url = server.clone();
    url.query_pairs_mut()
        .append_pair("options[search_path]", &name);
    url
}
