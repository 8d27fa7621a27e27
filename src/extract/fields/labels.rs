//! The words that portals print before a value, and the field of each word.
//!
//! Owns the vocabulary. It includes labels without a field: a cell with a label is not a value, and
//! a value ends at the next label. Never looks at a page.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::extract::page::pairs::Pairs;
use crate::extract::page::strings;
use crate::model::Field;

/// One label of the vocabulary.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::extract) struct Label {
    /// The label without white space, as in provenance.
    pub(in crate::extract) name: &'static str,
    /// `None` for a label without a field.
    pub(in crate::extract) field: Option<Field>,
    pub(in crate::extract) weight: Weight,
}

impl Label {
    /// Whether the label names the keeper of the page rather than the issuer of its text. It counts
    /// only if no other label names an issuer.
    pub(in crate::extract) fn is_lesser(&self) -> bool {
        matches!(
            self.name,
            "公开责任部门"
                | "责任部门"
                | "公开主体"
                | "所属机构"
                | "公开机构"
                | "公开单位"
                | "公开部门"
                | "信息公开部门"
                | "信息公开责任部门"
                | "信息提供单位"
                | "公开责任单位"
        )
    }
}

/// How typical a label is of a label block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extract) enum Weight {
    /// Occurs in the blocks of government documents and hardly anywhere else.
    Official,
    /// Occurs in these blocks, and beside any news title.
    Common,
    /// An everyday word: a label only before a colon or in an element of its own.
    Weak,
}

use Weight::{Common, Official, Weak};

type Row = (Option<Field>, Weight, &'static [&'static str]);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    (Some(Field::IndexNumber), Official, &[
        "索引号", "信息索引号", "政府信息索引号", "公开索引号", "文件索引号", "索引编号", "索引码",
        "索取号", "信息索取号", "索引号/编号", "索引号(编号)", "政务信息索引号", "索引号码", "信息索引", "公开信息索引号", "信息公开索引号", "统一索引号",
    ]),
    (Some(Field::DocumentNumber), Official, &[
        "发文字号", "文号", "文件编号", "文件字号", "公文字号", "文件号", "文件文号", "公文文号",
        "发文文号", "发文号", "发文编号", "公文编号", "文书号", "政策文号", "公文号",
        "文件字号(文号)", "发文字号(文号)", "备注/文号", "发文字号/文号", "发布文号", "政府文号", "文件号码", "令号", "公告号",
    ]),
    (Some(Field::IssuedOn), Official, &[
        "发文时间", "发文日期", "成文日期", "成文时间", "生成日期", "生成时间", "公文生成日期",
        "公文日期", "公文时间", "信息生成日期", "产生日期", "印发日期", "印发时间", "制发日期",
        "形成日期", "形成时间", "签发日期", "成文(签署)日期", "发文(成文)日期", "信息生成时间",
        "信息产生日期", "签署日期", "签署时间", "签发时间", "生成(成文)日期", "成文(生成)日期",
        "成文(发文)日期", "拟文日期", "拟文时间", "发文日期(成文日期)", "公文成文日期", "文件日期", "文件成文日期", "颁布日期", "颁布时间", "制定日期", "信息形成日期", "信息形成时间", "信息成文日期",
    ]),
    (Some(Field::Issuer), Official, &[
        "发文机关", "发文机构", "发布机构", "发布机关", "制发机关", "发文单位", "发布单位",
        "制发单位", "制定机关", "印发机关", "印发单位", "发布部门", "发文部门", "公开机构",
        "信息发布机构", "信息发布机关", "公布机关", "制发机构", "颁布单位", "发文机关(单位)",
        "信息公开机构", "发布机构名称", "所属机构", "办文部门", "制文机关", "制定单位", "发布主体",
        "信息发布单位", "公布单位", "公布机构", "公开单位", "公开部门", "信息公开单位", "成文单位",
        "发文机关/单位", "发文机构(单位)", "颁布机关", "颁布机构", "颁发部门", "制定机构", "信息发布部门", "信息公开部门", "信息公开责任部门", "信息提供单位", "发文机构名称", "拟文单位", "公开责任单位", "公开责任部门", "责任部门", "公开主体",
    ]),
    (Some(Field::SubjectTerms), Official, &[
        "主题词", "关键词", "关键字", "主题关键词", "公文主题词",
    ]),
    (Some(Field::TopicCategory), Official, &[
        "主题分类", "主题类别", "主题分类名称", "主题词分类", "所属主题", "公文主题分类", "公文主题",
    ]),
    (Some(Field::TopicCategory), Weak, &[
        "主题",
    ]),
    (Some(Field::Title), Common, &[
        "标题", "信息名称", "公文名称", "文件名称", "信息标题", "文件标题", "公文标题", "信息题名",
        "公文题名",
    ]),
    (Some(Field::Title), Weak, &[
        "名称", "题名",
    ]),
    (Some(Field::PublishedOn), Common, &[
        "发布日期", "发布时间", "公开日期", "公开时间", "发表时间", "发表日期", "信息发布日期",
        "信息发布时间", "信息公开日期", "公布日期", "公布时间", "发布于", "刊发时间", "上网日期",
        "上网时间", "添加时间", "稿件时间", "网站发布日期", "网站发布时间", "公示日期", "公示时间",
        "上传时间", "上传日期", "刊登时间", "发稿时间", "网上发布时间", "网上发布日期", "信息公布时间",
        "信息公布日期", "公开发布日期", "公开发布时间", "信息公开发布日期", "挂网时间", "挂网日期", "发表于", "发稿日期",
    ]),
    (Some(Field::PublishedOn), Weak, &[
        "日期", "时间", "录入时间", "录入日期", "更新时间", "更新日期", "信息时间",
    ]),
    (Some(Field::Source), Common, &[
        "信息来源", "文章来源", "稿件来源", "新闻来源", "内容来源", "文件来源", "来源单位",
        "来源部门",
    ]),
    (Some(Field::Source), Weak, &[
        "来源", "稿源", "信源", "出处", "文章出处", "稿件出处", "消息来源", "来源于", "转载自", "转贴自", "转帖自", "摘自",
    ]),
    (None, Official, &[
        "组配分类", "体裁分类", "信息分类", "内容概述", "信息内容概述", "有效性", "效力状态",
        "文件状态", "文件有效性", "实施日期", "实施时间", "施行日期", "生效日期", "生效时间",
        "失效日期", "失效时间", "废止日期", "废止时间", "统一编号", "统一登记号", "登记编号",
        "规范性文件统一编号", "规范性文件编号", "服务对象分类", "生命周期分类", "信息格式/语种",
        "信息格式", "公开方式", "公开形式", "公开类别", "公开范围", "公开时限", "公开程度",
        "公开属性", "公开类型", "机构分类", "载体类型", "记录形式", "公文种类", "公文类型",
        "信息类别", "信息类型", "所属类别", "文件类型", "文件类别", "法规类别", "有效期",
        "有效期限", "主题导航", "服务对象", "分类词", "体裁", "文件时效", "政策类型", "是否有效",
        "组配", "归档时间", "信息状态", "文件效力", "效力状况", "效力", "发文种类",
        "行业分类", "领域分类", "信息编号", "目录编码", "公开目录", "发文对象",
        "时效状态", "信息时效期", "信息有效性", "是否废止", "文件性质", "税种", "适用范围", "内容分类", "公文有效性",
        "文件是否有效", "废止状态",
    ]),
    (None, Common, &[
        "浏览次数", "浏览量", "浏览数", "阅读次数", "阅读量", "阅读数", "点击数", "点击率",
        "点击次数", "点击量", "访问量", "访问次数", "播放次数", "播放量", "播放数", "字体大小", "浏览字号", "内容摘要",
        "视力保护色", "责任编辑", "相关解读", "政策解读", "所属栏目", "联系电话",
        "信息提供", "供稿单位", "供稿", "发布人", "信息员", "保护视力色", "分享到", "下载量",
        "下载次数", "字体显示", "字号选择", "背景色", "打印本页", "文件下载", "附件下载", "原文下载",
    ]),
    (None, Weak, &[
        "分类", "类别", "概述", "摘要", "时效性", "时效", "格式", "语种", "语言", "密级", "文种",
        "字体", "字号", "编辑", "责编", "作者", "撰稿", "审核", "校对", "阅读", "浏览", "点击",
        "打印", "下载", "分享", "栏目", "部门", "解读", "附件", "记者", "通讯员", "保存", "关闭",
        "收藏", "摄影", "播放", "初审", "复审", "终审", "备注", "序号", "发布",
    ]),
];

static LABELS: LazyLock<Vec<Label>> = LazyLock::new(|| {
    TABLE
        .iter()
        .flat_map(|(field, weight, names)| {
            names.iter().map(|name| Label {
                name,
                field: *field,
                weight: *weight,
            })
        })
        .collect()
});

/// Labels by first character, longest first.
static BY_FIRST: LazyLock<FxHashMap<char, Vec<&'static Label>>> = LazyLock::new(|| {
    let mut index: FxHashMap<char, Vec<&'static Label>> = FxHashMap::default();
    for label in LABELS.iter() {
        index
            .entry(label.name.chars().next().unwrap_or_default())
            .or_default()
            .push(label);
    }
    for labels in index.values_mut() {
        labels.sort_by_key(|label| std::cmp::Reverse(label.name.chars().count()));
    }
    index
});

/// The first two characters of each label, none of which is a bracket.
static BEGINNINGS: LazyLock<Pairs> =
    LazyLock::new(|| Pairs::of(LABELS.iter().map(|label| label.name)));

/// Whether a folded text may hold a label.
pub(in crate::extract) fn may_occur(folded: &str) -> bool {
    BEGINNINGS.may_occur(folded)
}

/// Whether a label may begin with two characters.
pub(in crate::extract) fn may_begin(first: char, second: char) -> bool {
    BEGINNINGS.holds(first, second)
}

/// The most white space between two characters of a label (`文　　号`).
const MAX_GAP: usize = 12;

/// The longest label at the beginning of `text`, and its length in characters of `text`, including
/// white space inside it.
pub(in crate::extract) fn at(text: &[char]) -> Option<(&'static Label, usize)> {
    let first = text.first()?;
    let mut rest = text[1..].iter().take(MAX_GAP + 1);
    let second = *rest.find(|c| !c.is_whitespace())?;
    if !may_begin(*first, second) {
        return None;
    }
    let labels = BY_FIRST.get(first)?;
    labels
        .iter()
        .find_map(|label| Some((*label, length_of(label.name, text)?)))
}

fn length_of(name: &str, text: &[char]) -> Option<usize> {
    let mut at = 0;
    for (nth, wanted) in name.chars().enumerate() {
        if nth > 0 {
            let gap = text[at..]
                .iter()
                .take(MAX_GAP)
                .take_while(|c| c.is_whitespace())
                .count();
            at += gap;
        }
        let here = match text.get(at)? {
            '（' => '(',
            '）' => ')',
            c => *c,
        };
        if here != wanted {
            return None;
        }
        at += 1;
    }
    Some(at)
}

/// The label that fills `text`, apart from colons, brackets and white space.
pub(in crate::extract) fn whole(text: &str) -> Option<&'static Label> {
    /// No label has more characters.
    const MAX: usize = 32;
    let folded = strings::folded(text);
    let core = folded.trim_matches(|c: char| {
        // A question mark leads to what the label means.
        strings::is_colon(c)
            || matches!(
                c,
                '[' | ']' | '【' | '】' | '〖' | '〗' | '*' | '·' | '?' | '？' | 'ⓘ'
            )
    });
    let mut first = core.chars();
    if !may_begin(first.next()?, first.next()?) || first.nth(MAX).is_some() {
        return None;
    }
    let chars: Vec<char> = core.chars().collect();
    at(&chars)
        .filter(|(_, length)| *length == chars.len())
        .map(|(label, _)| label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_known_however_they_are_spaced() {
        for (text, name) in [
            ("索引号", "索引号"),
            ("索 引 号：", "索引号"),
            ("文\u{3000}\u{3000}号:", "文号"),
            ("名\u{a0}\u{2003}称 ：", "名称"),
            ("[ 主 题 词 ]", "主题词"),
            ("索引号 ?：", "索引号"),
            ("信息格式/语种", "信息格式/语种"),
        ] {
            assert_eq!(whole(text).map(|label| label.name), Some(name), "{text}");
        }
        assert_eq!(whole("潞城融媒"), None);
        assert_eq!(whole("发文机关潞城融媒"), None);
    }

    #[test]
    fn the_longest_label_wins() {
        let text: Vec<char> = "主题词分类：".chars().collect();
        assert_eq!(at(&text).map(|(label, _)| label.name), Some("主题词分类"));
    }

    #[test]
    fn labels_are_short_and_begin_with_two_letters() {
        for label in LABELS.iter() {
            let mut name = label.name.chars();
            assert!(name.by_ref().take(2).all(char::is_alphabetic), "{label:?}");
            assert!(name.count() <= 30, "{label:?}");
        }
    }

    #[test]
    fn no_label_stands_twice() {
        let mut names: Vec<&str> = LABELS.iter().map(|label| label.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn kinds_of_category_are_kept_apart() {
        for other in [
            "组配分类",
            "体裁分类",
            "信息分类",
            "分类",
            "统一编号",
            "实施日期",
        ] {
            assert_eq!(whole(other).map(|label| label.field), Some(None), "{other}");
        }
    }
}
