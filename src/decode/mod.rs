//! Bytes → text. (skeleton)
use encoding_rs::Encoding;
/// The encoding a label names; gb2312 and gbk mean GB18030.
pub fn charset(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.as_bytes())
}
