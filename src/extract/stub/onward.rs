//! Pages that only send the browser on to another address: by a refresh, a script, or a frame over
//! the whole page.
//!
//! Owns which of these a browser follows for every visitor and within seconds. Never follows one,
//! and never judges a page with a text of its own.

use std::sync::LazyLock;

use regex::Regex;
use scraper::Html;
use url::Url;

use super::jump::Scripts;
use super::view::View;
use super::words;
use crate::extract::answer::Stub;
use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::pattern::pattern;
use crate::extract::page::text::PageText;
use crate::extract::page::{links, strings, urls};

/// The longest wait before a jump, in seconds. Slower ones leave time to read the page.
const LONGEST: f64 = 10.0;
/// The most characters of such a page, besides words about the jump.
const MAX_SAID: usize = 30;
/// The most characters of such a page with its links.
const MAX_ALL: usize = 300;
/// A frame with fewer pixels is a part of its page.
const LEAST_WIDTH: f64 = 600.0;
const LEAST_HEIGHT: f64 = 300.0;
/// A frame that takes more of its side than this, in percent, is the page.
const MOST: f64 = 75.0;

/// Words about the jump.
static JUMPS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"跳转|转向|转到|转入|重定向|自动(进入|打开|前往|访问|链接)|(进入|前往|打开)(新的?|目标)?(页面|网站|网址)|秒钟?(后|之后)|点击(这里|此处|进入|链接)|请稍[候等后]|正在(加载|打开|进入|前往|访问)|redirect|clickhere|pleasewait|(object|document)hasmoved|objectmoved|loading",
    )
});

/// Words of a page that is nothing but a jump.
static IS_JUMP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(正在|自动|即将|马上|页面|网页|为[您你])[^。，]{0,8}(跳转|转向|转到|重定向)|^redirecting",
    )
});

/// Words about a page that exists, but at another address.
static MOVED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(转移|迁移|移动|搬迁|变更|更换|移|迁)(至|到)|新(的)?(地址|网址|域名|网站|页面)")
});

/// The address of an error page.
static ERROR_ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^/(?:[^0-9/]+/)*(?:[a-z]+[_-]|page)*(?:40[34]|50[0-3]|error|notfound)[a-z_-]*(?:\.[a-z]{2,5}|/)?$",
    )
});

/// Frames that show a document or a film.
static VIEWER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\.(pdf|ofd|docx?|xlsx?|pptx?|wps|mp[34]|flv|m3u8|swf)(\W|$)|viewer|player|flexpaper|pdfjs|showpdf",
    )
});

static REFRESH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?is)^\s*([0-9]*\.?[0-9]*)[0-9.]*\s*[;,\s]\s*(?:url\s*=\s*)?(?:"([^"]*)|'([^']*)|(\S.*))"#,
    )
});

/// Whether the page speaks of another address for what it does not show.
pub(super) fn tells_of_move(view: &View<'_>) -> bool {
    view.lines().iter().any(|line| MOVED.is_match(line))
}

/// The verdict on a page that only sends the browser on: its target, or what the target is where
/// its address says so.
pub(super) fn recognise(document: &Html, text: PageText<'_>, view: &View<'_>) -> Option<Stub> {
    let is_frameset = frameset(document).is_some();
    let own = view.lines().iter().filter(|line| !JUMPS.is_match(line));
    let own: usize = own.map(|line| line.chars().count()).sum();
    if !is_frameset && (own > MAX_SAID || view.all > MAX_ALL) {
        return None;
    }
    let here = view.base;
    let base = links::base(document, here);
    let target = |to: &str| {
        let to = links::target(to, &base)?;
        let mut own = here.clone();
        own.set_fragment(None);
        (to != own).then_some(to)
    };
    let sent = || {
        let jumps = jumps(document, text, here).into_iter();
        let mut jumps: Vec<(f64, Url)> = jumps
            .filter(|(after, _)| *after <= LONGEST)
            .filter_map(|(after, to)| Some((after, target(&to)?)))
            .collect();
        // The sort is stable: of two jumps at the same time the first one counts.
        jumps.sort_by(|a, b| a.0.total_cmp(&b.0));
        jumps.into_iter().next().map(|(_, to)| to)
    };
    let framed = || {
        let source = frame(document, own + usize::from(view.links > 0))?;
        target(source).filter(|_| !VIEWER.is_match(source))
    };
    let Some(to) = sent().or_else(framed) else {
        let is_jump = !view.shows && view.lines().iter().any(|line| IS_JUMP.is_match(line));
        return (is_jump || may_open(document, view)).then_some(Stub::Unfilled);
    };
    Some(of_address(&to, here).unwrap_or(Stub::Onward(to)))
}

/// Whether a page without any text has a short script that opens an address, under a condition or
/// one that it computes. A wall's script sets a cookie, loads the page again, or is long.
fn may_open(document: &Html, view: &View<'_>) -> bool {
    const LONGEST: usize = 1000;
    const OPENS: [&str; 3] = ["location", ".submit()", ".click()"];
    const OF_WALLS: [&str; 5] = ["cookie", "reload", "eval", "atob", "_0x"];
    if view.all > 0 || view.shows {
        return false;
    }
    let scripts = dom::elements(document.tree.root()).filter(|node| dom::name(*node) == "script");
    let mut texts = scripts.map(dom::own_text).collect::<Vec<String>>();
    texts.retain(|text| !text.trim().is_empty());
    let has = |words: &[&str]| {
        let says = |word: &&str| texts.iter().any(|text| text.contains(*word));
        words.iter().any(says)
    };
    let length: usize = texts.iter().map(String::len).sum();
    length <= LONGEST && has(&OPENS) && !has(&OF_WALLS)
}

/// What the address of a jump's target says about the page.
pub(super) fn of_address(to: &Url, here: &Url) -> Option<Stub> {
    if words::LOG_IN_ADDRESS.is_match(to.as_str()) {
        return Some(Stub::LogIn);
    }
    let is_home = urls::is_root(to) && !urls::is_root(here);
    (is_home || ERROR_ADDRESS.is_match(to.path())).then_some(Stub::NotFound)
}

/// The jumps that every browser makes, each with the seconds until then.
fn jumps(document: &Html, text: PageText<'_>, here: &Url) -> Vec<(f64, String)> {
    let mut jumps: Vec<(f64, String)> = text.refresh.and_then(refresh).into_iter().collect();
    let mut scripts = Scripts::new(here);
    for node in dom::elements(document.tree.root()) {
        if node
            .ancestors()
            .any(|around| matches!(dom::name(around), "noscript" | "template"))
        {
            continue;
        }
        let jump = match dom::name(node) {
            "meta" if is_refresh(node) => {
                jumps.extend(dom::attr(node, "content").and_then(refresh));
                None
            }
            "script" if is_run(node) => scripts.jump(&dom::own_text(node)),
            "body" => dom::attr(node, "onload").and_then(|script| {
                let script = script.trim_start();
                scripts.jump(script.strip_prefix("javascript:").unwrap_or(script))
            }),
            _ => None,
        };
        jumps.extend(jump.map(|jump| (jump.after, jump.to)));
    }
    jumps
}

fn is_refresh(meta: DomNode<'_>) -> bool {
    let kind = dom::attr(meta, "http-equiv").unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("refresh")
}

/// Whether the browser runs the text of a script element.
fn is_run(script: DomNode<'_>) -> bool {
    let kind = dom::attr(script, "type").unwrap_or_default().to_lowercase();
    let is_code = kind.trim().is_empty() || kind.contains("script") || kind.trim() == "module";
    is_code && dom::attr(script, "src").is_none()
}

/// The seconds and the address of a refresh, which may be without `url=`.
fn refresh(content: &str) -> Option<(f64, String)> {
    let found = REFRESH.captures(content)?;
    let seconds = found.get(1).map_or("", |seconds| seconds.as_str());
    if seconds.is_empty() {
        return None;
    }
    let address = found.get(2).or(found.get(3)).or(found.get(4))?;
    Some((
        seconds.parse().unwrap_or(0.0),
        address.as_str().trim().to_owned(),
    ))
}

fn frameset(document: &Html) -> Option<DomNode<'_>> {
    dom::elements(document.tree.root()).find(|node| dom::name(*node) == "frameset")
}

/// The address of the frame that is the whole page, which has `said` characters besides.
fn frame(document: &Html, said: usize) -> Option<&str> {
    if let Some(mut set) = frameset(document) {
        // The depth of the tree is bounded.
        loop {
            let child = largest(set)?;
            if dom::name(child) == "frame" {
                return dom::attr(child, "src");
            }
            set = child;
        }
    }
    let shown = |node: &DomNode<'_>| {
        let source = dom::attr(*node, "src").unwrap_or_default().trim();
        dom::name(*node) == "iframe" && !source.is_empty() && !dom::is_hidden(*node)
    };
    let mut frames = dom::elements(document.tree.root()).filter(shown);
    let only = frames
        .next()
        .filter(|_| frames.next().is_none() && said == 0)?;
    let is_large = |side: &str, least: f64| {
        size(only, side).map(|size| match size {
            Size::Pixels(pixels) => pixels >= least,
            Size::Percent(percent) => percent >= MOST,
        })
    };
    let width = is_large("width", LEAST_WIDTH).or_else(|| is_styled(document).then_some(true));
    // A script sets the height of a frame without one.
    let is_high = is_large("height", LEAST_HEIGHT).unwrap_or(true);
    dom::attr(only, "src").filter(|_| width == Some(true) && is_high)
}

/// Whether a style sheet of the page gives frames the whole width.
fn is_styled(document: &Html) -> bool {
    let styles = dom::elements(document.tree.root()).filter(|node| dom::name(*node) == "style");
    styles.map(dom::own_text).any(|style| {
        let style = strings::fold(&style).to_lowercase();
        let mut rules = style.split('}').filter_map(|rule| rule.rsplit_once('{'));
        rules.any(|(name, rule)| name.contains("iframe") && rule.contains("width:100"))
    })
}

/// The frame of a set, or the set in it, that takes nearly all of the room.
fn largest(set: DomNode<'_>) -> Option<DomNode<'_>> {
    let sizes = ["rows", "cols"]
        .into_iter()
        .find_map(|side| dom::attr(set, side));
    let sizes: Vec<&str> = sizes
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .collect();
    let children = set
        .children()
        .filter(|child| matches!(dom::name(*child), "frame" | "frameset"));
    let children: Vec<DomNode<'_>> = children.collect();
    let is_large = |nth: usize| {
        let size = sizes.get(nth).copied().unwrap_or("*");
        let percent = size
            .strip_suffix('%')
            .and_then(|percent| percent.trim().parse().ok());
        children.len() == 1
            || size.contains('*')
            || percent.is_some_and(|percent: f64| percent > MOST)
    };
    let mut large = (0..children.len()).filter(|nth| is_large(*nth));
    let only = large.next().filter(|_| large.next().is_none())?;
    children.get(only).copied()
}

/// The width or height of a frame.
enum Size {
    Pixels(f64),
    Percent(f64),
}

fn size(frame: DomNode<'_>, side: &str) -> Option<Size> {
    let style = dom::attr(frame, "style").map(|style| strings::fold(style).to_lowercase());
    let styled = style.and_then(|style| {
        let mut rules = style.split(';').filter_map(|rule| rule.split_once(':'));
        let found = rules.find(|(name, _)| *name == side);
        found.map(|(_, value)| value.replace("!important", ""))
    });
    let value =
        styled.or_else(|| dom::attr(frame, side).map(|value| value.trim().to_lowercase()))?;
    let percent = ["%", "vw", "vh"]
        .into_iter()
        .find_map(|unit| value.strip_suffix(unit));
    match percent {
        Some(percent) => percent.trim().parse().ok().map(Size::Percent),
        None => value
            .trim_end_matches("px")
            .trim()
            .parse()
            .ok()
            .map(Size::Pixels),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_is_read_as_browsers_do() {
        for (content, expected) in [
            ("0;URL=./ywyw/", Some((0.0, "./ywyw/"))),
            ("3; url='/a b'", Some((3.0, "/a b"))),
            (" 5 ; url = \"/a\" x", Some((5.0, "/a"))),
            ("1,/a", Some((1.0, "/a"))),
            ("0.5;url=/a?x=1;y", Some((0.5, "/a?x=1;y"))),
            (".5;url=/a", Some((0.5, "/a"))),
            ("300", None),
            ("url=/a", None),
            ("", None),
        ] {
            let found = refresh(content);
            let found = found.as_ref().map(|(after, to)| (*after, to.as_str()));
            assert_eq!(found, expected, "{content}");
        }
    }

    #[test]
    fn error_pages_are_known_by_name_and_days_are_none() {
        for path in [
            "/404.html",
            "/error/",
            "/a/error_404.jsp",
            "/page-notfound.html",
            "/err/500.html",
        ] {
            assert!(ERROR_ADDRESS.is_match(path), "{path}");
        }
        for path in [
            "/202404/t20240404_1404.html",
            "/a/terror/1.html",
            "/info/1404/404.htm",
        ] {
            assert!(!ERROR_ADDRESS.is_match(path), "{path}");
        }
    }
}
