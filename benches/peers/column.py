"""The peer of a whole column: Scrapy collects it, feedgen writes RSS and Atom, and JSON lines.

    column.py LIST_URL FOLDER

No pause, no cache, no log. The values are taken by selectors that fit the invented portal.
"""
import json
import pathlib
import sys

import scrapy
from feedgen.feed import FeedGenerator
from scrapy.crawler import CrawlerProcess

ARTICLES = []


class Column(scrapy.Spider):
    name = "column"

    def __init__(self, url):
        super().__init__()
        self.start_urls = [url]

    def parse(self, response):
        yield from response.follow_all(css="ul.list a", callback=self.parse_article)
        pages, at = (int(value) for value in response.css("script::text").re(r"\((\d+), (\d+)"))
        if at + 1 < pages:
            yield response.follow(f"index_{at + 1}.html")

    def parse_article(self, response):
        cells = response.css("table.xxgk td::text").getall()
        block = dict(zip(cells[::2], cells[1::2]))
        ARTICLES.append(
            {
                "url": response.url,
                "title": response.css("h1::text").get(),
                "index_number": block.get("索引号"),
                "issuer": block.get("发文机关"),
                "published_on": block.get("发布日期"),
                "body_html": response.css("div.TRS_Editor").get(),
                "body_text": "\n".join(response.css("div.TRS_Editor p::text").getall()),
            }
        )


def main():
    url, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    process = CrawlerProcess(
        {
            "LOG_ENABLED": False,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
            "DOWNLOAD_DELAY": 0,
            "TELNETCONSOLE_ENABLED": False,
        }
    )
    process.crawl(Column, url=url)
    process.start()
    ARTICLES.sort(key=lambda article: article["url"], reverse=True)
    with open(folder / "articles.ndjson", "w") as out:
        for article in ARTICLES:
            out.write(json.dumps(article, ensure_ascii=False) + "\n")
    feed = FeedGenerator()
    feed.id(url)
    feed.title("工作动态")
    feed.link(href=url)
    feed.description("工作动态")
    for article in ARTICLES:
        entry = feed.add_entry(order="append")
        entry.id(article["url"])
        entry.title(article["title"])
        entry.link(href=article["url"])
        entry.content(article["body_html"], type="html")
        entry.pubDate(f"{article['published_on']}T00:00:00+08:00")
    feed.rss_file(str(folder / "rss.xml"))
    feed.atom_file(str(folder / "atom.xml"))
    print(len(ARTICLES))


if __name__ == "__main__":
    main()
