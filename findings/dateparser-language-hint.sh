#!/usr/bin/env bash
# dateparser 1.5.0 (PyPI), `search_dates` and `parse`.
#
# Expected: 1月10日 is 10 January, with or without `languages=["zh"]`. The documentation: with
#   `languages`, dateparser does not detect the language. The library's own table of Chinese has
#   1月 as January.
# Seen: without the hint, both functions give 10 January. With the hint, `search_dates` reads "one
#   month and ten days ago", and gives a day of the year before; `parse` gives None. The caller
#   adds a correct fact, and a correct result becomes a wrong one, without an error.
# Why it matters: a notice names its periods by month and day. A program that looks for deadlines
#   in Chinese notices knows the language, and passes it. It then has deadlines in the past.
source "$(dirname "$0")/lib.sh"
python_packages dateparser==1.5.0

seen=$(python <<'END'
import datetime
import dateparser
from dateparser.search import search_dates

NOW = {"RELATIVE_BASE": datetime.datetime(2026, 1, 20, 9, 0)}
day = lambda found: found and found.date().isoformat()

for text, written in (("会议自1月10日起执行。", "1月10日"), ("公示至3月15日为止。", "3月15日")):
    for languages in (None, ["zh"]):
        dates = search_dates(text, languages=languages, settings=NOW) or []
        parsed = dateparser.parse(written, languages=languages, settings=NOW)
        print(written, languages, [day(found) for _, found in dates], day(parsed))
END
)

compare "$seen" <<'END'
1月10日 None ['2026-01-10'] 2026-01-10
1月10日 ['zh'] ['2025-12-10'] None
3月15日 None ['2026-03-15'] 2026-03-15
3月15日 ['zh'] ['2025-10-05'] None
END
