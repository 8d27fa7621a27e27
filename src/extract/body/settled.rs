//! Markup that a sanitiser would give back as it stands: known tags, closed in their order, where a
//! parser leaves them.
//!
//! Owns this judgement, by the rules of the HTML Standard (13.2.6, "tree construction") and by the
//! list of published attributes. Never changes markup. In doubt it says no, and the sanitiser
//! parses.

/// Whether the sanitiser would change nothing but the way in which `&nbsp;` is written.
pub(super) fn is_settled(html: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        let text = &rest[..at];
        let Some((tag, after)) = rest[at + 1..].split_once('>') else {
            return false;
        };
        rest = after;
        let is_misplaced = !text.is_empty() && open.last().is_some_and(|top| holds_parts(top));
        if is_misplaced || !is_text(text) {
            return false;
        }
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if !may_begin(name, &open) || !are_published(name, attributes) {
            return false;
        }
        if !matches!(name, "br" | "hr" | "img") {
            open.push(name);
        }
    }
    open.is_empty() && is_text(rest)
}

/// Elements that hold nothing but parts of a table.
fn holds_parts(name: &str) -> bool {
    matches!(name, "table" | "thead" | "tbody" | "tfoot" | "tr")
}

/// Whether a parser opens an element where it stands, closes none for it and moves none.
fn may_begin(name: &str, open: &[&str]) -> bool {
    let top = open.last().copied().unwrap_or_default();
    match top {
        "table" => return matches!(name, "thead" | "tbody" | "tfoot"),
        "thead" | "tbody" | "tfoot" => return name == "tr",
        "tr" => return matches!(name, "td" | "th"),
        _ => {}
    }
    // The elements around it up to the one that a search for an open paragraph passes no more.
    let near = || open.iter().rev();
    let in_paragraph = || {
        let mut near = near().take_while(|name| !matches!(**name, "td" | "th"));
        near.any(|name| *name == "p")
    };
    // An item ends the last one, unless a list or another box stands between.
    let in_item = |items: &[&str]| {
        let passed = |name: &str| {
            let inline = ["a", "b", "em", "i", "s", "strong", "u", "sub", "sup"];
            name == "div" || inline.contains(&name)
        };
        let box_around = near().find(|name| !passed(name));
        box_around.is_some_and(|name| items.contains(name))
    };
    match name {
        "br" | "img" | "sub" | "sup" => true,
        // A parser treats equals that are open too often, and links in links, in its own way.
        "b" | "em" | "i" | "s" | "strong" | "u" => !open.contains(&name),
        "a" => !open.contains(&"a"),
        "blockquote" | "div" | "dl" | "figcaption" | "figure" | "hr" | "ol" | "p" | "table"
        | "ul" => !in_paragraph(),
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            !in_paragraph() && !matches!(top, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
        }
        "li" => !in_paragraph() && !in_item(&["li"]),
        "dd" | "dt" => !in_paragraph() && !in_item(&["dd", "dt"]),
        _ => false,
    }
}

/// Whether an element has no other attributes than those that are published, as they are written.
fn are_published(name: &str, attributes: &str) -> bool {
    let mut rest = attributes;
    while !rest.is_empty() {
        let Some((key, after)) = rest.split_once("=\"") else {
            return false;
        };
        let Some((value, after)) = after.split_once('"') else {
            return false;
        };
        let fits = match (name, key) {
            ("a", "href") | ("img", "src") => is_address(value),
            ("img", "alt") => !value.contains(['<', '\u{a0}']) && is_escaped(value, &["&amp;"]),
            ("td" | "th", "colspan" | "rowspan") | ("ol", "start") => {
                value.bytes().all(|byte| byte.is_ascii_digit())
            }
            _ => false,
        };
        if !fits {
            return false;
        }
        rest = match after.strip_prefix(' ') {
            Some(next) if !next.is_empty() => next,
            _ if after.is_empty() => return true,
            _ => return false,
        };
    }
    true
}

/// Whether a value is an address of the web in visible ASCII.
fn is_address(value: &str) -> bool {
    let is_of_web = value.starts_with("http://") || value.starts_with("https://");
    is_of_web && value.bytes().all(|byte| byte.is_ascii_graphic()) && is_escaped(value, &["&amp;"])
}

/// Whether a text is written as a sanitiser writes it.
fn is_text(text: &str) -> bool {
    is_escaped(text, &["&amp;", "&lt;", "&gt;"])
}

/// Whether a text has no other signs of markup than these escapes.
fn is_escaped(text: &str, escapes: &[&str]) -> bool {
    let bytes = text.as_bytes();
    let is_one = |at: usize| escapes.iter().any(|escape| text[at..].starts_with(escape));
    memchr::memchr3(b'>', b'\r', 0, bytes).is_none() && memchr::memchr_iter(b'&', bytes).all(is_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_markup_is_settled() {
        for html in [
            "",
            "文",
            "<p>一<b>二</b><br>三</p><p>四 &amp; 五</p>",
            "<div><p>一</p><ul><li>二<ul><li>三</li></ul></li><li>四</li></ul></div>",
            "<table><tbody><tr><td colspan=\"2\">一</td><th><p>二</p></th></tr></tbody></table>",
            "<p><a href=\"http://x.cn/?a=1&amp;b=2\">一</a><img src=\"https://x.cn/a.jpg\" alt=\"图\"></p>",
            "<dl><dt>一</dt><dd>二</dd></dl><h2>三</h2><hr><ol start=\"3\"><li>四</li></ol>",
        ] {
            assert!(is_settled(html), "{html}");
        }
    }

    #[test]
    fn what_a_parser_would_move_or_a_sanitiser_take_away_is_not() {
        for html in [
            "<p>一<div>二</div></p>",
            "<p>一",
            "一</p>",
            "<b>一<p>二</b></p>",
            "<li>一<li>二</li></li>",
            "<li><div><li>一</li></div></li>",
            "<dt>一<dd>二</dd></dt>",
            "<h1><h2>一</h2></h1>",
            "<a href=\"http://x.cn/\"><a href=\"http://x.cn/\">一</a></a>",
            "<table>一</table>",
            "<table><tr><td>一</td></tr></table>",
            "<td>一</td>",
            "<pre>一</pre>",
            "<span>一</span>",
            "<script>1</script>",
            "<p class=\"x\">一</p>",
            "<p onclick=\"x()\">一</p>",
            "<a href=\"javascript:x\">一</a>",
            "<a href=\"http://x.cn/ onclick=x\">一</a>",
            "<a href=\"http://x.cn/\"onclick=\"x\">一</a>",
            "<div colspan=\"2\">一</div>",
            "<p>一 & 二</p>",
            "<p>&nbsp;</p>",
            "<p>一 > 二</p>",
            "<!-- 一 -->",
            "<p/>",
            "<P>一</P>",
        ] {
            assert!(!is_settled(html), "{html}");
        }
    }
}
