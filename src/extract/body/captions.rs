//! Assigns captions to pictures.
//!
//! Owns the signs of a caption: `▲`, `figcaption`, 图为…, a short centred line right below. Never
//! removes a line: captions stay part of the text.

use std::sync::LazyLock;

use regex::Regex;

use super::content::{Line, Piece};
use crate::extract::fields::dates;
use crate::extract::page::pattern::pattern;
use crate::extract::page::strings;
use crate::model::Image;

/// A longer centred line is a paragraph.
const MAX_CENTRED: usize = 60;
/// A longer line is not a caption, even after 图为.
const MAX_CAPTION: usize = 200;

static PICTURE_OF: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^[（(]?(图为|图片为|图示|上图|下图|左图|右图|图[一二三四五六七八九十0-9①-⑳]{1,2}[：:为、 ]|图[：:]|图片说明|图片来源|摄影[：:]|图/)",
    )
});

static HEADING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^([（(]?[一二三四五六七八九十]+[)）、.]|第[一二三四五六七八九十]+[章节条]|[0-9]+[、.．]|附件|目录|—|-)",
    )
});

/// The pictures with their captions, in order.
pub(in crate::extract) fn images(pieces: &[Piece]) -> Vec<Image> {
    let mut images: Vec<Image> = Vec::new();
    // Pictures right above the current piece.
    let mut waiting = 0;
    for piece in pieces {
        match piece {
            Piece::Picture { url, alt } => {
                images.push(Image {
                    url: url.clone(),
                    caption: None,
                    alt: alt.clone(),
                    kept: None,
                });
                waiting += 1;
            }
            Piece::Line(line) => {
                if waiting > 0 {
                    let start = images.len() - waiting;
                    assign(&mut images[start..], line);
                }
                waiting = 0;
            }
        }
    }
    images
}

/// Gives the line below several pictures to the last one. A row with one cell for each picture
/// gives a cell to each.
fn assign(above: &mut [Image], line: &Line) {
    let cells: Vec<&str> = line.text.split('\t').collect();
    if above.len() > 1 && cells.len() == above.len() {
        for (image, cell) in above.iter_mut().zip(cells) {
            image.caption = strings::value(unmarked(cell));
        }
    } else if is_caption(line)
        && let Some(image) = above.last_mut()
    {
        // These signs also open the lines of a list, so they alone do not make a caption.
        let text = unmarked(&line.text).trim_start_matches(['●', '◆', '■', '▼']);
        image.caption = strings::value(text);
    }
}

fn is_caption(line: &Line) -> bool {
    let text = line.text.as_str();
    let length = strings::len(text);
    if line.caption || unmarked(text).len() < text.len() {
        return length > 0;
    }
    if length > MAX_CAPTION || text.contains('\t') {
        return false;
    }
    let short = line.centred
        && length <= MAX_CENTRED
        && !text.ends_with(['：', ':', '；'])
        && !HEADING.is_match(text)
        && !is_only_a_date(text);
    short || PICTURE_OF.is_match(text)
}

/// A date alone is a signature's, not a caption.
fn is_only_a_date(text: &str) -> bool {
    strings::len(text) <= 12 && dates::find(text).is_some()
}

/// The line without the sign that points to its picture.
fn unmarked(text: &str) -> &str {
    text.trim_start()
        .trim_start_matches(['▲', '△', '▴', '▵', '⬆', '↑', '🔺'])
}

#[cfg(test)]
mod tests {
    use scraper::Html;
    use url::Url;

    use super::*;
    use crate::extract::body::content;

    fn captions(html: &str) -> Vec<Option<String>> {
        let html = Html::parse_document(html);
        let base = Url::parse("http://x.cn/").unwrap();
        let images = images(&content::read(html.tree.root(), &base));
        images.into_iter().map(|image| image.caption).collect()
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn the_line_below_a_picture_is_its_caption_where_it_looks_like_one() {
        for html in [
            "<p><img src=/a.jpg></p><p>\u{3000}▲大会开幕</p>",
            "<p><img src=/a.jpg>△大会开幕</p>",
            "<p><img src=/a.jpg></p><p>&nbsp;</p><p> ▲ 大会开幕 </p>",
            "<figure><img src=/a.jpg><figcaption>大会开幕</figcaption></figure>",
            "<center><img src=/a.jpg></center><p align=center>大会开幕</p>",
            "<center><img src=/a.jpg></center><p align=center>◆大会开幕</p>",
        ] {
            assert_eq!(captions(html), [some("大会开幕")], "{html}");
        }
        assert_eq!(
            captions("<img src=/a.jpg><p>图为开幕式现场。（某某摄）</p>"),
            [some("图为开幕式现场。（某某摄）")]
        );
    }

    #[test]
    fn other_lines_are_no_captions() {
        for html in [
            "<img src=/a.jpg><p>会议指出，要抓好落实。</p><p>▲大会开幕</p>",
            "<img src=/a.jpg><p align=center>一、总体要求</p>",
            "<img src=/a.jpg><p align=center>2012年6月24日</p>",
            "<p>▲大会开幕</p><img src=/a.jpg>",
        ] {
            assert_eq!(captions(html), [None], "{html}");
        }
    }

    #[test]
    fn each_picture_has_its_own() {
        assert_eq!(
            captions("<img src=/a.jpg><p>▲甲</p><img src=/b.jpg><img src=/c.jpg><p>▲丙</p>"),
            [some("甲"), None, some("丙")]
        );
        assert_eq!(
            captions(
                "<table><tr><td><img src=/a.jpg><td><img src=/b.jpg></tr><tr><td>▲甲<td>▲乙</tr></table>"
            ),
            [some("甲"), some("乙")]
        );
    }
}
