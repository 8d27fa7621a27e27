//! Raised and lowered text, and formulas, as plain text: 10², H₂O, 1/2.
//!
//! Owns their signs. Never computes a value.

use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::strings;

/// The place of a text beside its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extract) enum Place {
    Above,
    Below,
}

impl Place {
    /// The place of an element's text, by its name or its style.
    pub(in crate::extract) fn of(node: DomNode<'_>) -> Option<Self> {
        match dom::name(node) {
            "sup" => Some(Self::Above),
            "sub" => Some(Self::Below),
            "span" | "font" | "b" | "strong" | "i" | "em" | "a" => {
                const PROPERTY: &str = "vertical-align";
                let style = dom::attr(node, "style")?;
                if !strings::holds(style, PROPERTY) {
                    return None;
                }
                let style = style.to_ascii_lowercase();
                let (_, value) = style.split_once(PROPERTY)?;
                match value.trim_start_matches([' ', ':']) {
                    value if value.starts_with("super") => Some(Self::Above),
                    value if value.starts_with("sub") => Some(Self::Below),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The element that keeps this place in HTML.
    pub(in crate::extract) fn element(self) -> &'static str {
        match self {
            Self::Above => "sup",
            Self::Below => "sub",
        }
    }

    /// The text with this place in plain text. What has no such letters, and could not be mistaken
    /// for a part of the line, stays as it is.
    pub(in crate::extract) fn plain(self, text: &str) -> String {
        /// A longer text is a sentence in small letters.
        const MAX: usize = 12;
        let tidy = strings::tidy(text);
        if tidy.is_empty() || tidy.chars().count() > MAX {
            return text.to_owned();
        }
        if let Some(small) = tidy
            .chars()
            .map(|c| self.letter(c))
            .collect::<Option<String>>()
        {
            return small;
        }
        let is_number = tidy.starts_with(|c: char| c.is_ascii_digit());
        let is_term = tidy
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-−.,/=()".contains(c));
        match self {
            Self::Above if is_term && tidy.chars().count() > 1 && !is_number => {
                format!("^({tidy})")
            }
            Self::Above if is_term => format!("^{tidy}"),
            _ => text.to_owned(),
        }
    }

    fn letter(self, c: char) -> Option<char> {
        const PLAIN: &str = "0123456789+-=()";
        const ABOVE: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾";
        const BELOW: &str = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎";
        let c = if matches!(c, '−' | '－') { '-' } else { c };
        if self == Self::Above && c == 'n' {
            return Some('ⁿ');
        }
        let letters = if self == Self::Above { ABOVE } else { BELOW };
        letters
            .chars()
            .nth(PLAIN.chars().position(|plain| plain == c)?)
    }
}

/// A deeper formula is written as it stands.
const MAX_DEPTH: usize = 24;
/// The most elements of a formula.
const MAX_NODES: usize = 2000;

/// A formula on one line.
pub(in crate::extract) fn text(math: DomNode<'_>) -> String {
    if math.descendants().nth(MAX_NODES).is_some() {
        return dom::raw_text(math);
    }
    strings::tidy(&part(math, 0))
}

/// One part of a formula. Its depth is bounded.
fn part(node: DomNode<'_>, depth: usize) -> String {
    if let Some(text) = node.value().as_text() {
        return strings::tidy(&text.text);
    }
    if depth > MAX_DEPTH {
        return dom::text(node);
    }
    let below = || -> Vec<String> {
        let children = node.children().filter(|child| child.value().is_element());
        children.map(|child| part(child, depth + 1)).collect()
    };
    match (dom::name(node), below().as_slice()) {
        ("annotation" | "annotation-xml", _) => String::new(),
        ("mfrac", [above, under]) => format!("{}/{}", grouped(above), grouped(under)),
        ("msup" | "mover", [base, power]) => grouped(base) + &Place::Above.plain(power),
        ("msub" | "munder", [base, index]) => base.clone() + &Place::Below.plain(index),
        ("msubsup" | "munderover", [base, index, power]) => {
            base.clone() + &Place::Below.plain(index) + &Place::Above.plain(power)
        }
        ("msqrt", parts) => format!("√{}", grouped(&parts.concat())),
        ("mroot", [base, degree]) => Place::Above.plain(degree) + "√" + &grouped(base),
        _ => node
            .children()
            .map(|child| part(child, depth + 1))
            .collect(),
    }
}

/// A term of several signs is put into brackets.
fn grouped(term: &str) -> String {
    let is_one = |c: char| c.is_alphanumeric() || c == '.';
    match term.chars().all(is_one) {
        true => term.to_owned(),
        false => format!("({term})"),
    }
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn formula(html: &str) -> String {
        let html = Html::parse_document(&format!("<math>{html}</math>"));
        let math = html.tree.nodes().find(|node| dom::name(*node) == "math");
        text(math.unwrap())
    }

    #[test]
    fn a_formula_is_one_line() {
        for (html, expected) in [
            ("<mfrac><mn>1</mn><mn>2</mn></mfrac>", "1/2"),
            (
                "<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac>",
                "(a+b)/c",
            ),
            ("<msup><mn>10</mn><mn>2</mn></msup>", "10²"),
            ("<msub><mi>x</mi><mn>1</mn></msub>", "x₁"),
            ("<msqrt><mn>2</mn></msqrt>", "√2"),
        ] {
            assert_eq!(formula(html), expected);
        }
    }

    #[test]
    fn numbers_do_not_run_together() {
        for (place, text, expected) in [
            (Place::Above, "2", "²"),
            (Place::Above, "-1", "⁻¹"),
            (Place::Above, "1.5", "^1.5"),
            (Place::Above, "a+b", "^(a+b)"),
            (Place::Below, "2", "₂"),
            (Place::Below, "2.5", "2.5"),
            (Place::Above, "注", "注"),
            (Place::Above, "[1]", "[1]"),
        ] {
            assert_eq!(place.plain(text), expected, "{text}");
        }
    }
}
