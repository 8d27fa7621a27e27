//! The labels that readers see: Chinese as portals print it, and short English.
//!
//! Owns the words. Never writes markup.

use url::Url;

use crate::model::{ChangeKind, Field, Level, Standing};

/// A label in Chinese and in English.
pub(super) type Label = (&'static str, &'static str);

pub(super) fn field(field: Field) -> Label {
    match field {
        Field::IndexNumber => ("索引号", "Index number"),
        Field::DocumentNumber => ("发文字号", "Document number"),
        Field::IssuedOn => ("发文时间", "Issued on"),
        Field::Issuer => ("发文机关", "Issuer"),
        Field::SubjectTerms => ("主题词", "Subject terms"),
        Field::Title => ("标题", "Title"),
        Field::TopicCategory => ("主题分类", "Topic category"),
        Field::PublishedOn => ("发布日期", "Published"),
        Field::Source => ("来源", "Source"),
        Field::Body => ("正文", "Text"),
        Field::Images => ("图片", "Pictures"),
        Field::Attachments => ("附件", "Files"),
    }
}

pub(super) fn level(level: Level) -> Label {
    match level {
        Level::National => ("国家级", "national"),
        Level::Province => ("省级", "province"),
        Level::City => ("地市级", "city"),
        Level::County => ("县级", "county"),
        Level::Township => ("乡镇级", "township"),
    }
}

pub(super) fn standing(standing: Standing) -> Label {
    match standing {
        Standing::Failing => ("出错", "failing"),
        Standing::Held => ("有文章待核", "held"),
        Standing::Silent => ("久无更新", "silent"),
        Standing::New => ("未运行", "new"),
        Standing::Paused => ("已暂停", "paused"),
        Standing::Well => ("正常", "well"),
    }
}

/// The reasons of failures, incidents and held articles in Chinese: in a few words, and as a sentence for
/// those whom an incident concerns.
const REASONS: [(&str, &str, &str); 61] = [
    (
        "archive-damaged",
        "存档文件已损坏",
        "存档的一个文件丢失、变短或被改动；已发布的内容不变，请从副本放回这个文件。",
    ),
    (
        "blocked-by-waf",
        "被网站防火墙拦截",
        "应答的是网站的防火墙，不是门户；已知的文章不变。若一直如此，请放慢采集，或与门户联系。",
    ),
    (
        "body-shrunk",
        "正文比以往短得多",
        "新文章的正文比以往短得多，门户可能改版了；这些文章暂不发布，请看一看原页。",
    ),
    (
        "client-redirect",
        "页面跳转无法跟随",
        "页面只让浏览器转到另一个地址，而这个地址读不出来；请把新地址写进栏目文件。",
    ),
    (
        "clock-behind",
        "本机时钟落后",
        "本机的时钟比数据库里最后的时间还早；请校准时钟，在此之前不采集。",
    ),
    (
        "column-renamed",
        "栏目文件被改名，需要确认",
        "栏目文件换了名称或门户，文章会因此得到别的编号；请按下面的办法确认。",
    ),
    (
        "configuration",
        "配置文件有误",
        "配置文件写错了，有错的部分没有生效；请按下面的说明改正。",
    ),
    (
        "disk-full",
        "磁盘已满",
        "磁盘已满，什么也写不进去；已发布的内容不变，请腾出空间。",
    ),
    (
        "disk-low",
        "磁盘空间不足",
        "磁盘空间不多了；请腾出空间，或保留较少的存档。",
    ),
    (
        "doubtful-page",
        "页面内容可疑",
        "已知的地址换成了差别很大的文字，又没有索引号表明是哪一篇；原来的文章不变，请看一看原页。",
    ),
    (
        "empty",
        "页面为空",
        "门户返回了空页面；已知的文章不变，以后会再试。",
    ),
    (
        "empty-list",
        "列表为空",
        "列表页上一条也没有，这不算没有新闻；请看一看栏目页。",
    ),
    (
        "field-lost",
        "字段不再出现",
        "这个栏目以往常有的字段不再出现，门户可能改版了；请看一看原页。",
    ),
    (
        "field-missing",
        "缺少必需字段",
        "文章缺少必需的字段，暂不发布；请在栏目文件里写明它的位置，或写为可以没有。",
    ),
    (
        "flood",
        "一天内的新内容超出限额",
        "栏目今天带来的内容超过了限额，其余的以后再读；如属正常，请调高限额。",
    ),
    (
        "gap",
        "列表可能有遗漏",
        "列表首页的条目全是新的，后面又读不到：中间可能漏了文章，请回补或增加采集次数。",
    ),
    (
        "garbage",
        "内容无法识别",
        "门户的应答不是可读的文字；已知的文章不变，以后会再试。",
    ),
    ("gone", "文章已撤下", "门户撤下了文章。"),
    (
        "host-leased",
        "另一进程正在采集该网站",
        "另一个 dibao 进程正在采集这个网站，这次没有去读。",
    ),
    (
        "http-status",
        "网站返回错误",
        "网站返回了错误的状态码；已知的文章不变，以后会再试。",
    ),
    (
        "index-conflict",
        "索引号重复",
        "两篇不同的文章用了同一个索引号；两篇都保留，不必处理，除非其中一篇是误读。",
    ),
    (
        "layout-changed",
        "版式已变",
        "门户的版式变了；新文章照常发布，正文可能变动的旧文章保持原样；请核对，栏目文件里有选择器的要改好。",
    ),
    (
        "list-cut",
        "列表中断",
        "列表页没有传完就断了；已知的文章不变，以后会再试。",
    ),
    (
        "list-order",
        "列表不是新的在前",
        "列表没有把新文章排在前面，新文章可能在任何一页；请换一个按时间排列的栏目地址。",
    ),
    (
        "list-shrunk",
        "列表比以往短得多",
        "列表比以往短得多，门户可能改版了；请看一看栏目页。",
    ),
    ("log-in", "需要登录", "门户要求登录才能看；已知的文章不变。"),
    (
        "maintenance",
        "网站维护中",
        "门户正在维护；已知的文章不变，以后会再试。",
    ),
    (
        "mass-missing",
        "大量文章同时消失",
        "一个门户有大量文章同时消失，多半是门户出了故障；一篇也没有撤下，请看一看门户。",
    ),
    (
        "moved",
        "栏目已迁移",
        "栏目或文章迁到了新的地址；请把新地址写进栏目文件。",
    ),
    (
        "no-items",
        "未找到列表",
        "页面上找不到列表，门户可能改版了；请看一看栏目页，必要时写明列表的位置。",
    ),
    ("no-picture", "图片无法获取", "文章里的图片取不到。"),
    (
        "no-title",
        "未找到标题",
        "页面上找不到标题，文章暂不发布；请在栏目文件里写明标题的位置。",
    ),
    (
        "not-found",
        "页面不存在",
        "页面不存在；隔一天再看一次，仍不在才算撤下。",
    ),
    (
        "pager-unread",
        "翻页方式无法识别",
        "列表还有后页，但只有脚本或表单才能翻页；更早的文章读不到。",
    ),
    (
        "redirect-loop",
        "重定向循环",
        "地址之间互相重定向，读不到页面；已知的文章不变。",
    ),
    (
        "refused-address",
        "地址不允许访问",
        "地址不是公网地址，没有去访问；确实要读内网的，请在栏目文件里写明。",
    ),
    (
        "refused-scheme",
        "协议不受支持",
        "地址不是 http 或 https，没有去访问。",
    ),
    (
        "removed-again",
        "移除过的文章又出现",
        "移除过的文章又出现了，而且未能抹去；请再执行一次移除。",
    ),
    (
        "removed-number",
        "误认作移除过的文章",
        "有文章因索引号相同被误认作移除过的文章，没有发布；请看一看这两篇。",
    ),
    (
        "robots",
        "robots.txt 不允许采集",
        "门户的 robots.txt 不允许采集这个地址，没有去访问。",
    ),
    (
        "setup",
        "按现有配置发不出请求",
        "按现有的配置发不出请求；请按下面的说明修改配置。",
    ),
    (
        "silent",
        "久无更新",
        "栏目没有新文章的时间远超以往；请看一看栏目是否还在更新，或已迁移。",
    ),
    (
        "soft-404",
        "页面实为“不存在”",
        "门户以正常的状态码返回了“页面不存在”；已知的文章不变。",
    ),
    (
        "store-corrupt",
        "数据已损坏",
        "数据库里有一行已损坏，涉及的文章暂停更新，已发布的内容不变；请按下面的办法修复。",
    ),
    (
        "store-io",
        "数据库读写出错",
        "读写数据库时出错；请检查磁盘，已发布的内容不变。",
    ),
    (
        "store-locked",
        "数据库被占用",
        "数据库被另一个程序占用；请关闭那个程序。",
    ),
    (
        "store-lost",
        "数据库不见了",
        "数据库不见了；请从备份恢复，不要另建空的。",
    ),
    (
        "store-newer",
        "数据库来自更高版本",
        "数据库由更高版本的 dibao 写成；请升级 dibao。",
    ),
    (
        "store-read-only",
        "数据库只读",
        "数据库不能写入；请检查文件夹的权限。",
    ),
    (
        "store-refused",
        "数据库服务器拒绝登录",
        "数据库服务器不让登录，或没有这个库；请改正 --store 的用户、密码和库名。",
    ),
    (
        "store-unreachable",
        "连不上数据库服务器",
        "连不上数据库服务器；会自动重试，已存的数据都在。",
    ),
    (
        "timeout",
        "网站没有及时回应",
        "网站没有及时回应；已知的文章不变，以后会再试。",
    ),
    (
        "tls",
        "加密连接失败",
        "与网站的加密连接建立不起来，证书可能有误；请看一看下面的说明。",
    ),
    ("too-large", "页面过大", "页面超过了大小上限，没有读完。"),
    (
        "truncated",
        "页面不完整",
        "页面没有传完；已知的文章不变，以后会再试。",
    ),
    (
        "unfilled",
        "页面未填充内容",
        "页面只有模板，没有内容；已知的文章不变，以后会再试。",
    ),
    (
        "unreachable",
        "无法连接网站",
        "连接不上网站；已知的文章不变，以后会再试。",
    ),
    (
        "url-reused",
        "地址换了文章",
        "已知的地址上换成了另一篇文章；原来那篇保留，不必处理，除非是误读。",
    ),
    (
        "volatile",
        "正文每次都不同",
        "一篇文章的正文每次看都不一样；最新的照样发布，连续两次一样才记一次修订。",
    ),
    (
        "walk-limit",
        "新内容过多，列表未读完",
        "新内容超过一次采集所读的页数；其余的已排入回补，不必处理。",
    ),
    (
        "walk-time",
        "读列表用时过长",
        "读列表页用去一半以上的时限；请在 cron.toml 里调大 timeout。",
    ),
];

/// A reason in Chinese, in a few words.
pub(super) fn reason(code: &str) -> Option<&'static str> {
    known(code).map(|(_, words, _)| *words)
}

/// What an incident with this reason means, and what to do, in Chinese.
pub(super) fn incident(code: &str) -> Option<&'static str> {
    known(code).map(|(_, _, sentence)| *sentence)
}

fn known(code: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    REASONS.iter().find(|(known, ..)| *known == code)
}

/// Kinds of files whose extension is not what people call them.
const KINDS: [(&str, &str); 6] = [
    ("wps", "WPS 文字"),
    ("et", "WPS 表格"),
    ("dps", "WPS 演示"),
    ("htm", "HTML"),
    ("jpeg", "JPG"),
    ("shtml", "HTML"),
];

/// What people call a file of this name, at this address, with this media type: `DOCX`.
pub(super) fn file_kind(name: &str, url: &Url, media_type: Option<&str>) -> Option<String> {
    let extension = |text: &str| {
        let (_, extension) = text.rsplit_once('.')?;
        let is_one = (2..=5).contains(&extension.len())
            && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && !extension.bytes().all(|byte| byte.is_ascii_digit());
        is_one.then(|| extension.to_ascii_lowercase())
    };
    // A file without a known type may be anything: a script, a page.
    let found = media_type.and_then(|_| extension(name).or_else(|| extension(url.path())));
    let subtype = || Some(media_type?.rsplit(['/', '-', '.']).next()?.to_owned());
    let kind = found.or_else(subtype)?;
    let known = KINDS.iter().find(|(extension, _)| *extension == kind);
    Some(known.map_or_else(|| kind.to_ascii_uppercase(), |(_, name)| (*name).to_owned()))
}

pub(super) fn change(kind: ChangeKind) -> Label {
    match kind {
        ChangeKind::Added => ("收录", "added"),
        ChangeKind::Revised => ("门户修改", "revised by the portal"),
        ChangeKind::Amended => ("地址或栏目变动", "new address or column"),
        ChangeKind::Withdrawn => ("门户撤下", "withdrawn by the portal"),
        ChangeKind::Restored => ("重新上线", "restored"),
        ChangeKind::Removed => ("本站移除", "removed by us"),
        ChangeKind::Reextracted => ("本站重新提取", "read anew by us"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_by_what_people_know() {
        let url: Url = "http://gov.example/P0202512.docx?a=1".parse().unwrap();
        let other: Url = "http://gov.example/download?id=7".parse().unwrap();
        let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        for (name, url, media_type, expected) in [
            (
                "名单.wps",
                &other,
                Some("application/vnd.ms-works"),
                Some("WPS 文字"),
            ),
            (
                "名单.ET",
                &other,
                Some("application/vnd.ms-excel"),
                Some("WPS 表格"),
            ),
            ("附件1", &url, Some(word), Some("DOCX")),
            ("附件1.关于2025年", &url, Some(word), Some("DOCX")),
            ("附件", &other, Some("application/pdf"), Some("PDF")),
            ("附件", &other, Some("application/x-ceb"), Some("CEB")),
            ("附件.php", &other, None, None),
        ] {
            let kind = file_kind(name, url, media_type);
            assert_eq!(kind.as_deref(), expected, "{name}");
        }
    }
}
