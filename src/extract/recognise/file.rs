//! A file at an article's address: a list's row leads straight to a document, a picture or a film.
//!
//! Owns the signs of a file, and the entry that the row makes of it. Never reads the file.

use url::Url;

use crate::extract::answer::Extracted;
use crate::extract::body::attachments;
use crate::extract::fields::row;
use crate::model::{Attachment, Field, Image, ListRow};

/// The extensions of pictures, and their media types.
const PICTURES: &[(&str, &str)] = &[
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("bmp", "image/bmp"),
    ("webp", "image/webp"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
];

/// The first bytes of files, and their media types. `None` stands for formats that share them.
const FIRST_BYTES: &[(&[u8], Option<&str>)] = &[
    (b"%PDF-", Some("application/pdf")),
    (b"PK\x03\x04", None),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None),
    (b"Rar!\x1a\x07", Some("application/vnd.rar")),
    (b"7z\xbc\xaf\x27\x1c", Some("application/x-7z-compressed")),
    (b"{\\rtf", Some("application/rtf")),
    (b"\xff\xd8\xff", Some("image/jpeg")),
    (b"\x89PNG\r\n\x1a\n", Some("image/png")),
    (b"GIF87a", Some("image/gif")),
    (b"GIF89a", Some("image/gif")),
    (b"RIFF", None),
    (b"FLV\x01", Some("video/x-flv")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", None),
    (b"ID3", Some("audio/mpeg")),
];

/// The media type of the file that an answer is; `Some(None)` for a file of an unknown type. Its
/// first bytes prove it: an error page may stand at a file's address.
fn of_answer(body: &[u8], content_type: Option<&str>, url: &Url) -> Option<Option<String>> {
    let named = of_address(url).map(str::to_owned);
    let said = content_type
        .and_then(|said| said.split(';').next())
        .map(|said| said.trim().to_ascii_lowercase())
        .filter(|said| !said.starts_with("text/") && !said.ends_with("/octet-stream"))
        .filter(|said| {
            !["html", "xml", "json"]
                .iter()
                .any(|text| said.ends_with(text))
        });
    let first = FIRST_BYTES
        .iter()
        .find(|(first, _)| body.starts_with(first));
    // The type stands behind the length of the first part.
    let is_film = body.get(4..8) == Some(b"ftyp");
    let by_bytes = match first {
        Some((_, media_type)) => Some(media_type.map(str::to_owned)),
        None if is_film => Some(Some("video/mp4".to_owned())),
        None => None,
    };
    let is_text = || body.iter().take(512).all(|byte| *byte != 0);
    match by_bytes {
        Some(by_bytes) => Some(named.or(by_bytes).or(said)),
        None if is_text() => None,
        None => named.or(said).map(Some),
    }
}

/// The media type by the extension in an address.
fn of_address(url: &Url) -> Option<&'static str> {
    let extension = url
        .path()
        .rsplit_once('.')
        .map(|(_, end)| end.to_ascii_lowercase());
    let picture = PICTURES
        .iter()
        .find(|(known, _)| Some(*known) == extension.as_deref());
    let file = || attachments::file_name(url).map(|(_, media_type)| media_type);
    picture.map(|(_, media_type)| *media_type).or_else(file)
}

/// The entry of a row whose address gives a file, if this answer is one.
pub fn file(
    body: &[u8],
    content_type: Option<&str>,
    url: &Url,
    listed: &ListRow,
) -> Option<Extracted> {
    entry(of_answer(body, content_type, url)?, url, listed)
}

/// The same for a file that is too large to be read: its address alone tells.
pub fn large_file(url: &Url, listed: &ListRow) -> Option<Extracted> {
    entry(Some(of_address(url)?.to_owned()), url, listed)
}

fn entry(media_type: Option<String>, url: &Url, listed: &ListRow) -> Option<Extracted> {
    let mut page = Extracted::default();
    page.offer(Field::Title, &listed.title, row::FOUND);
    let title = page.title.clone()?;
    if let Some(day) = listed.published_on {
        page.offer(Field::PublishedOn, &day.to_string(), row::FOUND);
    }
    let is_picture = media_type
        .as_deref()
        .is_some_and(|name| name.starts_with("image/"));
    if is_picture {
        page.body.images.push(Image {
            url: url.clone(),
            caption: None,
            alt: Some(title),
            kept: None,
        });
        page.note(Field::Images, row::FOUND);
    } else {
        page.body.attachments.push(Attachment {
            url: url.clone(),
            name: title,
            media_type,
            kept: None,
        });
        page.note(Field::Attachments, row::FOUND);
    }
    page.shows_row = true;
    Some(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> ListRow {
        ListRow {
            title: "2025年部门预算公开".to_owned(),
            published_on: chrono::NaiveDate::from_ymd_opt(2025, 2, 7),
        }
    }

    fn read(path: &str, content_type: Option<&str>, body: &[u8]) -> Option<Extracted> {
        let url = Url::parse(&format!("http://www.x.gov.cn{path}")).unwrap();
        file(body, content_type, &url, &row())
    }

    #[test]
    fn a_file_at_an_articles_address_is_an_entry_of_the_lists_words() {
        let pdf: &[u8] = b"%PDF-1.4 ...";
        let zip: &[u8] = b"PK\x03\x04\x14\x00";
        let old: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00";
        for (path, content_type, body, media_type) in [
            (
                "/a/1.pdf",
                Some("application/pdf"),
                pdf,
                Some("application/pdf"),
            ),
            (
                "/down?id=3",
                Some("application/octet-stream"),
                pdf,
                Some("application/pdf"),
            ),
            ("/a/1.PDF", Some("text/html"), pdf, Some("application/pdf")),
            ("/a/1.doc", None, old, Some("application/msword")),
            ("/a/1.xls", None, old, Some("application/vnd.ms-excel")),
            ("/a/1.wps", None, old, Some("application/vnd.ms-works")),
            ("/a/1.ofd", None, zip, Some("application/ofd")),
            ("/down?id=4", None, zip, None),
            (
                "/v/1",
                Some("video/mp4; x=1"),
                b"\0\0\0\x18ftypmp42",
                Some("video/mp4"),
            ),
        ] {
            let page = read(path, content_type, body).unwrap();
            let [file] = page.body.attachments.as_slice() else {
                panic!("{path}: {:?}", page.body);
            };
            assert_eq!(file.media_type.as_deref(), media_type, "{path}");
            assert_eq!(file.name, "2025年部门预算公开");
            assert!(file.url.as_str().ends_with(path));
            assert_eq!(page.title.as_deref(), Some("2025年部门预算公开"));
            assert_eq!(page.metadata.published_on, row().published_on);
            assert_eq!(page.provenance[&Field::Title], row::FOUND);
            assert!(!page.body.has_text());
        }
        let picture = read("/a/1.jpg", None, b"\xff\xd8\xff\xe0").unwrap();
        assert_eq!(picture.body.images.len(), 1);
        assert!(picture.body.attachments.is_empty());
    }

    #[test]
    fn a_page_at_a_files_address_is_none() {
        for (path, content_type, body) in [
            (
                "/a/1.pdf",
                Some("application/pdf"),
                "<html><h1>404</h1></html>",
            ),
            ("/a/1.html", Some("text/html"), "<html>正文</html>"),
            ("/a/1.doc", Some("text/html"), "文件不存在"),
            ("/a/1.txt", Some("text/plain"), "通知"),
        ] {
            assert_eq!(read(path, content_type, body.as_bytes()), None, "{path}");
        }
        let url = |path: &str| Url::parse(&format!("http://www.x.gov.cn{path}")).unwrap();
        assert!(large_file(&url("/a/1.pdf"), &row()).is_some());
        assert_eq!(large_file(&url("/a/1.html"), &row()), None);
    }
}
