//! Where files are: in a folder, or in a bucket of an object store.
//!
//! Owns which addresses are buckets, and what an address may not have. Never opens one.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use url::Url;

/// The schemes of object stores: Amazon S3 and what speaks its protocol, Google Cloud Storage, Azure Blob Storage.
const SCHEMES: [&str; 3] = ["s3", "gs", "az"];

/// Where files are: those that are published, the archive, the kept ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilePlace {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket of an object store, and the beginning of the names of its files: `s3://bucket/news`. It
    /// holds no secret.
    Bucket(Url),
}

impl FilePlace {
    /// Reads `s3://bucket/prefix`, `gs://…`, `az://…`, or the path of a folder. The error says what is
    /// wrong with an address, and the remedy.
    pub fn read(given: OsString) -> Result<Self, (String, &'static str)> {
        let text = given.to_str().unwrap_or_default();
        let Some((scheme, rest)) = text.split_once("://") else {
            return Ok(Self::Folder(given.into()));
        };
        // It may hold a password.
        let shown = format!("{scheme}://{}", rest.rsplit('@').next().unwrap_or_default());
        let wrong = |what: &str, remedy| Err((format!("{shown}: {what}"), remedy));
        if !SCHEMES.contains(&scheme) {
            let remedy = "write s3://, gs:// or az:// and a bucket, or the path of a folder";
            return wrong("is neither a bucket nor a folder", remedy);
        }
        let Ok(url) = Url::parse(text) else {
            return wrong("is no address of a bucket", "write s3://BUCKET/PREFIX");
        };
        if !url.username().is_empty() || url.password().is_some() {
            let remedy = "leave them out, and give them in the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, \
                          GOOGLE_SERVICE_ACCOUNT, or AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY";
            return wrong("credentials have no place in an address", remedy);
        }
        if url.host_str().is_none_or(str::is_empty)
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return wrong("is no address of a bucket", "write s3://BUCKET/PREFIX");
        }
        if !cfg!(feature = "many-machines") {
            let remedy = "in dibao's source, run: cargo build --release --features many-machines; or name a folder";
            return wrong(
                "object storage needs a build with the feature many-machines",
                remedy,
            );
        }
        Ok(Self::Bucket(url))
    }
}

impl From<PathBuf> for FilePlace {
    fn from(folder: PathBuf) -> Self {
        Self::Folder(folder)
    }
}

impl fmt::Display for FilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Bucket(url) => url.as_str().trim_end_matches('/').fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_bucket_and_all_else_a_folder() {
        for folder in ["public", "/srv/news", "s3:/x", ""] {
            assert_eq!(
                FilePlace::read(folder.into()),
                Ok(FilePlace::Folder(folder.into()))
            );
        }
        for (wrong, says) in [
            ("http://h.example/x", "neither a bucket"),
            ("s3://", "no address"),
            ("s3:///x", "no address"),
            ("s3://b/x?y=1", "no address"),
            ("s3://key:secret@b/x", "AWS_ACCESS_KEY_ID"),
        ] {
            let (error, remedy) = FilePlace::read(wrong.into()).unwrap_err();
            let error = format!("{error}: {remedy}");
            assert!(
                error.contains(says) && !error.contains("secret@"),
                "{error}"
            );
        }
        let bucket = FilePlace::read("s3://b/news/".into());
        assert_eq!(
            bucket.map(|place| place.to_string()),
            if cfg!(feature = "many-machines") {
                Ok("s3://b/news".to_owned())
            } else {
                Err((
                    "s3://b/news/: object storage needs a build with the feature many-machines"
                        .to_owned(),
                    "in dibao's source, run: cargo build --release --features many-machines; or name a folder",
                ))
            }
        );
    }
}
