#!/usr/bin/env bash
# charset-normalizer 3.5.3 (PyPI), which requests uses for `apparent_encoding`; for comparison
# chardet 7.7.0 (PyPI).
#
# Expected: a page with the label `charset=gb2312` and valid GBK bytes is GB 2312, GBK or GB18030.
#   In the Encoding Standard (4.2) gb2312 is a label of GBK, because many pages mean GBK by it. The
#   documentation of charset-normalizer: a declared charset has priority.
# Seen: with the name 王明 the result is gb2312. With 丁喆 or 李堃, whose second characters are in
#   GBK but not in GB 2312-80, the library drops the label and decides for Korean (cp949). With a
#   shorter title it decides for a Baltic code page (cp775). chardet says GB18030 for all four.
# Why it matters: 喆, 堃, 镕, 祎 and 珺 are common in names, and portals publish appointments. One
#   name turns a page that every browser shows well into Korean. The other pages of the same portal
#   stay right, so a test on them does not find it.
source "$(dirname "$0")/lib.sh"
python_packages charset-normalizer==3.5.3 chardet==7.7.0

seen=$(python <<'END'
import chardet
import charset_normalizer

SCRIPT = """<script>var stat=stat||[];(function(){var s=document.createElement("script");
s.src="/js/stat.js";document.getElementsByTagName("head")[0].appendChild(s);})();</script>
"""
PAGE = """<!DOCTYPE html>
<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">
<title>%s</title></head><body>
""" + SCRIPT * 20 + """<p>县人民政府2026年1月5日决定：</p>
<p>任命%s为县水务局副局长，试用期一年。</p>
<p>某县人民政府</p></body></html>"""

for title, name in (("某县人民政府任免通知", "王明"), ("某县人民政府任免通知", "丁喆"),
                    ("某县人民政府任免通知", "李堃"), ("任免通知", "丁喆")):
    content = (PAGE % (title, name)).encode("gbk")
    best = charset_normalizer.from_bytes(content).best()
    print(name, len(content), "|", best.encoding, "|", str(best).splitlines()[-2][3:-4], "|",
          chardet.detect(content)["encoding"])
END
)

compare "$seen" <<'END'
王明 3641 | gb2312 | 任命王明为县水务局副局长，试用期一年。 | GB18030
丁喆 3641 | cp949 | 훨츱땀넺槨群彊蛟애릴애낀，桿痰퍅寧쾨。 | GB18030
李堃 3641 | cp949 | 훨츱쟀댯槨群彊蛟애릴애낀，桿痰퍅寧쾨。 | GB18030
丁喆 3629 | cp775 | ╚╬├³ČĪå┤╬¬Žž╦«╬±ŠųĖ▒Šų│żŻ¼╩įė├Ų┌ę╗─ĻĪŻ | GB18030
END
