//! The words of stubs.
//!
//! Owns the phrases of each kind, as servers, content systems and firewalls write them. Never
//! weighs them against the rest of a page.

use std::sync::LazyLock;

use regex::Regex;

use crate::extract::answer::Stub;
use crate::extract::page::pattern::pattern;

// The patterns are matched against lines in lower case without white space.

/// A page that does not exist.
pub(super) static NOT_FOUND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(页面?|网页|网址|文件|文章|文档|信息|内容|链接|地址|资源|栏目|稿件|新闻|记录|数据)(已经|已|可能|似乎|并|都|或)*(不存在|找不到|未找到|没有找到|没找到|无法找到|走丢|丢失|失踪|不见了|飞走|已?被?删除|已?被?移除|已?下[线架]|已?撤[销回稿下]|(未|尚未|没有|正在|待)(通过)?(审核|发布|审批|公开)|转移|移走|被?(隐藏|屏蔽|清空)|失效|过期)",
        r"|(找不到|未找到|没有找到|没找到|无法找到|不存在)(您|你|该|此|这个|所|要|需要|想|请求|访问|查看|浏览|查找|的|相关|指定|对应|任何)*(页面?|网页|网址|文件|文章|文档|信息|内容|资源|栏目|记录|数据)",
        r"|(参数|id|编号|链接|网址)(错误|无效|有误|为空|缺失|不正确|不合法)|(无效|错误|缺少|非法)的?(参数|链接|网址|地址|请求|id|页面)|^无此(页面?|信息|文章|内容|记录|栏目)",
        r"|^(错误|error|http|提示|抱歉|对不起|状态码?|报错|[:：!！,，-])*404([-–—_|:：!！.。].{0,20})?$|404(错误|页面|未找到|notfound|error)|(错误|状态|error|status|http)[:：=—–-]*404",
        r"|(file|page|resource|object|document|directory|url)[a-z'’/.]*(notfound|couldnotbefound|cannotbefound|can'tbefound|doesn'texist|doesnotexist|isnolongeravailable|wasnotfound)",
        r"|^(error)?notfound[.!]?$|^(code:)?nosuch(file|page|key)|requestedresource.{0,20}notavailable|noexplicitmappingfor/error|秒(钟)?(后|之后).{0,8}(返回|跳转|回到|转到|进入).{0,4}首页",
    ))
});

/// Titles of pages with a password field.
pub(super) static LOG_IN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"统一身份认证|单点登录|(用户|账号|密码|扫码|管理员|系统|后台|平台|会员)登[录陆]|^登[录陆]$|^用户名密码|忘记密码|登[录陆](页面?$|界面|系统)",
        r"|^(please|user|admin|sign|log)*(login|signin|log-in|sign-in)(page|required|form)?$|centralauthenticationservice",
    ))
});

/// Words to visitors who are not logged in.
pub(super) static LOG_IN_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^.{0,20}(请|您?还?未|尚未|没有|需要|必须|先|重新)登[录陆].{0,20}$|登[录陆](已)?(超时|失效|过期)|会话(已)?(超时|过期|失效)|pleaselogin|pleasesignin|authenticationrequired",
    )
});

/// Targets of a script for visitors who have to log in.
pub(super) static LOG_IN_ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(^|[^a-z]|user|admin|member|account|sys|do|to|my)(login|signin|logon)|/cas\b|/sso\b|authserver|passport",
    )
});

/// A site that is out of service now. Only words in the present: an article reports maintenance in
/// the past or the future.
pub(super) static MAINTENANCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(网站|本站|站点|系统|平台|页面|栏目|服务器)[^。，]{0,6}(正在|目前|现正?)(进行)?[^。，]{0,10}(维护|升级|改造|建设|迁移|检修|调整|改版|关闭|整改|备案)|^[^。，]{0,12}(维护|升级|改造|建设|检修|改版|整改|迁移|调试)之?中[.。…!！]*$",
        r"|(网站|本站|站点|门户|平台|网页|ipv6)[^。]{0,40}暂停(对外)?(服务|访问|开放|使用|运行|浏览)|^[^。，]{0,12}暂停(对外)?(服务|访问|浏览)[。.！!]*$|(网站|本站|站点|页面|服务器?)[^。，]{0,8}暂时(关闭|停止|无法|不能|不可|下线)|^[^。，]{0,8}(网站|站点|服务器?|系统|页面|服务)(已|暂|被)*(关闭|停用|停止服务|下线|不可用|无法访问|不能访问|无法提供服务|繁忙|忙)",
        r"|^.{0,16}(稍后|稍候|稍等)再?(重试|再试|访问|试|浏览)|^(网站|系统|门户|本站|服务器|平台)*(ipv6)?(升级|维护|改造|改版|建设|检修)+(公告|通知|提示|说明|页面)?$",
        r"|under(scheduled)?(maintenance|construction)|down(for)?maintenance|bebacksoon|(temporarily|service|currently)unavailable|internalservererror|badgateway|gatewaytimeout|servererror|^runtimeerror|whitelabelerrorpage|noexplicitmappingfor/error|itworks!|welcometonginx|iis(windowsserver|[0-9])|apachetomcat/[0-9.]+$",
        r"|(服务器|应用程序|数据库|网络)(内部|连接|访问|响应)?(发生|出现|运行)?(错误|异常|失败|超时|故障|中断|不可用|无响应|宕机|已?断开)|(服务器|系统|网络|页面|程序|网站)[^。，]{0,3}开小差|^(运行时|编译|脚本|语法|配置|未处理的?)(错误|异常)|(出现|发生)未(经)?处理的异常|^(系统|程序|内部)(内部)?(发生|出现|运行)?(错误|异常|故障)[。.！!]*$|(50[0-4])(错误|error)|^(http)?(错误|error|状态)?50[0-4]",
    ))
});

/// A gateway that cannot reach the server behind it. Its page may advise on firewalls, and is none.
pub(super) static GATEWAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"源(站|服务器)[^。，,]{0,10}(问题|异常|故障|错误|超时|宕机|失联|无法|不能|不可用|未响应|无响应|关闭|拒绝连接)",
        r"|(无法|不能|未能)[^。，,]{0,8}(连接|访问|到达|获取)[^。，,]{0,6}源(站|服务器)|回源[^。，,]{0,8}(失败|超时|错误|异常)",
        r"|(source|origin)(web)?(site|server)(is|was|has|could|can|did)|(web|origin)serverisdown|hosterror|errorestablishing.{0,20}upstream",
    ))
});

/// The title of a server's default page, if no site is set up or the site is down.
pub(super) static SERVER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^welcometo(nginx|openresty|tengine|caddy|apache|centos|iis)|^iis(windows|[0-9]|$)|^apache(2|http)?.{0,12}(default|test)page|^itworks|^testpagefor|^apachetomcat|^defaultwebpage|^(恭喜|没有找到站点|站点创建成功)",
    )
});

/// Words to a visitor of a site, never to a reader of news.
pub(super) static COME_BACK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"稍[后候等]|敬请谅解|请谅解|backsoon|(try|check)(again|back)"));

/// A page that the visitor may not read.
pub(super) static NO_RIGHT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(没有|无|没|缺少|不具备)(足够|相应|相关|此|该)?的?(访问|查看|浏览|阅读|操作)?的?权限|无权(访问|查看|浏览|阅读|操作|限)|(权限|授权)(不足|不够)|(仅限|只限|仅供|只允许|只对).{0,12}(访问|查看|浏览|使用|用户|会员|内网|人员)|(需要?|须|请)(先)?(登[录陆]|授权|认证).{0,6}(后|才|再)|未(经)?(授权|登[录陆])|请.{0,4}登[录陆]|unauthorized|permissiondenied|nopermission",
    )
});

/// Words in place of content that a script or a database did not deliver.
pub(super) static UNFILLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(正在|努力|拼命|玩命|疯狂|数据|页面|内容|信息|文章|正文)+(中)?(加载|载入|读取|获取|请求|渲染|生成|初始化)|^(加载|载入|读取)(中|失败|出错|错误|超时|异常|数据)|(加载|载入|获取|读取|请求)(数据|内容|信息|页面)?(失败|出错|错误|超时|异常)",
        r"|^loading|^pleasewait|^(暂无|没有|无)(任何)?(数据|内容|正文|详细?内容)[.。…!！]*$|(内容|正文|数据|信息|详情)为空|^(内容|栏目|页面|信息|数据|资料)(正在)?(更新|整理|完善|录入|审核|编辑)中",
        r"|^(undefined|null|nan|none|nil|\[?objectobject\]?|n/a|ok|error|fail|failed|success|true|false)+$",
    ))
});

/// The name of an unfilled place in a template.
pub(super) static NAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^[\[【(<]?(文章|新闻|信息|稿件)?(内容|正文|标题|详情|content|body|text|html)[\]】)>]?$",
    )
});

/// Weaker words, for texts without other content. The first kind with a match counts.
pub(super) static HINTS: LazyLock<[(Regex, Stub); 5]> = LazyLock::new(|| {
    [
        (r"拦截|阻止|阻断|攻击|滑块|拖动|进行验证|完成验证|机器人|浏览器|blocked|denied|malicious|robot|browser|captcha", Stub::Challenge),
        (r"登[录陆]|认证|授权|权限|客户端打开|permission|unauthorized|sign ?in|log ?in", Stub::LogIn),
        (r"加载|载入|同步|loading", Stub::Unfilled),
        (r"(服务|系统|程序|网络|连接|操作|请求)[^，。]{0,6}(失败|错误|出错|不可用|中断|断开|不上|故障)|无法连接|数据库|超时|异常|(已|被|将|因故)(停止|暂停)|迁移|升级|维护|备案|域名|重试|再试|繁忙|time?d? ?out|connection|database|maintenance|server|error|fail|too many|invalid|unable|cannot", Stub::Maintenance),
        (r"(无法|不能|未能|没有|未|已被?|不可)[^，。]{0,6}(查看|访问|显示|打开|浏览|查询|找|搜索|删除|移除|发布)|(链接|地址|参数|页面|网址)[^，。]{0,4}(有误|错误|无效)|不存在|火星|失踪|迷路|doesn't exist|not found|missing", Stub::NotFound),
    ]
    .map(|(words, stub)| (pattern(words), stub))
});

/// The output of a program for a missing value.
pub(super) static NO_VALUE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(undefined|null|nan|nil|\[?objectobject\]?)+$"));

/// The places of a template, in the syntax of template languages.
pub(super) static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\{\{[^{}]*\}\}|[$#@]!?\{[^{}]*\}|<%[^%]*%>?|\{%[^%]*%\}|<\$\[[^\]]{0,60}\]>?|\[!--[^\]]{1,60}--\]",
        r"|\{\$?[A-Za-z_][A-Za-z0-9_.:/()\[\]' =|-]{0,80}\}|\[field:[^\]]{1,60}\]|\[\[[^\[\]]{0,80}\]\]|^[$@]!?[A-Za-z_][A-Za-z0-9_.()]{0,60}$",
    ))
});

/// The output of a failing program, whose names are ASCII: classes of all letters take long to compile.
pub(super) static TRACE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?im)^\s*at\s+[0-9a-z_.$<>/]+\(|caused by:|\bora-[0-9]{4,5}\b|sqlstate|traceback \(most recent call|exception in thread|\b[a-z_][0-9a-z_]*(\.[a-z_$][0-9a-z_]*){2,}(exception|error)\b",
        r"|nullpointerexception|error in your sql syntax|ole db provider|\[?odbc|warning: +[0-9a-z_]+\(|(fatal|parse|syntax) error: .* on line|stack trace|堆栈跟踪|unclosed quotation mark|uncaught ([a-z]*error|exception)|segmentation fault|java\.lang\.|javax?\.servlet|org\.(apache|springframework|hibernate)\.|com\.mysql|\bmysqli?_[0-9a-z_]+|sqlexception|too many connections|table '?[0-9a-z_.]+'? doesn.t exist|\bpdoexception",
    ))
});

/// The title of an error page.
pub(super) static ERROR_TITLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(系统|页面|访问|网站|服务器|友情|温馨|信息|消息|操作|运行时|程序|内部|404|40\d|50\d|-)*(错误|出错|出错了|异常|报错|错误提示|错误信息|错误页面?|提示信息|信息提示|系统提示|友情提示|操作提示|页面提示|提示|拦截|警告)[!！。.]*$|^(http)?(error|错误|状态)?(status)?[-:：]?(40\d|50\d)([^0-9].{0,20})?$|^error(page|report)?$",
    )
});

/// The words of a firewall.
pub(super) static CHALLENGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(开启|启用|打开|支持|允许|禁用|关闭)(了)?(浏览器)?(的|对)?(javascript|js|cookie)",
        r"|^正在(进行)?安全(验证|检测|检查|校验)|正在[^。]{0,6}(验证|检测|检查)[^。]{0,6}(浏览器|访问|身份|环境|请求)|请[^。]{0,4}(完成|通过|进行)[^。]{0,6}验证|^(网站)?(访问|安全|滑动|滑块|人机|行为|拼图|图形|浏览器(安全)?)(验证|检测|检查|校验)(中|页面)?[.。…]*$|完成(滑块|滑动|安全|人机)?验证|验证(您|你)?(是|不是|是否)?(否)?(人类|机器人|真人|本人操作)|(拖动|滑动|按住)[^。]{0,6}(滑块|验证|拼图)|请?输入(图中|下方|以下)?的?验证码",
        r"|(您|你)[^。]{0,12}(请求|访问|操作|ip|行为|url)[^。]{0,24}(拦截|阻断|拒绝|封禁|禁止|限制|威胁|异常)|(您|你|访问|请求|操作)[^。]{0,6}频繁|^(网站|web应用|云)防火墙|^云防护|^(当前|本次|该)?(访问|请求|操作|行为)[^。]{0,12}(已?被)[^。]{0,12}(拦截|阻断|拒绝|封禁|禁止)|^(当前|本次|该)?(访问|请求)[^。]{0,8}(威胁|风险|异常|攻击)|(黑客|恶意|非法|网络)(攻击|访问|请求)[^。]{0,12}(拦截|阻断)[.。!！]*$|(云锁|云盾|安全狗|卫士|宝塔|创宇盾|加速乐|云防护|雷池|玄武盾|防火墙)[^。]{0,12}(拦截|阻断|防护|保护)|网防g01|网站安全狗",
        r"|enablejavascript|javascript(is)?(required|disabled)|requiresjavascript|justamoment|checkingyourbrowser|verify(ing)?you|areahuman|requestblocked|accessdenied|^(error)?(403)?-?forbidden|^403|webapplicationfirewall|eventid|attentionrequired|ddosprotection|toomanyrequests",
    ))
});
