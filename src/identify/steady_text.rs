//! Text without what counts and tells the time: counters of visits, clocks of the page itself.
//!
//! Owns their labels. A number without such a label counts: it may be an amount, a day, a telephone
//! number. Never reads a page.

use std::sync::LazyLock;

use regex::Regex;

/// What may stand between a label and its number: spaces, marks, tags within a line. A word boundary
/// of ASCII, since those of Unicode make the search many times slower.
const BETWEEN: &str = r"(?:[^\S\n]|[:：()（）\[\]【】=—|]|(?i:&nbsp;)|</?(?i:a|b|em|font|i|label|span|strong)(?-u:\b)[^<>]*>)*";
/// A count: `1,013`, `1.2万`.
const COUNT: &str = r"[0-9][0-9,.]*[万亿kKwW]?";

/// `浏览次数：123`, `【点击量】 <b>1.2万</b>`.
static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        "((?:浏览|阅读|点击|访问|查看|下载|点赞|转发|评论|收藏|关注|围观|播放|访客|在线)\
          (?:次数|人数|总数|总量|数量|人次|量|数){BETWEEN}(?:已有|已|共|为|第)?{BETWEEN}){COUNT}"
    ))
});

/// What may stand between a label and its mark.
const BEFORE_MARK: &str = r"(?:[^\S\n]|</?(?i:b|em|i|span)(?-u:\b)[^<>]*>)*";

/// `浏览：123`, `阅读（123）`.
static MARKED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        "((?:浏览|阅读|点击|访问|点赞|人气|热度|访客){BEFORE_MARK}[:：(（]{BETWEEN}){COUNT}"
    ))
});

/// `Views: 123`.
static MARKED_IN_ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        "(\\b(?i:views?|hits?|clicks?|visits?|pv|uv)\\b{BEFORE_MARK}[:：(（]{BETWEEN}){COUNT}"
    ))
});

/// A word of [`MARKED_IN_ENGLISH`], as any part of a text.
static ENGLISH: LazyLock<Regex> = LazyLock::new(|| pattern("(?i:view|hit|click|visit|pv|uv)"));

/// `已被浏览 123 次`, `已下载3次`.
static TIMES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        "((?:浏览|阅读|点击|访问|查看|下载|播放)(?:过|了)?{BETWEEN}){COUNT}({BETWEEN}(?:人次|次))"
    ))
});

/// `已有 123 人浏览`, `123次阅读`, `您是第 123 位访客`.
static COUNTING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        "((?:已有|共有|您是第|你是第|第)?{BETWEEN}){COUNT}\
         ({BETWEEN}(?:人次|次|人|位|个){BETWEEN}(?:已|正在|在)?{BETWEEN}\
          (?:浏览|阅读|点击|访客|访问者|看过|读过|点赞|在线))"
    ))
});

/// `当前时间：2025年12月30日 星期二 9:30:15`, `今天是…`, `打印时间：…`.
static CLOCK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        "((?:当前|现在|系统|服务器|北京|本地|打印|浏览|访问|刷新|缓存|页面?生成)(?:的)?(?:时间|时刻|日期)|\
          今天是|今日是|今天日期|现在是|今日日期){BETWEEN}(?:为|是)?\
         (?:{BETWEEN}(?:北京时间|公元|农历|(?:星期|周)[一二三四五六日天]|上午|下午|凌晨|晚上|中午|\
          [〇零一二三四五六七八九十廿]{{1,4}}[年月日时分秒]|[年月日号时分秒点]|[0-9]{{1,4}}|[/.Tt+-]))+"
    ))
});

/// `本页耗时 0.123 秒`, `Processed in 0.05 second(s)`.
static ELAPSED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        "((?:耗时|执行时间|(?i:processed in|generated in)){BETWEEN}(?:约|为)?{BETWEEN}){COUNT}"
    ))
});

#[allow(
    clippy::expect_used,
    reason = "for constant patterns alone, all of which the tests compile"
)]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("valid pattern")
}

/// The text or markup without counters and clocks.
pub fn steady_text(text: &str) -> String {
    let text = CLOCK.replace_all(text, "$1 ");
    let text = ELAPSED.replace_all(&text, "$1 ");
    let text = COUNTED.replace_all(&text, "$1 ");
    let mut text = MARKED.replace_all(&text, "$1 ");
    if ENGLISH.is_match(&text) {
        text = MARKED_IN_ENGLISH
            .replace_all(&text, "$1 ")
            .into_owned()
            .into();
    }
    let text = TIMES.replace_all(&text, "$1 $2");
    COUNTING.replace_all(&text, "$1 $2").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_and_clocks_do_not_count() {
        for (before, now) in [
            ("浏览次数：12 次", "浏览次数：1,013 次"),
            (
                "<p>阅读量 <span>99</span></p>",
                "<p>阅读量 <span>1.2万</span></p>",
            ),
            ("【点击数】&nbsp;7", "【点击数】&nbsp;18"),
            ("本文已被浏览 7 次", "本文已被浏览 18 次"),
            ("123次阅读", "124次阅读"),
            ("阅读(12)", "阅读(13)"),
            ("<b>Views</b>: 12", "<b>Views</b>: 13"),
            ("您是第 7 位访客", "您是第 18 位访客"),
            ("附件.pdf（下载次数：3）", "附件.pdf（下载次数：12）"),
            ("附件.pdf 已下载3次", "附件.pdf 已下载12次"),
            (
                "当前时间：2025年12月30日 星期二 9:30:15",
                "当前时间：2026年1月2日 星期五 19:03:07",
            ),
            ("今天是2025-12-30 星期二", "今天是2025-12-31 星期三"),
            ("打印时间：2025/12/30 09:30", "打印时间：2026/01/04 11:02"),
            ("本页耗时 0.123 秒", "本页耗时 0.4 秒"),
        ] {
            assert_eq!(steady_text(before), steady_text(now), "{before}");
        }
    }

    #[test]
    fn other_numbers_count() {
        for (before, now) in [
            ("投资 12 亿元", "投资 13 亿元"),
            ("会议时间：2025年12月30日", "会议时间：2025年12月31日"),
            ("联系电话：0355-3071234", "联系电话：0355-3071235"),
            ("附件.pdf（235KB）", "附件.pdf（236KB）"),
            ("下载专区 今天是个好日子", "下载专区 今天是个大日子"),
            ("参加人数：12人", "参加人数：13人"),
            ("访问企业：12家。", "访问企业：13家。"),
            (
                "今天是2025年12月30日，投资12亿元",
                "今天是2025年12月30日，投资13亿元",
            ),
            (
                "重点关注12个问题，走访访问12户",
                "重点关注13个问题，走访访问12户",
            ),
            ("已有12人参与培训", "已有13人参与培训"),
            ("发布时间：2025-12-30 09:30", "发布时间：2025-12-31 09:30"),
        ] {
            assert_ne!(steady_text(before), steady_text(now), "{before}");
        }
    }
}
