//! stub
/// v
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Validators {
    /// e
    pub etag: Option<String>,
    /// l
    pub last_modified: Option<String>,
}
