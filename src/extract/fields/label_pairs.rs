//! Labels and values within one cell: `label：value`, `<b>label</b>value`, `label value`, possibly
//! several in a row.
//!
//! Owns the reading of a cell. Never looks beyond it: a label at its end has no value here.

use super::labels::{self, Label, Weight};
use crate::extract::page::cells::Cell;
use crate::extract::page::strings;
use crate::model::Field;

/// A label in a cell, and the text after it.
#[derive(Debug)]
pub(in crate::extract) struct Pair {
    pub(in crate::extract) label: &'static Label,
    /// The raw value; empty if the label ends the cell.
    pub(in crate::extract) value: String,
    pub(in crate::extract) sign: Sign,
}

/// The sign between a label and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extract) enum Sign {
    Colon,
    /// The boundary of an inline element.
    Element,
    /// White space, or an empty string.
    Nothing,
    /// The label ends the cell.
    End,
}

/// No known label block puts more into one cell; longer cells are text of the article.
const MAX_CHARS: usize = 1200;

/// The labels of a cell in order.
pub(in crate::extract) fn read(cell: &Cell) -> Vec<Pair> {
    if !labels::may_occur(cell.folded()) || cell.text.chars().nth(MAX_CHARS).is_some() {
        return Vec::new();
    }
    let line = Line::new(cell);
    let glued = line.is_glued();
    let mut found: Vec<Found> = Vec::new();
    let mut next = 0;
    for &at in &line.begins {
        if at < next {
            continue;
        }
        let before = Before {
            any: !found.is_empty(),
            adjoins: found.last().is_some_and(|hit| hit.value_start == at),
            glued: glued && !found.is_empty(),
        };
        if let Some(hit) = line.label_at(at, before) {
            next = hit.value_start.max(at + 1);
            found.push(hit);
        }
    }
    // If a cell has one colon after a label, all its labels have one.
    if found.iter().any(|hit| hit.sign == Sign::Colon) {
        found.retain(|hit| hit.sign != Sign::Nothing);
    }
    let ends: Vec<usize> = found
        .iter()
        .skip(1)
        .map(|hit| hit.start)
        .chain([line.chars.len()])
        .collect();
    found
        .iter()
        .zip(ends)
        .map(|(hit, end)| Pair {
            label: hit.label,
            value: line.slice(hit.value_start, end),
            sign: hit.sign,
        })
        .collect()
}

struct Found {
    label: &'static Label,
    start: usize,
    value_start: usize,
    sign: Sign,
}

/// The state before the current place in a cell.
#[derive(Clone, Copy)]
struct Before {
    /// A label has occurred.
    any: bool,
    /// A label has just ended.
    adjoins: bool,
    /// A label has occurred, in a cell without signs between labels and values.
    glued: bool,
}

/// A cell's characters, and the boundaries of inline elements among them.
struct Line {
    chars: Vec<char>,
    boundary: Vec<bool>,
    /// The places at which a label may begin.
    begins: Vec<usize>,
}

impl Line {
    fn new(cell: &Cell) -> Self {
        let length = cell.text.chars().count();
        let mut line = Self {
            chars: Vec::with_capacity(length),
            boundary: Vec::with_capacity(length),
            begins: Vec::new(),
        };
        // The last character that is no white space, and its place.
        let mut last = None;
        for run in cell.runs() {
            let mut first = true;
            for c in run.chars().filter(|c| strings::is_visible(*c)) {
                if !c.is_whitespace() {
                    if let Some((before, at)) = last
                        && labels::may_begin(before, c)
                    {
                        line.begins.push(at);
                    }
                    last = Some((c, line.chars.len()));
                }
                line.chars.push(c);
                line.boundary.push(first);
                first = false;
            }
        }
        line
    }

    fn slice(&self, start: usize, end: usize) -> String {
        let text: String = self.chars[start.min(end)..end].iter().collect();
        let text = strings::tidy(&text);
        // The signs between this value and the next label belong to neither.
        text.trim_start_matches(['|', '｜', ' '])
            .trim_end_matches(['[', '【', '〖', '|', '｜', ' '])
            .to_owned()
    }

    /// Whether the cell is a whole block without signs between labels and values: it begins with an
    /// official label, and two more follow.
    fn is_glued(&self) -> bool {
        let official = |at: &usize| {
            let found = labels::at(&self.chars[*at..]);
            found.is_some_and(|(label, _)| is_telling(label))
        };
        let start = self.chars.iter().take_while(|c| c.is_whitespace()).count();
        let starts = self.begins.iter().copied().filter(official);
        official(&start) && starts.take(3).count() == 3
    }

    /// The label that begins at `at`, if there is one.
    fn label_at(&self, at: usize, before: Before) -> Option<Found> {
        let (label, length) = labels::at(self.chars.get(at..)?)?;
        // The label in `某某网站<span>发布时间` is 发布时间, not 网站发布时间.
        let inner =
            (at + 1..at + length).filter(|inner| !self.boundary[at] && self.boundary[*inner]);
        if at > 0
            && inner
                .into_iter()
                .any(|inner| labels::at(&self.chars[inner..]).is_some())
        {
            return None;
        }
        let after = before.any;
        let inside = before.glued && is_telling(label);
        let edge = self.is_edge(at) || inside || (before.adjoins && label.weight != Weight::Weak);
        let end = at + length;
        let (sign, value_start) = self.sign(at, end);
        let long = label.name.chars().count() >= 4;
        let accepted = match sign {
            // In `来源：新华社发布时间：…` no sign precedes the second label.
            Sign::Colon => {
                edge || (after && long) || (before.glued && label.weight != Weight::Weak)
            }
            Sign::End => edge && (at == 0 || after || self.blank_before(at) || self.boundary[at]),
            Sign::Element => edge && (self.boundary[at] || self.blank_before(at)),
            Sign::Nothing => edge && label.weight != Weight::Weak && self.may_be_glued(at, end),
        };
        accepted.then_some(Found {
            label,
            start: at,
            value_start,
            sign,
        })
    }

    /// Whether a word can begin here.
    fn is_edge(&self, at: usize) -> bool {
        at == 0
            || self.boundary[at]
            || self.chars[at - 1].is_whitespace()
            || matches!(
                self.chars[at - 1],
                '[' | '【'
                    | '〖'
                    | '|'
                    | '｜'
                    | '/'
                    | ';'
                    | '；'
                    | '('
                    | '（'
                    | '>'
                    | ']'
                    | '】'
                    | '·'
                    | '*'
                    | '•'
                    | ','
                    | '，'
                    | '。'
            )
    }

    fn blank_before(&self, at: usize) -> bool {
        self.chars[..at]
            .iter()
            .all(|c| c.is_whitespace() || matches!(c, '[' | '【' | '·' | '*' | '•' | '〖'))
    }

    /// Whether a bracket opens right before a label.
    fn opens_before(&self, start: usize) -> bool {
        let mut before = self.chars[..start].iter().rev();
        let sign = before.find(|c| !c.is_whitespace());
        sign.is_some_and(|c| matches!(c, '[' | '【' | '〖'))
    }

    /// The sign after a label between `start` and `end`, and the start of its value.
    fn sign(&self, start: usize, end: usize) -> (Sign, usize) {
        let blanks = self.chars[end..].iter().take_while(|c| c.is_whitespace());
        let end_of_label = end + blanks.count();
        let mut at = end;
        let mut sign = Sign::Nothing;
        while let Some(c) = self.chars.get(at) {
            if self.boundary[at] && sign == Sign::Nothing {
                sign = Sign::Element;
            }
            // In `[label]` the bracket acts as a colon.
            let bracketed = at == end_of_label && self.opens_before(start) && is_closing(*c);
            if strings::is_colon(*c) || bracketed {
                sign = Sign::Colon;
            } else if !c.is_whitespace() && !is_closing(*c) && !matches!(c, '?' | '？') {
                // A question mark only leads to what the label means.
                break;
            }
            at += 1;
        }
        match self.chars.get(at) {
            Some(_) => (sign, at),
            None if sign == Sign::Colon => (Sign::Colon, at),
            None => (Sign::End, at),
        }
    }

    /// Whether a label can adjoin its value. `索引号000014349/2025-32614` and `发文机关潞城融媒` are a label
    /// and its value; `发布机构改革` at the head of a sentence is not. The cell must be short and end no
    /// sentence.
    fn may_be_glued(&self, at: usize, end: usize) -> bool {
        let short = self.chars.len() <= 600;
        let sentence = self.chars[end..].iter().take(200).any(|c| *c == '。');
        short
            && (!sentence || at > 0)
            && !matches!(
                self.chars.get(end),
                Some('的' | '、' | '，' | '和' | '为' | '是')
            )
    }
}

fn is_closing(c: char) -> bool {
    matches!(c, ']' | '】' | '〗')
}

/// An official label of three characters or more is hardly ever part of a value.
fn is_telling(label: &Label) -> bool {
    let long = label.name.chars().count() >= 3;
    long && (label.weight == Weight::Official
        || label.field.is_some_and(|field| field == Field::PublishedOn))
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;
    use crate::extract::page::cells::Cells;

    fn pairs(html: &str) -> Vec<(&'static str, String)> {
        let html = Html::parse_document(html);
        let cells = Cells::new(html.tree.root());
        cells
            .all
            .iter()
            .flat_map(read)
            .map(|pair| (pair.label.name, pair.value))
            .collect()
    }

    fn owned(expected: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        expected
            .iter()
            .map(|(label, value)| (*label, (*value).to_owned()))
            .collect()
    }

    #[test]
    fn colons_spaces_elements_and_nothing_part_label_and_value() {
        for html in [
            "索引号：00/2025-1",
            "索 引 号 ： 00/2025-1",
            "<b>索引号</b>00/2025-1",
            "<b>索引号</b>：00/2025-1",
            "<span>索引号：</span><span>00/2025-1</span>",
            "索引号00/2025-1",
            "索引号\u{3000}00/2025-1",
            "【索引号】00/2025-1",
            "[ 索 引 号 ] 00/2025-1",
            "索引号<!-- <$[SYH]>begin -->00/2025-1<!-- end -->",
        ] {
            assert_eq!(pairs(html), owned(&[("索引号", "00/2025-1")]), "{html}");
        }
    }

    #[test]
    fn several_pairs_stand_in_one_text() {
        assert_eq!(
            pairs("来源：潞城 融媒 发布时间：2025-12-29 10:20 浏览次数：17"),
            owned(&[
                ("来源", "潞城 融媒"),
                ("发布时间", "2025-12-29 10:20"),
                ("浏览次数", "17")
            ])
        );
        assert_eq!(
            pairs("来源：市府办发布时间：2025-12-29"),
            owned(&[("来源", "市府办"), ("发布时间", "2025-12-29")])
        );
        assert_eq!(
            pairs("发文字号 发文时间2025-12-29"),
            owned(&[("发文字号", ""), ("发文时间", "2025-12-29")])
        );
        assert_eq!(
            pairs("发文机关潞城融媒 主题词"),
            owned(&[("发文机关", "潞城融媒"), ("主题词", "")])
        );
    }

    #[test]
    fn a_whole_block_may_be_glued_together() {
        let expected = owned(&[
            ("索引号", "00/2025-1"),
            ("发文字号", ""),
            ("发文时间", "2025-12-29"),
            ("发文机关", "某局"),
            ("主题词", ""),
            ("标题", "关于某事的通知"),
            ("发布日期", "2025-12-30"),
        ]);
        for page in [
            "索引号00/2025-1发文字号发文时间2025-12-29发文机关某局主题词标题关于某事的通知发布日期2025-12-30",
            "索引号：00/2025-1发文字号：发文时间：2025-12-29发文机关：某局主题词：标题：关于某事的通知发布日期：2025-12-30",
            "[索引号]00/2025-1[发文字号][发文时间]2025-12-29[发文机关]某局[主题词][标题]关于某事的通知[发布日期]2025-12-30",
            "<span>【索引号】</span><span>00/2025-1</span><span>【发文字号】</span><span></span><span>【发文时间】</span><span>2025-12-29</span><span>【发文机关】</span><span>某局</span><span>【主题词】</span><span></span><span>【标题】</span><span>关于某事的通知</span><span>【发布日期】</span><span>2025-12-30</span>",
        ] {
            assert_eq!(pairs(page), expected, "{page}");
        }
    }

    #[test]
    fn sentences_are_no_pairs() {
        for text in [
            "发布机构的名称应当规范。",
            "数据来源：统计局",
            "文号和标题",
            "发布日期以网站公布的为准。",
            "名称预先核准",
        ] {
            assert!(pairs(text).is_empty(), "{text}: {:?}", pairs(text));
        }
    }
}
