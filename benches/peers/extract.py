"""Reads pages with one of the peers, and prints its CPU time in milliseconds a page.

    extract.py PEER FILE…

The time is that of the whole work on a page: decoding, parsing, and the values that the library
gives. Imports and the first page are not counted.
"""
import re
import sys
import time

CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.I)


def decoded(page):
    """The page as text, by the charset that it declares."""
    declared = CHARSET.search(page[:4096])
    name = declared.group(1).decode().lower() if declared else "utf-8"
    name = "gb18030" if name in ("gb2312", "gbk") else name
    try:
        return page.decode(name, errors="replace")
    except LookupError:
        return page.decode("utf-8", errors="replace")


def with_lxml(page):
    import lxml.html

    tree = lxml.html.fromstring(decoded(page))
    return (
        tree.xpath("string(//title)"),
        tree.xpath("//meta[@name]/@content"),
        [" ".join(cell.itertext()) for cell in tree.xpath("//td | //th | //dt | //dd")],
        [" ".join(node.itertext()) for node in tree.xpath("//p")],
        tree.xpath("//a/@href"),
        tree.xpath("//img/@src"),
    )


def with_parsel(page):
    import parsel

    page = parsel.Selector(text=decoded(page))
    return (
        page.css("title::text").get(),
        page.css("meta[name]::attr(content)").getall(),
        page.css("td::text, th::text, dt::text, dd::text").getall(),
        page.css("p::text").getall(),
        page.css("a::attr(href)").getall(),
        page.css("img::attr(src)").getall(),
    )


def with_selectolax(page):
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(decoded(page))
    return (
        [node.text() for node in tree.css("title")],
        [node.attributes.get("content") for node in tree.css("meta[name]")],
        [node.text() for node in tree.css("td, th, dt, dd")],
        [node.text() for node in tree.css("p")],
        [node.attributes.get("href") for node in tree.css("a")],
        [node.attributes.get("src") for node in tree.css("img")],
    )


def with_trafilatura(page):
    import trafilatura

    return trafilatura.bare_extraction(decoded(page), with_metadata=True)


def with_gne(page):
    from gne import GeneralNewsExtractor

    try:
        return GeneralNewsExtractor().extract(decoded(page))
    except Exception:  # GNE raises on some real pages. That is counted as read.
        return None


def main():
    peer = globals()[f"with_{sys.argv[1]}"]
    pages = [open(name, "rb").read() for name in sys.argv[2:]]
    peer(pages[0])
    begun = time.process_time()
    for page in pages:
        peer(page)
    print(1000 * (time.process_time() - begun) / len(pages))


if __name__ == "__main__":
    main()
