"""Invented portals on loopback, as they are at any hour of a simulated week.

Owns what a portal shows, what happens to it, and who asks it when. The seed alone decides all of it. Never
knows dibao.
"""
import hashlib
import random
import threading
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Monday morning, in Beijing time.
BEGIN = datetime(2026, 3, 2, 8, 0)
ON_A_PAGE = 15
OUTAGES = ("unavailable", "reset", "maintenance", "no-items", "cut")
SUBJECTS = "停水检修 道路改造 春耕贷款 校车线路 集市搬迁 图书馆开放 防火检查 桥梁养护 医保缴费 电网检修".split()
OFFICES = "供水站 交通所 农业站 教育所 市场所 文化站 消防站 公路段 医保所 供电所".split()


class Item:
    """An article with all the texts that it ever had."""

    def __init__(self, dice, portal, number, listed):
        self.portal, self.number, self.listed = portal, number, listed
        subject, office = dice.choice(SUBJECTS), dice.choice(OFFICES)
        self.title = f"演示：{portal}{office}关于{subject}的通知（第{number}号）"
        mark = hashlib.sha256(f"{portal}/{number}".encode()).hexdigest()
        words = "".join(chr(0x4E00 + int(mark[at : at + 3], 16)) for at in range(0, 60, 3))
        self.texts = [[
            f"演示：{office}对{subject}作出安排，编号{portal}{number}，识别字{words}。",
            f"一、{subject}自{listed:%m月%d日}起实行，由{office}负责解释，其他单位予以配合。",
        ]]
        self.index_number = f"{portal.upper()}000X/2026-{number:05}" if number % 3 else None
        self.paths = [f"/zwgk/{listed:%Y%m}/t{listed:%Y%m%d}_{number}.html"]
        self.is_gone = False

    def edit(self):
        last = self.texts[-1]
        self.texts.append([*last, f"更正（第{len(self.texts)}次）：第一条自次日起实行。"])


class Portal:
    """One portal: its items, newest first, and what it suffers."""

    def __init__(self, name, seed, hours):
        self.name, self.host = name, f"{name}.example"
        self.dice = random.Random(f"{seed}/{name}")
        self.now, self.items, self.floods, self.design = BEGIN, [], [], 0
        self.outages = {}
        for at in range(ON_A_PAGE):
            self.add(BEGIN - timedelta(hours=5 * (ON_A_PAGE - at)))
        some_hour = lambda: self.dice.randrange(2, max(3, hours - 14))
        self.redesigns_at = some_hour() if self.dice.random() < 0.3 else None
        self.loses_at = some_hour() if self.dice.random() < 0.3 else None
        self.moves_at = some_hour() if self.dice.random() < 0.2 else None
        if self.dice.random() < 0.4:
            begin = some_hour()
            self.outages = dict.fromkeys(range(begin, begin + self.dice.randrange(1, 9)), self.dice.choice(OUTAGES))
        self.flood_hours = range(0)

    def add(self, listed):
        item = Item(self.dice, self.name, 1000 + len(self.items), listed)
        self.items.insert(0, item)
        return item

    def hour(self):
        return int((self.now - BEGIN).total_seconds() // 3600)

    def pass_hour(self):
        """What happens in an hour."""
        self.now += timedelta(hours=1)
        is_office = self.now.weekday() < 5 and 8 <= self.now.hour < 18
        if is_office and self.dice.random() < 0.15:
            for _ in range(self.dice.randrange(1, 3)):
                self.add(self.now)
        if is_office and self.dice.random() < 0.08:
            self.dice.choice(self.items[:10]).edit()
        hour = self.hour()
        if hour == self.redesigns_at:
            self.design = 1 + self.dice.randrange(2)
        if hour == self.loses_at:
            self.dice.choice(self.items[:8]).is_gone = True
        if hour == self.moves_at:
            item = self.items[2]
            item.paths.insert(0, item.paths[0].replace("/zwgk/", "/xxgk/"))

    def all_items(self):
        return [*self.items, *self.floods]

    def listing(self, page):
        """One list page. In a flood every look shows other items."""
        items = [item for item in self.items if not item.is_gone]
        if self.hour() in self.flood_hours:
            fresh = []
            for _ in range(ON_A_PAGE):
                fresh.append(Item(self.dice, self.name, 50_000 + len(self.floods), self.now))
                self.floods.append(fresh[-1])
            items = fresh + items
        shown = items[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
        rows = "".join(
            f'<li><a href="{it.paths[0]}" title="{it.title}">{it.title}</a><span>{it.listed:%Y-%m-%d}</span></li>'
            for it in shown
        )
        more = f'<a href="index_{page + 1}.html">下一页</a>' if len(items) > (page + 1) * ON_A_PAGE else ""
        frame = ["list", "news-list", "con_list"][self.design]
        return self.page("通知公告", f'<ul class="{frame}">{rows}</ul><div class="page">{more}</div>')

    def page(self, title, body):
        head = f'<meta charset="utf-8"><title>{title}_{self.name}县人民政府</title>'
        return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"

    def article(self, item):
        text = "".join(f"<p>{line}</p>" for line in item.texts[-1])
        number, day = item.index_number or "", f"{item.listed:%Y-%m-%d}"
        if self.design == 0:
            block = f"<table><tr><td>索引号</td><td>{number}</td><td>发布日期</td><td>{day}</td></tr></table>"
            return self.page(item.title, f'{block}<h1>{item.title}</h1><div class="TRS_Editor">{text}</div>')
        if self.design == 1:
            block = f'<div class="info"><span>发布日期：{day}</span><span>索引号：{number}</span></div>'
            return self.page(item.title, f'<h1>{item.title}</h1>{block}<div id="zoom">{text}</div>')
        block = f"<dl><dt>索引号</dt><dd>{number}</dd><dt>发布日期</dt><dd>{day}</dd></dl>"
        return self.page(item.title, f'<h2>{item.title}</h2>{block}<div class="article-content">{text}</div>')

    def answer(self, path):
        """A status and a page; a status of 0 breaks the connection off."""
        outage = self.outages.get(self.hour())
        if outage == "reset":
            return 0, ""
        if outage == "unavailable":
            return 503, "busy"
        if outage == "maintenance":
            return 200, self.page("系统维护", "<p>系统维护中，请稍后访问。</p>")
        if path == "/robots.txt":
            return 404, ""
        if path == "/tzgg/" or path.startswith("/tzgg/index_"):
            page = 0 if path == "/tzgg/" else int(path[12:-5])
            listing = self.listing(page)
            if outage == "no-items":
                return 200, self.page("通知公告", '<ul class="list"></ul>')
            return 200, listing[: len(listing) // 3] if outage == "cut" else listing
        for item in self.all_items():
            if path in item.paths and not item.is_gone:
                return 200, self.article(item)
        return 404, "页面不存在"


class Portals:
    """All portals on one port, a receiver of webhooks beside them, and who asked at the same time."""

    def __init__(self, seed, count, hours):
        self.portals = {}
        for at in range(count):
            portal = Portal(f"p{at:02}", seed, hours)
            self.portals[portal.host] = portal
        flooded = list(self.portals.values())[1 % count]
        flooded.flood_hours = range(min(20, hours // 4), min(44, hours // 2))
        self.beat = Portal("beat", seed, 3)
        self.beat.outages = {}
        self.portals[self.beat.host] = self.beat
        self.lock = threading.Lock()
        self.requests, self.busy, self.most_at_once = 0, {}, 0
        self.received, self.refused, self.takes = {}, 0, True
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.get(self)

            def do_POST(self):
                outer.post(self)

            def log_message(self, *_):
                pass

        ThreadingHTTPServer.request_queue_size = 256
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def pass_hour(self, is_quiet):
        """Lets an hour pass at all portals. In a quiet one nothing happens there."""
        with self.lock:
            for portal in self.portals.values():
                if is_quiet or portal is self.beat:
                    portal.now += timedelta(hours=1)
                else:
                    portal.pass_hour()

    def get(self, request):
        host = request.headers.get("Host", "").split(":")[0]
        with self.lock:
            self.requests += 1
            self.busy[host] = self.busy.get(host, 0) + 1
            self.most_at_once = max(self.most_at_once, self.busy[host])
            portal = self.portals.get(host)
            status, page = portal.answer(request.path.split("?")[0]) if portal else (404, "")
        try:
            if status == 0:
                request.close_connection = True
                return
            body = page.encode()
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if status == 200 and request.headers.get("If-None-Match") == tag:
                status, body = 304, b""
            request.send_response(status)
            request.send_header("Content-Type", "text/html")
            if status in (200, 304):
                request.send_header("ETag", tag)
            if status != 304:
                request.send_header("Content-Length", str(len(body)))
            with self.lock:
                self.busy[host] -= 1
                host = None
            request.end_headers()
            request.wfile.write(body)
        finally:
            if host is not None:
                with self.lock:
                    self.busy[host] -= 1

    def post(self, request):
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        with self.lock:
            status = 200 if self.takes else 500
            if self.takes:
                self.received[request.headers["webhook-id"]] = body
            else:
                self.refused += 1
        request.send_response(status)
        request.send_header("Content-Length", "0")
        request.end_headers()
