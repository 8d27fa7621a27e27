//! A kept picture: the hash of its bytes and its kind.
//!
//! Owns the kinds of pictures that every browser shows and that cannot run code; SVG can. Never
//! reads a file.

use imagesize::{Compression, ImageType};
use sha2::{Digest, Sha256};

use super::sha256_hex;

/// A kept picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The hash of its bytes, as lower-case hex.
    pub sha256: String,
    /// Its kind.
    pub kind: PictureKind,
    /// Its length.
    pub bytes: u64,
}

/// The kinds of kept pictures: bitmaps that every browser shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureKind {
    /// AV1 Image File Format.
    Avif,
    /// Windows bitmap.
    Bmp,
    /// Graphics Interchange Format.
    Gif,
    /// JPEG (ISO/IEC 10918).
    Jpeg,
    /// Portable Network Graphics.
    Png,
    /// WebP (RFC 9649).
    Webp,
}

/// The length of a SHA-256 in hex.
const HASH: usize = 64;

impl PictureKind {
    const ALL: [Self; 6] = [
        Self::Avif,
        Self::Bmp,
        Self::Gif,
        Self::Jpeg,
        Self::Png,
        Self::Webp,
    ];

    /// The kind with this file extension.
    pub fn from_extension(extension: &str) -> Option<Self> {
        let mut kinds = Self::ALL.into_iter();
        kinds.find(|kind| kind.extension() == extension)
    }

    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        self.names().0
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        self.names().1
    }

    /// File extension and registered media type.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Avif => ("avif", "image/avif"),
            Self::Bmp => ("bmp", "image/bmp"),
            Self::Gif => ("gif", "image/gif"),
            Self::Jpeg => ("jpg", "image/jpeg"),
            Self::Png => ("png", "image/png"),
            Self::Webp => ("webp", "image/webp"),
        }
    }
}

impl Picture {
    /// Recognises a picture by its bytes, whatever type the server gives. `None` for an error page
    /// and for a one-pixel placeholder.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (picture, width, height) = Self::measured(bytes)?;
        (width > 1 || height > 1).then_some(picture)
    }

    /// Recognises a picture that stands in a page itself. `None` for an icon, and for the GIF of one
    /// pixel that holds the place of a picture.
    pub fn from_inline(bytes: &[u8]) -> Option<Self> {
        /// Icons are smaller, in pixels.
        const ICON: usize = 40;
        let (picture, width, height) = Self::measured(bytes)?;
        let is_dot = width == 1 && height == 1;
        let is_icon = width < ICON && height < ICON && !is_dot;
        let is_spacer = is_dot && picture.kind == PictureKind::Gif;
        (!is_icon && !is_spacer).then_some(picture)
    }

    fn measured(bytes: &[u8]) -> Option<(Self, usize, usize)> {
        let kind = match imagesize::image_type(bytes).ok()? {
            ImageType::Bmp => PictureKind::Bmp,
            ImageType::Gif => PictureKind::Gif,
            ImageType::Heif(Compression::Av1) => PictureKind::Avif,
            ImageType::Jpeg => PictureKind::Jpeg,
            ImageType::Png => PictureKind::Png,
            ImageType::Webp => PictureKind::Webp,
            _ => return None,
        };
        let size = imagesize::blob_size(bytes).ok()?;
        if size.width == 0 || size.height == 0 {
            return None;
        }
        let picture = Self {
            sha256: sha256_hex(Sha256::new_with_prefix(bytes)),
            kind,
            bytes: bytes.len() as u64,
        };
        Some((picture, size.width, size.height))
    }

    /// Its path below the folder of pictures. There are 256 sub-folders, so that each stays small
    /// enough to list.
    pub fn file(&self) -> String {
        let (hash, extension) = (&self.sha256, self.kind.extension());
        format!("{}/{hash}.{extension}", hash.get(..2).unwrap_or(hash))
    }

    /// All sub-folders of pictures.
    pub fn folders() -> impl Iterator<Item = String> {
        (0..=u8::MAX).map(|folder| format!("{folder:02x}"))
    }

    /// The hash and kind of the picture with this path, if it is valid.
    pub fn from_file(file: &str) -> Option<(&str, PictureKind)> {
        let (folder, name) = file.split_once('/')?;
        let (hash, extension) = name.split_once('.')?;
        let is_hex = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
        let is_hash = hash.len() == HASH && hash.bytes().all(is_hex);
        let kind = PictureKind::from_extension(extension)?;
        (is_hash && hash.get(..2) == Some(folder)).then_some((hash, kind))
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
        let picture = Picture::from_bytes(&gif(3, 2)).unwrap();
        assert_eq!((picture.kind, picture.bytes), (PictureKind::Gif, 14));
        let file = picture.file();
        assert_eq!(
            Picture::from_file(&file),
            Some((picture.sha256.as_str(), PictureKind::Gif))
        );
        assert!(Picture::from_bytes(&gif(1, 60)).is_some());
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
                Picture::from_bytes(&other),
                None,
                "{}",
                String::from_utf8_lossy(&other)
            );
        }
    }

    #[test]
    fn nothing_else_may_stand_among_pictures() {
        let hash = "ab".repeat(32);
        assert!(Picture::from_file(&format!("ab/{hash}.jpg")).is_some());
        for file in [
            format!("ab/{hash}.svg"),
            format!("ab/{hash}.html"),
            format!("ab/{hash}.jpg.html"),
            format!("ab/{hash}"),
            format!("ac/{hash}.jpg"),
            format!("ab/x/{hash}.jpg"),
            format!("ab/{}.jpg", "AB".repeat(32)),
            "ab/index.html".to_owned(),
        ] {
            assert_eq!(Picture::from_file(&file), None, "{file}");
        }
    }
}
