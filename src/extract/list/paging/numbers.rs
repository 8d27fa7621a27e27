//! Pagers of plain numbers: `1 [2] [3] …`, as links or in a select box.
//!
//! Owns the search for the current page's number and the link of the next number. Never relies on a
//! class alone: a pager holds only numbers and the words of a pager.

use ego_tree::NodeRef;
use scraper::{ElementRef, Html, Node};
use url::Url;

use crate::extract::page::dom::Attributes;
use crate::extract::page::{boilerplate, links, urls};

/// A number of a pager.
struct Number {
    number: u32,
    target: Option<Url>,
    /// Whether it is the number of the current page.
    current: bool,
}

/// How far above a number its link or its mark may stand.
const LEVELS: usize = 4;

/// A longer word does not belong to a pager.
const LONGEST: usize = 12;

/// A higher number is a year, or not a page's.
const HIGHEST: u32 = 1_800;

/// Classes of the current page's number.
const CURRENT: [&str; 9] = [
    "current",
    "cur",
    "active",
    "on",
    "now",
    "selected",
    "select",
    "thisclass",
    "p_no_d",
];

/// The link of the number that follows the current page's.
pub(super) fn next(document: &Html, here: &Url, base: &Url) -> Option<Url> {
    let mut last: Option<Number> = None;
    for node in document.root_element().descendants() {
        let Some(text) = node.value().as_text() else {
            continue;
        };
        for word in text.split_whitespace() {
            if !is_word_of_pager(word) {
                last = None;
                break;
            }
            let Some(number) = page_number(word) else {
                continue;
            };
            let found = read(node, number, here, base);
            let follows = last
                .as_ref()
                .is_some_and(|last| last.current && last.number + 1 == number);
            match &found.target {
                Some(url) if follows && !found.current && is_list(url, here) => {
                    return Some(url.clone());
                }
                _ => last = Some(found),
            }
        }
    }
    None
}

/// A number of a pager that may only be turned by a script.
struct Shown {
    number: u32,
    is_current: bool,
    /// Whether its link calls a script that names pages.
    is_turned: bool,
}

/// The current page's number and the highest number of the pager. A slide show's dots are numbers,
/// too: a pager has its words, or a script that names pages.
pub(super) fn place(document: &Html, here: &Url, base: &Url) -> Option<(u32, u32)> {
    let mut run: Vec<Shown> = Vec::new();
    let mut has_words = false;
    let mut found = None;
    for node in document.root_element().descendants() {
        let Some(text) = node.value().as_text() else {
            continue;
        };
        for word in text.split_whitespace() {
            if !is_word_of_pager(word) {
                found = found.or_else(|| of_run(&run, has_words));
                (run, has_words) = (Vec::new(), false);
                break;
            }
            has_words |= word.contains('页');
            if let Some(number) = page_number(word) {
                run.push(shown(node, number, here, base));
            }
        }
    }
    found.or_else(|| of_run(&run, has_words))
}

fn of_run(run: &[Shown], has_words: bool) -> Option<(u32, u32)> {
    let is_pager = has_words || run.iter().any(|shown| shown.is_turned);
    let follow = run.windows(2).any(|two| two[0].number + 1 == two[1].number);
    let mut current = run.iter().filter(|shown| shown.is_current);
    let page = current.next().filter(|_| is_pager && follow)?.number;
    let highest = run.iter().map(|shown| shown.number).max()?;
    current.next().is_none().then_some((page, highest))
}

fn shown(text: NodeRef<'_, Node>, number: u32, here: &Url, base: &Url) -> Shown {
    let (link, target, marked) = around(text, base);
    let scripts = link.map(|link| [link.attribute("onclick"), link.attribute("href")]);
    let is_turned = scripts.into_iter().flatten().flatten().any(|script| {
        let script = script.to_ascii_lowercase();
        script.contains('(') && (script.contains("page") || script.contains("postback"))
    });
    Shown {
        number,
        is_current: marked
            || link.is_none()
            || target.is_some_and(|url| urls::same_page(&url, here)),
        is_turned,
    }
}

/// Whether a word can stand in a pager: numbers, signs, and words like 上一页 and 共20页.
fn is_word_of_pager(word: &str) -> bool {
    word.chars().take(LONGEST + 1).count() <= LONGEST && word.chars().all(boilerplate::is_of_pager)
}

/// The number in `2`, `[2]` or `第2页`. `1/20` and `共20页` are not numbers of pages.
fn page_number(word: &str) -> Option<u32> {
    let word = word.trim_matches(|c| boilerplate::is_sign_of_pager(c) || matches!(c, '第' | '页'));
    let number = word.parse().ok()?;
    (1..=HIGHEST).contains(&number).then_some(number)
}

/// The link of a number, its target, and whether it is marked as the current page's.
fn around<'a>(text: NodeRef<'a, Node>, base: &Url) -> (Option<ElementRef<'a>>, Option<Url>, bool) {
    let around = || text.ancestors().take(LEVELS).filter_map(ElementRef::wrap);
    let link = around().find(|above| matches!(above.value().name(), "a" | "option"));
    let target = link.and_then(|link| links::of_element(link, base));
    let marked = around()
        // Above the row of the number is the pager, whose class may be `page_on`.
        .take_while(|above| matches!(above.value().name(), "a" | "option" | "li" | "span" | "b"))
        .any(|above| above.attribute("selected").is_some() || has_class_of_current(above));
    (link, target, marked)
}

fn read(text: NodeRef<'_, Node>, number: u32, here: &Url, base: &Url) -> Number {
    let (_, target, marked) = around(text, base);
    let current = match &target {
        None => true,
        Some(url) => marked || urls::same_page(url, here),
    };
    Number {
        number,
        target,
        current,
    }
}

fn has_class_of_current(element: ElementRef<'_>) -> bool {
    let classes = element.attribute("class").unwrap_or_default();
    classes
        .split(|c: char| !c.is_ascii_alphabetic() && c != '_')
        .any(|class| CURRENT.iter().any(|name| class.eq_ignore_ascii_case(name)))
}

/// Whether a number's link leads to a page of the same list. A calendar's days and a slide show's
/// dots are numbers, too, but lead to articles and other folders.
fn is_list(url: &Url, here: &Url) -> bool {
    let (path, known) = (url.path(), here.path());
    let same = path
        .bytes()
        .zip(known.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    // The URL is ASCII, so any index is a character boundary.
    let longest = path[same..]
        .split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .max();
    urls::is_beside(url, here) && longest.unwrap_or(0) < 5
}
