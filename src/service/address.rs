//! The address under which the site is published if the configuration names none.
//!
//! Owns the choice: the address at which the service listens, else the one of the last publication.
//! Never takes an address from a request.

use std::net::SocketAddr;

use url::Url;

use crate::config::ServiceConfig;
use crate::render::Site;
use crate::store::{Purpose, Store, StoreError};

/// What a process knows of the site's address, beside the configuration: nothing by default.
#[derive(Clone, Debug, Default)]
pub struct Address {
    /// Where it listens, if that is where readers find it.
    own: Option<Url>,
    /// The port at which it listens.
    port: Option<u16>,
}

impl Address {
    /// The address of a service that was asked to listen at `asked`, and listens at `bound`. A service
    /// that listens at every address of the machine, or at a port that the system chose, has none that
    /// lasts.
    pub fn of(asked: SocketAddr, bound: SocketAddr) -> Self {
        let is_lasting = asked.port() != 0;
        let is_one = !asked.ip().is_unspecified();
        let own = || Url::parse(&format!("http://{bound}/")).ok();
        Self {
            own: (is_lasting && is_one).then(own).flatten(),
            port: is_lasting.then(|| bound.port()),
        }
    }

    /// The site: under the configured address, else under its own, else under that of the last
    /// publication, so that two commands do not rewrite each other's files.
    pub async fn site(
        &self,
        service: &ServiceConfig,
        purpose: Purpose,
        store: &Store,
    ) -> Result<Site, StoreError> {
        let told = service.is_addressed.then_some(&service.base_url);
        let base_url = match told.or(self.own.as_ref()) {
            Some(told) => Some(told.clone()),
            None => {
                let kept = store.published().base_url().await?;
                kept.and_then(|kept| Url::parse(&kept).ok())
            }
        };
        let base_url = base_url.unwrap_or_else(|| {
            let mut default = service.base_url.clone();
            if let Some(port) = self.port {
                // This cannot fail: it is an address of HTTP.
                let _ = default.set_port(Some(port));
            }
            default
        });
        Ok(Site {
            base_url,
            hubs: service.hubs.clone(),
            demo: purpose == Purpose::Demo,
        })
    }
}

/// The site as commands publish it that do not serve it.
pub async fn site(service: &ServiceConfig, store: &Store) -> Result<Site, StoreError> {
    Address::default().site(service, Purpose::Real, store).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Publishing;

    fn settings(base_url: Option<&str>) -> ServiceConfig {
        let default = "http://127.0.0.1:8080/";
        let url = Url::parse(base_url.unwrap_or(default)).unwrap();
        ServiceConfig {
            is_addressed: base_url.is_some(),
            ..ServiceConfig::new(url)
        }
    }

    async fn found(address: &Address, base_url: Option<&str>, store: &Store) -> String {
        let settings = settings(base_url);
        let site = address.site(&settings, Purpose::Real, store);
        site.await.unwrap().base_url.to_string()
    }

    fn listening(asked: &str, bound: &str) -> Address {
        Address::of(asked.parse().unwrap(), bound.parse().unwrap())
    }

    #[tokio::test]
    async fn a_site_is_where_it_is_said_to_be_or_served_or_was_published_last() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), Purpose::Real).await.unwrap();
        let none = Address::default();
        let own = listening("127.0.0.1:9000", "127.0.0.1:9000");
        let lan = listening("[fd00::7]:80", "[fd00::7]:80");
        let every = listening("0.0.0.0:9000", "0.0.0.0:9000");
        let every_6 = listening("[::]:9001", "[::]:9001");
        let chosen = listening("127.0.0.1:0", "127.0.0.1:54321");
        for (address, expected) in [
            (&none, "http://127.0.0.1:8080/"),
            (&own, "http://127.0.0.1:9000/"),
            (&lan, "http://[fd00::7]/"),
            (&every, "http://127.0.0.1:9000/"),
            (&every_6, "http://127.0.0.1:9001/"),
            (&chosen, "http://127.0.0.1:8080/"),
        ] {
            assert_eq!(found(address, None, &store).await, expected);
            let told = Some("https://news.example/");
            assert_eq!(found(address, told, &store).await, "https://news.example/");
        }
        let publishing = Publishing {
            base_url: "http://127.0.0.1:9000/".to_owned(),
            ..Publishing::default()
        };
        store.published().finish(&publishing).await.unwrap();
        for address in [&none, &every, &every_6, &chosen] {
            assert_eq!(found(address, None, &store).await, "http://127.0.0.1:9000/");
        }
        assert_eq!(found(&lan, None, &store).await, "http://[fd00::7]/");
        store.close().await;
    }
}
