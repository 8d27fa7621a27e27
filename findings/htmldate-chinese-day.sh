#!/usr/bin/env bash
# htmldate 1.11.0 (PyPI), alone and in trafilatura 2.3.1.
#
# Expected: a page with one date, 2025年12月20日, gets the date 2025-12-20, or no date. The parts
#   stand in the order of ISO 8601, each with its unit, as GB/T 9704-2012 writes the date of an
#   official document. The documentation of `find_date`: it returns a date, or None.
# Seen: it returns 2025-01-01. So does trafilatura's metadata. The page does not name 1 January:
#   the library took the year from the date and filled in month and day. The result does not show
#   that a part of it is a guess. The same page with 2025-12-20 or 2025.12.20 gets the right date.
# Why it matters: most Chinese portals write a day this way. A collection of notices that takes its
#   dates from these libraries dates all of them to New Year's Day, in the wrong order, and has no
#   empty field that would show the fault. `extensive_search=False` gives None instead.
source "$(dirname "$0")/lib.sh"
python_packages htmldate==1.11.0 trafilatura==2.3.1 dateparser==1.5.0 lxml==6.1.3 \
  lxml_html_clean==0.4.6

seen=$(python <<'END'
import htmldate
import trafilatura

PAGE = """<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">
<title>关于城关镇临时停水的通知</title></head><body><h1>关于城关镇临时停水的通知</h1>
<p>发布日期：%s　来源：某县水务局</p>
<div><p>因检修供水管道，城关镇部分街道临时停水，请各单位和居民提前储水。恢复供水的时间另行通知。</p>
</div></body></html>"""

for written in ("2025-12-20", "2025.12.20", "2025年12月20日", "2025年7月3日", "2025年07月03日"):
    page = PAGE % written
    print(written, htmldate.find_date(page), trafilatura.extract_metadata(page).date,
          htmldate.find_date(page, extensive_search=False))
END
)

compare "$seen" <<'END'
2025-12-20 2025-12-20 2025-12-20 2025-12-20
2025.12.20 2025-12-20 2025-12-20 None
2025年12月20日 2025-01-01 2025-01-01 None
2025年7月3日 2025-01-01 2025-01-01 None
2025年07月03日 2025-01-01 2025-01-01 None
END
