#!/usr/bin/env bash
# cn2an 0.5.24 (PyPI).
#
# Expected: `transform(sentence, "cn2an")` turns the numbers of a sentence into digits. The README shows
#   sentences with amounts and dates. GB/T 15835-2011 (numerals in public texts) wants Chinese
#   numerals in names and set phrases: 五台山, 一带一路, 五四运动.
# Seen: every numeral becomes a digit, also within names and words: 5台山, 4川省, 1带1路, 统1部署. The zero of
#   typed dates, ○ (U+25CB), is no numeral for it: 二○二五年 becomes 2○25年, half a number.
# Why it matters: a title that is made comparable or searchable in this way is that of no place. A
#   year with ○, which many papers of governments have, becomes a year that no parser reads.
source "$(dirname "$0")/lib.sh"
python_packages cn2an==0.5.24

seen=$(python <<'END'
import cn2an

for text in ("二〇二五年十二月三十日", "二○二五年十二月三十日", "拨款三十万元", "四川省三亚市五台山",
             "一带一路", "五四运动", "统一部署", "一般公共预算", "加强三农工作"):
    print(text, "->", cn2an.transform(text, "cn2an"))
END
)

compare "$seen" <<'END'
二〇二五年十二月三十日 -> 2025年12月30日
二○二五年十二月三十日 -> 2○25年12月30日
拨款三十万元 -> 拨款300000元
四川省三亚市五台山 -> 4川省3亚市5台山
一带一路 -> 1带1路
五四运动 -> 54运动
统一部署 -> 统1部署
一般公共预算 -> 1般公共预算
加强三农工作 -> 加强3农工作
END
