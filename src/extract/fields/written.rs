//! Values that a script of the page writes: `发布时间：<script>var d='2013年07月31日'; …
//! document.write(d)</script>`.
//!
//! Owns the reading of scripts that write one quoted literal beside a known label, and of the time
//! of a public account's page. Never runs a
//! script, and never guesses what a computed value would be.

use std::collections::HashMap;
use std::sync::LazyLock;

use ego_tree::NodeId;
use regex::Regex;
use scraper::node::Text;
use scraper::{Html, Node};

use super::{dates, labels};
use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::pattern::pattern;
use crate::extract::page::strings;

/// A longer script does more than to write a value.
const MAX_SCRIPT: usize = 4000;
/// Pages have fewer such scripts.
const MOST: usize = 64;

/// Puts the literal of each such script as text into its place. Returns whether there are any.
pub(in crate::extract) fn put(html: &mut Html) -> bool {
    let mut found: Vec<(NodeId, String)> = Vec::new();
    let mut empty_time: Option<NodeId> = None;
    for script in html.tree.root().descendants() {
        match dom::name(script) {
            "script" => {}
            "em" if dom::attr(script, "id") == Some("publish_time") => {
                empty_time = dom::text(script).is_empty().then_some(script.id());
                continue;
            }
            _ => continue,
        }
        let code = code(script);
        if let Some(place) = empty_time
            && let Some(time) = time_of_account(&code)
        {
            found.push((place, time));
            empty_time = None;
        }
        if code.is_empty() || code.len() > MAX_SCRIPT {
            continue;
        }
        let written = literal(&code).filter(|value| is_labelled(value) || follows_label(script));
        found.extend(written.map(|value| (script.id(), value)));
        if found.len() == MOST {
            break;
        }
    }
    let is_changed = !found.is_empty();
    for (script, value) in found {
        if let Some(mut node) = html.tree.get_mut(script) {
            let text = format!(" {value} ").into();
            node.insert_before(Node::Text(Text { text }));
        }
    }
    is_changed
}

/// The time of publication in the script of a public account's page (微信公众号), which puts it into the
/// element with the id `publish_time`.
fn time_of_account(code: &str) -> Option<String> {
    static TIME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"(?:^|[\s;,])(?:ct|createTime|create_time)\s*=\s*["']([0-9]{10}|20[0-9]{2}-[0-9]{2}-[0-9]{2}[ 0-9:]*)["']"#,
        )
    });
    let found = TIME.captures(code)?;
    let date = dates::value(&found[1])?;
    let time = date.time.map(|time| time.to_string());
    Some(format!("{} {}", date.date, time.unwrap_or_default()))
}

fn code(script: DomNode<'_>) -> String {
    let texts = script.children();
    texts
        .filter_map(|node| node.value().as_text().map(|text| &*text.text))
        .collect()
}

static COMMENT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?s)/\*.*?\*/|(?m)(?:^|[;{}\s])//[^\n]*$|<!--[^\n]*"));
/// `var d = '…';`
static SET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"([A-Za-z_$][\w$]*)\s*=\s*(?:'([^'\\\n]*)'|"([^"\\\n]*)")\s*(?:[;,\n}]|$)"#)
});
static SETS: LazyLock<Regex> = LazyLock::new(|| pattern(r"([A-Za-z_$][\w$]*)\s*\+?=[^=]"));
static WRITE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"document\s*\.\s*write(?:ln)?\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)"));
/// One term of what is written: a literal, or a name, of which the beginning may be cut out.
static TERM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^\s*(?:'([^'\\]*)'|"([^"\\]*)"|([A-Za-z_$][\w$]*)(?:\.(?:substring|substr|slice)\(\s*0\s*,\s*([0-9]{1,3})\s*\)|\.trim\(\))?)\s*(\+|$)"#,
    )
});

/// The one text that a script writes.
fn literal(code: &str) -> Option<String> {
    if !code.contains("write") {
        return None;
    }
    let code = COMMENT.replace_all(code, " ");
    if !WRITE.is_match(&code) {
        return None;
    }
    let mut names: HashMap<&str, Option<&str>> = HashMap::new();
    for set in SETS.captures_iter(&code) {
        let name = set.get(1)?.as_str();
        let whole = SET.captures(&code[set.get(0)?.start()..]);
        let value = whole.filter(|found| found.get(0).is_some_and(|all| all.start() == 0));
        let value =
            value.and_then(|found| found.get(2).or(found.get(3)).map(|value| value.as_str()));
        // A name with two values has none that is known.
        let is_again = names.contains_key(name);
        names.insert(name, value.filter(|_| !is_again));
    }
    let mut values = Vec::new();
    for write in WRITE.captures_iter(&code) {
        let value = evaluated(write.get(1)?.as_str(), &names)?;
        if !value.is_empty() && !values.contains(&value) {
            values.push(value);
        }
    }
    let [value] = values.as_slice() else {
        return None;
    };
    let text = match value.contains(['<', '&']) {
        true => dom::text(*Html::parse_fragment(value).root_element()),
        false => strings::tidy(value),
    };
    (!text.is_empty()).then_some(text)
}

/// What is written; empty if a part of it is empty, because then the script asks before it writes.
fn evaluated(terms: &str, names: &HashMap<&str, Option<&str>>) -> Option<String> {
    let mut rest = terms;
    let mut value = String::new();
    loop {
        let term = TERM.captures(rest)?;
        if let Some(name) = term.get(3) {
            let known = (*names.get(name.as_str())?)?;
            if strings::fold(known).is_empty() {
                return Some(String::new());
            }
            let cut = term.get(4).and_then(|cut| cut.as_str().parse().ok());
            value.extend(known.chars().take(cut.unwrap_or(usize::MAX)));
        } else {
            value.push_str(term.get(1).or(term.get(2))?.as_str());
        }
        rest = &rest[term.get(0)?.end()..];
        if term.get(5).is_none_or(|sign| sign.as_str().is_empty()) {
            return Some(value);
        }
    }
}

/// Whether a text begins with a label for a field, and a colon: `来源：某报`.
fn is_labelled(value: &str) -> bool {
    let chars: Vec<char> = value.chars().collect();
    labels::at(&chars).is_some_and(|(label, length)| {
        label.field.is_some() && chars.get(length).is_some_and(|c| strings::is_colon(*c))
    })
}

/// Whether the text right before an element ends with a label for a field.
fn follows_label(script: DomNode<'_>) -> bool {
    /// Levels above the script, and nodes beside each, that may hold the label.
    const LEVELS: usize = 3;
    const NEAR: usize = 6;
    let above = std::iter::once(script)
        .chain(script.ancestors())
        .take(LEVELS);
    for node in above {
        let beside = node.prev_siblings().take(NEAR);
        let texts = beside.filter_map(|node| match node.value() {
            Node::Text(text) => Some(text.text.to_string()),
            Node::Element(_) => dom::short_text(node, MAX_LINE),
            _ => None,
        });
        let said = texts
            .map(|text| strings::fold(&text))
            .find(|text| !text.is_empty());
        if let Some(said) = said {
            return ends_with_label(&said);
        }
    }
    false
}

/// A longer text is no line with labels.
const MAX_LINE: usize = 200;

fn ends_with_label(line: &str) -> bool {
    /// No label is longer.
    const MAX: usize = 16;
    let core = line.trim_end_matches(strings::is_colon);
    let chars: Vec<char> = core.chars().collect();
    let starts = chars.len().saturating_sub(MAX)..chars.len();
    let is_label = |start: usize| {
        let found = labels::at(&chars[start..]).filter(|(label, _)| label.field.is_some());
        let is_apart = core.len() < line.len() || start == 0;
        is_apart && found.is_some_and(|(_, length)| start + length == chars.len())
    };
    starts.into_iter().any(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(html: &str) -> String {
        let mut html = Html::parse_document(html);
        put(&mut html);
        dom::text(*html.root_element())
    }

    #[test]
    fn the_literal_stands_where_the_script_writes_it() {
        for (script, value) in [
            (
                "var d='2013年07月31日';if(d!=''){document.write(d);}",
                "2013年07月31日",
            ),
            ("document.write(\"2013-07-31\")", "2013-07-31"),
            ("document.writeln('2013-07-31');", "2013-07-31"),
            (
                "var t = \"2013-07-31 09:10:00\";\ndocument.write(t.substring(0, 10));",
                "2013-07-31",
            ),
            (
                "/* 时间 */ let d='2013-07-31'; // 写\n document.write('<b>'+d+'</b>&nbsp;')",
                "2013-07-31",
            ),
        ] {
            let page = format!("<div>发布时间：<script>{script}</script> 字体：大</div>");
            assert_eq!(
                line(&page),
                format!("发布时间： {value} 字体：大"),
                "{script}"
            );
        }
        let page = "<td>来源：</td><td><script>var ly='某报';document.write(ly)</script></td>";
        assert!(line(page).contains("某报"));
        let page = "<p><script>var ly='某报';if(ly!=''){document.write('来源：'+ly+'&emsp;')}</script></p>";
        assert_eq!(line(page), "来源：某报");
    }

    #[test]
    fn what_a_script_computes_or_writes_elsewhere_is_not_read() {
        for script in [
            "var d='';if(d!=''){document.write(d);}",
            "var d=new Date();document.write(d.getFullYear())",
            "document.write(d)",
            "var d='一';d='二';document.write(d)",
            "var d='2013-07-31';d=d.replace('-','');document.write(d)",
            "document.write('一');document.write('二')",
            "var d='2013-07-31'",
            "document.write('<script src=/x.js><\\/script>')",
        ] {
            let page = format!("<div>发布时间：<script>{script}</script></div>");
            assert_eq!(line(&page), "发布时间：", "{script}");
        }
        for before in ["", "浏览次数：", "本县的新闻来源", "作者："] {
            let page = format!("<div>{before}<script>document.write('一')</script></div>");
            assert_eq!(line(&page), before, "{before}");
        }
    }
}
