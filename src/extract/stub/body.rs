//! An article without a real text: an error, a wall or an empty template is in the place for the
//! text in the site's template.
//!
//! Owns the verdict on the extracted text. The head, the label block and the footer around it come
//! from the template, so they prove nothing. Never judges a text with pictures, files or tables, or
//! with other words than those of errors.

use std::collections::HashSet;
use std::sync::LazyLock;

use ego_tree::NodeId;
use regex::Regex;
use scraper::Html;

use super::place::{self, Place};
use super::view::is_password;
use super::{vocabulary, words};
use crate::extract::answer::{Extracted, Stub};
use crate::extract::body::{density, footer, pictures};
use crate::extract::family;
use crate::extract::page::cells::{Cells, is_small_form};
use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::pattern::pattern;
use crate::extract::page::{boilerplate, strings};

/// The most letters of an error's text.
const MAX: usize = 240;
/// The share of other words in an error's text, in percent: names, and words that are not yet
/// known.
const MAX_OTHERS: usize = 25;
/// The same share if no known phrase occurs, but a word hints at an error; and the most letters of
/// that text.
const MAX_OTHERS_HINTED: usize = 8;
const MAX_HINTED: usize = 60;
/// The same share if the title is an error's.
const MAX_OTHERS_TITLED: usize = 50;

static BREAKS: LazyLock<Regex> = LazyLock::new(|| pattern(r"[。！!；;？?\n]|\.\s"));

/// Pictures named after an error.
static ERROR_PICTURE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)/[a-z_-]{0,12}(40[0-9]|50[0-9]|error|err|notfound|nofound|nopage)[a-z0-9_-]{0,8}\.(png|jpe?g|gif|svg|webp)$",
    )
});

/// A title that announces one of these. Then the text below it is news, whatever its words.
static ANNOUNCES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(关于|公告|通知|通告|公示|启事|声明|说明|通报|提示|消息).*(维护|升级|改造|改版|迁移|搬迁|割接|检修|停机|停电|暂停|停止|停用|恢复|下线|关停|关闭|删除|撤销|失效|废止|登[录陆]|验证|防火墙|切换|故障|拦截)",
        r"|(维护|升级|改造|改版|迁移|搬迁|割接|检修|停机|停电|暂停|停止|停用|恢复|下线|关停|关闭|删除|撤销|失效|废止|登[录陆]|验证|防火墙|切换|故障|拦截).*(公告|通知|通告|公示|启事|声明|说明|通报)",
    ))
});

/// A title that announces something, without a subject.
static CALLS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(重要|紧急|温馨|特别|最新)?(通知公告|通知|公告|通告|启事|声明|提示)([-_|—].*)?$")
});

/// People and things that occur in news and never in errors.
static PEOPLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"群众|市民|居民|村民|企业|职工|学生|家长|读者|旅客|乘客|考生|近日|日前|[我全][省市县区镇乡局]|诈骗|骗局|公安|书记|局长|召开|工程",
    )
});

/// The time of the beginning or the end; a wall seldom names it.
static PERIOD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\d{1,2}月\d{1,2}日|\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|即日起"));

/// Signs on a page that its extracted text does not contain.
#[derive(Debug, Default)]
pub(in crate::extract) struct Signs {
    /// The lines of the elements named for the text, if they may be an error. Extraction skips so
    /// short a text, and searches elsewhere.
    named: Vec<String>,
    /// Whether the page asks for a password.
    password: bool,
    /// The lines from the article's title to the page's end, if they may be an error. Where nothing
    /// was extracted, one of them may say why.
    below: Vec<String>,
    /// What a form below the title asks for.
    asks: Option<Stub>,
}

/// Collects these signs. This must precede extraction, which changes the page.
pub(in crate::extract) fn signs(html: &Html, cells: &Cells, place: Place) -> Signs {
    let password = dom::elements(html.tree.root()).any(is_password);
    Signs {
        named: named(html, cells).unwrap_or_default(),
        password,
        below: place
            .title
            .map_or_else(Vec::new, |title| below(html, cells, title)),
        asks: place
            .title
            .and_then(|title| asked_by_form(html, cells.all[title].holder)),
    }
}

/// What a small form after an element asks for: a password, or a proof that the visitor is a
/// person. Cells do not show it.
fn asked_by_form(html: &Html, title: NodeId) -> Option<Stub> {
    /// The forms that are looked at, and the most characters of one.
    const FORMS: usize = 8;
    const MAX_FORM: usize = 200;
    let below = dom::elements(html.tree.root()).skip_while(|node| node.id() != title);
    let forms = below.filter(|node| is_small_form(*node));
    let in_place = |node: &DomNode<'_>| !node.ancestors().any(density::is_aside);
    forms.filter(in_place).take(FORMS).find_map(|form| {
        let said = strings::tidy(&dom::short_text(form, MAX_FORM)?);
        if OF_TOOLS.is_match(&said) {
            return None;
        }
        let asks = dom::elements(form).any(is_password);
        asks.then_some(Stub::LogIn).or_else(|| alone(&said, ""))
    })
}

/// The lines below a title, outside links, menus and footers.
fn below(html: &Html, cells: &Cells, title: usize) -> Vec<String> {
    /// A page without a text has fewer.
    const MOST: usize = 64;
    let aside = density::asides(html, cells);
    let is_own = |nth: &usize| {
        let cell = &cells.all[*nth];
        let is_shown = !cell.hidden && !cell.text.is_empty() && !cell.is_linked();
        is_shown && !aside[*nth] && !place::is_about(&cell.text)
    };
    let is_end = |nth: &usize| {
        let cell = &cells.all[*nth];
        cell.is_turn() || cell.is_heading() || footer::is_line_of(cell)
    };
    let own = (title + 1..cells.all.len()).filter(is_own);
    let own = own.take_while(|nth| !is_end(nth)).take(MOST);
    own.map(|nth| cells.all[nth].text.clone()).collect()
}

fn named(html: &Html, cells: &Cells) -> Option<Vec<String>> {
    /// Pages have few of these elements.
    const MOST: usize = 64;
    let mut lines = Vec::new();
    let mut length = 0;
    let mut seen = HashSet::new();
    let named = dom::elements(html.tree.root()).filter(|node| family::name_of(*node).is_some());
    for node in named.take(MOST) {
        if dom::elements(node).any(pictures::is_content) {
            return None;
        }
        for nth in cells.below(node.id()) {
            let cell = &cells.all[nth];
            if seen.insert(nth) && !cell.hidden && !cell.text.is_empty() {
                lines.push(cell.text.clone());
                length += cell.len();
                if length > MAX {
                    return None;
                }
            }
        }
    }
    Some(lines)
}

/// The stub in the article's place, if its text is not a real text.
pub(in crate::extract) fn of_article(page: &Extracted, signs: &Signs) -> Option<Stub> {
    let title = page.title.as_deref().unwrap_or_default();
    if words::PLACEHOLDER.is_match(title) || words::NO_VALUE.is_match(&folded(title)) {
        return Some(Stub::Unfilled);
    }
    let body = &page.body;
    let shows_error = |url: &str| ERROR_PICTURE.is_match(url);
    let is_error = !body.images.is_empty() && body.images.iter().all(|i| shows_error(i.url.path()));
    if !body.attachments.is_empty() || (!body.images.is_empty() && !is_error) {
        return None;
    }
    if is_error && strings::len(&body.body_text) == 0 {
        return Some(Stub::NotFound);
    }
    let text = &body.body_text;
    if is_trace(text) {
        return Some(Stub::Maintenance);
    }
    let rows = text.lines().filter(|line| line.trim().contains('\t'));
    if rows.count() > 1 || strings::len(text) > 2 * MAX {
        return None;
    }
    let lines = without_links(text, &body.body_html);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let named: Vec<&str> = signs.named.iter().map(String::as_str).collect();
    let of = |lines: &[&str]| from_lines(lines, title, signs.password);
    let below = || {
        let below: Vec<&str> = signs.below.iter().map(String::as_str).collect();
        let one = || below.iter().find_map(|line| alone(line, title));
        let asked = || signs.asks.clone();
        let said = || of(&below).or_else(one).or_else(asked);
        body.is_empty().then(said).flatten()
    };
    of(&lines).or_else(|| of(&named)).or_else(below)
}

/// Words of forms and lines that belong to every page of a site.
static OF_TOOLS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"评论|留言|投票|点赞|收藏|互动|咨询|订阅|搜索|检索"));

/// The stub that one line of a page without a text says it is, in plain words, or as data.
fn alone(line: &str, title: &str) -> Option<Stub> {
    if line.starts_with("{\"") || line.starts_with("[{") {
        return Some(Stub::Unfilled);
    }
    let said = told(&[line], title, false, false);
    said.filter(|stub| *stub != Stub::Unfilled && !OF_TOOLS.is_match(line))
}

/// The lines of a text without links, which are menus or lead back to the first page.
fn without_links(text: &str, html: &str) -> Vec<String> {
    static LINK: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)<a\b[^>]*>(.*?)</a>"));
    static TAG: LazyLock<Regex> = LazyLock::new(|| pattern(r"<[^>]*>"));
    let links = LINK.captures_iter(html).map(|link| {
        let said = TAG.replace_all(link.get(1).map_or("", |said| said.as_str()), " ");
        strings::tidy(&said)
    });
    let links: Vec<String> = links.filter(|link| !link.is_empty()).collect();
    let is_linked = |line: &str| {
        let mut rest = line.to_owned();
        for link in &links {
            rest = rest.replace(link.as_str(), " ");
        }
        strings::len(&rest) * 3 < strings::len(line)
    };
    text.lines()
        .filter(|line| !boilerplate::is_path(line) && !is_linked(line))
        .map(str::to_owned)
        .collect()
}

/// The stub that these lines show under a title.
pub(super) fn from_lines(lines: &[&str], title: &str, password: bool) -> Option<Stub> {
    told(lines, title, password, true)
}

/// The same; weaker words count only if hints are taken.
fn told(lines: &[&str], title: &str, password: bool, takes_hints: bool) -> Option<Stub> {
    let title_said = folded(title);
    let own: Vec<&&str> = lines
        .iter()
        .filter(|line| {
            let said = folded(line);
            let waits = words::UNFILLED.is_match(&said);
            !said.is_empty()
                && said != title_said
                && !footer::is_line(line)
                && !boilerplate::is_path(line)
                && (waits || !boilerplate::is_boilerplate(line))
        })
        .collect();
    let length: usize = own.iter().map(|line| strings::len(line)).sum();
    if length == 0 || length > MAX {
        return None;
    }
    let mut others = 0;
    let mut all = 0;
    for line in &own {
        let line = words::PLACEHOLDER.replace_all(line, " ");
        let line = match title.is_empty() {
            true => line.into_owned(),
            false => line.replace(title, " "),
        };
        let (letters, unknown) = vocabulary::others(&strings::tidy(&line));
        all += letters;
        others += unknown;
    }
    let is_titled = words::ERROR_TITLE.is_match(&title_said);
    let most = if is_titled {
        MAX_OTHERS_TITLED
    } else {
        MAX_OTHERS
    };
    if others * 100 > all * most || own.iter().any(|line| PEOPLE.is_match(line)) {
        return None;
    }
    let sentences: Vec<String> = own
        .iter()
        .flat_map(|line| BREAKS.split(line).chain(std::iter::once(**line)))
        .map(folded)
        .filter(|sentence| !sentence.is_empty())
        .collect();
    let says = |words: &Regex| sentences.iter().any(|sentence| words.is_match(sentence));
    let whole = own.iter().map(|line| **line).collect::<Vec<_>>().join("\n");
    let kinds: [(&LazyLock<Regex>, Stub); 6] = [
        (&words::CHALLENGE, Stub::Challenge),
        (&words::NOT_FOUND, Stub::NotFound),
        (&words::LOG_IN_FIRST, Stub::LogIn),
        (&words::NO_RIGHT, Stub::LogIn),
        (&words::UNFILLED, Stub::Unfilled),
        (&words::MAINTENANCE, Stub::Maintenance),
    ];
    let found = if words::PLACEHOLDER.is_match(&whole) {
        Some(Stub::Unfilled)
    } else {
        let told = kinds.into_iter().find(|(words, _)| says(words));
        let asks = || (password && says(&words::LOG_IN)).then_some(Stub::LogIn);
        let told = told.map(|(_, stub)| stub);
        let says_nothing_else = others * 100 <= all * MAX_OTHERS_HINTED && length <= MAX_HINTED;
        let hinted = || {
            let whole = whole.to_lowercase();
            let is_hint = takes_hints && says_nothing_else;
            let mut hints = words::HINTS.iter().filter(|_| is_hint);
            Some(hints.find(|(words, _)| words.is_match(&whole))?.1.clone())
        };
        let titled = is_titled.then_some(Stub::NotFound);
        let is_name = own.iter().all(|line| words::NAME.is_match(&folded(line)));
        let named = is_name.then_some(Stub::Unfilled);
        told.or_else(asks).or(titled).or(named).or_else(hinted)
    }?;
    // News of maintenance, of a closed column or of a log-in has a title that announces it, or a
    // title without a subject and a starting day. Under any other title, the text stands in that
    // article's place, dated or not. A notice with a signature has more words than errors, and does
    // not get here.
    let title = if title.is_empty() {
        own.first()?
    } else {
        title
    };
    let is_news = ANNOUNCES.is_match(title) && !is_titled
        || CALLS.is_match(&title_said) && PERIOD.is_match(&whole);
    let is_news = is_news && !words::PLACEHOLDER.is_match(&whole);
    (!is_news).then_some(found)
}

/// Whether a text is the output of a failing program: hardly any Chinese, and the marks of a trace.
fn is_trace(text: &str) -> bool {
    let (mut wide, mut all) = (0, 0);
    for c in text.chars() {
        // Chinese characters are letters.
        let is_letter = matches!(c, '\u{4e00}'..='\u{9fff}') || c.is_alphabetic();
        all += usize::from(is_letter);
        wide += usize::from(is_letter && !c.is_ascii());
    }
    wide * 3 <= all && words::TRACE.is_match(text)
}

fn folded(text: &str) -> String {
    strings::fold(text).to_lowercase()
}
