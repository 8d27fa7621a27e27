//! The formats of kept files: how bytes prove one, its extension and its media type.
//!
//! Owns which formats are kept: pictures that every browser shows, and documents, archives and texts.
//! None can run in a browser: pages, SVG and XML are no format here. Never reads a file.

use encoding_rs::Encoding;
use imagesize::{Compression, ImageType};
use url::Url;

use FileFormat::{
    Avif, Bmp, Csv, Doc, Docm, Docx, Dps, Et, Gif, Jpeg, Ofd, Pdf, Png, Ppt, Pptx, Rar, Rtf,
    SevenZip, Txt, Webp, Wps, Xls, Xlsm, Xlsx, Zip,
};

/// The format of a kept file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
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
    /// Portable Document Format (ISO 32000).
    Pdf,
    /// Open Fixed-layout Document (GB/T 33190).
    Ofd,
    /// Word 97–2003.
    Doc,
    /// Word (ECMA-376).
    Docx,
    /// Word (ECMA-376) with macros.
    Docm,
    /// Excel 97–2003.
    Xls,
    /// Excel (ECMA-376).
    Xlsx,
    /// Excel (ECMA-376) with macros.
    Xlsm,
    /// PowerPoint 97–2003.
    Ppt,
    /// PowerPoint (ECMA-376).
    Pptx,
    /// WPS 文字.
    Wps,
    /// WPS 表格.
    Et,
    /// WPS 演示.
    Dps,
    /// Rich Text Format.
    Rtf,
    /// ZIP archive.
    Zip,
    /// RAR archive.
    Rar,
    /// 7z archive.
    SevenZip,
    /// Plain text.
    Txt,
    /// Comma-separated values (RFC 4180).
    Csv,
}

impl FileFormat {
    /// The pictures.
    const PICTURES: [Self; 6] = [Avif, Bmp, Gif, Jpeg, Png, Webp];
    /// The documents, archives and texts.
    pub const DOCUMENTS: [Self; 19] = [
        Pdf, Doc, Docx, Docm, Xls, Xlsx, Xlsm, Ppt, Pptx, Wps, Et, Dps, Ofd, Rtf, Zip, Rar,
        SevenZip, Txt, Csv,
    ];

    /// The format with this extension, in lower case.
    pub fn from_extension(extension: &str) -> Option<Self> {
        let mut formats = Self::PICTURES.into_iter().chain(Self::DOCUMENTS);
        formats.find(|format| format.extension() == extension)
    }

    /// The format of which a file's name or address says that it is.
    pub fn from_name(name: &str) -> Option<Self> {
        let (_, extension) = name.trim().rsplit_once('.')?;
        Self::from_extension(&extension.to_ascii_lowercase())
    }

    /// The format of which an address says that its file is: at the end of its path, or of a value
    /// of its query (`downfile.jsp?filename=1.pdf`).
    pub fn from_address(url: &Url) -> Option<Self> {
        let of_query = || {
            url.query_pairs()
                .find_map(|(_, value)| Self::from_name(&value))
        };
        Self::from_name(url.path()).or_else(of_query)
    }

    /// Whether it is a picture, which a page shows.
    pub fn is_picture(self) -> bool {
        Self::PICTURES.contains(&self)
    }

    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        self.names().0
    }

    /// Its media type, as IANA and the makers of the formats define it.
    pub fn media_type(self) -> &'static str {
        self.names().1
    }

    /// Extension and media type.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Avif => ("avif", "image/avif"),
            Bmp => ("bmp", "image/bmp"),
            Gif => ("gif", "image/gif"),
            Jpeg => ("jpg", "image/jpeg"),
            Png => ("png", "image/png"),
            Webp => ("webp", "image/webp"),
            Pdf => ("pdf", "application/pdf"),
            Ofd => ("ofd", "application/ofd"),
            Doc => ("doc", "application/msword"),
            Docx => (
                "docx",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            Docm => ("docm", "application/vnd.ms-word.document.macroEnabled.12"),
            Xls => ("xls", "application/vnd.ms-excel"),
            Xlsx => (
                "xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ),
            Xlsm => ("xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12"),
            Ppt => ("ppt", "application/vnd.ms-powerpoint"),
            Pptx => (
                "pptx",
                "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            ),
            Wps => ("wps", "application/vnd.ms-works"),
            Et => ("et", "application/vnd.ms-excel"),
            Dps => ("dps", "application/vnd.ms-powerpoint"),
            Rtf => ("rtf", "application/rtf"),
            Zip => ("zip", "application/zip"),
            Rar => ("rar", "application/vnd.rar"),
            SevenZip => ("7z", "application/x-7z-compressed"),
            Txt => ("txt", "text/plain"),
            Csv => ("csv", "text/csv"),
        }
    }

    /// The picture that these bytes are, with its width and height in pixels.
    pub(super) fn picture(bytes: &[u8]) -> Option<(Self, usize, usize)> {
        let format = match imagesize::image_type(bytes).ok()? {
            ImageType::Bmp => Bmp,
            ImageType::Gif => Gif,
            ImageType::Heif(Compression::Av1) => Avif,
            ImageType::Jpeg => Jpeg,
            ImageType::Png => Png,
            ImageType::Webp => Webp,
            _ => return None,
        };
        let size = imagesize::blob_size(bytes).ok()?;
        (size.width > 0 && size.height > 0).then_some((format, size.width, size.height))
    }

    /// The document, archive or text that these bytes are. Several formats have the same bytes, as a
    /// text of WPS and one of Word: the name tells which it is. `None` for anything else, above all
    /// for a page in place of the file.
    pub(super) fn document(bytes: &[u8], named: Option<Self>) -> Option<Self> {
        let possible = possible(bytes);
        let named = named.filter(|named| possible.named.contains(named));
        named.or(possible.otherwise)
    }
}

/// The formats that bytes may have.
struct Possible {
    /// The formats that the name may choose.
    named: &'static [FileFormat],
    /// The format if it chooses none of them.
    otherwise: Option<FileFormat>,
}

impl Possible {
    const NONE: Self = Self::new(&[], None);

    const fn new(named: &'static [FileFormat], otherwise: Option<FileFormat>) -> Self {
        Self { named, otherwise }
    }
}

fn possible(bytes: &[u8]) -> Possible {
    let starts: [(&[u8], FileFormat); 4] = [
        (b"%PDF-", Pdf),
        (b"{\\rtf", Rtf),
        (b"Rar!\x1a\x07", Rar),
        (b"7z\xbc\xaf\x27\x1c", SevenZip),
    ];
    let known = starts.iter().find(|(start, _)| bytes.starts_with(start));
    if let Some((_, format)) = known {
        return Possible::new(&[], Some(*format));
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return compound(bytes);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return zip(bytes);
    }
    match is_text(bytes) {
        true => Possible::new(&[Txt, Csv], None),
        false => Possible::NONE,
    }
}

/// A compound file (\[MS-CFB\]), by the names of the streams in it.
fn compound(bytes: &[u8]) -> Possible {
    let has = |stream: &str| {
        let name: Vec<u8> = stream.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memchr::memmem::find(bytes, &name).is_some()
    };
    if has("WordDocument") {
        Possible::new(&[Doc, Wps], Some(Doc))
    } else if has("Workbook") || has("Book") {
        Possible::new(&[Xls, Et], Some(Xls))
    } else if has("PowerPoint Document") {
        Possible::new(&[Ppt, Dps], Some(Ppt))
    } else if has("EncryptedPackage") {
        // A document of ECMA-376 with a password (\[MS-OFFCRYPTO\]).
        Possible::new(&[Docx, Docm, Xlsx, Xlsm, Pptx], None)
    } else {
        Possible::NONE
    }
}

/// A ZIP archive, by the names of the files in it. Programs for phones and for Java are none.
fn zip(bytes: &[u8]) -> Possible {
    let mut found = Possible::new(&[], Some(Zip));
    let Ok(archive) = rawzip::ZipArchive::from_slice(bytes) else {
        return Possible::NONE;
    };
    let mut entries = archive.entries();
    while let Ok(Some(entry)) = entries.next_entry() {
        match entry.file_path().as_bytes() {
            b"word/document.xml" => found = Possible::new(&[Docx, Docm], Some(Docx)),
            b"xl/workbook.xml" | b"xl/workbook.bin" => {
                found = Possible::new(&[Xlsx, Xlsm], Some(Xlsx));
            }
            b"ppt/presentation.xml" => found = Possible::new(&[], Some(Pptx)),
            b"OFD.xml" => found = Possible::new(&[], Some(Ofd)),
            b"AndroidManifest.xml" | b"META-INF/MANIFEST.MF" => return Possible::NONE,
            _ => {}
        }
    }
    found
}

/// Whether bytes are a text, and no markup: neither control characters nor the beginning of a tag.
fn is_text(bytes: &[u8]) -> bool {
    /// So far a text is looked at.
    const START: usize = 4096;
    let start = bytes.get(..START).unwrap_or(bytes);
    let wide = Encoding::for_bom(start).map(|(encoding, _)| encoding.decode(start).0);
    // All other charsets of portals write ASCII as ASCII, and nothing else with its bytes below `@`.
    let letters = wide.as_deref().map_or(start, str::as_bytes);
    let is_control = |byte: &u8| *byte < b' ' && !matches!(*byte, b'\t' | b'\n' | b'\r' | 0x0c);
    let is_tag = |pair: &[u8]| {
        let [first, second] = pair else { return false };
        *first == b'<' && (second.is_ascii_alphabetic() || matches!(second, b'!' | b'?' | b'/'))
    };
    !letters.is_empty() && !letters.iter().any(is_control) && !letters.windows(2).any(is_tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ZIP archive with empty files of these names.
    fn archive(names: &[&str]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
        for name in names {
            let (entry, config) = archive.new_file(name).start().unwrap();
            let (_, descriptor) = config.wrap(std::io::sink()).finish().unwrap();
            entry.finish(descriptor).unwrap();
        }
        archive.finish().unwrap();
        bytes
    }

    /// The beginning of a compound file, and the name of a stream of it.
    fn compound(stream: &str) -> Vec<u8> {
        let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        bytes.resize(1024, 0);
        bytes.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
        bytes
    }

    #[test]
    fn bytes_tell_the_format_and_the_name_chooses_among_those_that_share_them() {
        let word = archive(&["[Content_Types].xml", "word/document.xml"]);
        let sheet = archive(&["xl/workbook.xml", "xl/worksheets/sheet1.xml"]);
        for (bytes, name, expected) in [
            (b"%PDF-1.7\n".to_vec(), "附件.doc", Some(Pdf)),
            (b"{\\rtf1}".to_vec(), "通知.doc", Some(Rtf)),
            (compound("WordDocument"), "名单.doc", Some(Doc)),
            (compound("WordDocument"), "名单.WPS", Some(Wps)),
            (compound("WordDocument"), "download", Some(Doc)),
            (compound("Workbook"), "名单.et", Some(Et)),
            (compound("Workbook"), "名单.pdf", Some(Xls)),
            (compound("PowerPoint Document"), "课件.dps", Some(Dps)),
            (compound("EncryptedPackage"), "名单.xlsx", Some(Xlsx)),
            (compound("EncryptedPackage"), "名单", None),
            // An installer of Windows.
            (compound("Binary"), "名单.doc", None),
            (word.clone(), "名单", Some(Docx)),
            (word, "名单.docm", Some(Docm)),
            (sheet, "名单.zip", Some(Xlsx)),
            (
                archive(&["OFD.xml", "Doc_0/Document.xml"]),
                "a.zip",
                Some(Ofd),
            ),
            (archive(&["附件1.doc", "附件2.doc"]), "a", Some(Zip)),
            (archive(&["AndroidManifest.xml"]), "a.zip", None),
            (b"PK\x03\x04".to_vec(), "a.zip", None),
            ("序号,名称\r\n1,供热\r\n".into(), "a.csv", Some(Csv)),
            (b"\xd0\xf2\xba\xc5,1\n".to_vec(), "a.txt", Some(Txt)),
            (
                b"\xff\xfe\x00\x4e\x01\x4e\x0a\x00".to_vec(),
                "a.txt",
                Some(Txt),
            ),
            (b"1 < 2, <3".to_vec(), "a.txt", Some(Txt)),
            (b"no name".to_vec(), "a", None),
            (b"\x7fELF\x02\x01".to_vec(), "a.txt", None),
            (Vec::new(), "a.txt", None),
        ] {
            let found = FileFormat::document(&bytes, FileFormat::from_name(name));
            assert_eq!(
                found,
                expected,
                "{name}: {}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }

    #[test]
    fn what_a_browser_would_run_is_kept_under_no_name() {
        for page in [
            "<html><body>404</body></html>",
            "\n  <!DOCTYPE html>",
            "<?xml version=\"1.0\"?><a/>",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            "text first, then <script>",
            "\u{feff}<HTML>",
        ] {
            for name in ["a.txt", "a.csv", "a.pdf", "a.doc", "a.html", "a.svg"] {
                let found = FileFormat::document(page.as_bytes(), FileFormat::from_name(name));
                assert_eq!(found, None, "{name}: {page}");
            }
        }
    }

    #[test]
    fn an_address_may_name_its_file() {
        for (address, expected) in [
            ("http://gov.example/P0202512.DOCX", Some(Docx)),
            (
                "http://gov.example/down.jsp?id=7&filename=%E9%99%84.pdf",
                Some(Pdf),
            ),
            ("http://gov.example/download?id=7", None),
            ("http://gov.example/a.html", None),
        ] {
            let url: Url = address.parse().unwrap();
            assert_eq!(FileFormat::from_address(&url), expected, "{address}");
        }
    }
}
