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

/// The reasons of failures, incidents and held articles, in Chinese.
const REASONS: [(&str, &str); 46] = [
    ("archive-damaged", "存档文件已损坏"),
    ("blocked-by-waf", "被网站防火墙拦截"),
    ("body-shrunk", "正文比以往短得多"),
    ("client-redirect", "页面跳转无法跟随"),
    ("clock-behind", "本机时钟落后"),
    ("column-renamed", "栏目文件被改名，需要确认"),
    ("configuration", "配置文件有误"),
    ("disk-low", "磁盘空间不足"),
    ("doubtful-page", "页面内容可疑"),
    ("empty", "页面为空"),
    ("empty-list", "列表为空"),
    ("field-lost", "字段不再出现"),
    ("field-missing", "缺少必需字段"),
    ("flood", "一天内的新内容超出限额"),
    ("gap", "列表可能有遗漏"),
    ("garbage", "内容无法识别"),
    ("gone", "文章已撤下"),
    ("host-leased", "另一进程正在采集该网站"),
    ("http-status", "网站返回错误"),
    ("index-conflict", "索引号重复"),
    ("layout-changed", "版式已变"),
    ("list-cut", "列表中断"),
    ("list-shrunk", "列表比以往短得多"),
    ("log-in", "需要登录"),
    ("maintenance", "网站维护中"),
    ("mass-missing", "大量文章同时消失"),
    ("moved", "栏目已迁移"),
    ("no-items", "未找到列表"),
    ("no-picture", "图片无法获取"),
    ("no-title", "未找到标题"),
    ("not-found", "页面不存在"),
    ("pager-unread", "翻页方式无法识别"),
    ("redirect-loop", "重定向循环"),
    ("refused-address", "地址不允许访问"),
    ("refused-scheme", "协议不受支持"),
    ("robots", "robots.txt 不允许采集"),
    ("silent", "久无更新"),
    ("soft-404", "页面实为“不存在”"),
    ("store-corrupt", "数据已损坏"),
    ("timeout", "网站没有及时回应"),
    ("tls", "加密连接失败"),
    ("too-large", "页面过大"),
    ("truncated", "页面不完整"),
    ("unfilled", "页面未填充内容"),
    ("unreachable", "无法连接网站"),
    ("walk-limit", "新内容过多，列表未读完"),
];

/// A reason in Chinese, if it is a common one.
pub(super) fn reason(code: &str) -> Option<&'static str> {
    let known = REASONS.iter().find(|(known, _)| *known == code);
    known.map(|(_, words)| *words)
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
