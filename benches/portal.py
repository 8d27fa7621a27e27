"""An invented portal of static pages, served by nginx: one column, its list pages and articles.

Each article page has about the bytes of a real one: a head with scripts and styles, a navigation,
a labelled block, a text, other columns and a footer. The same seed makes the same pages.
"""
import pathlib
import random
import subprocess
import time

# The items of one list page.
ITEMS = 20
PLACES = "城关 东岭 河西 南湖 北塬 柳林 石桥 青山 白水 红旗".split()
SUBJECTS = "供热管网 农田水利 老旧小区 乡村道路 防汛物资 食品安全 消防设施 医保服务 校园周边 集贸市场".split()
ACTIONS = "完成改造 开展检查 启动建设 组织培训 召开会议 通过验收 发布通告 推进整治 落实责任 加强管理".split()
PARTS = (
    "有关部门到现场了解进展情况",
    "负责同志听取了各方意见",
    "工作人员逐项核对台账资料",
    "群众对办理结果表示满意",
    "下一步将继续做好后续服务",
    "各单位按照分工落实责任",
    "施工单位加快进度并保证质量",
    "存在的问题已经列出清单",
    "整改时限和责任人均已明确",
    "服务窗口延长了办理时间",
)


def make(folder, articles, kilobytes=64, seed=1):
    """Writes a portal of so many articles of about so many kilobytes. Returns its list's path."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(seed)
    items = []
    for at in range(articles):
        day = f"{2025 - at // 336}-{12 - at // 28 % 12:02}-{28 - at % 28:02}"
        title = f"{dice.choice(PLACES)}{dice.choice(SUBJECTS)}{dice.choice(ACTIONS)}第{articles - at}号"
        name = f"t{day.replace('-', '')}_{900000 - at}.html"
        items.append((name, title, day))
        (folder / name).write_text(article(dice, title, day, articles - at, kilobytes))
    pages = -(-articles // ITEMS)
    for at in range(pages):
        name = "index.html" if at == 0 else f"index_{at}.html"
        (folder / name).write_text(listing(items[at * ITEMS : (at + 1) * ITEMS], at, pages))
    return "/index.html"


def shown(folder, hidden):
    """The pages that a portal of `make` shows without so many of its newest articles, by name."""
    pages = {path.name: path.read_text() for path in sorted(folder.glob("t*.html"), reverse=True)[hidden:]}
    items = [
        (name, text.partition("<h1>")[2].partition("</h1>")[0], f"{name[1:5]}-{name[5:7]}-{name[7:9]}")
        for name, text in pages.items()
    ]
    count = -(-len(items) // ITEMS)
    for at in range(count):
        name = "index.html" if at == 0 else f"index_{at}.html"
        pages[name] = listing(items[at * ITEMS : (at + 1) * ITEMS], at, count)
    return pages


def article(dice, title, day, number, kilobytes):
    """One article page."""
    text = "".join(f"<p>　　{paragraph(dice)}</p>\n" for _ in range(12))
    head = (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}_城关区人民政府</title>\n'
        f'<meta name="SiteName" content="城关区人民政府"><meta name="ArticleTitle" content="{title}">\n'
        f'<meta name="PubDate" content="{day} 10:20"><meta name="ContentSource" content="区融媒体中心">\n'
    )
    block = (
        '<table class="xxgk"><tr><td>索引号</td>'
        f"<td>000012345/2026-{number:05}</td><td>发文时间</td><td>{day}</td></tr>\n"
        "<tr><td>发文机关</td><td>城关区人民政府办公室</td><td>主题分类</td><td>综合政务</td></tr>\n"
        f"<tr><td>标题</td><td>{title}</td><td>发布日期</td><td>{day}</td></tr></table>\n"
    )
    body = (
        f'<div class="wrap"><h1>{title}</h1><div class="info">来源：区融媒体中心　发布时间：{day} 10:20</div>\n'
        f'{block}<div class="TRS_Editor">\n{text}</div></div>\n'
    )
    frame = head + "</head><body>\n" + body + footer() + "</body></html>\n"
    left = kilobytes * 1024 - len(frame.encode())
    menu = navigation(dice, max(0, left // 2))
    script = scripts(max(0, left - len(menu.encode())))
    return head + script + "</head><body>\n" + menu + body + footer() + "</body></html>\n"


def paragraph(dice):
    """Some sentences."""
    place, subject = dice.choice(PLACES), dice.choice(SUBJECTS)
    return f"{place}{subject}工作" + "，".join(dice.sample(PARTS, 5)) + "。"


def navigation(dice, size):
    """A menu of about so many bytes."""
    lines, length = [], 0
    while length < size:
        name = f"{dice.choice(PLACES)}{dice.choice(SUBJECTS)}"
        line = f'<li class="item"><a href="/column/{len(lines)}/index.html" title="{name}">{name}</a></li>\n'
        lines.append(line)
        length += len(line.encode())
    return f'<div class="nav"><ul>\n{"".join(lines)}</ul></div>\n'


def scripts(size):
    """Scripts and styles of about so many bytes."""
    line = ".column .item a { display: inline-block; padding: 0 10px; color: #333333; }\n"
    half = max(1, size // 2 // len(line))
    code = "var list = document.getElementsByTagName('li'); for (var i = 0; i < 3; i++) {}\n"
    return f"<style>\n{line * half}</style>\n<script>\n{code * half}</script>\n"


def footer():
    """The end of each page."""
    return (
        '<div class="footer"><p>主办单位：城关区人民政府办公室</p>'
        "<p>网站标识码：1400000000　晋ICP备00000000号　联系我们　网站地图</p></div>\n"
    )


def listing(items, at, pages):
    """One list page."""
    rows = "".join(
        f'<li><a href="./{name}" title="{title}">{title}</a><span>{day}</span></li>\n'
        for name, title, day in items
    )
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>工作动态_城关区人民政府</title>\n'
        '<meta name="ColumnName" content="工作动态"></head><body>\n<div class="nav"><a href="/">首页</a></div>\n'
        f'<ul class="list">\n{rows}</ul>\n<script>createPageHTML({pages}, {at}, "index", "html");</script>\n'
        f"{footer()}</body></html>\n"
    )


class Nginx:
    """nginx with one worker, which serves a folder on a free port of its own."""

    def __init__(self, folder, state, port, address="127.0.0.1", more=""):
        self.port = port
        state.mkdir(parents=True, exist_ok=True)
        configuration = state / "nginx.conf"
        configuration.write_text(
            f"worker_processes 1; daemon off; pid {state}/pid; error_log {state}/error.log;\n"
            "worker_rlimit_nofile 8192; events { worker_connections 4096; }\n"
            "http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;\n"
            "types { text/html html; application/atom+xml xml; application/json json; }\n"
            f"client_body_temp_path {state}/b; proxy_temp_path {state}/p; fastcgi_temp_path {state}/f;\n"
            f"uwsgi_temp_path {state}/u; scgi_temp_path {state}/s;\n"
            f"server {{ listen {address}:{port}; root {pathlib.Path(folder).resolve()}; {more} }} }}\n"
        )
        self.process = subprocess.Popen(
            ["nginx", "-c", str(configuration.resolve())], stderr=subprocess.DEVNULL
        )
        time.sleep(0.3)
        if self.process.poll() is not None:
            raise SystemExit(f"nginx did not start: see {state}/error.log")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
