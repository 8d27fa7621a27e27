#!/usr/bin/env bash
# url-normalize 3.1.0 (PyPI); for comparison w3lib 2.5.0 (PyPI) with `keep_fragments`.
#
# Expected: the fragment #/detail?id=12 stays. RFC 3986, 3.5: "/" and "?" may stand in a fragment.
#   2.2: a reserved character and its percent-encoding are not equivalent, so a normaliser may not
#   exchange them. The documentation of url-normalize: fragments are preserved and normalised.
# Seen: #/detail?id=12 becomes #%2Fdetail%3Fid=12, and "&" becomes %26. "=" and "~" stay. In a query
#   "/" and "?" stay.
# Why it matters: some portals show their documents in a page with routes behind "#". The router in
#   the page compares the fragment as it stands. With the normalised address it finds no route, and
#   shows its first page instead of the document. A link list that was normalised leads nowhere.
source "$(dirname "$0")/lib.sh"
python_packages url-normalize==3.1.0 w3lib==2.5.0

seen=$(python <<'END'
from url_normalize import url_normalize
from w3lib.url import canonicalize_url

for end in ("#/detail?id=12", "#/list?page=2&size=10", "#zoom", "?next=/detail?id=12"):
    url = "http://www.example.com/xxgk/" + end
    print(end, "|", url_normalize(url).partition("/xxgk/")[2], "|",
          canonicalize_url(url, keep_fragments=True).partition("/xxgk/")[2])
END
)

compare "$seen" <<'END'
#/detail?id=12 | #%2Fdetail%3Fid=12 | #/detail?id=12
#/list?page=2&size=10 | #%2Flist%3Fpage=2%26size=10 | #/list?page=2&size=10
#zoom | #zoom | #zoom
?next=/detail?id=12 | ?next=/detail?id%3D12 | ?next=%2Fdetail%3Fid%3D12
END
