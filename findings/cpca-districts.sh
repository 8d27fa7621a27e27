#!/usr/bin/env bash
# cpca 0.5.5 (PyPI), which finds province, city and county in addresses and their codes (行政区划代码).
#
# Expected: 山西省长治市潞城区 is the district with the code 140406, which the city of Lucheng became in 2018;
#   杭州市临平区 (330113) exists since 2021. GB/T 2260 and the yearly codes of the Ministry of Civil Affairs.
# Seen: the district is read as the city before it, 潞城市 with the code 140481, which is no more, and
#   its last character 区 is left over as an address. A district that is newer than the data is no
#   error: the code is that of the city above. Nothing says how old the data is.
# Why it matters: portals are grouped by these codes. Articles of a district come under a city that
#   has ceased to be, or under the city above.
source "$(dirname "$0")/lib.sh"
python_packages cpca==0.5.5 "setuptools<81"

seen=$(python <<'END'
import cpca

places = ["山西省长治市潞城区", "山西省长治市上党区", "杭州市临平区", "安徽省安庆市怀宁县"]
for place, row in zip(places, cpca.transform(places).values.tolist()):
    print(place, "->", *(value if isinstance(value, str) and value else "-" for value in row))
END
)

compare "$seen" <<'END'
山西省长治市潞城区 -> 山西省 长治市 潞城市 区 140481
山西省长治市上党区 -> 山西省 长治市 - 上党区 140400
杭州市临平区 -> 浙江省 杭州市 - 临平区 330100
安徽省安庆市怀宁县 -> 安徽省 安庆市 怀宁县 - 340822
END
