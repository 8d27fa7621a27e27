//! The common words of error texts, besides those that name the error: courtesies, advice, missing
//! things and persons.
//!
//! Owns the count of the other words of a text. Never decides the meaning of a text: news may use
//! any of these words, but also uses others.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::extract::page::pattern::pattern;

// Texts are in lower case and without white space, except in English, which needs it.

#[rustfmt::skip]
const WORDS: &[&str] = &[
    // Missing things, and what happened to them.
    "页面", "网页", "网址", "地址", "链接", "连接", "文件", "文章", "文档", "信息", "内容", "资源", "栏目", "稿件", "新闻",
    "记录", "数据", "详情", "正文", "目录", "图片", "附件", "标题", "来源", "作者", "发布时间", "发布日期", "资料", "接口", "模板",
    "存在", "找到", "找不到", "找不着", "查到", "删除", "移除", "移动", "转移", "移走", "下线", "下架", "撤销", "撤稿", "撤回", "撤下", "失效", "过期", "更名", "改名",
    "名称", "更改", "变更", "隐藏", "屏蔽", "关闭", "停用", "停止", "取消", "发布", "公开", "审核", "审批", "通过", "对外", "走丢", "丢失", "失踪",
    "不见", "飞走", "迷路", "失联", "开小差", "火星", "外太空", "离家出走", "消失", "溜走", "清空",
    // Persons, and their wishes.
    "用户", "网友", "访客", "访问者", "游客", "普通", "管理员", "站长", "客服", "访问", "查看", "浏览", "查找", "查询", "搜索", "寻找", "请求", "打开", "阅读", "输入", "提交",
    "操作", "行为", "使用", "点击", "想要", "需要", "试图", "获取", "读取", "下载", "看", "找",
    // Courtesies.
    "对不起", "抱歉", "很", "非常", "遗憾", "哎呀", "糟糕", "啊哦", "哎哟", "呀", "啦", "哦", "噢", "亲", "亲爱的", "尊敬的", "您好", "你好", "谢谢", "感谢", "理解", "配合", "支持",
    "敬请", "谅解", "见谅", "原谅", "不便", "带来", "造成", "之处", "深表", "歉意", "关注", "期待", "温馨", "提示", "提醒", "注意", "友情", "说明", "消息", "描述",
    "类型", "编号", "时间", "如下", "以下", "上述",
    // Advice.
    "请", "稍后", "稍候", "稍等", "片刻", "耐心", "等待", "等候", "重试", "重新", "再次", "再试", "尝试", "试试", "再", "试", "刷新", "返回", "首页", "主页", "上一页", "上页", "上级", "前页", "列表", "继续", "自动", "手动",
    "跳转", "转到", "进入", "回到", "秒", "秒钟", "分钟", "检查", "核对", "确认", "核实", "是否", "正确", "拼写", "完整", "有误", "联系", "咨询", "反馈", "帮助", "电话", "邮箱", "方式", "疑问", "解决", "如何", "办法", "可以",
    "选择", "其他", "其它", "通过", "或者", "直接", "立即", "马上", "尽快", "恢复", "处理", "中心", "导航", "地图", "菜单", "检索", "关键词", "关键字", "左侧", "上方", "下方", "右侧", "按钮",
    // Errors.
    "错误", "出错", "报错", "异常", "故障", "问题", "失败", "原因", "状态", "代码", "状态码", "参数", "非法", "无效", "缺少", "缺失", "为空", "空", "暂无", "无", "出现", "发生", "遇到", "导致", "引起", "可能", "也许",
    "似乎", "好像", "暂时", "临时", "目前", "现在", "当前", "可用", "无法", "不能", "没有", "未能", "正常", "显示", "提供", "响应", "返回值", "未知", "意外", "严重", "致命", "任何", "相关", "指定", "对应", "相应", "符合", "条件", "要求",
    "服务器", "服务", "数据库", "程序", "应用程序", "应用", "系统", "网站", "本网站", "本站", "站点", "平台", "门户", "后台", "网络", "端口", "线路", "内部", "外部", "语句", "运行时", "运行", "编译", "空指针",
    "堆栈", "跟踪", "未处理", "未经处理", "捕获", "内存", "溢出", "磁盘", "空间", "空间商", "提供商", "托管", "配置", "超时", "中断", "断开", "繁忙", "忙", "拥挤", "过大", "过多", "负载", "崩溃", "宕机", "期间", "过程", "了解", "有关", "出处", "详细", "位置", "源", "行",
    "从", "客户端", "中", "检测到", "潜在", "危险", "值", "说明",
    // Rights.
    "权限", "足够", "登录", "登陆", "账号", "帐号", "账户", "密码", "会员", "身份", "认证", "验证", "会话", "注册", "授权", "仅限", "仅", "限", "内网", "外网", "局域网", "工作人员", "先", "忘记", "实名", "通知", "公告", "微信", "qq", "域名", "新域名", "同步", "阻止", "另行", "作者", "编者", "池", "飞", "最", "右边", "左边", "用", "故", "停", "人数", "满", "不足", "依赖项", "确保", "保证", "表示", "愿", "体验", "离开", "别", "更好", "更", "报告", "目标", "响应码", "请求头", "此外", "稳定", "较慢", "缓慢", "地", "记住", "统一", "用户名", "尚未", "未",
    // Walls.
    "限制", "禁止", "拒绝", "拦截", "阻断", "封禁", "封锁", "防火墙", "安全", "防护", "威胁", "攻击", "风险", "恶意", "可疑", "事件", "频繁", "过于", "频率", "过快", "含有", "包含", "带有", "不合法", "合法", "设置", "策略", "规则", "检测",
    "人机", "滑动", "滑块", "拖动", "按住", "完成", "拼图", "验证码", "浏览器", "启用", "开启", "环境", "真人", "机器人", "人类", "本人", "黑名单", "白名单", "云盾", "云锁", "云防护", "加速乐", "安全狗", "安全卫士", "网站卫士", "卫士", "宝塔", "知道创宇", "创宇盾", "阿里云", "腾讯云", "华为云", "长亭", "雷池", "安恒", "玄武盾", "误报", "误拦", "误判", "申诉",
    "被", "识别", "疑似", "存在", "触发", "来自", "所在", "地区", "国家", "区域", "境外", "海外", "版本", "过低", "更换", "建议", "技术", "保护", "正在", "进行", "例行", "日常", "紧急", "计划",
    // Maintenance.
    "维护", "升级", "改造", "改版", "迁移", "搬迁", "割接", "建设", "调试", "测试", "检修", "抢修", "维修", "调整", "整改", "整合", "优化", "备案", "暂停", "开放", "即将", "全新", "新版", "新网站", "上线", "切换", "停机", "停电", "机房", "设备", "硬件", "软件", "更新", "完善", "编辑", "录入", "完毕", "结束", "预计", "左右", "开通", "敬请期待",
    // Loading.
    "加载", "载入", "渲染", "初始化", "努力", "拼命", "疯狂", "玩命", "生成", "刷新",
    // Function words.
    "的", "了", "在", "是", "您", "你", "我", "们", "我们", "该", "此", "这", "这个", "这里", "那个", "本", "或", "和", "与", "并", "已", "已经", "不", "没", "有", "可", "能", "会", "要", "所", "想", "个", "条", "篇", "页", "后", "前",
    "到", "至", "于", "为", "对", "由", "由于", "因", "因为", "给", "给您", "如", "若", "如果", "如有", "等", "及", "也", "都", "而", "且", "但", "还", "仍", "只", "需", "须", "应", "号", "码", "上", "内", "外", "之", "时", "时候", "就", "被", "将", "得", "地", "来", "去", "让", "把", "着", "吧", "呢", "吗", "啊", "处", "此处", "某", "种", "某种", "一些", "一下", "一个", "某些", "部分", "全部", "所有", "各",
    "年", "月", "日", "点", "分", "起", "即日起", "今日", "今天", "明天",
];

#[rustfmt::skip]
const ENGLISH: &str = "a about access accessing account address administrator again an and apache application explicit fallback mapping whitelabel applications are as at attention authentication authorized automatically available
    back bad be because been before being below blocked browser but by bytes can can't cannot captcha caught cause changed check checking click client close cloudflare code column com configuration connect connection connections contact contains content context currently cookie cookies correct could couldn't
    data database debug default deleted denied description details did directory disabled display do documentation does doesn't doesnotexist domain don't down due during
    enable enabled encountered enough entered establishing exists identified malicious error errors event exception executing exist expired exists fail failed fatal file firewall for forbidden found from fulfill further gateway get go had handling has hat have having home host hour http https human httpd
    id if iis in inconvenience incorrect index information input installed instance internal internet invalid ip is it it's its java javascript key just later line link list load loading log logged login longer looking
    machine made maintenance make manager many mark may maybe message might minutes missing misspelled mod moment more most moved must my mysql name nan need network nginx no nosuchkey not null number object objects occurred of ok on online only open openresty operation or oracle org origin our out overloaded
    page pages password path performing perform permission permissions php please policy port powered problem process processing program protected protection proxy query reach reached read reason received refer reference refresh refused reload removed renamed report request requested requests require required requires resolve resource response retry return root runtime
    scheduled script search secure security see seeing seems select server servers service servlet session set should sign signed site slow so some something soon sorry source sql stack statement status stopped string submitted success successfully such support suspicious syntax system
    take technical temporarily temporary tengine thank thanks that the their then there these this time timed timeout to token tomcat too trace traffic try type unable unauthorized unavailable undefined under unexpected unhandled unknown unspecified up upstream url use used user using usually
    valid variable verify verifying version via view violation visit visiting wait waiting waf was wasn't we we'll we're weblogic web webmaster website welcome went were when where which while will windows with working works would wrong www xml you you're your";

static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| WORDS.iter().copied().collect());
static LONGEST: LazyLock<usize> = LazyLock::new(|| {
    WORDS
        .iter()
        .map(|word| word.chars().count())
        .max()
        .unwrap_or_default()
});
static KNOWN_ENGLISH: LazyLock<HashSet<&str>> =
    LazyLock::new(|| ENGLISH.split_whitespace().collect());

/// A site's name: first its operator, then its kind.
static SITE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"[\p{Han}]{2,14}?(政府|委员会|管委会|局|厅|办公室|中心|[省市县区乡镇])(门户)?(网站|官网|政务网|信息网|网)",
    )
});

/// The number of letters in a text, and the number of those in other words.
pub(super) fn others(text: &str) -> (usize, usize) {
    let text = text.to_lowercase();
    let text = SITE.replace_all(&text, " ");
    let chars: Vec<char> = text.chars().collect();
    let (mut all, mut others) = (0, 0);
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        let is_latin = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '\'' | '_');
        if is_latin(c) {
            let word: String = chars[at..].iter().take_while(|c| is_latin(c)).collect();
            // Numbers of errors, requests and versions are not content, and neither are addresses.
            let known = KNOWN_ENGLISH.contains(word.as_str())
                || word.contains(|c: char| c.is_ascii_digit())
                || word.len() <= 2;
            let length = word.chars().count();
            all += length;
            others += if known { 0 } else { length };
            at += length;
        } else if c.is_alphabetic() {
            let word = (1..=*LONGEST).rev().find(|length| {
                let word = chars.get(at..at + length);
                word.is_some_and(|word| KNOWN.contains(String::from_iter(word).as_str()))
            });
            let length = word.unwrap_or(1);
            all += length;
            others += if word.is_some() { 0 } else { length };
            at += length;
        } else {
            at += 1;
        }
    }
    (all, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_speak_in_these_words_and_news_does_not() {
        for text in [
            "对不起，您要访问的内容不存在，可能已被删除、转移或暂时不可用。",
            "某县人民政府网站正在维护，请稍后访问",
            "HTTP Status 404 – The requested resource is not available",
            "您的请求ID是：7b3974f116",
        ] {
            assert_eq!(others(text).1, 0, "{text}");
        }
        for text in [
            "今日，我县集中供热工程开工，要求各单位抓紧施工。",
            "下列规范性文件废止，不再执行。",
        ] {
            let (all, others) = others(text);
            assert!(others * 3 > all, "{text}: {others} of {all}");
        }
    }
}
