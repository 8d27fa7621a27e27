#!/usr/bin/env bash
# gne 0.4.3 (PyPI), for news pages in Chinese.
#
# Expected: the title of a page with the `<title>` "2024-2025年政务公开工作要点-某区人民政府" is
#   2024-2025年政务公开工作要点. The library's purpose is title, time, author and text
#   of Chinese news pages.
# Seen: a title is cut at the first hyphen, and four characters are enough: the title is 2024. So all
#   papers of a plan get one title. "十四五"规划纲要(2021-2025年) loses its end. With the title in an <h1>,
#   too, it is right.
# Why it matters: plans, budgets and reports of governments carry years in their titles, and many
#   portals have no <h1>. Whoever names or compares articles by their titles takes them for one.
source "$(dirname "$0")/lib.sh"
python_packages gne==0.4.3

seen=$(python <<'END'
from gne import GeneralNewsExtractor

text = "<p>各乡镇、各街道要认真落实工作要求，按时报送材料，加强督促检查，确保取得实效。</p>\n" * 8

def title(shown, heading=""):
    page = (f"<html><head><title>{shown}-某区人民政府</title></head><body>{heading}\n"
            f"<div>发布时间：2025-12-09</div>\n<div>{text}</div></body></html>")
    return GeneralNewsExtractor().extract(page)["title"]

for shown in ("2024-2025年政务公开工作要点", "2024-2025年部门预算", "国民经济规划纲要(2021-2025年)", "政务公开工作要点"):
    print(shown, "->", title(shown), "| with <h1>:", title(shown, f"<h1>{shown}</h1>"))
END
)

compare "$seen" <<'END'
2024-2025年政务公开工作要点 -> 2024 | with <h1>: 2024-2025年政务公开工作要点
2024-2025年部门预算 -> 2024 | with <h1>: 2024-2025年部门预算
国民经济规划纲要(2021-2025年) -> 国民经济规划纲要(2021 | with <h1>: 国民经济规划纲要(2021-2025年)
政务公开工作要点 -> 政务公开工作要点 | with <h1>: 政务公开工作要点
END
