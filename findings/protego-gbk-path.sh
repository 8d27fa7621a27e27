#!/usr/bin/env bash
# protego 0.7.0 (PyPI; the parser of Scrapy).
#
# Expected: a rule for /%B9%AB%BF%AA/ (公开 in GBK) concerns that path and no other. RFC 9309, 2.2.2:
#   paths are compared octet by octet; what is percent-encoded and no reserved or unreserved
#   character of US-ASCII stays encoded.
# Seen: the octets are decoded as UTF-8, and each one that cannot be becomes U+FFFD. Words that have
#   as many such octets are one: a rule for /公开/ blocks /公告/, /公报/ and /政府/, too, and an exception for
#   one opens all four. 通知, 公示 and 内部 have octets that look like UTF-8, and keep their own rules.
# Why it matters: portals in GBK name folders with words. A crawler passes over columns that are open,
#   or reads folders that the portal closed.
source "$(dirname "$0")/lib.sh"
python_packages protego==0.7.0

seen=$(python <<'END'
from urllib.parse import quote
from protego import Protego

words = "公开 公告 公报 政府 通知 公示 内部".split()
paths = {word: quote(word.encode("gbk")) for word in words}

def allowed(rules):
    robots = Protego.parse("User-agent: *\n" + rules)
    return [word for word in words
            if robots.can_fetch(f"http://www.example.com/{paths[word]}/1.html", "reader")]

for word in words:
    left = allowed(f"Disallow: /{paths[word]}/\n")
    print(word, "closes", *(other for other in words if other not in left))
print("公开 opens", *allowed(f"Disallow: /\nAllow: /{paths['公开']}/\n"))
END
)

compare "$seen" <<'END'
公开 closes 公开 公告 公报 政府
公告 closes 公开 公告 公报 政府
公报 closes 公开 公告 公报 政府
政府 closes 公开 公告 公报 政府
通知 closes 通知
公示 closes 公示
内部 closes 内部
公开 opens 公开 公告 公报 政府
END
