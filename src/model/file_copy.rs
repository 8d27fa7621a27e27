//! A copy of a portal's file: the hash of its bytes and its format.
//!
//! Owns which bytes are worth keeping, and the path of a copy. Never reads a file.

use sha2::{Digest, Sha256};

use super::{FileFormat, sha256_hex};

/// The part of an article that a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRole {
    /// A picture in its text.
    Picture,
    /// A file that it offers.
    Attachment,
}

/// A copy of a portal's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCopy {
    /// The hash of its bytes, as lower-case hex.
    pub sha256: String,
    /// Its format.
    pub format: FileFormat,
    /// Its length.
    pub bytes: u64,
}

/// The length of a SHA-256 in hex.
const HASH: usize = 64;

impl FileCopy {
    /// The folder of pictures, and the folder of all other files.
    pub const FOLDERS: [&str; 2] = ["pictures", "files"];

    /// Recognises a picture by its bytes, whatever type the server gives. `None` for an error page
    /// and for a one-pixel placeholder.
    pub fn from_picture(bytes: &[u8]) -> Option<Self> {
        let (format, width, height) = FileFormat::picture(bytes)?;
        (width > 1 || height > 1).then(|| Self::new(bytes, format))
    }

    /// Recognises a picture that stands in a page itself. `None` for an icon, and for the GIF of one
    /// pixel that holds the place of a picture.
    pub fn from_inline(bytes: &[u8]) -> Option<Self> {
        /// Icons are smaller, in pixels.
        const ICON: usize = 40;
        let (format, width, height) = FileFormat::picture(bytes)?;
        let is_dot = width == 1 && height == 1;
        let is_icon = width < ICON && height < ICON && !is_dot;
        let is_spacer = is_dot && format == FileFormat::Gif;
        (!is_icon && !is_spacer).then(|| Self::new(bytes, format))
    }

    /// Recognises an attached file by its bytes. Where several formats have the same bytes, the
    /// extension in its name chooses, if it has one. `None` for pages and programs.
    pub fn from_attachment(bytes: &[u8], named: Option<FileFormat>) -> Option<Self> {
        let document = FileFormat::document(bytes, named);
        let document = document.map(|format| Self::new(bytes, format));
        document.or_else(|| Self::from_picture(bytes))
    }

    fn new(bytes: &[u8], format: FileFormat) -> Self {
        Self {
            sha256: sha256_hex(Sha256::new_with_prefix(bytes)),
            format,
            bytes: bytes.len() as u64,
        }
    }

    /// Its path below the data folder and below the published folder: `pictures/ab/ab….jpg`,
    /// `files/ab/ab….pdf`. There are 256 sub-folders of each, so that each stays small enough to list.
    pub fn path(&self) -> String {
        let (hash, extension) = (&self.sha256, self.format.extension());
        let folder = folder_of(self.format);
        let start = hash.get(..2).unwrap_or(hash);
        format!("{folder}/{start}/{hash}.{extension}")
    }

    /// The sub-folders with copies.
    pub fn folders() -> impl Iterator<Item = String> {
        let starts = |folder| (0..=u8::MAX).map(move |start| format!("{folder}/{start:02x}"));
        Self::FOLDERS.into_iter().flat_map(starts)
    }

    /// Whether a path is one of the folders of copies, or below one.
    pub fn is_below_folders(path: &str) -> bool {
        let first = path.split('/').next();
        Self::FOLDERS
            .into_iter()
            .any(|folder| first == Some(folder))
    }

    /// The format of the copy with this path, if it is the path of one.
    pub fn format_of(path: &str) -> Option<FileFormat> {
        let mut parts = path.split('/');
        let (folder, start, name) = (parts.next()?, parts.next()?, parts.next()?);
        let (hash, extension) = name.split_once('.')?;
        let is_hex = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
        let is_hash = hash.len() == HASH && hash.bytes().all(is_hex);
        let format = FileFormat::from_extension(extension)?;
        let is_there = folder == folder_of(format) && hash.get(..2) == Some(start);
        (is_hash && is_there && parts.next().is_none()).then_some(format)
    }
}

fn folder_of(format: FileFormat) -> &'static str {
    let [pictures, files] = FileCopy::FOLDERS;
    match format.is_picture() {
        true => pictures,
        false => files,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head of a GIF of this size.
    fn gif(width: u8, height: u8) -> Vec<u8> {
        let mut gif = b"GIF89a".to_vec();
        gif.extend([width, 0, height, 0, 0, 0, 0, b';']);
        gif
    }

    #[test]
    fn a_picture_is_known_by_its_bytes_and_a_dot_is_none() {
        let picture = FileCopy::from_picture(&gif(3, 2)).unwrap();
        assert_eq!((picture.format, picture.bytes), (FileFormat::Gif, 14));
        let path = picture.path();
        assert_eq!(FileCopy::format_of(&path), Some(FileFormat::Gif));
        assert!(FileCopy::from_picture(&gif(1, 60)).is_some());
        for other in [
            gif(1, 1),
            gif(0, 9),
            Vec::new(),
            b"GIF89a".to_vec(),
            b"<html><body>403</body></html>".to_vec(),
            b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>".to_vec(),
            b"<?xml version=\"1.0\"?><svg/>".to_vec(),
            b"%PDF-1.7".to_vec(),
        ] {
            assert_eq!(
                FileCopy::from_picture(&other),
                None,
                "{}",
                String::from_utf8_lossy(&other)
            );
        }
    }

    #[test]
    fn an_attached_picture_is_a_picture() {
        let copy = FileCopy::from_attachment(&gif(3, 2), None).unwrap();
        assert!(copy.path().starts_with("pictures/"), "{}", copy.path());
        let copy = FileCopy::from_attachment(b"%PDF-1.7", Some(FileFormat::Doc)).unwrap();
        assert!(copy.path().starts_with("files/"), "{}", copy.path());
        assert!(copy.path().ends_with(".pdf"), "{}", copy.path());
    }

    #[test]
    fn nothing_else_may_stand_among_copies() {
        let hash = "ab".repeat(32);
        assert!(FileCopy::format_of(&format!("pictures/ab/{hash}.jpg")).is_some());
        assert!(FileCopy::format_of(&format!("files/ab/{hash}.pdf")).is_some());
        for path in [
            format!("pictures/ab/{hash}.svg"),
            format!("files/ab/{hash}.html"),
            format!("files/ab/{hash}.jpg"),
            format!("pictures/ab/{hash}.pdf"),
            format!("pictures/ab/{hash}.jpg.html"),
            format!("pictures/ab/{hash}"),
            format!("pictures/ac/{hash}.jpg"),
            format!("pictures/ab/x/{hash}.jpg"),
            format!("pictures/ab/{hash}.jpg/x"),
            format!("pictures/ab/{}.jpg", "AB".repeat(32)),
            format!("ab/{hash}.jpg"),
            "pictures/ab/index.html".to_owned(),
        ] {
            assert_eq!(FileCopy::format_of(&path), None, "{path}");
        }
    }
}
