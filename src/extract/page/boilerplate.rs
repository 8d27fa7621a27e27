//! The lines that portals put around a text: tools, counters, editors, links to other articles, the
//! imprint.
//!
//! Owns the words by which boilerplate is recognised. Never removes anything.

use std::sync::LazyLock;

use regex::Regex;

use super::pairs::Pairs;
use super::pattern::{Guarded, pattern};
use super::strings;

/// Words of tools. A line with no other words is boilerplate.
#[rustfmt::skip]
const TOOLS: &[&str] = &[
    "扫一扫在手机打开当前页面", "扫一扫在手机打开当前页", "扫一扫在手机上查看当前页面",
    "扫一扫手机打开当前页", "扫描二维码", "手机扫一扫", "扫码浏览", "扫码阅读", "扫一扫", "二维码", "保存为word",
    "保存为pdf", "保存为", "另存为", "导出word", "下载word", "下载pdf", "视力保护色", "保护视力色",
    "字体大小", "字体显示", "浏览字号", "文字大小", "背景色", "字体", "字号", "打印本页",
    "打印页面", "打印此页", "打印文章", "打印正文", "打印预览", "我要打印", "打印", "关闭窗口",
    "关闭本页", "关闭页面", "关闭此页", "关闭", "加入收藏", "收藏本页", "收藏", "分享文章到",
    "分享到", "一键分享", "我要分享", "分享", "转发", "微信好友", "微信", "新浪微博", "腾讯微博",
    "微博", "qq空间", "qq好友", "朋友圈", "复制链接", "我要纠错", "内容纠错", "网站纠错", "页面纠错", "纠错", "我要推荐", "返回顶部",
    "回到顶部", "返回首页", "返回列表", "返回上一页", "返回上页", "返回", "顶部", "听全文",
    "语音播报", "语音朗读", "语言播报", "朗读", "浏览次数", "浏览量", "阅读次数", "阅读量",
    "点击数", "点击量", "点击次数", "点击率", "访问次数", "超大", "特大", "默认", "正常", "放大",
    "缩小", "大", "中", "小", "下载", "a+", "a-", "a", "t", "+", "-", "次", "到", "更多", "取消",
    "点赞", "繁体", "简体", "繁", "简", "我要评论", "评论", "我要推荐", "推荐", "网站纠错", "页面纠错",
    "错误报告", "rss订阅", "rss定制", "我要留言",
];

/// Words that identify a line of tools. 大, 中 and 小 alone may belong to a table.
#[rustfmt::skip]
const TELLING: &[&str] = &[
    "扫一扫", "扫码", "二维码", "保存为", "视力", "字体", "字号", "打印", "关闭", "收藏", "分享", "转发",
    "微信", "微博", "复制链接", "纠错", "返回", "顶部", "听全文", "播报", "朗读", "浏览", "阅读",
    "点击", "访问次数", "文字大小", "a+", "点赞", "我要推荐", "rss",
];

static TELLING_WORD: LazyLock<Regex> = LazyLock::new(|| {
    let words: Vec<String> = TELLING.iter().map(|word| regex::escape(word)).collect();
    pattern(&words.join("|"))
});

static EDITORS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^[(（【\[〔]?(责任编辑|责编|本文责编|编辑|网站编辑|值班编辑|审核人?|审签|审稿|校对|初审|复审|终审|一审|二审|三审|监制|信息录入|录入|编审|核稿|文字编辑|上传|信息员|发布人)[：:]",
    )
});

/// The beginnings of [`OTHERS`].
#[rustfmt::skip]
const OTHER: &[&str] = &[
    "相关", "延伸", "推荐", "政策", "解读", "猜你", "热点", "最新", "附件", "文件", "友情", "网友", "回应",
];

static OTHERS: LazyLock<Guarded> = LazyLock::new(|| {
    // A bracket, and a word.
    Guarded::within(
        3,
        OTHER,
        r"^[【\[]?(相关(附件|链接|新闻|稿件|文章|阅读|解读|文件|政策|信息|内容|报道|推荐|文档|资讯|专题|图解)|延伸阅读|推荐阅读|政策解读|解读材料|猜你喜欢|热点推荐|最新文章|附件下载|文件下载|友情链接|网友评论|回应关切)[】\]]?[：:]?$",
    )
});

static TURNS: LazyLock<Guarded> = LazyLock::new(|| {
    Guarded::within(
        2,
        TURN,
        r"^(上|下)[一1](篇|条|页|个|则)[】\]>]*([：:]|$|>|没有)",
    )
});

/// The beginnings of [`TURNS`].
const TURN: &[&str] = &["上一", "上1", "下一", "下1"];

static IMPRINT: LazyLock<Guarded> = LazyLock::new(|| {
    Guarded::new(
        &[
            "版权", "du", "py", "gh", "p备", "公网", "标识", "主办", "承办", "您是", "技术",
            "备案", "议使", "本网", "本站",
        ],
        r"(?i)版权所有|^produced by|^producedby|copyright|all rights reserved|ICP备|公网安备|网站标识码|^主办(单位)?[：:]|^承办(单位)?[：:]|您是第|技术支持[：:]|备案号|建议使用.*浏览器|^本(网)?站.{0,12}(IE|浏览器).*(分辨率|浏览|效果)",
    )
});

/// The words of a viewer or a player for browsers that cannot show its file.
static FALLBACK: LazyLock<Guarded> = LazyLock::new(|| {
    let words = &[
        "浏览", "无法", "不能", "下载", "安装", "启用", "升级", "ow", "la",
    ];
    Guarded::new(
        words,
        concat!(
            r"^[^。]{0,8}浏览器(版本)?[^。]{0,6}不支持[^。]{0,20}(video|audio|pdf|iframe|frame|框架|视频|音频|播放|flash|canvas|html5|预览|嵌入|object|embed)",
            r"|^(如果?|若|当)?[您你]?(的浏览器)?(无法|不能)(正常|直接|在线)*(浏览|预览|查看|播放|显示|观看|打开)(此|该|本|这个)?(pdf|视频|音频|文档|文件|附件|flash|动画)",
            r"|^(或者?|请|点击|先)*下载(免费|小巧|并安装|安装|最新|此|该|本|的)*[^，。]{0,18}(阅读器|播放器|插件)|安装后即可在线(浏览|观看|播放|查看)|^(请|点击)*下载(此|该|本)pdf文件$",
            r"|^[^。]{0,8}(没有|尚未|还未|未)安装[^。]{0,10}(flash|播放器|阅读器|插件)|^(您|你)?(需要|必须|请)(先)?(安装|启用|升级)[^。]{0,12}(flash|播放器|阅读器|插件)",
            r"|browser(doesnot|doesn['’]t|cannot|can['’]t)(currently)?(support|display|have)[a-z0-9<>,]*(video|audio|pdf|frame|inline|html5|embed|object|canvas|plug-?in)|(get|need|install|version|ensure)[a-z0-9. ]*flashplayer",
        ),
    )
});

/// No known line of boilerplate is longer.
pub(super) const MAX_BYTES: usize = 1500;

/// The words of editors, codes, waiting, fallbacks and notices, besides those of [`TELLING`],
/// [`OTHER`] and [`TURN`].
#[rustfmt::skip]
const REST: &[&str] = &[
    "责任", "责编", "本文", "编辑", "网站", "值班", "审核", "审签", "审稿", "校对", "初审", "复审", "终审", "一审", "二审",
    "三审", "监制", "信息", "录入", "编审", "核稿", "文字", "上传", "发布", "您访", "加载", "lo", "浏览", "无法", "不能",
    "下载", "安装", "启用", "升级", "ow", "hp", "声明",
];

/// Lines that end with a title, or with dots, may be longer.
const MAX_LINE: usize = 80;

/// The words without which no line is boilerplate.
static WORDS: LazyLock<Pairs> = LazyLock::new(|| {
    let all = [TELLING, OTHER, TURN, REST].into_iter().flatten();
    Pairs::of(all.copied())
});

/// Whether a line is boilerplate, whatever its place.
pub(in crate::extract) fn is_boilerplate(line: &str) -> bool {
    line.len() <= MAX_BYTES && is_folded_boilerplate(&strings::folded(line))
}

/// The same for a line of at most [`MAX_BYTES`] that is folded already.
pub(super) fn is_folded_boilerplate(folded: &str) -> bool {
    if !WORDS.may_occur(folded) {
        return false;
    }
    let text = strings::lowered(folded);
    let length = text.chars().count();
    if length > MAX_LINE {
        return is_folded_turn(&text) || is_waiting(&text);
    }
    is_tools(&text, length)
        || is_editors(&text, length)
        || OTHERS.is_match(&text)
        || is_folded_turn(&text)
        || is_scan(&text, length)
        || is_waiting(&text)
        || is_fallback(&text, length)
        || is_notice(&text, length)
}

/// A heading over other articles or over a list of files.
pub(in crate::extract) fn is_heading(line: &str) -> bool {
    line.len() <= MAX_BYTES && is_folded_heading(&strings::folded(line))
}

/// The same for a line of at most [`MAX_BYTES`] that is folded already.
pub(super) fn is_folded_heading(folded: &str) -> bool {
    OTHERS.is_match(folded)
}

/// A line of tools: 打印, 字体大小.
pub(in crate::extract) fn is_tool(line: &str) -> bool {
    let text = || strings::folded(line).to_lowercase();
    line.len() <= MAX_BYTES && is_tools(&text(), strings::len(line))
}

static COUNTED: LazyLock<Guarded> =
    LazyLock::new(|| Guarded::new(&["已下"], r"^附件.*[】\])）]已下载\d*次$"));

/// Whether a line about a file ends with its number of downloads.
pub(in crate::extract) fn is_counted(line: &str) -> bool {
    line.len() <= MAX_BYTES && COUNTED.is_match(&strings::folded(line))
}

/// 上一篇, 下一篇.
pub(in crate::extract) fn is_turn(line: &str) -> bool {
    line.len() <= MAX_BYTES && is_folded_turn(&strings::folded(line))
}

/// The same for a line of at most [`MAX_BYTES`] that is folded already.
pub(super) fn is_folded_turn(folded: &str) -> bool {
    TURNS.is_match(folded.trim_start_matches(['【', '[', '<', '《', '←']))
}

/// The imprint: the organisation that runs the site.
pub(in crate::extract) fn is_imprint(line: &str) -> bool {
    line.len() <= MAX_BYTES && is_folded_imprint(&strings::folded(line))
}

/// The same for a line of at most [`MAX_BYTES`] that is folded already.
pub(super) fn is_folded_imprint(folded: &str) -> bool {
    IMPRINT.is_match(folded)
}

static PATH: LazyLock<Guarded> = LazyLock::new(|| {
    // The longest beginning is 您现在所处的的位置.
    Guarded::within(
        16,
        &["位置", "首页"],
        r"^[您你]?(现在|目前|当前)?(的|所在|所处|所在的|所处的)?(的)?位置|^(网站)?首页[>＞»›→/—-]",
    )
});

/// The path to the page: 当前位置：首页 > 工作动态.
pub(in crate::extract) fn is_path(line: &str) -> bool {
    line.len() <= MAX_BYTES && is_folded_path(&strings::folded(line))
}

/// The same for a line of at most [`MAX_BYTES`] that is folded already.
pub(super) fn is_folded_path(folded: &str) -> bool {
    PATH.is_match(folded)
}

/// The text that a page shows until a script replaces it.
fn is_waiting(text: &str) -> bool {
    let words = text.trim_matches(['.', '…', '。', '，', '!', '！']);
    matches!(
        words,
        "正在加载" | "正在加载中" | "加载中" | "数据加载中" | "页面加载中" | "loading"
    )
}

/// 您的浏览器不支持 video 标签, 下载免费的 PDF 阅读器.
fn is_fallback(text: &str, length: usize) -> bool {
    const MOST: usize = 80;
    length <= MOST && FALLBACK.is_match(text)
}

/// What a site asks of those who copy its texts.
fn is_notice(text: &str, length: usize) -> bool {
    let is_of_site = ["网站声明", "本站声明", "本网声明"]
        .iter()
        .any(|word| text.starts_with(word));
    is_of_site && length <= 80 && text.contains("转载")
}

fn is_editors(text: &str, length: usize) -> bool {
    length <= 60 && EDITORS.is_match(text)
}

/// 扫一扫在手机打开当前页 in its many wordings.
fn is_scan(text: &str, length: usize) -> bool {
    let share = text.contains("二维码") && text.contains("分享至朋友圈");
    let leave = text.contains("您访问的链接即将离开");
    if length <= 80 && (share || leave) {
        return true;
    }
    length <= 30
        && (text.contains("扫一扫") || text.contains("扫码") || text.contains("二维码"))
        && (text.contains("当前页") || text.contains("本页") || text.contains("手机"))
}

fn is_tools(text: &str, length: usize) -> bool {
    if length == 0 || length > 80 || !TELLING_WORD.is_match(text) {
        return false;
    }
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let tool = TOOLS.iter().find(|tool| rest.starts_with(**tool));
        let sign = c.is_ascii_digit()
            || strings::is_colon(c)
            || matches!(
                c,
                '【' | '】'
                    | '['
                    | ']'
                    | '('
                    | ')'
                    | '（'
                    | '）'
                    | '|'
                    | '｜'
                    | '/'
                    | '、'
                    | '，'
                    | '>'
                    | '<'
                    | '·'
                    | '×'
                    | '.'
            );
        rest = match tool {
            Some(tool) => &rest[tool.len()..],
            None if sign => &rest[c.len_utf8()..],
            None => return false,
        };
    }
    true
}

/// Whether a character can stand in a pager.
pub(in crate::extract) fn is_of_pager(c: char) -> bool {
    c.is_ascii_digit()
        || "首末尾上下前后一最页頁共第条记录转到跳至…".contains(c)
        || is_sign_of_pager(c)
}

pub(in crate::extract) fn is_sign_of_pager(c: char) -> bool {
    "[]()（）【】{}<>«»‹›|·.-/:：".contains(c)
}

/// Parts of class and id names of boilerplate.
#[rustfmt::skip]
const MARKS: &[&str] = &[
    "share", "bdshare", "jiathis", "fontsize", "font-size", "setfont", "fontset", "qrcode", "ewm",
    "erweima", "breadcrumb", "crumb", "toolbar", "article-tool", "prenext", "prevnext",
    "pagination", "copyright", "zrbj", "jiucuo", "yybb", "dianzan", "gotop", "backtop", "print",
    "closewin", "xgxw", "xglj", "xgwz", "xgyd", "xgbd", "related", "info_bot", "voice", "comment",
];

/// Whether an element's name marks it as boilerplate. Its content must confirm that.
pub(in crate::extract) fn is_marked(marks: &str) -> bool {
    static WORDS: LazyLock<Pairs> = LazyLock::new(|| Pairs::of(MARKS.iter().copied()));
    WORDS.may_occur(marks) && MARKS.iter().any(|mark| marks.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_editors_and_turns_are_boilerplate() {
        for line in [
            "字体大小：【大】 【中】 【小】",
            "保存为word 打印 关闭",
            "【字体：大 中 小】 【打印】",
            "A+大 A+中 A+小",
            "分享到：",
            "扫一扫在手机打开当前页",
            "扫一扫，用手机打开本页面",
            "（责任编辑：系统管理员）",
            "编辑：张三 审核：李四",
            "上一篇：关于某事的通知",
            "下一条:没有了",
            "相关附件",
            "【相关链接】",
            "浏览次数：1234",
            "打印本页 关闭窗口",
            "扫码浏览",
            "微信里点“发现”，扫一下二维码便可将本文分享至朋友圈。",
            "您访问的链接即将离开“某县人民政府门户网站”，是否继续？",
            "正在加载...",
            "网站纠错",
            "我要推荐",
            "我要推荐 网站纠错",
            "网站声明：转载本文须注明出处",
            "上一篇：无",
            "如果您无法在线浏览此 PDF 文件，则可以",
            "下载免费的 某某 PDF 阅读器,安装后即可在线浏览 或",
            "下载此 PDF 文件",
            "您的浏览器不支持 video 标签，请升级。",
            "抱歉，您的浏览器不支持在线预览，请下载后查看",
            "您还没有安装flash播放器,请点击这里安装",
            "Your browser does not support the video tag.",
            "Get Adobe Flash player",
        ] {
            assert!(is_boilerplate(line), "{line}");
        }
    }

    #[test]
    fn paths_are_known_in_their_wordings() {
        for line in [
            "当前位置：首页>要闻",
            "您当前所在的位置：",
            "您 的 位置",
            "您当前位置",
            "您现在的位置是：首页",
            "所在位置:",
            "网站首页 » 要闻",
            "首页 - 要闻",
        ] {
            assert!(is_path(line), "{line}");
        }
        for line in ["位于县城", "首页改版公告", "目前，位置已经选定", "领导位置"]
        {
            assert!(!is_path(line), "{line}");
        }
    }

    #[test]
    fn lines_of_the_text_are_not() {
        for line in [
            "大",
            "中小企业",
            "（张巨峰）",
            "公开方式：主动公开",
            "编辑部的故事",
            "打印机采购项目中标公告",
            "下一步，我们将继续努力。",
            "附件：1.申请表",
            "附件",
            "扫一扫下方二维码，关注微信公众号，获取更多信息和办事指南，请按提示操作",
            "1,234",
            "分享会在县文化馆举行",
            "我局下载安装了新的播放器，供群众在大厅观看政策宣传片。",
            "浏览器不支持的加密方式自下月起停用",
            "会议要求无法按时完成的，要说明理由",
            "如果您无法到场，请提前来电",
            "下载此表后填写",
            "您的浏览器不支持 JavaScript",
        ] {
            assert!(!is_boilerplate(line), "{line}");
        }
    }
}
