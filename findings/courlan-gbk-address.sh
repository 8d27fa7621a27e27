#!/usr/bin/env bash
# courlan 1.4.0 (PyPI; trafilatura uses it), ural 1.6.2 (PyPI) and normalize-url 9.0.1 (npm); for
# comparison w3lib 2.5.0 and url-normalize 3.1.0 (PyPI).
#
# Expected: %B9%AB%B8%E6 (公告 in GBK) stays. RFC 3986, 2.1 and 2.5: a percent-encoded octet is an
#   octet, of any charset. 6.2.2.2: a normaliser decodes unreserved characters only.
# Seen: three libraries decode the octets as UTF-8, and each octet that is not UTF-8 becomes U+FFFD.
#   The addresses ?k=公告, ?k=公报 and ?k=政府 become one, and it is the address of no page.
#   courlan's `check_url` gives this address to the crawler. courlan and normalize-url do it in a
#   query (normalize-url by its default, because it sorts parameters), ural in a path too.
# Why it matters: portals in GBK write Chinese words into the addresses of their columns and
#   searches. A crawler that compares normalised addresses takes all these columns for one, and asks
#   for a page that does not exist.
source "$(dirname "$0")/lib.sh"
python_packages courlan==1.4.0 ural==1.6.2 w3lib==2.5.0 url-normalize==3.1.0
node_packages normalize-url@9.0.1

seen=$(python <<'END'
from urllib.parse import quote
from courlan import check_url, clean_url
from ural import canonicalize_url as ural
from url_normalize import url_normalize
from w3lib.url import canonicalize_url as w3lib

words = [quote(word.encode("gbk")) for word in ("公告", "公报", "政府")]
for place in ("s?k=", "col/"):
    urls = ["http://www.example.com/" + place + word for word in words]
    print(place, "addresses:", len(set(urls)))
    for name, form in (("courlan", clean_url), ("check_url", lambda url: check_url(url)[0]),
                       ("ural", ural), ("w3lib", w3lib), ("url-normalize", url_normalize)):
        forms = [form(url) for url in urls]
        print(" ", name, len(set(forms)), forms[0].rpartition(place)[2])
END
node_program <<'END'
import normalizeUrl from "normalize-url";
for (const place of ["s?k=", "col/"]) {
  const forms = ["%B9%AB%B8%E6", "%B9%AB%B1%A8", "%D5%FE%B8%AE"].map(
    (word) => normalizeUrl("http://www.example.com/" + place + word));
  console.log("normalize-url", place, new Set(forms).size, forms[0].split(place)[1]);
}
END
)

compare "$seen" <<'END'
s?k= addresses: 3
  courlan 1 %EF%BF%BD%EF%BF%BD%EF%BF%BD%EF%BF%BD
  check_url 1 %EF%BF%BD%EF%BF%BD%EF%BF%BD%EF%BF%BD
  ural 1 ����
  w3lib 3 %B9%AB%B8%E6
  url-normalize 3 %B9%AB%B8%E6
col/ addresses: 3
  courlan 3 %B9%AB%B8%E6
  check_url 3 %B9%AB%B8%E6
  ural 1 ����
  w3lib 3 %B9%AB%B8%E6
  url-normalize 3 %B9%AB%B8%E6
normalize-url s?k= 1 %EF%BF%BD%EF%BF%BD%EF%BF%BD%EF%BF%BD
normalize-url col/ 3 %B9%AB%B8%E6
END
